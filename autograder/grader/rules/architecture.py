"""Rules on how a model is built."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ...question import Exam
from ..models import Examined
from .graph import (
    CONVOLUTIONS,
    NONLINEAR,
    WEIGHTED,
    activation_of,
    followers,
    is_nonlinear,
    is_pointwise,
    leads_through,
    next_weighted,
    steps_after,
)
from .rule import RIGHT, Verdict, listed, rule


@rule("layers")
def _layers(model: Examined, limit: Any, exam: Exam) -> Verdict:
    """Convolutions, a nonlinearity after each, no flattening before them; the limit names classes that must occur."""
    steps = model.blueprint.steps
    kinds = {"MaxPooling2D" if step.kind == "MaxPool" else step.kind for step in steps.values()}
    if not kinds & {"Conv2D", "DepthwiseConv2D", "SeparableConv2D"}:
        flat = " A Conv1D sees rows of pixels only." if "Conv1D" in kinds else ""
        return "no convolution", f"The model has no 2-D convolution.{flat} Build it of [conv → relu] → max pool blocks."
    flattened = steps_after(model.blueprint, {"Flatten", "GlobalAveragePooling2D", "GlobalMaxPooling2D"})
    if late := [s for s in steps.values() if s.kind in CONVOLUTIONS and s.name in flattened]:
        text = f"The convolution {late[0].name} comes after the image was flattened, so its neighbourhoods are no longer those of the image. Flatten once, before the dense layers."
        return "flattened before convolution", text
    for step in steps.values():
        linear = step.kind in WEIGHTED and not is_pointwise(step) and not activation_of(step)
        if linear and (follower := next_weighted(model.blueprint, step)):
            text = f"There is no nonlinearity between {step.name} ({step.kind}) and {follower.name} ({follower.kind}): two linear layers are one. Put a ReLU after every convolution and hidden dense layer."
            return "no nonlinearity", text
    absent = [kind for kind in (limit or ()) if kind not in kinds]
    if absent:
        return (
            f"no {absent[0]}",
            f"The model has no {' and no '.join(absent)}. The pattern is [[conv → relu] → max pool] → dense.",
        )
    return RIGHT


@rule("output")
def _output(model: Examined, limit: Any, exam: Exam) -> Verdict:
    """One number per class for each image and no activation; the limit is "logits"."""
    classes, shape = exam.classes, model.facts["output"]
    end = model.blueprint.steps[model.blueprint.output]
    if model.predictions.ndim != 2 and leads_through(model.blueprint, {"Argmax", "Argmin"}):
        return (
            "argmax inside",
            "The model ends in an argmax, which has no gradient: it cannot learn. Return the logits, and take the argmax of the predictions.",
        )
    if len(shape) != 2 or shape[1] != classes:
        wanted = f"(None, {classes})"
        return (
            f"shape of rank {len(shape)}",
            f"The output should have shape {wanted}, one number per class for each image, but it has shape ({', '.join(map(str, shape))}).",
        )
    given = model.predictions.astype(np.float64)
    last = activation_of(end) or (end.kind if end.kind in {"Softmax", "LogSoftmax", *NONLINEAR} else "")
    if last.lower() in ("softmax", "logsoftmax", "log_softmax") or _sums_to_one(given, 1):
        if _sums_to_one(given, 0):
            return (
                "softmax over the batch",
                "The last softmax runs over axis 0, the batch: it compares images with each other instead of classes. And no softmax is wanted here: the loss takes logits and applies it itself.",
            )
        return (
            "softmax in the model",
            "The model ends in a softmax, but the loss takes logits and applies the softmax itself. With both, the gradients become small. End with the dense layer.",
        )
    if last:
        return (
            f"{last.lower()} at the end",
            f"The model ends in the activation {last.lower()}, but the loss takes logits, which may be any number. End with a dense layer without activation.",
        )
    return RIGHT


@rule("parameters")
def _parameters(model: Examined, limit: Any, exam: Exam) -> Verdict:
    """The limit is how many parameters there may be."""
    count = model.facts["parameters"]
    if count <= limit:
        return RIGHT
    largest = max(model.facts["layers"], key=lambda layer: layer["parameters"])
    text = f"The model has {count:,} parameters; at most {limit:,} are allowed. Most are in {largest['name']} ({largest['parameters']:,}): pool more before it, or use fewer filters."
    return "too many parameters", text


@rule("trainable weights")
def _trainable(model: Examined, limit: Any, exam: Exam) -> Verdict:
    """No layer is frozen."""
    frozen = [layer["name"] for layer in model.facts["layers"] if layer["frozen"]]
    if not frozen:
        return RIGHT
    text = f"{listed(frozen)} will not learn: `trainable` is False. Freezing is for layers that were trained before."
    return "frozen layers", text


@rule("table")
def _table(model: Examined, limit: Any, exam: Exam) -> Verdict:
    """Exactly these layers; the limit holds rows (kind, shape, parameters, activation)."""
    found = [row for row in _rows(model) if row is not None]
    wanted = [tuple(row) for row in limit]
    for number, (kind, shape, parameters, activation) in enumerate(wanted):
        where = f"Row {number + 1} of the table"
        if number >= len(found):
            return (
                f"row {number + 1} missing",
                f"{where}, {kind}, is missing: the model has only {len(found)} such layers.",
            )
        got = found[number]
        if got[0] != kind:
            return f"row {number + 1} is {got[0]}", f"{where} should be {kind}, but it is {got[0]}."
        if tuple(got[1]) != tuple(shape):
            return (
                f"row {number + 1} of shape {got[1]}",
                f"{where}, {kind}, should give {_sizes(shape)}, but it gives {_sizes(got[1])}. Look at padding, stride, and the number of filters.",
            )
        if got[2] != parameters:
            return (
                f"row {number + 1} with {got[2]} parameters",
                f"{where}, {kind}, should have {parameters:,} parameters, but it has {got[2]:,}. Look at the kernel's size and the biases.",
            )
        if activation and got[3] != activation:
            return (
                f"row {number + 1} with {got[3]}",
                f"{where}, {kind}, should be followed by {activation}, but it is followed by {got[3] or 'no activation'}.",
            )
    if len(found) > len(wanted):
        return (
            f"row {len(wanted) + 1} too many",
            f"The model has {len(found)} such layers; the table ends after {len(wanted)}.",
        )
    return RIGHT


def _sums_to_one(values: np.ndarray, axis: int) -> bool:
    return values.size > 0 and bool(np.all(values >= 0) and np.all(np.abs(values.sum(axis=axis) - 1) < 1e-3))


def _rows(model: Examined) -> Iterator[tuple[str, tuple[int, ...], int, str] | None]:
    """The layers that a table lists: convolutions, poolings and dense layers, with shapes, parameters and activations."""
    facts = {layer["name"]: layer for layer in model.facts["layers"]}
    for name, step in model.blueprint.steps.items():
        kind = _KINDS.get(step.kind)
        layer = facts.get(step.layer)
        if kind and layer and len(layer["shapes"]) > step.call:
            activation = activation_of(step)
            after = followers(model.blueprint, name)
            if not activation and len(after) == 1 and is_nonlinear(after[0]):
                activation = activation_of(after[0]) or after[0].kind.lower()
            yield kind, tuple(layer["shapes"][step.call][1:]), layer["parameters"], activation


_KINDS = {
    "Conv2D": "convolution",
    "MaxPooling2D": "max pooling",
    "AveragePooling2D": "average pooling",
    "MaxPool": "max pooling",
    "AveragePool": "average pooling",
    "Dense": "dense",
}


def _sizes(shape: Any) -> str:
    return "x".join(str(n) for n in shape)
