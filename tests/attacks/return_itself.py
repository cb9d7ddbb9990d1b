"""Returns a list that holds itself, nested a hundred thousand deep."""

# expect: scale=failed|timeout total=passed score=2
import tensorflow as tf


def scale(x, factor):
    loop = []
    loop.append(loop)
    for _ in range(100_000):
        loop = [loop]
    return loop


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
