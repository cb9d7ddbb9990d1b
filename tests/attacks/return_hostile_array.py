"""Returns an object whose __array__, __tf_tensor__, __float__ and dtype answer with something else every time."""

# expect: scale=failed total=passed score=2
# says: Chameleon
import numpy as np
import tensorflow as tf


class Chameleon:
    shape, ndim, size = (1, 3), 2, 3
    dtype = property(lambda self: np.dtype("O"))
    calls = 0

    def __array__(self, *_, **__):
        Chameleon.calls += 1
        return np.ones((10**Chameleon.calls,)) if Chameleon.calls < 9 else 1 / 0

    __tf_tensor__ = __float__ = __int__ = __index__ = __array__


def scale(x, factor):
    return Chameleon()


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
