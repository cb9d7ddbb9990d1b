# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 1. Attention
#
# Every word of a sentence asks a question, its *query* $q_i$, and offers an answer, its *value* $v_j$, under a *key* $k_j$. A word
# takes over the values whose keys fit its query (Vaswani et al., 2017, [arXiv 1706.03762](https://arxiv.org/abs/1706.03762)):
#
# $$\operatorname{attention}(Q, K, V) = \operatorname{softmax}\!\left(\frac{Q K^\top}{\sqrt d}\right) V .$$
#
# Replace `raise NotImplementedError()` by your code and run the check below the function. Use TensorFlow operations: your
# gradients are compared, too.

# %%
from autograder import check  # first, so that TensorFlow starts without its messages
import tensorflow as tf

# %% [markdown]
# ## 1. `softmax`
#
# $p_j = e^{s_j} / \sum_m e^{s_m}$. For $s = (0, \ln 3)$ it is $(1/4, 3/4)$. Adding the same number to all $s_j$ changes nothing, so the largest can be
# made 0: then no exponential overflows.


# %%
def softmax(logits):
    """The softmax over the last axis.

    Args:
        logits: a float tensor of shape `(..., n)`; its entries may be large.

    Returns:
        A tensor of the same shape and dtype. It sums to 1 along the last axis.
    """
    ### BEGIN SOLUTION
    powers = tf.exp(logits - tf.reduce_max(logits, axis=-1, keepdims=True))
    return powers / tf.reduce_sum(powers, axis=-1, keepdims=True)
    ### END SOLUTION


# %%
check("softmax")

# %% [markdown]
# ## 2. `attention_weights`
#
# How much word $i$ takes from word $j$. The products of long vectors are large, and the softmax of large numbers has no gradient
# to speak of, so they are divided by $\sqrt d$. A *causal* model may not look ahead: word $i$ takes nothing from any $j > i$.


# %%
def attention_weights(q, k, causal=False):
    """softmax(q k^T / sqrt(d)), over the keys.

    Args:
        q: the queries, a float tensor of shape `(batch, n, d)`.
        k: the keys, a tensor of shape `(batch, m, d)`.
        causal: whether query i sees only the keys 0 to i.

    Returns:
        A tensor of shape `(batch, n, m)` with the dtype of `q`.
    """
    ### BEGIN SOLUTION
    scores = tf.matmul(q, k, transpose_b=True) / tf.sqrt(tf.cast(tf.shape(q)[-1], q.dtype))
    if causal:
        seen = tf.range(k.shape[1])[None, :] <= tf.range(q.shape[1])[:, None]
        scores = tf.where(seen, scores, tf.constant(-1e9, q.dtype))
    return softmax(scores)
    ### END SOLUTION


# %%
check("attention_weights")

# %% [markdown]
# ## 3. `attention`
#
# Every row of the result is a mean of the values, weighted by a row of the attention weights.


# %%
def attention(q, k, v, causal=False):
    """softmax(q k^T / sqrt(d)) v.

    Args:
        q: the queries, a float tensor of shape `(batch, n, d)`.
        k: the keys, a tensor of shape `(batch, m, d)`.
        v: the values, a tensor of shape `(batch, m, e)`.
        causal: whether query i sees only the keys 0 to i.

    Returns:
        A tensor of shape `(batch, n, e)` with the dtype of `q`.
    """
    ### BEGIN SOLUTION
    return tf.matmul(attention_weights(q, k, causal), v)
    ### END SOLUTION


# %%
check("attention")
