"""Points for what can be learned by heart are at most half, and the audit says where they are more."""

import numpy as np
import pytest
import solved

from autograder.course import assignment as assignments
from autograder.course.drawn import drawn_share, too_few_are_drawn
from autograder.question import Case, Exam, ModelQuestion, Question, Rung, array, normal
from autograder.strokes import strokes

SEEN = Case("seen", public=True, x=normal(3))
RUNG = Rung("one number", x=array([1]))


@pytest.mark.parametrize("cases, share", [
    ((SEEN, Case("drawn", x=normal(3))), 0.75),  # without a ladder its share goes to the others
    ((SEEN, Case("drawn", x=normal(3)), Case("fixed", x=array([1, 2]))), 0.375),
    ((SEEN, Case("fixed", x=array([1, 2]))), 0),
])  # fmt: skip
def test_fixed_hidden_cases_do_not_count(cases: tuple[Case, ...], share: float) -> None:
    assert drawn_share(Question("f", 2, cases)) == pytest.approx(share)
    assert bool(too_few_are_drawn(Question("f", 2, cases))) == (share < 0.5)


def test_parts_are_weighed_by_their_points() -> None:
    """A rung is judged by its output, a case by its gradients, too."""
    question = Question("f", 6, (SEEN, Case("drawn", x=normal(3))), wrt=("x",), ladder=(RUNG,))
    assert drawn_share(question) == pytest.approx(0.5) and not too_few_are_drawn(question)


def test_images_count_as_inputs() -> None:
    drawn, fixed = strokes(0, 4, (8, 8, 1), 4)[2], np.zeros((4, 8, 8, 1), np.float32)
    for images, share in ((drawn, 0.75), (fixed, 0)):
        cases = (Case("seen", public=True, exam=Exam(drawn)), Case("unseen", exam=Exam(images)))
        assert drawn_share(ModelQuestion("build", 2, cases, rules={"saved and loaded": True})) == pytest.approx(share)


@pytest.mark.parametrize("name", assignments.names(solved.SOLUTIONS))
def test_no_question_can_be_passed_by_heart(name: str) -> None:
    found = {q.name: too_few_are_drawn(q) for q in solved.assignment(name).questions}
    assert not {name: said for name, said in found.items() if said}
