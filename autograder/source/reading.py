"""All that grading wants to know of a submitted file, read from its text in one go."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from . import names
from .extract import Cell, Submission, Unreadable, cells_of
from .idle import without_idle
from .stubs import function_names, restore_overwritten


@dataclass(frozen=True)
class Reading:
    """A submission as text.

    Attributes:
        cells: those that must run, in order.
        repairs: what was repaired, in sentences.
        defines: for each cell, the functions that it defines or tries to.
        reached: for each function of interest, which of the names that it must not use it looks up.
        unreadable: why no cells can be had from the file, to the student; "" if they can.
    """

    cells: Sequence[Cell] = ()
    repairs: Sequence[str] = ()
    defines: Sequence[frozenset[str]] = ()
    reached: Mapping[str, Sequence[str]] | None = None
    unreadable: str = ""

    def to_tree(self) -> dict[str, Any]:
        """As a tree for `wire`."""
        return {
            "cells": [asdict(cell) for cell in self.cells],
            "repairs": list(self.repairs),
            "defines": [sorted(found) for found in self.defines],
            "reached": dict(self.reached or {}),
            "unreadable": self.unreadable,
        }

    @staticmethod
    def from_tree(tree: dict[str, Any]) -> Reading:
        """Reads what `to_tree` gave."""
        return Reading(
            tuple(Cell(**cell) for cell in tree["cells"]),
            tuple(tree["repairs"]),
            tuple(frozenset(found) for found in tree["defines"]),
            tree["reached"],
            tree["unreadable"],
        )

    @property
    def all_defined(self) -> frozenset[str]:
        """The functions that any cell defines or tries to."""
        return frozenset().union(*self.defines)

    def shows(self, where: str) -> bool:
        """Whether a line that a worker names, "cell 7, line 12: y = x @ w", stands there: a worker may say anything."""
        match = re.fullmatch(r"(cell [^,]*), line (\d{1,6}): (.*)", where, re.DOTALL)
        source = next((cell.source for cell in self.cells if match and cell.label == match[1]), None)
        if match is None or source is None:
            return False
        lines = source.split("\n")
        return 0 < int(match[2]) <= len(lines) and lines[int(match[2]) - 1].strip() == match[3]


def reading(
    data: bytes, suffix: str, idle: frozenset[str] = frozenset(), banned: Mapping[str, Sequence[str]] | None = None
) -> Reading:
    """Reads the content of a file.

    Args:
        data: the content.
        suffix: ".py" for a script; anything else is a notebook.
        idle: handed-out cells that need not run, from `source.idle`.
        banned: for each function of interest the names that it must not use.
    """
    try:
        submission = cells_of(data, suffix)
    except Unreadable as error:
        return Reading(unreadable=str(error))
    restore_overwritten(submission)
    cells = without_idle(submission.cells, idle)
    sources = [cell.source for cell in cells]
    return Reading(
        tuple(cells),
        tuple(submission.repairs),
        tuple(frozenset(function_names(Submission([cell], broken=submission.broken))) for cell in cells),
        {name: names.reached(sources, name, wanted) for name, wanted in (banned or {}).items()},
    )
