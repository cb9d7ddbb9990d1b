"""Solves an assignment: observes the solved notebook, and every mistake of `mistakes.py`, in a worker."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, overload

import numpy as np

from ..border import wire
from ..border.observation import Observation
from ..border.task import Task
from ..grader.answers import Answers, Mistake, as_trees, mistake_from_tree, mistake_to_tree, task
from ..grader.compare import compare, signs_of
from ..grader.expected import ExpectedPart, expect, quantised
from ..grader.identity import engine, key, versions
from ..grader.patience import run_patiently
from ..grader.protocol import Run
from ..grader.signs import Part, Sign
from ..grader.workers import Workers
from ..question import PUBLIC_SALT, Question
from .assignment import Assignment, AssignmentError

LOST_DIGITS = 1e-5
"""A difference between float32 and float64, relative to the largest entry, above which a mistake's loss of digits is itself what
it shows."""


def public_answers_of(assignment: Assignment, workers: Workers) -> dict[str, Answers]:
    """The answers of the public cases, as they are handed out. They depend on no secret.

    Raises:
        AssignmentError: if the reference fails on one of its own cases.
    """
    public = [replace(q, cases=q.cases[: q.public_cases]) for q in assignment.questions]
    found = answers_of(replace(assignment, questions=tuple(public)), PUBLIC_SALT, workers)
    return {
        q.name: replace(
            found[q.name],
            units=tuple(q.units()[: q.public_cases]),
            hidden_cases=len(q.cases) - q.public_cases,
            hidden_points=sum(u * len(q.parts) for u in q.units()[q.public_cases :]),
        )
        for q in assignment.questions
    }


def answers_of(assignment: Assignment, salt: str, workers: Workers, cache: Path | None = None) -> dict[str, Answers]:
    """The answers of every question. What `cache` does not hold yet is observed: the reference now, mistakes when needed.

    Raises:
        AssignmentError: if the reference fails on one of its own cases.
    """
    wanted = key(engine(), assignment.fingerprint, salt, sorted(versions().items()))[:16]
    questions = [question.materialised(salt) for question in assignment.questions]

    def kept(name: str, make: Callable[[], Any]) -> Any:
        return _kept(cache / f"{assignment.name}-{name}-{wanted}.npz" if cache else None, make)

    expected = kept("expected", partial(_observe_reference, assignment, questions, salt, workers))
    answers = {}
    for question in questions:
        mistakes = partial(kept, question.name, partial(_observe_mistakes, assignment, question, salt, workers))
        parts = tuple({part: ExpectedPart(**tree) for part, tree in case.items()} for case in expected[question.name])
        answers[question.name] = Answers(question, parts, LazyMistakes(mistakes), tuple(question.units()))
    return answers


class LazyMistakes(Sequence[Mistake]):
    """The mistakes of a question, observed when they are first needed: a class without errors never pays for them."""

    def __init__(self, observe: Callable[[], list[Any]]) -> None:
        self._observe = observe
        self._lock = threading.Lock()
        self._found: tuple[Mistake, ...] | None = None

    def _all(self) -> tuple[Mistake, ...]:
        with self._lock:
            if self._found is None:
                self._found = tuple(mistake_from_tree(tree) for tree in self._observe())
            return self._found

    @overload
    def __getitem__(self, index: int) -> Mistake: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Mistake, ...]: ...
    def __getitem__(self, index: int | slice) -> Mistake | tuple[Mistake, ...]:
        return self._all()[index]

    def __len__(self) -> int:
        return len(self._all())


def _kept(file: Path | None, make: Callable[[], Any]) -> Any:
    """What `file` holds, or what `make` gives, which is then kept there."""
    if file and file.exists():
        with contextlib.suppress(wire.WireError, OSError):
            return wire.load(file)
    made = make()
    if file:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # whoever can read it knows the hidden cases
        wire.save(file, made)
    return made


def _observe_both(
    workers: Workers,
    cells: list[dict[str, str]],
    tasks: Callable[[str], list[Task]],
    questions: Mapping[str, Question],
) -> tuple[Run, Run]:
    """The same tasks as they are and all in float64, side by side; models are float32 in both, so they are observed once."""
    double = [t for t in tasks("float64") if not t.exams]
    with ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(run_patiently, workers, cells, chosen, questions) for chosen in (tasks(""), double)]
        return runs[0].result(), runs[1].result()


def _observe_reference(
    assignment: Assignment, questions: list[Question], salt: str, workers: Workers
) -> dict[str, list[Any]]:
    """The expected parts of every case of every question, as a tree."""
    cells = as_trees(assignment.solution_cells())
    single, double = _observe_both(
        workers, cells, lambda dtype: [task(q, salt, dtype=dtype) for q in questions], {q.name: q for q in questions}
    )
    expected = {}
    for question in questions:
        low = single.questions[question.name]
        high = double.questions.get(question.name, low)
        try:
            _all_rules_met(question, low.observations)
            cases = [
                expect(question, case, low.observations[i], high.observations[i])
                for i, case in enumerate(question.cases)
            ]
        except (IndexError, ValueError) as error:
            trouble = low.ended or high.ended or str(error)
            raise AssignmentError(
                f"{assignment.folder}: the solved {question.name} fails its own cases: {trouble}."
            ) from error
        expected[question.name] = [{part: dict(vars(value)) for part, value in case.items()} for case in cases]
    return expected


def _all_rules_met(question: Question, seen: list[Observation]) -> None:
    """Raises ValueError if the reference of a model question breaks a rule of its own."""
    for case, observation in zip(question.cases, seen, strict=False):
        if question.rules:
            missed = [f for f in compare(question, case, observation, {}) if not f.passed]
            if missed:
                raise ValueError(f"case {case.name!r}, {missed[0].part}: {missed[0].message}")


def _observe_mistakes(assignment: Assignment, question: Question, salt: str, workers: Workers) -> list[Any]:
    """What every mistake of a question shows, as a tree."""
    mistakes = assignment.of_kind("mistake", question.name)
    cells = as_trees(assignment.solution_cells("mistakes.py"))
    shown = _observe_both(
        workers,
        cells,
        lambda dtype: [task(question, salt, name=m.name, function=m.name, dtype=dtype) for m in mistakes],
        {m.name: question for m in mistakes},
    )
    return [
        mistake_to_tree(Mistake(m.name, m.hint, _shows(question, *(_observations(run, m.name) for run in shown))))
        for m in mistakes
    ]


def _observations(run: Run, name: str) -> list[Observation]:
    return run.questions[name].observations if name in run.questions else []


def _shows(question: Question, single: list[Observation], double: list[Observation]) -> dict[Part, Sign]:
    """A mistake's signs: the form in the case's own dtype, the numbers from float64, which every machine agrees on."""
    shows = {}
    for case, low in enumerate(single):
        forms = signs_of(question, question.cases[case], low)
        exact = signs_of(question, question.cases[case], double[case]) if case < len(double) else {}
        for part, sign in forms.items():
            array = sign.array
            better = exact.get(part, sign).array
            if array is not None and better is not None and _same_but_sharper(array, better):
                array = better
            wide = sign.array is not None and sign.array.dtype == np.float64
            shows[case, part] = replace(sign, array=None if array is None else quantised(array, wide=wide))
    return shows


def _same_but_sharper(single: np.ndarray, double: np.ndarray) -> bool:
    """Whether float64 shows the same as float32, only more exactly: what overflows in one may not in the other."""
    finite = np.isfinite(double)
    if single.dtype.kind != "f" or single.shape != double.shape or not np.array_equal(np.isfinite(single), finite):
        return False
    scale = float(np.max(np.abs(double[finite]), initial=0.0))
    return bool(np.all(np.abs(single[finite] - double[finite]) <= LOST_DIGITS * scale))
