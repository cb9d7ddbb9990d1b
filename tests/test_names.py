"""What the text of a submission alone tells: the names it uses, and the banned ones that a function can reach."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.source.extract import Cell
from autograder.source.idle import without_idle
from autograder.source.names import bound, reached, table_of, texts_looked_up, used

BANNED = ("conv2d", "convolution", "conv", "Conv2D", "max_pool2d")


def names_of(source: str) -> tuple[set[str], set[str]]:
    table = table_of(source)
    assert table
    return used(table), bound(table)


# Names that are used and bound


@pytest.mark.parametrize("source, uses, binds", [
    ("y = x + 1", {"x"}, {"y"}),
    ("def f(x):\n    y = x + k\n    return y", {"k"}, {"f"}),
    ("def f(x):\n    def g(z): return z + x + k\n    return g", {"k"}, {"f"}),
    ("def f(x):\n    global total\n    total = x", set(), {"f", "total"}),
    ("import numpy as np\nfrom os import path", set(), {"np", "path"}),
    ("import a.b", set(), {"a"}),
    ("class A(B):\n    size = n\n    def f(self): return self.size + m", {"B", "n", "m"}, {"A"}),
    ("z = [a * b for a in c]", {"b", "c"}, {"z"}),
    ("z = lambda a: a + b", {"b"}, {"z"}),
    ("for i in range(n):\n    s = s + i", {"range", "n", "s", "i"}, {"i", "s"}),
    ("if (m := n):\n    pass", {"n"}, {"m"}),
])  # fmt: skip
def test_the_global_names_of_a_cell_are_told(source: str, uses: set[str], binds: set[str]) -> None:
    assert names_of(source) == (uses, binds)


def test_names_are_found_however_deep_they_stand() -> None:
    """Python's own limit is no limit of ours: a student must not be able to end the grader with a thousand brackets."""
    assert names_of("f = " + "lambda: " * 900 + "deep") == ({"deep"}, {"f"})


REFUSED = [
    "def f(x, x): pass", "nonlocal x", "def f():\n    x = 1\n    global x", "def f():\n    from os import *",
    "x = (", "\x00", "def f(:",
]  # fmt: skip
"""Some of them parse, and none of them runs."""


@pytest.mark.parametrize("source", REFUSED)
def test_a_cell_that_python_refuses_has_no_names_and_hides_none(source: str) -> None:
    assert table_of(source) is None
    good = "def f(x): return tf.nn.conv2d(x)"
    assert reached([source, good, source], "f", BANNED) == ["conv2d"]
    assert reached([f"{good}\n{source}"], "f", BANNED) == [], "it defines nothing"


# What a function can reach

USES = "tf.nn.max_pool2d(x)"
REACHED = {
    "direct": f"def f(x): return {USES}",
    "by another function": f"def g(x): return {USES}\ndef f(x): return g(x)",
    "by a chain of them": f"def h(x): return {USES}\ndef g(x): return h(x)\ndef f(x): return g(x)",
    "by itself": f"def g(x): return f(x) + {USES}\ndef f(x): return g(x)",
    "a function inside": f"def f(x):\n    def g(): return {USES}\n    return g()",
    "a lambda inside": f"def f(x): return (lambda x: {USES})(x)",
    "a class": f"class G:\n    def __call__(self, x): return {USES}\ndef f(x): return G()(x)",
    "a base class": f"class B:\n    def g(self, x): return {USES}\nclass G(B): pass\ndef f(x): return G().g(x)",
    "import inside": "def f(x):\n    from tensorflow.nn import max_pool2d as p\n    return p(x)",
    "import alias": "from tensorflow.nn import max_pool2d as p\ndef f(x): return p(x)",
    "star import": "from tensorflow.nn import *\ndef f(x): return max_pool2d(x)",
    "module alias": "from tensorflow import nn as n\ndef f(x): return n.max_pool2d(x)",
    "alias": "p = tf.nn.max_pool2d\ndef f(x): return [p(one) for one in x]",
    "alias of an alias": "p = tf.nn.max_pool2d\nq = p\ndef f(x): return q(x)",
    "annotated alias": "p: object = tf.nn.max_pool2d\ndef f(x): return p(x)",
    "one alias of several": "n, p = 2, tf.nn.max_pool2d\ndef f(x): return p(x)",
    "two at once": "p = q = tf.nn.max_pool2d\ndef f(x): return q(x)",
    "the answer itself": "f = tf.nn.max_pool2d",
    "lambda": f"f = lambda x: {USES}",
    "global lambda": f"g = lambda x: {USES}\ndef f(x): return g(x)",
    "partial": "import functools\np = functools.partial(tf.nn.max_pool2d, ksize=2)\ndef f(x): return p(x)",
    "compiled": "f = tf.function(tf.nn.max_pool2d)",
    "in a dictionary": "table = {'p': tf.nn.max_pool2d}\ndef f(x): return table['p'](x)",
    "default argument": "def f(x, p=tf.nn.max_pool2d): return p(x)",
    "default argument by an alias": "p = tf.nn.max_pool2d\ndef f(x, *, q=p): return q(x)",
    "decorator": f"def wrap(g):\n    return lambda x: {USES}\n@wrap\ndef f(x): return x",
    "getattr": "def f(x): return getattr(tf.nn, 'max_pool2d')(x)",
    "getattr outside": "p = getattr(tf.nn, 'max_pool2d')\ndef f(x): return p(x)",
    "attrgetter": "def f(x): return operator.attrgetter('nn.max_pool2d')(tf)(x)",
    "methodcaller": "def f(x): return operator.methodcaller('max_pool2d', x)(tf.nn)",
    "__getattribute__": "def f(x): return tf.nn.__getattribute__('max_pool2d')(x)",
    "vars": "def f(x): return vars(tf.nn)['max_pool2d'](x)",
    "vars outside": "p = vars(tf.nn)['max_pool2d']\ndef f(x): return p(x)",
    "__dict__": "def f(x): return tf.nn.__dict__['max_pool2d'](x)",
    "in a branch": f"if True:\n    def f(x): return {USES}",
    "where an import fails": f"try:\n    import nothing\nexcept ImportError:\n    def f(x): return {USES}",
    "in a case": f"match 1:\n    case _:\n        def f(x): return {USES}",
    "asynchronous": f"async def f(x): return {USES}",
    "in a comprehension that is called like a function": f"[i for i in 'ab']\ndef listcomp(x): return {USES}\ndef f(x): return listcomp(x)",
    "in another cell": f"def f(x): return g(x)\n#CELL\ndef g(x): return {USES}",
    "the last definition": f"def f(x): return x\n#CELL\ndef f(x): return {USES}",
}  # fmt: skip


@pytest.mark.parametrize("way", REACHED)
def test_a_banned_name_is_reached(way: str) -> None:
    cells = REACHED[way].split("#CELL\n")
    assert reached(cells, "f", (*BANNED, "other")) == ["max_pool2d"]
    assert reached(cells, "f", ("other",)) == []
    assert reached(cells, "elsewhere", BANNED) == []


def test_a_traced_lambda_does_not_hide_what_it_names() -> None:
    made = f"g = tf.function(lambda x: {USES}).get_concrete_function(3)\ndef f(x): return g(x)"
    assert reached([made], "f", BANNED) == ["max_pool2d"]


def test_names_are_told_once_and_sorted() -> None:
    source = "def f(x): return tf.nn.max_pool2d(tf.nn.conv2d(tf.nn.conv2d(x)))"
    assert reached([source], "f", BANNED) == ["conv2d", "max_pool2d"]


QUIET = {
    "own function of that name": "def f(x): return max_pool2d(x)\ndef max_pool2d(x): return x",
    "own function, and everything imported": "from math import *\ndef f(x): return max_pool2d(x)\ndef max_pool2d(x): return x",
    "a function beside": f"def oracle(x): return {USES}\ndef f(x): return x",
    "a result": f"x = 3\nexpected = {USES}\ndef f(x): return x + expected",
    "a result of a result": f"x = 3\nexpected = {USES}.numpy()[0] + 1\ndef f(x): return x + expected",
    "results in a list": "expected = [tf.nn.max_pool2d(x) for x in (1, 2)]\ndef f(x): return x + expected[0]",
    "a result of an own function": f"def oracle(x): return {USES}\nexpected = oracle(3)\ndef f(x): return x + expected",
    "a result that is printed": f"x = 3\nprint({USES})\ndef f(x): return x",
    "argument": "def f(x, max_pool2d=3, conv=None): return x if max_pool2d == 3 and conv is None else 1",
    "variable": "def f(x):\n    max_pool2d = x + 1\n    return max_pool2d",
    "variable called like an alias": "p = tf.nn.max_pool2d\ndef f(x):\n    p = x + 1\n    return p",
    "argument called like an alias": "p = tf.nn.max_pool2d\ndef f(x, p): return x + p",
    "argument of a lambda called like an alias": "p = tf.nn.max_pool2d\ng = lambda p: p + 1\ndef f(x): return g(x)",
    "loop variable called like an alias": "p = tf.nn.max_pool2d\ndef f(x): return [p + 1 for p in x]",
    "own key of a dictionary": "def f(x):\n    kept = {'max_pool2d': x}\n    return kept['max_pool2d'] + kept.get('conv')",
    "text": "def f(x):\n    'not by tf.nn.max_pool2d'\n    print('max_pool2d')\n    return x  # tf.nn.max_pool2d",
    "attribute of another name": "import tensorflow.nn as p\ndef f(x): return p.relu(x)",
    "an earlier definition": f"def f(x): return {USES}\n#CELL\ndef f(x): return x",
    "an earlier alias": "g = tf.nn.max_pool2d\ndef g(x): return x\ndef f(x): return g(x)",
    "nothing": "",
}  # fmt: skip


@pytest.mark.parametrize("way", QUIET)
def test_there_is_no_false_alarm(way: str) -> None:
    assert reached(QUIET[way].split("#CELL\n"), "f", BANNED) == []


@pytest.mark.parametrize("source, texts", [
    ("getattr(tf.nn, 'conv2d')", ["conv2d"]),
    ("builtins.getattr(tf.nn, 'conv2d', None)", ["conv2d"]),
    ("operator.attrgetter('nn.conv2d')", ["nn", "conv2d"]),
    ("vars(tf.nn)['conv2d']", ["conv2d"]),
    ("globals()['conv2d']", ["conv2d"]),
    ("tf.nn.__dict__['conv2d']", ["conv2d"]),
    ("table['conv2d']", []),
    ("print('conv2d')", []),
    ("getattr(tf.nn, name)", []),
    ("vars(tf.nn)[0]", []),
])  # fmt: skip
def test_a_text_is_a_name_only_where_it_looks_something_up(source: str, texts: list[str]) -> None:
    assert list(texts_looked_up(ast.parse(source, mode="eval").body)) == texts


PIECES = st.lists(
    st.sampled_from([
        "def f(x):", "    return g(x)", "    x = tf.nn.conv2d", "class f(g):", "f = lambda x: g", "f, g = g, f", "g: int", "x = (", "@f",
        "from a import *", "from a import f as g", "global x", "nonlocal y", "async def g(): [await f async for f in x]", "else:", "if f:",
        "def listcomp(x=[f for f in g]): return f", "[f for f in g]", "return 3", "def f(x, x): pass", "f = getattr(g, 'conv2d')", "\x00",
        "f = " + "lambda: " * 300 + "g", "f = g" + ".g" * 3000, "f = " + "-" * 3000 + "g", "try:", "    pass", "\t", "f[g] = f.g = g", "*f, g = x", "del f", "import f.g",
    ]),
    max_size=7,
).map("\n".join)  # fmt: skip


@given(st.lists(PIECES, max_size=3))
def test_any_text_is_looked_through(sources: list[str]) -> None:
    """Whatever a student sends: neither look may end the grader."""
    assert set(reached(sources, "f", BANNED)) <= set(BANNED)
    without_idle([Cell(f"cell {i}", source) for i, source in enumerate(sources)], frozenset({"[f for f in g]"}))
