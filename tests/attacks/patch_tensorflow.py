"""Replaces tf.nn, tf.constant, tf.convert_to_tensor and tf.Tensor.numpy by functions that give zeros."""

# expect: scale=failed total=failed score=0
import numpy as np
import tensorflow as tf

nothing = tf.zeros(())
for name in dir(tf.nn):
    if not name.startswith("_"):
        setattr(tf.nn, name, lambda *_, **__: nothing)
tf.convert_to_tensor = lambda *_, **__: nothing
type(nothing).numpy = lambda self: np.zeros(self.shape, np.float32)


def scale(x, factor):
    return x + factor


def total(x):
    return tf.nn.relu(x), 0
