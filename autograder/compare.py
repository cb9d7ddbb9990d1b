"""Compares an observation with what is expected, climbing a ladder and stopping at the first miss.

defined -> ran -> allowed -> structure -> shape -> dtype -> finite -> value -> each gradient. Pure NumPy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .diagnose import Sign, cause, raised, signs
from .examination import NO_MODEL, read
from .observation import Failure, Observation, Output
from .question import ModelQuestion, Question, gradient_part
from .rules import GENERIC, accuracy, judge

VALUE_FLOOR = 1e-5
GRADIENT_FLOOR = 2e-5
"""Tolerances relative to max|expected|: over ten times what right float32 code was seen to differ by."""
SPREAD = 16.0
"""How many times the reference's own float32-to-float64 difference is allowed."""
QUANTUM_BITS = 26


@dataclass(frozen=True)
class ExpectedPart:
    """What one part of a case should be.

    Attributes:
        array: the value, from the reference in float64.
        dtype: what the function should return, e.g. "float32", or "int".
        tolerance: the largest absolute difference that still is right.
    """

    array: np.ndarray
    dtype: str
    tolerance: float

    def to_tree(self) -> dict[str, Any]:
        """As a tree for `wire`, quantised so that every machine writes the same bytes; whole numbers stay exact."""
        return {
            "array": self.array if self.dtype == "int" else quantised(self.array),
            "dtype": self.dtype,
            "tolerance": float(f"{self.tolerance:.2e}"),
        }

    @staticmethod
    def from_tree(tree: dict[str, Any]) -> ExpectedPart:
        """Reads what `to_tree` wrote."""
        return ExpectedPart(tree["array"].astype(np.float64), tree["dtype"], tree["tolerance"])


Expected = dict[str, ExpectedPart]
"""What a case should be, by part."""


@dataclass(frozen=True)
class Finding:
    """The result of one (case, part).

    Attributes:
        part: "value", "dx", "gradient wrt filters", ...
        rung: "" if it is right, else the rung of the ladder that was missed.
        message: to the student: what was expected, what came, the likely cause, the next step.
        picture: how wrong each entry is, from 0 to 1, over the last two telling axes; only for a wrong value.
        measured: of an accuracy rule, the share of right answers.
    """

    part: str
    rung: str = ""
    message: str = ""
    picture: tuple[tuple[float, ...], ...] = ()
    measured: float | None = None

    @property
    def passed(self) -> bool:
        """Whether the part is right."""
        return not self.rung


def expect(question: Question, single: Observation, double: Observation) -> Expected:
    """What is right, from the reference observed in float32 and in float64.

    Raises:
        ValueError: if the reference itself failed.
    """
    expected: Expected = {}
    for part in () if isinstance(question, ModelQuestion) else question.parts:
        low, high = output_of(question, single, part), output_of(question, double, part)
        if low is None or high is None or low.array is None or high.array is None:
            raise ValueError(f"the reference gives nothing for {part}: {single.failure or single.gradient_failure}")
        exact = high.array.astype(np.float64)
        if not np.all(np.isfinite(exact)) or not np.all(np.isfinite(low.array)):
            raise ValueError(
                f"the reference gives NaN or infinity for {part}"
            )  # the tolerance would be NaN: all passes
        if exact.shape != low.array.shape:
            raise ValueError(f"the reference gives {part} another shape in float64")
        floor = GRADIENT_FLOOR if part not in question.outputs else VALUE_FLOOR
        scale = float(np.max(np.abs(exact), initial=0.0))
        spread = float(np.max(np.abs(exact - low.array), initial=0.0))
        whole = low.array.dtype.kind in "iub"
        tolerance = 0.0 if whole else floor * scale + SPREAD * spread + 1e-7
        expected[part] = ExpectedPart(exact, "int" if whole else low.array.dtype.name, tolerance)
    return expected


def compare(
    question: Question, seen: Observation, expected: Expected, *, public: bool, exam: Mapping[str, Any] | None = None
) -> list[Finding]:
    """Compares one case, part by part.

    Args:
        question: names the parts.
        seen: what the worker showed.
        expected: what is right; of a model question nothing.
        public: whether numbers of the arrays may be shown.
        exam: of a model question, the case's.
    """
    if seen.failure:
        return _all(question, *_raised(question, seen.failure))
    if isinstance(question, ModelQuestion):
        return _judged(question, seen, exam or {})
    if seen.banned and question.ban:
        used = " and ".join(seen.banned)
        text = f"{question.name} is to be written from scratch, but it uses {used}. Use {question.ban.instead} instead."
        return _all(question, "allowed", text)
    if seen.changed:
        text = f"{question.name} changes its argument {' and '.join(seen.changed)} in place. Work on a copy: the caller still needs it."
        return _all(question, "structure", text)
    if miss := _structure_miss(question, seen):
        return _all(question, "structure", miss)
    findings = [_part(question, seen, part, expected[part], public) for part in question.outputs]
    first_fits = findings[0].rung in ("", "finite", "value")
    for name in question.wrt:
        part = gradient_part(name)
        if not first_fits:
            findings.append(
                Finding(
                    part,
                    "gradient",
                    "The gradient was not compared, because the value's type or shape is not right yet.",
                )
            )
        elif seen.gradient_failure:
            findings.append(
                Finding(part, "gradient", "Differentiating your function raised " + _named(seen.gradient_failure))
            )
        elif seen.gradients.get(name) is None:
            findings.append(Finding(part, "gradient", _cut(name, seen.outputs[0])))
        else:
            findings.append(_part(question, seen, part, expected[part], public))
    return findings


def signs_of(question: Question, seen: Observation, exam: Mapping[str, Any]) -> dict[str, Sign]:
    """What an observation shows, by part: numbers, or of a model its symptoms."""
    if not isinstance(question, ModelQuestion):
        return signs(question.parts, len(question.outputs), seen)
    if seen.failure:
        return dict.fromkeys(question.parts, raised(seen.failure))
    symptoms = {finding.part: finding.rung for finding in _judged(question, seen, exam)}
    together = "; ".join(symptom for symptom in symptoms.values() if symptom)
    return {part: Sign(together if symptom in GENERIC else symptom) for part, symptom in symptoms.items()}


def _judged(question: ModelQuestion, seen: Observation, exam: Mapping[str, Any]) -> list[Finding]:
    try:
        model = read(seen)
        return [
            Finding(
                part, symptom, message, measured=accuracy(model.scored, exam["labels"]) if part == "accuracy" else None
            )
            for part, (symptom, message) in judge(model, question.rules, exam)
        ]
    except (ValueError, LookupError, TypeError) as error:  # made up by hand: a model has all that is looked for
        return _all(question, "structure", f"What {question.name} returned cannot be examined as a model ({error}).")


def output_of(question: Question, seen: Observation, part: str) -> Output | None:
    """The output or gradient that belongs to a part, or None."""
    if part in question.outputs:
        index = question.outputs.index(part)
        return seen.outputs[index] if index < len(seen.outputs) else None
    return next((value for name, value in seen.gradients.items() if gradient_part(name) == part), None)


def quantised(array: np.ndarray) -> np.ndarray:
    """Rounds to 26 bits below the largest entry: the last bits differ between machines, and a file must not."""
    if array.dtype.kind != "f":
        return array
    largest = float(np.max(np.abs(array[np.isfinite(array)]), initial=0.0))
    if largest < 1e-300:  # nothing but zeros in float32
        return np.asarray(array + 0.0, np.float32)
    quantum = 2.0 ** (np.ceil(np.log2(largest)) - QUANTUM_BITS)
    return np.asarray(np.round(array.astype(np.float64) / quantum) * quantum + 0.0, np.float32)


def _all(question: Question, rung: str, message: str) -> list[Finding]:
    return [Finding(part, rung, message) for part in question.parts]


def _raised(question: Question, failure: Failure) -> tuple[str, str]:
    if failure.kind == "NotImplementedError":
        return "defined", f"{question.name} is not attempted yet: replace `raise NotImplementedError()` by your code."
    if failure.out_of_memory:
        return (
            "ran",
            f"{question.name} needs more memory than a worker has. Look for an array that grows with every step or a shape that is far too large.",
        )
    if failure.kind == "TypeError" and "unexpected keyword argument" in failure.message and not failure.where:
        return (
            "ran",
            f"{question.name} raised {_named(failure)} Keep the parameter names of the stub: it is called with keywords.",
        )
    if failure.kind == "Unfinished":
        return "ran", f"{question.name} calls your {failure.message}, which is not attempted yet: write that first."
    if failure.kind == "Leftover":
        said = f"{failure.message} still holds the line `raise NotImplementedError()`, which ends it there. Delete that line; your code around it then runs."
        return "ran", said
    if failure.kind == NO_MODEL:
        return "structure", failure.message
    if failure.kind == "SystemExit":
        return "ran", f"{question.name} ends the whole program: take out exit() or sys.exit()."
    return "ran", f"{question.name} raised {_named(failure)}"


def _named(failure: Failure) -> str:
    text = f"{failure.kind}: {failure.message}".strip().removesuffix(":")
    text = text if len(text) < 600 else text[:600] + " ..."
    if text[-1] not in ".!?":
        text += "."
    return text + (f" ({failure.where})" if failure.where else "")


def _structure_miss(question: Question, seen: Observation) -> str:
    wanted = question.returns
    if not wanted:
        if seen.structure == "one":
            if seen.outputs[0].kind == "NoneType":
                return f"{question.name} returned None. Is the `return` missing, or indented into a loop or a branch that is not reached?"
            return ""
        return f"{question.name} should return one value, but it returned a {seen.structure} of {len(seen.outputs)}."
    if seen.structure in ("one", "dict") or len(seen.outputs) != len(wanted):
        came = (
            f"one {seen.outputs[0].kind}" if seen.structure == "one" else f"a {seen.structure} of {len(seen.outputs)}"
        )
        return f"{question.name} should return the {len(wanted)} values ({', '.join(wanted)}) in this order, but it returned {came}."
    return ""


def _part(question: Question, seen: Observation, part: str, expected: ExpectedPart, public: bool) -> Finding:
    output = output_of(question, seen, part)
    what = f"the {part}" if part not in question.outputs else f"the output {part}" if question.returns else "the value"
    if output is None or output.array is None:
        came = output.kind if output else "nothing"
        wanted = (
            "a whole number"
            if expected.dtype == "int"
            else f"a {expected.dtype} tensor of shape {expected.array.shape}"
        )
        return Finding(part, "structure", f"{_capital(what)} should be {wanted}, but it is {_article(came)}.")
    got = output.array
    if got.shape != expected.array.shape:
        text = f"{_capital(what)} should have shape {expected.array.shape}, but it has shape {got.shape}."
        return Finding(part, "shape", f"{text} {_shape_cause(got, expected)}".strip())
    if miss := _dtype_miss(output, expected):
        return Finding(part, "dtype", f"{_capital(what)} {miss}")
    if not np.all(np.isfinite(got)):
        bad = int(np.sum(~np.isfinite(got)))
        text = f"{_capital(what)} holds {bad} entries that are NaN or infinite, of {got.size}. Look for a division by zero, a root or logarithm of a negative number, or padding with infinity that survives."
        return Finding(part, "finite", text)
    difference = np.abs(got.astype(np.float64) - expected.array)
    wrong = difference > expected.tolerance
    if not np.any(wrong):
        return Finding(part)
    return Finding(
        part,
        "value",
        _value_message(what, got, expected, difference, wrong, public),
        picture(difference, expected.tolerance),
    )


def _value_message(
    what: str, got: np.ndarray, expected: ExpectedPart, difference: np.ndarray, wrong: np.ndarray, public: bool
) -> str:
    count = f"in {int(wrong.sum())} of {wrong.size} entries" if wrong.size > 1 else ""
    text = f"{_capital(what)} differs from the expected one {count}".strip() + "."
    if public:
        worst = np.unravel_index(int(np.argmax(difference)), difference.shape)
        at = f"At {list(map(int, worst))}, where it differs most, " if worst else ""
        text += f" {at}{_number(expected.array[worst])} is expected, and it is {_number(got[worst])}."
    reason = cause(got.astype(np.float64), expected.array, expected.tolerance)
    return f"{text} {reason}".strip()


def _dtype_miss(output: Output, expected: ExpectedPart) -> str:
    assert output.array is not None
    got = output.array.dtype
    if expected.dtype == "int":
        if got.kind in "iu":
            return ""
        hint = "Use // for a division that stays whole." if got.kind == "f" else ""
        return f"should be a whole number, but it is a {got.name}. {hint}".strip()
    if output.kind == "number" and output.array.ndim == 0 and got.kind in "if":
        return ""  # a Python number has no precision to get wrong
    if got.name == expected.dtype:
        return ""
    hint = (
        "Something in your code makes double precision: a NumPy scalar or array, or tf.constant without the input's dtype."
        if got.name == "float64"
        else "Keep the dtype of the input."
    )
    return f"should be {expected.dtype} like the input, but it is {got.name}. {hint}"


def _shape_cause(got: np.ndarray, expected: ExpectedPart) -> str:
    if sorted(got.shape) == sorted(expected.array.shape) and got.ndim > 1:
        return "The same sizes stand in another order: two axes are swapped."
    if got.size == expected.array.size:
        return "The number of entries is right: a reshape, squeeze or expand_dims is missing."
    if got.ndim != expected.array.ndim:
        return f"It has {got.ndim} axes instead of {expected.array.ndim}."
    off = {g - e for g, e in zip(got.shape, expected.array.shape, strict=True)} - {0}
    if off in ({1}, {-1}):
        return "It is one entry off: check the rounding in the output size."
    return ""


def _cut(argument: str, output: Output) -> str:
    text = f"There is no gradient wrt {argument}: the way from {argument} to the result is cut. "
    if output.kind in ("array", "number"):
        return (
            text
            + "The result is a NumPy value, which TensorFlow cannot differentiate: use tensor operations instead of NumPy loops and keep everything a tensor."
        )
    return (
        text
        + "NumPy (`.numpy()`, np.*, float()), tf.stop_gradient, tf.constant(...) around a tensor, or rounding do this: use tensor operations all the way, and use the argument itself."
    )


def picture(difference: np.ndarray, tolerance: float) -> tuple[tuple[float, ...], ...]:
    """How wrong each entry is, as a small grid: height and width for images and filters, the last two axes otherwise.

    0 is right, 1 is the largest difference; other axes are shown by their worst entry.
    """
    if difference.ndim == 4:
        n, h, w, _ = difference.shape
        grid = difference.max(axis=(0, 3) if h * w >= max(n * h, 2) else (2, 3) if n * h > 1 else (1, 2))
    elif difference.ndim > 2:
        grid = difference.max(axis=tuple(range(difference.ndim - 2)))
    else:
        grid = np.atleast_2d(difference)
    grid = grid[:32, :32]
    shown = np.where(grid > tolerance, grid / max(float(grid.max(initial=0.0)), 1e-30), 0.0)
    return tuple(tuple(round(float(value), 2) for value in row) for row in shown)


def _number(value: Any) -> str:
    return f"{float(value):.6g}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:] if text.startswith("the ") else text


def _article(noun: str) -> str:
    return noun if noun == "nothing" else f"a {noun}"
