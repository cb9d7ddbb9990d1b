"""Measures what honest work reaches, so that the gate of an accuracy rule fails none of it.

The students are the reference and the variants of a question, each on many salts, and a random family of honest ones, each on a
salt of its own. All are graded through the same workers as a submission: other images, other first weights, another order; and with
the same patience: below the gate, the grader's own training goes on.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import numpy as np

from ..grader.answers import as_trees, task
from ..grader.expected import share_of_right
from ..grader.models import read
from ..grader.patience import run_patiently
from ..grader.protocol import Seen
from ..grader.rules import accuracy
from ..grader.workers import Workers
from ..question import Case, Exam, Question
from ..source.extract import Cell
from .assignment import Assignment, AssignmentError

RULE = "accuracy"
FAMILY = "the random family"
AT_ONCE = 4
"""How many of the family are trained in one fork."""
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
        reached: by student, an accuracy for each salt; 0 where there was no model, NaN where the run did not finish.
        family: the accuracies of the random family.
        patient: whether training goes on before a point is lost.
    """

    assignment: str
    question: str
    case: str
    gate: float
    guessing: float
    reached: dict[str, list[float]] = field(default_factory=dict)
    family: list[float] = field(default_factory=list)
    patient: bool = False

    @property
    def misses(self) -> int:
        """How many of the random family stay below the gate."""
        return sum(value < self.gate for value in self.family)

    @property
    def unfinished(self) -> int:
        """How many runs of all did not finish: a busy machine, or too little time."""
        runs = [*self.family, *(value for values in self.reached.values() for value in values)]
        return sum(math.isnan(value) for value in runs)

    @property
    def lowest(self) -> float:
        """The lowest accuracy of all."""
        return min(map(lowest, self.reached.values()))

    @property
    def distance(self) -> float:
        """The mean minus the gate, in standard deviations, for the student for whom this is smallest."""
        return min((mean(v) - self.gate) / max(spread(v), 1e-3) for v in self.reached.values())

    @property
    def holds(self) -> bool:
        """Whether all honest work passed it, with room to spare where nobody waits for a slow learner."""
        room = self.patient or self.distance >= DEVIATIONS
        return not self.misses and not self.unfinished and self.lowest >= self.gate and room


def lowest(values: Sequence[float]) -> float:
    """The smallest of the runs that finished."""
    return float(np.nanmin(values))


def mean(values: Sequence[float]) -> float:
    """The average."""
    return float(np.nanmean(values))


def spread(values: Sequence[float]) -> float:
    """The standard deviation of a sample; 0 for one value."""
    return float(np.nanstd(values, ddof=1)) if len(values) > 1 else 0.0


def measure(
    assignment: Assignment,
    salts: Sequence[str],
    workers: Workers,
    *,
    networks: int = 0,
    jobs: int = 2,
    on_step: Callable[[int, int], None] = lambda done, total: None,
) -> list[Gate]:
    """Measures every gate of an assignment.

    Args:
        assignment: from `assignment.load`.
        salts: a run of every student on each.
        workers: where they run.
        networks: how many of each random family.
        jobs: how many at once.
        on_step: called with (done, total).
    """
    gates = {}
    for question in _gated(assignment):
        for case, exam in _examined(question):
            guessing = 1 / exam.classes
            limit = float(question.gate or question.rules[RULE])
            gate = Gate(assignment.name, question.name, case.name, limit, guessing, patient=bool(exam.steps))
            gates[question.name, case.name] = gate
    todo = [(question, salt, range(0)) for salt in salts for question in _gated(assignment)]
    for question in _gated(assignment):
        if assignment.of_kind("family", question.name):
            starts = range(0, networks, AT_ONCE)
            todo += [(question, f"family-{n}", range(n, min(n + AT_ONCE, networks))) for n in starts]

    def one(job: tuple[Question, str, range]) -> list[tuple[str, str, str, float]]:
        return list(_accuracies(assignment, *job, workers))

    with ThreadPoolExecutor(jobs) as pool:
        for done, found in enumerate(pool.map(one, todo), 1):
            for question_name, case_name, student, value in found:
                gate = gates[question_name, case_name]
                (gate.family if student == FAMILY else gate.reached.setdefault(student, [])).append(value)
            on_step(done, len(todo))
    return list(gates.values())


def _gated(assignment: Assignment) -> list[Question]:
    """The questions with a gate or an accuracy rule, without their rungs; public cases are drawn from the salt too."""
    return [
        replace(q, cases=tuple(Case(c.name, exam=c.exam, **c.arguments) for c in q.cases))
        for q in map(Question.without_ladder, assignment.questions)
        if q.gate or RULE in q.rules
    ]


def _examined(question: Question) -> list[tuple[Case, Exam]]:
    """The cases with their exams."""
    return [(case, case.exam) for case in question.cases if case.exam]


def _accuracies(
    assignment: Assignment, question: Question, salt: str, members: range, workers: Workers
) -> Iterator[tuple[str, str, str, float]]:
    """What the reference and the variants reach on a salt, or some members of the random family."""
    drawn = question.materialised(salt)
    cells = assignment.solution_cells("variants.py")
    if members:
        (maker,) = assignment.of_kind("family", question.name)
        cells.append(Cell("cell family", "\n".join(f"member_{n} = {maker.name}({n})" for n in members)))
        students = {f"member_{n}": f"member_{n}" for n in members}
    else:
        variants = assignment.of_kind("variant", question.name)
        students = {"the reference": question.name} | {v.name: v.name for v in variants}
    tasks = [task(drawn, salt, name=student, function=function) for student, function in students.items()]
    run = run_patiently(workers, as_trees(cells), tasks, dict.fromkeys(students, drawn))
    for student in students:
        for index, (case, exam) in enumerate(_examined(drawn)):
            value = _reached(student, run.questions[student], index, exam.labels, gate=bool(question.gate))
            yield question.name, case.name, FAMILY if members else student, value


def _reached(student: str, seen: Seen, index: int, labels: np.ndarray, *, gate: bool) -> float:
    if index >= len(seen.observations):
        return float("nan")
    if failure := seen.observations[index].failure:
        raise AssignmentError(f"{student} does not run: {failure.kind}: {failure.message} ({failure.where})")
    if gate:
        return share_of_right(seen.observations[index].outputs[0].array, labels)
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
        "An accuracy rule requires a share of right answers, the gate, on examples whose labels only the grader has. It asks what a",
        "model can learn, not how fast: if the grader trains the model itself and it stays below the gate, the grader trains it again,",
        "for 3 and then for 10 times as long at as much smaller a learning rate, before any point is lost. The gate must not fail",
        "honest work: the reference, every variant and a random family of honest implementations reach it, the first two by at least",
        f"{DEVIATIONS} standard deviations.",
        "",
        f"Measured on {salts} salts ({told}). Every salt draws new examples, classes, initial weights and orders, for public cases",
        "too. A mistake that stays above the gate is caught by another rule; `audit` checks this for each mistake.",
        "",
    ]
    for gate in gates:
        lines += [
            f"## {gate.question}: {gate.case}",
            "",
            f"Gate **{gate.gate:.0%}**, guessing {gate.guessing:.0%}; lowest of {sum(map(len, gate.reached.values()))} runs {gate.lowest:.1%}; "
            f"smallest distance {gate.distance:.1f} standard deviations. {'Holds.' if gate.holds else '**Does not hold.**'}{f' {gate.unfinished} runs did not finish.' if gate.unfinished else ''}",
            "",
            f"Random family: {len(gate.family)} members, {gate.misses} below the gate, lowest {lowest(gate.family):.1%}."
            if gate.family
            else "No random family.",
            "",
            "| student | lowest | mean | standard deviation | (mean - gate) / deviation |",
            "|---|---|---|---|---|",
        ]
        for student, values in gate.reached.items():
            away = (mean(values) - gate.gate) / max(spread(values), 1e-3)
            lines.append(
                f"| {student} | {lowest(values):.1%} | {mean(values):.1%} | {spread(values):.1%} | {away:.1f} |"
            )
        lines.append("")
    return "\n".join(lines)
