"""Every rule with a model that is right and with the wrong ones it must find. No TensorFlow: the facts are made by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from blueprints import EXAM, LABELS, LOGITS, RIGHT, chain, examined, facts, layer, model

from autograder.border.observation import Failure, Observation
from autograder.grader import rules
from autograder.grader.answers import Answers
from autograder.grader.compare import compare, signs_of
from autograder.grader.models import read
from autograder.grader.protocol import Seen
from autograder.grader.rules.graph import leads_through, next_weighted, steps_after
from autograder.grader.rules.rule import listed
from autograder.grader.score import score
from autograder.question import Case, Exam, ModelQuestion

SOFTMAX = np.exp(LOGITS) / np.exp(LOGITS).sum(axis=1, keepdims=True)


def verdict(rule: str, seen: Observation, limit: Any = True, exam: Exam = EXAM) -> tuple[str, str]:
    ((name, found),) = rules.judge(read(seen), {rule: limit}, exam)
    assert name == rule
    return found


LIMITS = {"layers": ("Conv2D", "MaxPooling2D", "Dense"), "parameters": 10, "loss at the start": 1.0, "accuracy": 0.9}
OF_A_PLAN = {"layer table", "trainable parameters", "connections", "output on given weights"}  # test_likeness.py
APPLY = [rule for rule in rules.RULES if rule != "table" and rule not in OF_A_PLAN]


@pytest.mark.parametrize("rule", APPLY)
def test_a_right_model_meets_every_rule(rule: str) -> None:
    assert verdict(rule, examined(), LIMITS.get(rule, True)) == ("", "")


def without(*kinds: str) -> Any:
    return chain(*[(kind, config) for kind, config in RIGHT if kind not in kinds])


WRONG: dict[str, tuple[str, Observation]] = {
    "no convolution": ("layers", examined(without("Conv2D"))),
    "no MaxPooling2D": ("layers", examined(without("MaxPooling2D"))),
    "no nonlinearity": ("layers", examined(without("ReLU"))),
    "flattened before convolution": ("layers", examined(chain(("Flatten", {}), ("Reshape", {}), *RIGHT))),
    "softmax in the model": (
        "output", examined(chain(*RIGHT, ("Softmax", {"axis": -1})), predictions=SOFTMAX.astype(np.float32))
    ),
    "softmax over the batch": (
        "output", examined(chain(*RIGHT, ("Softmax", {"axis": 0})), predictions=np.full((3, 3), 1 / 3, np.float32))
    ),
    "sigmoid at the end": ("output", examined(chain(*RIGHT[:-1], ("Dense", {"activation": "sigmoid"})))),
    "relu at the end": ("output", examined(chain(*RIGHT, ("ReLU", {})))),
    "shape of rank 2": ("output", examined(told=facts(output=[None, 7]))),
    "shape of rank 1": ("output", examined(told=facts(output=[None]), predictions=LABELS.astype(np.float32))),
    "argmax inside": (
        "output",
        examined(
            model([
                *chain(*RIGHT)["layers"],
                layer("Argmax", "argmax", "dense_7", module="keras.src.ops.numpy"),
            ]),
            facts(output=[None]),
            predictions=LABELS.astype(np.float32),
        ),
    ),
    "too many parameters": ("parameters", examined(told=facts(parameters=11))),
    "frozen layers": (
        "trainable weights",
        examined(told=facts(layers=[{"name": "conv", "shapes": [], "parameters": 1, "frozen": True}])),
    ),
    "no gradients": ("gradients", examined(told=facts(reached=[]))),
    "some gradients missing": ("gradients", examined(told=facts(unreached=["dense/bias"]))),
    "step does not lower the loss": ("gradients", examined(told=facts(step=[1.0, 1.0]))),
    "large loss at the start": ("loss at the start", examined(told=facts(**{"start loss": 40.0}))),
    "modes agree": ("training and inference", examined(told=facts(**{"modes differ": False}))),
    "modes differ": ("training and inference", examined(without("BatchNormalization"))),
    "training is fixed": (
        "training and inference",
        examined(
            model([
                layer("InputLayer", "pixels"),
                layer("BatchNormalization", "norm", "pixels", training=False),
            ])
        ),
    ),
    "other predictions": ("saved and loaded", examined(claimed=LOGITS + np.float32(0.1))),
    "weights not finite": ("weights", examined(weights=(np.nan, 0, 0))),
    "no weight moved": ("weights", examined(start=(1, 2, 0))),
    "weights hardly moved": ("weights", examined(start=(0.99, 2.01, 0))),
    "moving statistics stood still": ("moving statistics", examined(start=(0, 0, 3))),
    "moving statistics lag": ("accuracy", examined(scored=-LOGITS, batchwise=LOGITS)),
    "sure and wrong": ("accuracy", examined(scored=9 * np.eye(3, dtype=np.float32)[[1, 1, 1, 1]])),
    "low": ("accuracy", examined(scored=-LOGITS / 9)),
    "predictions not finite": ("accuracy", examined(scored=np.full_like(LOGITS, np.nan))),
}  # fmt: skip


@pytest.mark.parametrize("symptom", WRONG)
def test_a_wrong_model_is_found_and_told(symptom: str) -> None:
    rule, seen = WRONG[symptom]
    found, message = verdict(rule, seen, LIMITS.get(rule, True))
    assert found == symptom
    assert message.endswith((".", ")", "?")) and len(message) > 40


@pytest.mark.parametrize(("momentum", "slow"), [(0.9, False), (0.95, False), (0.99, True)])
def test_a_momentum_is_slow_for_a_short_run_only(momentum: float, slow: bool) -> None:
    seen = examined(chain(("BatchNormalization", {"momentum": momentum}), ("Dense", {})))
    symptom, message = verdict("training and inference", seen, exam=replace(EXAM, steps=60))
    assert (symptom == "slow moving statistics") == slow and ("55%" in message) == slow
    assert verdict("training and inference", seen, exam=replace(EXAM, steps=600)) == ("", "")


@pytest.mark.parametrize(
    ("kind", "is_told"), [("Conv2D", False), ("DepthwiseConv2D", False), ("SeparableConv2D", True)]
)
def test_a_pointwise_convolution_may_be_linear_and_no_other_of_one_pixel(kind: str, is_told: bool) -> None:
    first = chain(("Conv2D", {"kernel_size": [1, 1]}), ("ReLU", {}), (kind, {"kernel_size": [1, 1]}), ("Dense", {}))
    assert verdict("layers", examined(first), ())[0] == ("no nonlinearity" if is_told else "")


def test_no_predictions_are_no_softmax() -> None:
    assert verdict("output", examined(predictions=np.zeros((0, 3), np.float32))) == ("", "")


@pytest.mark.parametrize("layers", [
    [], [{"name": "conv2d_0", "shapes": [], "parameters": 156, "frozen": False}],
    [{"name": "another", "shapes": [[None, 28, 28, 6]], "parameters": 156, "frozen": False}],
])  # fmt: skip
def test_a_layer_of_which_nothing_is_told_is_in_no_table(layers: list[Any]) -> None:
    seen = examined(chain(("Conv2D", {"activation": "tanh"})), facts(layers=layers))
    assert verdict("table", seen, (("convolution", (28, 28, 6), 156, "tanh"),))[0] == "row 1 missing"


@pytest.mark.parametrize(("after", "activation"), [
    ((("ReLU", {}),), "relu"), ((("Activation", {"activation": "tanh"}),), "tanh"), ((("Flatten", {}),), ""), ((), ""),
])  # fmt: skip
def test_the_activation_of_a_row_may_be_a_layer_of_its_own(after: Any, activation: str) -> None:
    told = facts(layers=[{"name": "dense_0", "shapes": [[None, 4]], "parameters": 8, "frozen": False}])
    seen = examined(chain(("Dense", {}), *after), told)
    assert verdict("table", seen, (("dense", (4,), 8, activation),)) == ("", "")
    assert verdict("table", seen, (("dense", (4,), 8, "elu"),))[0] == f"row 1 with {activation}"


def test_the_table_tells_the_first_row_that_is_off() -> None:
    told = facts(layers=[
        {"name": "conv2d_0", "shapes": [[None, 28, 28, 6]], "parameters": 156, "frozen": False},
        {"name": "averagepooling2d_1", "shapes": [[None, 14, 14, 6]], "parameters": 0, "frozen": False},
    ])  # fmt: skip
    seen = examined(chain(("Conv2D", {"activation": "tanh"}), ("AveragePooling2D", {})), told)
    rows = (("convolution", (28, 28, 6), 156, "tanh"), ("average pooling", (14, 14, 6), 0, ""))
    assert verdict("table", seen, rows) == ("", "")
    for changed, word in [
        ((("convolution", (32, 32, 6), 156, ""), rows[1]), "32x32x6"),
        ((("convolution", (28, 28, 6), 150, ""), rows[1]), "150"),
        ((("convolution", (28, 28, 6), 156, "relu"), rows[1]), "relu"),
        ((rows[0], ("max pooling", (14, 14, 6), 0, "")), "max pooling"),
        ((*rows, ("dense", (10,), 850, "")), "missing"),
        (rows[:1], "ends after 1"),
    ]:
        symptom, message = verdict("table", seen, changed)
        assert symptom and word in message


def test_a_residual_block_has_its_nonlinearity_after_the_sum() -> None:
    config = model(
        [
            layer("InputLayer", "pixels"),
            layer("Conv2D", "a", "pixels", kernel_size=[3, 3]),
            layer("Relu", "relu", "a", module="keras.src.ops.nn"),
            layer("Conv2D", "b", "relu", kernel_size=[3, 3]),
            layer("BatchNormalization", "norm", "b"),
            layer("Add", "sum", "norm", "relu"),
            layer("ReLU", "end", "sum"),
            layer("Dense", "dense", "end"),
        ]
    )
    assert verdict("layers", examined(config), ("Conv2D",)) == ("", "")


def test_accuracy_of_what_is_no_prediction_is_zero() -> None:
    assert rules.accuracy(LOGITS, LABELS) == 1.0
    assert rules.accuracy(LOGITS[:2], LABELS) == 0.0
    assert rules.accuracy(LABELS.astype(np.float32), LABELS) == 0.0


# The question around the rules

SEEN, UNSEEN = Case("seen", public=True, exam=EXAM), Case("unseen", exam=EXAM)
QUESTION = ModelQuestion("build", 4, (SEEN, UNSEEN), rules={"output": "logits", "accuracy": 0.9})


def test_a_model_question_has_a_part_for_each_rule() -> None:
    assert QUESTION.parts == ("output", "accuracy")
    assert QUESTION.outputs == ()


def test_the_rung_of_a_finding_is_the_symptom() -> None:
    _, seen = WRONG["sigmoid at the end"]
    findings = compare(QUESTION, SEEN, seen, {})
    assert [(f.part, f.miss) for f in findings] == [("output", "sigmoid at the end"), ("accuracy", "")]


@pytest.mark.parametrize(("scored", "share"), [(LOGITS, 1.0), (-LOGITS / 9, 0.0), (np.full_like(LOGITS, np.nan), 0.5)])
def test_the_accuracy_is_told_passed_or_not_and_no_other_rule_has_one(scored: np.ndarray, share: float) -> None:
    output, accuracy = compare(QUESTION, UNSEEN, examined(scored=scored), {})
    assert accuracy.measured == pytest.approx(share, abs=0.01) and accuracy.passed == (share >= 0.9)
    assert output.measured is None


def test_a_symptom_that_many_mistakes_share_names_one_only_with_the_others() -> None:
    low = WRONG["low"][1]
    assert signs_of(QUESTION, SEEN, low)["accuracy"].form == "low"
    both = examined(chain(*RIGHT, ("ReLU", {})), scored=-LOGITS / 9)
    assert signs_of(QUESTION, SEEN, both)["accuracy"].form == "relu at the end; low"


def test_made_up_facts_are_no_model_and_no_exception() -> None:
    for bad in (Observation(outputs=()), examined(told={"output": 3}), examined({"layers": [3]})):
        findings = compare(QUESTION, SEEN, bad, {})
        assert {f.miss for f in findings} == {"structure"}


def test_why_there_is_no_model_is_told_as_it_stands() -> None:
    seen = Observation(failure=Failure("NoModel", "It should return a Keras model."))
    assert {f.message for f in compare(QUESTION, SEEN, seen, {})} == {"It should return a Keras model."}


NAMED = "pixels_00_ff_13"
NAMED_MODELS: dict[str, tuple[str, dict[str, Any]]] = {
    "a layer's name": (
        "trainable weights",
        facts(layers=[{"name": NAMED, "shapes": [], "parameters": 1, "frozen": True}]),
    ),
    "a number": ("parameters", facts(parameters=424_242, layers=[{"name": NAMED, "parameters": 1, "shapes": []}])),
}


@pytest.mark.parametrize("name", NAMED_MODELS)
def test_a_rule_tells_of_a_hidden_model_what_a_public_one_showed_and_else_nothing_of_its_own(name: str) -> None:
    rule, told = NAMED_MODELS[name]
    question = ModelQuestion("build", points=1, cases=(), rules={rule: 10})
    seen = examined(told=told)

    def message(public: bool, heard: tuple[tuple[str, str], ...] = ()) -> str:
        case = Case("an exam", public=public, exam=EXAM)
        (finding,) = compare(question, case, seen, {}, heard)
        assert not finding.passed
        return finding.message

    shown = message(public=True)
    assert NAMED in shown
    assert message(public=False, heard=((rule, shown),)) == shown
    other = message(public=False, heard=((rule, "The model has 99 parameters"),))
    unheard = message(public=False)
    for text in (other, unheard):
        assert NAMED not in text and "424" not in text and rule in text
    assert "begin there" in other
    assert "not in this hidden one" in unheard


def test_a_list_in_a_sentence_is_short() -> None:
    assert listed(["a"]) == "a" and listed(["a", "b", "c"]) == "a, b, c"
    assert listed(["a", "b", "c", "d"]) == "a, b, c and 1 more" and listed([*"abcde"]) == "a, b, c and 2 more"


def test_a_chain_of_shortcuts_is_looked_at_once() -> None:
    """Each layer can be reached on two ways, a chain of forty on 2 to the 40."""
    layers = [layer("InputLayer", "pixels"), layer("Conv2D", "add_0", "pixels", kernel_size=[3, 3])]
    for n in range(40):
        layers += [layer("Dropout", f"drop_{n}", f"add_{n}"), layer("Add", f"add_{n + 1}", f"add_{n}", f"drop_{n}")]
    aside = layer("Argmin", "aside", "drop_3", module="keras.src.ops.numpy")
    blueprint = read(examined(model([*layers, aside, layer("Dense", "dense", "add_40")]))).blueprint
    found = next_weighted(blueprint, blueprint.steps["add_0"])
    assert found and found.name == "dense"
    assert leads_through(blueprint, {"Conv2D"}) and leads_through(blueprint, {"Dense"})
    assert not leads_through(blueprint, {"Argmin"}) and not leads_through(blueprint, {"ReLU"})


def test_what_comes_after_a_flattening_is_found_but_not_beside_a_gate() -> None:
    layers = [
        layer("InputLayer", "pixels"), layer("Conv2D", "conv", "pixels"), layer("GlobalAveragePooling2D", "pool", "conv"),
        layer("Dense", "gate", "pool"), layer("Multiply", "scaled", "conv", "gate"), layer("Conv2D", "next", "scaled"),
    ]  # fmt: skip
    assert steps_after(read(examined(model(layers))).blueprint, {"GlobalAveragePooling2D"}) == {"gate"}


def test_a_hidden_model_that_fails_as_the_public_one_did_is_told_the_same() -> None:
    question = ModelQuestion("build", 2, (SEEN, UNSEEN), rules={"parameters": 10})
    too_large = examined(told=facts(parameters=424_242))
    report = score(Answers(question, ({}, {}), (), (1, 1)), Seen([too_large, too_large]))
    public, hidden = report.parts
    assert "424,242" in public.message and hidden.message == public.message
