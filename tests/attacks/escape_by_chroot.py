"""Leaves by chroot and an open folder above, the old way."""

# expect: scale=error total=passed score=2
# also: landlock
# says: through \[\]
import os

import tensorflow as tf


def scale(x, factor):
    through = []
    os.makedirs("inner", exist_ok=True)
    try:
        above = os.open(".", os.O_RDONLY)
        os.chroot("inner")
        os.fchdir(above)
        through.append("chroot")
        for _ in range(64):
            os.chdir("..")
        os.chroot(".")
        through.append(open("/course/salt").read())
    except OSError:
        pass
    raise RuntimeError(f"through {through}")


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
