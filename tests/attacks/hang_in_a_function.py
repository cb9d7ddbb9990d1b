"""Never leaves a function."""

# expect: scale=timeout total=passed score=2
# also: landlock
import tensorflow as tf


def scale(x, factor):
    while True:
        pass


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
