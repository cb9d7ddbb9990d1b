from __future__ import annotations

import contextlib
import copy
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.border import wire
from autograder.border.observation import MAX_OUTPUTS, MAX_TEXT, MAX_TEXTS, Failure, Observation, Output

SEEN = Observation(
    structure="tuple",
    outputs=(Output("tensor", np.ones((2, 3), np.float32)), Output("str")),
    gradients={"x": Output("tensor", np.zeros(2)), "y": None},
    gradient_failure=Failure("ValueError", "no", "cell 1, line 2: y"),
    banned=("Conv2D",),
    changed=("sizes",),
    calls=("pad",),
)


def tree_of(seen: Observation) -> dict[str, Any]:
    return wire.unpack(wire.pack(seen.to_tree()))


def test_an_observation_crosses_the_border_unchanged() -> None:
    back = Observation.from_tree(tree_of(SEEN))
    np.testing.assert_array_equal(back.outputs[0].array, SEEN.outputs[0].array)  # type: ignore[arg-type]
    assert back.outputs[1] == Output("str")
    assert back.gradients["y"] is None
    assert (back.structure, back.gradient_failure, back.banned, back.changed, back.calls) == (
        SEEN.structure, SEEN.gradient_failure, SEEN.banned, SEEN.changed, SEEN.calls
    )  # fmt: skip


def test_a_failure_crosses_the_border_unchanged() -> None:
    seen = Observation(failure=Failure("TypeError", "no", "cell 1, line 2: f()"))
    assert Observation.from_tree(tree_of(seen)) == seen


FIELDS = tuple(SEEN.to_tree())
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=4)
    | st.sampled_from([np.ones(2), np.ones(()), np.zeros(0)]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.sampled_from(["kind", "array", "message", "where", *FIELDS]), inner, max_size=9)
    ),
    max_leaves=12,
)


@given(VALUES)
def test_any_tree_raises_nothing_but_value_errors(tree: Any) -> None:
    for read in (Observation.from_tree, Failure.from_tree):
        with contextlib.suppress(ValueError):
            read(tree)


@given(st.sampled_from(FIELDS), VALUES)
def test_a_tree_with_one_hostile_field_raises_nothing_but_value_errors(field: str, value: Any) -> None:
    try:
        seen = Observation.from_tree(SEEN.to_tree() | {field: value})
    except ValueError:
        return
    assert all(isinstance(output, Output) for output in seen.outputs)
    assert all(isinstance(text, str) for text in (seen.structure, *seen.banned, *seen.changed, *seen.calls))


@pytest.mark.parametrize("field, value", [
    ("outputs", [{"kind": "tensor", "array": [1.0]}]),
    ("outputs", [{"kind": 3, "array": None}]),
    ("outputs", [np.ones(1)]),  # indexing an array with a text is an IndexError, of all things
    ("outputs", [None]),
    ("outputs", [{"kind": "tensor", "array": None}] * (MAX_OUTPUTS + 1)),
    ("gradients", {f"x{i}": None for i in range(MAX_OUTPUTS + 1)}),
    ("gradients", [None]),
    ("gradients", {"x": "text"}),
    ("gradients", {7: None}),
    ("failure", np.ones(1)),
    ("failure", {"kind": "E", "message": "m"}),
    ("failure", {"kind": "E", "message": 1, "where": ""}),
    ("structure", None),
    ("banned", ["x"] * (MAX_TEXTS + 1)),
    ("calls", [1]),
    ("changed", None),
])  # fmt: skip
def test_fields_that_do_not_fit_are_refused(field: str, value: Any) -> None:
    with pytest.raises(ValueError):
        Observation.from_tree(SEEN.to_tree() | {field: value})


@pytest.mark.parametrize("outputs", [[], [{"kind": "tensor", "array": None}] * 2])
def test_a_single_output_is_exactly_one(outputs: list[Any]) -> None:
    """The comparison looks at the first output of a single one without asking."""
    tree = Observation(outputs=(Output("tensor"),)).to_tree()
    assert Observation.from_tree(copy.deepcopy(tree)).structure == "one"
    with pytest.raises(ValueError):
        Observation.from_tree(tree | {"outputs": outputs})


def test_every_field_is_needed() -> None:
    for field in FIELDS:
        tree = SEEN.to_tree()
        del tree[field]
        with pytest.raises(ValueError):
            Observation.from_tree(tree)


def test_texts_hold_nothing_a_terminal_obeys_and_no_file_refuses() -> None:
    evil = "\x1b[2J\x07\u202e\ud800ok\n\tend"
    failure = Failure.from_tree({"kind": evil, "message": evil * 1000, "where": evil})
    (named,) = Observation.from_tree(SEEN.to_tree() | {"gradients": {evil: None}}).gradients
    for text in (failure.kind, failure.message, failure.where, named):
        assert not set(text) & {"\x1b", "\x07", "\u202e", "\ud800"}
        assert "ok\n\tend" in text
        text.encode("utf-8")
    assert len(failure.message) <= MAX_TEXT
