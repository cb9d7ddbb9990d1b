from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograder.border.observation import Failure, Observation, Output
from autograder.course import solve
from autograder.grader.signs import Sign, raised, signs
from autograder.question import Case, Question

MATRIX = np.random.default_rng(1).standard_normal((4, 5))
PARTS = ("value", "gradient wrt x", "gradient wrt dx")


def seen(array: Any, **gradients: Output | None) -> Observation:
    return Observation(outputs=(Output("tensor", np.asarray(array, "float32")),), gradients=gradients)


def test_exceptions_are_alike_by_type_and_text_but_not_by_the_numbers_in_it() -> None:
    assert raised(Failure("ValueError", "shapes 3 and 4")) == raised(Failure("ValueError", "shapes 12 and 5"))
    assert raised(Failure("ValueError", "<A object at 0x7f3a>")) == raised(
        Failure("ValueError", "<A object at 0x7bc9>")
    )
    assert raised(Failure("ValueError", "shapes")) != raised(Failure("TypeError", "shapes"))
    assert raised(Failure("ValueError", "shapes")) != raised(Failure("ValueError", "axes"))


def test_gradients_show_their_own_signs() -> None:
    x, dx = Output("tensor", np.ones(2)), Output("tensor", np.zeros(3))
    shown = signs(PARTS, 1, seen(MATRIX, x=x, dx=dx))
    assert shown["gradient wrt x"].array is x.array and shown["gradient wrt dx"].array is dx.array
    cut = signs(PARTS, 1, seen(MATRIX, x=None, dx=dx))
    assert cut["gradient wrt x"] == Sign("nothing beside one of 1 f4")
    failed = Observation(outputs=seen(MATRIX).outputs, gradient_failure=Failure("LookupError", "m"))
    assert signs(PARTS, 1, failed)["gradient wrt x"] == Sign("gradient raised LookupError")


def test_a_tuple_and_a_list_show_the_same_and_a_dict_does_not() -> None:
    outputs = seen(MATRIX).outputs * 2
    forms = {
        kind: signs(("a", "b"), 2, Observation(structure=kind, outputs=outputs))["a"].form
        for kind in ("tuple", "list", "dict")
    }
    assert forms["tuple"] == forms["list"] != forms["dict"]


def test_what_was_banned_or_changed_shows_no_numbers() -> None:
    for observation in (
        Observation(outputs=seen(MATRIX).outputs, banned=("Conv2D",)),
        Observation(outputs=seen(MATRIX).outputs, changed=("x",)),
        Observation(failure=Failure("ValueError", "no")),
    ):
        assert all(sign.array is None and sign.form for sign in signs(PARTS, 1, observation).values())


def test_what_returns_nothing_or_no_array_shows_that() -> None:
    assert signs(("value",), 1, Observation(outputs=()))["value"] == Sign("one of 0 nothing")
    assert signs(("value",), 1, Observation(outputs=(Output("str"),)))["value"] == Sign("one of 1 str")


@pytest.mark.parametrize(("single", "double", "shown"), [
    ([1.0, 2.0], [1.0, 2.0000001], 2.0000001),  # the last bits differ between machines
    ([1.0, 2.0], [1.0, 2.0001], 2.0),  # a loss of digits is what it shows
    ([np.inf, 2.0], [1e39, 2.0000001], 2.0),  # float64 does not overflow
    ([np.nan, 2.0], [np.nan, 2.0000001], 2.0000001),
    ([1.0, 2.0], [[1.0, 2.0000001]], 2.0),
    ([0.0, 0.0], [0.0, 0.0], 0.0),
])  # fmt: skip
def test_a_mistakes_numbers_are_float64s_where_float32_shows_the_same(single: Any, double: Any, shown: float) -> None:
    question = Question("f", 1, (Case("a", public=True, x=MATRIX),))
    low, high = (seen(single), Observation(outputs=(Output("tensor", np.array(double)),)))
    array = solve._shows(question, [low], [high])[0, "value"].array
    alone = solve._shows(question, [low], [])[0, "value"].array
    assert array is not None and alone is not None and array.shape == alone.shape == (2,)
    assert np.float32(array[-1]) == np.float32(solve.quantised(np.array([*single[:-1], shown]))[-1])
    assert alone[-1] == np.float32(single[-1])


def test_where_float64_shows_nothing_or_raises_the_form_is_float32s() -> None:
    question = Question("f", 1, (Case("a", public=True, x=MATRIX), Case("b", x=MATRIX)))
    failed = Observation(failure=Failure("ValueError", "no"))
    shown = solve._shows(question, [seen([1.0]), failed], [failed, seen([1.0])])
    assert shown[0, "value"].form == "one of 1 f4" and shown[0, "value"].array is not None
    assert shown[1, "value"] == Sign("raised ValueError: no")
