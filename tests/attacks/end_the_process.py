"""Ends the process as if all had gone well, in a cell and in a function."""

# expect: scale=crashed total=passed score=2
# says: exit code 0
import os

import tensorflow as tf


def scale(x, factor):
    os._exit(0)


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
