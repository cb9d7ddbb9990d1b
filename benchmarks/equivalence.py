"""Which mutants of the grader say nothing of its tests: those that no behaviour can tell from the code, and those on a list."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from autograder.course.mutate import Mutant

EQUIVALENT = Path(__file__).with_name("equivalent_mutants.toml")
"""Mutants that were looked at and change nothing that anybody can see, by module, each with the reason; and under [more] the
test files that a module's survivors are tried on in a copy of the repository."""


def says_nothing(mutant: Mutant, source: str) -> bool:
    """Whether no behaviour can tell a mutant of `source` from it: such a mutant is not drawn."""
    if mutant.kind in ("constant", "keyword left out") and mutant.source.count(_STRICT) < source.count(_STRICT):
        return True
    line = source.split("\n")[mutant.line - 1]
    if mutant.kind == "constant" and _BOUND_SET.match(line) and mutant.after not in ("0", "(-1)"):
        return True
    return form(mutant.source) == form(source)


_STRICT = "strict=True"
"""An assertion: what it would find is a mistake of ours."""
_BOUND = re.compile(r"_?(MAX|MOST)_\w+")
_BOUND_SET = re.compile(rf"{_BOUND.pattern}(: \w+)? = ")
"""A bound with room to spare, so one more or less is the same bound: a test of the figure would only repeat it."""


@lru_cache(maxsize=8)
def form(source: str) -> str:
    """Equal for sources between which no behaviour can differ: their mutants say nothing of the tests."""
    return ast.dump(_Form().visit(ast.parse(source)))


class _Form(ast.NodeTransformer):
    """Leaves out of a tree what never matters."""

    def visit_keyword(self, node: ast.keyword) -> ast.AST | None:
        """Descriptions of options and fields: a test of them would only repeat them. UTF-8: what it is here without a word, too."""
        if node.arg == "encoding" and isinstance(node.value, ast.Constant) and node.value.value == "utf-8":
            return None
        return None if node.arg in ("description", "help") else self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        """`x in (a, b)`: no order; `x > MAX_LINES`: as `x >= MAX_LINES`."""
        if any(map(_is_bound, (node.left, *node.comparators))):
            node.ops = [{ast.GtE: ast.Gt, ast.LtE: ast.Lt}.get(type(o), type(o))() for o in node.ops]
        node.comparators = [
            _sorted(c) if isinstance(o, (ast.In, ast.NotIn)) else c
            for o, c in zip(node.ops, node.comparators, strict=True)
        ]
        return self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """`isinstance(x, (A, B))`, `s.startswith(("a", "b"))`, `frozenset(("a", "b"))`, `max(a, b)`: no order; `tuple(x)`: the same items."""
        if (
            isinstance(node.func, ast.Name)
            and node.func.id == "tuple"
            and not isinstance(node.args[0], ast.GeneratorExp)
        ):
            return self.visit(node.args[0])
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in ("isinstance", "issubclass", "startswith", "endswith", "frozenset", "set"):
            node.args = [_sorted(argument) for argument in node.args]
        if isinstance(node.func, ast.Name) and name in ("min", "max") and len(node.args) > 1 and not node.keywords:
            node.args = sorted(node.args, key=ast.dump)
        return self.generic_visit(node)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.AST:
        """`except (A, B)`: no order."""
        node.type = node.type and _sorted(node.type)
        return self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        """Types, e.g. `Rule = Callable[[Examined, Exam], str]` or `set[str]()`: mypy's business, and nothing that runs."""
        name = getattr(node.value, "id", "")
        return ast.Name(name) if name in _GENERIC else self.generic_visit(node)

    def visit_Slice(self, node: ast.Slice) -> ast.AST:
        """`text[:MAX_TEXT]`: as `text[: MAX_TEXT + 1]`."""
        match node.upper:
            case ast.BinOp(ast.Name() as bound, ast.Add() | ast.Sub(), ast.Constant(1)) if _is_bound(bound):
                node.upper = bound
        return self.generic_visit(node)


_GENERIC = {
    "Callable",
    "Iterator",
    "Literal",
    "Mapping",
    "Sequence",
    "dict",
    "frozenset",
    "list",
    "set",
    "tuple",
    "type",
}


def _is_bound(node: ast.expr) -> bool:
    name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    return _BOUND.fullmatch(name) is not None


def _sorted(node: ast.expr) -> ast.expr:
    if isinstance(node, (ast.Tuple, ast.List)):
        node.elts = sorted(node.elts, key=ast.dump)
    return node


def key(mutant: Mutant, path: Path) -> str:
    """A mutant as the list of equivalent ones names it: by the text of its line, not by a number that moves."""
    line = path.read_text(encoding="utf-8").split("\n")[mutant.line - 1].strip()
    return f"{line} | {str(mutant).replace(f' in line {mutant.line}', '')}"


def is_known(told: str, known: Iterable[str]) -> bool:
    """Whether a key is in the list, in which one that ends with "…" stands for all that begin so."""
    return any(told.startswith(name[:-1]) if name.endswith("…") else told == name for name in known)
