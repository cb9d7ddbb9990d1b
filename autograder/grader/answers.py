"""Everything needed to judge a question: what is right, and what each mistake shows. As data, on disk too.

The answers of the public cases, without hidden ones, are also what a student gets to run `check`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..border.task import Asked, Task
from ..question import Case, Exam, ModelQuestion, Question, Rung
from ..source.extract import Cell
from .expected import Expected, ExpectedPart
from .signs import Part, Sign


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
        units: for each case, the points of each of its parts.
        hidden_cases: how many cases are not here.
        hidden_points: how many points these are worth.
    """

    question: Question
    expected: tuple[Expected, ...]
    mistakes: Sequence[Mistake]
    units: tuple[float, ...]
    hidden_cases: int = 0
    hidden_points: float = 0.0


def as_trees(cells: Sequence[Cell]) -> list[dict[str, str]]:
    """Cells as a worker takes them."""
    return [{"label": cell.label, "source": cell.source} for cell in cells]


def task(question: Question, salt: str, *, name: str = "", function: str = "", dtype: str = "") -> Task:
    """What a worker is told of a materialised question; each case has its own dtype, unless one is given for all."""
    exams = tuple(case.exam.for_worker() for case in question.cases if case.exam) if question.rules else ()
    return Task(
        name or question.name,
        Asked(
            function or question.name,
            question.wrt,
            question.ban,
            question.seconds,
            dtype,
            question.probe,
            model=bool(exams),
            several=bool(question.returns),
        ),
        tuple(
            (case.arguments, None if isinstance(case, Rung) else question.cotangent_seed(case, salt))
            for case in question.cases
        ),
        question.public_cases,
        exams,
    )


def to_tree(answers: Answers) -> dict[str, Any]:
    """As a tree for `wire`."""
    question = answers.question
    return {
        "name": question.name,
        "points": question.points,
        "returns": question.returns,
        "wrt": question.wrt,
        "ban": question.ban,
        "probe": question.probe,
        "rules": tuple(question.rules.items()),  # a file sorts keys, and the order of rules is that of the parts
        "seconds": question.seconds,
        "hidden_cases": answers.hidden_cases,
        "hidden_points": answers.hidden_points,
        "cases": [
            {
                "name": case.name,
                "public": case.public,
                "rung": isinstance(case, Rung),
                "dtype": case.dtype,
                "unit": unit,
                "arguments": case.arguments,
                "exam": case.exam
                and {name: value for name, value in vars(case.exam).items() if name != "plan" or value},
                "expected": {part: value.to_tree() for part, value in expected.items()},
            }
            for case, unit, expected in zip(question.cases, answers.units, answers.expected, strict=True)
        ],
        "mistakes": [mistake_to_tree(mistake) for mistake in answers.mistakes],
        **({"steady": question.steady} if question.steady else {}),
        **({"gate": question.gate} if question.gate else {}),
    }


def mistake_to_tree(mistake: Mistake) -> dict[str, Any]:
    """As a tree for `wire`."""
    shows = [{"case": case, "part": part} | sign.to_tree() for (case, part), sign in mistake.shows.items()]
    return {"name": mistake.name, "hint": mistake.hint, "shows": shows}


def mistake_from_tree(tree: dict[str, Any]) -> Mistake:
    """Reads what `mistake_to_tree` wrote."""
    shows = {(s["case"], s["part"]): Sign(s["form"], s["array"]) for s in tree["shows"]}
    return Mistake(tree["name"], tree["hint"], shows)


def from_tree(tree: dict[str, Any]) -> Answers:
    """Reads what `to_tree` wrote."""
    question = (ModelQuestion if tree["rules"] else Question)(
        tree["name"],
        tree["points"],
        tuple(_case_from_tree(case) for case in tree["cases"]),
        tree["returns"],
        tree["wrt"],
        tree["ban"],
        tree["seconds"],
        tree["probe"],
        dict(tree["rules"]),
        steady=tree.get("steady", ()),
        gate=tree.get("gate", 0.0),
    )
    expected = tuple(
        {part: ExpectedPart.from_tree(v) for part, v in case["expected"].items()} for case in tree["cases"]
    )
    mistakes = tuple(mistake_from_tree(mistake) for mistake in tree["mistakes"])
    units = tuple(case["unit"] for case in tree["cases"])
    return Answers(question, expected, mistakes, units, tree["hidden_cases"], tree["hidden_points"])


def _case_from_tree(tree: dict[str, Any]) -> Case:
    case = Rung(tree["name"]) if tree["rung"] else Case(tree["name"], public=tree["public"], dtype=tree["dtype"])
    return case.with_arguments(tree["arguments"], tree["exam"] and Exam(**tree["exam"]))


def expected_arrays(answers: Answers) -> dict[Part, np.ndarray]:
    """The expected array of every part of every case."""
    return {(i, part): value.array for i, case in enumerate(answers.expected) for part, value in case.items()}


def tolerances(answers: Answers) -> dict[Part, float]:
    """The tolerance of every part of every case."""
    return {(i, part): value.tolerance for i, case in enumerate(answers.expected) for part, value in case.items()}
