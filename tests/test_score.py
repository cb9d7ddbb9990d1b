"""Judging a question needs no TensorFlow: what a worker showed is arrays."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from autograder.border.observation import Failure, Observation, Output
from autograder.grader.answers import Answers, Mistake, from_tree, to_tree
from autograder.grader.expected import Expected, expect
from autograder.grader.protocol import Seen
from autograder.grader.score import score, unavailable
from autograder.grader.signs import signs
from autograder.question import Ban, Case, Code, Question, Rung
from autograder.reports.report import Status

X = np.arange(1.0, 7.0, dtype="float32").reshape(2, 3)


def observed(value: Any, gradient: Any = None) -> Observation:
    def tensor(array: Any) -> Output:
        return Output("tensor", np.asarray(array, "float32"))

    return Observation(outputs=(tensor(value),), gradients={"x": None if gradient is None else tensor(gradient)})


RIGHT = [observed(X, 2 * X), observed(-X, 3 * X)]
TRIPLED = [observed(3 * X, 6 * X), observed(-3 * X, 9 * X)]
CUT = [observed(X), observed(-X)]
QUESTION = Question(
    "f",
    6,
    (Case("seen", public=True, x=X, n=2, f=None), Case("unseen", x=-X)),
    wrt=("x",),
    ban=Ban(("Mean",), (), "sums"),
    seconds=3,
)


def mistake(name: str, seen: list[Observation]) -> Mistake:
    shows = {(i, part): sign for i, o in enumerate(seen) for part, sign in signs(QUESTION.parts, 1, o).items()}
    return Mistake(name, f"It is {name}. The hint of {name}.", shows)


def expected(question: Question, seen: list[Observation]) -> tuple[Expected, ...]:
    """What is expected of each case, if this is what the reference shows."""
    doubles = [replace(o, outputs=tuple(Output("tensor", p.array.astype("float64")) for p in o.outputs)) for o in seen]  # type: ignore[union-attr]
    return tuple(map(expect, [question] * len(seen), question.cases, seen, doubles))


ANSWERS = Answers(
    QUESTION,
    expected(QUESTION, RIGHT),
    (mistake("tripled", TRIPLED), mistake("gradient_cut", CUT)),
    units=(0.75, 2.25),
)
RAISED = Observation(failure=Failure("ValueError", "no", "cell 1, line 1: f"))


def failed(kind: str) -> Observation:
    return Observation(failure=Failure(kind, ""))


def test_what_is_right_gets_exactly_all_points() -> None:
    report = score(ANSWERS, Seen(RIGHT))
    assert (report.status, report.points, report.max_points, report.message) == (Status.PASSED, 6, 6, "")
    assert [(p.case, p.part, p.public, p.passed, p.points, p.max_points) for p in report.parts] == [
        ("seen", "value", True, True, 0.75, 0.75),
        ("seen", "gradient wrt x", True, True, 0.75, 0.75),
        ("unseen", "value", False, True, 2.25, 2.25),
        ("unseen", "gradient wrt x", False, True, 2.25, 2.25),
    ]


def test_thirds_of_points_add_up_to_all_of_them() -> None:
    report = score(replace(ANSWERS, units=(6 / 7, 6 / 7)), Seen(RIGHT))
    assert report.points == report.max_points == 6


def test_a_mistake_is_named_once_for_the_question() -> None:
    report = score(ANSWERS, Seen(TRIPLED))
    assert (report.status, report.points) == (Status.FAILED, 0)
    assert {p.mistake for p in report.parts} == {"tripled"}
    told = report.diagnosis
    assert told and (told.mistakes, told.title, told.hint) == (["tripled"], "It is tripled.", "The hint of tripled.")
    assert told.certainty == "This fits everything that was seen:"
    assert not any("hint" in part.message for part in report.parts)


def test_a_mistake_that_one_case_contradicts_is_not_named() -> None:
    report = score(ANSWERS, Seen([TRIPLED[0], RIGHT[1]]))
    assert report.diagnosis is None and {p.mistake for p in report.parts} == {None}
    seen = score(ANSWERS, Seen([TRIPLED[0], RAISED])).diagnosis
    assert seen and seen.certainty == "This fits every case that gave numbers:"


def test_the_text_of_an_exception_in_a_hidden_case_is_told_only_if_a_public_case_said_the_same() -> None:
    secret = Observation(failure=Failure("ValueError", "the hidden input is 42", "cell 1, line 1: f"))
    public, hidden = (score(ANSWERS, Seen(o)).parts[2].message for o in ([RAISED, RAISED], [RAISED, secret]))
    assert "ValueError: no" in public
    assert "42" not in hidden and "ValueError (cell 1, line 1: f)" in hidden
    named = Observation(failure=Failure("E42", "x"))
    assert "E42" not in score(ANSWERS, Seen([RIGHT[0], named])).parts[2].message


def test_points_are_given_part_by_part() -> None:
    report = score(ANSWERS, Seen(CUT))
    assert (report.status, report.points) == (Status.PARTIAL, 3)
    assert [(p.passed, p.mistake) for p in report.parts] == [(True, None), (False, None)] * 2
    assert report.diagnosis is None, "a cut gradient has many causes"


def test_a_hidden_case_shows_no_picture_and_no_numbers() -> None:
    wrong = [observed(X + np.eye(2, 3), 2 * X), observed(-X + np.eye(2, 3), 3 * X)]
    public, _, hidden, _ = score(ANSWERS, Seen(wrong)).parts
    assert public.picture and "[0, 0]" in public.message
    assert not hidden.picture and "expected" not in hidden.message.replace("the expected one", "")


@pytest.mark.parametrize("observations, status", [
    ([failed("NotImplementedError")] * 2, Status.NOT_ATTEMPTED),
    ([failed("NotImplementedError"), RAISED], Status.ERROR),
    ([RAISED, RAISED], Status.ERROR),
    ([RIGHT[0], RAISED], Status.PARTIAL),
    ([observed(9 * X * X), RAISED], Status.FAILED),
    ([RIGHT[0], failed("MemoryError")], Status.MEMORY),
    ([failed("ResourceExhaustedError")] * 2, Status.MEMORY),
    ([failed("MemoryError"), RAISED], Status.MEMORY),
])  # fmt: skip
def test_exceptions_have_their_outcomes(observations: list[Observation], status: Status) -> None:
    report = score(ANSWERS, Seen(observations))
    assert report.status == status
    assert report.points == sum(p.points for p in report.parts)
    assert report.points == sum(p.max_points for p in report.parts if p.passed)
    assert all(p.passed is not None for p in report.parts)
    assert report.where == ("cell 1, line 1: f" if RAISED in observations else "")


@pytest.mark.parametrize("ended, status, said", [
    ("timeout", Status.TIMEOUT, "did not finish within 3 s"),
    ("memory", Status.MEMORY, "ran out of memory"),
    ("crashed", Status.CRASHED, "stopped the whole process"),
])  # fmt: skip
def test_what_was_seen_before_the_end_keeps_its_points(ended: str, status: Status, said: str) -> None:
    report = score(ANSWERS, Seen(RIGHT[:1], ended, "by SIGSEGV"))
    assert (report.status, report.points) == (status, 1.5)
    assert said in report.message and "in the case “unseen”: by SIGSEGV." in report.message
    assert [p.passed for p in report.parts] == [True, True, None, None]
    assert all(p.message == "" for p in report.parts)
    assert score(ANSWERS, Seen([], ended)).points == 0
    assert score(ANSWERS, Seen(RIGHT, ended)).message  # it ended after its last case


@pytest.mark.parametrize(
    "detail, said", [("", "There is no function f."), ("NoneType", "no function f."), ("int", "(f is a int)")]
)
def test_a_missing_function_is_told_from_something_else_of_its_name(detail: str, said: str) -> None:
    report = score(ANSWERS, Seen(ended="missing", detail=detail))
    assert (report.status, report.points, report.max_points) == (Status.MISSING, 0, 6)
    assert said in report.message


def test_an_unavailable_question_has_every_part_unrun() -> None:
    report = unavailable(ANSWERS, Status.GRADER_FAULT, "why")
    assert (report.status, report.points, report.max_points, report.message) == (Status.GRADER_FAULT, 0, 6, "why")
    assert [p.passed for p in report.parts] == [None] * 4


def test_a_ban_costs_the_question() -> None:
    report = score(ANSWERS, Seen([replace(o, banned=("Mean",)) for o in RIGHT]))
    assert (report.status, report.points) == (Status.FAILED, 0)
    assert "Use sums instead" in report.parts[0].message


def test_answers_survive_their_tree() -> None:
    for answers in (ANSWERS, replace(ANSWERS, hidden_cases=1)):
        back = from_tree(to_tree(answers))
        assert back.question.name == "f" and back.question.ban == QUESTION.ban and back.question.parts == QUESTION.parts
        assert (back.units, back.hidden_cases) == (answers.units, answers.hidden_cases)
        for seen, status in ((RIGHT, Status.PASSED), (TRIPLED, Status.FAILED), (CUT, Status.PARTIAL)):
            shown = seen[: len(answers.question.cases)]
            assert score(back, Seen(shown)) == score(answers, Seen(shown))
            assert score(back, Seen(shown)).status == status


# A ladder

LADDER = Question(
    "f",
    6,
    QUESTION.cases,
    wrt=("x",),
    ladder=(Rung("one number", x=X[:1, :1]), Rung("a row", x=X[:1])),
)
UP = [observed(X[:1, :1]), observed(X[:1]), *RIGHT]
CLIMBED = Answers(LADDER, expected(LADDER, UP), (), tuple(LADDER.units()))


def test_a_stub_is_on_no_rung() -> None:
    stub = score(CLIMBED, Seen([failed("NotImplementedError")] * len(UP)))
    assert stub.status == Status.NOT_ATTEMPTED and stub.ladder is None
    assert score(CLIMBED, Seen([failed("ValueError")] * len(UP))).ladder


def test_rungs_earn_points_by_their_outputs_alone() -> None:
    report = score(CLIMBED, Seen(UP))
    assert (report.status, report.points) == (Status.PASSED, 6)
    assert [(p.case, p.part, p.max_points) for p in report.parts] == [
        ("one number", "value", 1), ("a row", "value", 1), ("seen", "value", 0.5), ("seen", "gradient wrt x", 0.5),
        ("unseen", "value", 1.5), ("unseen", "gradient wrt x", 1.5),
    ]  # fmt: skip
    assert sum(p.max_points for p in report.parts) == report.max_points


def test_who_comes_half_way_up_earns_that_and_sees_the_numbers_of_the_next_rung() -> None:
    """The commonest right behaviour is never worth nothing."""
    wrong = [UP[0], *(replace(o, outputs=(Output("tensor", np.asarray(-o.outputs[0].array)),)) for o in UP[1:])]  # type: ignore[operator]
    report = score(CLIMBED, Seen([replace(o, gradients={"x": None}) for o in wrong]))
    assert (report.status, report.points) == (Status.PARTIAL, 1)
    first = next(p for p in report.parts if not p.passed)
    assert (first.case, first.public) == ("a row", True) and "expected 3, got -3" in first.message and first.picture


def test_an_array_without_entries_is_shown_without_its_rows() -> None:
    """There may be more of them than memory."""
    empty = np.broadcast_to(np.zeros((1, 0), np.float32), (1 << 20, 0))
    report = score(CLIMBED, Seen([replace(UP[0], outputs=(Output("tensor", empty),)), *UP[1:]]))
    assert report.ladder and report.ladder.figures[-1].rows == [] and report.ladder.figures[-1].text == "0 entries"


def test_what_ends_on_a_rung_names_it() -> None:
    report = score(CLIMBED, Seen(UP[:1], "timeout"))
    assert report.points == 1 and "in the case “a row”" in report.message
    assert [p.passed for p in report.parts] == [True, None, None, None, None, None]


def test_a_wrong_rung_is_shown_with_its_arguments_what_is_expected_and_what_came() -> None:
    wrong = [UP[0], observed(-X[:1]), *RIGHT]
    ladder = score(CLIMBED, Seen(wrong)).ladder
    assert ladder and (ladder.rungs, ladder.right) == (["one number", "a row"], [True, False])
    assert ladder.first_wrong == "a row"
    assert [(f.name, f.rows, f.wrong) for f in ladder.figures] == [
        ("x", [["1", "2", "3"]], []),
        ("expected", [["1", "2", "3"]], []),
        ("got", [["-1", "-2", "-3"]], [[True, True, True]]),
    ]


@pytest.mark.parametrize(("double", "count", "right"), [(2, 1, True), (2, 7, False), (7, 1, False)])
def test_a_rung_is_right_only_if_all_of_its_outputs_are(double: float, count: float, right: bool) -> None:
    question = Question(
        "f", 1, (Case("seen", public=True, x=X),), returns=("double", "count"), ladder=(Rung("one", x=X),)
    )

    def both(a: float, b: float) -> Observation:
        outputs = (Output("tensor", np.full(1, a, np.float32)), Output("tensor", np.full(1, b, np.float32)))
        return Observation(structure="tuple", outputs=outputs)

    answers = Answers(question, expected(question, [both(2, 1)] * 2), (), tuple(question.units()))
    ladder = score(answers, Seen([both(double, count), both(2, 1)])).ladder
    assert ladder and ladder.right == [right] and ladder.first_wrong == ("" if right else "one")
    shown = [] if right else ["x", "expected double", "got double", "expected count", "got count"]
    assert [figure.name for figure in ladder.figures] == shown


def test_an_argument_is_shown_as_what_it_is() -> None:
    given = {
        "image": np.arange(8, dtype=np.float32).reshape(2, 2, 2) / 3, "row": np.array([[0.5, 1234567.0]]), "number": np.array(2.5),
        "many": np.zeros(401), "code": Code("lambda x: x"), "size": (2, 3), "text": "x" * 5000,
    }  # fmt: skip
    question = replace(LADDER.without_ladder(), ladder=(Rung("all", **given), LADDER.ladder[1]))
    answers = replace(CLIMBED, question=question)
    ladder = score(answers, Seen([observed(-X[:1, :1]), *UP[1:]])).ladder
    assert ladder
    figures = {figure.name: figure for figure in ladder.figures}
    image = figures["image"]
    assert (image.shape, image.rows) == ("(2, 2, 2)", [])
    assert "".join(image.text.split()) == "[[[0.,0.3333],[0.6667,1.]],[[1.3333,1.6667],[2.,2.3333]]]"
    assert (figures["row"].shape, figures["row"].rows) == ("(1, 2)", [["0.5", "1.2346e+06"]])
    assert (figures["number"].shape, figures["number"].rows) == ("", [["2.5"]])
    assert (figures["many"].shape, figures["many"].rows, figures["many"].text) == ("(401,)", [], "401 entries")
    assert (figures["code"].text, figures["size"].text) == ("lambda x: x", "(2, 3)")
    assert 1000 < len(figures["text"].text) <= 2000 and figures["text"].text.startswith("'xx")


def test_a_question_without_rungs_has_no_ladder() -> None:
    assert score(ANSWERS, Seen(TRIPLED)).ladder is None and score(ANSWERS, Seen(RIGHT)).ladder is None
