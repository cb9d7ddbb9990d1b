"""A look-alike: builds, fits and saves a small Keras model, with a data set's threads and a callback."""

# expect: scale=passed total=passed score=6
# %%
import keras
import numpy as np
import tensorflow as tf

# %%
model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(2)])
model.compile("sgd", "mse")
data = tf.data.Dataset.from_tensor_slices((np.ones((8, 4), "float32"), np.ones((8, 2), "float32"))).batch(4).prefetch(2)
model.fit(data, epochs=1, verbose=2, callbacks=[keras.callbacks.EarlyStopping("loss")])
# %%
model.save("model.keras")


# %%
def scale(x, factor):
    return keras.ops.multiply(x, factor)


@tf.function
def add_up(x):
    return tf.reduce_sum(2 * x)


def total(x):
    return add_up(x), int(x.shape[0] * x.shape[1])
