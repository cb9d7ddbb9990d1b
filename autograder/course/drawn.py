"""How much of a question is asked with inputs that only the salt knows."""

from __future__ import annotations

from typing import Any

from ..border import wire
from ..question import Case, Question

DRAWN_SHARE = 0.5
"""A question earns at least this much of its points by hidden cases whose inputs are drawn, so that nobody passes by heart."""
SALTS = ("one", "two", "three", "four")
"""Small draws, a size for instance, may agree for some of them."""


def drawn_share(question: Question) -> float:
    """The share of the points that is earned on hidden cases whose inputs depend on the salt, from 0 to 1."""
    weights = [unit * len(question.parts_of(case)) for unit, case in zip(question.units(), question.cases, strict=True)]
    drawn = [weight for weight, case in zip(weights, question.cases, strict=True) if _is_drawn(question, case)]
    return sum(drawn) / sum(weights)


def too_few_are_drawn(question: Question) -> str:
    """What to mend in a question of which too much can be learned by heart; "" if there is nothing."""
    share = drawn_share(question)
    if share >= DRAWN_SHARE - 1e-9:
        return ""
    return (
        f"hidden cases with drawn inputs are worth {share:.0%} of its points, but at least {DRAWN_SHARE:.0%} are needed: draw the "
        "inputs of its other hidden cases, or make these public"
    )


def _is_drawn(question: Question, case: Case) -> bool:
    first, *others = SALTS
    inputs = wire.pack(_inputs(case.materialise(question.name, first)))
    return any(wire.pack(_inputs(case.materialise(question.name, salt))) != inputs for salt in others)


def _inputs(case: Case) -> dict[str, Any]:
    return {"arguments": case.arguments, "images": case.exam and case.exam.images, "x": case.exam and case.exam.x}
