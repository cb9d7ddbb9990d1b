"""Rules on how a model behaves: its gradients, its two modes, and what it learned."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...question import Exam
from ..models import Examined
from .rule import RIGHT, Verdict, listed, rule

LEFT = 0.25
"""The share of the start that moving statistics may still hold after a run."""


HARDLY = 0.025
"""A change of weights that no training run stays below: Adam moves each by its learning rate, some 0.001, in every step."""


OTHER_PIXELS = 10.0
"""How many times larger or smaller outputs may be by the moving statistics than by the batch's own. After honest runs they are
within a factor of two."""


SAME_PREDICTIONS = 1e-3
"""How far predictions of the model built again may be off, relative to the largest: it runs the same operations."""


_NOISY = {"Dropout", "SpatialDropout2D", "GaussianDropout", "GaussianNoise", "AlphaDropout", "BatchNormalization",
          "RandomFlip", "RandomTranslation", "RandomRotation", "RandomZoom", "RandomContrast", "RandomBrightness"}  # fmt: skip


@rule("gradients")
def _gradients(model: Examined, limit: Any, exam: Exam) -> Verdict:
    """A gradient reaches every trainable weight, and a small step lowers the loss."""
    facts = model.facts
    if "reached" not in facts:
        return (
            "no gradients",
            "No loss can be computed from the model's output, so no gradient reaches its weights: it should give one number per class.",
        )
    if not facts["reached"]:
        return (
            "no gradients",
            "No gradient reaches any weight of the model. Look for argmax, rounding, or frozen layers.",
        )
    if facts["unreached"]:
        text = f"No gradient reaches {listed(facts['unreached'])}. Is the layer's output used, and is nothing behind it constant (a ReLU at the end, argmax)?"
        return "some gradients missing", text
    before, after = facts.get("step", (math.nan, math.nan))
    if not after < before:
        return (
            "step does not lower the loss",
            "A small step against the gradient does not lower the loss. Look for values that overflow, or an output that is constant.",
        )
    return RIGHT


@rule("loss at the start")
def _start_loss(model: Examined, limit: Any, exam: Exam) -> Verdict:
    """The loss before training lies at most the limit above ln(classes): the inputs are scaled."""
    classes = exam.classes
    if "start loss" not in model.facts:
        return "no loss", "No loss can be computed from the model's output: it should give one number per class."
    start = float(model.facts["start loss"])
    if start <= math.log(classes) + limit:
        return RIGHT
    scaled = "Most often the inputs are not scaled: begin with a layer that makes them small."
    if exam.example == "image":
        scaled = "Most often the pixels (0 to 255) are not scaled: begin with Rescaling(1 / 255)."
    text = f"Before training the loss is {start:.1f}. A model that has learned nothing yet can only guess among {classes} classes: about ln({classes}) = {math.log(classes):.2f}. {scaled}"
    return "large loss at the start", text


@rule("training and inference")
def _modes(model: Examined, limit: Any, exam: Exam) -> Verdict:
    """Batch normalization and dropout differ in training, nothing else does, and moving statistics can follow."""
    noisy = [s for s in model.blueprint.steps.values() if s.kind in _NOISY and s.config.get("rate") != 0]
    fixed = [s.name for s in noisy if s.training is not None]
    if fixed:
        text = f"{listed(fixed)} is called with a fixed `training`, so it behaves alike in training and at inference. Leave the argument out, or pass on the one that `call` gets."
        return "training is fixed", text
    steps = exam.steps
    slow = [s for s in noisy if s.kind == "BatchNormalization" and float(s.config.get("momentum", 0)) ** steps > LEFT]
    if steps and slow:
        momentum = float(slow[0].config["momentum"])
        text = f"{slow[0].name} has momentum {momentum:g}: after a run of {steps} steps, {momentum**steps:.0%} of its moving mean and variance are still what they began with, so inference does not fit what was trained. Take 0.9 for short runs."
        return "slow moving statistics", text
    if noisy and not model.facts["modes differ"]:
        return (
            "modes agree",
            f"The model has {listed([s.name for s in noisy])}, but gives the same in training and at inference. Pass `training` on to it.",
        )
    if not noisy and model.facts["modes differ"]:
        return (
            "modes differ",
            "The model gives different results in training and at inference, though none of its layers should.",
        )
    return RIGHT


@rule("saved and loaded")
def _saved(model: Examined, limit: Any, exam: Exam) -> Verdict:
    """Built again, the model predicts what it predicted."""
    if model.claimed.shape != model.predictions.shape:
        return (
            "other predictions",
            "Built again from its configuration and weights, the model's predictions have another shape than in your notebook.",
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


@rule("weights")
def _weights(model: Examined, limit: Any, exam: Exam) -> Verdict:
    """After the student's training all trainable weights have moved, and are finite."""
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
            "After training, no weight has changed. Is `optimizer.apply_gradients(zip(gradients, variables))` called, and for the model that was given?",
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
            f"After training, {listed(still)} has not changed. Differentiate with respect to all of `model.trainable_variables`.",
        )
    return RIGHT


@rule("moving statistics")
def _moving(model: Examined, limit: Any, exam: Exam) -> Verdict:
    """After the student's training those of batch normalization have moved, and fit the images that the model is for."""
    statistics = {
        path: changed for path, (changed, learns) in _moved(model).items() if not learns and "moving_" in path
    }
    if not all(statistics.values()):
        return (
            "moving statistics stood still",
            "After training, the moving mean and variance of batch normalization are still what they were at the start, so inference does not fit what was trained. Call the model with `training=True` in every training step.",
        )
    larger = float(np.std(model.scored)) / max(float(np.std(model.batchwise)), 1e-30)
    outside = "Are the inputs scaled before training? The model gets them as they are."
    if exam.example == "image":
        outside = "Is there a division by 255 in the training? The model scales raw pixels itself."
    if statistics and not 1 / OTHER_PIXELS < larger < OTHER_PIXELS and np.isfinite(larger):
        return (
            "statistics of other pixels",
            f"At inference the outputs are {larger:.3g} times as large as with the statistics of the batch: the moving mean and variance are those of other inputs than the model gets. {outside}",
        )
    return RIGHT


@rule("accuracy")
def _accuracy(model: Examined, limit: Any, exam: Exam) -> Verdict:
    """The share of right answers, on images whose labels only the grader has, reaches the limit."""
    got = accuracy(model.scored, exam.labels)
    if got >= limit:
        return RIGHT
    labels, classes = exam.labels, exam.classes
    text = f"{got:.0%} of {len(labels)} {exam.example}s that were not trained on are right; at least {limit:.0%} are needed (guessing gives {1 / classes:.0%})."
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
            text += f" Nearly every {exam.example} is taken for class {int(share.argmax())}."
        if _cross_entropy(model.scored, labels) > math.log(classes) + 0.7:
            return (
                "sure and wrong",
                f"{text} It is sure of its wrong answers: it has learnt something else than these classes, such as the {exam.example}s that came last.",
            )
    return "low", text


def _cross_entropy(logits: np.ndarray, labels: np.ndarray) -> float:
    shifted = logits.astype(np.float64) - logits.max(axis=1, keepdims=True)
    return float(np.mean(np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(labels)), labels]))


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
