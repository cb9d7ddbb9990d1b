"""Batch normalization: right implementations in other styles, and oracles the references are audited against."""

import numpy as np
import tensorflow as tf

from autograder.question import oracle, variant

# batch_norm_train


@variant("batch_norm_train")
def train_by_reduce_variance(x, gamma, beta, moving_mean, moving_variance, momentum=0.99, epsilon=1e-3):
    """Named functions of TensorFlow, and the moving statistics by a step towards the batch's."""
    axes = tuple(range(x.shape.rank))[:-1]
    mean, variance = tf.math.reduce_mean(x, axis=axes), tf.math.reduce_variance(x, axis=axes)
    x_hat = tf.divide(tf.subtract(x, mean), tf.sqrt(tf.add(variance, epsilon)))
    new_mean = moving_mean - (1 - momentum) * (moving_mean - mean)
    new_variance = moving_variance - (1 - momentum) * (moving_variance - variance)
    return tf.multiply(gamma, x_hat) + beta, new_mean, new_variance


@variant("batch_norm_train")
def train_by_matrix_products(x, gamma, beta, moving_mean, moving_variance, momentum=0.99, epsilon=1e-3):
    """One row per entry, and every average a product with a vector of weights."""
    rows = tf.reshape(x, [-1, x.shape[-1]])  # one column per channel
    weights = tf.fill([rows.shape[0]], tf.constant(1 / rows.shape[0], x.dtype))
    mean = tf.einsum("m,mc->c", weights, rows)
    centred = rows - mean
    variance = tf.einsum("m,mc,mc->c", weights, centred, centred)
    y = tf.einsum("mc,c->mc", centred, gamma * tf.pow(variance + epsilon, -0.5)) + beta
    blend = tf.constant([[momentum, 1 - momentum]], x.dtype)
    new_mean = tf.squeeze(blend @ tf.stack([moving_mean, mean]), 0)
    new_variance = tf.squeeze(blend @ tf.stack([moving_variance, variance]), 0)
    return tf.reshape(y, x.shape), new_mean, new_variance


@variant("batch_norm_train")
def train_by_channel_loop(x, gamma, beta, moving_mean, moving_variance, momentum=0.99, epsilon=1e-3):
    """One channel after the other."""
    channels, means, variances = [], [], []
    for c in range(x.shape[-1]):
        channel = x[..., c]
        m = tf.cast(tf.size(channel), x.dtype)
        mean = tf.reduce_sum(channel) / m
        variance = tf.reduce_sum((channel - mean) ** 2) / m
        channels.append(gamma[c] * ((channel - mean) / tf.sqrt(variance + epsilon)) + beta[c])
        means.append(momentum * moving_mean[c] + (1 - momentum) * mean)
        variances.append(momentum * moving_variance[c] + (1 - momentum) * variance)
    return tf.stack(channels, axis=-1), tf.stack(means), tf.stack(variances)


@variant("batch_norm_train")
def train_as_a_line(x, gamma, beta, moving_mean, moving_variance, momentum=0.99, epsilon=1e-3):
    """Slope and intercept per channel, traced into a graph; the axes are a tensor."""

    @tf.function
    def normalize(x, gamma, beta):
        axes = tf.range(tf.rank(x) - 1)
        mean = tf.reduce_mean(x, axes)
        variance = tf.reduce_mean(tf.math.squared_difference(x, mean), axes)
        slope = gamma / tf.sqrt(variance + epsilon)
        return x * slope + (beta - mean * slope), mean, variance

    y, mean, variance = normalize(x, gamma, beta)
    old_and_new = [(moving_mean, mean), (moving_variance, variance)]
    return y, *(old * momentum + new * (1 - momentum) for old, new in old_and_new)


@variant("batch_norm_train")
def train_with_own_gradient(x, gamma, beta, moving_mean, moving_variance, momentum=0.99, epsilon=1e-3):
    """The closed-form backward pass by `tf.custom_gradient`."""
    axes = list(range(len(x.shape) - 1))
    mean = tf.reduce_mean(x, axes)
    variance = tf.reduce_mean(tf.abs(x - mean) ** 2, axes)

    @tf.custom_gradient
    def normalize(x, gamma, beta):
        inverse = tf.math.rsqrt(variance + epsilon)
        x_hat = (x - mean) * inverse

        def backward(dy):
            dgamma, dbeta = tf.reduce_sum(dy * x_hat, axes), tf.reduce_sum(dy, axes)
            m = tf.cast(tf.size(x) / tf.size(gamma), x.dtype)
            return gamma * inverse / m * (m * dy - dbeta - x_hat * dgamma), dgamma, dbeta

        return gamma * x_hat + beta, backward

    new_mean = momentum * moving_mean + (1 - momentum) * mean
    return normalize(x, gamma, beta), new_mean, momentum * moving_variance + (1 - momentum) * variance


@oracle("batch_norm_train")
def train_keras(x, gamma, beta, moving_mean, moving_variance, momentum=0.99, epsilon=1e-3):
    """The Keras layer with the given weights."""
    layer = tf.keras.layers.BatchNormalization(momentum=momentum, epsilon=epsilon, dtype=x.dtype.name)
    layer.build(x.shape)
    layer.set_weights([gamma, beta, moving_mean, moving_variance])
    y = layer(x, training=True)
    return y, tf.convert_to_tensor(layer.moving_mean), tf.convert_to_tensor(layer.moving_variance)


@oracle("batch_norm_train")
def train_loop(x, gamma, beta, moving_mean, moving_variance, momentum=0.99, epsilon=1e-3):
    """Python sums over one channel after the other."""
    x, gamma, beta = np.asarray(x), np.asarray(gamma), np.asarray(beta)
    y, new_mean, new_variance = np.empty_like(x), np.array(moving_mean), np.array(moving_variance)
    for c in range(x.shape[-1]):
        entries = [float(entry) for entry in x[..., c].ravel()]
        mean = sum(entries) / len(entries)
        variance = sum((entry - mean) ** 2 for entry in entries) / len(entries)
        y[..., c] = (x[..., c] - mean) * gamma[c] / (variance + epsilon) ** 0.5 + beta[c]
        new_mean[c] = momentum * new_mean[c] + (1 - momentum) * mean
        new_variance[c] = momentum * new_variance[c] + (1 - momentum) * variance
    return tf.constant(y), tf.constant(new_mean), tf.constant(new_variance)


# batch_norm_inference


@variant("batch_norm_inference")
def inference_as_written(x, gamma, beta, moving_mean, moving_variance, epsilon=1e-3):
    """The formula as it stands."""
    x_hat = (x - moving_mean) / tf.sqrt(moving_variance + epsilon)
    return gamma * x_hat + beta


@variant("batch_norm_inference")
def inference_as_a_line(x, gamma, beta, moving_mean, moving_variance, epsilon=1e-3):
    """Slope and intercept per channel."""
    slope = gamma * (moving_variance + epsilon) ** -0.5
    return x * slope + (beta - slope * moving_mean)


@variant("batch_norm_inference")
def inference_by_diagonal_matrix(x, gamma, beta, moving_mean, moving_variance, epsilon=1e-3):
    """Scaling the channels is a product with a diagonal matrix."""
    diagonal = tf.linalg.diag(gamma / tf.sqrt(moving_variance + epsilon))
    return tf.tensordot(x - moving_mean, diagonal, axes=1) + beta


@variant("batch_norm_inference")
def inference_by_channel_loop(x, gamma, beta, moving_mean, moving_variance, epsilon=1e-3):
    """One channel after the other."""
    arguments = (x, gamma, beta, moving_mean, moving_variance)
    per_channel = zip(*(tf.unstack(tensor, axis=-1) for tensor in arguments), strict=True)
    channels = [g * (channel - mean) / tf.sqrt(var + epsilon) + b for channel, g, b, mean, var in per_channel]
    return tf.stack(channels, -1)


@variant("batch_norm_inference")
def inference_by_map_over_examples(x, gamma, beta, moving_mean, moving_variance, epsilon=1e-3):
    """One example after the other, by a traced function: at inference they are independent."""

    @tf.function
    def normalize(example):
        return tf.add(tf.multiply(tf.divide(example - moving_mean, tf.sqrt(moving_variance + epsilon)), gamma), beta)

    return tf.map_fn(normalize, x)


@oracle("batch_norm_inference")
def inference_keras(x, gamma, beta, moving_mean, moving_variance, epsilon=1e-3):
    """The Keras layer with the given weights."""
    layer = tf.keras.layers.BatchNormalization(epsilon=epsilon, dtype=x.dtype.name)
    layer.build(x.shape)
    layer.set_weights([gamma, beta, moving_mean, moving_variance])
    return layer(x, training=False)


@oracle("batch_norm_inference")
def inference_tf(x, gamma, beta, moving_mean, moving_variance, epsilon=1e-3):
    """The library's formula."""
    return tf.nn.batch_normalization(x, moving_mean, moving_variance, beta, gamma, epsilon)


@oracle("batch_norm_inference")
def inference_loop(x, gamma, beta, moving_mean, moving_variance, epsilon=1e-3):
    """One entry after the other."""
    y = np.array(x)
    for *position, c in np.ndindex(*y.shape):
        standardized = (y[(*position, c)] - moving_mean[c]) / np.sqrt(moving_variance[c] + epsilon)
        y[(*position, c)] = gamma[c] * standardized + beta[c]
    return tf.constant(y)


# batch_norm_backward


@variant("batch_norm_backward")
def backward_path_by_path(dy, x, gamma, epsilon=1e-3):
    """The three paths of the derivation, with nothing simplified."""
    axes = list(range(len(x.shape) - 1))
    m = tf.cast(tf.size(x) // tf.size(gamma), x.dtype)
    mean = tf.reduce_sum(x, axes) / m
    variance = tf.reduce_sum((x - mean) ** 2, axes) / m
    root = tf.sqrt(variance + epsilon)
    dx_hat = dy * gamma
    dvariance = tf.reduce_sum(dx_hat * (x - mean), axes) * -0.5 * (variance + epsilon) ** -1.5
    dmean = -tf.reduce_sum(dx_hat, axes) / root + dvariance * tf.reduce_sum(-2 * (x - mean), axes) / m
    dx = dx_hat / root + dvariance * 2 * (x - mean) / m + dmean / m
    return dx, tf.reduce_sum(dy * (x - mean) / root, axes), tf.reduce_sum(dy, axes)


@variant("batch_norm_backward")
def backward_node_by_node(dy, x, gamma, epsilon=1e-3):
    """Forward and back through every node of the graph, on rows."""
    shape, (dy, x) = x.shape, (tf.reshape(tensor, [-1, gamma.shape[0]]) for tensor in (dy, x))
    m = x.shape[0]
    centred = x - tf.reduce_mean(x, 0)  # the forward pass, one node of the graph a line
    variance = tf.reduce_mean(centred**2, 0)
    root = tf.sqrt(variance + epsilon)
    inverse = 1 / root
    dcentred = gamma * dy * inverse  # and back again
    dinverse = tf.reduce_sum(gamma * dy * centred, 0)
    droot = -dinverse / root**2
    dvariance = droot / (2 * root)
    dcentred += 2 * centred * tf.ones_like(x) * dvariance / m
    dx = dcentred - tf.reduce_sum(dcentred, 0) / m
    return tf.reshape(dx, shape), tf.reduce_sum(dy * centred * inverse, 0), tf.reduce_sum(dy, 0)


@variant("batch_norm_backward")
def backward_by_jacobian(dy, x, gamma, epsilon=1e-3):
    """The Jacobian of each channel, written out as a matrix."""
    rows, drows = (tf.reshape(tensor, [-1, x.shape[-1]]) for tensor in (x, dy))
    m = rows.shape[0]
    mean, variance = tf.nn.moments(rows, [0])
    inverse = tf.math.rsqrt(variance + epsilon)
    x_hat = (rows - mean) * inverse
    # dx_hat(i) / dx(j) of each channel: identity, less the two directions the layer cannot see
    jacobian = tf.eye(m, dtype=x.dtype) - 1 / m - tf.einsum("ic,jc->cij", x_hat, x_hat) / m
    dx = tf.einsum("cij,ic,c->jc", jacobian, drows, gamma * inverse)
    return tf.reshape(dx, x.shape), tf.einsum("mc,mc->c", drows, x_hat), tf.einsum("mc->c", drows)


@variant("batch_norm_backward")
def backward_by_projection(dy, x, gamma, epsilon=1e-3):
    """Centre, then take away the part along the centred batch; traced into a graph."""

    @tf.function
    def project(dy, x, gamma):
        axes = tf.range(tf.rank(x) - 1)
        centred = x - tf.reduce_mean(x, axes)
        variance = tf.reduce_mean(centred**2, axes)
        x_hat = centred / tf.sqrt(variance + epsilon)
        dx_hat = gamma * (dy - tf.reduce_mean(dy, axes))
        along = tf.reduce_mean(dx_hat * centred, axes) / (variance + epsilon)
        dx = (dx_hat - along * centred) / tf.sqrt(variance + epsilon)
        return dx, tf.reduce_sum(dy * x_hat, axes), tf.reduce_sum(dy, axes)

    return project(dy, x, gamma)


@variant("batch_norm_backward")
def backward_by_channel_loop(dy, x, gamma, epsilon=1e-3):
    """One channel after the other, with sums and one division by m."""
    dx, dgamma, dbeta = [], [], []
    for c in range(x.shape[-1]):
        entries, upstream = x[..., c], dy[..., c]
        m = tf.cast(tf.size(entries), x.dtype)
        std = tf.sqrt(tf.math.reduce_variance(entries) + epsilon)
        x_hat = (entries - tf.reduce_mean(entries)) / std
        dgamma.append(tf.reduce_sum(upstream * x_hat))
        dbeta.append(tf.reduce_sum(upstream))
        dx.append(gamma[c] / (m * std) * (m * upstream - dbeta[-1] - x_hat * dgamma[-1]))
    return tf.stack(dx, -1), tf.stack(dgamma), tf.stack(dbeta)


@oracle("batch_norm_backward")
def backward_tape_on_tf_nn(dy, x, gamma, epsilon=1e-3):
    """The tape's gradient of the library's formula."""
    beta = tf.zeros_like(gamma)
    with tf.GradientTape() as tape:
        tape.watch([x, gamma, beta])
        mean, variance = tf.nn.moments(x, list(range(len(x.shape) - 1)))
        y = tf.nn.batch_normalization(x, mean, variance, beta, gamma, epsilon)
    return tuple(tape.gradient(y, [x, gamma, beta], output_gradients=dy))


@oracle("batch_norm_backward")
def backward_loop(dy, x, gamma, epsilon=1e-3):
    """Every pair of entries of a channel: how y at i answers to x at j."""
    dy, x, gamma = (np.asarray(tensor, np.float64) for tensor in (dy, x, gamma))
    dx, dgamma, dbeta = np.zeros_like(x), np.zeros_like(gamma), np.zeros_like(gamma)
    positions = list(np.ndindex(*x.shape[:-1]))
    for c in range(len(gamma)):
        mean, root = x[..., c].mean(), np.sqrt(x[..., c].var() + epsilon)
        for i in positions:
            dbeta[c] += dy[(*i, c)]
            dgamma[c] += dy[(*i, c)] * (x[(*i, c)] - mean) / root
            for j in positions:  # y at i depends on x at j: directly, through the mean, through the variance
                through_variance = (x[(*i, c)] - mean) * (x[(*j, c)] - mean) / root**2
                slope = (i == j) - (1 + through_variance) / len(positions)
                dx[(*j, c)] += dy[(*i, c)] * gamma[c] * slope / root
    return tf.constant(dx), tf.constant(dgamma), tf.constant(dbeta)


# fold_batch_norm


@variant("fold_batch_norm")
def fold_as_written(filters, gamma, beta, moving_mean, moving_variance, epsilon=1e-3):
    """Root, division and a reshaped scale."""
    std = tf.sqrt(moving_variance + epsilon)
    return filters * tf.reshape(gamma / std, [1, 1, 1, -1]), beta - gamma * moving_mean / std


@variant("fold_batch_norm")
def fold_by_einsum(filters, gamma, beta, moving_mean, moving_variance, epsilon=1e-3):
    """The scale by einsum, with the output channels named."""
    scale = tf.pow(moving_variance + epsilon, -0.5) * gamma
    return tf.einsum("hwio,o->hwio", filters, scale), tf.einsum("o,o->o", -moving_mean, scale) + beta


@variant("fold_batch_norm")
def fold_by_probing(filters, gamma, beta, moving_mean, moving_variance, epsilon=1e-3):
    """What a linear map and a constant do is seen from their answers to zeros and to the filters."""

    def batch_norm(x):
        return gamma * (x - moving_mean) / tf.sqrt(moving_variance + epsilon) + beta

    bias = batch_norm(tf.zeros_like(moving_mean))  # the answer to an input of zeros
    return batch_norm(filters) - bias, bias


@variant("fold_batch_norm")
def fold_by_tf_batch_normalization(filters, gamma, beta, moving_mean, moving_variance, epsilon=1e-3):
    """Both results are batch normalizations: of the filters without shift, of minus the mean with it."""
    folded = tf.nn.batch_normalization(filters, 0.0, moving_variance, None, gamma, epsilon)
    return folded, tf.nn.batch_normalization(-moving_mean, 0.0, moving_variance, beta, gamma, epsilon)


@variant("fold_batch_norm")
def fold_by_channel_loop(filters, gamma, beta, moving_mean, moving_variance, epsilon=1e-3):
    """One output channel after the other."""
    folded, bias = [], []
    for channel in range(filters.shape[-1]):
        scale = gamma[channel] / tf.sqrt(moving_variance[channel] + epsilon)
        folded.append(filters[..., channel] * scale)
        bias.append(beta[channel] - scale * moving_mean[channel])
    return tf.stack(folded, axis=-1), tf.stack(bias)


@variant("fold_batch_norm")
def fold_by_diagonal_matrix(filters, gamma, beta, moving_mean, moving_variance, epsilon=1e-3):
    """A product with a diagonal matrix along the output channels, traced into a graph."""

    @tf.function
    def fold(filters, gamma, beta, moving_mean, moving_variance):
        diagonal = tf.linalg.diag(gamma * tf.math.rsqrt(moving_variance + epsilon))
        return filters @ diagonal, beta - tf.linalg.matvec(diagonal, moving_mean)

    return fold(filters, gamma, beta, moving_mean, moving_variance)


@oracle("fold_batch_norm")
def fold_by_impulses(filters, gamma, beta, moving_mean, moving_variance, epsilon=1e-3):
    """The answers of convolution and Keras layer to images with a single 1."""
    kh, kw, c_in, _ = filters.shape
    layer = tf.keras.layers.BatchNormalization(epsilon=epsilon, dtype=filters.dtype.name)
    layer.build((None, None, None, filters.shape[-1]))
    layer.set_weights([gamma, beta, moving_mean, moving_variance])
    # One image for each tap, with a single 1 at it: the two layers' answers, less that to no input, are the filters.
    impulses = tf.reshape(tf.eye(kh * kw * c_in, dtype=filters.dtype), [-1, kh, kw, c_in])
    images = tf.concat([impulses, tf.zeros_like(impulses[:1])], 0)
    answers = layer(tf.nn.conv2d(images, filters, 1, "VALID"), training=False)[:, 0, 0]
    return tf.reshape(answers[:-1] - answers[-1], filters.shape), answers[-1]


@oracle("fold_batch_norm")
def fold_loop(filters, gamma, beta, moving_mean, moving_variance, epsilon=1e-3):
    """One output channel after the other, in Python numbers."""
    folded, bias = np.array(filters), np.array(beta)
    for channel in range(len(bias)):
        std = np.sqrt(float(moving_variance[channel]) + epsilon)
        folded[..., channel] *= float(gamma[channel]) / std
        bias[channel] -= float(gamma[channel]) * float(moving_mean[channel]) / std
    return tf.constant(folded), tf.constant(bias)


# batch_norm_tf


@variant("batch_norm_tf")
def tf_keepdims(x, gamma, beta, epsilon=1e-3):
    """Statistics with kept dims; the axes are a tensor."""
    mean, variance = tf.nn.moments(x, tf.range(tf.rank(x) - 1), keepdims=True)
    return tf.nn.batch_normalization(x, mean, variance, beta, gamma, epsilon)


@variant("batch_norm_tf")
def tf_flattened(x, gamma, beta, epsilon=1e-3):
    """Rows of channels, then only axis 0 is left to average over."""
    rows = tf.reshape(x, [-1, x.shape[-1]])
    mean, variance = tf.nn.moments(rows, axes=0)
    return tf.reshape(tf.nn.batch_normalization(rows, mean, variance, beta, gamma, epsilon), x.shape)


@variant("batch_norm_tf")
def tf_sufficient_statistics(x, gamma, beta, epsilon=1e-3):
    """The moments by way of count and sums."""
    count, total, total_of_squares, shift = tf.nn.sufficient_statistics(x, list(range(x.shape.rank - 1)))
    mean, variance = tf.nn.normalize_moments(count, total, total_of_squares, shift)
    return tf.nn.batch_normalization(x, mean, variance, beta, gamma, variance_epsilon=epsilon)


@variant("batch_norm_tf")
def tf_standardized_first(x, gamma, beta, epsilon=1e-3):
    """The library standardizes, scale and shift come after."""
    mean, variance = tf.nn.weighted_moments(x, tuple(range(len(x.shape) - 1)), tf.constant(1.0, x.dtype))
    return gamma * tf.nn.batch_normalization(x, mean, variance, None, None, epsilon) + beta


@variant("batch_norm_tf")
def tf_keras_ops(x, gamma, beta, epsilon=1e-3):
    """The same two functions in `keras.ops`."""
    mean, variance = tf.keras.ops.moments(x, axes=list(range(len(x.shape) - 1)))
    return tf.keras.ops.batch_normalization(x, mean, variance, -1, offset=beta, scale=gamma, epsilon=epsilon)


@variant("batch_norm_tf")
def tf_from_scratch(x, gamma, beta, epsilon=1e-3):
    """Without the library: not asked for, but right."""
    axes = list(range(len(x.shape) - 1))
    centred = x - tf.reduce_mean(x, axes)
    return gamma * centred / tf.sqrt(tf.reduce_mean(centred * centred, axes) + epsilon) + beta


@oracle("batch_norm_tf")
def tf_keras(x, gamma, beta, epsilon=1e-3):
    """The Keras layer in training mode, with the given weights."""
    layer = tf.keras.layers.BatchNormalization(epsilon=epsilon, dtype=x.dtype.name)
    layer.build(x.shape)
    layer.set_weights([gamma, beta, np.zeros(gamma.shape), np.ones(gamma.shape)])
    return layer(x, training=True)


@oracle("batch_norm_tf")
def tf_loop(x, gamma, beta, epsilon=1e-3):
    """Python sums over one channel after the other."""
    y = np.array(x)
    for c in range(y.shape[-1]):
        entries = [float(entry) for entry in y[..., c].ravel()]
        mean = sum(entries) / len(entries)
        variance = sum((entry - mean) ** 2 for entry in entries) / len(entries)
        y[..., c] = (y[..., c] - mean) * float(gamma[c]) / (variance + epsilon) ** 0.5 + float(beta[c])
    return tf.constant(y)
