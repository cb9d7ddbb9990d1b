"""Hangs inside C code, where no Python handler runs: a regular expression without end, its signals ignored."""

# expect: scale=timeout total=passed score=2
import re
import signal

import tensorflow as tf


def scale(x, factor):
    signal.signal(signal.SIGPROF, lambda *_: None)
    re.match(r"(a|aa)+$", "a" * 60 + "b")


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
