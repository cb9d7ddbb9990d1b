"""Banned operations are found in the source and in what really runs, however they are reached."""

from __future__ import annotations

import linecache
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograder.border.observation import Observation
from autograder.question import Ban
from autograder.worker import bans
from autograder.worker.observe import observe

pytestmark = pytest.mark.tensorflow

BAN = Ban(
    ops=("Conv2D", "DepthwiseConv2dNative"),
    names=("conv2d", "convolution", "conv", "Conv2D"),
    instead="pad, slice and tf.einsum",
)
X = np.random.default_rng(0).standard_normal((1, 5, 6, 2)).astype("float32")
F = np.random.default_rng(1).standard_normal((3, 3, 2, 2)).astype("float32")

PRELUDE = """\
import functools, operator
import numpy as np
import tensorflow as tf
import keras
from tensorflow import nn
from tensorflow.nn import conv2d as renamed
"""


def define(source: str) -> dict[str, Any]:
    """What a notebook with this cell would define."""
    name = "<cell 1>"
    source = PRELUDE + source
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    space: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(source, name, "exec", dont_inherit=True), space)
    return space


def see(source: str) -> Observation:
    seen = observe(define(source)["f"], {"x": X, "w": F}, ban=BAN)
    assert seen.failure is None, seen.failure
    return seen


REACHED = {
    "a graph of TensorFlow 1": """
graph = tf.Graph()
with graph.as_default():
    a, b = tf.compat.v1.placeholder(tf.float32), tf.compat.v1.placeholder(tf.float32)
    y = nn.conv2d(a, b, 1, 'SAME')
session = tf.compat.v1.Session(graph=graph)
def f(x, w): return session.run(y, {a: x.numpy(), b: w.numpy()})""",
    "a callable of TensorFlow 1": """
graph = tf.Graph()
with graph.as_default():
    a, b = tf.compat.v1.placeholder(tf.float32), tf.compat.v1.placeholder(tf.float32)
    y = nn.conv2d(a, b, 1, 'SAME')
run = tf.compat.v1.Session(graph=graph).make_callable(y, [a, b])
def f(x, w): return run(x.numpy(), w.numpy())""",
    "a function that a raw operation calls": """
spec = tf.TensorSpec((None,) * 4)
g = tf.function(lambda x, w: nn.conv2d(x, w, 1, 'SAME')).get_concrete_function(spec, spec)
def f(x, w): return tf.raw_ops.PartitionedCall(args=[x, w], Tout=[tf.float32], f=g)[0]""",
    "a pipeline of tf.data": """
waiting = []
spec = tf.TensorSpec((None,) * 4)
given = tf.data.Dataset.from_generator(lambda: iter(waiting), output_signature=(spec, spec))
found = given.map(lambda x, w: nn.conv2d(x, w, 1, 'SAME'))
def f(x, w):
    waiting.append((x.numpy(), w.numpy()))
    return next(iter(found))""",
    "direct": "def f(x, w): return tf.nn.conv2d(x, w, 1, 'SAME')",
    "module alias": "def f(x, w): return nn.conv2d(x, w, 1, 'SAME')",
    "import alias": "def f(x, w): return renamed(x, w, 1, 'SAME')",
    "import inside": "def f(x, w):\n    from tensorflow.nn import conv2d as c\n    return c(x, w, 1, 'SAME')",
    "another function of the library": "def f(x, w): return tf.nn.convolution(x, w, padding='SAME')",
    "keras.ops": "def f(x, w): return keras.ops.conv(x, w, 1, 'same')",
    "a layer": "def f(x, w):\n    layer = keras.layers.Conv2D(2, 3, padding='same')\n    return layer(x)",
    "raw_ops": "def f(x, w): return tf.raw_ops.Conv2D(input=x, filter=w, strides=[1] * 4, padding='SAME')",
    "getattr": "def f(x, w): return getattr(tf.nn, 'conv2d')(x, w, 1, 'SAME')",
    "getattr of two strings": "def f(x, w): return getattr(tf.nn, 'conv' + '2d')(x, w, 1, 'SAME')",
    "attrgetter": "def f(x, w): return operator.attrgetter('nn.conv2d')(tf)(x, w, 1, 'SAME')",
    "vars": "def f(x, w): return vars(tf.nn)['con' + 'v2d'](x, w, 1, 'SAME')",
    "eval": "def f(x, w): return eval('tf.nn.con' + 'v2d(x, w, 1, \"SAME\")')",
    "exec": "exec('def g(x, w): return tf.nn.con' + 'v2d(x, w, 1, \"SAME\")')\ndef f(x, w): return g(x, w)",
    "global lambda": "g = lambda x, w: tf.nn.conv2d(x, w, 1, 'SAME')\ndef f(x, w): return g(x, w)",
    "global alias": "g = tf.nn.conv2d\ndef f(x, w): return g(x, w, 1, 'SAME')",
    "partial": "g = functools.partial(tf.nn.conv2d, strides=1, padding='SAME')\ndef f(x, w): return g(x, w)",
    "dict": "table = {'c': tf.nn.conv2d}\ndef f(x, w): return table['c'](x, w, 1, 'SAME')",
    "method": "class A:\n    def g(self, x, w): return tf.nn.conv2d(x, w, 1, 'SAME')\ndef f(x, w): return A().g(x, w)",
    "callable object": "class A:\n    def __call__(self, x, w): return tf.nn.conv2d(x, w, 1, 'SAME')\nf = A()",
    "closure": "def make():\n    g = tf.nn.conv2d\n    def f(x, w): return g(x, w, 1, 'SAME')\n    return f\nf = make()",
    "default argument": "def f(x, w, g=tf.nn.conv2d): return g(x, w, 1, 'SAME')",
    "decorator": "def wrap(g):\n    @functools.wraps(g)\n    def inner(x, w): return tf.nn.conv2d(g(x, w), w, 1, 'SAME')\n    return inner\n"
    "@wrap\ndef f(x, w): return x",
    "function of a function": "def h(x, w): return tf.nn.conv2d(x, w, 1, 'SAME')\ndef g(x, w): return h(x, w)\ndef f(x, w): return g(x, w)",
    "nested": "def f(x, w):\n    def g(): return tf.nn.conv2d(x, w, 1, 'SAME')\n    return g()",
    "tf.function": "@tf.function\ndef f(x, w): return tf.nn.conv2d(x, w, 1, 'SAME')",
    "tf.function inside": "@tf.function\ndef g(x, w): return tf.nn.conv2d(x, w, 1, 'SAME')\ndef f(x, w): return g(x, w)",
    "compiled": "g = tf.function(lambda x, w: tf.nn.conv2d(x, w, 1, 'SAME'))\nh = tf.function(lambda x, w: g(x, w))\ndef f(x, w): return h(x, w)",
    "map_fn": "def f(x, w): return tf.map_fn(lambda r: tf.nn.conv2d(r[None], w, 1, 'SAME')[0], x)",
    "vectorized_map": "def f(x, w): return tf.vectorized_map(lambda r: tf.nn.conv2d(r[None], w, 1, 'SAME')[0], x)",
    "while_loop": "def f(x, w):\n    step = lambda i, y: (i + 1, tf.nn.conv2d(y, w, 1, 'SAME'))\n"
    "    return tf.while_loop(lambda i, y: i < 2, step, (0, x))[1]",
    "while_loop in a graph": "@tf.function\ndef f(x, w):\n    for _ in tf.range(2):\n        x = tf.nn.conv2d(x, w, 1, 'SAME')\n    return x",
    "cond in a graph": "@tf.function\ndef f(x, w):\n    if tf.reduce_sum(x) < 1e9:\n        return tf.nn.conv2d(x, w, 1, 'SAME')\n    return x",
    "custom_gradient": "@tf.custom_gradient\ndef g(x, w): return tf.nn.conv2d(x, w, 1, 'SAME'), lambda dy: (dy, w)\ndef f(x, w): return g(x, w)",
    "numpy_function": "def f(x, w):\n    y = tf.numpy_function(lambda a, b: tf.nn.conv2d(a, b, 1, 'SAME').numpy(), [x, w], tf.float32)\n    return y",
    "depthwise": "def f(x, w): return tf.nn.depthwise_conv2d(x, w, [1, 1, 1, 1], 'SAME')",
}


@pytest.mark.parametrize("way", REACHED)
def test_a_banned_operation_is_found(way: str) -> None:
    assert see(REACHED[way]).banned


@pytest.mark.parametrize("way", [
    "tf.function", "tf.function inside", "compiled", "while_loop in a graph", "cond in a graph", "map_fn", "while_loop", "exec",
])  # fmt: skip
def test_what_was_traced_before_is_found_too(way: str) -> None:
    """A function that was called in an earlier cell is not traced again: only its name shows."""
    import tensorflow as tf

    f = define(REACHED[way].replace("'conv2d'", "'con' + 'v2d'"))["f"]
    for _ in range(2):
        f(tf.constant(X), tf.constant(F))
    for _ in range(2):
        assert "Conv2D" in observe(f, {"x": X, "w": F}, ban=BAN).banned


def test_what_is_used_is_named_once_and_sorted() -> None:
    seen = see("def f(x, w): return tf.nn.conv2d(tf.nn.conv2d(x, w, 1, 'SAME'), w, 1, 'SAME')")
    assert seen.banned == ("Conv2D", "conv2d")


ALLOWED = {
    "its name, printed": "def f(x, w):\n    tf.raw_ops.StringFormat(inputs=[x], template='Conv2D', placeholder='2D')\n    return x",
    "a session of something else": """
graph = tf.Graph()
with graph.as_default():
    a = tf.compat.v1.placeholder(tf.float32)
    y = 2 * a
session = tf.compat.v1.Session(graph=graph)
def f(x, w): return session.run(y, {a: x.numpy()})""",
    "own function of that name": "def conv2d(x, w): return tf.einsum('bhwc,klcd->bhwd', x, w)\ndef f(x, w): return conv2d(x, w)",
    "own method of another name": "class A:\n    def forward(self, x, w): return x\ndef f(x, w): return A().forward(x, w)",
    "argument of that name": "def f(x, w, conv=None, conv2d=3): return x if conv2d == 3 and conv is None else w",
    "variable of that name": "def f(x, w):\n    conv = tf.einsum('bhwc,klcd->bhwd', x, w)\n    conv2d = conv + 1.0\n    return conv2d",
    "docstring and comments": 'def f(x, w):\n    """As tf.nn.conv2d, but by hand."""\n    # not tf.nn.conv2d\n    return x',
    "string": "def f(x, w):\n    name = 'conv2d'\n    return x if name else w",
    "printed": "def f(x, w):\n    print('compare with conv2d')\n    return x",
    "beside": "def reference(x, w): return tf.nn.conv2d(x, w, 1, 'SAME')\ndef f(x, w): return x",
    "own function as an argument": "def conv(x): return x\ndef f(x, w): return tf.map_fn(conv, x)",
    "recursion": "def f(x, w, n=2): return x if n == 0 else f(x, w, n - 1)",
    "other operations": "def f(x, w): return tf.einsum('bhwc,klcd->bhwd', tf.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]]), w)",
    "slices in a graph": "@tf.function\ndef f(x, w):\n    for i in tf.range(2):\n        x = x + tf.cast(i, tf.float32) * x[:, ::-1]\n    return x",
}


@pytest.mark.parametrize("way", ALLOWED)
def test_no_false_alarm(way: str) -> None:
    assert see(ALLOWED[way]).banned == ()


def test_a_banned_call_elsewhere_in_the_notebook_is_no_use() -> None:
    """Comparing with the library in a cell of its own is what the notebook asks for."""
    space = define(ALLOWED["beside"] + "\nprint(reference(tf.zeros((1, 5, 5, 2)), tf.zeros((3, 3, 2, 2))).shape)")
    assert observe(space["f"], {"x": X, "w": F}, ban=BAN).banned == ()


def test_the_recording_ends_with_its_block() -> None:
    import tensorflow as tf

    with bans.recorded_ops() as inside:
        tf.add(1, 2)
    tf.multiply(2, 3)
    assert "AddV2" in inside and "Mul" not in inside
    with pytest.raises(ValueError), bans.recorded_ops() as failing:
        tf.subtract(1, 2)
        raise ValueError
    tf.multiply(2, 3)
    assert "Sub" in failing and "Mul" not in failing


def test_names_that_leave_no_operation_are_found_in_the_source() -> None:
    """`tf.nn.batch_normalization` is plain arithmetic in the graph."""
    ban = Ban((), ("batch_normalization",), "")
    uses = "tf.nn.batch_normalization(x, 0.0, 1.0, None, None, 1e-3)"
    for source in (
        f"def f(x): return {uses}",
        f"def g(x): return {uses}\ndef f(x): return g(x)",
        f"g = lambda x: {uses}\ndef f(x): return g(x)",
        "g = tf.nn.batch_normalization\ndef f(x): return g(x, 0.0, 1.0, None, None, 1e-3)",
        f"g = tf.function(lambda x: {uses})\ndef f(x): return g(x)",
        "def f(x): return getattr(tf.nn, 'batch_normalization')(x, 0.0, 1.0, None, None, 1e-3)",
    ):
        seen = observe(define(source)["f"], {"x": X}, ban=ban)
        assert seen.banned == ("batch_normalization",), source
    assert (
        observe(
            define("def batch_normalization(x): return x\ndef f(x): return batch_normalization(x)")["f"],
            {"x": X},
            ban=ban,
        ).banned
        == ()
    )


def reached(source: str, name: str = "f") -> set[str]:
    return set(bans.reachable(define(source)[name]))


@pytest.mark.parametrize("source, names", [
    ("def f(x): return x", {"f"}),
    ("def g(x): return x\ndef f(x): return g(x)\ndef h(x): return x", {"f", "g"}),
    ("def f(x): return g(x)\ndef g(x): return f(x)", {"f", "g"}),
    ("@tf.function\ndef g(x): return x\ndef f(x): return g(x)", {"f", "g"}),
    ("def f(x): return undefined(x)", {"f"}),
    ("def f(x):\n    return [y for y in (lambda z: g(z))(x)]\ndef g(x): return x", {"f", "g"}),
])  # fmt: skip
def test_the_functions_that_may_be_called_are_found_by_name(source: str, names: set[str]) -> None:
    assert reached(source) == names


def test_what_is_no_students_function_has_none() -> None:
    import tensorflow as tf

    for candidate in (tf.nn.relu, len, None, 3, object(), type):
        assert bans.reachable(candidate) == {}


def test_the_checks_in_a_kernel_see_what_the_grader_sees() -> None:
    """A kernel compiles a cell under a file name of its own, and `check` must find the same there."""
    source = "import tensorflow as tf\ndef f(x): return tf.nn.batch_normalization(x, 0.0, 1.0, None, None, 1e-3)\n"
    name = "/tmp/ipykernel_4711/123456.py"
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    space: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(source, name, "exec", dont_inherit=True), space)
    function: Callable[..., Any] = space["f"]
    assert observe(function, {"x": X}, ban=Ban((), ("batch_normalization",), "")).banned == ("batch_normalization",)
