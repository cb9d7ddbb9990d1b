"""A second look at the public cases with slightly different inputs: a looked-up answer does not follow them."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..border.task import Asked, Task
from ..grader.answers import Answers
from ..grader.protocol import Seen
from ..question import Question, Rung

NUDGE = 1e-4
"""How far a nudged input is moved, in standard deviations: a right function follows, a looked-up answer does not."""
NUDGED_SHARE = 0.05
NUDGED = "nudged "


def nudged_task(answers: Answers) -> Task:
    """The public cases with every array moved a little, in a random direction that nobody can know."""
    rng = np.random.default_rng()

    def nudged(value: Any) -> Any:
        if not isinstance(value, np.ndarray) or value.dtype.kind != "f":
            return value
        spread = float(value.std()) or 1.0
        moved = value + NUDGE * spread * rng.uniform(-1, 1, value.shape)
        # To be zero may count: a right function may jump there.
        return np.where(value == 0, 0, moved).astype(value.dtype)

    question = answers.question
    cases = tuple(({k: nudged(v) for k, v in question.cases[i].arguments.items()}, 0) for i in _nudgeable(question))
    asked = Asked(question.name, seconds=question.seconds, probe=question.probe, several=bool(question.returns))
    return Task(NUDGED + question.name, asked, () if question.rules else cases)


def _nudgeable(question: Question) -> list[int]:
    """The cases whose inputs are moved: rungs only where there is nothing else, because a right function may jump there."""
    others = [index for index, case in enumerate(question.cases) if not isinstance(case, Rung)]
    return others or list(range(len(question.cases)))


def only_public(answers: Answers, nudged: Seen) -> str:
    """Why hidden cases will differ, or ""."""
    text = f"{answers.question.name} gives the public answers, but with slightly different inputs it "
    end = " Hidden cases differ from the public ones: compute the answer from the arguments, whatever they are."
    follows, varies = set[str](), set[str]()
    for index, seen in zip(_nudgeable(answers.question), nudged.observations, strict=False):
        case, expected = answers.question.cases[index], answers.expected[index]
        if not any(isinstance(v, np.ndarray) for v in case.arguments.values()):
            continue
        if seen.failure:
            return f"{text}raises {seen.failure.kind}.{end}"
        for output, part in zip(seen.outputs, answers.question.outputs, strict=False):
            wanted = expected[part]
            if output.array is None or output.array.shape != wanted.array.shape:
                return f"{text}returns something else.{end}"
            bound = NUDGED_SHARE * float(np.max(np.abs(wanted.array), initial=0.0)) + wanted.tolerance + NUDGE
            special = isinstance(case, Rung)  # no variance, equal entries: there even a small move may change much
            if not special and not np.all(np.abs(output.array - wanted.array) <= bound):
                return f"{text}gives numbers far from them.{end}"
            if not np.array_equal(output.array, wanted.array.astype(output.array.dtype)):
                follows.add(part)
            if not wanted.exact and (wanted.array.size == 1 or np.ptp(wanted.array) > wanted.tolerance):
                varies.add(part)
    if varies - follows - set(answers.question.steady):
        return f"{text}still gives exactly the same numbers.{end}"
    return ""
