"""A question with a gate: returned classes are counted against labels that only the grader has."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from autograder.border import wire
from autograder.border.observation import Observation, Output
from autograder.grader.answers import Answers, from_tree, task, to_tree
from autograder.grader.compare import compare
from autograder.grader.expected import Expected, expect
from autograder.question import Case, Exam, ModelQuestion, Question, Rung
from autograder.strokes import strokes

X, Y, IMAGES, LABELS = strokes(8, 10, (6, 5, 1), 2)
EXAM = Exam(labels=LABELS, classes=2)
QUESTION = Question(
    "classify",
    points=1,
    gate=0.8,
    cases=(
        Case("public", public=True, exam=EXAM, images=X, labels=Y, new=IMAGES),
        Case("hidden", exam=EXAM, images=X, labels=Y, new=IMAGES),
    ),
    ladder=(Rung("two", exam=Exam(labels=np.array([0, 1]), classes=2), images=X, labels=Y, new=IMAGES),),
)
SECRET = QUESTION.materialised("a secret")
HIDDEN = SECRET.cases[-1]
TRUE = HIDDEN.exam.labels if HIDDEN.exam else np.zeros(0)


def answered(labels: np.ndarray) -> Observation:
    return Observation(outputs=(Output("array", labels),))


def with_wrong(count: int) -> np.ndarray:
    return np.where(np.arange(10) < count, 1 - TRUE, TRUE)


def expected() -> Expected:
    return expect(QUESTION, HIDDEN, answered(TRUE), answered(TRUE))


def test_the_true_labels_are_expected_whatever_the_reference_says() -> None:
    almost = answered(with_wrong(2))
    assert np.array_equal(expect(QUESTION, HIDDEN, almost, almost)["value"].array, TRUE)


@pytest.mark.parametrize(("wrong", "passed"), [(0, True), (2, True), (3, False), (10, False)])
def test_the_gate_is_the_share_of_right_answers(wrong: int, passed: bool) -> None:
    (found,) = compare(QUESTION, HIDDEN, answered(with_wrong(wrong)), expected())
    assert found.passed is passed
    assert found.measured == pytest.approx(1 - wrong / 10)
    assert passed or (f"{1 - wrong / 10:.0%}" in found.message and "80%" in found.message)


@pytest.mark.parametrize(
    ("labels", "miss"),
    [(TRUE[:-1], "shape"), (TRUE.astype(np.float32), "dtype"), (np.full(10, 7), "value"), (TRUE[:, None], "shape")],
)
def test_what_is_no_row_of_classes_is_wrong(labels: np.ndarray, miss: str) -> None:
    (found,) = compare(QUESTION, HIDDEN, answered(labels), expected())
    assert found.miss == miss


def test_a_reference_below_its_own_gate_is_refused() -> None:
    low = answered(with_wrong(3))
    with pytest.raises(ValueError, match=r"70%.*below its gate"):
        expect(QUESTION, HIDDEN, low, low)


def test_a_worker_gets_the_images_and_not_their_labels() -> None:
    sent = task(SECRET, "a secret")
    assert not sent.exams and not sent.asked.model
    given = sent.cases[-1][0]
    assert set(given) == {"images", "labels", "new"} and np.array_equal(given["new"], HIDDEN.arguments["new"])
    assert TRUE.tobytes() not in wire.pack(given) and given["labels"].tobytes() in wire.pack(given)
    assert not any(np.array_equal(value, TRUE) for value in given.values())


def test_images_and_labels_belong_together_and_to_the_salt() -> None:
    """Otherwise no honest answer could be right, or one that was learned by heart would be."""
    other = QUESTION.materialised("another secret").cases[-1]
    assert other.exam and not np.array_equal(other.arguments["new"], HIDDEN.arguments["new"])
    again = QUESTION.materialised("a secret").cases[-1]
    assert again.exam and np.array_equal(again.exam.labels, TRUE)


def test_it_survives_the_file_of_public_cases() -> None:
    public = replace(SECRET, cases=SECRET.cases[:2])
    answers = Answers(public, tuple({"value": expected()["value"]} for _ in range(2)), (), (0.5, 0.5))
    back = from_tree(wire.unpack(wire.pack(to_tree(answers)))).question
    assert back.gate == 0.8 and [case.name for case in back.cases] == ["two", "public"]


@pytest.mark.parametrize(
    "wrong",
    [{"cases": (Case("no labels", public=True, x=1),), "ladder": ()}, {"returns": ("a", "b")}, {"wrt": ("images",)}],
)
def test_a_gate_without_labels_or_with_other_outputs_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="gate"):
        replace(QUESTION, **wrong)  # type: ignore[arg-type]


def test_a_model_question_has_a_rule_instead() -> None:
    with pytest.raises(ValueError, match="rule"):
        ModelQuestion("build", points=1, gate=0.5, cases=(Case("c", public=True, exam=EXAM),))
