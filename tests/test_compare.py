from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from autograder.border.observation import TOLD, Failure, Observation, Output
from autograder.grader.compare import Finding, compare, picture, signs_of
from autograder.grader.expected import Expected, ExpectedPart, expect
from autograder.grader.messages import gap
from autograder.question import Ban, Case, Question, Rung

CASE, HIDDEN = Case("a case", public=True, x=0, w=0), Case("another", x=0, w=0)
BAN = Ban(("Conv2D",), ("conv2d",), "tf.einsum")
ONE = Question("f", 4, (CASE,), wrt=("x", "w"), ban=BAN)
TWO = Question("g", 4, (CASE,), returns=("mean", "count"))

RNG = np.random.default_rng(0)
VALUE = RNG.standard_normal((2, 5, 6, 3))
DX, DW = RNG.standard_normal((2, 7, 8, 3)), RNG.standard_normal((3, 2))


def tensor(array: Any, dtype: str = "float32") -> Output:
    return Output("tensor", np.asarray(array, dtype))


def one(value: Output | None = None, **changed: Any) -> Observation:
    gradients = {"x": tensor(DX), "w": tensor(DW)}
    seen = Observation(outputs=(value or tensor(VALUE),), gradients=gradients)
    return replace(seen, **changed)


def two(mean: Any = 1.5, count: Any = 7, **changed: Any) -> Observation:
    return replace(Observation(structure="tuple", outputs=(tensor(mean), tensor(count, "int32"))), **changed)


EXPECTED = expect(
    ONE, CASE, one(), one(tensor(VALUE, "float64"), gradients={"x": tensor(DX, "float64"), "w": tensor(DW, "float64")})
)
EXPECTED_TWO = expect(TWO, CASE, two(), two())


def rungs(seen: Observation, question: Question = ONE, expected: Expected | None = None) -> list[str]:
    findings = compare(question, CASE, seen, expected or (EXPECTED if question is ONE else EXPECTED_TWO))
    assert [f.part for f in findings] == list(question.parts)
    assert all(bool(f.message) is not f.passed for f in findings)
    return [f.miss for f in findings]


def first(seen: Observation, question: Question = ONE, public: bool = True) -> Finding:
    findings = compare(question, CASE if public else HIDDEN, seen, EXPECTED if question is ONE else EXPECTED_TWO)
    return next(f for f in findings if not f.passed)


# The ladder


def test_what_is_right_passes() -> None:
    assert rungs(one()) == ["", "", ""]
    assert rungs(two(), TWO) == ["", ""]
    assert rungs(replace(two(), structure="list"), TWO) == ["", ""]
    assert rungs(replace(two(), structure="Stats"), TWO) == ["", ""]  # a named tuple


@pytest.mark.parametrize("failure, rung, said", [
    (Failure("NotImplementedError", ""), "defined", "not attempted yet"),
    (Failure("NotImplementedError", "__add__"), "defined", r"f\.__add__ is not written yet"),
    (Failure(TOLD, "double(2) should be 4.", ""), "structure", r"^double\(2\) should be 4\.$"),
    (Failure("Leftover", "f"), "ran", "f still holds the line `raise NotImplementedError"),
    (Failure("MemoryError", "Unable to allocate"), "ran", "needs more memory"),
    (Failure("ResourceExhaustedError", "OOM"), "ran", "needs more memory"),
    (Failure("TypeError", "f() got an unexpected keyword argument 'x'"), "ran", "Keep the parameter names"),
    (Failure("SystemExit", ""), "ran", r"take out exit\(\)"),
    (Failure("ValueError", "bad shape", "cell 3, line 2: y"), "ran", r"ValueError: bad shape. \(cell 3, line 2: y\)"),
    (Failure("KeyError", ""), "ran", "raised KeyError."),
    (Failure("ValueError", "x" * 1000), "ran", r"xxx \.\.\.$"),
])  # fmt: skip
def test_an_exception_fails_every_part(failure: Failure, rung: str, said: str) -> None:
    seen = Observation(failure=failure)
    assert rungs(seen) == [rung] * 3
    assert re.search(said, first(seen).message)


def test_of_a_hidden_case_one_banned_name_is_told() -> None:
    """A worker may say any of them: the choice could hold the hidden inputs."""
    found = compare(replace(ONE, cases=(CASE, HIDDEN)), HIDDEN, one(banned=("Conv2D", "conv2d")), {})
    assert all(f.miss == "allowed" and "Conv2D" in f.message and "conv2d" not in f.message for f in found)


def test_a_banned_operation_fails_every_part_and_names_the_way_out() -> None:
    seen = one(banned=("Conv2D", "conv2d"))
    assert rungs(seen) == ["allowed"] * 3
    assert "uses Conv2D and conv2d. Use tf.einsum instead" in first(seen).message


def test_a_changed_argument_fails_every_part() -> None:
    seen = one(changed=("x", "forged"))
    assert rungs(seen) == ["structure"] * 3
    assert "changes its argument x in place" in first(seen).message


def test_none_is_told_from_other_structures() -> None:
    seen = one(Output("NoneType"), gradients={"x": None, "w": None})
    assert rungs(seen) == ["structure"] * 3
    assert "returned None. Is the `return` missing" in first(seen).message


@pytest.mark.parametrize("structure", ["tuple", "list", "dict"])
def test_several_values_in_place_of_one_are_refused(structure: str) -> None:
    seen = Observation(structure=structure, outputs=(tensor(VALUE), tensor(VALUE)))
    assert rungs(seen) == ["structure"] * 3
    assert f"should return one value, but it returned a {structure} of 2" in first(seen).message


@pytest.mark.parametrize("seen, came", [
    (Observation(outputs=(tensor(1.5),)), "one value"),
    (Observation(outputs=(Output("NoneType"),)), "None (is the `return` missing?)"),
    (Observation(structure="tuple"), "a tuple of 0"),
    (Observation(structure="tuple", outputs=(tensor(1.5),) * 3), "a tuple of 3"),
    (Observation(structure="dict", outputs=(tensor(1.5), tensor(7, "int32"))), "a dict of 2"),
])  # fmt: skip
def test_another_number_of_values_is_refused(seen: Observation, came: str) -> None:
    assert rungs(seen, TWO) == ["structure"] * 2
    assert f"(mean, count) in this order, but it returned {came}" in first(seen, TWO).message


def test_what_is_no_array_is_named() -> None:
    seen = one(Output("str"))
    assert rungs(seen) == ["structure", "gradient", "gradient"]
    assert first(seen).message == "The value should be a float32 tensor of shape (2, 5, 6, 3), but it is a str."
    assert (
        "should be a tensor or array of whole numbers of shape (), but it is a str"
        in first(Observation(structure="tuple", outputs=(tensor(1.5), Output("str"))), TWO).message
    )


@pytest.mark.parametrize("shape, said", [
    ((2, 6, 5, 3), "two axes are swapped"),
    ((2, 5, 18), "a reshape, squeeze or expand_dims is missing"),
    ((1, 2, 5, 6, 3), "a reshape, squeeze or expand_dims is missing"),
    ((2, 4, 5, 3), "Along axes 1 and 2 it has one entry too few."),
    ((2, 6, 7, 3), "Along axes 1 and 2 it has one entry too many."),
    ((2, 5, 7, 3), "Along axis 2 it has one entry too many."),
    ((2, 4, 7, 3), "but it has shape (2, 4, 7, 3)."),
    ((2, 5, 6), "It has too few axes"),
    ((2, 5, 6, 3, 2), "It has too many axes"),
    ((2, 9, 9, 3), r"but it has shape (2, 9, 9, 3)."),
    ((), "It has too few axes"),
    ((0, 5, 6, 3), "It is empty: "),
    ((2, 4, 0, 3), "a slice like [p:-p] hold nothing, because p is 0?"),
])  # fmt: skip
def test_a_wrong_shape_is_told_with_its_likely_cause(shape: tuple[int, ...], said: str) -> None:
    seen = one(tensor(np.zeros(shape)))
    assert rungs(seen) == ["shape", "gradient", "gradient"]
    assert "should have shape (2, 5, 6, 3)" in first(seen).message and said in first(seen).message


def test_broadcasting_does_not_make_a_wrong_shape_right() -> None:
    question = Question("f", 1, (CASE,))
    constant = Observation(outputs=(tensor(np.full((2, 3), 4.0)),))
    expected = expect(question, CASE, constant, constant)
    assert rungs(constant, question, expected) == [""]
    for shape in ((), (1,), (3,), (1, 3), (2, 1), (1, 2, 3)):
        assert rungs(Observation(outputs=(tensor(np.full(shape, 4.0)),)), question, expected) == ["shape"]


@pytest.mark.parametrize("dtype, said", [
    ("float64", "double precision"), ("float16", "Keep the dtype"), ("int32", "Keep the dtype"), ("bool", "Keep the dtype"),
])  # fmt: skip
def test_a_wrong_dtype_is_told_with_its_likely_cause(dtype: str, said: str) -> None:
    seen = one(tensor(VALUE, dtype))
    assert rungs(seen) == ["dtype", "gradient", "gradient"]
    (told, *_) = compare(ONE, CASE.with_arguments({"x": DX.astype("float32"), "w": 0}), seen, EXPECTED)
    assert f"should be float32 like the input, but it is {dtype}" in told.message and said in told.message


def test_the_input_is_named_only_where_it_has_that_dtype() -> None:
    seen = one(tensor(VALUE, "float64"))
    for given in (3, "VALID", [1.0, 2.0], DX.astype("float64"), np.arange(3)):
        (told, *_) = compare(ONE, CASE.with_arguments({"x": given, "w": 0}), seen, EXPECTED)
        assert "should be float32, but it is float64. " in told.message and "input" not in told.message
    (told, *_) = compare(ONE, CASE.with_arguments({"x": [(DX.astype("float32"),)], "w": 0}), seen, EXPECTED)
    assert "float32 like the input" in told.message


@pytest.mark.parametrize("name, said", [("output", "The output differs"), ("dx", "The output dx differs")])
def test_no_name_is_doubled(name: str, said: str) -> None:
    question = Question("f", 2, (CASE,), returns=(name, "weights"))
    right = Observation(structure="tuple", outputs=(tensor([1.5, 2]), tensor([4, 5])))
    wrong = replace(right, outputs=(tensor([9, 1]), right.outputs[1]))
    (told, *_) = compare(question, CASE, wrong, expect(question, CASE, right, right))
    assert told.message.startswith(said)


def test_a_python_number_has_no_precision_to_get_wrong() -> None:
    number = Output("number", np.asarray(1.5))
    assert rungs(Observation(structure="tuple", outputs=(number, Output("number", np.asarray(7)))), TWO) == ["", ""]
    wrong = Output("number", np.asarray(True))
    assert rungs(Observation(structure="tuple", outputs=(wrong, tensor(7, "int64"))), TWO) == ["dtype", ""]


def test_a_numpy_scalar_in_double_precision_is_refused() -> None:
    """An array that calls itself a number is none either."""
    for kind, array in (("array", np.asarray(1.5)), ("number", np.full(1, 1.5))):
        expected = EXPECTED_TWO | {"mean": ExpectedPart(array.astype("float64"), "float32", 1e-5)}
        assert rungs(
            Observation(structure="tuple", outputs=(Output(kind, array), tensor(7, "int32"))), TWO, expected
        ) == ["dtype", ""]


def test_whole_numbers_are_whole_and_exact() -> None:
    for right in (tensor(7, "int32"), tensor(7, "int64"), tensor(7, "uint8"), Output("number", np.asarray(7))):
        assert rungs(Observation(structure="tuple", outputs=(tensor(1.5), right)), TWO) == ["", ""]
    for wrong, rung in (
        (tensor(8, "int32"), "value"),
        (tensor(7.0), "dtype"),
        (Output("number", np.asarray(7.0)), "dtype"),
    ):
        assert rungs(Observation(structure="tuple", outputs=(tensor(1.5), wrong)), TWO) == ["", rung]
    real = first(Observation(structure="tuple", outputs=(tensor(1.5), tensor(7.0))), TWO).message
    assert "should hold whole numbers, but it is float32" in real


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_counted(bad: float) -> None:
    array = VALUE.astype("float32")
    array[0, 0, 0, :2] = bad
    seen = one(tensor(array))
    assert rungs(seen) == ["finite", "", ""]
    assert "2 of 180 entries that are NaN or infinite" in first(seen).message


def test_a_wrong_value_is_told_where_it_is_worst() -> None:
    array = VALUE.astype("float32")
    array[1, 2, 3, 0] += 5
    finding = first(one(tensor(array)))
    assert (finding.part, finding.miss) == ("value", "value")
    for said in ("in 1 of 180 entries", "[1, 2, 3, 0]", f"{VALUE[1, 2, 3, 0]:.6g}", f"{array[1, 2, 3, 0]:.6g}"):
        assert said in finding.message


def test_numbers_that_differ_late_are_shown_with_enough_digits() -> None:
    """Never "expected 0.963045, got 0.963045": in float64 the difference may stand behind the sixth digit."""
    one_, other = np.array([0.963045123456]), np.array([0.963045139])
    said = gap(other, one_, np.abs(other - one_), np.array([True]), public=True)
    assert said.endswith("xpected 0.963045123, got 0.963045139.")


def test_a_hidden_case_shows_no_numbers_of_its_arrays() -> None:
    array = VALUE.astype("float32")
    array[1, 2, 3, 0] += 5
    message = first(one(tensor(array)), public=False).message
    assert message == "The value differs from the expected one."


CARRIERS = [
    one(tensor(np.zeros((2, 42, 6, 3)))),
    one(tensor(np.where(VALUE > 1, np.nan, VALUE))),
    one(tensor(42 * VALUE)),
    one(tensor(VALUE + 42)),
    one(Output("a42")),
    Observation(structure="a42", outputs=(tensor(VALUE),) * 2),
    Observation(structure="tuple", outputs=(tensor(VALUE),) * 4),
    Observation(failure=Failure("a42", "42")),
    Observation(failure=Failure("ValueError", "a42")),
    Observation(failure=Failure("Unfinished", "a42")),
    Observation(failure=Failure("Leftover", "a42")),
    Observation(failure=Failure("NoModel", "a42")),
    Observation(outputs=(tensor(VALUE),), gradient_failure=Failure("ValueError", "a42")),
    one(banned=("a42",)),
    one(changed=("a42",)),
]


@pytest.mark.parametrize("seen", CARRIERS)
def test_of_a_hidden_case_nothing_is_told_that_the_submission_chose(seen: Observation) -> None:
    """Texts, type names, shapes, counts and numbers could carry the hidden inputs."""
    findings = compare(ONE, HIDDEN, seen, EXPECTED)
    said = " ".join(finding.message for finding in findings)
    assert "42" not in said and not re.search(r"\d", said.replace("float32", "").replace("float64", "")), said
    if seen.failure or seen.gradient_failure:
        failure = seen.failure or seen.gradient_failure
        assert failure
        heard = compare(ONE, HIDDEN, seen, EXPECTED, [(failure.kind, failure.message)])
        assert any("42" in finding.message for finding in heard), "a public case said the same"


def test_values_and_gradients_are_judged_apart() -> None:
    assert rungs(one(tensor(VALUE + 1))) == ["value", "", ""]
    assert rungs(one(gradients={"x": tensor(-DX), "w": tensor(DW)})) == ["", "value", ""]
    assert rungs(one(gradients={"x": tensor(DX), "w": tensor(DW[:2])})) == ["", "", "shape"]
    assert rungs(one(gradients={"x": tensor(DX, "float64"), "w": tensor(DW)})) == ["", "dtype", ""]
    assert rungs(one(gradients={"x": tensor(DX * np.nan), "w": tensor(DW)})) == ["", "finite", ""]
    assert rungs(one(gradients={"x": Output("str"), "w": tensor(DW)})) == ["", "structure", ""]


def test_a_cut_gradient_is_told_from_a_numpy_result() -> None:
    for gradients in ({"x": None, "w": tensor(DW)}, {"w": tensor(DW)}):
        seen = one(gradients=gradients)
        assert rungs(seen) == ["", "gradient", ""]
        assert "There is no gradient wrt x" in first(seen).message and "tf.stop_gradient" in first(seen).message
    seen = one(Output("array", VALUE.astype("float32")), gradients={"x": None, "w": None})
    assert rungs(seen) == ["", "gradient", "gradient"]
    assert "The result is a NumPy value" in first(seen).message


def test_gradients_of_zeros_do_not_pass() -> None:
    assert rungs(one(gradients={"x": tensor(0 * DX), "w": tensor(0 * DW)})) == ["", "value", "value"]
    assert "Every entry is zero" in first(one(gradients={"x": tensor(0 * DX), "w": tensor(DW)})).message


def test_an_exception_while_differentiating_costs_the_gradients() -> None:
    seen = one(gradients={}, gradient_failure=Failure("LookupError", "no gradient", "cell 2, line 1: f"))
    assert rungs(seen) == ["", "gradient", "gradient"]
    assert "Differentiating your function raised LookupError: no gradient. (cell 2, line 1: f)" in first(seen).message


# Tolerances


@pytest.mark.parametrize("seed", range(40))
def test_right_float32_code_in_another_order_passes_and_a_thousandth_does_not(seed: int) -> None:
    """A convolution as im2col, summed in three orders, with scales from tiny to large."""
    rng = np.random.default_rng(seed)
    scale = 10.0 ** rng.integers(-3, 4)
    x = (scale * rng.standard_normal((20, 27))).astype("float32")
    w = rng.standard_normal((27, 8)).astype("float32")
    question = Question("f", 1, (CASE,))
    single = Observation(outputs=(tensor(x @ w),))
    double = Observation(outputs=(tensor(x.astype("float64") @ w, "float64"),))
    expected = expect(question, CASE, single, double)

    order = rng.permutation(27)
    backwards, one_by_one = x[:, order] @ w[order], np.zeros((20, 8), "float32")
    for i in range(27):
        one_by_one += np.outer(x[:, i], w[i])
    for right in (x @ w, backwards, one_by_one, x[:, :13] @ w[:13] + x[:, 13:] @ w[13:]):
        assert right.dtype == np.float32
        assert rungs(Observation(outputs=(tensor(right),)), question, expected) == [""]

    value = x @ w
    largest = np.abs(value) == np.abs(value).max()
    for wrong in (value * 1.001, np.where(largest, value * 1.001, value), value + 0.001 * np.abs(value).max()):
        assert rungs(Observation(outputs=(tensor(wrong),)), question, expected) == ["value"]
    part = expected["value"]
    assert rungs(
        Observation(outputs=(tensor(value),)), question, {"value": ExpectedPart.from_tree(part.to_tree())}
    ) == [""]


def test_the_tolerance_follows_the_references_own_spread() -> None:
    """Where float32 itself is bad, e.g. after a cancellation, what is right is allowed to be as bad."""
    question = Question("f", 1, (CASE,))
    exact = np.array([1.0, 2.0])
    calm = expect(
        question, CASE, Observation(outputs=(tensor(exact),)), Observation(outputs=(tensor(exact, "float64"),))
    )
    rough = expect(
        question, CASE, Observation(outputs=(tensor(exact + 1e-3),)), Observation(outputs=(tensor(exact, "float64"),))
    )
    seen = Observation(outputs=(tensor(exact - 2e-3),))
    assert rungs(seen, question, calm) == ["value"]
    assert rungs(seen, question, rough) == [""]


def test_a_reference_that_gives_nothing_is_no_reference() -> None:
    whole = one()
    for broken in (
        Observation(failure=Failure("E", "m")),
        one(Output("str")),
        one(gradients={"x": None, "w": tensor(DW)}),
        one(tensor(VALUE * np.nan)),  # with a tolerance of NaN, everything would pass
        one(tensor(np.where(VALUE > 2, np.inf, VALUE))),
        one(tensor(VALUE[:, :1])),
    ):
        for single, double in ((broken, whole), (whole, broken)):
            with pytest.raises(ValueError):
                expect(ONE, CASE, single, double)


def test_expected_parts_survive_the_file_and_large_whole_numbers_stay_exact() -> None:
    part = ExpectedPart.from_tree(EXPECTED["value"].to_tree())
    assert part.dtype == "float32" and part.array.dtype == np.float64
    assert np.abs(part.array - VALUE).max() < 1e-7 * np.abs(VALUE).max()
    for count in (16_777_217, 105_415_201):  # more than float32 can tell apart
        seen = two(count=count)
        expected = {name: ExpectedPart.from_tree(p.to_tree()) for name, p in expect(TWO, CASE, seen, seen).items()}
        assert rungs(seen, TWO, expected) == ["", ""]
        assert rungs(two(count=count + 1), TWO, expected) == ["", "value"]


# The picture


def test_the_picture_shows_height_and_width_of_images() -> None:
    difference = np.zeros((2, 5, 6, 3))
    difference[1, 2, 3, 1], difference[0, 4, 5, 0] = 4.0, 1.0
    shown = np.array(picture(difference, 0.1))
    assert shown.shape == (5, 6) and shown[2, 3] == 1 and shown[4, 5] == 0.25 and (shown > 0).sum() == 2


@pytest.mark.parametrize("shape, grid", [
    ((7,), (1, 7)), ((3, 4), (3, 4)), ((2, 3, 4), (3, 4)), ((2, 1, 1, 5), (2, 1)), ((1, 1, 1, 5), (1, 5)), ((3, 2, 1, 4), (3, 2)), ((2, 3, 4, 5, 6), (5, 6)), ((), (1, 1)),
    ((40, 50), (32, 32)),
])  # fmt: skip
def test_the_picture_of_other_ranks(shape: tuple[int, ...], grid: tuple[int, int]) -> None:
    shown = picture(np.ones(shape), 0.1)
    assert (len(shown), len(shown[0])) == grid
    assert all(value == 1 for row in shown for value in row)


def test_right_entries_stay_blank_however_close_to_the_tolerance() -> None:
    assert picture(np.array([[0.09, 0.2]]), 0.1) == ((0.0, 1.0),)


def test_only_a_wrong_value_has_a_picture() -> None:
    assert first(one(tensor(VALUE + 1))).picture
    assert not first(one(tensor(VALUE, "float64"))).picture


# Rungs


RUNG = Rung("one number", x=np.ones(1, "float32"))
CLIMBED = Question("f", 4, (CASE, HIDDEN), wrt=("x", "w"), ban=BAN, ladder=(RUNG,))


def test_of_a_rung_the_outputs_alone_are_expected_and_compared() -> None:
    seen = Observation(outputs=(tensor(VALUE),))
    expected = expect(CLIMBED, RUNG, seen, Observation(outputs=(tensor(VALUE, "float64"),)))
    assert list(expected) == ["value"]
    assert compare(CLIMBED, RUNG, seen, expected) == [Finding("value")]
    (wrong,) = compare(CLIMBED, RUNG, Observation(outputs=(tensor(-VALUE),)), expected)
    assert (wrong.miss, wrong.passed) == ("value", False) and "xpected " in wrong.message
    assert list(signs_of(CLIMBED, RUNG, seen)) == ["value"]


@pytest.mark.parametrize("seen, rung", [
    (Observation(failure=Failure("ValueError", "no")), "ran"),
    (Observation(outputs=(tensor(VALUE),), banned=("Conv2D",)), "allowed"),
    (Observation(outputs=(tensor(VALUE),), changed=("x",)), "structure"),
    (Observation(outputs=(Output("NoneType"),)), "structure"),
])  # fmt: skip
def test_what_fails_every_part_of_a_rung_fails_one(seen: Observation, rung: str) -> None:
    assert [(f.part, f.miss) for f in compare(CLIMBED, RUNG, seen, {})] == [("value", rung)]
    assert [f.miss for f in compare(CLIMBED, CASE, seen, EXPECTED)] == [rung] * 3
