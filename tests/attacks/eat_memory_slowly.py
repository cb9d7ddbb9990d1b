"""Keeps a little more with every step, until nothing is left."""

# expect: scale=memory|timeout|crashed total=passed score=2
import tensorflow as tf

HELD = []


def scale(x, factor):
    while True:
        HELD.append(bytearray(8 << 20))
        for at in range(0, 8 << 20, 4096):
            HELD[-1][at] = 1


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
