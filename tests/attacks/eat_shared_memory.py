"""Takes memory that no limit on data counts: shared pages, buffers of sockets and pipes, pages of a device."""

# expect: scale=error total=passed score=2
# says: at most 1[0-9][0-9] MB|at most [0-9]{1,2} MB
import fcntl
import mmap
import os
import socket

import tensorflow as tf

HELD = []


def shared():
    for _ in range(32):
        HELD.append(mmap.mmap(-1, 1 << 30, mmap.MAP_SHARED | mmap.MAP_ANONYMOUS))
        yield 1 << 30


def device():
    for _ in range(32):
        with open("/dev/zero", "rb") as zeros:
            HELD.append(mmap.mmap(zeros.fileno(), 1 << 30, mmap.MAP_SHARED, mmap.PROT_READ))
        yield 1 << 30


def full(descriptor, write):
    os.set_blocking(descriptor, False)
    while True:
        try:
            yield write(bytes(1 << 14))
        except BlockingIOError:
            return


def sockets():
    for _ in range(60):
        pair = socket.socketpair()
        HELD.append(pair)
        for end in pair:
            try:
                end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 64 << 20)
            except OSError:
                pass
            yield from full(end.fileno(), end.send)


def pipes():
    for _ in range(60):
        end, start = os.pipe()
        try:
            fcntl.fcntl(start, 1031, 1 << 20)
        except OSError:
            pass
        yield from full(start, lambda data, to=start: os.write(to, data))


def scale(x, factor):
    taken = 0
    for kind in (shared, device, sockets, pipes):
        try:
            for size in kind():
                taken += size
        except (OSError, MemoryError):
            pass
    raise RuntimeError(f"at most {taken >> 20} MB")


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
