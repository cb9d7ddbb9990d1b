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
        used.append(_read_first(statements, frozenset()) & (names.used(table) | names.bound(table)))
        bound.append(names.bound(table))
    while True:
        needed = set().union(*(used[i] for i in range(len(cells)) if i not in idle))
        if needed & _DYNAMIC:
            return cells
        still = {i for i in idle if not bound[i] & needed}
        if still == idle:
            return [cell for i, cell in enumerate(cells) if i not in idle]
        idle = still


def _read_first(statements: list[ast.stmt], own: frozenset[str]) -> set[str]:
    """The names that a cell reads, alters or deletes before it has certainly bound them itself, those of inner scopes included.

    A cell that draws `x` after `x = ...` does not need another cell's `x`. What is bound in a block may stay unbound, so it
    counts for the rest of that block only.
    """
    found = set[str]()
    for statement in statements:
        if isinstance(statement, (ast.With, ast.For)):
            heads = [i.context_expr for i in statement.items] if isinstance(statement, ast.With) else [statement.iter]
            targets = (
                [i.optional_vars for i in statement.items] if isinstance(statement, ast.With) else [statement.target]
            )
            found |= _read(*heads) - own
            found |= _read_first(statement.body, own | _stored(*targets))
            found |= _read_first(getattr(statement, "orelse", []), own)
        else:
            found |= _read(statement) - own
            if isinstance(statement, ast.Assign):
                own |= _stored(*statement.targets)
    return found


def _read(*nodes: ast.AST) -> set[str]:
    """All names in some syntax but those that are only assigned; `x += 1` and `del x` need an `x`."""
    inside = [node for root in nodes for node in ast.walk(root)]
    read = {node.id for node in inside if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Store)}
    return read | {n.target.id for n in inside if isinstance(n, ast.AugAssign) and isinstance(n.target, ast.Name)}


def _stored(*targets: ast.expr | None) -> set[str]:
    """The names that assigning to these targets binds."""
    inside = [node for target in targets if target for node in ast.walk(target)]
    return {node.id for node in inside if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}


def _is_idle(source: str, questions: set[str]) -> bool:
    try:
        nodes = ast.walk(ast.parse(source))
    except SyntaxError:
        return False
    return not any(
        isinstance(node, (ast.Import, ast.ImportFrom))
        or (isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name in questions)
        or (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "check")
        for node in nodes
    )
