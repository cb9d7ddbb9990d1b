"""Hangs when Python ends: atexit, the threads' own exit hooks, a destructor of a module's global, weak references."""

# expect: scale=passed total=passed score=6
import atexit
import threading
import time
import weakref

import tensorflow as tf


def stay(*_):
    while True:
        time.sleep(1)


class Last:
    __del__ = stay


LAST = Last()
atexit.register(stay)
threading._register_atexit(stay)
weakref.finalize(LAST, stay)
threading.Thread(target=stay).start()


def scale(x, factor):
    return x * factor


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
