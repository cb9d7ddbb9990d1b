"""Uses a banned operation and blinds the worker's search for it, in the source and in the graph."""

# expect: scale=passed total=failed score=4
# says: reduce_mean
import contextlib

import autograder.worker.bans as bans
import tensorflow as tf

bans.in_source = lambda *_: []
bans.recorded_ops = lambda: contextlib.nullcontext(set())


def scale(x, factor):
    return x * factor


def total(x):
    return 2 * tf.reduce_mean(x) * float(tf.size(x)), int(tf.size(x))
