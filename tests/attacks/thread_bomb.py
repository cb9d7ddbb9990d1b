"""Starts threads until there are no more."""

# expect: scale=error total=passed score=2
# says: after \d+ threads
import threading
import time

import tensorflow as tf


def scale(x, factor):
    count = 0
    try:
        while count < 100_000:
            threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
            count += 1
    except RuntimeError:
        pass
    raise RuntimeError(f"after {count} threads")


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
