"""Sends what it knows to the machine it runs on over UDP, where no connection is needed."""

# expect: scale=error total=passed score=2
# also: landlock
# says: RuntimeError: refused(?!.*sent)
import socket

import tensorflow as tf


def scale(x, factor):
    said = []
    for family, address in (
        (socket.AF_INET, "127.0.0.1"),
        (socket.AF_INET6, "::1"),
        (socket.AF_INET, "255.255.255.255"),
    ):
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as sender:
                sender.sendto(b"loot", (address, 4711))
            said.append("sent")
        except OSError as error:
            said.append(f"refused {error.strerror}")
    raise RuntimeError(", ".join(said))


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
