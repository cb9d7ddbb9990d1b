# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 3. Pooling
#
# A convolutional network repeats one block: **convolution, ReLU, pooling**. You wrote the convolution in the previous
# notebook. Here you write the other two.
#
# You will learn
#
# - what the ReLU does to values and to gradients,
# - how max and average pooling work with any window, stride and padding, and where their gradients go,
# - how a network can learn its own pooling, and how it can end in one number per channel,
# - what *equivariance* and *invariance* to shifts mean, how much of them pooling preserves, and what a blur adds.
#
# **Builds on** notebook [2](../02_convolution/02_convolution.ipynb) (windows, strides and padding, and gradients that
# add up where windows overlap).
#
# **Conventions.** Images are `(n, h, w, c)`: batch, height, width, channels. Your functions keep the dtype of their inputs:
# float64 in, float64 out. Build results from tensor operations (`tf.stack`, `tf.pad`, slices, ...), as section 0 of the
# convolution notebook shows: the checks compare your values *and your gradients*, and NumPy cuts the gradient.
#
# **Checks.** Replace `raise NotImplementedError()` by your code and run the check below the function. It starts with small cases
# that you can work out by hand, from easy to hard, and shows the first one that your function gets wrong.
#
# **Predict, then look.** Write your answer down before you run a cell that asks for one. Our answers are folded away below.
#
# **Sources.** Examples come from five lectures, named in parentheses: CSCI 1470 (Brown), Artificial Neural Networks, lecture 8
# (EPFL), Deep Learning for Computer Vision (NTU), NPFL114, lecture 4 (UFAL), and the ACM AI workshop on CNNs (UCLA).

# %%
from contextlib import suppress

from autograder import check
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf

# %% [markdown]
# ## 0. Two helpers
#
# `tf.nn` accepts a window or a stride as one number, as a pair or as a list of four, and splits the padding of `"SAME"` so
# that an odd pixel goes **after** the image. You met both rules in the convolution notebook, so they are given here. Use these
# functions, or write your own.
#
# The string is `"SAME"`, in capitals. One slide writes `"Same"` (Brown): Keras accepts that, `tf.nn` raises an error.


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
# ## 1. The nonlinearity: `relu`
#
# Without a nonlinearity, two convolutions in a row are one convolution. The rectified linear unit is a "pixel by pixel
# computation" (NTU):
#
# $$\operatorname{ReLU}(x) = \max(0, x)$$
#
# It has slope $1$ for $x > 0$ and slope $0$ for $x < 0$. This has two consequences (UCLA):
#
# - The derivative of the sigmoid is never above $0.25$, so the product over many layers vanishes. The ReLU passes the gradient on
#   unchanged.
# - Where the input is negative, nothing passes. This can "kill" neurons, and it makes the activations sparse.
#
# | $x$ | -3 | -0.5 | 0.5 | 7 |
# |---|---|---|---|---|
# | ReLU | 0 | 0 | 0.5 | 7 |
# | slope | 0 | 0 | 1 | 1 |
#
# At $x = 0$ there is no derivative. Libraries choose one (`tf.nn.relu` takes 0); the checks avoid that point.
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
        >>> relu(tf.constant([-3.0, 0.5, 7.0])).numpy()
        array([0. , 0.5, 7. ], dtype=float32)
    """
    ### BEGIN SOLUTION
    return tf.maximum(x, 0)
    ### END SOLUTION


# %%
check("relu")

# %% [markdown]
# **Predict, then look.** A gradient passes ten layers, each with a sigmoid. What is the most that can be left of it? And after ten
# ReLUs? The picture compares the two slopes.

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
# <details>
# <summary>Our answer</summary>
#
# After ten sigmoids at most $0.25^{10} \approx 10^{-6}$, because the sigmoid's slope is largest at $x = 0$, where it is $1/4$. After
# ten ReLUs all of it, if no input was negative on the way; otherwise nothing.
#
# </details>
#
# ## 2. The largest entry: `max_pool2d`
#
# Pooling is similar to a convolution, but performs a fixed operation instead of multiplying by a kernel (UFAL). It "operates
# over each activation map independently" (NTU): the channels never mix, and nothing is learned.
#
# Max pooling with a window of $k_h \times k_w$ and strides $s_h, s_w$:
#
# $$y_{n,i,j,c} = \max_{0 \le u < k_h,\; 0 \le v < k_w} x_{n,\; i s_h + u,\; j s_w + v,\; c}$$
#
# A $2\times2$ window with stride 2 (Brown):
#
# $$\begin{bmatrix} 6 & 3 & 1 & -3 \\ 4 & 1 & 2 & 0 \\ 3 & 1 & 3 & 2 \\ 7 & 1 & 1 & 1 \end{bmatrix}
# \;\longrightarrow\; \begin{bmatrix} 6 & 2 \\ 7 & 3 \end{bmatrix}$$
#
# **Sizes.** As for a convolution, `"VALID"` gives $\lfloor (n - f)/s \rfloor + 1$ outputs for $n$ pixels, and windows
# that do not fit are dropped. `"SAME"` gives $\lceil n/s \rceil$. Two choices are common (UCLA):
#
# - $F = 2, S = 2$: "downsample by 75 %", one of four values is kept;
# - $F = 3, S = 2$: the windows **overlap**. AlexNet does this three times, $55 \to 27$, $27 \to 13$ and $13 \to 6$
#   (NTU). Check one of them by hand.
#
# **Padding.** "Uncommon to use padding in the pooling layer" (UCLA). That is true of the two choices above, but not of all
# networks: GoogLeNet and ResNet pool with padding, and `"SAME"` is one argument away in every framework. So you write both. The
# padding of a maximum must never win, not even against negative numbers. A zero would win: the maximum of $-3$ and a padded $0$ is
# $0$, which does not occur in the image. So `"SAME"` pads with $-\infty$.
#
# **Gradient.** $\partial y / \partial x$ is 1 at the maximum of the window and 0 elsewhere. TensorFlow finds that by
# itself as long as you use TensorFlow operations.
#
# Write it from scratch, without the pooling functions of TensorFlow and Keras. One way to begin: take the pixel $(u, v)$
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
        >>> max_pool2d(image[None, :, :, None], 2, 2, "VALID").numpy()  # shape (1, 1, 1, 1)
        array([[[[6.]]]], dtype=float32)
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
# ### 2.1 What max pooling forgets
#
# Three windows, one answer (Brown):
#
# $$f\left(\begin{bmatrix} 6 & 3 \\ 4 & 1 \end{bmatrix}\right) = 6, \qquad
# f\left(\begin{bmatrix} 1 & 5 \\ 6 & 3 \end{bmatrix}\right) = 6, \qquad
# f\left(\begin{bmatrix} 2 & 6 \\ 2 & 4 \end{bmatrix}\right) = 6$$
#
# "The highest activation pixel can shift around within the pooling window, and the output does not change." That is the small
# **invariance** that pooling gives, and its price: the network still knows *that* there is an edge, but not *where* it was. A
# careful wording is "invariance to small translations with some probability" (EPFL): a pixel that crosses into the next window
# does change the output. Sections 7 to 9 measure this.

# %% [markdown]
# ## 3. The mean: `avg_pool2d`
#
# The mean takes the place of the maximum:
#
# $$y_{n,i,j,c} = \frac{1}{|W_{ij}|} \sum_{(p, q) \in W_{ij}} x_{n,p,q,c}$$
#
# where $W_{ij}$ are the pixels of window $(i, j)$. The same image, again $2\times2$ with stride 2:
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
# Write this one from scratch, too. `tf.image.extract_patches` is allowed here and in the other questions, because it only cuts
# windows out. (Note that it pads with zeros.)


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
        >>> avg_pool2d(image[None, :, :, None], 2, 2, "VALID").numpy()  # shape (1, 1, 1, 1)
        array([[[[3.5]]]], dtype=float32)
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
# ### 3.1 What each pooling keeps
#
# **Predict, then look.** Draw thin bright strokes on black, and thin dark strokes on white. Which pooling loses which of them?
# One lecture illustrates one drawback of each (UCLA).

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
# <details>
# <summary>Our answer</summary>
#
# Max pooling keeps bright strokes and loses dark ones. Average pooling turns every thin stroke into grey. After a ReLU an important
# feature is a large positive number, which is one reason why max pooling often does better there.
#
# </details>

# %% [markdown]
# ## 4. Backward through max pooling: `max_pool2d_backward`
#
# In the backward pass the layer receives $dy = \partial L / \partial y$ and passes on $dx = \partial L / \partial x$.
# The whole of each $dy_{ij}$ goes to the pixel that won window $(i, j)$; all other pixels of the window get nothing:
#
# $$dx_{n,p,q,c} = \sum_{(i, j)\,:\; \text{window } (i, j) \text{ has its maximum at } (p, q)} dy_{n,i,j,c}$$
#
# On the image of section 2, $dy = \begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}$ goes to the places of $6, 2, 7$ and $3$:
#
# $$dx = \begin{bmatrix} 1 & 0 & 0 & 0 \\ 0 & 0 & 2 & 0 \\ 0 & 0 & 4 & 0 \\ 3 & 0 & 0 & 0 \end{bmatrix}$$
#
# Note the sum. When windows overlap, one pixel can win several of them, and its gradients **add up**. Here a
# $2\times2$ window moves by 1, and the 9 wins all four windows, so it collects $1 + 2 + 3 + 4$:
#
# $$x = \begin{bmatrix} 1 & 2 & 3 \\ 4 & 9 & 5 \\ 6 & 7 & 8 \end{bmatrix}, \quad
# dy = \begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix} \;\longrightarrow\;
# dx = \begin{bmatrix} 0 & 0 & 0 \\ 0 & 10 & 0 \\ 0 & 0 & 0 \end{bmatrix}$$
#
# With `"SAME"` the first windows may start in the padding. Subtract the padding from the winner's position. In the checks, no window
# has its maximum twice.
#
# Three steps: find the winner of every window (`tf.argmax` over the pixels of section 2), turn it into the row and the column of
# the image, and add each $dy_{ij}$ at that place (`tf.tensor_scatter_nd_add` adds where a place occurs twice).
#
# **`tf.GradientTape` is off limits in this function**, and so are the library's pooling functions: here you do by hand what the
# tape does. In a cell of your own you may compare with the gradient that a tape finds for your `max_pool2d`.


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
        >>> max_pool2d_backward(dy[None, :, :, None], image[None, :, :, None], 2, 2, "VALID")[0, :, :, 0].numpy()
        array([[5., 0.],
               [0., 0.]], dtype=float32)
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
# **Predict, then look.** Every window passes on a gradient of 1. With $3\times3$ windows and stride 1, how much can a single pixel
# collect? And what do most pixels get?

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
# <details>
# <summary>Our answer</summary>
#
# Up to nine, one from each window that contains the pixel. Most pixels are the largest in no window and get nothing: a max pooling
# layer trains only through its winners.
#
# </details>

# %% [markdown]
# ## 5. One number per channel: `global_avg_pool`
#
# After the last convolution a network needs a vector. One way is to unroll the feature maps into a long one for the
# fully connected layers (UCLA). There is a shorter way: "If your network is deep enough, final fully connected layers are not
# needed, and global average pooling is enough" (UFAL). The window is the whole map:
#
# $$y_{n,c} = \frac{1}{h\,w} \sum_{0 \le p < h} \; \sum_{0 \le q < w} x_{n,p,q,c}$$
#
# The image of section 2 becomes one number, $33/16 = 2.0625$. The result has no height and width any more, so the network
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
        >>> global_avg_pool(tf.constant([[[[1.0], [2.0]], [[3.0], [6.0]]]])).numpy()  # one 2x2 image, one channel
        array([[3.]], dtype=float32)
    """
    ### BEGIN SOLUTION
    return tf.reduce_mean(x, axis=(1, 2))
    ### END SOLUTION


# %%
check("global_avg_pool")

# %% [markdown]
# ## 6. Learned pooling: `strided_conv_pool`
#
# "The network can learn its own pooling function", and the recipe is short: "implement via a strided convolution layer" (Brown).
# An experiment found that max pooling "can simply be replaced by a convolutional layer with increased stride without loss in
# accuracy" (arXiv 1412.6806, quoted by EPFL).
#
# $$y_{n,i,j,d} = \sum_{u,v < f} \sum_{c} x_{n,\; i s + u,\; j s + v,\; c}\; K_{u,v,c,d}$$
#
# Average pooling is one of the functions that can be learned: take $K_{u,v,c,c} = 1/f^2$ on the channel diagonal and 0
# elsewhere. With $f = s = 2$, the image of section 2 gives $\begin{bmatrix} 3.5 & 0 \\ 3 & 1.75 \end{bmatrix}$ once more. In
# general the channels do mix, and their number may change.
#
# Here you may use `tf.nn.conv2d`. There is no padding: use windows inside the image only.


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
        >>> strided_conv_pool(image[None, :, :, None], tf.fill((2, 2, 1, 1), 0.25), 2).numpy()
        array([[[[3.5]]]], dtype=float32)
    """
    ### BEGIN SOLUTION
    return tf.nn.conv2d(x, filters, strides=stride, padding="VALID")
    ### END SOLUTION


# %%
check("strided_conv_pool")

# %% [markdown]
# ## 7. Blur before you subsample: `blur_pool`
#
# "So... did we achieve our goal of translational invariance?" "Sort of" (Brown). The problem is the stride. Max pooling with
# stride 2 is a maximum at *every* pixel, of which every second one is kept. Take the row $0\;0\;1\;1\;0\;0\;1\;1$ and windows of 2
# (the example of arXiv 1904.11486):
#
# $$0\;0\;1\;1\;0\;0\;1\;1 \;\to\; 0\;1\;0\;1,
# \qquad \text{but one pixel later} \qquad
# 0\;1\;1\;0\;0\;1\;1\;0 \;\to\; 1\;1\;1\;1$$
#
# The sampling theorem says what to do: "pre-filter" images before you pool them (Brown). The paper uses the binomial
# filter in both directions, for each channel by itself:
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
# would answer "all black" or, one pixel later, "all white". And a single 16 next to the corner, with stride 1, shows
# the filter and the reflection:
#
# $$\begin{bmatrix} 0 & 0 & 0 & 0 \\ 0 & 16 & 0 & 0 \\ 0 & 0 & 0 & 0 \\ 0 & 0 & 0 & 0 \end{bmatrix} \;\longrightarrow\;
# \begin{bmatrix} 4 & 4 & 2 & 0 \\ 4 & 4 & 2 & 0 \\ 2 & 2 & 1 & 0 \\ 0 & 0 & 0 & 0 \end{bmatrix}$$
#
# You may use any TensorFlow operation.


# %%
def blur_pool(x, stride):
    """Anti-aliased subsampling: a binomial blur, then every stride-th pixel, starting with the first.

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
        >>> blur_pool(stripes[None, :, :, None], 2)[0, :, :, 0].numpy()
        array([[0.5, 0.5],
               [0.5, 0.5]], dtype=float32)
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
# ## 8. Moving an image: `shift`
#
# To measure what a shift does to a layer, we need the shift itself: $T$, "a horizontal and/or vertical shift" (Brown). Let
# $a$ be the number of rows *down* and $b$ the number of columns to the *right*:
#
# $$T(x)_{n,p,q,c} = \begin{cases} x_{n,\; p - a,\; q - b,\; c} & \text{if that pixel exists} \\
# 0 & \text{otherwise} \end{cases}$$
#
# Negative numbers move the image up and to the left. What leaves the frame is lost, zeros come in on the other side, and the size
# stays the same.
#
# $$\begin{bmatrix} 1 & 2 & 3 & 4 \\ 5 & 6 & 7 & 8 \\ 9 & 10 & 11 & 12 \end{bmatrix}
# \;\xrightarrow{\;\text{down } 1,\; \text{right } -2\;}\;
# \begin{bmatrix} 0 & 0 & 0 & 0 \\ 3 & 4 & 0 & 0 \\ 7 & 8 & 0 & 0 \end{bmatrix}$$


# %%
def shift(x, down, right):
    """Moves an image within its frame.

    y[n, p, q, c] = x[n, p - down, q - right, c], or 0 where that pixel does not exist.

    Args:
        x: float tensor (n, h, w, c).
        down: int, by how many rows to move down; a negative number moves up. |down| < h.
        right: int, by how many columns to move to the right; a negative number moves to the left. |right| < w.

    Returns:
        A tensor like x.

    Example:
        >>> shift(tf.constant([[1.0, 2.0], [3.0, 4.0]])[None, :, :, None], 1, 0)[0, :, :, 0].numpy()
        array([[0., 0.],
               [1., 2.]], dtype=float32)
    """
    ### BEGIN SOLUTION
    h, w = x.shape[1:3]
    (above, below), (before, after) = ((max(step, 0), max(-step, 0)) for step in (down, right))
    x = tf.pad(x, [(0, 0), (above, below), (before, after), (0, 0)])
    return x[:, below : below + h, after : after + w]
    ### END SOLUTION


# %%
check("shift")

# %% [markdown]
# **Predict, then look.** Move an image, and its feature map should move along. Below, the third picture is the second one, moved;
# the fourth is the map of the moved image. Where do you expect them to differ?

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
# <details>
# <summary>Our answer</summary>
#
# Only near the frame, where zeros came in: the convolution finds an edge where the image was cut off. Inside the two are equal.
#
# </details>

# %% [markdown]
# ## 9. How equivariant is a layer? `equivariance_gap`
#
# Two words that sound alike (EPFL). A function $f$ is
#
# - **equivariant** to $g$ if $f(g(x)) = g(f(x))$: the output moves along with the input;
# - **invariant** to $g$ if $f(g(x)) = f(x)$: the output does not change.
#
# A convolution is equivariant to shifts, $f(T(I)) = T(f(I))$ (Brown), wherever its filter does not touch
# the frame. The same property is also called "shift invariance (equal response everywhere)" (UFAL): the *filter* is the
# same everywhere, but its *output* does move. A classifier should be invariant.
#
# Measure how far $f$ is from being equivariant by the largest difference
#
# $$\operatorname{gap}(f, x, a, b) = \max_{\text{interior}} \big|\, f(T(x)) - T(f(x)) \,\big|$$
#
# The interior of the *feature map* leaves out the first and last $|a| + 1$ rows and the first and last $|b| + 1$
# columns: there zeros came in, or a filter (up to $3\times3$) met the padding. $T$ moves the feature map by the same
# $a$ rows and $b$ columns as the image, whatever the sizes.


# %%
def equivariance_gap(f, x, down, right):
    """How far f is from commuting with a shift: 0 if the output moves exactly as the input does.

    The largest |f(shift(x)) - shift(f(x))| over all images, channels and the interior of the feature map. The interior
    leaves out |down| + 1 rows at the top and at the bottom and |right| + 1 columns at the left and at the right, where
    zeros come in or where a filter of up to 3x3 meets the frame.

    Args:
        f: a function from float tensors (n, h, w, c) to float tensors (n, h', w', c').
        x: float tensor (n, h, w, c).
        down: int, by how many rows both the image and the feature map move down; a negative number moves up.
            h' > 2 * (|down| + 1).
        right: int, by how many columns both move to the right; a negative number moves to the left.
            w' > 2 * (|right| + 1).

    Returns:
        A scalar tensor of x's dtype.

    Example:
        >>> float(equivariance_gap(tf.square, tf.random.normal((1, 8, 8, 1)), 1, 2))  # entry by entry: no gap
        0.0
    """
    ### BEGIN SOLUTION
    difference = tf.abs(f(shift(x, down, right)) - shift(f(x), down, right))
    rows, columns = abs(down) + 1, abs(right) + 1
    return tf.reduce_max(difference[:, rows:-rows, columns:-columns])
    ### END SOLUTION


# %%
check("equivariance_gap")

# %% [markdown]
# Now measure. A strided layer cannot be equivariant as it is: when the image moves by one pixel, its small map would have
# to move by half a pixel. To be fair, stretch the small map back to the image's size by repeating every entry twice in
# both directions. Then the map can follow a move by the stride exactly, and a move by one pixel shows how well the layer
# hides its grid. The image is noise, the worst case: it contains every frequency.
#
# **Predict, then look.** Sort the layers of the table by their gap for one pixel before you run the cell.

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
    table = [(name, *(float(equivariance_gap(f, noise, 0, right)) for right in (1, 2))) for name, f in layers.items()]

    print(f"{'largest change when the image moves by':40}1 pixel  2 pixels")
    for name, one, two in table:
        print(f"{name:40}{one:7.2f}{two:10.2f}")

# %% [markdown]
# <details>
# <summary>Our answer</summary>
#
# ReLU and pooling with stride 1 have no gap: they do the same at every pixel. Keeping every second pixel and max pooling with stride 2
# are worst (0.97): one pixel later *all* kept pixels or windows are different ones. The mean halves the gap (0.48), and the blur leaves
# a third of it (0.34). Max pooling with stride 1 and then a blur (0.47) is the paper's remedy for max pooling: half of the gap is
# gone. A move by 2, the stride, leaves no gap anywhere.
#
# </details>

# %% [markdown]
# The same in pictures: fine stripes, moved to the right pixel by pixel, and what is left of them. Plain subsampling
# shows a pattern that is not in the image and that jumps with every pixel. The blur cannot bring back what is too
# fine for the small map, but its answer is almost the same each time.

# %%
with suppress(NotImplementedError):  # draws once blur_pool and shift are written
    rows, columns = np.mgrid[:32, :32]
    stripes = tf.constant((0.5 + 0.5 * np.sin(2.6 * columns + 0.4 * rows))[None, :, :, None], tf.float32)
    pictures = []
    for right in range(3):
        moved = shift(stripes, 0, right)
        pictures += [moved, moved[:, ::2, ::2], blur_pool(moved, 2)]
    titles = ("image", "every second pixel", "blur pooling")

    fig, axes = plt.subplots(3, 3, figsize=(6.5, 6.5))
    for index, (axis, picture) in enumerate(zip(axes.flat, pictures, strict=True)):
        axis.imshow(picture[0, :, 3:-1, 0] if index % 3 == 0 else picture[0, :, 2:-1, 0], cmap="gray", vmin=0, vmax=1)
        axis.set_title(f"{titles[index % 3]}, moved by {index // 3}", fontsize=9)
        axis.set(xticks=[], yticks=[])
    fig.tight_layout()

# %% [markdown]
# ## 10. To think about (not graded)
#
# - Two statements of a quiz (EPFL): "Convolutional layers are also equivariant under rotations of the image." "Max pooling layers
#   are also likely to be invariant under rotations of the image." Compare `f(tf.image.rot90(x))` with
#   `tf.image.rot90(f(x))` for a Sobel filter and for max pooling with a square window. What about a rotation by 10
#   degrees?
# - How many parameters does each layer of this notebook have? "Reduce amount of parameters" is listed among the
#   objectives of pooling (UCLA): the parameters of *which* layer?
# - "The pooling operation used in convolutional neural networks is a big mistake and the fact that it works so well
#   is a disaster" (Geoffrey Hinton, quoted by EPFL). Which task needs the *where* that pooling throws away?
