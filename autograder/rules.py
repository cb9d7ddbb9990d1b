"""What a returned model is judged by: each rule looks at the examined model and says what is wrong. Pure Python.

| rule | limit | asks |
|---|---|---|
| `layers` | classes that must occur | convolutions, a nonlinearity after each, no flattening before, pooling |
| `output` | "logits" | one number a class for each image, no activation |
| `parameters` | how many at most | the size |
| `trainable weights` | True | no layer frozen |
| `gradients` | True | a gradient reaches every trainable weight, and a small step lowers the loss |
| `loss at the start` | how far above ln(classes) | scaled inputs |
| `training and inference` | True | batch normalization and dropout differ in training, nothing else does, and moving statistics can follow |
| `saved and loaded` | True | built again, the model predicts what it predicted |
| `weights` | True | after the student's training all trainable weights have moved, and are finite |
| `moving statistics` | True | after the student's training those of batch normalization have moved |
| `accuracy` | the gate | the share of right answers on images whose labels only the grader has |
| `table` | rows (kind, shape, parameters) | exactly these layers |

A symptom is a word for one way to be wrong: a mistake is named where it shows the same symptoms.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from .blueprint import Blueprint, Step
from .examination import Examined

Verdict = tuple[str, str]
"""The symptom and the message; ("", "") if the rule is met."""

RIGHT: Verdict = ("", "")
LEFT = 0.25
"""The share of the start that moving statistics may still hold after a run."""

HARDLY = 0.025
"""A change of weights that no training run stays below: Adam moves each by its learning rate, some 0.001, in every step."""

SAME_PREDICTIONS = 1e-3
"""How far predictions of the model built again may be off, relative to the largest: it runs the same operations."""

_CONVOLUTIONS = {"Conv1D", "Conv2D", "DepthwiseConv2D", "SeparableConv2D"}
_WEIGHTED = {*_CONVOLUTIONS, "Dense", "EinsumDense"}
_POOLINGS = {"MaxPooling1D", "MaxPooling2D", "AveragePooling1D", "AveragePooling2D", "MaxPool", "AveragePool"}
_NONLINEAR = {
    "ReLU", "LeakyReLU", "PReLU", "ELU", "Relu", "Relu6", "LeakyRelu", "Elu", "Selu", "Gelu", "Silu", "Celu", "Mish",
    "Tanh", "Sigmoid", "Softplus", "Softsign", "HardSigmoid", "HardSilu", "HardTanh", "Glu", "Maximum", "Square", "Abs",
    "Absolute", "SquarePlus", "SoftShrink", "HardShrink", "LogSigmoid", "TanhShrink", "SparsePlus",
}  # fmt: skip
_NOISY = {"Dropout", "SpatialDropout2D", "GaussianDropout", "GaussianNoise", "AlphaDropout", "BatchNormalization",
          "RandomFlip", "RandomTranslation", "RandomRotation", "RandomZoom", "RandomContrast", "RandomBrightness"}  # fmt: skip


def judge(model: Examined, rules: Mapping[str, Any], exam: Mapping[str, Any]) -> Iterator[tuple[str, Verdict]]:
    """The verdict of every rule, by its name."""
    for name, limit in rules.items():
        yield name, RULES[name](model, limit, exam)


def _layers(model: Examined, limit: Any, exam: Mapping[str, Any]) -> Verdict:
    steps = model.blueprint.steps
    kinds = {"MaxPooling2D" if step.kind == "MaxPool" else step.kind for step in steps.values()}
    if not kinds & {"Conv2D", "DepthwiseConv2D", "SeparableConv2D"}:
        flat = " A Conv1D sees rows of pixels only." if "Conv1D" in kinds else ""
        return "no convolution", f"The model has no 2-D convolution.{flat} Build it of [conv → relu] → max pool blocks."
    flattened = _after(model.blueprint, {"Flatten", "GlobalAveragePooling2D", "GlobalMaxPooling2D"})
    if late := [s for s in steps.values() if s.kind in _CONVOLUTIONS and s.name in flattened]:
        text = f"The convolution {late[0].name} comes after the image was flattened, so its neighbourhoods are no longer those of the image. Flatten once, before the dense layers."
        return "flattened before convolution", text
    for step in steps.values():
        linear = step.kind in _WEIGHTED and not _pointwise(step) and not _activation(step)
        if linear and (follower := _next_weighted(model.blueprint, step)):
            text = f"There is no nonlinearity between {step.name} ({step.kind}) and {follower.name} ({follower.kind}): two linear layers are one. Put a ReLU after every convolution and hidden dense layer."
            return "no nonlinearity", text
    absent = [kind for kind in (limit or ()) if kind not in kinds]
    if absent:
        return (
            f"no {absent[0]}",
            f"The model has no {' and no '.join(absent)}. The pattern is [[conv → relu] → max pool] → dense.",
        )
    return RIGHT


def _output(model: Examined, limit: Any, exam: Mapping[str, Any]) -> Verdict:
    classes, shape = int(exam["classes"]), model.facts["output"]
    end = model.blueprint.steps[model.blueprint.output]
    if model.predictions.ndim != 2 and _path_back(model.blueprint, {"Argmax", "Argmin"}):
        return (
            "argmax inside",
            "The model ends in an argmax, which has no gradient: it cannot learn. Return the logits, and take the argmax of the predictions.",
        )
    if len(shape) != 2 or shape[1] != classes:
        wanted = f"(None, {classes})"
        return (
            f"shape of rank {len(shape)}",
            f"The output should have shape {wanted}, one number a class for each image, but it has shape ({', '.join(map(str, shape))}).",
        )
    given = model.predictions.astype(np.float64)
    last = _activation(end) or (end.kind if end.kind in {"Softmax", "LogSoftmax", *_NONLINEAR} else "")
    if last.lower() in ("softmax", "logsoftmax", "log_softmax") or _sums_to_one(given, 1):
        if _sums_to_one(given, 0) and len(given) > 1:
            return (
                "softmax over the batch",
                "The last softmax runs over axis 0, the batch: it compares images with each other instead of classes. And no softmax is wanted here: the loss takes logits and applies it itself.",
            )
        return (
            "softmax in the model",
            "The model ends in a softmax, but the loss takes logits and applies the softmax itself: it would be there twice, and the gradients become small. End with the dense layer.",
        )
    if last:
        return (
            f"{last.lower()} at the end",
            f"The model ends in the activation {last.lower()}, but the loss takes logits, which may be any number. End with a dense layer without activation.",
        )
    return RIGHT


def _parameters(model: Examined, limit: Any, exam: Mapping[str, Any]) -> Verdict:
    count = int(model.facts["parameters"])
    if count <= limit:
        return RIGHT
    largest = max(model.facts["layers"], key=lambda layer: layer["parameters"])
    text = f"The model has {count:,} parameters; at most {limit:,} are allowed. Most are in {largest['name']} ({largest['parameters']:,}): pool more before it, or use fewer filters."
    return "too many parameters", text


def _trainable(model: Examined, limit: Any, exam: Mapping[str, Any]) -> Verdict:
    frozen = [layer["name"] for layer in model.facts["layers"] if layer["frozen"]]
    if not frozen:
        return RIGHT
    text = f"{_listed(frozen)} will not learn: `trainable` is False. Freezing is for layers that were trained before."
    return "frozen layers", text


def _gradients(model: Examined, limit: Any, exam: Mapping[str, Any]) -> Verdict:
    facts = model.facts
    if "reached" not in facts:
        return (
            "no gradients",
            "No loss can be made of the model's output, so no gradient reaches its weights: it should give one number a class.",
        )
    if not facts["reached"]:
        return (
            "no gradients",
            "No gradient reaches any weight of the model. Look for argmax, rounding, or frozen layers.",
        )
    if facts["unreached"]:
        text = f"No gradient reaches {_listed(facts['unreached'])}. Is the layer's output used, and is nothing behind it constant (a ReLU at the end, argmax)?"
        return "some gradients missing", text
    before, after = facts.get("step", (math.nan, math.nan))
    if not after < before:
        return (
            "step does not lower the loss",
            "A small step against the gradient does not lower the loss. Look for values that overflow, or an output that is constant.",
        )
    return RIGHT


def _start_loss(model: Examined, limit: Any, exam: Mapping[str, Any]) -> Verdict:
    classes = int(exam["classes"])
    if "start loss" not in model.facts:
        return "no loss", "No loss can be made of the model's output: it should give one number a class."
    start = float(model.facts["start loss"])
    if start <= math.log(classes) + limit:
        return RIGHT
    text = f"Before training the loss is {start:.1f}. A model that knows nothing yet guesses evenly among {classes} classes: about ln({classes}) = {math.log(classes):.2f}. Most often the pixels (0 to 255) are not scaled: begin with Rescaling(1 / 255)."
    return "large loss at the start", text


def _modes(model: Examined, limit: Any, exam: Mapping[str, Any]) -> Verdict:
    noisy = [s for s in model.blueprint.steps.values() if s.kind in _NOISY and s.config.get("rate") != 0]
    fixed = [s.name for s in noisy if s.training is not None]
    if fixed:
        text = f"{_listed(fixed)} is called with a fixed `training`, so it behaves alike in training and at inference. Leave the argument out, or pass on the one that `call` gets."
        return "training is fixed", text
    steps = int(exam.get("steps", 0))
    slow = [s for s in noisy if s.kind == "BatchNormalization" and float(s.config.get("momentum", 0)) ** steps > LEFT]
    if steps and slow:
        momentum = float(slow[0].config["momentum"])
        text = f"{slow[0].name} has momentum {momentum:g}: after a run of {steps} steps, {momentum**steps:.0%} of its moving mean and variance are still what they began with, so inference does not fit what was trained. Take 0.9 for short runs."
        return "slow moving statistics", text
    if noisy and not model.facts["modes differ"]:
        return (
            "modes agree",
            f"The model has {_listed([s.name for s in noisy])}, but gives the same in training and at inference. Pass `training` on to it.",
        )
    if not noisy and model.facts["modes differ"]:
        return (
            "modes differ",
            "The model gives something else in training than at inference, though none of its layers should.",
        )
    return RIGHT


def _saved(model: Examined, limit: Any, exam: Mapping[str, Any]) -> Verdict:
    if model.claimed.shape != model.predictions.shape:
        return (
            "other predictions",
            "Built again from its configuration and weights, the model predicts something of another shape than in your notebook.",
        )
    scale = float(np.max(np.abs(model.predictions), initial=1e-6))
    off = float(np.max(np.abs(model.claimed - model.predictions), initial=0.0))
    if off <= SAME_PREDICTIONS * scale:
        return RIGHT
    if not np.isfinite(off):
        return "predictions not finite", "The model's predictions hold NaN or infinity."
    return (
        "other predictions",
        "Built again from its configuration and weights, the model does not predict what it predicted in your notebook. Keep everything that it computes in its layers, and nothing in attributes or in `predict`.",
    )


def _weights(model: Examined, limit: Any, exam: Mapping[str, Any]) -> Verdict:
    if not np.all(np.isfinite(model.weights)):
        return (
            "weights not finite",
            "After training, weights are NaN or infinite. Look for a learning rate that is too large, or a logarithm of 0 in the loss.",
        )
    moved = _moved(model)
    trainable = {path: changed for path, (changed, learns) in moved.items() if learns}
    if not any(trainable.values()):
        return (
            "no weight moved",
            "After training, all weights are what they were. Is `optimizer.apply_gradients(zip(gradients, variables))` called, and for the model that was given?",
        )
    if model.start.shape == model.weights.shape and (most := _largest_move(model)) < HARDLY:
        return (
            "weights hardly moved",
            f"After training, no weight has changed by more than {most:.2g}: that is a handful of steps, or a learning rate that is far too small. Use the whole budget of steps.",
        )
    still = [path for path, changed in trainable.items() if not changed]
    if still:
        return (
            "some weights stood still",
            f"After training, {_listed(still)} is what it was. Differentiate with respect to all of `model.trainable_variables`.",
        )
    return RIGHT


def _moving(model: Examined, limit: Any, exam: Mapping[str, Any]) -> Verdict:
    statistics = {
        path: changed for path, (changed, learns) in _moved(model).items() if not learns and "moving_" in path
    }
    if not statistics or all(statistics.values()):
        return RIGHT
    return (
        "moving statistics stood still",
        "After training, the moving mean and variance of batch normalization are what they were at the start, so inference does not fit what was trained. Call the model with `training=True` in every training step.",
    )


def _accuracy(model: Examined, limit: Any, exam: Mapping[str, Any]) -> Verdict:
    got = accuracy(model.scored, exam["labels"])
    if got >= limit:
        return RIGHT
    labels, classes = exam["labels"], int(exam["classes"])
    text = f"{got:.0%} of {len(labels)} images that were not trained on are right; at least {limit:.0%} are needed (guessing gives {1 / classes:.0%})."
    if model.scored.ndim == 2 and not np.all(np.isfinite(model.scored)):
        return "predictions not finite", f"{text} The predictions hold NaN or infinity."
    batchwise = accuracy(model.batchwise, labels)
    if batchwise >= limit or batchwise - got > 0.3:
        return (
            "moving statistics lag",
            f"{text} With the statistics of the batch, as in training, it would be {batchwise:.0%}: the moving mean and variance of batch normalization have not followed. With momentum 0.99 they need some 300 steps; take 0.9 in a short run.",
        )
    if model.scored.ndim == 2 and model.scored.shape[1] == classes:
        chosen = np.argmax(model.scored, axis=1)
        share = np.bincount(chosen, minlength=classes) / len(chosen)
        if share.max() > 0.8:
            text += f" Nearly every image is taken for class {int(share.argmax())}."
        if _cross_entropy(model.scored, labels) > math.log(classes) + 0.7:
            return (
                "sure and wrong",
                f"{text} It is sure of its wrong answers: it has learnt something else than these classes, such as the images that came last.",
            )
    return "low", text


def _cross_entropy(logits: np.ndarray, labels: np.ndarray) -> float:
    shifted = logits.astype(np.float64) - logits.max(axis=1, keepdims=True)
    return float(np.mean(np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(labels)), labels]))


def _table(model: Examined, limit: Any, exam: Mapping[str, Any]) -> Verdict:
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


RULES: Mapping[str, Callable[[Examined, Any, Mapping[str, Any]], Verdict]] = {
    "layers": _layers,
    "output": _output,
    "parameters": _parameters,
    "trainable weights": _trainable,
    "gradients": _gradients,
    "loss at the start": _start_loss,
    "training and inference": _modes,
    "saved and loaded": _saved,
    "weights": _weights,
    "moving statistics": _moving,
    "accuracy": _accuracy,
    "table": _table,
}

GENERIC = frozenset({"low", "sure and wrong"})
"""Symptoms that many mistakes share: they name one only together with all others that are seen."""


def accuracy(predictions: np.ndarray, labels: np.ndarray) -> float:
    """The share of right answers; 0 for what is no (n, classes) array."""
    if predictions.ndim != 2 or len(predictions) != len(labels):
        return 0.0
    return float(np.mean(np.argmax(np.nan_to_num(predictions, nan=-np.inf), axis=1) == labels))


def _moved(model: Examined) -> dict[str, tuple[bool, bool]]:
    """Of every weight, by its path: whether it changed since the start, and whether it is trainable."""
    if model.start.shape != model.weights.shape:
        return {}
    found, at = {}, 0
    for weight in model.facts["weights"]:
        part = slice(at, at + weight["size"])
        at += weight["size"]
        changed = bool(np.any(model.start[part] != model.weights[part]))
        if "seed_generator" not in weight["path"]:
            found[weight["path"]] = (changed, weight["trainable"])
    return found


def _largest_move(model: Examined) -> float:
    return float(np.max(np.abs(model.weights - model.start)[_trainable_entries(model)], initial=0.0))


def _trainable_entries(model: Examined) -> np.ndarray:
    return np.concatenate([np.full(w["size"], w["trainable"]) for w in model.facts["weights"]])


def _activation(step: Step) -> str:
    """The activation in a layer's settings, or ""."""
    value = step.config.get("activation")
    if isinstance(value, dict):
        value = value.get("class_name") or (value.get("config") if isinstance(value.get("config"), str) else "other")
    name = str(value or "")
    return "" if name == "linear" else name


def _is_nonlinear(step: Step) -> bool:
    return (
        step.kind in _NONLINEAR or (step.kind == "Activation" and bool(_activation(step))) or step.kind in ("Softmax",)
    )


def _pointwise(step: Step) -> bool:
    """Depthwise and 1x1 convolutions, which some architectures leave linear on purpose."""
    return step.kind in ("DepthwiseConv2D", "EinsumDense") or (
        step.kind == "Conv2D" and tuple(step.config.get("kernel_size", ())) == (1, 1)
    )


def _followers(blueprint: Blueprint, name: str) -> list[Step]:
    return [step for step in blueprint.steps.values() if name in step.inputs]


def _next_weighted(blueprint: Blueprint, step: Step) -> Step | None:
    """The next layer with weights that is reached from `step` without a nonlinearity, or None."""
    waiting, seen = _followers(blueprint, step.name), set()
    while waiting:
        here = waiting.pop(0)
        if here.name in seen or _is_nonlinear(here):
            continue
        seen.add(here.name)
        if here.kind in _WEIGHTED:
            return here
        waiting += _followers(blueprint, here.name)
    return None


def _after(blueprint: Blueprint, kinds: set[str]) -> set[str]:
    """The steps that come after one of these kinds, except beside a gate that multiplies the image again."""
    found: set[str] = set()
    for step in blueprint.steps.values():
        if step.kind in ("Multiply",):
            continue  # squeeze and excitation: the image goes on beside the pooled branch
        if any(name in found or blueprint.steps[name].kind in kinds for name in step.inputs if name in blueprint.steps):
            found.add(step.name)
    return found


def _path_back(blueprint: Blueprint, kinds: set[str]) -> bool:
    """Whether one of these kinds lies on the way to the output."""
    waiting, seen = [blueprint.output], set()
    while waiting:
        name = waiting.pop()
        if name in seen or name not in blueprint.steps:
            continue
        seen.add(name)
        if blueprint.steps[name].kind in kinds:
            return True
        waiting += blueprint.steps[name].inputs
    return False


def _sums_to_one(values: np.ndarray, axis: int) -> bool:
    return values.size > 0 and bool(np.all(values >= 0) and np.all(np.abs(values.sum(axis=axis) - 1) < 1e-3))


def _rows(model: Examined) -> Iterator[tuple[str, tuple[int, ...], int, str] | None]:
    """The layers that a table lists: convolutions, poolings and dense layers, with shapes, parameters and activations."""
    facts = {layer["name"]: layer for layer in model.facts["layers"]}
    for name, step in model.blueprint.steps.items():
        kind = _KINDS.get(step.kind)
        layer = facts.get(step.layer)
        if kind and layer and len(layer["shapes"]) > step.call:
            activation = _activation(step)
            after = _followers(model.blueprint, name)
            if not activation and len(after) == 1 and _is_nonlinear(after[0]):
                activation = _activation(after[0]) or after[0].kind.lower()
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


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:3])
    return f"{shown} and {len(names) - 3} more" if len(names) > 3 else shown
