"""Tests the cases: every machine-made mutant of a solved function must lose points, unless it is the same function.

Mutants are graded as submissions are, some to a fork. One with full points is called on random arguments of the question's
domain: right there, too, it is equivalent; wrong, it shows a hole in the cases.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import numpy as np

from ..grader.answers import Answers, as_trees, task
from ..grader.patience import run_patiently
from ..grader.score import score
from ..grader.workers import MAX_RESTARTS, Workers
from ..question import Case, Question, generator
from ..reports.report import QuestionReport
from ..source.extract import Cell
from . import mutate
from .assignment import Assignment
from .mutate import Mutant
from .solve import answers_of

BATCH = MAX_RESTARTS - 1
"""How many mutants share a fork: each may end it once."""
DRAWS = 100
MODEL_DRAWS = 4
"""How many arguments are drawn from a domain. A model takes seconds to build and train."""
DRAWN_SECONDS = 120.0
"""Processor time for a mutant on all of them."""


@dataclass
class QuestionMutants:
    """What became of the mutants of one question.

    Attributes:
        question: its name.
        total: how many there are.
        killed: how many lost points.
        named: how many of these were told which mistake it is.
        told: how many were told that, or the first wrong rung of the ladder, or on what condition they are right.
        equivalent: those that are right on the whole domain, or reach the gate on other images, too.
        holes: those that are not, with the first drawn arguments where it shows.
        undecided: the survivors that nothing could be said of, because the question declares no domain.
    """

    question: str
    total: int = 0
    killed: int = 0
    named: int = 0
    told: int = 0
    equivalent: list[Mutant] = field(default_factory=list)
    holes: list[tuple[Mutant, str]] = field(default_factory=list)
    undecided: list[Mutant] = field(default_factory=list)

    @property
    def misses(self) -> list[str]:
        """What has to be fixed, in sentences."""
        unknown = [
            f"{mutant} got full points. Is it right? Declare the question's `domain`." for mutant in self.undecided
        ]
        return unknown + [f"{mutant} got full points. It is wrong for {where}" for mutant, where in self.holes]

    @property
    def survivors(self) -> int:
        """How many got full points."""
        return self.total - self.killed


def examine(
    assignment: Assignment,
    salt: str,
    workers: Workers,
    *,
    jobs: int = 2,
    on_step: Callable[[int, int], None] = lambda done, total: None,
) -> list[QuestionMutants]:
    """Grades every mutant of every solved function.

    Args:
        assignment: from `assignment.load`.
        salt: draws the hidden cases and the arguments of the domains.
        workers: where everything runs.
        jobs: how many forks at once.
        on_step: called with (mutants done, of how many).
    """
    found = {question.name: mutants_of(assignment, question.name) for question in assignment.questions}
    answers = answers_of(assignment, salt, workers)
    total, done = sum(map(len, found.values())), 0
    results = []
    with ThreadPoolExecutor(jobs) as pool:
        for question in assignment.questions:
            result = QuestionMutants(question.name, len(found[question.name]))
            survivors = []
            for mutant, report in _graded(
                assignment, answers[question.name], salt, found[question.name], workers, pool
            ):
                done += 1
                on_step(done, total)
                if report.points < report.max_points:
                    result.killed += 1
                    result.named += bool(report.diagnosis)
                    result.told += bool(
                        report.diagnosis or report.condition or (report.ladder and report.ladder.first_wrong)
                    )
                else:
                    survivors.append(mutant)
            _judge(assignment, question, salt, survivors, workers, pool, result)
            results.append(result)
    return results


def mutants_of(assignment: Assignment, question: str) -> list[Mutant]:
    """The mutants of what a student writes of a question: what stands between the solution's markers."""
    source = _cell_of(assignment, question)
    lines = source.splitlines()
    begins = [at for at, line in enumerate(lines, 1) if line.strip() == "### BEGIN SOLUTION"]
    ends = [at for at, line in enumerate(lines, 1) if line.strip() == "### END SOLUTION"]
    solved = [at for begin, end in zip(begins, ends, strict=True) for at in range(begin, end)]
    wrt = next(q.wrt for q in assignment.questions if q.name == question)
    return mutate.mutants(source, solved, more=(_precision, _cut_gradient) if wrt else (_precision,))


def _cell_of(assignment: Assignment, question: str) -> str:
    """The source of the cell that defines a question's function or class."""
    for cell in assignment.solution_cells():
        for node in ast.parse(cell.source).body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name == question:
                return cell.source
    raise AssertionError(question)  # the assignment was validated


def _precision(node: ast.AST, scope: mutate.Scope) -> Iterator[mutate.Slip]:
    """A dtype that is written down, and a result that went through float32."""
    if isinstance(node, ast.Attribute) and node.attr == "dtype" and isinstance(node.ctx, ast.Load):
        yield "float32 written down", node, "tf.float32"
    for value in _returned(node):
        text = ast.unparse(value)
        yield "through float32", value, f"(lambda y: tf.cast(tf.cast(y, tf.float32), y.dtype))({text})"


def _cut_gradient(node: ast.AST, scope: mutate.Scope) -> Iterator[mutate.Slip]:
    """A gradient that ends on its way, where gradients are compared."""
    values = _returned(node)
    if isinstance(node, ast.Assign) and isinstance(node.value, (ast.BinOp, ast.Call)):
        builtin = isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Name)
        values = [] if builtin else [node.value]
    for value in values:
        yield "gradient cut", value, f"tf.stop_gradient({ast.unparse(value)})"


def _returned(node: ast.AST) -> list[ast.expr]:
    if not isinstance(node, ast.Return) or not node.value:
        return []
    return node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]


def _graded(
    assignment: Assignment,
    answers: Answers,
    salt: str,
    mutants: list[Mutant],
    workers: Workers,
    pool: ThreadPoolExecutor,
) -> Iterator[tuple[Mutant, QuestionReport]]:
    """Grades mutants by the cases in `answers`."""
    question = answers.question.name
    solved = assignment.solution_cells()

    def run(batch: list[Mutant]) -> list[tuple[Mutant, QuestionReport]]:
        names = [f"{question}_{number}" for number in range(len(batch))]
        cells = [Cell(name, _named(mutant.source, question, name)) for name, mutant in zip(names, batch, strict=True)]
        tasks = [task(answers.question, salt, name=name, function=name) for name in names]
        questions = dict.fromkeys(names, answers.question)
        seen = run_patiently(workers, as_trees([*solved, *cells]), tasks, questions).questions
        return [(mutant, score(answers, seen[name])) for name, mutant in zip(names, batch, strict=True)]

    for found in pool.map(run, [mutants[at : at + BATCH] for at in range(0, len(mutants), BATCH)]):
        yield from found


def _named(source: str, question: str, name: str) -> str:
    """The source with another name for its function or class, which is not there under its own: it calls no copy of itself."""
    node = next(
        n for n in ast.parse(source).body if isinstance(n, (ast.FunctionDef, ast.ClassDef)) and n.name == question
    )
    lines = source.splitlines(keepends=True)
    lines[node.lineno - 1] = lines[node.lineno - 1].replace(question, name, 1)
    return "".join(lines)


def _judge(
    assignment: Assignment,
    question: Question,
    salt: str,
    survivors: list[Mutant],
    workers: Workers,
    pool: ThreadPoolExecutor,
    result: QuestionMutants,
) -> None:
    """Tells the survivors that are the same function from those that show a hole."""
    if not survivors:
        return
    if question.domain:
        drawn = drawn_from_domain(question, salt)
    elif question.gate:  # no function is the one right one: what reaches the gate is right
        drawn, salt = question.without_ladder(), f"{salt}, drawn anew"
    else:
        result.undecided = survivors
        return
    answers = answers_of(replace(assignment, questions=(drawn,)), salt, workers)[question.name]
    answers = replace(answers, mistakes=())  # nobody asks for a name here
    for mutant, report in _graded(assignment, answers, salt, survivors, workers, pool):
        wrong = next((part for part in report.parts if not part.passed), None)
        if wrong is None:
            result.equivalent.append(mutant)
            continue
        case = next(case for case in answers.question.cases if case.name == wrong.case)
        result.holes.append((mutant, f"{_told(case)}: {wrong.message or report.message}"))


def drawn_from_domain(question: Question, salt: str) -> Question:
    """The question with random arguments of its domain as its cases: every other one in float64, but for models."""
    assert question.domain
    cases = []
    for number in range(MODEL_DRAWS if question.rules else DRAWS):
        name = f"draw {number}"
        dtype = "float64" if number % 2 and not question.rules else "float32"
        arguments = question.domain(generator(salt, question.name, name))
        cases.append(Case(name, dtype=dtype, **arguments))
    return replace(question, cases=tuple(cases), ladder=(), seconds=max(question.seconds, DRAWN_SECONDS))


def _told(case: Case) -> str:
    """A case's arguments, arrays by their shapes."""
    told = [
        f"{name} {value.shape}" if isinstance(value, np.ndarray) and value.size > 8 else f"{name} {value}"
        for name, value in case.arguments.items()
    ]
    return ", ".join([*told, case.dtype])


HEAD = """# Mutants

A check that cannot fail proves nothing. Here small slips are made on purpose, by a program, and something must notice each:
the cases of a question, or the tests of the grader.

*killed* lost points. *named* were told which mistake it is; *told* were told that, or the first wrong rung of the ladder, or on
what condition they are right. *equivalent* ones are the same function on the question's domain, or reach the gate on images drawn
anew, where a question asks for a share of right answers. A *hole* is a survivor that is not.
"""

_COLUMNS = ("question", "mutants", "killed", "named", "told", "survivors", "equivalent", "holes", "score")


def table(name: str, results: Sequence[QuestionMutants]) -> str:
    """The numbers as Markdown."""
    names = [*(r.question for r in results), f"**{name}**"]
    counts = [
        [r.total, r.killed, r.named, r.told, r.survivors, len(r.equivalent), r.survivors - len(r.equivalent)]
        for r in results
    ]
    counts.append([sum(column) for column in zip(*counts, strict=True)])
    lines: list[Sequence[object]] = [_COLUMNS, ("---", *["---:"] * (len(_COLUMNS) - 1))]
    for shown, row in zip(names, counts, strict=True):
        total, killed, *_, equivalent, _ = row
        lines.append((shown, *row, f"{killed / max(1, total - equivalent):.1%}"))
    return "".join(f"| {' | '.join(map(str, line))} |\n" for line in lines)


def section(name: str, results: Sequence[QuestionMutants]) -> str:
    """The part of a page about one assignment: the numbers, and the survivors by name."""
    told = [
        f"## {name}\n",
        f"`autograder audit --mutants {name} --to docs/mutants.md`, {DRAWS} random calls for each survivor "
        f"({MODEL_DRAWS} models).\n",
        table(name, results),
    ]
    for result in results:
        if result.equivalent:
            told += [f"Of {result.question}, equivalent:\n"]
            told += ["\n".join(f"- {mutant}" for mutant in result.equivalent) + "\n"]
        if result.misses:
            told += [
                f"Of {result.question}, **not noticed**:\n",
                "\n".join(f"- {miss}" for miss in result.misses) + "\n",
            ]
    return "\n".join(told)
