"""Measures what honest work reaches, so that the gate of an accuracy rule fails it less than once in a thousand.

The students are the reference and the variants of a question. Each is graded on many salts, through the same workers as a
submission: other images, other first weights, another order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import numpy as np

from ..grader.answers import as_trees, task
from ..grader.models import read
from ..grader.protocol import Seen
from ..grader.rules import accuracy
from ..grader.workers import Workers
from ..question import Case, Exam, Question
from .assignment import Assignment

RULE = "accuracy"
MARGIN = 0.05
"""How far the gate must lie below the lowest accuracy that was measured."""
DEVIATIONS = 3.1
"""How many standard deviations it must lie below each student's mean: a normal tail of 1 in 1,000."""


@dataclass
class Gate:
    """What students reached in one case of one question.

    Attributes:
        assignment: its name.
        question: the question's.
        case: the case's.
        gate: the accuracy that is asked for.
        guessing: the accuracy of a guess.
        reached: by student, an accuracy for each salt; 0 where there was no model.
    """

    assignment: str
    question: str
    case: str
    gate: float
    guessing: float
    reached: dict[str, list[float]] = field(default_factory=dict)

    @property
    def lowest(self) -> float:
        """The lowest accuracy of all."""
        return min(min(values) for values in self.reached.values())

    @property
    def distance(self) -> float:
        """Of the student for whom it is smallest, the mean less the gate, in standard deviations."""
        return min((mean(v) - self.gate) / max(spread(v), 1e-3) for v in self.reached.values())

    @property
    def holds(self) -> bool:
        """Whether honest work fails it less than once in a thousand, as far as this measurement can tell."""
        return self.lowest - self.gate >= MARGIN - 1e-9 and self.distance >= DEVIATIONS  # 0.85 - 0.8 is no 0.05


def mean(values: Sequence[float]) -> float:
    """The average."""
    return float(np.mean(values))


def spread(values: Sequence[float]) -> float:
    """The standard deviation of a sample; 0 for one value."""
    return float(np.std(values, ddof=1)) if len(values) > 1 else 0.0


def measure(
    assignment: Assignment,
    salts: Sequence[str],
    workers: Workers,
    *,
    jobs: int = 2,
    on_step: Callable[[int, int], None] = lambda done, total: None,
) -> list[Gate]:
    """Measures every gate of an assignment.

    Args:
        assignment: from `bank.load`.
        salts: a run of every student on each.
        workers: where they run.
        jobs: how many at once.
        on_step: called with (done, total).
    """
    gates = {}
    for question in _gated(assignment):
        for case, exam in _examined(question):
            guessing = 1 / exam.classes
            gate = Gate(assignment.name, question.name, case.name, float(question.rules[RULE]), guessing)
            gates[question.name, case.name] = gate
    jobs_todo = [(question, salt) for salt in salts for question in _gated(assignment)]

    def one(todo: tuple[Question, str]) -> list[tuple[str, str, str, float]]:
        return list(_accuracies(assignment, *todo, workers))

    with ThreadPoolExecutor(jobs) as pool:
        for done, found in enumerate(pool.map(one, jobs_todo), 1):
            for question_name, case_name, student, value in found:
                gates[question_name, case_name].reached.setdefault(student, []).append(value)
            on_step(done, len(jobs_todo))
    return list(gates.values())


def _gated(assignment: Assignment) -> list[Question]:
    """The questions with an accuracy rule; their public cases are drawn from the salt too."""
    return [
        replace(q, cases=tuple(Case(c.name, exam=c.exam, **c.arguments) for c in q.cases))
        for q in assignment.questions
        if RULE in q.rules
    ]


def _examined(question: Question) -> list[tuple[Case, Exam]]:
    """The cases with their exams."""
    return [(case, case.exam) for case in question.cases if case.exam]


def _accuracies(
    assignment: Assignment, question: Question, salt: str, workers: Workers
) -> Iterator[tuple[str, str, str, float]]:
    drawn = question.materialised(salt)
    students = {"the reference": question.name} | {v.name: v.name for v in assignment.of_kind("variant", question.name)}
    tasks = [task(drawn, salt, name=student, function=function) for student, function in students.items()]
    run = workers.run(as_trees(assignment.solution_cells("variants.py")), tasks)
    for student in students:
        for index, (case, exam) in enumerate(_examined(drawn)):
            yield question.name, case.name, student, _reached(run.questions[student], index, exam.labels)


def _reached(seen: Seen, index: int, labels: np.ndarray) -> float:
    if index >= len(seen.observations) or seen.observations[index].failure:
        return 0.0
    return accuracy(read(seen.observations[index]).scored, labels)


def page(gates: Sequence[Gate], salts: int, told: str) -> str:
    """The measurement as Markdown.

    Args:
        gates: from `measure`.
        salts: how many there were.
        told: the command and the versions.
    """
    lines = [
        "# The gates",
        "",
        "An accuracy rule requires a share of right answers, the gate, on images whose labels only the grader has. The gate must not",
        f"fail honest work. So it is at least {MARGIN:.0%} below the lowest accuracy that the reference and every variant reached, and at",
        f"least {DEVIATIONS} standard deviations below the mean of each (a normal tail of 1 in 1,000).",
        "",
        f"Measured on {salts} salts ({told}). Every salt draws new images, classes, initial weights and orders, for public cases",
        "too. A mistake that stays above the gate is caught by another rule; `audit` checks this for each mistake.",
        "",
    ]
    for gate in gates:
        lines += [
            f"## {gate.question}: {gate.case}",
            "",
            f"Gate **{gate.gate:.0%}**, guessing {gate.guessing:.0%}; lowest of {sum(map(len, gate.reached.values()))} runs {gate.lowest:.1%}; "
            f"smallest distance {gate.distance:.1f} standard deviations. {'Holds.' if gate.holds else '**Too high.**'}",
            "",
            "| student | lowest | mean | standard deviation | (mean - gate) / deviation |",
            "|---|---|---|---|---|",
        ]
        for student, values in gate.reached.items():
            away = (mean(values) - gate.gate) / max(spread(values), 1e-3)
            lines.append(f"| {student} | {min(values):.1%} | {mean(values):.1%} | {spread(values):.1%} | {away:.1f} |")
        lines.append("")
    return "\n".join(lines)
