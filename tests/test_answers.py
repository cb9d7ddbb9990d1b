"""Answers are data: what judges a question comes back from a file as it was, and what is handed out holds no hidden case."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.border import wire
from autograder.grader.answers import Answers, Mistake, from_tree, task, to_tree, tolerances
from autograder.grader.diagnose import Sign
from autograder.grader.expected import ExpectedPart
from autograder.question import Ban, Case, Code, Exam, ModelQuestion, Question, Rung, array, normal, probe


def called(subject: Any, x: Any) -> Any:
    """A probe."""
    return subject(x)


def expected(question: Question) -> tuple[dict[str, ExpectedPart], ...]:
    return tuple(
        {part: ExpectedPart(np.arange(3.0) + index, "float32", 1e-5) for part in question.parts_of(case)}
        for index, case in enumerate(question.cases)
    )


VALUES = Question(
    "f",
    6,
    (Case("public", public=True, x=normal(3), h=Code("lambda x: x"), sizes=(1, 2), mode="SAME"), Case("hidden", x=normal(3), n=3)),
    wrt=("x",),
    ban=Ban(("Conv2D",), ("conv2d",), "sums"),
    seconds=3,
    probe=probe(called),
    ladder=(Rung("one number", x=array([1])), Rung("two numbers", x=array([1, 2]))),
).materialised("a salt")  # fmt: skip
MODEL = ModelQuestion(
    "build",
    4,
    (Case("seen", public=True, exam=Exam(normal(2, 3), labels=array([0, 1]), classes=2, x=normal(4), y=array([1]), steps=5), size=(3,)),),
    rules={"table": (("dense", (10,), 7, ""),), "output": "logits"},
).materialised("a salt")  # fmt: skip
MISTAKE = Mistake(
    "flipped", "The hint.", {(0, "value"): Sign("1 f4", np.arange(3.0)), (3, "value"): Sign("raised E: no")}
)


def answers_of(question: Question) -> Answers:
    parts = expected(question) if not question.rules else tuple({} for _ in question.cases)
    return Answers(question, parts, (MISTAKE,), tuple(question.units()), hidden_cases=2, hidden_points=1.5)


def same(one: Any, other: Any) -> bool:
    """Equal, arrays by their entries."""
    if isinstance(one, np.ndarray):
        return isinstance(other, np.ndarray) and one.dtype == other.dtype and np.array_equal(one, other)
    if isinstance(one, dict):
        return isinstance(other, dict) and set(one) == set(other) and all(same(one[key], other[key]) for key in one)
    return type(one) is type(other) and bool(one == other)


@pytest.mark.parametrize("question", [VALUES, MODEL], ids=lambda question: question.name)
def test_answers_come_back_as_they_were(question: Question, tmp_path: Path) -> None:
    answers = answers_of(question)
    wire.save(tmp_path / "a.npz", to_tree(answers))
    for tree in (wire.unpack(wire.pack(to_tree(answers))), wire.load(tmp_path / "a.npz")):
        back = from_tree(tree)
        assert type(back.question) is type(question)
        for name in ("name", "points", "returns", "wrt", "ban", "seconds", "probe", "outputs", "parts", "public_cases"):
            assert getattr(back.question, name) == getattr(question, name), name
        assert dict(back.question.rules) == dict(question.rules)
        assert [type(case) for case in back.question.cases] == [type(case) for case in question.cases]
        for mine, his in zip(back.question.cases, question.cases, strict=True):
            assert (mine.name, mine.public) == (his.name, his.public) and same(mine.arguments, his.arguments)
            assert (mine.exam is None) == (his.exam is None)
            assert mine.exam is None or his.exam is None or same(vars(mine.exam), vars(his.exam))
        assert (back.units, back.hidden_cases, back.hidden_points) == (answers.units, 2, 1.5)
        assert tolerances(back) == tolerances(answers)
        for mine_expected, his_expected in zip(back.expected, answers.expected, strict=True):
            assert same({k: v.array for k, v in mine_expected.items()}, {k: v.array for k, v in his_expected.items()})
        (mistake,) = back.mistakes
        assert (mistake.name, mistake.hint) == ("flipped", "The hint.")
        assert [(key, sign.form) for key, sign in mistake.shows.items()] == [
            ((0, "value"), "1 f4"),
            ((3, "value"), "raised E: no"),
        ]
        assert same(mistake.shows[0, "value"].array, np.arange(3.0)) and mistake.shows[3, "value"].array is None


def test_a_task_holds_no_answer() -> None:
    """What a worker is told is made from the question alone."""
    told = task(answers_of(VALUES).question, "a salt", dtype="float64")
    assert told == task(VALUES, "a salt", dtype="float64")
    assert (told.name, told.asked.function, told.asked.dtype, told.public) == ("f", "f", "float64", 3)
    assert (told.asked.wrt, told.asked.ban, told.asked.probe) == (VALUES.wrt, VALUES.ban, VALUES.probe)
    assert [arguments for arguments, _ in told.cases] == [case.arguments for case in VALUES.cases]


def test_every_case_but_a_rung_has_a_seed_of_its_own() -> None:
    seeds = [seed for _, seed in task(VALUES, "a salt").cases]
    assert seeds[:2] == [None, None] and None not in seeds[2:] and len(set(seeds[2:])) == 2
    others = [seed for _, seed in task(VALUES, "another salt").cases]
    assert others[2] == seeds[2] and others[3] != seeds[3], "those of hidden cases depend on the salt"


def test_the_labels_of_an_exam_are_not_in_a_task() -> None:
    (exam,) = task(MODEL, "a salt").exams
    assert set(exam) == {"images", "x", "y", "steps", "learning_rate"} and task(MODEL, "a salt").asked.model
    assert not task(VALUES, "a salt").exams and not task(VALUES, "a salt").asked.model


def test_an_implementation_is_called_under_its_own_name() -> None:
    told = task(VALUES, "a salt", name="key", function="variant_of_f")
    assert (told.name, told.asked.function) == ("key", "variant_of_f")
    assert replace(told, name="f", asked=replace(told.asked, function="f")) == task(VALUES, "a salt")
