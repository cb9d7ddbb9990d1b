"""Makes `assignments/<a>/`, what students get, from `solutions/<a>/`, through nbgrader's own generate step.

The same sources give the same bytes. What is released: the notebook with stubs, and one .npz with the public cases, their
expected arrays, the stubs' signatures, and the arrays and hints of the mistakes on them. Never a solution, nor anything that depends on the salt.
"""

from __future__ import annotations

import ast
import io
import logging
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat

from ..border import wire
from ..errors import CallError
from ..grader.answers import to_tree
from ..grader.workers import Workers
from ..source.extract import Cell
from ..source.signatures import signatures
from .assignment import Assignment
from .solve import public_answers_of

_CHECK = re.compile(r'\Acheck\("(\w+)"\)\Z')
_SOLUTION = "### BEGIN SOLUTION"
_INSIDE = re.compile(r"^( *)### BEGIN SOLUTION.*?### END SOLUTION", re.MULTILINE | re.DOTALL)


class ReleaseError(CallError):
    """The assignment cannot be released; the message says why."""


def release(assignment: Assignment, target: Path, workers: Workers) -> list[Path]:
    """Writes the student's files of an assignment.

    Args:
        assignment: from `assignment.load`.
        target: the folder `assignments/`; `target/<a>` is replaced.
        workers: where the solutions are observed.

    Returns:
        The files written.
    """
    with notebooks(assignment, workers) as (_, released):
        folder = target / assignment.name
        if folder.exists():
            shutil.rmtree(folder)
        folder.mkdir(parents=True)
        return [Path(shutil.copyfile(path, folder / path.name)) for path in released]


@contextmanager
def notebooks(assignment: Assignment, workers: Workers) -> Iterator[tuple[list[Path], list[Path]]]:
    """The files of nbgrader's source and of its release, each the notebook and the public cases, as long as the block runs."""
    with tempfile.TemporaryDirectory() as course:
        source = write_source(assignment, Path(course, "source"), workers)
        folder = _generate(Path(course), assignment.name)
        yield source, [folder / path.name for path in source]


def write_source(assignment: Assignment, target: Path, workers: Workers) -> list[Path]:
    """Writes nbgrader's source of an assignment: the solved notebook and the public cases, and no other file.

    Args:
        assignment: from `assignment.load`.
        target: nbgrader's folder `source/`. It holds solutions: never hand it out.
        workers: where the solutions are observed.

    Returns:
        The files written.
    """
    public = public_answers_of(assignment, workers)
    folder = target / assignment.name
    folder.mkdir(parents=True, exist_ok=True)
    notebook, cases = folder / f"{assignment.name}.ipynb", folder / f"{assignment.name}.npz"
    nbformat.write(source_notebook(assignment), notebook)
    questions = [to_tree(a) for a in public.values()]
    wire.save(cases, {"assignment": assignment.name, "questions": questions, "signatures": _signatures(assignment)})
    return [notebook, cases]


def _signatures(assignment: Assignment) -> dict[str, str]:
    """How the questions' functions, and the methods of their classes, are handed out."""
    found = signatures(Cell("", _INSIDE.sub(r"\1pass", text)) for kind, text in assignment.notebook if kind == "code")
    names = {question.name for question in assignment.questions}
    return {name: parameters for name, parameters in found.items() if name.partition(".")[0] in names}


def source_notebook(assignment: Assignment) -> nbformat.NotebookNode:
    """The solved notebook with nbgrader's metadata, made from the content of the cells.

    Raises:
        ReleaseError: if a question's function has no solution markers.
    """
    points = {q.name: q.points for q in assignment.questions}
    cells, unmarked = [], set(points)
    for number, (kind, text) in enumerate(assignment.notebook):
        make = nbformat.v4.new_code_cell if kind == "code" else nbformat.v4.new_markdown_cell
        cell = make(text, id=f"prose-{number:03d}" if kind == "markdown" else f"code-{number:03d}")
        if kind == "code" and (match := _CHECK.match(text.strip())):
            name = match[1]
            _mark(cell, name, grade=True, locked=True, points=points[name])
        elif kind == "code" and _SOLUTION in text:
            defined = [n.name for n in ast.parse(text).body if isinstance(n, (ast.FunctionDef, ast.ClassDef))]
            _mark(cell, f"{'-'.join(defined)}-solution", solution=True)
            unmarked -= set(defined)
        cells.append(cell)
    if unmarked:
        raise ReleaseError(f"{assignment.folder}/notebook.py: no {_SOLUTION} in {', '.join(sorted(unmarked))}.")
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook.metadata["language_info"] = {"name": "python"}
    return notebook


def _mark(cell: nbformat.NotebookNode, grade_id: str, **flags: object) -> None:
    cell.id = grade_id
    cell.metadata["nbgrader"] = {
        "schema_version": 3,
        "grade_id": grade_id,
        "grade": False,
        "solution": False,
        "locked": False,
        "task": False,
    } | flags


def _generate(course: Path, name: str) -> Path:
    """Runs `nbgrader generate_assignment` in a course of its own and returns the released folder."""
    from nbgrader.converters import GenerateAssignment
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import Config

    config = Config()
    config.CourseDirectory.root = str(course)
    config.CourseDirectory.assignment_id = name
    config.GenerateAssignment.no_database = True  # as --no-db does: a gradebook belongs to a course
    config.SaveCells.enabled = False
    converter = GenerateAssignment(coursedir=CourseDirectory(config=config), config=config)
    said = io.StringIO()
    log = converter.log = logging.Logger(__name__, logging.ERROR)
    log.addHandler(logging.StreamHandler(said))
    try:
        converter.start()
    except (Exception, SystemExit) as error:
        raise ReleaseError(f"nbgrader could not generate {name}: {error}\n{said.getvalue()}") from error
    return course / "release" / name
