"""The global names that cells use and bind, and what a function can reach by its text alone."""

from __future__ import annotations

import ast
import symtable
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from .extract import parse
from .stubs import Definition

LOOKUPS = frozenset({"getattr", "attrgetter", "__getattribute__", "methodcaller"})
"""Functions that take a name as a text."""


def table_of(source: str) -> symtable.SymbolTable:
    """The names of a cell. Raises SyntaxError, ValueError, RecursionError or MemoryError for what is not Python."""
    return symtable.symtable(source, "<cell>", "exec")


def used(table: symtable.SymbolTable) -> set[str]:
    """The global names that a cell or a function reads, in the functions inside it too."""
    module = table.get_type() == "module"
    names = {s.get_name() for s in table.get_symbols() if s.is_referenced() and (module or s.is_global())}
    return names.union(*(used(child) for child in table.get_children()))


def bound(table: symtable.SymbolTable) -> set[str]:
    """The global names that a cell binds."""
    module = table.get_type() == "module"
    names = {
        s.get_name()
        for s in table.get_symbols()
        if (s.is_assigned() or s.is_imported()) and (module or s.is_declared_global())
    }
    return names.union(*(bound(child) for child in table.get_children()))


def texts_looked_up(node: ast.AST) -> Iterator[str]:
    """Texts by which a piece of syntax looks something up: `getattr(tf.nn, "conv2d")`, `vars(tf.nn)["conv2d"]`."""
    found: list[ast.expr] = []
    if isinstance(node, ast.Call):
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        found = node.args if name in LOOKUPS else []
    elif isinstance(node, ast.Subscript):
        found = [node.slice]
    for value in found:
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            yield from value.value.split(".")


def reached(sources: Iterable[str], function: str, wanted: Iterable[str]) -> list[str]:
    """Those of the `wanted` names that `function`, and what it calls, look up in objects and modules.

    It sees less than a look at live objects does, but nothing runs, and no submission can reach the process it runs in.

    Args:
        sources: of all cells, in order.
        function: where to begin.
        wanted: e.g. the names of banned functions.
    """
    known: dict[str, _Known] = {}
    for source in sources:
        known |= _known(source)
    names, found, entered, waiting = set(wanted), set[str](), set[str](), [function]
    while waiting:
        name = waiting.pop()
        if name in known and name not in entered:
            entered.add(name)
            found |= known[name].attributes & names
            waiting += known[name].globals
    return sorted(found)


@dataclass(frozen=True)
class _Known:
    """What a global name stands for: the names it looks up in objects, and the global names it uses."""

    attributes: frozenset[str]
    globals: frozenset[str]


@lru_cache(maxsize=256)
def _known(source: str) -> dict[str, _Known]:
    """The functions and classes that a cell defines, and the other names that it gives to something."""
    statements = parse(source)
    if statements is None:
        return {}
    tables: dict[str, list[symtable.SymbolTable]] = {}
    for table in table_of(source).get_children():
        tables.setdefault(table.get_name(), []).append(table)
    found = {}
    for node in _outermost(statements):
        if isinstance(node, Definition):
            found[node.name] = _Known(_attributes(node), frozenset(used(tables[node.name].pop(0))))
        elif isinstance(node, ast.ImportFrom):
            found |= {a.asname or a.name: _Known(frozenset({a.name}), frozenset()) for a in node.names}
        elif isinstance(node, ast.Assign) and not isinstance(
            node.value, ast.Call
        ):  # `f = tf.nn.conv2d`, but not its result
            read = frozenset(n.id for n in ast.walk(node.value) if isinstance(n, ast.Name))
            names = [t.id for t in node.targets if isinstance(t, ast.Name)]
            found |= dict.fromkeys(names, _Known(_attributes(node.value), read))
    return found


def _outermost(statements: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """The statements of a module, those in branches and loops too, but not what is inside functions and classes."""
    for node in statements:
        yield node
        if not isinstance(node, Definition):
            yield from _outermost(child for child in ast.iter_child_nodes(node) if isinstance(child, ast.stmt))


def _attributes(node: ast.AST) -> frozenset[str]:
    found = set[str]()
    for inner in ast.walk(node):
        if isinstance(inner, ast.Attribute):
            found.add(inner.attr)
        elif isinstance(inner, ast.ImportFrom):
            found |= {alias.name for alias in inner.names}
        found |= set(texts_looked_up(inner))
    return frozenset(found)
