"""The networks of `benchmarks/train.py`, built from public Keras layers: to try others, change this module alone."""

from __future__ import annotations

import keras
from keras import layers

Shape = tuple[int, int, int]


def lenet5(input_shape: Shape, classes: int) -> keras.Model:
    """LeNet-5 (LeCun et al. 1998), with tanh and average pooling as then; softmax in the place of its radial basis functions.

    Args:
        input_shape: height, width, channels; 28 x 28 is padded to the paper's 32 x 32 by the first convolution.
        classes: how many.

    Returns:
        A model from pixels in 0 to 255, shape (n, *input_shape), to probabilities (n, classes). 61,706 weights for MNIST.
    """
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Rescaling(1 / 127.5, -1),
            layers.Conv2D(6, 5, padding="same" if input_shape[0] < 32 else "valid", activation="tanh"),
            layers.AveragePooling2D(2),
            layers.Conv2D(16, 5, activation="tanh"),
            layers.AveragePooling2D(2),
            layers.Flatten(),
            layers.Dense(120, activation="tanh"),
            layers.Dense(84, activation="tanh"),
            layers.Dense(classes, activation="softmax"),
        ],
        name="lenet5",
    )


def reference_cnn(input_shape: Shape, classes: int) -> keras.Model:
    """Input -> [[conv -> relu] -> max pool] -> dense -> softmax, with batch normalization and dropout.

    Args:
        input_shape: height, width, channels; colour pictures get a wider network.
        classes: how many.

    Returns:
        A model from pixels in 0 to 255, shape (n, *input_shape), to probabilities (n, classes).
    """
    colour = input_shape[2] > 1
    model = keras.Sequential([keras.Input(input_shape), layers.Rescaling(1 / 127.5, -1)], name="reference_cnn")
    for widths in ((32,), (64,), (128, 128)) if colour else ((32,), (64,), (64,)):
        for width in widths:
            model.add(
                layers.Conv2D(width, 3, padding="same", use_bias=False)
            )  # a bias before the normalization cancels
            model.add(_normalization())
            model.add(layers.ReLU())
        model.add(layers.MaxPooling2D(2))
        model.add(layers.Dropout(0.1))
    model.add(layers.Flatten())
    model.add(layers.Dense(128, use_bias=False))
    model.add(_normalization())
    model.add(layers.ReLU())
    model.add(layers.Dropout(0.4))
    model.add(layers.Dense(classes, activation="softmax"))
    return model


def _normalization() -> layers.Layer:
    return layers.BatchNormalization(momentum=0.9)  # 0.99 needs more steps than a short training has
