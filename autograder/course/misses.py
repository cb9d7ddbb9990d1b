"""Why an audit missed: the case and the part, the numbers that were seen, and a likely reason. For authors, so nothing is withheld."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from ..grader.answers import Answers
from ..grader.compare import signs_of
from ..grader.expected import output_of
from ..grader.protocol import Seen
from ..grader.score import score
from ..question import Case, Rung

SHOWN = 2
"""How many parts are told in full; a third one seldom tells more."""
NOTHING = 1e-3
"""An expected array whose largest entry is below this share of the largest in other cases is rounding and little else."""
ROUNDING = 0.25
"""The share of a tolerance that right code seldom uses up."""
FEW = 2
"""An axis with so few entries is worth a word: much cancels between two."""


def failed(answers: Answers, seen: Seen) -> str:
    """The first parts that do not pass, each with its case, its numbers and a likely reason.

    Args:
        answers: of the question.
        seen: what a mistake or a variant showed.
    """
    report = score(_opened(answers), seen)
    places = [(i, part) for i, case in enumerate(answers.question.cases) for part in answers.question.parts_of(case)]
    missed = [(at, part) for at, part in zip(places, report.parts, strict=True) if part.passed is not True]
    told = [
        f"case {part.case!r}, {part.part}: {part.message or 'it was not run.'}{_because(answers, *at)}"
        for at, part in missed[:SHOWN]
    ]
    if report.message:
        told.insert(0, report.message)
    more = f"{len(missed) - SHOWN} more of {len(places)} parts." if len(missed) > SHOWN else ""
    return " ".join([*told, more]).strip()


def unseen(answers: Answers, seen: Seen) -> str:
    """Why a mistake passes every case: where it comes closest to being caught, and where nothing could show."""
    found = [(off / allowed, index, part, off, allowed) for index, part, off, allowed in _differences(answers, seen)]
    if not found:
        return "no case shows a number of it."
    _, index, part, off, allowed = max(found)
    within = "up to rounding" if off < ROUNDING * allowed else "within the tolerance"
    places = [(index, part), *((index, part) for _, index, part, *_ in found)]
    reason = next(filter(None, (vanishing(answers, *place) for place in places)), "")
    return (
        f"in all {len(seen.observations)} cases it gives what the reference gives, {within}. It comes closest to being caught in "
        f"case {answers.question.cases[index].name!r}, {part}: off by {off:.3g}, and {allowed:.3g} is allowed. "
        f"{reason or 'Add a case in which it differs.'}"
    )


def vanishing(answers: Answers, index: int, part: str) -> str:
    """The reason why a part of a case tells little: what is expected is zero there up to rounding. "" if it is not."""
    expected = answers.expected[index].get(part)
    if expected is None or expected.exact or expected.array.size == 0:
        return ""
    largest = float(np.max(np.abs(expected.array)))
    elsewhere = max(
        (float(np.max(np.abs(e[part].array), initial=0.0)) for i, e in enumerate(answers.expected) if i != index and part in e),
        default=0.0,
    )  # fmt: skip
    if largest > max(NOTHING * elsewhere, expected.tolerance):
        return ""
    what = "gradient" if part not in answers.question.outputs else part
    size = f" up to rounding (its largest entry is {largest:.2g}, in other cases {elsewhere:.2g})" if largest else ""
    return f"The {what} is 0{_few(answers.question.cases[index])}{size}, so a wrong one hardly shows."


def _because(answers: Answers, index: int, part: str) -> str:
    return f" {vanishing(answers, index, part)}".rstrip()


def _few(case: Case) -> str:
    """The first argument that has few entries along its first axis: what is computed over them may cancel."""
    for name, value in case.arguments.items():
        if isinstance(value, np.ndarray) and value.ndim > 1 and value.shape[0] <= FEW:
            return f" in a batch of {value.shape[0]} ({name} has shape {value.shape})"
    return ""


def _differences(answers: Answers, seen: Seen) -> Iterator[tuple[int, str, float, float]]:
    """Case, part, the largest difference from what is expected, and what is allowed."""
    for index, observation in enumerate(seen.observations):
        for part, sign in signs_of(answers.question, answers.question.cases[index], observation).items():
            expected = answers.expected[index].get(part)
            output = output_of(answers.question, observation, part)
            if expected is None or output is None or output.array is None or sign.array is None:
                continue
            if output.array.shape == expected.array.shape and output.array.size:
                off = float(np.max(np.abs(output.array.astype(np.float64) - expected.array)))
                yield index, part, off, max(expected.tolerance, 1e-300)


def _opened(answers: Answers) -> Answers:
    """The same answers with nothing hidden: a hidden case's message has no numbers."""

    def opened(case: Case) -> Case:
        if case.public or isinstance(case, Rung):
            return case
        return Case(case.name, public=True, dtype=case.dtype).with_arguments(case.arguments, case.exam)

    question = answers.question
    return replace(answers, question=replace(question, cases=tuple(map(opened, question.cases))))
