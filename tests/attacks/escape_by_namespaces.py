"""Takes a user namespace to get every capability back: unshare, setns, clone and clone3 with each flag."""

# expect: scale=error total=passed score=2
# also: landlock
# says: through \[\]
import ctypes
import os

import tensorflow as tf

LIBC = ctypes.CDLL(None, use_errno=True)
FLAGS = {
    "mount": 1 << 17,
    "cgroup": 1 << 25,
    "uts": 1 << 26,
    "ipc": 1 << 27,
    "user": 1 << 28,
    "pid": 1 << 29,
    "net": 1 << 30,
    "time": 1 << 7,
}


def scale(x, factor):
    through = []
    for name, flag in FLAGS.items():
        for number, arguments in ((272, (flag,)), (56, (flag | 17, 0, 0, 0, 0))):
            result = LIBC.syscall(number, *map(ctypes.c_long, arguments))
            if result == 0 and number == 56:
                os._exit(0)
            if result >= 0:
                through.append(f"{number} {name}")
        arguments = (ctypes.c_uint64 * 11)(flag, 0, 0, 0, 17)
        result = LIBC.syscall(435, arguments, ctypes.c_long(88))
        if result == 0:
            os._exit(0)
        if result > 0:
            through.append(f"clone3 {name}")
    for process in ("1", "self"):
        for name in os.listdir("/proc/self/ns"):
            try:
                descriptor = os.open(f"/proc/{process}/ns/{name}", os.O_RDONLY)
            except OSError:
                continue
            if LIBC.setns(descriptor, 0) >= 0:
                through.append(f"setns {process} {name}")
    raise RuntimeError(f"through {through}")


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
