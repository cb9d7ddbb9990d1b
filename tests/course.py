"""A tiny nbgrader course, and nbgrader's own commands in it."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
import tiny
from jupyter_core.application import NoStart
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.apps.nbgraderapp import NbGraderApp

from autograder.course import assignment as assignments
from autograder.course.release import write_source
from autograder.grader.workers import Workers

ROOT = Path(__file__).parent.parent
NAME = tiny.NAME
FILE = f"{NAME}.ipynb"
PREFIX = Path(nbformat.__file__).parents[4]
"""Where Jupyter is installed: sys.prefix, unless this environment borrows its packages."""

SCALE = "def scale(x, factor):\n    return x * factor"
ADDED = "def scale(x, factor):\n    return x + factor"
TOTAL = "def total(x):\n    return tf.reduce_sum(scale(x, 2.0)), int(x.shape[0] * x.shape[1])"


@dataclass
class Course:
    """A course's folder, and how nbgrader is called in it."""

    root: Path

    def nbgrader(self, *arguments: str) -> int:
        """Runs an nbgrader command as `python -m nbgrader` does; returns its exit code."""
        app = NbGraderApp()
        with contextlib.chdir(self.root):
            try:
                app.initialize([*arguments, "--log-level=INFO"])
                app.start()
            except NoStart:  # a subcommand was started instead
                return 0
            except SystemExit as end:
                return int(end.code or 0)
            finally:
                while app:
                    type(app).clear_instance()
                    app = app.subapp
        return 0

    def gradebook(self) -> Gradebook:
        return Gradebook(f"sqlite:///{self.root}/gradebook.db")

    def scores(self, student: str) -> dict[str, Any]:
        """What the gradebook says of each question, and of the whole."""
        with self.gradebook() as gradebook:
            found = gradebook.find_submission_notebook(NAME, NAME, student)
            return {g.name: g.auto_score for g in found.grades} | {"score": found.score}

    def released(self) -> NotebookNode:
        return nbformat.read(self.root / "assignments" / NAME / FILE, as_version=4)

    def hand_in(self, student: str, notebook: NotebookNode | bytes, **others: str) -> Path:
        """Puts a submission where `nbgrader collect` would."""
        folder = self.root / "submitted" / student / NAME
        folder.mkdir(parents=True, exist_ok=True)
        content = notebook if isinstance(notebook, bytes) else nbformat.writes(notebook).encode()
        (folder / FILE).write_bytes(content)
        for name, text in others.items():
            (folder / name.replace("_dot_", ".")).write_text(text, encoding="utf-8")
        return folder

    def feedback(self, student: str) -> str:
        return (self.root / "feedback" / student / NAME / f"{NAME}.html").read_text(encoding="utf-8")


def answered(course: Course, scale: str = SCALE, total: str = TOTAL) -> NotebookNode:
    """The released notebook with these functions in it."""
    notebook = course.released()
    for cell in notebook.cells:
        for name, text in (("scale", scale), ("total", total)):
            if cell.cell_type == "code" and cell.source.startswith(f"def {name}("):
                cell.source = text
    return notebook


def cell_of(notebook: NotebookNode, grade_id: str) -> NotebookNode:
    return next(c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id)


def make_course(root: Path, solutions: Path, workers: Workers) -> Course:
    root.mkdir(exist_ok=True)
    shutil.copytree(solutions, root / "solutions")
    shutil.copy(ROOT / "nbgrader_config.py", root)
    write_source(assignments.load(root / "solutions" / NAME), root / "source", workers)
    (root / ".salt").write_text(tiny.SALT + "\n", encoding="utf-8")
    course = Course(root)
    assert course.nbgrader("generate_assignment", NAME) == 0
    return course


@contextlib.contextmanager
def environment() -> Iterator[pytest.MonkeyPatch]:
    """Where `alembic` is found, which nbgrader starts; the environment is put back afterwards."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PATH", str(PREFIX / "share" / "jupyter"))
        patch.setenv("PATH", f"{PREFIX / 'bin'}{os.pathsep}{os.environ['PATH']}")
        yield patch
