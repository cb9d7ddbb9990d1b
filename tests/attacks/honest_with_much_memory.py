"""A look-alike: a quarter of a gigabyte for a moment, a hundred megabytes for good."""

# expect: scale=passed total=passed score=6
import numpy as np
import tensorflow as tf

KEPT = np.ones(100 << 20, np.uint8)


def scale(x, factor):
    large = np.empty(256 << 20, np.uint8)
    large[:: 1 << 16] = 1
    del large
    return x * factor


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
