"""Runs a submission's cells, as Jupyter would, in a module of their own."""

from __future__ import annotations

import ast
import builtins
import linecache
import sys
import traceback
import types
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ..border.observation import Failure
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


def run(
    cells: Sequence[dict[str, str]], skip: set[int], module: types.ModuleType
) -> Iterator[tuple[int, Failure | None]]:
    """Runs each cell, yielding (index, None) before it and (index, failure) after one that raised.

    An error ends its cell only, a failed import only its line. The source is registered in `linecache`: AutoGraph and
    error messages need it.
    """
    for index, cell in enumerate(cells):
        if index in skip:
            continue
        yield index, None
        name, source = f"<{cell['label']}>", cell["source"]
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
        waiting: list[ast.stmt] | None = None
        told = False
        while waiting is None or waiting:
            try:
                waiting = ast.parse(source, name).body if waiting is None else waiting
                code = compile(ast.Module(waiting, []), name, "exec", dont_inherit=True)
                exec(code, vars(module))  # noqa: S102 - this is what a worker is for
                break
            except BaseException as error:
                if not told:
                    yield index, describe(error)
                told, waiting = True, _after_import(waiting or [], name, error)


def _after_import(statements: list[ast.stmt], name: str, error: BaseException) -> list[ast.stmt]:
    """What follows a top-level import that failed: a package that only the student has costs only the code that uses it."""
    line = next((f.lineno or 0 for f in traceback.extract_tb(error.__traceback__) if f.filename == name), 0)
    for index, node in enumerate(statements if isinstance(error, ImportError) else []):
        if isinstance(node, (ast.Import, ast.ImportFrom)) and node.lineno <= line <= (node.end_lineno or 0):
            return statements[index + 1 :]
    return []
