"""Sends messages whose lengths lie: four gigabytes of header, 2**64 bytes of arrays, then silence."""

# expect: scale=crashed total=crashed score=0
import os
import struct

import tensorflow as tf


def scale(x, factor):
    os.write(4, struct.pack("<IQ", 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF) + b"{}")
    return x * factor


def total(x):
    os.write(4, struct.pack("<IQ", 2, 255 << 20) + b"{}")
    os._exit(0)
    return tf.reduce_sum(x), 0
