"""A course without a single tensor: floats, lists of floats, whole numbers, bools and None, from the audit to a student's check."""

from __future__ import annotations

from pathlib import Path

import pytest
import tiny

from autograder.course import assignment as assignments
from autograder.course.assignment import Assignment
from autograder.course.audit import audit
from autograder.course.solve import answers_of, public_answers_of
from autograder.grader.answers import from_tree, to_tree
from autograder.grader.grade import Marking, grade
from autograder.grader.workers import Workers
from autograder.reports.report import QuestionReport, Report
from autograder.student import check as student

pytestmark = pytest.mark.tensorflow

SOLVED = {
    "clipped": """\
def clipped(values, factor, limit=None, backwards=False):
    scaled = [factor * value for value in values]
    if limit is not None:
        scaled = [min(value, limit) for value in scaled]
    return scaled[::-1] if backwards else scaled
""",
    "quarter_circle": """\
def quarter_circle(steps):
    return sum((1 - ((n + 0.5) / steps) ** 2) ** 0.5 for n in range(steps)) / steps
""",
    "all_wrong": """\
def all_wrong(p, n):
    return (1 - p) ** n
""",
    "rises": """\
def rises(values):
    return all(a < b for a, b in zip(values, values[1:]))
""",
    "above": """\
def above(values, limit):
    return sum(value > limit for value in values)
""",
}
NOTEBOOK = "# %%\nfrom autograder import check\n" + "".join(
    f'\n# %%\n{text.replace("):", "):" + chr(10) + "    ### BEGIN SOLUTION", 1)}    ### END SOLUTION\n\n# %%\ncheck("{name}")\n'
    for name, text in SOLVED.items()
)
QUESTIONS = """\
from autograder.question import Case, Question, Rung, choice, integer, number

five = [number(-2, 2) for _ in range(5)]
QUESTIONS = (
    Question(
        "clipped",
        points=1,
        ladder=(Rung("one number", values=[3.0], factor=2.0), Rung("a limit", values=[1.0, 3.0], factor=2.0, limit=4.0)),
        cases=(
            Case("backwards", public=True, values=[1.0, -2.0, 3.0], factor=0.5, limit=None, backwards=True),
            Case("any", values=five, factor=number(0.5, 2), limit=choice(None, 0.5), backwards=choice(True, False)),
            Case("a limit, drawn", values=five, factor=number(0.5, 2), limit=0.25, backwards=False),
        ),
    ),
    Question(
        "quarter_circle",
        points=2,
        tolerance=0.02,
        cases=(Case("fifty steps", public=True, steps=50), Case("more steps", steps=integer(40, 90))),
    ),
    Question(
        "all_wrong",
        points=2,
        cases=(Case("an easy test", public=True, p=0.5, n=3), Case("a long test", p=number(0.9, 0.99), n=integer(30, 60))),
    ),
    Question(
        "rises",
        points=2,
        cases=(
            Case("two equal", public=True, values=[1.0, 1.0]),
            Case("up", public=True, values=[1.0, 2.0, 4.0]),
            Case("any", values=[number(0, 1), number(0.5, 2)]),
            Case("down", values=[number(3, 4), number(0, 1), number(1, 2)]),
        ),
    ),
    Question(
        "above",
        points=1,
        cases=(
            Case("two", public=True, values=[1, 3, 4], limit=2),
            Case("any", values=[integer(0, 9) for _ in range(40)], limit=integer(2, 7)),
        ),
    ),
)
"""
MISTAKES = '''\
from autograder.question import mistake

@mistake("clipped")
def limit_ignored(values, factor, limit=None, backwards=False):
    """The limit is ignored."""
    scaled = [factor * value for value in values]
    return scaled[::-1] if backwards else scaled

@mistake("clipped")
def never_backwards(values, factor, limit=None, backwards=False):
    """The order is never turned."""
    scaled = [factor * value for value in values]
    return scaled if limit is None else [min(value, limit) for value in scaled]

@mistake("quarter_circle")
def half_the_steps(steps):
    """Only half of the steps are taken."""
    return sum((1 - ((n + 0.5) / steps) ** 2) ** 0.5 for n in range(steps // 2)) / steps

@mistake("quarter_circle")
def not_divided(steps):
    """The sum is not divided by the steps."""
    return sum((1 - ((n + 0.5) / steps) ** 2) ** 0.5 for n in range(steps))

@mistake("all_wrong")
def all_right(p, n):
    """These are the chances to get all right."""
    return p**n

@mistake("all_wrong")
def nothing(p, n):
    """The chances are small, but not zero."""
    return 0.0 * p

@mistake("rises")
def equal_counts(values):
    """Two equal numbers do not rise."""
    return all(a <= b for a, b in zip(values, values[1:]))

@mistake("rises")
def falls(values):
    """This asks whether they fall."""
    return all(a > b for a, b in zip(values, values[1:]))

@mistake("above")
def below(values, limit):
    """The numbers below the limit are counted."""
    return sum(value < limit for value in values)

@mistake("above")
def equal_too(values, limit):
    """The limit itself is not above the limit."""
    return sum(value >= limit for value in values)
'''
VARIANTS = """\
from autograder.question import variant

@variant("clipped")
def as_a_tuple(values, factor, limit=None, backwards=False):
    limit = float("inf") if limit is None else limit
    found = tuple(min(factor * value, limit) for value in values)
    return found[::-1] if backwards else found

@variant("quarter_circle")
def by_trapezoids(steps):
    height = lambda n: (1 - (n / steps) ** 2) ** 0.5
    return sum((height(n) + height(n + 1)) / 2 for n in range(steps)) / steps

@variant("all_wrong")
def one_by_one(p, n):
    chance = 1.0
    for _ in range(n):
        chance *= 1 - p
    return chance

@variant("rises")
def sorted_and_different(values):
    return sorted(set(values)) == list(values)

@variant("above")
def by_length(values, limit):
    return len([value for value in values if value > limit])
"""


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Assignment:
    folder = tiny.write_assignment(
        tmp_path_factory.mktemp("plain") / "solutions",
        "91_plain",
        notebook=NOTEBOOK,
        questions=QUESTIONS,
        mistakes=MISTAKES,
        variants=VARIANTS,
    )
    return assignments.load(folder)


def reported(course: Assignment, workers: Workers, folder: Path, **changed: str) -> Report:
    path = tiny.write_notebook(folder / "amy.ipynb", list((SOLVED | changed).values()))
    marking = Marking(course.name, answers_of(course, tiny.SALT, workers), "", tiny.SALT, workers.level)
    report = grade(path, marking, workers, submission="amy", student="amy")
    assert report.status == "graded", report.message
    return report


def graded(course: Assignment, workers: Workers, folder: Path, **changed: str) -> dict[str, QuestionReport]:
    return {question.name: question for question in reported(course, workers, folder, **changed).questions}


def test_its_audit_has_no_misses(course: Assignment, workers: Workers) -> None:
    """Among the variants are trapezoids, right within the tolerance of its question and no closer; among the mistakes, 0 for 1e-60."""
    found = audit(course, ["one", "two"], workers)
    assert [miss for each in found for miss in each.misses] == []
    assert sum(each.named for each in found) >= 12


def test_what_is_wrong_is_told_without_tensors(course: Assignment, workers: Workers, tmp_path: Path) -> None:
    found = graded(
        course, workers, tmp_path,
        clipped="def clipped(values, factor, limit=None, backwards=False):\n    return [factor * v + 1 for v in values]",
        quarter_circle="def quarter_circle(steps):\n    return 0.7",
        all_wrong="def all_wrong(p, n):\n    return 1e-9 + (1 - p) ** n",
        rises="def rises(values):\n    return 1",
        above="import numpy as np\n\ndef above(values, limit):\n    return np.zeros(3)",
    )  # fmt: skip
    assert not any(question.status == "passed" for question in found.values())
    said = " ".join(part.message for question in found.values() for part in question.parts)
    assert "should be True or False, but its type is int64" in said and "Expected 0.785" in said
    assert not [
        word for word in ("tensor", "input", "axis", "image", "float32") if word in said.replace("along axis", "")
    ]


def test_the_score_is_the_sum_of_the_questions_to_the_last_digit(
    course: Assignment, workers: Workers, tmp_path: Path
) -> None:
    """A gradebook adds up the questions; a score of two digits was another number."""
    ignored = SOLVED["clipped"].replace("if limit is not None", "if False")
    report = reported(course, workers, tmp_path, clipped=ignored)
    points = [question.points for question in report.questions]
    assert points == [0.5833, 2, 2, 2, 1], "of clipped a rung, the public case and a hidden one without a limit"
    assert report.score == 7.5833 == pytest.approx(sum(points), abs=1e-12)


def test_right_numbers_pass_in_other_clothes(course: Assignment, workers: Workers, tmp_path: Path) -> None:
    found = graded(
        course, workers, tmp_path,
        clipped="import numpy as np\n\n" + SOLVED["clipped"].replace("return scaled[::-1]", "return np.array(scaled)[::-1]"),
        quarter_circle="import math\n\ndef quarter_circle(steps):\n    return math.pi / 4",
        rises="import numpy as np\n\ndef rises(values):\n    return np.all(np.diff(values) > 0)",
    )  # fmt: skip
    assert [question.status for question in found.values()] == ["passed"] * 5


def test_the_handed_out_answers_judge_as_the_graders(course: Assignment, workers: Workers) -> None:
    """A probability of 1e-60 survives the file, and a tolerance goes with it."""
    public = {name: from_tree(to_tree(answers)) for name, answers in public_answers_of(course, workers).items()}
    for name, text in SOLVED.items():
        namespace: dict[str, object] = {}
        exec(text, namespace)
        question, _ = student._checked(public[name], namespace[name])
        assert question.status == "passed", question
    question, _ = student._checked(public["quarter_circle"], lambda steps: 0.8)
    assert question.status == "passed", "within two hundredths"
    question, _ = student._checked(public["quarter_circle"], lambda steps: 0.9)
    assert question.status == "failed"
