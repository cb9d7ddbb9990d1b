"""Hangs in __del__, when the result is thrown away."""

# expect: scale=timeout total=passed score=2
import tensorflow as tf


class Sticky:
    def __del__(self):
        while True:
            pass


def scale(x, factor):
    sticky = Sticky()
    del sticky
    return x * factor


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
