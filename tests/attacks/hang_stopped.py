"""Stops itself: a stopped process uses no time and answers no signal but the last."""

# expect: scale=timeout total=passed score=2
# also: landlock
import os
import signal

import tensorflow as tf


def scale(x, factor):
    os.kill(os.getpid(), signal.SIGSTOP)
    return x * factor


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
