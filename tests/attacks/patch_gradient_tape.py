"""Replaces tf.GradientTape, so that a wrong function seems to have a right gradient."""

# expect: scale=failed total=passed score=2
import tensorflow as tf


class Tape(tf.GradientTape):
    def gradient(self, target, sources, output_gradients=None, **_):
        return [output_gradients for _ in sources]


tf.GradientTape = Tape


def scale(x, factor):
    return tf.stop_gradient(x) + factor


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
