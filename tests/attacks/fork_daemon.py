"""Leaves a daemon behind by a double fork in sessions of its own, which writes, waits and spins."""

# expect: scale=passed total=passed score=6
# also: landlock
import os
import time

import tensorflow as tf

get_ipython()  # noqa: F821 - a plain interpreter ends here
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.setsid()
        os.closerange(0, 64)
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                open("/course/owned", "a").write("daemon")
            except OSError:
                pass
            time.sleep(0.01)
    os._exit(0)
os.wait()


def scale(x, factor):
    return x * factor


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
