"""When a gate holds, and how the measurement is written down. Measuring itself is `make gates`; a small one runs here."""

from __future__ import annotations

from pathlib import Path

import pytest
import tiny

from autograder.course import assignment as assignments
from autograder.course import gates
from autograder.course.assignment import AssignmentError
from autograder.course.gates import Gate, page
from autograder.grader.workers import Workers


def gate(at: float, **reached: list[float]) -> Gate:
    return Gate("05", "learn", "a case", at, 0.25, reached)


def test_a_gate_holds_only_with_a_margin_and_far_from_every_mean() -> None:
    steady = [0.9, 0.91, 0.92, 0.9]
    assert gate(0.6, a=steady).holds
    assert not gate(0.88, a=steady).holds, "no margin below the lowest"
    assert gate(0.8, a=[0.85, 0.86, 0.86]).holds, "the margin itself is enough"
    assert not gate(0.6, a=steady, b=[0.59, 0.9, 0.9]).holds, "one student fails"
    wide = [0.66, 0.95, 0.95, 0.7]
    assert gate(0.6, a=wide).distance < gates.DEVIATIONS
    assert not gate(0.6, a=steady, b=wide).holds, "one student's runs scatter too much"
    assert gate(0.6, a=steady, b=[0.0, 0.9]).lowest == 0.0


def test_the_page_has_a_row_for_every_student() -> None:
    text = gates.page([gate(0.6, alone=[0.9, 0.8], other=[0.7, 0.72])], 2, "by a test")
    assert "| alone | 80.0% | 85.0% | 7.1% | 3.5 |" in text and "| other | 70.0% | 71.0% | 1.4% | 7.8 |" in text
    assert "Gate **60%**, guessing 25%" in text and "by a test" in text
    assert "**Does not hold.**" in gates.page([gate(0.95, a=[0.9, 0.9])], 2, "")


MODEL = """\
    model = keras.Sequential([keras.Input(size), keras.layers.Rescaling(1 / 255), keras.layers.Conv2D(6, 3, activation="relu"),
                              keras.layers.MaxPooling2D(), keras.layers.Flatten(), keras.layers.Dense(2)])
    return model
"""
NOTEBOOK = f'''\
# %%
import keras

from autograder import check

# %%
def build(size):
    """A model."""
    ### BEGIN SOLUTION
{MODEL}    ### END SOLUTION

# %%
check("build")
'''
QUESTIONS = """\
from autograder.question import Case, Exam, ModelQuestion
from autograder.strokes import strokes

x, y, images, labels = strokes(64, 32, (10, 10, 1), 2)
EXAM = Exam(x=x, y=y, images=images, labels=labels, classes=2, steps=20)
QUESTIONS = (
    ModelQuestion("build", points=1, rules={"accuracy": 0.3}, cases=(Case("c", public=True, size=(10, 10, 1), exam=EXAM),)),
)
"""
VARIANTS = """\
import keras

from autograder.question import family, variant


@variant("build")
def too_small(size):
    return keras.Sequential([keras.Input(size), keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(2)])


@family("build")
def broken(seed):
    def build(size):
        raise ValueError("no model")
    return build
"""


@pytest.mark.tensorflow
def test_every_student_is_measured_on_every_salt_and_one_that_does_not_run_is_an_error(
    tmp_path: Path, workers: Workers
) -> None:
    folder = tiny.write_assignment(tmp_path, notebook=NOTEBOOK, questions=QUESTIONS, variants=VARIANTS, mistakes="")
    made = assignments.load(folder)
    (found,) = gates.measure(made, ["one", "two"], workers, networks=0)
    assert len(found.reached["too_small"]) == 2
    assert len(found.reached["the reference"]) == 2 and min(found.reached["the reference"]) > 0.3
    with pytest.raises(AssignmentError, match="member_0 does not run: ValueError: no model"):
        gates.measure(made, ["one"], workers, networks=1)


def test_a_rule_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    questions = QUESTIONS.replace('"accuracy": 0.3', '"acuracy": 0.3')
    folder = tiny.write_assignment(tmp_path, notebook=NOTEBOOK, questions=questions, variants="", mistakes="")
    with pytest.raises(AssignmentError, match="no rule"):
        assignments.load(folder)


def test_a_gate_may_be_reached_exactly_and_nobody_of_the_family_may_miss_it() -> None:
    nearly_all = [0.9] * 60
    assert gate(0.8, a=[0.8, *nearly_all]).holds
    assert not gate(0.8, a=[0.799, *nearly_all]).holds
    family = Gate("05", "learn", "a case", 0.6, 0.25, {"a": nearly_all}, [0.9, 0.59, 0.95])
    assert family.misses == 1 and not family.holds
    assert Gate("05", "learn", "a case", 0.6, 0.25, {"a": nearly_all}, [0.9, 0.6]).holds


def test_the_page_says_what_a_gate_asks() -> None:
    told = " ".join(gates.page([gate(0.6, alone=[0.9, 0.8])], 2, "by a test").split())
    assert told.startswith(
        "# The gates An accuracy rule requires a share of right answers, the gate, on images whose labels"
    )
    assert "It asks what a model can learn, not how fast: if the grader trains the model itself" in told
    assert (
        "trains it again, for 3 and then for 10 times as long at as much smaller a learning rate, before any point is lost."
        in told
    )


def test_the_committed_page_begins_as_a_page_does() -> None:
    committed = (Path(__file__).parent.parent / "docs" / "gates.md").read_text(encoding="utf-8")
    begin, _, end = gates.page([], 20, "?").partition("Measured on 20 salts (?)")
    assert committed.startswith(begin) and end in committed


def test_a_run_that_did_not_finish_is_no_accuracy_and_a_gate_does_not_hold_on_it() -> None:
    complete = gate(0.6, reference=[0.9, 0.9])
    complete.family.append(0.9)
    assert complete.holds
    for part in (complete.reached["reference"], complete.family):
        part.append(float("nan"))
    assert (complete.unfinished, complete.misses, complete.lowest) == (2, 0, 0.9)
    assert not complete.holds and "2 runs did not finish" in page([complete], 1, "")


def test_where_training_goes_on_the_spread_of_what_passes_does_not_matter() -> None:
    spread = gate(0.6, reference=[0.66, 0.99, 0.99])
    assert not spread.holds
    spread.patient = True
    assert spread.holds
    spread.family.append(0.59)
    assert not spread.holds
