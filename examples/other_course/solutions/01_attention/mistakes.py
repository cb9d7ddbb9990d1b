"""Wrong answers of 01_attention, as students write them. The docstring of each is the hint that they read."""

import tensorflow as tf

from autograder.question import mistake

# softmax


@mistake("softmax", replace="tf.reduce_sum(powers, axis=-1, keepdims=True)", by="tf.reduce_sum(powers)")
def one_total():
    """Everything is divided by one total. Each row along the last axis has a total of its own."""


@mistake("softmax", replace="tf.reduce_sum(powers, axis=-1, keepdims=True)", by="tf.reduce_sum(powers, axis=0, keepdims=True)")  # fmt: skip
def over_the_batch():
    """The softmax runs over the first axis, the batch. It belongs to the last one."""


@mistake("softmax")
def overflowing(logits):
    """The exponential of a large entry overflows, and infinity divided by infinity is not a number. Subtract the largest
    entry first: the result stays the same."""
    powers = tf.exp(logits)
    return powers / tf.reduce_sum(powers, axis=-1, keepdims=True)


@mistake("softmax", replace="powers / tf.reduce_sum", by="powers * tf.reduce_sum")
def multiplied():
    """The exponentials are multiplied by their total. Divide by it, so that they add up to 1."""


# attention_weights


@mistake("attention_weights", replace=" / tf.sqrt(tf.cast(tf.shape(q)[-1], q.dtype))", by="")
def not_scaled():
    """The scores are not divided by sqrt(d)."""


@mistake("attention_weights", replace="tf.sqrt(tf.cast(tf.shape(q)[-1], q.dtype))", by="tf.cast(tf.shape(q)[-1], q.dtype)")  # fmt: skip
def divided_by_d():
    """The scores are divided by d. The paper divides by its square root."""


@mistake("attention_weights", replace="if causal:", by="if not causal:")
def causal_turned_around():
    """The mask is there without `causal`, and missing with it."""


@mistake("attention_weights", replace="[None, :] <= tf", by="[None, :] < tf")
def not_oneself():
    """A causal query sees only the keys before its own place. It sees its own, too."""


@mistake("attention_weights", replace="tf.constant(-1e9, q.dtype)", by="tf.constant(0.0, q.dtype)")
def masked_by_zero():
    """The masked scores are 0, and exp(0) is 1. Use a very negative number: its exponential is 0."""


@mistake("attention_weights", replace="return softmax(scores)", by="return tf.linalg.matrix_transpose(softmax(tf.linalg.matrix_transpose(scores)))")  # fmt: skip
def over_the_queries():
    """The weights add up to 1 over the queries. For each query, they add up to 1 over the keys: the last axis."""


# attention


@mistake("attention", replace="attention_weights(q, k, causal)", by="attention_weights(q, k)")
def causal_forgotten():
    """`causal` is not passed on to the weights."""


@mistake("attention", replace="attention_weights(q, k, causal), v", by="attention_weights(k, q, causal), v, transpose_a=True")  # fmt: skip
def keys_ask():
    """The keys ask and the queries answer: the weights add up to 1 over the queries."""


@mistake("attention")
def summed_without_weights(q, k, v, causal):
    """Every query gets the plain mean of the values. Weight them by `attention_weights`."""
    return tf.zeros_like(q[..., :1]) + tf.reduce_mean(v, axis=1, keepdims=True)
