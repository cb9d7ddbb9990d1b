"""Makes empty files, folders and links until there is no room for another."""

# expect: scale=error total=passed score=2
# says: full after \d+ files
import os

import tensorflow as tf


def scale(x, factor):
    count = 0
    try:
        while count < 100_000:
            os.symlink("/", str(count))
            count += 1
    except OSError:
        pass
    raise RuntimeError(f"full after {count} files")


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
