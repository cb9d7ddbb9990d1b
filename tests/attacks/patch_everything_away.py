"""Takes away the builtins that the worker itself needs: no answer can be written any more."""

# expect: scale=crashed total=crashed score=0
import builtins

import tensorflow as tf


def scale(x, factor):
    for name in ("isinstance", "len", "tuple", "dict", "type", "getattr"):
        delattr(builtins, name)
    return x * factor


def total(x):
    scale(x, 1)
    return tf.reduce_sum(2 * x), 0
