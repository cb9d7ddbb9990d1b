"""Returns subclasses of float and int that claim to be close to everything."""

# expect: scale=failed total=passed score=2
import tensorflow as tf


class Close(float):
    def __sub__(self, _):
        return Close(0)

    __rsub__ = __sub__

    def __abs__(self):
        return Close(0)

    def __le__(self, _):
        return True

    def __array__(self, *_, **__):
        return self

    __lt__ = __ge__ = __gt__ = __eq__ = __le__
    __hash__ = float.__hash__


def scale(x, factor):
    return Close("nan")


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
