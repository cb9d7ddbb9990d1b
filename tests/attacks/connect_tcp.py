"""Connects to the machine it runs on and to the world over TCP, and listens itself."""

# expect: scale=error total=passed score=2
# also: landlock
# says: reached \[\]
import socket
import urllib.request

import tensorflow as tf


def scale(x, factor):
    reached = []
    for family, address in (
        (socket.AF_INET, ("127.0.0.1", 4711)),
        (socket.AF_INET6, ("::1", 4711)),
        (socket.AF_INET, ("192.0.2.1", 80)),
    ):
        try:
            with socket.socket(family, socket.SOCK_STREAM) as connection:
                connection.settimeout(0.2)
                connection.connect(address)
                reached.append(address)
        except OSError:
            pass
    try:
        with socket.socket() as listener:
            listener.bind(("0.0.0.0", 4712))
            reached.append("listens")
    except OSError:
        pass
    try:
        urllib.request.urlopen("http://127.0.0.1:4711/", timeout=0.2)
        reached.append("urllib")
    except OSError:
        pass
    raise RuntimeError(f"reached {[r for r in reached if r != 'listens']}")


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
