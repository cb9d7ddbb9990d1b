"""One submission from file to report, through a real worker."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import tiny

from autograder import files
from autograder.errors import GraderFault
from autograder.grader import protocol
from autograder.grader.grade import Marking, grade
from autograder.grader.workers import Workers
from autograder.reports.report import QuestionReport, Report, Status

pytestmark = pytest.mark.tensorflow

SETUP, SCALE, TOTAL = tiny.SOLVED
SCALE_STUB, TOTAL_STUB = tiny.STUBS[1], tiny.STUBS[3]


class Desk:
    """Grades notebooks made of these cells."""

    def __init__(self, folder: Path, marking: Marking, workers: Workers) -> None:
        self.folder, self.marking, self.workers = folder, marking, workers

    def file(self, path: Path) -> Report:
        return grade(path, self.marking, self.workers, submission="amy", student="Amy")

    def cells(self, *cells: str) -> Report:
        return self.file(tiny.write_notebook(self.folder / "n.ipynb", cells))

    def text(self, name: str, text: str) -> Report:
        (self.folder / name).write_text(text, encoding="utf-8")
        return self.file(self.folder / name)


@pytest.fixture
def desk(tmp_path: Path, tiny_marking: Marking, workers: Workers) -> Desk:
    return Desk(tmp_path, tiny_marking, workers)


def statuses(report: Report) -> tuple[Status, Status]:
    scale, total = report.questions
    assert (scale.name, total.name) == ("scale", "total")
    assert report.score == round(scale.points + total.points, 2) and report.max_score == 6
    return scale.status, total.status


def question(report: Report, name: str) -> QuestionReport:
    return next(q for q in report.questions if q.name == name)


def test_a_solved_notebook_gets_everything(desk: Desk, workers: Workers) -> None:
    report = desk.cells(*tiny.SOLVED)
    assert statuses(report) == (Status.PASSED, Status.PASSED) and report.score == 6
    assert (report.status, report.message, report.repairs) == ("graded", "", [])
    assert (report.submission, report.student, report.assignment) == ("amy", "Amy", tiny.NAME)
    assert report.isolation == workers.level
    assert {"autograder", "tensorflow", "numpy", "keras"} <= set(report.versions)
    assert report.salt_id and tiny.SALT not in report.model_dump_json()
    assert report.duration > 0 and report.started.endswith("+00:00")


def test_grading_twice_says_the_same(desk: Desk) -> None:
    wrong = SCALE.replace("x * factor", "x + factor")
    one, other = (desk.cells(SETUP, wrong, TOTAL).model_copy(update={"started": "", "duration": 0.0}) for _ in range(2))
    assert one == other


def test_an_untouched_notebook_is_not_attempted(desk: Desk) -> None:
    report = desk.cells(*tiny.STUBS)
    assert statuses(report) == (Status.NOT_ATTEMPTED, Status.NOT_ATTEMPTED) and report.score == 0
    assert report.message == ""


@pytest.mark.parametrize(
    "mistake, points", [("x + factor", 0), ("tf.stop_gradient(x) * factor", 2), ("x * factor * factor", 0)]
)
def test_a_mistake_is_named_and_costs_its_parts(desk: Desk, mistake: str, points: float) -> None:
    report = desk.cells(SETUP, SCALE.replace("x * factor", mistake), TOTAL_STUB)
    scale = question(report, "scale")
    assert scale.points == points
    named = {"x + factor": "factor_added", "x * factor * factor": "factor_squared"}.get(mistake)
    assert {p.mistake for p in scale.parts if not p.passed} == {named}
    assert (scale.diagnosis is None) == (named is None), "a cut gradient has many causes"


def test_hidden_cases_show_no_numbers(desk: Desk) -> None:
    report = desk.cells(SETUP, SCALE.replace("x * factor", "x * factor + x * x"), TOTAL)
    public, hidden = (p for p in question(report, "scale").parts if p.part == "value")
    assert "12" in public.message and "28" in public.message
    assert public.picture and not hidden.picture
    assert hidden.message == "The value differs from the expected one."
    assert not re.search(r"\d\.\d|\[", hidden.message)


def test_functions_are_found_wherever_they_are(desk: Desk) -> None:
    moved = desk.cells("scale = lambda x, factor: x * factor", SETUP, TOTAL)
    assert statuses(moved) == (Status.PASSED, Status.PASSED)
    merged = desk.cells("\n\n".join(tiny.SOLVED))
    assert statuses(merged) == (Status.PASSED, Status.PASSED)
    split = desk.cells(SETUP, "def scale(x, factor):", "    return x * factor", TOTAL)
    assert statuses(split) == (Status.PASSED, Status.PASSED) and "cut in two" in split.repairs[0]
    copied = desk.cells(*tiny.SOLVED, SCALE_STUB)
    assert statuses(copied) == (Status.PASSED, Status.PASSED) and "unsolved copy of scale" in copied.repairs[0]
    imported = desk.cells(
        SETUP + "\nimport functools", SCALE, f"@functools.lru_cache(None)\ndef other(): pass\n{TOTAL}"
    )
    assert statuses(imported) == (Status.PASSED, Status.PASSED)


def test_a_py_file_is_a_submission(desk: Desk) -> None:
    assert desk.text("amy.py", "\n\n".join(tiny.SOLVED)).score == 6
    assert desk.text("amy.py", "# %%\n" + "\n# %%\n".join(tiny.SOLVED)).score == 6


def test_a_bad_cell_costs_only_what_depends_on_it(desk: Desk) -> None:
    report = desk.cells(SETUP, "1 / 0", SCALE, "%matplotlib inline\n!pip install x", "plot(scale)", TOTAL)
    assert report.score == 6
    assert "Cell 2 raised ZeroDivisionError: division by zero (cell 2, line 1: 1 / 0)." in report.message
    assert "Cell 5 raised NameError" in report.message


@pytest.mark.parametrize("cell, status, said", [
    ("1 / 0\n" + SCALE, Status.ERROR, "scale was not defined, because cell 2 raised ZeroDivisionError"),
    ("def scale(x, factor)\n    return x", Status.ERROR, "scale was not defined, because cell 2 is not valid Python"),
    ("import os\nos._exit(1)\n" + SCALE, Status.CRASHED, "cell 2 stopped the whole process"),
    ("while True: pass\n" + SCALE, Status.TIMEOUT, "cell 2 did not finish. Look for a loop that never ends."),
    ("import numpy as np\nnp.ones(10**12)\n" + SCALE, Status.MEMORY, "cell 2 raised MemoryError"),
    ("scales = 1", Status.MISSING, "There is no function scale."),
    ("scale = 3", Status.MISSING, "(scale is a int)"),
])  # fmt: skip
def test_a_function_lost_with_its_cell_says_which(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, cell: str, status: Status, said: str
) -> None:
    monkeypatch.setattr(protocol, "CELL_SECONDS", 1.0)
    report = desk.cells(SETUP, cell, TOTAL.replace("scale(x, 2.0)", "2.0 * x"))
    assert statuses(report) == (status, Status.PASSED)
    assert said in question(report, "scale").message
    assert ("1 / 0" in cell) == (question(report, "scale").where == "cell 2, line 1: 1 / 0")
    assert all(p.passed is None for p in question(report, "scale").parts)


@pytest.mark.parametrize("body, status", [
    ("import os; os._exit(0)", Status.CRASHED), ("exit()", Status.ERROR), ("return None", Status.FAILED),
    ("return tf.zeros((10**6, 10**6))", Status.MEMORY), ("raise ValueError('no')", Status.ERROR), ("return x[0]", Status.FAILED),
])  # fmt: skip
def test_outcomes_are_told_apart(desk: Desk, body: str, status: Status) -> None:
    report = desk.cells(SETUP, f"def scale(x, factor):\n    {body}", TOTAL.replace("scale(x, 2.0)", "2.0 * x"))
    assert statuses(report) == (status, Status.PASSED)


def test_the_cause_is_pointed_at(desk: Desk) -> None:
    wrong = desk.cells(SETUP, SCALE.replace("x * factor", "x + factor"), TOTAL)
    assert statuses(wrong)[1] == Status.PARTIAL
    assert "total calls your scale, which is not right yet: mend that first." in question(wrong, "total").message
    raises = desk.cells(SETUP, "def scale(x, factor):\n    raise ValueError('no')", TOTAL)
    assert statuses(raises) == (Status.ERROR, Status.ERROR)
    assert "calls your scale" in question(raises, "total").message


def test_a_solved_function_on_top_of_a_stub_is_told_so(desk: Desk) -> None:
    """Its NotImplementedError is not its own: "not attempted yet" would send the student to the wrong place."""
    total = question(desk.cells(SETUP, SCALE_STUB, TOTAL), "total")
    assert "calls your scale" in total.message
    assert not any("total is not attempted yet" in p.message for p in total.parts)


def test_a_ban_costs_the_question(desk: Desk) -> None:
    banned = TOTAL.replace("tf.reduce_sum(scale(x, 2.0))", "2.0 * tf.reduce_mean(x) * float(tf.size(x))")
    report = desk.cells(SETUP, SCALE, banned)
    assert statuses(report) == (Status.PASSED, Status.FAILED)
    assert "it uses reduce_mean and Mean. Use tf.reduce_sum instead." in question(report, "total").parts[0].message


@pytest.mark.parametrize("name, text, said", [
    ("a.ipynb", "", "empty"), ("a.ipynb", "{", "not a notebook"), ("a.ipynb", "[]", "not a notebook"),
    ("a.ipynb", json.dumps(tiny.notebook([])), "no code cells"), ("a.py", " ", "empty"),
])  # fmt: skip
def test_what_cannot_be_read_is_a_report_too(desk: Desk, name: str, text: str, said: str) -> None:
    report = desk.text(name, text)
    assert report.status == "unreadable" and said in report.message
    assert statuses(report) == (Status.MISSING, Status.MISSING) and report.score == 0


def test_a_file_that_is_not_there_is_a_report_too(desk: Desk) -> None:
    report = desk.file(desk.folder / "none.ipynb")
    assert report.status == "unreadable" and "cannot be read" in report.message


class Broken:
    """Workers that fail in their own way."""

    level = "full"

    def __init__(self, error: Exception) -> None:
        self.error = error

    def run(self, *_: Any) -> Any:
        raise self.error


@pytest.mark.parametrize(
    "error", [GraderFault("the worker is gone"), OSError("no space left"), IndexError("ours"), RuntimeError("ours")]
)
def test_whatever_breaks_on_our_side_is_no_score_and_no_crash(desk: Desk, error: Exception) -> None:
    desk.workers = Broken(error)  # type: ignore[assignment]
    report = desk.cells(*tiny.SOLVED)
    assert report.status == "grader_fault" and "not the student's fault" in report.message
    assert statuses(report) == (Status.GRADER_FAULT, Status.GRADER_FAULT)


@pytest.mark.parametrize("error, status", [(GraderFault("killed"), "grader_fault"), (OverflowError("1e300"), "graded")])
def test_only_what_a_submission_sent_is_charged_to_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, error: Exception, status: str
) -> None:
    """A wrong answer is compared with mistakes, which are run when they are needed; a worker that is lost then is ours."""

    def fails(*_: object) -> None:
        raise error

    monkeypatch.setattr("autograder.grader.grade.score", fails)
    report = desk.cells(*tiny.SOLVED)
    assert report.status == status
    expected = Status.GRADER_FAULT if status == "grader_fault" else Status.ERROR
    assert statuses(report) == (expected, expected)


def test_a_file_we_may_not_read_is_a_report_too(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, most: int) -> bytes:
        raise PermissionError(13, "Permission denied")

    path = tiny.write_notebook(desk.folder / "n.ipynb", tiny.SOLVED)
    monkeypatch.setattr(files, "read", refuse)
    report = desk.file(path)
    assert report.status == "unreadable" and "cannot be read (Permission denied)" in report.message


def test_the_key_depends_on_everything_a_result_depends_on(tiny_marking: Marking) -> None:
    key = tiny_marking.key_of(b"x")
    assert key == tiny_marking.key_of(b"x")
    others = [
        tiny_marking.key_of(b"y"),
        replace(tiny_marking, assignment="other").key_of(b"x"),
        replace(tiny_marking, fingerprint="other").key_of(b"x"),
        replace(tiny_marking, salt="other").key_of(b"x"),
        replace(tiny_marking, isolation="other").key_of(b"x"),
    ]
    assert len({key, *others}) == 6


def test_the_salt_is_named_but_not_told(tiny_marking: Marking) -> None:
    assert tiny.SALT not in repr(tiny_marking) and tiny_marking.salt_id not in tiny.SALT
    assert replace(tiny_marking, salt="another").salt_id != tiny_marking.salt_id
