"""Whatever text a student hands in, it is judged: no text is a fault of the grader's, for that is never a zero."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny
from hypothesis import given
from hypothesis import strategies as st

from autograder.border.observation import Observation, Output
from autograder.grader.answers import Answers
from autograder.grader.expected import ExpectedPart
from autograder.grader.grade import Marking, grade
from autograder.grader.protocol import Run, Seen
from autograder.question import Ban, Case, Question, array
from autograder.reports.report import Report, State
from autograder.source.idle import idle_cells
from autograder.source.reading import Reading, reading

QUESTION = Question("f", 1, (Case("one", public=True, x=array([1])),), ban=Ban((), ("conv2d",), "sums"))
EXPECTED = {"value": ExpectedPart(np.ones(1), "float32", 1e-5)}
PICTURE = "picture = f(3)\nprint(picture)"
MARKING = Marking(
    "a", {"f": Answers(QUESTION, (EXPECTED,), (), (1.0,))}, "", "a salt", "full", idle_cells([PICTURE], ["f"])
)


class _Here:
    """Reads in this process: what a text does to its reader is what is tested here."""

    def read(self, *arguments: Any) -> Reading:
        return reading(*arguments)


class Right:
    """Stands in for the workers: whatever the cells hold, the function was right."""

    reader = _Here()

    def run(self, cells: Any, tasks: Any, on_begin: Any) -> Run:
        json.dumps(cells)
        return Run({"f": Seen([Observation(outputs=(Output("tensor", np.ones(1, np.float32)),))])})


def graded(path: Path) -> Report:
    return grade(path, MARKING, Right(), submission="amy", student="amy")  # type: ignore[arg-type]


def cells(folder: Path, *sources: str) -> Report:
    return graded(tiny.write_notebook(folder / "n.ipynb", sources))


def test_an_honest_notebook_is_graded_and_a_banned_one_found(tmp_path: Path) -> None:
    """Else the tests below would show nothing."""
    assert cells(tmp_path, "def f(x): return x", PICTURE).score == 1
    report = cells(tmp_path, "def f(x): return tf.nn.conv2d(x)", PICTURE)
    assert (report.status, report.score) == (State.GRADED, 0) and "its code names conv2d" in report.questions[0].parts[
        0
    ].message


NASTY = [
    "def f(x, x): pass",
    "nonlocal x",
    "def f():\n    x = 1\n    global x",
    "def f():\n    from os import *",
    "from __future__ import nope",
    "return 3",
    "yield f",
    "await f",
    "break",
    "f = " + "lambda: " * 900 + "f",
    "f = " + "-" * 5000 + "1",
    "f = x" + ".a" * 5000,
    "f = " + "(" * 300 + ")" * 300,
    "f = " + "[" * 90 + "]" * 90,
    "\n".join("    " * depth + f"def f{depth}():" for depth in range(90)) + "\n" + "    " * 90 + "pass",
    "class f(f): f = f",
    "def f(x): return f\n" * 500,
    "\x00",
    "\ud800",
    "f = '\ud800'",
    "\ufeffdef f(x): return x",
    "def ﬁ(x): return x\ndef f(x): return ﬁ(x)",
    "ª = 1; º = ª",
    "f: int = 3",
    "f, *g = f.h[1:2], *x",
    "match f:\n    case {'conv2d': f}: pass",
    "try:\n    pass\nexcept* ValueError:\n    def f(): pass",
    "with (f as g, g as f): pass",
    "async def f():\n    async for f in f: [await f async for f in f]",
    "# -*- coding: nope -*-\ndef f(x): return x",
    "# -*- coding: utf-7 -*-\ndef f(x): return x",
    "%%f\n%f\n!f\n?f\nf?",
    "%time def f(x): return x",
    "def f(x):\n\treturn x\n        return x",
    "\\\n\\\ndef f(x): return x",
    "def f(x): return x\x0c\n\x0bdef g(x): return x\r",
    "1" * 6000,
    "f = 1_" + "0" * 6000,
    "'" * 5000,
    "f'{" * 200 + "}'" * 200,
    PICTURE + "\n",
    "del picture, f",
]


@pytest.mark.parametrize("text", NASTY, ids=lambda text: repr(text[:30]))
def test_no_cell_is_a_fault_of_the_grader(tmp_path: Path, text: str) -> None:
    for sources in ((text,), (text, PICTURE), (PICTURE, "def f(x): return x", text), (f"def f(x): return x\n{text}",)):
        assert cells(tmp_path, *sources).status in (State.GRADED, State.UNREADABLE)
    path = tmp_path / "n.py"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    assert graded(path).status in (State.GRADED, State.UNREADABLE)


@given(st.lists(st.text(max_size=30) | st.sampled_from(NASTY), max_size=4))
def test_no_text_at_all_is(tmp_path_factory: pytest.TempPathFactory, sources: list[str]) -> None:
    folder = tmp_path_factory.mktemp("any")
    assert cells(folder, *sources).status in (State.GRADED, State.UNREADABLE)


@given(st.binary(max_size=300))
def test_no_file_at_all_is(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    folder = tmp_path_factory.mktemp("any")
    for name in ("a.py", "a.ipynb"):
        (folder / name).write_bytes(data)
        assert graded(folder / name).status in (State.GRADED, State.UNREADABLE)
