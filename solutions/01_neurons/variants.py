"""Right answers in other styles, which must always get full points, and independent oracles for the references."""
# ruff: noqa: F821 - this file runs after the solved notebook, so its functions are in scope

import math
from itertools import pairwise
from typing import ClassVar

import keras
import numpy as np
import tensorflow as tf

from autograder.question import oracle, variant

# p_norm


@variant("p_norm")
def norm_scaled_by_largest(x, p):
    """Divides by the largest entry first, so that no power can overflow."""
    size = tf.math.abs(x)
    if p == 0:
        return tf.math.count_nonzero(x, axis=-1, dtype=x.dtype)
    largest = tf.reduce_max(size, axis=-1)
    if math.isinf(p):
        return largest
    return largest * tf.pow(tf.reduce_sum(tf.pow(size / largest[..., None], p), axis=-1), 1 / p)


@variant("p_norm")
def norm_case_by_case(x, p):
    """A branch for each p that has a name."""
    match p:
        case 0:
            return tf.cast(tf.math.count_nonzero(tf.not_equal(x, 0), axis=-1), x.dtype)
        case 1:
            return tf.reduce_sum(tf.maximum(x, -x), axis=-1)
        case 2:
            return tf.sqrt(tf.reduce_sum(tf.square(x), axis=-1))
        case math.inf:
            return tf.maximum(tf.reduce_max(x, axis=-1), -tf.reduce_min(x, axis=-1))
    return tf.reduce_sum(tf.abs(x) ** p, axis=-1) ** (1 / p)


@variant("p_norm")
def norm_row_by_row(x, p):
    """One vector after the other."""
    if x.shape.rank > 1:
        return tf.stack([norm_row_by_row(row, p) for row in x])
    size = [abs(entry) for entry in tf.unstack(x)]
    if p == 0:
        return tf.constant(sum(float(entry) > 0 for entry in size), x.dtype)
    if p == float("inf"):
        return tf.reduce_max(tf.stack(size))
    return sum(entry**p for entry in size) ** (1 / p)


@variant("p_norm")
def norm_by_sign(x, p):
    """The absolute value as a product with the sign, and the largest entry by sorting."""
    size = x * tf.stop_gradient(tf.sign(x))
    if p == 0:
        return tf.reduce_sum(tf.where(tf.equal(x, 0.0), tf.zeros_like(x), tf.ones_like(x)), -1)
    if np.isinf(p):
        return tf.sort(size, axis=-1)[..., -1]
    return tf.math.pow(tf.einsum("...d->...", size**p), tf.constant(1 / p, x.dtype))


@oracle("p_norm")
def norm_of_numpy(x, p):
    return tf.constant(np.asarray(np.linalg.norm(x.numpy(), ord=p, axis=-1), x.numpy().dtype))


# linear_scores


@variant("linear_scores")
def scores_by_einsum(x, weights, bias):
    return tf.einsum("nd,cd->nc", x, weights) + bias


@variant("linear_scores")
def scores_class_by_class(x, weights, bias):
    columns = [tf.reduce_sum(x * row, axis=1) + b for row, b in zip(weights, bias, strict=True)]
    return tf.stack(columns, axis=1)


@variant("linear_scores")
def scores_with_bias_as_a_weight(x, weights, bias):
    """The bias is the weight of an input that is always 1."""
    ones = tf.ones((x.shape[0], 1), x.dtype)
    return tf.concat([x, ones], 1) @ tf.transpose(tf.concat([weights, bias[:, None]], 1))


@variant("linear_scores")
def scores_image_by_image(x, weights, bias):
    return tf.stack([tf.linalg.matvec(weights, image) + bias for image in x])


@variant("linear_scores")
def scores_by_bias_add(x, weights, bias):
    return tf.nn.bias_add(tf.tensordot(x, weights, axes=[[1], [1]]), bias)


@oracle("linear_scores")
def scores_of_keras(x, weights, bias):
    layer = keras.layers.Dense(weights.shape[0], dtype=x.dtype.name)
    layer.build(x.shape)
    layer.set_weights([weights.numpy().T, bias.numpy()])
    return layer(x)


@oracle("linear_scores")
def scores_by_loops(x, weights, bias):
    found = np.zeros((x.shape[0], weights.shape[0]), x.numpy().dtype)
    for n, c in np.ndindex(*found.shape):
        found[n, c] = sum(float(x[n, d] * weights[c, d]) for d in range(x.shape[1])) + float(bias[c])
    return tf.constant(found)


# neuron


@variant("neuron")
def neuron_by_small_exponential(z, w):
    """One exponential of a number that is never positive."""
    a = tf.linalg.matvec(z, w)
    small = tf.exp(-tf.abs(a))
    return tf.where(a >= 0, 1 / (1 + small), small / (1 + small))


@variant("neuron")
def neuron_by_softplus(z, w):
    a = tf.reduce_sum(z * w, axis=1)
    return tf.exp(-tf.nn.softplus(-a))


@variant("neuron")
def neuron_as_two_classes(z, w):
    """Softmax of the logits a and 0."""
    a = tf.einsum("nd,d->n", z, w)
    return tf.nn.softmax(tf.stack([a, tf.zeros_like(a)], axis=1))[:, 0]


@variant("neuron")
def neuron_with_safe_branches(z, w):
    """The known trick: each branch sees only numbers that it can bear."""
    a = tf.squeeze(z @ w[:, None], axis=1)
    up, down = tf.maximum(a, 0), tf.minimum(a, 0)
    return tf.where(a > 0, 1 / (1 + tf.exp(-up)), tf.exp(down) / (tf.exp(down) + 1))


@variant("neuron")
def neuron_with_its_own_gradient(z, w):
    @tf.custom_gradient
    def squeeze(a):
        x = tf.where(a < 0, tf.exp(-tf.nn.softplus(-a)), 1 - tf.exp(-tf.nn.softplus(a)))
        return x, lambda g: g * x * (1 - x)

    return squeeze(w[0] * z[:, 0] + tf.linalg.matvec(z[:, 1:], w[1:]))


@oracle("neuron")
def neuron_of_the_library(z, w):
    return tf.sigmoid(tf.linalg.matvec(z, w))


@oracle("neuron")
def neuron_by_loop(z, w):
    def squeeze(a):
        return 1 / (1 + math.exp(-a)) if a > -700 else 0.0

    rows = [squeeze(sum(float(a) * float(b) for a, b in zip(row, w, strict=True))) for row in z]
    return tf.constant(rows, z.dtype)


# neuron_loss


@variant("neuron_loss")
def loss_by_one_softplus(w, z, t, alpha):
    """softplus(a) - t a."""
    a = tf.linalg.matvec(z, w)
    return tf.reduce_sum(tf.nn.softplus(a) - t * a) + 0.5 * alpha * tf.reduce_sum(tf.square(w))


@variant("neuron_loss")
def loss_by_largest(w, z, t, alpha):
    """max(a, 0) - t a + log(1 + exp(-|a|)), as libraries compute it."""
    a = tf.linalg.matvec(z, w)
    each = tf.maximum(a, 0) - t * a + tf.math.log1p(tf.exp(-tf.abs(a)))
    return tf.add_n([tf.reduce_sum(each), alpha * tf.nn.l2_loss(w)])


@variant("neuron_loss")
def loss_by_label(w, z, t, alpha):
    """One formula for each label."""
    a = tf.einsum("nd,d->n", z, w)
    surprise = tf.where(t == 1, -tf.math.log_sigmoid(a), -tf.math.log_sigmoid(-a))
    return tf.reduce_sum(surprise) + alpha / 2 * tf.tensordot(w, w, 1)


@variant("neuron_loss")
def loss_with_turned_sign(w, z, t, alpha):
    """With labels -1 and 1 there is a single softplus."""
    signed = (1 - 2 * t) * tf.linalg.matvec(z, w)
    return tf.reduce_sum(tf.math.softplus(signed)) + alpha * tf.reduce_sum(w * w) * 0.5


@variant("neuron_loss")
def loss_as_two_classes(w, z, t, alpha):
    """The log of a sum of exponentials, over the logits 0 and a."""
    a = tf.linalg.matvec(z, w)
    logits = tf.stack([tf.zeros_like(a), a], axis=1)
    return tf.reduce_sum(tf.reduce_logsumexp(logits, axis=1) - t * a) + alpha * tf.reduce_sum(w**2) / 2


@variant("neuron_loss")
def loss_example_by_example(w, z, t, alpha):
    total = alpha * sum(weight**2 for weight in tf.unstack(w)) / 2
    for example, label in zip(tf.unstack(z), tf.unstack(t), strict=True):
        a = tf.reduce_sum(example * w)
        total = total + tf.nn.softplus(-a if float(label) == 1 else a)
    return total


@oracle("neuron_loss")
def loss_of_the_library(w, z, t, alpha):
    each = tf.nn.sigmoid_cross_entropy_with_logits(labels=t, logits=tf.linalg.matvec(z, w))
    return tf.reduce_sum(each) + alpha * tf.nn.l2_loss(w)


# neuron_gradient


@variant("neuron_gradient")
def gradient_by_product(w, z, t, alpha):
    error = tf.sigmoid(z @ w[:, None]) - t[:, None]
    return tf.squeeze(tf.transpose(z) @ error, axis=1) + alpha * w


@variant("neuron_gradient")
def gradient_as_in_the_lecture(w, z, t, alpha):
    return -tf.reduce_sum((t - neuron(z, w))[:, None] * z, axis=0) + alpha * w


@variant("neuron_gradient")
def gradient_example_by_example(w, z, t, alpha):
    total = alpha * w
    for n in range(z.shape[0]):
        total += (neuron(z[n : n + 1], w)[0] - t[n]) * z[n]
    return total


@variant("neuron_gradient")
def gradient_by_einsum(w, z, t, alpha):
    x = 0.5 + 0.5 * tf.tanh(tf.einsum("nd,d->n", z, w) / 2)
    return tf.einsum("n,nd->d", x - t, z) + tf.multiply(alpha, w)


@variant("neuron_gradient")
def gradient_weight_by_weight(w, z, t, alpha):
    error = tf.subtract(tf.math.sigmoid(tf.linalg.matvec(z, w)), t)
    return tf.stack([tf.tensordot(error, z[:, d], 1) + alpha * w[d] for d in range(w.shape[0])])


@oracle("neuron_gradient")
def gradient_of_the_tape(w, z, t, alpha):
    with tf.GradientTape() as tape:
        tape.watch(w)
        loss = loss_of_the_library(w, z, t, alpha)
    return tape.gradient(loss, w)


@oracle("neuron_gradient")
def gradient_by_loops(w, z, t, alpha):
    found = alpha * w.numpy()
    for row, label in zip(z.numpy(), t.numpy(), strict=True):
        a = float(np.dot(row, w.numpy()))
        found += (1 / (1 + math.exp(-max(a, -700.0))) - label) * row
    return tf.constant(found)


# train_neuron


@variant("train_neuron")
def walk_by_scan(z, t, eta, steps, alpha):
    def step(w, _):
        return w - eta * neuron_gradient(w, z, t, alpha)

    return tf.scan(step, tf.range(steps), initializer=tf.zeros(z.shape[1], z.dtype))


@variant("train_neuron")
def walk_by_tape(z, t, eta, steps, alpha):
    """With a variable, and the tape on one's own loss."""
    w, walk = tf.Variable(tf.zeros(z.shape[1], z.dtype)), []
    for _ in range(steps):
        with tf.GradientTape() as tape:
            loss = neuron_loss(w, z, t, alpha)
        w.assign_sub(eta * tape.gradient(loss, w))
        walk.append(tf.identity(w))
    return tf.stack(walk)


@variant("train_neuron")
def walk_by_recursion(z, t, eta, steps, alpha):
    if steps == 0:
        return tf.zeros((0, z.shape[1]), z.dtype)
    before = walk_by_recursion(z, t, eta, steps - 1, alpha)
    w = before[-1] if steps > 1 else tf.zeros(z.shape[1], z.dtype)
    return tf.concat([before, [w - eta * neuron_gradient(w, z, t, alpha)]], axis=0)


@variant("train_neuron")
def walk_in_a_tensor_array(z, t, eta, steps, alpha):
    walk, w = tf.TensorArray(z.dtype, size=steps), tf.zeros_like(z[0])
    for k in range(steps):
        error = t - neuron(z, w)
        w = (1 - eta * alpha) * w + eta * tf.linalg.matvec(tf.transpose(z), error)
        walk = walk.write(k, w)
    return walk.stack()


@oracle("train_neuron")
def walk_of_the_tape(z, t, eta, steps, alpha):
    w, walk = tf.zeros(z.shape[1], z.dtype), []
    for _ in range(steps):
        w -= eta * gradient_of_the_tape(w, z, t, alpha)
        walk.append(w)
    return tf.stack(walk)


@oracle("train_neuron")
def walk_by_loops(z, t, eta, steps, alpha):
    w, walk = np.zeros(z.shape[1], z.numpy().dtype), []
    for _ in range(steps):
        slope = alpha * w
        for row, label in zip(z.numpy(), t.numpy(), strict=True):
            slope = slope + (1 / (1 + math.exp(-float(row @ w))) - label) * row
        w = w - eta * slope
        walk.append(w)
    return tf.constant(np.array(walk))


# mlp_forward


@variant("mlp_forward")
def network_of_neurons(z, hidden, output):
    """Every neuron by itself."""
    return neuron(tf.stack([neuron(z, row) for row in hidden], axis=1), output)


@variant("mlp_forward")
def network_by_einsum(z, hidden, output):
    return tf.sigmoid(tf.einsum("nk,k->n", tf.sigmoid(tf.einsum("nd,kd->nk", z, hidden)), output))


@variant("mlp_forward")
def network_example_by_example(z, hidden, output):
    def one(example):
        return tf.sigmoid(tf.reduce_sum(output * tf.sigmoid(tf.linalg.matvec(hidden, example))))

    return tf.stack([one(example) for example in tf.unstack(z)])


@variant("mlp_forward")
def network_examples_as_columns(z, hidden, output):
    """The lecture's own layout: one column per example."""
    features = 1 / (1 + tf.exp(-hidden @ tf.transpose(z)))
    return tf.reshape(1 / (1 + tf.exp(-output[None, :] @ features)), [-1])


@oracle("mlp_forward")
def network_of_keras(z, hidden, output):
    kind = z.dtype.name
    first = keras.layers.Dense(hidden.shape[0], activation="sigmoid", use_bias=False, dtype=kind)
    last = keras.layers.Dense(1, activation="sigmoid", use_bias=False, dtype=kind)
    first.build(z.shape)
    last.build((None, hidden.shape[0]))
    first.set_weights([hidden.numpy().T])
    last.set_weights([output.numpy()[:, None]])
    return last(first(z))[:, 0]


# mlp_backward


@variant("mlp_backward")
def backward_by_einsum(z, t, hidden, output, alpha):
    features = tf.sigmoid(tf.einsum("nd,kd->nk", z, hidden))
    error = tf.sigmoid(tf.einsum("nk,k->n", features, output)) - t
    dW = tf.einsum("n,k,nk,nd->kd", error, output, features * (1 - features), z)
    return dW + alpha * hidden, tf.einsum("n,nk->k", error, features) + alpha * output


@variant("mlp_backward")
def backward_example_by_example(z, t, hidden, output, alpha):
    dW, dw = alpha * hidden, alpha * output
    for example, label in zip(tf.unstack(z), tf.unstack(t), strict=True):
        features = tf.sigmoid(tf.linalg.matvec(hidden, example))
        error = tf.sigmoid(tf.tensordot(features, output, 1)) - label
        dw += error * features
        dW += tf.tensordot(error * output * features * (1 - features), example, 0)
    return dW, dw


@variant("mlp_backward")
def backward_neuron_by_neuron(z, t, hidden, output, alpha):
    """Every hidden neuron is trained like a single one, on the error that reaches it."""
    features = [neuron(z, row) for row in hidden]
    error = neuron(tf.stack(features, axis=1), output) - t
    dW, dw = [], []
    for row, weight, x in zip(hidden, output, features, strict=True):
        reaching = error * weight * (x - x**2)
        dW.append(tf.linalg.matvec(z, reaching, transpose_a=True) + alpha * row)
        dw.append(tf.reduce_sum(error * x) + alpha * weight)
    return tf.stack(dW), tf.stack(dw)


@variant("mlp_backward")
def backward_examples_as_columns(z, t, hidden, output, alpha):
    """The layout of textbooks: one column per example, and a delta per layer. Returns a list."""
    inputs = tf.transpose(z)
    features = tf.sigmoid(hidden @ inputs)
    delta = mlp_forward(z, hidden, output)[None, :] - t[None, :]
    hidden_delta = (output[:, None] @ delta) * features * (1 - features)
    dW = hidden_delta @ z + alpha * hidden
    return [dW, tf.reshape(features @ tf.transpose(delta), [-1]) + alpha * output]


@variant("mlp_backward")
def backward_through_tanh(z, t, hidden, output, alpha):
    """The slope of a sigmoid from the hyperbolic tangent."""
    bent = tf.tanh(tf.matmul(z, hidden, transpose_b=True) / 2)
    features, slope = (1 + bent) / 2, (1 - bent**2) / 4
    error = 0.5 + 0.5 * tf.tanh(tf.linalg.matvec(features, output) / 2) - t
    dw = tf.reduce_sum(features * error[:, None], axis=0)
    dW = tf.reduce_sum((slope * output * error[:, None])[:, :, None] * z[:, None, :], axis=0)
    return dW + hidden * alpha, dw + output * alpha


@oracle("mlp_backward")
def backward_of_the_tape(z, t, hidden, output, alpha):
    with tf.GradientTape() as tape:
        tape.watch([hidden, output])
        a = tf.linalg.matvec(tf.sigmoid(tf.matmul(z, hidden, transpose_b=True)), output)
        loss = tf.reduce_sum(tf.nn.sigmoid_cross_entropy_with_logits(t, a))
        loss += alpha * (tf.nn.l2_loss(hidden) + tf.nn.l2_loss(output))
    return tuple(tape.gradient(loss, [hidden, output]))


@oracle("mlp_backward")
def backward_by_loops(z, t, hidden, output, alpha):
    """The lecture's chain, one number at a time."""

    def squeeze(a):
        return 1 / (1 + math.exp(-a))

    z, t, hidden, output = (each.numpy() for each in (z, t, hidden, output))
    dW, dw = alpha * hidden, alpha * output
    for n in range(len(z)):
        x = [squeeze(float(row @ z[n])) for row in hidden]
        error = squeeze(float(np.dot(x, output))) - t[n]
        for i in range(len(output)):
            dw[i] += error * x[i]
            for j in range(z.shape[1]):
                dW[i, j] += error * output[i] * x[i] * (1 - x[i]) * z[n, j]
    return tf.constant(dW), tf.constant(dw)


# mlp_params


@variant("mlp_params")
def parameters_layer_by_layer(sizes):
    total = 0
    for layer in range(1, len(sizes)):
        total += sizes[layer - 1] * sizes[layer]  # weights
        total += sizes[layer]  # biases
    return total


@variant("mlp_params")
def parameters_by_recursion(sizes):
    if len(sizes) < 2:
        return 0
    first, second, *rest = sizes
    return first * second + second + parameters_by_recursion([second, *rest])


@variant("mlp_params")
def parameters_by_numpy(sizes):
    """In 64 bits, which are enough."""
    wide = np.array(sizes, np.int64)
    return int(np.sum((wide[:-1] + 1) * wide[1:]))


@variant("mlp_params")
def parameters_as_weights_and_biases(sizes):
    weights = [a * b for a, b in pairwise(sizes)]
    return sum(weights) + sum(sizes) - sizes[0]


@oracle("mlp_params")
def parameters_counted_neuron_by_neuron(sizes):
    total = 0
    for inputs, neurons in pairwise(sizes):
        for _ in range(neurons):
            total += inputs + 1
    return total


# softmax


@variant("softmax")
def softmax_by_log_of_the_sum(logits):
    return tf.exp(logits - tf.reduce_logsumexp(logits, axis=-1, keepdims=True))


@variant("softmax")
def softmax_with_fixed_shift(logits):
    """The shift does not take part in the gradient: the result does not depend on it."""
    shift = tf.stop_gradient(tf.reduce_max(logits, -1, keepdims=True))
    powers = tf.math.exp(tf.subtract(logits, shift))
    return tf.divide(powers, tf.reduce_sum(powers, -1, keepdims=True))


@variant("softmax")
def softmax_by_differences(logits):
    """1 over the sum of the exponentials of all differences."""
    differences = logits[..., None, :] - logits[..., :, None]
    return tf.exp(-tf.reduce_logsumexp(differences, axis=-1))


@variant("softmax")
def softmax_example_by_example(logits):
    if logits.shape.rank > 1:
        return tf.stack([softmax_example_by_example(example) for example in logits])
    powers = tf.exp(logits - tf.reduce_max(logits))
    return powers / tf.reduce_sum(powers)


@variant("softmax")
def softmax_class_by_class(logits):
    columns = tf.unstack(logits, axis=-1)
    largest = columns[0]
    for column in columns[1:]:
        largest = tf.maximum(largest, column)
    powers = [tf.exp(column - largest) for column in columns]
    return tf.stack([power / tf.add_n(powers) for power in powers], axis=-1)


@oracle("softmax")
def softmax_of_the_library(logits):
    return tf.nn.softmax(logits)


@oracle("softmax")
def softmax_by_fractions(logits):
    """With Python's floats, from the largest on."""

    def one(row):
        powers = [math.exp(float(entry) - max(map(float, row))) for entry in row]
        return [power / sum(powers) for power in powers]

    return tf.constant(np.apply_along_axis(one, -1, logits.numpy()), logits.dtype)


# mean_squared_error_of_softmax


@variant("mean_squared_error_of_softmax")
def error_without_one_hot(logits, labels):
    """The sum of p^2 - 2 p h + h^2, where h is 1 in one place."""
    p = softmax(logits)
    right = tf.gather(p, labels, axis=1, batch_dims=1)
    return (tf.reduce_sum(p * p) - 2 * tf.reduce_sum(right) + len(labels)) / tf.cast(tf.size(p), p.dtype)


@variant("mean_squared_error_of_softmax")
def error_by_comparison(logits, labels):
    wanted = tf.cast(labels[:, None] == tf.range(logits.shape[1]), logits.dtype)
    return tf.math.reduce_mean(tf.math.squared_difference(tf.nn.softmax(logits, axis=1), wanted))


@variant("mean_squared_error_of_softmax")
def error_example_by_example(logits, labels):
    losses = []
    for row, label in zip(tf.unstack(logits), labels.numpy(), strict=True):
        p = tf.unstack(softmax(row[None, :])[0])
        losses += [(share - (1 if k == label else 0)) ** 2 for k, share in enumerate(p)]
    return tf.add_n(losses) / len(losses)


@variant("mean_squared_error_of_softmax")
def error_by_rows_of_the_identity(logits, labels):
    wanted = tf.gather(tf.eye(logits.shape[1], dtype=logits.dtype), labels)
    return tf.reduce_sum((softmax(logits) - wanted) ** 2) / (logits.shape[0] * logits.shape[1])


@oracle("mean_squared_error_of_softmax")
def error_of_keras(logits, labels):
    wanted = tf.one_hot(labels, logits.shape[1], dtype=logits.dtype)
    return tf.reduce_mean(keras.losses.mean_squared_error(wanted, tf.nn.softmax(logits)))


# minibatches


@variant("minibatches")
def batches_of_tensors(count, batch_size, seed):
    order = tf.random.experimental.stateless_shuffle(tf.range(count), seed=[seed, 1])
    return [order[start : start + batch_size] for start in range(0, count, batch_size)]


@variant("minibatches")
def batches_of_lists(count, batch_size, seed):
    import random

    order = list(range(count))
    random.Random(seed).shuffle(order)
    batches = []
    while order:
        batch, order = order[:batch_size], order[batch_size:]
        batches.append(batch)
    return batches


@variant("minibatches")
def batches_one_by_one(count, batch_size, seed):
    """The old interface of NumPy, and a generator."""
    np.random.seed(seed)
    order = np.arange(count)
    np.random.shuffle(order)
    for start in range(0, count, batch_size):
        yield order[start : start + batch_size]


@variant("minibatches")
def batches_by_splitting(count, batch_size, seed):
    """Sorts random numbers, and splits the order at the multiples of the batch size."""
    order = np.argsort(np.random.default_rng([seed, 7]).random(count))
    return np.split(order, range(batch_size, count, batch_size))


@oracle("minibatches")
def batches_of_a_dataset(count, batch_size, seed):
    data = tf.data.Dataset.range(count).shuffle(count, seed=seed, reshuffle_each_iteration=False)
    return [batch.numpy() for batch in data.batch(batch_size)]


# sgd_momentum_step


@variant("sgd_momentum_step")
def step_by_full_gradient(theta, v, gradient, rate, momentum=0.9, decay=0.0005):
    """The weight decay as a part of the gradient."""
    full = gradient + decay * theta
    velocity = momentum * v - rate * full
    return theta + velocity, velocity


@variant("sgd_momentum_step")
def step_by_functions(theta, v, gradient, rate, momentum=0.9, decay=0.0005):
    kept = tf.multiply(tf.constant(momentum, v.dtype), v)
    shrunk = tf.scalar_mul(decay * rate, theta)
    new = tf.subtract(tf.subtract(kept, tf.scalar_mul(rate, gradient)), shrunk)
    return [tf.add(theta, new), new]


@variant("sgd_momentum_step")
def step_in_one_product(theta, v, gradient, rate, momentum=0.9, decay=0.0005):
    """A row of coefficients times a column of tensors."""
    share = tf.constant([momentum, -rate, -decay * rate], theta.dtype)
    new = tf.tensordot(share, tf.stack([v, gradient, theta]), axes=1)
    return theta + new, new


@variant("sgd_momentum_step")
def step_on_variables(theta, v, gradient, rate, momentum=0.9, decay=0.0005):
    """On copies, in place."""
    parameters, velocity = tf.Variable(theta), tf.Variable(v)
    velocity.assign(momentum * velocity - rate * gradient - rate * decay * parameters)
    parameters.assign_add(velocity)
    return parameters.read_value(), velocity.read_value()


@oracle("sgd_momentum_step")
def step_by_loop(theta, v, gradient, rate, momentum=0.9, decay=0.0005):
    new_theta, new_v = theta.numpy().copy(), v.numpy().copy()
    for place in np.ndindex(*new_theta.shape):
        new_v[place] = momentum * new_v[place] - rate * gradient.numpy()[place] - decay * rate * new_theta[place]
        new_theta[place] += new_v[place]
    return tf.constant(new_theta), tf.constant(new_v)


# Tracker


@variant("Tracker")
class TrackerWithClosures:
    """From scratch: each result knows how to feed its operands, and operations are made of few others."""

    def __init__(self, value, operands=()):
        self.value, self.operands, self.gradient = tf.convert_to_tensor(value), operands, None
        self.feed = lambda: None

    def plain(self, other):
        return (
            other
            if isinstance(other, TrackerWithClosures)
            else TrackerWithClosures(tf.convert_to_tensor(other, self.value.dtype))
        )

    def result(self, value, *fed):
        made = TrackerWithClosures(value, [operand for operand, _ in fed])

        def feed():
            for operand, derivative in fed:
                part = derivative(made.gradient)
                while part.shape.rank > operand.value.shape.rank:
                    part = tf.reduce_sum(part, 0)
                for axis, size in enumerate(operand.value.shape):
                    if size == 1:
                        part = tf.reduce_sum(part, axis, keepdims=True)
                operand.gradient = part if operand.gradient is None else operand.gradient + part

        made.feed = feed
        return made

    def __add__(self, other):
        other = self.plain(other)
        return self.result(self.value + other.value, (self, tf.identity), (other, tf.identity))

    def __mul__(self, other):
        other = self.plain(other)
        return self.result(
            self.value * other.value, (self, lambda g: other.value * g), (other, lambda g: self.value * g)
        )

    def __pow__(self, n):
        return self.result(tf.pow(self.value, n), (self, lambda g: n * tf.pow(self.value, n - 1) * g))

    def __neg__(self):
        return self * -1.0

    def __sub__(self, other):
        return self + -self.plain(other)

    def __truediv__(self, other):
        return self * self.plain(other) ** -1

    def exp(self):
        value = tf.exp(self.value)
        return self.result(value, (self, lambda g: value * g))

    def log(self):
        return self.result(tf.math.log(self.value), (self, lambda g: g / self.value))

    def sin(self):
        return self.result(tf.sin(self.value), (self, lambda g: tf.cos(self.value) * g))

    def sum(self, axis=None):
        def spread(g):
            wide = g if axis is None else tf.expand_dims(g, axis)
            return wide + tf.zeros_like(self.value)

        return self.result(tf.reduce_sum(self.value, axis), (self, spread))

    def __matmul__(self, other):
        other = self.plain(other)
        return self.result(
            tf.linalg.matmul(self.value, other.value),
            (self, lambda g: g @ tf.transpose(other.value)),
            (other, lambda g: tf.transpose(self.value) @ g),
        )

    def backward(self):
        seen, order = set(), []

        def list_up(node):
            if node not in seen:
                seen.add(node)
                for operand in node.operands:
                    list_up(operand)
                order.append(node)

        list_up(self)
        for node in order:
            node.gradient = None
        self.gradient = tf.ones_like(self.value)
        while order:
            order.pop().feed()

    def __radd__(self, other):
        return self + other

    def __rsub__(self, other):
        return self.plain(other) - self

    def __rmul__(self, other):
        return self * other

    def __rtruediv__(self, other):
        return self.plain(other) / self


@variant("Tracker")
class TrackerByPaths(Tracker):
    """Follows each path by itself: slow, and right."""

    def backward(self):
        self.forget()
        self.follow(tf.ones_like(self.value))

    def forget(self):
        self.gradient = None
        for parent, _ in self.parents:
            parent.forget()

    def follow(self, part):
        self.gradient = part if self.gradient is None else self.gradient + part
        for parent, pull in self.parents:
            parent.follow(self.fit(pull(part), parent.value.shape))


@variant("Tracker")
class TrackerByCounting(Tracker):
    """Counts the uses of each value, and hands on when the last one has delivered."""

    def backward(self):
        uses, waiting = {}, [self]
        while waiting:
            for parent, _ in waiting.pop().parents:
                uses[id(parent)] = uses.get(id(parent), 0) + 1
                if uses[id(parent)] == 1:
                    parent.gradient = None
                    waiting.append(parent)
        self.gradient, ready = tf.ones_like(self.value), [self]
        while ready:
            tracker = ready.pop()
            for parent, pull in tracker.parents:
                part = self.fit(pull(tracker.gradient), parent.value.shape)
                parent.gradient = part if parent.gradient is None else parent.gradient + part
                uses[id(parent)] -= 1
                if not uses[id(parent)]:
                    ready.append(parent)


@variant("Tracker")
class TrackerWithDiary(Tracker):
    """Writes every tracker into one list as it is made, and reads it from its end."""

    diary: ClassVar = []

    def __init__(self, value, parents=()):
        super().__init__(value, parents)
        self.diary.append(self)

    def backward(self):
        for tracker in self.diary:
            tracker.gradient = None
        self.gradient = tf.ones_like(self.value)
        for tracker in reversed(self.diary):
            for parent, pull in tracker.parents if tracker.gradient is not None else ():
                part = self.fit(pull(tracker.gradient), parent.value.shape)
                parent.gradient = part if parent.gradient is None else parent.gradient + part


@variant("Tracker")
class TrackerOfFewPrimitives(Tracker):
    """Differences and quotients by other primitives; broadcasting undone by a product with ones."""

    def __sub__(self, other):
        return self + self.lift(other) * -1

    def __truediv__(self, other):
        return self * self.lift(other) ** -1.0

    def __pow__(self, exponent):
        slope = exponent * tf.pow(self.value, exponent - 1)
        return self.record(tf.pow(self.value, exponent), (self, lambda g: slope * g))

    @staticmethod
    def fit(g, shape):
        while len(g.shape) > len(shape):
            g = tf.add_n(tf.unstack(g))
        for axis, size in enumerate(shape):
            if size == 1:
                g = tf.reduce_sum(g, axis, True)
        return g


@oracle("Tracker")
class TrackerOfTheTape:
    """The tape of TensorFlow in the clothes of a tracker."""

    def __init__(self, value, leaves=None):
        self.value, self.gradient = tf.convert_to_tensor(value), None
        self.leaves = leaves if leaves is not None else [self]
        if leaves is None:
            self.tape = tf.GradientTape(persistent=True)  # `backward` may be called more than once
            self.tape.__enter__()
            self.tape.watch(self.value)

    def both(self, other, operation):
        if isinstance(other, TrackerOfTheTape):
            return TrackerOfTheTape(operation(self.value, other.value), [*self.leaves, *other.leaves])
        return TrackerOfTheTape(operation(self.value, tf.convert_to_tensor(other, self.value.dtype)), self.leaves)

    def alone(self, value):
        return TrackerOfTheTape(value, self.leaves)

    def __add__(self, other):
        return self.both(other, lambda a, b: a + b)

    def __sub__(self, other):
        return self.both(other, lambda a, b: a - b)

    def __rsub__(self, other):
        return self.both(other, lambda a, b: b - a)

    def __mul__(self, other):
        return self.both(other, lambda a, b: a * b)

    def __truediv__(self, other):
        return self.both(other, lambda a, b: a / b)

    def __rtruediv__(self, other):
        return self.both(other, lambda a, b: b / a)

    def __matmul__(self, other):
        return self.both(other, lambda a, b: a @ b)

    def __pow__(self, exponent):
        return self.alone(self.value**exponent)

    def exp(self):
        return self.alone(tf.exp(self.value))

    def log(self):
        return self.alone(tf.math.log(self.value))

    def sin(self):
        return self.alone(tf.sin(self.value))

    def sum(self, axis=None):
        return self.alone(tf.reduce_sum(self.value, axis))

    def backward(self):
        for leaf in {id(leaf): leaf for leaf in self.leaves}.values():
            with leaf.tape.stop_recording():
                leaf.gradient = leaf.tape.gradient(self.value, leaf.value)


# gradient


@variant("gradient")
def gradient_of_each_tracker(f, *arguments):
    trackers = list(map(Tracker, arguments))
    result = f(*trackers)
    for tracker in trackers:
        tracker.gradient = tf.zeros_like(tracker.value)
    result.backward()
    return [tracker.gradient for tracker in trackers]


@variant("gradient")
def gradient_by_adding_nothing(f, *arguments):
    """Adds 0 times the sum of each argument, so that every one of them is used."""
    trackers = [Tracker(argument) for argument in arguments]
    result = f(*trackers)
    for tracker in trackers:
        result = result + tracker.sum() * 0.0
    result.backward()
    return tuple(tracker.gradient for tracker in trackers)


@variant("gradient")
def gradient_one_call_per_argument(f, *arguments):
    """Calls the function anew for each argument, always with trackers."""

    def partial(k):
        trackers = [Tracker(argument) for argument in arguments]
        f(*trackers).backward()
        found = trackers[k].gradient
        return arguments[k] * 0 if found is None else found

    return tuple(partial(k) for k in range(len(arguments)))


@oracle("gradient")
def gradient_of_the_tapes(f, *arguments):
    trackers = [TrackerOfTheTape(argument) for argument in arguments]
    f(*trackers).backward()
    return tuple(tf.zeros_like(t.value) if t.gradient is None else t.gradient for t in trackers)


# sigmoid_chain


@variant("sigmoid_chain")
def chain_values_first(depth, x):
    values = [x]
    for _ in range(depth):
        values.append(tf.sigmoid(values[-1]))
    slopes = [value * (1 - value) for value in values[1:]]
    return values[-1], tf.reduce_prod(tf.stack([tf.ones_like(x), *slopes]), axis=0)


@variant("sigmoid_chain")
def chain_by_recursion(depth, x):
    if depth == 0:
        return x, tf.ones_like(x)
    below, slope = chain_by_recursion(depth - 1, x)
    value = 0.5 + 0.5 * tf.tanh(below / 2)
    return value, slope * (value - value**2)


@variant("sigmoid_chain")
def chain_by_logarithms(depth, x):
    """The logarithm of each slope is added up: -softplus(a) - softplus(-a)."""
    total = tf.zeros_like(x)
    for _ in range(depth):
        total -= tf.nn.softplus(x) + tf.nn.softplus(-x)
        x = tf.math.sigmoid(x)
    return x, tf.exp(total)


@variant("sigmoid_chain")
def chain_by_duals(depth, x):
    """Value and derivative go through the chain together, as dual numbers."""
    dual = (x, tf.ones(x.shape, x.dtype))
    for _ in range(depth):
        small = tf.exp(-dual[0])
        dual = (1 / (1 + small), dual[1] * small / (1 + small) ** 2)
    return dual


@oracle("sigmoid_chain")
def chain_of_the_tape(depth, x):
    with tf.GradientTape() as tape:
        tape.watch(x)
        value = x
        for _ in range(depth):
            value = tf.sigmoid(value)
    return value, tape.gradient(value, x)
