"""Raises exceptions whose text is 100 MB long, raises itself, or is markup, escapes, a formula and a path."""

# expect: scale=error total=passed score=2
# says: cannot be shown
import tensorflow as tf


class Nested(Exception):
    def __str__(self):
        raise self


class Long(Exception):
    def __str__(self):
        return "x" * (100 << 20)


def scale(x, factor):
    if factor == 3.0:
        raise Nested
    raise Long


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
