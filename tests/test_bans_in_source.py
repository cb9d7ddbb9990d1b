"""The look at live objects that a worker takes, without TensorFlow: a stand-in for the library is enough for names."""

from __future__ import annotations

import linecache
import sys
import types
from typing import Any

import pytest
from test_names import BANNED, QUIET, REACHED

from autograder.worker import bans

VALUES = {"the answer itself", "compiled", "partial", "in a dictionary"}
"""Where a function of the library lies in a value: there the operations that run tell, and the text."""


class Result:
    """What a function of the library gives."""

    def numpy(self) -> list[int]:
        return [1]


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A module called tensorflow with a few functions."""
    tf, nn = types.ModuleType("tensorflow"), types.ModuleType("tensorflow.nn")
    for name in ("max_pool2d", "conv2d", "relu"):
        function = types.FunctionType((lambda x=0, **_: Result()).__code__, {"Result": Result}, name, (0,))
        function.__module__ = "tensorflow.python.ops.nn_ops"
        setattr(nn, name, function)
    tf.nn, tf.function = nn, lambda f: f  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "tensorflow", tf)
    monkeypatch.setitem(sys.modules, "tensorflow.nn", nn)
    return tf


def defined(source: str, library: Any) -> dict[str, Any]:
    """What the cells define, as a worker runs them."""
    import operator

    space: dict[str, Any] = {"__name__": "__main__", "tf": library, "operator": operator}
    for number, cell in enumerate(source.split("#CELL\n"), 1):
        name = f"<cell {number}>"
        linecache.cache[name] = (len(cell), None, cell.splitlines(keepends=True), name)
        exec(compile(cell, name, "exec", dont_inherit=True), space)
    return space


def used(source: str, library: Any) -> list[str]:
    function = defined(source, library).get("f")
    return bans.in_source(bans.reachable(function), BANNED)


@pytest.mark.parametrize("way", sorted(set(REACHED) - VALUES))
def test_a_banned_name_is_found(library: Any, way: str) -> None:
    assert used(REACHED[way], library) == ["max_pool2d"]


@pytest.mark.parametrize("way", QUIET)
def test_there_is_no_false_alarm(library: Any, way: str) -> None:
    assert used(QUIET[way], library) == []
