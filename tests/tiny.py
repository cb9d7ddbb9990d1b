"""A tiny assignment and tiny reports, so that no test depends on the real course."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograder.reports.report import Diagnosis, Part, QuestionReport, Report, Status

NAME = "90_tiny"
SALT = "a salt for tests only"

NOTEBOOK = '''\
# %% [markdown]
# # Two tiny functions

# %%
import tensorflow as tf

from autograder import check

# %%
def scale(x, factor):
    """Multiplies every entry of `x` by `factor`."""
    ### BEGIN SOLUTION
    return x * factor
    ### END SOLUTION

# %%
check("scale")

# %%
def total(x):
    """The sum of the doubled entries of `x`, and their number."""
    ### BEGIN SOLUTION
    return tf.reduce_sum(scale(x, 2.0)), int(x.shape[0] * x.shape[1])
    ### END SOLUTION

# %%
check("total")
'''

QUESTIONS = """\
from autograder.question import Ban, Case, Question, array, normal

QUESTIONS = (
    Question(
        "scale",
        points=4,
        wrt=("x",),
        cases=(
            Case("a row", public=True, x=array([[1, -2, 4]]), factor=3.0),
            Case("a negative factor", x=normal(3, 4), factor=-1.5),
        ),
    ),
    Question(
        "total",
        points=2,
        returns=("double", "count"),
        ban=Ban(ops=("Mean",), names=("reduce_mean",), instead="tf.reduce_sum"),
        cases=(Case("two rows", public=True, x=normal(2, 3)), Case("three rows", x=normal(3, 5))),
    ),
)
"""

MISTAKES = '''\
import tensorflow as tf

from autograder.question import mistake


@mistake("scale")
def factor_added(x, factor):
    """The factor is added. A scale
    multiplies."""
    return x + factor


@mistake("scale")
def gradient_stopped(x, factor):
    """The gradient is stopped."""
    return tf.stop_gradient(x) * factor


@mistake("scale")
def factor_squared(x, factor):
    """The factor is there twice."""
    return x * factor * factor


@mistake("total")
def not_doubled(x):
    """The entries are not doubled."""
    return tf.reduce_sum(x), int(x.shape[0] * x.shape[1])


@mistake("total")
def rows_counted(x):
    """The rows are counted instead of the entries."""
    return tf.reduce_sum(2 * x), int(x.shape[0])
'''

VARIANTS = """\
import numpy as np
import tensorflow as tf

from autograder.question import oracle, variant


@variant("scale")
def by_multiply(x, factor):
    return tf.multiply(factor, x)


@variant("total")
def by_rows(x):
    sums = [tf.reduce_sum(row) for row in tf.unstack(x)]
    return 2 * tf.add_n(sums), int(np.prod(x.shape))


@oracle("scale")
def by_numpy(x, factor):
    return np.asarray(x) * factor


@oracle("total")
def by_mean(x):
    return tf.reduce_mean(x) * 2 * float(tf.size(x)), int(tf.size(x))
"""

FILES = {"notebook.py": NOTEBOOK, "questions.py": QUESTIONS, "mistakes.py": MISTAKES, "variants.py": VARIANTS}

SOLVED = (
    "import tensorflow as tf\nfrom autograder import check",
    "def scale(x, factor):\n    return x * factor",
    "def total(x):\n    return tf.reduce_sum(scale(x, 2.0)), int(x.shape[0] * x.shape[1])",
)
STUBS = (
    SOLVED[0],
    'def scale(x, factor):\n    """Doc."""\n    # YOUR CODE HERE\n    raise NotImplementedError()',
    'check("scale")',
    'def total(x):\n    """Doc."""\n    # YOUR CODE HERE\n    raise NotImplementedError()',
)


def write_assignment(solutions: Path, name: str = NAME, **changed: str) -> Path:
    """Writes the tiny assignment below `solutions`; `questions=...` and so on replace a file's text."""
    folder = solutions / name
    folder.mkdir(parents=True)
    for file, text in FILES.items():
        (folder / file).write_text(changed.get(file.removesuffix(".py"), text), encoding="utf-8")
    return folder


def notebook(cells: Sequence[str]) -> dict[str, Any]:
    """A notebook's JSON, with nothing but what a reader needs."""
    return {
        "cells": [{"cell_type": "code", "source": source, "outputs": [], "metadata": {}} for source in cells],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def write_notebook(path: Path, cells: Sequence[str]) -> Path:
    """Writes a notebook with these code cells."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook(cells)), encoding="utf-8")
    return path


def part(**changed: Any) -> Part:
    """A part that is right."""
    values: dict[str, Any] = {
        "case": "a row",
        "part": "value",
        "public": True,
        "passed": True,
        "points": 1,
        "max_points": 1,
    }
    return Part(**(values | changed))


def diagnosis(title: str, hint: str = "") -> Diagnosis:
    """What is said of a question as a whole."""
    return Diagnosis(mistakes=["m"], title=title, hint=hint, certainty="This fits everything that was seen:")


def question(*parts: Part, **changed: Any) -> QuestionReport:
    """A question that passed."""
    parts = parts or (part(),)
    values: dict[str, Any] = {
        "name": "scale",
        "points": sum(p.points for p in parts),
        "max_points": sum(p.max_points for p in parts),
        "status": Status.PASSED,
        "parts": list(parts),
    }
    return QuestionReport(**(values | changed))


def report(*questions: QuestionReport, **changed: Any) -> Report:
    """A graded report."""
    questions = questions or (question(),)
    values: dict[str, Any] = {
        "assignment": NAME,
        "submission": "amy",
        "student": "amy",
        "score": sum(q.points for q in questions),
        "max_score": sum(q.max_points for q in questions),
        "status": "graded",
        "isolation": "process",
        "salt_id": "abc",
        "versions": {"autograder": "0"},
        "key": "k",
        "started": "2026-01-01T00:00:00+00:00",
        "duration": 0.5,
        "repairs": [],
        "questions": list(questions),
    }
    return Report(**(values | changed))
