"""Sends markup and escapes through source lines and syntax errors, which the report quotes."""
# expect: scale=error total=passed score=2
# says: is not valid Python
# %%
import tensorflow as tf
# %%
def scale(x, factor): return "<script>alert(1)</script> [31m [link=x]" +
# %%
raise ValueError("<script>alert(1)</script>")  # <script>alert(2)</script> ]0;owned
# %%
def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
