"""The functions that a submission defines, and those of them that are stubs as they were handed out."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from typing import Any

from .extract import Cell, Submission, parse

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef

MAX_REPAIRS = 100


def definitions(cells: Iterable[Cell]) -> dict[str, list[tuple[int, bool]]]:
    """Where each top-level function or class is defined: name -> [(cell index, whether it is an untouched stub)]."""
    found: dict[str, list[tuple[int, bool]]] = {}
    for index, cell in enumerate(cells):
        for node in parse(cell.source) or []:
            if isinstance(node, Definition):
                found.setdefault(node.name, []).append((index, is_stub(node)))
    return found


def is_stub(node: Definition) -> bool:
    """Whether nothing but a docstring and `raise NotImplementedError` is in the function, or in a method of the class."""
    if isinstance(node, ast.ClassDef):
        return any(is_stub(s) for s in node.body if isinstance(s, (ast.FunctionDef, ast.AsyncFunctionDef)))
    body = [s for s in node.body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))]
    return all(isinstance(s, ast.Pass) or (isinstance(s, ast.Raise) and _raises_stub(s)) for s in body)


def restore_overwritten(submission: Submission) -> None:
    """Takes out untouched stubs that a duplicated cell would put in the place of a finished function."""
    superfluous: dict[int, set[str]] = {}
    for name, places in definitions(submission.cells).items():
        solved = max((at for at, (_, stub) in enumerate(places) if not stub), default=len(places))
        for index in dict.fromkeys(index for index, _ in places[solved + 1 :]):
            superfluous.setdefault(index, set()).add(name)
            if len(submission.repairs) < MAX_REPAIRS:
                cell, kept = submission.cells[index], submission.cells[places[solved][0]]
                submission.repairs.append(
                    f"{cell.label} holds an unsolved copy of {name}; the solved one in {kept.label} was kept."
                )
    for index, names in superfluous.items():
        submission.cells[index].source = _without_stubs(submission.cells[index].source, names)


def _without_stubs(source: str, names: set[str]) -> str:
    lines = source.split("\n")
    for node in parse(source) or []:
        if isinstance(node, Definition) and node.name in names and is_stub(node):
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            for i in range(first - 1, node.end_lineno or node.lineno):
                lines[i] = ""
    return "\n".join(lines)


def _raises_stub(node: ast.Raise) -> bool:
    raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
    return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"


def function_names(submission: Submission) -> set[str]:
    """The functions a submission defines or tries to, broken cells included."""
    names: set[Any] = set(definitions(submission.cells))
    for cell in submission.cells:
        if cell.label in submission.broken:
            names |= set(re.findall(r"^[ \t]*(?:def|class)[ \t]+(\w+)", cell.source, re.MULTILINE))
    return names
