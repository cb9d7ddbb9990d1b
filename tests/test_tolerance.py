"""How far right code may be off, in numbers that were measured and not taken from the code.

Right float32 convolutions were seen to differ by up to 3.9e-7 of the largest entry, their gradients by 1.2e-6; in float64 by
1.3e-15. A wrong one differs by more than a thousandth.
"""

from __future__ import annotations

import re

import numpy as np
import pytest

from autograder.border.observation import Failure, Observation, Output
from autograder.grader.compare import compare
from autograder.grader.expected import ExpectedPart, expect
from autograder.question import Case, Question

RIGHT = np.array([0.0, 1e-4, -0.5, 3.0, -200.0])
"""The largest entry sets the scale, whatever its sign; the smallest is zero."""
SINGLE, DOUBLE = Case("single", public=True, x=0), Case("double", public=True, dtype="float64", x=0)
QUESTION = Question("f", 1, (SINGLE, DOUBLE), wrt=("x",))


def seen(value: np.ndarray, gradient: np.ndarray, dtype: str) -> Observation:
    outputs = (Output("tensor", value.astype(dtype)),)
    return Observation(outputs=outputs, gradients={"x": Output("tensor", gradient.astype(dtype))})


def passed(
    case: Case, value: float = 0.0, gradient: float = 0.0, right: np.ndarray = RIGHT, entry: int = 0
) -> list[bool]:
    """Whether value and gradient pass if one entry of each is off by so much."""
    one = np.eye(len(right))[entry]
    exact = seen(right, right, "float64")
    expected = expect(QUESTION, case, seen(right, right, case.dtype), exact)
    shown = seen(right + value * one, right + gradient * one, "float64")
    if case is SINGLE:
        shown = seen(right + value * one, right + gradient * one, "float32")
    return [finding.passed for finding in compare(QUESTION, case, shown, expected)]


@pytest.mark.parametrize("entry", range(5))
@pytest.mark.parametrize("case, value, gradient, right", [
    (SINGLE, 200 * 4e-7, 200 * 1.2e-6, [True, True]),
    (SINGLE, 200 * 8e-6, 200 * 1.6e-5, [True, True]),
    (SINGLE, 200 * 3e-5, 200 * 1.6e-5, [False, True]),
    (SINGLE, 200 * 8e-6, 200 * 6e-5, [True, False]),
    (SINGLE, 200 * -3e-5, 200 * -6e-5, [False, False]),
    (DOUBLE, 200 * 1e-12, 200 * 1e-12, [True, True]),
    (DOUBLE, 200 * 1e-8, 0, [False, True]),
    (DOUBLE, 0, 200 * 3e-8, [True, False]),
])  # fmt: skip
def test_the_largest_entry_sets_the_scale_for_all(
    case: Case, value: float, gradient: float, right: list[bool], entry: int
) -> None:
    assert passed(case, value, gradient, entry=entry) == right


@pytest.mark.parametrize("case, off, right", [(SINGLE, 5e-8, True), (SINGLE, 1e-6, False), (DOUBLE, 1e-9, False)])
def test_where_zeros_are_expected_rounding_noise_passes(case: Case, off: float, right: bool) -> None:
    assert passed(case, off, off, right=np.zeros(3)) == [right, right]


@pytest.mark.parametrize("off, right", [(0.01, True), (0.02, False)])
def test_where_the_reference_itself_is_off_in_float32_others_may_be(off: float, right: bool) -> None:
    """Sixteen times the largest difference between its float32 and its float64: here 16 * 0.001."""
    low = RIGHT.copy()
    low[2] += 0.001
    expected = expect(QUESTION, SINGLE, seen(low, RIGHT, "float32"), seen(RIGHT, RIGHT, "float64"))
    shifted = RIGHT - off * np.eye(5)[0]
    value, _ = compare(QUESTION, SINGLE, seen(shifted, RIGHT, "float32"), expected)
    assert value.passed == right


def test_a_computation_in_float32_is_no_float64() -> None:
    rng = np.random.default_rng(0)
    for size in (5, 20, 100):
        array = rng.standard_normal(size)
        expected = expect(QUESTION, DOUBLE, seen(array, array, "float64"), seen(array, array, "float64"))
        rounded = array.astype("float32").astype("float64")
        assert not compare(QUESTION, DOUBLE, seen(rounded, array, "float64"), expected)[0].passed


def test_what_is_handed_out_of_a_float64_case_is_sharp_enough_for_it() -> None:
    """The file rounds; right code must still pass by what is read back from it."""
    rng = np.random.default_rng(1)
    for scale in (1.0, 1.9, 1e-3, 700.0):
        array = scale * rng.standard_normal(50)
        expected = expect(QUESTION, DOUBLE, seen(array, array, "float64"), seen(array, array, "float64"))
        kept = {part: ExpectedPart.from_tree(value.to_tree()) for part, value in expected.items()}
        assert all(finding.passed for finding in compare(QUESTION, DOUBLE, seen(array, array, "float64"), kept))
        tree = expected["value"].to_tree()
        assert tree["array"].dtype == np.float64 and np.abs(tree["array"] - array).max() < 2e-9 * np.abs(array).max()


NUMBERS = [
    (Output("number", np.asarray(7)), "int"),
    (Output("number", np.asarray(2.5)), "float"),
    (Output("number", np.asarray(True)), "bool"),
    (Output("tensor", np.asarray([1, 2], "int32")), "whole"),
    (Output("array", np.asarray(7)), "whole"),
    (Output("tensor", np.asarray(2.5, "float32")), "float32"),
]


def verdict(reference: Output, got: Output) -> str:
    """What is said of an output where the reference gives another."""
    question = Question("f", 1, (SINGLE,))
    right = Observation(outputs=(reference,))
    (finding,) = compare(question, SINGLE, Observation(outputs=(got,)), expect(question, SINGLE, right, right))
    return finding.message


@pytest.mark.parametrize("reference, kind", NUMBERS)
def test_what_is_promised_is_told_by_the_reference(reference: Output, kind: str) -> None:
    question = Question("f", 1, (SINGLE,))
    right = Observation(outputs=(reference,))
    assert expect(question, SINGLE, right, right)["value"].dtype == kind
    assert verdict(reference, reference) == ""


@pytest.mark.parametrize("reference, got, said", [
    (7, Output("tensor", np.asarray(7, "int32")), "a whole number (an int), but it is a tensor: int(...)"),
    (7, Output("number", np.asarray(7.0)), "a whole number (an int), but its type is float64"),
    (7, Output("array", np.asarray(7)), ""),
    (2.5, Output("tensor", np.asarray(2.5, "float32")), "a Python float, but it is a tensor: float(...)"),
    (2.5, Output("array", np.asarray(2.5, "float32")), ""),
    (2, Output("number", np.asarray(True)), "a whole number (an int), but its type is bool"),
    (True, Output("number", np.asarray(1)), "True or False, but its type is int64"),
    (True, Output("array", np.asarray(True)), ""),
])  # fmt: skip
def test_a_tensor_is_no_python_number_and_numpys_scalars_are_as_good(reference: object, got: Output, said: str) -> None:
    message = verdict(Output("number", np.asarray(reference)), got)
    assert said in message and bool(said) == bool(message)


def test_any_width_of_whole_numbers_will_do_but_no_fractions() -> None:
    labels = Output("tensor", np.asarray([1, 2], "int32"))
    assert verdict(labels, Output("tensor", np.asarray([1, 2], "int64"))) == ""
    assert "should hold whole numbers, but it is float32" in verdict(
        labels, Output("tensor", np.asarray([1, 2], "float32"))
    )
    assert "tensor or array of whole numbers of shape (2,)" in verdict(labels, Output("str"))


# A question's own tolerance, and functions without tensors


def one(value: object, kind: str = "number") -> Observation:
    """What a function shows that returns one value."""
    return Observation(outputs=(Output(kind, np.asarray(value)),))


def judged(right: object, got: object, kind: str = "number", tolerance: float = 0.0, case: Case = SINGLE) -> bool:
    """Whether one value passes where another is right."""
    question = Question("f", 1, (case,), tolerance=tolerance)
    expected = expect(question, case, one(right, kind), one(right, kind))
    stored = {part: ExpectedPart.from_tree(value.to_tree()) for part, value in expected.items()}  # as it is handed out
    found = [compare(question, case, one(got, kind), each)[0].passed for each in (expected, stored)]
    assert found[0] == found[1]
    return found[0]


@pytest.mark.parametrize("scale", [1e-40, 1e-12, 1.0, 1e5, 1e40])
@pytest.mark.parametrize("kind, right", [("number", 3.0), ("list", [3.0, 0.0, -1.0])])
def test_plain_numbers_of_any_size_are_told_from_wrong_ones(kind: str, right: object, scale: float) -> None:
    value = scale * np.asarray(right)
    assert judged(value, value * (1 + 1e-6), kind)
    assert not judged(value, value * (1 + 1e-4), kind)
    assert not judged(value, value * 0, kind)


def test_where_zero_is_expected_noise_passes_and_no_more() -> None:
    assert judged(0.0, 1e-9) and not judged(0.0, 1e-3)


def test_tensors_keep_their_floor() -> None:
    tensors = Case("with a tensor", public=True, x=np.zeros(3, np.float32))
    assert judged(1e-12, 2e-12, case=tensors), "32-bit arithmetic leaves more than that"


@pytest.mark.parametrize("kind, right, passes, fails", [
    ("number", 3.14, 3.15, 3.20), ("list", [1.0, 100.0], [0.5, 100.5], [1.0, 103.0]), ("number", 1000, 1009, 1020),
    ("list", [10, 500], [12, 500], [10, 511]), ("tensor", np.float32([2, 4]), np.float32([2.03, 4]), np.float32([2, 4.5])),
])  # fmt: skip
def test_a_questions_tolerance_widens(kind: str, right: object, passes: object, fails: object) -> None:
    assert judged(right, passes, kind, tolerance=0.01) and not judged(right, passes, kind)
    assert not judged(right, fails, kind, tolerance=0.01)


def test_a_tolerance_never_goes_below_rounding() -> None:
    right = np.float32([1.0, 3.0])
    assert judged(right, right * np.float32(1 + 4e-7), "tensor", tolerance=1e-12)


def test_no_tolerance_makes_false_true() -> None:
    assert judged(True, True, tolerance=0.9) and not judged(True, False, tolerance=0.9)


@pytest.mark.parametrize("tolerance", [-0.1, 1.0, 5.0, float("nan")])
def test_what_is_no_share_is_refused(tolerance: float) -> None:
    with pytest.raises(ValueError, match="share of the largest expected entry"):
        Question("f", 1, (SINGLE,), tolerance=tolerance)


def test_whole_numbers_that_float64_cannot_tell_apart_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot be told apart"):
        judged(2**53 + 1, 2**53 + 1)
    assert not judged(2**53 - 1, 2**53 - 2)


@pytest.mark.parametrize("right, kind, wrong, said", [
    ([1.0, 2.5], "list", ([1.0, 2.5], "tensor"), r"a list of floats, but it is a tensor: \.numpy\(\)\.tolist\(\) converts it"),
    ([1.0, 2.5], "list", (1.0, "number"), r"should have shape \(2,\), but it has shape \(\)"),
    ([1, 2], "list", ([1.0, 2.5], "list"), "a list of whole numbers, but its type is float64"),
    ([True, False], "list", ([1, 0], "list"), "a list of True and False, but its type is int64"),
    (np.float32([1, 2]), "tensor", ([1.0, 2.0], "list"), r"a float32 tensor of shape \(2,\), but it is a list"),
    (np.array([True, False]), "tensor", ([1, 0], "tensor"), "should hold True and False, but it is int64"),
    (np.array([True, False]), "tensor", (None, "NoneType"), "returned None"),
])  # fmt: skip
def test_lists_and_truths_are_told_in_their_words(
    right: object, kind: str, wrong: tuple[object, str], said: str
) -> None:
    question = Question("f", 1, (SINGLE,))
    expected = expect(question, SINGLE, one(right, kind), one(right, kind))
    assert compare(question, SINGLE, one(right, kind), expected)[0].passed
    array = None if wrong[0] is None else np.asarray(wrong[0])
    (found,) = compare(question, SINGLE, Observation(outputs=(Output(wrong[1], array),)), expected)
    assert not found.passed and re.search(said, found.message), found.message


def test_a_list_of_something_else_is_told() -> None:
    question = Question("f", 1, (SINGLE, Case("hidden", x=0)))
    expected = expect(question, SINGLE, one([1.0, 2.5], "list"), one([1.0, 2.5], "list"))
    tensors = Observation(
        structure="list", outputs=(Output("tensor", np.float32(1)), Output("number", np.asarray(2.5)))
    )
    said = [compare(question, case, tensors, expected)[0].message for case in question.cases]
    assert (
        said[0].startswith("f should return a list of floats, but it has entries of the type tensor.")
        and "tensor" not in said[1]
    )


@pytest.mark.parametrize("single, said", [
    (Observation(failure=Failure("ValueError", "no such axis", "cell 2, line 3: y")),
     "the reference raised ValueError: no such axis (cell 2, line 3: y)"),
    (Observation(structure="list", outputs=(Output("tensor", RIGHT),) * 3), "returns a list of 3; name the values in `returns`"),
    (Observation(outputs=(Output("int beyond 64 bits"),)), "returns int beyond 64 bits, which has no numbers to compare"),
    (Observation(outputs=(Output("tensor", RIGHT),), gradients={"x": None}), "no gradient there: its path to the result is cut"),
    (Observation(outputs=(Output("tensor", RIGHT),), gradient_failure=Failure("LookupError", "no gradient defined")),
     "differentiating the reference raised LookupError: no gradient defined"),
])  # fmt: skip
def test_a_reference_without_numbers_is_told_in_words(single: Observation, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)) as raised:
        expect(QUESTION, SINGLE, single, single)
    assert "'single'" in str(raised.value) and "Failure(" not in str(raised.value)
