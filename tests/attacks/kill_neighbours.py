"""Kills every process number it can think of but its own."""

# expect: scale=passed|crashed|timeout total=passed score=2|6
# also: landlock
import os
import signal

import tensorflow as tf

get_ipython()  # noqa: F821 - a plain interpreter ends here


def scale(x, factor):
    for pid in range(2, 4000):
        if pid != os.getpid():
            for number in (signal.SIGSTOP, signal.SIGKILL):
                try:
                    os.kill(pid, number)
                except OSError:
                    pass
    return x * factor


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
