"""Replaces builtins under the grader's feet: len, isinstance, type, open, callable, print, __import__."""

# expect: scale=failed total=passed score=2
import builtins

import tensorflow as tf

kept = {name: getattr(builtins, name) for name in ("isinstance", "callable", "len")}
builtins.callable = lambda thing: True
builtins.print = lambda *_, **__: None
builtins.open = lambda *_, **__: None
builtins.abs = builtins.max = builtins.sum = lambda *_, **__: 0
builtins.sorted = lambda things, **_: list(things)
builtins.exit = builtins.quit = lambda *_: None


def scale(x, factor):
    return x + factor


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
