"""Mounts, unmounts, remounts for writing, pivots the root, and does the same through the newer calls."""

# expect: scale=error total=passed score=2
# also: landlock
# says: through \[\]
import ctypes
import os

import tensorflow as tf

LIBC = ctypes.CDLL(None, use_errno=True)


def scale(x, factor):
    os.makedirs("there", exist_ok=True)
    text = lambda word: ctypes.c_char_p(word.encode())
    calls = {
        "proc": lambda: LIBC.mount(b"proc", b"there", b"proc", 0, None),
        "tmpfs": lambda: LIBC.mount(b"none", b"there", b"tmpfs", 0, None),
        "bind": lambda: LIBC.mount(b"/", b"there", None, 4096, None),
        "write": lambda: LIBC.mount(b"none", b"/", None, 32 | 4096, None),
        "umount": lambda: LIBC.umount2(b"/proc", 2),
        "umount root": lambda: LIBC.umount2(b"/", 2),
        "pivot_root": lambda: LIBC.syscall(155, text("."), text("there")),
        "open_tree": lambda: LIBC.syscall(428, -100, text("/"), 1),
        "move_mount": lambda: LIBC.syscall(429, -100, text("/proc"), -100, text("there"), 0),
        "fsopen": lambda: LIBC.syscall(430, text("tmpfs"), 0),
        "mount_setattr": lambda: LIBC.syscall(442, -100, text("/"), 0, ctypes.create_string_buffer(32), 32),
    }
    raise RuntimeError(f"through {[name for name, call in calls.items() if call() >= 0]}")


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
