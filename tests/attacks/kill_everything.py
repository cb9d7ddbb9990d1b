"""kill(-1, SIGKILL): every process that may be signalled."""

# expect: scale=error|crashed total=passed score=2
# also: landlock
import os
import signal

import tensorflow as tf

get_ipython()  # noqa: F821 - a plain interpreter ends here


def scale(x, factor):
    try:
        os.kill(-1, signal.SIGKILL)
    except ProcessLookupError:
        pass
    return x * factor


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
