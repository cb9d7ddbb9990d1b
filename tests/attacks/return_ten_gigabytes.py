"""Asks for ten gigabytes: of NumPy, of TensorFlow, of Python."""

# expect: scale=memory total=passed score=2
import numpy as np
import tensorflow as tf


def scale(x, factor):
    for make in (
        lambda: np.ones(10 << 30, np.uint8),
        lambda: bytearray(b"1") * (10 << 30),
        lambda: tf.ones((10 << 28,)).numpy(),
    ):
        try:
            make()
        except (MemoryError, tf.errors.ResourceExhaustedError):
            continue
        return x * 0
    raise MemoryError


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
