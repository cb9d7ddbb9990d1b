"""A case says in which precision its tensors come, and everybody who draws, keeps or tells of them follows."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.border.observation import Failure, Observation
from autograder.grader.answers import Answers, from_tree, task, to_tree
from autograder.grader.compare import compare
from autograder.grader.expected import ExpectedPart
from autograder.question import Case, Question, array, distinct, labels, normal, uniform

DRAWN = {
    "a": normal(40),
    "b": uniform(40),
    "c": distinct(40),
    "d": labels(4, 3),
    "e": array([1, 2]),
    "f": 3,
    "g": np.ones(2),
}


def drawn(dtype: str) -> Case:
    question = Question("f", 1, (Case("a case", dtype=dtype, **DRAWN),))
    return question.materialised("salt").cases[0]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_real_numbers_have_the_dtype_of_the_case_and_whole_ones_keep_theirs(dtype: str) -> None:
    case = drawn(dtype)
    assert case.dtype == dtype
    assert [case.arguments[name].dtype.name for name in "abceg"] == [dtype] * 5
    assert case.arguments["d"].dtype == np.int32 and case.arguments["f"] == 3


def test_numbers_of_a_float64_case_are_drawn_in_float64() -> None:
    """Numbers that float32 can hold would not notice a step through it."""
    for name in "abc":
        values = drawn("float64").arguments[name]
        assert np.any(values != values.astype("float32"))
        np.testing.assert_array_equal(values.astype("float32"), drawn("float32").arguments[name])


def test_cases_are_float32_unless_they_say_otherwise() -> None:
    assert Case("a case").dtype == "float32"
    assert Case("a case", dtype="float64").with_arguments({"x": 1}).dtype == "float64"


def test_a_worker_is_sent_each_case_as_it_is_unless_all_are_asked_for_in_one_dtype() -> None:
    question = Question("f", 1, (Case("a", x=array([1])), Case("b", dtype="float64", x=array([1])))).materialised("s")
    own = task(question, "s")
    assert own.asked.dtype == ""
    assert [arguments["x"].dtype.name for arguments, _ in own.cases] == ["float32", "float64"]
    assert task(question, "s", dtype="float64").asked.dtype == "float64"


def test_the_dtype_of_a_case_is_handed_out() -> None:
    question = Question("f", 1, (Case("a", public=True, dtype="float64", x=array([1])),)).materialised("s")
    answers = Answers(question, ({"value": ExpectedPart(np.ones(1), "float64", 0.0)},), (), (1.0,))
    (case,) = from_tree(to_tree(answers)).question.cases
    assert case.dtype == "float64" and case.arguments["x"].dtype == np.float64


@pytest.mark.parametrize("dtype, message, told", [
    ("float64", "was expected to be a double tensor but is a float tensor", True),
    ("float64", "Value passed has dtype float64 not in list", True),
    ("float64", "doubled twice", False),
    ("float32", "was expected to be a float tensor but is a double tensor", False),
])  # fmt: skip
def test_a_dtype_that_is_written_down_is_told_where_it_does_not_fit(dtype: str, message: str, told: bool) -> None:
    case = Case("a case", public=True, dtype=dtype, x=array([1]))
    seen = Observation(failure=Failure("InvalidArgumentError", message))
    (finding,) = compare(Question("f", 1, (case,)), case, seen, {})
    assert message in finding.message
    assert ("inputs of this case are float64: take the dtype from them" in finding.message) == told
