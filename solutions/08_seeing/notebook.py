# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 8. Seeing what a network sees
#
# A trained network is many thousands of numbers, and looking at them does not help. In this notebook you learn to ask a network questions:
# *which pixels decided this? what does this unit like? what would it like best?* And then you use networks for something other than
# recognition: to paint a photograph in the style of another one, and to repair a picture without any training data.
#
# You will
#
# - write the function of the visual cortex, and see how close the filters of a trained network come to it;
# - find the pixels that matter, by a gradient and by covering them up;
# - find what a unit sees, which patches it likes, and whether it stands for something that has a name;
# - compare styles by Gram matrices, and change the pixels of an image instead of weights;
# - repair pictures with a network that has never seen another picture.
#
# Statements are from the EPFL lecture **[E]**, the UFAL lecture **[P]** and the Brown lecture **[B]**, or from the paper that is named.
#
# **Builds on** notebook [2](../02_convolution/02_convolution.ipynb) (convolution, receptive fields), [3](../03_pooling/03_pooling.ipynb)
# (pooling) and [5](../05_keras_cnn/05_keras_cnn.ipynb) (training a network), but uses none of their functions.
#
# Everything is TensorFlow, except for sections 5 to 7, which take NumPy arrays. Results have the dtype of the inputs, float32 or float64.
#
# | letter | here | in the lectures |
# |---|---|---|
# | features of a layer | `features`, shape `(height, width, channels)` | $F^L_{ik}$: channel $i$, place $k$ [E] |
# | Gram matrix of the generated image, of the style | `gram_matrix(features)`, `gram` | $G^L$, $A^L$ [E] |
# | weight of content, of style | `alpha`, `beta` | $\alpha$, $\beta$ [E] |
# | fixed input of the deep prior | `z` | "random noise" or "meshgrid" [P] |
#
# **Predict, then look.** Write your answer down before you run a cell that asks for one. Our answers are folded away below.

# %%
from contextlib import suppress

from autograder import check
from autograder.datasets import CLASSES, load_weights, photograph, shapes
import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf

# %% [markdown]
# ## 1. The network that we look into
#
# It has the pattern of notebook 5: convolution, ReLU and pooling, three times, then a mean over the image and a dense layer. Its first filters are
# larger than usual, 7 x 7, so that one can see something in them. It was trained on CIFAR-10 and on the drawn shapes together, so it has 20 classes. Its
# 42,980 weights ship with the course; `benchmarks/small_cnn.py` trained them.
#
# Images are floats from 0 to 1. The network has no softmax at its end: its outputs are *scores*. And because there is a mean before the dense layer, it
# takes images of any size.

# %%
NAMES = (*CLASSES["cifar10"], *CLASSES["shapes"])
network = keras.Sequential(
    [
        keras.Input((None, None, 3)),
        keras.layers.Conv2D(24, 7, padding="same", activation="relu", name="conv1"),
        keras.layers.MaxPooling2D(name="pool1"),
        keras.layers.Conv2D(48, 3, padding="same", activation="relu", name="conv2"),
        keras.layers.MaxPooling2D(name="pool2"),
        keras.layers.Conv2D(64, 3, padding="same", activation="relu", name="conv3"),
        keras.layers.GlobalAveragePooling2D(name="mean"),
        keras.layers.Dense(len(NAMES), name="scores"),
    ]
)
network.set_weights(load_weights("small_cnn"))

# %%
drawn, drawn_labels = shapes.draw(400, seed=8)  # pictures that the network has never seen
scores = network(drawn.astype("float32") / 255).numpy()
print(f"{np.mean(scores.argmax(axis=1) == drawn_labels + 10):.0%} of new shapes right, among {len(NAMES)} classes")
_, panels = plt.subplots(1, 8, figsize=(10, 1.7), layout="constrained")
for panel, image, score in zip(panels, drawn, scores, strict=False):
    panel.imshow(image)
    panel.set_title(NAMES[score.argmax()], fontsize=9)
    panel.axis("off")
plt.show()

# %% [markdown]
# ## 2. What the eye's cortex computes: `gabor` and `orientation_energy`
#
# "The primary visual cortex recognizes Gabor functions" [P]; networks and the visual cortex "have similar receptive fields" [E], which refers to Dayan and
# Abbott, *Theoretical Neuroscience*, 2001. A Gabor function is a wave under a bell:
#
# $$g(x, y) = \exp\left(-\frac{x'^2 + \gamma^2 y'^2}{2 \sigma^2}\right) \cos\left(\frac{2 \pi x'}{\lambda} + \varphi\right), \qquad
# x' = x \cos\theta + y \sin\theta, \quad y' = -x \sin\theta + y \cos\theta$$
#
# with the wavelength $\lambda$ in pixels, the angle $\theta$ in radians (the direction in which the wave runs), the phase $\varphi$, the width $\sigma$ of the bell along the
# wave, and its aspect $\gamma$: for $\gamma < 1$ the bell is longer across the wave than along it.
#
# Conventions: $x$ counts columns to the right and $y$ counts rows **down**, both from the **centre** of the filter. For size 3 they are $-1, 0, 1$; for size 4
# they are $-1.5, -0.5, 0.5, 1.5$. The peak is not normalized: in the centre of a filter of odd size the value is $\cos\varphi$.
#
# A worked example: size 3, $\lambda = 4$, $\theta = 0$, $\varphi = 0$, $\sigma = 1$, $\gamma = 1$. Along a row, $\cos(2 \pi x / 4)$ is $0, 1, 0$. The bell in the middle column is
# $e^{-1/2}, 1, e^{-1/2}$, so the middle column is $0.607, 1, 0.607$ and the others are 0.
#
# The five parameters come as scalar tensors, because we will want gradients with respect to them.


# %%
def gabor(size, wavelength, angle, phase, sigma, aspect):
    """A Gabor function on a square grid.

    Args:
        size: height and width of the filter, an int, odd or even.
        wavelength: of the wave in pixels, a float tensor of shape `()`.
        angle: in which direction the wave runs, in radians: 0 to the right, pi/2 downwards.
        phase: of the wave in the centre, in radians.
        sigma: standard deviation of the bell along the wave, in pixels.
        aspect: how much shorter the bell is across the wave: its standard deviation there is `sigma / aspect`.

    Returns:
        A tensor of shape `(size, size)`, rows first, with the dtype of `wavelength`.

    Example:

    >>> gabor(3, *map(tf.constant, (4., 0., 0., 1., 1.))).numpy().round(3)[:, 1].tolist()
    [0.6069999933242798, 1.0, 0.6069999933242798]
    """
    ### BEGIN SOLUTION
    place = tf.range(size, dtype=wavelength.dtype) - (size - 1) / 2
    x, y = place[None, :], place[:, None]
    along = x * tf.cos(angle) + y * tf.sin(angle)
    across = -x * tf.sin(angle) + y * tf.cos(angle)
    bell = tf.exp(-(along**2 + aspect**2 * across**2) / (2 * sigma**2))
    return bell * tf.cos(2 * np.pi * along / wavelength + phase)
    ### END SOLUTION


# %%
check("gabor")

# %% [markdown]
# Here are some of them: six angles, then six phases, then six wavelengths.

# %%
with suppress(NotImplementedError):  # draws once gabor is written
    rows = {
        "angle": [(8, n * np.pi / 6, 0, 4, 0.7) for n in range(6)],
        "phase": [(8, 0.5, n * np.pi / 3, 4, 0.7) for n in range(6)],
        "wavelength": [(4 + 2 * n, 0.5, 0, 4, 0.7) for n in range(6)],
    }
    _, panels = plt.subplots(3, 6, figsize=(8, 4.2), layout="constrained")
    for row, (name, settings) in zip(panels, rows.items(), strict=True):
        for panel, values in zip(row, settings, strict=True):
            panel.imshow(gabor(21, *(tf.constant(float(v)) for v in values)), cmap="gray", vmin=-1, vmax=1)
            panel.set_title(f"{name} {values[('wavelength', 'angle', 'phase').index(name)]:.2f}", fontsize=8)
            panel.axis("off")
    plt.show()

# %% [markdown]
# ### Beside the filters of a network
#
# The network was never told about Gabor functions. Are its first filters anything like them? Your `gabor` has gradients, so we can *fit*: change the five parameters until the Gabor
# function times a colour is as close as possible to a filter. We start from several angles and wavelengths and keep the best.
#
# **Predict, then look.** Rows 1 and 3 show filters, rows 2 and 4 below them the fitted Gabor functions. Which share of a filter's squares will they explain for most filters: about 10 %, 50 % or
# 90 %? What about a random filter?


# %%
def fitted(filters, steps=250):
    """For each 7 x 7 x 3 filter the best Gabor function in a colour of its own, and the share of its squares that it explains."""
    starts = [(w, a, p) for w in (4.0, 8.0) for a in np.arange(4) * np.pi / 4 for p in (0.0, np.pi / 2)]
    count = len(filters)
    many = np.repeat(np.array([(*s, 2.0, 0.8) for s in starts], np.float32)[None], count, axis=0).reshape(-1, 5)
    parameters = tf.Variable(many)
    wanted = tf.repeat(tf.reshape(filters, (count, 49, 3)), len(starts), axis=0)
    optimizer = keras.optimizers.Adam(0.05)

    @tf.function
    def draw():
        limited = tf.clip_by_value(parameters, [3.0, -9.0, -9.0, 1.0, 0.3], [30.0, 9.0, 9.0, 4.0, 2.0])
        waves = tf.reshape(tf.vectorized_map(lambda p: gabor(7, *tf.unstack(p)), limited), (-1, 49))
        waves /= tf.norm(waves, axis=1, keepdims=True) + 1e-6
        colours = tf.einsum("np,npc->nc", waves, wanted)  # the best colour of a given wave
        shown = waves[:, :, None] * colours[:, None]
        return shown, 1 - tf.reduce_sum((wanted - shown) ** 2, (1, 2)) / tf.reduce_sum(wanted**2, (1, 2))

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            loss = -tf.reduce_sum(draw()[1])
        optimizer.apply(tape.gradient(loss, [parameters]), [parameters])

    optimizer.build([parameters])
    for _ in range(steps):
        step()
    shown, share = (value.numpy().reshape(count, len(starts), *value.shape[1:]) for value in draw())
    best = share.argmax(axis=1), np.arange(count)
    return shown[best[1], best[0]].reshape(count, 7, 7, 3), share.max(axis=1)


with suppress(NotImplementedError):  # runs once gabor is written; takes about ten seconds
    gabor(3, *(tf.constant(1.0) for _ in range(5)))
    filters = np.moveaxis(load_weights("small_cnn")[0], -1, 0)
    shown, share = fitted(filters)
    chance = np.random.default_rng(0).normal(size=filters.shape).astype(np.float32)
    order = np.argsort(-share)
    _, panels = plt.subplots(4, 12, figsize=(11, 4.2), layout="constrained")
    for i, which in enumerate(order):
        scale = 2.2 * np.abs(filters[which]).max()
        above = panels[2 * (i // 12), i % 12], panels[2 * (i // 12) + 1, i % 12]
        for panel, picture in zip(above, (filters[which], shown[which]), strict=True):
            panel.imshow(picture / scale + 0.5)
            panel.axis("off")
        above[1].set_title(f"{share[which]:.0%}", fontsize=8)
    plt.show()
    print(f"explained, median: {np.median(share):.0%} of a trained filter, {np.median(fitted(chance)[1]):.0%} of noise")

# %% [markdown]
# <details>
# <summary>Our answer</summary>
#
# About half: the median is 53 % in our run, and for the best filters 80 %. Of noise, it is 11 %, and most of that is luck: we keep the best of sixteen fits. So the
# first layer learned edges, bars and waves of several directions and sizes, in black and white or in two opposite colours, because that is what images
# are made of. A Gabor function in *one* colour cannot explain filters with several colours. Below the second filter of the third row, the fit is a fine wave, at the limit of what pixels can show.
#
# </details>
#
# ### Edges in every direction
#
# A *simple cell* of Hubel and Wiesel is well described by a Gabor function. It answers strongly to a line in its direction, but its answer depends on *where* in its field the line is: it flips its sign when the line moves by
# half a wavelength. Two of them with phases $0$ and $\pi/2$ together do not: like a sine and a cosine, their **squares** sum to the same. This is the *energy model* of their *complex cells*
# (Adelson and Bergen, 1985):
#
# $$E_n = (I \star g_{n, 0})^2 + (I \star g_{n, \pi/2})^2$$
#
# where $\star$ is what `tf.nn.conv2d` computes: a correlation, without turning the filter. No padding.


# %%
def orientation_energy(image, bank):
    """How much of each direction there is at each place.

    Args:
        image: a tensor of shape `(height, width)`.
        bank: the filters in pairs, a tensor of shape `(size, size, n, 2)`: `bank[:, :, i, 0]` and `bank[:, :, i, 1]` are the two
            phases of the i-th direction.

    Returns:
        A tensor of shape `(height - size + 1, width - size + 1, n)` with the dtype of `image`: the squares of a pair's two
        answers, added up.

    Example:

    >>> orientation_energy(tf.constant([[1., 2.]]), tf.constant([[[[3., 1.]]]])).numpy().tolist()
    [[[10.0], [40.0]]]
    """
    ### BEGIN SOLUTION
    size, _, n, _ = bank.shape
    filters = tf.reshape(bank, (size, size, 1, 2 * n))
    answers = tf.nn.conv2d(image[None, :, :, None], filters, 1, "VALID")[0]
    pairs = tf.reshape(answers, (*answers.shape[:2], n, 2))
    return tf.reduce_sum(pairs**2, axis=-1)
    ### END SOLUTION


# %%
check("orientation_energy")

# %%
with suppress(NotImplementedError):  # draws once gabor and orientation_energy are written
    picture = photograph("china")[::2, ::2]
    grey = tf.constant((picture.mean(axis=-1) / 255).astype(np.float32))
    angles = [n * np.pi / 4 for n in range(4)]
    pairs = [[gabor(9, *map(tf.constant, (5.0, a, p, 2.0, 0.7))) for p in (0.0, np.pi / 2)] for a in angles]
    bank = tf.stack([tf.stack([w - tf.reduce_mean(w) for w in pair], axis=-1) for pair in pairs], axis=2)
    energy = orientation_energy(grey, bank)
    _, panels = plt.subplots(1, 5, figsize=(12, 2), layout="constrained")
    panels[0].imshow(picture)
    for n, panel in enumerate(panels[1:]):
        panel.imshow(np.sqrt(energy[..., n]), cmap="gray", vmin=0, vmax=2)
        panel.set_title(f"the wave runs at {angles[n] * 180 / np.pi:.0f}°", fontsize=9)
    for panel in panels:
        panel.axis("off")
    plt.show()

# %% [markdown]
# **Predict, then look.** In which of the four do the columns of the pavilion shine, and in which the edges of its roofs?
#
# <details>
# <summary>Our answer</summary>
#
# The columns are vertical lines: brightness changes from left to right, so the wave runs at 0°. The roofs' edges are nearly horizontal: 90°. The tilted ridges of the roofs show at 45° and at
# 135°, on the two sides of the pavilion.
#
# </details>

# %% [markdown]
# ## 3. Which pixels matter? `saliency`
#
# Take the score $s_c$ of one class, and ask how it changes if a pixel changes a little. That is a gradient with respect to the *image* (Simonyan, Vedaldi and Zisserman, 2013, arXiv 1312.6034):
#
# $$M_{yx} = \max_k \left| \frac{\partial s_c}{\partial I_{yxk}} \right|$$
#
# the largest over the colour channels $k$ of the *absolute* values. Use the score **before** the softmax: after it, the largest change of "cat" may be a pixel that makes "dog" less likely. And where
# the network is sure, the softmax is flat, and its gradient is nearly 0 everywhere.
#
# A worked example with one pixel of three channels and the scores $s_0 = 2 I_0 - 3 I_1$, $s_1 = I_2$: the saliency of class 0 is $\max(2, 3, 0) = 3$.
#
# `model` is a function from a *batch* of images to scores, for example our network.


# %%
def saliency(model, image, label):
    """How strongly each pixel moves the score of a class.

    Args:
        model: a function from images `(n, height, width, channels)` to scores `(n, classes)`, before the softmax.
        image: a float tensor of shape `(height, width, channels)`.
        label: the class, an int.

    Returns:
        A tensor of shape `(height, width)` with the dtype of `image`: the largest absolute gradient over the channels. (The image
        is a tensor, not a variable: without `tape.watch(image)` the gradient is None.)

    Example:

    >>> def model(x): return tf.stack([2 * x[:, 0, 0, 0] - 3 * x[:, 0, 0, 1], x[:, 0, 0, 2]], axis=1)
    >>> saliency(model, tf.constant([[[1., 1., 1.]]]), 0).numpy().tolist()
    [[3.0]]
    """
    ### BEGIN SOLUTION
    with tf.GradientTape() as tape:
        tape.watch(image)
        score = model(image[None])[0, label]
    gradient = tape.gradient(score, image)
    return tf.reduce_max(tf.abs(gradient), axis=-1)
    ### END SOLUTION


# %%
check("saliency")

# %% [markdown]
# ## 4. Cover it up: `occlusion_map`
#
# A gradient speaks of tiny changes. Zeiler and Fergus (2013, arXiv 1311.2901, the paper behind the lecture's pictures [E]) change something you can see: they put a **grey square** on the image
# and look at how much the score of the class drops. Then they move the square.
#
# The corners of the squares are at rows and columns $0, s, 2s, \dots$ with the stride $s$, as long as the whole square lies inside the image. Grey is $0.5$ in all channels. The map holds
#
# $$D_{ij} = s_c(I) - s_c(I \text{ with the square at row } i s \text{, column } j s)$$
#
# so it is **large where something important was covered**. It can be negative: then the class looks *more* likely without that part.
#
# Example: the image $(1, 3)$ of one row with one channel, a score that is the sum of the pixels, patches of size 1 at stride 1: the drops are $4 - 3.5 = 0.5$ and $4 - 1.5 = 2.5$.
#
# No gradient is needed here. You may cut and paste with NumPy. And you may pass all covered images to the model as one batch: that is many times faster than one by one.


# %%
def occlusion_map(model, image, label, patch, stride):
    """How much the score of a class drops when a grey square covers a part of the image.

    Args:
        model: a function from images `(n, height, width, channels)` to scores `(n, classes)`.
        image: a float tensor of shape `(height, width, channels)`, values from 0 to 1.
        label: the class, an int.
        patch: height and width of the square in pixels, an int.
        stride: from one square to the next, in pixels, an int.

    Returns:
        A tensor or an array of shape `((height - patch) // stride + 1, (width - patch) // stride + 1)` with the dtype of `image`:
        the score of the image minus the score with the square.

    Example:

    >>> model = lambda x: tf.reduce_sum(x, axis=(1, 2))
    >>> np.asarray(occlusion_map(model, tf.constant([[[1.], [3.]]]), 0, 1, 1)).tolist()
    [[0.5, 2.5]]
    """
    ### BEGIN SOLUTION
    original = image.numpy()
    height, width, _ = original.shape
    tops, lefts = range(0, height - patch + 1, stride), range(0, width - patch + 1, stride)
    covered = []
    for top in tops:
        for left in lefts:
            changed = original.copy()
            changed[top : top + patch, left : left + patch] = 0.5
            covered.append(changed)
    before = model(image[None])[0, label]
    after = model(tf.constant(np.stack(covered)))[:, label]
    return tf.reshape(before - after, (len(tops), len(lefts)))
    ### END SOLUTION


# %%
check("occlusion_map")

# %% [markdown]
# Both maps, for pictures of shapes that the network recognizes.
#
# **Predict, then look.** Where will the saliency be high: inside the shape, on its outline, on the clutter? And which of the two maps is easier to read?

# %%
with suppress(NotImplementedError):  # draws once saliency and occlusion_map are written; one by one, a minute
    right = np.flatnonzero(scores.argmax(axis=1) == drawn_labels + 10)
    chosen = [next(i for i in right if drawn_labels[i] == label) for label in (1, 2, 4, 5, 8, 9)]
    _, panels = plt.subplots(3, 6, figsize=(9, 4.7), layout="constrained")
    for column, i in zip(panels.T, chosen, strict=True):
        image = tf.constant(drawn[i].astype(np.float32) / 255)
        column[0].imshow(image)
        column[0].set_title(NAMES[drawn_labels[i] + 10], fontsize=9)
        column[1].imshow(saliency(network, image, int(drawn_labels[i]) + 10), cmap="magma")
        drops = np.asarray(occlusion_map(network, image, int(drawn_labels[i]) + 10, 7, 1))
        limit, place = np.abs(drops).max(), (2.5, 28.5, 28.5, 2.5)  # each drop at the centre of its square
        column[2].imshow(drops, cmap="RdBu_r", vmin=-limit, vmax=limit, extent=place)
        for panel in column:
            panel.set(xticks=(), yticks=(), xlim=(-0.5, 31.5), ylim=(31.5, -0.5))
    for row, name in zip(panels, ("image", "saliency", "occlusion"), strict=True):
        row[0].set_ylabel(name)
    plt.show()

# %% [markdown]
# <details>
# <summary>Our answer</summary>
#
# Saliency is high mostly near the outline: a shape is known by its edges, and the inside of a disk looks like the inside of a square. But it is noisy, because it looks at single pixels, and neighbours in
# different colours. Occlusion is smoother and easier to read, at the price of hundreds of images. Do not take it for an outline, though: a square of 7 x 7 pixels inside a small shape covers several of its edges
# at once, so for the triangle the drop is largest inside, and for the bars between them. Blue means that the score rose: often a piece of clutter that speaks for another class was covered. Note
# that the grey square is itself a shape with edges and corners.
#
# </details>

# %% [markdown]
# ## 5. What does a unit see? `receptive_patch`
#
# A unit at row $y$, column $x$ of a deep layer depends on a window of the image. In notebook 2 you computed its *size*. Now compute *where* it is. Go backwards, from the unit to the image, and keep a
# range of rows $[a, b)$ as a slice would have it, without its end. At the start it is $[y, y + 1)$. Through a layer with the kernel size $f$, the stride $s$ and $p$ rows of padding
# **before** the first one, output $o$ sees the inputs from $o s - p$ to $o s - p + f$, so
#
# $$a \leftarrow a s - p, \qquad b \leftarrow (b - 1) s - p + f$$
#
# Example: two layers $(f, s, p) = (3, 1, 1)$ and then $(2, 2, 0)$, unit $y = 2$. The pooling layer is the **last**, so it comes first on the way back: $[2, 3) \to [4, 6) \to [3, 7)$. Four rows, 3 to 6. For $y = 0$
# it is $[0, 1) \to [0, 2) \to [-1, 3)$: the window starts outside of the image, where there is padding. Leave it so.


# %%
def receptive_patch(layers, y, x):
    """The window of the image that a unit of the last layer sees.

    Args:
        layers: of each layer, the first one first, a tuple `(size, stride, padding)` of ints: kernel size and stride, in both
            directions, and the padding before the first row and column.
        y: row of the unit, an int from 0.
        x: column of the unit.

    Returns:
        A tuple `(top, bottom, left, right)` of ints: the rows from `top` to `bottom`, without `bottom`, and the columns from
        `left` to `right`. They may reach beyond the image: negative numbers are right.

    Example:

    >>> receptive_patch([(3, 1, 1), (2, 2, 0)], 2, 0)
    (3, 7, -1, 3)
    """
    ### BEGIN SOLUTION
    top, bottom, left, right = y, y + 1, x, x + 1
    for size, stride, padding in reversed(layers):
        top, left = top * stride - padding, left * stride - padding
        bottom, right = (bottom - 1) * stride - padding + size, (right - 1) * stride - padding + size
    return top, bottom, left, right
    ### END SOLUTION


# %%
check("receptive_patch")

# %% [markdown]
# ## 6. What does it like? `top_patches`
#
# The lecture's pictures of "visualizing convolutional networks" [E] show, for each unit, the nine patches that excite it most. They take each image at most once: otherwise the
# nine would be nine shifts of the same spot.
#
# So, for one channel with the activations of $n$ images: find in **each image** its largest activation and where it is (the first in reading order, if there are several). Take the
# `k` images with the largest ones, the largest first (the first image first, if two are equal). Cut out what the unit sees there, with your `receptive_patch`. Where the window
# reaches beyond the image there are zeros, so all patches are equally large.


# %%
def top_patches(activations, images, layers, k):
    """The patches that excite a unit most, at most one of each image.

    Args:
        activations: one channel's activations of each image, an array of shape `(n, rows, columns)`.
        images: an array of shape `(n, height, width, channels)`.
        layers: from the image to these activations, as for `receptive_patch`.
        k: how many patches, an int, at most `n`.

    Returns:
        Two arrays as a tuple `(chosen, patches)`: the indices of the images, whole numbers of shape `(k,)`, the largest activation
        first; and what the unit sees there, of shape `(k, size, size, channels)` with the dtype of `images`, zeros outside of the
        images.

    Example:

    >>> activations, images = np.array([[[1., 4.]], [[7., 2.]]]), np.array([[[[1.], [2.]]], [[[3.], [4.]]]])
    >>> chosen, patches = top_patches(activations, images, [(1, 1, 0)], 2)
    >>> chosen.tolist(), patches.ravel().tolist()
    ([1, 0], [3.0, 2.0])
    """
    ### BEGIN SOLUTION
    n, _, columns = activations.shape
    flat = activations.reshape(n, -1)
    chosen = np.argsort(-flat.max(axis=1), kind="stable")[:k]
    height, width, channels = images.shape[1:]
    patches = []
    for which in chosen:
        top, bottom, left, right = receptive_patch(layers, *divmod(int(flat[which].argmax()), columns))
        patch = np.zeros((bottom - top, right - left, channels), images.dtype)
        rows, across = slice(max(top, 0), min(bottom, height)), slice(max(left, 0), min(right, width))
        inside = images[which, rows, across]
        patch[rows.start - top :, across.start - left :][: inside.shape[0], : inside.shape[1]] = inside
        patches.append(patch)
    return chosen, np.stack(patches)
    ### END SOLUTION


# %%
check("top_patches")

# %% [markdown]
# Each row is a unit of the second convolution; it sees 12 x 12 pixels. The patches on the left are from the photographs, cut into tiles, those on the right from the drawn shapes.
#
# **Predict, then look.** Will a unit like the same things in photographs as in shapes?

# %%
LAYERS = [(7, 1, 3), (2, 2, 0), (3, 1, 1)]


def tiled(step):
    """Parts of both photographs of 96 x 96 pixels, scaled down to 48 x 48. Their corners are `step` pixels apart."""
    return np.stack(
        [
            photograph(name)[row : row + 96 : 2, column : column + 96 : 2]
            for name in ("china", "flower")
            for row in range(0, 427 - 95, step)
            for column in range(0, 640 - 95, step)
        ]
    )


second = keras.Model(network.inputs[0], network.get_layer("conv2").output)

with suppress(NotImplementedError):  # draws once receptive_patch and top_patches are written
    kinds = [(images, second(images.astype("float32") / 255).numpy()) for images in (tiled(96), drawn)]
    lively = np.argsort(-np.min([found.max(axis=(1, 2)).mean(axis=0) for _, found in kinds], axis=0))[:6]
    _, panels = plt.subplots(6, 13, figsize=(10, 4.9), layout="constrained")
    for row, unit in zip(panels, lively, strict=True):
        for start, (images, found) in zip((0, 7), kinds, strict=True):
            patches = top_patches(found[..., unit], images, LAYERS, 6)[1]
            for panel, patch in zip(row[start : start + 6], patches, strict=True):
                panel.imshow(patch)
        row[0].set_ylabel(f"unit {unit}", fontsize=8)
        for panel in row:
            panel.set(xticks=(), yticks=())
        row[6].axis("off")
    plt.show()

# %% [markdown]
# <details>
# <summary>Our answer</summary>
#
# Yes, mostly: an edge of a certain direction, a corner, a colour next to another one. At this depth a unit knows no objects, it knows arrangements of edges and colours. The black borders are the padding: to the network, the end of an image is an edge like any other. The Brown lecture's "Eye Detector",
# "Eyes and Nose Detector" and "Dog Face Detector" [B] are units of layers 3, 4 and 5 of a far larger network.
#
# </details>

# %% [markdown]
# ## 7. Does it have a name? `dissection_iou`
#
# "Example: Network Dissection" [B] asks whether a unit stands for something that people have a word for (Bau et al., 2017, arXiv 1704.05796, [netdissect.csail.mit.edu](http://netdissect.csail.mit.edu/)). Take many images in
# which somebody has marked, pixel by pixel, where a *concept* is: an eye, the sky. Then
#
# 1. **Threshold.** Over *all images and places together*, find the value $T$ that the unit exceeds only in a small share of all places, for example 1 in 50: the *quantile* 0.98. (`np.quantile`.)
# 2. **Enlarge.** The unit's map is smaller than the mask: each of its values becomes a block, so that it is as large as the mask. (The paper interpolates. Blocks are simpler.)
# 3. **Compare** the pixels where the unit is active, $a > T$, with those of the concept, over all images together:
#
# $$\text{IoU} = \frac{\text{number of pixels in both}}{\text{number of pixels in at least one of them}}$$
#
# If neither has a pixel, the IoU is 0. The activations $(1, 4)$ and the quantile $0.5$: the threshold is $2.5$. With a mask of one row, $(0, 1, 1, 1)$, the enlarged activation is $(1, 1, 4, 4)$: it is active in the last two pixels, the
# intersection is 2, the union 3, and the IoU is 0.667.


# %%
def dissection_iou(activation, mask, quantile):
    """How well the places where a unit is active agree with a concept.

    Args:
        activation: a unit's activations of all images, an array of shape `(n, rows, columns)`.
        mask: where the concept is, a bool array of shape `(n, height, width)`. `height` is a multiple of `rows`, `width` of
            `columns`.
        quantile: the share of all activations that stay below the threshold, a float from 0 to 1.

    Returns:
        Intersection over union of all pixels of all images together, a float; 0 if the union is empty.

    Example:

    >>> float(dissection_iou(np.array([[[1., 4.]]]), np.array([[[False, True, True, True]]]), 0.5))
    0.6666666666666666
    """
    ### BEGIN SOLUTION
    threshold = np.quantile(activation, quantile)
    active = activation > threshold
    for axis in (1, 2):
        active = np.repeat(active, mask.shape[axis] // active.shape[axis], axis=axis)
    union = np.sum(active | mask)
    return float(np.sum(active & mask) / union) if union else 0.0
    ### END SOLUTION


# %%
check("dissection_iou")

# %% [markdown]
# The paper's concepts were drawn by people. Ours are coarse: rules about the colours of the two photographs. For each concept, here is the unit of the third convolution with the best IoU. The white lines are
# around the places where the unit is active, the black ones around the concept. The quantile is 0.9 and not 0.98, because in only two photographs these concepts fill more than 1 in 50 of all places.

# %%
third, tiles = keras.Model(network.inputs[0], network.get_layer("conv3").output), tiled(48)


def concept(name):
    """Tiles of the photographs, 32 x 32 pixels, and where a concept is in them."""
    red, green, blue = np.moveaxis(tiles[:, :32, :32].astype(int), -1, 0)
    rules = {
        "petal": (red > 150) & (red - blue > 60),
        "leaf": (green > red) & (red + green + blue < 250),
        "sky": (blue > 190) & (abs(red - blue) < 40) & (green > 180),
        "red wood": (red > 90) & (red - green > 50) & (red < 190) & (blue < 90),
    }
    return rules[name]


with suppress(NotImplementedError):  # draws once dissection_iou is written
    dissection_iou(np.ones((1, 1, 1)), np.ones((1, 1, 1), bool), 0.5)
    small = tiles[:, :32, :32]
    found = third(small.astype("float32") / 255).numpy()
    figure, panels = plt.subplots(4, 9, figsize=(10, 4.8), layout="constrained")
    for row, name in zip(panels, ("petal", "leaf", "sky", "red wood"), strict=True):
        mask = concept(name)
        ious = [dissection_iou(found[..., unit], mask, 0.9) for unit in range(found.shape[-1])]
        best = int(np.argmax(ious))
        limit = np.quantile(found[..., best], 0.9)
        for panel, i in zip(row[1:], np.argsort(-found[..., best].mean(axis=(1, 2)))[:40:5], strict=True):
            panel.imshow(small[i])
            blocks = (found[i, ..., best] > limit).repeat(4, axis=0).repeat(4, axis=1)
            for where, colour in ((mask[i], "black"), (blocks, "white")):
                if where.any() and not where.all():
                    panel.contour(where, levels=[0.5], colors=colour, linewidths=1.2)
            panel.axis("off")
        row[0].text(
            0, 0.5, f"{name}\nunit {best}\nIoU {ious[best]:.2f}\nmedian {np.median(ious):.2f}", va="center", fontsize=9
        )
        row[0].axis("off")
    plt.show()

# %% [markdown]
# **Predict, then look.** Each row shows the best of 64 units. If all 64 were random maps, would the *best* one still beat the median clearly? What should one compare it with?
#
# <details>
# <summary>Our answer</summary>
#
# Yes: the largest of 64 random numbers is always above their median. So an IoU alone proves little. One would choose the unit on some images and measure its IoU on *others*, and compare with units whose weights are
# shuffled. The paper does the latter with random rotations of the layer: the units then lose most of their names.
#
# </details>

# %% [markdown]
# ## 8. What would it like best? `maximize_activation`
#
# Turn training around: keep the weights, and change the *image* so that a unit or a class answers more strongly. That is gradient **ascent**, $x \leftarrow x + \eta \, \partial f / \partial x$, step by step.
#
# Example: $f(x) = -(x - 3)^2$, $x = 0$, $\eta = 0.25$. The gradient is $-2 (x - 3) = 6$, so the first step leads to $1.5$, the second to $1.5 + 0.25 \cdot 3 = 2.25$. The maximum is at 3.
#
# Do not normalize the gradient, and do not clip the image: what `f` wants, `f` gets. (We put what we want into `f`.)


# %%
def maximize_activation(f, image, steps, rate):
    """Changes an image by gradient ascent.

    Args:
        f: a function from an image to a number, a tensor of shape `()`.
        image: where to begin, a float tensor of shape `(height, width, channels)`. It is not changed.
        steps: how many, an int; 0 returns the image as it is.
        rate: the learning rate, a float.

    Returns:
        The image after the last step, a tensor of the same shape and dtype. (The tape has to be told to `watch` the image of each
        step, which is not a variable: otherwise the gradient is None.)

    Example:

    >>> maximize_activation(lambda x: -tf.reduce_sum((x - 3) ** 2), tf.zeros((1, 1, 1)), 2, 0.25).numpy().item()
    2.25
    """
    ### BEGIN SOLUTION
    for _ in range(steps):
        with tf.GradientTape() as tape:
            tape.watch(image)
            value = f(image)
        image = image + rate * tape.gradient(value, image)
    return image
    ### END SOLUTION


# %%
check("maximize_activation")

# %% [markdown]
# If you let a network dream freely it dreams noise: many tiny changes add up to a huge score without any shape. So `f` also punishes neighbouring pixels that differ, and colours outside of 0 to 1.
#
# **Predict, then look.** Which classes will you recognize: the drawn shapes, or CIFAR-10's animals?


# %%
def wish(label, smooth):
    """What the image is to maximize: the score of a class, less what makes an image unnatural."""

    def f(image):
        rough = tf.reduce_sum(tf.image.total_variation(image[None]))
        outside = tf.reduce_sum(tf.nn.relu(image - 1) ** 2 + tf.nn.relu(-image) ** 2)
        return network(image[None])[0, label] - smooth * rough - outside

    return tf.function(f)


with suppress(NotImplementedError):  # draws once maximize_activation is written; takes about half a minute
    maximize_activation(tf.reduce_sum, tf.zeros((1, 1, 1)), 1, 0.1)
    asked = ("ring", "star", "cross", "bars", "frog", "ship", "airplane")
    _, panels = plt.subplots(2, len(asked), figsize=(10, 3.3), layout="constrained")
    grey = 0.5 + np.random.default_rng(4).normal(0, 0.05, (32, 32, 3)).astype(np.float32)
    for column, name in zip(panels.T, asked, strict=True):
        for panel, smooth in zip(column, (0, 0.1), strict=True):
            best = maximize_activation(wish(NAMES.index(name), smooth), tf.constant(grey), 200, 0.2)
            panel.imshow(np.clip(best, 0, 1))
            score = network(best[None])[0, NAMES.index(name)]
            panel.set_title(f"{name}: {score:.0f}", fontsize=9)
            panel.set(xticks=(), yticks=())
    for row, name in zip(panels, ("free", "smooth"), strict=True):
        row[0].set_ylabel(name)
    plt.show()
    for name in asked[:4]:
        true = scores[drawn_labels + 10 == NAMES.index(name), NAMES.index(name)]
        print(f"{name}: score of true pictures {true.mean():.1f} on average, at most {true.max():.1f}")

# %% [markdown]
# <details>
# <summary>Our answer</summary>
#
# In the first row the bars, and a hint of the ring. In the second, the ring and the bars; for the star and the cross only coloured spots, many of them: our network ends in a *mean* over the image, so ten small parts that excite its
# units are better than one star. The frog is its skin, the ship is water with a horizon. And the scores are many times those of true pictures. What maximizes a score is not what the network was trained to recognize.
#
# </details>

# %% [markdown]
# ## 9. Content and style
#
# Now the famous application (Gatys, Ecker and Bethge, 2015, arXiv 1508.06576; "Neural style" [E]). Two images that are similar to *people* have similar **features** deep in a network. Two images that have the same *style* have features that
# occur **together** in the same way, wherever they are.
#
# ### `gram_matrix`
#
# Let $F_{ik}$ be the feature of channel $i$ at place $k$, where $k$ counts all places of the map. The Gram matrix [E]
#
# $$G_{ij} = \sum_k F_{ik} F_{jk}$$
#
# says how strongly the channels $i$ and $j$ are active at the same places. It sums over all places, so it does not know where anything is. A map of one row with two places and two channels, $(1, 2)$ at the first and $(3, 0)$ at the second:
# $G_{00} = 1 + 9 = 10$, $G_{01} = 1 \cdot 2 + 3 \cdot 0 = 2$, $G_{11} = 4$.


# %%
def gram_matrix(features):
    """How strongly the channels are active together.

    Args:
        features: a layer's features of one image, a tensor of shape `(height, width, channels)`.

    Returns:
        A tensor of shape `(channels, channels)` with the dtype of `features`: sums over all places, not means.

    Example:

    >>> gram_matrix(tf.constant([[[1., 2.], [3., 0.]]])).numpy().tolist()
    [[10.0, 2.0], [2.0, 4.0]]
    """
    ### BEGIN SOLUTION
    flat = tf.reshape(features, (-1, features.shape[-1]))
    return tf.matmul(flat, flat, transpose_a=True)
    ### END SOLUTION


# %%
check("gram_matrix")

# %% [markdown]
# **Predict, then look.** The image is mirrored, or its rows are shuffled. What happens to the Gram matrix of the *pixels*? And to that of a convolution's features?
#
# <details>
# <summary>Our answer</summary>
#
# That of the pixels stays as it is in both cases: the same terms are summed in another order. A convolution's features change, because its filters see neighbourhoods: a shuffled image has other edges.
#
# </details>
#
# ### `content_loss` and `style_loss`
#
# The content is compared place by place (the formula of Gatys et al.), the style by Gram matrices [E]. $P$ are the features of the content image, and $A^L$ is the Gram matrix of the style image in the layer $L$:
#
# $$\mathcal{L}_\text{content} = \frac{1}{2} \sum_{i, k} (F_{ik} - P_{ik})^2, \qquad E_L = \sum_{i, j} (G^L_{ij} - A^L_{ij})^2$$
#
# The lecture's $E_L$ has no factor in front; the paper divides by $4 N^2 M^2$ ($N$ channels, $M$ places). A factor changes nothing but the meaning of $\beta$. We follow the lecture.


# %%
def content_loss(features, target):
    """How far the features are from those of the content image.

    Args:
        features: of the image that is made, a tensor of shape `(height, width, channels)`.
        target: of the content image, the same shape.

    Returns:
        Half the sum of the squared differences, a tensor of shape `()`.

    Example:

    >>> float(content_loss(tf.constant([[[1., 4.]]]), tf.constant([[[2., 2.]]])))
    2.5
    """
    ### BEGIN SOLUTION
    return tf.reduce_sum((features - target) ** 2) / 2
    ### END SOLUTION


# %%
check("content_loss")


# %%
def style_loss(features, gram):
    """How far the style of one layer's features is from a given one.

    Args:
        features: of the image that is made, a tensor of shape `(height, width, channels)`.
        gram: the Gram matrix of the style image in this layer, a tensor of shape `(channels, channels)`.

    Returns:
        The sum of the squared differences of all entries of the two Gram matrices, a tensor of shape `()`.

    Example:

    >>> float(style_loss(tf.constant([[[1., 2.]]]), tf.constant([[1., 1.], [1., 1.]])))
    11.0
    """
    ### BEGIN SOLUTION
    return tf.reduce_sum((gram_matrix(features) - gram) ** 2)
    ### END SOLUTION


# %%
check("style_loss")

# %% [markdown]
# ### `total_loss`
#
# $$\mathcal{L}_\text{total} = \alpha \, \mathcal{L}_\text{content} + \beta \, \mathcal{L}_\text{style}, \qquad \mathcal{L}_\text{style} = \sum_L E_L$$
#
# as in the lecture [E]. The content is compared in the **last** of the layers that `extract` gives, the style in **all** of them. The image is the variable here: gradients flow through `extract` back to its pixels.


# %%
def total_loss(image, extract, content, grams, alpha, beta):
    """What an image in a given style and with a given content is to minimize.

    Args:
        image: the image that is made, a tensor of shape `(height, width, channels)`.
        extract: a function from images `(n, height, width, channels)` to a list of feature maps, one for each layer, each of shape
            `(n, rows, columns, its channels)`.
        content: the content image's features in the last layer, a tensor of shape `(rows, columns, channels)`.
        grams: a list of the style image's Gram matrices, one for each layer.
        alpha: weight of the content, a float.
        beta: weight of the style.

    Returns:
        A tensor of shape `()`.

    Example:

    >>> image, gram = tf.constant([[[1., 2.]]]), tf.constant([[1., 1.], [1., 1.]])
    >>> float(total_loss(image, lambda x: [x], tf.constant([[[1., 4.]]]), [gram], 10.0, 1.0))
    31.0
    """
    ### BEGIN SOLUTION
    features = [each[0] for each in extract(image[None])]
    style = tf.add_n([style_loss(each, gram) for each, gram in zip(features, grams, strict=True)])
    return alpha * content_loss(features[-1], content) + beta * style
    ### END SOLUTION


# %%
check("total_loss")

# %% [markdown]
# Now for real, small: 64 x 64 pixels, the content of one photograph and the style of the other. Adam changes the pixels, 300 steps. As in section 8, neighbouring pixels that differ are punished a little, or the style
# would appear as noise.
#
# **Predict, then look.** The image begins as the content image, so its content loss is 0. Which of the two losses rises and which falls?

# %%
look = keras.Model(network.inputs[0], [network.get_layer(name).output for name in ("conv1", "conv2", "conv3")])


def square(name, size=64):
    """The middle of a photograph, scaled down: (size, size, 3), float32 from 0 to 1."""
    picture = photograph(name)[13:413, 70:470] if name == "china" else photograph(name)[50:400, 130:480]
    return tf.image.resize(tf.constant(picture, tf.float32) / 255, (size, size), antialias=True)


def painted(content_image, style_image, alpha, beta, keep=(0, 10, 30, 100, 300)):
    """Gradient descent on the pixels: the image after some of the steps, and the two parts of the loss after each."""
    content = look(content_image[None])[-1][0]
    grams = [gram_matrix(each[0]) for each in look(style_image[None])]
    image, optimizer = tf.Variable(content_image), keras.optimizers.Adam(0.02)
    optimizer.build([image])

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            loss = total_loss(image, look, content, grams, alpha, beta) + 5 * tf.image.total_variation(image)
        parts = total_loss(image, look, content, grams, alpha, 0.0), total_loss(image, look, content, grams, 0.0, beta)
        optimizer.apply([tape.gradient(loss, image)], [image])
        image.assign(tf.clip_by_value(image, 0, 1))
        return parts

    pictures, losses = {0: image.numpy()}, []
    for number in range(1, max(keep) + 1):
        losses.append([float(part) for part in step()])
        if number in keep:
            pictures[number] = image.numpy()
    return pictures, np.array(losses)


with suppress(NotImplementedError):  # paints once the losses are written; takes about half a minute
    pairs = (("flower", "china"), ("china", "flower"))
    results = [painted(square(a), square(b), 1.0, 1e-3) for a, b in pairs]
    _, panels = plt.subplots(2, 7, figsize=(12, 3.7), layout="constrained")
    for row, (content_name, style_name), (pictures, losses) in zip(panels, pairs, results, strict=True):
        for panel, (number, picture) in zip(row, pictures.items(), strict=False):
            panel.imshow(picture)
            panel.set_title(f"step {number}", fontsize=9)
        row[5].imshow(square(style_name))
        row[5].set_title("style", fontsize=9)
        for panel in row[:6]:
            panel.axis("off")
        for part, name in zip(losses.T, ("content", "style"), strict=True):
            row[6].plot(np.arange(1, len(losses) + 1), part + 1e-3, label=name)
        row[6].set(yscale="log", xscale="log", xlabel="step")
        row[6].set_ylim(losses[:, 1].min() / 10, None)
        row[6].legend(fontsize=7)
    plt.show()

# %% [markdown]
# <details>
# <summary>Our answer</summary>
#
# The content loss starts at 0, so it can only rise at first. In our run it is largest at step 13, and then it falls again by a quarter. The style loss falls by a factor of about
# fifty. The colours and the small textures of the style image appear first, and the outlines of the content stay. Our network is tiny: its units know edges,
# corners and colours, so its "style" is the palette and the texture. With VGG-19, as in the paper, whole brush strokes are carried over.
#
# </details>

# %% [markdown]
# ## 10. A network as a prior: the deep image prior
#
# The last idea needs no training data at all. Ulyanov, Vedaldi and Lempitsky (2017, arXiv 1711.10925; "CNNs as Regularizers – Deep Prior" [P]) take a network with **random** weights and a **fixed** input $z$, and train it on *one single image*: the damaged one.
# Its structure makes it easier to produce something like a photograph than noise or holes. So on its way to the damaged image it passes by the clean one.
#
# ### `deep_prior_loss`
#
# For inpainting "only the known pixels count": with a mask $m$ that is 1 where the pixel is known, and 0 where it is lost, $\|(f_\theta(z) - x) \odot m\|^2$. So that pictures with larger and smaller holes can be compared, we divide by the number of **known values**
# (known pixels times channels): the loss is the mean squared error *over what is known*.
#
# Example: output $(1, 5, 2)$, image $(1, 0, 4)$, mask $(1, 0, 1)$, one channel: $((1-1)^2 + (2-4)^2) / 2 = 2$.


# %%
def deep_prior_loss(output, image, mask):
    """The mean squared error over the known pixels.

    Args:
        output: of the network, a tensor of shape `(n, height, width, channels)`.
        image: the damaged image, the same shape. What it holds at unknown pixels does not matter.
        mask: a tensor of shape `(n, height, width, 1)`: 1 where a pixel is known, 0 where not. Some are known.

    Returns:
        A tensor of shape `()`: the sum of the squared differences at known pixels, divided by the number of known values.

    Example:

    >>> output, image, mask = (tf.reshape(tf.constant(v), (1, 1, 3, 1)) for v in ([1., 5., 2.], [1., 0., 4.], [1., 0., 1.]))
    >>> float(deep_prior_loss(output, image, mask))
    2.0
    """
    ### BEGIN SOLUTION
    squares = mask * (output - image) ** 2
    return tf.reduce_sum(squares) / (tf.reduce_sum(mask) * output.shape[-1])
    ### END SOLUTION


# %%
check("deep_prior_loss")

# %% [markdown]
# ### `deep_prior_input`
#
# What goes in? "Random noise from $U[0, \frac{1}{10}]$ used on input; in large inpainting, meshgrid is used instead" [P]. The *meshgrid* has two channels that say where a pixel is: its row and its column, each from 0 at the first to 1 at the last.
# For 2 rows and 3 columns:
#
# $$\text{rows: } \begin{bmatrix} 0 & 0 & 0 \\ 1 & 1 & 1 \end{bmatrix} \qquad \text{columns: } \begin{bmatrix} 0 & 0.5 & 1 \\ 0 & 0.5 & 1 \end{bmatrix}$$


# %%
def deep_prior_input(kind, shape, seed):
    """The fixed input of the network.

    Args:
        kind: "noise", independent numbers from the uniform distribution on [0, 1/10]; or "meshgrid", row and column from 0 to 1.
        shape: a tuple `(height, width, channels)`, height and width at least 2; for the meshgrid there are 2 channels.
        seed: of the noise, an int; the same seed gives the same noise.

    Returns:
        A tensor or an array of shape `(1, height, width, channels)`, float32. In the meshgrid, channel 0 is the row and channel 1
        the column.

    Example:

    >>> np.asarray(deep_prior_input("meshgrid", (2, 3, 2), 0))[0, :, :, 1].tolist()
    [[0.0, 0.5, 1.0], [0.0, 0.5, 1.0]]
    """
    ### BEGIN SOLUTION
    height, width, _ = shape
    if kind == "noise":
        values = np.random.default_rng(seed).uniform(0, 0.1, shape)
    else:
        rows, columns = np.linspace(0, 1, height), np.linspace(0, 1, width)
        values = np.stack(np.meshgrid(rows, columns, indexing="ij"), axis=-1)
    return tf.constant(values[None], tf.float32)
    ### END SOLUTION


# %%
check("deep_prior_input")

# %% [markdown]
# ### `deep_prior_step`
#
# One step of training, as `train_step` in notebook 5: but there is one "image" in the batch, always the same one, and the loss is `deep_prior_loss`. The **weights** change; the input $z$ stays as it is.


# %%
def deep_prior_step(network, z, image, mask, optimizer):
    """One step of training a network on a single damaged image.

    Args:
        network: a Keras model; `network(z)` has the shape of `image`.
        z: its fixed input, a tensor of shape `(1, height, width, channels)`. It is not changed.
        image: the damaged image, a tensor of shape `(1, height, width, channels)`.
        mask: of shape `(1, height, width, 1)`: 1 where a pixel is known.
        optimizer: a Keras optimizer, used again for the next step.

    Returns:
        The loss before the step, a tensor of shape `()`. The network's weights are changed in place.

    Example:

    >>> net = keras.Sequential([keras.Input((1, 2, 1)), keras.layers.Conv2D(1, 1, kernel_initializer="ones", use_bias=False)])
    >>> z, image, mask = (tf.reshape(tf.constant(v), (1, 1, 2, 1)) for v in ([1., 1.], [3., 9.], [1., 0.]))
    >>> optimizer = keras.optimizers.SGD(0.25)
    >>> [float(deep_prior_step(net, z, image, mask, optimizer)) for _ in range(2)]
    [4.0, 1.0]
    """
    ### BEGIN SOLUTION
    with tf.GradientTape() as tape:
        loss = deep_prior_loss(network(z), image, mask)
    gradients = tape.gradient(loss, network.trainable_variables)
    optimizer.apply_gradients(zip(gradients, network.trainable_variables, strict=True))
    return loss
    ### END SOLUTION


# %%
check("deep_prior_step")

# %% [markdown]
# ### Three repairs with one function
#
# - **Inpainting**: three tenths of the pixels are known, the mask says which.
# - **Denoising**: everything is known, but wrong by noise. The network learns the picture first and the noise later, so stop *early*.
# - **Super-resolution**: only a picture with a quarter of the height and width is known. Append an average pooling layer to the network: what the pooled output must match is the small picture, and the large picture comes out before the pooling.
#
# The network is an hourglass: down three times, up three times, with shortcuts.
#
# **Predict, then look.** For denoising, the loss falls nearly all the time. What does the distance to the *clean* picture do?


# %%
def hourglass(channels_in, width=24, levels=3):
    """Down and up again, with shortcuts; three channels from 0 to 1 come out."""

    def block(x, strides=1):
        x = keras.layers.Conv2D(width, 3, strides, padding="same", use_bias=False)(x)
        return keras.layers.LeakyReLU(0.2)(keras.layers.GroupNormalization(6)(x))

    inputs = x = keras.Input((64, 64, channels_in))
    shortcuts = []
    for _ in range(levels):
        shortcuts.append(keras.layers.Conv2D(4, 1)(x))
        x = block(block(x, 2))
    for shortcut in reversed(shortcuts):
        x = keras.layers.UpSampling2D(interpolation="bilinear")(x)
        x = block(keras.layers.Concatenate()([x, shortcut]))
    return keras.Model(inputs, keras.layers.Conv2D(3, 1, activation="sigmoid")(x))


def decibels(a, b):
    """Peak signal-to-noise ratio of pictures from 0 to 1: the larger, the closer."""
    return float(-10 * np.log10(np.mean((np.asarray(a) - np.asarray(b)) ** 2)))


def repaired(image, mask, clean, shrink=1, steps=600, keep=(60, 360, 600)):
    """Trains one hourglass on one image: pictures after some steps, and how close to the clean one the output was."""
    keras.utils.set_random_seed(3)
    net = hourglass(8)
    outer = keras.Model(net.input, keras.layers.AveragePooling2D(shrink)(net.output)) if shrink > 1 else net
    z = tf.convert_to_tensor(deep_prior_input("noise", (64, 64, 8), 0))
    optimizer = keras.optimizers.Adam(0.01)
    optimizer.build(net.trainable_variables)
    step = tf.function(deep_prior_step)
    pictures, curve = {}, []
    for number in range(1, steps + 1):
        loss = float(step(outer, z, image, mask, optimizer))
        if number % 20 == 0:
            shown = net(z)[0]
            curve.append((number, loss, decibels(shown, clean)))
            if number in keep:
                pictures[f"step {number}: {curve[-1][2]:.1f} dB"] = shown
    return pictures, np.array(curve)


with suppress(NotImplementedError):  # runs once the deep prior is written; takes about a minute
    rng = np.random.default_rng(1)
    clean = square("china")
    holes = tf.constant((rng.random((1, 64, 64, 1)) < 0.3).astype(np.float32))
    noisy = tf.constant(np.clip(clean + rng.normal(0, 0.12, clean.shape), 0, 1).astype(np.float32))
    tiny = tf.nn.avg_pool2d(clean[None], 4, 4, "VALID")
    everything = tf.ones((1, 64, 64, 1))
    tasks = {
        "inpainting": (clean[None] * holes, holes, clean * holes[0]),
        "denoising": (noisy[None], everything, noisy),
        "super-resolution": (tiny, tf.ones((1, 16, 16, 1)), tf.image.resize(tiny[0], (64, 64), "nearest")),
    }
    figure, panels = plt.subplots(3, 6, figsize=(12, 6.2), layout="constrained", width_ratios=(1, 1, 1, 1, 1, 1.5))
    for row, (name, (image, mask, given)) in zip(panels, tasks.items(), strict=True):
        pictures, curve = repaired(image, mask, clean, shrink=4 if name == "super-resolution" else 1)
        shown = {f"{name}: {decibels(given, clean):.1f} dB": given, **pictures, "clean": clean}
        for panel, (title, picture) in zip(row, shown.items(), strict=False):
            panel.imshow(np.clip(picture, 0, 1))
            panel.set_title(title, fontsize=8)
            panel.axis("off")
        row[5].plot(curve[:, 0], curve[:, 2])
        best = curve[curve[:, 2].argmax()]
        row[5].axvline(best[0], color="gray", linestyle=":")
        row[5].set_title(f"closest at step {best[0]:.0f}: {best[2]:.1f} dB", fontsize=8)
        row[5].set(xlabel="step", ylabel="dB")
    plt.show()

# %% [markdown]
# <details>
# <summary>Our answer</summary>
#
# It falls first and rises later, so the decibels rise and fall. In our run the noisy picture has 19.2 dB. The output is closest at step 380, with 25.4 dB, and at step 600 it has lost 1.6 dB again: the network has begun to learn the noise. Inpainting goes from 5.7
# to 24.6 dB, and super-resolution from 21.9 to 23.0: nobody told the network what a pavilion looks like, only that neighbouring pixels belong together on several scales. That is in its convolutions and its enlarging layers.
#
# How good is that? At 64 x 64 pixels, about as good as methods without any network: linear interpolation of the known pixels reaches 24.8 dB, bicubic enlarging 23.1, and blurring the noisy picture a little
# (a Gaussian with $\sigma = 0.8$) 25.0. What is remarkable is that a network gets there without any training data.
#
# A catch: we could only see when to stop because we had the clean picture. In earnest one must stop by a rule, for example when the loss has come down to the mean square of the noise. Clipped to the range from 0 to 1,
# ours has 0.0121, and in our run the loss reached it at the best step.
#
# </details>
#
# ## What you have
#
# Six ways to question a network, and one gradient behind half of them. The same score was differentiated with respect to the *weights* (training, the deep prior) and with respect to the *pixels* (saliency, activation maximization, style): the chain
# rule does not care which of its inputs you call the parameters.
#
# What you saw is a hint, never a proof. Some kinds of saliency maps, such as guided backpropagation, hardly change when the network's weights are randomized; the plain gradient, your `saliency`, passed that test
# (Adebayo et al., 2018, arXiv 1810.03292). And the best of 64 units always fits something. Cover it up, and measure.
