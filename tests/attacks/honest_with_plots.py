"""A look-alike: draws, shows and saves pictures, with magics as in a notebook."""

# expect: scale=passed total=passed score=6
# %%
get_ipython().run_line_magic("matplotlib", "inline")  # noqa: F821
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf

# %%
get_ipython().system("pip install something")  # noqa: F821
figure, axes = plt.subplots(2, 2)
for axis in axes.flat:
    axis.imshow(np.random.rand(28, 28), cmap="gray")
    axis.set_title("$x_1$")
plt.tight_layout()
plt.savefig("picture.png")
plt.show()


# %%
def scale(x, factor):
    plt.figure()
    plt.plot(np.asarray(x).ravel())
    plt.show()
    return x * factor


# %%
def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
