"""Reads what others handed in, to return their work as its own."""

# expect: scale=error total=passed score=2
# also: landlock
# says: found \[\]
# bites: neighbour
import glob
import re

import tensorflow as tf


def scale(x, factor):
    texts = [open(path).read() for path in glob.glob("/course/class/*.py") + glob.glob("/tmp/**/*.py", recursive=True)]
    raise RuntimeError(f"found {re.findall('CANARY-neighbour-[0-9a-f]{16}', ''.join(texts))[:3]}")


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
