"""Runs a submission's cells, as Jupyter would, in a module of their own."""

from __future__ import annotations

import builtins
import linecache
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

from .observation import Failure
from .observe import describe


class Shell:
    """Stands in for IPython: magics and shell commands do nothing, and no attribute is missing."""

    def getoutput(self, *_: Any, **__: Any) -> list[str]:
        """The output of `!command`: none."""
        return []

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_, **__: None


def main_module() -> types.ModuleType:
    """A fresh `__main__` with what a notebook finds in its namespace."""
    module, shell = types.ModuleType("__main__"), Shell()
    vars(module).update(__builtins__=builtins, get_ipython=lambda: shell, display=lambda *_, **__: None)
    sys.modules["__main__"] = module
    return module


def run(cells: list[dict[str, Any]], skip: set[int], module: types.ModuleType) -> Iterator[tuple[int, Failure | None]]:
    """Runs each cell, yielding (index, None) before it and (index, failure) after one that raised.

    An error ends its cell only. The source is registered in `linecache`: AutoGraph and error messages need it.
    """
    for index, cell in enumerate(cells):
        if index in skip:
            continue
        yield index, None
        name, source = f"<{cell['label']}>", cell["source"]
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
        try:
            exec(compile(source, name, "exec", dont_inherit=True), vars(module))  # noqa: S102 - this is what a worker is for
        except BaseException as error:
            yield index, describe(error)
