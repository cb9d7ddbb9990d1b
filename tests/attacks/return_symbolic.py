"""Returns symbolic tensors, a generator, a coroutine and a function instead of numbers."""

# expect: scale=failed total=passed score=2
import tensorflow as tf

SYMBOLIC = []


@tf.function
def trace(x):
    SYMBOLIC.append(x)
    return x


def scale(x, factor):
    trace(x)
    return SYMBOLIC[0] if len(SYMBOLIC[0].shape) and not SYMBOLIC[1:] else (n for n in range(3))


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
