"""What `check` moves when it looks at nudged inputs: a right function must follow, so zeros stay zeros."""

import numpy as np

from autograder.grader.answers import Answers
from autograder.question import Case, Question, array
from autograder.student.nudged import nudged_task


def test_every_number_moves_a_little_but_a_zero_stays() -> None:
    x = array([3, -4, 0, 0.5])
    labels = np.array([0, 1, 1], np.int32)
    question = Question("count", points=1, cases=(Case("a row", public=True, x=x, labels=labels),))
    ((arguments, _),) = nudged_task(Answers(question, (), (), ())).cases
    moved = arguments["x"]
    assert moved.dtype == x.dtype and np.allclose(moved, x, atol=0.01)
    assert list(moved != x) == [True, True, False, True]
    assert arguments["labels"] is labels
