"""Recurses without end, with the limit taken away."""

# expect: scale=crashed|error|timeout|memory total=passed score=2
import sys

import tensorflow as tf

sys.setrecursionlimit(2**31 - 1)


def scale(x, factor):
    return scale(x, factor)


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
