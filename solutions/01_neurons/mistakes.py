"""What goes wrong with neurons: each function is a plausible wrong answer, and its docstring is the hint for it."""
# ruff: noqa: F821 - this file runs after the solved notebook, so its functions are in scope

from itertools import count as counted
from itertools import pairwise

import numpy as np
import tensorflow as tf

from autograder.question import mistake

# The parts of which the wrong answers are made.


def activation(z, w):
    """The weighted sums of the inputs."""
    return tf.linalg.matvec(z, w)


def surprises(w, z, t):
    """What each example costs: the right cross-entropy, from which a mistake departs."""
    a = activation(z, w)
    return t * tf.nn.softplus(-a) + (1 - t) * tf.nn.softplus(a)


def half_square(w):
    """The right regulariser."""
    return tf.reduce_sum(w**2) / 2


def error_times_feature(w, z, t):
    """The right gradient without weight decay."""
    return tf.linalg.matvec(z, tf.sigmoid(activation(z, w)) - t, transpose_a=True)


def one_hot(logits, labels):
    """The wanted probabilities."""
    return tf.one_hot(labels, logits.shape[-1], dtype=logits.dtype)


# p_norm


def count(x, axis=-1):
    """How many entries are not zero."""
    return tf.reduce_sum(tf.cast(x != 0, x.dtype), axis=axis)


def largest(x, axis=-1):
    """The largest absolute value."""
    return tf.reduce_max(tf.abs(x), axis=axis)


def by_formula(x, p, axis=-1):
    """The general formula."""
    return tf.reduce_sum(tf.abs(x) ** p, axis=axis) ** (1 / p)


def norm_with(x, p, zero=count, infinity=largest, otherwise=by_formula):
    """The p-norm with one of its three kinds changed."""
    return zero(x) if p == 0 else infinity(x) if p == np.inf else otherwise(x, p)


@mistake("p_norm")
def norm_without_absolute_values(x, p):
    """The absolute values are missing: for p = 1, the entries 3 and -4 add up to -1. They do no harm for even p, where the
    power takes the sign away, so p = 2 looks right. Take `tf.abs(x)` first, for every p."""

    def plain(x, p):
        return tf.reduce_sum(x**p, axis=-1) ** (1 / p)

    return norm_with(x, p, otherwise=plain, infinity=lambda x: tf.reduce_max(x, axis=-1))


@mistake("p_norm")
def norm_without_root(x, p):
    """The root at the end is missing: (3, -4, 0) has length 5, and the sum of its squares is 25. Raise the sum to the power
    1/p."""
    return norm_with(x, p, otherwise=lambda x, p: tf.reduce_sum(tf.abs(x) ** p, axis=-1))


@mistake("p_norm")
def norm_always_with_square_root(x, p):
    """The last step is a square root whatever p is. That is right for p = 2 alone. The root has to undo the power: the
    exponent is 1/p."""
    return norm_with(x, p, otherwise=lambda x, p: tf.sqrt(tf.reduce_sum(tf.abs(x) ** p, axis=-1)))


@mistake("p_norm")
def norm_over_everything(x, p):
    """All vectors are taken as one long vector, so a single number comes out. The norm is along the last axis: give the
    reduction `axis=-1`, and there is one norm per vector."""
    return norm_with(tf.reshape(x, [-1]), p)


@mistake("p_norm")
def norm_along_first_axis(x, p):
    """The sum runs along the first axis, over the vectors, instead of along each vector. A single vector cannot show the
    difference; two can. Use `axis=-1`."""
    return norm_with(tf.transpose(x), p) if x.shape.rank < 3 else norm_with(tf.transpose(x, (1, 2, 0)), p)


@mistake("p_norm")
def norm_without_infinity(x, p):
    """The general formula was used for p = infinity. It gives infinity to the power 0, which Python calls 1, and never the
    norm. Treat this p separately: the norm is the largest absolute value."""
    return norm_with(x, p, infinity=lambda x: by_formula(x, np.inf))


@mistake("p_norm")
def largest_with_sign(x, p):
    """For p = infinity the largest entry is taken, but the norm is the largest *absolute value*: of (3, -4, 0) it is 4, not 3.
    Take the absolute values before the maximum."""
    return norm_with(x, p, infinity=lambda x: tf.reduce_max(x, axis=-1))


@mistake("p_norm")
def count_of_all_entries(x, p):
    """For p = 0 every entry was counted: 0 to the power 0 is 1 on a computer. Count the entries that are not zero, e.g. by a
    comparison and `tf.cast`."""
    return norm_with(x, p, zero=lambda x: tf.reduce_sum(tf.abs(x) ** 0.0, axis=-1))


@mistake("p_norm")
def count_of_positive_entries(x, p):
    """For p = 0 only the positive entries were counted. Negative ones are not zero either: compare with `!= 0`, or take
    the absolute values first."""
    return norm_with(x, p, zero=lambda x: tf.reduce_sum(tf.cast(x > 0, x.dtype), axis=-1))


@mistake("p_norm")
def count_as_integers(x, p):
    """For p = 0 the number is right, but it is a whole number, and all other norms have the dtype of `x`. Cast the comparison
    to `x.dtype`, or the count."""
    return norm_with(x, p, zero=lambda x: tf.math.count_nonzero(x, axis=-1))


@mistake("p_norm")
def norm_in_numpy(x, p):
    """The numbers are right, but NumPy computed them, so TensorFlow cannot find the gradient. Use `tf.abs` and
    `tf.reduce_sum` instead of their NumPy twins."""
    return tf.constant(norm_with(x, p).numpy())


# linear_scores


@mistake("linear_scores")
def scores_without_bias(x, weights, bias):
    """The bias is missing. Every class has one number that is added to its score, whatever the image is."""
    return tf.matmul(x, weights, transpose_b=True) + 0 * bias


@mistake("linear_scores")
def scores_minus_bias(x, weights, bias):
    """The bias is subtracted, but it is added: y = Wx + b."""
    return tf.matmul(x, weights, transpose_b=True) - bias


@mistake("linear_scores")
def columns_as_exemplars(x, weights, bias):
    """The columns of `weights` were multiplied with the image, as the slide's sentence says. The *rows* belong to the classes.
    Transpose `weights` before you multiply. Where there are as many classes as pixels, both run, and only one is right."""
    return tf.matmul(x, weights) + bias


@mistake("linear_scores")
def scores_transposed(x, weights, bias):
    """The result has a row per class. Images are the rows of `x`, so they are the rows of the result, too: its shape is
    `(n, classes)`."""
    return tf.transpose(tf.matmul(x, weights, transpose_b=True) + bias)


@mistake("linear_scores")
def bias_per_image(x, weights, bias):
    """The bias was added along the wrong axis: one number per *image* instead of one per *class*. The scores have shape
    `(n, classes)`, and a vector of shape `(classes,)` is added to every row as it is, without a new axis."""
    return tf.matmul(x, weights, transpose_b=True) + bias[:, None]


@mistake("linear_scores")
def scores_as_probabilities(x, weights, bias):
    """These are probabilities: a softmax came on top. The scores of a linear classifier are plain sums and may be negative.
    Leave the softmax to section 10."""
    return softmax(tf.matmul(x, weights, transpose_b=True) + bias)


@mistake("linear_scores")
def scores_averaged(x, weights, bias):
    """The products were averaged over the pixels, but a score is their sum. Use a matrix product or `tf.reduce_sum`."""
    return tf.matmul(x, weights, transpose_b=True) / x.shape[1] + bias


@mistake("linear_scores")
def scores_in_numpy(x, weights, bias):
    """The numbers are right, but NumPy computed them, so there are no gradients. Use `tf.matmul`, or `@` on tensors."""
    return tf.constant(x.numpy() @ weights.numpy().T + bias.numpy())


# neuron


def squeezed(a):
    """The right function, without the library's sigmoid: that is off limits, and a ban would hide any other mistake."""
    return 0.5 * (1 + tf.tanh(0.5 * a))


@mistake("neuron")
def exponential_overflows(z, w):
    """exp(1000) is infinite. The output is right all the same, but the gradient is 0 times infinity, which is NaN. Write the
    function with exp(-|a|), or with tf.tanh: then nothing can overflow."""
    return 1 / (1 + tf.exp(-activation(z, w)))


@mistake("neuron")
def both_branches_overflow(z, w):
    """The two formulas are right, each for its half of the activations. But `tf.where` computes *both* for every entry, and the
    one that is not chosen overflows and spoils the gradient. Use exp(-|a|) in both: it never overflows."""
    a = activation(z, w)
    return tf.where(a >= 0, 1 / (1 + tf.exp(-a)), tf.exp(a) / (1 + tf.exp(a)))


@mistake("neuron")
def clipped_activation(z, w):
    """The activation is clipped. So nothing overflows, but beyond the bound the output stays constant and its gradient is
    zero. Find a form that needs no clipping: with exp(-|a|), or with tf.tanh."""
    return squeezed(tf.clip_by_value(activation(z, w), -5, 5))


@mistake("neuron")
def falling_output(z, w):
    """The output falls where it should rise: the sign in the exponent is missing. For activation 2 it is 0.881, and for -2 it
    is 0.119."""
    return squeezed(-activation(z, w))


@mistake("neuron")
def bias_counted_twice(z, w):
    """The bias is counted twice. The first column of `z` is already 1, so the matrix product includes it. Do not add `w[0]`
    again."""
    return squeezed(activation(z, w) + w[0])


@mistake("neuron")
def bias_left_out(z, w):
    """The bias is left out. The sum runs from 0 to D: the first column of `z`, which is 1, brings in `w[0]`. Use all
    columns."""
    return squeezed(activation(z[:, 1:], w[1:]))


@mistake("neuron")
def output_from_minus_one(z, w):
    """The output lies between -1 and 1. This is the hyperbolic tangent as it is. A neuron gives 0.5 at activation 0 and never
    less than 0: halve the tangent, and shift it up."""
    return tf.tanh(activation(z, w))


@mistake("neuron")
def tangent_of_the_whole_activation(z, w):
    """The tangent is scaled and shifted in the right way, but it is too steep: at activation 2 the output is 0.881, not 0.982.
    Compare exp(-a) with the exponentials inside tanh: there each has twice the activation."""
    return 0.5 * (1 + tf.tanh(activation(z, w)))


@mistake("neuron")
def threshold(z, w):
    """This neuron answers 0 or 1 and nothing in between. Such a threshold has slope zero everywhere, so it cannot learn by
    gradient descent. Use the smooth function of the lecture."""
    return tf.cast(activation(z, w) > 0, z.dtype)


@mistake("neuron")
def activation_alone(z, w):
    """This is the activation, the weighted sum. The squeezing into the range from 0 to 1 is still missing."""
    return activation(z, w)


@mistake("neuron")
def outputs_in_a_column(z, w):
    """The outputs stand in a column of shape `(n, 1)`. That comes from multiplying with `w[:, None]`. One number per example is
    a vector of shape `(n,)`: use `tf.linalg.matvec`, or take the last axis away."""
    return squeezed(z @ w[:, None])


@mistake("neuron")
def neuron_in_numpy(z, w):
    """The numbers are right, but NumPy computed them, so there are no gradients. Use `tf.exp` or `tf.tanh` and
    `tf.linalg.matvec`."""
    return tf.constant(squeezed(activation(z, w)).numpy())


@mistake("neuron")
def library_sigmoid(z, w):
    """The library's sigmoid does the work here. Write the function yourself, so that you know why it does not overflow."""
    return tf.sigmoid(activation(z, w))


# neuron_loss


@mistake("neuron_loss")
def loss_averaged(w, z, t, alpha):
    """The surprise is averaged over the examples. The lecture *adds it up*: three examples that each cost log 2 cost 3 log 2
    together. Use `tf.reduce_sum`."""
    return tf.reduce_mean(surprises(w, z, t)) + alpha * half_square(w)


@mistake("neuron_loss")
def loss_negative(w, z, t, alpha):
    """The minus sign before the sum is missing. Logarithms of probabilities are negative, and a surprise is never negative."""
    return -tf.reduce_sum(surprises(w, z, t)) + alpha * half_square(w)


@mistake("neuron_loss")
def loss_of_saturated_outputs(w, z, t, alpha):
    """This goes through the output x, and at an activation of -1000 that is exactly 0. The logarithm of 0 is minus infinity,
    and 0 times that is NaN. Simplify -log x on paper until only the activation is left, and use `tf.nn.softplus`."""
    x = tf.sigmoid(activation(z, w))
    return -tf.reduce_sum(t * tf.math.log(x) + (1 - t) * tf.math.log(1 - x)) + alpha * half_square(w)


@mistake("neuron_loss")
def loss_clipped(w, z, t, alpha):
    """The output is clipped before the logarithm. So the loss stays finite, but it is wrong: a surprise of 1000 becomes one of
    16, and the gradient vanishes just where the neuron is most wrong. Compute -log x from the activation instead."""
    x = tf.clip_by_value(tf.sigmoid(activation(z, w)), 1e-7, 1 - 1e-7)
    return -tf.reduce_sum(t * tf.math.log(x) + (1 - t) * tf.math.log(1 - x)) + alpha * half_square(w)


@mistake("neuron_loss")
def loss_decay_not_halved(w, z, t, alpha):
    """The weight decay is twice as large as it should be: E is *half* the sum of the squared weights. The half makes its
    derivative simply w."""
    return tf.reduce_sum(surprises(w, z, t)) + alpha * tf.reduce_sum(w**2)


@mistake("neuron_loss")
def loss_decay_spares_the_bias(w, z, t, alpha):
    """The bias is left out of the weight decay. Many people do that, but the lecture's sum is over all weights, `w[0]`
    included."""
    return tf.reduce_sum(surprises(w, z, t)) + alpha * half_square(w[1:])


@mistake("neuron_loss")
def loss_decay_of_absolute_values(w, z, t, alpha):
    """The weight decay adds up absolute values. The lecture's E is half the sum of *squares*."""
    return tf.reduce_sum(surprises(w, z, t)) + alpha * tf.reduce_sum(tf.abs(w))


@mistake("neuron_loss")
def loss_decay_forgotten(w, z, t, alpha):
    """The weight decay is missing: the objective is G + alpha E."""
    return tf.reduce_sum(surprises(w, z, t))


@mistake("neuron_loss")
def loss_decay_per_example(w, z, t, alpha):
    """The weight decay was added once per example: it slipped inside the sum. Add up the surprises first, then add alpha E
    once."""
    return tf.reduce_sum(surprises(w, z, t) + alpha * half_square(w))


@mistake("neuron_loss")
def loss_of_ones_only(w, z, t, alpha):
    """Only examples with label 1 contribute. With label 0 the surprise is -log(1 - x): the second half of the formula is
    missing."""
    return tf.reduce_sum(t * tf.nn.softplus(-activation(z, w))) + alpha * half_square(w)


@mistake("neuron_loss")
def loss_with_labels_swapped(w, z, t, alpha):
    """The labels are swapped: the output is the probability of label *1*, so label 1 costs -log x and label 0 costs
    -log(1 - x)."""
    return tf.reduce_sum(surprises(w, z, 1 - t)) + alpha * half_square(w)


@mistake("neuron_loss")
def loss_in_bits(w, z, t, alpha):
    """The logarithm has base 2, so the surprise is measured in bits. The lecture's log is the natural one: `tf.math.log`, with
    log 2 = 0.693."""
    bit = tf.math.log(tf.constant(2, z.dtype))
    return tf.reduce_sum(surprises(w, z, t)) / bit + alpha * half_square(w)


@mistake("neuron_loss")
def loss_of_each_example(w, z, t, alpha):
    """This is one number per example. The objective is a single number: add them up."""
    return surprises(w, z, t) + alpha * half_square(w)


@mistake("neuron_loss")
def loss_as_squared_error(w, z, t, alpha):
    """This is the squared error. The lecture's loss is the surprise, minus the logarithm of the probability that the outcome
    was given."""
    return tf.reduce_sum((tf.sigmoid(activation(z, w)) - t) ** 2) / 2 + alpha * half_square(w)


@mistake("neuron_loss")
def loss_in_numpy(w, z, t, alpha):
    """The number is right, but NumPy computed it, so there are no gradients. Use tensor operations all the way."""
    return tf.constant((tf.reduce_sum(surprises(w, z, t)) + alpha * half_square(w)).numpy())


@mistake("neuron_loss")
def loss_from_the_library(w, z, t, alpha):
    """A ready-made loss does the work here. Write it yourself: two softplus functions are enough."""
    each = tf.nn.sigmoid_cross_entropy_with_logits(t, activation(z, w))
    return tf.reduce_sum(each) + alpha * half_square(w)


# neuron_gradient


@mistake("neuron_gradient")
def gradient_downhill(w, z, t, alpha):
    """The sign is reversed: this points downhill. A gradient points uphill, and the minus comes with the step, in section
    6. With label 1 and output 0.5, the error is -0.5."""
    return -error_times_feature(w, z, t) - alpha * w


@mistake("neuron_gradient")
def gradient_error_reversed(w, z, t, alpha):
    """The data term has the wrong sign; the weight decay has the right one. The prediction error is output minus label:
    with label 1 and output 0.5 it is -0.5."""
    return -error_times_feature(w, z, t) + alpha * w


@mistake("neuron_gradient")
def gradient_with_extra_slope(w, z, t, alpha):
    """The slope x(1 - x) is there once too often. The derivative of the cross-entropy has x(1 - x) in its denominator, so the
    two cancel. What is left is prediction error times feature."""
    x = tf.sigmoid(activation(z, w))
    return tf.linalg.matvec(z, (x - t) * x * (1 - x), transpose_a=True) + alpha * w


@mistake("neuron_gradient")
def gradient_without_features(w, z, t, alpha):
    """Every weight gets the same number, the sum of the prediction errors. The last factor of the chain is missing: da/dw is
    the input z that the weight is multiplied with."""
    error = tf.sigmoid(activation(z, w)) - t
    return tf.reduce_sum(error) * tf.ones_like(w) + alpha * w


@mistake("neuron_gradient")
def gradient_averaged(w, z, t, alpha):
    """The data term is divided by the number of examples. The lecture's loss is a *sum* over the examples, and so is its
    gradient."""
    return error_times_feature(w, z, t) / z.shape[0] + alpha * w


@mistake("neuron_gradient")
def gradient_without_decay(w, z, t, alpha):
    """The weight decay is missing. Differentiate alpha E, too: E is half the sum of the squared weights."""
    return error_times_feature(w, z, t)


@mistake("neuron_gradient")
def gradient_decay_subtracted(w, z, t, alpha):
    """The weight decay has the wrong sign. E grows with the weights, so its derivative is *added*; the step against it then
    shrinks them."""
    return error_times_feature(w, z, t) - alpha * w


@mistake("neuron_gradient")
def gradient_decay_halved(w, z, t, alpha):
    """The weight decay is half as large as it should be. The derivative of half a square is the weight itself, without the
    half."""
    return error_times_feature(w, z, t) + alpha * w / 2


@mistake("neuron_gradient")
def gradient_decay_spares_the_bias(w, z, t, alpha):
    """The bias is left out of the weight decay. Many people do that, but the lecture's E includes all weights, `w[0]` too."""
    return error_times_feature(w, z, t) + alpha * tf.concat([0 * w[:1], w[1:]], 0)


@mistake("neuron_gradient")
def gradient_decay_per_example(w, z, t, alpha):
    """The weight decay is there once per example. Sum prediction error times feature over the examples, then add the weight
    decay once."""
    return error_times_feature(w, z, t) + z.shape[0] * alpha * w


@mistake("neuron_gradient")
def gradient_of_each_example(w, z, t, alpha):
    """This is one gradient per example. The gradient has the shape of `w`: sum over the examples."""
    return (tf.sigmoid(activation(z, w)) - t)[:, None] * z + alpha * w


@mistake("neuron_gradient")
def gradient_by_division(w, z, t, alpha):
    """The factors are multiplied in code, not on paper. At an activation of -1000, the first is infinite and the second is 0,
    and their product is NaN. Simplify them first: no division is left."""
    x = tf.sigmoid(activation(z, w))
    slope = -t / x + (1 - t) / (1 - x)
    return tf.linalg.matvec(z, slope * x * (1 - x), transpose_a=True) + alpha * w


@mistake("neuron_gradient")
def gradient_of_the_activation(w, z, t, alpha):
    """The label is compared with the activation, the weighted sum, instead of with the neuron's output. Squeeze it first."""
    return tf.linalg.matvec(z, activation(z, w) - t, transpose_a=True) + alpha * w


@mistake("neuron_gradient")
def gradient_by_tape(w, z, t, alpha):
    """The tape does the work here. This one is by hand: multiply the three factors of the chain on paper, and write down what
    is left."""
    with tf.GradientTape() as tape:
        tape.watch(w)
        loss = neuron_loss(w, z, t, alpha)
    return tape.gradient(loss, w)


# train_neuron


def descend(z, t, eta, steps, alpha, slope=None, start=0.0, sign=-1):
    """Gradient descent with one thing changed; the weights after every step, in a list that begins with the start."""
    walk = [tf.fill(z.shape[1:], tf.constant(start, z.dtype))]
    for _ in range(steps):
        walk.append(walk[-1] + sign * eta * (slope or neuron_gradient)(walk[-1], z, t, alpha))
    return walk


@mistake("train_neuron")
def walk_uphill(z, t, eta, steps, alpha):
    """The weights move uphill: the gradient was added. It points to where the loss grows, so step against it."""
    return tf.stack(descend(z, t, eta, steps, alpha, sign=1)[1:])


@mistake("train_neuron")
def walk_with_its_start(z, t, eta, steps, alpha):
    """The list starts with the zeros from before the first step, so there is one row too many. Keep the weights *after* each
    step."""
    return tf.stack(descend(z, t, eta, steps, alpha))


@mistake("train_neuron")
def walk_one_step_behind(z, t, eta, steps, alpha):
    """Every row is one step behind: the weights were stored before the step instead of after it. The first row should already
    differ from zero."""
    return tf.stack(descend(z, t, eta, steps, alpha)[:-1])


@mistake("train_neuron")
def walk_last_step_only(z, t, eta, steps, alpha):
    """These are the weights after the last step. Keep those after *every* step: collect them in a list, and `tf.stack` it."""
    return descend(z, t, eta, steps, alpha)[-1]


@mistake("train_neuron")
def walk_without_decay(z, t, eta, steps, alpha):
    """`alpha` is not used: the weights follow G alone. Step down M = G + alpha E."""
    return tf.stack(descend(z, t, eta, steps, 0.0)[1:])


@mistake("train_neuron")
def walk_without_step_size(z, t, eta, steps, alpha):
    """`eta` is not used: each step has the full length of the gradient. Multiply by the step size."""
    return tf.stack(descend(z, t, 1.0, steps, alpha)[1:])


@mistake("train_neuron")
def walk_from_ones(z, t, eta, steps, alpha):
    """The weights do not start at zero. One step from zero with z = (1, 2), label 1 and step size 1 ends at (0.5, 1)."""
    return tf.stack(descend(z, t, eta, steps, alpha, start=1.0)[1:])


@mistake("train_neuron")
def walk_with_one_gradient(z, t, eta, steps, alpha):
    """The gradient is computed once, at the start, and used for every step. It changes as the weights do: compute it inside the
    loop."""
    first = neuron_gradient(tf.zeros(z.shape[1], z.dtype), z, t, alpha)
    return tf.stack(descend(z, t, eta, steps, alpha, slope=lambda *_: first)[1:])


@mistake("train_neuron")
def walk_example_by_example(z, t, eta, steps, alpha):
    """Each step uses one example. Here a step looks at all of them: the sum over the examples is inside the gradient."""
    w, walk = tf.zeros(z.shape[1], z.dtype), []
    for step in range(steps):
        k = step % z.shape[0]
        w = w - eta * neuron_gradient(w, z[k : k + 1], t[k : k + 1], alpha)
        walk.append(w)
    return tf.stack(walk)


@mistake("train_neuron")
def walk_averaged(z, t, eta, steps, alpha):
    """The gradient is divided by the number of examples. The lecture's loss is a sum, so the step is eta times the full
    gradient."""
    return tf.stack(descend(z, t, eta / z.shape[0], steps, alpha)[1:])


# mlp_forward


def network(z, hidden, output, inner=tf.sigmoid, outer=tf.sigmoid):
    """The network with another function in a layer."""
    return outer(tf.linalg.matvec(inner(tf.matmul(z, hidden, transpose_b=True)), output))


@mistake("mlp_forward")
def network_with_linear_hidden_layer(z, hidden, output):
    """The hidden neurons do not squeeze their activations. So the two layers amount to one linear layer, and the boundary is a
    straight line. Apply the sigmoid in the hidden layer, too."""
    return network(z, hidden, output, inner=lambda a: a)


@mistake("mlp_forward")
def network_without_output_sigmoid(z, hidden, output):
    """This is the activation of the output neuron. It is a neuron as well: squeeze it into the range from 0 to 1."""
    return network(z, hidden, output, outer=lambda a: a)


@mistake("mlp_forward")
def network_with_columns_as_neurons(z, hidden, output):
    """The *columns* of `hidden` were taken for the hidden neurons. Its shape is `(K, D)`: row k holds the weights of hidden
    neuron k. Transpose it before you multiply. Where there are as many hidden neurons as inputs, both run, and only one is
    right."""
    return tf.sigmoid(tf.linalg.matvec(tf.sigmoid(z @ hidden), output))


@mistake("mlp_forward")
def network_with_relu(z, hidden, output):
    """The hidden layer uses ReLU. That is a good choice, but not the lecture's here: x(a) = 1 / (1 + exp(-a)) in both
    layers."""
    return network(z, hidden, output, inner=tf.nn.relu)


@mistake("mlp_forward")
def network_with_tanh(z, hidden, output):
    """The hidden layer uses the hyperbolic tangent, from -1 to 1. With hidden weights of zero, a hidden neuron should give
    0.5."""
    return network(z, hidden, output, inner=tf.tanh)


@mistake("mlp_forward")
def network_averaged(z, hidden, output):
    """The hidden outputs are averaged. The activation of the output neuron is their weighted *sum*."""
    return network(z, hidden, output / output.shape[0])


@mistake("mlp_forward")
def network_with_sigmoid_twice(z, hidden, output):
    """One sigmoid too many: the output lies above 0.5 whatever the input is. If you use your `neuron` for the output, it has
    squeezed already."""
    return network(z, hidden, output, outer=lambda a: tf.sigmoid(tf.sigmoid(a)))


@mistake("mlp_forward")
def network_outputs_in_a_column(z, hidden, output):
    """The outputs stand in a column of shape `(n, 1)`. One number per example is a vector of shape `(n,)`: use
    `tf.linalg.matvec` for the output neuron."""
    return network(z, hidden, output)[:, None]


@mistake("mlp_forward")
def network_in_numpy(z, hidden, output):
    """The numbers are right, but NumPy computed them, so there are no gradients. Use tensor operations in both layers."""
    return tf.constant(network(z, hidden, output).numpy())


# mlp_backward


def back_propagation(z, t, hidden, output):
    """What the gradients are made of: hidden outputs (n, K), errors (n,), and the error that reaches each hidden neuron."""
    features = tf.sigmoid(tf.matmul(z, hidden, transpose_b=True))
    error = tf.sigmoid(tf.linalg.matvec(features, output)) - t
    return features, error, error[:, None] * output


def gathered(z, features, error, back, hidden, output, alpha, beta=None):
    """The sums over the examples, with weight decay alpha on `hidden` and beta (else alpha) on `output`."""
    dhidden = tf.matmul(back, z, transpose_a=True) + alpha * hidden
    return dhidden, tf.linalg.matvec(features, error, transpose_a=True) + (alpha if beta is None else beta) * output


def derivatives(z, t, hidden, output, alpha, beta=None):
    """The right derivatives, with weight decay alpha on `hidden` and beta (else alpha) on `output`."""
    features, error, back = back_propagation(z, t, hidden, output)
    return gathered(z, features, error, back * features * (1 - features), hidden, output, alpha, beta)


@mistake("mlp_backward")
def backward_without_hidden_slope(z, t, hidden, output, alpha):
    """In dW the slope of the hidden neurons is missing. The error passes through their sigmoid on its way back: the fourth
    factor of the chain is x_i (1 - x_i)."""
    features, error, back = back_propagation(z, t, hidden, output)
    return gathered(z, features, error, back, hidden, output, alpha)


@mistake("mlp_backward")
def backward_without_output_weights(z, t, hidden, output, alpha):
    """In dW the output weights are missing. The error reaches a hidden neuron through its weight w_i: the third factor of the
    chain is da/dx_i."""
    features, error, _ = back_propagation(z, t, hidden, output)
    back = error[:, None] * features * (1 - features)
    return gathered(z, features, error, back, hidden, output, alpha)


@mistake("mlp_backward")
def backward_with_wrong_slope(z, t, hidden, output, alpha):
    """In dW the slope of the hidden neurons is 1 - x_i, but it is x_i (1 - x_i): both factors. At x_i = 0.5 it is 0.25."""
    features, error, back = back_propagation(z, t, hidden, output)
    return gathered(z, features, error, back * (1 - features), hidden, output, alpha)


@mistake("mlp_backward")
def backward_with_extra_slope(z, t, hidden, output, alpha):
    """The slope x (1 - x) of the *output* neuron is there once too often. It cancels with the derivative of the cross-entropy,
    as in section 5: the error at the output is x - t."""
    features, error, _ = back_propagation(z, t, hidden, output)
    x = error + t
    error = error * x * (1 - x)
    back = error[:, None] * output * features * (1 - features)
    return gathered(z, features, error, back, hidden, output, alpha)


@mistake("mlp_backward")
def backward_uphill_down(z, t, hidden, output, alpha):
    """The data term has the wrong sign. The error at the output is output minus label: with label 1 and output 0.5 it is
    -0.5."""
    features, error, back = back_propagation(z, t, hidden, output)
    return gathered(z, features, -error, -back * features * (1 - features), hidden, output, alpha)


@mistake("mlp_backward")
def backward_with_activations_for_outputs(z, t, hidden, output, alpha):
    """dw is made of the hidden *activations*. The output neuron is fed with the hidden outputs x_i, after the sigmoid: da/dw_i
    is x_i."""
    features, error, back = back_propagation(z, t, hidden, output)
    activations = tf.matmul(z, hidden, transpose_b=True)
    return gathered(z, activations, error, back * features * (1 - features), hidden, output, alpha)


@mistake("mlp_backward")
def backward_averaged(z, t, hidden, output, alpha):
    """The data term is divided by the number of examples. The loss is a *sum* over the examples, and so are its derivatives."""
    features, error, back = back_propagation(z, t, hidden, output)
    count = z.shape[0]
    return gathered(z, features, error / count, back * features * (1 - features) / count, hidden, output, alpha)


@mistake("mlp_backward")
def backward_decay_on_hidden_only(z, t, hidden, output, alpha):
    """The output weights `w` have no weight decay. E contains both sums: over all w_i and over all W_ij."""
    return derivatives(z, t, hidden, output, alpha, 0.0)


@mistake("mlp_backward")
def backward_decay_on_output_only(z, t, hidden, output, alpha):
    """The hidden weights `W` have no weight decay. E contains both sums: over all w_i and over all W_ij."""
    return derivatives(z, t, hidden, output, 0.0, alpha)


@mistake("mlp_backward")
def backward_decay_doubled(z, t, hidden, output, alpha):
    """The weight decay is twice as large as it should be. E has a half in front of its squares, so its derivative is the weight
    itself."""
    return derivatives(z, t, hidden, output, 2 * alpha)


@mistake("mlp_backward")
def backward_transposed(z, t, hidden, output, alpha):
    """dW is transposed: it has a row per input. A derivative has the shape of what it belongs to, and `hidden` has a row per
    hidden neuron."""
    dhidden, doutput = derivatives(z, t, hidden, output, alpha)
    return tf.transpose(dhidden), doutput


@mistake("mlp_backward")
def backward_in_wrong_order(z, t, hidden, output, alpha):
    """The two results are right, but swapped: return `(dW, dw)`, the hidden layer's first."""
    return derivatives(z, t, hidden, output, alpha)[::-1]


@mistake("mlp_backward")
def backward_by_tape(z, t, hidden, output, alpha):
    """The tape does the work here. This one is by hand: find the five factors, and multiply them from the output backward."""
    with tf.GradientTape() as tape:
        tape.watch([hidden, output])
        a = tf.linalg.matvec(tf.sigmoid(tf.matmul(z, hidden, transpose_b=True)), output)
        loss = tf.reduce_sum(t * tf.nn.softplus(-a) + (1 - t) * tf.nn.softplus(a))
        loss += alpha * (half_square(hidden) + half_square(output))
    return tape.gradient(loss, (hidden, output))


# mlp_params


def pairs(sizes):
    """The sizes of neighbours: inputs and neurons of each layer."""
    return list(pairwise(sizes))


@mistake("mlp_params")
def weights_alone(sizes):
    """The biases are missing: every neuron has one, beside its weights."""
    return sum(inputs * neurons for inputs, neurons in pairs(sizes))


@mistake("mlp_params")
def one_bias_per_layer(sizes):
    """Only one bias per layer is counted. Every *neuron* has a bias of its own."""
    return sum(inputs * neurons + 1 for inputs, neurons in pairs(sizes))


@mistake("mlp_params")
def biases_for_the_inputs(sizes):
    """The inputs got biases, too. They are not neurons, they are given: only the neurons of the layers have a bias."""
    return sum(inputs * neurons for inputs, neurons in pairs(sizes)) + sum(sizes)


@mistake("mlp_params")
def bias_per_input(sizes):
    """A layer has a bias per neuron, not per input. From 3 inputs to 2 neurons there are 6 weights and 2 biases."""
    return sum(inputs * neurons + inputs for inputs, neurons in pairs(sizes))


@mistake("mlp_params")
def all_sizes_multiplied(sizes):
    """All sizes are multiplied with each other. A layer is connected to its neighbour only: add up the layers, each with its
    own product."""
    return int(np.prod(sizes)) + sum(sizes[1:])


@mistake("mlp_params")
def last_layer_forgotten(sizes):
    """The last layer is missing. A list of four sizes has three layers between them: check the end of your range."""
    return sum((inputs + 1) * neurons for inputs, neurons in pairs(sizes)[:-1])


@mistake("mlp_params")
def parameters_as_float(sizes):
    """The number is right, but it is a float. A count is a whole number: keep to `*` and `+` on ints."""
    return float(sum((inputs + 1) * neurons for inputs, neurons in pairs(sizes)))


@mistake("mlp_params")
def parameters_in_32_bits(sizes):
    """A million times a million does not fit into 32 bits, so the number has wrapped around. Python's own ints have no limit:
    keep NumPy and TensorFlow out of this one."""
    return int(
        np.sum([np.int64((inputs + 1) * neurons).astype(np.int32) for inputs, neurons in pairs(sizes)], dtype=np.int32)
    )


# softmax


def normalised(powers, axis=-1):
    """Divided by their sum."""
    return powers / tf.reduce_sum(powers, axis=axis, keepdims=True)


def softmax_along(logits, axis):
    """A softmax that does not overflow, along any axis."""
    return normalised(tf.exp(logits - tf.reduce_max(logits, axis=axis, keepdims=True)), axis)


@mistake("softmax")
def softmax_overflows(logits):
    """exp(1000) is infinite, and infinity divided by infinity is NaN. Add the same number to all logits of an example before
    the exponential: the result does not change. Which number makes the largest exponent 0?"""
    return normalised(tf.exp(logits))


@mistake("softmax")
def softmax_less_one_maximum(logits):
    """The largest logit of the whole batch is subtracted from every example. In an example whose logits are all far below it,
    every exponential is then 0, and 0 divided by 0 is NaN. Take the largest of *each* example: `axis=-1, keepdims=True`."""
    return normalised(tf.exp(logits - tf.reduce_max(logits)))


@mistake("softmax")
def softmax_less_the_mean(logits):
    """The mean is subtracted from the logits. That helps as long as they are close together, but it overflows when one of them
    is far above the others. Subtract the largest."""
    return normalised(tf.exp(logits - tf.reduce_mean(logits, axis=-1, keepdims=True)))


@mistake("softmax")
def softmax_along_first_axis(logits):
    """The probabilities add up to 1 along the first axis, over the examples. They belong to the classes of *one* example: use
    `axis=-1` in every reduction."""
    return softmax_along(logits, 0)


@mistake("softmax")
def softmax_over_everything(logits):
    """All entries of the batch add up to 1 together. Every example has its own probabilities: give the sum `axis=-1` and
    `keepdims=True`."""
    return softmax_along(logits, None)


@mistake("softmax")
def softmax_not_normalised(logits):
    """These are exponentials that do not add up to 1. Divide by their sum along the last axis."""
    return tf.exp(logits - tf.reduce_max(logits, axis=-1, keepdims=True))


@mistake("softmax")
def softmax_as_sigmoids(logits):
    """Each logit went through its own sigmoid, so the numbers do not add up to 1. Softmax compares the logits of an example
    with each other."""
    return tf.sigmoid(logits)


@mistake("softmax")
def softmax_without_exponential(logits):
    """The logits themselves are divided by their sum. They may be negative; the exponential makes them positive first."""
    return normalised(logits)


@mistake("softmax")
def softmax_with_base_two(logits):
    """These are powers of 2. Softmax takes powers of e: `tf.exp`."""
    return softmax_along(logits * tf.math.log(tf.constant(2, logits.dtype)), -1)


@mistake("softmax")
def softmax_as_logarithms(logits):
    """These are the logarithms of the probabilities: they are negative. Return the probabilities."""
    return logits - tf.reduce_logsumexp(logits, axis=-1, keepdims=True)


@mistake("softmax")
def softmax_in_numpy(logits):
    """The numbers are right, but NumPy computed them, so there is no gradient. Use `tf.exp` and `tf.reduce_sum`."""
    return tf.constant(softmax_along(logits, -1).numpy())


@mistake("softmax")
def softmax_from_the_library(logits):
    """The library's softmax does the work here. Write it yourself: an exponential, a sum, and something against the
    overflow."""
    return tf.nn.softmax(logits)


# mean_squared_error_of_softmax


@mistake("mean_squared_error_of_softmax")
def squares_added_up(logits, labels):
    """The squares are added up. Take their mean, over all entries."""
    return tf.reduce_sum((softmax(logits) - one_hot(logits, labels)) ** 2)


@mistake("mean_squared_error_of_softmax")
def squares_added_up_over_classes(logits, labels):
    """The squares are added up over the classes and averaged over the examples. `reduction="mean"` is the mean over *all* entries:
    divide by the number of classes, too."""
    return tf.reduce_mean(tf.reduce_sum((softmax(logits) - one_hot(logits, labels)) ** 2, axis=1))


@mistake("mean_squared_error_of_softmax")
def squares_halved(logits, labels):
    """The result is half as large as it should be. There is no 1/2 in this loss, only the mean of the squares."""
    return tf.reduce_mean((softmax(logits) - one_hot(logits, labels)) ** 2) / 2


@mistake("mean_squared_error_of_softmax")
def error_of_the_logits(logits, labels):
    """The softmax is missing: the logits themselves are compared with the one-hot labels."""
    return tf.reduce_mean((logits - one_hot(logits, labels)) ** 2)


@mistake("mean_squared_error_of_softmax")
def absolute_error(logits, labels):
    """The differences are taken as absolute values, not squared."""
    return tf.reduce_mean(tf.abs(softmax(logits) - one_hot(logits, labels)))


@mistake("mean_squared_error_of_softmax")
def root_of_the_mean(logits, labels):
    """There is a square root on top. The loss is the mean of the squares itself."""
    return tf.sqrt(tf.reduce_mean((softmax(logits) - one_hot(logits, labels)) ** 2))


@mistake("mean_squared_error_of_softmax")
def labels_as_numbers(logits, labels):
    """The probabilities are compared with the *number* of the class. Class 2 is not twice class 1: make one-hot vectors of the
    labels, with `tf.one_hot`."""
    return tf.reduce_mean((softmax(logits) - tf.cast(labels, logits.dtype)[:, None]) ** 2)


@mistake("mean_squared_error_of_softmax")
def right_class_only(logits, labels):
    """Only the probability of the right class is looked at. The mean is over all classes, and the wrong ones should be 0."""
    p = tf.gather(softmax(logits), labels, axis=1, batch_dims=1)
    return tf.reduce_mean((1 - p) ** 2)


@mistake("mean_squared_error_of_softmax")
def cross_entropy_instead(logits, labels):
    """This is the cross-entropy. It is the better loss, as the picture below shows; write the squared error here, so that you
    can compare them."""
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))


@mistake("mean_squared_error_of_softmax")
def error_of_each_entry(logits, labels):
    """These are the squared errors of all entries. A loss is a single number: take their mean."""
    return (softmax(logits) - one_hot(logits, labels)) ** 2


@mistake("mean_squared_error_of_softmax")
def error_in_numpy(logits, labels):
    """The number is right, but NumPy computed it, so there is no gradient. Use tensor operations."""
    return tf.constant(tf.reduce_mean((softmax(logits) - one_hot(logits, labels)) ** 2).numpy())


# minibatches


def cut(order, batch_size):
    """An order, cut into batches."""
    return [order[start : start + batch_size] for start in range(0, len(order), batch_size)]


@mistake("minibatches")
def batches_unshuffled(count, batch_size, seed):
    """Nothing is shuffled. Data often come sorted by class, and then a batch holds only one class. Put the indices in random
    order before you cut."""
    return cut(np.arange(count), batch_size)


@mistake("minibatches")
def batches_without_the_rest(count, batch_size, seed):
    """The examples left over at the end are dropped. The last batch may be shorter, but it must be there: every index occurs
    once."""
    order = np.random.default_rng(seed).permutation(count)
    return cut(order, batch_size)[: count // batch_size]


@mistake("minibatches")
def batches_drawn_with_replacement(count, batch_size, seed):
    """Some indices occur more than once, and others never. Do not draw the indices one by one: put all of them into random
    order, with a permutation."""
    return cut(np.random.default_rng(seed).integers(0, count, count), batch_size)


@mistake("minibatches")
def batches_with_a_fixed_seed(count, batch_size, seed):
    """The order is the same for every seed. Use `seed`, not a fixed number: each epoch needs an order of its own."""
    return cut(np.random.default_rng(0).permutation(count), batch_size)


RUNS = counted(10**6)
"""What is drawn without a seed differs in each run; here it differs in each call, so that a release is always the same."""


@mistake("minibatches")
def batches_without_a_seed(count, batch_size, seed):
    """The same seed gives another order each time. Start a generator from `seed`, so that a run can be repeated."""
    return cut(np.random.default_rng(next(RUNS)).permutation(count), batch_size)


@mistake("minibatches")
def batches_shuffled_as_blocks(count, batch_size, seed):
    """Whole batches are shuffled, but each still holds neighbours. Shuffle the indices first, and cut afterwards."""
    blocks = cut(np.arange(count), batch_size)
    rest = blocks.pop() if count % batch_size and len(blocks) > 1 else None
    blocks = [blocks[k] for k in np.random.default_rng(seed).permutation(len(blocks))]
    return blocks if rest is None else [*blocks, rest]


@mistake("minibatches")
def batches_counted_from_one(count, batch_size, seed):
    """The indices run from 1 to `count`. Python counts from 0: the first example has the index 0, and index `count` does not
    exist."""
    return cut(np.random.default_rng(seed).permutation(count) + 1, batch_size)


@mistake("minibatches")
def batches_filled_up(count, batch_size, seed):
    """The last batch is filled up with indices that were used already. Each index occurs once: leave the last batch shorter."""
    order = np.random.default_rng(seed).permutation(count)
    return cut(np.resize(order, -(-count // batch_size) * batch_size), batch_size)


@mistake("minibatches")
def batch_size_as_number_of_batches(count, batch_size, seed):
    """There are `batch_size` batches. It is the number of indices *in* a batch; how many batches there are follows from it."""
    return np.array_split(np.random.default_rng(seed).permutation(count), batch_size)


# sgd_momentum_step


def stepped(theta, v):
    """The step with a velocity."""
    return theta + v, v


@mistake("sgd_momentum_step")
def step_with_old_velocity(theta, v, gradient, rate, momentum=0.9, decay=0.0005):
    """The parameters move by the *old* velocity. Update the velocity first, and add the new one."""
    return theta + v, momentum * v - rate * gradient - decay * rate * theta


@mistake("sgd_momentum_step")
def step_uphill(theta, v, gradient, rate, momentum=0.9, decay=0.0005):
    """The gradient is added to the velocity. It points uphill: subtract the rate times the gradient."""
    return stepped(theta, momentum * v + rate * gradient - decay * rate * theta)


@mistake("sgd_momentum_step")
def step_without_decay(theta, v, gradient, rate, momentum=0.9, decay=0.0005):
    """The weight decay is missing: a third term pulls the parameters towards zero, `decay` times the rate times theta."""
    return stepped(theta, momentum * v - rate * gradient)


@mistake("sgd_momentum_step")
def step_with_decay_without_rate(theta, v, gradient, rate, momentum=0.9, decay=0.0005):
    """The weight decay is not multiplied by the learning rate. It is a part of the gradient, so the rate applies to it as
    well."""
    return stepped(theta, momentum * v - rate * gradient - decay * theta)


@mistake("sgd_momentum_step")
def step_with_decay_added(theta, v, gradient, rate, momentum=0.9, decay=0.0005):
    """The weight decay has the wrong sign: it makes the parameters grow. Subtract it from the velocity."""
    return stepped(theta, momentum * v - rate * gradient + decay * rate * theta)


@mistake("sgd_momentum_step")
def step_minus_velocity(theta, v, gradient, rate, momentum=0.9, decay=0.0005):
    """The velocity is subtracted from the parameters. It already contains its minus signs: add it."""
    v = momentum * v - rate * gradient - decay * rate * theta
    return theta - v, v


@mistake("sgd_momentum_step")
def step_with_averaged_gradient(theta, v, gradient, rate, momentum=0.9, decay=0.0005):
    """The gradient is multiplied by 1 - momentum, as in a moving average. The lecture's velocity takes the full gradient."""
    return stepped(theta, momentum * v - (1 - momentum) * rate * gradient - decay * rate * theta)


@mistake("sgd_momentum_step")
def step_without_momentum(theta, v, gradient, rate, momentum=0.9, decay=0.0005):
    """The old velocity is dropped. The new one keeps a fraction of it, `momentum`."""
    return stepped(theta, -rate * gradient - decay * rate * theta)


@mistake("sgd_momentum_step")
def step_without_rate(theta, v, gradient, rate, momentum=0.9, decay=0.0005):
    """The learning rate is not used. It scales the gradient and the weight decay."""
    return stepped(theta, momentum * v - gradient - decay * theta)


@mistake("sgd_momentum_step")
def step_with_rate_at_the_end(theta, v, gradient, rate, momentum=0.9, decay=0.0005):
    """The learning rate multiplies the whole velocity at the end. Some libraries do so; in the lecture's formula it is inside
    the velocity, so the old velocity is not scaled by it."""
    v = momentum * v - gradient - decay * theta
    return theta + rate * v, v


@mistake("sgd_momentum_step")
def step_ahead(theta, v, gradient, rate, momentum=0.9, decay=0.0005):
    """The parameters move too far: a further fraction of the velocity is added. That is Nesterov's momentum. The lecture's step
    adds the new velocity once."""
    v = momentum * v - rate * gradient - decay * rate * theta
    return theta + momentum * v - rate * gradient - decay * rate * theta, v


@mistake("sgd_momentum_step")
def step_in_wrong_order(theta, v, gradient, rate, momentum=0.9, decay=0.0005):
    """The two results are swapped: return `(theta, v)`, the parameters first."""
    v = momentum * v - rate * gradient - decay * rate * theta
    return v, theta + v


# Tracker


def ordered(result):
    """All trackers behind a result, parents before their results."""
    order, seen = [], set()

    def visit(tracker):
        if id(tracker) not in seen:
            seen.add(id(tracker))
            for parent, _ in tracker.parents:
                visit(parent)
            order.append(tracker)

    visit(result)
    return order


@mistake("Tracker")
class LastUseWins(Tracker):
    """A value that is used twice keeps only one part of its gradient: a later part overwrites an earlier one. The parts from
    all uses add up: use `+=` instead of `=`."""

    def backward(self):
        order = ordered(self)
        for tracker in order:
            tracker.gradient = tf.zeros_like(tracker.value)
        self.gradient = tf.ones_like(self.value)
        for tracker in reversed(order):
            for parent, pull in tracker.parents:
                parent.gradient = self.fit(pull(tracker.gradient), parent.value.shape)


@mistake("Tracker")
class HandedOnTooEarly(Tracker):
    """A shared value passes its gradient on before all its uses have delivered their parts, so later parts are lost further
    down. Walk backward through a list in which parents come before their results; a plain walk from the result downward is not
    enough."""

    def backward(self):
        order, seen = [], set()

        def visit(tracker):  # results first, in the order in which they are met
            if id(tracker) not in seen:
                seen.add(id(tracker))
                order.append(tracker)
                for parent, _ in tracker.parents:
                    visit(parent)

        visit(self)
        for tracker in order:
            tracker.gradient = tf.zeros_like(tracker.value)
        self.gradient = tf.ones_like(self.value)
        for tracker in order:
            for parent, pull in tracker.parents:
                parent.gradient += self.fit(pull(tracker.gradient), parent.value.shape)


@mistake("Tracker")
class HandedOnAgain(Tracker):
    """A shared value passes on its *whole* gradient each time a part arrives, so the earlier parts are passed on again. Either
    pass on only the new part, or wait until all parts are there and pass on their sum once."""

    def backward(self):
        for tracker in ordered(self):
            tracker.gradient = tf.zeros_like(tracker.value)

        def push(tracker):
            for parent, pull in tracker.parents:
                parent.gradient += self.fit(pull(tracker.gradient), parent.value.shape)
                push(parent)

        self.gradient = tf.ones_like(self.value)
        push(self)


@mistake("Tracker")
class BroadcastNotSummed(Tracker):
    """The gradient keeps the broadcast shape. Where a value was repeated by broadcasting, each copy has a part, and the parts
    must be added up until the gradient has the shape of the value. That is what `fit` is for."""

    @staticmethod
    def fit(g, shape):
        return g

    def backward(self):
        parts = {}
        for tracker in ordered(self):
            tracker.gradient = None
        parts[id(self)] = tf.ones_like(self.value)
        for tracker in reversed(ordered(self)):
            tracker.gradient = parts[id(tracker)]
            for parent, pull in tracker.parents:
                part = pull(tracker.gradient)
                parts[id(parent)] = parts[id(parent)] + part if id(parent) in parts else part


@mistake("Tracker")
class BroadcastAveraged(Tracker):
    """Over the axes of broadcasting the parts are averaged. They have to be added up: every copy of the value contributes
    fully."""

    def fit(self, g, shape):
        summed = super().fit(g, shape)
        return summed * tf.cast(tf.size(summed) / tf.size(g), g.dtype)


@mistake("Tracker")
class BroadcastNewAxesOnly(Tracker):
    """Axes that broadcasting put in front are summed over, but not those of size 1 that it stretched. A value of shape (3, 1)
    that met a (3, 4) was repeated four times along its last axis: sum over that axis and keep it, with `keepdims=True`."""

    @staticmethod
    def fit(g, shape):
        g = tf.reduce_sum(g, axis=list(range(len(g.shape) - len(shape))))
        return g[tuple(slice(0, size) for size in shape)]


@mistake("Tracker")
class SubtractionWithoutMinus(Tracker):
    """In `x - y` the part for y has the wrong sign. The difference falls when y grows: the derivative is -1."""

    def __sub__(self, other):
        other = self.lift(other)
        return self.record(self.value - other.value, (self, lambda g: g), (other, lambda g: g))


@mistake("Tracker")
class FactorsCrossed(Tracker):
    """In `x * y` each factor got *its own* value as the derivative. The derivative of x y with respect to x is y, and with
    respect to y it is x."""

    def __mul__(self, other):
        other = self.lift(other)
        return self.record(
            self.value * other.value, (self, lambda g: g * self.value), (other, lambda g: g * other.value)
        )


@mistake("Tracker")
class DenominatorWithoutMinus(Tracker):
    """In `x / y` the part for y has the wrong sign. The quotient falls when y grows: the derivative is -x / y^2."""

    def __truediv__(self, other):
        other = self.lift(other)
        return self.record(
            self.value / other.value,
            (self, lambda g: g / other.value),
            (other, lambda g: g * self.value / other.value**2),
        )


@mistake("Tracker")
class PowerNotLowered(Tracker):
    """In `x ** n` the exponent is not lowered. The derivative of x^3 is 3 x^2."""

    def __pow__(self, exponent):
        return self.record(self.value**exponent, (self, lambda g: g * exponent * self.value**exponent))


@mistake("Tracker")
class PowerWithoutFactor(Tracker):
    """In `x ** n` the factor n is missing. The derivative of x^3 is *three* times x^2."""

    def __pow__(self, exponent):
        return self.record(self.value**exponent, (self, lambda g: g * self.value ** (exponent - 1)))


@mistake("Tracker")
class ExponentialOfNothing(Tracker):
    """The pull of `exp` passes the gradient on unchanged. The derivative of exp(x) is exp(x): multiply by the result."""

    def exp(self):
        return self.record(tf.exp(self.value), (self, lambda g: g))


@mistake("Tracker")
class LogarithmMultiplied(Tracker):
    """The pull of `log` multiplies by x. The derivative of log x is 1/x: divide."""

    def log(self):
        return self.record(tf.math.log(self.value), (self, lambda g: g * self.value))


@mistake("Tracker")
class MinusCosine(Tracker):
    """The pull of `sin` has the wrong sign. The derivative of sin x is cos x; it is the cosine whose derivative has the
    minus."""

    def sin(self):
        return self.record(tf.sin(self.value), (self, lambda g: -g * tf.cos(self.value)))


@mistake("Tracker")
class SumAveraged(Tracker):
    """The pull of `sum` divides the gradient among the entries, as for a mean. Every entry that is added gets the whole g."""

    def sum(self, axis=None):
        total = super().sum(axis)
        ((_, spread),) = total.parents
        share = tf.cast(tf.size(total.value) / tf.size(self.value), self.value.dtype)
        return self.record(total.value, (self, lambda g: spread(g) * share))


@mistake("Tracker")
class SumIgnoresAxis(Tracker):
    """`sum` adds up everything, whatever the axis. With `axis=1`, a matrix gives one sum per row."""

    def sum(self, axis=None):
        return super().sum()


@mistake("Tracker")
class MatrixFactorsWithoutTranspose(Tracker):
    """In `X @ Y` the pulls lack their transposes. The part of X is g times Y-transposed, the part of Y is X-transposed times g:
    compare the shapes."""

    def __matmul__(self, other):
        other = self.lift(other)
        return self.record(
            self.value @ other.value, (self, lambda g: g @ other.value), (other, lambda g: self.value @ g)
        )


@mistake("Tracker")
class MatrixFactorsExchanged(Tracker):
    """In `X @ Y` the part of Y is computed as g times X-transposed, in the wrong order. It is X-transposed times g: the shapes
    of a product tell where each factor belongs."""

    def __matmul__(self, other):
        other = self.lift(other)
        return self.record(
            self.value @ other.value,
            (self, lambda g: tf.matmul(g, other.value, transpose_b=True)),
            (other, lambda g: tf.matmul(g, self.value, transpose_b=True)),
        )


@mistake("Tracker")
class TrackerByTape(Tracker):
    """The tape does the work here. Write the pulls yourself: each is the derivative of one operation."""

    def backward(self):
        super().backward()
        with tf.GradientTape() as tape:
            tape.watch(self.value)


# gradient


def zeros_or_gradient(tracker):
    """The gradient that a tracker has, or zeros."""
    return tf.zeros_like(tracker.value) if tracker.gradient is None else tracker.gradient


@mistake("gradient")
def gradient_with_the_value(f, *arguments):
    """The value of the function is in the result, too. Return the gradients only, one per argument."""
    trackers = [Tracker(argument) for argument in arguments]
    result = f(*trackers)
    result.backward()
    return (result.value, *(zeros_or_gradient(t) for t in trackers))


@mistake("gradient")
def gradient_as_trackers(f, *arguments):
    """These are the trackers. The gradient is what `backward` has stored in them: return the `gradient` of each."""
    trackers = [Tracker(argument) for argument in arguments]
    f(*trackers).backward()
    return tuple(trackers)


@mistake("gradient")
def gradient_of_the_first_argument(f, *arguments):
    """Only the gradient for the first argument is returned. There is one for each of `arguments`."""
    trackers = [Tracker(argument) for argument in arguments]
    f(*trackers).backward()
    return (zeros_or_gradient(trackers[0]),)


@mistake("gradient")
def gradient_without_tuple(f, *arguments):
    """The result is a plain tensor. Return a tuple with one tensor per argument, even when there is only one."""
    trackers = [Tracker(argument) for argument in arguments]
    f(*trackers).backward()
    found = tuple(zeros_or_gradient(t) for t in trackers)
    return found[0] if len(found) == 1 else found


@mistake("gradient")
def gradient_is_none(f, *arguments):
    """For an argument that the function does not use, the `gradient` of its tracker is still None. Its gradient is zero: return
    a tensor of zeros in the argument's shape."""
    trackers = [Tracker(argument) for argument in arguments]
    f(*trackers).backward()
    return tuple(t.gradient for t in trackers)


@mistake("gradient")
def gradient_in_reverse_order(f, *arguments):
    """The gradients come in reverse order. Backward is the walk through the computation; the result has the order of the
    arguments."""
    trackers = [Tracker(argument) for argument in arguments]
    f(*trackers).backward()
    return tuple(zeros_or_gradient(t) for t in reversed(trackers))


@mistake("gradient")
def gradient_of_unused_as_ones(f, *arguments):
    """An argument that the function does not use got a gradient of ones. The value does not change with it, so its gradient is
    zero."""
    trackers = [Tracker(argument) for argument in arguments]
    f(*trackers).backward()
    return tuple(tf.ones_like(t.value) if t.gradient is None else t.gradient for t in trackers)


@mistake("gradient")
def gradient_one_by_one(f, *arguments):
    """The function was called with plain tensors for all arguments but one. Tensors do not have the methods of a Tracker, such
    as `sum` or `exp`. Wrap *all* arguments, and call the function once."""
    found = []
    for k, argument in enumerate(arguments):
        tracker = Tracker(argument)
        f(*arguments[:k], tracker, *arguments[k + 1 :]).backward()
        found.append(zeros_or_gradient(tracker))
    return tuple(found)


# sigmoid_chain


def chained(depth, x, factor):
    """The chain with other factors of its derivative: `factor(input, output)` of each sigmoid."""
    derivative = tf.ones_like(x)
    for _ in range(depth):
        above = tf.sigmoid(x)
        derivative, x = derivative * factor(x, above), above
    return x, derivative


@mistake("sigmoid_chain")
def slope_without_second_factor(depth, x):
    """The slope of each sigmoid is taken as its output. It is x (1 - x), so the second factor is missing: at 0.5 the slope is
    0.25."""
    return chained(depth, x, lambda below, above: above)


@mistake("sigmoid_chain")
def slope_at_the_input(depth, x):
    """The slope is computed from the *input* of each sigmoid. The formula x (1 - x) needs its output."""
    return chained(depth, x, lambda below, above: below * (1 - below))


@mistake("sigmoid_chain")
def slopes_added(depth, x):
    """The slopes are added up. The chain rule multiplies them."""
    value, _ = chained(depth, x, lambda below, above: above)
    total = tf.zeros_like(x)
    for _ in range(depth):
        x = tf.sigmoid(x)
        total += x * (1 - x)
    return value, total


@mistake("sigmoid_chain")
def slope_of_the_last_sigmoid(depth, x):
    """Only the slope of the last sigmoid is there. The derivative of the chain is the product of the slopes of *all* of
    them."""
    value, derivative = x, tf.ones_like(x)
    for _ in range(depth):
        value = tf.sigmoid(value)
        derivative = value * (1 - value)
    return value, derivative


@mistake("sigmoid_chain")
def first_slope_to_the_power(depth, x):
    """The slope of the first sigmoid is taken to the power `depth`. Each sigmoid gets another input, the output of the one
    before, so each has a slope of its own."""
    value, _ = chained(depth, x, lambda below, above: above)
    first = tf.sigmoid(x)
    return value, (first * (1 - first)) ** depth


@mistake("sigmoid_chain")
def largest_slope_everywhere(depth, x):
    """Every factor is 0.25. That is the largest slope a sigmoid can have, at input 0, and only a bound for the others."""
    return chained(depth, x, lambda below, above: 0.25 + 0 * above)


@mistake("sigmoid_chain")
def one_sigmoid_too_many(depth, x):
    """There is one sigmoid too many. With `depth = 1` there is one, and with 0 there is none: the value is `x` and the
    derivative 1."""
    return chained(depth + 1, x, lambda below, above: above * (1 - above))


@mistake("sigmoid_chain")
def value_without_chain(depth, x):
    """The derivative is right, but the value is that of a single sigmoid. The value runs through the whole chain."""
    _, derivative = chained(depth, x, lambda below, above: above * (1 - above))
    return tf.sigmoid(x), derivative


@mistake("sigmoid_chain")
def chain_in_wrong_order(depth, x):
    """The two results are swapped: return `(value, derivative)`."""
    return chained(depth, x, lambda below, above: above * (1 - above))[::-1]


@mistake("sigmoid_chain")
def chain_by_tape(depth, x):
    """The tape does the work here. Multiply the slopes yourself, one per sigmoid."""
    with tf.GradientTape() as tape:
        tape.watch(x)
        value, _ = chained(depth, x, lambda below, above: above)
    return value, tape.gradient(value, x)
