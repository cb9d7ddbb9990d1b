"""Closes every file descriptor and goes on as if nothing had happened."""

# expect: scale=crashed total=passed score=2
# also: landlock
import os
import time

import tensorflow as tf


def scale(x, factor):
    os.closerange(0, 256)
    time.sleep(1)
    return x * factor


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
