"""Models that are right in other ways than the lectures' must not be refused; each stands beside the wrong one it resembles."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from blueprints import EXAM, LABELS, LOGITS, RIGHT, chain, examined, facts, layer, model

from autograder.border.observation import Observation
from autograder.grader import rules
from autograder.grader.models import read
from autograder.question import Exam

CONV: dict[str, Any] = {"kernel_size": [3, 3]}
DENSE: tuple[str, dict[str, Any]] = ("Dense", {"activation": "linear"})


def symptom(rule: str, seen: Observation, limit: Any = True, exam: Exam = EXAM) -> str:
    ((_, (found, _)),) = rules.judge(read(seen), {rule: limit}, exam)
    return found


def layers(*steps: tuple[str, dict[str, Any]], limit: tuple[str, ...] = ()) -> str:
    return symptom("layers", examined(chain(*steps)), limit)


@pytest.mark.parametrize("between, right", [
    ([("Activation", {"activation": "relu"})], True),
    ([("Activation", {"activation": {"module": "keras.layers", "class_name": "LeakyReLU", "config": {}}})], True),
    ([("Activation", {"activation": "linear"})], False),
    ([("Activation", {})], False),
    ([("LeakyReLU", {})], True),
    ([("PReLU", {})], True),
    ([("BatchNormalization", {}), ("Dropout", {}), ("ELU", {})], True),
    ([("BatchNormalization", {}), ("Dropout", {}), ("MaxPooling2D", {})], False),
    ([("Softmax", {})], True),
    ([], False),
])  # fmt: skip
def test_every_kind_of_nonlinearity_counts(between: list[tuple[str, dict[str, Any]]], right: bool) -> None:
    found = layers(("Conv2D", CONV), *between, ("Conv2D", CONV | {"activation": "relu"}), ("Flatten", {}), DENSE)
    assert found == ("" if right else "no nonlinearity")


def test_a_nonlinearity_in_the_layer_itself_counts_and_the_last_layer_needs_none() -> None:
    assert layers(("Conv2D", CONV | {"activation": "tanh"}), ("Flatten", {}), DENSE) == ""
    assert layers(("Conv2D", CONV | {"activation": "linear"}), ("Flatten", {}), DENSE) == "no nonlinearity"
    assert layers(("Conv2D", CONV | {"activation": "relu"}), ("Flatten", {}), DENSE, DENSE) == "no nonlinearity"


@pytest.mark.parametrize("kind, config, right", [
    ("DepthwiseConv2D", CONV, True),
    ("Conv2D", {"kernel_size": [1, 1]}, True),
    ("Conv2D", {"kernel_size": (1, 1)}, True),
    ("Conv2D", {"kernel_size": [1, 3]}, False),
    ("SeparableConv2D", CONV, False),
    ("Conv2D", CONV, False),
])  # fmt: skip
def test_what_some_architectures_leave_linear_may_be(kind: str, config: dict[str, Any], right: bool) -> None:
    found = layers((kind, config), ("Conv2D", CONV | {"activation": "relu"}), ("Flatten", {}), DENSE)
    assert found == ("" if right else "no nonlinearity")


@pytest.mark.parametrize("kind, right", [
    ("Conv2D", True), ("DepthwiseConv2D", True), ("SeparableConv2D", True), ("Conv1D", False), ("Dense", False),
])  # fmt: skip
def test_every_two_dimensional_convolution_is_one(kind: str, right: bool) -> None:
    assert (layers((kind, {**CONV, "activation": "relu"}), ("Flatten", {}), DENSE) == "no convolution") != right


def test_the_classes_asked_for_may_be_operations_and_each_must_be_there() -> None:
    steps = [layer("InputLayer", "x"), layer("Conv2D", "c", "x", activation="relu")]
    pooled = layer("MaxPool", "p", "c", module="keras.src.ops.nn")
    rest = [layer("Flatten", "f", "p"), layer("Dense", "d", "f")]
    limit = ("Conv2D", "MaxPooling2D", "Dense")
    assert symptom("layers", examined(model([*steps, pooled, *rest])), limit) == ""
    assert (
        symptom("layers", examined(model([*steps, layer("AveragePooling2D", "p", "c"), *rest])), limit)
        == "no MaxPooling2D"
    )
    assert layers(*RIGHT, limit=("Conv2D", "Dropout")) == "no Dropout"


def test_a_gate_that_pools_is_no_flattening() -> None:
    """Squeeze and excitation: the image goes on beside the pooled branch."""
    start = [layer("InputLayer", "x"), layer("Conv2D", "a", "x", kernel_size=[3, 3], activation="relu")]
    branch = [layer("GlobalAveragePooling2D", "squeeze", "a"), layer("Dense", "gate", "squeeze", activation="sigmoid")]
    end = [
        layer("Conv2D", "b", "sum", kernel_size=[3, 3], activation="relu"),
        layer("Flatten", "f", "b"),
        layer("Dense", "d", "f"),
    ]
    assert symptom("layers", examined(model([*start, *branch, layer("Multiply", "sum", "a", "gate"), *end])), ()) == ""
    added = examined(model([*start, *branch, layer("Add", "sum", "a", "gate"), *end]))
    assert symptom("layers", added, ()) == "flattened before convolution"


def test_the_nonlinearity_is_looked_for_on_every_way() -> None:
    """A shortcut from one convolution to the next without anything between them makes two linear layers one."""
    steps = [
        layer("InputLayer", "x"),
        layer("Conv2D", "a", "x", kernel_size=[3, 3]),
        layer("ReLU", "r", "a"),
        layer("Add", "sum", "r", "a"),
        layer("Conv2D", "b", "sum", kernel_size=[3, 3], activation="relu"),
        layer("Flatten", "f", "b"),
        layer("Dense", "d", "f"),
    ]
    assert symptom("layers", examined(model(steps)), ()) == "no nonlinearity"


# The output


def test_logits_may_be_any_numbers() -> None:
    for values in (LOGITS, -LOGITS, LOGITS * 0, np.abs(LOGITS) + 1, 1 / 3 + LOGITS * 0 + [[0.2, 0, 0]]):
        assert symptom("output", examined(predictions=values.astype(np.float32)), "logits") == ""


@pytest.mark.parametrize("off, found", [(0.0, "softmax in the model"), (5e-4, "softmax in the model"), (3e-3, "")])
def test_rows_that_sum_to_one_are_chances_whoever_made_them(off: float, found: str) -> None:
    rows = np.array([[0.5, 0.25, 0.25], [0.1, 0.1, 0.8], [1, 0, 0], [0.2, 0.3, 0.5]])
    rows[:, 0] += off
    assert symptom("output", examined(predictions=rows.astype(np.float32)), "logits") == found


def test_a_softmax_layer_is_found_even_where_its_rows_tell_nothing() -> None:
    assert symptom("output", examined(chain(*RIGHT, ("Softmax", {}))), "logits") == "softmax in the model"
    assert (
        symptom("output", examined(chain(*RIGHT[:-1], ("Dense", {"activation": "softmax"}))), "logits")
        == "softmax in the model"
    )
    assert (
        symptom("output", examined(chain(*RIGHT[:-1], ("Dense", {"activation": "log_softmax"}))), "logits")
        == "softmax in the model"
    )


@pytest.mark.parametrize("shape, found", [
    ([None, 3], ""), ([None, 4], "shape of rank 2"), ([None, 1, 3], "shape of rank 3"), ([None], "shape of rank 1"),
])  # fmt: skip
def test_the_output_has_one_number_for_each_class(shape: list[Any], found: str) -> None:
    assert symptom("output", examined(told=facts(output=shape)), "logits") == found


# Counts and limits: what is exactly at a limit is allowed


@pytest.mark.parametrize("limit, found", [(3, ""), (2, "too many parameters")])
def test_as_many_parameters_as_allowed_are_allowed(limit: int, found: str) -> None:
    assert symptom("parameters", examined(told=facts(parameters=3)), limit) == found


@pytest.mark.parametrize("limit, found", [(0.75, ""), (0.76, "low")])
def test_an_accuracy_at_the_gate_passes(limit: float, found: str) -> None:
    scored = LOGITS.copy() / 9
    scored[0] = scored[0][[1, 0, 2]]
    assert symptom("accuracy", examined(scored=scored), limit) == found


@pytest.mark.parametrize(
    "start, found", [(np.log(3) + 2, ""), (np.log(3) + 2.01, "large loss at the start"), (0.1, "")]
)
def test_a_loss_at_its_limit_passes(start: float, found: str) -> None:
    assert symptom("loss at the start", examined(told=facts(**{"start loss": float(start)})), 2.0) == found


@pytest.mark.parametrize(
    "off, found", [(0.9e-3, ""), (1.2e-3, "other predictions"), (np.nan, "predictions not finite")]
)
def test_a_model_built_again_may_round_otherwise(off: float, found: str) -> None:
    claimed = LOGITS.copy()
    claimed[2, 0] += off * 4  # the largest is 4
    assert symptom("saved and loaded", examined(claimed=claimed)) == found


@pytest.mark.parametrize("least, found", [(0.03, ""), (0.02, "weights hardly moved")])
def test_a_run_that_moves_any_weight_enough_is_a_run(least: float, found: str) -> None:
    assert symptom("weights", examined(weights=(1, 2, 3), start=(1 - least, 2.001, 3))) == found


# What is frozen, what is a moving statistic, what differs in training


def weights(*told: tuple[str, bool]) -> dict[str, Any]:
    return facts(weights=[{"path": path, "size": 1, "trainable": learns} for path, learns in told])


def test_a_frozen_weight_is_no_moving_statistic() -> None:
    told = weights(("conv/kernel", True), ("base/kernel", False), ("norm/moving_mean", False))
    assert symptom("moving statistics", examined(told=told, start=(0, 2, 0))) == ""
    assert symptom("moving statistics", examined(told=told, start=(0, 2, 3))) == "moving statistics stood still"
    assert symptom("weights", examined(told=told, start=(0, 2, 3))) == ""


def test_a_generators_seed_is_no_weight() -> None:
    told = weights(("dropout/seed_generator/seed_generator_state", True), ("conv/kernel", True), ("conv/bias", True))
    assert symptom("weights", examined(told=told, start=(1, 0, 0))) == ""
    assert symptom("weights", examined(told=told, start=(0, 0, 3))) == "some weights stood still"


def test_every_moving_statistic_must_move_and_a_model_may_have_none() -> None:
    told = weights(("conv/kernel", True), ("norm/moving_mean", False), ("norm/moving_variance", False))
    assert symptom("moving statistics", examined(told=told, start=(0, 2, 0))) == "moving statistics stood still"
    assert symptom("moving statistics", examined(told=weights(("a", True), ("b", True), ("c", True)))) == ""


@pytest.mark.parametrize("factor, found", [
    (1, ""), (8, ""), (0.125, ""), (12, "statistics of other pixels"), (1 / 12, "statistics of other pixels"),
])  # fmt: skip
def test_moving_statistics_must_be_those_of_the_images_that_the_model_gets(factor: float, found: str) -> None:
    scored = (LOGITS * factor).astype(np.float32)
    assert symptom("moving statistics", examined(scored=scored, batchwise=LOGITS)) == found


def test_a_model_without_moving_statistics_may_have_outputs_of_any_size() -> None:
    told = weights(("a", True), ("b", True), ("c", True))
    assert symptom("moving statistics", examined(told=told, scored=99 * LOGITS, batchwise=LOGITS)) == ""


@pytest.mark.parametrize("kind, config, differ, found", [
    ("Dropout", {"rate": 0.5}, True, ""),
    ("Dropout", {"rate": 0.5}, False, "modes agree"),
    ("Dropout", {"rate": 0}, False, ""),
    ("Dropout", {"rate": 0.0}, True, "modes differ"),
    ("RandomFlip", {}, True, ""),
    ("GaussianNoise", {}, True, ""),
    ("Rescaling", {}, False, ""),
    ("LayerNormalization", {}, True, "modes differ"),
])  # fmt: skip
def test_noise_and_batch_normalization_may_differ_in_training(
    kind: str, config: dict[str, Any], differ: bool, found: str
) -> None:
    seen = examined(chain((kind, config), ("Flatten", {}), DENSE), facts(**{"modes differ": differ}))
    assert symptom("training and inference", seen) == found


@pytest.mark.parametrize("momentum, found", [(0.97, ""), (0.98, "slow moving statistics")])
def test_a_quarter_of_the_start_may_be_left_in_moving_statistics(momentum: float, found: str) -> None:
    """0.97 ** 60 = 0.16 and 0.98 ** 60 = 0.30."""
    seen = examined(chain(("BatchNormalization", {"momentum": momentum}), DENSE))
    assert symptom("training and inference", seen, exam=replace(EXAM, steps=60)) == found


# The table


def row(name: str, shape: list[Any], parameters: int) -> dict[str, Any]:
    return {"name": name, "shapes": [shape], "parameters": parameters, "frozen": False}


TABLE = (("convolution", (6, 6, 4), 40, "tanh"), ("average pooling", (3, 3, 4), 0, ""), ("dense", (3,), 111, ""))


def lenet(activation: str, separate: tuple[tuple[str, dict[str, Any]], ...] = ()) -> Observation:
    steps = (("Rescaling", {}), ("Conv2D", {"activation": activation}), *separate, ("AveragePooling2D", {}), ("Dropout", {}),
             ("Flatten", {}), ("Dense", {"activation": "linear"}))  # fmt: skip
    config = chain(*steps)
    names = {item["class_name"]: item["name"] for item in config["layers"]}
    told = facts(layers=[
        row(names["Conv2D"], [None, 6, 6, 4], 40),
        row(names["AveragePooling2D"], [None, 3, 3, 4], 0),
        row(names["Dense"], [None, 3], 111),
        row(names["Rescaling"], [None, 8, 8, 1], 0),
    ])  # fmt: skip
    return examined(config, told)


def test_layers_that_no_table_lists_are_no_rows() -> None:
    assert symptom("table", lenet("tanh"), TABLE) == ""


@pytest.mark.parametrize("separate, found", [
    ((("Activation", {"activation": "tanh"}),), ""),
    ((("Tanh", {"module": "keras.src.ops.numpy"}),), ""),
    ((("Activation", {"activation": "relu"}),), "row 1 with relu"),
    ((("ReLU", {}),), "row 1 with relu"),
    ((("Activation", {"activation": "linear"}),), "row 1 with "),
    ((), "row 1 with "),
])  # fmt: skip
def test_an_activation_may_be_a_layer_of_its_own(separate: Any, found: str) -> None:
    assert symptom("table", lenet("linear", separate), TABLE) == found


def test_a_row_without_an_activation_takes_any() -> None:
    rows = (("convolution", (6, 6, 4), 40, ""), *TABLE[1:])
    assert symptom("table", lenet("relu"), rows) == "" and symptom("table", lenet("linear"), rows) == ""


@pytest.mark.parametrize("changed, found", [
    (("convolution", (6, 6, 4), 40, "tanh"), "row 1 with relu"),
    (("convolution", (6, 5, 4), 40, "relu"), "row 1 of shape (6, 6, 4)"),
    (("convolution", (6, 6, 4), 36, "relu"), "row 1 with 40 parameters"),
    (("dense", (6, 6, 4), 40, "relu"), "row 1 is convolution"),
])  # fmt: skip
def test_each_thing_in_a_row_is_looked_at(changed: Any, found: str) -> None:
    assert symptom("table", lenet("relu"), (changed, *TABLE[1:])) == found


def test_rows_are_counted_and_named_from_one() -> None:
    assert symptom("table", lenet("tanh"), TABLE[:2]) == "row 3 too many"
    assert symptom("table", lenet("tanh"), (*TABLE, ("dense", (3,), 12, ""))) == "row 4 missing"
    second = (TABLE[0], ("max pooling", (3, 3, 4), 0, ""), TABLE[2])
    assert symptom("table", lenet("tanh"), second) == "row 2 is average pooling"


# Accuracy: the reason is told, and only a true one


def test_the_reason_for_a_low_accuracy_is_told() -> None:
    exam = replace(EXAM, labels=LABELS)
    ((_, (_, message)),) = rules.judge(read(examined(scored=-LOGITS / 9)), {"accuracy": 0.9}, exam)
    assert message.startswith(
        "0% of 4 images that were not trained on are right; at least 90% are needed (guessing gives 33%)."
    )
    one = np.array([[0.0, 0.1, 0.0]] * 4, np.float32)
    ((_, (found, message)),) = rules.judge(read(examined(scored=one)), {"accuracy": 0.9}, exam)
    assert found == "low" and message.endswith("Nearly every image is taken for class 1.")
    sure = 9 * one * 10
    ((_, (found, message)),) = rules.judge(read(examined(scored=sure)), {"accuracy": 0.9}, exam)
    assert found == "sure and wrong" and "taken for class 1" in message


@pytest.mark.parametrize("right, found", [(4, "moving statistics lag"), (3, "moving statistics lag"), (1, "low")])
def test_statistics_lag_where_the_batchs_own_do_much_better(right: int, found: str) -> None:
    batchwise = -LOGITS / 9
    batchwise[:right] = LOGITS[:right] / 9
    assert symptom("accuracy", examined(scored=-LOGITS / 9, batchwise=batchwise), 0.9) == found
