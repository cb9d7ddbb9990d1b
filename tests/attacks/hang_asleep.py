"""Sleeps, which takes no processor time."""

# expect: scale=timeout total=passed score=2
import threading

import tensorflow as tf


def scale(x, factor):
    threading.Event().wait()


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
