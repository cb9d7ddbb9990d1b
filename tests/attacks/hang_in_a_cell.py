"""Never leaves a cell."""

# expect: scale=passed total=passed score=6
# says: did not finish
import tensorflow as tf

while True:
    pass


def scale(x, factor):
    return x * factor


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
