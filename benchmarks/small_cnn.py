"""Trains the small network whose weights ship for assignment 8: `python benchmarks/small_cnn.py --data FOLDER`.

CIFAR-10 and the drawn shapes together, 20 classes: natural images for the filters, shapes for pictures that need no download. Weights are
stored in float16. The last line printed is the accuracy of the stored weights on the test images of both sets.
"""

from __future__ import annotations

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

from pathlib import Path
from typing import TYPE_CHECKING

import click
import numpy as np

from autograder.datasets import describe, load_data, shapes
from autograder.datasets.weights import FOLDER, load_weights

if TYPE_CHECKING:
    import keras

BATCH, RATE, DECAY, SEED = 64, 5e-3, 0.02, 1
SHAPES = 10_000, 2_000
"""How many shapes are drawn to train and to test."""


def small_cnn() -> keras.Model:
    """The pattern of assignment 5, convolution, ReLU and pooling, without a fixed image size.

    Images are float32 from 0 to 1; the outputs are the scores of CIFAR-10's classes, then of the shapes, before the softmax.
    """
    import keras

    return keras.Sequential(
        [
            keras.Input((None, None, 3)),
            keras.layers.Conv2D(24, 7, padding="same", activation="relu", name="conv1"),
            keras.layers.MaxPooling2D(name="pool1"),
            keras.layers.Conv2D(48, 3, padding="same", activation="relu", name="conv2"),
            keras.layers.MaxPooling2D(name="pool2"),
            keras.layers.Conv2D(64, 3, padding="same", activation="relu", name="conv3"),
            keras.layers.GlobalAveragePooling2D(name="mean"),
            keras.layers.Dense(20, name="scores"),
        ]
    )


def both(folder: Path | None) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Training and test images of both sets, uint8; the shapes' labels are 10 to 19."""
    natural = load_data("cifar10", folder)
    drawn = [shapes.draw(count, seed) for seed, count in enumerate(SHAPES, 100)]
    train, test = (
        (np.concatenate([x, drawn_x]), np.concatenate([y.astype(np.int32), drawn_y.astype(np.int32) + 10]))
        for (x, y), (drawn_x, drawn_y) in zip(natural, drawn, strict=True)
    )
    return train, test


def augmented(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A batch, each image shifted by up to 3 pixels and mirrored half of the time; float32 from 0 to 1."""
    padded = np.pad(images, ((0, 0), (3, 3), (3, 3), (0, 0)), mode="reflect")
    out = np.empty(images.shape, np.float32)
    corners = rng.integers(0, 7, (len(images), 2))
    for i, ((top, left), mirror) in enumerate(zip(corners, rng.random(len(images)) < 0.5, strict=True)):
        crop = padded[i, top : top + images.shape[1], left : left + images.shape[2]]
        out[i] = crop[:, ::-1] if mirror else crop
    return out / 255


def with_norm() -> keras.Model:
    """The same network with batch normalization, which trains faster."""
    import keras

    layers: list[keras.layers.Layer] = [keras.Input((None, None, 3))]
    for layer in small_cnn().layers:
        if not isinstance(layer, keras.layers.Conv2D):
            layers.append(layer)
            continue
        convolution = keras.layers.Conv2D(layer.filters, layer.kernel_size, padding="same", use_bias=False)
        layers += [convolution, keras.layers.BatchNormalization(momentum=0.95), keras.layers.ReLU()]
    return keras.Sequential(layers)


def folded(normed: keras.Model) -> keras.Model:
    """Without batch normalization, but with the same outputs at inference: see `fold_batch_norm` of assignment 4."""
    import keras

    weights: list[np.ndarray] = []
    for layer in normed.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            gamma, beta, mean, variance = layer.get_weights()
            scale = gamma / np.sqrt(variance + layer.epsilon)
            weights[-1] = weights[-1] * scale
            weights.append(beta - mean * scale)
        else:
            weights += layer.get_weights()
    model = small_cnn()
    model.set_weights(weights)
    return model


def trained(x: np.ndarray, y: np.ndarray, epochs: int) -> keras.Model:
    """Adam with decoupled weight decay, which keeps filters smooth; the rate falls along a cosine."""
    import keras
    import tensorflow as tf

    keras.utils.set_random_seed(SEED)
    rng = np.random.default_rng(SEED)
    model = with_norm()
    steps = len(x) // BATCH
    optimizer = keras.optimizers.AdamW(keras.optimizers.schedules.CosineDecay(RATE, epochs * steps), weight_decay=DECAY)
    optimizer.build(model.trainable_variables)
    loss_of = keras.losses.SparseCategoricalCrossentropy(from_logits=True)

    @tf.function
    def step(images: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            loss = loss_of(labels, model(images, training=True))
        optimizer.apply(tape.gradient(loss, model.trainable_variables), model.trainable_variables)
        return loss

    for epoch in range(epochs):
        order = rng.permutation(len(x))[: steps * BATCH].reshape(steps, BATCH)
        losses = [float(step(tf.constant(augmented(x[batch], rng)), tf.constant(y[batch]))) for batch in order]
        print(f"epoch {epoch + 1:3} of {epochs}: loss {np.mean(losses):.3f}", flush=True)
    return folded(model)


@click.command()
@click.option("--data", type=click.Path(exists=True, path_type=Path), help="Folder with CIFAR-10's files.")
@click.option("--epochs", default=24, show_default=True)
def main(data: Path | None, epochs: int) -> None:
    """Trains and writes the weights into the package."""
    (x, y), (x_test, y_test) = both(data)
    print(describe("cifar10", data))
    model = trained(x, y, epochs)
    FOLDER.mkdir(exist_ok=True)
    arrays = {f"{index:02}": weight.astype(np.float16) for index, weight in enumerate(model.get_weights())}
    np.savez_compressed(FOLDER / "small_cnn.npz", allow_pickle=False, **arrays)
    model.set_weights(load_weights("small_cnn"))
    pieces = [model(x_test[i : i + 500].astype(np.float32) / 255) for i in range(0, len(x_test), 500)]
    scores = np.concatenate(pieces)
    natural = y_test < 10
    for name, mine, part in (("CIFAR-10", natural, slice(0, 10)), ("shapes", ~natural, slice(10, 20))):
        among = np.mean(scores[mine, part].argmax(axis=1) + part.start == y_test[mine])
        print(
            f"{name}: {np.mean(scores[mine].argmax(axis=1) == y_test[mine]):.1%} right among 20 classes, {among:.1%} among its own ten"
        )


if __name__ == "__main__":
    main()
