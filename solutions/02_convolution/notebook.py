# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 2. Convolution
#
# A convolution slides one small set of weights over a signal or an image and computes the same weighted sum at every
# position. In this notebook you build it from tensor operations, work out its gradients by hand, and then use it as a layer of
# TensorFlow.
#
# You will learn
#
# - why the "convolution" of deep learning is a cross-correlation, and what the flip changes;
# - how filter size, stride and padding determine the size of the output;
# - to write a 2-D convolution and both of its gradients without a library's convolution, and to test a gradient;
# - that a convolution is a dense layer whose weights are shared and mostly zero, and what that saves;
# - how far back into the image a deep neuron sees.
#
# **Builds on** notebook [1](../01_neurons/01_neurons.ipynb) (weights, biases, the chain rule). You can begin here if you know these.
#
# **Conventions.** Images are `(batch, height, width, channels)`, filters are `(kh, kw, c_in, c_out)`, as in `tf.nn.conv2d`.
# `strides` is an int, a pair `(sh, sw)` or a list of four `[1, sh, sw, 1]`. `padding` is `"SAME"` or `"VALID"`. Outputs have
# the dtype of the inputs. Functions that count something return a Python `int`.
#
# **Checks.** Run the check below each function. It starts with small cases that you can work out by hand, ordered from easy
# to hard, and shows the first one that your function gets wrong. Then it compares your outputs *and your gradients* on larger
# inputs. When your work is graded, hidden cases with other inputs follow.
#
# **Predict, then look.** Several cells ask what they are going to print. Write your answer down before you run them. Our
# answers are folded away below.
#
# **Sources.** The examples come from five lectures, named in parentheses: CSCI 1470 (Brown), Artificial Neural Networks,
# lecture 8 (EPFL), Deep Learning for Computer Vision (NTU), NPFL114, lecture 4 (UFAL), and the ACM AI workshop on CNNs (UCLA).

# %%
from contextlib import suppress
from time import perf_counter

from autograder import check
from autograder.datasets import photograph
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf

# %% [markdown]
# ## 0. Before you start: build tensors, not arrays
#
# TensorFlow can only differentiate its own operations. A NumPy array that you fill in a loop holds the right numbers, but the
# gradient is lost on the way. You also cannot write into a tensor: `y[0] = 1.0` is an error. So build a tensor from pieces.
# Four operations, together with slices and arithmetic, are enough for this notebook. The last line is the counterexample.

# %%
signal = tf.constant([2.0, 3.0, 4.0])
with tf.GradientTape(persistent=True) as tape:
    tape.watch(signal)
    built = {
        "tf.stack, from scalars": tf.stack([signal[0] * signal[1], signal[1] * signal[2]]),
        "tf.concat, end to end": tf.concat([signal[1:], signal[:1]], axis=0),
        "tf.pad, 1 before, 2 after": tf.pad(signal, [(1, 2)]),
        "tf.one_hot, picks 2, 0, none": tf.tensordot(tf.one_hot([2, 0, 7], 3), signal, 1),
        "a NumPy array": tf.constant(np.array([entry.numpy() for entry in signal])),
    }
for name, result in built.items():
    slope = tape.gradient(result, signal)
    print(f"{name:30}{result.numpy()}   gradient of the sum: {slope if slope is None else slope.numpy()}")

# %% [markdown]
# The last line has the right numbers and no gradient. A check would say: "There is no gradient wrt x".
#
# ## 1. The moving sum: `conv1d`
#
# The convolution of two vectors is (UFAL)
#
# $$(\vec w * \vec x)_t = \sum_i x_{t-i}\, w_i .$$
#
# The index of $x$ runs backward while the index of $w$ runs forward. So the filter lies on the signal **in reverse**. Here the
# filter $[1\ \ 0\ -1]$ turns into $[-1\ \ 0\ \ 1]$ and moves over the signal (NTU):
#
# | signal | 5 | 9 | 2 | 6 | 7 | 9 | 8 |
# |---|---|---|---|---|---|---|---|
# | first position | $-1$ | $0$ | $1$ | | | | |
# | second position | | $-1$ | $0$ | $1$ | | | |
# | last position | | | | | $-1$ | $0$ | $1$ |
#
# The first position gives $-5 + 2 = -3$, the second $-9 + 6 = -3$, the last $-7 + 8 = 1$. The whole output is
# $[-3\ -3\ \ 5\ \ 3\ \ 1]$.
#
# We keep the **valid part**: the positions at which the whole filter lies on the signal. A signal of length $n$ and a filter
# of length $f$ have $n - f + 1$ of them; here $7 - 3 + 1 = 5$. Counted from 0, the valid part is
#
# $$y_t = \sum_{i=0}^{f-1} x_{t+f-1-i}\, w_i, \qquad t = 0, \dots, n-f .$$
#
# Write the sum yourself. `np.convolve` and `tf.nn.conv1d` are off limits here.


# %%
def conv1d(x, w):
    """The true convolution of a signal with a filter, valid part.

    `y[t] = sum_i x[t + f - 1 - i] * w[i]`

    Args:
        x: the signal, a float tensor of shape `(n,)`.
        w: the filter, a tensor of shape `(f,)` with `f <= n` and the dtype of `x`.

    Returns:
        A tensor of shape `(n - f + 1,)` with the dtype of `x`.

    Example:

    >>> conv1d(tf.constant([5., 9., 2., 6., 7., 9., 8.]), tf.constant([1., 0., -1.])).numpy()
    array([-3., -3.,  5.,  3.,  1.], dtype=float32)
    """
    ### BEGIN SOLUTION
    n, f = x.shape[0], w.shape[0]
    return tf.add_n([w[i] * x[f - 1 - i : n - i] for i in range(f)])
    ### END SOLUTION


# %%
check("conv1d")

# %% [markdown]
# The filter $[1\ \ 0\ -1]$ computes $x_{t+2} - x_t$: it responds to change. Where the signal rises, the output is positive.

# %%
with suppress(NotImplementedError):  # draws once conv1d is written
    signal = tf.constant([5.0, 9.0, 2.0, 6.0, 7.0, 9.0, 8.0])
    _, (left, right) = plt.subplots(1, 2, figsize=(7, 2.2), layout="constrained")
    left.bar(range(7), signal)
    left.set(title="signal x", xlabel="position")
    right.bar(range(1, 6), conv1d(signal, tf.constant([1.0, 0.0, -1.0])), color="C1")
    right.set(title="x * [1 0 -1], valid part", xlabel="position of the filter's middle", xlim=left.get_xlim())

# %% [markdown]
# ### 1.1 The flip: convolution or cross-correlation?
#
# A close relative does *not* reverse the filter (UFAL):
#
# $$(K \star I)_{i,j} = \sum_{m,n} I_{i+m,\,j+n}\, K_{m,n} \qquad \text{(cross-correlation).}$$
#
# Deep learning libraries compute this one and call it convolution. Some lectures do the same (a footnote of Brown's), while the
# example above is a true convolution. For a network it makes no difference: it learns the filter, reversed or not. It does make
# a difference if you copy a filter from a textbook.
#
# **Predict, then look.** TensorFlow's answer to the example is the *negation* of yours. Is that always so? Work out both answers
# for the filter `[1., 2., 3.]` at the first position, then change `w` and run the cell.

# %%
with suppress(NotImplementedError):
    x, w = tf.constant([5.0, 9.0, 2.0, 6.0, 7.0, 9.0, 8.0]), tf.constant([1.0, 0.0, -1.0])
    print("tf.nn.conv1d:", tf.nn.conv1d(x[None, :, None], w[:, None, None], stride=1, padding="VALID")[0, :, 0].numpy())
    print("conv1d:      ", conv1d(x, w).numpy())

# %% [markdown]
# <details>
# <summary>Our answer</summary>
#
# No. Read backward, $[1\ \ 0\ -1]$ happens to be $-1$ times itself. In general the two differ by the reversed filter, not by the
# sign: for $[1\ 2\ 3]$ the first outputs are $5 + 18 + 6 = 29$ (cross-correlation) and $15 + 18 + 2 = 35$ (convolution).
#
# </details>
#
# ## 2. A convolution is a matrix: `toeplitz_matrix`
#
# Every output is a weighted sum of inputs, so a convolution is linear, and every linear map is a matrix. In *Toeplitz form*
# (NTU) each row holds the reversed filter, one place further to the right than in the row above.
#
# $$\begin{bmatrix} -3 \\ -3 \\ 5 \\ 3 \\ 1 \end{bmatrix} = \underbrace{\begin{bmatrix}
# -1 & 0 & 1 & 0 & 0 & 0 & 0 \\ 0 & -1 & 0 & 1 & 0 & 0 & 0 \\ 0 & 0 & -1 & 0 & 1 & 0 & 0 \\
# 0 & 0 & 0 & -1 & 0 & 1 & 0 \\ 0 & 0 & 0 & 0 & -1 & 0 & 1 \end{bmatrix}}_{T}
# \begin{bmatrix} 5 \\ 9 \\ 2 \\ 6 \\ 7 \\ 9 \\ 8 \end{bmatrix}, \qquad
# T_{t,s} = \begin{cases} w_{t+f-1-s} & \text{if } 0 \le t+f-1-s < f \\ 0 & \text{otherwise.} \end{cases}$$
#
# All entries on a diagonal are equal: that is what "Toeplitz" means, and it is weight sharing. Most entries are 0: that is
# local connectivity.
#
# The matrix also gives us the backward pass. From $y = T x$ it follows that
#
# $$\frac{\partial L}{\partial x} = T^\top \frac{\partial L}{\partial y} .$$


# %%
def toeplitz_matrix(w, n):
    """The matrix of the valid convolution: `toeplitz_matrix(w, n) @ x == conv1d(x, w)` for every `x` of length `n`.

    `T[t, s] = w[t + f - 1 - s]` where that index exists, else 0.

    Args:
        w: the filter, a float tensor of shape `(f,)`.
        n: the length of the signal, an int with `n >= f`.

    Returns:
        A tensor of shape `(n - f + 1, n)` with the dtype of `w`.

    Example:

    >>> toeplitz_matrix(tf.constant([1., 2.]), 3).numpy()
    array([[2., 1., 0.],
           [0., 2., 1.]], dtype=float32)
    """
    ### BEGIN SOLUTION
    f = w.shape[0]
    t, s = tf.range(n - f + 1)[:, None], tf.range(n)
    # one_hot is all zeros for an index outside the filter
    return tf.tensordot(tf.one_hot(t + f - 1 - s, f, dtype=w.dtype), w, 1)
    ### END SOLUTION


# %%
check("toeplitz_matrix")

# %%
with suppress(NotImplementedError):  # draws once conv1d and toeplitz_matrix are written
    x, w = tf.constant([5.0, 9.0, 2.0, 6.0, 7.0, 9.0, 8.0]), tf.constant([1.0, 0.0, -1.0])
    T, dy = toeplitz_matrix(w, 7), tf.constant([1.0, 2.0, 3.0, 4.0, 5.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = conv1d(x, w)
    print("T x            ", tf.linalg.matvec(T, x).numpy())
    print("T-transposed dy", tf.linalg.matvec(T, dy, transpose_a=True).numpy())
    print("the tape's dx  ", tape.gradient(y, x, output_gradients=dy).numpy())
    _, axes = plt.subplots(figsize=(3.2, 2.4), layout="constrained")
    axes.matshow(T, cmap="RdBu", vmin=-1.5, vmax=1.5)
    axes.set(title="T: five outputs, seven inputs", xlabel="input s", ylabel="output t")

# %% [markdown]
# ## 3. How large is the output? `conv_output_size`
#
# Take $n$ pixels in a row, a filter of $f$ pixels, stride $s$, and $p$ zeros on **each** side. Derive the number of outputs in
# three steps:
#
# 1. How long is the row with its padding?
# 2. The first window starts at 0. At which position does the last *possible* window start, if all of it has to fit?
# 3. The windows start at $0, s, 2s, \dots$ How many of these are not beyond that position?
#
# Try it with $n = 7$, $f = 3$ and no padding. The last possible start is 4. With stride 2 the windows start at 0, 2 and 4: three
# outputs. With stride 3 they start at 0 and 3: two outputs, and the last pixel is never looked at.
#
# `"VALID"` means $p = 0$. `"SAME"` adds just enough zeros for $\lceil n / s \rceil$ outputs, whatever $f$ is.
#
# | $n$ | $f$ | $s$ | padding | output | |
# |---|---|---|---|---|---|
# | 7 | 3 | 1 | VALID | 5 | (NTU) |
# | 7 | 3 | 2 | VALID | 3 | (NTU) |
# | 7 | 3 | 3 | VALID | 2 | (NTU) |
# | 7 | 3 | 1 | 1 | 7 | (NTU) |
# | 28 | 5 | 1 | VALID | 24 | 28x28 neurons, then 24x24 (UCLA) |
# | 32 | 5 | 1 | VALID | 28, and once more 24 | (NTU) |
# | 227 | 11 | 4 | 0 | 55 | AlexNet's first layer (NTU) |
#
# <details>
# <summary>Hint: the formula of the lectures</summary>
#
# $\lfloor (n + 2p - f) / s \rfloor + 1$ for a padding of $p$ on each side (UCLA). Two of the lectures print it without the
# rounding (EPFL, NTU), and one leaves the proof as an exercise (EPFL): it is your three steps.
#
# </details>
#
# **Read the slides with care.**
#
# - One slide divides $(7 - 3)/3 + 1 = 2.33\dots$ and stops there: stride 3 *does not fit* (NTU). Frameworks do not stop. They
#   round down to 2, as in the picture below the check.
# - 32 shrinks to 28 and to 24 "repeatedly with 5x5x3 filters" (NTU). The second layer's filters need as many channels as the
#   first layer has filters, so 5x5x3 fits again only if the first layer has three.
# - `same` keeps "exactly the size of the input" (UFAL). That is true at stride 1; at stride $s$ it is $\lceil n/s \rceil$.
# - One lecture cuts 224x224 patches for AlexNet (UFAL), another starts at 227x227 (NTU). Only 227 gives 55 outputs: with 224,
#   54.25 is rounded down to 54.


# %%
def conv_output_size(n, f, stride, padding):
    """The number of outputs of a convolution along one axis.

    With padding, the windows start at 0, `stride`, 2 * `stride`, and so on, as long as all of the window fits. "SAME" has
    `n / stride` outputs, rounded up.

    Args:
        n: the number of inputs, an int.
        f: the size of the filter, an int; it fits into the padded input.
        stride: the step of the filter, an int.
        padding: an int `p`, the zeros on each side; or "VALID", which is `p = 0`; or "SAME".

    Returns:
        A Python int.

    Example:

    >>> conv_output_size(7, 3, 2, "VALID"), conv_output_size(7, 3, 1, 1), conv_output_size(7, 3, 2, "SAME")
    (3, 7, 4)
    """
    ### BEGIN SOLUTION
    if padding == "SAME":
        return -(-n // stride)  # rounds up
    p = 0 if padding == "VALID" else padding
    return (n + 2 * p - f) // stride + 1
    ### END SOLUTION


# %%
check("conv_output_size")

# %%
with suppress(NotImplementedError):  # draws once conv_output_size is written
    _, rows = plt.subplots(3, 1, figsize=(5, 2.6), layout="constrained", sharex=True)
    for axes, stride in zip(rows, (1, 2, 3), strict=True):
        count = conv_output_size(7, 3, stride, "VALID")
        for k in range(count):
            axes.plot([k * stride - 0.4, k * stride + 2.4], [-k, -k], lw=4, solid_capstyle="butt")
        axes.set(xlim=(-0.5, 6.5), ylim=(0.5 - count, 0.5), yticks=[])
        axes.set_ylabel(f"s = {stride}\n{count} outputs", rotation=0, ha="right", va="center")
    rows[0].set_title("n = 7, f = 3: at stride 3 no window reaches pixel 6")
    rows[2].set_xlabel("pixel")

# %% [markdown]
# ## 4. Where do the zeros go? `same_padding`
#
# For an odd filter at stride 1 the rule is simple: $(F-1)/2$ zeros on each side, so 1 for $F = 3$, 2 for $F = 5$, 3 for $F = 7$
# (NTU). TensorFlow's `"SAME"` covers the other cases, too. Derive it in four steps:
#
# 1. How many outputs $o$ are there?
# 2. At which position does the last window start, counted from the start of the padded row, and where does it end?
# 3. How many zeros are missing so that the padded row reaches this far? A row cannot lack fewer than 0.
# 4. Half of the zeros go before the row and half after it. **If their number is odd, the extra zero goes after.**
#
# Three examples:
#
# - $n=7, f=3, s=1$: 7 outputs; the last window covers positions 6, 7 and 8, so the padded row has 9 pixels. Two zeros are missing:
#   $(1, 1)$.
# - $n=6, f=3, s=2$: 3 outputs; the last window covers positions 4, 5 and 6. One zero is missing: $(0, 1)$.
# - $n=5, f=1, s=3$: 2 outputs; the last window covers position 3, and the row is longer than that. Nothing is missing: $(0, 0)$.
#
# <details>
# <summary>Hint: as one formula</summary>
#
# The total is $\max\big((o - 1)\,s + f - n,\ 0\big)$ with $o = \lceil n/s \rceil$.
#
# </details>
#
# The total depends on the stride. Other frameworks pad both sides alike, so a network whose weights are carried over from
# one of them can end up shifted by a pixel in every layer with stride 2.


# %%
def same_padding(n, f, stride):
    """The zeros that TensorFlow's "SAME" puts before and after an axis.

    There are just enough of them for `n / stride` outputs, rounded up. Half of them go before the axis; if their number is
    odd, the extra one goes after it.

    Args:
        n: the number of inputs, an int.
        f: the size of the filter, an int.
        stride: the step of the filter, an int.

    Returns:
        A tuple `(before, after)` of Python ints.

    Example:

    >>> same_padding(7, 3, 1), same_padding(6, 3, 2)
    ((1, 1), (0, 1))
    """
    ### BEGIN SOLUTION
    outputs = conv_output_size(n, f, stride, "SAME")
    total = max((outputs - 1) * stride + f - n, 0)
    return total // 2, total - total // 2
    ### END SOLUTION


# %%
check("same_padding")

# %%
with suppress(NotImplementedError):  # draws once conv_output_size and same_padding are written
    _, rows = plt.subplots(3, 1, figsize=(5, 3.6), layout="constrained", sharex=True)
    for axes, (n, f, stride) in zip(rows, ((7, 3, 2), (6, 3, 2), (6, 4, 1)), strict=True):
        before, after = same_padding(n, f, stride)
        axes.scatter(range(n), [1] * n, marker="s", s=90, color="C0")
        zeros = [*range(-before, 0), *range(n, n + after)]
        axes.scatter(zeros, [1] * len(zeros), marker="s", s=90, facecolor="none", edgecolor="grey")
        count = conv_output_size(n, f, stride, "SAME")
        for k in range(count):
            start = k * stride - before
            axes.plot([start - 0.4, start + f - 0.6], [-k, -k], lw=3, color="C1", solid_capstyle="butt")
        axes.set(yticks=[], ylim=(0.3 - count, 1.9))
        axes.set_ylabel(f"n = {n}, f = {f}\ns = {stride}", rotation=0, ha="right", va="center")
    rows[0].set_title("SAME: pixels (filled), zeros (empty) and windows")
    rows[2].set_xlabel("pixel")

# %% [markdown]
# ## 5. The convolution layer's sum: `conv2d`
#
# In two dimensions a pixel is a vector of channels, and there are several filters. For stride $(s_h, s_w)$ and a padding of
# *top* rows and *left* columns, output channel $o$ at row $i$ and column $j$ of image $b$ is
#
# $$a_{b,i,j,o} = \sum_{m,n,c} I_{b,\; i s_h + m - \text{top},\; j s_w + n - \text{left},\; c}\; K_{m,n,c,o}, \qquad
# I = 0 \text{ outside the image.}$$
#
# This is the lectures' sum with the padding written out and without the bias (UFAL, EPFL). In space each output is connected
# to a small window only; it is connected to *all* input channels. The filter is **not** flipped.
#
# Two lectures start from the same image and filter (EPFL, UCLA):
#
# $$I = \begin{bmatrix} 1&1&1&0&0 \\ 0&1&1&1&0 \\ 0&0&1&1&1 \\ 0&0&1&1&0 \\ 0&1&1&0&0 \end{bmatrix}, \quad
# K = \begin{bmatrix} 1&0&1 \\ 0&1&0 \\ 1&0&1 \end{bmatrix}, \quad
# a = \begin{bmatrix} 4&3&4 \\ 2&4&3 \\ 2&3&4 \end{bmatrix}, \quad
# a_{\text{stride } 2} = \begin{bmatrix} 4&4 \\ 2&4 \end{bmatrix} .$$
#
# The first 4: the filter's five ones lie on the pixels $1, 1, 1, 0, 1$. Stride 2 keeps every second row and column of the
# stride-1 answer, as long as the padding is the same.
#
# A second example places a filter that draws a curve on a patch of a picture that contains such a curve (UCLA):
# $50 \cdot 30 + 50 \cdot 30 + 50 \cdot 30 + 20 \cdot 30 + 50 \cdot 30 = 6600$, "a large number". A filter responds most strongly
# where the image looks like the filter.
#
# Write `conv2d` **from scratch**, without a convolution from any library. Loops over every pixel of every image are right but
# slow. Here are two faster ways to see the sum:
#
# - For a fixed tap $(m, n)$, the pixels under it are one strided slice of the padded image, and $K_{m,n}$ is a matrix from
#   $c_{in}$ to $c_{out}$ channels. Only $k_h k_w$ terms are left to add.
# - Lay every window out as one long row. Then the convolution is a single matrix product.
#
# You may use your `conv_output_size` and `same_padding`.


# %%
def conv2d(input, filters, strides, padding):
    """The 2-D convolution of deep learning, a cross-correlation, from tensor operations.

    `a[b, i, j, o] = sum_{m, n, c} padded[b, i * sh + m, j * sw + n, c] * filters[m, n, c, o]`

    Args:
        input: images, a float tensor of shape `(batch, height, width, c_in)`.
        filters: a tensor of shape `(kh, kw, c_in, c_out)` with the dtype of `input`.
        strides: an int, a pair `(sh, sw)` or a list of four `[1, sh, sw, 1]`.
        padding: "SAME" or "VALID", with TensorFlow's meaning.

    Returns:
        A tensor of shape `(batch, out_h, out_w, c_out)` with the dtype of `input`.

    Example:

    >>> image = tf.reshape(tf.range(9.0), (1, 3, 3, 1))
    >>> conv2d(image, tf.ones((2, 2, 1, 1)), strides=1, padding="VALID")[0, :, :, 0].numpy()
    array([[ 8., 12.],
           [20., 24.]], dtype=float32)
    """
    ### BEGIN SOLUTION
    if isinstance(strides, int):
        strides = (strides, strides)
    sh, sw = strides if len(strides) == 2 else strides[1:3]
    (height, width), (kh, kw, _, c_out) = input.shape[1:3], filters.shape
    out_h, out_w = conv_output_size(height, kh, sh, padding), conv_output_size(width, kw, sw, padding)
    if padding == "SAME":
        input = tf.pad(input, [(0, 0), same_padding(height, kh, sh), same_padding(width, kw, sw), (0, 0)])

    def under(m, n):  # the pixels that lie under tap (m, n), for all outputs
        return input[:, m : m + sh * (out_h - 1) + 1 : sh, n : n + sw * (out_w - 1) + 1 : sw]

    # Taps and channels in one axis, in the order of the filters: all that is left is a matrix product.
    windows = tf.concat([under(m, n) for m in range(kh) for n in range(kw)], axis=-1)
    return tf.tensordot(windows, tf.reshape(filters, (-1, c_out)), 1)
    ### END SOLUTION


# %%
check("conv2d")

# %%
image = tf.constant([[1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 1], [0, 0, 1, 1, 0], [0, 1, 1, 0, 0]], tf.float32)
image, kernel = image[None, :, :, None], tf.constant([[1, 0, 1], [0, 1, 0], [1, 0, 1]], tf.float32)[:, :, None, None]


def show(axes, title, matrix):
    """Draws a matrix with its numbers."""
    axes.matshow(matrix, cmap="Blues", vmin=0, vmax=1.6 * np.max(matrix))
    for (i, j), value in np.ndenumerate(matrix):
        axes.text(j, i, f"{value:g}", ha="center", va="center")
    axes.set(title=title, xticks=[], yticks=[])


with suppress(NotImplementedError):  # draws once conv2d is written
    maps = [conv2d(image, kernel, stride, "VALID")[0, :, :, 0].numpy() for stride in (1, 2)]
    _, axes = plt.subplots(1, 4, figsize=(8, 2.2), layout="constrained", width_ratios=(5, 3, 3, 2))
    show(axes[0], "image", image[0, :, :, 0].numpy())
    show(axes[1], "filter", kernel[:, :, 0, 0].numpy())
    show(axes[2], "stride 1", maps[0])
    show(axes[3], "stride 2", maps[1])

# %% [markdown]
# **Predict, then look.** The filter below responds with 6600 to the curve it was made for. What does it respond with when the
# curve lies on its side? Much less, nothing, or just as much?

# %%
patch, curve = np.zeros((7, 7), np.float32), np.zeros((7, 7), np.float32)
patch[0, 6], patch[1, 4:], patch[2, 3:5], patch[3:, 3:5] = 30, 50, (20, 50), 50
curve[0, 5], curve[1, 4], curve[2:6, 3] = 30, 30, 30

with suppress(NotImplementedError):  # draws once conv2d is written
    both = tf.constant(np.stack([patch, patch.T])[..., None])
    upright, lying = conv2d(both, tf.constant(curve[:, :, None, None]), 1, "VALID").numpy().ravel()
    _, axes = plt.subplots(1, 3, figsize=(7, 2.5), layout="constrained")
    show(axes[0], f"the curve: {upright:g}", patch)
    show(axes[1], "the filter", curve)
    show(axes[2], f"the curve on its side: {lying:g}", patch.T)

# %% [markdown]
# <details>
# <summary>Our answer</summary>
#
# Less than half as much: 3000, because two of the filter's six taps still meet bright pixels. It is not nothing. A threshold has
# to tell the two apart, and that is what the bias of section 7 is for.
#
# </details>
#
# ### 5.1 A photograph under your `conv2d`
#
# Filters are older than networks. A **blur** replaces each pixel by a weighted mean of its neighbourhood. A **Sobel filter**
# subtracts one side of the neighbourhood from the other, so it responds to edges and is 0 where nothing changes:
#
# $$\text{blur} = \frac1{256} \begin{bmatrix} 1 \\ 4 \\ 6 \\ 4 \\ 1 \end{bmatrix} \begin{bmatrix} 1 & 4 & 6 & 4 & 1 \end{bmatrix},
# \qquad S = \begin{bmatrix} -1 & 0 & 1 \\ -2 & 0 & 2 \\ -1 & 0 & 1 \end{bmatrix}, \qquad S^\top =
# \begin{bmatrix} -1 & -2 & -1 \\ 0 & 0 & 0 \\ 1 & 2 & 1 \end{bmatrix}$$
#
# The photograph has three channels. To blur each colour by itself, the filter for output channel $o$ is 0 on all input channels
# but $o$. The edge filters look at the mean of the three channels.
#
# **Predict, then look.** Which of $S$ and $S^\top$ shows the columns of the building, and which shows the edges of the roofs?

# %%
with suppress(NotImplementedError, ImportError):  # draws once conv2d is written, if scikit-learn is installed
    photo = tf.constant(photograph("china")[None, ::2, ::2] / 255, tf.float32)  # (1, 214, 320, 3)
    binomial = tf.constant([1.0, 4.0, 6.0, 4.0, 1.0]) / 16
    blur = (binomial[:, None] * binomial)[:, :, None, None] * tf.eye(3)  # (5, 5, 3, 3)
    sobel = tf.constant([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]])
    edges = tf.stack([sobel, tf.transpose(sobel)], axis=-1)[:, :, None] * tf.ones((3, 1)) / 3  # (3, 3, 3, 2)
    blurred = photo
    for _ in range(4):
        blurred = conv2d(blurred, blur, 1, "SAME")
    found = conv2d(photo, edges, 1, "SAME")[0]
    _, axes = plt.subplots(2, 2, figsize=(9, 6.2), layout="constrained")
    axes[0, 0].imshow(photo[0])
    axes[0, 1].imshow(np.clip(blurred[0], 0, 1))
    axes[1, 0].imshow(found[..., 0], cmap="gray", vmin=-2, vmax=2)
    axes[1, 1].imshow(found[..., 1], cmap="gray", vmin=-2, vmax=2)
    for panel, title in zip(axes.flat, ("photograph", "blurred four times", "S", "S transposed"), strict=True):
        panel.set(title=title, xticks=[], yticks=[])

# %% [markdown]
# <details>
# <summary>Our answer</summary>
#
# $S$ subtracts left from right, so it shows vertical edges: the columns. $S^\top$ subtracts top from bottom and shows
# horizontal edges: the roofs. White is a step from dark to bright, black one from bright to dark, grey is no change. Look at the
# margin of the blurred picture: it is dark, because the zeros of `"SAME"` were averaged in.
#
# </details>
#
# ### 5.2 Why loops are slow
#
# All three ways below compute the same sum. The first calls your `conv2d` once for every window, as a loop over the outputs
# does; the second once for all; the third is TensorFlow's own.
#
# **Predict, then look.** There are $12 \cdot 12 = 144$ windows. How many times slower than your `conv2d` is the loop?

# %%
with suppress(NotImplementedError):  # measures once conv2d is written
    images = tf.random.stateless_normal((4, 16, 16, 3), seed=(1, 2))
    bank = tf.random.stateless_normal((5, 5, 3, 8), seed=(3, 4))

    def window_by_window():
        places = [(i, j) for i in range(12) for j in range(12)]
        outputs = [conv2d(images[:, i : i + 5, j : j + 5], bank, 1, "VALID")[:, 0, 0] for i, j in places]
        return tf.reshape(tf.stack(outputs, axis=1), (4, 12, 12, 8))

    ways = {
        "one window after the other": window_by_window,
        "your conv2d": lambda: conv2d(images, bank, 1, "VALID"),
        "tf.nn.conv2d": lambda: tf.nn.conv2d(images, bank, 1, "VALID"),
    }
    seconds = {}
    for name, compute in ways.items():
        compute()  # once without the clock: the first call sets things up
        start, calls = perf_counter(), 0
        while perf_counter() - start < 0.2:
            compute()
            calls += 1
        seconds[name] = (perf_counter() - start) / calls
    print(f"{'':28}{'milliseconds':>14}{'relative':>12}")
    for name, time in seconds.items():
        print(f"{name:28}{1000 * time:14.2f}{time / seconds['tf.nn.conv2d']:12.0f}")

# %% [markdown]
# <details>
# <summary>What we measured</summary>
#
# On two cores at 2.5 GHz:
#
# | | milliseconds | relative |
# |---|---|---|
# | one window after the other | 430 | 3700 |
# | `conv2d` of the solution | 2.9 | 24 |
# | `tf.nn.conv2d` | 0.12 | 1 |
#
# So the loop is about 150 times slower than `conv2d`, nearly as many times as there are windows. The arithmetic is the same in all
# three rows: 345,600 multiplications. What differs is the number of TensorFlow operations that Python starts. Each costs up to a
# tenth of a millisecond before a single multiplication is done, and with 144 windows there are thousands of them. The library needs
# one operation, and uses the processor's caches and vector units better than slices do.
#
# </details>
#
# ### 5.3 This slide does not run
#
# One slide writes `tf.nn.conv2d(input, filter, strides, padding)` with padding "(String "Valid" or "Same")" (Brown). In
# TensorFlow 2 the second parameter is called `filters`, and the strings must be `"VALID"` and `"SAME"`. Keras layers take
# any spelling. **Exercise (ungraded).** Read both messages and correct both calls.

# %%
for arguments in ({"filters": kernel, "padding": "Same"}, {"filter": kernel, "padding": "SAME"}):
    try:
        print("shape", tf.nn.conv2d(image, strides=1, **arguments).shape)
    except (TypeError, ValueError, tf.errors.InvalidArgumentError) as error:
        print(f"{type(error).__name__}: {str(error).splitlines()[0][:150]}")

# %% [markdown]
# ## 6. Backward: `conv2d_backward`
#
# "Shall we manually compute the gradients?" asks one lecture, and answers: no, use automatic differentiation (EPFL). Do it
# once nevertheless, to know what the tape does. We are given $dy = \partial L / \partial a$ and want
# $\partial L / \partial I$ and $\partial L / \partial K$.
#
# The sum of section 5 consists of products $I \cdot K$. To differentiate with respect to one factor, cross it out and put $dy$
# in its place:
#
# $$\frac{\partial L}{\partial K_{m,n,c,o}} = \sum_{b,i,j} dy_{b,i,j,o}\; I_{b,\;i s_h+m-\text{top},\;j s_w+n-\text{left},\;c},
# \qquad
# \frac{\partial L}{\partial I_{b,p,q,c}} = \sum_{\substack{i,m:\; i s_h + m - \text{top} = p \\ j,n:\; j s_w + n - \text{left} = q}}
# \ \sum_o dy_{b,i,j,o}\; K_{m,n,c,o} .$$
#
# A weight is used at every position and in every image, so its gradient is a sum over all of them. A pixel lies under several
# windows, so its gradient is a sum over these: `+=`, not `=`.
#
# Take the 5x5 image and $dy = \begin{bmatrix} 1&2&3 \\ 4&5&6 \\ 7&8&9 \end{bmatrix}$, stride 1.
#
# - $\partial L / \partial K_{0,0}$: the pixels under tap $(0,0)$ are the upper left 3x3 pixels of $I$; times $dy$ they give
#   $1 + 2 + 3 + 5 + 6 + 9 = 26$.
# - $\partial L / \partial I_{0,0}$: only the first window, with tap $(0, 0)$, sees this pixel: $1 \cdot 1 = 1$.
# - $\partial L / \partial I_{2,2}$: all nine windows see the middle. Window $(i,j)$ sees it with tap $(2-i, 2-j)$: the ones of
#   $K$ meet $9 + 7 + 5 + 3 + 1 = 25$.
#
# Tap $2 - i$ for window $i$: the kernel is turned by 180 degrees. At stride 1, $\partial L/\partial I$ is the *true*
# convolution of $dy$ with $K$, over all positions where they touch. The flip of section 1 is back.
#
# There are two ways to compute $\partial L / \partial I$. One goes through the taps, as the forward pass does, and adds each
# contribution to the pixels that lie under the tap (`tf.tensor_scatter_nd_add` adds where a place occurs twice). The other is the
# true convolution: at stride 2 and more the windows are further apart, so spread $dy$ out with zeros first. In both, the result
# must have exactly the rows and columns of the image. Remove those that belong to the padding, and keep the pixels at the end
# that no window covers: their gradient is 0.
#
# **`tf.GradientTape` is off limits in this function**, and so is a library's convolution: here you do by hand what the tape does.
# In a cell of your own you may compare with the tape.


# %%
def conv2d_backward(dy, input, filters, strides, padding):
    """The gradients of `conv2d(input, filters, strides, padding)`, from tensor operations and without a tape.

    `dfilters[m, n, c, o] = sum_{b, i, j} padded[b, i * sh + m, j * sw + n, c] * dy[b, i, j, o]`, and `dinput[b, p, q, c]`
    sums `dy[b, i, j, o] * filters[m, n, c, o]` over `o` and over all windows `(i, j)` that see pixel `(p, q)` with a tap
    `(m, n)`.

    Args:
        dy: the gradient with respect to the output, a float tensor of shape `(batch, out_h, out_w, c_out)`.
        input: images, a tensor of shape `(batch, height, width, c_in)`.
        filters: a tensor of shape `(kh, kw, c_in, c_out)`.
        strides: an int, a pair `(sh, sw)` or a list of four `[1, sh, sw, 1]`.
        padding: "SAME" or "VALID".

    Returns:
        A tuple `(dinput, dfilters)` of tensors with the shapes of `input` and `filters` and their dtype.

    Example:

    >>> image, filters = tf.reshape(tf.range(9.0), (1, 3, 3, 1)), tf.ones((2, 2, 1, 1))
    >>> dinput, dfilters = conv2d_backward(tf.ones((1, 2, 2, 1)), image, filters, strides=1, padding="VALID")
    >>> dinput[0, :, :, 0].numpy()
    array([[1., 2., 1.],
           [2., 4., 2.],
           [1., 2., 1.]], dtype=float32)
    >>> dfilters[:, :, 0, 0].numpy()
    array([[ 8., 12.],
           [20., 24.]], dtype=float32)
    """
    ### BEGIN SOLUTION
    if isinstance(strides, int):
        strides = (strides, strides)
    sh, sw = strides if len(strides) == 2 else strides[1:3]
    (height, width), (out_h, out_w) = input.shape[1:3], dy.shape[1:3]
    kh, kw, _, c_out = filters.shape
    rows, columns = (0, 0), (0, 0)
    if padding == "SAME":
        rows, columns = same_padding(height, kh, sh), same_padding(width, kw, sw)
    padded = tf.pad(input, [(0, 0), rows, columns, (0, 0)])

    def under(m, n):  # the pixels that lie under tap (m, n), for all outputs
        return padded[:, m : m + sh * (out_h - 1) + 1 : sh, n : n + sw * (out_w - 1) + 1 : sw]

    windows = tf.concat([under(m, n) for m in range(kh) for n in range(kw)], axis=-1)
    dfilters = tf.reshape(tf.einsum("bijk,bijo->ko", windows, dy), filters.shape)

    # What the stride skipped has no gradient: sh - 1 rows and sw - 1 columns of zeros after every entry of dy.
    spread = tf.pad(dy[:, :, None, :, None], [(0, 0), (0, 0), (0, sh - 1), (0, 0), (0, sw - 1), (0, 0)])
    spread = tf.reshape(spread, (-1, out_h * sh, out_w * sw, c_out))
    # All positions where the turned kernel touches it; these reach at least to the end of the padded image.
    touching = tf.pad(spread, [(0, 0), (kh - 1, kh - 1), (kw - 1, kw - 1), (0, 0)])
    turned = tf.transpose(filters[::-1, ::-1], (0, 1, 3, 2))
    dpadded = conv2d(touching, turned, strides=1, padding="VALID")
    dinput = dpadded[:, rows[0] : rows[0] + height, columns[0] : columns[0] + width]
    return dinput, dfilters
    ### END SOLUTION


# %%
check("conv2d_backward")

# %% [markdown]
# **Predict, then look.** With $dy$ and $K$ full of ones, $\partial L/\partial I$ counts how many windows see each pixel. Draw the
# counts for a 7x7 image and a 3x3 filter, at strides 1, 2 and 3. Which pixels are seen least often?

# %%
with suppress(NotImplementedError):  # draws once conv_output_size, conv2d and conv2d_backward are written
    _, axes = plt.subplots(1, 3, figsize=(7, 2.5), layout="constrained")
    for axis, stride in zip(axes, (1, 2, 3), strict=True):
        size = conv_output_size(7, 3, stride, "VALID")
        ones = tf.ones((1, size, size, 1)), tf.ones((1, 7, 7, 1)), tf.ones((3, 3, 1, 1))
        windows, _ = conv2d_backward(*ones, stride, "VALID")
        show(axis, f"windows per pixel, stride {stride}", windows[0, :, :, 0].numpy())

# %% [markdown]
# <details>
# <summary>Our answer</summary>
#
# At stride 1 the corners, which only one window sees. At stride 2 the counts are uneven inside the image as well. At stride 3 no
# window sees the last row and the last column: they get no gradient at all.
#
# </details>
#
# ### 6.1 A skill: check a gradient without a tape
#
# You can test any gradient with nothing but the forward pass. Move the input a little along a random direction $v$, up and
# down, and compare the change of $L$ with what the gradient $g$ predicts:
#
# $$\frac{L(x + h v) - L(x - h v)}{2 h} \;\approx\; \langle g, v \rangle$$
#
# with $L = \langle dy, \text{conv2d}(x) \rangle$ for a random $dy$. Never take $dy = 1$: mistakes can cancel in a plain sum.
#
# **Predict, then look.** The approximation gets better as $h$ gets smaller. Does the error below fall all the way from
# $h = 1$ to $h = 10^{-12}$? (A convolution is linear in $x$, which would make it too easy. So we check
# $L = \sum dy \cdot \sin(\text{conv2d}(x))$.)


# %%
def gradient_error(dtype, step):
    """The relative error of the finite difference against `conv2d_backward`."""
    rng = np.random.default_rng(5)
    x, v = (tf.constant(rng.standard_normal((2, 6, 7, 2)), dtype) for _ in range(2))
    filters, dy = (tf.constant(rng.standard_normal(shape), dtype) for shape in ((3, 2, 2, 3), (2, 3, 7, 3)))

    def loss(x):
        return tf.reduce_sum(dy * tf.sin(conv2d(x, filters, (2, 1), "SAME")))

    difference = (loss(x + step * v) - loss(x - step * v)) / (2 * step)
    slope = tf.cos(conv2d(x, filters, (2, 1), "SAME"))  # of the sine
    dx, _ = conv2d_backward(dy * slope, x, filters, (2, 1), "SAME")
    predicted = tf.reduce_sum(dx * v)
    return float(abs(difference - predicted) / abs(predicted))


with suppress(NotImplementedError):  # draws once conv2d and conv2d_backward are written
    steps = 10.0 ** np.arange(0, -13, -1)
    _, axes = plt.subplots(figsize=(5.5, 2.6), layout="constrained")
    for dtype in ("float32", "float64"):
        axes.loglog(steps, [gradient_error(dtype, step) + 1e-17 for step in steps], marker=".", label=dtype)
    axes.set(title="finite differences against conv2d_backward", xlabel="step h", ylabel="relative error")
    axes.invert_xaxis()
    axes.legend()

# %% [markdown]
# <details>
# <summary>Our answer</summary>
#
# No. At first it falls with $h^2$, because $L$ looks more and more like a straight line. Then it rises again: the difference of
# two nearly equal numbers loses digits, and dividing by a small $h$ makes that loss large. Two rules follow. Check gradients in
# **float64**, with a step of about $10^{-5}$, and expect a relative error below $10^{-7}$; in float32 a right gradient agrees
# in three or four digits at best. If the error stays near 1 whatever $h$ is, the gradient is wrong.
#
# </details>
#
# ## 7. The layer: `conv_layer`
#
# Every filter has one bias, "a bias vector of size K (number of filters)" (UCLA), added at every position:
#
# $$a_{b,i,j,o} = b_o + \sum_{m,n,c} I_{b,\;i s_h + m - \text{top},\;j s_w + n - \text{left},\;c}\; K_{m,n,c,o} .$$
#
# Now you may use the library, and should: add the bias to `tf.nn.conv2d` by `tf.nn.bias_add` (Brown). The bias appears once in
# every output of its channel, so its gradient is a sum over images, rows and columns:
# $\partial L / \partial b_o = \sum_{b,i,j} dy_{b,i,j,o}$.
#
# With the bias $-3$, the image of section 5 gives $\begin{bmatrix} 1&0&1 \\ -1&1&0 \\ -1&0&1 \end{bmatrix}$: after a ReLU only the
# places with at least four hits are left. A bias is a threshold.


# %%
def conv_layer(x, filters, bias, strides=1, padding="SAME"):
    """A convolution layer without activation, on `tf.nn.conv2d` and `tf.nn.bias_add`, with one bias for each output channel.

    Args:
        x: images, a float tensor of shape `(batch, height, width, c_in)`.
        filters: a tensor of shape `(kh, kw, c_in, c_out)` with the dtype of `x`.
        bias: a tensor of shape `(c_out,)` with the dtype of `x`.
        strides: an int, a pair `(sh, sw)` or a list of four `[1, sh, sw, 1]`.
        padding: "SAME" or "VALID".

    Returns:
        A tensor of shape `(batch, out_h, out_w, c_out)` with the dtype of `x`.

    Example:

    >>> conv_layer(tf.ones((1, 2, 2, 1)), tf.ones((1, 1, 1, 2)), tf.constant([0., 5.]))[0, 0].numpy()
    array([[1., 6.],
           [1., 6.]], dtype=float32)
    """
    ### BEGIN SOLUTION
    return tf.nn.bias_add(tf.nn.conv2d(x, filters, strides, padding), bias)
    ### END SOLUTION


# %%
check("conv_layer")

# %% [markdown]
# ## 8. What a layer costs: `conv_params`
#
# A layer with 10 filters of size $5 \times 5 \times 3$ has 750 weights "excluding biases" (EPFL), and $750 + 10 = 760$ with one
# bias for each filter. Where does 750 come from? Count the weights of one filter first. The size of the image does not matter:
# the same 750 weights serve a thumbnail and a poster.
#
# The same quiz offers "the number of outputs is 250" as an answer. That cannot be decided from the question, because the number
# of outputs *does* depend on the image. A 32x32 image gives $28 \cdot 28 \cdot 10 = 7840$ of them with `"VALID"` padding. A dense
# layer from $32 \cdot 32 \cdot 3$ inputs to that many outputs would have 24,084,480 weights.


# %%
def conv_params(kh, kw, c_in, c_out, use_bias):
    """The number of parameters of a convolution layer: its weights, and its biases if it has any.

    Args:
        kh: the height of the filters, an int.
        kw: the width of the filters, an int.
        c_in: the number of input channels, an int.
        c_out: the number of filters, an int.
        use_bias: whether every filter has a bias, a bool.

    Returns:
        A Python int.

    Example:

    >>> conv_params(3, 3, 1, 2, use_bias=True)
    20
    """
    ### BEGIN SOLUTION
    return kh * kw * c_in * c_out + (c_out if use_bias else 0)
    ### END SOLUTION


# %%
check("conv_params")

# %% [markdown]
# ## 9. The dense layer behind it: `dense_matrix`
#
# A convolution layer is like a standard dense layer in which many neurons have the same weights and most weights are zero (EPFL).
# For 7 inputs and 3 hidden units, each of which looks at 3 neighbours (so the stride is 2), count the weights (NTU):
#
# | connections | weights |
# |---|---|
# | global: every unit sees every input | $3 \cdot 7 = 21$ |
# | local: every unit sees 3 inputs | $3 \cdot 3 = 9$ |
# | local, and all units share their weights | $3$ |
#
# Let us build that dense layer for images. Flatten the image and the output row by row, channels last, as `tf.reshape` does,
# and look for the matrix $M$ with
#
# $$\text{flatten}(I)\; M = \text{flatten}(a), \qquad a = \text{conv2d}(I, K, \text{stride } 1, \text{VALID}).$$
#
# $M$ has the layout of the kernel of `keras.layers.Dense`: one **row for each input**, one **column for each output**. Pixel
# $(p, q)$, channel $c$ is row $(p \cdot W + q) \cdot c_{in} + c$; output $(i, j)$, channel $o$ is column
# $(i \cdot W' + j) \cdot c_{out} + o$, with $W' = W - k_w + 1$. The entry is
#
# $$M_{(p,q,c),\,(i,j,o)} = \begin{cases} K_{p-i,\;q-j,\;c,\;o} & \text{if } 0 \le p-i < k_h \text{ and } 0 \le q-j < k_w \\
# 0 & \text{otherwise.} \end{cases}$$
#
# An image of one row of 7 pixels and the filter $[1\ 2\ 3]$ at stride 1 give a matrix of 7 rows and 5 columns. Of its 35
# entries 15 are not zero, and only 3 are different. It is a transposed Toeplitz matrix, that of the filter read backward.
#
# The gradient of a weight $K_{m,n,c,o}$ is the sum over all its copies in $M$.


# %%
def dense_matrix(filters, height, width):
    """The kernel of the dense layer that equals a VALID convolution with stride 1.

    For images `x` of shape `(batch, height, width, c_in)`:
    `tf.reshape(x, (batch, -1)) @ M == tf.reshape(conv2d(x, filters, 1, "VALID"), (batch, -1))`

    Args:
        filters: a float tensor of shape `(kh, kw, c_in, c_out)`.
        height: the height of the images, an int with `height >= kh`.
        width: the width of the images, an int with `width >= kw`.

    Returns:
        A tensor `M` of shape `(height * width * c_in, out_h * out_w * c_out)` with the dtype of `filters`: a row for each
        input, a column for each output, both in the order of `tf.reshape`.

    Example:

    >>> dense_matrix(tf.reshape([1., 2.], (1, 2, 1, 1)), height=1, width=3).numpy()
    array([[1., 0.],
           [2., 1.],
           [0., 2.]], dtype=float32)
    """
    ### BEGIN SOLUTION
    kh, kw, c_in, _ = filters.shape
    # rows[p, i, m] is 1 where pixel row p lies under tap m of output row i; one_hot is all zeros where no tap fits
    rows = tf.one_hot(tf.range(height)[:, None] - tf.range(height - kh + 1), kh, dtype=filters.dtype)
    columns = tf.one_hot(tf.range(width)[:, None] - tf.range(width - kw + 1), kw, dtype=filters.dtype)
    matrix = tf.einsum("pim,qjn,mnco->pqcijo", rows, columns, filters)
    return tf.reshape(matrix, (height * width * c_in, -1))
    ### END SOLUTION


# %%
check("dense_matrix")

# %%
with suppress(NotImplementedError):  # draws once dense_matrix is written
    _, (left, right) = plt.subplots(1, 2, figsize=(7, 3.2), layout="constrained", width_ratios=(5, 7))
    show(left, "1x7 image, filter [1 2 3]", dense_matrix(tf.reshape([1.0, 2.0, 3.0], (1, 3, 1, 1)), 1, 7).numpy())
    matrix = dense_matrix(tf.reshape(tf.range(1.0, 10.0), (3, 3, 1, 1)), 6, 6).numpy()
    right.matshow(np.where(matrix == 0, np.nan, matrix), cmap="viridis", aspect="auto")
    right.set(title=f"6x6 image, 3x3 filter: {np.mean(matrix == 0):.0%} zeros", xlabel="output", ylabel="input")

# %% [markdown]
# ## 10. How far does a neuron see? `receptive_field`
#
# A "5x5 filter" is a "5x5 receptive field for each neuron" (NTU). What about a neuron two layers up? It sees a window of
# neurons, and each of these sees a window of its own.
#
# Work along one axis, from the image upward, and keep track of two numbers: the receptive field $r$ of a neuron, and the
# *jump* $j$, the distance in pixels between two neighbouring neurons. A pixel sees itself and its neighbour is one pixel away:
# $r = j = 1$.
#
# 1. A layer with kernel size $f$ looks at $f$ neighbours of the layer below. How many jumps lie between the first and the last
#    of them? By how many pixels does that widen the view?
# 2. With stride $s$, what happens to the distance between neighbours? This matters only to the layers *above*.
#
# Two 3x3 layers with stride 1 see 5x5, as one 5x5 filter does, with $2 \cdot 9 = 18$ weights for each pair of channels instead of
# 25, and a nonlinearity in between. "Usually repeated 3x3 convolutions are enough" (UFAL). If the first of the two has stride 2,
# they see 7 pixels along an axis; if the second has, still 5.
#
# For the check of larger networks:
#
# - LeNet: 5x5 convolution, 2x2 pooling with stride 2, the same again, 5x5 convolution. The receptive field is 5, 6, 14, 16 and at
#   last 32: a neuron of the last convolution sees all of the 32x32 image.
# - AlexNet's eight convolution and pooling layers (NTU): 11, 19, 51, 67, 99, 131, 163, and at last 195 of 227 pixels.
#
# <details>
# <summary>Hint: as two formulas</summary>
#
# $r_l = r_{l-1} + (f_l - 1)\, j_{l-1}$ and $j_l = j_{l-1}\, s_l$.
#
# </details>


# %%
def receptive_field(layers):
    """The number of pixels, along one axis, that one neuron of the last layer sees.

    Args:
        layers: a list of pairs `(f, s)`, kernel size and stride, both ints; the layer next to the image comes first. The
            list must not be changed.

    Returns:
        A Python int; 1 for an empty list.

    Example:

    >>> receptive_field([(3, 1), (3, 1)]), receptive_field([(3, 2), (3, 1)])
    (5, 7)
    """
    ### BEGIN SOLUTION
    field, jump = 1, 1
    for f, s in layers:
        field += (f - 1) * jump
        jump *= s
    return field
    ### END SOLUTION


# %%
check("receptive_field")

# %%
with suppress(NotImplementedError):  # draws once receptive_field is written
    alexnet = [(11, 4), (3, 2), (5, 1), (3, 2), (3, 1), (3, 1), (3, 1), (3, 2)]
    names = ["conv1", "pool1", "conv2", "pool2", "conv3", "conv4", "conv5", "pool3"]
    depths = range(1, 9)
    _, axes = plt.subplots(figsize=(6, 2.6), layout="constrained")
    axes.plot(depths, [receptive_field(alexnet[:depth]) for depth in depths], "o-", label="AlexNet")
    axes.plot(depths, [receptive_field([(3, 1)] * depth) for depth in depths], "s-", label="3x3 layers, stride 1")
    axes.axhline(227, color="grey", ls=":", label="the image, 227")
    axes.set(xticks=depths, xticklabels=names, ylabel="receptive field in pixels")
    axes.legend()

# %% [markdown]
# Strides multiply. That is why AlexNet sees nearly the whole image after eight layers, while eight 3x3 layers with stride 1 see
# 17 pixels.
#
# You now have a convolution forward, backward, as a layer and as a matrix. Next comes what a network puts between two of them:
# the nonlinearity and pooling.
