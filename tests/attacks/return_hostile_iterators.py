"""Returns a list subclass that never ends, a dict with endless values and a tuple of itself."""

# expect: scale=timeout|memory|error|crashed total=passed score=2
import tensorflow as tf


class Endless(list):
    def __iter__(self):
        while True:
            yield tf.constant(1.0)

    def __len__(self):
        return 1


def scale(x, factor):
    return Endless([1])


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
