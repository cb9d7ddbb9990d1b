"""Right answers of 01_attention in other styles, which must get full points, and independent oracles for the references."""
# ruff: noqa: F821 - this file runs after the solved notebook, so its functions are in scope

import numpy as np
import scipy.special
import tensorflow as tf

from autograder.question import oracle, variant

# softmax


@variant("softmax")
def by_logarithms(logits):
    """exp(s - log(sum(exp(s)))), after the largest was made 0."""
    shifted = logits - tf.reduce_max(logits, axis=-1, keepdims=True)
    return tf.exp(shifted - tf.reduce_logsumexp(shifted, axis=-1, keepdims=True))


@oracle("softmax")
def softmax_by_scipy(logits):
    """SciPy's."""
    return scipy.special.softmax(np.asarray(logits), axis=-1)


# attention_weights


@variant("attention_weights")
def by_einsum(q, k, causal):
    """The scores by einsum, the mask by a matrix of ones."""
    scores = tf.einsum("bnd,bmd->bnm", q, k) * q.shape[-1] ** -0.5
    if causal:
        ones = tf.linalg.band_part(tf.ones(scores.shape, q.dtype), -1, 0)
        scores = tf.where(ones > 0, scores, q.dtype.min)
    return softmax(scores)


@oracle("attention_weights")
def weights_in_numpy(q, k, causal):
    """Row by row."""
    q, k = np.asarray(q, np.float64), np.asarray(k, np.float64)
    scores = q @ k.transpose(0, 2, 1) / np.sqrt(q.shape[-1])
    if causal:
        scores[:, ~np.tri(*scores.shape[1:], dtype=bool)] = -np.inf
    return scipy.special.softmax(scores, axis=-1)


# attention


@variant("attention")
def row_by_row(q, k, v, causal):
    """One query after the other."""
    weights = attention_weights(q, k, causal)
    return tf.stack([tf.reduce_sum(weights[:, i, :, None] * v, axis=1) for i in range(q.shape[1])], axis=1)


@oracle("attention")
def word_by_word(q, k, v, causal):
    """A loop over batch and queries."""
    q, k, v = (np.asarray(each, np.float64) for each in (q, k, v))
    out = np.zeros((*q.shape[:2], v.shape[2]))
    for b, i in np.ndindex(*q.shape[:2]):
        seen = i + 1 if causal else k.shape[1]
        weights = scipy.special.softmax(k[b, :seen] @ q[b, i] / np.sqrt(q.shape[2]))
        out[b, i] = weights @ v[b, :seen]
    return out
