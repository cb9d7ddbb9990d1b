"""Models as Keras writes them down, made by hand: no test of the rules needs TensorFlow."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from autograder.border.observation import Observation, Output
from autograder.question import Exam

CLASSES = 3


def layer(kind: str, name: str, *inputs: str, module: str = "keras.layers", training: Any = "no", **config: Any) -> Any:
    """One layer of a functional model's configuration."""
    tensors = [
        {
            "class_name": "__keras_tensor__",
            "config": {"shape": [None, 8], "dtype": "float32", "keras_history": [i, 0, 0]},
        }
        for i in inputs
    ]
    nodes = [{"args": tensors, "kwargs": {} if training == "no" else {"training": training}}] if inputs else []
    return {
        "module": module,
        "class_name": kind,
        "config": {"name": name, **config},
        "registered_name": kind if module.startswith("keras.src.ops") else None,
        "name": name,
        "inbound_nodes": nodes,
    }


def chain(*layers: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    """A functional model whose layers follow one another, after an input."""
    found = [layer("InputLayer", "pixels")]
    for number, (kind, config) in enumerate(layers):
        found.append(layer(kind, f"{kind.lower()}_{number}", found[-1]["name"], **config))
    return model(found)


def model(layers: list[Any]) -> dict[str, Any]:
    """A functional model that begins with the first layer and ends with the last."""
    return {
        "name": "functional",
        "trainable": True,
        "layers": layers,
        "input_layers": [layers[0]["name"], 0, 0],
        "output_layers": [layers[-1]["name"], 0, 0],
    }


RIGHT: tuple[tuple[str, dict[str, Any]], ...] = (
    ("Rescaling", {"scale": 1 / 255}),
    ("Conv2D", {"kernel_size": [3, 3], "activation": "linear"}),
    ("BatchNormalization", {}),
    ("ReLU", {}),
    ("MaxPooling2D", {}),
    ("Conv2D", {"kernel_size": [3, 3], "activation": "relu"}),
    ("Flatten", {}),
    ("Dense", {"activation": "linear"}),
)
"""A model in the lectures' pattern."""


def facts(**changed: Any) -> dict[str, Any]:
    """What `examine` says of a model that is right."""
    weights = [
        {"path": "conv/kernel", "size": 2, "trainable": True},
        {"path": "norm/moving_mean", "size": 1, "trainable": False},
    ]
    told = {
        "input": [None, 8, 8, 1],
        "output": [None, CLASSES],
        "parameters": 3,
        "layers": [{"name": "conv2d_1", "shapes": [[None, 6, 6, 4]], "parameters": 3, "frozen": False}],
        "weights": weights,
        "modes differ": True,
        "start loss": 1.2,
        "reached": ["conv/kernel"],
        "unreached": [],
        "step": [1.2, 1.1],
    }
    return told | changed


LOGITS = np.array([[2.0, 0, 1], [0, 3, 1], [0, 1, 4], [1, 0, -2]], np.float32)
LABELS = np.array([0, 1, 2, 0])
EXAM = Exam(images=np.zeros((4, 8, 8, 1), np.uint8), labels=LABELS, classes=CLASSES)


def examined(
    config: dict[str, Any] | None = None,
    told: dict[str, Any] | None = None,
    *,
    claimed: np.ndarray = LOGITS,
    predictions: np.ndarray = LOGITS,
    scored: np.ndarray | None = None,
    batchwise: np.ndarray | None = None,
    weights: tuple[float, ...] = (1, 2, 3),
    start: tuple[float, ...] = (0, 0, 0),
) -> Observation:
    """What both workers say of a model, as the rules get it."""
    scored = predictions if scored is None else scored
    arrays = (
        np.frombuffer(json.dumps(config or chain(*RIGHT)).encode(), np.uint8),
        np.asarray(weights, np.float32),
        claimed,
        np.asarray(start, np.float32),
        np.frombuffer(json.dumps(told or facts()).encode(), np.uint8),
        predictions,
        scored,
        scored if batchwise is None else batchwise,
    )
    return Observation(structure="tuple", outputs=tuple(Output("array", array) for array in arrays))
