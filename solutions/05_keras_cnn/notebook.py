# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 5. A convolutional network in Keras
#
# You have written convolution, pooling and batch normalization. Now they become layers, the layers become a network, and the
# network learns to read.
#
# You will
#
# - write the loss so that it does not overflow for large numbers,
# - write two **Keras layers** of your own, a convolution and a batch normalization, that agree with Keras's except for rounding,
#   in training and at inference, and that can be saved,
# - build a network in the pattern of the lectures, and **LeNet-5** from its table of shapes,
# - write one **training step** and a training run, and test them before you rely on them,
# - look at what was learned: curves, confusions, filters, feature maps, the most confident mistakes,
# - train a network of your own layers,
# - see what batch normalization does to a short run, and how its momentum can spoil one.
#
# All five lectures teach the same pattern: convolution, nonlinearity and pooling, repeated, and then dense layers. As a formula
# (UCLA):
#
# $$\text{input} \rightarrow [[\text{conv} \rightarrow \text{relu}] \rightarrow \text{max pool}] \rightarrow \text{dense}
# \rightarrow \text{softmax}$$
#
# **Builds on** notebook [2](../02_convolution/02_convolution.ipynb) (`conv_layer`), [3](../03_pooling/03_pooling.ipynb) (pooling) and
# [4](../04_batchnorm/04_batchnorm.ipynb) (`batch_norm_train`, `batch_norm_inference`).
#
# **Predict, then look.** Write your answer down before you run a cell that asks for one. Our answers are folded away below.
#
# **Sources** are named in parentheses: CSCI 1470 (Brown), Artificial Neural Networks, lecture 8 (EPFL), Deep Learning for Computer
# Vision (NTU), NPFL114, lecture 4 (UFAL), and the ACM AI workshop on CNNs (UCLA).

# %%
from contextlib import suppress
import tempfile

from autograder import check
from autograder.datasets import load_data
import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf

# %% [markdown]
# ## 0. The images
#
# Change this one name to run everything on other images. `"digits"` comes with the package. `"mnist"`,
# `"fashion_mnist"` and `"cifar10"` are downloaded once (`make mnist`, `make cifar`). `"shapes"` are drawn on the spot.
#
# Images are `(n, height, width, channels)` with pixels from 0 to 255 (uint8), labels are whole numbers `(n,)`. This is what
# `keras.datasets` returns, with the channel axis added.

# %%
NAME = "digits"

# %%
(x_train, y_train), (x_test, y_test) = load_data(NAME)
CLASSES = int(y_train.max()) + 1
print(
    f"{NAME}: {len(x_train):,} images to train on, {len(x_test):,} to test, each {x_train.shape[1:]}, {CLASSES} classes"
)

# %%
_, panels = plt.subplots(2, 10, figsize=(10, 2.4), layout="constrained")
for panel, image, label in zip(panels.ravel(), x_train, y_train, strict=False):
    panel.imshow(image.squeeze(), cmap="gray")
    panel.set_title(str(label), fontsize=9)
    panel.axis("off")
plt.show()

# %% [markdown]
# ## 1. The loss: `softmax_cross_entropy`
#
# The last dense layer gives one number for each class, the *logits* $z$. Softmax turns them into probabilities, and the
# cross-entropy of the right class $t$ is the loss:
#
# $$p_k = \frac{e^{z_k}}{\sum_j e^{z_j}} \qquad
# L = -\ln p_t = \ln \sum_j e^{z_j} - z_t$$
#
# averaged over the batch. An example: the logits (1.2, 0.9, 0.4) become the probabilities (0.457, 0.338, 0.205), so for class 0 the
# loss is $-\ln 0.457 = 0.784$. (The slide prints .46, .34 and .20: the last one should be .21. UCLA)
#
# **Large numbers.** $e^{89}$ is infinite in float32, and logits of a hundred are nothing special early in a run. Then softmax
# followed by the logarithm gives $\ln(\infty / \infty)$ or $\ln 0$. But softmax does not change when you subtract the same number
# from all logits of an image. Subtract the largest one, $m$:
#
# $$L = \ln \sum_j e^{z_j - m} - (z_t - m)$$
#
# Now no exponent is above 0, one of them *is* 0, and the sum is between 1 and the number of classes.
#
# The gradient is worth knowing: $\partial L / \partial z_k = p_k - [k = t]$, divided by the batch size. For a network that
# guesses evenly among ten classes the loss is $\ln 10 = 2.30$. **Look at the first loss of every run**: if it is 50, the
# inputs are not scaled.
#
# The ready-made losses of TensorFlow and Keras are off limits here, and so is `log_softmax`.


# %%
def softmax_cross_entropy(logits, labels):
    """The mean cross-entropy of a batch, from logits, stable for large ones.

    loss = mean over images of log(sum_j exp(z_j - m)) - (z_t - m), with m the largest logit of the image

    Args:
        logits: Tensor of shape `(n, classes)`, float32 or float64.
        labels: Whole numbers of shape `(n,)`, the index of each image's class.

    Returns:
        The loss, a scalar tensor of the dtype of `logits`.

    Example:

    >>> round(float(softmax_cross_entropy(tf.constant([[1.2, 0.9, 0.4]]), tf.constant([0]))), 3)
    0.784
    """
    ### BEGIN SOLUTION
    shifted = logits - tf.reduce_max(logits, axis=1, keepdims=True)
    right = tf.gather(shifted, labels, axis=1, batch_dims=1)
    return tf.reduce_mean(tf.math.log(tf.reduce_sum(tf.exp(shifted), axis=1)) - right)
    ### END SOLUTION


# %%
check("softmax_cross_entropy")

# %% [markdown]
# **Predict, then look.** The pattern above ends in a softmax *layer*; this loss takes logits. What happens if you use both?
# Probabilities lie between 0 and 1, so as "logits" they differ by at most 1. How small can the loss of a perfect answer among ten
# classes get?

# %%
with suppress(NotImplementedError):  # runs once softmax_cross_entropy is written
    perfect = tf.constant([[100.0] + [0.0] * 9])
    print("softmax once: ", softmax_cross_entropy(perfect, tf.constant([0])).numpy().round(3))
    print("softmax twice:", softmax_cross_entropy(tf.nn.softmax(perfect), tf.constant([0])).numpy().round(3))

# %% [markdown]
# <details>
# <summary>Our answer</summary>
#
# With softmax applied twice, a perfect answer has the "logits" 1 and nine times 0, and its loss is
# $\ln(e + 9) - 1 = 1.461$. Training still makes progress, but slowly, and the loss never gets near 0. No error message tells you.
#
# </details>

# %% [markdown]
# ## 2. A convolution layer: `MyConv2D`
#
# A Keras layer is a class with three methods:
#
# - `build(input_shape)` creates the weights, when the number of input channels is known,
# - `call(x)` computes the output,
# - `get_config()` returns the arguments of `__init__`, so that the layer can be saved and created again.
#
# `__init__` is written for you. In `build`, create `self.kernel`, of shape `(kh, kw, c_in, filters)`, with
# `self.add_weight(shape=..., initializer="glorot_uniform", name="kernel")`, and `self.bias`, of shape `(filters,)`, with
# the initializer `"zeros"`. `call` does what `conv_layer` of notebook 2 does, with the layer's own weights. (`tf.nn` wants the
# padding in capitals, Keras layers take small letters.) In `get_config`, start from `super().get_config()`.


# %%
class MyConv2D(keras.layers.Layer):
    """A 2-D convolution with a bias, as `keras.layers.Conv2D(filters, kernel_size, strides, padding)`.

    Args:
        filters: how many output channels.
        kernel_size: a pair `(kh, kw)`.
        strides: an int or a pair `(sh, sw)`.
        padding: "valid" or "same".

    Example:

    >>> MyConv2D(4, (3, 3))(tf.zeros((1, 6, 5, 2))).shape
    TensorShape([1, 4, 3, 4])
    """

    def __init__(self, filters, kernel_size, strides=1, padding="valid", **kwargs):
        super().__init__(**kwargs)
        self.filters = filters
        self.kernel_size = tuple(kernel_size)
        self.strides = strides
        self.padding = padding

    def build(self, input_shape):
        """Creates `self.kernel` and `self.bias`. `input_shape` is `(batch, height, width, c_in)`."""
        ### BEGIN SOLUTION
        shape = (*self.kernel_size, input_shape[-1], self.filters)
        self.kernel = self.add_weight(shape=shape, initializer="glorot_uniform", name="kernel")
        self.bias = self.add_weight(shape=(self.filters,), initializer="zeros", name="bias")
        ### END SOLUTION

    def call(self, x):
        """The convolution of `x` `(batch, height, width, c_in)`, plus the bias."""
        ### BEGIN SOLUTION
        return tf.nn.bias_add(tf.nn.conv2d(x, self.kernel, self.strides, self.padding.upper()), self.bias)
        ### END SOLUTION

    def get_config(self):
        """The arguments of `__init__` by name, including those of the base class."""
        ### BEGIN SOLUTION
        own = {
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "padding": self.padding,
        }
        return super().get_config() | own
        ### END SOLUTION


# %%
check("MyConv2D")

# %% [markdown]
# With the same weights it equals `keras.layers.Conv2D`, and a model that contains it can be saved to a file and loaded again.

# %%
with suppress(NotImplementedError):  # runs once MyConv2D is written
    images = tf.random.stateless_normal((2, 9, 8, 3), seed=(1, 2))
    theirs, mine = keras.layers.Conv2D(4, 3, strides=2, padding="same"), MyConv2D(4, (3, 3), strides=2, padding="same")
    expected, _ = theirs(images), mine(images)
    mine.set_weights(theirs.get_weights())
    print("largest difference from keras.layers.Conv2D:", np.abs(mine(images) - expected).max())
    with tempfile.TemporaryDirectory() as folder:
        keras.Sequential([keras.Input((9, 8, 3)), mine]).save(f"{folder}/mine.keras")
        loaded = keras.models.load_model(f"{folder}/mine.keras", custom_objects={"MyConv2D": MyConv2D})
    print("largest difference after saving and loading:", np.abs(loaded(images) - expected).max())

# %% [markdown]
# ## 3. A batch normalization layer: `MyBatchNorm`
#
# The first two functions of notebook 4, as a layer. Two things are new:
#
# - **`training`.** Inside `fit`, Keras calls the layer with `training=True`. In your own loop you write `model(x,
#   training=True)`, and Keras passes it on to every layer of the model. If nobody passes it, the default of your `call` counts:
#   `training=False`, which means inference.
# - **Weights that are not trained.** `self.moving_mean` and `self.moving_variance` are weights, because they are saved
#   with the model, but no gradient changes them: `self.add_weight(..., trainable=False)`. In training, `call` assigns the
#   new values: `self.moving_mean.assign(...)`.
#
# As formulas, per channel, over all axes but the last:
#
# $$\text{training:}\quad y = \gamma \frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}} + \beta, \qquad
# \text{moving} \leftarrow \text{momentum} \cdot \text{moving} + (1 - \text{momentum}) \cdot \text{batch}$$
#
# $$\text{inference:}\quad y = \gamma \frac{x - \mu_{moving}}{\sqrt{\sigma^2_{moving} + \varepsilon}} + \beta$$
#
# with the biased variance. $\gamma$ starts at 1, $\beta$ at 0, the moving mean at 0 and the moving variance at 1.
#
# You may use `tf.nn.moments` and `tf.nn.batch_normalization`.


# %%
class MyBatchNorm(keras.layers.Layer):
    """Batch normalization over all axes but the last, as `keras.layers.BatchNormalization(momentum, epsilon)`.

    Args:
        momentum: the weight of the old moving statistics.
        epsilon: is added to the variance inside the root.

    Example:

    >>> MyBatchNorm()(tf.constant([[1.0], [3.0]]), training=True).numpy().round(2)
    array([[-1.],
           [ 1.]], dtype=float32)
    """

    def __init__(self, momentum=0.99, epsilon=1e-3, **kwargs):
        super().__init__(**kwargs)
        self.momentum = momentum
        self.epsilon = epsilon

    def build(self, input_shape):
        """Creates `self.gamma`, `self.beta`, `self.moving_mean` and `self.moving_variance`, each of shape `(channels,)`."""
        ### BEGIN SOLUTION
        shape = (input_shape[-1],)
        self.gamma = self.add_weight(shape=shape, initializer="ones", name="gamma")
        self.beta = self.add_weight(shape=shape, initializer="zeros", name="beta")
        self.moving_mean = self.add_weight(shape=shape, initializer="zeros", trainable=False, name="moving_mean")
        self.moving_variance = self.add_weight(shape=shape, initializer="ones", trainable=False, name="moving_variance")
        ### END SOLUTION

    def call(self, x, training=False):
        """Normalizes `x` `(n, d)` or `(n, h, w, c)`: by its own statistics in training, by the moving ones otherwise."""
        ### BEGIN SOLUTION
        mean, variance = self.moving_mean, self.moving_variance
        if training:
            mean, variance = tf.nn.moments(x, axes=list(range(len(x.shape) - 1)))
            self.moving_mean.assign(self.momentum * self.moving_mean + (1 - self.momentum) * mean)
            self.moving_variance.assign(self.momentum * self.moving_variance + (1 - self.momentum) * variance)
        return self.gamma * (x - mean) * tf.math.rsqrt(variance + self.epsilon) + self.beta
        ### END SOLUTION

    def get_config(self):
        """The arguments of `__init__` by name, including those of the base class."""
        ### BEGIN SOLUTION
        return super().get_config() | {"momentum": self.momentum, "epsilon": self.epsilon}
        ### END SOLUTION


# %%
check("MyBatchNorm")

# %% [markdown]
# ## 4. The network: `build_model`
#
# Build blocks of convolution, ReLU and max pooling, and then a dense layer. Follow these rules; the checks test them.
#
# - The model takes **raw pixels**, 0 to 255: start with `keras.layers.Rescaling(1 / 255)`. Then nobody can scale the
#   training images and forget the test images.
# - It returns **logits**: no activation after the last dense layer, because `softmax_cross_entropy` contains the softmax.
#   (No sigmoid either: the classes exclude each other.)
# - There is a nonlinearity after every convolution. Two convolutions without one in between are just one convolution.
# - Feature maps become a vector before the dense layer: `keras.layers.Flatten()`, or a global pooling.
# - Batch normalization, where you use it, is placed "just before a nonlinearity" (UFAL), and the convolution before it needs
#   no bias. For a run of a few hundred steps take `momentum=0.9`: see section 9.
# - The model has at most 60,000 parameters. A dense layer on a large image would need more: pool first.
# - Use `keras.layers` (or `keras.ops`) only, so that the grader can build the model again from its configuration.


# %%
def build_model(input_shape, num_classes):
    """A small convolutional network: input -> [[conv -> relu] -> max pool] -> dense.

    Args:
        input_shape: `(height, width, channels)` of the images, at least 24 pixels high and wide.
        num_classes: how many logits.

    Returns:
        A Keras model that takes raw pixels `(n, height, width, channels)` from 0 to 255 and gives logits
        `(n, num_classes)`, with at most 60,000 parameters.

    Example:

    >>> build_model((28, 28, 1), 10)(np.zeros((2, 28, 28, 1), np.float32)).shape
    TensorShape([2, 10])
    """
    ### BEGIN SOLUTION
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Rescaling(1 / 255),
            layers.Conv2D(12, 3, use_bias=False),
            layers.BatchNormalization(momentum=0.9),
            layers.ReLU(),
            layers.MaxPooling2D(),
            layers.Conv2D(24, 3, use_bias=False),
            layers.BatchNormalization(momentum=0.9),
            layers.ReLU(),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(num_classes),
        ]
    )
    ### END SOLUTION


# %%
check("build_model")

# %%
with suppress(NotImplementedError):
    build_model(x_train.shape[1:], CLASSES).summary()

# %% [markdown]
# ## 5. LeNet-5: `build_lenet5`
#
# LeCun's network of 1998 reads digits with "0.8 % test error on MNIST" (UFAL). This is the table that is used today:
#
# | | layer | output | parameters |
# |---|---|---|---|
# | | input | 32x32x1 | |
# | C1 | convolution 5x5, tanh | 28x28x6 | (5·5·1 + 1)·6 = 156 |
# | S2 | average pooling 2x2 | 14x14x6 | 0 |
# | C3 | convolution 5x5, tanh | 10x10x16 | ? |
# | S4 | average pooling 2x2 | 5x5x16 | 0 |
# | C5 | convolution 5x5, tanh | 1x1x120 | ? |
# | F6 | dense, tanh | 84 | ? |
# | | dense | 10 | ? |
#
# **Predict, then look.** Work out the four missing numbers before you build the network. Your `conv_params` of notebook 2 can check the convolutions.
# (The original connected C3 to chosen channels only, had trainable pooling and an RBF output. Nobody does that now.)
#
# <details>
# <summary>Our answer</summary>
#
# C3: $(5 \cdot 5 \cdot 6 + 1) \cdot 16 = 2416$. C5: $(5 \cdot 5 \cdot 16 + 1) \cdot 120 = 48120$. F6: $(120 + 1) \cdot 84 = 10164$. Output:
# $(84 + 1) \cdot 10 = 850$. In total 61,706, of which 78 % are in C5.
#
# </details>


# %%
def build_lenet5():
    """LeNet-5 for images of 32x32x1: the table above, with logits at the end.

    Returns:
        A Keras model with input `(n, 32, 32, 1)` and output `(n, 10)`, of 61,706 parameters.

    Example:

    >>> build_lenet5().count_params()
    61706
    """
    ### BEGIN SOLUTION
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((32, 32, 1)),
            layers.Conv2D(6, 5, activation="tanh"),
            layers.AveragePooling2D(2),
            layers.Conv2D(16, 5, activation="tanh"),
            layers.AveragePooling2D(2),
            layers.Conv2D(120, 5, activation="tanh"),
            layers.Flatten(),
            layers.Dense(84, activation="tanh"),
            layers.Dense(10),
        ]
    )
    ### END SOLUTION


# %%
check("build_lenet5")

# %% [markdown]
# ## 6. One step: `train_step`
#
# A training step has four parts:
#
# 1. Call the model with `training=True` and compute the loss, both under a `tf.GradientTape`.
# 2. Get the gradients with respect to `model.trainable_variables` (a frozen layer is not among them).
# 3. Apply them: `optimizer.apply_gradients(zip(gradients, variables))`.
# 4. Return the loss of part 1.
#
# The batch goes to the model as it is: scaling is the model's job.


# %%
def train_step(model, x, y, optimizer):
    """One step of gradient descent on one batch.

    Args:
        model: a Keras model that gives logits.
        x: a batch of its inputs, a float tensor.
        y: the labels, whole numbers of shape `(n,)`.
        optimizer: a Keras optimizer; it is used again for the next step.

    Returns:
        The loss before the step, a scalar tensor. The model's weights are changed in place.

    Example:

    >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3, kernel_initializer="zeros")])
    >>> loss = train_step(model, tf.ones((1, 2)), tf.constant([0]), keras.optimizers.SGD(0.1))
    >>> round(float(loss), 3)  # ln 3: all three classes have the same probability
    1.099
    """
    ### BEGIN SOLUTION
    with tf.GradientTape() as tape:
        loss = softmax_cross_entropy(model(x, training=True), y)
    weights = model.trainable_variables
    optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights))
    return loss
    ### END SOLUTION


# %%
check("train_step")

# %% [markdown]
# ## 7. A run: `train`
#
# Take steps on batches until the budget is spent. Three things need care:
#
# - **Shuffle.** Many data sets are sorted by label; the ones in the check are. A network that sees the sevens last
#   predicts sevens.
# - **Be repeatable.** Draw the order from `np.random.default_rng(seed)`.
# - **Be quick.** `step = tf.function(train_step)` traces the step once and runs it about ten times as fast. (Create the optimizer's
#   variables before: `optimizer.build(model.trainable_variables)`.) The batches of a traced step should be tensors:
#   `tf.constant(images, tf.float32)`.
#
# Adam with a learning rate of 0.005 is a good start. `keras.Model.fit` would do all this; now that you know how, you may use it here,
# too. Three things to know if you do:
#
# - **Erratum.** The slide calls `fit(..., epoch=100)` (UCLA). The parameter is called `epochs`; `epoch` raises a TypeError.
# - Keras calls a loss as `loss(y_true, y_pred)`: labels first. Your `softmax_cross_entropy` takes the logits first, so you cannot pass
#   it to `compile` as it is.
# - The budget is counted in steps, not in epochs.


# %%
def train(model, x, y, seed):
    """Trains a model in at most 200 steps of at most 64 images.

    Args:
        model: a Keras model for raw pixels that gives logits; it is trained in place.
        x: images of shape `(n, height, width, channels)`, uint8, in any order.
        y: their labels, of shape `(n,)`.
        seed: for the order in which the images are drawn.

    Returns:
        The losses, a list with one float per step.
    """
    ### BEGIN SOLUTION
    optimizer = keras.optimizers.Adam(0.005)
    optimizer.build(model.trainable_variables)
    step = tf.function(train_step)
    rng = np.random.default_rng(seed)
    losses = []
    while len(losses) < 120:
        order = rng.permutation(len(x))
        for start in range(0, len(x) - 31, 32):
            chosen = order[start : start + 32]
            images, labels = tf.constant(x[chosen], tf.float32), tf.constant(y[chosen], tf.int32)
            losses.append(float(step(model, images, labels, optimizer)))
    return losses[:120]
    ### END SOLUTION


# %%
check("train")

# %% [markdown]
# ### 7.1 First overfit a few images
#
# Before a long run, make sure that everything is connected. Take eight images and train on them alone. A network of this size can
# memorize eight images, so the loss must get close to 0. If it does not, something is wrong: labels that do not belong to their
# images, a loss with a mistake, weights that no gradient reaches. This test finds it within seconds.
#
# **Predict, then look.** What is the first loss, about? Which accuracy on *test* images do you expect after these steps?

# %%
with suppress(NotImplementedError):  # runs once build_model and train_step are written
    keras.utils.set_random_seed(2)
    model, optimizer = build_model(x_train.shape[1:], CLASSES), keras.optimizers.Adam(0.005)
    optimizer.build(model.trainable_variables)
    step = tf.function(train_step)
    few, their_labels = tf.constant(x_train[:8], tf.float32), tf.constant(y_train[:8], tf.int32)
    for number in range(61):
        loss = float(step(model, few, their_labels, optimizer))
        if number % 20 == 0:
            print(f"step {number:2}: loss {loss:.4f}")
    for name, images, wanted in (("these eight", x_train[:8], y_train[:8]), ("test", x_test[:500], y_test[:500])):
        right = np.argmax(model(images.astype("float32"), training=False), axis=1) == wanted
        print(f"{name} images: {right.mean():.0%} right")

# %% [markdown]
# <details>
# <summary>Our answer</summary>
#
# Between 2 and 4. The network gives random answers, and random answers cost a little more than giving all classes the same
# probability, which costs $\ln 10 = 2.3$. The loss then falls below 0.01, and the eight images are all right. Of the test images about
# half are right (52 % in our run): memorizing is not learning to read. That is fine here; the point was to see that everything is
# connected.
#
# </details>

# %% [markdown]
# ### 7.2 The whole run
#
# Now train your network on all images. Again the loss should start not far above $\ln 10 = 2.3$. Never look at the test images to *choose* anything:
# if you do, their accuracy no longer tells you how the network does on new images.

# %%
trained = None
with suppress(NotImplementedError):  # trains once build_model, train_step and train are written
    keras.utils.set_random_seed(1)
    model = build_model(x_train.shape[1:], CLASSES)
    losses = train(model, x_train, y_train, seed=1)
    trained = model


# %%
def logits_of(model, images):
    """The logits of many images, in pieces."""
    pieces = [model(images[i : i + 500].astype("float32"), training=False) for i in range(0, len(images), 500)]
    return np.concatenate(pieces)


if trained:
    seen, unseen = x_train[:2000], x_test[:2000]
    for name, images, answers in (("training", seen, y_train), ("test", unseen, y_test)):
        right = np.argmax(logits_of(trained, images), axis=1) == answers[: len(images)]
        print(f"{name} images: {right.mean():.1%} right")
    _, panel = plt.subplots(figsize=(6, 2.6), layout="constrained")
    panel.plot(losses, color="tab:blue", alpha=0.4, label="each batch")
    panel.plot(
        np.arange(9, len(losses)), np.convolve(losses, np.ones(10) / 10, "valid"), color="tab:blue", label="mean of ten"
    )
    panel.axhline(np.log(CLASSES), color="gray", linestyle=":", label=f"guessing: ln {CLASSES}")
    panel.set(title="learning curve", xlabel="training step", ylabel="loss", ylim=(0, None))
    panel.legend()
    plt.show()

# %% [markdown]
# ### 7.3 Who is taken for whom?
#
# Each row of the confusion matrix is a true class, each column a predicted one.

# %%
if trained:
    answers = y_test[:2000].astype(int)
    guesses = np.argmax(logits_of(trained, x_test[:2000]), axis=1)
    confusion = np.zeros((CLASSES, CLASSES), int)
    np.add.at(confusion, (answers, guesses), 1)
    _, panel = plt.subplots(figsize=(4.2, 4), layout="constrained")
    panel.imshow(np.log1p(confusion), cmap="Blues")
    for i in range(CLASSES):
        for j in range(CLASSES):
            if confusion[i, j]:
                color = "white" if confusion[i, j] > confusion.max() / 3 else "black"
                panel.text(j, i, confusion[i, j], ha="center", va="center", fontsize=7, color=color)
    panel.set(title="confusion matrix", xlabel="predicted", ylabel="true", xticks=range(CLASSES), yticks=range(CLASSES))
    plt.show()

# %% [markdown]
# ### 7.4 The most confident mistakes
#
# Where the network is wrong and sure of it, look at the image. Often you understand the mistake, and sometimes the label is wrong.

# %%
if trained:
    chances = tf.nn.softmax(logits_of(trained, x_test[:2000])).numpy()
    wrong = np.flatnonzero(np.argmax(chances, axis=1) != answers)
    worst = wrong[np.argsort(-chances[wrong].max(axis=1))][:8]
    _, panels = plt.subplots(1, 8, figsize=(10, 1.9), layout="constrained")
    for panel in panels:
        panel.axis("off")
    for panel, index in zip(panels, worst, strict=False):
        panel.imshow(x_test[index].squeeze(), cmap="gray")
        panel.set_title(
            f"{answers[index]} taken for {chances[index].argmax()}\n({chances[index].max():.0%})", fontsize=8
        )
    plt.show()

# %% [markdown]
# ### 7.5 The first layer's filters, and what they see
#
# The primary visual cortex recognizes Gabor functions, small patches of stripes, and "similar functions are recognized in the first
# layer of a CNN" (UFAL). With few images and few steps the 3x3 filters below are only rough. Look for filters with one red and one
# blue side: they respond where the image changes across them, as the Sobel filter of notebook 2 does.

# %%
if trained:
    first = next(layer for layer in trained.layers if isinstance(layer, keras.layers.Conv2D))
    filters = first.get_weights()[0].mean(axis=2)  # over the input channels
    upto = keras.Model(trained.inputs[0], first.output)
    maps = upto(x_test[:1].astype("float32"))[0].numpy()
    shown = min(8, filters.shape[-1])
    _, panels = plt.subplots(2, shown + 1, figsize=(10, 2.6), layout="constrained")
    for panel in panels.ravel():
        panel.axis("off")
    panels[0, 0].imshow(x_test[0].squeeze(), cmap="gray")
    panels[0, 0].set_title("the image", fontsize=8)
    for k in range(shown):
        panels[0, k + 1].imshow(filters[..., k], cmap="RdBu", vmin=-abs(filters).max(), vmax=abs(filters).max())
        panels[0, k + 1].set_title(f"filter {k}", fontsize=8)
        panels[1, k + 1].imshow(maps[..., k], cmap="gray")
        panels[1, k + 1].set_title("its map", fontsize=8)
    plt.show()

# %% [markdown]
# ## 8. Your own layers learn
#
# Everything in the next network is yours: `MyConv2D`, `MyBatchNorm`, the loss, the step and the run. Only ReLU, pooling and the
# dense layer come from Keras.
#
# **Predict, then look.** The same network made of Keras's layers starts from other random weights. Apart from that, should its
# accuracy be better, worse or the same?


# %%
def small_network(convolution, normalization):
    """[conv -> norm -> relu -> max pool] x 2 -> dense, of given layers."""
    layers = [keras.Input(x_train.shape[1:]), keras.layers.Rescaling(1 / 255)]
    for filters in (12, 24):
        layers += [convolution(filters, (3, 3)), normalization(momentum=0.9), keras.layers.ReLU()]
        layers.append(keras.layers.MaxPooling2D())
    return keras.Sequential([*layers, keras.layers.Flatten(), keras.layers.Dense(CLASSES)])


with suppress(NotImplementedError):  # trains once the layers, train_step and train are written
    kinds = {
        "your layers": (MyConv2D, MyBatchNorm),
        "Keras's layers": (keras.layers.Conv2D, keras.layers.BatchNormalization),
    }
    for name, pair in kinds.items():
        keras.utils.set_random_seed(4)
        model = small_network(*pair)
        losses = train(model, x_train, y_train, seed=4)
        right = np.argmax(logits_of(model, x_test[:1000]), axis=1) == y_test[:1000]
        print(
            f"{name:15} first loss {losses[0]:.2f}, last loss {losses[-1]:.3f}, test images right: {right.mean():.1%}"
        )

# %% [markdown]
# <details>
# <summary>Our answer</summary>
#
# The same, except for the luck of the start. If your layers were clearly worse, their gradients or their moving statistics would be
# wrong.
#
# </details>

# %% [markdown]
# ## 9. With and without batch normalization
#
# One figure shows the accuracy on MNIST's test images against the number of training steps: with batch normalization it rises earlier
# (Brown, "Batch Normalization: Motivation"). Let us draw it for a deeper network and plain gradient descent, and
# add a third curve: batch normalization with Keras's default momentum of 0.99.
#
# **Predict, then look.** Which of the three will be worst on *test* images after these 80 steps, and why? Section 2.1 of
# notebook 4 has the numbers: how much of the start is left in a moving average after 80 steps?


# %%
def three_blocks(norm):
    """[conv -> (norm) -> relu] x 2 -> max pool, twice, then a dense layer."""
    layers = [keras.Input(x_train.shape[1:]), keras.layers.Rescaling(1 / 255)]
    for filters in (8, 16):
        for _ in range(2):
            layers += [keras.layers.Conv2D(filters, 3, padding="same"), *norm(), keras.layers.ReLU()]
        layers.append(keras.layers.MaxPooling2D())
    return keras.Sequential([*layers, keras.layers.Flatten(), keras.layers.Dense(CLASSES)])


def accuracy(model, images, labels, training=False):
    """The share of right answers among the first 360 images."""
    logits = model(images[:360].astype("float32"), training=training)
    return np.mean(np.argmax(logits, axis=1) == labels[:360])


kinds = {
    "without": lambda: [],
    "momentum 0.9": lambda: [keras.layers.BatchNormalization(momentum=0.9)],
    "momentum 0.99": lambda: [keras.layers.BatchNormalization(momentum=0.99)],
}
with suppress(NotImplementedError):  # draws once train_step is written
    _, panel = plt.subplots(figsize=(6, 3), layout="constrained")
    print(f"{'accuracy after 80 steps':26}{'test':>8}{'test, by batch':>18}{'training, by batch':>22}")
    for name, norm in kinds.items():
        keras.utils.set_random_seed(3)
        model, optimizer = three_blocks(norm), keras.optimizers.SGD(0.05)
        optimizer.build(model.trainable_variables)
        step, rng, steps, share = tf.function(train_step), np.random.default_rng(3), [], []
        for number in range(81):
            if number % 8 == 0:
                steps.append(number)
                share.append(accuracy(model, x_test, y_test))
            if number < 80:
                chosen = rng.choice(len(x_train), 32, replace=False)
                step(model, tf.constant(x_train[chosen], tf.float32), tf.constant(y_train[chosen], tf.int32), optimizer)
        panel.plot(steps, share, marker=".", label=name)
        by_batch = [accuracy(model, x, y, training=True) for x, y in ((x_test, y_test), (x_train, y_train))]
        print(f"{name:26}{share[-1]:8.0%}{by_batch[0]:18.0%}{by_batch[1]:22.0%}")
    panel.set(title="accuracy on test images", xlabel="training step", ylim=(0, 1))
    panel.legend(title="batch normalization")
    plt.show()

# %% [markdown]
# <details>
# <summary>Our answer</summary>
#
# The one with momentum 0.99, although it was trained as well as the one with 0.9. $0.99^{80} = 0.45$: nearly half of the start (mean 0,
# variance 1) is still in the moving statistics, while the weights were trained with the batch's own. "By batch" in the table means
# training mode, where each batch is normalized by its own statistics: there the two momenta are equally good, with 97 % of the test
# images and 98 % of the training images right in our run. At inference, the network with 0.99 is not the one that was trained (76 %
# instead of 96 %). Train longer, or lower the momentum.
#
# </details>
#
# To remember:
#
# - Give logits to the loss. Look at the first loss: it should be about $\ln$ of the number of classes.
# - Overfit a few images before you train on all.
# - Use `training=True` in training, and nothing at inference.
# - The accuracy that counts is that on images that were not used to choose anything.
