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


def resnet20(input_shape: Shape, classes: int) -> keras.Model:
    """The residual network of 20 layers for small images (He et al. 2015, section 4.2), with projections where the shape changes.

    Args:
        input_shape: height, width, channels.
        classes: how many.

    Returns:
        A model from pixels in 0 to 255, shape (n, *input_shape), to probabilities (n, classes). 272,474 weights, 1,376 of them moving
        statistics, for CIFAR-10.
    """

    def convolution(x: keras.KerasTensor, filters: int, size: int = 3, strides: int = 1) -> keras.KerasTensor:
        x = layers.Conv2D(filters, size, strides, padding="same", use_bias=False, kernel_initializer="he_normal")(x)
        return _normalization()(x)

    inputs = keras.Input(input_shape)
    x = layers.ReLU()(convolution(layers.Rescaling(1 / 127.5, -1)(inputs), 16))
    for stage in range(3):
        for block in range(3):
            filters, strides = 16 * 2**stage, 2 if stage and not block else 1
            path = convolution(layers.ReLU()(convolution(x, filters, strides=strides)), filters)
            shortcut = convolution(x, filters, 1, strides) if strides > 1 else x
            x = layers.ReLU()(layers.Add()([path, shortcut]))
    outputs = layers.Dense(classes, activation="softmax")(layers.GlobalAveragePooling2D()(x))
    return keras.Model(inputs, outputs, name="resnet20")


def _normalization() -> layers.Layer:
    return layers.BatchNormalization(momentum=0.9)  # 0.99 needs more steps than a short training has
