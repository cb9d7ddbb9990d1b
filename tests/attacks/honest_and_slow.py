"""Right and slow: half of its processor time per question goes into a loop."""

# expect: scale=passed total=passed score=6
import time

import tensorflow as tf


def work():
    until = time.process_time() + 0.2
    while time.process_time() < until:
        pass


def scale(x, factor):
    work()
    return x * factor


def total(x):
    work()
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
