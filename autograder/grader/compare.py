"""Compares an observation with what is expected, climbing a ladder and stopping at the first miss.

defined -> ran -> allowed -> structure -> shape -> dtype -> finite -> value -> each gradient. Pure NumPy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..border.observation import Failure, Observation, Output
from ..question import Case, Question, gradient_part
from .diagnose import Sign, cause, raised, signs
from .expected import GIVEN_WEIGHTS, Expected, ExpectedPart, output_of
from .models import NO_MODEL, read
from .rules import GENERIC, accuracy, judge


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


def compare(question: Question, case: Case, seen: Observation, expected: Expected) -> list[Finding]:
    """Compares one case, part by part.

    Args:
        question: names the parts.
        case: public or not: only of a public one numbers and texts may be shown.
        seen: what the worker showed.
        expected: what is right; nothing where rules judge.

    Example:
        >>> from autograder.border.observation import Output
        >>> from autograder.question import array
        >>> case = Case("a row", public=True, x=array([1, 2]))
        >>> double = Question("double", points=1, cases=(case,))
        >>> right = {"value": ExpectedPart(np.array([2.0, 4.0]), "float32", 1e-4)}
        >>> seen = Observation(outputs=(Output("tensor", np.array([3.0, 5.0], np.float32)),))
        >>> compare(double, case, seen, right)[0].message
        'The value differs from the expected one in 2 of 2 entries. At [0], where it differs most, 2 is expected, and it is 3. Every entry is off by the same amount, 1.'
    """
    parts = question.parts_of(case)
    if seen.failure:
        return _all(parts, *_raised(question, seen.failure))
    if question.rules:
        return _judged(question, case, seen, expected)
    if seen.banned and question.ban:
        used = " and ".join(seen.banned)
        text = f"{question.name} is to be written from scratch, but it uses {used}. Use {question.ban.instead} instead."
        return _all(parts, "allowed", text)
    if seen.changed:
        text = f"{question.name} changes its argument {' and '.join(seen.changed)} in place. Work on a copy: the caller still needs it."
        return _all(parts, "structure", text)
    if miss := _structure_miss(question, seen):
        return _all(parts, "structure", miss)
    findings = [_part(question, seen, part, expected[part], case.public) for part in question.outputs]
    first_fits = findings[0].rung in ("", "finite", "value")
    for name in question.wrt:
        part = gradient_part(name)
        if part not in parts:
            continue
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
            findings.append(_part(question, seen, part, expected[part], case.public))
    return findings


def signs_of(question: Question, case: Case, seen: Observation) -> dict[str, Sign]:
    """What an observation shows, by part: numbers, or of a model its symptoms."""
    parts = question.parts_of(case)
    if not question.rules:
        return signs(parts, len(question.outputs), seen)
    if seen.failure:
        return dict.fromkeys(parts, raised(seen.failure))
    symptoms = {finding.part: finding.rung for finding in _judged(question, case, seen, {})}
    together = "; ".join(symptom for symptom in symptoms.values() if symptom)
    shown = {part: Sign(together if symptom in GENERIC else symptom) for part, symptom in symptoms.items()}
    if symptoms.get(GIVEN_WEIGHTS) == "":
        shown[GIVEN_WEIGHTS] = Sign("", read(seen).predictions)
    return shown


def _judged(question: Question, case: Case, seen: Observation, expected: Expected) -> list[Finding]:
    exam = case.exam
    assert exam
    rules = {name: expected.get(name, limit) for name, limit in question.rules.items()}
    try:
        model = read(seen)
        return [
            Finding(
                part, symptom, message, measured=accuracy(model.scored, exam.labels) if part == "accuracy" else None
            )
            for part, (symptom, message) in judge(model, rules, exam)
        ]
    except (ValueError, LookupError, TypeError) as error:  # made up by hand: a model has all that is looked for
        said = f"What {question.name} returned cannot be examined as a model ({error})."
        return _all(question.parts_of(case), "structure", said)


def _all(parts: Sequence[str], rung: str, message: str) -> list[Finding]:
    return [Finding(part, rung, message) for part in parts]


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
