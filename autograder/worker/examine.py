"""Builds a model again from its configuration and weights, trains it, and predicts. Runs in a worker without student code."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

BATCH = 32


def examine(
    config: str,
    weights: Any,
    images: Any,
    x: Any = None,
    y: Any = None,
    steps: int = 0,
    learning_rate: float = 0.0,
) -> tuple[np.ndarray, ...]:
    """Examines a model for the grader's rules.

    Args:
        config: from `blueprint.parse`, as JSON: nothing but Keras's own layers.
        weights: a vector, from `portrait`.
        images: (n, h, w, c), uint8.
        x: images to train on, or None.
        y: their labels.
        steps: how many steps of training.
        learning_rate: of the training.

    Returns:
        The facts as UTF-8 JSON (uint8); the predictions for `images` as the model came; the same after training (again the
        first where there is none); and these with the statistics of the batch, as in training.
    """
    import keras

    keras.utils.set_random_seed(0)  # dropout
    model = keras.Model.from_config(json.loads(config))
    model.set_weights(_split(np.asarray(weights), [w.shape for w in model.weights]))
    pixels = np.asarray(images, np.float32)
    predictions = np.asarray(model(pixels, training=False), np.float32)
    batchwise = np.asarray(model(pixels, training=True), np.float32)
    model.set_weights(_split(np.asarray(weights), [w.shape for w in model.weights]))  # moving statistics included
    facts = _anatomy(model) | {"modes differ": bool(np.any(np.abs(predictions - batchwise) > 1e-6))}
    scored = predictions
    if x is not None and predictions.ndim == 2 and predictions.shape[1] > np.max(y):
        facts |= _gradients(model, np.asarray(x, np.float32)[:64], np.asarray(y)[:64])
        if facts["reached"]:
            _train(model, np.asarray(x, np.float32), np.asarray(y), steps, learning_rate)
            scored = np.asarray(model(pixels, training=False), np.float32)
            batchwise = np.asarray(model(pixels, training=True), np.float32)
    text = json.dumps(facts).encode()
    return np.frombuffer(text, np.uint8), predictions, scored, batchwise


def _split(flat: np.ndarray, shapes: list[Any]) -> list[np.ndarray]:
    sizes = [int(np.prod(shape)) for shape in shapes]
    if sum(sizes) != flat.size:
        raise ValueError("the weights do not fit the configuration")
    return [part.reshape(shape) for part, shape in zip(np.split(flat, np.cumsum(sizes)[:-1]), shapes, strict=True)]


def _leaves(model: Any, path: str = "") -> list[tuple[str, Any]]:
    found = []
    for operation in model.operations if hasattr(model, "operations") else model.layers:
        inside = getattr(operation, "layers", None)
        found += _leaves(operation, f"{path}{operation.name}/") if inside else [(f"{path}{operation.name}", operation)]
    return found


def _anatomy(model: Any) -> dict[str, Any]:
    """Shapes and counts. A weight counts as frozen if its layer was told not to train."""
    layers = [
        {
            "name": name,
            "shapes": _shapes(operation),
            "parameters": int(sum(np.prod(w.shape) for w in getattr(operation, "weights", ()))),
            "frozen": bool(getattr(operation, "weights", ())) and not getattr(operation, "trainable", True),
        }
        for name, operation in _leaves(model)
    ]
    return {
        "input": list(model.input_shape),
        "output": list(model.output_shape),
        "parameters": model.count_params(),
        "layers": layers,
        "weights": [
            {"path": w.path, "size": int(np.prod(w.shape)), "trainable": bool(w.trainable)} for w in model.weights
        ],
    }


def _shapes(operation: Any) -> list[list[int | None]]:
    """The shape of the first output of every call of a layer; only the nodes tell the calls of one layer apart."""
    outputs = [node.output_tensors[0].shape for node in operation._inbound_nodes if node.output_tensors]
    return [[None if n is None else int(n) for n in shape] for shape in outputs]


def _loss(model: Any, x: Any, y: Any, *, training: bool) -> Any:
    import tensorflow as tf

    logits = tf.cast(model(x, training=training), tf.float32)
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(y, logits))


def _gradients(model: Any, x: np.ndarray, y: np.ndarray) -> dict[str, Any]:
    """The loss at the start (the lower one of both modes), which weights a gradient reaches, and what one small step does."""
    import tensorflow as tf

    weights = model.trainable_variables
    kept = model.get_weights()
    start = min(float(_loss(model, x, y, training=mode)) for mode in (True, False))
    model.set_weights(kept)
    with tf.GradientTape() as tape:
        loss = _loss(model, x, y, training=False)
    found = tape.gradient(loss, [w.value for w in weights]) if weights else []
    reached = [w.path for w, g in zip(weights, found, strict=True) if g is not None and np.any(np.asarray(g))]
    unreached = [w.path for w in weights if w.path not in reached]
    facts: dict[str, Any] = {"start loss": start, "reached": reached, "unreached": unreached}
    norm = float(sum(tf.reduce_sum(g * g) for g in found if g is not None)) if reached else 0.0
    if np.isfinite(norm) and norm > 0:
        for w, g in zip(weights, found, strict=True):
            if g is not None:
                w.assign(w - 0.01 * float(loss) / norm * g)
        facts["step"] = [float(loss), float(_loss(model, x, y, training=False))]
    model.set_weights(kept)
    return facts


def _train(model: Any, x: np.ndarray, y: np.ndarray, steps: int, learning_rate: float) -> None:
    """Plain training: shuffled batches, Adam, cross-entropy on logits."""
    import keras
    import tensorflow as tf

    optimizer = keras.optimizers.Adam(learning_rate)
    optimizer.build(model.trainable_variables)

    def step(images: Any, labels: Any) -> None:
        with tf.GradientTape() as tape:
            loss = _loss(model, images, labels, training=True)
        optimizer.apply_gradients(
            zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables, strict=True)
        )

    traced = tf.function(step)
    rng = np.random.default_rng(0)
    order = np.concatenate([rng.permutation(len(x)) for _ in range(steps * BATCH // len(x) + 1)])
    for number in range(steps):
        chosen = order[number * BATCH : (number + 1) * BATCH]
        traced(tf.constant(x[chosen]), tf.constant(y[chosen]))
