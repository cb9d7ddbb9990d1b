"""What is right, and what each mistake shows: made by observing the solved notebook and `mistakes.py` in a worker.

The answers of the public cases, without hidden ones, are also what a student gets to run `check`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from . import __version__, wire
from .bank import Assignment, BankError, key
from .compare import Expected, ExpectedPart, expect, quantised
from .diagnose import Part, Sign, signs
from .extract import Cell
from .observation import Observation
from .question import PUBLIC_SALT, Ban, Case, Code, Question, generator
from .supervise import Run, Task, Workers

FORMAT = 1


@dataclass(frozen=True)
class Mistake:
    """A named mistake: its hint, and what it shows on each part of each case."""

    name: str
    hint: str
    shows: Mapping[Part, Sign]


@dataclass(frozen=True)
class Answers:
    """Everything needed to judge one question.

    Attributes:
        question: with materialised arguments; for students, with the public cases only.
        expected: by case.
        mistakes: in the order in which they were written.
        unit: the points of one (case, part).
        hidden_cases: how many cases are not here.
    """

    question: Question
    expected: tuple[Expected, ...]
    mistakes: tuple[Mistake, ...]
    unit: float
    hidden_cases: int = 0


def versions() -> dict[str, str]:
    """What a result depends on besides submission, questions and salt."""
    return {"autograder": __version__} | {name: version(name) for name in ("tensorflow", "numpy", "keras")}


def materialised(question: Question, salt: str) -> Question:
    """The question with every draw replaced by its array."""
    cases = [_case(case.name, case.public, case.materialise(question.name, salt)) for case in question.cases]
    return replace(question, cases=tuple(cases))


def task(question: Question, salt: str, *, name: str = "", function: str = "", dtype: str = "float32") -> Task:
    """What a worker is told of a materialised question."""
    return Task(
        name or question.name,
        function or question.name,
        tuple((case.arguments, cotangent_seed(question.name, case, salt)) for case in question.cases),
        question.wrt,
        question.ban,
        question.seconds,
        dtype,
    )


def cotangent_seed(question: str, case: Case, salt: str) -> int:
    """The seed of a case's random cotangent."""
    salt = PUBLIC_SALT if case.public else salt
    return int(generator(salt, question, case.name, "cotangent").integers(1 << 62))


def public_answers_of(assignment: Assignment, workers: Workers) -> dict[str, Answers]:
    """The answers of the public cases, as they are handed out. They depend on no secret.

    Raises:
        BankError: if the reference fails on one of its own cases.
    """
    public = {q.name: replace(q, cases=tuple(case for case in q.cases if case.public)) for q in assignment.questions}
    found = _observe(replace(assignment, questions=tuple(public.values())), PUBLIC_SALT, workers)
    return {
        q.name: replace(found[q.name], unit=_unit(q), hidden_cases=len(q.cases) - len(public[q.name].cases))
        for q in assignment.questions
    }


def answers_of(assignment: Assignment, salt: str, workers: Workers, cache: Path | None = None) -> dict[str, Answers]:
    """The answers of every question, from `cache` if they are there.

    Raises:
        BankError: if the reference fails on one of its own cases.
    """
    wanted = key(FORMAT, assignment.fingerprint, salt, sorted(versions().items()))
    file = cache / f"answers-{assignment.name}-{wanted[:16]}.npz" if cache else None
    if file and file.exists():
        with contextlib.suppress(wire.WireError, OSError, KeyError, TypeError):
            return {tree["name"]: from_tree(tree) for tree in wire.load(file)}
    answers = _observe(assignment, salt, workers)
    if file:
        file.parent.mkdir(parents=True, exist_ok=True)
        wire.save(file, [to_tree(a) for a in answers.values()])
    return answers


def _observe(assignment: Assignment, salt: str, workers: Workers) -> dict[str, Answers]:
    questions = [materialised(question, salt) for question in assignment.questions]
    cells = as_trees(assignment.solution_cells())
    single = workers.run(cells, [task(q, salt) for q in questions])
    double = workers.run(cells, [task(q, salt, dtype="float64") for q in questions])
    mistakes = {q.name: assignment.of_kind("mistake", q.name) for q in questions}
    cells = as_trees(assignment.solution_cells("mistakes.py"))
    shown: dict[str, Run] = {
        dtype: workers.run(
            cells,
            [task(q, salt, name=m.name, function=m.name, dtype=dtype) for q in questions for m in mistakes[q.name]],
        )
        for dtype in ("float32", "float64")
    }
    answers = {}
    for question in questions:
        low, high = single.questions[question.name], double.questions[question.name]
        try:
            expected = tuple(
                expect(question, low.observations[i], high.observations[i]) for i in range(len(question.cases))
            )
        except (IndexError, ValueError) as error:
            trouble = low.ended or high.ended or str(error)
            raise BankError(
                f"{assignment.folder}: the solved {question.name} fails its own cases: {trouble}."
            ) from error
        answers[question.name] = Answers(
            question,
            expected,
            tuple(
                Mistake(m.name, m.hint, _shows(question, *(shown[d].questions[m.name].observations for d in shown)))
                for m in mistakes[question.name]
            ),
            _unit(question),
        )
    return answers


def _unit(question: Question) -> float:
    return question.points / (len(question.cases) * len(question.parts))


def as_trees(cells: Sequence[Cell]) -> list[dict[str, str]]:
    """Cells as a worker takes them."""
    return [{"label": cell.label, "source": cell.source} for cell in cells]


def _shows(question: Question, single: list[Observation], double: list[Observation]) -> dict[Part, Sign]:
    """A mistake's signs: the form as it is in float32, the numbers from float64, which every machine agrees on."""
    shows = {}
    for case, low in enumerate(single):
        forms = signs(question.parts, len(question.outputs), low)
        exact = signs(question.parts, len(question.outputs), double[case]) if case < len(double) else {}
        for part, sign in forms.items():
            array = sign.array
            better = exact.get(part, sign).array
            if array is not None and better is not None and better.shape == array.shape:
                array = better
            shows[case, part] = replace(sign, array=None if array is None else quantised(array))
    return shows


def to_tree(answers: Answers) -> dict[str, Any]:
    """As a tree for `wire`."""
    question = answers.question
    return {
        "name": question.name,
        "points": question.points,
        "returns": question.returns,
        "wrt": question.wrt,
        "ban": vars(question.ban) if question.ban else None,
        "seconds": question.seconds,
        "unit": answers.unit,
        "hidden_cases": answers.hidden_cases,
        "cases": [
            {
                "name": case.name,
                "public": case.public,
                "arguments": {k: {"code": v.source} if isinstance(v, Code) else v for k, v in case.arguments.items()},
                "expected": {part: value.to_tree() for part, value in expected.items()},
            }
            for case, expected in zip(question.cases, answers.expected, strict=True)
        ],
        "mistakes": [
            {
                "name": mistake.name,
                "hint": mistake.hint,
                "shows": [
                    {"case": case, "part": part} | sign.to_tree() for (case, part), sign in mistake.shows.items()
                ],
            }
            for mistake in answers.mistakes
        ],
    }


def from_tree(tree: dict[str, Any]) -> Answers:
    """Reads what `to_tree` wrote."""
    cases = tuple(
        _case(
            case["name"],
            case["public"],
            {k: Code(v["code"]) if isinstance(v, dict) else v for k, v in case["arguments"].items()},
        )
        for case in tree["cases"]
    )
    question = Question(
        tree["name"],
        tree["points"],
        cases,
        tree["returns"],
        tree["wrt"],
        Ban(**tree["ban"]) if tree["ban"] else None,
        tree["seconds"],
    )
    expected = tuple(
        {part: ExpectedPart.from_tree(v) for part, v in case["expected"].items()} for case in tree["cases"]
    )
    mistakes = tuple(
        Mistake(m["name"], m["hint"], {(s["case"], s["part"]): Sign(s["form"], s["array"]) for s in m["shows"]})
        for m in tree["mistakes"]
    )
    return Answers(question, expected, mistakes, tree["unit"], tree["hidden_cases"])


def _case(name: str, public: bool, arguments: dict[str, Any]) -> Case:
    case = Case(name, public=public)
    case.arguments.update(arguments)
    return case


def tolerances(answers: Answers) -> dict[Part, float]:
    """The tolerance of every part of every case."""
    return {(i, part): value.tolerance for i, case in enumerate(answers.expected) for part, value in case.items()}
