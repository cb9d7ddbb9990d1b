"""Below the gate, the grader trains a model for 3 and then for 10 times as long at a smaller rate, and judges it by that. No TensorFlow."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from blueprints import EXAM, LOGITS, RIGHT, chain, examined

from autograder.border.observation import Failure, Observation, Output
from autograder.border.task import Asked, Task
from autograder.grader.models import read
from autograder.grader.patience import below_the_gate, run_patiently, trained_for_longer
from autograder.grader.protocol import Run, Seen
from autograder.question import Case, ModelQuestion

PIXELS = np.zeros((6, 8, 8, 1), np.uint8)
TRAINED = replace(EXAM, x=PIXELS, y=np.zeros(6, np.int32), steps=5)
CASES = (Case("easy", public=True, exam=TRAINED), Case("hard", exam=TRAINED))
LEARN = ModelQuestion("learn", 4, CASES, rules={"accuracy": 0.9}, seconds=20)
GOOD, BAD = examined(scored=LOGITS), examined(scored=-LOGITS)


def trained(scored: np.ndarray) -> Observation:
    """What the second worker says after a longer training."""
    return Observation(structure="tuple", outputs=examined(scored=scored).outputs[4:])


class Trainer:
    """Workers that give the first answer, then the next, and keep what they were asked."""

    def __init__(self, *answers: list[Observation]) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[Sequence[Any], Sequence[Task]]] = []

    def run(self, cells: Sequence[Any], tasks: Sequence[Task], *_: Any) -> Run:
        self.asked.append((cells, tasks))
        found = self.answers.pop(0)
        if len(self.asked) == 1:
            return Run({"learn": Seen(list(found))})
        return Run({task.name: Seen([seen]) for task, seen in zip(tasks, found, strict=True)})


def scores(*answers: list[Observation], question: ModelQuestion = LEARN) -> tuple[list[float], Trainer]:
    """The first logit that each case is judged by in the end, and what was asked."""
    trainer = Trainer(*answers)
    task = Task("learn", Asked("learn"), ())
    run = run_patiently(trainer, [{"label": "cell 1"}], [task], {"learn": question})  # type: ignore[arg-type]
    return [float(read(seen).scored[0, 0]) for seen in run.questions["learn"].observations], trainer


def test_who_reaches_the_gate_is_not_trained_again() -> None:
    assert scores([GOOD, GOOD])[0] == [2, 2]


def test_a_question_without_a_gate_is_not_trained_again() -> None:
    assert scores([BAD, BAD], question=ModelQuestion("learn", 4, CASES, rules={"output": "logits"}))[0] == [-2, -2]


def test_only_what_stays_below_is_trained_again_and_for_longer_until_it_is_enough() -> None:
    reached, trainer = scores([GOOD, BAD], [trained(-LOGITS)], [trained(3 * LOGITS)])
    assert reached == [2, 6]
    assert len(trainer.asked) == 3
    for (cells, (task,)), factor in zip(trainer.asked[1:], (3, 10), strict=True):
        assert "examine" in cells[0]["source"] and task.asked.function == "examine"
        assert task.repeatable and task.asked.seconds == 20 * factor
        ((call, seed),) = task.cases
        assert call["steps"] == 5 * factor and call["learning_rate"] == pytest.approx(0.005 / factor)
        assert seed is None and "labels" not in call
        assert json.loads(call["config"]) == chain(*RIGHT) and np.array_equal(call["weights"], [1, 2, 3])


def test_each_model_gets_its_own_training() -> None:
    reached, trainer = scores([BAD, BAD], [trained(4 * LOGITS), trained(5 * LOGITS)])
    assert reached == [8, 10]
    assert [task.name for task in trainer.asked[1][1]] == ["learn 0", "learn 1"]


def test_after_ten_times_as_long_the_last_result_counts() -> None:
    assert scores([GOOD, BAD], [trained(-2 * LOGITS)], [trained(-3 * LOGITS)])[0] == [2, -6]


def test_a_training_that_fails_changes_nothing() -> None:
    failed = Observation(failure=Failure("timeout", ""))
    assert trained_for_longer(BAD, failed) is BAD
    assert trained_for_longer(BAD, Observation(outputs=GOOD.outputs[:3])) is BAD


def test_what_is_no_model_is_not_trained() -> None:
    """Another rule says what is wrong with it."""
    failed = replace(BAD, failure=Failure("NoModel", "It returned something that is no model."))
    strange = replace(BAD, outputs=(Output("array", np.zeros(3)), *BAD.outputs[1:]))
    for seen in (failed, strange, Observation(outputs=BAD.outputs[:4])):
        assert below_the_gate(LEARN, [seen, GOOD], 3) == []


def test_a_model_that_the_grader_does_not_train_stays_as_it_is() -> None:
    untrained = ModelQuestion("learn", 4, (Case("c", exam=replace(TRAINED, steps=0)),), rules={"accuracy": 0.9})
    assert below_the_gate(untrained, [BAD], 3) == []
    assert [index for index, _ in below_the_gate(LEARN, [GOOD, BAD], 3)] == [1]


def test_the_gate_itself_is_enough() -> None:
    three_of_four = LOGITS * [[1], [1], [1], [-1]]
    at = ModelQuestion("learn", 4, CASES, rules={"accuracy": 0.75})
    above = ModelQuestion("learn", 4, CASES, rules={"accuracy": 0.76})
    seen = [examined(scored=three_of_four.astype(np.float32)), GOOD]
    assert below_the_gate(at, seen, 3) == [] and len(below_the_gate(above, seen, 3)) == 1


def test_of_a_question_that_ended_early_what_was_seen_is_trained() -> None:
    assert [index for index, _ in below_the_gate(LEARN, [BAD], 3)] == [0]
