"""What is right, and what of it is handed out."""

import numpy as np
import pytest
import tiny

from autograder.course.assignment import Assignment
from autograder.course.solve import public_answers_of
from autograder.grader.answers import Answers, to_tree
from autograder.grader.workers import Workers

pytestmark = pytest.mark.tensorflow


def points(answers: Answers) -> list[float]:
    """What each case is worth."""
    return [unit * len(expected) for unit, expected in zip(answers.units, answers.expected, strict=True)]


def test_what_is_handed_out_is_the_public_part_of_the_answers(
    tiny_assignment: Assignment, tiny_answers: dict[str, Answers], workers: Workers
) -> None:
    public = public_answers_of(tiny_assignment, workers)
    assert list(public) == list(tiny_answers)
    for name, all_answers in tiny_answers.items():
        cases = all_answers.question.cases
        handed = public[name]
        kept = [i for i, case in enumerate(cases) if case.public]
        assert [c.name for c in handed.question.cases] == [cases[i].name for i in kept]
        assert handed.hidden_cases == len(cases) - len(kept) > 0
        assert handed.units == tuple(all_answers.units[i] for i in kept)
        assert handed.hidden_points == pytest.approx(handed.question.points - sum(points(handed)))
        for mine, index in zip(handed.expected, kept, strict=True):
            for part, value in mine.items():
                assert np.array_equal(value.array, all_answers.expected[index][part].array)


def test_what_is_handed_out_names_no_hidden_case(tiny_assignment: Assignment, workers: Workers) -> None:
    text = str([to_tree(a) for a in public_answers_of(tiny_assignment, workers).values()])
    hidden = [case.name for q in tiny_assignment.questions for case in q.cases if not case.public]
    assert hidden and not [name for name in hidden if f"'{name}'" in text]
    assert tiny.SALT not in text
