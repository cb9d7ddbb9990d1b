"""Rules on architectures: a model that is right in several styles, and the wrong ones that each rule must find. No TensorFlow."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from blueprints import examined, layer, model

from autograder.border.observation import Observation
from autograder.grader import rules
from autograder.grader.compare import compare, signs_of
from autograder.grader.expected import GIVEN_WEIGHTS, ExpectedPart, expect
from autograder.grader.models import read
from autograder.grader.rules import likeness
from autograder.grader.rules.model_plan import from_model
from autograder.grader.rules.plan import from_text, window_word
from autograder.question import Case, Exam, ModelQuestion

SHAPE = (8, 6, 3)
PLAN = "conv3:4 norm relu ( conv3/2:4 norm relu conv3:4 norm | conv1/2:4 norm ) add relu ( | norm relu conv3:2 ) concat mean dense:2"
OUTPUT = np.array([[1.0, -2.0], [3.0, 0.5]], np.float32)
EXAM = Exam(np.zeros((2, *SHAPE), np.uint8), plan=PLAN)
RULES = {"layer table": True, "trainable parameters": True, "connections": True, GIVEN_WEIGHTS: True}


@dataclass
class Net:
    """A model's configuration and facts, layer by layer."""

    layers: list[Any] = field(default_factory=list)
    facts: list[dict[str, Any]] = field(default_factory=list)
    weights: list[dict[str, Any]] = field(default_factory=list)

    def add(self, kind: str, inputs: tuple[str, ...], shape: tuple[int, ...], trainable: int = 0, moving: int = 0,
            module: str = "keras.layers", frozen: bool = False, **config: Any) -> str:  # fmt: skip
        """Adds a layer and returns its name."""
        name = f"{kind.lower()}_{len(self.layers)}"
        self.layers.append(layer(kind, name, *inputs, module=module, **config))
        told = {"name": name, "shapes": [[None, *shape]], "parameters": trainable + moving, "frozen": frozen}
        self.facts.append(told)
        self.weights += [{"path": f"{name}/w", "size": trainable, "trainable": not frozen}] * bool(trainable)
        self.weights += [{"path": f"{name}/moving_mean", "size": moving, "trainable": False}] * bool(moving)
        return name

    def conv(self, x: str, shape: tuple[int, ...], c_in: int, size: int = 3, stride: int = 1, **config: Any) -> str:
        groups, bias = config.get("groups", 1), config.setdefault("use_bias", False)
        count = size * size * c_in // groups * shape[-1] + bias * shape[-1]
        return self.add("Conv2D", (x,), shape, count, kernel_size=[size, size], strides=[stride, stride], **config)

    def norm(self, x: str, shape: tuple[int, ...]) -> str:
        return self.add("BatchNormalization", (x,), shape, 2 * shape[-1], 2 * shape[-1])

    def seen(self, predictions: np.ndarray = OUTPUT) -> Observation:
        told = {
            "input": [None, *SHAPE],
            "output": [None, 2],
            "parameters": 0,
            "layers": self.facts,
            "weights": self.weights,
        }
        return examined(model(self.layers), told, claimed=predictions, predictions=predictions)


def net(
    *, operations: bool = False, bias: bool = False, frozen: bool = False, filters: int = 4, stride_last: bool = False,
    project: bool = True, projection_norm: bool = True, relu_before: bool = False, relu_after: bool = True, join: str = "Add",
    swapped: bool = False, nested: bool = False, flat: bool = False, extra: bool = False, groups: int = 1, gate: bool = False, dropout: float = 0,
) -> Net:  # fmt: skip
    """The architecture of PLAN, in which each test changes one thing."""
    n, large, small = Net(), (8, 6, filters), (4, 3, filters)

    def relu(x: str, shape: tuple[int, ...]) -> str:
        return n.add("Relu", (x,), shape, module="keras.src.ops.nn") if operations else n.add("ReLU", (x,), shape)

    x = n.add("InputLayer", (), SHAPE)
    if operations:
        x = n.add("Concatenate", (n.add("Identity", (x,), SHAPE),), SHAPE)
    x = relu(n.norm(n.conv(x, large, 3, use_bias=bias), large), large)
    y = n.conv(x, large if stride_last else small, filters, stride=1 if stride_last else 2)
    shape = large if stride_last else small
    y = relu(n.norm(y, shape), shape)
    y = n.norm(n.conv(y, small, filters, stride=2 if stride_last else 1, groups=groups), small)
    y = relu(y, small) if relu_before else y
    aside = x
    if project:
        aside = n.conv(x, small, filters, 1, 2)
        aside = n.norm(aside, small) if projection_norm else aside
    y = n.add(join, (aside, y), small)
    y = relu(y, small) if relu_after else y
    if extra:
        y = relu(n.add("Add", (y, n.norm(y, small)), small), small)
    new = n.conv(relu(n.norm(y, small), small), (4, 3, 2), filters)
    if gate:
        new = n.add("Multiply", (new, n.add("Sigmoid", (new,), (4, 3, 2), module="keras.src.ops.nn")), (4, 3, 2))
    both = (new, y) if swapped else (y, new)
    if nested:
        inner = n.add("Concatenate", (y,), small)
        both = (inner, new)
    y = n.add("Concatenate", both, (4, 3, filters + 2))
    pool = n.add("Flatten", (y,), (72,)) if flat else n.add("GlobalAveragePooling2D", (y,), (filters + 2,))
    inputs = 72 if flat else filters + 2
    pool = n.add("Dropout", (pool,), (inputs,), rate=dropout) if dropout else pool
    n.add("Dense", (pool,), (2,), 2 * inputs + 2, frozen=frozen)
    return n


def verdict(rule: str, seen: Observation, limit: Any = True) -> tuple[str, str]:
    ((name, found),) = rules.judge(read(seen), {rule: limit}, EXAM)
    assert name == rule
    return found


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("style", [{}, {"operations": True}, {"nested": True}], ids=["layers", "operations", "nested"])
def test_a_right_model_meets_every_rule_in_any_style(rule: str, style: dict[str, Any]) -> None:
    assert verdict(rule, net(**style).seen()) == ("", "")


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"filters": 5}, "layer table", "number of filters"),
    ({"bias": True}, "layer table", "the bias"),
    ({"stride_last": True}, "layer table", "strides and padding"),
    ({"project": False}, "layer table", "4 layers like this, but has 3"),
    ({"extra": True}, "layer table", "does not belong"),
    ({"groups": 2}, "layer table", "the groups"),
    ({"filters": 5}, "layer table", "A layer is missing: "),
    ({"flat": True}, "layer table", "dense"),
    ({"frozen": True}, "layer table", "is it frozen"),
    ({"bias": True}, "trainable parameters", "use_bias=False"),
    ({"frozen": True}, "trainable parameters", "frozen"),
    ({"filters": 5}, "trainable parameters", "fewer"),
    ({"projection_norm": False}, "trainable parameters", "8 more"),
    ({"relu_before": True}, "connections", "norm → relu] (step 6 differs)"),
    ({"relu_after": False}, "connections", "After paths meet for the first time, there should be [relu] before paths part, but there is [norm] (step 1 differs)"),
    ({"project": False}, "connections", "the first time"),
    ({"projection_norm": False}, "connections", "[conv1/2 → norm], but it is [conv1/2]"),
    ({"stride_last": True}, "connections", "(step 1 differs)"),
    ({"join": "Multiply"}, "connections", "joined by multiply"),
    ({"swapped": True}, "connections", "another order"),
    ({"extra": True}, "connections", "add"),
    ({"gate": True}, "connections", "multiply"),
    ({"flat": True}, "connections", "[mean → dense]"),
    ({"groups": 2}, "connections", "conv3g2"),
    ({"dropout": 0.5}, "connections", "[mean → dense], but it is [mean → dropout:0.5 → dense]"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "rule", "words"), WRONG, ids=[f"{rule}, {next(iter(c))}" for c, rule, _ in WRONG])
def test_a_wrong_model_is_found_and_told(change: dict[str, Any], rule: str, words: str) -> None:
    symptom, message = verdict(rule, net(**change).seen())
    assert symptom and words in message
    assert message[0].isupper() and message.endswith((".", "?")), message


def test_different_mistakes_show_different_symptoms() -> None:
    found = [
        tuple(verdict(rule, net(**change).seen())[0] for rule in RULES) for change in ({}, *(c for c, _, _ in WRONG))
    ]
    different = {
        tuple(change): symptoms for change, symptoms in zip([{}, *(c for c, _, _ in WRONG)], found, strict=True)
    }
    assert len(set(different.values())) == len(different)


def test_moving_statistics_are_no_trainable_parameters() -> None:
    model_ = read(net().seen())
    wanted = from_text(PLAN, SHAPE).parameters
    assert sum(w["size"] for w in model_.facts["weights"]) > wanted
    assert verdict("trainable parameters", net().seen()) == ("", "")


def test_a_layer_that_is_not_on_the_way_to_the_output_is_in_the_table_but_in_no_path() -> None:
    n = net()
    last = n.layers.pop(), n.facts.pop()
    n.norm(n.layers[-1]["name"], (6,))
    n.layers.append(last[0])
    n.facts.append(last[1])
    assert verdict("connections", n.seen()) == ("", "")
    assert "does not belong" in verdict("layer table", n.seen())[1]


@pytest.mark.parametrize("rate", [0.4, 0.5])
def test_a_dropout_has_its_rate(rate: float) -> None:
    exam = Exam(EXAM.images, plan=PLAN.replace("mean", "mean dropout:0.4"))
    ((_, (symptom, message)),) = rules.judge(read(net(dropout=rate).seen()), {"connections": True}, exam)
    assert bool(symptom) == (rate != 0.4) and ("dropout:0.5" in message) == (rate == 0.5)


# What it computes

RIGHT = ExpectedPart(OUTPUT.astype(np.float64), "float32", 1e-3 * 3)


@pytest.mark.parametrize(
    ("predictions", "symptom", "words"),
    [
        (OUTPUT, "", ""),
        (OUTPUT + np.float32(1e-3), "", ""),
        (OUTPUT * np.float32(1.01), "other output", "off by 1%"),
        (OUTPUT * np.float32(1.002), "other output", "off by 0.2%"),
        (OUTPUT[:, ::-1], "other output", "Layers and connections are right"),
        (OUTPUT[:, :1], "other shape", "2x2"),
        (np.full_like(OUTPUT, np.nan), "other output", "NaN"),
    ],
)  # fmt: skip
def test_what_is_computed_on_given_weights_is_the_references(predictions: np.ndarray, symptom: str, words: str) -> None:
    found, message = verdict(GIVEN_WEIGHTS, net().seen(predictions), RIGHT)
    assert found == symptom and words in message


def test_where_another_rule_is_broken_no_cause_of_an_other_output_is_guessed() -> None:
    found, message = verdict(GIVEN_WEIGHTS, net(bias=True).seen(2 * OUTPUT), RIGHT)
    assert found == "other output"
    assert message.endswith("Mend first what the other rules say.") and "batch normalization" not in message


QUESTION = ModelQuestion("build", 4, (Case("seen", public=True, exam=EXAM),), rules=RULES)
(CASE,) = QUESTION.cases


def test_what_the_reference_predicts_is_expected_and_a_mistake_shows_what_it_predicts() -> None:
    expected = expect(QUESTION, CASE, net().seen(), net().seen())
    assert set(expected) == {GIVEN_WEIGHTS}
    assert np.array_equal(expected[GIVEN_WEIGHTS].array, OUTPUT)
    seen = net(swapped=True).seen(2 * OUTPUT)
    findings = {f.part: f.miss for f in compare(QUESTION, CASE, seen, expected)}
    assert findings["layer table"] == "" and findings[GIVEN_WEIGHTS] == "other output"
    shown = signs_of(QUESTION, CASE, seen)
    assert shown[GIVEN_WEIGHTS].array is not None and np.array_equal(shown[GIVEN_WEIGHTS].array, 2 * OUTPUT)
    assert shown["connections"].form


def test_a_question_without_that_rule_expects_no_arrays() -> None:
    question = ModelQuestion("build", 1, (Case("seen", public=True, exam=EXAM),), rules={"connections": True})
    assert expect(question, CASE, net().seen(), net().seen()) == {}


# Plans


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("conv3", "no layer"),
        ("conv3:4 max2:4", "no layer"),
        ("conv9v:4", "does not fit"),
        ("conv3:4g3", "does not fit"),
        ("( conv3:4 | conv3:5 ) add", "do not fit an add"),
        ("( conv3/2:4 | conv3:4 ) concat", "do not fit an concat"),
        ("( conv3:4 | conv3:4", "not closed"),
        ("( conv3:4 | conv3:4 ) relu", "not closed and merged"),
        ("conv3:4 )", "a bracket too many"),
        ("dense:3 conv3:4", "no layer"),
    ],
)  # fmt: skip
def test_a_plan_that_is_none_is_refused(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        from_text(text, SHAPE)


@pytest.mark.parametrize(
    ("text", "shape", "parameters", "products"),
    [
        ("conv11/4v:96b", (227, 227, 3), 34_944, 105_415_200),  # NTU: 55x55x96
        ("conv5v:6b tanh avg2/2 conv5v:16b tanh avg2/2 conv5v:120b tanh dense:84 tanh dense:10", (32, 32, 1), 61_706, 416_520),  # LeNet-5
        ("conv3:8g4", (4, 4, 8), 144, 2_304),
        ("conv1x7:2", (5, 9, 3), 42, 1_890),
        ("norm", (5, 9, 3), 6, 0),
        ("( | mean dense:1 relu dense:4 sigmoid ) multiply", (3, 3, 4), 13, 8),
    ],
)  # fmt: skip
def test_parameters_and_products_of_a_plan(
    text: str, shape: tuple[int, int, int], parameters: int, products: int
) -> None:
    plan = from_text(text, shape)
    assert (plan.parameters, plan.products) == (parameters, products)


def test_concatenations_of_concatenations_are_one_and_sums_may_come_in_any_order() -> None:
    nested = from_text("( ( conv1:2 | conv3:2 ) concat | conv5:2 ) concat", SHAPE)
    flat = from_text("( conv1:2 | conv3:2 | conv5:2 ) concat", SHAPE)
    assert [m.told() for m in nested.merges] == [m.told() for m in flat.merges]


def test_concatenations_of_a_thing_with_itself_are_bounded() -> None:
    text = "relu"
    for _ in range(9):
        text = f"( {text} | ) concat"
    assert len(from_text(text, SHAPE).merges[-1].paths) == 10
    with pytest.raises(ValueError, match="paths meet"):
        from_text("( | ) concat " * 12, SHAPE)


@pytest.mark.parametrize("text", ["conv3:4g2", "conv3:3g2", "conv3:4g3"])
def test_groups_divide_what_comes_in_and_what_goes_out(text: str) -> None:
    with pytest.raises(ValueError, match="does not fit a shape of"):
        from_text(text, SHAPE)
    assert [row.parameters for row in from_text("conv3:6g3", SHAPE).rows] == [9 * 6]


def test_of_a_long_path_the_part_around_a_step_is_shown() -> None:
    assert likeness._path(()) == "empty, a shortcut"
    assert likeness._path(tuple("abcdefgh"), 7) == "[a → b → c → d → e → f → g → h]"
    words = tuple("abcdefghijkl")
    assert likeness._path(words, 1) == "[a → b → c → d → e → ...]"
    assert likeness._path(words, 6) == "[... → c → d → e → f → g → h → i → j → ...]"
    assert likeness._path(words, 11) == "[... → h → i → j → k → l]"


def test_the_plan_of_a_model_is_that_of_its_text() -> None:
    n = Net()
    y = n.conv(n.add("InputLayer", (), SHAPE), (8, 6, 4), 3)
    y = n.add("MaxPooling2D", (y,), (4, 3, 4), pool_size=[2, 2], strides=[2, 2])
    y = n.add("AveragePooling2D", (y,), (4, 3, 4), pool_size=[3, 3], strides=[1, 1])
    n.add("Dense", (n.add("GlobalAveragePooling2D", (y,), (4,)),), (2,), 10)
    plan, wanted = from_model(read(n.seen())), from_text("conv3:4 max2/2 avg3 mean dense:2", SHAPE)
    assert plan.end.words == wanted.end.words and plan.merges == wanted.merges
    assert [(row.kind, row.shape) for row in plan.rows] == [
        ("convolution", (8, 6, 4)), ("max pooling", (4, 3, 4)), ("average pooling", (4, 3, 4)), ("dense", (2,)),
    ]  # fmt: skip


@pytest.mark.parametrize("rule", ["layer table", "connections"])
def test_operations_of_which_nothing_is_told_are_in_no_table(rule: str) -> None:
    n = net(operations=True)
    n.facts = [told for told in n.facts if not told["name"].startswith(("relu", "identity"))]
    assert verdict(rule, n.seen()) == ("", "")


@pytest.mark.parametrize(
    ("kernel", "strides", "groups", "word"),
    [((3, 3), (1, 1), 1, "conv3"), ((3, 3), (2, 2), 1, "conv3/2"), ((1, 7), (1, 2), 1, "conv1x7/1x2"),
     ((7, 1), (2, 1), 4, "conv7x1/2x1g4")],
)  # fmt: skip
def test_a_window_in_a_word(kernel: tuple[int, int], strides: tuple[int, int], groups: int, word: str) -> None:
    assert window_word("conv", kernel, strides, groups) == word
