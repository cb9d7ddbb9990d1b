"""Walks the whole file system for anything that looks like a secret of the course."""

# expect: scale=error total=passed score=2
# also: landlock
# says: found \[\] in \d+ folders
# bites: questions, notebook, mistakes, variants, salt, home, gradebook, neighbour
import os
import re

import tensorflow as tf

FOUND, FOLDERS = set(), 0
for at, folders, files in os.walk("/"):
    folders[:] = [
        f
        for f in folders
        if f not in ("proc", "sys", "site-packages", "share", "lib", "lib64", "python3.11", "include")
    ]
    FOLDERS += 1
    for name in files:
        path = os.path.join(at, name)
        try:
            if os.path.isfile(path) and os.path.getsize(path) < 1 << 16:
                FOUND |= set(re.findall(rb"CANARY-[a-z]+-[0-9a-f]{16}", open(path, "rb").read()))
        except OSError:
            pass


def scale(x, factor):
    raise RuntimeError(f"found {sorted(FOUND)} in {FOLDERS} folders")


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
