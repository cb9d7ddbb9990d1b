"""Tries the kernel's other doors: keyrings, bpf, perf, io_uring, userfaultfd, modules, the clock, the host's name."""

# expect: scale=error total=passed score=2
# also: landlock
# says: through \[\]
import ctypes

import tensorflow as tf

LIBC = ctypes.CDLL(None, use_errno=True)
BUFFER = ctypes.create_string_buffer(256)
CALLS = {
    "add_key": (248, b"user", b"name", BUFFER, 8, -3),
    "request_key": (249, b"user", b"name", 0, -3),
    "keyctl": (250, 0, -3, 1),
    "bpf": (321, 0, BUFFER, 64),
    "perf_event_open": (298, BUFFER, 0, -1, -1, 0),
    "io_uring_setup": (425, 1, BUFFER),
    "userfaultfd": (323, 1),
    "init_module": (175, BUFFER, 8, b""),
    "settimeofday": (164, BUFFER, 0),
    "sethostname": (170, b"owned", 5),
    "open_by_handle_at": (304, -100, BUFFER, 0),
    "name_to_handle_at": (303, -100, b"/", BUFFER, BUFFER, 0),
    "syslog": (103, 3, BUFFER, 256),
    "fanotify_init": (300, 0, 0),
    "swapon": (167, b"/dev/null", 0),
    "iopl": (172, 3),
    "personality": (135, 0x0040000),
}


def scale(x, factor):
    through = [
        name
        for name, (number, *arguments) in CALLS.items()
        if LIBC.syscall(ctypes.c_long(number), *(ctypes.c_long(a) if isinstance(a, int) else a for a in arguments)) >= 0
    ]
    raise RuntimeError(f"through {through}")


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
