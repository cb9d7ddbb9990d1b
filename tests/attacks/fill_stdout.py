"""Prints without end, in a cell and in a function."""

# expect: scale=timeout total=passed score=2
import sys

import tensorflow as tf


def scale(x, factor):
    while True:
        sys.stdout.write("x" * (1 << 20))
        sys.stderr.write("x" * (1 << 20))


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
