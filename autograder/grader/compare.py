"""Compares an observation with what is expected, step by step, and stops at the first miss.

defined -> ran -> allowed -> structure -> shape -> dtype -> finite -> value -> each gradient. Pure NumPy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..border.observation import LISTED, Observation
from ..question import Case, Question, gradient_part
from . import messages
from .causes import cause
from .expected import GIVEN_WEIGHTS, Expected, ExpectedPart, output_of, share_of_right
from .models import read
from .rules import GENERIC, accuracy, judge
from .signs import Sign, raised, signs


@dataclass(frozen=True)
class Finding:
    """The result of one (case, part).

    Attributes:
        part: "value", "dx", "gradient wrt filters", ...
        miss: "" if it is right, else the step of the comparison that was missed, or the symptom that a rule saw.
        message: to the student: what was expected, what came, the likely cause, the next step.
        picture: how wrong each entry is, from 0 to 1, as a grid; only for a wrong value.
        measured: of an accuracy rule or a gate, the share of right answers.
    """

    part: str
    miss: str = ""
    message: str = ""
    picture: tuple[tuple[float, ...], ...] = ()
    measured: float | None = None

    @property
    def passed(self) -> bool:
        """Whether the part is right."""
        return not self.miss


def compare(
    question: Question, case: Case, seen: Observation, expected: Expected, heard: Sequence[tuple[str, str]] = ()
) -> list[Finding]:
    """Compares one case, part by part.

    For a hidden case, nothing is shown that the submission chose: no text, no number, no shape, no layer's name. It could carry
    the hidden inputs. What is shown instead is one of a few sentences.

    Args:
        question: names the parts.
        case: public or hidden.
        seen: what the worker showed.
        expected: what is right; nothing where rules judge.
        heard: what public cases showed already, which may be told of a hidden case, too: type and text of exceptions, rule and
            message.

    Example:
        >>> from autograder.border.observation import Output
        >>> from autograder.question import array
        >>> case = Case("a row", public=True, x=array([1, 2]))
        >>> double = Question("double", points=1, cases=(case,))
        >>> right = {"value": ExpectedPart(np.array([2.0, 4.0]), "float32", 1e-4)}
        >>> seen = Observation(outputs=(Output("tensor", np.array([3.0, 5.0], np.float32)),))
        >>> compare(double, case, seen, right)[0].message
        'The value differs from the expected one in 2 of 2 entries. At [0], where it differs most: expected 2, got 3. Every entry is too large by the same amount, 1.'
    """
    parts = question.parts_of(case)

    def every(miss: str, message: str) -> list[Finding]:
        return [Finding(part, miss, message) for part in parts]

    if seen.failure:
        told = case.public or (seen.failure.kind, seen.failure.message) in heard
        return every(*messages.raised(question, seen.failure, told=told, double=case.dtype == "float64"))
    if question.rules:
        return [_withheld(case, finding, heard) for finding in _judged(question, case, seen, expected)]
    if question.ban and (used := [name for name in seen.banned if name in (*question.ban.ops, *question.ban.names)]):
        named = used if case.public else used[:1]  # which of a hundred names are listed can hold a hundred bits
        return every("allowed", messages.banned(question, named))
    if changed := [name for name in seen.changed if name in case.arguments]:
        return every("structure", messages.changed(question, changed))
    if miss := messages.structure(question, seen, expected.get(question.outputs[0]), public=case.public):
        return every("structure", miss)
    findings = [_part(question, case, seen, part, expected[part]) for part in question.outputs]
    gradients = [name for name in question.wrt if gradient_part(name) in parts]
    if findings[0].miss not in ("", "finite", "value"):
        text = "The gradient was not compared, because the value's type or shape is not right yet."
        return findings + [Finding(gradient_part(name), "gradient", text) for name in gradients]
    return findings + [_gradient(question, case, seen, name, expected, heard) for name in gradients]


def signs_of(question: Question, case: Case, seen: Observation) -> dict[str, Sign]:
    """What an observation shows, by part: numbers, or of a model its symptoms."""
    parts = question.parts_of(case)
    if not question.rules:
        return signs(parts, len(question.outputs), seen)
    if seen.failure:
        return dict.fromkeys(parts, raised(seen.failure))
    symptoms = {finding.part: finding.miss for finding in _judged(question, case, seen, {})}
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
                part,
                symptom,
                messages.short(message),
                measured=accuracy(model.scored, exam.labels) if part == "accuracy" else None,
            )
            for part, (symptom, message) in judge(model, rules, exam)
        ]
    except (ValueError, LookupError, TypeError, ArithmeticError) as error:  # made up by hand: a model has all of it
        said = f"What {question.name} returned cannot be examined as a model ({type(error).__name__})."
        return [Finding(part, "structure", said) for part in question.parts_of(case)]


def _withheld(case: Case, finding: Finding, heard: Sequence[tuple[str, str]]) -> Finding:
    """A rule's finding as it may be told: a message on a hidden model may hold what a student's code named or counted there."""
    if case.public or finding.passed or finding.part == "accuracy" or (finding.part, finding.message) in heard:
        return finding
    return replace(finding, message=messages.hidden_rule(finding.part, broken={part for part, _ in heard}))


def _gradient(
    question: Question, case: Case, seen: Observation, name: str, expected: Expected, heard: Sequence[tuple[str, str]]
) -> Finding:
    part = gradient_part(name)
    if failure := seen.gradient_failure:
        told = case.public or (failure.kind, failure.message) in heard
        return Finding(part, "gradient", f"Differentiating your function raised {messages.named(failure, told=told)}")
    if seen.gradients.get(name) is None:
        return Finding(part, "gradient", messages.cut(name, seen.outputs[0].kind in ("array", "number")))
    return _part(question, case, seen, part, expected[part])


def _part(question: Question, case: Case, seen: Observation, part: str, expected: ExpectedPart) -> Finding:
    output, public = output_of(question, seen, part), case.public
    named = part in question.returns and part != "output"
    what = f"The output {part}" if named else f"The {part}"
    listed = output is not None and output.kind == LISTED and expected.dtype not in messages.LISTS
    if output is None or output.array is None or listed:
        came = output.kind if output else "nothing"
        return Finding(part, "structure", f"{what} {messages.no_array(expected, came, public=public)}")
    got = output.array
    if got.shape != expected.array.shape:
        return Finding(part, "shape", f"{what} {messages.shape(got, expected.array, public=public)}")
    if miss := messages.dtype(output, expected, case.dtypes):
        return Finding(part, "dtype", f"{what} {miss}")
    if not np.all(np.isfinite(got)):
        return Finding(part, "finite", f"{what} {messages.not_finite(got, public=public)}")
    if question.gate:
        share = share_of_right(got, expected.array)
        miss, message = (
            ("", "") if share >= question.gate else ("value", messages.below_gate(share, question.gate, got))
        )
        return Finding(part, miss, message, measured=share)
    difference = np.abs(got.astype(np.float64) - expected.array)
    wrong = difference > expected.tolerance
    if not np.any(wrong):
        return Finding(part)
    gap = messages.gap(got, expected.array, difference, wrong, public=public)
    reason = cause(got.astype(np.float64), expected.array, expected.tolerance, numbers=public)
    return Finding(part, "value", f"{what} {gap} {reason}".strip(), picture(difference, expected.tolerance))


def picture(difference: np.ndarray, tolerance: float) -> tuple[tuple[float, ...], ...]:
    """How wrong each entry is, as a small grid: axes 1 and 2, or 0 and 1, of four; the last two of any other number.

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
