from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.border.observation import Failure, Observation, Output
from autograder.grader.diagnose import Sign, agrees, cause, name_mistakes, signs

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
    (12 * IMAGE, IMAGE, "Every entry is 12 times too large"),
    (IMAGE / 9, IMAGE, "Every entry is 1/9 times too large"),
    (-2 * VECTOR, VECTOR, "Every entry is -2 times too large"),
    (IMAGE + 0.25, IMAGE, "off by the same amount, 0.25."),
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
    (changed(IMAGE, np.s_[:, 0]), IMAGE, "wrong at the border (top)"),
    (changed(IMAGE, np.s_[:, 0, 1:-1]), IMAGE, "wrong at the border (top)"),
    (changed(IMAGE, np.s_[:, -1, 1:-1], np.s_[:, 1:-1, -1]), IMAGE, "wrong at the border (bottom, right)"),
    (changed(IMAGE, np.s_[:, 0, 0]), IMAGE, "wrong at the border (corners)"),
    (IMAGE * [1, 1, 2], IMAGE, "Channels [0, 1] are right, the others are not."),
    (changed(IMAGE, np.s_[0, 2, 2]), IMAGE, "Only some entries along axis 0 are right ([1])."),
    (changed(VECTOR, 3), VECTOR, "Only some entries along axis 0 are right ([0, 1, 2, 4, 5, 6])."),
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
    assert cause(np.full((), -3.0), np.full((), 3.0), TOLERANCE) == "Every entry has the wrong sign."


def test_a_border_on_flat_ground_is_no_shift() -> None:
    """Where the inside is the same everywhere, a shift cannot be told from none."""
    flat = np.ones((1, 6, 6, 1))
    assert "wrong at the border (top" in cause(changed(flat, np.s_[:, 0]), flat, TOLERANCE)


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


# Named mistakes


def seen(array: Any, dtype: str = "float32", **gradients: Output | None) -> Observation:
    return Observation(outputs=(Output("tensor", np.asarray(array, dtype)),), gradients=gradients)


def sign(observation: Observation, *parts: str) -> Sign:
    return signs(parts or ("value",), 1, observation)[parts[-1] if parts else "value"]


BASE = sign(seen(MATRIX))


@pytest.mark.parametrize("other", [
    seen(MATRIX, "float64"),
    seen(MATRIX[:3]),
    seen(-MATRIX),
    seen(np.where(MATRIX > 1, np.nan, MATRIX)),
    Observation(failure=Failure("ValueError", "no")),
    Observation(outputs=(Output("str"),)),
    Observation(structure="tuple", outputs=(Output("tensor", MATRIX.astype("float32")),) * 2),
    Observation(structure="dict", outputs=(Output("tensor", MATRIX.astype("float32")),)),
    Observation(outputs=seen(MATRIX).outputs, banned=("Conv2D",)),
    Observation(outputs=seen(MATRIX).outputs, changed=("x",)),
])  # fmt: skip
def test_what_differs_in_anything_does_not_agree(other: Observation) -> None:
    assert agrees(BASE, BASE, TOLERANCE)
    assert agrees(sign(other), sign(other), TOLERANCE)
    assert not agrees(BASE, sign(other), TOLERANCE) and not agrees(sign(other), BASE, TOLERANCE)


def test_rounding_agrees_and_a_thousandth_does_not() -> None:
    assert agrees(BASE, sign(seen(MATRIX * (1 + 1e-6))), TOLERANCE)
    assert not agrees(BASE, sign(seen(MATRIX * 1.001)), TOLERANCE)


def test_a_tuple_and_a_list_show_the_same() -> None:
    outputs = seen(MATRIX).outputs * 2
    assert agrees(
        sign(Observation(structure="tuple", outputs=outputs)),
        sign(Observation(structure="list", outputs=outputs)),
        TOLERANCE,
    )


def test_exceptions_agree_by_type_and_text_but_not_by_the_numbers_in_it() -> None:
    def raised(kind: str, message: str) -> Sign:
        return sign(Observation(failure=Failure(kind, message)))

    assert agrees(raised("ValueError", "shapes 3 and 4"), raised("ValueError", "shapes 12 and 5"), 0)
    assert not agrees(raised("ValueError", "shapes 3 and 4"), raised("TypeError", "shapes 3 and 4"), 0)
    assert not agrees(raised("ValueError", "shapes"), raised("ValueError", "axes"), 0)


def test_gradients_show_their_own_signs() -> None:
    parts = ("value", "gradient wrt x", "gradient wrt dx")
    x, dx = Output("tensor", np.ones(2)), Output("tensor", np.zeros(3))
    shown = signs(parts, 1, seen(MATRIX, x=x, dx=dx))
    assert shown["gradient wrt x"].array is x.array and shown["gradient wrt dx"].array is dx.array
    cut = signs(parts, 1, seen(MATRIX, x=None, dx=dx))
    assert cut["gradient wrt x"] == Sign("nothing beside one of 1 f4") and agrees(cut["value"], shown["value"], 0)
    assert not agrees(cut["gradient wrt x"], shown["gradient wrt x"], 1)
    failed = Observation(outputs=seen(MATRIX).outputs, gradient_failure=Failure("LookupError", "m"))
    assert signs(parts, 1, failed)["gradient wrt x"] == Sign("gradient raised LookupError")


KEYS = [(0, "value"), (1, "value")]
ZERO = dict.fromkeys(KEYS, TOLERANCE)


def test_the_mistake_that_agrees_most_often_is_named() -> None:
    """Two mistakes that are the same on one case are told apart by the other."""
    a, b, shown = Sign("f", np.ones(2)), Sign("f", np.zeros(2)), Sign("f", np.full(2, 3.0))
    mistakes = {"one": dict(zip(KEYS, (a, b), strict=True)), "other": dict(zip(KEYS, (a, shown), strict=True))}
    assert name_mistakes(dict(zip(KEYS, (a, shown), strict=True)), KEYS, mistakes, ZERO) == dict.fromkeys(KEYS, "other")
    assert name_mistakes(dict(zip(KEYS, (a, b), strict=True)), KEYS, mistakes, ZERO) == dict.fromkeys(KEYS, "one")
    assert name_mistakes(dict(zip(KEYS, (a, b), strict=True)), KEYS[1:], mistakes, ZERO) == {KEYS[1]: "one"}


def test_nothing_is_named_that_does_not_agree() -> None:
    mistakes = {"one": dict.fromkeys(KEYS, Sign("f", np.ones(2)))}
    assert name_mistakes(dict.fromkeys(KEYS, Sign("f", np.zeros(2))), KEYS, mistakes, ZERO) == {}
    assert name_mistakes({}, KEYS, mistakes, ZERO) == {}
    assert name_mistakes(dict.fromkeys(KEYS, Sign("f", np.ones(2))), KEYS, {"other": {}}, ZERO) == {}
