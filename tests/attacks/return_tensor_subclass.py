"""Returns a tf.Tensor that was taught to show other numbers than it holds."""

# expect: scale=failed total=partial score=1
import numpy as np
import tensorflow as tf


class Liar(np.ndarray):
    pass


def scale(x, factor):
    result = x + factor
    type(result).__array__ = lambda self, *_, **__: np.zeros(3).view(Liar)
    type(result)._shape_tuple = lambda self: (1, 3)
    return result


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
