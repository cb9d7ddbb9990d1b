from __future__ import annotations

import linecache
from typing import Any

import numpy as np
import pytest

from autograder.border import wire
from autograder.border.observation import MAX_OUTPUTS, TOLD, Observation, Output
from autograder.question import Ban, Code, Probe, cotangent
from autograder.worker import observe as observe_module
from autograder.worker.observe import MAX_ENTRIES, describe, observe

pytestmark = pytest.mark.tensorflow

X = np.arange(1.0, 7.0, dtype="float32").reshape(2, 3)


@pytest.fixture(scope="module")
def tf() -> Any:
    import tensorflow

    return tensorflow


def crossed(seen: Observation) -> Observation:
    """What is left of an observation after its way to the grader."""
    return Observation.from_tree(wire.unpack(wire.pack(seen.to_tree())))


def see(function: Any, wrt: tuple[str, ...] = (), **arguments: Any) -> Observation:
    seen = observe(function, arguments or {"x": X}, wrt=wrt, cotangent_seed=7)
    crossed(seen)
    return seen


def array_of(output: Output | None) -> np.ndarray:
    assert output is not None and output.array is not None, output
    return output.array


def test_arguments_arrive_as_declared(tf: Any) -> None:
    kinds: dict[str, Any] = {}

    def f(**arguments: Any) -> int:
        kinds.update(arguments)
        return 1

    see(
        f, x=X, n=2, s="SAME", t=(1, 2), items=[1, 2], half=0.5, nothing=None, h=Code("lambda x: tf.nn.relu(x) + np.pi")
    )
    assert isinstance(kinds["x"], tf.Tensor) and kinds["x"].dtype == tf.float32
    assert {k: kinds[k] for k in ("n", "s", "t", "items", "half", "nothing")} == {
        "n": 2, "s": "SAME", "t": (1, 2), "items": [1, 2], "half": 0.5, "nothing": None
    }  # fmt: skip
    assert float(kinds["h"](tf.constant(-1.0))) == np.float32(np.pi)


def test_double_precision_is_asked_for_by_its_name(tf: Any) -> None:
    seen = observe(lambda x: 2.0 * x, {"x": X}, wrt=("x",), cotangent_seed=1, dtype="float64")
    assert array_of(seen.outputs[0]).dtype == array_of(seen.gradients["x"]).dtype == np.float64


def test_the_gradient_is_the_product_with_the_random_cotangent(tf: Any) -> None:
    seen = see(lambda x, w: tf.matmul(x, w), ("x", "w"), x=X, w=np.ones((3, 4), "float32"))
    direction = cotangent(7, (2, 4))
    np.testing.assert_allclose(array_of(seen.gradients["x"]), direction @ np.ones((4, 3)), rtol=1e-5)
    np.testing.assert_allclose(array_of(seen.gradients["w"]), X.T @ direction, rtol=1e-5)
    assert seen.gradient_failure is None


def test_the_first_of_several_outputs_is_differentiated(tf: Any) -> None:
    seen = see(lambda x: (2.0 * x, 5.0 * x), ("x",))
    np.testing.assert_allclose(array_of(seen.gradients["x"]), 2 * cotangent(7, (2, 3)), rtol=1e-6)


def test_a_whole_gradient_of_zeros_is_no_missing_one(tf: Any) -> None:
    assert np.all(array_of(see(lambda x: 0.0 * x, ("x",)).gradients["x"]) == 0)


def test_a_cut_gradient_is_none(tf: Any) -> None:
    for cut in (
        lambda x: tf.stop_gradient(x),
        lambda x: tf.constant(x.numpy()),
        lambda x: tf.ones_like(x),
        lambda x: tf.cast(tf.cast(x, tf.int32), tf.float32),
        lambda x: x.numpy(),
        lambda x: [1, 2],
        lambda x: None,
    ):
        assert see(cut, ("x",)).gradients == {"x": None}


def test_a_cut_in_one_argument_leaves_the_other(tf: Any) -> None:
    seen = see(lambda x, w: x * tf.stop_gradient(w), ("x", "w"), x=X, w=X)
    assert seen.gradients["w"] is None and seen.gradients["x"] is not None


@pytest.mark.parametrize("structure, returned", [
    ("one", lambda x: x), ("tuple", lambda x: (x, x)), ("list", lambda x: [x, x]), ("dict", lambda x: {"a": x, "b": x}),
    ("tuple", lambda x: ()), ("tuple", lambda x: (x,)), ("one", lambda x: None), ("one", lambda x: (i for i in (x, x))),
])  # fmt: skip
def test_the_structure_is_told(structure: str, returned: Any) -> None:
    seen = see(returned)
    assert seen.structure == structure
    count = returned(1)
    assert len(seen.outputs) == (1 if structure == "one" else len(count))


def test_a_named_tuple_is_told_by_its_name(tf: Any) -> None:
    from collections import namedtuple

    pair = namedtuple("Pair", "a b")
    seen = see(lambda x: pair(x, x))
    assert (seen.structure, len(seen.outputs)) == ("Pair", 2)


def test_outputs_are_told_by_kind(tf: Any) -> None:
    import keras

    returned = (
        X, np.float64(2), 3, 2.5, True, "text", None, object(), tf.Variable(X), tf.constant("a"), 1j, [X], keras.Input((2,)),
        np.array([object()]), np.array(["a"]), tf.constant([True]),
    )  # fmt: skip
    kinds = [(o.kind, None if o.array is None else o.array.dtype.name) for o in see(lambda x: returned).outputs]
    assert kinds == [
        ("array", "float32"), ("number", "float64"), ("number", "int64"), ("number", "float64"), ("number", "bool"),
        ("str", None), ("NoneType", None), ("object", None), ("tensor", "float32"), ("tensor of dtype |S1", None),
        ("complex", None), ("list", None), ("KerasTensor", None), ("array of dtype object", None), ("array of dtype <U1", None),
        ("tensor", "bool"),
    ]  # fmt: skip


def test_a_gradient_with_few_rows_is_a_whole_tensor(tf: Any) -> None:
    seen = see(lambda x: tf.gather(x, [0, 0]), ("x",))
    assert array_of(seen.gradients["x"]).shape == (2, 3)


def test_values_in_the_other_byte_order_survive() -> None:
    seen = crossed(see(lambda x: np.arange(3, dtype=">f4")))
    np.testing.assert_array_equal(array_of(seen.outputs[0]), [0, 1, 2])


def test_what_is_too_large_is_described(tf: Any) -> None:
    side = int(MAX_ENTRIES**0.5) + 1
    seen = see(lambda x: (np.broadcast_to(X[0, 0], (10**5, 10**5)), tf.zeros((side, side)), np.zeros((1,) * 9)))
    assert [o.array for o in seen.outputs] == [None] * 3
    assert [o.kind for o in seen.outputs[:2]] == [
        "array of shape (100000, 100000)",
        f"tensor of shape ({side}, {side})",
    ]


def test_a_flood_of_outputs_is_cut() -> None:
    assert len(see(lambda x: [1] * 10_000).outputs) == MAX_OUTPUTS


class HostileText(Exception):
    def __str__(self) -> str:
        raise SystemExit


class HostileArray(np.ndarray):
    def __array_finalize__(self, other: Any) -> None:
        pass

    @property
    def size(self) -> int:
        raise ZeroDivisionError


@pytest.mark.parametrize("error, kind", [
    (ValueError("no"), "ValueError"), (SystemExit(0), "SystemExit"), (KeyboardInterrupt(), "KeyboardInterrupt"),
    (MemoryError(), "MemoryError"), (NotImplementedError(), "NotImplementedError"), (HostileText(), "HostileText"),
    (GeneratorExit(), "GeneratorExit"),
])  # fmt: skip
def test_an_exception_is_part_of_the_observation(error: BaseException, kind: str) -> None:
    def f(x: Any) -> None:
        raise error

    seen = see(f, ("x",))
    assert seen.failure and seen.failure.kind == kind
    assert seen.outputs == () and seen.gradients == {}


def below(x: Any) -> Any:
    """Doc."""
    raise NotImplementedError()
    return x


def above(x: Any) -> Any:
    y = x + 1
    raise NotImplementedError()
    return y


def untouched(x: Any) -> Any:
    """Doc."""
    # YOUR CODE HERE
    raise NotImplementedError()


@pytest.mark.parametrize("f, kind", [(below, "Leftover"), (above, "Leftover"), (untouched, "NotImplementedError")])
def test_code_around_a_leftover_stub_is_no_stub(f: Any, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(observe_module, "_is_own", lambda filename: filename == __file__)
    seen = see(f)
    assert seen.failure and seen.failure.kind == kind


class HalfWritten:
    def __add__(self, x: Any) -> Any:
        return 1

    def __truediv__(self, x: Any) -> Any:
        """Doc."""
        # YOUR CODE HERE
        raise NotImplementedError()


def test_of_a_class_the_method_that_is_not_written_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(observe_module, "_is_own", lambda filename: filename == __file__)
    probe = Probe("halve", "def halve(kind, x):\n    return (kind() + x) and kind() / x")
    seen = observe(HalfWritten, {"x": X}, wrt=(), cotangent_seed=7, probe=probe)
    assert seen.failure and (seen.failure.kind, seen.failure.message) == ("NotImplementedError", "__truediv__")


def test_what_a_probe_says_is_told_from_what_the_function_raises() -> None:
    probe = Probe("ask", "def ask(f, x):\n    raise ValueError(f'It should be 1, but it is {f(x)}.')")
    seen = observe(lambda x: 2, {"x": X}, wrt=(), cotangent_seed=7, probe=probe)
    assert seen.failure and (seen.failure.kind, seen.failure.message) == (TOLD, "It should be 1, but it is 2.")

    def raises(x: Any) -> Any:
        raise ValueError("no")

    seen = observe(raises, {"x": X}, wrt=(), cotangent_seed=7, probe=probe)
    assert seen.failure and (seen.failure.kind, seen.failure.message) == ("ValueError", "no")


def test_a_hostile_output_is_described() -> None:
    (output,) = see(lambda x: X.view(HostileArray)).outputs
    assert output.array is None and "cannot be read (ZeroDivisionError)" in output.kind


def test_a_failing_gradient_is_told_from_a_failing_function(tf: Any) -> None:
    @tf.custom_gradient
    def doubled(x: Any) -> Any:
        def grad(dy: Any) -> Any:
            raise LookupError("no gradient")

        return 2.0 * x, grad

    seen = see(lambda x: doubled(x), ("x",))
    assert seen.failure is None and seen.gradient_failure and seen.gradient_failure.kind == "LookupError"
    np.testing.assert_array_equal(array_of(seen.outputs[0]), 2 * X)


def test_a_gradient_of_the_students_own_is_used(tf: Any) -> None:
    """TensorFlow ignores it, without a word, for arguments that are passed by keyword."""

    @tf.custom_gradient
    def f(x: Any, n: int) -> Any:
        return n * x, lambda dy: (7.0 * dy, None)

    for function in (f, lambda x, n: f(x, n)):
        seen = observe(function, {"x": X, "n": 2}, wrt=("x",), cotangent_seed=7)
        np.testing.assert_allclose(array_of(seen.gradients["x"]), 7 * cotangent(7, (2, 3)), rtol=1e-6)


def test_arguments_changed_in_place_are_named(tf: Any) -> None:
    def f(x: Any, sizes: list[int], other: list[int]) -> Any:
        sizes.append(3)
        return x

    sizes = [1, 2]
    seen = see(f, x=X, sizes=sizes, other=[1])
    assert seen.changed == ("sizes",)
    assert sizes == [1, 2], "the next call gets what this one got"


def test_a_tensor_put_into_an_argument_is_a_change_and_no_crash(tf: Any) -> None:
    def f(x: Any, sizes: list[Any]) -> Any:
        sizes[0] = x
        return x

    assert see(f, x=X, sizes=[1, 2]).changed == ("sizes",)


def test_a_ban_is_told_by_its_names(tf: Any) -> None:
    ban = Ban(("Mean",), ("reduce_mean",), "sums")
    seen = observe(lambda x: tf.reduce_mean(x), {"x": X}, ban=ban)
    assert "Mean" in seen.banned
    assert observe(lambda x: tf.reduce_sum(x), {"x": X}, ban=ban).banned == ()
    assert observe(lambda x: tf.reduce_mean(x), {"x": X}).banned == ()


def test_what_the_tape_runs_is_not_charged_to_a_ban(tf: Any) -> None:
    ban = Ban(("MatMul",), (), "")
    seen = observe(lambda x: tf.einsum("ij,kj->ik", x, x), {"x": X}, wrt=("x",), cotangent_seed=1, ban=ban)
    assert seen.banned == () and seen.gradients["x"] is not None


def test_a_message_is_shortened_and_without_a_cell_there_is_no_line() -> None:
    failure = describe(ValueError("x" * 10_000))
    assert len(failure.message) == 2000 and failure.where == ""


@pytest.mark.parametrize("file", ["<cell 7>", "/tmp/ipykernel_4711/123456.py", "<ipython-input-3-0123abcd>"])
def test_the_students_own_line_is_told_in_a_worker_and_in_a_kernel(file: str) -> None:
    source = "import json\ndef f(x):\n    return json.loads('{')\n"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    space: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(source, file, "exec", dont_inherit=True), space)
    failure = see(space["f"]).failure
    assert failure and failure.where.endswith("line 3: return json.loads('{')")
    assert "/" not in failure.where and "json/decoder" not in failure.where


def test_the_same_call_is_observed_the_same(tf: Any) -> None:
    def f(x: Any) -> Any:
        return tf.nn.relu(x - 3.0) * x

    one, other = see(f, ("x",)), see(f, ("x",))
    np.testing.assert_array_equal(array_of(one.outputs[0]), array_of(other.outputs[0]))
    np.testing.assert_array_equal(array_of(one.gradients["x"]), array_of(other.gradients["x"]))
