"""Writes files until the disk is full."""

# expect: scale=error total=passed score=2
# says: full after \d\d MB
import tensorflow as tf


def scale(x, factor):
    written = 0
    try:
        for number in range(2000):
            with open(f"{number}", "wb") as file:
                written += file.write(bytes(1 << 20))
    except OSError:
        pass
    raise RuntimeError(f"full after {written >> 20} MB")


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
