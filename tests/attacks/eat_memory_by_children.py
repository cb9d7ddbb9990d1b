"""Eats memory in many small processes: none of them breaks a limit, and the grader is larger than each of them."""

# expect: scale=passed total=passed score=6
import subprocess
import sys
import time

import tensorflow as tf

get_ipython()  # noqa: F821 - a plain interpreter ends here
try:
    for _ in range(16):
        subprocess.Popen([sys.executable, "-I", "-S", "-c", "import time; held = b'x' * (500 << 20); time.sleep(60)"])
    time.sleep(60)
except OSError:
    pass


def scale(x, factor):
    return x * factor


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
