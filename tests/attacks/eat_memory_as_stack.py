"""Takes memory that grows downwards like a stack, which the kernel does not count as data."""

# expect: scale=error total=passed score=2
# says: stopped after 0 GB
import ctypes

import tensorflow as tf

LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.mmap.restype = ctypes.c_void_p
LIBC.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]


def scale(x, factor):
    count = 0
    while count < 32 and LIBC.mmap(None, 1 << 30, 3, 0x22 | 0x0100, -1, 0) != ctypes.c_void_p(-1).value:
        count += 1
    raise RuntimeError(f"stopped after {count} GB")


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
