"""What a student reads about a miss: what was expected, what came, the likely cause, the next step.

For a hidden case, nothing is shown that the submission chose: a text, a type's name, a shape or a number could carry the
hidden inputs.
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from ..border.observation import MAX_OUTPUTS, TOLD, Failure, Observation, Output
from ..question import Question
from .expected import ExpectedPart
from .models import NO_MODEL

MAX_TEXT = 600

_KNOWN = {name for name, kind in vars(builtins).items() if isinstance(kind, type) and issubclass(kind, BaseException)} | {
    "InvalidArgumentError", "ResourceExhaustedError", "UnimplementedError", "FailedPreconditionError", "InternalError",
    "NotFoundError", "OutOfRangeError", "OperatorNotAllowedInGraphError", "InaccessibleTensorError", "LinAlgError", "AxisError",
    "UFuncTypeError",
}  # fmt: skip
"""Exceptions of Python, NumPy and TensorFlow: other types are named by the submission."""


def raised(question: Question, failure: Failure, *, told: bool, double: bool = False) -> tuple[str, str]:
    """The step that was missed, and what to say of an exception.

    Args:
        question: whose function raised.
        failure: the exception.
        told: whether its text may be shown.
        double: whether the inputs are float64.
    """
    name = question.name
    if failure.kind == "NotImplementedError":
        method = f"{name}.{failure.message} is not written" if failure.message and told else f"{name} is not attempted"
        return "defined", f"{method} yet: replace `raise NotImplementedError()` by your code."
    if failure.out_of_memory:
        said = "needs more memory than it may use. Look for an array that grows with every step, or a shape that is far too large."
        return "ran", f"{name} {said}"
    if failure.kind == "Unfinished":
        other = failure.message if told else "function"
        return "ran", f"{name} calls your {other}, which is not attempted yet: write that first."
    if failure.kind == "Leftover":
        where = failure.message if told else "Your code"
        said = "still holds the line `raise NotImplementedError()`, which ends it there. Delete that line; your code around it then runs."
        return "ran", f"{where} {said}"
    if failure.kind == TOLD:
        return "structure", failure.message if told else f"{name} does not do what this hidden case asks for."
    if failure.kind == NO_MODEL:
        return "structure", failure.message if told else f"{name} does not return a model that can be examined."
    if failure.kind == "SystemExit":
        return "ran", f"{name} ends the whole program: take out exit() or sys.exit()."
    if failure.kind == "TypeError" and "unexpected keyword argument" in failure.message and not failure.where:
        keep = "Keep the parameter names of the stub: it is called with keywords."
        return "ran", f"{name} raised {named(failure, told=told)} {keep}"
    if double and re.search(r"\b(double|float64)\b", failure.message):
        mixed = "The inputs of this case are float64: take the dtype from them instead of writing one."
        return "ran", f"{name} raised {named(failure, told=told)} {mixed}"
    return "ran", f"{name} raised {named(failure, told=told)}"


def named(failure: Failure, *, told: bool) -> str:
    """An exception's type, its text where that may be shown, and the student's own line."""
    where = f" ({failure.where})" if failure.where else ""
    if not told:
        kind = failure.kind if failure.kind in _KNOWN else "an exception"
        return f"{kind}{where}. Its text is not shown, because the case is hidden."
    text = short(f"{failure.kind}: {failure.message}".strip().removesuffix(":"))
    return (text if text[-1:] in ".!?" else f"{text}.") + where


def short(text: str) -> str:
    """A text that a submission may have made long."""
    return text if len(text) < MAX_TEXT else text[:MAX_TEXT] + " ..."


def banned(question: Question, used: Sequence[str]) -> str:
    """Something that is off limits was found in the code, or was run."""
    assert question.ban
    ran = any(name in question.ban.ops for name in used)
    found = f"{'it uses' if ran else 'its code names'} {' and '.join(used)}"
    only = "" if ran else " If you only compare with it or print it, do that outside of the function."
    return f"{question.name} is to be written from scratch, but {found}. Use {question.ban.instead} instead.{only}"


def _of(count: int) -> str:
    return f" of {count}{' or more' if count == MAX_OUTPUTS else ''}"


def hidden_rule(rule: str, broken: Collection[str]) -> str:
    """A rule that the model of a hidden case breaks; `broken` are those that the models of public cases break."""
    if rule in broken:
        return f"The rule “{rule}” is broken in a public case, too: begin there."
    return (
        f"The rule “{rule}” holds in the public cases, but not in this hidden one. "
        "Is anything written as a fixed number that should come from the arguments?"
    )


def changed(question: Question, arguments: Sequence[str]) -> str:
    """An argument is not what it was before the call."""
    return f"{question.name} changes its argument {' and '.join(arguments)} in place. Work on a copy: the caller still needs it."


def structure(question: Question, seen: Observation, expected: ExpectedPart | None, *, public: bool) -> str:
    """What is wrong with the number of returned values, or ""; `expected` is the first of them."""
    count, wanted = len(seen.outputs), question.returns
    if not wanted:
        listed = LISTS.get(expected.dtype, "") if expected and seen.structure in ("list", "tuple") else ""
        if listed:
            kinds = {output.kind for output in seen.outputs} - {"number"}
            came = (
                f"it has entries of the type {' and '.join(sorted(kinds))}" if public else "not all of its entries are"
            )
            return f"{question.name} should return {listed}, but {came}. float(...) and int(...) make Python's numbers."
        if seen.structure != "one":
            came = _of(count) if public else ""
            return f"{question.name} should return one value, but it returned a {_container(seen.structure)}{came}."
        if seen.outputs[0].kind == "NoneType":
            return f"{question.name} returned None. Is the `return` missing, or indented into a loop or a branch that is not reached?"
        return ""
    if seen.structure not in ("one", "dict") and count == len(wanted):
        return ""
    came = (
        "one value" if seen.structure == "one" else f"a {_container(seen.structure)}" + (_of(count) if public else "")
    )
    if seen.structure == "one" and seen.outputs[0].kind == "NoneType":
        came = "None (is the `return` missing?)"
    return f"{question.name} should return the {len(wanted)} values ({', '.join(wanted)}) in this order, but it returned {came}."


def no_array(expected: ExpectedPart, came: str, *, public: bool) -> str:
    """The function returned something that has no entries to compare."""
    wanted = _PYTHON.get(expected.dtype, "")
    if not wanted:
        kind = f"{expected.dtype} tensor"
        if expected.dtype in _ENTRIES:
            kind = f"tensor or array of {_ENTRIES[expected.dtype][1]}"
        wanted = f"a {kind}" + (f" of shape {expected.array.shape}" if public else "")
    if not public:
        return f"should be {wanted}, but it is something else."
    return f"should be {wanted}, but it is {came if came == 'nothing' else f'a {came}'}."


def shape(got: np.ndarray, expected: np.ndarray, *, public: bool) -> str:
    """The shape differs. A reason is given only where the shapes themselves prove it."""
    text = (
        f"should have shape {expected.shape}, but it has shape {got.shape}."
        if public
        else "has another shape than it should."
    )
    if got.size == 0 and expected.size:
        return (
            f"{text} It is empty: does a loop run zero times, or does a slice like [p:-p] hold nothing, because p is 0?"
        )
    if sorted(got.shape) == sorted(expected.shape) and got.ndim > 1:
        return f"{text} The same sizes stand in another order: two axes are swapped."
    if got.size == expected.size:
        return f"{text} The number of entries is right: a reshape, squeeze or expand_dims is missing, or one too many."
    if got.ndim != expected.ndim:
        return f"{text} It has too {'many' if got.ndim > expected.ndim else 'few'} axes."
    off = {axis: g - e for axis, (g, e) in enumerate(zip(got.shape, expected.shape, strict=True)) if g != e}
    if len(set(off.values())) == 1 and set(off.values()) <= {1, -1}:
        much = "one entry too many" if 1 in off.values() else "one entry too few"
        return f"{text} Along {_axes(list(off))} it has {much}."
    return text


def dtype(output: Output, expected: ExpectedPart, given: Collection[str]) -> str:
    """What is wrong with the type of the entries, or "".

    Args:
        output: what came.
        expected: what is right.
        given: the dtypes of the tensors among the arguments.
    """
    assert output.array is not None
    got = output.array.dtype
    if expected.dtype in _PYTHON:
        return _no_python_number(output, got, expected.dtype)
    if expected.dtype in _ENTRIES:
        kinds, entries = _ENTRIES[expected.dtype]
        return "" if got.kind in kinds else f"should hold {entries}, but it is {got.name}."
    if output.kind == "number" and output.array.ndim == 0 and got.kind in "if":
        return ""  # a Python number has no precision to get wrong
    if got.name == expected.dtype:
        return ""
    like = " like the input" if expected.dtype in given else ""
    hint = " Keep the dtype of the input." if like else ""
    if got.name == "float64":
        hint = " Something in your code uses double precision: a NumPy scalar or array, or tf.constant without the input's dtype."
        if not like:
            hint = f" NumPy's arrays are float64 unless you name another dtype: tf.cast(..., tf.{expected.dtype}) converts it."
    return f"should be {expected.dtype}{like}, but it is {got.name}.{hint}"


LISTS = {"ints": "a list of whole numbers", "floats": "a list of floats", "bools": "a list of True and False"}
_PYTHON = {"int": "a whole number (an int)", "float": "a Python float", "bool": "True or False", **LISTS}
"""The numbers that are Python's own, in words."""
_ENTRIES = {"whole": ("iu", "whole numbers"), "boolean": ("b", "True and False")}
"""The entries of a tensor that has no precision: the kinds of NumPy's types, and words."""


def _no_python_number(output: Output, got: np.dtype[Any], wanted: str) -> str:
    """NumPy's scalars count as Python numbers; a tensor does not."""
    if got.kind not in {"int": "iu", "float": "if", "bool": "b"}[wanted.removesuffix("s")]:
        return f"should be {_PYTHON[wanted]}, but its type is {got.name}."
    if output.kind == "tensor":
        how = ".numpy().tolist()" if wanted in LISTS else f"{wanted}(...)"
        return f"should be {_PYTHON[wanted]}, but it is a tensor: {how} converts it."
    return ""


def not_finite(got: np.ndarray, *, public: bool) -> str:
    """Entries are NaN or infinite."""
    how_many = f"{int(np.sum(~np.isfinite(got)))} of {got.size} entries" if public else "entries"
    look = "Look for a division by zero, an overflow, a root or logarithm of a number that is not positive, or an infinity that should have been replaced."
    return f"holds {how_many} that are NaN or infinite. {look}"


def gap(got: np.ndarray, expected: np.ndarray, difference: np.ndarray, wrong: np.ndarray, *, public: bool) -> str:
    """How far the numbers are off; for a hidden case, only that they are."""
    if not public:
        return "differs from the expected one."
    count = f" in {int(wrong.sum())} of {wrong.size} entries" if wrong.size > 1 else ""
    worst = np.unravel_index(int(np.argmax(difference)), difference.shape)
    at = f"At {list(map(int, worst))}, where it differs most: expected" if worst else "Expected"
    wanted, came = _told_apart(expected[worst], got[worst])
    if got.dtype.kind == "b":
        wanted, came = str(bool(expected[worst])), str(bool(got[worst]))
    return f"differs from the expected one{count}. {at} {wanted}, got {came}."


def below_gate(share: float, gate: float, got: np.ndarray) -> str:
    """Too few of the returned classes are right."""
    text = f"gives {share:.0%} of the examples their right class; at least {gate:.0%} are needed."
    if np.ptp(got) == 0:
        return f"{text} It is the same class for all of them."
    return f"{text} Check the steps one by one on a few examples whose classes you know."


def cut(argument: str, by_numpy: bool) -> str:
    """No gradient reaches an argument."""
    text = f"There is no gradient wrt {argument}: the path from {argument} to the result is cut."
    if by_numpy:
        return f"{text} The result is a NumPy value, which TensorFlow cannot differentiate: use tensor operations instead of NumPy and keep everything a tensor."
    ways = "NumPy (`.numpy()`, np.*, float()), tf.stop_gradient, tf.constant(...) around a tensor, or rounding"
    return f"{text} {ways} do this: use tensor operations all the way, and use the argument itself."


def _container(kind: str) -> str:
    return kind if kind in ("tuple", "list", "dict") else "collection"


def _axes(axes: list[int]) -> str:
    return f"axis {axes[0]}" if len(axes) == 1 else f"axes {', '.join(map(str, axes[:-1]))} and {axes[-1]}"


def _told_apart(one: Any, other: Any) -> tuple[str, str]:
    """Two different numbers, with as many digits as it takes to see the difference."""
    texts = [(_number(one, digits), _number(other, digits)) for digits in (6, 9, 12, 17)]
    return next((pair for pair in texts if pair[0] != pair[1]), texts[-1])


def _number(value: Any, digits: int) -> str:
    number = float(value)
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else f"{number:.{digits}g}"
