"""What is found by looking at live functions alone: NumPy stands for every library, so nothing here needs TensorFlow."""

from __future__ import annotations

import itertools
import linecache
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from autograder.worker import bans

COUNT = itertools.count()


def define(source: str, *, file: str = "<cell {}>", module: str = "__main__") -> dict[str, Any]:
    """The globals of a notebook with one cell."""
    name = file.format(next(COUNT))
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    space: dict[str, Any] = {"__name__": module, "np": np}
    exec(compile(source, name, "exec", dont_inherit=True), space)
    return space


def used(source: str, *names: str, **how: str) -> list[str]:
    return bans.in_source(bans.reachable(define(source, **how)["f"]), names or ("convolve",))


USING = {
    "an attribute": "def f(x): return np.convolve(x, x)",
    "a global alias": "convolved = np.convolve\ndef f(x): return convolved(x, x)",
    "an alias that a closure holds": "def make():\n    c = np.convolve\n    def f(x): return c(x, x)\n    return f\nf = make()",
    "a function that a closure holds": (
        "def make():\n    def g(x): return np.convolve(x, x)\n    def f(x): return g(x)\n    return f\nf = make()"
    ),
    "a lambda in a closure": "def make(g):\n    def f(x): return g(x)\n    return f\nf = make(lambda x: np.convolve(x, x))",
    "an import inside": "def f(x):\n    from numpy import convolve as c\n    return c(x, x)",
    "a text": "def f(x): return getattr(np, 'convolve')(x, x)",
    "a text with dots": "import operator\ndef f(x): return operator.attrgetter('lib.convolve')(x)",
    "a key": "def f(x): return vars(np)['convolve'](x, x)",
    "a decorator that keeps the name": (
        "import functools\ndef kept(g):\n    @functools.wraps(g)\n    def inner(x): return g(x)\n    return inner\n"
        "@kept\ndef f(x): return np.convolve(x, x)"
    ),
    "a function that another calls": "def h(x): return np.convolve(x, x)\ndef g(x): return h(x)\ndef f(x): return g(x)",
    "a method": "class A:\n    def m(self, x): return np.convolve(x, x)\ndef f(x): return A().m(x)",
    "a nested function": "def f(x):\n    def g(): return np.convolve(x, x)\n    return g()",
    "a comprehension": "def g(x): return np.convolve(x, x)\ndef f(x): return [g(y) for y in x]",
}  # fmt: skip


@pytest.mark.parametrize("way", USING)
def test_a_banned_name_is_found(way: str) -> None:
    assert used(USING[way]) == ["convolve"]


NOT_USING = {
    "a name of one's own": "def convolve(x): return x\ndef f(x): return convolve(x)",
    "a variable of one's own": "def f(convolve): return convolve",
    "another attribute": "def f(x): return np.dot(x, x)",
    "a text that is no look-up": "def f(x):\n    print('convolve')\n    return x",
    "a function that is not called": "def g(x): return np.convolve(x, x)\ndef f(x): return x",
    "a closure that is not filled yet": (
        "def make():\n    def f(x): return later(x)\n    kept.append(f)\n    if False: later = np.convolve\n    return f\n"
        "kept = []\nf = make()"
    ),
    "an assignment": "def f(x):\n    convolve = x\n    return convolve",
}  # fmt: skip


@pytest.mark.parametrize("way", NOT_USING)
def test_there_is_no_false_alarm(way: str) -> None:
    assert used(NOT_USING[way]) == []


def test_names_are_told_once_and_sorted() -> None:
    source = "def g(x): return np.dot(x, x)\ndef f(x): return np.convolve(x, g(x)) + np.dot(x, np.convolve(x, x))"
    assert used(source, "dot", "convolve", "vdot") == ["convolve", "dot"]


@pytest.mark.parametrize("file, module, seen", [
    ("<cell {}>", "__main__", True),
    ("<cell {}>", "elsewhere", True),
    ("/tmp/ipykernel_1/{}.py", "__main__", True),
    ("/usr/lib/python/library_{}.py", "library", False),
])  # fmt: skip
def test_the_students_functions_are_those_of_a_cell_or_of_the_main_module(file: str, module: str, seen: bool) -> None:
    space = define("def f(x): return np.convolve(x, x)", file=file, module=module)
    assert list(bans.reachable(space["f"])) == (["f"] if seen else [])
    assert used("def f(x): return np.convolve(x, x)", file=file, module=module) == (["convolve"] if seen else [])


def test_functions_of_one_name_are_all_looked_at() -> None:
    source = (
        "def make():\n    def f(x): return np.dot(x, x)\n    return f\n"
        "g = make()\ndef f(x): return inner(g(x))\nclass inner:\n    def f(self, x): return np.convolve(x, x)"
    )
    assert used(source, "dot", "convolve") == ["convolve", "dot"]


def test_a_class_is_asked_by_its_methods_and_only_the_students() -> None:
    source = "class A:\n    def call(self, x): return g(x)\n    size = 3\ndef g(x): return x"
    assert set(bans.reachable(define(source)["A"])) == {"A.call", "g"}
    assert bans.reachable(define("class A:\n    def m(self): pass", module="library", file="/lib/a{}.py")["A"]) == {}
    assert bans.reachable(np.poly1d) == {}


def test_a_library_is_told_by_the_module_of_what_a_name_stands_for() -> None:
    """Its functions have suffixes of versions, and its objects have classes."""

    def library(module: str, name: str) -> Any:
        kind = type(name, (), {"__module__": module, "__call__": lambda self, x: x})
        function = ModuleType(name)
        function.__module__ = module  # type: ignore[attr-defined]
        return kind, function

    for module, known in (("tensorflow.python.ops.nn", True), ("keras.src.layers", True), ("mine.tensorflow", False)):
        kind, function = library(module, "conv2d_v2")
        for value in (kind, kind(), function):
            space = define("def f(x): return g(x)")
            space["g"] = value
            assert bans.in_source(bans.reachable(space["f"]), ("conv2d",)) == (["conv2d"] if known else [])
    first, _ = library("tensorflow", "pool_v1")
    space = define("def f(x): return g(x)")
    space["g"] = first
    assert bans.in_source(bans.reachable(space["f"]), ("pool",)) == ["pool"]


def test_a_function_without_source_is_no_exception() -> None:
    space: dict[str, Any] = {"__name__": "__main__", "np": np}
    exec("def f(x): return np.convolve(x, x)", space)
    assert list(bans.reachable(space["f"])) == ["f"]
    assert bans.in_source(bans.reachable(space["f"]), ("convolve",)) == []


def test_the_syntax_of_a_function_begins_with_its_definition() -> None:
    space = define("a = 1\n\ndef f(x):\n    return x + 2\n\ndef g(x):\n    return 3\n")
    module, definition, *rest = bans.nodes(space["f"].__code__)
    assert type(module).__name__ == "Module" and definition.name == "f"  # type: ignore[attr-defined]
    assert 3 not in [getattr(node, "value", None) for node in rest] and 2 in [getattr(n, "value", None) for n in rest]
