"""Reads the salt that draws the hidden cases."""

# expect: scale=error total=passed score=2
# also: landlock
# says: found (No such file or directory|Permission denied)\.
# bites: salt
import tensorflow as tf


def scale(x, factor):
    try:
        found = open("/course/salt").read()
    except OSError as error:
        found = error.strerror
    raise RuntimeError(f"found {found}")


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
