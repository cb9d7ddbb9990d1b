# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Pooling
#
# A convolutional network repeats one block: **convolution, ReLU, pooling**. The convolution was the previous
# assignment; here you write the other two.
#
# You will learn
#
# - what the ReLU does to values and to gradients,
# - how max and average pooling work, with any window, stride and padding, and where their gradients go,
# - how a network can learn its own pooling, and how it ends in one number per channel,
# - what *equivariance* and *invariance* to shifts mean, how much of them pooling keeps, and how a blur saves the
#   rest.
#
# The examples come from five lecture decks: Brown CSCI 1470, EPFL ANN lecture 8, NTU DLCV, UFAL NPFL114 and UCLA ACM
# AI.
#
# Write your code where a cell raises `NotImplementedError`, then run the check below it. It compares your values *and
# your gradients* with a reference. Images are `(n, h, w, c)`: batch, height, width, channels. Your functions take the
# dtype of their inputs: float64 in, float64 out.

# %%
from contextlib import suppress

from autograder import check

import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf

# %% [markdown]
# ## Two helpers
#
# `tf.nn` accepts a window or stride as one number, as a pair or as a list of 4, and splits the padding of `"SAME"` so
# that an odd pixel goes **after** the image. You met both rules in the convolution assignment, so they are given
# here. Use them, or write your own.
#
# The string is `"SAME"`, in capitals. Brown's slide writes `"Same"`: Keras accepts that, `tf.nn` raises an error.


# %%
def height_width(value):
    """Reads a ksize or strides argument as `tf.nn` does: 2 -> (2, 2), (3, 2) -> (3, 2), [1, 3, 2, 1] -> (3, 2)."""
    if isinstance(value, int):
        return value, value
    return tuple(value[1:3] if len(value) == 4 else value)


def same_padding(n, f, stride):
    """The zeros that "SAME" puts before and after `n` pixels for windows of `f` pixels: (before, after)."""
    outputs = -(-n // stride)  # n / stride, rounded up
    total = max((outputs - 1) * stride + f - n, 0)
    return total // 2, total - total // 2


# %% [markdown]
# ## 1. ReLU
#
# Without a nonlinearity, two convolutions in a row are one convolution. The rectified linear unit is the "pixel by
# pixel computation" (NTU DLCV) of
#
# $$\operatorname{ReLU}(x) = \max(0, x)$$
#
# Its slope is $1$ for $x > 0$ and $0$ for $x < 0$. UCLA ACM AI gives the consequences: the derivative of the sigmoid
# never exceeds $0.25$, so a product over many layers vanishes, while the ReLU passes the gradient on unchanged; and
# where the input is negative nothing passes, which can "kill" neurons and makes the activations sparse.
#
# | $x$ | -3 | -0.5 | 0.5 | 7 |
# |---|---|---|---|---|
# | ReLU | 0 | 0 | 0.5 | 7 |
# | slope | 0 | 0 | 1 | 1 |
#
# At $x = 0$ there is no derivative. Libraries choose one (`tf.nn.relu` takes 0); the checks stay away from that
# point.
#
# Write it without `tf.nn.relu` and its relatives.


# %%
def relu(x):
    """Rectified linear unit, entry by entry.

    y = max(0, x), with slope 1 for x > 0 and 0 for x < 0.

    Args:
        x: float tensor of any shape.

    Returns:
        A tensor like x.

    Example:
        >>> relu(tf.constant([-3.0, 0.5, 7.0]))
        [0.0, 0.5, 7.0]
    """
    ### BEGIN SOLUTION
    return tf.maximum(x, 0)
    ### END SOLUTION


# %%
check("relu")

# %% [markdown]
# The picture compares the two slopes. The sigmoid's is largest at $x = 0$, and there it is $1/4$.

# %%
with suppress(NotImplementedError):  # draws once relu is written
    x = tf.linspace(-4.0, 4.0, 200)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        curves = {"ReLU": relu(x), "sigmoid": tf.sigmoid(x)}
    slopes = {name: tape.gradient(y, x) for name, y in curves.items()}

    fig, axes = plt.subplots(1, 2, figsize=(7, 2.4))
    for axis, lines, title in zip(axes, (curves, slopes), ("value", "slope"), strict=True):
        for name, y in lines.items():
            axis.plot(x, y, label=name)
        axis.set(title=title, xlabel="x")
        axis.grid(alpha=0.3)
    axes[0].legend()
    fig.tight_layout()

# %% [markdown]
# ## 2. Max pooling
#
# Pooling is "similar to convolution, but we perform a fixed operation instead of multiplying by a kernel" (UFAL
# NPFL114). It "operates over each activation map independently" (NTU DLCV): the channels never mix, and nothing is
# learnt.
#
# Max pooling with a window of $k_h \times k_w$ and strides $s_h, s_w$:
#
# $$y_{n,i,j,c} = \max_{0 \le u < k_h,\; 0 \le v < k_w} x_{n,\; i s_h + u,\; j s_w + v,\; c}$$
#
# Brown CSCI 1470 slides a $2\times2$ window with stride 2:
#
# $$\begin{bmatrix} 6 & 3 & 1 & -3 \\ 4 & 1 & 2 & 0 \\ 3 & 1 & 3 & 2 \\ 7 & 1 & 1 & 1 \end{bmatrix}
# \;\longrightarrow\; \begin{bmatrix} 6 & 2 \\ 7 & 3 \end{bmatrix}$$
#
# **Sizes.** As for a convolution, `"VALID"` gives $\lfloor (n - f)/s \rfloor + 1$ outputs for $n$ pixels, and windows
# that do not fit are dropped. `"SAME"` gives $\lceil n/s \rceil$. UCLA ACM AI names the two usual choices:
#
# - $F = 2, S = 2$: "downsample by 75 %", one of four values stays;
# - $F = 3, S = 2$: the windows **overlap**. AlexNet does this three times, $55 \to 27$, $27 \to 13$ and $13 \to 6$
#   (NTU DLCV). Check one of them by hand.
#
# **Padding.** The padding of a max must never win, not even against negative numbers. A zero would: the maximum of
# $-3$ and a padded $0$ is $0$, which is nowhere in the image. So `"SAME"` pads with $-\infty$.
#
# **Gradient.** $\partial y / \partial x$ is 1 at the maximum of the window and 0 elsewhere. TensorFlow finds that by
# itself as long as you stay with TensorFlow operations.
#
# Write it from scratch, without the pooling functions of TensorFlow and Keras. A way to begin: take the pixel $(u, v)$
# of *every* window at once. That is one strided slice of the image.


# %%
def max_pool2d(input, ksize, strides, padding):
    """Max pooling: the largest entry of every window, channel by channel.

    y[n, i, j, c] = max over u < kh, v < kw of input[n, i * sh + u, j * sw + v, c],
    where "SAME" first surrounds the image with -inf.

    Args:
        input: float tensor (n, h, w, c).
        ksize: the window, an int, a pair (kh, kw) or a list [1, kh, kw, 1].
        strides: an int, a pair (sh, sw) or a list [1, sh, sw, 1].
        padding: "VALID" or "SAME".

    Returns:
        A tensor (n, out_h, out_w, c) of input's dtype, with out_h = floor((h - kh) / sh) + 1 for "VALID" and
        ceil(h / sh) for "SAME".

    Example:
        >>> image = tf.constant([[6.0, 3.0], [4.0, 1.0]])
        >>> max_pool2d(image[None, :, :, None], 2, 2, "VALID")  # shape (1, 1, 1, 1)
        [[[[6.0]]]]
    """
    ### BEGIN SOLUTION
    (kh, kw), (sh, sw) = height_width(ksize), height_width(strides)
    if padding == "SAME":
        pads = [(0, 0), same_padding(input.shape[1], kh, sh), same_padding(input.shape[2], kw, sw), (0, 0)]
        input = tf.pad(input, pads, constant_values=-np.inf)
    below, right = input.shape[1] - kh + 1, input.shape[2] - kw + 1  # where the windows' first pixels end
    pixels = [input[:, u : below + u : sh, v : right + v : sw] for u in range(kh) for v in range(kw)]
    return tf.reduce_max(tf.stack(pixels), axis=0)
    ### END SOLUTION


# %%
check("max_pool2d")

# %% [markdown]
# ### What max pooling forgets
#
# Brown CSCI 1470 shows three windows,
#
# $$f\left(\begin{bmatrix} 6 & 3 \\ 4 & 1 \end{bmatrix}\right) = 6, \qquad
# f\left(\begin{bmatrix} 1 & 5 \\ 6 & 3 \end{bmatrix}\right) = 6, \qquad
# f\left(\begin{bmatrix} 2 & 6 \\ 2 & 4 \end{bmatrix}\right) = 6:$$
#
# "the highest activation pixel can shift around within the pooling window, and the output does not change". That is
# the small **invariance** which pooling buys, and its price: *that* there is an edge survives, *where* it was does
# not. EPFL ANN lecture 8 says it carefully, "invariance to small translations with some probability": a pixel that
# crosses into the next window does change the output. Sections 7 to 9 measure this.

# %% [markdown]
# ## 3. Average pooling
#
# The mean takes the place of the maximum:
#
# $$y_{n,i,j,c} = \frac{1}{|W_{ij}|} \sum_{(p, q) \in W_{ij}} x_{n,p,q,c}$$
#
# where $W_{ij}$ are the pixels of window $(i, j)$. Brown's image, again $2\times2$ with stride 2:
#
# $$\begin{bmatrix} 6 & 3 & 1 & -3 \\ 4 & 1 & 2 & 0 \\ 3 & 1 & 3 & 2 \\ 7 & 1 & 1 & 1 \end{bmatrix}
# \;\longrightarrow\; \begin{bmatrix} 3.5 & 0 \\ 3 & 1.75 \end{bmatrix}$$
#
# With `"VALID"`, $|W_{ij}| = k_h k_w$. With `"SAME"`, TensorFlow **leaves the padding out of the mean**: a window at
# the border is divided by the number of its pixels that lie inside the image. A $3\times3$ window over the corner of
# an image has 4 real pixels, so it divides by 4. Otherwise every feature map would get a dark frame.
#
# A real zero in the image does count. After a ReLU there are many.
#
# From scratch again. `tf.image.extract_patches` is allowed here and in the other questions: it only cuts windows out.
# (Mind that it pads with zeros.)


# %%
def avg_pool2d(input, ksize, strides, padding):
    """Average pooling: the mean of every window, channel by channel, without the padding.

    y[n, i, j, c] = sum of input[n, p, q, c] over the pixels (p, q) of window (i, j) that lie inside the image,
    divided by the number of these pixels.

    Args:
        input: float tensor (n, h, w, c).
        ksize: the window, an int, a pair (kh, kw) or a list [1, kh, kw, 1].
        strides: an int, a pair (sh, sw) or a list [1, sh, sw, 1].
        padding: "VALID" or "SAME".

    Returns:
        A tensor (n, out_h, out_w, c) of input's dtype, of the size that max_pool2d has.

    Example:
        >>> image = tf.constant([[6.0, 3.0], [4.0, 1.0]])
        >>> avg_pool2d(image[None, :, :, None], 2, 2, "VALID")  # shape (1, 1, 1, 1)
        [[[[3.5]]]]
    """
    ### BEGIN SOLUTION
    (kh, kw), (sh, sw) = height_width(ksize), height_width(strides)
    pads = [(0, 0)] * 4
    if padding == "SAME":
        pads[1:3] = same_padding(input.shape[1], kh, sh), same_padding(input.shape[2], kw, sw)

    def window_sums(x):
        x = tf.pad(x, pads)
        below, right = x.shape[1] - kh + 1, x.shape[2] - kw + 1
        return tf.add_n([x[:, u : below + u : sh, v : right + v : sw] for u in range(kh) for v in range(kw)])

    return window_sums(input) / window_sums(tf.ones_like(input))  # an image of ones counts the pixels
    ### END SOLUTION


# %%
check("avg_pool2d")

# %% [markdown]
# ### What each pooling keeps
#
# UCLA ACM AI illustrates one drawback of each pooling. Thin **dark** strokes vanish under max pooling; under average
# pooling every thin stroke fades into grey. Which layers come before, and which sign an important feature has,
# decides what you want.

# %%
with suppress(NotImplementedError):  # draws once both poolings are written
    rows, columns = np.mgrid[:24, :24]
    strokes = ((rows == columns) | (rows == 6)).astype(np.float32)
    pictures = []
    for name, image in (("bright strokes", strokes), ("dark strokes", 1 - strokes)):
        image = tf.constant(image[None, :, :, None])
        pictures.append((name, image))
        pictures.append(("max pooling, 4x4", max_pool2d(image, 4, 4, "VALID")))
        pictures.append(("average pooling, 4x4", avg_pool2d(image, 4, 4, "VALID")))

    fig, axes = plt.subplots(2, 3, figsize=(7, 4.8))
    for axis, (title, image) in zip(axes.flat, pictures, strict=True):
        axis.imshow(image[0, :, :, 0], cmap="gray", vmin=0, vmax=1)
        axis.set_title(title, fontsize=10)
        axis.set(xticks=[], yticks=[])
    fig.tight_layout()

# %% [markdown]
# ## 4. The way back through max pooling
#
# In the backward pass the layer receives $dy = \partial L / \partial y$ and hands on $dx = \partial L / \partial x$.
# Each $dy_{ij}$ goes, whole, to the pixel that won window $(i, j)$; all other pixels of the window get nothing:
#
# $$dx_{n,p,q,c} = \sum_{(i, j)\,:\; \text{window } (i, j) \text{ has its maximum at } (p, q)} dy_{n,i,j,c}$$
#
# On Brown's image, $dy = \begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}$ goes to the places of $6, 2, 7$ and $3$:
#
# $$dx = \begin{bmatrix} 1 & 0 & 0 & 0 \\ 0 & 0 & 2 & 0 \\ 0 & 0 & 4 & 0 \\ 3 & 0 & 0 & 0 \end{bmatrix}$$
#
# Mind the sum. When windows overlap, one pixel can win several of them, and its gradients **add up**. Here a
# $2\times2$ window moves by 1, and the 9 wins all four windows, so it collects $1 + 2 + 3 + 4$:
#
# $$x = \begin{bmatrix} 1 & 2 & 3 \\ 4 & 9 & 5 \\ 6 & 7 & 8 \end{bmatrix}, \quad
# dy = \begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix} \;\longrightarrow\;
# dx = \begin{bmatrix} 0 & 0 & 0 \\ 0 & 10 & 0 \\ 0 & 0 & 0 \end{bmatrix}$$
#
# With `"SAME"` the first windows may start in the padding: subtract it from the place of the winner. All inputs of the
# checks are free of ties.
#
# Write down where each $dy_{ij}$ goes; no pooling function of a library may do it for you. To test yourself, compare
# with the gradient that a `tf.GradientTape` finds for your own `max_pool2d`.


# %%
def max_pool2d_backward(dy, input, ksize, strides, padding):
    """The gradient of max_pool2d with respect to its input.

    dinput[n, p, q, c] = sum of dy[n, i, j, c] over all windows (i, j) whose maximum stands at (p, q).

    Args:
        dy: float tensor (n, out_h, out_w, c), the gradient with respect to max_pool2d's output.
        input: float tensor (n, h, w, c), max_pool2d's input. No window holds its maximum twice.
        ksize: the window, an int, a pair (kh, kw) or a list [1, kh, kw, 1].
        strides: an int, a pair (sh, sw) or a list [1, sh, sw, 1].
        padding: "VALID" or "SAME".

    Returns:
        A tensor of input's shape and dtype.

    Example:
        >>> image = tf.constant([[6.0, 3.0], [4.0, 1.0]])
        >>> dy = tf.constant([[5.0]])
        >>> max_pool2d_backward(dy[None, :, :, None], image[None, :, :, None], 2, 2, "VALID")[0, :, :, 0]
        [[5.0, 0.0], [0.0, 0.0]]
    """
    ### BEGIN SOLUTION
    (kh, kw), (sh, sw) = height_width(ksize), height_width(strides)
    top = left = 0
    padded = input
    if padding == "SAME":
        vertical, horizontal = same_padding(input.shape[1], kh, sh), same_padding(input.shape[2], kw, sw)
        top, left = vertical[0], horizontal[0]
        padded = tf.pad(input, [(0, 0), vertical, horizontal, (0, 0)], constant_values=-np.inf)
    below, right = padded.shape[1] - kh + 1, padded.shape[2] - kw + 1
    pixels = [padded[:, u : below + u : sh, v : right + v : sw] for u in range(kh) for v in range(kw)]
    winner = tf.argmax(tf.stack(pixels), axis=0, output_type=tf.int32)  # u * kw + v of each window's maximum

    n, i, j, c = tf.meshgrid(*map(tf.range, dy.shape), indexing="ij")
    places = tf.stack([n, i * sh + winner // kw - top, j * sw + winner % kw - left, c], axis=-1)
    return tf.tensor_scatter_nd_add(tf.zeros_like(input), places, dy)  # adds where a place occurs twice
    ### END SOLUTION


# %%
check("max_pool2d_backward")

# %% [markdown]
# In the picture every window hands on a gradient of 1. With $3\times3$ windows and stride 1, a bright pixel collects
# up to nine of them, and most pixels get none.

# %%
with suppress(NotImplementedError):  # draws once max_pool2d_backward is written
    image = tf.constant(np.random.default_rng(3).permutation(100).reshape(1, 10, 10, 1), tf.float32)
    collected = max_pool2d_backward(tf.ones((1, 8, 8, 1)), image, 3, 1, "VALID")

    fig, axes = plt.subplots(1, 2, figsize=(6.5, 3))
    for axis, picture, title in zip(axes, (image, collected), ("input", "windows won"), strict=True):
        fig.colorbar(axis.imshow(picture[0, :, :, 0], cmap="magma"), ax=axis)
        axis.set_title(title, fontsize=10)
        axis.set(xticks=[], yticks=[])
    fig.tight_layout()

# %% [markdown]
# ## 5. Global average pooling
#
# After the last convolution a network needs a vector. UCLA ACM AI unrolls the feature maps into a long one for the
# fully connected layers. UFAL NPFL114 has a shorter way: "if your network is deep enough …, final fully connected
# layers are not needed, and global average pooling is enough". The window is the whole map:
#
# $$y_{n,c} = \frac{1}{h\,w} \sum_{0 \le p < h} \; \sum_{0 \le q < w} x_{n,p,q,c}$$
#
# Brown's image becomes one number, $33/16 = 2.0625$. The result has no height and width any more, so the network
# accepts images of any size.


# %%
def global_avg_pool(x):
    """The mean of every feature map.

    y[n, c] = mean of x[n, p, q, c] over all rows p and columns q.

    Args:
        x: float tensor (n, h, w, c).

    Returns:
        A tensor (n, c) of x's dtype.

    Example:
        >>> global_avg_pool(tf.constant([[[[1.0], [2.0]], [[3.0], [6.0]]]]))  # one 2x2 image, one channel
        [[3.0]]
    """
    ### BEGIN SOLUTION
    return tf.reduce_mean(x, axis=(1, 2))
    ### END SOLUTION


# %%
check("global_avg_pool")

# %% [markdown]
# ## 6. Learning a pooling function
#
# "The network can learn its own pooling function", says Brown CSCI 1470, and the recipe is short: "implement via a
# strided convolution layer". EPFL ANN lecture 8 quotes the experiment (arXiv 1412.6806): max pooling "can simply be
# replaced by a convolutional layer with increased stride without loss in accuracy".
#
# $$y_{n,i,j,d} = \sum_{u,v < f} \sum_{c} x_{n,\; i s + u,\; j s + v,\; c}\; K_{u,v,c,d}$$
#
# Average pooling is one of the functions that can be learnt: take $K_{u,v,c,c} = 1/f^2$ on the channel diagonal and 0
# elsewhere. With $f = s = 2$, Brown's image gives $\begin{bmatrix} 3.5 & 0 \\ 3 & 1.75 \end{bmatrix}$ once more. In
# general the channels do mix, and their number may change.
#
# Here you may use `tf.nn.conv2d`. No padding: only windows inside the image.


# %%
def strided_conv_pool(x, filters, stride):
    """Learned pooling: a convolution without padding that moves by `stride` in both directions.

    y[n, i, j, d] = sum over u, v, c of x[n, i * stride + u, j * stride + v, c] * filters[u, v, c, d]

    Args:
        x: float tensor (n, h, w, c_in).
        filters: float tensor (f, f, c_in, c_out). With 1 / f**2 on the channel diagonal and 0 elsewhere, this is
            average pooling.
        stride: int, the step in both directions.

    Returns:
        A tensor (n, floor((h - f) / stride) + 1, floor((w - f) / stride) + 1, c_out) of x's dtype.

    Example:
        >>> image = tf.constant([[6.0, 3.0], [4.0, 1.0]])
        >>> strided_conv_pool(image[None, :, :, None], tf.fill((2, 2, 1, 1), 0.25), 2)
        [[[[3.5]]]]
    """
    ### BEGIN SOLUTION
    return tf.nn.conv2d(x, filters, strides=stride, padding="VALID")
    ### END SOLUTION


# %%
check("strided_conv_pool")

# %% [markdown]
# ## 7. Blur before you subsample
#
# "So... did we achieve our goal of translational invariance?", asks Brown CSCI 1470, and answers: "sort of". The
# stride is to blame. Max pooling with stride 2 is a maximum at *every* pixel, of which every second one is kept. Take
# the row $0\;0\;1\;1\;0\;0\;1\;1$ and windows of 2 (the example of arXiv 1904.11486):
#
# $$0\;0\;1\;1\;0\;0\;1\;1 \;\to\; 0\;1\;0\;1,
# \qquad \text{but one pixel later} \qquad
# 0\;1\;1\;0\;0\;1\;1\;0 \;\to\; 1\;1\;1\;1$$
#
# The sampling theorem tells what to do: "properly pre-filter images before pooling them". The paper uses the binomial
# filter, in both directions and in each channel by itself:
#
# $$B = \frac14 \begin{bmatrix} 1 \\ 2 \\ 1 \end{bmatrix} \cdot \frac14 \begin{bmatrix} 1 & 2 & 1 \end{bmatrix}
# = \frac1{16} \begin{bmatrix} 1 & 2 & 1 \\ 2 & 4 & 2 \\ 1 & 2 & 1 \end{bmatrix}, \qquad
# y_{n,i,j,c} = \sum_{u,v=-1}^{1} B_{u,v}\; x_{n,\; i s + u,\; j s + v,\; c}$$
#
# So the window is **centred** on the pixels $0, s, 2s, \dots$ that plain subsampling would keep, and the output has
# $\lceil h/s \rceil \times \lceil w/s \rceil$ entries. At the border we do as the paper's code does and **reflect**
# the image by one pixel, without repeating the border itself: $x_{-1} = x_{1}$ and $x_{h} = x_{h-2}$.
#
# Two examples. Stripes one pixel wide, $0\;1\;0\;1\;0\;1$ in every row, become $0.5$ everywhere; plain subsampling
# would answer "all black" or, one pixel later, "all white". And a single 16 beside the corner, with stride 1, shows
# the filter and the reflection:
#
# $$\begin{bmatrix} 0 & 0 & 0 & 0 \\ 0 & 16 & 0 & 0 \\ 0 & 0 & 0 & 0 \\ 0 & 0 & 0 & 0 \end{bmatrix} \;\longrightarrow\;
# \begin{bmatrix} 4 & 4 & 2 & 0 \\ 4 & 4 & 2 & 0 \\ 2 & 2 & 1 & 0 \\ 0 & 0 & 0 & 0 \end{bmatrix}$$
#
# Any TensorFlow operation is allowed.


# %%
def blur_pool(x, stride):
    """Anti-aliased subsampling: a binomial blur, then every stride-th pixel, beginning with the first.

    y[n, i, j, c] = sum over u, v in {-1, 0, 1} of B[u, v] * x[n, i * stride + u, j * stride + v, c]
    with B the outer product of [1, 2, 1] / 4 with itself. The border is reflected by one pixel without being repeated:
    x[-1] = x[1] and x[h] = x[h - 2], for columns likewise.

    Args:
        x: float tensor (n, h, w, c), h and w at least 2.
        stride: int, the step in both directions.

    Returns:
        A tensor (n, ceil(h / stride), ceil(w / stride), c) of x's dtype.

    Example:
        >>> stripes = tf.constant([[0.0, 1.0, 0.0, 1.0]] * 4)
        >>> blur_pool(stripes[None, :, :, None], 2)[0, :, :, 0]
        [[0.5, 0.5], [0.5, 0.5]]
    """
    ### BEGIN SOLUTION
    binomial = tf.constant([1, 2, 1], x.dtype) / 4
    kernel = binomial[:, None] * binomial
    filters = tf.repeat(kernel[:, :, None, None], x.shape[-1], axis=2)
    x = tf.pad(x, [(0, 0), (1, 1), (1, 1), (0, 0)], mode="REFLECT")
    return tf.nn.depthwise_conv2d(x, filters, strides=[1, stride, stride, 1], padding="VALID")
    ### END SOLUTION


# %%
check("blur_pool")

# %% [markdown]
# ## 8. Moving an image
#
# To measure what a shift does to a layer, we need the shift itself. Brown CSCI 1470 calls it $T$, "a horizontal
# and/or vertical shift":
#
# $$T(x)_{n,p,q,c} = \begin{cases} x_{n,\; p - dy,\; q - dx,\; c} & \text{if that pixel exists} \\
# 0 & \text{otherwise} \end{cases}$$
#
# The image moves $dy$ rows **down** and $dx$ columns to the **right**; negative numbers move it up and left. What
# leaves the frame is gone, and zeros come in on the other side. The size stays.
#
# $$\begin{bmatrix} 1 & 2 & 3 & 4 \\ 5 & 6 & 7 & 8 \\ 9 & 10 & 11 & 12 \end{bmatrix}
# \;\xrightarrow{\;dy = 1,\; dx = -2\;}\;
# \begin{bmatrix} 0 & 0 & 0 & 0 \\ 3 & 4 & 0 & 0 \\ 7 & 8 & 0 & 0 \end{bmatrix}$$


# %%
def shift(x, dy, dx):
    """Moves an image within its frame.

    y[n, p, q, c] = x[n, p - dy, q - dx, c], or 0 where that pixel does not exist.

    Args:
        x: float tensor (n, h, w, c).
        dy: int, the rows to move down; negative moves up. |dy| < h.
        dx: int, the columns to move to the right; negative moves to the left. |dx| < w.

    Returns:
        A tensor like x.

    Example:
        >>> shift(tf.constant([[1.0, 2.0], [3.0, 4.0]])[None, :, :, None], 1, 0)[0, :, :, 0]
        [[0.0, 0.0], [1.0, 2.0]]
    """
    ### BEGIN SOLUTION
    h, w = x.shape[1:3]
    (above, below), (left, right) = ((max(step, 0), max(-step, 0)) for step in (dy, dx))
    x = tf.pad(x, [(0, 0), (above, below), (left, right), (0, 0)])
    return x[:, below : below + h, right : right + w]
    ### END SOLUTION


# %%
check("shift")

# %% [markdown]
# Move an image, and its feature map moves along. The third picture is the second one, moved. Near the frame, where
# the zeros came in, the fourth may differ: an edge appears where the image was cut.

# %%
with suppress(NotImplementedError):  # draws once shift is written
    rows, columns = np.mgrid[:20, :24]
    disc = tf.constant(1 + 2.0 * ((rows - 8) ** 2 + (columns - 10) ** 2 < 30)[None, :, :, None], tf.float32)
    sobel = tf.constant([[1.0, 0.0, -1.0], [2.0, 0.0, -2.0], [1.0, 0.0, -1.0]])[:, :, None, None]
    edges = tf.nn.conv2d(disc, sobel, 1, "SAME")
    pictures = {
        "image I": disc,
        "feature map f(I)": edges,
        "moved map T(f(I))": shift(edges, 4, 6),
        "map of the moved image f(T(I))": tf.nn.conv2d(shift(disc, 4, 6), sobel, 1, "SAME"),
    }

    fig, axes = plt.subplots(1, 4, figsize=(11, 2.8))
    for axis, (title, picture) in zip(axes, pictures.items(), strict=True):
        axis.imshow(picture[0, :, :, 0], cmap="gray")
        axis.set_title(title, fontsize=9)
        axis.set(xticks=[], yticks=[])
    fig.tight_layout()

# %% [markdown]
# ## 9. How equivariant is a layer?
#
# Two words that sound alike. In the notation of EPFL ANN lecture 8, $f$ is
#
# - **equivariant** to $g$ if $f(g(x)) = g(f(x))$: the output moves along with the input;
# - **invariant** to $g$ if $f(g(x)) = f(x)$: the output does not notice.
#
# A convolution is equivariant to shifts, $f(T(I)) = T(f(I))$ (Brown CSCI 1470), wherever its filter does not touch
# the frame. UFAL NPFL114 calls the same property "shift invariance (equal response everywhere)": the *filter* is the
# same everywhere, its *output* does move. A classifier should be invariant.
#
# Measure how far $f$ is from being equivariant by the largest difference
#
# $$\operatorname{gap}(f, x, dy, dx) = \max_{\text{interior}} \big|\, f(T(x)) - T(f(x)) \,\big|$$
#
# The interior of the *feature map* leaves out the first and last $|dy| + 1$ rows and the first and last $|dx| + 1$
# columns: there zeros came in, or a filter (up to $3\times3$) met the padding. $T$ moves the feature map by the same
# $dy, dx$ as the image, whatever the sizes.


# %%
def equivariance_gap(f, x, dy, dx):
    """How far f is from commuting with a shift: 0 if the output moves exactly as the input does.

    The largest |f(shift(x)) - shift(f(x))| over all images, channels and the interior of the feature map. The interior
    leaves out |dy| + 1 rows at the top and at the bottom and |dx| + 1 columns at the left and at the right, where zeros
    come in or where a filter of up to 3x3 meets the frame.

    Args:
        f: a function from float tensors (n, h, w, c) to float tensors (n, h', w', c').
        x: float tensor (n, h, w, c).
        dy: int, the rows by which both the image and the feature map move down; negative moves up. h' > 2 * (|dy| + 1).
        dx: int, the columns by which both move to the right; negative moves to the left. w' > 2 * (|dx| + 1).

    Returns:
        A scalar tensor of x's dtype.

    Example:
        >>> equivariance_gap(tf.square, tf.random.normal((1, 8, 8, 1)), 1, 2)  # entry by entry: no gap
        0.0
    """
    ### BEGIN SOLUTION
    difference = tf.abs(f(shift(x, dy, dx)) - shift(f(x), dy, dx))
    rows, columns = abs(dy) + 1, abs(dx) + 1
    return tf.reduce_max(difference[:, rows:-rows, columns:-columns])
    ### END SOLUTION


# %%
check("equivariance_gap")

# %% [markdown]
# Now measure. A strided layer cannot pass as it stands: when the image moves by one pixel, its small map would have
# to move by half a pixel. To be fair, stretch the small map back to the image's size, every entry repeated twice in
# both directions. Then a move by the stride is followed exactly, and a move by one pixel tells how well the layer
# hides its grid. The image is noise, the worst case: it holds every frequency.

# %%
with suppress(NotImplementedError):  # prints once all functions are written

    def stretched(pool):
        return lambda x: tf.repeat(tf.repeat(pool(x), 2, axis=1), 2, axis=2)

    noise = tf.random.Generator.from_seed(1).uniform((1, 24, 24, 1))
    noise = tf.pad(noise, [(0, 0), (4, 4), (4, 4), (0, 0)])  # a black frame: nothing is lost when the image moves
    mean_filter = tf.fill((2, 2, 1, 1), 0.25)
    layers = {
        "ReLU": relu,
        "max pooling, stride 1": lambda x: max_pool2d(x, 3, 1, "SAME"),
        "every second pixel": stretched(lambda x: x[:, ::2, ::2]),
        "max pooling, stride 2": stretched(lambda x: max_pool2d(x, 2, 2, "VALID")),
        "learned pooling, here a mean": stretched(lambda x: strided_conv_pool(x, mean_filter, 2)),
        "blur pooling, stride 2": stretched(lambda x: blur_pool(x, 2)),
        "max pooling, stride 1, then blur": stretched(lambda x: blur_pool(max_pool2d(x, 2, 1, "SAME"), 2)),
    }
    table = [(name, *(float(equivariance_gap(f, noise, 0, dx)) for dx in (1, 2))) for name, f in layers.items()]

    print(f"{'largest change when the image moves by':40}1 pixel  2 pixels")
    for name, one, two in table:
        print(f"{name:40}{one:7.2f}{two:10.2f}")

# %% [markdown]
# The same in pictures: fine stripes, moved to the right pixel by pixel, and what is left of them. Plain subsampling
# shows a pattern that is not in the image and that jumps with every pixel. The blur cannot bring back what is too
# fine for the small map, but it answers almost the same each time.

# %%
with suppress(NotImplementedError):  # draws once blur_pool and shift are written
    rows, columns = np.mgrid[:32, :32]
    stripes = tf.constant((0.5 + 0.5 * np.sin(2.6 * columns + 0.4 * rows))[None, :, :, None], tf.float32)
    pictures = []
    for dx in range(3):
        moved = shift(stripes, 0, dx)
        pictures += [moved, moved[:, ::2, ::2], blur_pool(moved, 2)]
    titles = ("image", "every second pixel", "blur pooling")

    fig, axes = plt.subplots(3, 3, figsize=(6.5, 6.5))
    for index, (axis, picture) in enumerate(zip(axes.flat, pictures, strict=True)):
        axis.imshow(picture[0, :, 3:-1, 0] if index % 3 == 0 else picture[0, :, 2:-1, 0], cmap="gray", vmin=0, vmax=1)
        axis.set_title(f"{titles[index % 3]}, moved by {index // 3}", fontsize=9)
        axis.set(xticks=[], yticks=[])
    fig.tight_layout()

# %% [markdown]
# ## To think about (not graded)
#
# - EPFL's quiz: "convolutional layers are also equivariant under rotations of the image"; "max pooling layers are
#   also likely to be invariant under rotations of the image". Compare `f(tf.image.rot90(x))` with
#   `tf.image.rot90(f(x))` for a Sobel filter and for max pooling with a square window. What about a rotation by 10
#   degrees?
# - How many parameters does each layer of this notebook have? UCLA lists "reduce amount of parameters" among the
#   objectives of pooling: the parameters of *which* layer?
# - "The pooling operation used in convolutional neural networks is a big mistake and the fact that it works so well
#   is a disaster" (Geoffrey Hinton, quoted by EPFL). Which task needs the *where* that pooling throws away?
