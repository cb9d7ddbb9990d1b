"""Checks the solved functions in float64: against oracles, and their gradients against directional differences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from ..border.observation import Observation, Output
from ..border.task import Asked, Task
from ..grader import messages
from ..grader.answers import Answers, as_trees, task
from ..grader.expected import output_of
from ..grader.workers import Workers
from ..question import Case, Question, cotangent, generator, gradient_part
from .assignment import Assignment
from .misses import vanishing

STEP = 1e-6
"""The step of a finite difference in float64, relative to the input's scale."""
DIFFERENCE_TOLERANCE = 1e-6
ORACLE_TOLERANCE = 1e-9


class Checked(NamedTuple):
    """What became of a check.

    Attributes:
        question: its name.
        kind: "oracle" (counted once for all cases) or "difference" (once for a case and an argument).
        troubles: what does not agree, in sentences.
    """

    question: str
    kind: str
    troubles: list[str]


def check(assignment: Assignment, answers: dict[str, Answers], salt: str, workers: Workers) -> Iterator[Checked]:
    """Checks every reference on every case."""
    cells = as_trees(assignment.solution_cells("variants.py"))
    tasks: list[Task] = []
    for a in answers.values():
        for item in assignment.of_kind("oracle", a.question.name):
            tasks.append(task(a.question, salt, name=item.name, function=item.name, dtype="float64"))
        tasks += _shifted(a.question, salt)
    run = workers.run(cells, tasks)
    for a in answers.values():
        for item in assignment.of_kind("oracle", a.question.name):
            seen, found = run.questions[item.name].observations, []
            for index, case in enumerate(a.question.cases):
                trouble = _oracle_trouble(a, index, seen[index]) if index < len(seen) else "it did not finish"
                found += [f"oracle {item.name}, case {case.name!r}: {trouble}"] if trouble else []
            yield Checked(a.question.name, "oracle", found)
        for name in a.question.wrt:
            up, down = (run.questions[_shifted_name(a.question, name, sign)].observations for sign in (1, -1))
            for index, case in enumerate(a.question.cases):
                if gradient_part(name) not in a.expected[index]:
                    continue
                trouble = (
                    _difference_trouble(a, index, name, salt, up[index].outputs, down[index].outputs)
                    if index < min(len(up), len(down))
                    else "it did not finish"
                )
                at = f"gradient of the reference wrt {name}, case {case.name!r}"
                yield Checked(a.question.name, "difference", [f"{at}: {trouble}"] if trouble else [])


def _oracle_trouble(answers: Answers, index: int, seen: Observation) -> str:
    if seen.failure:
        return f"it raised {seen.failure.kind}: {seen.failure.message} ({seen.failure.where})"
    for part in answers.expected[index]:
        output = output_of(answers.question, seen, part)
        if output is None and part not in answers.question.outputs:
            continue  # an oracle need not be differentiable
        wanted = answers.expected[index][part].array
        if output is None or output.array is None or output.array.shape != wanted.shape:
            return f"{part} has another shape than the reference's"
        difference = np.abs(output.array.astype(np.float64) - wanted)
        wrong = ~(difference <= _allowed(answers, index, part))
        if np.any(wrong):
            gap = messages.gap(output.array, wanted, difference, wrong, public=True)
            return f"{part} {gap.replace('the expected one', 'that of the reference')}"
    return ""


def _allowed(answers: Answers, index: int, part: str) -> float:
    """How far an oracle may be off in float64: no further than a student, where expected numbers are small."""
    expected = answers.expected[index][part]
    scale = float(np.max(np.abs(expected.array), initial=0.0))
    exact = ORACLE_TOLERANCE * (1 + scale)
    return max(exact if expected.exact else min(exact, expected.tolerance), answers.question.tolerance * scale)


def _shifted_name(question: Question, argument: str, sign: int) -> str:
    return f"{question.name} {argument} {sign:+d}"


def _direction(question: Question, case: Case, argument: str, salt: str) -> np.ndarray:
    rng = generator(salt, question.name, case.name, argument, "direction")
    shape: tuple[int, ...] = case.arguments[argument].shape
    return rng.standard_normal(shape)


def _shifted(question: Question, salt: str) -> Iterator[Task]:
    """The question with one argument moved along a random direction, up and down."""
    for name in question.wrt:
        for sign in (1, -1):
            cases = tuple(
                (case.arguments | {name: _moved(question, case, name, sign, salt)}, 0) for case in question.cases
            )
            asked = Asked(
                question.name, seconds=60, dtype="float64", probe=question.probe, several=bool(question.returns)
            )
            yield Task(_shifted_name(question, name, sign), asked, cases)


def _moved(question: Question, case: Case, name: str, sign: int, salt: str) -> np.ndarray:
    """One argument a step along its direction; a sum of arrays of shape () would be a number, so it is made an array again."""
    return np.asarray(case.arguments[name] + sign * _step(case, name) * _direction(question, case, name, salt))


def _step(case: Case, argument: str) -> float:
    """In proportion to the argument's spread, since its mean may be large; equal entries, or a single one, have none."""
    values = case.arguments[argument]
    return STEP * max(1e-3, float(np.std(values)) or float(np.max(np.abs(values))))


def _difference_trouble(
    answers: Answers, index: int, name: str, salt: str, up: tuple[Output, ...], down: tuple[Output, ...]
) -> str:
    question, case = answers.question, answers.question.cases[index]
    if not up or not down or up[0].array is None or down[0].array is None:
        return "the shifted reference gave nothing"
    direction = _direction(question, case, name, salt)
    weights = cotangent(question.cotangent_seed(case, salt), up[0].array.shape)
    slope = float(np.sum((up[0].array - down[0].array) * weights)) / (2 * _step(case, name))
    gradient = answers.expected[index][gradient_part(name)].array
    exact = float(np.sum(gradient * direction))
    scale = 1e-3 + float(np.linalg.norm(gradient) * np.linalg.norm(direction))
    if abs(slope - exact) > DIFFERENCE_TOLERANCE * scale:
        why = vanishing(answers, index, gradient_part(name))
        why = why or "A kink or a tie near these inputs, or a gradient that is written by hand, does that."
        return f"the tape says {exact:.9g}, a finite difference says {slope:.9g}. {why}"
    return ""
