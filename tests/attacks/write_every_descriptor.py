"""Writes rubbish to every open file descriptor, the grader's pipe among them."""

# expect: scale=crashed total=crashed score=0
import os

import tensorflow as tf


def everywhere():
    for descriptor in range(256):
        try:
            os.write(descriptor, b"\xff" * 64)
        except OSError:
            pass


def scale(x, factor):
    everywhere()
    return x * factor


def total(x):
    everywhere()
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
