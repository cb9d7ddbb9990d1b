"""Leaves out the handed-out cells that only draw or print: grading need not run them again.

A cell is left out only if its text is exactly as handed out and no other cell uses a name that it assigns, so that what
remains runs as it would have.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from . import names
from .extract import Cell, parse

_DYNAMIC = {"globals", "vars", "locals", "eval", "exec", "get_ipython"}


def idle_cells(handed_out: Iterable[str], questions: Iterable[str]) -> frozenset[str]:
    """Those of the handed-out cells that import nothing, check nothing and define none of the questions' functions."""
    functions = set(questions)
    return frozenset(source.strip() for source in handed_out if _is_idle(source, functions))


def without_idle(cells: list[Cell], known: frozenset[str]) -> list[Cell]:
    """The cells that must run.

    Args:
        cells: of a submission.
        known: from `idle_cells`.
    """
    idle = {i for i, cell in enumerate(cells) if cell.source.strip() in known}
    used, bound = [], []
    for cell in cells:
        statements, table = parse(cell.source), names.table_of(cell.source)
        if statements is None or table is None:
            return cells  # something is broken: then nothing is taken for granted
        used.append(names.used(table) | _altered(statements))
        bound.append(names.bound(table))
    while True:
        needed = set().union(*(used[i] for i in range(len(cells)) if i not in idle))
        if needed & _DYNAMIC:
            return cells
        still = {i for i in idle if not bound[i] & needed}
        if still == idle:
            return [cell for i, cell in enumerate(cells) if i not in idle]
        idle = still


def _altered(statements: list[ast.stmt]) -> set[str]:
    """The names in what a cell adds to or deletes. For `symtable` these are assigned and not read, but they have to be there."""
    nodes = (node for statement in statements for node in ast.walk(statement))
    altering = [node for node in nodes if isinstance(node, (ast.AugAssign, ast.Delete))]
    return {name.id for node in altering for name in ast.walk(node) if isinstance(name, ast.Name)}


def _is_idle(source: str, questions: set[str]) -> bool:
    try:
        nodes = list(ast.walk(ast.parse(source)))
    except SyntaxError:
        return False
    return not any(
        isinstance(node, (ast.Import, ast.ImportFrom))
        or (isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name in questions)
        or (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "check")
        for node in nodes
    )
