"""Puts modules of its own in the place of the worker's in sys.modules, and empties the rest."""

# expect: scale=failed total=passed|crashed score=0|2
import sys
import types

import tensorflow as tf

for name in list(sys.modules):
    if name.startswith("autograder"):
        fake = types.ModuleType(name)
        fake.__getattr__ = lambda name: lambda *_, **__: True
        sys.modules[name] = fake


def scale(x, factor):
    return x + factor


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
