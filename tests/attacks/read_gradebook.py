"""Reads the gradebook, the reports and the expected arrays in the grader's cache."""

# expect: scale=error total=passed score=2
# also: landlock
# says: found \[\]
# bites: gradebook
import glob
import re

import tensorflow as tf


def scale(x, factor):
    found = []
    for path in sorted(glob.glob("/course/out/**", recursive=True, include_hidden=True)):
        try:
            found += re.findall(rb"CANARY-\w+-[0-9a-f]{16}", open(path, "rb").read())
        except OSError:
            pass
    raise RuntimeError(f"found {found}")


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
