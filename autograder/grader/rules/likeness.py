"""Rules on whether a model is the architecture that was asked for: its layers, how they hang together, and what it computes.

What was asked for stands in the exam as a `plan`, in the words of `plan.from_text`.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from ...question import Exam
from ..expected import GIVEN_WEIGHTS, ExpectedPart
from ..models import Examined
from .graph import followers
from .plan import Merge, Plan, Row, from_model, from_text
from .rule import RIGHT, Verdict, rule


@rule("layer table")
def _layer_table(model: Examined, limit: Any, exam: Exam) -> Verdict:
    """Exactly the plan's convolutions, poolings, normalizations and dense layers, in any order."""
    wanted, found = (Counter(_short(row) for row in plan.rows) for plan in _plans(model, exam))
    missing, surplus = list((wanted - found).elements()), list((found - wanted).elements())
    if not missing and not surplus:
        return RIGHT
    if not missing:
        text = f"There is a layer that does not belong: {_row_text(surplus[0])}"
        return f"too many: {surplus}", f"{text}{_more(surplus)}."
    first = missing[0]
    text = f"There should be {_times(wanted[first])} {_row_text(first)}; the model has {found[first] or 'none'}"
    like = [row for row in surplus if row.kind == first.kind] or surplus
    if like:
        text += f". It has {_row_text(like[0])} in its place"
    return f"missing: {missing}, too many: {surplus}", f"{text}{_more(missing)}. {_cause(first, like)}".strip()


@rule("trainable parameters")
def _trainable_parameters(model: Examined, limit: Any, exam: Exam) -> Verdict:
    """Exactly as many as the plan has; moving statistics are none."""
    wanted, _ = _plans(model, exam)
    weights = model.facts["weights"]
    count = sum(weight["size"] for weight in weights if weight["trainable"])
    if count == wanted.parameters:
        return RIGHT
    off = count - wanted.parameters
    text = f"The model has {count:,} trainable parameters; there should be {wanted.parameters:,}, {abs(off):,} {'fewer' if off > 0 else 'more'}."
    useless = sum(
        step.kind == "Conv2D"
        and step.config.get("use_bias", True)
        and [follower.kind for follower in followers(model.blueprint, step.name)] == ["BatchNormalization"]
        for step in model.blueprint.steps.values()
    )
    if useless and off > 0:
        text += f" Among them are the biases of {useless} convolutions whose batch normalization takes a bias out again, so these are useless. Say `use_bias=False`."
    elif any(layer["frozen"] for layer in model.facts["layers"]):
        text += " Some layers are frozen."
    return f"{off:+d} trainable", text


@rule("connections")
def _connections(model: Examined, limit: Any, exam: Exam) -> Verdict:
    """Layers follow one another, and paths part and meet, as in the plan."""
    wanted, found = _plans(model, exam)
    for number, (asked, got) in enumerate(zip(wanted.merges, found.merges, strict=False), 1):
        if verdict := _merge_verdict(number, asked, got):
            return verdict
    if len(found.merges) != len(wanted.merges):
        text = f"Paths should meet {len(wanted.merges)} times (by {_kinds(wanted)}), but they meet {len(found.merges)} times{_by(found)}."
        return f"{len(found.merges)} merges", text
    if (found.end.depth, found.end.words) != (wanted.end.depth, wanted.end.words):
        where = "After the last place where paths meet" if wanted.merges else "From the input on"
        text = f"{where} there should be {_path(wanted.end.words)}; there is {_path(found.end.words)}. {_first_difference(wanted.end.words, found.end.words)}"
        return f"end {found.end.words}", text
    return RIGHT


@rule(GIVEN_WEIGHTS)
def _output_on_given_weights(model: Examined, limit: Any, exam: Exam) -> Verdict:
    """With the weights that the probe gave it, the model computes what the reference does with the same ones."""
    if not isinstance(limit, ExpectedPart):  # the reference itself
        return RIGHT
    got = model.predictions
    if got.shape != limit.array.shape:
        return (
            "other shape",
            f"The output should have shape {_sizes(limit.array.shape)}, but it has {_sizes(got.shape)}.",
        )
    off = np.abs(got.astype(np.float64) - limit.array)
    if np.all(off <= limit.tolerance):
        return RIGHT
    share = float(np.max(off)) / max(float(np.max(np.abs(limit.array))), 1e-30)
    text = f"With given weights (the same ones in all layers of one shape) the output is off by {share:.0%} of its largest entry. If the other rules are met, look at what they do not see: padding, the order of a concatenation, epsilon of the batch normalization, and where strides are."
    return "other output", text if np.isfinite(share) else "With given weights the output holds NaN or infinity."


def _plans(model: Examined, exam: Exam) -> tuple[Plan, Plan]:
    """What was asked for, and what came."""
    return from_text(exam.plan, tuple(np.shape(exam.images)[1:])), from_model(model)


def _short(row: Row) -> Row:
    return Row(row.kind, row.shape, row.parameters)


def _row_text(row: Row) -> str:
    weights = f" with {row.parameters:,} trainable parameters" if row.parameters else ""
    return (
        f"a {row.kind} to {_sizes(row.shape)}{weights}"
        if row.kind[0] not in "aeiou"
        else f"an {row.kind} to {_sizes(row.shape)}{weights}"
    )


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _more(rows: list[Row]) -> str:
    return f" (and {len(rows) - 1} more like this)" if len(rows) > 1 else ""


def _cause(wanted: Row, like: list[Row]) -> str:
    if not like or like[0].kind != wanted.kind:
        return ""
    if like[0].shape == wanted.shape:
        return "The shape is right: look at the kernel's size, the groups, the biases, and what goes in."
    if like[0].shape[:-1] == wanted.shape[:-1]:
        return "Look at the number of filters."
    return "Look at strides and padding."


def _merge_verdict(number: int, asked: Merge, got: Merge) -> Verdict | None:
    where = f"Where paths meet for the {_ordinal(number)} time"
    if asked.kind != got.kind:
        return (
            f"merge {number} is {got.kind}",
            f"{where}, they should be joined by {asked.kind}; they are joined by {got.kind}.",
        )
    mine, theirs = Counter(got.told()), Counter(asked.told())
    if mine != theirs:
        surplus, missing = list((mine - theirs).elements()), list((theirs - mine).elements())
        if len(got.paths) != len(asked.paths) or not surplus or not missing:
            text = f"{where} ({asked.kind}), there should be {len(asked.paths)} paths; there are {len(got.paths)}."
            return f"merge {number} of {sorted(got.told())}", text
        text = f"{where} ({asked.kind}), a path should be {_path(missing[0][1])}; it is {_path(surplus[0][1])}."
        same_start = surplus[0][0] == missing[0][0]
        hint = _first_difference(missing[0][1], surplus[0][1]) if same_start else "And it starts at another place."
        return f"merge {number} of {sorted(got.told())}", f"{text} {hint}"
    if asked.kind == "concat" and got.told() != asked.told():
        return f"merge {number} in order {got.told()}", f"{where}, the paths are concatenated in another order."
    return None


def _first_difference(wanted: tuple[str, ...], found: tuple[str, ...]) -> str:
    same = next(
        (i for i, (a, b) in enumerate(zip(wanted, found, strict=False)) if a != b), min(len(wanted), len(found))
    )
    if same == len(found):
        return f"It ends before {wanted[same]}." if same < len(wanted) else ""
    if same == len(wanted):
        return f"It goes on with {found[same]}."
    return f"Step {same + 1} should be {wanted[same]}, and it is {found[same]}."


def _path(words: tuple[str, ...]) -> str:
    return f"[{' → '.join(words)}]" if words else "the shortcut [ ]"


def _kinds(plan: Plan) -> str:
    return ", ".join(sorted({merge.kind for merge in plan.merges})) or "nothing"


def _by(plan: Plan) -> str:
    return f" (by {_kinds(plan)})" if plan.merges else ""


def _ordinal(number: int) -> str:
    return {1: "first", 2: "second", 3: "third"}.get(number, f"{number}th")


def _sizes(shape: Any) -> str:
    return "x".join(str(n) for n in shape)
