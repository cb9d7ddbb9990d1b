"""Makes system calls in the 32-bit way, whose numbers a filter for 64 bits does not know."""

# expect: scale=crashed|error|timeout total=passed score=2
# also: landlock
import ctypes
import mmap
import platform

import tensorflow as tf


def scale(x, factor):
    if platform.machine() != "x86_64":
        raise RuntimeError("not allowed: no such calls here")
    code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(b"\x53\xb8\x36\x01\x00\x00\xbb\x00\x00\x00\x10\xcd\x80\x5b\xc3")  # unshare(CLONE_NEWUSER) is 310 there
    function = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))
    result = function()
    raise RuntimeError("not allowed" if result < 0 else f"through: {result}")


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
