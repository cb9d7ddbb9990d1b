"""How functions are called: their parameters as text, and whether those of a submission still are the stub's."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from .extract import Cell, parse


def signatures(cells: Iterable[Cell]) -> dict[str, str]:
    """The parameters of every top-level function, and of every method of a class: `{"f": "x, n=2", "C.call": "self, x"}`.

    Without annotations. Of several definitions the last one counts.
    """
    found: dict[str, str] = {}
    for cell in cells:
        for node in parse(cell.source) or []:
            if isinstance(node, ast.ClassDef):
                methods = [m for m in node.body if isinstance(m, (ast.FunctionDef, ast.AsyncFunctionDef))]
                found |= {f"{node.name}.{method.name}": _parameters(method) for method in methods}
            elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                found[node.name] = _parameters(node)
    return found


def _parameters(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """The parameters with their defaults, as text."""
    for argument in ast.walk(node.args):
        if isinstance(argument, ast.arg):
            argument.annotation = None
    return ast.unparse(node.args)


def fits(signature: str, given: str) -> bool:
    """Whether a function with the first parameters has all of the second: the same names and defaults, in the same order.

    Args:
        signature: of a submission's function, from `signatures`. More parameters are welcome if they need no value.
        given: of the stub.

    Example:
        >>> fits("x, stride=1, verbose=False", "x, stride=1"), fits("x, *rest, **others", "x, stride=1")
        (True, True)
        >>> fits("x, strides=1", "x, stride=1"), fits("x, stride=2", "x, stride=1"), fits("x, stride", "x, stride=1")
        (False, False, False)
    """
    found, wanted = _arguments(signature), _arguments(given)
    mine, theirs = _defaults(found), _defaults(wanted)
    kept = [name for name in mine if name in theirs]
    return (
        (found.kwarg is not None or len(kept) == len(theirs))
        and (found.vararg is not None or wanted.vararg is None)
        and kept == [name for name in theirs if name in mine]
        and all(mine[name] == theirs[name] for name in kept)
        and all(default for name, default in mine.items() if name not in theirs)
    )


def _arguments(parameters: str) -> ast.arguments:
    node = ast.parse(f"lambda {parameters}: 0", mode="eval").body
    assert isinstance(node, ast.Lambda)
    return node.args


def _defaults(found: ast.arguments) -> dict[str, str]:
    """Each parameter with its default as text, "" for none."""
    plain = [*found.posonlyargs, *found.args]
    defaults = [*[None] * (len(plain) - len(found.defaults)), *found.defaults, *found.kw_defaults]
    pairs = zip([*plain, *found.kwonlyargs], defaults, strict=True)
    return {argument.arg: ast.unparse(default) if default else "" for argument, default in pairs}
