"""Catches the signal of the deadline, and every other that can be caught, and hangs in the handler."""

# expect: scale=timeout total=passed score=2
import signal

import tensorflow as tf


def stay(*_):
    while True:
        pass


def scale(x, factor):
    for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, stay)
    stay()


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
