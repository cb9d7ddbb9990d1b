"""From what the processes said to a report, without any process: the sum, cells that took a function with them, our own faults."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny

from autograder.border.observation import Failure, Observation, Output
from autograder.grader import grade as grading
from autograder.grader.answers import Answers
from autograder.grader.expected import ExpectedPart
from autograder.grader.grade import Marking, grade, judged, trust_no_worker
from autograder.grader.messages import gap
from autograder.grader.protocol import Run, Seen
from autograder.question import Case, Question
from autograder.reports.report import Report, Status
from autograder.source.extract import Cell
from autograder.source.reading import Reading

ONE = np.ones(1, np.float32)


def answers(name: str, points: float) -> Answers:
    question = Question(name, points, (Case("a", public=True, x=ONE), Case("b", x=ONE)))
    right = {"value": ExpectedPart(ONE.astype(np.float64), "float32", 1e-5)}
    return Answers(question, (right, right), (), (points / 2, points / 2))


def seen(*values: float) -> Seen:
    return Seen([Observation(outputs=(Output("tensor", value * ONE),)) for value in values])


class Said:
    """Workers and a reader that have said this."""

    level = "process"

    def __init__(self, read: Reading, run: Run) -> None:
        self._read, self._run = read, run
        self.reader = self

    def read(self, *_: Any) -> Reading:
        return self._read

    def run(self, *_: Any) -> Run:
        return self._run


def graded(folder: Path, worth: dict[str, float], read: Reading, run: Run) -> Report:
    marking = Marking("01_one", {n: answers(n, p) for n, p in worth.items()}, "f", tiny.SALT, "process")
    path = folder / "amy.py"
    path.write_text("x = 1", encoding="utf-8")
    return grade(path, marking, Said(read, run), submission="amy", student="Amy")  # type: ignore[arg-type]


CELLS = (Cell("cell 1", "import nothing"), Cell("cell 2", "def f(x:\n    return x"))
READ = Reading(CELLS, (), (frozenset(), frozenset({"f"})), {})


def test_a_score_has_two_places(tmp_path: Path) -> None:
    """0.1 + 0.2 is 0.30000000000000004."""
    report = graded(tmp_path, {"f": 0.1, "g": 0.2}, READ, Run({"f": seen(1, 1), "g": seen(1, 1)}))
    assert str(report.score) == "0.3"
    assert [(q.name, q.points, q.status) for q in report.questions] == [("f", 0.1, "passed"), ("g", 0.2, "passed")]


def test_half_of_a_question_is_half_of_its_points(tmp_path: Path) -> None:
    report = graded(tmp_path, {"f": 3, "g": 1}, READ, Run({"f": seen(1, 2), "g": seen(2, 2)}))
    assert (report.score, report.max_score) == (1.5, 4)
    assert [q.status for q in report.questions] == [Status.PARTIAL, Status.FAILED]


LOST = [
    (
        Failure("SyntaxError", "'(' was never closed", "cell 2, line 1: def f(x:"),
        Status.ERROR,
        "f was not defined, because cell 2 is not valid Python: '(' was never closed (cell 2, line 1: def f(x:).",
    ),
    (
        Failure("ValueError", "no"),
        Status.ERROR,
        "f was not defined, because cell 2 raised ValueError: no.",
    ),
    (
        Failure("timeout", ""),
        Status.TIMEOUT,
        "f was not defined, because cell 2 did not finish. Look for a loop that never ends.",
    ),
    (
        Failure("crashed", "by SIGSEGV"),
        Status.CRASHED,
        "f was not defined, because cell 2 stopped the whole process: by SIGSEGV.",
    ),
    (
        Failure("SystemExit", "0"),
        Status.ERROR,
        "f was not defined, because cell 2 ends the whole notebook: take out exit() or sys.exit().",
    ),
    (Failure("MemoryError", "m"), Status.MEMORY, "f was not defined, because cell 2 raised MemoryError: m."),
]


@pytest.mark.parametrize("failure, status, said", LOST)
def test_a_function_that_is_lost_with_its_cell_is_told_so(failure: Failure, status: Status, said: str) -> None:
    run = Run({"f": Seen(ended="missing")}, {0: Failure("ImportError", "nothing"), 1: failure})
    report = judged("f", answers("f", 2), READ, run)
    assert (report.status, report.points, report.max_points, report.message) == (status, 0, 2, said)
    assert report.where == failure.where
    assert [part.passed for part in report.parts] == [None, None]


def test_a_cell_that_failed_and_has_nothing_to_do_with_it_is_not_blamed() -> None:
    report = judged("f", answers("f", 2), READ, Run({"f": Seen(ended="missing")}, {0: Failure("ImportError", "no")}))
    assert report.status == Status.MISSING and report.message.startswith("There is no function f. Keep the cell")


def test_what_cannot_be_judged_costs_its_question_and_no_other(tmp_path: Path) -> None:
    """A submission cannot choose that the grader failed."""
    strange = seen(1, 1, 1)  # more than there are cases
    report = graded(tmp_path, {"f": 2, "g": 1}, READ, Run({"f": strange, "g": seen(1, 1)}))
    f, g = report.questions
    assert (report.status, report.score) == ("graded", 1)
    assert (f.status, f.points, g.status) == (Status.ERROR, 0, Status.PASSED)
    assert f.message.startswith("What f returned could not be judged (") and "ask your instructor" in f.message


def test_cells_that_failed_are_told_in_order_but_not_those_that_only_called_a_stub(tmp_path: Path) -> None:
    cells = {1: Failure("ValueError", "late"), 0: Failure("NotImplementedError", "")}
    assert graded(tmp_path, {"f": 2}, READ, Run({"f": seen(1, 1)}, cells)).message == "Cell 2 raised ValueError: late."
    both = {1: Failure("ValueError", "late"), 0: Failure("KeyError", "early")}
    said = graded(tmp_path, {"f": 2}, READ, Run({"f": seen(1, 1)}, both)).message
    assert said == "Cell 1 raised KeyError: early. Cell 2 raised ValueError: late."


def test_a_line_that_is_not_in_the_file_is_not_shown(tmp_path: Path) -> None:
    """A worker may name any line: one that holds a hidden input, for instance."""
    for where, shown in (("cell 2, line 2: return x", True), ("cell 2, line 1: x = [4.5, 2]", False), ("", True)):
        failure = Failure("ValueError", "no", where)
        raised = Seen([Observation(failure=failure), Observation(failure=failure)])
        run = Run({"f": raised, "g": seen(1, 1)}, {1: failure})
        report = graded(tmp_path, {"f": 2, "g": 1}, READ, run)
        assert report.questions[0].where == run.cells[1].where == (where if shown else "")
    wrong = Seen([Observation(gradient_failure=Failure("ValueError", "no", "cell 2, line 9: y"))])
    trust_no_worker(Run({"f": wrong}), READ)
    (gradient,) = wrong.observations
    assert gradient.failure is None and gradient.gradient_failure == Failure("ValueError", "no", "")


@pytest.mark.parametrize(("where", "shown"), [
    ("cell 1, line 1: import nothing", True), ("cell 2, line 2: return x", True), ("cell 2, line 3: return x", False),
    ("cell 2, line 0: return x", False), ("cell 2, line 1: return x", False), ("cell 9, line 1: import nothing", False),
    ("cell 2, line 9999999: ", False), ("line 1: import nothing", False), ("nonsense", False), ("", False),
])  # fmt: skip
def test_a_line_is_shown_where_it_stands(where: str, shown: bool) -> None:
    assert READ.shows(where) is shown


def test_a_banned_name_is_told_once_whoever_saw_it() -> None:
    looked_up = Reading(CELLS, (), (), {"f": ["conv2d", "pad"]})
    both = Seen([Observation(banned=("pad", "Conv2D"))])
    trust_no_worker(Run({"f": both}), looked_up)
    assert both.observations[0].banned == ("conv2d", "pad", "Conv2D")


def test_a_key_depends_on_all_that_a_result_depends_on(monkeypatch: pytest.MonkeyPatch) -> None:
    marking = Marking("01_one", {}, "f", tiny.SALT, "process")
    fields = ({"assignment": "02"}, {"fingerprint": "g"}, {"salt": "other"}, {"isolation": "full"})
    keys = [marking.key_of(b"x", ".py"), marking.key_of(b"y", ".py"), marking.key_of(b"x", ".ipynb")]
    keys += [replace(marking, **changed).key_of(b"x", ".py") for changed in fields]
    monkeypatch.setattr(grading, "versions", lambda: {"numpy": "3"})
    keys.append(marking.key_of(b"x", ".py"))
    monkeypatch.setattr(grading, "engine", lambda: "another rule")
    keys.append(marking.key_of(b"x", ".py"))
    assert len(set(keys)) == len(keys) == 9


def test_a_report_says_when_to_the_second(tmp_path: Path) -> None:
    report = graded(tmp_path, {"f": 2}, READ, Run({"f": seen(1, 1)}))
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", report.started)


def test_of_a_single_number_no_entries_are_counted() -> None:
    def told(*right: float) -> str:
        expected = np.array(right)
        got = expected + 1
        return gap(got, expected, got - expected, got != expected, public=True)

    assert told(2) == "differs from the expected one. At [0], where it differs most: expected 2, got 3."
    assert told(2, 5).startswith("differs from the expected one in 2 of 2 entries. At [0]")
