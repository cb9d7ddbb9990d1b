"""What goes wrong with neurons: each function is a plausible wrong answer, and its docstring is the hint for it."""
# ruff: noqa: F821 - this file runs after the solved notebook, so its functions are in scope

from itertools import count

import numpy as np
import tensorflow as tf

from autograder.question import mistake

# p_norm


@mistake("p_norm", replace="tf.abs(x)", by="x")
def norm_without_absolute_values():
    """The absolute values are missing: for p = 1, the entries 3 and -4 add up to -1. They do no harm for even p, where the
    power takes the sign away, so p = 2 looks right. Take `tf.abs(x)` first, for every p."""


@mistake("p_norm", replace=" ** (1 / p)", by="")
def norm_without_root():
    """The root at the end is missing: (3, -4, 0) has length 5, and the sum of its squares is 25. Raise the sum to the power
    1/p."""


@mistake("p_norm", replace="(1 / p)", by="0.5")
def norm_always_with_square_root():
    """The last step is a square root whatever p is. That is right for p = 2 alone. The root has to undo the power: the
    exponent is 1/p."""


@mistake("p_norm", replace="tf.abs(x)", by="tf.reshape(tf.abs(x), [-1])")
def norm_over_everything():
    """All vectors are taken as one long vector, so a single number comes out. The norm is along the last axis: give the
    reduction `axis=-1`, and there is one norm per vector."""


@mistake("p_norm", replace="tf.abs(x)", by="tf.experimental.numpy.moveaxis(tf.abs(x), 0, -1)")
def norm_along_first_axis():
    """The sum runs along the first axis, over the vectors, instead of along each vector. A single vector cannot show the
    difference; two can. Use `axis=-1`."""


@mistake("p_norm", replace="p == np.inf", by="False")
def norm_without_infinity():
    """The general formula was used for p = infinity. It gives infinity to the power 0, which Python calls 1, and never the
    norm. Treat this p separately: the norm is the largest absolute value."""


@mistake("p_norm", replace="tf.reduce_max(size", by="tf.reduce_max(x")
def largest_with_sign():
    """For p = infinity the largest entry is taken, but the norm is the largest *absolute value*: of (3, -4, 0) it is 4, not 3.
    Take the absolute values before the maximum."""


@mistake("p_norm", replace="tf.cast(size != 0, x.dtype)", by="size**0.0")
def count_of_all_entries():
    """For p = 0 every entry was counted: 0 to the power 0 is 1 on a computer. Count the entries that are not zero, e.g. by a
    comparison and `tf.cast`."""


@mistake("p_norm", replace="size != 0", by="x > 0")
def count_of_positive_entries():
    """For p = 0 only the positive entries were counted. Negative ones are not zero either: compare with `!= 0`, or take
    the absolute values first."""


@mistake(
    "p_norm", replace="tf.reduce_sum(tf.cast(size != 0, x.dtype), axis=-1)", by="tf.math.count_nonzero(x, axis=-1)"
)
def count_as_integers():
    """For p = 0 the number is right, but it is a whole number, and all other norms have the dtype of `x`. Cast the comparison
    to `x.dtype`, or the count."""


@mistake("p_norm", replace="tf.abs(x)", by="np.abs(x.numpy())")
def norm_in_numpy():
    """The numbers are right, but NumPy computed them, so TensorFlow cannot find the gradient. Use `tf.abs` and
    `tf.reduce_sum` instead of their NumPy twins."""


# linear_scores


@mistake("linear_scores", replace="+ bias", by="+ 0 * bias")
def scores_without_bias():
    """The bias is missing. Every class has one number that is added to its score, whatever the image is."""


@mistake("linear_scores", replace="+ bias", by="- bias")
def scores_minus_bias():
    """The bias is subtracted, but it is added: y = Wx + b."""


@mistake("linear_scores", replace=", transpose_b=True", by="")
def columns_as_exemplars():
    """The columns of `weights` were multiplied with the image, as the slide's sentence says. The *rows* belong to the classes.
    Transpose `weights` before you multiply. Where there are as many classes as pixels, both run, and only one is right."""


@mistake("linear_scores", replace="tf.matmul(x, weights, transpose_b=True)", by="tf.matmul(weights, x)")
def weights_times_batch():
    """The formula W x is for one image as a column. Here the images of a batch are the *rows* of `x`, so `x` comes first, and
    `weights` is transposed: shapes (n, d) and (d, classes) give (n, classes)."""


@mistake(
    "linear_scores",
    replace="tf.matmul(x, weights, transpose_b=True) + bias",
    by="tf.matmul(weights, x, transpose_b=True) + bias[:, None]",
)
def scores_transposed():
    """The result has a row per class. Images are the rows of `x`, so they are the rows of the result, too: its shape is
    `(n, classes)`."""


@mistake("linear_scores", replace="+ bias", by="+ bias[:, None]")
def bias_per_image():
    """The bias was added along the wrong axis: one number per *image* instead of one per *class*. The scores have shape
    `(n, classes)`, and a vector of shape `(classes,)` is added to every row as it is, without a new axis."""


@mistake(
    "linear_scores",
    replace="tf.matmul(x, weights, transpose_b=True) + bias",
    by="softmax(tf.matmul(x, weights, transpose_b=True) + bias)",
)
def scores_as_probabilities():
    """These are probabilities: a softmax came on top. The scores of a linear classifier are plain sums and may be negative.
    Leave the softmax to section 10."""


@mistake(
    "linear_scores",
    replace="tf.matmul(x, weights, transpose_b=True)",
    by="tf.matmul(x, weights, transpose_b=True) / x.shape[1]",
)
def scores_averaged():
    """The products were averaged over the pixels, but a score is their sum. Use a matrix product or `tf.reduce_sum`."""


@mistake("linear_scores")
def scores_in_numpy(x, weights, bias):
    """The numbers are right, but NumPy computed them, so there are no gradients. Use `tf.matmul`, or `@` on tensors."""
    return tf.constant(x.numpy() @ weights.numpy().T + bias.numpy())


# neuron


@mistake("neuron", replace="0.5 * (1 + tf.tanh(0.5 * activation))", by="1 / (1 + tf.exp(-activation))")
def exponential_overflows():
    """exp(1000) is infinite. The output is right all the same, but the gradient is 0 times infinity, which is NaN. Write the
    function with exp(-|a|), or with tf.tanh: then nothing can overflow."""


@mistake(
    "neuron",
    replace="0.5 * (1 + tf.tanh(0.5 * activation))",
    by="tf.where(activation >= 0, 1 / (1 + tf.exp(-activation)), tf.exp(activation) / (1 + tf.exp(activation)))",
)
def both_branches_overflow():
    """The two formulas are right, each for its half of the activations. But `tf.where` computes *both* for every entry, and the
    one that is not chosen overflows and spoils the gradient. Use exp(-|a|) in both: it never overflows."""


@mistake("neuron", replace="tf.linalg.matvec(z, w)", by="tf.clip_by_value(tf.linalg.matvec(z, w), -5, 5)")
def clipped_activation():
    """The activation is clipped. So nothing overflows, but beyond the bound the output stays constant and its gradient is
    zero. Find a form that needs no clipping: with exp(-|a|), or with tf.tanh."""


@mistake("neuron", replace="tanh(0.5", by="tanh(-0.5")
def falling_output():
    """The output falls where it should rise: the sign in the exponent is missing. For activation 2 it is 0.881, and for -2 it
    is 0.119."""


@mistake("neuron", replace="tf.linalg.matvec(z, w)", by="tf.linalg.matvec(z, w) + w[0]")
def bias_counted_twice():
    """The bias is counted twice. The first column of `z` is already 1, so the matrix product includes it. Do not add `w[0]`
    again."""


@mistake("neuron", replace="matvec(z, w)", by="matvec(z[:, 1:], w[1:])")
def bias_left_out():
    """The bias is left out. The sum runs from 0 to D: the first column of `z`, which is 1, brings in `w[0]`. Use all
    columns."""


@mistake("neuron", replace="0.5 * (1 + tf.tanh(0.5 * activation))", by="tf.tanh(activation)")
def output_from_minus_one():
    """The output lies between -1 and 1. This is the hyperbolic tangent as it is. A neuron gives 0.5 at activation 0 and never
    less than 0: halve the tangent, and shift it up."""


@mistake("neuron", replace="tanh(0.5 * activation)", by="tanh(activation)")
def tangent_of_the_whole_activation():
    """The tangent is scaled and shifted in the right way, but it is too steep: at activation 2 the output is 0.881, not 0.982.
    Compare exp(-a) with the exponentials inside tanh: there each has twice the activation."""


@mistake("neuron", replace="0.5 * (1 + tf.tanh(0.5 * activation))", by="tf.cast(activation > 0, z.dtype)")
def threshold():
    """This neuron answers 0 or 1 and nothing in between. Such a threshold has slope zero everywhere, so it cannot learn by
    gradient descent. Use the smooth function of the lecture."""


@mistake("neuron", replace="0.5 * (1 + tf.tanh(0.5 * activation))", by="activation")
def activation_alone():
    """This is the activation, the weighted sum. The squeezing into the range from 0 to 1 is still missing."""


@mistake("neuron", replace="tf.linalg.matvec(z, w)", by="z @ w[:, None]")
def outputs_in_a_column():
    """The outputs stand in a column of shape `(n, 1)`. That comes from multiplying with `w[:, None]`. One number per example is
    a vector of shape `(n,)`: use `tf.linalg.matvec`, or take the last axis away."""


@mistake("neuron", replace="tf.tanh(0.5 * activation)", by="tf.constant(np.tanh(0.5 * activation))")
def neuron_in_numpy():
    """The numbers are right, but NumPy computed them, so there are no gradients. Use `tf.exp` or `tf.tanh` and
    `tf.linalg.matvec`."""


@mistake("neuron", replace="0.5 * (1 + tf.tanh(0.5 * activation))", by="tf.sigmoid(activation)")
def library_sigmoid():
    """The library's sigmoid does the work here. Write the function yourself, so that you know why it does not overflow."""


# neuron_loss


@mistake("neuron_loss", replace="tf.reduce_sum(surprise)", by="tf.reduce_mean(surprise)")
def loss_averaged():
    """The surprise is averaged over the examples. The lecture *adds it up*: three examples that each cost log 2 cost 3 log 2
    together. Use `tf.reduce_sum`."""


@mistake("neuron_loss", replace="tf.reduce_sum(surprise)", by="-tf.reduce_sum(surprise)")
def loss_negative():
    """The minus sign before the sum is missing. Logarithms of probabilities are negative, and a surprise is never negative."""


@mistake(
    "neuron_loss",
    replace="t * tf.nn.softplus(-a) + (1 - t) * tf.nn.softplus(a)",
    by="-t * tf.math.log(tf.sigmoid(a)) - (1 - t) * tf.math.log(1 - tf.sigmoid(a))",
)
def loss_of_saturated_outputs():
    """This goes through the output x, and at an activation of -1000 that is exactly 0. The logarithm of 0 is minus infinity,
    and 0 times that is NaN. Simplify -log x on paper until only the activation is left, and use `tf.nn.softplus`."""


@mistake(
    "neuron_loss",
    replace="surprise = t * tf.nn.softplus(-a) + (1 - t) * tf.nn.softplus(a)",
    by=(
        "x = tf.clip_by_value(tf.sigmoid(a), 1e-7, 1 - 1e-7)\n"
        "    surprise = -t * tf.math.log(x) - (1 - t) * tf.math.log(1 - x)"
    ),
)
def loss_clipped():
    """The output is clipped before the logarithm. So the loss stays finite, but it is wrong: a surprise of 1000 becomes one of
    16, and the gradient vanishes just where the neuron is most wrong. Compute -log x from the activation instead."""


@mistake("neuron_loss", replace=" / 2", by="")
def loss_decay_not_halved():
    """The weight decay is twice as large as it should be: E is *half* the sum of the squared weights. The half makes its
    derivative simply w."""


@mistake("neuron_loss", replace="w**2", by="w[1:] ** 2")
def loss_decay_spares_the_bias():
    """The bias is left out of the weight decay. Many people do that, but the lecture's sum is over all weights, `w[0]`
    included."""


@mistake("neuron_loss", replace="w**2) / 2", by="tf.abs(w))")
def loss_decay_of_absolute_values():
    """The weight decay adds up absolute values. The lecture's E is half the sum of *squares*."""


@mistake("neuron_loss", replace=" + alpha * tf.reduce_sum(w**2) / 2", by="")
def loss_decay_forgotten():
    """The weight decay is missing: the objective is G + alpha E."""


@mistake("neuron_loss", replace="+ alpha", by="+ t.shape[0] * alpha")
def loss_decay_per_example():
    """The weight decay was added once per example: it slipped inside the sum. Add up the surprises first, then add alpha E
    once."""


@mistake("neuron_loss", replace=" + (1 - t) * tf.nn.softplus(a)", by="")
def loss_of_ones_only():
    """Only examples with label 1 contribute. With label 0 the surprise is -log(1 - x): the second half of the formula is
    missing."""


@mistake(
    "neuron_loss",
    replace="t * tf.nn.softplus(-a) + (1 - t) * tf.nn.softplus(a)",
    by="t * tf.nn.softplus(a) + (1 - t) * tf.nn.softplus(-a)",
)
def loss_with_labels_swapped():
    """The labels are swapped: the output is the probability of label *1*, so label 1 costs -log x and label 0 costs
    -log(1 - x)."""


@mistake("neuron_loss", replace="tf.reduce_sum(surprise)", by="tf.reduce_sum(surprise) / float(np.log(2))")
def loss_in_bits():
    """The logarithm has base 2, so the surprise is measured in bits. The lecture's log is the natural one: `tf.math.log`, with
    log 2 = 0.693."""


@mistake("neuron_loss", replace="tf.reduce_sum(surprise)", by="surprise")
def loss_of_each_example():
    """This is one number per example. The objective is a single number: add them up."""


@mistake(
    "neuron_loss", replace="t * tf.nn.softplus(-a) + (1 - t) * tf.nn.softplus(a)", by="(tf.sigmoid(a) - t) ** 2 / 2"
)
def loss_as_squared_error():
    """This is the squared error. The lecture's loss is the surprise, minus the logarithm of the probability that the outcome
    was given."""


@mistake("neuron_loss", replace="a = tf", by="w, z = w.numpy(), z.numpy()\n    a = tf")
def loss_in_numpy():
    """The number is right, but NumPy computed it, so there are no gradients. Use tensor operations all the way."""


@mistake(
    "neuron_loss",
    replace="t * tf.nn.softplus(-a) + (1 - t) * tf.nn.softplus(a)",
    by="tf.nn.sigmoid_cross_entropy_with_logits(t, a)",
)
def loss_from_the_library():
    """A ready-made loss does the work here. Write it yourself: two softplus functions are enough."""


# neuron_gradient


@mistake("neuron_gradient", replace="error, transpose_a=True) +", by="-error, transpose_a=True) -")
def gradient_downhill():
    """The sign is reversed: this points downhill. A gradient points uphill, and the minus comes with the step, in section
    6. With label 1 and output 0.5, the error is -0.5."""


@mistake("neuron_gradient", replace="neuron(z, w) - t", by="t - neuron(z, w)")
def gradient_error_reversed():
    """The data term has the wrong sign; the weight decay has the right one. The prediction error is output minus label:
    with label 1 and output 0.5 it is -0.5."""


@mistake("neuron_gradient", replace="neuron(z, w) - t", by="(neuron(z, w) - t) * neuron(z, w) * (1 - neuron(z, w))")
def gradient_with_extra_slope():
    """The slope x(1 - x) is there once too often. The derivative of the cross-entropy has x(1 - x) in its denominator, so the
    two cancel. What is left is prediction error times feature."""


@mistake(
    "neuron_gradient",
    replace="tf.linalg.matvec(z, error, transpose_a=True)",
    by="tf.reduce_sum(error) * tf.ones_like(w)",
)
def gradient_without_features():
    """Every weight gets the same number, the sum of the prediction errors. The last factor of the chain is missing: da/dw is
    the input z that the weight is multiplied with."""


@mistake(
    "neuron_gradient",
    replace="tf.linalg.matvec(z, error, transpose_a=True)",
    by="tf.linalg.matvec(z, error, transpose_a=True) / z.shape[0]",
)
def gradient_averaged():
    """The data term is divided by the number of examples. The lecture's loss is a *sum* over the examples, and so is its
    gradient."""


@mistake("neuron_gradient", replace=" + alpha * w", by="")
def gradient_without_decay():
    """The weight decay is missing. Differentiate alpha E, too: E is half the sum of the squared weights."""


@mistake("neuron_gradient", replace="+ alpha", by="- alpha")
def gradient_decay_subtracted():
    """The weight decay has the wrong sign. E grows with the weights, so its derivative is *added*; the step against it then
    shrinks them."""


@mistake("neuron_gradient", replace="alpha * w", by="alpha * w / 2")
def gradient_decay_halved():
    """The weight decay is half as large as it should be. The derivative of half a square is the weight itself, without the
    half."""


@mistake("neuron_gradient", replace="alpha * w", by="alpha * tf.concat([0 * w[:1], w[1:]], 0)")
def gradient_decay_spares_the_bias():
    """The bias is left out of the weight decay. Many people do that, but the lecture's E includes all weights, `w[0]` too."""


@mistake("neuron_gradient", replace="alpha * w", by="z.shape[0] * alpha * w")
def gradient_decay_per_example():
    """The weight decay is there once per example. Sum prediction error times feature over the examples, then add the weight
    decay once."""


@mistake("neuron_gradient", replace="tf.linalg.matvec(z, error, transpose_a=True)", by="error[:, None] * z")
def gradient_of_each_example():
    """This is one gradient per example. The gradient has the shape of `w`: sum over the examples."""


@mistake(
    "neuron_gradient",
    replace="error = neuron(z, w) - t",
    by=("x = neuron(z, w)\n    error = (-t / x + (1 - t) / (1 - x)) * x * (1 - x)"),
)
def gradient_by_division():
    """The factors are multiplied in code, not on paper. At an activation of -1000, the first is infinite and the second is 0,
    and their product is NaN. Simplify them first: no division is left."""


@mistake("neuron_gradient", replace="neuron(z, w)", by="tf.linalg.matvec(z, w)")
def gradient_of_the_activation():
    """The label is compared with the activation, the weighted sum, instead of with the neuron's output. Squeeze it first."""


@mistake("neuron_gradient")
def gradient_by_tape(w, z, t, alpha):
    """The tape does the work here. This one is by hand: multiply the three factors of the chain on paper, and write down what
    is left."""
    with tf.GradientTape() as tape:
        tape.watch(w)
        loss = neuron_loss(w, z, t, alpha)
    return tape.gradient(loss, w)


# train_neuron


@mistake("train_neuron", replace="w - eta", by="w + eta")
def walk_uphill():
    """The weights move uphill: the gradient was added. It points to where the loss grows, so step against it."""


@mistake("train_neuron", replace="for _ in range(steps):", by="walk.append(w)\n    for _ in range(steps):")
def walk_with_its_start():
    """The list starts with the zeros from before the first step, so there is one row too many. Keep the weights *after* each
    step."""


@mistake(
    "train_neuron",
    replace="w = w - eta * neuron_gradient(w, z, t, alpha)\n        walk.append(w)",
    by="walk.append(w)\n        w = w - eta * neuron_gradient(w, z, t, alpha)",
)
def walk_one_step_behind():
    """Every row is one step behind: the weights were stored before the step instead of after it. The first row should already
    differ from zero."""


@mistake("train_neuron", replace="tf.stack(walk)", by="w")
def walk_last_step_only():
    """These are the weights after the last step. Keep those after *every* step: collect them in a list, and `tf.stack` it."""


@mistake("train_neuron", replace="t, alpha)", by="t, 0.0)")
def walk_without_decay():
    """`alpha` is not used: the weights follow G alone. Step down M = G + alpha E."""


@mistake("train_neuron", replace="eta * ", by="")
def walk_without_step_size():
    """`eta` is not used: each step has the full length of the gradient. Multiply by the step size."""


@mistake("train_neuron", replace="tf.zeros", by="tf.ones")
def walk_from_ones():
    """The weights do not start at zero. One step from zero with z = (1, 2), label 1 and step size 1 ends at (0.5, 1)."""


@mistake(
    "train_neuron",
    replace=("for _ in range(steps):\n        w = w - eta * neuron_gradient(w, z, t, alpha)"),
    by=("slope = neuron_gradient(w, z, t, alpha)\n    for _ in range(steps):\n        w = w - eta * slope"),
)
def walk_with_one_gradient():
    """The gradient is computed once, at the start, and used for every step. It changes as the weights do: compute it inside the
    loop."""


@mistake(
    "train_neuron",
    replace="w = w - eta * neuron_gradient(w, z, t, alpha)",
    by=("k = len(walk) % z.shape[0]\n        w = w - eta * neuron_gradient(w, z[k : k + 1], t[k : k + 1], alpha)"),
)
def walk_example_by_example():
    """Each step uses one example. Here a step looks at all of them: the sum over the examples is inside the gradient."""


@mistake("train_neuron", replace="eta * ", by="eta / z.shape[0] * ")
def walk_averaged():
    """The gradient is divided by the number of examples. The lecture's loss is a sum, so the step is eta times the full
    gradient."""


@mistake(
    "train_neuron",
    replace="neuron_gradient(w, z, t, alpha)",
    by="(neuron_gradient(w, z, t, alpha) + alpha * w)",
)
def walk_with_decay_twice():
    """The weight decay acts twice: `neuron_gradient` already contains it, and the step adds `alpha` times `w` once more. Use
    the gradient as it is."""


@mistake("train_neuron", replace="tf.zeros(z.shape[1], z.dtype)", by="tf.zeros(z.shape[1])")
def walk_in_float32():
    """The weights start as float32 zeros whatever the dtype of `z` is. Give the zeros the dtype of `z`."""


# mlp_forward


@mistake("mlp_forward", replace="features = tf.sigmoid", by="features = tf.identity")
def network_with_linear_hidden_layer():
    """The hidden neurons do not squeeze their activations. So the two layers amount to one linear layer, and the boundary is a
    straight line. Apply the sigmoid in the hidden layer, too."""


@mistake("mlp_forward", replace="return tf.sigmoid", by="return tf.identity")
def network_without_output_sigmoid():
    """This is the activation of the output neuron. It is a neuron as well: squeeze it into the range from 0 to 1."""


@mistake("mlp_forward", replace=", transpose_b=True", by="")
def network_with_columns_as_neurons():
    """The *columns* of `hidden` were taken for the hidden neurons. Its shape is `(K, D)`: row k holds the weights of hidden
    neuron k. Transpose it before you multiply. Where there are as many hidden neurons as inputs, both run, and only one is
    right."""


@mistake("mlp_forward", replace="features = tf.sigmoid", by="features = tf.nn.relu")
def network_with_relu():
    """The hidden layer uses ReLU. That is a good choice, but not the lecture's here: x(a) = 1 / (1 + exp(-a)) in both
    layers."""


@mistake("mlp_forward", replace="features = tf.sigmoid", by="features = tf.tanh")
def network_with_tanh():
    """The hidden layer uses the hyperbolic tangent, from -1 to 1. With hidden weights of zero, a hidden neuron should give
    0.5."""


@mistake("mlp_forward", replace="features, output", by="features, output / output.shape[0]")
def network_averaged():
    """The hidden outputs are averaged. The activation of the output neuron is their weighted *sum*."""


@mistake(
    "mlp_forward",
    replace="tf.sigmoid(tf.linalg.matvec(features, output))",
    by="tf.sigmoid(tf.sigmoid(tf.linalg.matvec(features, output)))",
)
def network_with_sigmoid_twice():
    """One sigmoid too many: the output lies above 0.5 whatever the input is. If you use your `neuron` for the output, it has
    squeezed already."""


@mistake(
    "mlp_forward", replace="tf.sigmoid(tf.linalg.matvec(features, output))", by="tf.sigmoid(features @ output[:, None])"
)
def network_outputs_in_a_column():
    """The outputs stand in a column of shape `(n, 1)`. One number per example is a vector of shape `(n,)`: use
    `tf.linalg.matvec` for the output neuron."""


@mistake("mlp_forward", replace="features, output", by="features.numpy(), output.numpy()")
def network_in_numpy():
    """The numbers are right, but NumPy computed them, so there are no gradients. Use tensor operations in both layers."""


# mlp_backward


@mistake("mlp_backward", replace=" * features * (1 - features)", by="")
def backward_without_hidden_slope():
    """In dW the slope of the hidden neurons is missing. The error passes through their sigmoid on its way back: the fourth
    factor of the chain is x_i (1 - x_i)."""


@mistake("mlp_backward", replace=" * output * features", by=" * features")
def backward_without_output_weights():
    """In dW the output weights are missing. The error reaches a hidden neuron through its weight w_i: the third factor of the
    chain is da/dx_i."""


@mistake("mlp_backward", replace=" * features * (1", by=" * (1")
def backward_with_wrong_slope():
    """In dW the slope of the hidden neurons is 1 - x_i, but it is x_i (1 - x_i): both factors. At x_i = 0.5 it is 0.25."""


@mistake("mlp_backward", replace="back = error", by="error = error * (error + t) * (1 - error - t)\n    back = error")
def backward_with_extra_slope():
    """The slope x (1 - x) of the *output* neuron is there once too often. It cancels with the derivative of the cross-entropy,
    as in section 5: the error at the output is x - t."""


@mistake(
    "mlp_backward",
    replace="tf.sigmoid(tf.linalg.matvec(features, output)) - t",
    by="t - tf.sigmoid(tf.linalg.matvec(features, output))",
)
def backward_uphill_down():
    """The data term has the wrong sign. The error at the output is output minus label: with label 1 and output 0.5 it is
    -0.5."""


@mistake("mlp_backward", replace="matvec(features, error", by="matvec(tf.matmul(z, hidden, transpose_b=True), error")
def backward_with_activations_for_outputs():
    """dw is made of the hidden *activations*. The output neuron is fed with the hidden outputs x_i, after the sigmoid: da/dw_i
    is x_i."""


@mistake(
    "mlp_backward",
    replace="tf.sigmoid(tf.linalg.matvec(features, output)) - t",
    by="(tf.sigmoid(tf.linalg.matvec(features, output)) - t) / z.shape[0]",
)
def backward_averaged():
    """The data term is divided by the number of examples. The loss is a *sum* over the examples, and so are its derivatives."""


@mistake("mlp_backward", replace=" + alpha * output", by="")
def backward_decay_on_hidden_only():
    """The output weights `w` have no weight decay. E contains both sums: over all w_i and over all W_ij."""


@mistake("mlp_backward", replace=" + alpha * hidden", by="")
def backward_decay_on_output_only():
    """The hidden weights `W` have no weight decay. E contains both sums: over all w_i and over all W_ij."""


@mistake(
    "mlp_backward",
    replace="dhidden + alpha * hidden, doutput + alpha * output",
    by="dhidden + 2 * alpha * hidden, doutput + 2 * alpha * output",
)
def backward_decay_doubled():
    """The weight decay is twice as large as it should be. E has a half in front of its squares, so its derivative is the weight
    itself."""


@mistake("mlp_backward", replace="dhidden + alpha * hidden", by="tf.transpose(dhidden + alpha * hidden)")
def backward_transposed():
    """dW is transposed: it has a row per input. A derivative has the shape of what it belongs to, and `hidden` has a row per
    hidden neuron."""


@mistake(
    "mlp_backward",
    replace="dhidden + alpha * hidden, doutput + alpha * output",
    by="doutput + alpha * output, dhidden + alpha * hidden",
)
def backward_in_wrong_order():
    """The two results are right, but swapped: return `(dW, dw)`, the hidden layer's first."""


@mistake("mlp_backward")
def backward_by_tape(z, t, hidden, output, alpha):
    """The tape does the work here. This one is by hand: find the five factors, and multiply them from the output backward."""
    with tf.GradientTape() as tape:
        tape.watch([hidden, output])
        a = tf.linalg.matvec(tf.sigmoid(tf.matmul(z, hidden, transpose_b=True)), output)
        loss = tf.reduce_sum(t * tf.nn.softplus(-a) + (1 - t) * tf.nn.softplus(a))
        loss += alpha / 2 * (tf.reduce_sum(hidden**2) + tf.reduce_sum(output**2))
    return tape.gradient(loss, (hidden, output))


# mlp_params


@mistake("mlp_params", replace="(sizes[k - 1] + 1)", by="sizes[k - 1]")
def weights_alone():
    """The biases are missing: every neuron has one, beside its weights."""


@mistake("mlp_params", replace="(sizes[k - 1] + 1) * sizes[k]", by="sizes[k - 1] * sizes[k] + 1")
def one_bias_per_layer():
    """Only one bias per layer is counted. Every *neuron* has a bias of its own."""


@mistake(
    "mlp_params",
    replace="sum((sizes[k - 1] + 1) * sizes[k] for k in range(1, len(sizes)))",
    by="sum((sizes[k - 1] + 1) * sizes[k] for k in range(1, len(sizes))) + sizes[0]",
)
def biases_for_the_inputs():
    """The inputs got biases, too. They are not neurons, they are given: only the neurons of the layers have a bias."""


@mistake("mlp_params", replace="(sizes[k - 1] + 1) * sizes[k]", by="sizes[k - 1] * (sizes[k] + 1)")
def bias_per_input():
    """A layer has a bias per neuron, not per input. From 3 inputs to 2 neurons there are 6 weights and 2 biases."""


@mistake(
    "mlp_params",
    replace="sum((sizes[k - 1] + 1) * sizes[k] for k in range(1, len(sizes)))",
    by="int(np.prod(sizes)) + sum(sizes[1:])",
)
def all_sizes_multiplied():
    """All sizes are multiplied with each other. A layer is connected to its neighbour only: add up the layers, each with its
    own product."""


@mistake("mlp_params", replace="len(sizes)", by="len(sizes) - 1")
def last_layer_forgotten():
    """The last layer is missing. A list of four sizes has three layers between them: check the end of your range."""


@mistake(
    "mlp_params",
    replace="sum((sizes[k - 1] + 1) * sizes[k] for k in range(1, len(sizes)))",
    by="float(sum((sizes[k - 1] + 1) * sizes[k] for k in range(1, len(sizes))))",
)
def parameters_as_float():
    """The number is right, but it is a float. A count is a whole number: keep to `*` and `+` on ints."""


@mistake(
    "mlp_params",
    replace="sum((sizes[k - 1] + 1) * sizes[k] for k in range(1, len(sizes)))",
    by="int(np.int64(sum((sizes[k - 1] + 1) * sizes[k] for k in range(1, len(sizes)))).astype(np.int32))",
)
def parameters_in_32_bits():
    """A million times a million does not fit into 32 bits, so the number has wrapped around. Python's own ints have no limit:
    keep NumPy and TensorFlow out of this one."""


# softmax


@mistake("softmax", replace=" - tf.reduce_max(logits, axis=-1, keepdims=True)", by="")
def softmax_overflows():
    """The powers, or their sum, overflow: three times exp(88) is infinite in float32, exp(1000) always, and infinity divided by
    infinity is NaN. Add the same number to all logits of an example before the exponential: the result does not change. Which
    number makes the largest exponent 0?"""


@mistake("softmax", replace="(logits, axis=-1, keepdims=True)", by="(logits)")
def softmax_less_one_maximum():
    """The largest logit of the whole batch is subtracted from every example. In an example whose logits are all far below it,
    every exponential is then 0, and 0 divided by 0 is NaN. Take the largest of *each* example: `axis=-1, keepdims=True`."""


@mistake("softmax", replace="tf.reduce_max", by="tf.reduce_mean")
def softmax_less_the_mean():
    """The mean is subtracted from the logits. That helps as long as they are close together, but it overflows when one of them
    is far above the others. Subtract the largest."""


@mistake(
    "softmax",
    replace=("logits, axis=-1, keepdims=True))\n    return powers / tf.reduce_sum(powers, axis=-1"),
    by=("logits, axis=0, keepdims=True))\n    return powers / tf.reduce_sum(powers, axis=0"),
)
def softmax_along_first_axis():
    """The probabilities add up to 1 along the first axis, over the examples. They belong to the classes of *one* example: use
    `axis=-1` in every reduction."""


@mistake(
    "softmax",
    replace=("logits, axis=-1, keepdims=True))\n    return powers / tf.reduce_sum(powers, axis=-1"),
    by=("logits, axis=None, keepdims=True))\n    return powers / tf.reduce_sum(powers, axis=None"),
)
def softmax_over_everything():
    """All entries of the batch add up to 1 together. Every example has its own probabilities: give the sum `axis=-1` and
    `keepdims=True`."""


@mistake("softmax", replace="powers / tf.reduce_sum(powers, axis=-1, keepdims=True)", by="powers")
def softmax_not_normalised():
    """These are exponentials that do not add up to 1. Divide by their sum along the last axis."""


@mistake("softmax", replace="powers / tf.reduce_sum(powers, axis=-1, keepdims=True)", by="tf.sigmoid(logits)")
def softmax_as_sigmoids():
    """Each logit went through its own sigmoid, so the numbers do not add up to 1. Softmax compares the logits of an example
    with each other."""


@mistake(
    "softmax",
    replace="powers / tf.reduce_sum(powers, axis=-1, keepdims=True)",
    by="logits / tf.reduce_sum(logits, axis=-1, keepdims=True)",
)
def softmax_without_exponential():
    """The logits themselves are divided by their sum. They may be negative; the exponential makes them positive first."""


@mistake("softmax", replace="tf.exp(logits", by="2 ** (logits")
def softmax_with_base_two():
    """These are powers of 2. Softmax takes powers of e: `tf.exp`."""


@mistake(
    "softmax",
    replace="powers / tf.reduce_sum(powers, axis=-1, keepdims=True)",
    by="logits - tf.reduce_logsumexp(logits, axis=-1, keepdims=True)",
)
def softmax_as_logarithms():
    """These are the logarithms of the probabilities: they are negative. Return the probabilities."""


@mistake("softmax", replace="powers = tf", by="logits = logits.numpy()\n    powers = tf")
def softmax_in_numpy():
    """The numbers are right, but NumPy computed them, so there is no gradient. Use `tf.exp` and `tf.reduce_sum`."""


@mistake("softmax", replace="powers / tf.reduce_sum(powers, axis=-1, keepdims=True)", by="tf.nn.softmax(logits)")
def softmax_from_the_library():
    """The library's softmax does the work here. Write it yourself: an exponential, a sum, and something against the
    overflow."""


@mistake("softmax", replace="powers, axis=-1, keepdims=True", by="powers, axis=-1")
def softmax_without_kept_axis():
    """The sum has lost its last axis, so NumPy's rules of broadcasting divide the *columns* by the sums of the rows. Keep the
    axis with `keepdims=True`. For a single example, or where there are as many examples as classes, it runs all the same."""


# mean_squared_error_of_softmax


@mistake("mean_squared_error_of_softmax", replace="tf.reduce_mean", by="tf.reduce_sum")
def squares_added_up():
    """The squares are added up. Take their mean, over all entries."""


@mistake(
    "mean_squared_error_of_softmax",
    replace="(softmax(logits) - wanted) ** 2",
    by="tf.reduce_sum((softmax(logits) - wanted) ** 2, axis=1)",
)
def squares_added_up_over_classes():
    """The squares are added up over the classes and averaged over the examples. `reduction="mean"` is the mean over *all* entries:
    divide by the number of classes, too."""


@mistake(
    "mean_squared_error_of_softmax", replace="(softmax(logits) - wanted) ** 2", by="(softmax(logits) - wanted) ** 2 / 2"
)
def squares_halved():
    """The result is half as large as it should be. There is no 1/2 in this loss, only the mean of the squares."""


@mistake("mean_squared_error_of_softmax", replace="softmax(logits)", by="logits")
def error_of_the_logits():
    """The softmax is missing: the logits themselves are compared with the one-hot labels."""


@mistake(
    "mean_squared_error_of_softmax", replace="(softmax(logits) - wanted) ** 2", by="tf.abs(softmax(logits) - wanted)"
)
def absolute_error():
    """The differences are taken as absolute values, not squared."""


@mistake(
    "mean_squared_error_of_softmax",
    replace="tf.reduce_mean((softmax(logits) - wanted) ** 2)",
    by="tf.sqrt(tf.reduce_mean((softmax(logits) - wanted) ** 2))",
)
def root_of_the_mean():
    """There is a square root on top. The loss is the mean of the squares itself."""


@mistake(
    "mean_squared_error_of_softmax",
    replace="tf.one_hot(labels, logits.shape[-1], dtype=logits.dtype)",
    by="tf.cast(labels, logits.dtype)[:, None]",
)
def labels_as_numbers():
    """The probabilities are compared with the *number* of the class. Class 2 is not twice class 1: make one-hot vectors of the
    labels, with `tf.one_hot`."""


@mistake(
    "mean_squared_error_of_softmax",
    replace="(softmax(logits) - wanted) ** 2",
    by="(1 - tf.reduce_sum(softmax(logits) * wanted, axis=1)) ** 2",
)
def right_class_only():
    """Only the probability of the right class is looked at. The mean is over all classes, and the wrong ones should be 0."""


@mistake(
    "mean_squared_error_of_softmax",
    replace="(softmax(logits) - wanted) ** 2",
    by="tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)",
)
def cross_entropy_instead():
    """This is the cross-entropy. It is the better loss, as the picture below shows; write the squared error here, so that you
    can compare them."""


@mistake(
    "mean_squared_error_of_softmax",
    replace="tf.reduce_mean((softmax(logits) - wanted) ** 2)",
    by="(softmax(logits) - wanted) ** 2",
)
def error_of_each_entry():
    """These are the squared errors of all entries. A loss is a single number: take their mean."""


@mistake("mean_squared_error_of_softmax", replace="softmax(logits)", by="softmax(logits).numpy()")
def error_in_numpy():
    """The number is right, but NumPy computed it, so there is no gradient. Use tensor operations."""


# minibatches


@mistake("minibatches", replace="np.random.default_rng(seed).permutation(count)", by="np.arange(count)")
def batches_unshuffled():
    """Nothing is shuffled. Data often come sorted by class, and then a batch holds only one class. Put the indices in random
    order before you cut."""


@mistake("minibatches", replace="(0, count, ", by="(0, count - batch_size + 1, ")
def batches_without_the_rest():
    """The examples left over at the end are dropped. The last batch may be shorter, but it must be there: every index occurs
    once."""


@mistake("minibatches", replace="permutation(count)", by="integers(0, count, count)")
def batches_drawn_with_replacement():
    """Some indices occur more than once, and others never. Do not draw the indices one by one: put all of them into random
    order, with a permutation."""


@mistake("minibatches", replace="(seed)", by="(0)")
def batches_with_a_fixed_seed():
    """The order is the same for every seed. Use `seed`, not a fixed number: each epoch needs an order of its own."""


RUNS = count(10**6)
"""What is drawn without a seed differs in each run; here it differs in each call, so that a release is always the same."""


@mistake(
    "minibatches",
    replace="(seed)",
    by="(next(RUNS))",
)
def batches_without_a_seed():
    """The same seed gives another order each time. Start a generator from `seed`, so that a run can be repeated."""


@mistake("minibatches")
def batches_shuffled_as_blocks(count, batch_size, seed):
    """Whole batches are shuffled, but each still holds neighbours. Shuffle the indices first, and cut afterwards."""
    blocks = [np.arange(count)[start : start + batch_size] for start in range(0, count, batch_size)]
    rest = blocks.pop() if count % batch_size and len(blocks) > 1 else None
    blocks = [blocks[k] for k in np.random.default_rng(seed).permutation(len(blocks))]
    return blocks if rest is None else [*blocks, rest]


@mistake(
    "minibatches",
    replace="np.random.default_rng(seed).permutation(count)",
    by="np.random.default_rng(seed).permutation(count) + 1",
)
def batches_counted_from_one():
    """The indices run from 1 to `count`. Python counts from 0: the first example has the index 0, and index `count` does not
    exist."""


@mistake("minibatches", replace="order[start", by="np.resize(order, count + batch_size)[start")
def batches_filled_up():
    """The last batch is filled up with indices that were used already. Each index occurs once: leave the last batch shorter."""


@mistake(
    "minibatches",
    replace="[order[start : start + batch_size] for start in range(0, count, batch_size)]",
    by="np.array_split(order, batch_size)",
)
def batch_size_as_number_of_batches():
    """There are `batch_size` batches. It is the number of indices *in* a batch; how many batches there are follows from it."""


# sgd_momentum_step


@mistake(
    "sgd_momentum_step",
    replace=("v = momentum * v - rate * gradient - decay * rate * theta\n    return theta + v, v"),
    by=("new = momentum * v - rate * gradient - decay * rate * theta\n    return theta + v, new"),
)
def step_with_old_velocity():
    """The parameters move by the *old* velocity. Update the velocity first, and add the new one."""


@mistake("sgd_momentum_step", replace="- rate * gradient", by="+ rate * gradient")
def step_uphill():
    """The gradient is added to the velocity. It points uphill: subtract the rate times the gradient."""


@mistake("sgd_momentum_step", replace=" - decay * rate * theta", by="")
def step_without_decay():
    """The weight decay is missing: a third term pulls the parameters towards zero, `decay` times the rate times theta."""


@mistake("sgd_momentum_step", replace="decay * rate", by="decay")
def step_with_decay_without_rate():
    """The weight decay is not multiplied by the learning rate. It is a part of the gradient, so the rate applies to it as
    well."""


@mistake("sgd_momentum_step", replace="- decay", by="+ decay")
def step_with_decay_added():
    """The weight decay has the wrong sign: it makes the parameters grow. Subtract it from the velocity."""


@mistake(
    "sgd_momentum_step",
    replace="momentum * v - rate * gradient - decay",
    by="0.9 * v - rate * gradient - 0.0005",
)
def step_with_fixed_numbers():
    """0.9 and 0.0005 are written into the code. They are only the defaults of `momentum` and `decay`: compute from the
    arguments."""


@mistake("sgd_momentum_step", replace="momentum *", by="0.9 *")
def step_with_fixed_momentum():
    """0.9 is written into the code. It is only the default of `momentum`: compute from the argument."""


@mistake("sgd_momentum_step", replace="decay *", by="0.0005 *")
def step_with_fixed_decay():
    """0.0005 is written into the code. It is only the default of `decay`: compute from the argument."""


@mistake("sgd_momentum_step", replace="theta + v", by="theta - v")
def step_minus_velocity():
    """The velocity is subtracted from the parameters. It already contains its minus signs: add it."""


@mistake("sgd_momentum_step", replace="rate * gradient", by="(1 - momentum) * rate * gradient")
def step_with_averaged_gradient():
    """The gradient is multiplied by 1 - momentum, as in a moving average. The lecture's velocity takes the full gradient."""


@mistake("sgd_momentum_step", replace="momentum * v - rate", by="-rate")
def step_without_momentum():
    """The old velocity is dropped. The new one keeps a fraction of it, `momentum`."""


@mistake("sgd_momentum_step", replace="rate * gradient - decay * rate", by="gradient - decay")
def step_without_rate():
    """The learning rate is not used. It scales the gradient and the weight decay."""


@mistake(
    "sgd_momentum_step",
    replace=("momentum * v - rate * gradient - decay * rate * theta\n    return theta + v"),
    by="momentum * v - gradient - decay * theta\n    return theta + rate * v",
)
def step_with_rate_at_the_end():
    """The learning rate multiplies the whole velocity at the end. Some libraries do so; in the lecture's formula it is inside
    the velocity, so the old velocity is not scaled by it."""


@mistake("sgd_momentum_step", replace="theta + v", by="theta + momentum * v - rate * gradient - decay * rate * theta")
def step_ahead():
    """The parameters move too far: a further fraction of the velocity is added. That is Nesterov's momentum. The lecture's step
    adds the new velocity once."""


@mistake("sgd_momentum_step", replace="theta + v, v", by="v, theta + v")
def step_in_wrong_order():
    """The two results are swapped: return `(theta, v)`, the parameters first."""


# Tracker


@mistake("Tracker", replace="parent.gradient +=", by="parent.gradient =")
class LastUseWins:
    """A value that is used twice keeps only one part of its gradient: a later part overwrites an earlier one. The parts from
    all uses add up: use `+=` instead of `=`."""


@mistake(
    "Tracker",
    replace=(
        "for parent, _ in tracker.parents:\n                    visit(parent)\n                order.append(tracker)"
    ),
    by=(
        "order.insert(0, tracker)\n                for parent, _ in tracker.parents:\n                    visit(parent)"
    ),
)
class HandedOnTooEarly:
    """A shared value passes its gradient on before all its uses have delivered their parts, so later parts are lost further
    down. Walk backward through a list in which parents come before their results; a plain walk from the result downward is not
    enough."""


@mistake(
    "Tracker",
    replace=(
        "for tracker in reversed(order):\n"
        "            for parent, pull in tracker.parents:\n"
        "                parent.gradient += self.fit(pull(tracker.gradient), parent.value.shape)"
    ),
    by=(
        "def push(tracker):\n"
        "            for parent, pull in tracker.parents:\n"
        "                parent.gradient += self.fit(pull(tracker.gradient), parent.value.shape)\n"
        "                push(parent)\n"
        "\n"
        "        push(self)"
    ),
)
class HandedOnAgain:
    """A shared value passes on its *whole* gradient each time a part arrives, so the earlier parts are passed on again. Either
    pass on only the new part, or wait until all parts are there and pass on their sum once."""


@mistake("Tracker")
class HandedOnLevelByLevel(Tracker):
    """The walk goes level by level from the result. A value that is used on two levels comes too early in it: it passes its
    gradient on before the part from the deeper level has arrived. Make a list in which parents come before their results, and
    walk through it from its end."""

    def backward(self):
        order, waiting = [], [self]
        while waiting:
            tracker = waiting.pop(0)
            if tracker not in order:
                order.append(tracker)
                waiting += [parent for parent, _ in tracker.parents]
        for tracker in order:
            tracker.gradient = tf.zeros_like(tracker.value)
        self.gradient = tf.ones_like(self.value)
        for tracker in order:
            for parent, pull in tracker.parents:
                parent.gradient += self.fit(pull(tracker.gradient), parent.value.shape)


@mistake(
    "Tracker",
    replace="            tracker.gradient = tf.zeros_like(tracker.value)",
    by=("            if tracker.gradient is None:\n                tracker.gradient = tf.zeros_like(tracker.value)"),
)
class EarlierBackwardKept:
    """The gradient of an earlier `backward` is still there, and the new one is added to it. `backward` *sets* the gradients: start
    each walk from zero."""


@mistake("Tracker", replace="self.fit(pull(tracker.gradient), parent.value.shape)", by="pull(tracker.gradient)")
class BroadcastNotSummed:
    """The gradient keeps the broadcast shape. Where a value was repeated by broadcasting, each copy has a part, and the parts
    must be added up until the gradient has the shape of the value. That is what `fit` is for."""


@mistake("Tracker")
class BroadcastAveraged(Tracker):
    """Over the axes of broadcasting the parts are averaged. They have to be added up: every copy of the value contributes
    fully."""

    def fit(self, g, shape):
        summed = super().fit(g, shape)
        return summed * tf.cast(tf.size(summed) / tf.size(g), g.dtype)


@mistake(
    "Tracker", replace="tf.reduce_sum(g, axis=repeated, keepdims=True)", by="g[tuple(slice(0, size) for size in shape)]"
)
class BroadcastNewAxesOnly:
    """Axes that broadcasting put in front are summed over, but not those of size 1 that it stretched. A value of shape (3, 1)
    that met a (3, 4) was repeated four times along its last axis: sum over that axis and keep it, with `keepdims=True`."""


@mistake("Tracker", replace="lambda g: -g)", by="lambda g: g)")
class SubtractionWithoutMinus:
    """In `x - y` the part for y has the wrong sign. The difference falls when y grows: the derivative is -1."""


@mistake(
    "Tracker",
    replace="lambda g: g * other.value), (other, lambda g: g * self.value)",
    by="lambda g: g * self.value), (other, lambda g: g * other.value)",
)
class FactorsCrossed:
    """In `x * y` each factor got *its own* value as the derivative. The derivative of x y with respect to x is y, and with
    respect to y it is x."""


@mistake("Tracker", replace="-g * self.value", by="g * self.value")
class DenominatorWithoutMinus:
    """In `x / y` the part for y has the wrong sign. The quotient falls when y grows: the derivative is -x / y^2."""


@mistake("Tracker", replace="** (exponent - 1)", by="**exponent")
class PowerNotLowered:
    """In `x ** n` the exponent is not lowered. The derivative of x^3 is 3 x^2."""


@mistake("Tracker", replace="g * exponent", by="g")
class PowerWithoutFactor:
    """In `x ** n` the factor n is missing. The derivative of x^3 is *three* times x^2."""


@mistake("Tracker", replace="g * value)", by="g)")
class ExponentialOfNothing:
    """The pull of `exp` passes the gradient on unchanged. The derivative of exp(x) is exp(x): multiply by the result."""


@mistake("Tracker", replace="g / self.value", by="g * self.value")
class LogarithmMultiplied:
    """The pull of `log` multiplies by x. The derivative of log x is 1/x: divide."""


@mistake("Tracker", replace="g * tf.cos", by="-g * tf.cos")
class MinusCosine:
    """The pull of `sin` has the wrong sign. The derivative of sin x is cos x; it is the cosine whose derivative has the
    minus."""


@mistake(
    "Tracker",
    replace="tf.expand_dims(g, axis), shape)",
    by="tf.expand_dims(g, axis), shape) * (int(tf.size(g)) / shape.num_elements())",
)
class SumAveraged:
    """The pull of `sum` divides the gradient among the entries, as for a mean. Every entry that is added gets the whole g."""


@mistake("Tracker", replace="shape = self.value.shape", by="shape, axis = self.value.shape, None")
class SumIgnoresAxis:
    """`sum` adds up everything, whatever the axis. With `axis=1`, a matrix gives one sum per row."""


@mistake(
    "Tracker",
    replace=(
        "(self, lambda g: tf.matmul(g, other.value, transpose_b=True)),\n"
        "            (other, lambda g: tf.matmul(self.value, g, transpose_a=True)),"
    ),
    by=("(self, lambda g: g @ other.value),\n            (other, lambda g: self.value @ g),"),
)
class MatrixFactorsWithoutTranspose:
    """In `X @ Y` the pulls lack their transposes. The part of X is g times Y-transposed, the part of Y is X-transposed times g:
    compare the shapes."""


@mistake(
    "Tracker", replace="tf.matmul(self.value, g, transpose_a=True)", by="tf.matmul(g, self.value, transpose_b=True)"
)
class MatrixFactorsExchanged:
    """In `X @ Y` the part of Y is computed as g times X-transposed, in the wrong order. It is X-transposed times g: the shapes
    of a product tell where each factor belongs."""


@mistake(
    "Tracker",
    replace=(
        "(self, lambda g: tf.matmul(g, other.value, transpose_b=True)),\n"
        "            (other, lambda g: tf.matmul(self.value, g, transpose_a=True)),"
    ),
    by=(
        "(self, lambda g: tf.matmul(other.value, g, transpose_a=True)),\n"
        "            (other, lambda g: tf.matmul(g, self.value, transpose_b=True)),"
    ),
)
class MatrixFactorsInWrongOrder:
    """In `X @ Y` both pulls multiply in the wrong order. The part of X is g times Y-transposed, the part of Y is X-transposed times
    g. With square matrices that runs all the same: check the shapes for a (1, 2) times a (2, 3)."""


@mistake("Tracker")
class TrackerByTape(Tracker):
    """The tape does the work here. Write the pulls yourself: each is the derivative of one operation."""

    def backward(self):
        super().backward()
        with tf.GradientTape() as tape:
            tape.watch(self.value)


# gradient


@mistake(
    "gradient",
    replace="f(*trackers).backward()\n    return tuple(",
    by=("result = f(*trackers)\n    result.backward()\n    return result.value, *("),
)
def gradient_with_the_value():
    """The value of the function is in the result, too. Return the gradients only, one per argument."""


@mistake("gradient", replace="tf.zeros_like(t.value) if t.gradient is None else t.gradient for", by="t for")
def gradient_as_trackers():
    """These are the trackers. The gradient is what `backward` has stored in them: return the `gradient` of each."""


@mistake("gradient", replace="in trackers)", by="in trackers[:1])")
def gradient_of_the_first_argument():
    """Only the gradient for the first argument is returned. There is one for each of `arguments`."""


@mistake("gradient", replace="for t in trackers)", by="for t in trackers)[0 if len(trackers) == 1 else slice(None)]")
def gradient_without_tuple():
    """The result is a plain tensor. Return a tuple with one tensor per argument, even when there is only one."""


@mistake("gradient", replace="tf.zeros_like(t.value) if t.gradient is None else ", by="")
def gradient_is_none():
    """For an argument that the function does not use, the `gradient` of its tracker is still None. Its gradient is zero: return
    a tensor of zeros in the argument's shape."""


@mistake("gradient", replace="in trackers)", by="in reversed(trackers))")
def gradient_in_reverse_order():
    """The gradients come in reverse order. Backward is the walk through the computation; the result has the order of the
    arguments."""


@mistake("gradient", replace="zeros_like", by="ones_like")
def gradient_of_unused_as_ones():
    """An argument that the function does not use got a gradient of ones. The value does not change with it, so its gradient is
    zero."""


@mistake("gradient")
def gradient_one_by_one(f, *arguments):
    """The function was called with plain tensors for all arguments but one. Tensors do not have the methods of a Tracker, such
    as `sum` or `exp`. Wrap *all* arguments, and call the function once."""
    found = []
    for k, argument in enumerate(arguments):
        tracker = Tracker(argument)
        f(*arguments[:k], tracker, *arguments[k + 1 :]).backward()
        found.append(tf.zeros_like(argument) if tracker.gradient is None else tracker.gradient)
    return tuple(found)


# sigmoid_chain


@mistake("sigmoid_chain", replace=" * (1 - x)", by="")
def slope_without_second_factor():
    """The slope of each sigmoid is taken as its output. It is x (1 - x), so the second factor is missing: at 0.5 the slope is
    0.25."""


@mistake(
    "sigmoid_chain",
    replace="x = tf.sigmoid(x)\n        derivative = derivative * x * (1 - x)",
    by="derivative = derivative * x * (1 - x)\n        x = tf.sigmoid(x)",
)
def slope_at_the_input():
    """The slope is computed from the *input* of each sigmoid. The formula x (1 - x) needs its output."""


@mistake(
    "sigmoid_chain",
    replace=(
        "derivative = tf.ones_like(x)\n"
        "    for _ in range(depth):\n"
        "        x = tf.sigmoid(x)\n"
        "        derivative = derivative * x * (1 - x)"
    ),
    by=(
        "derivative = tf.zeros_like(x)\n"
        "    for _ in range(depth):\n"
        "        x = tf.sigmoid(x)\n"
        "        derivative = derivative + x * (1 - x)"
    ),
)
def slopes_added():
    """The slopes are added up. The chain rule multiplies them."""


@mistake("sigmoid_chain", replace="derivative * x", by="x")
def slope_of_the_last_sigmoid():
    """Only the slope of the last sigmoid is there. The derivative of the chain is the product of the slopes of *all* of
    them."""


@mistake(
    "sigmoid_chain",
    replace=(
        "derivative = tf.ones_like(x)\n"
        "    for _ in range(depth):\n"
        "        x = tf.sigmoid(x)\n"
        "        derivative = derivative * x * (1 - x)"
    ),
    by=(
        "first = tf.sigmoid(x)\n"
        "    derivative = (first * (1 - first)) ** depth\n"
        "    for _ in range(depth):\n"
        "        x = tf.sigmoid(x)"
    ),
)
def first_slope_to_the_power():
    """The slope of the first sigmoid is taken to the power `depth`. Each sigmoid gets another input, the output of the one
    before, so each has a slope of its own."""


@mistake("sigmoid_chain", replace=" * x * (1 - x)", by=" * 0.25")
def largest_slope_everywhere():
    """Every factor is 0.25. That is the largest slope a sigmoid can have, at input 0, and only a bound for the others."""


@mistake("sigmoid_chain", replace="range(depth)", by="range(depth + 1)")
def one_sigmoid_too_many():
    """There is one sigmoid too many. With `depth = 1` there is one, and with 0 there is none: the value is `x` and the
    derivative 1."""


@mistake(
    "sigmoid_chain",
    replace=(
        "derivative = tf.ones_like(x)\n"
        "    for _ in range(depth):\n"
        "        x = tf.sigmoid(x)\n"
        "        derivative = derivative * x * (1 - x)\n"
        "    return x, "
    ),
    by=(
        "first = tf.sigmoid(x)\n"
        "    derivative = tf.ones_like(x)\n"
        "    for _ in range(depth):\n"
        "        x = tf.sigmoid(x)\n"
        "        derivative = derivative * x * (1 - x)\n"
        "    return first, "
    ),
)
def value_without_chain():
    """The derivative is right, but the value is that of a single sigmoid. The value runs through the whole chain."""


@mistake("sigmoid_chain", replace="x, derivative", by="derivative, x")
def chain_in_wrong_order():
    """The two results are swapped: return `(value, derivative)`."""


@mistake(
    "sigmoid_chain",
    replace=(
        "derivative = tf.ones_like(x)\n"
        "    for _ in range(depth):\n"
        "        x = tf.sigmoid(x)\n"
        "        derivative = derivative * x * (1 - x)\n"
        "    return x, derivative"
    ),
    by=(
        "with tf.GradientTape() as tape:\n"
        "        tape.watch(x)\n"
        "        value = x\n"
        "        for _ in range(depth):\n"
        "            value = tf.sigmoid(value)\n"
        "    return value, tape.gradient(value, x)"
    ),
)
def chain_by_tape():
    """The tape does the work here. Multiply the slopes yourself, one per sigmoid."""


@mistake("sigmoid_chain", replace="x, derivative", by="x, (x * (1 - x)) ** depth")
def last_slope_to_the_power():
    """The slope of the last sigmoid is taken to the power `depth`. Each sigmoid gets another input, the output of the one
    before, so each has a slope of its own: multiply them inside the loop."""
