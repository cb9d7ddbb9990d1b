from __future__ import annotations

from typing import Any

import numpy as np

from autograder.border.observation import Failure, Observation, Output
from autograder.grader.signs import Sign, raised, signs

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
