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
from .model_plan import from_model
from .plan import Merge, Plan, Row, from_text
from .rule import RIGHT, Verdict, rule


@rule("layer table")
def _layer_table(model: Examined, limit: Any, exam: Exam) -> Verdict:
    """Exactly the plan's convolutions, poolings, normalizations and dense layers, in any order."""
    wanted, found = (Counter(_short(row) for row in plan.rows) for plan in _plans(model, exam))
    missing, surplus = list((wanted - found).elements()), list((found - wanted).elements())
    if not missing and not surplus:
        return RIGHT
    if not missing:
        return (
            f"too many: {surplus}",
            f"There is a layer that does not belong: {_listed(surplus[0])}.{_others(surplus)}",
        )
    first = missing[0]
    like = [row for row in surplus if row.kind == first.kind] or surplus
    text = f"A layer is missing: {_listed(first)}."
    if found[first]:
        text = f"The model should have {wanted[first]} layers like this, but has {found[first]}: {_listed(first)}."
    if like:
        text += f" In its place is: {_listed(like[0])}."
    return f"missing: {missing}, too many: {surplus}", f"{text}{_others(missing)} {_cause(first, like)}".strip()


@rule("trainable parameters")
def _trainable_parameters(model: Examined, limit: Any, exam: Exam) -> Verdict:
    """Exactly as many as the plan has; moving statistics do not count."""
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
        text += f" Convolutions with a bias right before batch normalization: {useless}. It subtracts the mean, and the bias with it; set `use_bias=False`."
    elif any(layer["frozen"] for layer in model.facts["layers"]):
        text += " Some layers are frozen."
    return f"{off:+d} trainable", text


LONG = 8
"""Steps of a path that are shown; of a longer one only those around what differs."""


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
        where = "After paths meet for the last time" if wanted.merges else "From the input on"
        text = f"{where}, the path should be {_paths(wanted.end.words, found.end.words)}."
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
    if not np.isfinite(share):
        return "other output", "With given weights the output holds NaN or infinity."
    text = f"With given weights (the same in all layers of one shape) the output is off by {_percent(share)} of its largest entry."
    if any(other(model, True, exam) != RIGHT for other in (_layer_table, _trainable_parameters, _connections)):
        return "other output", f"{text} Mend first what the other rules say."
    return (
        "other output",
        f"{text} Layers and connections are right, so check what does not show in them: zeros added by hand, the settings of batch normalization, and the order in which a map is flattened.",
    )


def _percent(share: float) -> str:
    """What is not nothing is never "0%"."""
    return f"{share:.0%}" if share > 0.095 else f"{100 * share:.1g}%" if share > 1e-4 else "less than 0.01%"


def _plans(model: Examined, exam: Exam) -> tuple[Plan, Plan]:
    """What was asked for, and what came."""
    return from_text(exam.plan, tuple(np.shape(exam.images)[1:])), from_model(model)


def _short(row: Row) -> Row:
    return Row(row.kind, row.shape, row.parameters)


def _listed(row: Row) -> str:
    weights = f", {row.parameters:,} trainable parameters" if row.parameters else ""
    return f"{row.kind}, output {_sizes(row.shape)}{weights}"


def _others(rows: list[Row]) -> str:
    more = len(rows) - 1
    return f" {more} other layers are off, too." if more > 1 else " One other layer is off, too." * more


def _cause(wanted: Row, like: list[Row]) -> str:
    if not like or like[0].kind != wanted.kind:
        return ""
    if not like[0].parameters:
        return "It does not learn: is it frozen?" if wanted.parameters else "Check strides and padding."
    if wanted.kind == "dense":
        return "Check the number of units, and what goes in."
    if like[0].shape == wanted.shape:
        return "The shape is right: check the kernel's size, the groups, the bias, and what goes in."
    return "Check the number of filters." if like[0].shape[:-1] == wanted.shape[:-1] else "Check strides and padding."


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
        symptom = f"merge {number} of {sorted(got.told())}"
        if len(got.paths) != len(asked.paths) or not surplus or not missing:
            text = f"{where} ({asked.kind}), there should be {len(asked.paths)} paths; there are {len(got.paths)}."
            return symptom, text
        (start, wanted), (other_start, found) = missing[0], surplus[0]
        shared = asked.shared(start)
        if shared and not any(words[: len(shared)] == shared for _, words in got.told()):
            before = f"After paths meet for the {_ordinal(start)} time" if start else "From the input on"
            told = (words for depth, words in got.told() if depth == start)
            nearest = max(told, key=lambda words: (_alike(shared, words), len(words)), default=())
            at, found = _alike(shared, nearest), nearest[: len(shared)]
            came = f"{_path(found, at)} (step {at + 1} differs)" if found else "nothing"
            return symptom, f"{before}, there should be {_path(shared, at)} before paths part, but there is {came}."
        if start == other_start and found[: len(shared)] == shared:
            wanted, found = wanted[len(shared) :], found[len(shared) :]
        text = f"{where} ({asked.kind}), a path should be {_paths(wanted, found)}"
        return symptom, f"{text}." if start == other_start else f"{text}, and it starts elsewhere."
    if asked.kind == "concat" and got.told() != asked.told():
        return f"merge {number} in order {got.told()}", f"{where}, the paths are concatenated in another order."
    return None


def _paths(wanted: tuple[str, ...], found: tuple[str, ...]) -> str:
    """Both, around the first step in which they differ."""
    at = _alike(wanted, found)
    return f"{_path(wanted, at)}, but it is {_path(found, at)} (step {at + 1} differs)"


def _alike(wanted: tuple[str, ...], found: tuple[str, ...]) -> int:
    """How many steps two paths have in common at their beginning."""
    pairs = enumerate(zip(wanted, found, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(wanted), len(found)))


def _path(words: tuple[str, ...], at: int = 0) -> str:
    """A path, of a long one the part around a step."""
    if len(words) > LONG:
        first, last = max(at - LONG // 2, 0), at + LONG // 2
        words = ("...",) * (first > 0) + words[first:last] + ("...",) * (last < len(words))
    return f"[{' → '.join(words)}]" if words else "empty, a shortcut"


def _kinds(plan: Plan) -> str:
    return ", ".join(sorted({merge.kind for merge in plan.merges})) or "nothing"


def _by(plan: Plan) -> str:
    return f" (by {_kinds(plan)})" if plan.merges else ""


def _ordinal(number: int) -> str:
    return {1: "first", 2: "second", 3: "third"}.get(number, f"{number}th")


def _sizes(shape: Any) -> str:
    return "x".join(str(n) for n in shape)
