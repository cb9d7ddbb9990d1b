from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.grader.causes import cause

RNG = np.random.default_rng(1)
IMAGE = RNG.standard_normal((2, 5, 6, 3))
MATRIX = RNG.standard_normal((4, 5))
VECTOR = RNG.standard_normal(7)
TOLERANCE = 1e-5


def changed(array: np.ndarray, *where: Any) -> np.ndarray:
    array = array.copy()
    for index in where:
        array[index] += 1
    return array


CAUSES = [
    (0 * IMAGE, IMAGE, "Every entry is zero."),
    (-IMAGE, IMAGE, "Every entry has the wrong sign."),
    (12 * IMAGE, IMAGE, "Every entry is 12 times too large."),
    (IMAGE / 9, IMAGE, "Every entry is 9 times too small."),
    (-2 * VECTOR, VECTOR, "Every entry is 2 times too large and has the wrong sign."),
    (IMAGE + 0.25, IMAGE, "too large by the same amount, 0.25."),
    (IMAGE - 0.25, IMAGE, "too small by the same amount, 0.25."),
    (np.transpose(MATRIX[:4, :4]), MATRIX[:4, :4], "axes [0, 1] are swapped"),
    (np.transpose(IMAGE[:, :5, :5], (0, 2, 1, 3)), IMAGE[:, :5, :5], "axes [1, 2] are swapped"),
    (IMAGE[:, ::-1, ::-1], IMAGE, "in reverse order along axes [1, 2]"),
    (IMAGE[:, ::-1], IMAGE, "in reverse order along axes [1]"),
    (IMAGE[:, :, ::-1], IMAGE, "in reverse order along axes [2]"),
    (VECTOR[::-1], VECTOR, "in reverse order along axes [0]"),
    (MATRIX[::-1, ::-1], MATRIX, "in reverse order along axes [0, 1]"),
    (np.roll(IMAGE, 1, 1), IMAGE, "shifted by one along axis 1"),
    (np.roll(IMAGE, -1, 2), IMAGE, "shifted by one along axis 2"),
    (np.roll(VECTOR, 1), VECTOR, "shifted by one along axis 0"),
    (changed(IMAGE, np.s_[:, 0]), IMAGE, "Only entries at the ends are wrong: the first along axis 1."),
    (changed(IMAGE, np.s_[:, 0, 1:-1]), IMAGE, "Only entries at the ends are wrong: the first along axis 1."),
    (
        changed(IMAGE, np.s_[:, -1, 1:-1], np.s_[:, 1:-1, -1]),
        IMAGE,
        "Only entries at the ends are wrong: the last along axis 1 and the last along axis 2.",
    ),
    (changed(IMAGE, np.s_[:, 0, 0]), IMAGE, "Only entries at the ends are wrong: the corners."),
    (changed(MATRIX, 0, -1), MATRIX, "the first along axis 0 and the last along axis 0."),
    (changed(MATRIX, 0, 2), MATRIX, "Along axis 0, the indices 1, 3 are right; the others are not."),
    (changed(IMAGE, np.s_[:, 0, 3]), IMAGE, "Only entries at the ends are wrong: the first along axis 1."),
    (IMAGE * [1, 2, 1], IMAGE, "Along the last axis, the indices 0, 2 are right; the others are not."),
    (changed(IMAGE, np.s_[0, 2, 2]), IMAGE, "Along axis 0, index 1 is right; the others are not."),
    (changed(VECTOR, 3), VECTOR, "Along axis 0, the indices 0, 1, 2, 4, 5, 6 are right; the others are not."),
]


@pytest.mark.parametrize("got, expected, said", CAUSES)
def test_every_cause_is_told(got: np.ndarray, expected: np.ndarray, said: str) -> None:
    assert said in cause(got, expected, TOLERANCE)


@pytest.mark.parametrize("got, expected, said", CAUSES)
def test_a_cause_is_not_told_of_something_else(got: np.ndarray, expected: np.ndarray, said: str) -> None:
    """With noise on every entry, none of the causes explains the difference any more."""
    noise = RNG.uniform(0.5, 1.5, got.shape) * RNG.choice([-1, 1], got.shape)
    assert cause(got + noise, expected, TOLERANCE) == ""


@pytest.mark.parametrize(
    "expected", [IMAGE, MATRIX, VECTOR, RNG.standard_normal((2, 3, 4)), RNG.standard_normal((1, 1, 1, 4))]
)
def test_an_unrelated_array_has_no_cause(expected: np.ndarray) -> None:
    assert cause(np.random.default_rng(5).standard_normal(expected.shape), expected, TOLERANCE) == ""


def test_a_cause_needs_more_than_one_number_or_something_to_explain() -> None:
    assert cause(np.full((), 6.0), np.full((), 3.0), TOLERANCE) == ""  # everything is a factor of one number
    assert cause(np.ones((2, 2)), np.zeros((2, 2)), TOLERANCE) == ""
    assert cause(np.zeros((0, 3)), np.zeros((0, 3)), TOLERANCE) == ""
    assert cause(np.full((), -3.0), np.full((), 3.0), TOLERANCE) == "It has the wrong sign."


def test_what_a_few_numbers_have_in_common_by_chance_is_not_told() -> None:
    assert cause(np.full(6, 0.25), np.full(6, 1.0), TOLERANCE) == ""  # a factor and an offset both fit
    assert cause(np.array([0.0, 0, 6]), np.array([6.0, 0, 0]), TOLERANCE) == ""
    assert "same amount, 2" in cause(VECTOR + 2, VECTOR, TOLERANCE)
    assert "reverse order" in cause(VECTOR[::-1].copy(), VECTOR, TOLERANCE)


def test_which_of_three_numbers_are_right_is_not_worth_a_sentence() -> None:
    assert cause(changed(VECTOR[:3], 1, 2), VECTOR[:3], TOLERANCE) == ""
    assert "index 0 is right" in cause(changed(VECTOR[:4], 1, 2, 2, 3), VECTOR[:4], TOLERANCE)


def test_a_single_number_is_no_factor_of_a_whole_array() -> None:
    """Max pooling that overwrites: 4 for 10 in one entry, 0 for 0 in the others, is not "every entry 2.5 times too small"."""
    for expected in (np.diag([0, 10.0, 0]), np.array([1.5, -1.5])):
        assert "times" not in cause(0.4 * expected, expected, TOLERANCE)


def test_of_a_single_number_only_a_wrong_sign_is_said() -> None:
    """The two numbers are told beside it: 0.0003 is not "zero", and -1 for 1 is as often a yes for a no."""
    assert cause(np.array(0.0), np.array(1.5), TOLERANCE) == cause(np.array(3e-7), np.array(51.9), TOLERANCE) == ""
    assert cause(np.array(-1.0), np.array(1.0), TOLERANCE) == ""
    assert cause(np.array(-1.5), np.array(1.5), TOLERANCE) == "It has the wrong sign."


def test_what_is_small_is_not_called_zero() -> None:
    assert cause(0 * VECTOR, VECTOR, TOLERANCE) == "Every entry is zero."
    assert "zero" not in cause(VECTOR * 1e-9, VECTOR, TOLERANCE)


def test_a_count_is_asked_for_only_where_the_factor_is_one() -> None:
    assert "count" in cause(VECTOR / 12, VECTOR, TOLERANCE)
    assert cause(np.sqrt(2) * VECTOR, VECTOR, TOLERANCE) == "Every entry is 1.414 times too large."


def test_one_line_that_agrees_by_chance_is_no_shift() -> None:
    expected = np.array([[1.0, 5, 2], [3, 6, 4]])
    got = np.array([[5.0, 9, 8], [6, 7, 7]])  # the only column between the ends stands one further left
    assert "shifted" not in cause(got, expected, TOLERANCE)


def test_one_right_line_between_two_wrong_ones_makes_no_border() -> None:
    small = IMAGE[:1, :3, :3, :1]
    assert "ends" in cause(changed(small, np.s_[:, 0]), small, TOLERANCE)
    assert "ends" not in cause(changed(small, np.s_[:, 0], np.s_[:, 2]), small, TOLERANCE)


def test_a_border_on_flat_ground_is_no_shift() -> None:
    """Where the inside is the same everywhere, a shift cannot be told from none."""
    flat = np.ones((1, 6, 6, 1))
    assert "the first along axis 1" in cause(changed(flat, np.s_[:, 0]), flat, TOLERANCE)


def test_what_rounding_leaves_is_no_amount() -> None:
    """A mean difference far below the tolerance was told as "too small by the same amount, 6.568e-09"."""
    noise = np.random.default_rng(3).uniform(-1.9, 1.9, VECTOR.shape) * TOLERANCE
    told = cause(VECTOR + noise, VECTOR, TOLERANCE)
    assert told.startswith("It is nearly right") and "amount" not in told
    uneven = VECTOR + 1.5 * TOLERANCE + noise
    assert np.abs(uneven - VECTOR).max() > 2 * TOLERANCE and "amount" not in cause(uneven, VECTOR, TOLERANCE)
    assert "too large by the same amount, 0.0003" in cause(VECTOR + 30 * TOLERANCE, VECTOR, TOLERANCE)


def test_few_digits_are_told_from_a_wrong_formula() -> None:
    rough = np.random.default_rng(4).uniform(-1, 1, MATRIX.shape) * 5e-5
    assert "too few digits" in cause(MATRIX + rough, MATRIX, TOLERANCE)
    assert "too few digits" not in cause(MATRIX + 100 * rough, MATRIX, TOLERANCE)


def test_rounding_does_not_hide_a_cause() -> None:
    rounded = (-IMAGE).astype("float32").astype("float64")
    assert cause(rounded, IMAGE, TOLERANCE) == "Every entry has the wrong sign."


@given(
    hnp.arrays(
        "float64", hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4), elements=st.floats(-1e6, 1e6)
    ),
    st.data(),
)
def test_any_arrays_have_a_cause_or_none(got: np.ndarray, data: st.DataObject) -> None:
    expected = data.draw(hnp.arrays("float64", got.shape, elements=st.floats(-1e6, 1e6)))
    with np.errstate(all="ignore"):
        assert isinstance(cause(got, expected, TOLERANCE), str)


@pytest.mark.parametrize("got, expected, said", CAUSES)
def test_of_a_hidden_case_no_number_is_told(got: np.ndarray, expected: np.ndarray, said: str) -> None:
    """A factor, an offset or a list of indices could be chosen so that it carries the hidden inputs."""
    told = cause(got, expected, TOLERANCE, numbers=False)
    digits = told.replace("axis 0", "").replace("axis 1", "").replace("axis 2", "")
    assert not any(c.isdigit() for c in digits.partition("axes [")[0]), told


def test_one_row_that_agrees_by_chance_is_no_shift() -> None:
    got = np.random.default_rng(6).standard_normal(MATRIX.shape)
    got[0] = MATRIX[1]
    assert cause(got, MATRIX, TOLERANCE) == ""


@pytest.mark.filterwarnings("error")
def test_numbers_that_have_nothing_to_do_with_the_expected_ones_are_compared_without_a_warning() -> None:
    assert "times" not in cause(np.array([2.0, -1.0]), np.array([1.0, 2.0]), TOLERANCE)
