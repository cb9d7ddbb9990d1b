"""What a model's configuration may hold, and how its graph is read. The configurations come from hostile processes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from blueprints import RIGHT, chain, layer, model

from autograder.border import blueprint


def parsed(config: Any) -> tuple[dict[str, Any] | None, str]:
    return blueprint.parse(json.dumps(config).encode())


def test_a_chain_of_layers_is_read_in_order() -> None:
    config, refusal = parsed(chain(*RIGHT))
    assert config is not None and refusal == ""
    graph = blueprint.read(config)
    assert [step.kind for step in graph.steps.values()] == ["InputLayer", *(kind for kind, _ in RIGHT)]
    assert graph.steps[graph.output].kind == "Dense"
    assert graph.steps["conv2d_1"].inputs == ("rescaling_0",)


def test_branches_meet() -> None:
    config = model(
        [
            layer("InputLayer", "pixels"),
            layer("Conv2D", "left", "pixels"),
            layer("Conv2D", "right", "pixels"),
            layer("Add", "sum", "left", "right"),
            layer("Relu", "relu", "sum", module="keras.src.ops.nn"),
        ]
    )
    graph = blueprint.read(parsed(config)[0] or {})
    assert graph.steps["sum"].inputs == ("left", "right")
    assert graph.output == "relu"


def test_a_model_in_a_model_is_opened() -> None:
    inner = layer("Functional", "block", "pixels", module="keras") | {"module": "keras"}
    inner["config"] = model(
        [layer("InputLayer", "there"), layer("Conv2D", "conv", "there"), layer("ReLU", "relu", "conv")]
    )
    sequential = layer("Sequential", "tail", "block", module="keras")
    plain = [layer("InputLayer", "in"), layer("Flatten", "flat"), layer("Dense", "dense")]
    sequential["config"] = {
        "name": "tail",
        "layers": [{k: v for k, v in one.items() if k != "inbound_nodes"} for one in plain],
    }
    config, refusal = parsed(model([layer("InputLayer", "pixels"), inner, sequential, layer("Softmax", "end", "tail")]))
    assert config is not None, refusal
    steps = blueprint.read(config).steps
    assert steps["block/conv"].inputs == ("pixels",)
    assert steps["tail/flat"].inputs == ("block/relu",)
    assert steps["end"].inputs == ("tail/dense",)


def test_a_layer_that_is_called_twice_is_two_steps() -> None:
    pool = layer("MaxPooling2D", "pool", "first")
    pool["inbound_nodes"] += layer("MaxPooling2D", "pool", "second")["inbound_nodes"]
    second = layer("Conv2D", "second", "pool")
    end = layer("Flatten", "end", "pool")
    end["inbound_nodes"][0]["args"][0]["config"]["keras_history"][1] = 1
    config = model([layer("InputLayer", "pixels"), layer("Conv2D", "first", "pixels"), pool, second, end])
    steps = blueprint.read(parsed(config)[0] or {}).steps
    assert steps["second"].inputs == ("pool",)
    assert steps["pool, call 2"].inputs == ("second",) and steps["pool, call 2"].call == 1
    assert steps["end"].inputs == ("pool, call 2",)


def test_what_keras_writes_for_dropout_is_taken_out_and_what_an_author_fixed_is_kept() -> None:
    config = model(
        [
            layer("InputLayer", "pixels"),
            layer("Dropout", "dropout", "pixels", training=False),
            layer("BatchNormalization", "norm", "dropout", training=False),
        ]
    )
    steps = blueprint.read(parsed(config)[0] or {}).steps
    assert steps["dropout"].training is None
    assert steps["norm"].training is False


HOSTILE: dict[str, Any] = {
    "a Lambda": layer("Lambda", "x", "pixels", function={"class_name": "__lambda__", "config": {"code": "4wEA"}}),
    "a layer of their own": layer("MyConv2D", "x", "pixels", module="builtins") | {"registered_name": "Custom>MyConv2D"},
    "a module to import": layer("Dense", "x", "pixels", module="os"),
    "a class of another module": layer("system", "x", "pixels", module="posix"),
    "a registered name": layer("Dense", "x", "pixels") | {"registered_name": "Custom>Dense"},
    "an operation that runs functions": layer("Map", "x", "pixels", module="keras.src.ops.core"),
    "a path for a name": layer("nn.relu", "x", "pixels", module="keras.src.ops.numpy"),
    "TorchModuleWrapper": layer("TorchModuleWrapper", "x", "pixels"),
    "TFSMLayer": layer("TFSMLayer", "x", "pixels", filepath="/etc"),
    "an initializer of their own": layer(
        "Dense", "x", "pixels", kernel_initializer={"module": "evil", "class_name": "Boom", "config": {}, "registered_name": None}
    ),
    "a function for an activation": layer(
        "Dense", "x", "pixels",
        activation={"module": "builtins", "class_name": "function", "config": "eval", "registered_name": "function"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("bad", HOSTILE.values(), ids=HOSTILE)
def test_what_is_not_of_keras_alone_is_refused(bad: Any) -> None:
    config, refusal = parsed(model([layer("InputLayer", "pixels"), bad]))
    assert config is None
    assert "keras.layers" in refusal


def test_what_hides_deep_inside_is_found() -> None:
    inner = layer("Functional", "block", "pixels", module="keras")
    inner["config"] = model([layer("InputLayer", "there"), HOSTILE["a Lambda"]])
    assert parsed(model([layer("InputLayer", "pixels"), inner]))[0] is None


@pytest.mark.parametrize("text", [
    b"", b"\xff\xfe", b"[]", b"null", b"{}", b'{"layers": 3}', b"[" * 100_000, b'{"layers": [' + b"[" * 50 + b"]" * 50 + b"]}",
    b'{"layers": [{"module": "os"}]}',
])  # fmt: skip
def test_damage_is_a_refusal_and_no_exception(text: bytes) -> None:
    config, refusal = blueprint.parse(text)
    assert config is None and refusal


@pytest.mark.parametrize("nonsense", [3, "text", {"args": 1}, None, [3], [{"kwargs": 3}]])
@pytest.mark.parametrize("field", ["inbound_nodes", "config"])
def test_nonsense_in_the_place_of_calls_or_layers_is_no_exception(field: str, nonsense: Any) -> None:
    bad = nonsense if field == "inbound_nodes" else {"layers": nonsense}
    config, refusal = parsed(model([layer("Dense", "a") | {field: bad}]))
    assert config is not None and refusal == ""


def test_too_many_calls_are_refused() -> None:
    called = layer("ReLU", "relu", "pixels")
    called["inbound_nodes"] *= blueprint.MAX_CALLS + 1
    assert "calls its layers more than" in parsed(model([layer("InputLayer", "pixels"), called]))[1]


def test_too_many_layers_are_refused() -> None:
    config, refusal = parsed(chain(*[("ReLU", {})] * (blueprint.MAX_LAYERS + 1)))
    assert config is None and "more than" in refusal


@pytest.mark.parametrize("config", [
    {"layers": [3]}, {"layers": [{"class_name": "Dense"}]}, {"layers": [layer("Dense", "a", "nowhere")]},
    {"layers": [layer("Dense", "a")], "output_layers": [["other", 0, 0]]}, {"layers": [layer("Dense", "a") | {"config": 3}]},
])  # fmt: skip
def test_a_graph_that_is_none_is_a_value_error(config: Any) -> None:
    with pytest.raises(ValueError, match="not a graph"):
        blueprint.read(config)


@pytest.mark.parametrize("config", [{}, {"layers": None}, {"layers": 3}, [], 7, "layers"])
def test_what_has_no_layers_is_no_model(config: Any) -> None:
    assert parsed(config) == (None, "The model's configuration cannot be read.")


def test_the_first_layer_of_a_chain_has_no_input() -> None:
    first, second = layer("Flatten", "flat"), layer("Dense", "dense")
    for one in (first, second):
        del one["inbound_nodes"]
    steps = blueprint.read(parsed({"name": "s", "layers": [first, second]})[0] or {}).steps
    assert [(step.name, step.inputs) for step in steps.values()] == [("flat", ()), ("dense", ("flat",))]
