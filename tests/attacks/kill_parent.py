"""Kills and stops its parent, its parent's parent and the first process, with every signal there is."""

# expect: scale=passed|crashed total=passed score=2|6
# also: landlock
import os
import signal

import tensorflow as tf

get_ipython()  # noqa: F821 - a plain interpreter ends here


def scale(x, factor):
    for pid in {os.getppid(), 1}:
        for number in signal.Signals:
            try:
                os.kill(pid, number)
            except OSError:
                pass
    return x * factor


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
