"""Raises what no one catches: SystemExit, KeyboardInterrupt, GeneratorExit, a BaseException of its own."""

# expect: scale=error total=passed score=2
import tensorflow as tf

raise KeyboardInterrupt


def scale(x, factor):
    raise (SystemExit(0) if factor == 3.0 else type("Own", (BaseException,), {})())


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
