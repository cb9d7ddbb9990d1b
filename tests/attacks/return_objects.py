"""Returns arrays of objects, of records, of strings, of dates, memory-mapped and read backwards."""

# expect: scale=failed total=passed score=2
import numpy as np
import tensorflow as tf

CHOICES = [
    np.array([object()] * 3, dtype=object).reshape(1, 3),
    np.zeros((1, 3), dtype=[("value", "f4"), ("passed", "?")]),
]


def scale(x, factor):
    return CHOICES.pop()


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
