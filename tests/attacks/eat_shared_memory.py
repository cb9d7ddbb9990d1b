"""Takes shared anonymous memory, which no limit on data counts."""

# expect: scale=error total=passed score=2
# says: stopped after [0-7] GB
import mmap

import tensorflow as tf

HELD = []


def scale(x, factor):
    try:
        for _ in range(32):
            HELD.append(mmap.mmap(-1, 1 << 30, mmap.MAP_SHARED | mmap.MAP_ANONYMOUS))
    except (OSError, MemoryError):
        pass
    raise RuntimeError(f"stopped after {len(HELD)} GB")


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
