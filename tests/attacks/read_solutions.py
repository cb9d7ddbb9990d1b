"""Reads the questions, the solved notebook, the mistakes and the variants, where they lie."""

# expect: scale=error total=passed score=2
# also: landlock
# says: found \[\], refused \['(No such file or directory|Permission denied)'\]
# bites: questions, notebook, mistakes, variants
import re
from pathlib import Path

import tensorflow as tf


def scale(x, factor):
    found, refused = [], set()
    for name in ("questions.py", "notebook.py", "mistakes.py", "variants.py"):
        try:
            found += re.findall(r"CANARY-\w+-[0-9a-f]{16}", Path("/course/solutions/90_tiny", name).read_text())
        except OSError as error:
            refused.add(error.strerror)
    raise RuntimeError(f"found {found}, refused {sorted(refused)}")


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
