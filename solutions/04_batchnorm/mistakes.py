"""Batch normalization: wrong implementations. Each docstring is the hint a student reads."""

import numpy as np
import tensorflow as tf

from autograder.question import mistake

# Every mistake is complete in itself, as a student would have handed it in.


# batch_norm_train


@mistake("batch_norm_train")
def train_batch_axis_only(x, gamma, beta, moving_mean, moving_variance, momentum=0.99, epsilon=1e-3):
    """The statistics run over the batch axis alone, so every pixel of an image gets its own mean.

    In a convolutional layer all positions share one: print the shape of your mean; it should have one entry per
    channel.
    """
    mean = tf.reduce_mean(x, axis=0)
    variance = tf.reduce_mean((x - mean) ** 2, axis=0)
    y = gamma * (x - mean) / tf.sqrt(variance + epsilon) + beta
    new_mean = momentum * moving_mean + (1 - momentum) * mean
    new_variance = momentum * moving_variance + (1 - momentum) * variance
    return y, new_mean, new_variance


@mistake("batch_norm_train")
def train_all_axes(x, gamma, beta, moving_mean, moving_variance, momentum=0.99, epsilon=1e-3):
    """The mean and the variance are single numbers over the whole tensor, so the channels are mixed.

    Each channel is normalized by itself: which axis must the mean not run over?
    """
    mean = tf.reduce_mean(x)
    variance = tf.reduce_mean((x - mean) ** 2)
    y = gamma * (x - mean) / tf.sqrt(variance + epsilon) + beta
    new_mean = momentum * moving_mean + (1 - momentum) * mean
    new_variance = momentum * moving_variance + (1 - momentum) * variance
    return y, new_mean, new_variance


@mistake("batch_norm_train")
def train_space_only(x, gamma, beta, moving_mean, moving_variance, momentum=0.99, epsilon=1e-3):
    """Each image is normalized by itself, over its height and width only (that is instance normalization).

    Batch normalization takes the mean over the examples of the batch as well: compare your axes with the table.
    """
    axes = [0] if len(x.shape) == 2 else [1, 2]
    mean = tf.reduce_mean(x, axes, keepdims=True)
    variance = tf.reduce_mean((x - mean) ** 2, axes, keepdims=True)
    y = gamma * (x - mean) / tf.sqrt(variance + epsilon) + beta
    new_mean = momentum * moving_mean + (1 - momentum) * mean
    new_variance = momentum * moving_variance + (1 - momentum) * variance
    return y, new_mean, new_variance


@mistake("batch_norm_train")
def train_per_example(x, gamma, beta, moving_mean, moving_variance, momentum=0.99, epsilon=1e-3):
    """Each example is normalized over its own features (that is layer normalization).

    Batch normalization compares the examples with each other, one feature at a time: the axes are the wrong way round.
    """
    axes = list(range(1, len(x.shape)))
    mean = tf.reduce_mean(x, axes, keepdims=True)
    variance = tf.reduce_mean((x - mean) ** 2, axes, keepdims=True)
    y = gamma * (x - mean) / tf.sqrt(variance + epsilon) + beta
    new_mean = momentum * moving_mean + (1 - momentum) * mean
    new_variance = momentum * moving_variance + (1 - momentum) * variance
    return y, new_mean, new_variance


@mistake("batch_norm_train")
def train_channels_first(x, gamma, beta, moving_mean, moving_variance, momentum=0.99, epsilon=1e-3):
    """Axis 1 was taken for the channels, as in PyTorch, but here images are NHWC: axis 1 is the height.

    Keep the last axis and average over all the others.
    """
    axes = [0] if len(x.shape) == 2 else [0, 2, 3]
    mean = tf.reduce_mean(x, axes, keepdims=True)
    variance = tf.reduce_mean((x - mean) ** 2, axes, keepdims=True)
    y = gamma * (x - mean) / tf.sqrt(variance + epsilon) + beta
    new_mean = momentum * moving_mean + (1 - momentum) * mean
    new_variance = momentum * moving_variance + (1 - momentum) * variance
    return y, new_mean, new_variance


@mistake("batch_norm_train")
def train_kept_dims(x, gamma, beta, moving_mean, moving_variance, momentum=0.99, epsilon=1e-3):
    """y is right, but the new moving statistics have axes of length 1 in front: they come from `keepdims=True`.

    They must have the shape of the moving statistics you were given, one entry per channel.
    """
    axes = list(range(len(x.shape) - 1))
    mean = tf.reduce_mean(x, axes, keepdims=True)
    variance = tf.reduce_mean((x - mean) ** 2, axes, keepdims=True)
    y = gamma * (x - mean) / tf.sqrt(variance + epsilon) + beta
    new_mean = momentum * moving_mean + (1 - momentum) * mean
    new_variance = momentum * moving_variance + (1 - momentum) * variance
    return y, new_mean, new_variance


@mistake("batch_norm_train")
def train_divided_by_batch_size(x, gamma, beta, moving_mean, moving_variance, momentum=0.99, epsilon=1e-3):
    """The sums over an image batch are divided by the number of images, but they have more terms than that.

    A channel has one entry per image and pixel: what is m for shape (n, h, w, c)?
    """
    axes = list(range(len(x.shape) - 1))
    mean = tf.reduce_sum(x, axes) / x.shape[0]
    variance = tf.reduce_sum((x - mean) ** 2, axes) / x.shape[0]
    y = gamma * (x - mean) / tf.sqrt(variance + epsilon) + beta
    new_mean = momentum * moving_mean + (1 - momentum) * mean
    new_variance = momentum * moving_variance + (1 - momentum) * variance
    return y, new_mean, new_variance


@mistake("batch_norm_train")
def train_sample_variance(x, gamma, beta, moving_mean, moving_variance, momentum=0.99, epsilon=1e-3):
    """The variance is divided by m - 1 (the sample variance). Batch normalization uses the biased one.

    Divide by the number of entries itself, as the algorithm does.
    """
    axes = list(range(len(x.shape) - 1))
    mean = tf.reduce_mean(x, axes)
    count = int(np.prod(x.shape[:-1]))
    variance = tf.reduce_sum((x - mean) ** 2, axes) / (count - 1)
    y = gamma * (x - mean) / tf.sqrt(variance + epsilon) + beta
    new_mean = momentum * moving_mean + (1 - momentum) * mean
    new_variance = momentum * moving_variance + (1 - momentum) * variance
    return y, new_mean, new_variance


@mistake("batch_norm_train")
def train_sample_variance_in_moving(x, gamma, beta, moving_mean, moving_variance, momentum=0.99, epsilon=1e-3):
    """y is right, but the moving variance collects the sample variance (m - 1), as PyTorch does.

    Keras and this notebook average the same biased variance that normalizes the batch.
    """
    axes = list(range(len(x.shape) - 1))
    mean = tf.reduce_mean(x, axes)
    variance = tf.reduce_mean((x - mean) ** 2, axes)
    y = gamma * (x - mean) / tf.sqrt(variance + epsilon) + beta
    count = int(np.prod(x.shape[:-1]))
    new_mean = momentum * moving_mean + (1 - momentum) * mean
    new_variance = momentum * moving_variance + (1 - momentum) * variance * count / (count - 1)
    return y, new_mean, new_variance


@mistake("batch_norm_train")
def train_epsilon_outside_root(x, gamma, beta, moving_mean, moving_variance, momentum=0.99, epsilon=1e-3):
    """Epsilon was added to the standard deviation. It belongs to the variance, before the root is taken.

    Check the parentheses under your square root.
    """
    axes = list(range(len(x.shape) - 1))
    mean = tf.reduce_mean(x, axes)
    variance = tf.reduce_mean((x - mean) ** 2, axes)
    y = gamma * (x - mean) / (tf.sqrt(variance) + epsilon) + beta
    new_mean = momentum * moving_mean + (1 - momentum) * mean
    new_variance = momentum * moving_variance + (1 - momentum) * variance
    return y, new_mean, new_variance


@mistake("batch_norm_train")
def train_epsilon_missing(x, gamma, beta, moving_mean, moving_variance, momentum=0.99, epsilon=1e-3):
    """Epsilon is not used, as in the formula on Brown's slide.

    Without it small variances are blown up and a dead channel gives 0/0 = NaN: see where NPFL114's algorithm has it.
    """
    axes = list(range(len(x.shape) - 1))
    mean = tf.reduce_mean(x, axes)
    variance = tf.reduce_mean((x - mean) ** 2, axes)
    y = gamma * (x - mean) / tf.sqrt(variance) + beta
    new_mean = momentum * moving_mean + (1 - momentum) * mean
    new_variance = momentum * moving_variance + (1 - momentum) * variance
    return y, new_mean, new_variance


@mistake("batch_norm_train")
def train_epsilon_fixed(x, gamma, beta, moving_mean, moving_variance, momentum=0.99, epsilon=1e-3):
    """Epsilon is always 0.001, whatever the caller asks for. Use the argument instead of the number."""
    axes = list(range(len(x.shape) - 1))
    mean = tf.reduce_mean(x, axes)
    variance = tf.reduce_mean((x - mean) ** 2, axes)
    y = gamma * (x - mean) / tf.sqrt(variance + 1e-3) + beta
    new_mean = momentum * moving_mean + (1 - momentum) * mean
    new_variance = momentum * moving_variance + (1 - momentum) * variance
    return y, new_mean, new_variance


@mistake("batch_norm_train")
def train_epsilon_in_moving_variance(x, gamma, beta, moving_mean, moving_variance, momentum=0.99, epsilon=1e-3):
    """y is right, but epsilon has slipped into the moving variance too, and inference will add it a second time.

    Average the variance as it is; epsilon is needed only under the root.
    """
    axes = list(range(len(x.shape) - 1))
    mean = tf.reduce_mean(x, axes)
    variance = tf.reduce_mean((x - mean) ** 2, axes) + epsilon
    y = gamma * (x - mean) / tf.sqrt(variance) + beta
    new_mean = momentum * moving_mean + (1 - momentum) * mean
    new_variance = momentum * moving_variance + (1 - momentum) * variance
    return y, new_mean, new_variance


@mistake("batch_norm_train")
def train_no_root(x, gamma, beta, moving_mean, moving_variance, momentum=0.99, epsilon=1e-3):
    """The batch is divided by its variance. Divide by the standard deviation: a square root is missing."""
    axes = list(range(len(x.shape) - 1))
    mean = tf.reduce_mean(x, axes)
    variance = tf.reduce_mean((x - mean) ** 2, axes)
    y = gamma * (x - mean) / (variance + epsilon) + beta
    new_mean = momentum * moving_mean + (1 - momentum) * mean
    new_variance = momentum * moving_variance + (1 - momentum) * variance
    return y, new_mean, new_variance


@mistake("batch_norm_train")
def train_uncentred_variance(x, gamma, beta, moving_mean, moving_variance, momentum=0.99, epsilon=1e-3):
    """The variance is the mean of x squared: the mean was not subtracted before squaring.

    The two agree only where the mean is 0. Look at the second line of the algorithm.
    """
    axes = list(range(len(x.shape) - 1))
    mean = tf.reduce_mean(x, axes)
    variance = tf.reduce_mean(x**2, axes)
    y = gamma * (x - mean) / tf.sqrt(variance + epsilon) + beta
    new_mean = momentum * moving_mean + (1 - momentum) * mean
    new_variance = momentum * moving_variance + (1 - momentum) * variance
    return y, new_mean, new_variance


@mistake("batch_norm_train")
def train_second_moment(x, gamma, beta, moving_mean, moving_variance, momentum=0.99, epsilon=1e-3):
    """The variance is the mean of the squares minus the square of the mean. On paper that is right.

    In float32, where the mean is large, this subtracts two numbers that agree in nearly all of their digits. Subtract the
    mean first, then square.
    """
    axes = list(range(len(x.shape) - 1))
    mean = tf.reduce_mean(x, axes)
    variance = tf.reduce_mean(tf.square(x), axes) - tf.square(mean)
    y = gamma * (x - mean) / tf.sqrt(variance + epsilon) + beta
    new_mean = momentum * moving_mean + (1 - momentum) * mean
    new_variance = momentum * moving_variance + (1 - momentum) * variance
    return y, new_mean, new_variance


@mistake("batch_norm_train")
def train_momentum_reversed(x, gamma, beta, moving_mean, moving_variance, momentum=0.99, epsilon=1e-3):
    """The two weights of the moving average are swapped (PyTorch's momentum works that way).

    Here momentum is the weight of the old statistics: with 0.99 one batch should hardly move them.
    """
    axes = list(range(len(x.shape) - 1))
    mean = tf.reduce_mean(x, axes)
    variance = tf.reduce_mean((x - mean) ** 2, axes)
    y = gamma * (x - mean) / tf.sqrt(variance + epsilon) + beta
    new_mean = (1 - momentum) * moving_mean + momentum * mean
    new_variance = (1 - momentum) * moving_variance + momentum * variance
    return y, new_mean, new_variance


@mistake("batch_norm_train")
def train_momentum_fixed(x, gamma, beta, moving_mean, moving_variance, momentum=0.99, epsilon=1e-3):
    """The momentum is always 0.99, whatever the caller asks for. Use the argument instead of the number."""
    axes = list(range(len(x.shape) - 1))
    mean = tf.reduce_mean(x, axes)
    variance = tf.reduce_mean((x - mean) ** 2, axes)
    y = gamma * (x - mean) / tf.sqrt(variance + epsilon) + beta
    new_mean = 0.99 * moving_mean + 0.01 * mean
    new_variance = 0.99 * moving_variance + 0.01 * variance
    return y, new_mean, new_variance


@mistake("batch_norm_train")
def train_moving_standard_deviation(x, gamma, beta, moving_mean, moving_variance, momentum=0.99, epsilon=1e-3):
    """y is right, but the moving variance collects the standard deviation.

    Average the variance, before its root is taken.
    """
    axes = list(range(len(x.shape) - 1))
    mean = tf.reduce_mean(x, axes)
    std = tf.sqrt(tf.reduce_mean((x - mean) ** 2, axes) + epsilon)
    y = gamma * (x - mean) / std + beta
    new_mean = momentum * moving_mean + (1 - momentum) * mean
    new_variance = momentum * moving_variance + (1 - momentum) * std
    return y, new_mean, new_variance


@mistake("batch_norm_train")
def train_batch_statistics_returned(x, gamma, beta, moving_mean, moving_variance, momentum=0.99, epsilon=1e-3):
    """y is right, but what comes with it are the statistics of this batch alone.

    The moving statistics are an average over many batches: mix the batch's into the old ones with the momentum.
    """
    axes = list(range(len(x.shape) - 1))
    mean = tf.reduce_mean(x, axes)
    variance = tf.reduce_mean((x - mean) ** 2, axes)
    y = gamma * (x - mean) / tf.sqrt(variance + epsilon) + beta
    return y, mean, variance


@mistake("batch_norm_train")
def train_moving_statistics_unchanged(x, gamma, beta, moving_mean, moving_variance, momentum=0.99, epsilon=1e-3):
    """y is right, but the moving statistics come back as they went in.

    Training has to update them with this batch, or inference will never learn what the data looks like.
    """
    axes = list(range(len(x.shape) - 1))
    mean = tf.reduce_mean(x, axes)
    variance = tf.reduce_mean((x - mean) ** 2, axes)
    y = gamma * (x - mean) / tf.sqrt(variance + epsilon) + beta
    return y, moving_mean, moving_variance


@mistake("batch_norm_train")
def train_normalized_by_moving(x, gamma, beta, moving_mean, moving_variance, momentum=0.99, epsilon=1e-3):
    """The batch is normalized by the moving statistics, as in inference.

    In training y depends on the batch's own mean and variance only; the moving ones are just kept up to date.
    """
    axes = list(range(len(x.shape) - 1))
    mean = tf.reduce_mean(x, axes)
    variance = tf.reduce_mean((x - mean) ** 2, axes)
    y = gamma * (x - moving_mean) / tf.sqrt(moving_variance + epsilon) + beta
    new_mean = momentum * moving_mean + (1 - momentum) * mean
    new_variance = momentum * moving_variance + (1 - momentum) * variance
    return y, new_mean, new_variance


@mistake("batch_norm_train")
def train_normalized_by_updated_moving(x, gamma, beta, moving_mean, moving_variance, momentum=0.99, epsilon=1e-3):
    """The moving statistics are updated first, and then these normalize the batch.

    In training y depends on the batch's own mean and variance only; the moving ones are for inference.
    """
    axes = list(range(len(x.shape) - 1))
    mean = tf.reduce_mean(x, axes)
    variance = tf.reduce_mean((x - mean) ** 2, axes)
    new_mean = momentum * moving_mean + (1 - momentum) * mean
    new_variance = momentum * moving_variance + (1 - momentum) * variance
    y = gamma * (x - new_mean) / tf.sqrt(new_variance + epsilon) + beta
    return y, new_mean, new_variance


@mistake("batch_norm_train")
def train_gamma_beta_swapped(x, gamma, beta, moving_mean, moving_variance, momentum=0.99, epsilon=1e-3):
    """Gamma and beta are swapped: gamma multiplies, beta is added."""
    axes = list(range(len(x.shape) - 1))
    mean = tf.reduce_mean(x, axes)
    variance = tf.reduce_mean((x - mean) ** 2, axes)
    y = beta * (x - mean) / tf.sqrt(variance + epsilon) + gamma
    new_mean = momentum * moving_mean + (1 - momentum) * mean
    new_variance = momentum * moving_variance + (1 - momentum) * variance
    return y, new_mean, new_variance


@mistake("batch_norm_train")
def train_beta_before_gamma(x, gamma, beta, moving_mean, moving_variance, momentum=0.99, epsilon=1e-3):
    """Beta was added before gamma multiplied, so the shift is scaled as well.

    Look at the last line of the algorithm.
    """
    axes = list(range(len(x.shape) - 1))
    mean = tf.reduce_mean(x, axes)
    variance = tf.reduce_mean((x - mean) ** 2, axes)
    y = gamma * ((x - mean) / tf.sqrt(variance + epsilon) + beta)
    new_mean = momentum * moving_mean + (1 - momentum) * mean
    new_variance = momentum * moving_variance + (1 - momentum) * variance
    return y, new_mean, new_variance


@mistake("batch_norm_train")
def train_no_gamma_beta(x, gamma, beta, moving_mean, moving_variance, momentum=0.99, epsilon=1e-3):
    """You return the normalized batch itself.

    The last line of the algorithm, with the scale gamma and the shift beta, is missing.
    """
    axes = list(range(len(x.shape) - 1))
    mean = tf.reduce_mean(x, axes)
    variance = tf.reduce_mean((x - mean) ** 2, axes)
    y = (x - mean) / tf.sqrt(variance + epsilon)
    new_mean = momentum * moving_mean + (1 - momentum) * mean
    new_variance = momentum * moving_variance + (1 - momentum) * variance
    return y, new_mean, new_variance


@mistake("batch_norm_train")
def train_constant_statistics(x, gamma, beta, moving_mean, moving_variance, momentum=0.99, epsilon=1e-3):
    """The values are right, but the gradient treats the mean and the variance as constants.

    They depend on x too. Look for `tf.stop_gradient`, `.numpy()` or a NumPy function where you compute them.
    """
    axes = list(range(len(x.shape) - 1))
    mean = tf.stop_gradient(tf.reduce_mean(x, axes))
    variance = tf.stop_gradient(tf.reduce_mean((x - mean) ** 2, axes))
    y = gamma * (x - mean) / tf.sqrt(variance + epsilon) + beta
    new_mean = momentum * moving_mean + (1 - momentum) * mean
    new_variance = momentum * moving_variance + (1 - momentum) * variance
    return y, new_mean, new_variance


@mistake("batch_norm_train")
def train_constant_variance(x, gamma, beta, moving_mean, moving_variance, momentum=0.99, epsilon=1e-3):
    """The values are right, but the gradient treats the variance as a constant.

    It depends on x too. Look for `tf.stop_gradient`, `.numpy()` or a NumPy function where you compute it.
    """
    axes = list(range(len(x.shape) - 1))
    mean = tf.reduce_mean(x, axes)
    variance = tf.constant(np.var(x.numpy(), axis=tuple(axes)))
    y = gamma * (x - mean) / tf.sqrt(variance + epsilon) + beta
    new_mean = momentum * moving_mean + (1 - momentum) * mean
    new_variance = momentum * moving_variance + (1 - momentum) * variance
    return y, new_mean, new_variance


@mistake("batch_norm_train")
def train_numpy(x, gamma, beta, moving_mean, moving_variance, momentum=0.99, epsilon=1e-3):
    """The values are right, but they were computed by NumPy, where no gradient tape can follow.

    Replace each NumPy call by its TensorFlow counterpart, and do not call `.numpy()`.
    """
    batch = x.numpy()
    axes = tuple(range(batch.ndim - 1))
    mean, variance = batch.mean(axes), batch.var(axes)
    y = gamma.numpy() * (batch - mean) / np.sqrt(variance + epsilon) + beta.numpy()
    new_mean = momentum * moving_mean.numpy() + (1 - momentum) * mean
    new_variance = momentum * moving_variance.numpy() + (1 - momentum) * variance
    return tf.constant(y), tf.constant(new_mean), tf.constant(new_variance)


@mistake("batch_norm_train")
def train_float64(x, gamma, beta, moving_mean, moving_variance, momentum=0.99, epsilon=1e-3):
    """The values are right, but they come back in float64. Stay in the dtype of x all the way: look for a cast, or for
    a NumPy float64 number among the factors."""
    x, gamma, beta, moving_mean, moving_variance = (
        tf.cast(tensor, tf.float64) for tensor in (x, gamma, beta, moving_mean, moving_variance)
    )
    axes = list(range(len(x.shape) - 1))
    mean = tf.reduce_mean(x, axes)
    variance = tf.reduce_mean((x - mean) ** 2, axes)
    y = gamma * (x - mean) / tf.sqrt(variance + epsilon) + beta
    new_mean = momentum * moving_mean + (1 - momentum) * mean
    new_variance = momentum * moving_variance + (1 - momentum) * variance
    return y, new_mean, new_variance


@mistake("batch_norm_train")
def train_outputs_swapped(x, gamma, beta, moving_mean, moving_variance, momentum=0.99, epsilon=1e-3):
    """The three results are right, but the last two are in the wrong order: y, then the mean, then the variance."""
    axes = list(range(len(x.shape) - 1))
    mean = tf.reduce_mean(x, axes)
    variance = tf.reduce_mean((x - mean) ** 2, axes)
    y = gamma * (x - mean) / tf.sqrt(variance + epsilon) + beta
    new_mean = momentum * moving_mean + (1 - momentum) * mean
    new_variance = momentum * moving_variance + (1 - momentum) * variance
    return y, new_variance, new_mean


@mistake("batch_norm_train")
def train_only_y(x, gamma, beta, moving_mean, moving_variance, momentum=0.99, epsilon=1e-3):
    """Only y is returned. The new moving mean and the new moving variance belong in the result as well."""
    axes = list(range(len(x.shape) - 1))
    mean = tf.reduce_mean(x, axes)
    variance = tf.reduce_mean((x - mean) ** 2, axes)
    return gamma * (x - mean) / tf.sqrt(variance + epsilon) + beta


@mistake("batch_norm_train")
def train_library(x, gamma, beta, moving_mean, moving_variance, momentum=0.99, epsilon=1e-3):
    """A library function does the work, under whatever name it is called. Here you write the formula yourself.

    Replace it by the four lines of the algorithm. `batch_norm_tf`, at the end of the notebook, is the place for it.
    """
    mean, variance = tf.nn.moments(x, axes=list(range(len(x.shape) - 1)))
    normalize = getattr(tf.nn, "batch_normalization")
    y = normalize(x, mean, variance, beta, gamma, epsilon)
    new_mean = momentum * moving_mean + (1 - momentum) * mean
    new_variance = momentum * moving_variance + (1 - momentum) * variance
    return y, new_mean, new_variance


# batch_norm_inference


@mistake("batch_norm_inference")
def inference_batch_statistics(x, gamma, beta, moving_mean, moving_variance, epsilon=1e-3):
    """The batch is normalized by its own mean and variance, as in training.

    At inference the moving statistics take their place; nothing is averaged over the batch any more.
    """
    axes = list(range(len(x.shape) - 1))
    mean = tf.reduce_mean(x, axes)
    variance = tf.reduce_mean((x - mean) ** 2, axes)
    return gamma * (x - mean) / tf.sqrt(variance + epsilon) + beta


@mistake("batch_norm_inference")
def inference_batch_mean(x, gamma, beta, moving_mean, moving_variance, epsilon=1e-3):
    """The variance is the moving one, but the mean still comes from the batch.

    At inference both are the moving ones; nothing is averaged over the batch any more.
    """
    mean = tf.reduce_mean(x, list(range(len(x.shape) - 1)))
    return gamma * (x - mean) / tf.sqrt(moving_variance + epsilon) + beta


@mistake("batch_norm_inference")
def inference_batch_variance(x, gamma, beta, moving_mean, moving_variance, epsilon=1e-3):
    """The mean is the moving one, but the variance still comes from the batch.

    At inference both are the moving ones; nothing is averaged over the batch any more.
    """
    variance = tf.math.reduce_variance(x, list(range(len(x.shape) - 1)))
    return gamma * (x - moving_mean) / tf.sqrt(variance + epsilon) + beta


@mistake("batch_norm_inference")
def inference_still_updating(x, gamma, beta, moving_mean, moving_variance, epsilon=1e-3):
    """The batch is mixed into the moving statistics (with momentum 0.99) before they are used.

    At inference they are fixed: only training updates them.
    """
    axes = list(range(len(x.shape) - 1))
    mean = tf.reduce_mean(x, axes)
    variance = tf.reduce_mean((x - mean) ** 2, axes)
    mean = 0.99 * moving_mean + 0.01 * mean
    variance = 0.99 * moving_variance + 0.01 * variance
    return gamma * (x - mean) / tf.sqrt(variance + epsilon) + beta


@mistake("batch_norm_inference")
def inference_epsilon_outside_root(x, gamma, beta, moving_mean, moving_variance, epsilon=1e-3):
    """Epsilon was added to the standard deviation. It belongs to the variance, before the root is taken.

    Check the parentheses under your square root.
    """
    return gamma * (x - moving_mean) / (tf.sqrt(moving_variance) + epsilon) + beta


@mistake("batch_norm_inference")
def inference_epsilon_missing(x, gamma, beta, moving_mean, moving_variance, epsilon=1e-3):
    """Epsilon is not used.

    It is added to the variance at inference too, or the network gets different numbers than in training.
    """
    return gamma * (x - moving_mean) / tf.sqrt(moving_variance) + beta


@mistake("batch_norm_inference")
def inference_epsilon_fixed(x, gamma, beta, moving_mean, moving_variance, epsilon=1e-3):
    """Epsilon is always 0.001, whatever the caller asks for. Use the argument instead of the number."""
    return gamma * (x - moving_mean) / tf.sqrt(moving_variance + 1e-3) + beta


@mistake("batch_norm_inference")
def inference_no_root(x, gamma, beta, moving_mean, moving_variance, epsilon=1e-3):
    """The input is divided by the variance. Divide by the standard deviation: a square root is missing."""
    return gamma * (x - moving_mean) / (moving_variance + epsilon) + beta


@mistake("batch_norm_inference")
def inference_multiplied_by_std(x, gamma, beta, moving_mean, moving_variance, epsilon=1e-3):
    """The input is multiplied by the standard deviation where it should be divided.

    Did you mix up `sqrt` and `rsqrt`?
    """
    return gamma * (x - moving_mean) * tf.sqrt(moving_variance + epsilon) + beta


@mistake("batch_norm_inference")
def inference_no_mean(x, gamma, beta, moving_mean, moving_variance, epsilon=1e-3):
    """The moving mean is never subtracted. Centre the input before you divide it."""
    return gamma * x / tf.sqrt(moving_variance + epsilon) + beta


@mistake("batch_norm_inference")
def inference_mean_not_scaled(x, gamma, beta, moving_mean, moving_variance, epsilon=1e-3):
    """The mean is subtracted after the division, so it is neither divided nor scaled itself.

    A pair of parentheses around the difference is missing.
    """
    return gamma * x / tf.sqrt(moving_variance + epsilon) - moving_mean + beta


@mistake("batch_norm_inference")
def inference_gamma_beta_swapped(x, gamma, beta, moving_mean, moving_variance, epsilon=1e-3):
    """Gamma and beta are swapped: gamma multiplies, beta is added."""
    return beta * (x - moving_mean) / tf.sqrt(moving_variance + epsilon) + gamma


@mistake("batch_norm_inference")
def inference_beta_before_gamma(x, gamma, beta, moving_mean, moving_variance, epsilon=1e-3):
    """Beta was added before gamma multiplied, so the shift is scaled as well.

    Look at the last line of the algorithm.
    """
    return gamma * ((x - moving_mean) / tf.sqrt(moving_variance + epsilon) + beta)


@mistake("batch_norm_inference")
def inference_no_gamma_beta(x, gamma, beta, moving_mean, moving_variance, epsilon=1e-3):
    """You return the normalized input itself. The scale gamma and the shift beta are missing."""
    return (x - moving_mean) / tf.sqrt(moving_variance + epsilon)


@mistake("batch_norm_inference")
def inference_numpy(x, gamma, beta, moving_mean, moving_variance, epsilon=1e-3):
    """The values are right, but they were computed by NumPy, where no gradient tape can follow.

    Replace each NumPy call by its TensorFlow counterpart, and do not call `.numpy()`.
    """
    std = np.sqrt(moving_variance.numpy() + epsilon)
    return tf.constant(gamma.numpy() * (x.numpy() - moving_mean.numpy()) / std + beta.numpy())


@mistake("batch_norm_inference")
def inference_float64(x, gamma, beta, moving_mean, moving_variance, epsilon=1e-3):
    """The values are right, but they come back in float64. Stay in the dtype of x all the way: look for a cast, or for
    a NumPy float64 number among the factors."""
    x, gamma, beta, moving_mean, moving_variance = (
        tf.cast(tensor, tf.float64) for tensor in (x, gamma, beta, moving_mean, moving_variance)
    )
    return gamma * (x - moving_mean) / tf.sqrt(moving_variance + epsilon) + beta


@mistake("batch_norm_inference")
def inference_statistics_returned(x, gamma, beta, moving_mean, moving_variance, epsilon=1e-3):
    """y is right, but the moving statistics are returned along with it.

    Inference does not change them: return y alone.
    """
    y = gamma * (x - moving_mean) / tf.sqrt(moving_variance + epsilon) + beta
    return y, moving_mean, moving_variance


@mistake("batch_norm_inference")
def inference_library(x, gamma, beta, moving_mean, moving_variance, epsilon=1e-3):
    """A library function does the work, under whatever name it is called. Here you write the formula yourself.

    It is one line of arithmetic. `batch_norm_tf`, at the end of the notebook, is the place for the library.
    """
    normalize = tf.nn.batch_normalization
    return normalize(x, moving_mean, moving_variance, beta, gamma, epsilon)


# batch_norm_backward


@mistake("batch_norm_backward")
def backward_frozen_statistics(dy, x, gamma, epsilon=1e-3):
    """dx has the direct path only, as if the mean and the variance were constants.

    They depend on x too: add the path through the variance and the path through the mean.
    """
    axes = list(range(len(x.shape) - 1))
    mean = tf.reduce_mean(x, axes)
    std = tf.sqrt(tf.reduce_mean((x - mean) ** 2, axes) + epsilon)
    x_hat = (x - mean) / std
    return gamma * dy / std, tf.reduce_sum(dy * x_hat, axes), tf.reduce_sum(dy, axes)


@mistake("batch_norm_backward")
def backward_no_mean_path(dy, x, gamma, epsilon=1e-3):
    """The path through the mean is missing in dx. A sign to look for: each channel of dx must sum to 0."""
    axes = list(range(len(x.shape) - 1))
    mean = tf.reduce_mean(x, axes)
    std = tf.sqrt(tf.reduce_mean((x - mean) ** 2, axes) + epsilon)
    x_hat = (x - mean) / std
    dx = gamma / std * (dy - x_hat * tf.reduce_mean(dy * x_hat, axes))
    return dx, tf.reduce_sum(dy * x_hat, axes), tf.reduce_sum(dy, axes)


@mistake("batch_norm_backward")
def backward_no_variance_path(dy, x, gamma, epsilon=1e-3):
    """The path through the variance is missing in dx: the last of the three terms, the one along x_hat."""
    axes = list(range(len(x.shape) - 1))
    mean = tf.reduce_mean(x, axes)
    std = tf.sqrt(tf.reduce_mean((x - mean) ** 2, axes) + epsilon)
    x_hat = (x - mean) / std
    dx = gamma / std * (dy - tf.reduce_mean(dy, axes))
    return dx, tf.reduce_sum(dy * x_hat, axes), tf.reduce_sum(dy, axes)


@mistake("batch_norm_backward")
def backward_sums_for_means(dy, x, gamma, epsilon=1e-3):
    """dx subtracts sums where it should subtract means: a factor 1/m is missing in the paths through mean and
    variance.
    """
    axes = list(range(len(x.shape) - 1))
    mean = tf.reduce_mean(x, axes)
    std = tf.sqrt(tf.reduce_mean((x - mean) ** 2, axes) + epsilon)
    x_hat = (x - mean) / std
    dgamma, dbeta = tf.reduce_sum(dy * x_hat, axes), tf.reduce_sum(dy, axes)
    return gamma / std * (dy - dbeta - x_hat * dgamma), dgamma, dbeta


@mistake("batch_norm_backward")
def backward_divided_by_batch_size(dy, x, gamma, epsilon=1e-3):
    """In dx the sums are divided by the number of images, but they have more terms than that.

    A channel has one entry per image and pixel: what is m for shape (n, h, w, c)?
    """
    axes = list(range(len(x.shape) - 1))
    mean = tf.reduce_mean(x, axes)
    std = tf.sqrt(tf.reduce_mean((x - mean) ** 2, axes) + epsilon)
    x_hat = (x - mean) / std
    dgamma, dbeta = tf.reduce_sum(dy * x_hat, axes), tf.reduce_sum(dy, axes)
    m = x.shape[0]
    return gamma / std * (dy - dbeta / m - x_hat * dgamma / m), dgamma, dbeta


@mistake("batch_norm_backward")
def backward_means_for_sums(dy, x, gamma, epsilon=1e-3):
    """dx is right, but dgamma and dbeta are means over the batch.

    The backward pass of a broadcast is a sum: an average would belong to the loss, and dy has it already.
    """
    axes = list(range(len(x.shape) - 1))
    mean = tf.reduce_mean(x, axes)
    std = tf.sqrt(tf.reduce_mean((x - mean) ** 2, axes) + epsilon)
    x_hat = (x - mean) / std
    dgamma, dbeta = tf.reduce_mean(dy * x_hat, axes), tf.reduce_mean(dy, axes)
    return gamma / std * (dy - dbeta - x_hat * dgamma), dgamma, dbeta


@mistake("batch_norm_backward")
def backward_second_moment(dy, x, gamma, epsilon=1e-3):
    """The variance is the mean of the squares minus the square of the mean, which in float32 loses its digits.

    Subtract the mean first, then square.
    """
    axes = list(range(len(x.shape) - 1))
    mean = tf.reduce_mean(x, axes)
    std = tf.sqrt(tf.reduce_mean(tf.square(x), axes) - tf.square(mean) + epsilon)
    x_hat = (x - mean) / std
    dgamma, dbeta = tf.reduce_sum(dy * x_hat, axes), tf.reduce_sum(dy, axes)
    return gamma / std * (dy - tf.reduce_mean(dy, axes) - x_hat * tf.reduce_mean(dy * x_hat, axes)), dgamma, dbeta


@mistake("batch_norm_backward")
def backward_dgamma_of_x(dy, x, gamma, epsilon=1e-3):
    """dgamma multiplies dy by x itself. What gamma multiplies in the forward pass is the normalized x_hat."""
    axes = list(range(len(x.shape) - 1))
    mean = tf.reduce_mean(x, axes)
    std = tf.sqrt(tf.reduce_mean((x - mean) ** 2, axes) + epsilon)
    x_hat = (x - mean) / std
    dx = gamma / std * (dy - tf.reduce_mean(dy, axes) - x_hat * tf.reduce_mean(dy * x_hat, axes))
    return dx, tf.reduce_sum(dy * x, axes), tf.reduce_sum(dy, axes)


@mistake("batch_norm_backward")
def backward_dgamma_not_divided(dy, x, gamma, epsilon=1e-3):
    """dgamma uses the centred x - mean, which was not yet divided by the root.

    Gamma multiplies x_hat in the forward pass.
    """
    axes = list(range(len(x.shape) - 1))
    mean = tf.reduce_mean(x, axes)
    std = tf.sqrt(tf.reduce_mean((x - mean) ** 2, axes) + epsilon)
    x_hat = (x - mean) / std
    dx = gamma / std * (dy - tf.reduce_mean(dy, axes) - x_hat * tf.reduce_mean(dy * x_hat, axes))
    return dx, tf.reduce_sum(dy * (x - mean), axes), tf.reduce_sum(dy, axes)


@mistake("batch_norm_backward")
def backward_not_summed(dy, x, gamma, epsilon=1e-3):
    """dgamma and dbeta still have the shape of x. Gamma and beta are one number per channel, used at every entry of it:
    their gradients are sums over all these entries."""
    axes = list(range(len(x.shape) - 1))
    mean = tf.reduce_mean(x, axes)
    std = tf.sqrt(tf.reduce_mean((x - mean) ** 2, axes) + epsilon)
    x_hat = (x - mean) / std
    dx = gamma / std * (dy - tf.reduce_mean(dy, axes) - x_hat * tf.reduce_mean(dy * x_hat, axes))
    return dx, dy * x_hat, dy


@mistake("batch_norm_backward")
def backward_kept_dims(dy, x, gamma, epsilon=1e-3):
    """dgamma and dbeta have axes of length 1 in front: they come from `keepdims=True`.

    They must have the shape of gamma, one entry per channel.
    """
    axes = list(range(len(x.shape) - 1))
    mean = tf.reduce_mean(x, axes, keepdims=True)
    std = tf.sqrt(tf.reduce_mean((x - mean) ** 2, axes, keepdims=True) + epsilon)
    x_hat = (x - mean) / std
    dx = gamma / std * (dy - tf.reduce_mean(dy, axes) - x_hat * tf.reduce_mean(dy * x_hat, axes))
    return dx, tf.reduce_sum(dy * x_hat, axes, keepdims=True), tf.reduce_sum(dy, axes, keepdims=True)


@mistake("batch_norm_backward")
def backward_batch_axis_only(dy, x, gamma, epsilon=1e-3):
    """All means and sums run over the batch axis alone. For images they run over height and width as well:
    dgamma and dbeta have one entry per channel."""
    mean = tf.reduce_mean(x, axis=0)
    std = tf.sqrt(tf.reduce_mean((x - mean) ** 2, axis=0) + epsilon)
    x_hat = (x - mean) / std
    dx = gamma / std * (dy - tf.reduce_mean(dy, axis=0) - x_hat * tf.reduce_mean(dy * x_hat, axis=0))
    return dx, tf.reduce_sum(dy * x_hat, axis=0), tf.reduce_sum(dy, axis=0)


@mistake("batch_norm_backward")
def backward_all_axes(dy, x, gamma, epsilon=1e-3):
    """The mean and the variance are single numbers over the whole tensor, so the channels are mixed.

    Each channel has its own statistics and its own gradient: which axis must the means not run over?
    """
    axes = list(range(len(x.shape) - 1))
    mean = tf.reduce_mean(x)
    std = tf.sqrt(tf.reduce_mean((x - mean) ** 2) + epsilon)
    x_hat = (x - mean) / std
    dx = gamma / std * (dy - tf.reduce_mean(dy) - x_hat * tf.reduce_mean(dy * x_hat))
    return dx, tf.reduce_sum(dy * x_hat, axes), tf.reduce_sum(dy, axes)


@mistake("batch_norm_backward")
def backward_no_gamma(dy, x, gamma, epsilon=1e-3):
    """Gamma is missing in dx. On its way back dy passes the multiplication by gamma first."""
    axes = list(range(len(x.shape) - 1))
    mean = tf.reduce_mean(x, axes)
    std = tf.sqrt(tf.reduce_mean((x - mean) ** 2, axes) + epsilon)
    x_hat = (x - mean) / std
    dx = (dy - tf.reduce_mean(dy, axes) - x_hat * tf.reduce_mean(dy * x_hat, axes)) / std
    return dx, tf.reduce_sum(dy * x_hat, axes), tf.reduce_sum(dy, axes)


@mistake("batch_norm_backward")
def backward_gamma_in_dgamma(dy, x, gamma, epsilon=1e-3):
    """dx and dbeta are right, but dgamma is multiplied by gamma: the gradient of x_hat was used in place of dy.

    Gamma's own gradient is taken where gamma stands, before dy is multiplied by it.
    """
    axes = list(range(len(x.shape) - 1))
    mean = tf.reduce_mean(x, axes)
    std = tf.sqrt(tf.reduce_mean((x - mean) ** 2, axes) + epsilon)
    x_hat = (x - mean) / std
    dx_hat = gamma * dy
    dx = (dx_hat - tf.reduce_mean(dx_hat, axes) - x_hat * tf.reduce_mean(dx_hat * x_hat, axes)) / std
    return dx, tf.reduce_sum(dx_hat * x_hat, axes), tf.reduce_sum(dy, axes)


@mistake("batch_norm_backward")
def backward_no_root(dy, x, gamma, epsilon=1e-3):
    """The root is missing: the variance plus epsilon divides directly. x_hat and dx both need its square root."""
    axes = list(range(len(x.shape) - 1))
    mean = tf.reduce_mean(x, axes)
    std = tf.reduce_mean((x - mean) ** 2, axes) + epsilon
    x_hat = (x - mean) / std
    dx = gamma / std * (dy - tf.reduce_mean(dy, axes) - x_hat * tf.reduce_mean(dy * x_hat, axes))
    return dx, tf.reduce_sum(dy * x_hat, axes), tf.reduce_sum(dy, axes)


@mistake("batch_norm_backward")
def backward_not_divided(dy, x, gamma, epsilon=1e-3):
    """dx lacks the division by the root of variance plus epsilon. The gradient passes that division too."""
    axes = list(range(len(x.shape) - 1))
    mean = tf.reduce_mean(x, axes)
    std = tf.sqrt(tf.reduce_mean((x - mean) ** 2, axes) + epsilon)
    x_hat = (x - mean) / std
    dx = gamma * (dy - tf.reduce_mean(dy, axes) - x_hat * tf.reduce_mean(dy * x_hat, axes))
    return dx, tf.reduce_sum(dy * x_hat, axes), tf.reduce_sum(dy, axes)


@mistake("batch_norm_backward")
def backward_x_for_x_hat(dy, x, gamma, epsilon=1e-3):
    """In dx the last term is along x itself. Subtract the part along the normalized x_hat."""
    axes = list(range(len(x.shape) - 1))
    mean = tf.reduce_mean(x, axes)
    std = tf.sqrt(tf.reduce_mean((x - mean) ** 2, axes) + epsilon)
    x_hat = (x - mean) / std
    dx = gamma / std * (dy - tf.reduce_mean(dy, axes) - x * tf.reduce_mean(dy * x_hat, axes))
    return dx, tf.reduce_sum(dy * x_hat, axes), tf.reduce_sum(dy, axes)


@mistake("batch_norm_backward")
def backward_variance_sign(dy, x, gamma, epsilon=1e-3):
    """The path through the variance has the wrong sign. A larger variance makes y smaller: where did the minus of the
    exponent -1/2 go?"""
    axes = list(range(len(x.shape) - 1))
    mean = tf.reduce_mean(x, axes)
    std = tf.sqrt(tf.reduce_mean((x - mean) ** 2, axes) + epsilon)
    x_hat = (x - mean) / std
    dx = gamma / std * (dy - tf.reduce_mean(dy, axes) + x_hat * tf.reduce_mean(dy * x_hat, axes))
    return dx, tf.reduce_sum(dy * x_hat, axes), tf.reduce_sum(dy, axes)


@mistake("batch_norm_backward")
def backward_power_of_variance(dy, x, gamma, epsilon=1e-3):
    """The derivative of 1 / sqrt(variance + epsilon) keeps the exponent -1/2.

    Differentiating lowers it by one, to -3/2.
    """
    axes = list(range(len(x.shape) - 1))
    m = int(np.prod(x.shape[:-1]))
    mean = tf.reduce_mean(x, axes)
    std = tf.sqrt(tf.reduce_mean((x - mean) ** 2, axes) + epsilon)
    dx_hat = dy * gamma
    dvariance = tf.reduce_sum(dx_hat * (x - mean), axes) * -0.5 / std
    dmean = -tf.reduce_sum(dx_hat, axes) / std
    dx = dx_hat / std + dvariance * 2 * (x - mean) / m + dmean / m
    return dx, tf.reduce_sum(dy * (x - mean) / std, axes), tf.reduce_sum(dy, axes)


@mistake("batch_norm_backward")
def backward_factor_two(dy, x, gamma, epsilon=1e-3):
    """The path through the variance is half of what it should be: the derivative of a square has a factor 2."""
    axes = list(range(len(x.shape) - 1))
    m = int(np.prod(x.shape[:-1]))
    mean = tf.reduce_mean(x, axes)
    std = tf.sqrt(tf.reduce_mean((x - mean) ** 2, axes) + epsilon)
    dx_hat = dy * gamma
    dvariance = tf.reduce_sum(dx_hat * (x - mean), axes) * -0.5 / std**3
    dmean = -tf.reduce_sum(dx_hat, axes) / std
    dx = dx_hat / std + dvariance * (x - mean) / m + dmean / m
    return dx, tf.reduce_sum(dy * (x - mean) / std, axes), tf.reduce_sum(dy, axes)


@mistake("batch_norm_backward")
def backward_sample_variance(dy, x, gamma, epsilon=1e-3):
    """The variance is divided by m - 1 (the sample variance). The forward pass uses the biased one, divided by m."""
    axes = list(range(len(x.shape) - 1))
    m = int(np.prod(x.shape[:-1]))
    mean = tf.reduce_mean(x, axes)
    std = tf.sqrt(tf.reduce_sum((x - mean) ** 2, axes) / (m - 1) + epsilon)
    x_hat = (x - mean) / std
    dx = gamma / std * (dy - tf.reduce_mean(dy, axes) - x_hat * tf.reduce_mean(dy * x_hat, axes))
    return dx, tf.reduce_sum(dy * x_hat, axes), tf.reduce_sum(dy, axes)


@mistake("batch_norm_backward")
def backward_epsilon_missing(dy, x, gamma, epsilon=1e-3):
    """Epsilon is not used. It is under the root in the forward pass, so it is in the backward pass too."""
    axes = list(range(len(x.shape) - 1))
    mean = tf.reduce_mean(x, axes)
    std = tf.sqrt(tf.reduce_mean((x - mean) ** 2, axes))
    x_hat = (x - mean) / std
    dx = gamma / std * (dy - tf.reduce_mean(dy, axes) - x_hat * tf.reduce_mean(dy * x_hat, axes))
    return dx, tf.reduce_sum(dy * x_hat, axes), tf.reduce_sum(dy, axes)


@mistake("batch_norm_backward")
def backward_epsilon_outside_root(dy, x, gamma, epsilon=1e-3):
    """Epsilon was added to the standard deviation. It belongs to the variance, before the root is taken."""
    axes = list(range(len(x.shape) - 1))
    mean = tf.reduce_mean(x, axes)
    std = tf.sqrt(tf.reduce_mean((x - mean) ** 2, axes)) + epsilon
    x_hat = (x - mean) / std
    dx = gamma / std * (dy - tf.reduce_mean(dy, axes) - x_hat * tf.reduce_mean(dy * x_hat, axes))
    return dx, tf.reduce_sum(dy * x_hat, axes), tf.reduce_sum(dy, axes)


@mistake("batch_norm_backward")
def backward_epsilon_fixed(dy, x, gamma, epsilon=1e-3):
    """Epsilon is always 0.001, whatever the caller asks for. Use the argument instead of the number."""
    axes = list(range(len(x.shape) - 1))
    mean = tf.reduce_mean(x, axes)
    std = tf.sqrt(tf.reduce_mean((x - mean) ** 2, axes) + 1e-3)
    x_hat = (x - mean) / std
    dx = gamma / std * (dy - tf.reduce_mean(dy, axes) - x_hat * tf.reduce_mean(dy * x_hat, axes))
    return dx, tf.reduce_sum(dy * x_hat, axes), tf.reduce_sum(dy, axes)


@mistake("batch_norm_backward")
def backward_outputs_swapped(dy, x, gamma, epsilon=1e-3):
    """The three gradients are right, but the last two are in the wrong order: dx, then dgamma, then dbeta."""
    axes = list(range(len(x.shape) - 1))
    mean = tf.reduce_mean(x, axes)
    std = tf.sqrt(tf.reduce_mean((x - mean) ** 2, axes) + epsilon)
    x_hat = (x - mean) / std
    dx = gamma / std * (dy - tf.reduce_mean(dy, axes) - x_hat * tf.reduce_mean(dy * x_hat, axes))
    return dx, tf.reduce_sum(dy, axes), tf.reduce_sum(dy * x_hat, axes)


@mistake("batch_norm_backward")
def backward_only_dx(dy, x, gamma, epsilon=1e-3):
    """Only dx is returned. The gradients of gamma and beta belong in the result as well."""
    axes = list(range(len(x.shape) - 1))
    mean = tf.reduce_mean(x, axes)
    std = tf.sqrt(tf.reduce_mean((x - mean) ** 2, axes) + epsilon)
    x_hat = (x - mean) / std
    return gamma / std * (dy - tf.reduce_mean(dy, axes) - x_hat * tf.reduce_mean(dy * x_hat, axes))


@mistake("batch_norm_backward")
def backward_float64(dy, x, gamma, epsilon=1e-3):
    """The values are right, but they come back in float64. Stay in the dtype of x all the way: look for a cast, or for
    a NumPy float64 number among the factors."""
    dy, x, gamma = (tf.cast(tensor, tf.float64) for tensor in (dy, x, gamma))
    axes = list(range(len(x.shape) - 1))
    mean = tf.reduce_mean(x, axes)
    std = tf.sqrt(tf.reduce_mean((x - mean) ** 2, axes) + epsilon)
    x_hat = (x - mean) / std
    dx = gamma / std * (dy - tf.reduce_mean(dy, axes) - x_hat * tf.reduce_mean(dy * x_hat, axes))
    return dx, tf.reduce_sum(dy * x_hat, axes), tf.reduce_sum(dy, axes)


@mistake("batch_norm_backward")
def backward_library(dy, x, gamma, epsilon=1e-3):
    """A gradient tape or the library's batch normalization does the work, but this question asks for the derivation.

    Follow dy back through the algorithm, line by line, as the text above does.
    """
    axes = list(range(len(x.shape) - 1))
    beta = tf.zeros_like(gamma)
    with tf.GradientTape() as tape:
        tape.watch([x, gamma, beta])
        mean = tf.reduce_mean(x, axes)
        variance = tf.reduce_mean((x - mean) ** 2, axes)
        y = gamma * (x - mean) / tf.sqrt(variance + epsilon) + beta
    return tuple(tape.gradient(y, [x, gamma, beta], output_gradients=dy))


# fold_batch_norm


@mistake("fold_batch_norm")
def fold_no_root(filters, gamma, beta, moving_mean, moving_variance, epsilon=1e-3):
    """The scale divides by the variance. Divide by the standard deviation: a square root is missing."""
    scale = gamma / (moving_variance + epsilon)
    return filters * scale, beta - moving_mean * scale


@mistake("fold_batch_norm")
def fold_epsilon_missing(filters, gamma, beta, moving_mean, moving_variance, epsilon=1e-3):
    """Epsilon is not used. The layer you fold has it under its root, so the folded filters need it too."""
    scale = gamma / tf.sqrt(moving_variance)
    return filters * scale, beta - moving_mean * scale


@mistake("fold_batch_norm")
def fold_epsilon_outside_root(filters, gamma, beta, moving_mean, moving_variance, epsilon=1e-3):
    """Epsilon was added to the standard deviation. It belongs to the variance, before the root is taken."""
    scale = gamma / (tf.sqrt(moving_variance) + epsilon)
    return filters * scale, beta - moving_mean * scale


@mistake("fold_batch_norm")
def fold_epsilon_fixed(filters, gamma, beta, moving_mean, moving_variance, epsilon=1e-3):
    """Epsilon is always 0.001, whatever the caller asks for. Use the argument instead of the number."""
    scale = gamma / tf.sqrt(moving_variance + 1e-3)
    return filters * scale, beta - moving_mean * scale


@mistake("fold_batch_norm")
def fold_multiplied_by_std(filters, gamma, beta, moving_mean, moving_variance, epsilon=1e-3):
    """The scale multiplies by the standard deviation where it should divide. Did you mix up `sqrt` and `rsqrt`?"""
    scale = gamma * tf.sqrt(moving_variance + epsilon)
    return filters * scale, beta - moving_mean * scale


@mistake("fold_batch_norm")
def fold_mean_not_scaled(filters, gamma, beta, moving_mean, moving_variance, epsilon=1e-3):
    """The filters are right, but the bias subtracts the moving mean as it is.

    Write batch normalization of (w * x) out and expand the parentheses: what multiplies the mean?
    """
    scale = gamma / tf.sqrt(moving_variance + epsilon)
    return filters * scale, beta - moving_mean


@mistake("fold_batch_norm")
def fold_mean_ignored(filters, gamma, beta, moving_mean, moving_variance, epsilon=1e-3):
    """The filters are right, but the bias is beta alone. The moving mean that batch normalization subtracts is lost."""
    scale = gamma / tf.sqrt(moving_variance + epsilon)
    return filters * scale, beta


@mistake("fold_batch_norm")
def fold_mean_sign(filters, gamma, beta, moving_mean, moving_variance, epsilon=1e-3):
    """The filters are right, but in the bias the mean has the wrong sign: batch normalization subtracts it."""
    scale = gamma / tf.sqrt(moving_variance + epsilon)
    return filters * scale, beta + moving_mean * scale


@mistake("fold_batch_norm")
def fold_beta_scaled(filters, gamma, beta, moving_mean, moving_variance, epsilon=1e-3):
    """The filters are right, but in the bias beta is scaled along with the mean.

    Beta is added last, after the scale.
    """
    scale = gamma / tf.sqrt(moving_variance + epsilon)
    return filters * scale, (beta - moving_mean) * scale


@mistake("fold_batch_norm")
def fold_bias_not_divided(filters, gamma, beta, moving_mean, moving_variance, epsilon=1e-3):
    """The filters are right, but in the bias the mean is multiplied by gamma without being divided by the root.

    The mean gets the same scale as the filters.
    """
    scale = gamma / tf.sqrt(moving_variance + epsilon)
    return filters * scale, beta - gamma * moving_mean


@mistake("fold_batch_norm")
def fold_gamma_missing(filters, gamma, beta, moving_mean, moving_variance, epsilon=1e-3):
    """Gamma is missing: the filters were scaled by 1 over the root alone."""
    scale = 1 / tf.sqrt(moving_variance + epsilon)
    return filters * scale, beta - moving_mean * scale


@mistake("fold_batch_norm")
def fold_gamma_missing_in_bias(filters, gamma, beta, moving_mean, moving_variance, epsilon=1e-3):
    """The filters are right, but in the bias gamma is missing. The mean gets the same scale as the filters."""
    std = tf.sqrt(moving_variance + epsilon)
    return filters * gamma / std, beta - moving_mean / std


@mistake("fold_batch_norm")
def fold_gamma_beta_swapped(filters, gamma, beta, moving_mean, moving_variance, epsilon=1e-3):
    """Gamma and beta are swapped: gamma multiplies, beta is added."""
    scale = beta / tf.sqrt(moving_variance + epsilon)
    return filters * scale, gamma - moving_mean * scale


@mistake("fold_batch_norm")
def fold_input_channels(filters, gamma, beta, moving_mean, moving_variance, epsilon=1e-3):
    """The scale runs along the input channels of the filters.

    Batch normalization acts on the output of the convolution: which axis of (kh, kw, c_in, c_out) is that?
    """
    scale = gamma / tf.sqrt(moving_variance + epsilon)
    return filters * scale[:, None], beta - moving_mean * scale


@mistake("fold_batch_norm")
def fold_normalized_filters(filters, gamma, beta, moving_mean, moving_variance, epsilon=1e-3):
    """Batch normalization was applied to the filters as if they were activations: mean subtracted, beta added.

    The filters are only scaled; everything that does not multiply x goes into the bias.
    """
    scale = gamma / tf.sqrt(moving_variance + epsilon)
    return (filters - moving_mean) * scale + beta, beta - moving_mean * scale


@mistake("fold_batch_norm")
def fold_filter_statistics(filters, gamma, beta, moving_mean, moving_variance, epsilon=1e-3):
    """The mean and the variance were computed from the filters. Use the moving ones: they describe the output of the
    convolution, which is what the folded layer normalized."""
    mean, variance = tf.nn.moments(filters, [0, 1, 2])
    scale = gamma / tf.sqrt(variance + epsilon)
    return filters * scale, beta - mean * scale


@mistake("fold_batch_norm")
def fold_filters_unscaled(filters, gamma, beta, moving_mean, moving_variance, epsilon=1e-3):
    """The bias is right, but the filters come back as they went in. Each output channel's filter has to be scaled."""
    scale = gamma / tf.sqrt(moving_variance + epsilon)
    return filters, beta - moving_mean * scale


@mistake("fold_batch_norm")
def fold_bias_with_axes(filters, gamma, beta, moving_mean, moving_variance, epsilon=1e-3):
    """The numbers are right, but the bias has axes of length 1 in front. It must have one axis, the output channels."""
    scale = (gamma / tf.sqrt(moving_variance + epsilon))[None, None, None, :]
    return filters * scale, beta - moving_mean * scale


@mistake("fold_batch_norm")
def fold_outputs_swapped(filters, gamma, beta, moving_mean, moving_variance, epsilon=1e-3):
    """Both results are right, but in the wrong order: the filters, then the bias."""
    scale = gamma / tf.sqrt(moving_variance + epsilon)
    return beta - moving_mean * scale, filters * scale


@mistake("fold_batch_norm")
def fold_only_filters(filters, gamma, beta, moving_mean, moving_variance, epsilon=1e-3):
    """Only the filters are returned.

    The folded convolution has a bias as well, even though the one before it had none.
    """
    return filters * gamma / tf.sqrt(moving_variance + epsilon)


@mistake("fold_batch_norm")
def fold_numpy(filters, gamma, beta, moving_mean, moving_variance, epsilon=1e-3):
    """The values are right, but they were computed by NumPy, where no gradient tape can follow.

    Replace each NumPy call by its TensorFlow counterpart, and do not call `.numpy()`.
    """
    scale = gamma.numpy() / np.sqrt(moving_variance.numpy() + epsilon)
    return tf.constant(filters.numpy() * scale), tf.constant(beta.numpy() - moving_mean.numpy() * scale)


@mistake("fold_batch_norm")
def fold_float64(filters, gamma, beta, moving_mean, moving_variance, epsilon=1e-3):
    """The values are right, but they come back in float64.

    Stay in the dtype of the filters all the way: look for a cast, or for a NumPy float64 number among the
    factors.
    """
    filters, gamma, beta, moving_mean, moving_variance = (
        tf.cast(tensor, tf.float64) for tensor in (filters, gamma, beta, moving_mean, moving_variance)
    )
    scale = gamma / tf.sqrt(moving_variance + epsilon)
    return filters * scale, beta - moving_mean * scale


# batch_norm_tf


@mistake("batch_norm_tf")
def tf_batch_axis_only(x, gamma, beta, epsilon=1e-3):
    """The moments run over the batch axis alone, so every pixel of an image gets its own mean.

    For images they run over height and width as well: the mean should have one entry per channel.
    """
    mean, variance = tf.nn.moments(x, axes=[0])
    return tf.nn.batch_normalization(x, mean, variance, beta, gamma, epsilon)


@mistake("batch_norm_tf")
def tf_all_axes(x, gamma, beta, epsilon=1e-3):
    """The moments run over all axes, so the channels are mixed.

    Each channel is normalized by itself: leave the last axis out.
    """
    mean, variance = tf.nn.moments(x, axes=list(range(len(x.shape))))
    return tf.nn.batch_normalization(x, mean, variance, beta, gamma, epsilon)


@mistake("batch_norm_tf")
def tf_space_only(x, gamma, beta, epsilon=1e-3):
    """Each image is normalized by itself, over its height and width only (that is instance normalization).

    The moments of batch normalization run over the examples of the batch as well.
    """
    mean, variance = tf.nn.moments(x, axes=[0] if len(x.shape) == 2 else [1, 2], keepdims=True)
    return tf.nn.batch_normalization(x, mean, variance, beta, gamma, epsilon)


@mistake("batch_norm_tf")
def tf_channel_axis(x, gamma, beta, epsilon=1e-3):
    """The moments run over the channels.

    `tf.nn.moments` wants the axes to average away: all but the channels, where the Keras layer's `axis` names the
    channels themselves.
    """
    mean, variance = tf.nn.moments(x, axes=[-1], keepdims=True)
    return tf.nn.batch_normalization(x, mean, variance, beta, gamma, epsilon)


@mistake("batch_norm_tf")
def tf_channels_first(x, gamma, beta, epsilon=1e-3):
    """Axis 1 was taken for the channels, as in PyTorch, but here images are NHWC: axis 1 is the height.

    Keep the last axis and average over all the others.
    """
    mean, variance = tf.nn.moments(x, axes=[0] if len(x.shape) == 2 else [0, 2, 3], keepdims=True)
    return tf.nn.batch_normalization(x, mean, variance, beta, gamma, epsilon)


@mistake("batch_norm_tf")
def tf_offset_scale_swapped(x, gamma, beta, epsilon=1e-3):
    """Gamma and beta are swapped: `tf.nn.batch_normalization` takes the offset first and the scale second.

    Pass them by name.
    """
    mean, variance = tf.nn.moments(x, axes=list(range(len(x.shape) - 1)))
    return tf.nn.batch_normalization(x, mean, variance, gamma, beta, epsilon)


@mistake("batch_norm_tf")
def tf_moments_swapped(x, gamma, beta, epsilon=1e-3):
    """The mean and the variance are swapped: `tf.nn.moments` returns the mean first."""
    variance, mean = tf.nn.moments(x, axes=list(range(len(x.shape) - 1)))
    return tf.nn.batch_normalization(x, mean, variance, beta, gamma, epsilon)


@mistake("batch_norm_tf")
def tf_epsilon_fixed(x, gamma, beta, epsilon=1e-3):
    """Epsilon is always 0.001, whatever the caller asks for. Use the argument instead of the number."""
    mean, variance = tf.nn.moments(x, axes=list(range(len(x.shape) - 1)))
    return tf.nn.batch_normalization(x, mean, variance, beta, gamma, 1e-3)


@mistake("batch_norm_tf")
def tf_epsilon_missing(x, gamma, beta, epsilon=1e-3):
    """Epsilon is 0. Small variances are blown up, and a dead channel gives NaN: pass the argument on."""
    mean, variance = tf.nn.moments(x, axes=list(range(len(x.shape) - 1)))
    return tf.nn.batch_normalization(x, mean, variance, beta, gamma, 0.0)


@mistake("batch_norm_tf")
def tf_epsilon_twice(x, gamma, beta, epsilon=1e-3):
    """Epsilon is counted twice: you add it to the variance, and `tf.nn.batch_normalization` does so again."""
    mean, variance = tf.nn.moments(x, axes=list(range(len(x.shape) - 1)))
    return tf.nn.batch_normalization(x, mean, variance + epsilon, beta, gamma, epsilon)


@mistake("batch_norm_tf")
def tf_root_twice(x, gamma, beta, epsilon=1e-3):
    """`tf.nn.batch_normalization` got the standard deviation. It wants the variance and takes the root itself."""
    mean, variance = tf.nn.moments(x, axes=list(range(len(x.shape) - 1)))
    return tf.nn.batch_normalization(x, mean, tf.sqrt(variance), beta, gamma, epsilon)


@mistake("batch_norm_tf")
def tf_sample_variance(x, gamma, beta, epsilon=1e-3):
    """The variance was turned into the sample variance (m - 1).

    Use what `tf.nn.moments` gives: the biased one is right.
    """
    mean, variance = tf.nn.moments(x, axes=list(range(len(x.shape) - 1)))
    m = int(np.prod(x.shape[:-1]))
    return tf.nn.batch_normalization(x, mean, variance * m / (m - 1), beta, gamma, epsilon)


@mistake("batch_norm_tf")
def tf_no_gamma_beta(x, gamma, beta, epsilon=1e-3):
    """You return the normalized batch itself: your gamma and beta are not used, and get no gradient.

    Pass them as scale and offset. (A Keras layer has weights of its own, so it does not answer this question.)
    """
    mean, variance = tf.nn.moments(x, axes=list(range(len(x.shape) - 1)))
    return tf.nn.batch_normalization(x, mean, variance, None, None, epsilon)


@mistake("batch_norm_tf")
def tf_constant_statistics(x, gamma, beta, epsilon=1e-3):
    """The values are right, but the gradient treats the mean and the variance as constants.

    They depend on x too. Look for `tf.stop_gradient`, `.numpy()` or a NumPy function between the two calls.
    """
    mean, variance = tf.nn.moments(tf.stop_gradient(x), axes=list(range(len(x.shape) - 1)))
    return tf.nn.batch_normalization(x, mean, variance, beta, gamma, epsilon)


@mistake("batch_norm_tf")
def tf_numpy(x, gamma, beta, epsilon=1e-3):
    """The values are right, but they were computed by NumPy, where no gradient tape can follow.

    The two TensorFlow functions named above do all the work, without `.numpy()`.
    """
    x, gamma, beta = x.numpy(), gamma.numpy(), beta.numpy()
    axes = tuple(range(x.ndim - 1))
    return tf.constant(gamma * (x - x.mean(axes)) / np.sqrt(x.var(axes) + epsilon) + beta)


@mistake("batch_norm_tf")
def tf_float64(x, gamma, beta, epsilon=1e-3):
    """The values are right, but they come back in float64. Stay in the dtype of x all the way: look for a cast, or for
    a NumPy float64 number among the factors."""
    x, gamma, beta = (tf.cast(tensor, tf.float64) for tensor in (x, gamma, beta))
    mean, variance = tf.nn.moments(x, axes=list(range(len(x.shape) - 1)))
    return tf.nn.batch_normalization(x, mean, variance, beta, gamma, epsilon)


@mistake("batch_norm_tf")
def tf_moments_returned(x, gamma, beta, epsilon=1e-3):
    """y is right, but the mean and the variance are returned along with it. This function returns y alone."""
    mean, variance = tf.nn.moments(x, axes=list(range(len(x.shape) - 1)))
    return tf.nn.batch_normalization(x, mean, variance, beta, gamma, epsilon), mean, variance


@mistake("batch_norm_tf")
def tf_keras_layer_inference(x, gamma, beta, epsilon=1e-3):
    """The Keras layer, called plainly, normalizes by its moving statistics, which are still 0 and 1; your gamma and
    beta are unused.

    Compose `tf.nn.moments` and `tf.nn.batch_normalization` instead.
    """
    return tf.keras.layers.BatchNormalization(epsilon=epsilon, dtype=x.dtype.name)(x)


@mistake("batch_norm_tf")
def tf_keras_layer_of_the_slide(x, gamma, beta, epsilon=1e-3):
    """This is the slide's `BatchNormalization(input)`, which passes x to the constructor: a TypeError.

    The erratum above says how to call the layer; for this question combine the two functions of `tf.nn`.
    """
    return tf.keras.layers.BatchNormalization(x)
