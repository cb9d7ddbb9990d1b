"""Replaces itself by another program that keeps the grader's pipe and forges the rest."""

# expect: scale=error total=passed score=2
import os
import sys

import tensorflow as tf


def scale(x, factor):
    os.set_inheritable(4, True)
    code = "import os; os.write(4, b'\\xff' * 100); print('owned')"
    os.execv(sys.executable, [sys.executable, "-I", "-S", "-c", code])


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
