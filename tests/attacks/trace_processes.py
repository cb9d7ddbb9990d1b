"""Attaches to other processes: ptrace, process_vm_readv, pidfd_open and pidfd_getfd, kcmp."""

# expect: scale=error total=passed score=2
# also: landlock
# says: through \[\]
import ctypes
import os

import tensorflow as tf

LIBC = ctypes.CDLL(None, use_errno=True)


def scale(x, factor):
    through = []
    for pid in (1, 2, os.getppid(), os.getpid()):
        for name, number, arguments in (
            ("ptrace attach", 101, (16, pid, 0, 0)),
            ("ptrace seize", 101, (0x4206, pid, 0, 0)),
            ("process_vm_readv", 310, (pid, 0, 0, 0, 0, 0)),
            ("pidfd_open", 434, (pid, 0)),
            ("kcmp", 312, (pid, pid, 0, 0, 0)),
        ):
            if LIBC.syscall(number, *map(ctypes.c_long, arguments)) >= 0:
                through.append(f"{name} {pid}")
    raise RuntimeError(f"through {through}")


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
