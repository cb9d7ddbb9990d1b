"""Runs a function in the student's own process, where nothing is hidden: bounded in time, and in what it prints."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from ..border.observation import Observation
from ..border.task import Task, random_seed
from ..grader.answers import Answers, task
from ..grader.models import examined_here
from ..grader.patience import FACTORS, below_the_gate, trained_for_longer
from ..grader.protocol import Seen
from ..question import PUBLIC_SALT, Question
from .flood import shortened
from .nudged import nudged_task
from .time_limit import OutOfTime, time_limit


def run_here(function: Callable[..., Any], answers: Answers) -> tuple[Seen, Seen]:
    """What a function shows on its public cases, and on the same cases with slightly different inputs.

    Raises:
        KeyboardInterrupt: the student stopped it.
    """
    with _without_advice(), shortened():
        seen = _observe(function, task(answers.question, PUBLIC_SALT), answers.question)
        return seen, Seen() if seen.ended else _observe(function, nudged_task(answers), answers.question)


def _observe(function: Any, wanted: Task, question: Question) -> Seen:
    from ..worker.observe import call, finished, observe

    observations: list[Observation] = []
    try:
        with time_limit(question.seconds):  # what grading allows, too
            for index, (arguments, seed) in enumerate(wanted.cases):
                images = wanted.exams[index]["images"] if wanted.exams else None
                asked = wanted.asked if seed is not None else replace(wanted.asked, wrt=())
                seen = finished(*call(function, asked, arguments, random_seed(seed), images), seed)
                if seen.failure and seen.failure.kind == "KeyboardInterrupt":
                    raise KeyboardInterrupt
                if seen.failure and seen.failure.kind == OutOfTime.__name__:
                    return Seen(observations, "timeout", where=seen.failure.where)
                observations.append(seen)
    except OutOfTime:
        return Seen(observations, "timeout")
    if wanted.exams:
        from ..worker.examine import examine

        observations = examined_here(observations, wanted.exams, lambda call: observe(examine, call))
        for factor in FACTORS:
            for index, longer in below_the_gate(question, observations, factor):
                observations[index] = trained_for_longer(observations[index], observe(examine, longer))
    return Seen(observations)


@contextmanager
def _without_advice() -> Iterator[None]:
    """Keeps TensorFlow's advice on how a function is called out of the cell: the calls are ours, and nbgrader takes any stderr for a failure."""
    log = logging.getLogger("tensorflow")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(level)
