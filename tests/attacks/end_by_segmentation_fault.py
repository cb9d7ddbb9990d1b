"""Reads address zero, overflows the stack, calls abort."""

# expect: scale=crashed total=passed score=2
# says: SIGSEGV
import ctypes
import sys

import tensorflow as tf


def scale(x, factor):
    sys.setrecursionlimit(10**9)
    ctypes.string_at(0)


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
