"""Opens sockets that reach past network namespaces or into the kernel: vsock, netlink, packet, alg, bluetooth, raw."""

# expect: scale=error total=passed score=2
# also: landlock
# says: opened \[\]
import socket

import tensorflow as tf


def scale(x, factor):
    opened = []
    for family in (*range(3, 10), *range(11, 50)):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
            try:
                socket.socket(family, kind).close()
                opened.append((family, int(kind)))
            except OSError:
                pass
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.socket(family, socket.SOCK_RAW, 1).close()
            opened.append("raw")
        except OSError:
            pass
    raise RuntimeError(f"opened {opened}")


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
