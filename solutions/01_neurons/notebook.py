# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 1. Neurons
#
# This is the first notebook of the course. It starts with a single neuron and goes on to a network that learns a curved
# boundary. Then you write a small program that differentiates whatever you compute, and see why deep stacks of sigmoids stop
# learning.
#
# You will learn
#
# - what a linear classifier computes, and what its weights look like when it has learned to read digits;
# - what one neuron can and cannot do, how to train it, and why weight decay helps;
# - how a hidden layer changes that, and how the chain rule gives its gradient;
# - how training works in practice: softmax, mini-batches, momentum;
# - how automatic differentiation works, by writing it yourself.
#
# You need Python, NumPy arrays, and a first look at TensorFlow. You do not need to know anything about images or convolutions:
# that is notebook 2.
#
# **Time.** Allow nine hours, in three sittings: sections 1-6, 7-13, 14-16.
#
# **Sources.** Five lectures are behind this course. A letter in brackets tells you which one a statement comes from:
# **[N]** NTU Deep Learning for Computer Vision, **[U]** the UCLA ACM AI workshop on CNNs, **[E]** EPFL Artificial Neural
# Networks, lecture 8, **[P]** UFAL NPFL114, lecture 4, **[B]** Brown CSCI 1470.
#
# To read on: [MacKay's book](http://www.inference.org.uk/mackay/itila/) (chapters 39 and 44: the single neuron and the hidden
# layer, in nearly the notation of sections 3 to 8), [Nielsen's book](http://neuralnetworksanddeeplearning.com/) (back-propagation, slowly),
# [the paper that made back-propagation known](https://doi.org/10.1038/323533a0) (1986),
# [the AlexNet paper](https://papers.nips.cc/paper/4824-imagenet-classification-with-deep-convolutional-neural-networks)
# (the step of section 13), [a survey of automatic differentiation](https://arxiv.org/abs/1502.05767) (section 14), and
# [a study of why deep sigmoids learn badly](https://proceedings.mlr.press/v9/glorot10a.html) (section 16).
#
# Run the next cell now: click on it and press Shift+Enter. It only imports things. That takes a few seconds. If TensorFlow prints
# a red box about CUDA or a GPU, ignore it: this course needs no GPU.

# %%
from contextlib import suppress

from autograder import check
from autograder.datasets import describe, load_data
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf

# %% [markdown]
# ## 0. How this notebook works
#
# **What you do.** Every exercise is a function with a *docstring* and no code. The docstring says what goes in and what must
# come out, and gives an example. You replace the line `raise NotImplementedError()` with your code and run the cell.
#
# **What a check is.** Below every function is a line such as `check("p_norm")`. It calls your function on a few small inputs,
# compares the results with the correct ones, and shows a panel. Run it as often as you like. Nothing is sent anywhere, and a
# wrong attempt costs nothing.
#
# **How to read the panel.**
#
# 1. The first line has a sign and a word: ✓ passed, ◐ partly right, ✗ wrong, ○ not attempted yet.
# 2. The small cases go from easy to hard, and each adds one thing. Start with the first one that fails: its numbers are small
#    enough to work out by hand.
# 3. The panel shows what was expected and what your function returned. Often it also names the mistake and gives a hint.
# 4. Click *every case* to see the full list.
#
# As long as something is wrong, the cell ends with a red line that repeats your score. That is not a crash. It makes *Run All*
# stop there.
#
# When you hand in the notebook, *hidden cases* run too: other numbers, other shapes. So compute from the arguments. A function
# that only knows the examples shown here will not pass.
#
# Now go on to section 1. Your first success is two minutes away.

# %% [markdown]
# ## 1. How long is a vector? `p_norm`
#
# Images become vectors, and vectors are compared by length and distance. The *p-norm* of a vector is [N]
#
# $$\|x\|_p = \left( \sum_{i=1}^d |x_i|^p \right)^{1/p}.$$
#
# Take $x = (3, -4, 0)$:
#
# | $p$ | what it is | $\|x\|_p$ |
# |---|---|---|
# | 1 | the sum of the absolute values, $3 + 4 + 0$ | 7 |
# | 2 | the usual length, $\sqrt{9 + 16}$ | 5 |
# | $\infty$ | the limit for large $p$: the largest absolute value | 4 |
# | 0 | the number of entries that are not zero | 2 |
#
# **Your first success, in two minutes.** Write only $p = 1$ for now. Replace the `raise` line below with
#
# ```python
#     return tf.reduce_sum(tf.abs(x), axis=-1)
# ```
#
# Run the cell, then run the check below it. The panel says ◐: the first small case is right. It shows the next
# one, $p = 2$, with the number it expected and the number it got. Compute both by hand, and you have read your first panel.
#
# Now write the rest. `if p == 0:` and `if p == np.inf:` are fine. Ready-made norms (`tf.norm`, `np.linalg.norm`) are off limits
# here. Skim this table, and come back when you need it.
#
# | you want | NumPy | TensorFlow |
# |---|---|---|
# | absolute values, powers | `np.abs(x)`, `x ** 3` | `tf.abs(x)`, `x ** 3` |
# | exponential, logarithm | `np.exp(x)`, `np.log(x)` | `tf.exp(x)`, `tf.math.log(x)` |
# | sum, mean or maximum along the last axis | `x.sum(axis=-1)` | `tf.reduce_sum(x, axis=-1)`, `tf.reduce_mean`, `tf.reduce_max` |
# | matrix times matrix | `A @ B` | `A @ B` |
# | matrix times vector | `A @ v` | `tf.linalg.matvec(A, v)` |
# | transpose | `A.T` | `tf.transpose(A)` |
# | a new axis | `x[:, None]` | `x[:, None]` |
# | one of two values, by a condition | `np.where(c, a, b)` | `tf.where(c, a, b)` |
# | another dtype | `x.astype(d)` | `tf.cast(x, d)` |
#
# **Stay in the right-hand column.** Many checks also compare *gradients*: how the result changes when an input changes.
# TensorFlow finds them by itself as long as you use its operations. `x.numpy()` and most of `np.` give the right numbers and
# lose the gradient.
#
# **Keep the dtype.** Results have the dtype of the inputs: float32 in, float32 out; float64 in, float64 out. Functions that
# count something return a Python `int`, unless their docstring says otherwise.
#
# <details><summary><b>Predict, then look.</b> The slide says that "strictly speaking, L0 norm is not a norm" [N]. A norm must
# double when the vector doubles. What does $\|2x\|_0$ do?</summary>
#
# It stays what it is: $(6, -8, 0)$ still has two entries that are not zero. Note also that the slide's limit
# $\lim_{p \to 0} \sum |x_i|^p$ has no root in it. With the root $1/p$ the limit would be infinite as soon as two entries are not
# zero. (For $0 < p < 1$ the formula is no norm either: a norm never makes a detour shorter than the direct way, but for $p = 1/2$
# the way from $(0, 0)$ to $(1, 1)$ has length 4, and along the axes $1 + 1$.)
# </details>


# %%
def p_norm(x, p):
    """The p-norm along the last axis.

    Args:
        x: a float tensor of shape `(..., d)`: one vector, or many of them.
        p: a positive number; or 0, which counts the entries that are not zero; or `float("inf")`, which
            takes the largest absolute value.

    Returns:
        A tensor of shape `(...)` with the dtype of `x`, the count included.

    Example:

    >>> p_norm(tf.constant([[3., -4., 0.], [1., 2., -2.]]), 2).numpy()
    array([5., 3.], dtype=float32)
    """
    ### BEGIN SOLUTION
    size = tf.abs(x)
    if p == 0:
        return tf.reduce_sum(tf.cast(size != 0, x.dtype), axis=-1)
    if p == np.inf:
        return tf.reduce_max(size, axis=-1)
    return tf.reduce_sum(size**p, axis=-1) ** (1 / p)
    ### END SOLUTION


# %%
check("p_norm")

# %% [markdown]
# The picture shows all vectors of length 1, for several $p$. Which of these shapes have corners on the axes, where one entry is
# exactly zero? Those with $p \le 1$. That is why penalties with $p \le 1$ make weights exactly zero, and those with $p = 2$ only
# make them small.

# %%
with suppress(NotImplementedError):  # draws once p_norm is written
    grid = np.linspace(-1.2, 1.2, 161).astype(np.float32)
    plane = tf.constant(np.stack(np.meshgrid(grid, grid), axis=-1))
    lengths = [(p, p_norm(plane, p).numpy()) for p in (0.5, 1, 2, 4, np.inf)]
    figure, axes = plt.subplots(figsize=(4.6, 3.4), layout="constrained")
    for k, (p, length) in enumerate(lengths):
        axes.contour(grid, grid, length, levels=[1], colors=[f"C{k}"])
        axes.plot([], [], color=f"C{k}", label="p = ∞" if p == np.inf else f"p = {p}")
    axes.set(aspect="equal", title="all vectors of length 1", xlabel="$x_1$", ylabel="$x_2$")
    axes.legend(fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))

# %% [markdown]
# ## 2. A linear classifier: `linear_scores`
#
# Flatten an image into a vector $x$ of $d$ numbers. A linear classifier gives every class a score [N]:
#
# $$y = W x + b$$
#
# $W$ has one **row per class**, so its shape is `(classes, d)`. The score of a class is the inner product of $x$ with that row,
# plus the class's bias. The highest score wins. With 4 pixels and 3 classes:
#
# $$\begin{bmatrix} 6 \\ 5 \\ 0 \end{bmatrix} = \begin{bmatrix} 1 & 0 & 2 & -1 \\ 0 & 1 & 1 & 3 \\ -1 & 2 & 0 & 1 \end{bmatrix}
# \begin{bmatrix} 5 \\ 0 \\ 1 \\ 2 \end{bmatrix} + \begin{bmatrix} 1 \\ -2 \\ 3 \end{bmatrix}$$
#
# In code the images of a batch are the *rows* of `x`, with shape `(n, d)`, and the scores have shape `(n, classes)`.
#
# <details><summary><b>Predict, then look.</b> The slide says "each column in W can be viewed as an exemplar of the corresponding
# class" [N]. CIFAR-10 has images of 32 x 32 x 3 pixels and 10 classes. Is a column an exemplar?</summary>
#
# No, a *row* is. $W$ is 10 x 3072. A column has 10 numbers, one per class. A row has 3072: as many as an image, so it can be
# shown as one. (The slide would be right for $y = W^\top x + b$.) You will see such rows in section 13.
# </details>
#
# <details><summary><b>Predict, then look.</b> How many numbers does this classifier learn for CIFAR-10?</summary>
#
# $10 \cdot 3072$ weights and 10 biases: 30,730.
# </details>


# %%
def linear_scores(x, weights, bias):
    """The scores of a linear classifier for a batch of examples.

    Args:
        x: a float tensor of shape `(n, d)`, one example per row.
        weights: a tensor of shape `(classes, d)`, one row per class.
        bias: a tensor of shape `(classes,)`.

    Returns:
        A tensor of shape `(n, classes)` with the dtype of `x`.

    Example:

    >>> weights, bias = tf.constant([[3., 4.], [1., -1.]]), tf.constant([5., 0.])
    >>> linear_scores(tf.constant([[1., 2.]]), weights, bias).numpy()
    array([[16., -1.]], dtype=float32)
    """
    ### BEGIN SOLUTION
    return tf.matmul(x, weights, transpose_b=True) + bias
    ### END SOLUTION


# %%
check("linear_scores")

# %% [markdown]
# ## 3. One neuron: `neuron`
#
# An artificial neuron takes a weighted sum of its inputs, its *activation* $a$, and squeezes it into the range from 0 to 1 [N]:
#
# $$a = w_0 + \sum_{d=1}^D w_d z_d = \sum_{d=0}^D w_d z_d \quad\text{with } z_0 = 1, \qquad
# x(a) = \frac{1}{1 + \exp(-a)}.$$
#
# The letters are the lecture's. Until now $x$ was the input. **From here on $z$ is the input, and $x$ is the output of a neuron.**
#
# The bias $w_0$ is written as the weight of an input that is always 1. In this notebook that input is already there: the
# **first column of `z` is 1**, and `z` has the shape `(n, D + 1)`.
#
# | $a$ | $-1000$ | $-2$ | $-1$ | $0$ | $1$ | $2$ | $1000$ |
# |---|---|---|---|---|---|---|---|
# | $x(a)$ | 0.000 | 0.119 | 0.269 | 0.5 | 0.731 | 0.881 | 1.000 |
#
# The slide says $x \in (0, 1)$, without the ends. On paper that is so. In float32, $x$ is exactly 1 from $a = 17$ or so.
#
# **A trap.** $\exp(1000)$ is infinite. The formula still gives $1 / \infty = 0$, which is right, but the *gradient* becomes
# $0 \cdot \infty$, which is NaN, and a single NaN ruins a training run. Look for a way to write $x(a)$ in which nothing can
# overflow. Two ideas:
#
# - $\exp(-|a|)$ never overflows. What is $x(a)$ in terms of it, for $a \ge 0$ and for $a < 0$?
# - The hyperbolic tangent has the same S shape, from $-1$ to $1$, and `tf.tanh` never overflows. Scale and shift it.
#
# If you use `tf.where`, know that it computes *both* branches for every entry. In the backward pass the branch that was not chosen
# gets a gradient of 0, and 0 times infinity is NaN again: so `tf.where(a >= 0, 1 / (1 + exp(-a)), exp(a) / (1 + exp(a)))` has right
# outputs and NaN gradients. Both branches must stay finite.
#
# `tf.sigmoid` and its relatives are off limits in this one.


# %%
def neuron(z, w):
    """The output of a single neuron, the logistic function of its activation.

    Values and gradients are finite for activations up to 1000 and down to -1000.

    Args:
        z: a float tensor of shape `(n, D + 1)`, one example per row. Its first column is 1.
        w: the weights, a tensor of shape `(D + 1,)`. `w[0]` is the bias.

    Returns:
        A tensor of shape `(n,)` with the dtype of `z`, its entries between 0 and 1.

    Example:

    >>> neuron(tf.constant([[1., 2., -1.], [1., 4., 1.]]), tf.constant([-1., 1., 1.])).numpy().round(3)
    array([0.5  , 0.982], dtype=float32)
    """
    ### BEGIN SOLUTION
    activation = tf.linalg.matvec(z, w)
    return 0.5 * (1 + tf.tanh(0.5 * activation))
    ### END SOLUTION


# %%
check("neuron")

# %% [markdown]
# ### What can one neuron express?
#
# The lecture spends sixteen slides on the output over the plane $(z_1, z_2)$ for different weights [N]. Here are eight of them.
# The arrow is the weight vector $(w_1, w_2)$. On the black line, $x = 0.5$.

# %%
span = np.linspace(-5, 5, 61).astype(np.float32)
plane = np.stack(np.meshgrid(span, span), axis=-1).reshape(-1, 2)
with_one = tf.constant(np.column_stack([np.ones(len(plane), np.float32), plane]))  # 1, z1, z2


def draw_output(axes, output, title=""):
    """Draws an output over the plane, given at the rows of `with_one`: blue is 0, red is 1."""
    values = np.reshape(output, (len(span), len(span)))
    image = axes.imshow(values, origin="lower", extent=(-5, 5, -5, 5), cmap="RdBu_r", vmin=0, vmax=1)
    if values.min() < 0.5 < values.max():
        axes.contour(span, span, values, levels=[0.5], colors="black", linewidths=1)
    axes.set(xticks=[], yticks=[])
    axes.set_title(title, fontsize=9)
    return image


with suppress(NotImplementedError):  # draws once neuron is written
    chosen = [(0, 1, 0), (0, 0, 1), (0, 1, 1), (0, 0.5, 0.5), (0, 3, 3), (0, -1, 2), (2, 1, 0), (-6, 3, 3)]
    outputs = [neuron(with_one, tf.constant(w, tf.float32)) for w in chosen]
    figure, panels = plt.subplots(2, 4, figsize=(8.4, 4.6), layout="constrained")
    for axes, w, output in zip(panels.ravel(), chosen, outputs, strict=True):
        image = draw_output(axes, output, f"$w_0$ = {w[0]}, $w_1$ = {w[1]}, $w_2$ = {w[2]}")
        axes.annotate("", w[1:], (0, 0), arrowprops={"arrowstyle": "->", "shrinkA": 0, "shrinkB": 0})
    for axes in panels[:, 0]:
        axes.set_ylabel("$z_2$")
    for axes in panels[1]:
        axes.set_xlabel("$z_1$")
    figure.colorbar(image, ax=panels, label="output x", shrink=0.8)

# %% [markdown]
# <details><summary><b>Predict, then look.</b> What does the <i>direction</i> of the arrow decide, what its <i>length</i>, and what
# the bias?</summary>
#
# The boundary is perpendicular to the arrow, and the output grows in the arrow's direction. A longer arrow makes the step
# steeper. The bias moves the boundary away from the origin without turning it. **The boundary is always a straight line**, whatever the
# weights: one neuron is a linear classifier.
# </details>
#
# Next, three such outputs as surfaces, and then the *weight space* [N]: every point of it is one neuron, drawn here as a small
# picture of its output. Learning is a walk through this space.

# %%
with suppress(NotImplementedError):  # draws once neuron is written
    chosen = [(0, 0.5, 0), (0, 1, 1), (0, -2, 3)]
    outputs = [neuron(with_one, tf.constant(w, tf.float32)) for w in chosen]
    small = np.linspace(-5, 5, 15).astype(np.float32)
    corner = np.stack(np.meshgrid(small, small), axis=-1).reshape(-1, 2)
    few = tf.constant(np.column_stack([np.ones(len(corner), np.float32), corner]))
    steps = np.arange(-3, 4)
    pictures = {(i, j): neuron(few, tf.constant([0, i, j], tf.float32)) for i in steps for j in steps}

    figure = plt.figure(figsize=(9, 3.2), layout="constrained")
    halves = figure.subfigures(1, 2, width_ratios=(5.4, 3.4))
    for k, (w, output) in enumerate(zip(chosen, outputs, strict=True)):
        axes = halves[0].add_subplot(1, 3, k + 1, projection="3d")
        surface = np.reshape(output, (len(span), len(span)))
        axes.plot_surface(
            *np.meshgrid(span, span), surface, cmap="RdBu_r", vmin=0, vmax=1, rcount=61, ccount=61, linewidth=0
        )
        axes.set(zlim=(0, 1), xticks=[-5, 0, 5], yticks=[-5, 0, 5], zticks=[0, 0.5, 1])
        axes.set_title(f"w = {w}", fontsize=9)
        axes.tick_params(labelsize=7, pad=-2)
        axes.set_xlabel("$z_1$", labelpad=-6)
        axes.set_ylabel("$z_2$", labelpad=-6)
    axes = halves[1].add_subplot()
    for (i, j), output in pictures.items():
        extent = (i - 0.42, i + 0.42, j - 0.42, j + 0.42)
        axes.imshow(
            np.reshape(output, (15, 15)), origin="lower", extent=extent, cmap="RdBu_r", vmin=0, vmax=1, aspect="equal"
        )
    axes.set(xlim=(-3.6, 3.6), ylim=(-3.6, 3.6), xlabel="$w_1$", ylabel="$w_2$", title="weight space")

# %% [markdown]
# ## 4. How surprised is it? `neuron_loss`
#
# Training data are inputs $z^{(n)}$ with class labels $t^{(n)}$, each 0 or 1. Read the output $x^{(n)}$ as the probability that
# the label is 1. The *surprise* at an outcome is $-\log$ of the probability it was given, and the loss adds it up over all
# examples [N]:
#
# $$G(w) = -\sum_n \left[ t^{(n)} \log x^{(n)} + (1 - t^{(n)}) \log (1 - x^{(n)}) \right] \ge 0 .$$
#
# A neuron with $w = 0$ answers $x = 0.5$ to every input. Each example then costs $\log 2 = 0.693$.
#
# Once $w$ puts every example on the right side of its line, a longer $w$ always makes $G$ smaller: the step gets steeper and
# steeper. A *regularizer* $E$ discourages that [N]. It is called weight decay, and $\alpha$ sets its strength:
#
# $$E(w) = \frac{1}{2} \sum_i w_i^2, \qquad M(w) = G(w) + \alpha E(w).$$
#
# The sum is over all weights, the bias $w_0$ included. (Many people leave the bias out. The lecture does not, and neither do we.)
#
# **The trap again.** At $a = -1000$ the output is exactly 0 in floating point, and $\log 0$ is $-\infty$. If the label is 1, the
# surprise is large but finite: exactly 1000. If the label is 0, the formula asks for $0 \cdot \log 0$, which is NaN instead of 0.
# Clipping $x$ to a small number avoids the infinity and gives a wrong answer: $-\log 10^{-7}$ is 16, not 1000. The way out is
# never to compute $x$:
#
# - put $x = 1 / (1 + e^{-a})$ into $-\log x$ and into $-\log(1 - x)$, and simplify both;
# - $\log(1 + e^a)$ is called *softplus*, and `tf.nn.softplus(a)` computes it safely for every $a$.
#
# The ready-made losses (`sigmoid_cross_entropy_with_logits`, `BinaryCrossentropy`) are off limits.


# %%
def neuron_loss(w, z, t, alpha):
    """The objective of a single neuron: cross-entropy summed over the examples, plus weight decay.

    Values and gradients are right for activations up to 1000 and down to -1000.

    Args:
        w: the weights, a float tensor of shape `(D + 1,)`.
        z: a tensor of shape `(n, D + 1)`, one example per row. Its first column is 1.
        t: the labels, a tensor of shape `(n,)` with entries 0 and 1 and the dtype of `z`.
        alpha: the strength of the weight decay, a float.

    Returns:
        A scalar tensor with the dtype of `z`.

    Example:

    >>> z, t = tf.constant([[1., 2.], [1., -2.]]), tf.constant([1., 0.])
    >>> [round(float(neuron_loss(tf.constant(w), z, t, alpha=1.0)), 4) for w in ([0., 0.], [0., 1.])]
    [1.3863, 0.7539]
    """
    ### BEGIN SOLUTION
    a = tf.linalg.matvec(z, w)
    surprise = t * tf.nn.softplus(-a) + (1 - t) * tf.nn.softplus(a)
    return tf.reduce_sum(surprise) + alpha * tf.reduce_sum(w**2) / 2
    ### END SOLUTION


# %%
check("neuron_loss")

# %% [markdown]
# ## 5. Which way is down? `neuron_gradient`
#
# To learn, step down the loss. For that we need its derivative, by the chain rule [N]:
#
# $$\frac{d G}{d w} = \sum_n \frac{d G}{d x^{(n)}}\, \frac{d x^{(n)}}{d a^{(n)}}\, \frac{d a^{(n)}}{d w} .$$
#
# The three factors, for one example:
#
# $$\frac{dG}{dx} = -\frac{t}{x} + \frac{1 - t}{1 - x}, \qquad \frac{dx}{da} = x\,(1 - x), \qquad \frac{da}{dw} = z .$$
#
# **Multiply them on paper before you write code.** Bring the two fractions to a common denominator. Something cancels, and what
# is left has no division in it. That matters: in code, at $a = -1000$, the factors are $\infty$ and $0$.
#
# The lecture describes the result in words: *prediction error times feature*. Then add the derivative of $\alpha E(w)$.
#
# A quick test by hand: one example $z = (1, 2)$ with $t = 1$, at $w = 0$. The output is 0.5, and the gradient is $(-0.5, -1)$.
#
# This one is by hand: `tf.GradientTape` is off limits.


# %%
def neuron_gradient(w, z, t, alpha):
    """The derivative of `neuron_loss` with respect to `w`, by hand.

    It is finite and right for activations up to 1000 and down to -1000.

    Args:
        w: the weights, a float tensor of shape `(D + 1,)`.
        z: a tensor of shape `(n, D + 1)`, one example per row. Its first column is 1.
        t: the labels, a tensor of shape `(n,)` with entries 0 and 1 and the dtype of `z`.
        alpha: the strength of the weight decay, a float.

    Returns:
        A tensor of shape `(D + 1,)` with the dtype of `z`.

    Example:

    >>> z, t = tf.constant([[1., 2.], [1., -4.]]), tf.constant([1., 0.])
    >>> neuron_gradient(tf.constant([0., 0.]), z, t, alpha=0.0).numpy()
    array([ 0., -3.], dtype=float32)
    """
    ### BEGIN SOLUTION
    error = neuron(z, w) - t
    return tf.linalg.matvec(z, error, transpose_a=True) + alpha * w
    ### END SOLUTION


# %%
check("neuron_gradient")

# %% [markdown]
# <details><summary><b>Predict, then look.</b> A neuron is confidently wrong: $a = -1000$ and $t = 1$. Is its gradient small or
# large?</summary>
#
# As large as it can get. The prediction error is $-1$, so the gradient is $-z$: the step does not shrink because the sigmoid is
# flat there. The flat slope $x(1-x)$ has cancelled against the steep logarithm. Section 11 shows what happens with a loss where
# it does not cancel.
# </details>
#
# ## 6. Learning: `train_neuron`
#
# Gradient descent repeats one line [N], with $\eta$ the step size and $M$ the loss with its weight decay:
#
# $$w \leftarrow w - \eta \frac{dM}{dw} .$$
#
# "Iteratively step down the objective (gradient points up hill)" [N]: each step goes *against* the gradient. Start at $w = 0$.
# Keep the weights after every step, so that we can watch the walk through weight space.
#
# Use your `neuron_gradient`.


# %%
def train_neuron(z, t, eta, steps, alpha):
    """Trains a single neuron by gradient descent from zero weights, on all examples in each step.

    Args:
        z: a float tensor of shape `(n, D + 1)`, one example per row. Its first column is 1.
        t: the labels, a tensor of shape `(n,)` with entries 0 and 1 and the dtype of `z`.
        eta: the step size, a float.
        steps: how many steps, an int of at least 1.
        alpha: the strength of the weight decay, a float.

    Returns:
        A tensor of shape `(steps, D + 1)` with the dtype of `z`: row `k` holds the weights after step
        `k + 1`. The zeros at the start are not in it.

    Example:

    >>> z, t = tf.constant([[1., 2.]]), tf.constant([1.])
    >>> train_neuron(z, t, eta=1.0, steps=2, alpha=0.0).numpy().round(3)
    array([[0.5  , 1.   ],
           [0.576, 1.152]], dtype=float32)
    """
    ### BEGIN SOLUTION
    w, walk = tf.zeros(z.shape[1], z.dtype), []
    for _ in range(steps):
        w = w - eta * neuron_gradient(w, z, t, alpha)
        walk.append(w)
    return tf.stack(walk)
    ### END SOLUTION


# %%
check("train_neuron")

# %% [markdown]
# ### With and without weight decay
#
# Here are ten points of two classes that a line separates. One neuron is trained without weight decay and one with
# $\alpha = 0.3$. The lecture shows such a run frame by frame [N].

# %%
generator = np.random.default_rng(5)
crosses = generator.normal((1.2, 1.4), 1.0, (5, 2))
circles = generator.normal((-1.2, -1.0), 1.0, (5, 2))
cloud = np.vstack([crosses, circles]).astype(np.float32)
z_cloud = tf.constant(np.column_stack([np.ones(10, np.float32), cloud]))
t_cloud = tf.constant([1.0] * 5 + [0.0] * 5)


def draw_points(axes, points, labels):
    """Draws examples: red crosses have the label 1, blue circles the label 0."""
    points, labels = np.asarray(points), np.asarray(labels) > 0.5
    axes.scatter(*points[labels].T, marker="X", s=34, c="darkred", edgecolor="white", linewidth=0.7)
    axes.scatter(*points[~labels].T, marker="o", s=28, c="navy", edgecolor="white", linewidth=0.7)


with suppress(NotImplementedError):  # draws once neuron_loss, neuron_gradient and train_neuron are written
    total, shown = 1000, (5, 50, 1000)
    walks = {alpha: train_neuron(z_cloud, t_cloud, 0.1, total, alpha) for alpha in (0.0, 0.3)}
    some = np.unique(np.geomspace(1, total, 60).round().astype(int))  # steps, evenly spaced on a logarithmic axis
    losses = {
        alpha: [float(neuron_loss(walk[step - 1], z_cloud, t_cloud, 0.0)) for step in some]
        for alpha, walk in walks.items()
    }
    outputs = {alpha: [neuron(with_one, walk[step - 1]) for step in shown] for alpha, walk in walks.items()}
    figure, panels = plt.subplots(2, 4, figsize=(9.4, 4.7), layout="constrained", width_ratios=(3, 2.2, 2.2, 2.2))
    for alpha, color in ((0.0, "C0"), (0.3, "C1")):
        panels[0, 0].plot(np.arange(1, total + 1), np.linalg.norm(walks[alpha], axis=1), color, label=f"α = {alpha}")
        panels[1, 0].plot(some, losses[alpha], color, label=f"α = {alpha}")
    panels[0, 0].set(xscale="log", ylabel="length of w")
    panels[1, 0].set(xscale="log", ylabel="surprise G(w)", xlabel="step", yscale="log")
    panels[0, 0].legend()
    for row, alpha in zip(panels, walks, strict=True):
        for axes, step, output in zip(row[1:], shown, outputs[alpha], strict=True):
            draw_output(axes, output, f"α = {alpha}, step {step}")
            draw_points(axes, cloud, t_cloud)

# %% [markdown]
# <details><summary><b>Predict, then look.</b> Both neurons classify all ten points correctly. Which one would you trust with a
# new point close to the boundary?</summary>
#
# The one with weight decay. Without it, the weights grow forever and the step gets ever steeper: the neuron becomes certain of
# things that ten points cannot show. That is *overfitting*. With weight decay, the weights settle where the pull of the data
# balances the pull toward zero, and the neuron stays uncertain near the boundary.
# </details>

# %% [markdown]
# ## 7. A hidden layer: `mlp_forward`
#
# One neuron draws one straight line. Take $K$ of them, and let another neuron look at their outputs [N]:
#
# $$a_k = \sum_{d} W_{k,d}\, z_d, \qquad x_k = x(a_k), \qquad a = \sum_{k=1}^K w_k\, x_k, \qquad x = x(a).$$
#
# $W$ is `hidden`, with **one row per hidden neuron**: shape `(K, D)`. $w$ is `output`, with shape `(K,)`. We take `z` as it is,
# with shape `(n, D)`. If its first column is 1, every hidden neuron has a bias; the output neuron has none.
#
# (Another slide of the same lecture writes the first layer's weights as a $D \times M$ matrix, with one *column* per hidden
# neuron. Both are common. Always check which axis is which.)
#
# A worked example: $W = \begin{bmatrix} 0 & 0 \\ 0 & 0 \end{bmatrix}$, so both hidden outputs are 0.5 for every input. With
# $w = (4, -4)$ the activation is $2 - 2 = 0$ and the output 0.5; with $w = (2, 2)$ the activation is 2 and the output 0.881.
#
# <details><summary><b>Predict, then look.</b> Suppose the hidden layer had no sigmoid. What could the network still draw?</summary>
#
# Only a straight line. $a = \sum_k w_k \sum_d W_{k,d} z_d = \sum_d (\sum_k w_k W_{k,d})\, z_d$ is a weighted sum of the inputs
# again: one neuron with other weights. The nonlinearity between the layers makes the difference.
# </details>
#
# You may use your `neuron`, and `tf.sigmoid` from here on.


# %%
def mlp_forward(z, hidden, output):
    """The output of a network with one hidden layer of sigmoid neurons.

    Args:
        z: a float tensor of shape `(n, D)`, one example per row.
        hidden: the weights of the hidden layer, a tensor of shape `(K, D)`, one row per hidden neuron.
        output: the weights of the output neuron, a tensor of shape `(K,)`.

    Returns:
        A tensor of shape `(n,)` with the dtype of `z`, its entries between 0 and 1.

    Example:

    >>> mlp_forward(tf.constant([[1., 3.]]), tf.zeros((2, 2)), tf.constant([2., 2.])).numpy().round(3)
    array([0.881], dtype=float32)
    """
    ### BEGIN SOLUTION
    features = tf.sigmoid(tf.matmul(z, hidden, transpose_b=True))
    return tf.sigmoid(tf.linalg.matvec(features, output))
    ### END SOLUTION


# %%
check("mlp_forward")

# %% [markdown]
# ### Random networks
#
# What kind of boundaries can such a network draw, before any training? The lecture samples weights at random [N]. The top row
# has 3 hidden neurons, the bottom row 20. White is 0.5. In many other draws the output stays on one side of 0.5 in the whole
# square, and no black line appears: these ten were picked because all of them show a boundary.

# %%
with suppress(NotImplementedError):  # draws once mlp_forward is written
    generator = np.random.default_rng(214)
    samples = []
    for count, strength in ((3, 6.0), (20, 3.0)):
        for _ in range(5):
            hidden = tf.constant(generator.normal(0, (3.0, 1.5, 1.5), (count, 3)), tf.float32)
            output = tf.constant(generator.normal(0, strength, count), tf.float32)
            samples.append((count, mlp_forward(with_one, hidden, output)))
    figure, panels = plt.subplots(2, 5, figsize=(9, 3.8), layout="constrained")
    for axes, (count, values) in zip(panels.ravel(), samples, strict=True):
        draw_output(axes, values, f"{count} hidden neurons")

# %% [markdown]
# ## 8. Back-propagation: `mlp_backward`
#
# The loss is the same as before, now as a function of two sets of weights [N]:
#
# $$G(W, w) = -\sum_n \left[ t^{(n)} \log x^{(n)} + (1 - t^{(n)}) \log (1 - x^{(n)}) \right], \qquad
# E(W, w) = \frac{1}{2} \sum_i w_i^2 + \frac{1}{2} \sum_{ij} W_{ij}^2 .$$
#
# The lecture changes its letters here: $i$ counts the hidden neurons ($k$ in section 7), and $j$ the inputs ($d$). The chain is
# longer now. The lecture's last formula on this is
#
# $$\frac{dG}{dW_{ij}} = \sum_n \frac{dG}{dx^{(n)}}\, \frac{dx^{(n)}}{da^{(n)}}\, \frac{da^{(n)}}{dx_i^{(n)}}\,
# \frac{dx_i^{(n)}}{da_i^{(n)}}\, \frac{da_i^{(n)}}{dW_{ij}} .$$
#
# Read it from left to right, as the error travels *back* through the network. You know the first two factors: you multiplied
# them in section 5. Find the other three from the formulas of section 7. Each is short. Then ask of each array which axes it
# has: examples $n$, hidden neurons $i$, inputs $j$. The sum runs over $n$.
#
# For $dG/dw$ the chain ends earlier: $\frac{dG}{dx} \frac{dx}{da} \frac{da}{dw_i}$.
#
# A test by hand: take one example $z = (1, 2)$ with $t = 1$, $W = 0$ and $w = (4, -4)$. Then $x_1 = x_2 = 0.5$, $a = 0$, $x = 0.5$.
#
# - The error at the output is $x - t = -0.5$. So $dG/dw = (-0.25, -0.25)$.
# - It reaches hidden neuron 1 through $w_1 = 4$ as $-2$, and leaves it, after the slope $0.5 \cdot 0.5$, as $-0.5$. So the first row of
#   $dG/dW$ is $(-0.5, -1)$. The second is its negative.
#
# Return the derivatives of $M = G + \alpha E$. `tf.GradientTape` is off limits.


# %%
def mlp_backward(z, t, hidden, output, alpha):
    """The derivatives of the loss of `mlp_forward`, by hand.

    The loss is the cross-entropy summed over the examples, plus weight decay.

    Args:
        z: a float tensor of shape `(n, D)`, one example per row.
        t: the labels, a tensor of shape `(n,)` with entries 0 and 1 and the dtype of `z`.
        hidden: the weights of the hidden layer, a tensor of shape `(K, D)`.
        output: the weights of the output neuron, a tensor of shape `(K,)`.
        alpha: the strength of the weight decay on both, a float.

    Returns:
        A tuple `(dW, dw)` of tensors with the shapes of `hidden` and `output` and the dtype of `z`.

    Example:

    >>> z, t, output = tf.constant([[1., 2.]]), tf.constant([1.]), tf.constant([4., -4.])
    >>> dW, dw = mlp_backward(z, t, tf.zeros((2, 2)), output, alpha=0.0)
    >>> dW.numpy()
    array([[-0.5, -1. ],
           [ 0.5,  1. ]], dtype=float32)
    >>> dw.numpy()
    array([-0.25, -0.25], dtype=float32)
    """
    ### BEGIN SOLUTION
    features = tf.sigmoid(tf.matmul(z, hidden, transpose_b=True))  # (n, K)
    error = tf.sigmoid(tf.linalg.matvec(features, output)) - t  # (n,)
    back = error[:, None] * output * features * (1 - features)  # (n, K)
    dhidden = tf.matmul(back, z, transpose_a=True)
    doutput = tf.linalg.matvec(features, error, transpose_a=True)
    return dhidden + alpha * hidden, doutput + alpha * output
    ### END SOLUTION


# %%
check("mlp_backward")

# %% [markdown]
# ### Learned boundaries
#
# These two classes overlap, and no line separates them. The network starts at random weights and takes 600 steps down *your*
# gradient. The number of hidden neurons and the weight decay decide what it draws.


# %%
def two_moons(count, generator):
    """Points of two interlocking arcs with much noise: inputs with a first column of ones, and labels."""
    angle, upper = generator.uniform(0, np.pi, count), np.arange(count) < count // 2
    x = 2.5 * np.cos(angle) + np.where(upper, -1.2, 1.2)
    y = np.where(upper, 2.5 * np.sin(angle) - 1, 1 - 2.5 * np.sin(angle))
    points = np.column_stack([x, y]) + generator.normal(0, 0.8, (count, 2))
    return tf.constant(np.column_stack([np.ones(count), points]), tf.float32), tf.constant(upper, tf.float32)


z_moons, t_moons = two_moons(40, np.random.default_rng(4))
z_new, t_new = two_moons(1000, np.random.default_rng(5))

with suppress(NotImplementedError):  # draws once mlp_forward and mlp_backward are written
    learned = []
    for count, alpha in ((2, 0.0), (3, 0.0), (20, 0.0), (20, 0.1)):
        generator = np.random.default_rng(1)
        hidden = tf.constant(generator.normal(0, 2.0, (count, 3)), tf.float32)
        output = tf.constant(generator.normal(0, 1.0, count), tf.float32)
        for _ in range(600):
            hidden_slope, output_slope = mlp_backward(z_moons, t_moons, hidden, output, alpha)
            hidden, output = hidden - 0.1 * hidden_slope, output - 0.1 * output_slope
        here, elsewhere = (
            np.mean((mlp_forward(z, hidden, output).numpy() > 0.5) == (t.numpy() > 0.5))
            for z, t in ((z_moons, t_moons), (z_new, t_new))
        )
        title = f"K = {count}, α = {alpha}\nthese {here:.0%}, new ones {elsewhere:.0%}"
        learned.append((title, mlp_forward(with_one, hidden, output)))
    figure, panels = plt.subplots(1, 4, figsize=(9.6, 2.9), layout="constrained")
    for axes, (title, values) in zip(panels, learned, strict=True):
        draw_output(axes, values, title)
        draw_points(axes, z_moons[:, 1:], t_moons)

# %% [markdown]
# The titles say how many of the forty points are classified correctly, and how many of 1,000 new points of the same kind.
#
# <details><summary><b>Predict, then look.</b> Cover the titles. Which of the two networks with 20 hidden neurons does better on the
# new points?</summary>
#
# The one with weight decay. The other one has bent its boundary around single points. It has learned the noise, and new points
# have different noise. Two or three hidden neurons cannot overfit as badly, but how good a boundary they find depends on the
# random start.
# </details>
#
# ## 9. How many weights? `mlp_params`
#
# A dense layer from $m$ to $n$ neurons has $m \cdot n$ weights and $n$ biases. UCLA's example for digits goes from 784 pixels to
# 16, to 12, to 10 neurons [U]:
#
# $$784 \cdot 16 + 16 \;+\; 16 \cdot 12 + 12 \;+\; 12 \cdot 10 + 10 = 12{,}894 .$$
#
# "How many weights for MLPs for images?" asks the other lecture [N]. Take an image of 1000 x 1000 pixels, and as many hidden
# neurons.
#
# <details><summary><b>Predict, then look.</b> How many weights is that? At 4 bytes each, how much memory?</summary>
#
# $10^6 \cdot 10^6 = 10^{12}$ weights, and $10^6$ biases: 4 terabytes. That is why notebook 2 is about convolutions, in which a
# weight is used in many places.
# </details>


# %%
def mlp_params(sizes):
    """The number of parameters of a network of dense layers, every neuron with a bias.

    Args:
        sizes: a list of ints, the number of inputs first, then the number of neurons of each layer.

    Returns:
        A Python int; 0 if there are inputs and no layer.

    Example:

    >>> mlp_params([3, 2]), mlp_params([784, 16, 12, 10])
    (8, 12894)
    """
    ### BEGIN SOLUTION
    return sum((sizes[k - 1] + 1) * sizes[k] for k in range(1, len(sizes)))
    ### END SOLUTION


# %%
check("mlp_params")

# %% [markdown]
# ## 10. Many classes: `softmax`
#
# With more than two classes the last layer has one number per class, its *logit* $s_k$. Softmax turns them into probabilities
# [U]:
#
# $$p_k = \frac{e^{s_k}}{\sum_j e^{s_j}} .$$
#
# They are positive and add up to 1. The largest logit gets the largest probability.
#
# <details><summary><b>Predict, then look.</b> The slide's example turns (1.2, 0.9, 0.4) into (0.46, 0.34, 0.20). One of the three
# numbers is not rounded correctly. Which, and why might the slide print it?</summary>
#
# $p = (0.4566, 0.3383, 0.2052)$. The last one rounds to 0.21. But $0.46 + 0.34 + 0.21 = 1.01$, and probabilities should add up
# to 1.
# </details>
#
# **Large logits.** $e^{1000}$ overflows, and $\infty / \infty$ is NaN. What happens to $p$ if you add the same number to all
# logits of an example? Write it out: $e^{s_k + c} = e^{s_k} e^c$. So you may choose $c$ freely, and differently for each example.
# Choose it so that nothing overflows in *any* example of the batch, and no sum becomes 0.
#
# The input may have any number of axes: a single vector of logits, a batch of them, or more. The classes are always the *last*
# axis.
#
# `tf.nn.softmax` and its relatives are off limits.


# %%
def softmax(logits):
    """Probabilities from logits, along the last axis.

    Values and gradients are finite for logits of a thousand.

    Args:
        logits: a float tensor of shape `(..., classes)`.

    Returns:
        A tensor of the same shape and dtype. Along the last axis its entries are positive and add up to 1.

    Example:

    >>> softmax(tf.constant([[1.2, 0.9, 0.4]])).numpy().round(4)
    array([[0.4566, 0.3383, 0.2052]], dtype=float32)
    """
    ### BEGIN SOLUTION
    powers = tf.exp(logits - tf.reduce_max(logits, axis=-1, keepdims=True))
    return powers / tf.reduce_sum(powers, axis=-1, keepdims=True)
    ### END SOLUTION


# %%
check("softmax")

# %% [markdown]
# The next cell prints the softmax of the lecture's logits, then with 1000 added to each, then with 1000 subtracted. (The last
# digits may change: near 1000, neighbouring float32 numbers are 0.00006 apart.)

# %%
with suppress(NotImplementedError):  # prints once softmax is written
    for shift in (0.0, 1000.0, -1000.0):
        print(f"{shift:+6.0f}:", softmax(tf.constant([1.2, 0.9, 0.4]) + shift).numpy().round(4))

# %% [markdown]
# ## 11. The wrong loss: `mean_squared_error_of_softmax`
#
# One of the code samples ends its network with a softmax and trains it with `nn.MSELoss(reduction = 'mean')` [U]. That runs, but
# it learns slowly. To see why, write this loss. The label $t$ of an example becomes a *one-hot* vector $h$: 1 at position $t$ and 0
# elsewhere. The loss is the mean of $(p_k - h_k)^2$ over **all** entries, that is over examples and classes.
#
# Two equal logits give $p = (0.5, 0.5)$. With label 0 the loss is $(0.5^2 + 0.5^2) / 2 = 0.25$.
#
# You may use your `softmax`.


# %%
def mean_squared_error_of_softmax(logits, labels):
    """The mean squared difference between the softmax of the logits and the one-hot labels.

    Args:
        logits: a float tensor of shape `(n, classes)`.
        labels: an integer tensor of shape `(n,)`, the class of each example, counted from 0.

    Returns:
        A scalar tensor with the dtype of `logits`: the mean over all `n * classes` entries.

    Example:

    >>> float(mean_squared_error_of_softmax(tf.constant([[0., 0.], [100., 0.]]), tf.constant([0, 1])))
    0.625
    """
    ### BEGIN SOLUTION
    wanted = tf.one_hot(labels, logits.shape[-1], dtype=logits.dtype)
    return tf.reduce_mean((softmax(logits) - wanted) ** 2)
    ### END SOLUTION


# %%
check("mean_squared_error_of_softmax")

# %% [markdown]
# The usual loss is the cross-entropy $-\log p_t$, the surprise of section 4 for many classes. Below is an example with two
# classes: the right class has the logit $m$, the other one 0. At the left end the network is confidently wrong, at the right end
# confidently right.
#
# **Before you run it:** which of the two losses still has a slope at $m = -10$?

# %%
with suppress(NotImplementedError):  # draws once softmax and mean_squared_error_of_softmax are written
    margins = np.linspace(-10, 10, 81).astype(np.float32)
    curves = {"squared error": ([], []), "cross-entropy": ([], [])}
    for margin in margins:
        logits, label = tf.constant([[margin, 0.0]]), tf.constant([0])
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(logits)
            losses = (
                mean_squared_error_of_softmax(logits, label),
                tf.reduce_sum(tf.nn.sparse_softmax_cross_entropy_with_logits(label, logits)),
            )
        for (values, slopes), loss in zip(curves.values(), losses, strict=True):
            values.append(float(loss))
            slopes.append(float(tf.abs(tape.gradient(loss, logits)[0, 0])))
    figure, (left, right) = plt.subplots(1, 2, figsize=(8, 2.7), layout="constrained")
    for name, (values, slopes) in curves.items():
        left.plot(margins, values, label=name)
        right.plot(margins, slopes, label=name)
    left.set(title="loss", xlabel="logit m of the right class", ylim=(0, 6))
    right.set(title="size of the gradient", xlabel="logit m of the right class")
    left.legend()

# %% [markdown]
# <details><summary><b>Open after you have run it.</b> Where does the slope go?</summary>
#
# The gradient of the squared error contains the slope of softmax, $p_k (1 - p_k)$ for two classes. It is almost 0 when the
# network is *confident*, rightly or wrongly, so a confidently wrong network does not learn from its worst mistakes. In
# cross-entropy the slope cancels, as in section 5. The gradient is $p_k - h_k$: the more wrong, the larger.
#
# So: cross-entropy after softmax. Better still, a loss that takes logits, as you will write it in notebook 5.
# </details>
#
# ## 12. A few examples at a time: `minibatches`
#
# So far every step looked at all examples. With 60,000 images that is slow, and a few dozen show the direction well enough. The
# lecture's recipe is: shuffle, cut into batches, take one step per batch, and shuffle again in the next *epoch* [U].
#
# Images and labels must be shuffled the same way. So we shuffle *indices* and use them for both. Any order is right, as long as
#
# - every index from 0 to `count - 1` occurs exactly once,
# - all batches have `batch_size` indices, and only the last one may be shorter,
# - the same seed gives the same order, and other seeds give other orders.
#
# `np.random.default_rng(seed)` and `tf.random.experimental.stateless_shuffle(..., seed=[seed, 0])` are two ways to begin.
#
# **What the check compares.** Your order is as good as ours, so the panel shows facts that hold for every order:
#
# | in the panel | what it is |
# |---|---|
# | `sizes` | how many indices each batch has |
# | `indices_in_order` | all your indices, sorted |
# | `same_seed_same_order` | 1 if a second call with the same seed gives the same order |
# | `other_seed_other_order` | 1 if at least one of 29 other seeds gives another order |
# | `always_in_given_order` | 1 if the order is 0, 1, 2, ... for each of these seeds: nothing is shuffled |
# | `always_neighbours` | 1 if the first batch is a block of neighbours for each of these seeds: whole blocks were moved |
#
# The last one is 1 for a single batch, and for batches of one index: each of these is a block, whatever you do. With one example,
# all orders are the same.


# %%
def minibatches(count, batch_size, seed):
    """The indices of `count` examples in random order, cut into batches.

    Args:
        count: the number of examples, an int.
        batch_size: how many go into a batch, an int. The last batch holds what is left.
        seed: an int that decides the order.

    Returns:
        A list of integer arrays or tensors, one per batch. Together they hold every index below `count`
        once.

    Example (any other order is as good):

    >>> [len(batch) for batch in minibatches(10, 4, seed=0)]
    [4, 4, 2]
    """
    ### BEGIN SOLUTION
    order = np.random.default_rng(seed).permutation(count)
    return [order[start : start + batch_size] for start in range(0, count, batch_size)]
    ### END SOLUTION


# %%
check("minibatches")

# %% [markdown]
# ## 13. Steps with momentum: `sgd_momentum_step`
#
# AlexNet was trained with "SGD with batch size 128, momentum 0.9, L2 regularization strength (weight decay) 0.0005" [P]. This is
# one step, for parameters $\theta$, a velocity $v$, a gradient $g = \partial L / \partial \theta$ and the learning rate $\eta$, the
# step size of section 6 (the slide calls it $\alpha$, but that letter is taken):
#
# $$v \leftarrow \mu\, v - \eta\, g - \lambda\, \eta\, \theta, \qquad \theta \leftarrow \theta + v .$$
#
# AlexNet has the momentum $\mu = 0.9$ and the decay $\lambda = 0.0005$. In the function these two numbers are only the *defaults* of
# `momentum` and `decay`: compute with the arguments. `rate` is $\eta$.
#
# The velocity remembers earlier gradients, the way a ball rolling downhill keeps its speed. The third term is the weight decay
# of section 4, with $\lambda$ in the place of its $\alpha$. It uses the $\theta$ from *before* the step, and the last formula uses
# the *new* $v$.


# %%
def sgd_momentum_step(theta, v, gradient, rate, momentum=0.9, decay=0.0005):
    """One step of stochastic gradient descent with momentum and weight decay.

    Args:
        theta: the parameters, a float tensor of any shape.
        v: the velocity, a tensor like `theta`.
        gradient: the gradient of the loss, a tensor like `theta`.
        rate: the learning rate, a float.
        momentum: how much of the velocity is kept, a float.
        decay: the strength of the weight decay, a float.

    Returns:
        A tuple `(theta, v)` of new tensors with the shape and dtype of `theta`. The arguments are left
        as they are.

    Example:

    >>> theta, v, gradient = tf.constant([4.]), tf.constant([10.]), tf.constant([2.])
    >>> theta, v = sgd_momentum_step(theta, v, gradient, rate=1.0, decay=0.5)
    >>> theta.numpy(), v.numpy()
    (array([9.], dtype=float32), array([5.], dtype=float32))
    """
    ### BEGIN SOLUTION
    v = momentum * v - rate * gradient - decay * rate * theta
    return theta + v, v
    ### END SOLUTION


# %%
check("sgd_momentum_step")

# %% [markdown]
# The loss below is a long valley, steep across and nearly flat along its floor. Both walks have the same learning rate. Plain steps
# jump from wall to wall, and creep along the floor. With momentum the swings across are still there, but what all steps agree on
# adds up: the way along the floor is much faster. It even runs a little past the minimum, and comes back.

# %%
with suppress(NotImplementedError):  # draws once sgd_momentum_step is written
    curvature = tf.constant([1.0, 30.0])
    paths = {}
    for momentum in (0.0, 0.7):
        theta, v = tf.constant([-9.0, 1.5]), tf.zeros(2)
        paths[momentum] = [theta.numpy()]
        for _ in range(40):
            theta, v = sgd_momentum_step(theta, v, curvature * theta, 0.06, momentum, decay=0.0)
            paths[momentum].append(theta.numpy())
    figure, panels = plt.subplots(1, 2, figsize=(9, 2.4), layout="constrained", sharey=True)
    across, along = np.meshgrid(np.linspace(-10, 3, 80), np.linspace(-2.2, 2.2, 60))
    for axes, (momentum, path) in zip(panels, paths.items(), strict=True):
        axes.contour(across, along, (across**2 + 30 * along**2) / 2, levels=12, colors="lightgrey", linewidths=0.8)
        axes.plot(*np.array(path).T, ".-", color="C0" if momentum == 0 else "C1", linewidth=1)
        axes.plot(0, 0, "k+")
        axes.set_xlabel(r"$\theta_1$")
        reached = float(np.sum(curvature * path[20] ** 2) / 2)
        axes.set_title(f"momentum {momentum}, rate 0.06: loss {reached:.2f} after 20 of 40 steps", fontsize=9)
    panels[0].set_ylabel(r"$\theta_2$")

# %% [markdown]
# ### A linear classifier learns to read
#
# Now all the pieces come together: `linear_scores`, `softmax`, `minibatches`, `sgd_momentum_step`. The gradient of the cross-entropy
# with respect to the scores is $p - h$, and what follows is *prediction error times feature*, as for one neuron.


# %%
def train_linear(images, labels, classes, epochs, rate):
    """Trains a linear classifier on images; returns its weights, biases and the mean surprise of each epoch."""
    x = tf.constant(images.reshape(len(images), -1) / 255 - 0.5, tf.float32)
    targets = tf.one_hot(labels, classes)
    weights, bias = tf.zeros((classes, x.shape[1])), tf.zeros(classes)
    weights_v, bias_v, history = tf.zeros_like(weights), tf.zeros_like(bias), []
    for epoch in range(epochs):
        surprise = 0.0
        for batch in minibatches(len(images), 64, seed=epoch):
            pixels, wanted = tf.gather(x, batch), tf.gather(targets, batch)
            p = softmax(linear_scores(pixels, weights, bias))
            error = (p - wanted) / len(batch)
            weight_gradient, bias_gradient = tf.matmul(error, pixels, transpose_a=True), tf.reduce_sum(error, axis=0)
            weights, weights_v = sgd_momentum_step(weights, weights_v, weight_gradient, rate)
            bias, bias_v = sgd_momentum_step(bias, bias_v, bias_gradient, rate)
            surprise -= float(tf.reduce_sum(tf.math.log(tf.reduce_sum(p * wanted, axis=1) + 1e-9)))
        history.append(surprise / len(images))
    return weights, bias, history


def accuracy(images, labels, weights, bias):
    """The share of images whose highest score is that of the right class."""
    x = tf.constant(images.reshape(len(images), -1) / 255 - 0.5, tf.float32)
    return float(np.mean(np.argmax(linear_scores(x, weights, bias), axis=1) == labels))


def draw_exemplars(weights, shape, names, title):
    """Shows the row of each class as an image, scaled by its largest weight: a weight of 0 is white, or grey in colour images."""
    figure, panels = plt.subplots(2, 5, figsize=(7, 3.2), layout="constrained")
    for axes, row, name in zip(panels.ravel(), np.asarray(weights), names, strict=True):
        image = row.reshape(shape) / np.abs(row).max()
        axes.imshow((image + 1) / 2 if shape[-1] == 3 else image[..., 0], cmap="RdBu_r", vmin=-1, vmax=1)
        axes.set_title(name, fontsize=9)
        axes.axis("off")
    figure.suptitle(title, fontsize=10)


# %%
with suppress(NotImplementedError):  # draws once sections 2, 10, 12 and 13 are written
    (x_train, y_train), (x_test, y_test) = load_data("digits")
    weights, bias, history = train_linear(x_train, y_train, 10, epochs=15, rate=0.01)
    score = accuracy(x_test, y_test, weights, bias)
    print("mean surprise, epoch by epoch:", " ".join(f"{value:.2f}" for value in history))
    draw_exemplars(
        weights,
        (28, 28, 1),
        [str(k) for k in range(10)],
        f"digits: the rows of W, {score:.0%} of {len(y_test)} test images right",
    )

# %% [markdown]
# Red pixels count for a class, blue ones against it, white ones not at all. You can almost read the digits: each row is an *exemplar*, a picture of
# what the class looks like on average, minus what the other classes look like. The score is the inner product of the image with
# this picture [N].
#
# <details><summary><b>Predict, then look.</b> A network knows nothing yet about ten classes. What should its mean surprise
# be?</summary>
#
# $-\log(1/10) = 2.30$. For the digits, the mean over the first epoch is already lower, because the network learns during the
# epoch.
# </details>
#
# **Photographs.** The lecture's example is CIFAR-10, colour photographs of ten classes. The next cell uses them if they are on
# your machine. If not, it says so and uses drawings of ten shapes instead.

# %%
with suppress(NotImplementedError):  # draws once sections 2, 10, 12 and 13 are written
    minibatches(2, 1, 0)  # nothing is loaded before the exercises are done
    found = describe("cifar10")
    if found.place is None:
        print("CIFAR-10 is not on this machine (it would be a download), so these are the drawn shapes instead.")
    name = "cifar10" if found.place else "shapes"
    (x_train, y_train), (x_test, y_test) = load_data(name)
    weights, bias, history = train_linear(x_train[:5000], y_train[:5000], 10, epochs=10, rate=0.002)
    score = accuracy(x_test, y_test, weights, bias)
    print("mean surprise, epoch by epoch:", " ".join(f"{value:.2f}" for value in history))
    draw_exemplars(
        weights,
        (32, 32, 3),
        [f"class {k}" for k in range(10)],
        f"{name}: the rows of W, {score:.0%} of {len(y_test)} test images right",
    )

# %% [markdown]
# Guessing would get 10 % right. One picture per class is not enough when the object may be anywhere, face either way and have any
# colour. Ten epochs do not finish the training either (the mean surprise is still falling), but they show the limit. The rest of
# the course is about doing better.
#
# ## 14. A program that differentiates: `Tracker`
#
# "Shall we manually compute the gradients? No. Use automatic (reverse mode) differentiation." [E] The recipe has two lines:
#
# - record the computation on the forward path;
# - apply the chain rule in reverse order.
#
# "An implementation requires just a Tracker (to record the computation tree) and analytical expressions of primitive operations",
# e.g. $\partial \sin(x) / \partial x = \cos(x)$ [E]. You will write one. `tf.GradientTape` works in much the same way.
#
# **Forward.** A `Tracker` holds a `value`, and a list of `parents`: those it was computed from. Every parent comes with a small
# function, its *pull*. The pull takes the gradient $g$ with respect to the *result* and returns the part of it that goes to this
# *parent*. Addition is already written. For $s = u + v$ both derivatives are 1, so both pulls pass $g$ on unchanged:
#
# ```python
#     def __add__(self, other):
#         other = self.lift(other)
#         return self.record(self.value + other.value, (self, lambda g: g), (other, lambda g: g))
# ```
#
# On the right of an operation there may be a plain number or a bare tensor, as in `x * 2.0`: `lift` makes a tracker of it.
#
# Write the other operations in the same way. Each needs the derivatives you know from calculus, times $g$. For the matrix product
# $S = U V$ let the shapes guide you: $g$ has the shape of $S$, and the pull of $U$ must return the shape of $U$. A sum has the
# derivative 1 with respect to every entry that was added, and its pull must return the shape of the parent.
#
# **Backward.** Start at the result, with a gradient of ones. Walk back, and give every parent its part. `backward` *sets* the
# gradients: what an earlier walk has left in them does not count. Three things need care:
#
# 1. **A value used twice** gets a part from each use. The parts add up.
# 2. **The order.** A tracker may pass its gradient on only after *all* its uses have delivered their parts. So make a list of the
#    trackers in which parents come before their results, and walk through that list from its end. (Passing each part on by itself
#    gives the same numbers, but it can be hopelessly slow, as the question below the picture shows. Going level by level from the
#    result is not enough: in $u + u \cdot u$ the tracker $u$ is used on two levels.)
# 3. **Broadcasting.** In `x * y` with shapes `(2, 3)` and `(3,)`, every entry of `y` is used twice, so its two parts add up. That
#    is the job of `fit`: it sums a gradient over the axes along which a value was repeated. `backward` applies it to every part.
#
# Here is $f = (x + y)(x + y) + (x + y)\,y$ at $x = 1$, $y = 2$. With $u = x + y = 3$ the value is $9 + 6 = 15$. $u$ is used three times
# and gets $3 + 3 + 2 = 8$. $y$ is used twice and gets $8 + 3 = 11$.
#
# The expressions of the checks are short, so a recursive function will do. (Python allows about 1,000 calls inside each other. A
# chain of more operations than that needs a loop with a list of its own.)
#
# `tf.GradientTape` is off limits, of course.


# %%
class Tracker:
    """A tensor that remembers how it was computed, so that `backward` can differentiate the result.

    Attributes:
        value: the tensor.
        parents: pairs `(tracker, pull)`, what it was computed from. `pull(g)` turns the gradient `g` with
            respect to this tracker's value into the part that goes to that parent.
        gradient: after `backward` of a result, the gradient of the sum of the result's entries with respect
            to `value`; nothing of an earlier `backward` is left in it.

    Example:

    >>> x, y = Tracker(tf.constant(1.0)), Tracker(tf.constant(2.0))
    >>> u = x + y
    >>> result = u * u + u * y
    >>> result.backward()
    >>> float(result.value), float(x.gradient), float(y.gradient)
    (15.0, 8.0, 11.0)
    """

    def __init__(self, value, parents=()):
        self.value = tf.convert_to_tensor(value)
        self.parents = parents
        self.gradient = None

    def record(self, value, *parents):
        """A new tracker with the value of an operation and with its parents."""
        return type(self)(value, parents)

    def lift(self, other):
        """A number or a tensor as a tracker without parents; a tracker as it is."""
        return other if isinstance(other, type(self)) else type(self)(tf.convert_to_tensor(other, self.value.dtype))

    def __add__(self, other):
        other = self.lift(other)
        return self.record(self.value + other.value, (self, lambda g: g), (other, lambda g: g))

    def __sub__(self, other):
        """`self - other`, with broadcasting."""
        ### BEGIN SOLUTION
        other = self.lift(other)
        return self.record(self.value - other.value, (self, lambda g: g), (other, lambda g: -g))
        ### END SOLUTION

    def __mul__(self, other):
        """`self * other`, entry by entry, with broadcasting."""
        ### BEGIN SOLUTION
        other = self.lift(other)
        return self.record(
            self.value * other.value, (self, lambda g: g * other.value), (other, lambda g: g * self.value)
        )
        ### END SOLUTION

    def __truediv__(self, other):
        """`self / other`, entry by entry, with broadcasting."""
        ### BEGIN SOLUTION
        other = self.lift(other)
        return self.record(
            self.value / other.value,
            (self, lambda g: g / other.value),
            (other, lambda g: -g * self.value / other.value**2),
        )
        ### END SOLUTION

    def __pow__(self, exponent):
        """`self ** exponent`, where the exponent is a plain number."""
        ### BEGIN SOLUTION
        return self.record(self.value**exponent, (self, lambda g: g * exponent * self.value ** (exponent - 1)))
        ### END SOLUTION

    def exp(self):
        """The exponential of every entry."""
        ### BEGIN SOLUTION
        value = tf.exp(self.value)
        return self.record(value, (self, lambda g: g * value))
        ### END SOLUTION

    def log(self):
        """The natural logarithm of every entry."""
        ### BEGIN SOLUTION
        return self.record(tf.math.log(self.value), (self, lambda g: g / self.value))
        ### END SOLUTION

    def sin(self):
        """The sine of every entry."""
        ### BEGIN SOLUTION
        return self.record(tf.sin(self.value), (self, lambda g: g * tf.cos(self.value)))
        ### END SOLUTION

    def sum(self, axis=None):
        """The sum of all entries, or the sums along one axis, an int."""
        ### BEGIN SOLUTION
        shape = self.value.shape

        def spread(g):
            return tf.broadcast_to(g if axis is None else tf.expand_dims(g, axis), shape)

        return self.record(tf.reduce_sum(self.value, axis=axis), (self, spread))
        ### END SOLUTION

    def __matmul__(self, other):
        """`self @ other`, the product of two matrices."""
        ### BEGIN SOLUTION
        other = self.lift(other)
        return self.record(
            self.value @ other.value,
            (self, lambda g: tf.matmul(g, other.value, transpose_b=True)),
            (other, lambda g: tf.matmul(self.value, g, transpose_a=True)),
        )
        ### END SOLUTION

    @staticmethod
    def fit(g, shape):
        """Sums `g` over the axes along which broadcasting repeated a value; the result has that value's `shape`."""
        ### BEGIN SOLUTION
        extra = len(g.shape) - len(shape)
        g = tf.reduce_sum(g, axis=list(range(extra)))
        repeated = [axis for axis, size in enumerate(shape) if size == 1]
        return tf.reduce_sum(g, axis=repeated, keepdims=True)
        ### END SOLUTION

    def backward(self):
        """Sets `gradient` of this tracker, and of all that it was computed from, whatever it was before."""
        ### BEGIN SOLUTION
        order, seen = [], set()

        def visit(tracker):
            if id(tracker) not in seen:
                seen.add(id(tracker))
                for parent, _ in tracker.parents:
                    visit(parent)
                order.append(tracker)

        visit(self)
        for tracker in order:
            tracker.gradient = tf.zeros_like(tracker.value)
        self.gradient = tf.ones_like(self.value)
        for tracker in reversed(order):
            for parent, pull in tracker.parents:
                parent.gradient += self.fit(pull(tracker.gradient), parent.value.shape)
        ### END SOLUTION

    # What follows from the above: a number on the left, and the minus sign.

    def __radd__(self, other):
        return self.lift(other) + self

    def __rsub__(self, other):
        return self.lift(other) - self

    def __rmul__(self, other):
        return self.lift(other) * self

    def __rtruediv__(self, other):
        return self.lift(other) / self

    def __neg__(self):
        return self * -1


# %%
check("Tracker")

# %% [markdown]
# The next cell draws what your tracker recorded for the example, from its `parents`. Each node shows the value and, below it, the
# gradient.

# %%
with suppress(NotImplementedError):  # draws once Tracker is written
    x, y = Tracker(tf.constant(1.0)), Tracker(tf.constant(2.0))
    u = x + y
    square, product = u * u, u * y
    result = square + product
    result.backward()
    nodes = {
        "x": (x, 0, 1),
        "y": (y, 0, 0),
        "u = x + y": (u, 1, 1),
        "u · u": (square, 2, 1.4),
        "u · y": (product, 2, 0.4),
    }
    nodes["u · u + u · y"] = (result, 3, 1)
    places = {id(tracker): (column, row) for tracker, column, row in nodes.values()}
    figure, axes = plt.subplots(figsize=(7, 2.5), layout="constrained")
    for name, (tracker, column, row) in nodes.items():
        for k, (parent, _) in enumerate(tracker.parents):
            bend = 0.18 if tracker is square and k else -0.18 if tracker is square else 0.0
            arrow = {
                "arrowstyle": "-|>",
                "color": "grey",
                "connectionstyle": f"arc3,rad={bend}",
                "shrinkA": 26,
                "shrinkB": 30,
            }
            axes.annotate("", (column, row), places[id(parent)], arrowprops=arrow)
        text = f"{name}\n{float(tracker.value):g}\ngradient {float(tracker.gradient):g}"
        axes.text(
            column,
            row,
            text,
            ha="center",
            va="center",
            fontsize=9,
            bbox={"boxstyle": "round", "fc": "aliceblue", "ec": "grey"},
        )
    axes.set(xlim=(-0.5, 3.6), ylim=(-0.5, 1.9))
    axes.axis("off")

# %% [markdown]
# <details><summary><b>Predict, then look.</b> <code>x = x + x</code>, forty times in a row. How many paths lead from the result back to
# the first <code>x</code>? And how many trackers does <code>backward</code> visit?</summary>
#
# $2^{40}$ paths, about $10^{12}$, but only 41 trackers. A backward pass that follows every path separately gives the right
# numbers, but would run for years. Adding the parts up *before* passing them on is what makes reverse mode cheap: a gradient
# costs a few times as much as the value, however many inputs there are.
# </details>
#
# ## 15. Gradients of any function: `gradient`
#
# With a tracker, the gradient of any function of tensors takes a few lines: wrap the arguments, call the function, go backward,
# and collect. If the function does not use an argument, its gradient is zero.
#
# The check joins the tensors of your tuple in one row, so that is what the panel shows: for $f(x, y) = x \cdot y$ at $x = 3$ and
# $y = 2$, the tuple of $2$ and $3$ appears as `2 3`.


# %%
def gradient(f, *arguments):
    """The gradients of a function with respect to all its arguments, by `Tracker`.

    Args:
        f: a function that takes trackers and returns a tracker whose value is a single number.
        *arguments: float tensors, where the gradient is wanted.

    Returns:
        A tuple of tensors, one per argument, with its shape and dtype. An argument that `f` does not use
        gets zeros.

    Example:

    >>> dx, dy = gradient(lambda x, y: (x * y).sum(), tf.constant([1., 2.]), tf.constant([3., 4.]))
    >>> dx.numpy(), dy.numpy()
    (array([3., 4.], dtype=float32), array([1., 2.], dtype=float32))
    """
    ### BEGIN SOLUTION
    trackers = [Tracker(argument) for argument in arguments]
    f(*trackers).backward()
    return tuple(tf.zeros_like(t.value) if t.gradient is None else t.gradient for t in trackers)
    ### END SOLUTION


# %%
check("gradient")

# %% [markdown]
# It can differentiate everything in this notebook. Here is the surprise of section 4, written with trackers, next to your formula
# from section 5.

# %%
with suppress(NotImplementedError):  # prints once neuron_gradient, Tracker and gradient are written

    def surprise(w):
        """The loss of a neuron without weight decay, as a function of a tracker of shape (3, 1)."""
        x = 1 / (1 + (-(Tracker(z_cloud) @ w)).exp())
        t = t_cloud[:, None]
        return -(t * x.log() + (1 - t) * (1 - x).log()).sum()

    weights = tf.constant([[0.1], [0.4], [-0.2]])
    print("by Tracker:", gradient(surprise, weights)[0].numpy().ravel().round(4))
    print("by hand:   ", neuron_gradient(weights[:, 0], z_cloud, t_cloud, 0.0).numpy().round(4))

# %% [markdown]
# ## 16. Why deep sigmoids stop learning: `sigmoid_chain`
#
# Stack sigmoids: $x_0 = x$, and $x_k = \sigma(x_{k-1})$ for $k = 1, \dots, \text{depth}$. The chain rule makes the derivative of the
# last with respect to the first a *product*, with one factor per layer. What is a factor? You know it from section 5: the slope
# of a sigmoid, expressed by its output.
#
# "Derivative of sigmoid has a small range (0, 0.25], leads to vanishing gradient" [U]. The slope is largest at $a = 0$, where it is
# $0.5 \cdot 0.5$. "Can you guess what was the biggest bottleneck to adding more layers?" asks
# Brown, and answers: "Vanishing gradients!" [B]
#
# <details><summary><b>Predict, then look.</b> What is the largest that the product over ten layers can be?</summary>
#
# $0.25^{10}$, about one millionth. In fact it is smaller still. After the first layer all $x_k$ lie between 0 and 1, so the later
# sigmoids never see $a = 0$, and no factor after the first reaches 0.25.
# </details>
#
# Compute the value and the derivative by hand: `tf.GradientTape` is off limits.


# %%
def sigmoid_chain(depth, x):
    """A chain of sigmoids, and its derivative with respect to its input, by hand.

    Args:
        depth: how many sigmoids, an int; 0 is no sigmoid at all.
        x: a float tensor of any shape, the input. The chain is applied to each entry separately.

    Returns:
        A tuple `(value, derivative)` of tensors with the shape and dtype of `x`.

    Example:

    >>> value, derivative = sigmoid_chain(2, tf.constant([0., 2.]))
    >>> value.numpy().round(4), derivative.numpy().round(4)
    (array([0.6225, 0.707 ], dtype=float32), array([0.0588, 0.0218], dtype=float32))
    """
    ### BEGIN SOLUTION
    derivative = tf.ones_like(x)
    for _ in range(depth):
        x = tf.sigmoid(x)
        derivative = derivative * x * (1 - x)
    return x, derivative
    ### END SOLUTION


# %%
check("sigmoid_chain")

# %%
with suppress(NotImplementedError):  # draws once sigmoid_chain is written
    depths = range(1, 21)
    starts = tf.constant([0.0, 1.0, 4.0])
    slopes = np.array([sigmoid_chain(depth, starts)[1].numpy() for depth in depths])
    figure, axes = plt.subplots(figsize=(6, 2.8), layout="constrained")
    for start, curve in zip(starts.numpy(), slopes.T, strict=True):
        axes.semilogy(depths, curve, ".-", label=f"sigmoids, x = {start:g}")
    axes.semilogy(depths, np.ones(20), "k--", label="ReLUs, x > 0")
    axes.set(xlabel="depth", ylabel="derivative of the chain", xticks=range(1, 21, 2))
    axes.legend(fontsize=8)

# %% [markdown]
# A ReLU, $\max(a, 0)$, has slope 1 wherever it is on, and a product of ones does not vanish: "ReLU gradient values are larger"
# [U]. Where it is off, its slope is 0, so it "can 'kill' neurons (negative output), creating sparseness" [U].
#
# ## What you have, and what comes next
#
# You have written a neuron and its loss, and trained it. You have put neurons into layers and found their gradients by the chain
# rule. You have written softmax, mini-batches, momentum, and a program that differentiates what it recorded.
#
# - **Notebook 2, convolution**, gives neurons a small field of view and lets them share their weights. The $10^{12}$ weights of
#   section 9 are the reason.
# - **Notebook 3** takes up ReLU and pooling, **notebook 4** keeps the scale of activations steady, and **notebook 5** puts it all
#   into Keras, with the loss that section 11 asks for.
