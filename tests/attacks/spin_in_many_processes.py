"""Takes the processor from others: as many spinning processes as it may have, each in a session of its own."""

# expect: scale=timeout|error total=timeout|passed|crashed score=0..2
import os
import time

import tensorflow as tf

get_ipython()  # noqa: F821 - a plain interpreter ends here
for _ in range(100):
    try:
        if os.fork() == 0:
            os.setsid()
            until = time.monotonic() + 60
            while time.monotonic() < until:
                pass
            os._exit(0)
    except OSError:
        break


def scale(x, factor):
    time.sleep(60)


def total(x):
    time.sleep(2)
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
