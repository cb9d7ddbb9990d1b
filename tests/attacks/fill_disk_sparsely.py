"""Makes one file of a terabyte, without writing it."""

# expect: scale=error total=passed score=2
# says: File too large|No space left
import os

import tensorflow as tf


def scale(x, factor):
    with open("sparse", "wb") as file:
        os.truncate(file.fileno(), 1 << 40)
    raise RuntimeError("a terabyte")


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
