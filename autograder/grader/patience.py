"""A gate on accuracy asks what a model can learn, not how fast: below it, the grader trains the model again, longer and more gently."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..border.observation import Observation
from ..border.task import Asked, Task
from ..question import Exam, Question
from . import models
from .protocol import OnBegin, Run
from .rules import accuracy
from .workers import Workers

FACTORS = (3, 10)
"""How many times as long, at a learning rate that many times smaller, a model is trained before it loses points."""


def run_patiently(
    workers: Workers,
    cells: Sequence[dict[str, str]],
    tasks: Sequence[Task],
    questions: Mapping[str, Question],
    on_begin: OnBegin = lambda _: None,
) -> Run:
    """As `Workers.run`; models that stay below their gate are then trained again, longer and at a smaller learning rate.

    A network whose neurons saturate or die in the first steps stays there however long the training goes on; at a smaller rate it learns.

    Args:
        workers: where student code runs, and where models are trained.
        cells: the submission's.
        tasks: what to observe.
        questions: for each task, by its name, the materialised question.
        on_begin: told what begins.
    """
    run = workers.run(cells, tasks, on_begin)
    for factor in FACTORS:
        again = [
            (name, index, call)
            for name, question in questions.items()
            if name in run.questions
            for index, call in below_the_gate(question, run.questions[name].observations, factor)
        ]
        if not again:
            break
        longer = [
            Task(f"{name} {index}", Asked(models.FUNCTION, seconds=questions[name].seconds * factor), ((call, None),))
            for name, index, call in again
        ]
        seen = workers.run(models.CELLS, [replace(task, repeatable=True) for task in longer]).questions
        for (name, index, _), task in zip(again, longer, strict=True):
            for found in seen[task.name].observations:
                observations = run.questions[name].observations
                observations[index] = trained_for_longer(observations[index], found)
    return run


def below_the_gate(
    question: Question, observations: Sequence[Observation], factor: int
) -> list[tuple[int, dict[str, Any]]]:
    """The cases whose model did not reach its gate, with the call that trains it `factor` times as long, at a rate `factor` times smaller."""
    gate = question.rules.get("accuracy")
    if gate is None:
        return []
    found = []
    for index, (case, seen) in enumerate(zip(question.cases, observations, strict=False)):
        if case.exam and case.exam.steps and not seen.failure and _accuracy(seen, case.exam) < gate:
            exam = case.exam
            longer = replace(exam, steps=exam.steps * factor, learning_rate=exam.learning_rate / factor)
            portrait = replace(seen, outputs=seen.outputs[: models.PORTRAIT])
            found += [(index, call) for call in models.arguments([portrait], [longer.for_worker()])]
    return found


def trained_for_longer(seen: Observation, found: Observation) -> Observation:
    """An examined model with the predictions after the longer training."""
    if found.failure or len(found.outputs) != models.PORTRAIT:
        return seen
    return replace(seen, outputs=(*seen.outputs[: models.PORTRAIT + 2], *found.outputs[2:]))


def _accuracy(seen: Observation, exam: Exam) -> float:
    try:
        return accuracy(models.read(seen).scored, exam.labels)
    except (ValueError, LookupError, TypeError, ArithmeticError):
        return 1.0  # it is no model: nothing to train, and another rule says so
