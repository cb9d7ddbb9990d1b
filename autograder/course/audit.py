"""Tests the tests: every mistake must lose points and be named, every variant must pass, every reference must be right.

Mistakes and variants go through the whole grading path as notebooks of their own, as a student's would.
"""

from __future__ import annotations

import itertools
import json
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from ..grader.answers import Answers, as_trees, expected_arrays, task, tolerances
from ..grader.diagnose import Shown, explain, is_right
from ..grader.grade import Marking, grade
from ..grader.patience import run_patiently
from ..grader.protocol import Run, Seen
from ..grader.score import score
from ..grader.workers import Workers
from ..reports.report import QuestionReport, Status
from ..source.extract import Cell
from . import misses, references
from .assignment import Assignment, Implementation
from .drawn import too_few_are_drawn
from .solve import answers_of

MARGIN = 20
"""A question allows at least this many times the processor time of its slowest right variant, so that a slow machine costs
no points."""

FEWEST = {"mistake": 2, "variant": 1}
"""What every question has at least: without wrong and right answers, an audit shows nothing."""

_FILES = {"mistake": "mistakes.py", "variant": "variants.py"}


@dataclass
class QuestionAudit:
    """What the audit found about one question, over all salts so far.

    Every mistake is caught, and either named as itself, or told by the form in which it fails (an exception, a cut gradient, a
    type): many mistakes share such a form, so no name would be true.

    Attributes:
        slowest: the most processor time that a right variant took for one pass, in seconds, and its name.
        seconds: what the question allows for a pass.
    """

    question: str
    mistakes: int = 0
    caught: int = 0
    named: int = 0
    told: int = 0
    variants: int = 0
    passed: int = 0
    oracles: int = 0
    differences: int = 0
    slowest: tuple[float, str] = (0.0, "")
    seconds: float = 0.0
    misses: list[str] = field(default_factory=list)

    @property
    def margin(self) -> float:
        """How many times the slowest right variant fits into what the question allows; infinite where nothing was measured."""
        return self.seconds / self.slowest[0] if self.slowest[0] else float("inf")


def audit(
    assignment: Assignment,
    salts: list[str],
    workers: Workers,
    *,
    jobs: int = 2,
    on_step: Callable[[int, int], None] = lambda done, total: None,
) -> list[QuestionAudit]:
    """Audits every question of an assignment on every salt.

    Args:
        assignment: from `assignment.load`.
        salts: each draws other hidden inputs.
        workers: where everything runs.
        jobs: how many at once.
        on_step: called with (done, total).
    """
    results = {q.name: QuestionAudit(q.name, seconds=q.seconds) for q in assignment.questions}
    for asked in assignment.questions:
        results[asked.name].misses += filter(None, [too_few_are_drawn(asked), *_too_few(assignment, asked.name)])
    judged = [i for i in assignment.implementations if i.kind in _FILES]
    total, count = len(salts) * len(judged), itertools.count(1)
    for number, salt in enumerate(salts):
        answers = answers_of(assignment, salt, workers)
        for checked in references.check(assignment, answers, salt, workers):
            result = results[checked.question]
            result.oracles += checked.kind == "oracle"
            result.differences += checked.kind == "difference"
            result.misses += [f"salt {salt!r}: {trouble}" for trouble in checked.troubles]
        route = _one_by_one if number == 0 else _together
        for item, question, seen in route(assignment, judged, answers, salt, workers, jobs):
            _record(results[item.question], item, question, seen, answers[item.question], salt)
            if item.kind == "variant":
                results[item.question].slowest = max(results[item.question].slowest, (seen.seconds, item.name))
            on_step(next(count), total)
    return list(results.values())


def _too_few(assignment: Assignment, question: str) -> Iterator[str]:
    """What a question lacks before its audit shows anything."""
    for kind, fewest in FEWEST.items():
        count = len(assignment.of_kind(kind, question))
        if count < fewest:
            yield f"{_FILES[kind]} has {count} for it, but at least {fewest} {'is' if fewest == 1 else 'are'} needed"


Judged = Iterator[tuple[Implementation, QuestionReport, Seen]]
"""What was graded, how, and what was seen of it."""


def _one_by_one(
    assignment: Assignment,
    items: list[Implementation],
    answers: dict[str, Answers],
    salt: str,
    workers: Workers,
    jobs: int,
) -> Judged:
    """Each implementation as a notebook of its own, graded as a student's."""

    def one(item: Implementation) -> tuple[Implementation, QuestionReport, Seen]:
        mine = {item.question: answers[item.question]}
        marking = Marking(assignment.name, mine, "", salt, workers.level, assignment.idle)
        path = _as_notebook(assignment, item, Path(folder))
        runs: list[Run] = []
        report = grade(path, marking, workers, submission=item.name, student="audit", on_run=runs.append)
        return item, report.questions[0], runs[-1].questions[item.question] if runs else Seen()

    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(jobs) as pool:
        yield from pool.map(one, items)


def _together(
    assignment: Assignment,
    items: list[Implementation],
    answers: dict[str, Answers],
    salt: str,
    workers: Workers,
    jobs: int,
) -> Judged:
    """All implementations of a file in one fork: for further salts, where only the arrays are new."""

    def run(kind: str) -> list[tuple[Implementation, QuestionReport, Seen]]:
        mine = [item for item in items if item.kind == kind]
        cells = as_trees(assignment.solution_cells(_FILES[kind]))
        tasks = [task(answers[i.question].question, salt, name=i.name, function=i.name) for i in mine]
        seen = run_patiently(workers, cells, tasks, {i.name: answers[i.question].question for i in mine}).questions
        return [(item, score(answers[item.question], seen[item.name]), seen[item.name]) for item in mine]

    with ThreadPoolExecutor(jobs) as pool:
        for found in pool.map(run, _FILES):
            yield from found


def _record(
    result: QuestionAudit, item: Implementation, question: QuestionReport, seen: Seen, answers: Answers, salt: str
) -> None:
    at = f"salt {salt!r}: {item.kind} {item.name}"

    def told() -> str:
        return misses.failed(answers, seen) if seen.observations else question.message

    passed = all(part.passed for part in question.parts) or question.points >= question.max_points
    if item.kind == "variant":
        result.variants += 1
        if question.status == Status.PASSED and passed:
            result.passed += 1
        else:
            result.misses.append(f"{at} is {question.status}: {told()}")
        return
    result.mistakes += 1
    if passed:
        result.misses.append(f"{at} got full points: {misses.unseen(answers, seen)}")
        return
    result.caught += 1
    names = question.diagnosis.mistakes if question.diagnosis else []
    if names == [item.name]:
        result.named += 1
    elif names:
        result.misses.append(f"{at} is named {' and '.join(names)} ({question.status}): {told()}")
    elif trouble := unnamed(answers, item.name):
        result.misses.append(f"{at} has no name: {trouble} ({question.status}): {told()}")
    else:
        result.told += 1
    if other := false_name(answers, item.name):
        result.misses.append(f"{at} would be named {other} if it were not in mistakes.py: {told()}")


def unnamed(answers: Answers, name: str) -> str:
    """Why a mistake that shows wrong numbers does not get its name; "" if it shows none that could name it."""
    shows, shown = {mistake.name: mistake.shows for mistake in answers.mistakes}, _shown(answers, name)
    if not explain(shown, {name: shows[name]}):
        return ""
    alike = [other for other in shows if other != name and explain(shown, {other: shows[other]})]
    return f"its cases do not tell it from {', '.join(alike)}" if alike else "it did not show the same numbers again"


def false_name(answers: Answers, name: str) -> str:
    """The name that a mistake would get if it were not in the catalogue; "" if it would get none."""
    others = {mistake.name: mistake.shows for mistake in answers.mistakes if mistake.name != name}
    found = explain(_shown(answers, name), others)
    return " and ".join(found.mistakes) if found else ""


def _shown(answers: Answers, name: str) -> Shown:
    """A mistake of the catalogue as if a student had made it."""
    signs = next(mistake.shows for mistake in answers.mistakes if mistake.name == name)
    expected, tolerance = expected_arrays(answers), tolerances(answers)
    wrong = [part for part, sign in signs.items() if not is_right(part, sign, expected, tolerance)]
    return Shown(signs, wrong, expected, tolerance)


def _as_notebook(assignment: Assignment, item: Implementation, folder: Path) -> Path:
    """A submission whose author made exactly this mistake: what the solved notebook defines, then the wrong function."""
    cells = [*assignment.solution_cells(_FILES[item.kind]), Cell("swap", f"{item.question} = {item.name}")]
    document = {
        "cells": [{"cell_type": "code", "source": cell.source} for cell in cells],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path = folder / f"{item.name}.ipynb"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path
