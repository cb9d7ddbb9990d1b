"""Searches all of its own memory: what the grader's address space once held, a fork would still hold."""

# expect: scale=error total=passed score=2
# also: landlock
# says: found \[\] in [1-9]\d* MB
import re

import tensorflow as tf

PATTERN = re.compile(
    b"CANARY-(?:questions|notebook|mistakes|variants|salt|environment|home|gradebook|neighbour)" + b"-[0-9a-f]{16}"
)
FOUND, SEEN = set(), 0
with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", buffering=0) as memory:
    for line in maps:
        span, rights, _, _, inode, *name = line.split()
        start, end = (int(n, 16) for n in span.split("-"))
        if not rights.startswith("rw") or inode != "0" or end - start > 512 << 20:
            continue
        try:
            memory.seek(start)
            block = memory.read(end - start)
        except OSError:
            continue
        SEEN += len(block)
        if b"CANARY" in block:
            FOUND |= set(PATTERN.findall(block))


def scale(x, factor):
    raise RuntimeError(f"found {sorted(FOUND)} in {SEEN >> 20} MB")


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
