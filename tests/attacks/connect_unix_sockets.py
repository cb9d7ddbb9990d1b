"""Connects to the machine's Unix sockets: one with a path, one abstract, those of the usual services."""

# expect: scale=error total=passed score=2
# also: landlock
# says: reached \[\]
import glob
import socket

import tensorflow as tf


def scale(x, factor):
    reached = []
    for address in (
        "/course/socket",
        "\0machine",
        "/run/docker.sock",
        "/dev/log",
        "/run/dbus/system_bus_socket",
        *glob.glob("/tmp/**/*", recursive=True),
    ):
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(0.2)
                connection.connect(address)
                reached.append(address)
        except OSError:
            pass
    raise RuntimeError(f"reached {reached}")


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
