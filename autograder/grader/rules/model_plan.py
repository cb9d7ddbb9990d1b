"""The plan of a model: what a plan of text is compared with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...border.blueprint import Step
from ..models import Examined
from .graph import activation_of
from .plan import KINDS, Place, Plan, Row, merged, merges_before, window_word

_WORDS = {
    "BatchNormalization": "norm", "GlobalAveragePooling2D": "mean", "Mean": "mean", "Dense": "dense",
    "ReLU": "relu", "Relu": "relu", "Maximum": "relu", "Sigmoid": "sigmoid", "Tanh": "tanh",
}  # fmt: skip
_SILENT = {"InputLayer", "ConvertToTensor", "Identity", "ZeroPadding2D", "Flatten", "Reshape", "ExpandDims", "Cast", "Squeeze", "Activation",
           "Concatenate"}  # fmt: skip
"""What leaves no word: it changes no number, or is told by its activation. A concatenation of one path is none."""
_JOINING = {"Add": "add", "Concatenate": "concat", "Multiply": "multiply"}
_WINDOWS = {"Conv2D": "conv", "MaxPooling2D": "max", "AveragePooling2D": "avg", "MaxPool": "max", "AveragePool": "avg"}
_LISTED = {"BatchNormalization": "batch normalization", "Dense": "dense"}


def from_model(model: Examined) -> Plan:
    """The same of a model; what is not on the way to its output is in no merge."""
    facts = {layer["name"]: layer for layer in model.facts["layers"]}
    places: dict[str, Place] = {}
    rows: list[Row] = []
    for name, step in model.blueprint.steps.items():
        before = [places[source] for source in step.inputs] or [Place()]
        if step.kind in _JOINING and len(before) > 1:
            places[name] = merged(_JOINING[step.kind], before)
            continue
        places[name] = here = before[0]
        for word in _words(step, here):
            places[name] = places[name].after(word)
        rows += _row(step, facts.get(step.layer, {}), "mean" in here.words)
    end = places.get(model.blueprint.output, Place())
    return Plan(tuple(rows), merges_before(end), end)


def _words(step: Step, before: Place) -> Iterator[str]:
    config, activation = step.config, activation_of(step)
    if step.kind in _WINDOWS:
        kernel = _pair(config.get("kernel_size", config.get("pool_size", 0)))
        strides = _pair(config.get("strides") or kernel)
        if step.kind == "Conv2D" and kernel == (1, 1) and "mean" in before.words:
            yield "dense"  # a 1x1 convolution of a map of one pixel
        else:
            yield window_word(_WINDOWS[step.kind], kernel, strides, int(config.get("groups") or 1))
    elif step.kind == "Dropout":
        yield f"dropout:{float(config.get('rate') or 0):g}"
    elif step.kind in _WORDS:
        yield _WORDS[step.kind]
    elif step.kind not in _SILENT:
        yield step.kind.lower()
    if activation:
        yield activation.lower()


def _row(step: Step, facts: Mapping[str, Any], of_one_pixel: bool) -> Iterator[Row]:
    """The row of a layer with weights, or of a pooling."""
    count, shapes = facts.get("parameters", 0), facts.get("shapes", ())
    if (count and step.call) or not (
        count or step.kind in _WINDOWS
    ):  # a layer that is called again has its weights once
        return
    shape = tuple(int(n or 0) for n in shapes[step.call][1:]) if step.call < len(shapes) else ()
    if of_one_pixel and shape[:2] == (1, 1):
        shape = shape[2:]
    if step.kind == "BatchNormalization":
        count -= 2 * shape[-1]  # the moving statistics
    kind = (
        "dense" if of_one_pixel else KINDS.get(_WINDOWS.get(step.kind, ""), _LISTED.get(step.kind, step.kind.lower()))
    )
    yield Row(kind, shape, 0 if facts.get("frozen") else count)


def _pair(value: Any) -> tuple[int, int]:
    first, second = value if isinstance(value, (list, tuple)) else (value, value)
    return int(first), int(second)
