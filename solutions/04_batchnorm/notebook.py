# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 4. Batch normalization
#
# A deep network trains best when every layer receives inputs of a steady scale. Batch normalization takes care of that: it
# shifts and scales each feature so that, over the batch, its mean is 0 and its variance (nearly) 1.
#
# You will learn to
#
# - normalize a batch, for dense layers `(n, d)` and for images `(n, h, w, c)`, and update the moving statistics,
# - use these moving statistics at inference,
# - send gradients back **through the mean and the variance**,
# - fold a trained batch normalization into the convolution before it,
# - write the same in two lines of TensorFlow.
#
# **Builds on** notebook [2](../02_convolution/02_convolution.ipynb) (convolution, filters, and how to test a gradient).
#
# **Checks.** Run the check below each function. It starts with small cases that you can work out by hand, from easy to hard, and
# shows the first one that your function gets wrong. Build results from tensor operations: NumPy returns the right numbers and cuts
# the gradient.
#
# **Predict, then look.** Write your answer down before you run a cell that asks for one. Our answers are folded away below.
#
# **Sources.** Two of the five lectures explain batch normalization, named in parentheses: CSCI 1470 (Brown) and NPFL114, lecture 4
# (UFAL). The formulas use the letters of the latter.

# %%
from contextlib import suppress

from autograder import check
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf

# %% [markdown]
# ## 1. Training: `batch_norm_train`
#
# When the parameters of one layer change, the distribution of the activations that reach the next layer changes too, and that
# layer has to follow. This is called *internal covariate shift* (UFAL). The remedy in one line: "normalize the activations for each
# feature at each layer" (Brown). More stable inputs make training faster.
#
# The *batch normalizing transform* of a mini-batch $(x^{(1)}, \ldots, x^{(m)})$ (UFAL; every line is per feature):
#
# $$\mu \leftarrow \frac{1}{m} \sum_{i=1}^m x^{(i)} \qquad
# \sigma^2 \leftarrow \frac{1}{m} \sum_{i=1}^m \left(x^{(i)} - \mu\right)^2$$
#
# $$\hat x^{(i)} \leftarrow \frac{x^{(i)} - \mu}{\sqrt{\sigma^2 + \varepsilon}} \qquad
# y^{(i)} \leftarrow \gamma \hat x^{(i)} + \beta$$
#
# - The variance is the **biased** one: it is divided by $m$, not by $m - 1$.
# - Subtract the mean first, then square. The mean of the squares minus the square of the mean is the same on paper, but
#   in float32 it loses its digits where the mean is much larger than the spread.
# - $\varepsilon$ is added to the variance, **inside** the root.
# - The scale $\gamma$ and the shift $\beta$ are learned. With $\gamma = \sqrt{\sigma^2 + \varepsilon}$ and
#   $\beta = \mu$ the layer returns its input, so the network can still express everything that it could before.
#
# **Which numbers share a mean?** In a dense layer "each neuron is normalized individually across the minibatch" (UFAL). In
# a convolutional layer the same filter looks at every position, so each channel is normalized across the minibatch *and* across all
# positions (UFAL):
#
# | input | shape | statistics over | $m$ | shape of $\mu$, $\sigma^2$, $\gamma$, $\beta$ |
# |---|---|---|---|---|
# | dense | `(n, d)` | axis 0 | $n$ | `(d,)` |
# | images | `(n, h, w, c)` | axes 0, 1, 2 | $n h w$ | `(c,)` |
#
# Two mistakes are common with images. Over the batch axis alone, the statistics have shape `(h, w, c)`: every pixel is
# normalized separately, and a shifted image is no longer treated alike. Over all four axes, they are single numbers: the
# channels are mixed.
#
# **Moving statistics.** A single image at test time has no batch to compare itself with. Therefore training keeps an
# exponential moving average of what it saw, "usually with momentum 0.99" (UFAL):
#
# $$\text{new} = \text{momentum} \cdot \text{old} + (1 - \text{momentum}) \cdot \text{batch}$$
#
# for the mean and for the (biased) variance. The defaults here are those of Keras: momentum 0.99, $\varepsilon$ =
# 0.001. The moving statistics do **not** affect $y$ during training.
#
# **A worked example.** Four examples, two features, a large $\varepsilon = 1$, $\gamma = (4, 10)$, $\beta = (1, 3)$:
#
# $$x = \begin{pmatrix} 1 & 6 \\ 1 & 10 \\ 5 & 6 \\ 1 & 18 \end{pmatrix} \quad
# \mu = (2, 10) \quad \sigma^2 = (3, 24) \quad \sqrt{\sigma^2 + \varepsilon} = (2, 5)$$
#
# $$\hat x = \begin{pmatrix} -0.5 & -0.8 \\ -0.5 & 0 \\ 1.5 & -0.8 \\ -0.5 & 1.6 \end{pmatrix} \quad
# y = \begin{pmatrix} -1 & -5 \\ -1 & 3 \\ 7 & -5 \\ -1 & 19 \end{pmatrix}$$
#
# Moving statistics that start at mean $(0, 0)$ and variance $(1, 1)$ become $(0.2, 1)$ and $(1.2, 3.3)$ with momentum
# 0.9.
#
# **Errata.** Three things to notice on the slides "Implementation" (Brown). Think about each question before you unfold the answers.
#
# 1. The slides write $\mu_{batch} = \frac{\sum_{i=0}^{batch\_size} x_i}{batch\_size}$. How many terms does that sum have?
# 2. They divide by $\sigma_{batch}$, without $\varepsilon$. What happens to a channel that a ReLU has switched off, so that it is 0
#    everywhere?
# 3. "Feature x now has mean 0 and variance 1." What is the variance of $\hat x$ with $\varepsilon$ in the formula?
#
# <details>
# <summary>Our answers</summary>
#
# 1. One too many: from 0 to the batch size there are $m + 1$ terms. The sum must go from 1 to $m$, or from 0 to $m - 1$.
# 2. Its variance is 0, and $0 / 0$ is NaN. One of the hidden cases has such a dead channel.
# 3. $\sigma^2 / (\sigma^2 + \varepsilon)$, a little less than 1; in the worked example it is 3/4 and 24/25.
#
# </details>
#
# Write the formula yourself: `tf.nn.batch_normalization`, `tf.nn.moments` and the Keras layer are off limits here.


# %%
def batch_norm_train(x, gamma, beta, moving_mean, moving_variance, momentum=0.99, epsilon=1e-3):
    """Normalizes a batch by its own statistics and updates the moving ones.

    mean = sum(x) / m, variance = sum((x - mean)^2) / m, per channel over all other axes,
    y = gamma * (x - mean) / sqrt(variance + epsilon) + beta,
    new = momentum * old + (1 - momentum) * batch, for the mean and the variance.

    Args:
        x: Tensor of shape `(n, d)` or `(n, h, w, c)`, float32 or float64. The last axis holds the channels.
        gamma: Tensor of shape `(c,)` (or `(d,)`), the scale. Like all that follow, of the dtype of `x`.
        beta: Tensor of shape `(c,)`, the shift.
        moving_mean: Tensor of shape `(c,)`, the moving mean before this batch.
        moving_variance: Tensor of shape `(c,)`, the moving variance before this batch.
        momentum: Float, the weight of the old moving statistics.
        epsilon: Float, added to the variance inside the root.

    Returns:
        A tuple `(y, new_mean, new_variance)`: `y` of the shape of `x`, the other two of shape `(c,)`, all of the
        dtype of `x`.

    Example:

    >>> x = tf.constant([[1.0], [1.0], [5.0], [1.0]])  # mean 2, variance 3
    >>> y, new_mean, new_variance = batch_norm_train(
    ...     x, gamma=tf.constant([4.0]), beta=tf.constant([1.0]),
    ...     moving_mean=tf.constant([0.0]), moving_variance=tf.constant([1.0]), momentum=0.9, epsilon=1.0)
    >>> y.numpy().ravel(), new_mean.numpy(), new_variance.numpy()
    (array([-1., -1.,  7., -1.], dtype=float32), array([0.2], dtype=float32), array([1.2], dtype=float32))
    """
    ### BEGIN SOLUTION
    axes = list(range(len(x.shape) - 1))  # all but the channels: [0] for (n, d), [0, 1, 2] for NHWC
    mean = tf.reduce_mean(x, axes)
    variance = tf.reduce_mean(tf.square(x - mean), axes)  # biased
    y = gamma * (x - mean) * tf.math.rsqrt(variance + epsilon) + beta
    new_mean = momentum * moving_mean + (1 - momentum) * mean
    new_variance = momentum * moving_variance + (1 - momentum) * variance
    return y, new_mean, new_variance
    ### END SOLUTION


# %%
check("batch_norm_train")

# %% [markdown]
# Three channels of very different scale, before and after. Afterwards their histograms lie on top of each other.

# %%
with suppress(NotImplementedError):  # draws once batch_norm_train is written
    activations = tf.random.stateless_normal((16, 8, 8, 3), seed=(1, 2)) * [0.3, 1.0, 2.5] + [2.0, -1.0, 4.0]
    normalized, *_ = batch_norm_train(activations, tf.ones(3), tf.zeros(3), tf.zeros(3), tf.ones(3))
    _, panels = plt.subplots(1, 2, figsize=(8, 2.6))
    titles = ("before", "after batch normalization")
    for panel, values, title in zip(panels, (activations, normalized), titles, strict=True):
        for channel, color in enumerate(("tab:blue", "tab:orange", "tab:green")):
            panel.hist(np.ravel(values[..., channel]), bins=30, color=color, alpha=0.6, label=f"channel {channel}")
        panel.set(title=title, xlabel="activation", xlim=(-5, 11))
    panels[0].set_ylabel("count")
    panels[0].legend()
    plt.tight_layout()
    plt.show()

# %% [markdown]
# ### 1.1 A sum hides the gradient
#
# To test a gradient you may want to differentiate `tf.reduce_sum(y)`.
#
# **Predict, then look.** What is the sum of $\hat x$ over the batch, whatever $x$ is? So what is the gradient of the sum with respect
# to $x$?

# %%
with suppress(NotImplementedError):
    x = tf.random.stateless_normal((8, 2), seed=(3, 4)) * 3.0 + 1.0
    weights = tf.random.stateless_normal((8, 2), seed=(5, 6))
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y, *_ = batch_norm_train(x, tf.ones(2), tf.zeros(2), tf.zeros(2), tf.ones(2))
        total, weighted = tf.reduce_sum(y), tf.reduce_sum(y * weights)
    print("largest gradient of sum(y):          ", np.abs(tape.gradient(total, x)).max())
    print("largest gradient of sum(y * weights):", np.abs(tape.gradient(weighted, x)).max())

# %% [markdown]
# <details>
# <summary>Our answer</summary>
#
# The sum of $\hat x$ is 0 for every $x$, so `sum(y)` is $m\beta$ and does not depend on $x$: its gradient is zero for
# right code and for many kinds of wrong code. That is why the checks weight every entry of $y$ by a random number,
# as the second line does.
#
# </details>
#
# ## 2. Inference: `batch_norm_inference`
#
# "During inference, $\mu$ and $\sigma^2$ are fixed" (UFAL). The formula is the same, with the moving statistics in place
# of the batch's:
#
# $$y = \gamma \frac{x - \mu_{moving}}{\sqrt{\sigma^2_{moving} + \varepsilon}} + \beta$$
#
# Now each example is treated on its own: its output does not depend on what else is in the batch, and a batch of one
# is no problem. For each channel this is a straight line in $x$.
#
# **A worked example.** The same $x$, $\gamma$, $\beta$ and $\varepsilon = 1$ as above, with moving mean $(1, 8)$ and
# moving variance $(3, 24)$:
#
# $$\hat x = \begin{pmatrix} 0 & -0.4 \\ 0 & 0.4 \\ 2 & -0.4 \\ 0 & 2 \end{pmatrix} \quad
# y = \begin{pmatrix} 1 & -1 \\ 1 & 7 \\ 9 & -1 \\ 1 & 23 \end{pmatrix}$$
#
# The library's batch normalization is off limits here, too.


# %%
def batch_norm_inference(x, gamma, beta, moving_mean, moving_variance, epsilon=1e-3):
    """Normalizes by the moving statistics.

    y = gamma * (x - moving_mean) / sqrt(moving_variance + epsilon) + beta

    Args:
        x: Tensor of shape `(n, d)` or `(n, h, w, c)`, float32 or float64.
        gamma: Tensor of shape `(c,)` (or `(d,)`), the scale. Like all that follow, of the dtype of `x`.
        beta: Tensor of shape `(c,)`, the shift.
        moving_mean: Tensor of shape `(c,)`.
        moving_variance: Tensor of shape `(c,)`.
        epsilon: Float, added to the variance inside the root.

    Returns:
        The tensor `y`, of the shape and dtype of `x`.

    Example:

    >>> y = batch_norm_inference(
    ...     tf.constant([[1.0], [5.0]]), gamma=tf.constant([4.0]), beta=tf.constant([1.0]),
    ...     moving_mean=tf.constant([1.0]), moving_variance=tf.constant([3.0]), epsilon=1.0)
    >>> y.numpy().ravel()
    array([1., 9.], dtype=float32)
    """
    ### BEGIN SOLUTION
    return gamma * (x - moving_mean) * tf.math.rsqrt(moving_variance + epsilon) + beta
    ### END SOLUTION


# %%
check("batch_norm_inference")

# %% [markdown]
# ### 2.1 How fast does the momentum follow?
#
# **Predict, then look.** After $t$ steps, the share of the start value in a moving average is momentum$^t$. 5,000
# images in batches of 128 are 40 steps per epoch. How much of the start (mean 0, variance 1) is left after one epoch
# with momentum 0.99, and how much with 0.9? After how many steps is it below 5 %?

# %%
with suppress(NotImplementedError):  # draws once batch_norm_train is written
    steps = 40
    batches = tf.random.stateless_normal((steps, 32, 1), seed=(7, 8)) * 2.0 + 5.0  # mean 5, variance 4
    _, panels = plt.subplots(1, 2, figsize=(8, 2.6))
    for momentum, color in ((0.9, "tab:blue"), (0.99, "tab:red")):
        means, variances = [tf.zeros(1)], [tf.ones(1)]
        for batch in batches:
            _, mean, variance = batch_norm_train(batch, tf.ones(1), tf.zeros(1), means[-1], variances[-1], momentum)
            means.append(mean)
            variances.append(variance)
        for panel, values in zip(panels, (means, variances), strict=True):
            panel.plot(np.ravel(values), color=color, label=f"momentum {momentum}")
    for panel, truth, name in zip(panels, (5.0, 4.0), ("mean", "variance"), strict=True):
        panel.axhline(truth, color="gray", linestyle=":", label="of the data")
        panel.set(title=f"moving {name}", xlabel="training step", ylim=(0, 6))
    panels[0].legend()
    plt.tight_layout()
    plt.show()

# %% [markdown]
# <details>
# <summary>Our answer</summary>
#
# $0.99^{40} = 0.67$, but $0.9^{40} = 0.015$. It takes 299 steps with 0.99 and 29 with 0.9 to get below 5 %. After a short run
# with the default momentum the moving statistics are still close to their start, and a network that trained well looks
# broken at inference. If the training accuracy is good and the test accuracy is close to guessing, look here first:
# train longer, or lower the momentum.
#
# </details>
#
# ## 3. Backward: `batch_norm_backward`
#
# Let $L$ be the loss and write $dy$ for $\partial L / \partial y$, and so on. Every $x^{(i)}$ reaches $y$ on
# **three** paths: directly, through $\mu$, and through $\sigma^2$. (That is why each output depends on every input of
# its channel.)
#
# ```
#  x --+--------------------> x - mu ----> x_hat = (x - mu) / sqrt(sigma^2 + eps) ----> y = gamma x_hat + beta
#      |                        ^                                 ^
#      +--> mu -----------------+                                 |
#      |     |                                                    |
#      +-----+--> sigma^2 = mean((x - mu)^2) ---------------------+
# ```
#
# Go through it from right to left, for one channel with $m$ entries. All sums are over these $m$ entries.
#
# **Step 1: the last line of the algorithm.**
#
# $$d\beta = \sum_i dy^{(i)} \qquad d\gamma = \sum_i dy^{(i)} \hat x^{(i)} \qquad d\hat x^{(i)} = \gamma\, dy^{(i)}$$
#
# $\gamma$ and $\beta$ were broadcast over the batch, and the backward pass of a broadcast is a **sum**.
#
# **Step 2: the two statistics.** $\hat x$ depends on $\sigma^2$ through the root and on $\mu$ through the difference:
#
# $$d\sigma^2 = \sum_i d\hat x^{(i)} \left(x^{(i)} - \mu\right) \cdot
# \left(-\tfrac{1}{2}\right) \left(\sigma^2 + \varepsilon\right)^{-3/2}
# \qquad
# d\mu = -\frac{1}{\sqrt{\sigma^2 + \varepsilon}} \sum_i d\hat x^{(i)}$$
#
# ($\sigma^2$ depends on $\mu$ as well. Why does that add nothing to $d\mu$?)
#
# **Step 3: three paths to $x$.** Each $x^{(i)}$ is in $\hat x^{(i)}$ directly, in $\sigma^2$ and in $\mu$. Write down
# $\partial \hat x^{(i)} / \partial x^{(i)}$ with $\mu$ and $\sigma^2$ held constant, $\partial \sigma^2 / \partial x^{(i)}$ and
# $\partial \mu / \partial x^{(i)}$, and add up the three contributions to $dx^{(i)}$.
#
# You may program exactly this. Or insert steps 1 and 2 into step 3: nearly everything cancels, and one line is left.
#
# <details>
# <summary>Hint: the answer to the question of step 2</summary>
#
# $\partial \sigma^2 / \partial \mu = \frac{-2}{m} \sum_i (x^{(i)} - \mu) = 0$.
#
# </details>
#
# <details>
# <summary>Hint: what is left when everything is inserted</summary>
#
# The bracket of $dx^{(i)} = \frac{\gamma}{\sqrt{\sigma^2 + \varepsilon}} \left( dy^{(i)} - \dots - \dots \right)$ subtracts two things
# from $dy$: its mean, and its part along $\hat x$. These are the two directions that batch normalization cannot see: shifting the
# whole batch, and (except for $\varepsilon$) stretching it. With $dy = 1$ everywhere nothing is left, as in section 1.1.
#
# </details>
#
# **A worked example.** The batch of section 1 again, $\varepsilon = 1$, $\gamma = (4, 10)$, and a $dy$ with two entries:
#
# $$dy = \begin{pmatrix} 4 & 0 \\ 0 & 0 \\ 0 & 0 \\ 0 & 5 \end{pmatrix} \quad
# d\beta = (4, 5) \quad d\gamma = (-2, 8) \quad
# dx = \begin{pmatrix} 5.5 & 0.7 \\ -2.5 & -2.5 \\ -0.5 & 0.7 \\ -2.5 & 1.1 \end{pmatrix}$$
#
# In the first column $d\hat x = (16, 0, 0, 0)$, $d\sigma^2 = 16 \cdot (-1) \cdot (-\frac12) \cdot \frac18 = 1$ and
# $d\mu = -\frac12 \cdot 16 = -8$. The first entry of $dx$ is the sum of the direct path, $16 / 2 = 8$, the one through $\sigma^2$,
# $-0.5$, and the one through $\mu$, $-2$. Both columns of $dx$ sum to 0. One non-zero $dy$ in a column changes the whole column: if
# you treat $\mu$ and $\sigma^2$ as constants, the zeros of $dy$ stay zeros.
#
# For images, $m = n h w$. **`tf.GradientTape` is off limits in this function**: here you do by hand what the tape does.


# %%
def batch_norm_backward(dy, x, gamma, epsilon=1e-3):
    """The gradients of training-mode batch normalization.

    dy goes back through the scale and the shift, and then reaches x on three paths: directly, through the variance and
    through the mean. Sums are per channel, over all other axes.

    Args:
        dy: Tensor of the shape of `x`, the gradient of the loss with respect to y.
        x: Tensor of shape `(n, d)` or `(n, h, w, c)`, float32 or float64, the input of the forward pass.
        gamma: Tensor of shape `(c,)` (or `(d,)`), the scale.
        epsilon: Float, added to the variance inside the root.

    Returns:
        A tuple `(dx, dgamma, dbeta)`: `dx` of the shape of `x`, the other two of shape `(c,)`, all of the dtype of `x`.

    Example:

    >>> dx, dgamma, dbeta = batch_norm_backward(
    ...     dy=tf.constant([[4.0], [0.0], [0.0], [0.0]]), x=tf.constant([[1.0], [1.0], [5.0], [1.0]]),
    ...     gamma=tf.constant([4.0]), epsilon=1.0)
    >>> dx.numpy().ravel(), dgamma.numpy(), dbeta.numpy()
    (array([ 5.5, -2.5, -0.5, -2.5], dtype=float32), array([-2.], dtype=float32), array([4.], dtype=float32))
    """
    ### BEGIN SOLUTION
    axes = list(range(len(x.shape) - 1))
    mean = tf.reduce_mean(x, axes)
    inverse_std = tf.math.rsqrt(tf.reduce_mean(tf.square(x - mean), axes) + epsilon)
    x_hat = (x - mean) * inverse_std
    dgamma = tf.reduce_sum(dy * x_hat, axes)
    dbeta = tf.reduce_sum(dy, axes)
    dx = gamma * inverse_std * (dy - tf.reduce_mean(dy, axes) - x_hat * tf.reduce_mean(dy * x_hat, axes))
    return dx, dgamma, dbeta
    ### END SOLUTION


# %%
check("batch_norm_backward")

# %% [markdown]
# ### 3.1 Is it right? Two tests of your own
#
# The first needs no reference: shift the whole batch, or stretch it. $y$ hardly changes, so $dx$ must be orthogonal to both
# directions. The second is the finite difference of section 6.1 of the convolution notebook, in float64.
#
# **Predict, then look.** For a $dy$ that is 1 at a single entry and 0 elsewhere, the picture compares your $dx$ with the direct path
# alone. How many bars does each have?

# %%
with suppress(NotImplementedError):  # draws once batch_norm_train and batch_norm_backward are written
    x = tf.random.stateless_normal((12, 1), seed=(9, 10), dtype=tf.float64)
    dy = tf.one_hot([3], 12, axis=0, dtype=tf.float64)
    one, zero = tf.ones(1, tf.float64), tf.zeros(1, tf.float64)
    dx, *_ = batch_norm_backward(dy, x, one)

    def loss(x):
        y, *_ = batch_norm_train(x, one, zero, zero, one)
        return float(tf.reduce_sum(dy * y))

    print(f"along a shift:    {float(tf.reduce_sum(dx)):9.1e}")
    print(
        f"along a stretch:  {float(tf.reduce_sum(dx * (x - tf.reduce_mean(x)))):9.1e}   (not quite 0, because of epsilon)"
    )
    v, h = tf.random.stateless_normal((12, 1), seed=(13, 14), dtype=tf.float64), 1e-5
    difference, predicted = (loss(x + h * v) - loss(x - h * v)) / (2 * h), float(tf.reduce_sum(dx * v))
    print(f"along a random v: {predicted:.9f}; the finite difference is {difference:.9f}")

    direct = dy / tf.sqrt(tf.math.reduce_variance(x) + 1e-3)
    _, panel = plt.subplots(figsize=(6, 2.4))
    panel.bar(np.arange(12) - 0.2, np.ravel(direct), width=0.4, label="statistics held constant")
    panel.bar(np.arange(12) + 0.2, np.ravel(dx), width=0.4, label="through mean and variance too")
    panel.axhline(0, color="black", linewidth=0.8)
    panel.set(xlabel="entry i of the batch", ylabel="dx", xticks=range(12))
    panel.legend()
    plt.tight_layout()
    plt.show()

# %% [markdown]
# <details>
# <summary>Our answer</summary>
#
# With the statistics held constant there is one bar. The whole gradient has twelve: every entry of the batch changes the mean and the
# variance, and through them the output at entry 3.
#
# </details>

# %% [markdown]
# ## 4. Into the convolution: `fold_batch_norm`
#
# "Batch normalization is added just before a nonlinearity, and it is useless to add bias before it (because it will cancel out)"
# (UFAL). A bias adds the same number to every entry of a channel, hence also to its mean, and $x - \mu$ does not change:

# %%
with suppress(NotImplementedError):
    x = tf.random.stateless_normal((4, 5, 5, 3), seed=(11, 12))
    bias, statistics = tf.constant([1.0, -2.0, 3.0]), (tf.zeros(3), tf.ones(3))
    without, *_ = batch_norm_train(x, tf.ones(3), tf.zeros(3), *statistics)
    with_bias, *_ = batch_norm_train(x + bias, tf.ones(3), tf.zeros(3), *statistics)
    print("largest change of y by a bias before batch normalization:", np.abs(without - with_bias).max())

# %% [markdown]
# (In code: `use_bias=False` in the convolution. $\beta$ does what the bias would do.)
#
# At inference batch normalization is a straight line for each channel, and a convolution is linear. So a convolution (without
# bias) followed by batch normalization is a single convolution with bias, and the layer costs nothing any more. Networks that are
# deployed use this.
#
# Derive the new filters and the new bias:
#
# 1. Write down $BN(w * x)$ with the moving statistics.
# 2. Multiply out. Which terms contain $x$, and which do not?
# 3. The factor in front of $x$ goes into the filters. Everything else is the bias.
#
# The filters have shape `(kh, kw, c_in, c_out)`, and batch normalization acts on the **output** channels of the convolution.
#
# **A worked example.** A 1x1 convolution from 2 to 2 channels, $\gamma = (1, 10)$, $\beta = (1, 0)$,
# $\mu_{moving} = (3, 5)$, $\sigma^2_{moving} = (3, 24)$, $\varepsilon = 1$. The roots are $(2, 5)$.
#
# $$w = \begin{pmatrix} 4 & 10 \\ 6 & 5 \end{pmatrix} \text{ (rows: input channels)} \quad\longrightarrow\quad
# w_{folded} = \begin{pmatrix} 2 & 20 \\ 3 & 10 \end{pmatrix}, \quad
# \text{bias} = (-0.5, -10)$$
#
# Try a pixel $(1, 1)$: the convolution gives $(10, 15)$, batch normalization turns it into $(4.5, 20)$, and so do the
# folded filters: $(2 + 3 - 0.5,\; 20 + 10 - 10)$.
#
# <details>
# <summary>Hint: the scale</summary>
#
# Both results contain $s = \gamma / \sqrt{\sigma^2_{moving} + \varepsilon}$, one number for each output channel; in the example
# $(0.5, 2)$.
#
# </details>


# %%
def fold_batch_norm(filters, gamma, beta, moving_mean, moving_variance, epsilon=1e-3):
    """Folds an inference-mode batch normalization into the convolution before it.

    For every x, `conv(x, folded) + bias == batch_norm_inference(conv(x, filters), gamma, beta, moving_mean, ...)`.

    Args:
        filters: Tensor of shape `(kh, kw, c_in, c_out)`, float32 or float64, of a convolution without bias.
        gamma: Tensor of shape `(c_out,)`, the scale. Like all that follow, of the dtype of `filters`.
        beta: Tensor of shape `(c_out,)`, the shift.
        moving_mean: Tensor of shape `(c_out,)`.
        moving_variance: Tensor of shape `(c_out,)`.
        epsilon: Float, added to the variance inside the root.

    Returns:
        A tuple `(filters, bias)`: the folded filters of shape `(kh, kw, c_in, c_out)` and the bias of shape `(c_out,)`.

    Example:

    >>> filters, bias = fold_batch_norm(
    ...     tf.constant([[[[4.0], [6.0]]]]), gamma=tf.constant([1.0]), beta=tf.constant([1.0]),
    ...     moving_mean=tf.constant([3.0]), moving_variance=tf.constant([3.0]), epsilon=1.0)
    >>> filters.numpy().ravel(), bias.numpy()
    (array([2., 3.], dtype=float32), array([-0.5], dtype=float32))
    """
    ### BEGIN SOLUTION
    scale = gamma * tf.math.rsqrt(moving_variance + epsilon)
    return filters * scale, beta - moving_mean * scale  # c_out is the last axis: broadcasting scales each filter
    ### END SOLUTION


# %%
check("fold_batch_norm")

# %% [markdown]
# A convolution with batch normalization, and the single folded convolution, on a small picture: they differ by rounding only.

# %%
with suppress(NotImplementedError):  # draws once batch_norm_inference and fold_batch_norm are written
    rows, columns = np.mgrid[0:24, 0:24]
    disc = ((rows - 12) ** 2 + (columns - 10) ** 2 < 50).astype(np.float32)[None, :, :, None]
    edge = tf.constant([[1.0, 0.0, -1.0], [2.0, 0.0, -2.0], [1.0, 0.0, -1.0]])[:, :, None, None]
    parameters = tf.constant([1.5]), tf.constant([0.2]), tf.constant([0.5]), tf.constant([2.0])
    two_layers = batch_norm_inference(tf.nn.conv2d(disc, edge, 1, "SAME"), *parameters)
    folded_filters, folded_bias = fold_batch_norm(edge, *parameters)
    one_layer = tf.nn.conv2d(disc, folded_filters, 1, "SAME") + folded_bias
    _, panels = plt.subplots(1, 3, figsize=(8, 2.6))
    titles = ("input", "conv, then batch norm", "folded conv")
    for panel, picture, title in zip(panels, (disc, two_layers, one_layer), titles, strict=True):
        panel.imshow(np.squeeze(picture), cmap="gray")
        panel.set(title=title, xticks=[], yticks=[])
    panels[2].set_xlabel(f"largest difference {np.abs(two_layers - one_layer).max():.0e}")
    plt.tight_layout()
    plt.show()

# %% [markdown]
# ## 5. In TensorFlow: `batch_norm_tf`
#
# Now that you have written the formula, use the library's. Two functions do the work: `tf.nn.moments` returns the mean and
# the (biased) variance over the axes you name, and `tf.nn.batch_normalization` applies the formula. Look up the order
# of its parameters: the shift is called *offset*, the scale is called *scale*, and the offset comes first. It is safer to pass
# them by name. The function expects the variance, not the root.
#
# The result is $y$ of `batch_norm_train`; on the worked example of section 1 again
#
# $$y = \begin{pmatrix} -1 & -5 \\ -1 & 3 \\ 7 & -5 \\ -1 & 19 \end{pmatrix}$$
#
# **Erratum.** The slide "Batch Normalization in Tensorflow" has the line `tf.keras.layers.BatchNormalization(input)` (Brown).
# It raises a TypeError: a layer is first created and then called, `tf.keras.layers.BatchNormalization()(input)`. One trap
# remains: called like this, the layer uses its *moving* statistics. Inside `fit`, Keras passes `training=True` for you;
# in your own loop you have to pass it yourself.


# %%
def batch_norm_tf(x, gamma, beta, epsilon=1e-3):
    """Training-mode batch normalization, composed of `tf.nn.moments` and `tf.nn.batch_normalization`.

    y = gamma * (x - mean) / sqrt(variance + epsilon) + beta, as in `batch_norm_train`.

    Args:
        x: Tensor of shape `(n, d)` or `(n, h, w, c)`, float32 or float64.
        gamma: Tensor of shape `(c,)` (or `(d,)`), the scale.
        beta: Tensor of shape `(c,)`, the shift.
        epsilon: Float, added to the variance inside the root.

    Returns:
        The tensor `y`, of the shape and dtype of `x`.

    Example:

    >>> x = tf.constant([[1.0], [1.0], [5.0], [1.0]])
    >>> batch_norm_tf(x, gamma=tf.constant([4.0]), beta=tf.constant([1.0]), epsilon=1.0).numpy().ravel()
    array([-1., -1.,  7., -1.], dtype=float32)
    """
    ### BEGIN SOLUTION
    mean, variance = tf.nn.moments(x, axes=list(range(len(x.shape) - 1)))
    return tf.nn.batch_normalization(x, mean, variance, offset=beta, scale=gamma, variance_epsilon=epsilon)
    ### END SOLUTION


# %%
check("batch_norm_tf")

# %% [markdown]
# **Predict, then look.** The next cell runs the line of the slide, then the layer called without and with `training=True`. Which of
# the last two agrees with your function?

# %%
x = tf.constant([[1.0, 6.0], [1.0, 10.0], [5.0, 6.0], [1.0, 18.0]])
try:
    tf.keras.layers.BatchNormalization(x)
except TypeError as error:
    print("BatchNormalization(x): TypeError,", error)
layer = tf.keras.layers.BatchNormalization()
print("first feature of x:               ", x[:, 0].numpy())
print("BatchNormalization()(x):          ", layer(x)[:, 0].numpy().round(3))
print("the layer called in training mode:", layer(x, training=True)[:, 0].numpy().round(3))
with suppress(NotImplementedError):
    print("batch_norm_tf:                    ", batch_norm_tf(x, tf.ones(2), tf.zeros(2))[:, 0].numpy().round(3))

# %% [markdown]
# <details>
# <summary>Our answer</summary>
#
# Only the one with `training=True`. Without it the layer leaves the batch nearly as it was, because its moving mean is still 0 and its
# moving variance 1.
#
# </details>
#
# To remember:
#
# - Training uses the batch's statistics, inference the moving ones. If a network trains well and tests badly, the two are often
#   confused.
# - Batch normalization couples the examples of a batch: their gradients flow through the mean and the variance.
# - A layer before batch normalization needs no bias, and a deployed network needs no batch normalization layer at all.
