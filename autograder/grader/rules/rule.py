"""What a rule is: it looks at an examined model and says what is wrong. Pure Python.

A symptom is a word for one way to be wrong: a mistake is named where it shows the same symptoms.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...question import Exam
from ..models import Examined

Verdict = tuple[str, str]
"""The symptom and the message; ("", "") if the rule is met."""

RIGHT: Verdict = ("", "")

Rule = Callable[[Examined, Any, Exam], Verdict]
"""A function of the model, the limit that the question sets, and what the model was examined on."""

RULES: dict[str, Rule] = {}
"""Every rule by its name, which is also the name of its part in a report."""


def rule(name: str) -> Callable[[Rule], Rule]:
    """Makes a function the rule of this name; its docstring says what it asks."""

    def register(function: Rule) -> Rule:
        RULES[name] = function
        return function

    return register


def listed(names: list[str]) -> str:
    """Some names in a sentence."""
    shown = ", ".join(names[:3])
    return f"{shown} and {len(names) - 3} more" if len(names) > 3 else shown
