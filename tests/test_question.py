from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from autograder import question as q
from autograder.question import Case, Draw, Question

HIDDEN = Case(
    "hidden", x=q.normal(3, 4), n=q.integer(2, 5), axis=(1, 2), f=q.code("lambda x: x"), exact=q.array([1, 2])
)
PUBLIC = Case("public", public=True, x=q.normal(3, 4))


def test_the_same_key_draws_the_same_and_any_other_key_draws_something_else() -> None:
    x = HIDDEN.materialise("f", "salt")["x"]
    np.testing.assert_array_equal(x, HIDDEN.materialise("f", "salt")["x"])
    others = [
        HIDDEN.materialise("f", "another salt")["x"],
        HIDDEN.materialise("g", "salt")["x"],
        Case("another", x=q.normal(3, 4)).materialise("f", "salt")["x"],
        Case("hidden", y=q.normal(3, 4)).materialise("f", "salt")["y"],
    ]
    assert all(not np.array_equal(x, other) for other in others)


def test_a_public_case_does_not_depend_on_the_salt() -> None:
    one, other = (PUBLIC.materialise("f", salt)["x"] for salt in ("a", "b"))
    np.testing.assert_array_equal(one, other)


def test_only_draws_are_replaced() -> None:
    drawn = HIDDEN.materialise("f", "salt")
    assert drawn["axis"] == (1, 2)
    assert drawn["f"] == q.Code("lambda x: x")
    assert drawn["exact"] is HIDDEN.arguments["exact"]
    assert isinstance(HIDDEN.arguments["x"], Draw)


def test_draws_in_lists_and_tuples_are_replaced_each_by_its_own() -> None:
    layers = [(q.integer(0, 999), q.integer(0, 999)), (q.integer(0, 999), 2), "SAME"]
    case = Case("layers", layers=layers, strides=[1, q.integer(1, 9), 1, 1])
    drawn, again, other = (case.materialise("f", salt).arguments for salt in ("a", "a", "b"))
    assert drawn == again != other
    (first, second), (third, two), text = drawn["layers"]
    assert len({first, second, third}) == 3 and (two, text) == (2, "SAME")
    assert type(drawn["layers"]) is list and type(drawn["layers"][0]) is tuple and type(first) is int
    assert drawn["strides"][::2] == [1, 1] and 1 <= drawn["strides"][1] <= 9
    assert layers[0][0] == q.integer(0, 999)  # what was written stays as it is


def test_keys_are_not_joined_to_each_other() -> None:
    assert q.generator("ab", "c").integers(1 << 62) != q.generator("a", "bc").integers(1 << 62)


def test_draws_are_float32_of_their_shape_and_distribution() -> None:
    rng = np.random.default_rng(0)
    normal = q.normal(100, 100, mean=3, std=2).sample(rng)
    assert normal.dtype == np.float32 and normal.shape == (100, 100)
    assert abs(normal.mean() - 3) < 0.1 and abs(normal.std() - 2) < 0.1
    uniform = q.uniform(100, 100, low=0.5, high=0.75).sample(rng)
    assert uniform.dtype == np.float32 and uniform.min() >= 0.5 and uniform.max() <= 0.75


def test_distinct_entries_are_evenly_apart() -> None:
    drawn = q.distinct(6, 7, 2, low=-1, high=1).sample(np.random.default_rng(0))
    assert drawn.dtype == np.float32 and drawn.shape == (6, 7, 2)
    assert np.diff(np.sort(drawn.ravel())).min() > 0.9 * 2 / drawn.size
    assert not np.array_equal(drawn.ravel(), np.sort(drawn.ravel()))


def test_integers_are_python_ints_with_both_ends() -> None:
    rng = np.random.default_rng(0)
    drawn = [q.integer(2, 4).sample(rng) for _ in range(100)]
    assert set(drawn) == {2, 3, 4}
    assert all(type(value) is int for value in drawn)


def test_an_unknown_draw_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown kind"):
        Draw("cauchy", (2,)).sample(np.random.default_rng(0))


def test_parts_are_the_outputs_and_then_the_gradients() -> None:
    one = Question("f", 1, (PUBLIC,), wrt=("x",))
    assert (one.outputs, one.parts) == (("value",), ("value", "gradient wrt x"))
    several = Question("f", 1, (PUBLIC,), returns=("dx", "dy"))
    assert several.parts == ("dx", "dy")


def test_cotangents_are_random_and_never_ones() -> None:
    drawn = q.cotangent(7, (4, 5))
    np.testing.assert_array_equal(drawn, q.cotangent(7, (4, 5)))
    assert not np.array_equal(drawn, q.cotangent(8, (4, 5)))
    assert drawn.dtype == np.float64 and drawn.std() > 0.5 and len(np.unique(drawn)) == drawn.size


def test_the_marks_leave_a_function_as_it_is() -> None:
    for mark in (q.mistake, q.variant, q.oracle):
        assert mark("f")(len) is len


def test_a_case_may_have_arguments_called_like_its_own() -> None:
    assert Case("c", arguments=1, self=2).arguments == {"arguments": 1, "self": 2}  # type: ignore[misc]


def test_an_instructors_questions_load_without_tensorflow() -> None:
    code = "import sys, autograder.question; print('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
