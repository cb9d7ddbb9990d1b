"""Plants symbolic and hard links to secrets in its own folder and reads through them."""

# expect: scale=error total=passed score=2
# also: landlock
# says: found \[\]
# bites: salt
import os

import tensorflow as tf


def scale(x, factor):
    found = []
    for number, target in enumerate(
        ("/course/salt", "../" * 12 + "course/salt", "/proc/1/root/course/salt", "/proc/self/root/course/salt")
    ):
        for link in (os.symlink, os.link):
            try:
                link(target, f"link{number}{link.__name__}")
                found.append(open(f"link{number}{link.__name__}").read())
            except OSError:
                pass
    raise RuntimeError(f"found {sorted(set(found))}")


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
