"""Calls a student's function on a case and records the value, then the gradients.

Nothing in this module knows what is right.
"""

from __future__ import annotations

import ast
import copy
import inspect
import linecache
import re
import textwrap
import traceback
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from ..border import wire
from ..border.observation import LISTED, MAX_OUTPUTS, MAX_TEXT, TOLD, Failure, Observation, Output, plain_text
from ..border.task import Asked, random_seed
from ..question import Ban, Code, Probe, cotangent
from ..source.stubs import is_stub
from . import bans
from .portrait import portrait

_TENSORFLOW_NOISE = re.compile(r"^\{\{function_node [^}]*\}\} ?| ?\[Op:\w+\]( name: ?\S*)?\s*$")
"""What TensorFlow puts around a message; it does not help the author of the code."""

_TRACED = re.compile(r"\Ain user code:.*\n +\w+(?:Error|Exception): ?", re.DOTALL)
"""What AutoGraph puts before the message of an exception in a `tf.function`: a traceback with the machine's own paths."""

_KERAS_FRAME = re.compile(
    r"\AException encountered when calling [^\n]*\n+|\n+Arguments received by .*\Z|\x1b\[\d*m", re.DOTALL
)
"""What Keras puts around the message of an exception in a layer."""

PROBE = "<probe>"
"""The file name of a question's probe in tracebacks."""

MAX_TEXT_READ = 16_000
"""Characters of an exception's text that are looked at; far fewer are kept."""

MAX_ENTRIES = 1 << 22
"""An output with more entries than this (16 MB of float32) is described, not sent."""


@dataclass(frozen=True)
class Pending:
    """A call whose gradients are not asked for yet.

    Attributes:
        tape: on which the call was recorded.
        target: the first output, as it was returned.
        output: the same, as bytes can carry it.
        watched: the arguments to differentiate with respect to, by name.
    """

    tape: Any
    target: Any
    output: Output
    watched: Mapping[str, Any]

    def product(self, seed: int) -> dict[str, Any]:
        """The vector-Jacobian product with the random cotangent of `seed`, as a tree: gradients, gradient_failure."""
        try:
            found = self._product(seed)
        except BaseException as error:
            return {"gradients": {}, "gradient_failure": vars(describe(error))}
        return {"gradients": {k: None if v is None else vars(v) for k, v in found.items()}, "gradient_failure": None}

    def _product(self, seed: int) -> dict[str, Output | None]:
        import tensorflow as tf

        array = self.output.array
        if array is None or self.output.kind != "tensor" or array.dtype.kind != "f":
            return dict.fromkeys(self.watched)
        direction = tf.constant(cotangent(seed, array.shape), self.target.dtype)
        found = self.tape.gradient(self.target, list(self.watched.values()), output_gradients=direction)
        pairs = zip(self.watched, found, strict=True)
        return {name: None if value is None else _output(value) for name, value in pairs}


def call(
    function: Callable[..., Any],
    asked: Asked,
    arguments: Mapping[str, Any],
    seed: int,
    images: np.ndarray | None = None,
) -> tuple[Observation, Pending | None]:
    """Calls `function(**arguments)`: its value or its model now, its gradients once their seed is told.

    Args:
        function: the student's function or class.
        asked: how to call it.
        arguments: arrays become tensors, of the dtype asked for where one is (whole numbers keep theirs), `Code` a function, everything else
            is passed as it is.
        seed: of the random numbers that a probe or a model draws.
        images: of a question whose result is a model, what it is to predict.

    Returns:
        An Observation without gradients, and what is needed for them if any are asked for. An exception in the student's code
        is part of the Observation; only `SystemExit` and friends of the process itself end the worker.
    """
    if asked.model:
        assert images is not None
        return _call_for_a_model(function, asked, arguments, seed, images), None
    return _call_for_values(function, asked, arguments, seed)


def _call_for_values(
    function: Callable[..., Any], asked: Asked, arguments: Mapping[str, Any], seed: int
) -> tuple[Observation, Pending | None]:
    import tensorflow as tf

    inputs = {name: _argument(value, asked.dtype) for name, value in arguments.items()}
    before = {name: copy.deepcopy(value) for name, value in inputs.items() if isinstance(value, (list, dict))}
    watched = {name: inputs[name] for name in asked.wrt}
    tape = tf.GradientTape()
    with tape if watched else nullcontext():  # it would keep every step of a training run
        if watched:
            tape.watch(list(watched.values()))
        try:
            called = _repeatable(function, asked.probe, seed) if asked.probe else function
            with bans.recorded_ops() if asked.ban else nullcontext(set[str]()) as ops:
                returned = _call(called, inputs)
        except BaseException as error:
            return _failed_call(error, function), None
        whole = not asked.several and isinstance(returned, (tuple, list)) and _all_numbers(returned)
        taken_apart = isinstance(returned, (tuple, list, dict)) and not whole
        structure = plain_text(str(type(returned).__name__)) if taken_apart else "one"
        items = (
            list(returned.values() if isinstance(returned, dict) else returned) if structure != "one" else [returned]
        )
    outputs = tuple(_output(item) for item in items[:MAX_OUTPUTS])
    used = bans.reachable(function)
    seen = Observation(
        structure=structure,
        outputs=outputs,
        banned=tuple(sorted(ops.intersection(asked.ban.ops)) + bans.in_source(used, asked.ban.names))
        if asked.ban
        else (),
        changed=tuple(name for name, value in before.items() if not _equal(inputs[name], value)),
        calls=tuple(sorted(used))[:64],
    )
    return seen, Pending(tape, items[0], outputs[0], watched) if watched and outputs else None


def _call_for_a_model(
    function: Callable[..., Any], asked: Asked, arguments: Mapping[str, Any], seed: int, images: np.ndarray
) -> Observation:
    """The outputs are the `portrait` of the model that the function returns."""
    inputs = {name: _argument(value, asked.dtype) for name, value in arguments.items()}
    try:
        returned = _call(_repeatable(function, asked.probe, seed), inputs)
        outputs = tuple(Output("array", array) for array in portrait(returned, images))
    except BaseException as error:
        return _failed_call(error, function)
    return Observation(structure="tuple", outputs=outputs, calls=tuple(sorted(bans.reachable(function)))[:64])


def observe(
    function: Callable[..., Any],
    arguments: Mapping[str, Any],
    *,
    wrt: tuple[str, ...] = (),
    cotangent_seed: int = 0,
    ban: Ban | None = None,
    dtype: str = "float32",
    probe: Probe | None = None,
) -> Observation:
    """Calls a function and differentiates its first output in one go: for a student's own check, where nothing is hidden.

    Args:
        function: the student's function or class.
        arguments: of the call.
        wrt: the arguments for the vector-Jacobian product.
        cotangent_seed: seeds the random cotangent, drawn with the shape of the first output. Never ones: the
            gradient of `sum(batch_norm(x))` is zero for right code too.
        ban: what to look for in the source and in the graph.
        dtype: "float32" or "float64".
        probe: what is called in the place of `function`, with it as the first argument.
    """
    asked = Asked("", wrt, ban, dtype=dtype, probe=probe)
    return finished(*call(function, asked, arguments, random_seed(cotangent_seed)), cotangent_seed)


def finished(seen: Observation, pending: Pending | None, seed: int | None) -> Observation:
    """An observation with its gradients, where any are asked for."""
    return seen.with_gradients(pending.product(seed)) if pending and seed is not None else seen


def _failed_call(error: BaseException, function: Callable[..., Any]) -> Observation:
    return Observation(failure=_failed(error, function), calls=tuple(sorted(bans.reachable(function)))[:64])


def _repeatable(function: Callable[..., Any], probe: Probe | None, seed: int) -> Callable[..., Any]:
    """The probe with the student's function as its first argument, or the function itself; random numbers start afresh."""
    import keras

    keras.utils.set_random_seed(seed)
    if probe is None:
        return function
    scope: dict[str, Any] = {}
    exec(compile(probe.source, PROBE, "exec"), scope)  # noqa: S102 - written by the instructor
    return partial(scope[probe.name], function)


def _call(function: Callable[..., Any], inputs: dict[str, Any]) -> Any:
    """Calls by name, but passes by position what can be: `tf.custom_gradient` ignores itself for keywords."""
    try:
        bound = inspect.signature(function).bind(**inputs)
    except (TypeError, ValueError):
        return function(**inputs)  # says what does not fit
    return function(*bound.args, **bound.kwargs)


def _all_numbers(value: Any, deep: int = wire.MAX_RANK) -> bool:
    """Whether a value is one of Python's or NumPy's numbers, or a list or tuple of such, nested as deep as an array may be."""
    if isinstance(value, (list, tuple)):
        return deep > 0 and all(_all_numbers(item, deep - 1) for item in value)
    return isinstance(value, (bool, int, float, np.number, np.bool_))


def _equal(value: Any, before: Any) -> bool:
    try:
        return bool(value == before)
    except Exception:
        return False


def _failed(error: BaseException, function: Any) -> Failure:
    """As `describe`, but distinguishes a stub from one that a finished function calls, and from one left among code."""
    failure, frames = describe(error), traceback.extract_tb(error.__traceback__)
    if isinstance(error, ValueError) and frames and frames[-1].filename == PROBE:
        return Failure(TOLD, failure.message)
    if isinstance(error, NotImplementedError):
        mine = {getattr(function, "__name__", "")} | (set(vars(function)) if isinstance(function, type) else set())
        if frames and _is_own(frames[-1].filename):
            if frames[-1].name not in mine:
                return Failure("Unfinished", frames[-1].name, failure.where)
            if _is_more_than_a_stub(error):
                return Failure("Leftover", frames[-1].name, failure.where)
            if isinstance(function, type):
                return Failure(failure.kind, frames[-1].name, failure.where)
        elif failure.message and "in user code" not in str(error):  # Keras says so where a method is missing
            return Failure("NotImplemented", failure.message, failure.where)
    return failure


def _is_more_than_a_stub(error: BaseException) -> bool:
    """Whether the function that raised contains anything besides the stub's `raise`."""
    *_, (frame, _) = traceback.walk_tb(error.__traceback__)
    found = [node for node in bans.nodes(frame.f_code) if isinstance(node, ast.FunctionDef)][:1]
    return not all(map(is_stub, found))


def _is_own(filename: str) -> bool:
    """Whether a file name is the student's: a cell in a worker, or in a kernel."""
    return filename.startswith(("<cell ", "<ipython-input")) or "ipykernel_" in filename


def _cell(filename: str) -> str:
    """The cell's label, where it has one: a kernel knows none."""
    return f"{filename.strip('<>')}, " if filename.startswith("<cell ") else ""


def describe(error: BaseException) -> Failure:
    """An exception as a student needs it: type, text, and the last line of their own code."""
    where = ""
    for frame in traceback.extract_tb(error.__traceback__):
        if _is_own(frame.filename):
            line = linecache.getline(frame.filename, frame.lineno or 0).strip()
            where = f"{_cell(frame.filename)}line {frame.lineno}: {line}"
    if isinstance(error, SyntaxError) and (error.filename or "").startswith("<cell "):
        line = linecache.getline(str(error.filename), error.lineno or 0).strip()
        where = f"{str(error.filename).strip('<>')}, line {error.lineno}: {line}"
    try:
        message = error.msg if isinstance(error, SyntaxError) else str(error)
    except BaseException:
        message = "(its text cannot be shown)"
    message = str(message)[:MAX_TEXT_READ]
    if _TRACED.match(message):
        message = textwrap.dedent("    " + _TRACED.sub("", message)).strip()
    message = _TENSORFLOW_NOISE.sub("", _KERAS_FRAME.sub("", message).strip())
    return Failure(plain_text(type(error).__name__), plain_text(message), plain_text(where))


def _argument(value: Any, dtype: str) -> Any:
    import tensorflow as tf

    if isinstance(value, np.ndarray):
        return tf.constant(value, dtype if dtype and value.dtype.kind == "f" else None)
    if isinstance(value, Code):
        return eval(value.source, {"tf": tf, "np": np})  # noqa: S307 - written by the instructor
    return copy.deepcopy(value)


def _output(value: Any) -> Output:
    """A returned value as bytes can carry it."""
    import tensorflow as tf

    kind = plain_text(str(type(value).__name__))  # whatever its author calls it, it is short and plain
    try:
        if isinstance(value, tf.IndexedSlices):
            value = tf.convert_to_tensor(value)
        if isinstance(value, (bool, int, float)):
            number = np.asarray(value)
            return Output("number", number) if number.dtype.name in wire.DTYPES else Output(f"{kind} beyond 64 bits")
        if isinstance(value, (list, tuple)) and _all_numbers(value):
            try:
                kind, value = LISTED, np.asarray(value)
            except ValueError:
                return Output("list of lists of unequal lengths")
        if isinstance(value, (tf.Tensor, tf.Variable)):
            if value.shape.num_elements() is None or value.shape.num_elements() > MAX_ENTRIES:
                return Output(f"tensor of shape {tuple(value.shape)}")
            kind, array = "tensor", value.numpy()
        elif isinstance(value, (np.ndarray, np.generic)):
            if value.size > MAX_ENTRIES:
                return Output(f"array of shape {value.shape}")
            kind, array = kind if kind == LISTED else "array", value
        else:
            return Output(kind)
        array = np.asarray(array)
        if array.dtype.name not in wire.DTYPES or array.ndim > wire.MAX_RANK:
            return Output(f"{kind} of dtype {array.dtype}")
        return Output(kind, np.ascontiguousarray(array).reshape(array.shape))
    except Exception as error:
        return Output(f"{kind} that cannot be read ({type(error).__name__})"[:MAX_TEXT])
