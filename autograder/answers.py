"""What is right, and what each mistake shows: made by observing the solved notebook and `mistakes.py` in a worker.

The answers of the public cases, without hidden ones, are also what a student gets to run `check`.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, overload

import numpy as np

from . import __version__, wire
from .bank import Assignment, BankError, key
from .compare import Expected, ExpectedPart, compare, expect, quantised, signs_of
from .diagnose import Part, Sign
from .extract import Cell
from .observation import Observation
from .question import PUBLIC_SALT, Ban, Case, Code, ModelQuestion, Probe, Question, generator
from .supervise import Run, Task, Workers

FORMAT = 4

GRADERS_OWN = ("labels", "classes")
"""What of an exam no worker is told."""


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
    mistakes: Sequence[Mistake]
    unit: float
    hidden_cases: int = 0


def versions() -> dict[str, str]:
    """What a result depends on besides submission, questions and salt."""
    return {"autograder": __version__} | {name: _installed(name) for name in ("tensorflow", "numpy", "keras")}


@cache
def _installed(package: str) -> str:
    return version(package)  # it reads and parses the package's files


def materialised(question: Question, salt: str) -> Question:
    """The question with every draw replaced by its array."""
    cases = [
        _case(case.name, case.public, case.materialise(question.name, salt), case.materialise_exam(question.name, salt))
        for case in question.cases
    ]
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
        question.probe,
        tuple({k: v for k, v in case.exam.items() if k not in GRADERS_OWN} for case in question.cases)
        if isinstance(question, ModelQuestion)
        else (),
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
    public = [replace(q, cases=tuple(case for case in q.cases if case.public)) for q in assignment.questions]
    found = answers_of(replace(assignment, questions=tuple(public)), PUBLIC_SALT, workers)
    return {
        q.name: replace(found[q.name], unit=_unit(q), hidden_cases=len(q.cases) - len(some.cases))
        for q, some in zip(assignment.questions, public, strict=True)
    }


def answers_of(assignment: Assignment, salt: str, workers: Workers, cache: Path | None = None) -> dict[str, Answers]:
    """The answers of every question. What `cache` does not hold yet is observed: the reference now, mistakes when needed.

    Raises:
        BankError: if the reference fails on one of its own cases.
    """
    wanted = key(FORMAT, assignment.fingerprint, salt, sorted(versions().items()))[:16]
    questions = [materialised(question, salt) for question in assignment.questions]

    def kept(name: str, make: Callable[[], Any]) -> Any:
        return _kept(cache / f"{assignment.name}-{name}-{wanted}.npz" if cache else None, make)

    expected = kept("expected", partial(_observe_reference, assignment, questions, salt, workers))
    answers = {}
    for question in questions:
        mistakes = partial(kept, question.name, partial(_observe_mistakes, assignment, question, salt, workers))
        parts = tuple({part: ExpectedPart(**tree) for part, tree in case.items()} for case in expected[question.name])
        answers[question.name] = Answers(question, parts, LazyMistakes(mistakes), _unit(question))
    return answers


class LazyMistakes(Sequence[Mistake]):
    """The mistakes of a question, observed when somebody first asks: a class without errors never pays for them."""

    def __init__(self, observe: Callable[[], list[Any]]) -> None:
        self._observe = observe
        self._lock = threading.Lock()
        self._found: tuple[Mistake, ...] | None = None

    def _all(self) -> tuple[Mistake, ...]:
        with self._lock:
            if self._found is None:
                self._found = tuple(_mistake_from_tree(tree) for tree in self._observe())
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
        file.parent.mkdir(parents=True, exist_ok=True)
        wire.save(file, made)
    return made


def _observe_both(workers: Workers, cells: list[dict[str, str]], tasks: Callable[[str], list[Task]]) -> tuple[Run, Run]:
    """The same tasks in float32 and float64, side by side; models are float32 in both, so they are observed once."""
    double = [t for t in tasks("float64") if not t.exams]
    with ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(workers.run, cells, chosen) for chosen in (tasks("float32"), double)]
        return runs[0].result(), runs[1].result()


def _observe_reference(
    assignment: Assignment, questions: list[Question], salt: str, workers: Workers
) -> dict[str, list[Any]]:
    """The expected parts of every case of every question, as a tree."""
    cells = as_trees(assignment.solution_cells())
    single, double = _observe_both(workers, cells, lambda dtype: [task(q, salt, dtype=dtype) for q in questions])
    expected = {}
    for question in questions:
        low = single.questions[question.name]
        high = double.questions.get(question.name, low)
        try:
            _all_rules_met(question, low.observations)
            cases = [expect(question, low.observations[i], high.observations[i]) for i in range(len(question.cases))]
        except (IndexError, ValueError) as error:
            trouble = low.ended or high.ended or str(error)
            raise BankError(
                f"{assignment.folder}: the solved {question.name} fails its own cases: {trouble}."
            ) from error
        expected[question.name] = [{part: dict(vars(value)) for part, value in case.items()} for case in cases]
    return expected


def _all_rules_met(question: Question, seen: list[Observation]) -> None:
    """Raises ValueError if the reference of a model question breaks a rule of its own."""
    for case, observation in zip(question.cases, seen, strict=False):
        if isinstance(question, ModelQuestion):
            missed = [f for f in compare(question, observation, {}, public=True, exam=case.exam) if not f.passed]
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
    )
    return [
        _mistake_to_tree(Mistake(m.name, m.hint, _shows(question, *(_observations(run, m.name) for run in shown))))
        for m in mistakes
    ]


def _observations(run: Run, name: str) -> list[Observation]:
    return run.questions[name].observations if name in run.questions else []


def _unit(question: Question) -> float:
    return question.points / (len(question.cases) * len(question.parts))


def as_trees(cells: Sequence[Cell]) -> list[dict[str, str]]:
    """Cells as a worker takes them."""
    return [{"label": cell.label, "source": cell.source} for cell in cells]


def _shows(question: Question, single: list[Observation], double: list[Observation]) -> dict[Part, Sign]:
    """A mistake's signs: the form as it is in float32, the numbers from float64, which every machine agrees on."""
    shows = {}
    for case, low in enumerate(single):
        forms = signs_of(question, low, question.cases[case].exam)
        exact = signs_of(question, double[case], question.cases[case].exam) if case < len(double) else {}
        for part, sign in forms.items():
            array = sign.array
            better = exact.get(part, sign).array
            if array is not None and better is not None and _same_where_finite(array, better):
                array = better
            shows[case, part] = replace(sign, array=None if array is None else quantised(array))
    return shows


def _same_where_finite(single: np.ndarray, double: np.ndarray) -> bool:
    """Whether float64 shows the same as float32, only better: what overflows in one may not in the other."""
    return single.shape == double.shape and np.array_equal(np.isfinite(single), np.isfinite(double))


def to_tree(answers: Answers) -> dict[str, Any]:
    """As a tree for `wire`."""
    question = answers.question
    return {
        "name": question.name,
        "points": question.points,
        "returns": question.returns,
        "wrt": question.wrt,
        "ban": vars(question.ban) if question.ban else None,
        "probe": vars(question.probe) if question.probe else None,
        "rules": dict(question.rules) if isinstance(question, ModelQuestion) else None,
        "seconds": question.seconds,
        "unit": answers.unit,
        "hidden_cases": answers.hidden_cases,
        "cases": [
            {
                "name": case.name,
                "public": case.public,
                "arguments": {k: {"code": v.source} if isinstance(v, Code) else v for k, v in case.arguments.items()},
                "exam": case.exam,
                "expected": {part: value.to_tree() for part, value in expected.items()},
            }
            for case, expected in zip(question.cases, answers.expected, strict=True)
        ],
        "mistakes": [_mistake_to_tree(mistake) for mistake in answers.mistakes],
    }


def _mistake_to_tree(mistake: Mistake) -> dict[str, Any]:
    shows = [{"case": case, "part": part} | sign.to_tree() for (case, part), sign in mistake.shows.items()]
    return {"name": mistake.name, "hint": mistake.hint, "shows": shows}


def _mistake_from_tree(tree: dict[str, Any]) -> Mistake:
    shows = {(s["case"], s["part"]): Sign(s["form"], s["array"]) for s in tree["shows"]}
    return Mistake(tree["name"], tree["hint"], shows)


def from_tree(tree: dict[str, Any]) -> Answers:
    """Reads what `to_tree` wrote."""
    cases = tuple(
        _case(
            case["name"],
            case["public"],
            {k: Code(v["code"]) if isinstance(v, dict) else v for k, v in case["arguments"].items()},
            case["exam"],
        )
        for case in tree["cases"]
    )
    kind = Question if tree["rules"] is None else partial(ModelQuestion, rules=tree["rules"])
    question = kind(
        tree["name"],
        tree["points"],
        cases,
        tree["returns"],
        tree["wrt"],
        Ban(**tree["ban"]) if tree["ban"] else None,
        tree["seconds"],
        Probe(**tree["probe"]) if tree["probe"] else None,
    )
    expected = tuple(
        {part: ExpectedPart.from_tree(v) for part, v in case["expected"].items()} for case in tree["cases"]
    )
    mistakes = tuple(_mistake_from_tree(mistake) for mistake in tree["mistakes"])
    return Answers(question, expected, mistakes, tree["unit"], tree["hidden_cases"])


def _case(name: str, public: bool, arguments: dict[str, Any], exam: dict[str, Any]) -> Case:
    case = Case(name, public=public, exam=exam)
    case.arguments.update(arguments)
    return case


def tolerances(answers: Answers) -> dict[Part, float]:
    """The tolerance of every part of every case."""
    return {(i, part): value.tolerance for i, case in enumerate(answers.expected) for part, value in case.items()}
