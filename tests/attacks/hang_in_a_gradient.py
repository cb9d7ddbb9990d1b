"""Hangs when it is differentiated, after the value was right."""

# expect: scale=timeout total=passed score=2
import tensorflow as tf


def scale(x, factor):
    @tf.custom_gradient
    def times(x):
        def gradient(dy):
            while True:
                pass

        return x * factor, gradient

    return times(x)


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
