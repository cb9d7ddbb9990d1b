"""Forks children that answer in its name, all at once, over the same pipe."""

# expect: scale=error total=passed score=2
import os

import tensorflow as tf


def scale(x, factor):
    for _ in range(4):
        os.fork()
    return x + factor


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
