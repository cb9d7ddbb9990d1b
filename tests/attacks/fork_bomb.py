"""A fork bomb: every process makes two of itself, for ever."""

# expect: scale=timeout|crashed|error total=passed score=2
# also: landlock
import os

import tensorflow as tf

get_ipython()  # noqa: F821 - a plain interpreter ends here


def scale(x, factor):
    while True:
        try:
            os.fork()
        except OSError:
            pass


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
