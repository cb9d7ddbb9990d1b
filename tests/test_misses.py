"""What an author reads about a miss: which case and part, the numbers that were seen, and a likely reason."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from autograder.border.observation import Failure, Observation, Output
from autograder.course.misses import failed, unseen, vanishing
from autograder.grader.answers import Answers
from autograder.grader.expected import expect
from autograder.grader.protocol import Seen
from autograder.question import Case, Question, normal

CASES = (
    Case("a batch of five", public=True, x=normal(5, 3)),
    Case("a batch of two", x=normal(2, 3)),
    Case("another five", x=normal(5, 4)),
)
QUESTION = Question("normalize", 3, CASES, wrt=("x",)).materialised("a salt")
Numbers = Callable[[np.ndarray], np.ndarray]


def observed(x: np.ndarray, value: Numbers, gradient: Numbers, dtype: str = "float32") -> Observation:
    outputs = (Output("tensor", value(x.astype("float64")).astype(dtype)),)
    return Observation(outputs=outputs, gradients={"x": Output("tensor", gradient(x.astype("float64")).astype(dtype))})


def normalized(x: np.ndarray) -> np.ndarray:
    return (x - x.mean(0)) / x.std(0)


def slope(x: np.ndarray) -> np.ndarray:
    """The vector-Jacobian product: in a batch of two it is zero, whatever the cotangent is, because y is 1 and -1."""
    y, dy = normalized(x), np.random.default_rng(x.size).standard_normal(x.shape)
    return (dy - dy.mean(0) - y * (dy * y).mean(0)) / x.std(0)


def seen(value: Numbers = normalized, gradient: Numbers = slope) -> Seen:
    return Seen([observed(case.arguments["x"], value, gradient) for case in QUESTION.cases])


def answers() -> Answers:
    expected = tuple(
        expect(QUESTION, case, *(observed(case.arguments["x"], normalized, slope, d) for d in ("float32", "float64")))
        for case in QUESTION.cases
    )
    return Answers(QUESTION, expected, (), tuple(QUESTION.units()))


def test_a_gradient_that_vanishes_in_a_batch_of_two_is_the_reason() -> None:
    said = vanishing(answers(), 1, "gradient wrt x")
    assert re.fullmatch(
        r"The gradient is 0 in a batch of 2 \(x has shape \(2, 3\)\) up to rounding \(its largest entry is \S+e-1\d, "
        r"in other cases \S+\), so a wrong one hardly shows\.",
        said,
    )
    assert vanishing(answers(), 0, "gradient wrt x") == vanishing(answers(), 1, "value") == ""


def test_a_right_variant_that_fails_by_rounding_is_told_where_and_why() -> None:
    """It computes with fewer digits: nothing that shows, but where everything cancels."""
    rough = seen(gradient=lambda x: slope(x) + 3e-6 * (len(x) == 2))
    said = failed(answers(), rough)
    assert said.startswith(
        "case 'a batch of two', gradient wrt x: The gradient wrt x differs from the expected one in 6 of 6"
    )
    assert "At [" in said and "got 3" in said and "The gradient is 0 in a batch of 2" in said


def test_every_miss_of_a_hidden_case_has_its_numbers() -> None:
    said = failed(answers(), seen(value=lambda x: 2 * normalized(x)))
    assert "case 'a batch of five', value" in said and "Every entry is 2 times too large." in said
    assert "case 'a batch of two', value: The value differs from the expected one in 6 of 6 entries. At [" in said
    assert said.endswith("1 more of 6 parts.")


def test_an_exception_in_a_hidden_case_has_its_text() -> None:
    shown = seen()
    shown.observations[2] = Observation(failure=Failure("ValueError", "four columns", "cell 2, line 7: raise"))
    said = failed(answers(), shown)
    assert "case 'another five', value: normalize raised ValueError: four columns. (cell 2, line 7: raise)" in said


def test_a_mistake_that_shows_nowhere_comes_closest_somewhere() -> None:
    near = unseen(answers(), seen(gradient=lambda x: slope(x) * (1 + 5e-6)))
    assert (
        near.startswith("in all 3 cases it gives what the reference gives, ")
        and "five', gradient wrt x: off by" in near
    )
    away = unseen(answers(), seen(gradient=lambda x: slope(x) * (1 + 1.2e-5)))
    assert "within the tolerance. It comes closest to being caught in case 'a" in away and "is allowed." in away
    assert "The gradient is 0 in a batch of 2" in near, "where it could have shown"


def test_a_mistake_with_large_gradients_everywhere_needs_another_case() -> None:
    part = answers()
    five = replace(part, question=replace(QUESTION, cases=QUESTION.cases[::2]), expected=part.expected[::2])
    said = unseen(five, Seen(seen().observations[::2]))
    assert "up to rounding" in said and said.endswith("Add a case in which it differs.")


def test_a_gradient_of_rounding_is_told_beside_the_others() -> None:
    part = answers()
    noise = replace(part.expected[1]["gradient wrt x"], array=np.full((2, 3), 3e-9))
    expected = (part.expected[0], {**part.expected[1], "gradient wrt x": noise}, part.expected[2])
    said = vanishing(replace(part, expected=expected), 1, "gradient wrt x")
    assert "up to rounding (its largest entry is 3e-09, in other cases " in said


def test_a_process_that_ended_is_told() -> None:
    shown = Seen(seen().observations[:1], ended="timeout")
    assert failed(answers(), shown).startswith("normalize did not finish within 12 s in the case “a batch of two”")
