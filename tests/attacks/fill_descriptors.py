"""Opens files, pipes and sockets until there are no more descriptors."""

# expect: scale=error total=passed score=2
# says: after \d{1,3} descriptors
import os
import socket

import tensorflow as tf

HELD = []


def scale(x, factor):
    try:
        while len(HELD) < 100_000:
            HELD.extend(os.pipe())
            HELD.append(os.open("/dev/null", os.O_RDONLY))
            HELD.extend(end.detach() for end in socket.socketpair())
    except OSError:
        pass
    count = len(HELD)
    for descriptor in HELD:
        os.close(descriptor)
    raise RuntimeError(f"after {count} descriptors")


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
