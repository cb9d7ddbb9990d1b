"""Leaves by /proc: root, cwd and open folders of itself, of its threads and of the first process."""

# expect: scale=error total=passed score=2
# also: landlock
# says: found \[\]
# bites: salt
import glob
import os

import tensorflow as tf


def scale(x, factor):
    found = []
    starts = (
        glob.glob("/proc/*/root")
        + glob.glob("/proc/*/cwd")
        + glob.glob("/proc/*/task/*/root")
        + glob.glob("/proc/*/fd/*")
    )
    for start in starts:
        for path in ("course/salt", "../course/salt", "../" * 12 + "course/salt"):
            try:
                found.append(open(os.path.join(start, path)).read())
            except OSError:
                pass
    raise RuntimeError(f"found {sorted(set(found))}")


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
