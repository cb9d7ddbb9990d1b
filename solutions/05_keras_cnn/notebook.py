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
# You have written convolution, pooling and batch normalization. Now they become layers, the layers a network, and the
# network learns to read.
#
# You will
#
# - write the loss so that it survives large numbers,
# - write two **Keras layers** of your own, a convolution and a batch normalization, that agree with Keras's to the last
#   digit, in training and at inference, and that can be saved,
# - build a network in the pattern of all four lectures, and **LeNet-5** from its table of shapes,
# - write one **training step**, and with it a training run,
# - look at what was learnt: curves, confusions, filters, feature maps, the most confident mistakes,
# - see what batch normalization does to a short run, and how its momentum can spoil one.
#
# The pattern is on the slides of UCLA ("Architecture: General Layer Patterns") and, in words, in the others:
#
# $$\text{input} \rightarrow [[\text{conv} \rightarrow \text{relu}] \rightarrow \text{max pool}] \rightarrow \text{dense}
# \rightarrow \text{softmax}$$

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
# ## The images
#
# Change this one name to run everything on other images: `"digits"` comes with the package; `"mnist"`,
# `"fashion_mnist"` and `"cifar10"` are downloaded once (`make mnist`, `make cifar`); `"shapes"` are drawn on the spot.
#
# Images are `(n, height, width, channels)` with pixels from 0 to 255 (uint8), labels are whole numbers `(n,)`: the
# same as `keras.datasets` gives, with the channel axis in place.

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
# The last dense layer gives one number for each class, the *logits* $z$. Softmax makes probabilities of them, and the
# cross-entropy of the right class $t$ is the loss:
#
# $$p_k = \frac{e^{z_k}}{\sum_j e^{z_j}} \qquad
# L = -\ln p_t = \ln \sum_j e^{z_j} - z_t$$
#
# averaged over the batch. UCLA's example: the logits (1.2, 0.9, 0.4) become the probabilities (0.456, 0.338, 0.205), so
# for class 0 the loss is $-\ln 0.456 = 0.785$.
#
# **Large numbers.** $e^{89}$ is infinite in float32, and logits of a hundred are nothing special early in a run. Softmax
# first and the logarithm after gives $\ln(\infty / \infty)$, or $\ln 0$. But softmax does not change when the same number
# is taken off all logits of an image. Take off their largest, $m$:
#
# $$L = \ln \sum_j e^{z_j - m} - (z_t - m)$$
#
# Now no exponent is above 0, one of them *is* 0, and the sum is between 1 and the number of classes.
#
# The gradient is worth knowing: $\partial L / \partial z_k = p_k - [k = t]$, over the batch size. For a network that
# guesses evenly among ten classes the loss is $\ln 10 = 2.30$. **Look at the first loss of every run**: if it is 50, the
# inputs are not scaled.
#
# The ready-made losses of TensorFlow and Keras are off limits in this one, and `log_softmax` too.


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

    >>> softmax_cross_entropy(tf.constant([[1.2, 0.9, 0.4]]), tf.constant([0])).numpy().round(3)
    0.785
    """
    ### BEGIN SOLUTION
    shifted = logits - tf.reduce_max(logits, axis=1, keepdims=True)
    right = tf.gather(shifted, labels, axis=1, batch_dims=1)
    return tf.reduce_mean(tf.math.log(tf.reduce_sum(tf.exp(shifted), axis=1)) - right)
    ### END SOLUTION


# %%
check("softmax_cross_entropy")

# %% [markdown]
# **Exercise.** Brown's, EPFL's and UCLA's networks end in a softmax *layer*; this loss takes logits. What happens if you
# do both? Probabilities lie between 0 and 1, so as "logits" they differ by at most 1. How small can the loss of a
# perfect answer among ten classes get? Decide, then look.

# %%
with suppress(NotImplementedError):  # runs once softmax_cross_entropy is written
    perfect = tf.constant([[100.0] + [0.0] * 9])
    print("softmax once: ", softmax_cross_entropy(perfect, tf.constant([0])).numpy().round(3))
    print("softmax twice:", softmax_cross_entropy(tf.nn.softmax(perfect), tf.constant([0])).numpy().round(3))

# %% [markdown]
# ## 2. A convolution layer: `MyConv2D`
#
# A Keras layer is a class with three methods:
#
# - `build(input_shape)` makes the weights, when the number of input channels is known,
# - `call(x)` computes,
# - `get_config()` says what `__init__` was given, so that the layer can be saved and made again.
#
# `__init__` is written for you. In `build`, make `self.kernel`, of shape `(kh, kw, c_in, filters)`, by
# `self.add_weight(shape=..., initializer="glorot_uniform", name="kernel")`, and `self.bias`, of shape `(filters,)`, with
# the initializer `"zeros"`. In `call`, use `tf.nn.conv2d` and `tf.nn.bias_add`, as `conv_layer` of assignment 2 does:
#
# ```python
# def conv_layer(x, filters, bias, strides=1, padding="SAME"):
#     return tf.nn.bias_add(tf.nn.conv2d(x, filters, strides, padding), bias)
# ```
#
# (`tf.nn` wants the padding in capitals, Keras layers take small letters.) In `get_config`, start from
# `super().get_config()`.


# %%
class MyConv2D(keras.layers.Layer):
    """A 2-D convolution with a bias, as `keras.layers.Conv2D(filters, kernel_size, strides, padding)`.

    Args:
        filters: how many output channels.
        kernel_size: a pair `(kh, kw)`.
        strides: an int or a pair `(sh, sw)`.
        padding: "valid" or "same".
    """

    def __init__(self, filters, kernel_size, strides=1, padding="valid", **kwargs):
        super().__init__(**kwargs)
        self.filters = filters
        self.kernel_size = tuple(kernel_size)
        self.strides = strides
        self.padding = padding

    def build(self, input_shape):
        """Makes `self.kernel` and `self.bias`. `input_shape` is `(batch, height, width, c_in)`."""
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
        """The arguments of `__init__` by name, those of the base class included."""
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
# With the same weights it equals `keras.layers.Conv2D`, and a model with it can be saved to a file and loaded again.

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
# The two functions of assignment 4, as a layer. Two things are new:
#
# - **`training`.** Keras calls the layer with `training=True` inside `fit`; in your own loop you say `model(x,
#   training=True)`, and every layer in the model hears it. Without it, it is `False`: inference.
# - **Weights that are not learnt.** `self.moving_mean` and `self.moving_variance` are weights, because they are saved
#   with the model, but no gradient moves them: `self.add_weight(..., trainable=False)`. In training, `call` assigns the
#   new values: `self.moving_mean.assign(...)`.
#
# In letters, per channel, over all axes but the last:
#
# $$\text{training:}\quad y = \gamma \frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}} + \beta, \qquad
# \text{moving} \leftarrow \text{momentum} \cdot \text{moving} + (1 - \text{momentum}) \cdot \text{batch}$$
#
# $$\text{inference:}\quad y = \gamma \frac{x - \mu_{moving}}{\sqrt{\sigma^2_{moving} + \varepsilon}} + \beta$$
#
# with the biased variance. $\gamma$ begins at 1, $\beta$ at 0, the moving mean at 0, the moving variance at 1. The slides
# of Brown leave out $\varepsilon$; NPFL114 has it.
#
# `tf.nn.moments` may be used, and `tf.nn.batch_normalization` too; that one wants tensors, not a layer's weights:
# `tf.convert_to_tensor(self.gamma)`.


# %%
class MyBatchNorm(keras.layers.Layer):
    """Batch normalization over all axes but the last, as `keras.layers.BatchNormalization(momentum, epsilon)`.

    Args:
        momentum: the weight of the old moving statistics.
        epsilon: is added to the variance inside the root.
    """

    def __init__(self, momentum=0.99, epsilon=1e-3, **kwargs):
        super().__init__(**kwargs)
        self.momentum = momentum
        self.epsilon = epsilon

    def build(self, input_shape):
        """Makes `self.gamma`, `self.beta`, `self.moving_mean` and `self.moving_variance`, each of shape `(channels,)`."""
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
        """The arguments of `__init__` by name, those of the base class included."""
        ### BEGIN SOLUTION
        return super().get_config() | {"momentum": self.momentum, "epsilon": self.epsilon}
        ### END SOLUTION


# %%
check("MyBatchNorm")

# %% [markdown]
# ## 4. The network: `build_model`
#
# Blocks of convolution, ReLU and max pooling, then a dense layer. Some advice that the checks will repeat if need be:
#
# - The model takes **raw pixels**, 0 to 255: begin with `keras.layers.Rescaling(1 / 255)`. Then nobody can scale the
#   training images and forget the test images.
# - It gives **logits**: no activation after the last dense layer, since `softmax_cross_entropy` has the softmax inside.
#   (No sigmoid either: the ten classes exclude each other.)
# - After every convolution a nonlinearity. Two convolutions without one in between are just one convolution.
# - Batch normalization, where you use it, goes "just before a nonlinearity" (NPFL114), and the convolution before it needs
#   no bias. In a run of a few hundred steps take `momentum=0.9`: see part 8.
# - At most 60,000 parameters. A dense layer on a large image eats them all: pool first.
#
# Use `keras.layers` (or `keras.ops`) only, so that the grader can build the model again from its configuration.


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
# LeCun's network of 1998 (slides of NTU and UFAL; "0.8 % test error on MNIST") in the table that is used today:
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
# Work out the four numbers before you build it; `conv_params` of assignment 2 knows them. (The original connected C3 to
# chosen channels only, had trainable pooling and an RBF output. Nobody does that now.)


# %%
def build_lenet5():
    """LeNet-5 for images of 32x32x1: the table above, with logits at the end.

    Returns:
        A Keras model with input `(n, 32, 32, 1)` and output `(n, 10)`, of 61,706 parameters.
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
# Forward with `training=True` under a `tf.GradientTape`, the loss, the gradients with respect to
# `model.trainable_variables` (a frozen layer is not among them), and
# `optimizer.apply_gradients(zip(gradients, variables))`.


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
# Steps on batches until the budget is spent. Three things to take care of:
#
# - **Shuffle.** Many data sets come sorted by label; the ones in the check do. A network that sees the sevens last
#   believes in sevens.
# - **Be repeatable.** Draw the order from `np.random.default_rng(seed)`.
# - **Be quick.** `step = tf.function(train_step)` traces the step once and runs it ten times faster. (Make the optimizer's
#   variables before: `optimizer.build(model.trainable_variables)`.) Traced, the batches should be tensors:
#   `tf.constant(images, tf.float32)`.
#
# `keras.Model.fit` would do all this; once you know how, you may use it here too. Adam with a learning rate of 0.005 is
# a good start.


# %%
def train(model, x, y, seed):
    """Trains a model in at most 200 steps of at most 64 images.

    Args:
        model: a Keras model for raw pixels that gives logits; it is trained in place.
        x: images of shape `(n, height, width, channels)`, uint8, in any order.
        y: their labels, of shape `(n,)`.
        seed: of the order in which images are drawn.

    Returns:
        The losses, a list of one float a step.
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
# Now your network, on the images. The loss begins near $\ln 10 = 2.3$. Never look at the test images to *choose* anything;
# trained on them, a network proves nothing.

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
# **Who is taken for whom?** Each row of the confusion matrix is a true class, each column a predicted one.

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
# **The most confident mistakes.** Where the network is wrong and sure of it, look at the image: often you understand it,
# and sometimes the label is wrong.

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
# **The first layer's filters, and what they see.** NTU: "the first layer learns edges". With few images and few steps
# they are rough, but edges they are: a filter with one light and one dark side answers where the image changes across it.

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
# ## 8. With and without batch normalization
#
# Brown's slide "Batch Normalization: Motivation" shows the accuracy on MNIST's test images against the number of training
# steps: with batch normalization it climbs sooner. Let us draw it for a deeper network and plain gradient descent, and
# add a third curve: batch normalization with Keras's default momentum of 0.99.
#
# **Exercise (ungraded).** Before you run the cell: which of the three will be worst on *test* images after these 80 steps,
# and why? Part 2 of assignment 4 has the numbers: how much of the start is left in a moving average after 80 steps?


# %%
def three_blocks(norm):
    """[conv -> (norm) -> relu] x 2 -> max pool, twice, then a dense layer."""
    layers = [keras.Input(x_train.shape[1:]), keras.layers.Rescaling(1 / 255)]
    for filters in (8, 16):
        for _ in range(2):
            layers += [keras.layers.Conv2D(filters, 3, padding="same"), *norm(), keras.layers.ReLU()]
        layers.append(keras.layers.MaxPooling2D())
    return keras.Sequential([*layers, keras.layers.Flatten(), keras.layers.Dense(CLASSES)])


kinds = {
    "without": lambda: [],
    "momentum 0.9": lambda: [keras.layers.BatchNormalization(momentum=0.9)],
    "momentum 0.99": lambda: [keras.layers.BatchNormalization(momentum=0.99)],
}
with suppress(NotImplementedError):  # draws once train_step is written
    _, panel = plt.subplots(figsize=(6, 3), layout="constrained")
    for name, norm in kinds.items():
        keras.utils.set_random_seed(3)
        model, optimizer = three_blocks(norm), keras.optimizers.SGD(0.05)
        optimizer.build(model.trainable_variables)
        step, rng, steps, share = tf.function(train_step), np.random.default_rng(3), [], []
        for number in range(81):
            if number % 8 == 0:
                steps.append(number)
                share.append(np.mean(np.argmax(logits_of(model, x_test[:400]), axis=1) == y_test[:400]))
            chosen = rng.choice(len(x_train), 32, replace=False)
            step(model, tf.constant(x_train[chosen], tf.float32), tf.constant(y_train[chosen], tf.int32), optimizer)
        panel.plot(steps, share, marker=".", label=name)
    panel.set(title="accuracy on test images", xlabel="training step", ylim=(0, 1))
    panel.legend(title="batch normalization")
    plt.show()

# %% [markdown]
# $0.99^{80} = 0.45$: nearly half of the start (mean 0, variance 1) is still in the moving statistics, while the weights
# were trained for the batch's own. In training the network is as good as the one with 0.9, at inference it is not the
# network that was trained. Train longer, or lower the momentum.
#
# To take with you:
#
# - Take logits to the loss. Look at the first loss: it should be $\ln$ of the number of classes.
# - `training=True` in training, and nothing at inference.
# - The accuracy that counts is the one on images that nothing was chosen by.
