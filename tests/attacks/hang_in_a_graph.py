"""Hangs inside TensorFlow: a loop in a graph that never ends."""

# expect: scale=timeout total=passed score=2
import tensorflow as tf


@tf.function
def forever(x):
    return tf.while_loop(lambda i, y: True, lambda i, y: (i + 1, y + 1), (tf.constant(0), x))[1]


def scale(x, factor):
    return forever(x)


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
