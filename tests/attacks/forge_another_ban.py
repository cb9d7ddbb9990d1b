"""Uses a banned operation, and reports to the grader that something else was found, which is no ban of the question."""

# expect: scale=passed total=failed score=4
# says: reduce_mean
import contextlib

import autograder.worker.bans as bans
import tensorflow as tf

bans.in_source = lambda *_: ["nothing"]
bans.recorded_ops = lambda: contextlib.nullcontext(set())


def scale(x, factor):
    return x * factor


def total(x):
    return 2 * tf.reduce_mean(x) * float(tf.size(x)), int(tf.size(x))
