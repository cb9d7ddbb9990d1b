"""Returns a tensor with 10**9 elements that all fit in memory, as bytes."""

# expect: scale=failed total=passed score=2
# says: shape \(1000000000,\)
import numpy as np
import tensorflow as tf


def scale(x, factor):
    return np.zeros(10**9, np.bool_)


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
