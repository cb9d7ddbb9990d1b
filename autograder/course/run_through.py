"""The solved and the released notebook in a kernel, from top to bottom, as students run them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbclient import NotebookClient  # runs a notebook in a kernel of its own
from nbclient.exceptions import CellTimeoutError, DeadKernelError

from ..grader.workers import Workers
from ..reports.report import Status
from ..reports.wording import MARKS
from .assignment import Assignment
from .release import notebooks

PATIENCE = 900
"""Seconds that a cell may take."""


def dead_cells(assignment: Assignment, workers: Workers) -> list[str]:
    """What a student would stumble over, a line for each.

    These are cells that fail, checks of the solved notebook that do not pass, and checks of the released one that say anything
    but "not attempted".

    Args:
        assignment: from `assignment.load`.
        workers: where the solutions are observed.
    """
    with notebooks(assignment, workers) as ((solved, _), (released, _)):
        strict = {"NBGRADER_EXECUTION": "validate"}  # a check fails unless it passes
        return [
            *_failures(_run(solved, strict), "solved"),
            *_failures(run := _run(released, {}), "released"),
            *_attempted(run),
        ]


def _run(path: Path, setting: dict[str, str]) -> nbformat.NotebookNode:
    notebook = nbformat.read(path, as_version=4)
    place = {"metadata": {"path": str(path.parent)}}
    client = NotebookClient(notebook, timeout=PATIENCE, allow_errors=True, kernel_name="python3", resources=place)
    try:
        client.execute(env={**os.environ, **setting}, stderr=subprocess.DEVNULL)  # what its libraries log
    except (CellTimeoutError, DeadKernelError) as error:
        notebook.metadata["ended"] = str(error).strip().splitlines()[0]
    return notebook


def _failures(notebook: nbformat.NotebookNode, which: str) -> Iterator[str]:
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            if output.output_type == "error":
                line = cell.source.strip().splitlines()[0]
                yield f"the {which} notebook fails in the cell {line!r}: {output.ename}: {output.evalue}"
    if "ended" in notebook.metadata:
        yield f"the {which} notebook did not run to its end: {notebook.metadata['ended']}"


def _attempted(notebook: nbformat.NotebookNode) -> Iterator[str]:
    wanted = MARKS[Status.NOT_ATTEMPTED][1]
    for cell in notebook.cells:
        failed = any(output.output_type == "error" for output in cell.get("outputs", ()))
        if cell.metadata.get("nbgrader", {}).get("grade") and not failed and wanted not in str(cell.outputs):
            yield f"the released notebook's {cell.source.strip()} does not say {wanted!r}"
