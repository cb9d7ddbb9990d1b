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
# A deep network trains best when every layer receives inputs of a steady scale. Batch normalization arranges that: it
# shifts and scales each feature so that, over the batch, its mean is 0 and its variance (all but) 1.
#
# You will learn to
#
# - normalize a batch, for dense layers `(n, d)` and for images `(n, h, w, c)`, and keep the moving statistics up to
#   date,
# - use these moving statistics at inference,
# - send gradients back **through the mean and the variance**,
# - fold a trained batch normalization into the convolution before it,
# - say the same in two lines of TensorFlow.
#
# The material is in two of the lectures: Brown CSCI 1470 ("Batch Normalization: Motivation", "Implementation", "in
# Tensorflow") and UFAL NPFL114, lecture 4 (section "BatchNorm"). The formulas below use NPFL114's letters.

# %%
from contextlib import suppress

from autograder import check
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf

# %% [markdown]
# ## 1. Training: `batch_norm_train`
#
# NPFL114 starts from the *internal covariate shift*: when the parameters of one layer change, the distribution of the
# activations that reach the next layer changes too, and that layer has to chase it. Brown puts the cure in one line:
# "normalize the activations for each feature at each layer". More stable inputs, faster training.
#
# The *batch normalizing transform* of a mini-batch $(x^{(1)}, \ldots, x^{(m)})$ is (NPFL114; every line is per
# feature)
#
# $$\mu \leftarrow \frac{1}{m} \sum_{i=1}^m x^{(i)} \qquad
# \sigma^2 \leftarrow \frac{1}{m} \sum_{i=1}^m \left(x^{(i)} - \mu\right)^2$$
#
# $$\hat x^{(i)} \leftarrow \frac{x^{(i)} - \mu}{\sqrt{\sigma^2 + \varepsilon}} \qquad
# y^{(i)} \leftarrow \gamma \hat x^{(i)} + \beta$$
#
# - The variance is the **biased** one: it is divided by $m$, not by $m - 1$.
# - Subtract the mean first, then square. The mean of the squares less the square of the mean is the same on paper, but
#   in float32 it loses its digits where the mean is much larger than the spread.
# - $\varepsilon$ is added to the variance, **inside** the root.
# - The scale $\gamma$ and the shift $\beta$ are learnt. With $\gamma = \sqrt{\sigma^2 + \varepsilon}$ and
#   $\beta = \mu$ the layer gives back its input, so nothing the network could express is lost.
#
# **Which numbers share a mean?** In a dense layer, "each neuron is normalized individually across the minibatch". In
# a convolutional layer the same filter looks at every position, so NPFL114 normalizes "each channel across not only
# the minibatch, but also across all corresponding" positions in space:
#
# | input | shape | statistics over | $m$ | shape of $\mu$, $\sigma^2$, $\gamma$, $\beta$ |
# |---|---|---|---|---|
# | dense | `(n, d)` | axis 0 | $n$ | `(d,)` |
# | images | `(n, h, w, c)` | axes 0, 1, 2 | $n h w$ | `(c,)` |
#
# Two slips are common with images. Over the batch axis alone the statistics have shape `(h, w, c)`: every pixel is
# normalized apart, and a shifted image is no longer treated alike. Over all four axes they are single numbers: the
# channels are mixed.
#
# **Moving statistics.** One image at test time has no batch to compare itself with. Training therefore keeps an
# exponential moving average of what it saw ("usually with momentum 0.99", NPFL114):
#
# $$\text{new} = \text{momentum} \cdot \text{old} + (1 - \text{momentum}) \cdot \text{batch}$$
#
# for the mean and for the (biased) variance. The defaults here are those of Keras: momentum 0.99, $\varepsilon$ =
# 0.001. The moving statistics do **not** enter $y$ during training.
#
# **A worked example.** The decks give no numbers, so here are some that come out even. Four examples, two features, a
# large $\varepsilon = 1$, $\gamma = (4, 10)$, $\beta = (1, 3)$:
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
# **Errata.** Three things to notice on Brown's slides "Implementation":
#
# 1. It writes $\mu_{batch} = \frac{\sum_{i=0}^{batch\_size} x_i}{batch\_size}$. How many terms has that sum? One too
#    many: from 0 to the batch size there are $m + 1$. It must run from 1 to $m$, or from 0 to $m - 1$.
# 2. It divides by $\sigma_{batch}$, without $\varepsilon$. Think of a channel that a ReLU has switched off: it is 0
#    everywhere, so its variance is 0, and $0 / 0$ is NaN. One of the hidden cases has such a dead channel.
# 3. "Feature x now has mean 0 and variance 1." What is the variance of $\hat x$, with $\varepsilon$ in it? It is
#    $\sigma^2 / (\sigma^2 + \varepsilon)$, a little less than 1; in the worked example it is 3/4 and 24/25.
#
# Write the formula yourself: `tf.nn.batch_normalization`, `tf.nn.moments` and the Keras layer are off limits in this
# one.


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
# Three channels of very different scale, before and after. Their histograms end on top of each other.

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
# **Exercise: a sum hides the gradient.** To test a gradient one is tempted to differentiate `tf.reduce_sum(y)`.
# Before you run the next cell: what is the sum of $\hat x$ over the batch, whatever $x$ is? And so what is the
# gradient of the sum with respect to $x$?

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
# The sum of $\hat x$ is 0 for every $x$, so `sum(y)` is $m\beta$ and does not depend on $x$: its gradient is zero for
# a right and for many a wrong implementation. The autograder therefore weights every entry of $y$ by a random number,
# as the second line does.
#
# ## 2. Inference: `batch_norm_inference`
#
# "During inference, $\mu$ and $\sigma^2$ are fixed" (NPFL114). The same formula, with the moving statistics in place
# of the batch's:
#
# $$y = \gamma \frac{x - \mu_{moving}}{\sqrt{\sigma^2_{moving} + \varepsilon}} + \beta$$
#
# Now each example is treated on its own: its output does not depend on who else is in the batch, and a batch of one
# is no problem. Per channel this is a straight line in $x$.
#
# **A worked example.** The same $x$, $\gamma$, $\beta$ and $\varepsilon = 1$ as above, with moving mean $(1, 8)$ and
# moving variance $(3, 24)$:
#
# $$\hat x = \begin{pmatrix} 0 & -0.4 \\ 0 & 0.4 \\ 2 & -0.4 \\ 0 & 2 \end{pmatrix} \quad
# y = \begin{pmatrix} 1 & -1 \\ 1 & 7 \\ 9 & -1 \\ 1 & 23 \end{pmatrix}$$
#
# The library's batch normalization is off limits here too.


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
# **Exercise: momentum.** After $t$ steps, the share of the start value in a moving average is momentum$^t$. 5,000
# images in batches of 128 are 40 steps an epoch. How much of the start (mean 0, variance 1) is left after one epoch
# with momentum 0.99, and how much with 0.9? How many steps until it is below 5 %? Decide, then look.

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
# $0.99^{40} = 0.67$ but $0.9^{40} = 0.015$. Below 5 % takes 299 steps with 0.99 and 29 with 0.9. After a short run
# with the default momentum the moving statistics still sit near their start, and a network that trained well looks
# broken at inference. If the training accuracy is good and the test accuracy is close to guessing, look here first:
# train longer, or lower the momentum.
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
# Walk it from right to left, for one channel with $m$ entries. Each sum is over these $m$ entries. First the last
# line of the algorithm:
#
# $$d\beta = \sum_i dy^{(i)} \qquad d\gamma = \sum_i dy^{(i)} \hat x^{(i)} \qquad d\hat x^{(i)} = \gamma\, dy^{(i)}$$
#
# $\gamma$ and $\beta$ were broadcast over the batch, and the backward pass of a broadcast is a **sum**. Next, the two
# statistics:
#
# $$d\sigma^2 = \sum_i d\hat x^{(i)} \left(x^{(i)} - \mu\right) \cdot
# \left(-\tfrac{1}{2}\right) \left(\sigma^2 + \varepsilon\right)^{-3/2}$$
#
# $$d\mu = -\frac{1}{\sqrt{\sigma^2 + \varepsilon}} \sum_i d\hat x^{(i)} \;+\;
# d\sigma^2 \cdot \underbrace{\frac{-2}{m} \sum_i \left(x^{(i)} - \mu\right)}_{=\,0}$$
#
# And the three paths together:
#
# $$dx^{(i)} = \underbrace{\frac{d\hat x^{(i)}}{\sqrt{\sigma^2 + \varepsilon}}}_{\text{direct}} \;+\;
# \underbrace{d\sigma^2 \cdot \frac{2 \left(x^{(i)} - \mu\right)}{m}}_{\text{through } \sigma^2} \;+\;
# \underbrace{\frac{d\mu}{m}}_{\text{through } \mu}$$
#
# You may write exactly this. Or insert the first lines into the last one and find that it collapses to
#
# $$dx^{(i)} = \frac{\gamma}{\sqrt{\sigma^2 + \varepsilon}} \left( dy^{(i)} - \frac{1}{m} \sum_j dy^{(j)}
# - \hat x^{(i)} \, \frac{1}{m} \sum_j dy^{(j)} \hat x^{(j)} \right)$$
#
# Read it: from $dy$ take away its mean and its part along $\hat x$. These are the two directions that batch
# normalization cannot see: shifting the whole batch, and (but for $\varepsilon$) stretching it. With $dy = 1$
# everywhere nothing is left, as the exercise above showed.
#
# **A worked example.** The batch of part 1 again, $\varepsilon = 1$, $\gamma = (4, 10)$, and a $dy$ with two entries:
#
# $$dy = \begin{pmatrix} 4 & 0 \\ 0 & 0 \\ 0 & 0 \\ 0 & 5 \end{pmatrix} \quad
# d\beta = (4, 5) \quad d\gamma = (-2, 8) \quad
# dx = \begin{pmatrix} 5.5 & 0.7 \\ -2.5 & -2.5 \\ -0.5 & 0.7 \\ -2.5 & 1.1 \end{pmatrix}$$
#
# For the first entry: $\frac{4}{2} \left(4 - \frac{4}{4} - (-0.5) \cdot \frac{-2}{4}\right) = 2 \cdot 2.75 = 5.5$.
# Both columns of $dx$ sum to 0. One non-zero $dy$ in a column moves the whole column: treat $\mu$ and $\sigma^2$ as
# constants, and the zeros of $dy$ would stay zeros.
#
# For images, $m = n h w$. No gradient tape here: you are what the tape would do.


# %%
def batch_norm_backward(dy, x, gamma, epsilon=1e-3):
    """The gradients of training-mode batch normalization.

    With x_hat = (x - mean) / sqrt(variance + epsilon), sums and means per channel over all other axes:
    dbeta = sum(dy), dgamma = sum(dy * x_hat),
    dx = gamma / sqrt(variance + epsilon) * (dy - mean(dy) - x_hat * mean(dy * x_hat)).

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
# The gradient of one channel, for a $dy$ that is 1 at a single entry and 0 elsewhere. With the statistics held constant
# it would stay at that entry; the whole gradient reaches every entry of the batch.

# %%
with suppress(NotImplementedError):  # draws once batch_norm_backward is written
    x = tf.random.stateless_normal((12, 1), seed=(9, 10))
    dy = tf.one_hot([3], 12, axis=0)
    dx, *_ = batch_norm_backward(dy, x, tf.ones(1))
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
# ## 4. Into the convolution: `fold_batch_norm`
#
# NPFL114: "Batch normalization is added just before a nonlinearity, and it is useless to add bias before it (because
# it will cancel out). Therefore, we replace $f(Wx + b)$ by $f(BN(Wx))$." A bias adds the same number to every entry
# of a channel, hence to its mean, and $x - \mu$ does not change:

# %%
with suppress(NotImplementedError):
    x = tf.random.stateless_normal((4, 5, 5, 3), seed=(11, 12))
    bias, statistics = tf.constant([1.0, -2.0, 3.0]), (tf.zeros(3), tf.ones(3))
    without, *_ = batch_norm_train(x, tf.ones(3), tf.zeros(3), *statistics)
    with_bias, *_ = batch_norm_train(x + bias, tf.ones(3), tf.zeros(3), *statistics)
    print("largest change of y by a bias before batch normalization:", np.abs(without - with_bias).max())

# %% [markdown]
# (In code: `use_bias=False` in the convolution. What the bias would do, $\beta$ does.)
#
# At inference batch normalization is a straight line per channel, and a convolution is linear. A convolution (without
# bias) followed by batch normalization is therefore one convolution with bias. With
# $s = \gamma / \sqrt{\sigma^2_{moving} + \varepsilon}$, one number per output channel,
#
# $$BN(w * x) = s\,(w * x - \mu_{moving}) + \beta =
# \underbrace{(s\,w)}_{\text{new filters}} * \,x \;+\; \underbrace{\beta - s\,\mu_{moving}}_{\text{new bias}}$$
#
# Deployed networks do this: the layer costs nothing any more. The filters have shape `(kh, kw, c_in, c_out)`, and
# batch normalization acts on the **output** channels of the convolution.
#
# **A worked example.** A 1x1 convolution from 2 to 2 channels, $\gamma = (1, 10)$, $\beta = (1, 0)$,
# $\mu_{moving} = (3, 5)$, $\sigma^2_{moving} = (3, 24)$, $\varepsilon = 1$. The roots are $(2, 5)$, so $s = (0.5, 2)$
# and
#
# $$w = \begin{pmatrix} 4 & 10 \\ 6 & 5 \end{pmatrix} \text{ (rows: input channels)} \quad\longrightarrow\quad
# s\,w = \begin{pmatrix} 2 & 20 \\ 3 & 10 \end{pmatrix}, \quad
# \text{bias} = (1 - 0.5 \cdot 3,\; 0 - 2 \cdot 5) = (-0.5, -10)$$
#
# Try a pixel $(1, 1)$: the convolution gives $(10, 15)$, batch normalization makes it $(4.5, 20)$, and so do the
# folded filters: $(2 + 3 - 0.5,\; 20 + 10 - 10)$.


# %%
def fold_batch_norm(filters, gamma, beta, moving_mean, moving_variance, epsilon=1e-3):
    """Folds an inference-mode batch normalization into the convolution before it.

    With scale = gamma / sqrt(moving_variance + epsilon), one number per output channel:
    batch_norm(conv(x, filters)) = conv(x, scale * filters) + (beta - scale * moving_mean).

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
# Convolution and batch normalization against the one folded convolution, on a small picture: the same but for
# rounding.

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
# Having written the formula once, use the library's. Two functions do the work: `tf.nn.moments` gives the mean and
# the (biased) variance over the axes you name, and `tf.nn.batch_normalization` applies the formula. Look up the order
# of its parameters: the shift is called *offset*, the scale is called *scale*, and the offset comes first. Passing
# them by name is safer. It wants the variance, not the root.
#
# The result is $y$ of `batch_norm_train`: on the worked example of part 1 again
#
# $$y = \begin{pmatrix} -1 & -5 \\ -1 & 3 \\ 7 & -5 \\ -1 & 19 \end{pmatrix}$$
#
# **Erratum.** Brown's slide "Batch Normalization in Tensorflow" reads `tf.keras.layers.BatchNormalization(input)`.
# That raises a TypeError: a layer is first made and then called, `tf.keras.layers.BatchNormalization()(input)`. And
# one trap remains: called like this it uses its *moving* statistics. Inside `fit` Keras says `training=True` for you;
# in your own loop you say it.


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
# The slide's line as it stands, and as it must be. The layer called plainly leaves the batch nearly as it was (its
# moving mean is still 0 and its moving variance 1); with `training=True` it agrees with you.

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
# To take with you:
#
# - Training uses the batch's statistics, inference the moving ones. A network that trains well and tests badly often
#   confuses the two.
# - Batch normalization couples the examples of a batch: their gradients flow through the mean and the variance.
# - No bias before it, and in a deployed network no layer at all.
