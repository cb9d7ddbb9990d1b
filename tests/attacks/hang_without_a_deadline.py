"""Disarms the worker's timer, ignores and blocks its signal, and spins."""

# expect: scale=timeout total=passed score=2
import signal

import tensorflow as tf


def scale(x, factor):
    for timer in (signal.ITIMER_PROF, signal.ITIMER_REAL, signal.ITIMER_VIRTUAL):
        signal.setitimer(timer, 0)
    for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals))
    while True:
        pass


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
