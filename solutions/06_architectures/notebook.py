# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 6. Architectures
#
# The networks of the lectures, from AlexNet (2012) to SENet (2017): first the one idea that is new in each, as a function on
# given weights; then the whole network, as a Keras model that must have exactly the published number of parameters. Of the
# Inceptions after GoogLeNet, you build two blocks. Allow ten hours, in three sittings: sections 1 to 7, 8 to 13, and 14 to 22.
#
# You will learn
#
# - to read an architecture as a table: shapes, parameters, multiply-accumulates;
# - where a network's parameters are, where its time goes, and why these are not the same layers;
# - what each block does to the numbers and to their gradients: groups, Inception, shortcuts, dense blocks, squeeze and
#   excitation;
# - why 20 plain layers train more slowly than 20 with shortcuts, by your own measurement;
# - to check a paper's numbers. Some of the slides' are wrong.
#
# **Builds on** notebook [2](../02_convolution/02_convolution.ipynb) (output sizes, parameters),
# [3](../03_pooling/03_pooling.ipynb) (pooling), [4](../04_batchnorm/04_batchnorm.ipynb) (batch normalization) and
# [5](../05_keras_cnn/05_keras_cnn.ipynb) (Keras models, training).
#
# **Conventions.** Images are `(batch, height, width, channels)`, filters `(kh, kw, c_in, c_out)`, as in `tf.nn.conv2d`. The
# blocks take their weights as a tuple, in the order of the docstring. They have neither biases nor batch normalization, so
# that you can work them by hand; the networks have what the papers have. Compute with TensorFlow operations: gradients are
# compared, too.
#
# **Networks** are Keras models that give logits. Each builder takes
#
# - `width`: every number of filters and hidden units is multiplied by it (`int(width * 64)`; the checks use widths for which
#   this is a whole number), so a small copy can be built in no time;
# - `classes`: how many logits;
# - `input_shape`: `(height, width, channels)` of the images. The pixels go in as they are.
#
# Use `keras.layers` (or `keras.ops`) only: the grader builds your model again from its configuration.
#
# **Sources.** Brown CSCI 1470 (B), EPFL Artificial Neural Networks lecture 8, NTU Deep Learning for Computer Vision (N),
# UFAL NPFL114 lecture 4 (P), and the papers that they show.

# %%
from contextlib import suppress

from autograder import check
from autograder.datasets import load_data
import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf

layers = keras.layers

# %% [markdown]
# ## 1. How networks are compared: `top_k_error`
#
# ImageNet has 1,000 classes, 1.2 million training images, and pictures that show more than one thing. So a network may
# name five classes "in order of decreasing confidence" (B), and it fails only if the right one is not among them: the
# **top-5 error rate**. Brown's examples:
#
# | | zebra | puffer fish |
# |---|---|---|
# | 1 | carpet | sponge |
# | 2 | **zebra** | person |
# | 3 | llama | llama |
# | 4 | flower | flower |
# | 5 | horse | boat |
# | top 1 | wrong | wrong |
# | top 5 | right | wrong |
#
# One thing the slide leaves open: **ties**. A network that gives all 1,000 classes the same score knows nothing, but a
# careless count makes it perfect. Here ties count against the network: an image is right if *fewer than $k$ of the other classes
# have a score as high as the right one's, or higher*.
#
# $$\text{error} = \frac{1}{n} \sum_{i=1}^n \Big[\, \#\{ c \ne t_i : s_{ic} \ge s_{i t_i} \} \ge k \,\Big]$$


# %%
def top_k_error(scores, labels, k):
    """The share of images whose class is not among the `k` best; ties count against the network.

    Args:
        scores: Tensor of shape `(n, classes)`, float32 or float64: logits or probabilities.
        labels: Whole numbers of shape `(n,)`, the right classes.
        k: how many classes may be named, an int.

    Returns:
        The error from 0 to 1, a scalar tensor of the dtype of `scores`.

    Example:

    >>> scores = tf.constant([[.1, .7, .2], [.5, .3, .2]])
    >>> [float(top_k_error(scores, tf.constant([1, 2]), k)) for k in (1, 3)]
    [0.5, 0.0]
    """
    ### BEGIN SOLUTION
    own = tf.gather(scores, labels, axis=1, batch_dims=1)[:, None]
    at_least = tf.reduce_sum(tf.cast(scores >= own, tf.int32), axis=1)  # the class itself is one of them
    return tf.reduce_mean(tf.cast(at_least > k, scores.dtype))
    ### END SOLUTION


# %%
check("top_k_error")

# %% [markdown]
# **Predict, then look.** A network of 100 classes guesses at random. What is its top-1 error, and what its top-5 error?
#
# <details><summary>Answer</summary>
#
# The right class is the best of 100 with probability 1/100, and among the best five with 5/100. So 99 % and 95 %. With all
# scores equal, and ties counted for the network, both would be 0 %.
#
# </details>

# %%
with suppress(NotImplementedError):  # runs once top_k_error is written
    guesses = tf.random.stateless_uniform((20_000, 100), seed=(1, 2))
    answers = tf.random.stateless_uniform((20_000,), seed=(3, 4), maxval=100, dtype=tf.int32)
    for k in (1, 5, 50):
        print(f"guessing among 100 classes: top-{k} error {float(top_k_error(guesses, answers, k)):.1%}")
    print(f"all scores equal:           top-5 error {float(top_k_error(tf.zeros((9, 100)), answers[:9], 5)):.1%}")

# %% [markdown]
# **Reading the slides with care.** AlexNet's top-5 error is 15.3 % (B), "16 %" and, three slides later, 18.2 % (N), and
# 16.4 % (P). All four are in the paper or on the challenge's page: 18.2 % is one network on the validation images, 16.4 %
# five networks, 15.3 % seven networks of which two were trained on more images, and 16 % is a rounding. **An error
# rate means nothing without its test set, its crops and its number of networks.** Cite the source with the number.
#
# ## 2. Several networks: `ensemble`
#
# "7 independently trained models were ensembled" (P, of GoogLeNet). Each network gives probabilities; their mean is the
# ensemble's answer:
#
# $$p_{nc} = \frac{1}{M} \sum_{m=1}^M \text{softmax}(z_{mn})_c .$$
#
# **Softmax first, then the mean.** Logits have no common scale: one network's 20 may be another's 2. With the mean of
# the logits, the network with the largest logits decides.
#
# | | logits | probabilities |
# |---|---|---|
# | network 1 | 100, 0 | 1, 0 |
# | network 2 | 0, 0 | 1/2, 1/2 |
# | ensemble | | **3/4, 1/4** |


# %%
def ensemble(scores):
    """The mean of the probabilities that several networks give.

    Args:
        scores: Tensor of shape `(networks, n, classes)`, float32 or float64: each network's logits, of any size.

    Returns:
        A tensor of shape `(n, classes)`, of the dtype of `scores`; each row sums to 1.

    Example:

    >>> ensemble(tf.constant([[[100., 0.]], [[0., 0.]]])).numpy()
    array([[0.75, 0.25]], dtype=float32)
    """
    ### BEGIN SOLUTION
    return tf.reduce_mean(tf.nn.softmax(scores, axis=-1), axis=0)
    ### END SOLUTION


# %%
check("ensemble")

# %% [markdown]
# Seven weak classifiers on the digits, each trained on 100 images of its own. Each makes mistakes of its own; their mean
# makes fewer than the best of them.


# %%
def weak_classifier(seed):
    """A linear softmax classifier, trained on 100 digits: its weights `(784, 10)`."""
    x, y = digits_train
    chosen = np.random.default_rng(seed).choice(len(x), 100, replace=False)
    inputs, wanted, weights = x[chosen], np.eye(10)[y[chosen]], np.zeros((784, 10))
    for _ in range(150):
        scores = inputs @ weights
        chances = np.exp(scores - scores.max(axis=1, keepdims=True))
        chances /= chances.sum(axis=1, keepdims=True)
        weights -= 0.02 * inputs.T @ (chances - wanted) / 10
    return weights


with suppress(NotImplementedError):  # draws once top_k_error and ensemble are written
    digits_train, digits_test = (
        (images.reshape(len(images), -1) / 255.0, labels.astype(int)) for images, labels in load_data("digits")
    )
    scores = tf.constant(np.stack([digits_test[0] @ weak_classifier(seed) for seed in range(7)]))
    single = [float(top_k_error(one, digits_test[1], 1)) for one in scores]
    grown = [float(top_k_error(ensemble(scores[: m + 1]), digits_test[1], 1)) for m in range(7)]
    _, panel = plt.subplots(figsize=(6, 2.6), layout="constrained")
    panel.bar(range(1, 8), single, color="lightsteelblue", label="each network alone")
    panel.plot(range(1, 8), grown, "o-", color="tab:orange", label="the first 1, 2, ..., 7 together")
    panel.set(title="top-1 error on test digits", xlabel="network", ylim=(0, 1.5 * max(single)))
    panel.legend(loc="upper left", ncols=2)
    plt.show()

# %% [markdown]
# ## 3. An architecture is a table: `layer_table`
#
# NTU prints AlexNet as a list: for each layer the shape of its output. From such a list everything else follows. A layer
# is a tuple here, and a network a list of them:
#
# | tuple | layer |
# |---|---|
# | `("conv", filters, size, stride, pad, groups, bias)` | convolution with square filters; `pad` zeros on each side; `bias` True or False |
# | `("pool", size, stride, pad)` | pooling, of any kind |
# | `("norm",)` | AlexNet's response normalization: no parameters |
# | `("batch norm",)` | batch normalization |
# | `("dense", units)` | a dense layer with biases; what comes in is flattened |
#
# The formulas, with $c$ channels coming in, $k$ filters of $f \times f$, $g$ groups, padding $p$, stride $s$:
#
# $$n' = \left\lfloor \frac{n + 2p - f}{s} \right\rfloor + 1, \qquad
# \text{weights} = f^2 \cdot \frac{c}{g} \cdot k, \qquad
# \text{products} = \text{weights} \cdot h' w'$$
#
# - **Rounding is down**, for pooling too. (Caffe rounded pooling up; copies of its networks often get this wrong.)
# - **Groups** (AlexNet had two, one for each GPU): each filter sees only the channels of its group. See section 5.
# - **Batch normalization** has two *trainable* parameters per channel, $\gamma$ and $\beta$. The moving mean and variance are
#   stored with the model, but no gradient moves them: they are no trainable parameters.
# - **Products** are multiplications of an input by a weight (*multiply-accumulates*), for one image. Only convolutions and
#   dense layers have any; biases, pooling and normalization are not counted. The slides call them "FLOPs" (N), though
#   strictly a multiplication and an addition are two operations: their 3.86 "GFLOPs" are $3.86 \cdot 10^9$ products.
#
# **By hand**: AlexNet's first layer. $(227 - 11)/4 + 1 = 55$, so $55 \times 55 \times 96$; $11 \cdot 11 \cdot 3 \cdot 96 =
# 34{,}848$ weights and 96 biases; $34{,}848 \cdot 55 \cdot 55 = 105{,}415{,}200$ products.

# %%
ALEXNET = [  # NTU's list; the two groups of the paper are left out, as on the slide ("simplified")
    ("conv", 96, 11, 4, 0, 1, True),
    ("pool", 3, 2, 0),
    ("norm",),
    ("conv", 256, 5, 1, 2, 1, True),
    ("pool", 3, 2, 0),
    ("norm",),
    ("conv", 384, 3, 1, 1, 1, True),
    ("conv", 384, 3, 1, 1, 1, True),
    ("conv", 256, 3, 1, 1, 1, True),
    ("pool", 3, 2, 0),
    ("dense", 4096),
    ("dense", 4096),
    ("dense", 1000),
]


# %%
def layer_table(layers, input_shape):
    """Shapes, trainable parameters and products of a chain of layers.

    Args:
        layers: a list of tuples, as in the table above.
        input_shape: `(height, width, channels)` of the images.

    Returns:
        A tuple of three integer arrays (int64: some products are beyond int32):

        - shapes, `(len(layers), 3)`: height, width and channels after each layer; a dense layer gives `(1, 1, units)`;
        - trainable parameters, `(len(layers),)`;
        - products for one image, `(len(layers),)`.

    Example:

    >>> shapes, parameters, products = layer_table([("conv", 96, 11, 4, 0, 1, True), ("pool", 3, 2, 0)], (227, 227, 3))
    >>> shapes.tolist(), parameters.tolist(), products.tolist()
    ([[55, 55, 96], [27, 27, 96]], [34944, 0], [105415200, 0])
    """
    ### BEGIN SOLUTION
    height, width, channels = input_shape
    shapes, parameters, products = [], [], []
    for kind, *numbers in layers:
        weights = others = places = 0
        if kind in ("conv", "pool"):
            size, stride, pad = numbers[1:4] if kind == "conv" else numbers
            height, width = ((n + 2 * pad - size) // stride + 1 for n in (height, width))
        if kind == "conv":
            filters, groups, bias = numbers[0], *numbers[4:]
            weights, others, places = size * size * channels // groups * filters, filters * bias, height * width
            channels = filters
        elif kind == "batch norm":
            others = 2 * channels
        elif kind == "dense":
            weights, others, places = height * width * channels * numbers[0], numbers[0], 1
            height, width, channels = 1, 1, numbers[0]
        shapes.append((height, width, channels))
        parameters.append(weights + others)
        products.append(weights * places)
    return tuple(np.array(column, np.int64) for column in (shapes, parameters, products))
    ### END SOLUTION


# %%
check("layer_table")

# %% [markdown]
# **Predict, then look.** AlexNet has five convolutions and three dense layers. Which of the two groups has
# more parameters, which does more multiplications, and by how much?
#
# <details><summary>Answer</summary>
#
# The dense layers hold 94 % of the parameters, the convolutions do 95 % of the multiplications. EPFL: "Convolutional
# layers. Over 90 % of computation time." A filter is small and is used at every place of the image; a dense weight is used
# once. So a dense layer makes a network large, a convolution makes it slow.
#
# </details>


# %%
def bars(rows, title):
    """Parameters and products of each layer, and where they are."""
    names, parameters, products = zip(*rows, strict=True)
    _, panels = plt.subplots(1, 2, figsize=(10, 0.9 + 0.2 * len(rows)), layout="constrained", sharey=True)
    for panel, values, what, unit in zip(
        panels, (parameters, products), ("parameters", "products"), (1e6, 1e9), strict=True
    ):
        colors = ["tab:red" if name.startswith("dense") else "tab:blue" for name in names]
        panel.barh(range(len(names)), np.array(values) / unit, color=colors)
        panel.set(
            yticks=range(len(names)), yticklabels=names, xlabel=f"{what}, {'millions' if unit == 1e6 else 'billions'}"
        )
        total = f"{sum(values) / unit:.1f} M" if unit == 1e6 else f"{sum(values) / unit:.2f} G"
        panel.set_title(f"{title}: {total} {what}", fontsize=10)
    panels[0].invert_yaxis()
    plt.show()


def named(layers, table):
    """The rows of `layer_table` that have weights, with names to be shown."""
    sizes = {"conv": lambda n: f"conv {n[1]}x{n[1]}, {n[0]}", "dense": lambda n: f"dense {n[0]}"}
    return [
        (sizes[kind](numbers), *row)
        for (kind, *numbers), *row in zip(layers, table[1], table[2], strict=True)
        if kind in sizes
    ]


with suppress(NotImplementedError):  # draws once layer_table is written
    table = layer_table(ALEXNET, (227, 227, 3))
    print(" → ".join("x".join(map(str, shape)) for shape in table[0].tolist()))
    print(f"parameters {table[1].sum():,}; the slide: 60M. With two groups: 60,965,224")
    neurons = sum(int(np.prod(s)) for (kind, *_), s in zip(ALEXNET, table[0], strict=True) if kind in ("conv", "dense"))
    print(f"outputs of layers with weights, {neurons:,}; the slide: 650,000 neurons")
    bars(named(ALEXNET, table), "AlexNet")

# %% [markdown]
# **Exercise (ungraded).** P cuts patches of 224x224 for AlexNet, N's table begins with 227x227. Run the table with 224. What
# becomes of the shapes, and of the number of parameters? Which layer's parameters change?
#
# <details><summary>Answer</summary>
#
# $\lfloor (224 - 11)/4 \rfloor + 1 = 54$, then 26, 12 and 5: the last map is $5 \times 5 \times 256$, and the first dense
# layer has $6400 \cdot 4096$ weights instead of $9216 \cdot 4096$: 50,844,008 parameters in all. The rounding matters
# here: rounded up, the poolings give 27, 13 and 6, and the parameters are as many as with 227.
#
# </details>
#
# ## 4. What does a layer carry? `without_layers`
#
# NTU shows an experiment (Zeiler and Fergus 2013): take layers out of AlexNet, train again, and look at the error. Its
# claims:
#
# | taken out | fewer parameters | drop in performance |
# |---|---|---|
# | layer 7 | 16 million | 1.1 % |
# | layers 6 and 7 | 50 million | 5.7 % |
# | the middle convolutions (3 and 4) | 1 million | 3 % |
# | all four | | 33 % |
#
# Check the second column. Take care: when a layer goes, **the next one grows or shrinks**, because it has other inputs.


# %%
def without_layers(layers, input_shape, removed):
    """What a chain of layers saves when some are taken out and the others are connected again.

    Args:
        layers: as for `layer_table`.
        input_shape: `(height, width, channels)` of the images.
        removed: a list of positions in `layers`, counted from 0, in any order.

    Returns:
        A tuple `(parameters, products)` of Python ints: how many fewer there are. Negative if there are more.

    Example:

    >>> without_layers([("dense", 100), ("dense", 10), ("dense", 2)], (1, 1, 5), [1])
    (830, 820)
    """
    ### BEGIN SOLUTION
    kept = [layer for position, layer in enumerate(layers) if position not in removed]
    before, after = layer_table(layers, input_shape), layer_table(kept, input_shape)
    return tuple(int(before[column].sum() - after[column].sum()) for column in (1, 2))
    ### END SOLUTION


# %%
check("without_layers")

# %% [markdown]
# **Predict, then look.** In the list `ALEXNET`, layer 7 is at position 11, layer 6 at 10, and the convolutions 3 and 4 at 6
# and 7. Does the slide's column hold?

# %%
with suppress(NotImplementedError):  # runs once without_layers is written
    for what, removed in {"layer 7": [11], "layers 6 and 7": [10, 11], "convolutions 3 and 4": [6, 7]}.items():
        parameters, products = without_layers(ALEXNET, (227, 227, 3), removed)
        print(f"without {what:20} {parameters:>10,} parameters fewer, {products / 1e6:6.1f} M products fewer")

# %% [markdown]
# <details><summary>What to see</summary>
#
# 16.8 million and 49.4 million: the slide is right, and for 49.4 the last layer has to grow from $4096 \cdot 1000$ to $9216
# \cdot 1000$ weights. But the **middle convolutions carry 2.5 million, not 1** (1.7 million with AlexNet's two groups). The
# conclusion stands, and gets stronger: the convolutions cost little memory, and the error needs them.
#
# </details>
#
# ## 5. Two GPUs: `grouped_conv2d`
#
# AlexNet did not fit on one graphics card. So two cards got half of the channels each, and in the layers 2, 4 and 5 each
# half looked at its own channels only. That is a **grouped convolution**: cut the input's channels into $g$ equal pieces,
# convolve each with its own filters, and put the results side by side.
#
# $$y = \big[\, x_1 * w_1,\; x_2 * w_2,\; \dots,\; x_g * w_g \,\big]$$
#
# Piece $i$ of the input is channels $i c/g$ to $(i+1) c/g - 1$. The filters are stored in one array
# $(k_h, k_w, c_{in}/g, c_{out})$: a filter sees $c_{in}/g$ channels only, and the first $c_{out}/g$ filters belong to the first
# piece. So a grouped convolution has $g$ times fewer weights and products. (`tf.nn.conv2d` accepts such filters, too, but on many
# computers it has no gradient for them. Work on the pieces.)
#
# **By hand**: one pixel with the channels $(1, 2, 3, 4)$, two groups, one 1x1 filter each, $(1, 10)$ for the first and
# $(100, 1000)$ for the second: $y = (1 + 20,\; 300 + 4000) = (21, 4300)$.
#
# Five years later, groups came back as an idea of their own: ResNeXt's "cardinality" (N), section 15.


# %%
def grouped_conv2d(x, filters, groups, strides=1, padding="SAME"):
    """A convolution whose channels are cut into groups that do not see each other.

    Args:
        x: Tensor of shape `(batch, height, width, c_in)`, float32 or float64.
        filters: Tensor of shape `(kh, kw, c_in // groups, c_out)`, of the dtype of `x`.
        groups: how many, an int that divides `c_in` and `c_out`.
        strides: an int or a pair `(sh, sw)`.
        padding: "SAME" or "VALID".

    Returns:
        A tensor of shape `(batch, height', width', c_out)`, of the dtype of `x`.

    Example:

    >>> x, filters = tf.constant([[[[1., 2., 3., 4.]]]]), tf.constant([[[[1., 100.], [10., 1000.]]]])
    >>> grouped_conv2d(x, filters, 2).numpy().ravel()
    array([  21., 4300.], dtype=float32)
    """
    ### BEGIN SOLUTION
    pieces = zip(tf.split(x, groups, axis=-1), tf.split(filters, groups, axis=-1), strict=True)
    return tf.concat([tf.nn.conv2d(piece, own, strides, padding) for piece, own in pieces], axis=-1)
    ### END SOLUTION


# %%
check("grouped_conv2d")

# %% [markdown]
# Which input channels does an output channel see? A dark square is a connection. With as many groups as channels, each
# channel is filtered on its own: a *depthwise* convolution.

# %%
with suppress(NotImplementedError):  # draws once grouped_conv2d is written
    one_hot = tf.reshape(tf.eye(8), (8, 1, 1, 8))  # eight images, each with one channel
    seen = {
        groups: grouped_conv2d(one_hot, tf.ones((1, 1, 8 // groups, 8)), groups)[:, 0, 0].numpy().T
        for groups in (1, 2, 4, 8)
    }
    _, panels = plt.subplots(1, 4, figsize=(9, 2.4), layout="constrained")
    for panel, (groups, connected) in zip(panels, seen.items(), strict=True):
        panel.imshow(connected, cmap="Blues", vmin=0, vmax=1.3)
        panel.set(
            title=f"{groups} group{'s' * (groups > 1)}: {int(connected.sum())} weights",
            xlabel="input channel",
            xticks=[],
            yticks=[],
        )
    panels[0].set_ylabel("output channel")
    plt.show()

# %% [markdown]
# ## 6. AlexNet: `build_alexnet`
#
# The list of section 3 as a Keras model, with P's details: ReLU after every layer but the last, "dropout with rate 0.5 on
# the fully-connected layers (except for the output layer)", that is, after the ReLU. The response normalization is left out:
# it has no parameters, and nobody uses it any more.
#
# - `pad 0` is Keras's `padding="valid"`. The 5x5 convolution with `pad 2` and the 3x3 ones with `pad 1` keep the size:
#   `padding="same"`. The poolings are 3x3 with stride 2, "valid".
# - With `groups=2` the second, fourth and fifth convolution have two groups (`layers.Conv2D(..., groups=2)`), as in the paper.


# %%
def build_alexnet(width=1, classes=1000, input_shape=(227, 227, 3), groups=1):
    """AlexNet: five convolutions, three poolings, three dense layers.

    Args:
        width: a factor for all numbers of filters and hidden units.
        classes: how many logits.
        input_shape: `(height, width, channels)` of the images.
        groups: of the second, fourth and fifth convolution: 1 or 2.

    Returns:
        A Keras model from images to logits: ReLU after every convolution and hidden dense layer, dropout with rate 0.5 after
        the ReLU of the two hidden dense layers. With the defaults it has 62,378,344 parameters, with `groups=2` 60,965,224.

    Example:

    >>> build_alexnet(1 / 16, 10).output_shape
    (None, 10)
    """

    ### BEGIN SOLUTION
    def conv(filters, size, **settings):
        return layers.Conv2D(int(width * filters), size, activation="relu", **settings)

    def pool():
        return layers.MaxPooling2D(3, 2)

    def dense():
        return [layers.Dense(int(width * 4096), activation="relu"), layers.Dropout(0.5)]

    return keras.Sequential(
        [
            keras.Input(input_shape),
            conv(96, 11, strides=4),
            pool(),
            conv(256, 5, padding="same", groups=groups),
            pool(),
            conv(384, 3, padding="same"),
            conv(384, 3, padding="same", groups=groups),
            conv(256, 3, padding="same", groups=groups),
            pool(),
            layers.Flatten(),
            *dense(),
            *dense(),
            layers.Dense(classes),
        ]
    )
    ### END SOLUTION


# %%
check("build_alexnet")

# %% [markdown]
# ## 7. Small filters, many layers: VGG and `build_vgg`
#
# P's takeaway: "Usually repeated 3x3 convolutions are enough, no need for larger filter sizes", and "when pooling is
# performed, double the number of channels". VGG (2014) is just that: five stages of 3x3 convolutions ("same", ReLU), each
# closed by a 2x2 max pooling with stride 2, then AlexNet's dense layers with their dropout.
#
# | stage | filters | VGG-11 | VGG-13 | VGG-16 | VGG-19 |
# |---|---|---|---|---|---|
# | 1 | 64 | 1 | 2 | 2 | 2 |
# | 2 | 128 | 1 | 2 | 2 | 2 |
# | 3 | 256 | 2 | 2 | 3 | 4 |
# | 4 | 512 | 2 | 2 | 3 | 4 |
# | 5 | 512 | 2 | 2 | 3 | 4 |
# | parameters | | 132,863,336 | 133,047,848 | 138,357,544 | 143,667,240 |
#
# The number in the name counts the layers with weights: $13 + 3 = 16$.

# %%
VGG_STAGES = {
    11: (1, 1, 2, 2, 2),
    13: (2, 2, 2, 2, 2),
    16: (2, 2, 3, 3, 3),
    19: (2, 2, 4, 4, 4),
    6: (1, 2),  # no network of the paper: a short one with two stages, for the checks
    7: (2, 1, 1),
}


# %%
def build_vgg(depth, width=1, classes=1000, input_shape=(224, 224, 3)):
    """A VGG network.

    Args:
        depth: a key of `VGG_STAGES`, which holds the number of convolutions in each stage.
        width: a factor for all numbers of filters and hidden units.
        classes: how many logits.
        input_shape: `(height, width, channels)` of the images.

    Returns:
        A Keras model from images to logits: stages of 64, 128, 256, 512 and 512 filters, two hidden dense layers of 4096 with ReLU
        and dropout (rate 0.5), and a dense layer of logits.

    Example:

    >>> build_vgg(11, 1 / 16, 10).output_shape
    (None, 10)
    """
    ### BEGIN SOLUTION
    model = keras.Sequential([keras.Input(input_shape)])
    for filters, count in zip((64, 128, 256, 512, 512), VGG_STAGES[depth]):
        for _ in range(count):
            model.add(layers.Conv2D(int(width * filters), 3, padding="same", activation="relu"))
        model.add(layers.MaxPooling2D(2))
    model.add(layers.Flatten())
    for _ in range(2):
        model.add(layers.Dense(int(width * 4096), activation="relu"))
        model.add(layers.Dropout(0.5))
    model.add(layers.Dense(classes))
    return model
    ### END SOLUTION


# %%
check("build_vgg")

# %% [markdown]
# **Exercise (ungraded).** VGG-16 as a list for `layer_table`. Its products should be the slide's 15.47 "GFLOPs" (N). Which one
# layer holds most of the 138 million parameters, and what does P say about such layers?
#
# <details><summary>Answer</summary>
#
# The first dense layer: $7 \cdot 7 \cdot 512 \cdot 4096 = 102.8$ million, 74 % of all. "If your network is deep enough, final
# fully connected layers are not needed, and global average pooling is enough" (P). Every network below follows that.
#
# </details>

# %%
VGG16 = [
    layer
    for filters, count in zip((64, 128, 256, 512, 512), VGG_STAGES[16], strict=True)
    for layer in [("conv", filters, 3, 1, 1, 1, True)] * count + [("pool", 2, 2, 0)]
] + [("dense", 4096), ("dense", 4096), ("dense", 1000)]

with suppress(NotImplementedError):  # draws once layer_table is written
    bars(named(VGG16, layer_table(VGG16, (224, 224, 3))), "VGG-16")

# %% [markdown]
# ## 8. Several filter sizes at once: `inception_block`
#
# How large should a filter be? GoogLeNet (2014, P) does not decide: an *Inception block* runs four paths side by side and
# concatenates their channels.
#
# | path | layers |
# |---|---|
# | 1 | 1x1 convolution |
# | 2 | 1x1 convolution, 3x3 convolution |
# | 3 | 1x1 convolution, 5x5 convolution |
# | 4 | 3x3 max pooling with stride 1, 1x1 convolution |
#
# All "SAME", stride 1, and a ReLU after every convolution. The 1x1 convolutions in the paths 2 and 3 are P's "dimensionality
# reduction": the 5x5 filters see 16 channels instead of 192. The pooling pads with $-\infty$, as always.
#
# GoogLeNet's first block (3a) takes $28 \times 28 \times 192$ and has 64, 96 → 128, 16 → 32 and 32 filters: $28 \times 28
# \times (64 + 128 + 32 + 32) = 28 \times 28 \times 256$.


# %%
def inception_block(x, weights):
    """An Inception block with dimensionality reduction, without biases.

    Args:
        x: Tensor of shape `(batch, height, width, c)`, float32 or float64.
        weights: a tuple of six filters: `(one, three_reduce, three, five_reduce, five, pool)`: of path 1; of path 2, first
            1x1, then 3x3; of path 3, first 1x1, then 5x5; and the 1x1 after the pooling.

    Returns:
        A tensor of shape `(batch, height, width, channels of the four paths together)`, the paths in the order of the table.

    Example:

    >>> one = tf.ones((1, 1, 1, 1))
    >>> weights = (one, one, tf.ones((3, 3, 1, 1)), one, tf.ones((5, 5, 1, 1)), one)
    >>> inception_block(tf.constant([[[[1.], [2.]]]]), weights).numpy()[0, 0]
    array([[1., 3., 3., 2.],
           [2., 3., 3., 2.]], dtype=float32)
    """
    ### BEGIN SOLUTION
    one, three_reduce, three, five_reduce, five, pool = weights

    def conv(x, filters):
        return tf.nn.relu(tf.nn.conv2d(x, filters, 1, "SAME"))

    pooled = tf.nn.max_pool2d(x, 3, 1, "SAME")
    paths = (
        conv(x, one),
        conv(conv(x, three_reduce), three),
        conv(conv(x, five_reduce), five),
        conv(pooled, pool),
    )
    return tf.concat(paths, axis=-1)
    ### END SOLUTION


# %%
check("inception_block")

# %% [markdown]
# **Predict, then look.** Block 3a without the reductions would run its 3x3 and 5x5 filters on all 192 channels, and pass on
# the 192 pooled ones. How many times more products is that?

# %%
with suppress(NotImplementedError):  # runs once layer_table is written

    def products(*chain):
        """Of a chain of (size, filters) on 28x28x192."""
        return int(layer_table([("conv", k, f, 1, f // 2, 1, False) for f, k in chain], (28, 28, 192))[2].sum())

    naive = products((1, 64)) + products((3, 128)) + products((5, 32))
    reduced = products((1, 64)) + products((1, 96), (3, 128)) + products((1, 16), (5, 32)) + products((1, 32))
    print(
        f"without reductions {naive / 1e6:.0f} M products, with them {reduced / 1e6:.0f} M: {naive / reduced:.1f} times"
    )
    print("and the next block gets", 64 + 128 + 32 + 192, "channels without them, 256 with them")

# %% [markdown]
# ## 9. Large filters from small ones: `factorized`
#
# Inception v2 and v3 (2015, P) go on: a 5x5 convolution becomes **two 3x3** in a row, which see the same 5x5 pixels, and an
# $n \times n$ convolution becomes **$1 \times n$ and then $n \times 1$**. With the same number of channels everywhere:
#
# | | weights | share |
# |---|---|---|
# | 5x5 → 3x3, 3x3 | 25 → 9 + 9 | 18/25 = 72 % |
# | 3x3 → 1x3, 3x1 | 9 → 3 + 3 | 67 % |
# | 7x7 → 1x7, 7x1 | 49 → 7 + 7 | 29 % |
#
# What is lost? Without a nonlinearity between them, two convolutions ("VALID", stride 1) *are* one, and its filter is
#
# $$w_{a,b,i,o} = \sum_{u + p = a}\; \sum_{v + q = b}\; \sum_m \text{first}_{u,v,i,m} \cdot \text{second}_{p,q,m,o} .$$
#
# Compute that filter. Not every 5x5 filter can be made this way, and of the $n \times n$ ones only those of rank 1 (with one
# channel in between). The papers put a ReLU in between and report that this works better than the linear version.
#
# **By hand**: $1 \times 2$ with the weights $(1, 2)$, then $2 \times 1$ with $(3, 4)$, one channel:
#
# $$\begin{bmatrix} 3 & 6 \\ 4 & 8 \end{bmatrix}$$


# %%
def factorized(first, second):
    """The single filter that does the same as two convolutions in a row, and the share of its weights that the two have.

    Args:
        first: the first filters, a tensor of shape `(fh, fw, c_in, c)`, float32 or float64.
        second: the second ones, `(sh, sw, c, c_out)`, of the dtype of `first`.

    Returns:
        A tuple of

        - the filters of the one convolution, `(fh + sh - 1, fw + sw - 1, c_in, c_out)`, of the dtype of `first`;
        - the share: the number of weights in `first` and `second` over the number in the one; a float, or a scalar tensor of that
          dtype.

    Example:

    >>> both, share = factorized(tf.constant([1., 2.])[None, :, None, None], tf.constant([3., 4.])[:, None, None, None])
    >>> both.numpy().squeeze().tolist(), float(share)
    ([[3.0, 6.0], [4.0, 8.0]], 1.0)
    """
    ### BEGIN SOLUTION
    sh, sw = second.shape[:2]
    moved = [
        tf.pad(tf.tensordot(first, second[p, q], 1), ((p, sh - 1 - p), (q, sw - 1 - q), (0, 0), (0, 0)))
        for p in range(sh)
        for q in range(sw)
    ]
    both = tf.add_n(moved)
    share = (np.prod(first.shape) + np.prod(second.shape)) / np.prod(both.shape)
    return both, tf.constant(share, first.dtype)
    ### END SOLUTION


# %%
check("factorized")

# %%
with suppress(NotImplementedError):  # runs once factorized is written
    x = tf.random.stateless_normal((1, 9, 9, 4), seed=(1, 2))
    a, b = (tf.random.stateless_normal((3, 3, 4, 4), seed=(3, n)) for n in (1, 2))
    both, share = factorized(a, b)
    twice = tf.nn.conv2d(tf.nn.conv2d(x, a, 1, "VALID"), b, 1, "VALID")
    once = tf.nn.conv2d(x, both, 1, "VALID")
    print(
        f"two 3x3 or one 5x5: largest difference {np.abs(twice - once).max():.1e}; share of the weights {float(share):.2f}"
    )

# %% [markdown]
# ## 10. GoogLeNet: `build_googlenet`
#
# Nine Inception blocks after a stem, and at the end a global average pooling instead of AlexNet's huge dense layers:
#
# | layers | filters |
# |---|---|
# | convolution 7x7, stride 2; max pooling 3x3, stride 2 | 64 |
# | convolution 1x1; convolution 3x3; max pooling 3x3, stride 2 | 64; 192 |
# | Inception 3a, 3b; max pooling 3x3, stride 2 | the table below |
# | Inception 4a to 4e; max pooling 3x3, stride 2 | |
# | Inception 5a, 5b | |
# | global average pooling; dropout with rate 0.4; dense layer | logits |
#
# Every convolution has a bias and a ReLU; everything is "same". The paper's response normalization and its two auxiliary heads,
# which helped in training only, are left out. So is batch normalization: it came a year later ("Inception with BatchNorm", P).

# %%
GOOGLENET = [  # path 1; path 2: 1x1 → 3x3; path 3: 1x1 → 5x5; path 4
    (64, 96, 128, 16, 32, 32),  # 3a
    (128, 128, 192, 32, 96, 64),  # 3b
    "pool",
    (192, 96, 208, 16, 48, 64),  # 4a
    (160, 112, 224, 24, 64, 64),  # 4b
    (128, 128, 256, 24, 64, 64),  # 4c
    (112, 144, 288, 32, 64, 64),  # 4d
    (256, 160, 320, 32, 128, 128),  # 4e
    "pool",
    (256, 160, 320, 32, 128, 128),  # 5a
    (384, 192, 384, 48, 128, 128),  # 5b
]


# %%
def build_googlenet(width=1, classes=1000, input_shape=(224, 224, 3), blocks=GOOGLENET):
    """GoogLeNet (Inception v1) without auxiliary heads.

    Args:
        width: a factor for all numbers of filters.
        classes: how many logits.
        input_shape: `(height, width, channels)` of the images.
        blocks: what stands between the stem and the average, as in `GOOGLENET`; the checks use fewer blocks.

    Returns:
        A Keras model from images to logits. The four paths of a block are concatenated in the order of the table in section 8. With
        the defaults it has 6,998,552 parameters.

    Example:

    >>> build_googlenet(1 / 8, 10).output_shape
    (None, 10)
    """

    ### BEGIN SOLUTION
    def conv(x, filters, size, strides=1):
        return layers.Conv2D(int(width * filters), size, strides, "same", activation="relu")(x)

    def pool(x, strides=2):
        return layers.MaxPooling2D(3, strides, "same")(x)

    inputs = keras.Input(input_shape)
    x = pool(conv(inputs, 64, 7, 2))
    x = pool(conv(conv(x, 64, 1), 192, 3))
    for block in blocks:
        if block == "pool":
            x = pool(x)
            continue
        one, three_reduce, three, five_reduce, five, pooled = block
        paths = [
            conv(x, one, 1),
            conv(conv(x, three_reduce, 1), three, 3),
            conv(conv(x, five_reduce, 1), five, 5),
            conv(pool(x, 1), pooled, 1),
        ]
        x = layers.Concatenate()(paths)
    x = layers.Dropout(0.4)(layers.GlobalAveragePooling2D()(x))
    return keras.Model(inputs, layers.Dense(classes)(x))
    ### END SOLUTION


# %%
check("build_googlenet")

# %% [markdown]
# A picture of a model's graph. A box is a chain of layers; where the paths part or meet, a new box begins.

# %%
COLORS = {"Conv2D": "#cfe2f3", "Add": "#f9cb9c", "Concatenate": "#d9ead3", "Multiply": "#ead1dc", "InputLayer": "white"}


def words(layer):
    """A layer as a line of text."""
    name = type(layer).__name__
    activation = getattr(getattr(layer, "activation", None), "__name__", "linear")
    active = "" if activation == "linear" else f" + {activation}"
    if name == "Conv2D":
        size, step = "x".join(map(str, layer.kernel_size)), f"/{layer.strides[0]}" if layer.strides[0] > 1 else ""
        groups = f", {layer.groups} groups" if layer.groups > 1 else ""
        return f"conv {size}{step}, {layer.filters}{groups}{active}"
    if name in ("MaxPooling2D", "AveragePooling2D"):
        return f"{'max' if name.startswith('Max') else 'avg'} pool {layer.pool_size[0]}x{layer.pool_size[0]}/{layer.strides[0]}"
    if name == "Dense":
        return f"dense, {layer.units}{active}"
    short = {"BatchNormalization": "batch norm", "GlobalAveragePooling2D": "global average", "InputLayer": "input"}
    return short.get(name, name.lower())


def draw(model, title, height=2.6):
    """Draws a small functional model from left to right."""
    before = {op: [n.operation for n in op._inbound_nodes[0].parent_nodes] for op in model.operations}
    after = {op: [other for other in before if op in before[other]] for op in before}
    chain = {}  # the first operation of the box that an operation stands in
    for op, sources in before.items():
        chained = len(sources) == 1 and len(after[sources[0]]) == 1
        chain[op] = chain[sources[0]] if chained else op
    boxes = {head: [op for op in before if chain[op] is head] for head in dict.fromkeys(chain.values())}
    column = {}
    for head in boxes:
        column[head] = 1 + max((column[chain[source]] for source in before[head]), default=-1)
    place = {}  # among the paths that meet next: the first one is drawn on top
    for head, box in boxes.items():
        place[head] = min((before[other].index(box[-1]) for other in after[box[-1]]), default=0)
    columns = [
        sorted((head for head in boxes if column[head] == c), key=place.get) for c in range(max(column.values()) + 1)
    ]
    _, panel = plt.subplots(figsize=(11, height), layout="constrained")
    texts = {}
    for c, heads in enumerate(columns):
        for row, head in enumerate(heads):
            lines = [words(op) for op in boxes[head]]
            style = {"boxstyle": "round", "facecolor": COLORS.get(type(head).__name__, "#eeeeee"), "edgecolor": "gray"}
            y = (len(heads) - 1) / 2 - row
            texts[head] = panel.text(c, y, "\n".join(lines), ha="center", va="center", fontsize=7, bbox=style)
    for head in boxes:
        for source in dict.fromkeys(chain[source] for source in before[head]):
            start, end = texts[source], texts[head]
            straight = column[head] - column[source] == 1 or len(columns[column[source] + 1]) > 1
            side = 1 if start.get_position()[1] < 0 else -1  # what starts below stays below
            bow = "arc3" if straight else f"arc3,rad={side * 0.45}"
            arrow = {"arrowstyle": "->", "color": "gray", "connectionstyle": bow}
            arrow |= {"patchA": start.get_bbox_patch(), "patchB": end.get_bbox_patch()}
            panel.annotate("", end.get_position(), start.get_position(), arrowprops=arrow, zorder=9)  # over the boxes
    rows = max(len(heads) for heads in columns)
    panel.set(xlim=(-0.5, len(columns) - 0.5), ylim=(-rows / 2, rows / 2), title=title)
    panel.axis("off")
    plt.show()


with suppress(NotImplementedError):  # draws once build_googlenet is written
    draw(build_googlenet(1, 1000, blocks=GOOGLENET[:2]), "GoogLeNet's stem, blocks 3a and 3b, and the end")

# %% [markdown]
# **A paper's table.** The paper lists the parameters of every row, in units of 1,024. Run the next cell and find the row that
# cannot be right, whatever one rounds.

# %%
with suppress(NotImplementedError):  # runs once build_googlenet is written
    printed = [2.7, 112, 159, 380, 364, 437, 463, 580, 840, 1072, 1388, 1000]
    names = ["7x7", "3x3", "3a", "3b", "4a", "4b", "4c", "4d", "4e", "5a", "5b", "dense"]
    counts = [layer.count_params() for layer in build_googlenet().layers if layer.count_params()]
    sums = [counts[0], sum(counts[1:3]), *(sum(counts[i : i + 6]) for i in range(3, 57, 6)), counts[57]]
    for name, paper, count in zip(names, printed, sums, strict=True):
        print(f"{name:>6}: {count:>9,} = {count / 1024:6.1f} K   the paper: {paper:g} K")

# %% [markdown]
# <details><summary>What to see</summary>
#
# The first row: $7 \cdot 7 \cdot 3 \cdot 64 = 9{,}408$ weights are there whatever one does with biases, and the paper prints 2.7 K. The
# rows 3x3, 3a and 3b agree, with biases. From 4a to 5b they differ, 4c by 8 %, 5a by 5 % in the other direction: the
# filters that the table prints do not give the parameters that it prints. It is one of the most read papers of the field.
#
# </details>
#
# ## 11. The bottleneck to adding layers: `gradient_norms`
#
# "Can you guess what was the biggest bottleneck to adding more layers? **Vanishing gradients!**" (B). Measure them. Take a
# chain of convolutions ("SAME", stride 1) that keep the number of channels, with a ReLU after each, once plain and once with
# a shortcut around every layer, "identity + some deviation from it" (B):
#
# $$\text{plain:}\quad h_{i+1} = \text{relu}(h_i * w_i) \qquad\qquad
# \text{residual:}\quad h_{i+1} = h_i + \text{relu}(h_i * w_i)$$
#
# At the end the loss's gradient is $dy$. What is the norm of the gradient that arrives at each layer's weights? It is the root of the
# sum of squares, $\lVert \partial L / \partial w_i \rVert = \sqrt{\sum (\partial L / \partial w_i)^2}$.
#
# **By hand**: one pixel, one channel, 1x1 filters. $x = 2$, $w = (3, 5)$, $dy = 1$.
#
# | | $h_1$ | $\partial L/\partial w_2 = h_1$ | $\partial h_2 / \partial h_1$ | $\partial L/\partial w_1 = x \cdot \partial h_2/\partial h_1$ |
# |---|---|---|---|---|
# | plain | 6 | 6 | 5 | 10 |
# | residual | 2 + 6 = 8 | 8 | 1 + 5 | 12 |
#
# In the last column is the whole idea: the shortcut adds a **1** to every factor of the chain rule.
#
# A tape records what is computed from *variables*. Here the weights are a constant tensor: tell the tape to watch them.


# %%
def gradient_norms(x, weights, dy, residual):
    """The norm of the gradient that arrives at each layer of a chain of convolutions.

    Args:
        x: Tensor of shape `(batch, height, width, c)`, float32 or float64.
        weights: the filters of all layers, a tensor of shape `(depth, kh, kw, c, c)`; `weights[0]` is applied first.
        dy: the gradient of the loss with respect to the last layer's output, of the shape and dtype of `x`.
        residual: True for a shortcut around every layer (after the ReLU), False for a plain chain.

    Returns:
        A tensor of shape `(depth,)`, of the dtype of `x`: the norm of the loss's gradient with respect to each layer's filters.

    Example:

    >>> x, weights = tf.constant(2., shape=(1, 1, 1, 1)), tf.constant([3., 5.], shape=(2, 1, 1, 1, 1))
    >>> gradient_norms(x, weights, tf.ones((1, 1, 1, 1)), True).numpy()
    array([12.,  8.], dtype=float32)
    """
    ### BEGIN SOLUTION
    with tf.GradientTape() as tape:
        tape.watch(weights)
        h = x
        for filters in tf.unstack(weights):
            path = tf.nn.relu(tf.nn.conv2d(h, filters, 1, "SAME"))
            h = h + path if residual else path
    gradient = tape.gradient(h, weights, output_gradients=dy)
    return tf.sqrt(tf.reduce_sum(gradient**2, axis=(1, 2, 3, 4)))
    ### END SOLUTION


# %%
check("gradient_norms")

# %% [markdown]
# **Predict, then look.** Keras's usual first weights (Glorot) give a layer's output as much variance as its input, and the ReLU
# throws half of it away. How does the plain chain's first gradient shrink with depth? And how do shortcuts
# change that?

# %%
with suppress(NotImplementedError):  # draws once gradient_norms is written
    channels, depths = 12, (2, 5, 10, 20, 30, 40, 50)
    x, dy = (tf.random.stateless_normal((4, 8, 8, channels), seed=(5, n)) for n in (1, 2))
    kinds = {
        "plain": (1.0, False),
        "with shortcuts": (1.0, True),
        "with shortcuts, deviations a fifth as large": (0.2, True),
    }
    curves = {name: [] for name in kinds}
    for name, (scale, residual) in kinds.items():
        for depth in depths:
            glorot = 1 / np.sqrt(9 * channels)
            weights = scale * glorot * tf.random.stateless_normal((depth, 3, 3, channels, channels), seed=(depth, 6))
            curves[name].append(float(gradient_norms(x, weights, dy, residual)[0]))
    _, panel = plt.subplots(figsize=(6.5, 3.2), layout="constrained")
    for name, first in curves.items():
        panel.plot(depths, first, "o-", label=name)
        print(f"{name:45} depth 2: {first[0]:8.3g}   depth 50: {first[-1]:8.3g}")
    panel.set(yscale="log", xlabel="layers", title="gradient that arrives at the first layer")
    panel.legend(fontsize=8)
    plt.show()

# %% [markdown]
# <details><summary>What to see</summary>
#
# Compare whole chains: each added layer takes a factor of about 0.7 ($\sqrt{1/2}$, and a little more at the zeros around the
# image), from the activations on the way up or from the gradient on the way down. So at 50 layers *all* gradients are tiny, the
# last layer's as well as the first's. With shortcuts nothing vanishes. But now the activations *grow*, because every layer adds
# to the sum. Real networks keep that in check: ResNet by batch normalization, Inception-ResNet by making the deviations small
# (later, in section 20).
#
# </details>
#
# ## 12. The residual block: `residual_block`
#
# ResNet's basic block (ResNet-18 and -34) puts the shortcut around *two* 3x3 convolutions, and the last ReLU after the sum:
#
# $$y = \text{relu}\big(\, \text{relu}(x * w_1) * w_2 \;+\; \text{shortcut}(x) \,\big)$$
#
# "The residual connections cannot be applied directly when number of channels increases" (P), or when the stride is 2. Then the
# shortcut is a **projection**: a 1x1 convolution with the block's stride. P names two variants:
#
# - **B**: the projection only where the shape changes (stride other than 1, or another number of channels), else the identity;
# - **C**: the projection everywhere.
#
# B is the one of ResNet-50, 101 and 152: the identity costs nothing, and the gradient goes through it unchanged. The block's
# stride is the first convolution's. Everything is "SAME".
#
# **By hand**: one pixel, $x = 3$, $w_1 = 2$, $w_2 = -1$: $\text{relu}(3 \cdot 2) = 6$, then $-6$, then $\text{relu}(-6 + 3) = 0$.
# With $w_2 = -\tfrac13$ it is $\text{relu}(-2 + 3) = 1$.


# %%
def residual_block(x, weights, stride=1, option="B"):
    """A basic residual block, without biases and batch normalization.

    Args:
        x: Tensor of shape `(batch, height, width, c_in)`, float32 or float64.
        weights: a tuple `(first, second, projection)`: filters of shape `(3, 3, c_in, c)`, `(3, 3, c, c)` and `(1, 1, c_in, c)`.
        stride: of the first convolution and of the projection, an int.
        option: "B": the projection is used only where the shape changes; "C": it is always used.

    Returns:
        A tensor of shape `(batch, height', width', c)`, of the dtype of `x`.

    Example:

    >>> weights = tuple(tf.constant(w, shape=(1, 1, 1, 1)) for w in (2., -1/3, 9.))
    >>> residual_block(tf.constant(3., shape=(1, 1, 1, 1)), weights).numpy().item()
    1.0
    """
    ### BEGIN SOLUTION
    first, second, projection = weights
    path = tf.nn.relu(tf.nn.conv2d(x, first, stride, "SAME"))
    path = tf.nn.conv2d(path, second, 1, "SAME")
    shortcut = x
    if option == "C" or stride != 1 or x.shape[-1] != path.shape[-1]:
        shortcut = tf.nn.conv2d(x, projection, stride, "SAME")
    return tf.nn.relu(path + shortcut)
    ### END SOLUTION


# %%
check("residual_block")

# %% [markdown]
# "Allows gradient to flow through two pathways" (B). Set the second filter to zero: the path gives nothing, and the block is the
# identity (after a ReLU). Its gradient is one, however bad the first filter is. In a plain network, a filter of zeros lets nothing through.

# %%
with suppress(NotImplementedError):  # runs once residual_block is written
    x = tf.abs(tf.random.stateless_normal((1, 4, 4, 2), seed=(1, 2)))
    first, nothing = tf.random.stateless_normal((3, 3, 2, 2), seed=(3, 4)), tf.zeros((3, 3, 2, 2))
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = residual_block(x, (first, nothing, tf.zeros((1, 1, 2, 2))))
    gradient = tape.gradient(y, x)
    print("block = identity:", bool(np.allclose(y, x)), "  gradient = 1 everywhere:", bool(np.allclose(gradient, 1)))

# %% [markdown]
# ## 13. The bottleneck block: `bottleneck_block`
#
# Deeper ResNets (50, 101, 152) make the block narrow in the middle: 1x1 down to a quarter of the channels, 3x3 there, 1x1 up
# again. With 256 channels that is $256 \cdot 64 + 9 \cdot 64 \cdot 64 + 64 \cdot 256 = 69{,}632$ weights; two 3x3 convolutions on 256
# channels would be $1{,}179{,}648$.
#
# $$y = \text{relu}\big(\, \text{relu}(\text{relu}(x * w_1) * w_2) * w_3 \;+\; \text{shortcut}(x) \,\big)$$
#
# **Where is the stride?** In the paper, and in Keras's own ResNet, it is in the *first 1x1* convolution: `stride_on="1x1"`. That
# discards three quarters of the pixels unseen. Most later code (and torchvision) has it in the *3x3* convolution:
# `stride_on="3x3"`. The parameters are the same, the products are not: 3.86 G (the slide's number) against 4.09 G for ResNet-50.
#
# The shortcut is variant B: the projection only where the shape changes. `groups` are the 3x3 convolution's, for ResNeXt;
# call your `grouped_conv2d`.


# %%
def bottleneck_block(x, weights, stride=1, stride_on="3x3", groups=1):
    """A bottleneck block, without biases and batch normalization.

    Args:
        x: Tensor of shape `(batch, height, width, c_in)`, float32 or float64.
        weights: a tuple `(reduce, middle, expand, projection)`: filters of shape `(1, 1, c_in, m)`, `(3, 3, m // groups, m)`,
            `(1, 1, m, c)` and `(1, 1, c_in, c)`.
        stride: of the block, an int; the projection has it, too.
        stride_on: which convolution of the path has the stride, "1x1" (the first) or "3x3".
        groups: of the 3x3 convolution.

    Returns:
        A tensor of shape `(batch, height', width', c)`, of the dtype of `x`.

    Example:

    >>> weights = tuple(tf.constant(w, shape=(1, 1, 1, 1)) for w in (2., 3., -1., 9.))
    >>> bottleneck_block(tf.constant(7., shape=(1, 1, 1, 1)), weights).numpy().item()
    0.0
    """
    ### BEGIN SOLUTION
    reduce, middle, expand, projection = weights
    first, second = (stride, 1) if stride_on == "1x1" else (1, stride)
    path = tf.nn.relu(tf.nn.conv2d(x, reduce, first, "SAME"))
    path = tf.nn.relu(grouped_conv2d(path, middle, groups, second, "SAME"))
    path = tf.nn.conv2d(path, expand, 1, "SAME")
    shortcut = x
    if stride != 1 or x.shape[-1] != path.shape[-1]:
        shortcut = tf.nn.conv2d(x, projection, stride, "SAME")
    return tf.nn.relu(path + shortcut)
    ### END SOLUTION


# %%
check("bottleneck_block")

# %% [markdown]
# ## 14. ResNet: `build_resnet`
#
# The network of 2015 (3.57 % with an ensemble; N, P). A stem, stages of blocks, the average, a dense layer:
#
# | | | 18 | 34 | 50 | 101 | 152 |
# |---|---|---|---|---|---|---|
# | stem | convolution 7x7, stride 2; batch norm, ReLU; max pooling 3x3, stride 2 | | | | | |
# | stage 1 | 64 filters | 2 | 3 | 3 | 3 | 3 |
# | stage 2 | 128 | 2 | 4 | 4 | 4 | 8 |
# | stage 3 | 256 | 2 | 6 | 6 | 23 | 36 |
# | stage 4 | 512 | 2 | 3 | 3 | 3 | 3 |
# | end | global average pooling, dense layer | | | | | |
# | blocks | | basic | basic | bottleneck | bottleneck | bottleneck |
# | parameters | | 11,689,512 | 21,797,672 | 25,557,032 | 44,549,160 | 60,192,808 |
#
# - The first block of every stage but the first has stride 2.
# - A bottleneck block with $k$ filters ends with $4k$. So its very first block needs a projection, though its stride is 1.
# - "Batch normalizations after each convolution and before activation" (P), in the shortcut's projection, too. In front of a batch
#   normalization, a bias is useless, "because it will cancel out" (P): `use_bias=False`.
# - The sum comes before the last ReLU of the block, and after the last normalization of the path.
# - All convolutions and the pooling are "same". `layers.BatchNormalization()` keeps its default settings.
#
# - A block of stage $s$ has `int(width * 64) * 2**(s - 1)` filters at its end, four times as many if it is a bottleneck block.
#   In the middle, a bottleneck block has `int(width * inner) * 2**(s - 1)`.
#
# Three arguments are for later: `groups` and `inner` for ResNeXt (section 15), `gate` for SENet (section 19), here tried in one check
# only. If those parts fail, look here, too.

# %%
RESNET_STAGES = {
    18: ("basic", (2, 2, 2, 2)),
    34: ("basic", (3, 4, 6, 3)),
    50: ("bottleneck", (3, 4, 6, 3)),
    101: ("bottleneck", (3, 4, 23, 3)),
    152: ("bottleneck", (3, 8, 36, 3)),
    5: ("bottleneck", (1,)),  # no networks of the paper: short ones, for the checks
    6: ("basic", (1, 1)),
    8: ("bottleneck", (1, 1)),
    11: ("bottleneck", (2, 1)),
}


# %%
def build_resnet(
    depth, width=1, classes=1000, input_shape=(224, 224, 3), stride_on="3x3", groups=1, inner=64, gate=None
):
    """A residual network with shortcuts of variant B.

    Args:
        depth: a key of `RESNET_STAGES`, which holds the kind of block and the number of blocks in each stage.
        width: a factor for all numbers of filters.
        classes: how many logits.
        input_shape: `(height, width, channels)` of the images.
        stride_on: where a bottleneck block has its stride, "1x1" or "3x3", as in `bottleneck_block`.
        groups: of the 3x3 convolutions of bottleneck blocks.
        inner: the filters in the middle of the first stage's bottleneck blocks, before `width`; doubled from stage to stage.
        gate: a function of a tensor, or None. Each block's path goes through it, after its last normalization, before the sum.

    Returns:
        A Keras model from images to logits.

    Example:

    >>> build_resnet(18, 1 / 16, 10).output_shape
    (None, 10)
    """
    ### BEGIN SOLUTION
    kind, stages = RESNET_STAGES[depth]
    gate = gate or (lambda path: path)

    def conv(x, filters, size, strides=1, groups=1, relu=True):
        x = layers.Conv2D(filters, size, strides, "same", groups=groups, use_bias=False)(x)
        x = layers.BatchNormalization()(x)
        return layers.ReLU()(x) if relu else x

    def basic(x, stage, stride):
        filters = int(width * 64) * 2**stage
        return conv(conv(x, filters, 3, stride), filters, 3, relu=False)

    def bottleneck(x, stage, stride):
        middle = int(width * inner) * 2**stage
        first, second = (stride, 1) if stride_on == "1x1" else (1, stride)
        path = conv(conv(x, middle, 1, first), middle, 3, second, groups)
        return conv(path, int(width * 64) * 4 * 2**stage, 1, relu=False)

    inputs = keras.Input(input_shape)
    x = layers.MaxPooling2D(3, 2, "same")(conv(inputs, int(width * 64), 7, 2))
    for stage, count in enumerate(stages):
        for number in range(count):
            stride = 2 if stage and not number else 1
            path = (basic if kind == "basic" else bottleneck)(x, stage, stride)
            if path.shape != x.shape:
                x = conv(x, path.shape[-1], 1, stride, relu=False)
            x = layers.ReLU()(layers.Add()([gate(path), x]))
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(classes)(x))
    ### END SOLUTION


# %%
check("build_resnet")

# %%
with suppress(NotImplementedError):  # draws once build_resnet is written
    draw(build_resnet(11), "two bottleneck blocks, and a third with stride 2: projection, identity, projection", 3)

# %% [markdown]
# **Predict, then look.** Brown: "ResNet: lots of layers, *tons of learnable parameters*." Order by parameters, without looking up:
# AlexNet, VGG-16, ResNet-50, ResNet-152.
#
# And: `keras.applications.ResNet50` has 25,583,592 trainable parameters, 26,560 more than the table says. Where are they?
#
# <details><summary>Answers</summary>
#
# ResNet-50 (25.6 million), ResNet-152 (60.2), AlexNet (62.4), VGG-16 (138.4). A network with 152 layers has fewer parameters than
# one with 8: it has no large dense layer.
#
# Keras's ResNet-50 gives every convolution a bias, one for each filter, though a batch normalization follows. All filters of
# ResNet-50 together are 26,560. They cost next to nothing and do nothing. (Keras's summary also counts 53,120 "non-trainable"
# numbers: the moving means and variances.)
#
# </details>
#
# The products of a Keras model can be added up layer by layer. The slide's 3.86 is the paper's network.


# %%
def products_of(model):
    """Multiply-accumulates of the convolutions and dense layers, for one image."""
    total = 0
    for layer in model.layers:
        if isinstance(layer, layers.Conv2D | layers.Dense):
            places = np.prod(layer.output.shape[1:-1], dtype=np.int64)  # of a dense layer: 1
            total += int(places) * int(np.prod(layer.kernel.shape, dtype=np.int64))
    return total


with suppress(NotImplementedError):  # runs once build_resnet is written
    for where in ("1x1", "3x3"):
        model = build_resnet(50, stride_on=where)
        trainable = sum(int(np.prod(w.shape)) for w in model.trainable_weights)
        print(f"ResNet-50, stride in the {where}: {trainable:,} parameters, {products_of(model) / 1e9:.2f} G products")
    del model

# %% [markdown]
# ## 15. Cardinality: `build_resnext`
#
# "Deeper and wider → better ... what else? Increase **cardinality**" (N). ResNeXt-50 32x4d is ResNet-50 with 32 groups in the 3x3
# convolutions, of 4 channels each in the first stage ($32 \cdot 4 = 128$ inner channels instead of 64), 8 in the second, and so on.
# It has about as many parameters: 25,028,904.
#
# | bottleneck block of stage 1 | weights |
# |---|---|
# | 1 x 64d (ResNet) | $256 \cdot 64 + 9 \cdot 64 \cdot 64 + 64 \cdot 256 = 69{,}632$ |
# | 32 x 4d (ResNeXt) | $256 \cdot 128 + 9 \cdot 4 \cdot 128 + 128 \cdot 256 = 70{,}144$ |
#
# For a small copy, `width` scales the *number of groups*, `int(width * 32)`; each keeps its 4 channels.


# %%
def build_resnext(depth, width=1, classes=1000, input_shape=(224, 224, 3)):
    """ResNeXt 32x4d, with the stride in the 3x3 convolution.

    Args:
        depth: a key of `RESNET_STAGES` with bottleneck blocks.
        width: a factor for all numbers of filters, and for the number of groups.
        classes: how many logits.
        input_shape: `(height, width, channels)` of the images.

    Returns:
        A Keras model from images to logits.

    Example:

    >>> build_resnext(50, 1 / 8, 10).output_shape
    (None, 10)
    """
    ### BEGIN SOLUTION
    return build_resnet(depth, width, classes, input_shape, groups=int(width * 32), inner=128)
    ### END SOLUTION


# %%
check("build_resnext")

# %% [markdown]
# NTU's table: the same cost, more and more groups, and the error falls. (Errors of one network on ImageNet's validation images.)

# %%
settings = ["1 x 64d", "2 x 40d", "4 x 24d", "8 x 14d", "32 x 4d"]
_, panel = plt.subplots(figsize=(6, 2.8), layout="constrained")
for name, errors in {"50 layers": [23.9, 23.0, 22.6, 22.3, 22.2], "101 layers": [22.0, 21.7, 21.4, 21.3, 21.2]}.items():
    panel.plot(settings, errors, "o-", label=name)
panel.set(title="ResNeXt: top-1 error against cardinality (N)", ylabel="error, %", xlabel="groups x channels")
panel.legend()
plt.show()

# %% [markdown]
# ## 16. Every layer sees all before it: `dense_block`
#
# "Shorter connections (like ResNet) help. Why not just connect them all?" (N, DenseNet 2016). In a *dense block* each layer gets the
# outputs of **all** layers before it, concatenated, and adds $k$ new channels, the *growth rate*:
#
# $$x_{i+1} = \big[\, x_i,\; \text{relu}(x_i) * w_i \,\big]$$
#
# With $c$ channels at the start, layer $i$ (from 0) sees $c + ik$ channels, and after $n$ layers there are $c + nk$. Note what differs
# from ResNet: nothing is added up, so nothing old is lost; and the ReLU comes *before* the convolution.
#
# **By hand**: one pixel, $x = (1, -2)$, and $w_0 = (3, 5)$: $\text{relu}(x) = (1, 0)$, so the new channel is 3, and $x_1 = (1, -2, 3)$.
# With $w_1 = (1, 1, 1)$: $x_2 = (1, -2, 3, 4)$.


# %%
def dense_block(x, weights):
    """A dense block, without biases and batch normalization.

    Args:
        x: Tensor of shape `(batch, height, width, c)`, float32 or float64.
        weights: a list of filters, the i-th of shape `(kh, kw, c + i * k, k)`; "SAME", stride 1.

    Returns:
        A tensor of shape `(batch, height, width, c + len(weights) * k)`, of the dtype of `x`: what came in first, the newest
        channels last.

    Example:

    >>> weights = [tf.constant([3., 5.], shape=(1, 1, 2, 1)), tf.constant([1., 1., 1.], shape=(1, 1, 3, 1))]
    >>> dense_block(tf.constant([1., -2.], shape=(1, 1, 1, 2)), weights).numpy().ravel()
    array([ 1., -2.,  3.,  4.], dtype=float32)
    """
    ### BEGIN SOLUTION
    for filters in weights:
        new = tf.nn.conv2d(tf.nn.relu(x), filters, 1, "SAME")
        x = tf.concat([x, new], axis=-1)
    return x
    ### END SOLUTION


# %%
check("dense_block")

# %% [markdown]
# ## 17. DenseNet: `build_densenet`
#
# | | DenseNet-121 | 169 | 201 |
# |---|---|---|---|
# | stem: convolution 7x7, stride 2, 64 filters; batch norm, ReLU; max pooling 3x3, stride 2 | | | |
# | dense block 1 | 6 layers | 6 | 6 |
# | dense block 2 | 12 | 12 | 12 |
# | dense block 3 | 24 | 32 | 48 |
# | dense block 4 | 16 | 32 | 32 |
# | end: batch norm, ReLU, global average pooling, dense layer | | | |
# | parameters | 7,978,856 | 14,149,480 | 20,013,928 |
#
# - A layer of a dense block is batch norm → ReLU → 1x1 convolution to $4k$ channels → batch norm → ReLU → 3x3 convolution to $k$
#   channels; then input and output are concatenated, the input first. The growth rate is $k = 32$, before `width`.
# - Between two dense blocks stands a *transition*: batch norm → ReLU → 1x1 convolution to half of the channels (rounded down) →
#   average pooling 2x2 with stride 2.
# - No convolution has a bias; everything is "same"; `layers.BatchNormalization()` keeps its default settings.
#
# $2 \cdot (6 + 12 + 24 + 16) + 5 = 121$: two convolutions per layer; the stem, three transitions, and the dense layer at the end.

# %%
DENSENET_STAGES = {
    121: (6, 12, 24, 16),
    169: (6, 12, 32, 32),
    201: (6, 12, 48, 32),
    9: (2, 1),  # no networks of the paper: short ones with two dense blocks, for the checks
    7: (1, 1),
}


# %%
def build_densenet(depth, width=1, classes=1000, input_shape=(224, 224, 3)):
    """A DenseNet with bottlenecks and compression (DenseNet-BC).

    Args:
        depth: a key of `DENSENET_STAGES`, which holds the number of layers in each dense block.
        width: a factor for the stem's filters and for the growth rate.
        classes: how many logits.
        input_shape: `(height, width, channels)` of the images.

    Returns:
        A Keras model from images to logits.

    Example:

    >>> build_densenet(121, 1 / 16, 10).output_shape
    (None, 10)
    """
    ### BEGIN SOLUTION
    growth = int(width * 32)

    def activated(x):
        return layers.ReLU()(layers.BatchNormalization()(x))

    def conv(x, filters, size, strides=1):
        return layers.Conv2D(filters, size, strides, "same", use_bias=False)(x)

    inputs = keras.Input(input_shape)
    x = activated(conv(inputs, int(width * 64), 7, 2))
    x = layers.MaxPooling2D(3, 2, "same")(x)
    for stage, count in enumerate(DENSENET_STAGES[depth]):
        if stage:
            x = layers.AveragePooling2D(2, padding="same")(conv(activated(x), x.shape[-1] // 2, 1))
        for _ in range(count):
            new = conv(activated(conv(activated(x), 4 * growth, 1)), growth, 3)
            x = layers.Concatenate()([x, new])
    x = layers.GlobalAveragePooling2D()(activated(x))
    return keras.Model(inputs, layers.Dense(classes)(x))
    ### END SOLUTION


# %%
check("build_densenet")

# %%
with suppress(NotImplementedError):  # draws once build_densenet is written
    draw(build_densenet(9), "a dense block of two layers, a transition, a dense block of one layer", 3)

# %% [markdown]
# **Exercise (ungraded).** DenseNet-121 has 121 layers and 8 million parameters, a third of ResNet-50's. Yet it needs more memory in
# training than its size suggests. Why? Look at what must be kept for the backward pass.
#
# <details><summary>Answer</summary>
#
# The channels are few, but they are concatenated again and again: layer $i$ stores its whole input of $c + ik$ channels, normalized
# again, though most of it is old. The stored numbers grow with the *square* of the number of layers in a block, unless an implementation
# shares them.
#
# </details>
#
# ## 18. Squeeze and excitation: `squeeze_excite`
#
# "How to improve accuracy without much overhead? Feature recalibration (channel attention)" (N, SENet 2017). A small network
# looks at the whole image and decides how much each channel counts:
#
# 1. **squeeze**: the mean of each channel over height and width, $s = \text{mean}_{h,w}(x)$;
# 2. **excitation**: two dense layers, narrow in between, $e = \sigma\big(\text{relu}(s\,W_1 + b_1)\,W_2 + b_2\big)$;
# 3. **scale**: every channel is multiplied by its $e$, a number between 0 and 1.
#
# The first activation is a ReLU, the second a **sigmoid**: several channels may count at once, so it is no softmax.
#
# **By hand**: two channels with the means $(4, 2)$, $W_1 = (1, 1)^\top$, $b_1 = -6$: $\text{relu}(0) = 0$. Then with $b_2 = 0$
# whatever $W_2$ is: $e = (\tfrac12, \tfrac12)$, and the block halves its input.


# %%
def squeeze_excite(x, w1, b1, w2, b2):
    """Squeeze and excitation: each channel is scaled by a number that depends on the whole image.

    Args:
        x: Tensor of shape `(batch, height, width, c)`, float32 or float64.
        w1: weights of the first dense layer, `(c, c // r)`; `s @ w1`.
        b1: its biases, `(c // r,)`.
        w2: weights of the second dense layer, `(c // r, c)`.
        b2: its biases, `(c,)`.

    Returns:
        A tensor of the shape and dtype of `x`.

    Example:

    >>> x = tf.constant([[[[4., 2.]], [[4., 2.]]]])
    >>> w1, b1, w2, b2 = tf.ones((2, 1)), tf.constant([-6.]), tf.constant([[3., 5.]]), tf.zeros(2)
    >>> squeeze_excite(x, w1, b1, w2, b2).numpy().tolist()
    [[[[2.0, 1.0]], [[2.0, 1.0]]]]
    """
    ### BEGIN SOLUTION
    squeezed = tf.reduce_mean(x, axis=(1, 2))
    excited = tf.sigmoid(tf.nn.relu(squeezed @ w1 + b1) @ w2 + b2)
    return x * excited[:, None, None, :]
    ### END SOLUTION


# %%
check("squeeze_excite")

# %% [markdown]
# ## 19. SENet: `build_senet`
#
# SE-ResNet-50 is ResNet-50 with a squeeze and excitation in every block, on the path, after its last normalization and before the sum: just
# where `build_resnet` has its `gate`. The dense layers go from $c$ channels to $c // r$ and back, with biases, and $r = 16$.
#
# One block costs $2 c^2 / r + c / r + c$ parameters. Over the blocks of ResNet-50 that is 2,530,992: 28,088,024 in all. The products hardly grow:
# the slide says 3.86 → 3.87 (with the stride in the 1x1; yours has 4.09).
#
# `layers.GlobalAveragePooling2D(keepdims=True)` gives $(1, 1, c)$, which `layers.Multiply` stretches over the map.


# %%
def build_senet(depth, width=1, classes=1000, input_shape=(224, 224, 3), ratio=16):
    """SE-ResNet: a residual network with squeeze and excitation in every block, with the stride in the 3x3 convolution.

    Args:
        depth: a key of `RESNET_STAGES`.
        width: a factor for all numbers of filters.
        classes: how many logits.
        input_shape: `(height, width, channels)` of the images.
        ratio: the first dense layer of a squeeze and excitation has `c // ratio` units.

    Returns:
        A Keras model from images to logits.

    Example:

    >>> build_senet(50, 1 / 8, 10).output_shape
    (None, 10)
    """

    ### BEGIN SOLUTION
    def gate(x):
        channels = x.shape[-1]
        e = layers.GlobalAveragePooling2D(keepdims=True)(x)
        e = layers.Dense(channels // ratio, activation="relu")(e)
        e = layers.Dense(channels, activation="sigmoid")(e)
        return layers.Multiply()([x, e])

    return build_resnet(depth, width, classes, input_shape, gate=gate)
    ### END SOLUTION


# %%
check("build_senet")

# %%
with suppress(NotImplementedError):  # draws once build_senet is written
    draw(build_senet(8), "two blocks of SE-ResNet: the gate multiplies the path before the sum", 3)

# %% [markdown]
# **What does accuracy cost?** NTU's table: single networks on ImageNet's validation images, top-5 error of a re-implementation against
# products; an arrow leads to the same network with squeeze and excitation. The arrows point down, and hardly to the right.
#
# **Predict, then look.** VGG-16 does four times as many multiplications as ResNet-50. Is it better?

# %%
SLIDE = {  # G products and top-5 error of the re-implementation, then with squeeze and excitation
    "ResNet-50": (3.86, 7.48, 3.87, 6.62),
    "ResNet-101": (7.58, 6.52, 7.60, 6.07),
    "ResNet-152": (11.30, 6.34, 11.32, 5.73),
    "ResNeXt-50": (4.24, 5.90, 4.25, 5.49),
    "ResNeXt-101": (7.99, 5.57, 8.00, 5.01),
    "VGG-16": (15.47, 8.81, 15.48, 7.70),
    "BN-Inception": (2.03, 7.89, 2.04, 7.14),
    "Inception-ResNet-v2": (11.75, 5.21, 11.76, 4.79),
}
_, panel = plt.subplots(figsize=(7.5, 3.8), layout="constrained")
for name, (cost, error, se_cost, se_error) in SLIDE.items():
    panel.annotate(
        "", (se_cost, se_error), (cost, error), arrowprops={"arrowstyle": "->", "color": "tab:orange", "lw": 1.5}
    )
    panel.plot(cost, error, "o", color="tab:blue")
    side = -1 if name == "VGG-16" else 1
    panel.annotate(
        name, (cost, error), (6 * side, 3), textcoords="offset points", fontsize=8, ha="left" if side > 0 else "right"
    )
panel.set(
    title="top-5 error against cost (N's table)",
    xlabel="billions of products per image",
    ylabel="error, %",
    xlim=(0, 17.5),
    ylim=(4.5, 9.2),
)
plt.show()

# %% [markdown]
# **Reading the table with care.** Add up the products with `products_of` and `stride_on="1x1"`: ResNet-50 3.858, ResNet-101 7.570, ResNet-152 11.282, VGG-16 15.470.
# The slide's 7.58 and 11.30 are 0.01 and 0.02 more. A rounding does not explain that; normalization and sums, which we do not count, could.
# The slide does not say what it counts.
#
# ## 20. Inception meets ResNet: `inception_resnet_block`
#
# EPFL shows Inception-ResNet-v2 (2016), with figure 16 of the paper: an Inception block whose paths are concatenated, brought to the right number of
# channels by a 1x1 convolution, and added to the input.
#
# | path | layers |
# |---|---|
# | 1 | 1x1 |
# | 2 | 1x1, 3x3 |
# | 3 | 1x1, 3x3, 3x3 |
#
# $$y = \text{relu}\big(\, x + \text{scale} \cdot [\,p_1, p_2, p_3\,] * w_{up} \,\big)$$
#
# Every convolution of the paths has a ReLU. The last one, $w_{up}$, is **linear**: after a ReLU the deviation could only be positive.
# And the paper found that wide networks "die" early in training unless the deviation is made small, by a *scale* of 0.1 to 0.3: you saw why in
# section 11.


# %%
def inception_resnet_block(x, weights, scale=1.0):
    """An Inception-ResNet-A block, without biases and batch normalization.

    Args:
        x: Tensor of shape `(batch, height, width, c)`, float32 or float64.
        weights: a tuple of seven filters, `(one, two_reduce, two, three_reduce, three_a, three_b, up)`: path 1; path 2, first 1x1, then
            3x3; path 3, first 1x1, then 3x3 twice; and the 1x1 that brings the concatenation to `c` channels. "SAME", stride 1.
        scale: a float, the factor of the deviation.

    Returns:
        A tensor of the shape and dtype of `x`.

    Example:

    >>> one = tf.ones((1, 1, 1, 1))
    >>> weights = (one, one, one, one, one, one, tf.constant([1., 1., -4.], shape=(1, 1, 3, 1)))
    >>> inception_resnet_block(tf.constant(3., shape=(1, 1, 1, 1)), weights, scale=0.5).numpy().item()
    0.0
    """
    ### BEGIN SOLUTION
    one, two_reduce, two, three_reduce, three_a, three_b, up = weights

    def conv(x, *filters):
        for w in filters:
            x = tf.nn.relu(tf.nn.conv2d(x, w, 1, "SAME"))
        return x

    paths = (conv(x, one), conv(x, two_reduce, two), conv(x, three_reduce, three_a, three_b))
    deviation = tf.nn.conv2d(tf.concat(paths, axis=-1), up, 1, "SAME")
    return tf.nn.relu(x + scale * deviation)
    ### END SOLUTION


# %%
check("inception_resnet_block")

# %% [markdown]
# ## 21. Making the map smaller: `reduction_a`
#
# A pooling with stride 2 throws three quarters of the numbers away at once. Inception-v4 and the Inception-ResNets do it by a block with three paths,
# whose four numbers of filters are EPFL's table:
#
# | network | k | l | m | n | channels that come out of 384 |
# |---|---|---|---|---|---|
# | Inception-v4 | 192 | 224 | 256 | 384 | 384 + 384 + 256 = 1024 |
# | Inception-ResNet-v1 | 192 | 192 | 256 | 384 | from 256: 256 + 384 + 256 = 896 |
# | Inception-ResNet-v2 | 256 | 256 | 384 | 384 | 384 + 384 + 384 = 1152 |
#
# | path | layers |
# |---|---|
# | 1 | 3x3 max pooling, stride 2, "VALID" |
# | 2 | 3x3 convolution with $n$ filters, stride 2, "VALID" |
# | 3 | 1x1 with $k$, 3x3 with $l$, both "SAME"; 3x3 with $m$, stride 2, "VALID" |
#
# A ReLU after every convolution; the paths are concatenated in this order. A map of 35x35 becomes 17x17.


# %%
def reduction_a(x, wk, wl, wm, wn):
    """The Reduction-A block of Inception-v4 and the Inception-ResNets, without biases.

    Args:
        x: Tensor of shape `(batch, height, width, c)`, float32 or float64.
        wk: filters of shape `(1, 1, c, k)`; the letters are the slide's numbers of filters.
        wl: filters of shape `(3, 3, k, l)`.
        wm: filters of shape `(3, 3, l, m)`, stride 2.
        wn: filters of shape `(3, 3, c, n)`, stride 2.

    Returns:
        A tensor of shape `(batch, (height - 3) // 2 + 1, (width - 3) // 2 + 1, c + n + m)`, of the dtype of `x`.

    Example:

    >>> x, w = tf.ones((1, 3, 3, 1)), tf.ones((3, 3, 1, 1))
    >>> reduction_a(x, tf.ones((1, 1, 1, 1)), w, w, w).numpy().ravel()
    array([ 1.,  9., 49.], dtype=float32)
    """

    ### BEGIN SOLUTION
    def conv(x, filters, stride, padding):
        return tf.nn.relu(tf.nn.conv2d(x, filters, stride, padding))

    pooled = tf.nn.max_pool2d(x, 3, 2, "VALID")
    short = conv(x, wn, 2, "VALID")
    long = conv(conv(conv(x, wk, 1, "SAME"), wl, 1, "SAME"), wm, 2, "VALID")
    return tf.concat([pooled, short, long], axis=-1)
    ### END SOLUTION


# %%
check("reduction_a")

# %% [markdown]
# EPFL writes "≈ 60 million parameters" of Inception-ResNet-v2; `keras.applications.InceptionResNetV2` has 55,813,192 trainable ones. (It has 320 instead
# of 384 channels in some places: the paper's figures and its published code differ, too.)
#
# ## 22. Twenty layers, plain and residual
#
# Now train. Two networks for small images, as in the ResNet paper: a 3x3 convolution, three stages of three basic blocks (16, 32 and 64 filters in the paper,
# here half as many), the average, a dense layer: 20 layers with weights. One has shortcuts, the other is the same without them. Same images, same order, same
# optimizer, and both have batch normalization.
#
# Change `NAME` to `"cifar10"` to run it on photographs, with more `STEPS`.
#
# **Predict, then look.** Twenty layers are not many. Will the plain network fail, or just be slower? Which of the two has the lower *training* loss?

# %%
NAME = "digits"
STEPS, BATCH = 120, 32


# %%
def twenty_layers(residual, input_shape, filters=8):
    """A network of 20 layers for small images, with batch normalization, with or without shortcuts."""

    def conv(x, channels, stride=1):
        x = layers.Conv2D(channels, 3, stride, "same", use_bias=False)(x)
        return layers.BatchNormalization(momentum=0.9)(x)

    inputs = keras.Input(input_shape)
    x = layers.ReLU()(conv(layers.Rescaling(1 / 127.5, -1)(inputs), filters, 2))
    for stage in range(3):
        for block in range(3):
            stride = 2 if stage and not block else 1
            path = conv(layers.ReLU()(conv(x, filters * 2**stage, stride)), filters * 2**stage)
            if residual:
                if path.shape != x.shape:
                    x = layers.Conv2D(path.shape[-1], 1, stride, use_bias=False)(x)
                path = layers.Add()([path, x])
            x = layers.ReLU()(path)
    return keras.Model(inputs, layers.Dense(10)(layers.GlobalAveragePooling2D()(x)))


def run(model, x, y, seed=0):
    """The loss of every step, and the norm of the first layer's gradient."""
    optimizer = keras.optimizers.Adam(3e-3)
    optimizer.build(model.trainable_variables)

    @tf.function
    def step(images, labels):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, model(images, training=True)))
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables))
        return loss, tf.norm(gradients[0])

    rng, seen = np.random.default_rng(seed), []
    for _ in range(STEPS):
        chosen = rng.choice(len(x), BATCH, replace=False)
        seen.append([float(v) for v in step(tf.constant(x[chosen], tf.float32), tf.constant(y[chosen], tf.int32))])
    return np.array(seen).T


(x_train, y_train), (x_test, y_test) = load_data(NAME)
curves = {}
for kind in ("plain", "residual"):
    keras.utils.set_random_seed(7)
    model = twenty_layers(kind == "residual", x_train.shape[1:])
    curves[kind] = run(model, x_train, y_train)
    guessed = np.argmax(model(tf.constant(x_test[:1000], tf.float32), training=False), axis=1)
    early, late = (curves[kind][0, part].mean() for part in (slice(20, 40), slice(-20, None)))
    print(
        f"{kind:9}: {model.count_params():,} numbers, loss in steps 21 to 40 {early:.2f}, in the last 20 {late:.2f}, "
        f"{np.mean(guessed == y_test[:1000]):.0%} of {len(guessed)} test images right"
    )

# %%
_, panels = plt.subplots(1, 2, figsize=(10, 3), layout="constrained")
for kind, color in (("plain", "tab:gray"), ("residual", "tab:orange")):
    for panel, values in zip(panels, curves[kind], strict=True):
        smooth = np.convolve(values, np.ones(10) / 10, "valid")
        panel.plot(values, color=color, alpha=0.25)
        panel.plot(range(9, len(values)), smooth, color=color, label=kind)
panels[0].axhline(np.log(10), color="gray", linestyle=":", label="guessing: ln 10")
panels[0].set(title=f"training loss, {NAME}", xlabel="step")
panels[1].set(title="norm of the first layer's gradient", xlabel="step", yscale="log")
for panel in panels:
    panel.legend()
plt.show()

# %% [markdown]
# <details><summary>What to see</summary>
#
# Twenty layers with batch normalization do train, but the plain network needs two to three times as many steps to reach the same training loss. The paper
# reports the same of shallow networks: with shortcuts they converge faster. Its *degradation* is something else, and needs more depth: a plain network of 56
# layers ends with a higher error than one of 20, on the training images, too, so it is not overfitting. The first layer's gradient does not vanish in either
# network: batch normalization sees to that, and it is smaller with shortcuts because the loss is.
#
# </details>
#
# To remember:
#
# - Write the table before you write the code: shapes, parameters, products. Then check the total against the paper.
# - Dense layers make a network large, convolutions make it slow. Global average pooling and 1x1 convolutions save both.
# - A shortcut adds 1 to every factor of the chain rule. Keep it clean: nothing on it where the shapes agree.
# - "FLOPs", "error" and "parameters" mean nothing until it is said what was counted.
