"""Sends HTML, scripts, terminal escapes, rich markup, template code and a formula through error messages and names."""

# expect: scale=error total=passed score=2
# says: MARKED
import tensorflow as tf

TEXT = "=cmd|' /C calc'!A0 MARKED <script>alert(1)</script><img src=x onerror=alert(1)> \x1b]52;c;b3duZWQ=\x07\x1b[2J\x9b31m [bold red]rich[/] [link=file:///etc/passwd]x[/link] {{7*7}} {%raw%} ${7*7} \u202e\u2066 \ud800 ../../x \0"


def scale(x, factor):
    raise type("<img src=x onerror=alert(1)>", (ValueError,), {})(TEXT)


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
