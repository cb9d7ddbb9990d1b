"""What `check` moves when it looks at nudged inputs: a right function must follow, so zeros stay zeros."""

from pathlib import Path

import numpy as np
import tiny

from autograder.grader.answers import Answers
from autograder.question import Case, Question, array
from autograder.student.nudged import nudged_task
from autograder.student.whole_file import as_report


def test_every_number_moves_a_little_but_a_zero_stays() -> None:
    x = array([3, -4, 0, 0.5])
    labels = np.array([0, 1, 1], np.int32)
    question = Question("count", points=1, cases=(Case("a row", public=True, x=x, labels=labels),))
    ((arguments, _),) = nudged_task(Answers(question, (), (), ())).cases
    moved = arguments["x"]
    assert moved.dtype == x.dtype and np.allclose(moved, x, atol=0.01)
    assert list(moved != x) == [True, True, False, True]
    assert arguments["labels"] is labels


def test_a_nudge_is_a_ten_thousandth_of_the_spread_in_either_direction() -> None:
    x = np.random.default_rng(0).normal(5, 100, 4000)
    question = Question("f", points=1, cases=(Case("a", public=True, x=x, same=np.full(4000, 3.0)),))
    nudged = nudged_task(Answers(question, (), (), ()))
    assert (nudged.name, nudged.asked.function) == ("nudged f", "f")
    ((arguments, _),) = nudged.cases
    moves = arguments["x"] - x
    assert 0.0095 < np.abs(moves).max() < 0.0105 and abs(np.mean(moves)) < 0.001
    where_there_is_no_spread = np.abs(arguments["same"] - 3)
    assert 0.9e-4 < where_there_is_no_spread.max() < 1.01e-4


def test_the_report_of_a_check_says_that_it_is_of_public_cases_alone(tmp_path: Path) -> None:
    report = as_report(
        tmp_path / "work.ipynb",
        [tiny.question(tiny.part(points=0.1, max_points=0.7)), tiny.question(tiny.part(points=0.2, max_points=0.1))],
    )
    assert (report.submission, report.student, report.assignment, report.status) == ("work", "work", "work", "graded")
    assert (report.score, report.max_score, report.message) == (0.3, 0.8, "Public cases only.")
    assert (report.salt_id, report.key, report.isolation) == ("", "", "")
    (tmp_path / "02_two.npz").write_bytes(b"")
    assert as_report(tmp_path / "work.ipynb", []).assignment == "02_two"
