"""What a returned model is judged by. A rule is a function with `@rule("its name")`; its docstring says what it asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...question import Exam
from ..models import Examined
from . import architecture, likeness
from .rule import RULES, Verdict
from .training import accuracy

__all__ = ["GENERIC", "RULES", "accuracy", "architecture", "judge", "likeness"]

GENERIC = frozenset({"low", "sure and wrong"})
"""Symptoms that many mistakes share: they name one only together with all others that are seen."""


def judge(model: Examined, rules: Mapping[str, Any], exam: Exam) -> Iterator[tuple[str, Verdict]]:
    """The verdict of every rule, by its name."""
    for name, limit in rules.items():
        yield name, RULES[name](model, limit, exam)
