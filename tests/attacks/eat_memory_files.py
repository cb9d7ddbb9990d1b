"""Takes memory through memfd, System V segments, message queues and the shared-memory file system."""

# expect: scale=error total=passed score=2
# also: landlock
# says: took \[\]
import ctypes
import os

import tensorflow as tf

LIBC = ctypes.CDLL(None, use_errno=True)


def scale(x, factor):
    took = []
    try:
        os.memfd_create("held")
        took.append("memfd")
    except OSError:
        pass
    if LIBC.shmget(0, 1 << 30, 0o1600) >= 0:
        took.append("shmget")
    if LIBC.msgget(0, 0o1600) >= 0:
        took.append("msgget")
    if LIBC.syscall(447, 0) >= 0:
        took.append("memfd_secret")
    for name in ("/dev/shm/held", "/run/held", "/var/tmp/held"):
        try:
            open(name, "wb").write(bytes(1 << 20))
            took.append(name)
        except OSError:
            pass
    raise RuntimeError(f"took {took}")


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
