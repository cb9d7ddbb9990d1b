"""Deadlocks on the import lock and on a lock held by itself."""

# expect: scale=timeout total=passed score=2
import _imp
import threading

import tensorflow as tf


def scale(x, factor):
    _imp.acquire_lock()
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
