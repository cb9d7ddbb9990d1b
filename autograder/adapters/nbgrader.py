"""nbgrader's `autograde`, with our grading instead of the student's kernel. `nbgrader_config.py` installs these classes.

Only the text and the grade_id of submitted cells are kept. Everything else is restored from the gradebook. So
changed, copied or deleted cells and broken metadata neither cost nor earn points: the points come from the report.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import logging
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbgrader.api import Gradebook, SourceCell
from nbgrader.converters.base import NbGraderException
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Unicode

from ..border.levels import is_weaker
from ..course import classroom
from ..course.find import entry_of
from ..course.salt import read_salt
from ..grader import isolation
from ..grader.workers import Workers
from ..reports import html
from ..reports.plain import line
from ..reports.report import Report, State
from ..source import extract

MOST_CELLS = 10 * extract.MAX_CELLS
"""Cells, text cells too, that are taken over from a submission."""
_IMAGES = {"image/png", "image/jpeg", "image/gif"}

Resources = dict[str, Any]


class SubmissionExporter(NotebookExporter):
    """Reads any file that a student may submit. A file that is not a notebook becomes a notebook without cells."""

    def from_file(self, file_stream: Any, resources: Any = None, **kw: Any) -> tuple[str, Any]:
        """Converts a notebook; nothing in it is trusted beyond its types."""
        path = Path(file_stream.name)
        return self.from_notebook_node(_read(path), resources=resources, **kw)  # type: ignore[no-untyped-call, no-any-return]


def _read(path: Path) -> NotebookNode:
    """A notebook with the text of the cells and their nbgrader metadata, whatever else the file contains."""
    cells: list[NotebookNode] = []
    said = logging.getLogger("traitlets")
    try:
        said.disabled = True  # nbformat's warnings about the notebook do not matter here
        document = nbformat.reads(_bounded(extract.load(path).decode("utf-8-sig")), as_version=4)
        cells = [_bare(cell) for cell in document["cells"] if isinstance(cell, dict)]
    except Exception:  # whatever is wrong with it, the report tells the student
        cells = []
    finally:
        said.disabled = False
    return nbformat.v4.new_notebook(cells=_numbered(cells))


def _bounded(text: str) -> str:
    """A notebook with at most so many cells that nbformat converts them in a second or two. The report tells what is left out."""
    document = json.loads(text)
    for sheet in (document, *document.get("worksheets", ())):  # of version 3
        if "cells" in sheet:
            del sheet["cells"][MOST_CELLS:]
    return json.dumps(document)


class RestoreCells(NbGraderPreprocessor):  # type: ignore[misc]
    """Restores the roles of a submission's cells from the gradebook. Replaces nbgrader's sanitizing.

    A cell is found by its grade_id; of several, the last one counts. A missing cell is put back as it was released. Locked
    cells get their text back. Outputs and other metadata are dropped.
    """

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Returns a new notebook with the text of the submitted cells."""
        where = resources["nbgrader"]
        with Gradebook(where["db_url"]) as gradebook:
            released = gradebook.find_notebook(where["notebook"], where["assignment"])
            roles = {cell.name: _role(cell, released) for cell in released.source_cells}
            sources = {cell.name: cell.source or "" for cell in released.source_cells}
        cells = list(nb.cells)
        found = {_mark(cell).get("grade_id"): cell for cell in cells}  # the last one of several
        above = -1
        for name, role in roles.items():
            cell = found.get(name)
            if cell is None:
                self.log.warning("Cell %s was missing from the submission; it was put back", name)
                cells.insert(above + 1, _new(role["cell_type"], sources[name]))
                found[name] = cells[above + 1]
            elif cell.cell_type != role["cell_type"]:
                found[name] = _new(role["cell_type"], cell.source)
                cells[_index(cells, cell)] = found[name]
            above = _index(cells, found[name])
        for cell in cells:
            cell.metadata = NotebookNode()
        for name, role in roles.items():
            found[name].metadata["nbgrader"] = NotebookNode(role)
            if role["locked"]:
                found[name].source = sources[name]
        return nbformat.v4.new_notebook(cells=_numbered(cells)), resources


class GradeInSandbox(NbGraderPreprocessor):  # type: ignore[misc]
    """Grades the submitted file as `autograder grade` does, and writes what it found into the grade cells.

    Replaces nbgrader's Execute. If `autograder grade` has already graded the same file, its report is reused.
    """

    solutions = Unicode("solutions", help="The folder with the authored assignments.").tag(config=True)
    out = Unicode("graded", help="Where reports are kept, as with `autograder grade --out`.").tag(config=True)
    salt = Unicode(".salt", help="The file with the secret that draws the hidden cases.").tag(config=True)
    isolation = Unicode("landlock", help="Refuse to grade at a weaker isolation level than this.").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Writes points and explanations into the grade cells.

        Raises:
            NbGraderException: if there is no score: nbgrader lists the submission, and no zero is recorded.
        """
        where = resources["nbgrader"]
        report = self._report(where["assignment"], where["student"], where["notebook"])
        if report.status == State.GRADER_FAULT:
            raise NbGraderException(line(f"{where['student']}: {report.message}"))
        graded = {cell.metadata.nbgrader.grade_id: cell for cell in nb.cells if _mark(cell).get("grade")}
        asked = [question.name for question in report.questions]
        if lost := [name for name in asked if name not in graded]:
            raise NbGraderException(
                f"The gradebook has no cell for {', '.join(lost)}. Run nbgrader generate_assignment again, with --force."
            )
        for name, cell in graded.items():
            if cell.cell_type == "code" and not _mark(cell).get("solution") and name not in asked:
                raise NbGraderException(
                    f"The cell {name} would be graded by running it, and student code is not run here. Make it a question "
                    "(docs/writing_a_question.md), or a cell that is graded by hand."
                )
        for number, question in enumerate(report.questions):
            cell = graded[question.name]
            if cell.metadata.nbgrader.points != question.max_points:
                raise NbGraderException(
                    f"{question.name} has {question.max_points:g} points, and {cell.metadata.nbgrader.points:g} in the "
                    "gradebook. Run nbgrader generate_assignment again, with --force."
                )
            # The display data is for people; nbgrader takes the first execute_result that reads as a float as the score.
            notes = [line for line in (report.message, *report.repairs) if line] if number == 0 else []
            shown = nbformat.v4.new_output("display_data", {"text/html": html.feedback(question, notes)})
            points = repr(float(min(question.points, question.max_points)))
            cell.outputs = [
                shown,
                nbformat.v4.new_output("execute_result", {"text/plain": points}, execution_count=None),
            ]
        return nb, resources

    def _report(self, assignment: str, student: str, notebook: str) -> Report:
        course = self.parent.parent.coursedir  # ours is the exporter's, which is the converter's
        folder = Path(course.format_path(course.submitted_directory, student, assignment))
        level = isolation.strongest()
        if is_weaker(level, self.isolation):
            raise NbGraderException(
                f"Student code would run at the isolation level {level!r}, weaker than {self.isolation!r}. If you trust the "
                f"submissions, set c.GradeInSandbox.isolation = {level!r} in nbgrader_config.py."
            )
        if folder.is_symlink() or folder.parent.is_symlink():
            raise NbGraderException(f"{folder} is, or lies in, a link; only a student's own files are graded.")
        entry = entry_of(folder / f"{notebook}.ipynb", assignment, student)
        (graded,) = classroom.grade_class(
            [entry], Path(self.solutions), Path(self.out), salt=read_salt(Path(self.salt), self.log.warning), jobs=1,
            isolation=level, start=lambda wanted: contextlib.nullcontext(_warm(wanted)),
        )  # fmt: skip
        self.log.info("%s, %s: %s", student, assignment, "graded" if graded.fresh else "graded before, unchanged")
        return graded.report


@cache
def _warm(level: str) -> Workers:
    """One warm process for as long as nbgrader runs; it grades one submission at a time."""
    workers = Workers(level).__enter__()
    atexit.register(workers.__exit__)
    return workers


def _mark(cell: NotebookNode) -> dict[str, Any]:
    """A cell's nbgrader metadata; {} if it has none."""
    metadata = cell.get("metadata")
    mark = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    return mark if isinstance(mark, dict) and isinstance(mark.get("grade_id"), str) else {}


def _bare(cell: Any) -> NotebookNode:
    """A submitted cell's text, its nbgrader metadata, and its attached pictures."""
    source = cell.get("source", "")
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    kind = cell.get("cell_type")
    bare = _new(str(kind), source if isinstance(source, str) else "")
    if mark := _mark(cell):
        bare.metadata["nbgrader"] = mark
    attached = cell.get("attachments")
    if bare.cell_type == "markdown" and isinstance(attached, dict):
        bare.attachments = NotebookNode(
            (
                str(name),
                NotebookNode(
                    (mime, data) for mime, data in bundle.items() if mime in _IMAGES and isinstance(data, str)
                ),
            )
            for name, bundle in attached.items()
            if isinstance(bundle, dict)
        )
    return bare


def _new(kind: str, source: str) -> NotebookNode:
    make = {"code": nbformat.v4.new_code_cell, "markdown": nbformat.v4.new_markdown_cell}
    return make.get(kind, nbformat.v4.new_raw_cell)(source)


def _index(cells: list[NotebookNode], wanted: NotebookNode) -> int:
    return next(index for index, cell in enumerate(cells) if cell is wanted)


def _numbered(cells: list[NotebookNode]) -> list[NotebookNode]:
    """Cells with unique ids that are the same in every run."""
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number:04d}"
    return cells


def _role(cell: SourceCell, released: Any) -> dict[str, Any]:
    """A released cell's metadata, from the gradebook."""
    points = {c.name: c.max_score for c in (*released.grade_cells, *released.task_cells)}
    grade = cell.name in {c.name for c in released.grade_cells}
    role = {
        "schema_version": 3,
        "grade_id": cell.name,
        "grade": grade,
        "solution": cell.name in {c.name for c in released.solution_cells},
        "task": cell.name in {c.name for c in released.task_cells},
        "locked": bool(cell.locked),
        "cell_type": cell.cell_type,
        "checksum": cell.checksum,
    }
    return role | ({"points": float(points[cell.name])} if cell.name in points else {})
