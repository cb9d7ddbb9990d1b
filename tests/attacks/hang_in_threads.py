"""Starts threads that spin for ever beside its right answers."""

# expect: scale=passed|timeout total=passed|timeout score=0..6
import threading

import tensorflow as tf


def spin():
    while True:
        pass


for _ in range(4):
    threading.Thread(target=spin, daemon=True).start()


def scale(x, factor):
    return x * factor


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
