"""Returns a view that claims 10**18 elements and takes eight bytes."""

# expect: scale=failed total=passed score=2
# says: shape \(1000000000, 1000000000\)
import numpy as np
import tensorflow as tf


def scale(x, factor):
    return np.broadcast_to(np.float64(0), (10**9, 10**9))


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
