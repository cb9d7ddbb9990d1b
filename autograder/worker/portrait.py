"""A Keras model as arrays: its configuration, its weights and what it predicts. Made where student code runs.

Any model becomes a functional graph by calling it on a `keras.Input`: what its author named or subclassed is gone, and what
is left can be built again without the author's code.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..border.blueprint import MAX_CONFIG, MAX_PARAMETERS


class NoModel(ValueError):
    """The returned object is not a model that can be built again; the message tells the student why."""


def portrait(returned: Any, images: np.ndarray) -> tuple[np.ndarray, ...]:
    """Takes down a model.

    Args:
        returned: the model, or a pair (model, the weights that it began with).
        images: a batch (n, h, w, c), uint8, to predict on.

    Returns:
        The configuration as UTF-8 JSON (uint8), the weights as one vector (float32), the predictions (float32), and the
        weights that it began with (float32, empty if unknown).

    Raises:
        NoModel: if it is no model, or one that only its author's code can build.
    """
    import keras

    model, start = returned if isinstance(returned, tuple) and len(returned) == 2 else (returned, ())
    if not isinstance(model, keras.Model):
        kind = "nothing (is the `return` missing?)" if model is None else f"a {type(model).__name__}"
        raise NoModel(f"It should return a Keras model, but it returned {kind}.")
    pixels = np.asarray(images, np.float32)
    predictions = np.asarray(model(pixels, training=False))
    graph = _as_graph(model, images.shape[1:])
    weights = graph.get_weights()
    if sum(weight.size for weight in weights) > MAX_PARAMETERS:
        raise NoModel(f"The model has more than {MAX_PARAMETERS:,} weights: far too many for these inputs.")
    try:
        config = json.dumps(graph.get_config()).encode()
    except Exception as error:
        raise NoModel(_OWN_CODE) from error
    if len(config) > MAX_CONFIG:
        raise NoModel("The model has far too many layers.")
    return np.frombuffer(config, np.uint8), vector(weights), np.asarray(predictions, np.float32), vector(start)


_OWN_CODE = (
    "The model holds layers or steps that only your own code can build. Use keras.layers and keras.ops in it (no Lambda, no "
    "layer classes of your own, no tf.* functions or NumPy between the layers)."
)


def _as_graph(model: Any, shape: tuple[int, ...]) -> Any:
    import keras

    inputs = keras.Input(shape)
    try:
        outputs = model.call(inputs)
        if not isinstance(outputs, keras.KerasTensor):
            raise NoModel(f"The model should give one tensor for a batch, but it gives a {type(outputs).__name__}.")
        return keras.Model(inputs, outputs)
    except NoModel:
        raise
    except Exception as error:
        raise NoModel(f"{_OWN_CODE} ({type(error).__name__}: {str(error)[:200]})") from error


def vector(weights: Sequence[Any]) -> np.ndarray:
    """All weights in one float32 vector."""
    flat = [np.asarray(weight, np.float32).ravel() for weight in weights]
    return np.concatenate(flat) if flat else np.zeros(0, np.float32)
