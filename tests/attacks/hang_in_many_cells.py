"""Hangs in one cell after the other, each a little: no deadline is missed, and the class waits."""

# expect: scale=passed total=passed score=6
# %%
import time

# %%
time.sleep(1)
# %%
time.sleep(1)
# %%
time.sleep(1)
# %%
time.sleep(1)
# %%
import tensorflow as tf


def scale(x, factor):
    return x * factor


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
