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
NAMESPACES = frozenset({"vars", "globals", "locals", "__dict__"})
"""What gives the names of something as a dictionary."""


def table_of(source: str) -> symtable.SymbolTable | None:
    """The names of a cell, or None if it cannot be run. What parses may still be none: `def f(x, x): pass`."""
    try:
        return symtable.symtable(source, "<cell>", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def used(table: symtable.SymbolTable) -> set[str]:
    """The global names that a cell or a function reads, in the functions inside it too."""
    return {s.get_name() for s, is_global in _symbols(table) if s.is_referenced() and (is_global or s.is_global())}


def bound(table: symtable.SymbolTable) -> set[str]:
    """The global names that a cell binds."""
    return {
        s.get_name()
        for s, is_global in _symbols(table)
        if (s.is_assigned() or s.is_imported()) and (is_global or s.is_declared_global())
    }


def _symbols(table: symtable.SymbolTable) -> Iterator[tuple[symtable.Symbol, bool]]:
    """The names of a scope and of all scopes inside it, and whether each stands in the module itself."""
    waiting = [table]
    while waiting:
        table = waiting.pop()
        yield from ((symbol, table.get_type() == "module") for symbol in table.get_symbols())
        waiting += table.get_children()


def texts_looked_up(node: ast.AST) -> Iterator[str]:
    """Texts by which a piece of syntax looks something up: `getattr(tf.nn, "conv2d")`, `vars(tf.nn)["conv2d"]`."""
    found: list[ast.expr] = []
    if isinstance(node, ast.Call):
        found = node.args if _last_name(node.func) in LOOKUPS else []
    elif isinstance(node, ast.Subscript):
        space = node.value.func if isinstance(node.value, ast.Call) else node.value
        found = [node.slice] if _last_name(space) in NAMESPACES else []  # any other dictionary may have any keys
    for value in found:
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            yield from value.value.split(".")


def _last_name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")


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
        elif name in names and name not in known and "*" in known:  # from tensorflow.nn import *
            found.add(name)
    return sorted(found)


@dataclass(frozen=True)
class _Known:
    """What a global name stands for: the names it looks up in objects, and the global names it uses."""

    attributes: frozenset[str]
    globals: frozenset[str]


@lru_cache(maxsize=256)
def _known(source: str) -> dict[str, _Known]:
    """The functions and classes that a cell defines, and the other names that it gives to something."""
    statements, table = parse(source), table_of(source)
    if statements is None or table is None:
        return {}
    tables: dict[tuple[str, int], list[symtable.SymbolTable]] = {}
    for child in table.get_children():
        tables.setdefault((child.get_name(), child.get_lineno()), []).append(child)
    found = {}
    for node in _outermost(statements):
        if isinstance(node, Definition):
            inside = used(tables[node.name, node.lineno].pop())
            found[node.name] = _Known(_attributes(ast.walk(node)), frozenset(inside | _read(_outside(node))))
        elif isinstance(node, ast.ImportFrom):
            found |= {a.asname or a.name: _Known(frozenset({a.name}), frozenset()) for a in node.names}
        elif isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value:
            held = list(_held(node.value))
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [n.id for target in targets for n in ast.walk(target) if isinstance(n, ast.Name)]
            found |= dict.fromkeys(names, _Known(_attributes(held), frozenset(_read(held))))
    return found


def _held(value: ast.expr) -> Iterator[ast.AST]:
    """What of an expression its value may hold: `f = partial(tf.nn.conv2d, strides=1)`, but not `y = tf.nn.conv2d(x, w)`."""
    waiting: list[ast.AST] = [value]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Lambda):
            yield from ast.walk(node)
            continue
        yield node
        called = node.func if isinstance(node, ast.Call) and not any(texts_looked_up(node)) else None
        waiting += [child for child in ast.iter_child_nodes(node) if child is not called]
        if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Call):
            waiting.append(called.value)  # f = tf.function(lambda x: ...).get_concrete_function(x)


def _outside(node: Definition) -> Iterator[ast.AST]:
    """The parts of a definition that are evaluated where it stands: decorators, defaults, base classes."""
    values = [*node.decorator_list]
    if isinstance(node, ast.ClassDef):
        values += node.bases
    else:
        values += [*node.args.defaults, *filter(None, node.args.kw_defaults)]
    for value in values:
        yield from ast.walk(value)


def _read(nodes: Iterable[ast.AST]) -> set[str]:
    """The names that are read in some syntax and are not its own."""
    nodes = list(nodes)
    own = {node.arg for node in nodes if isinstance(node, ast.arg)}
    own |= {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return {node.id for node in nodes if isinstance(node, ast.Name)} - own


_BLOCKS = (ast.stmt, ast.excepthandler, ast.match_case)


def _outermost(statements: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """The statements of a module, those in branches and loops too, but not what is inside functions and classes."""
    for node in statements:
        yield node
        if not isinstance(node, Definition):
            yield from _outermost(child for child in ast.iter_child_nodes(node) if isinstance(child, _BLOCKS))


def _attributes(nodes: Iterable[ast.AST]) -> frozenset[str]:
    found = set[str]()
    for node in nodes:
        if isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.ImportFrom):
            found |= {alias.name for alias in node.names}
        found |= set(texts_looked_up(node))
    return frozenset(found)
