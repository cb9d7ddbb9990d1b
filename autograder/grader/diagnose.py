"""Says why arrays differ: generic causes by their shape in the numbers, and named mistakes by equality. Pure NumPy."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any

import numpy as np

from ..border.observation import Failure, Observation

Part = tuple[int, str]
"""A case's index and a part's name."""


def cause(got: np.ndarray, expected: np.ndarray, tolerance: float) -> str:
    """The generic cause of a wrong value, in a sentence, or "".

    Args:
        got: what came, float64, finite.
        expected: what is right, of the same shape.
        tolerance: the largest difference that is none.
    """

    def equal(a: np.ndarray, b: np.ndarray) -> bool:
        return a.shape == b.shape and a.size > 0 and bool(np.all(np.abs(a - b) <= 2 * tolerance))

    scale = float(np.max(np.abs(expected), initial=0.0))
    if got.size == 0 or scale <= tolerance:
        return ""
    if np.all(np.abs(got) <= tolerance):
        return "Every entry is zero."
    if equal(got, -expected):
        return "Every entry has the wrong sign."
    if got.size > 1 and (reason := _factor_or_offset(got, expected, equal)):
        return reason
    if reason := _rearranged(got, expected, equal):
        return reason
    return _where(got, expected, tolerance)


def _factor_or_offset(got: np.ndarray, expected: np.ndarray, equal: Callable[..., bool]) -> str:
    factor = float(np.vdot(got, expected) / np.vdot(expected, expected))
    if factor and abs(factor - 1) > 1e-4 and equal(got / factor, expected):
        shown = f"{factor:.4g}" if abs(factor) >= 1 else f"1/{1 / factor:.4g}"
        return f"Every entry is {shown} times too large: is a division or multiplication by a count missing, or there twice?"
    offset = float(np.mean(got - expected))
    if equal(got - offset, expected):
        return f"Every entry is off by the same amount, {offset:.4g}."
    return ""


def _rearranged(got: np.ndarray, expected: np.ndarray, equal: Callable[..., bool]) -> str:
    if 2 <= got.ndim <= 4:
        for order in permutations(range(got.ndim)):
            if order != tuple(range(got.ndim)) and equal(np.transpose(got, order), expected):
                swapped = [axis for axis in range(got.ndim) if order[axis] != axis]
                return f"The numbers are right but axes {swapped} are swapped."
    for axes in _spatial(got):
        if got.size > 1 and equal(np.flip(got, axes), expected):
            return f"The numbers are right but in reverse order along axes {list(axes)}."
    for axis in range(got.ndim):
        for step in (1, -1):
            if got.shape[axis] > 2:
                inside = [slice(None)] * got.ndim
                inside[axis] = slice(1, -1)
                middle = tuple(inside)
                if equal(np.roll(got, step, axis)[middle], expected[middle]) and not equal(
                    got[middle], expected[middle]
                ):
                    return (
                        f"The numbers are right but shifted by one along axis {axis}: look at where the padding goes."
                    )
    return ""


def _where(got: np.ndarray, expected: np.ndarray, tolerance: float) -> str:
    wrong = np.abs(got - expected) > tolerance
    if got.ndim == 4 and min(got.shape[1:3]) > 2:
        rows, columns = np.any(wrong, axis=(0, 2, 3)), np.any(wrong, axis=(0, 1, 3))
        if not wrong[:, 1:-1, 1:-1].any():
            edges = [n for n, w in zip(("top", "bottom", "left", "right"), _edges(wrong), strict=True) if w] or [
                "corners"
            ]
            return f"It is right inside and wrong at the border ({', '.join(edges)}): look at the padding."
        if rows.all() and columns.all() and wrong.all(axis=(0, 1, 2)).sum() < wrong.shape[3]:
            good = np.flatnonzero(~wrong.any(axis=(0, 1, 2)))
            if good.size:
                return f"Channels {good.tolist()} are right, the others are not."
    if got.ndim >= 1 and got.shape[0] > 1:
        good = np.flatnonzero(~wrong.reshape(len(wrong), -1).any(axis=1))
        if good.size:
            return f"Only some entries along axis 0 are right ({good.tolist()[:8]})."
    return ""


def _spatial(array: np.ndarray) -> list[tuple[int, ...]]:
    if array.ndim == 4:
        return [(1, 2), (1,), (2,), (0, 1)]
    return [tuple(range(array.ndim))] if 1 <= array.ndim <= 2 else []


def _edges(wrong: np.ndarray) -> tuple[bool, ...]:
    return (
        bool(wrong[:, 0, 1:-1].any()),
        bool(wrong[:, -1, 1:-1].any()),
        bool(wrong[:, 1:-1, 0].any()),
        bool(wrong[:, 1:-1, -1].any()),
    )


@dataclass(frozen=True)
class Sign:
    """What a mistake shows on one part of one case.

    Attributes:
        form: everything but the numbers: the exception, the ban, the arguments changed, the dtype, a cut gradient.
        array: the numbers, where there are any.
    """

    form: str
    array: np.ndarray | None = None

    def to_tree(self) -> dict[str, Any]:
        """As a tree for `wire`."""
        return {"form": self.form, "array": self.array}


def signs(parts: Sequence[str], outputs: int, seen: Observation) -> dict[str, Sign]:
    """What an observation shows, by part.

    Args:
        parts: the names of the question's parts, outputs first.
        outputs: how many of them are outputs.
        seen: the observation.
    """
    if seen.failure:
        return dict.fromkeys(parts, raised(seen.failure))
    if seen.banned:
        return dict.fromkeys(parts, Sign("banned"))
    if seen.changed:
        return dict.fromkeys(parts, Sign(f"changed {seen.changed}"))
    found = {}
    form = (
        f"{seen.structure} of {len(seen.outputs)}"
        if seen.structure not in ("tuple", "list")
        else str(len(seen.outputs))
    )
    for index, part in enumerate(parts):
        if index < outputs:
            output = seen.outputs[index] if index < len(seen.outputs) else None
        elif seen.gradient_failure:
            found[part] = Sign(f"gradient raised {seen.gradient_failure.kind}")
            continue
        else:
            output = next((v for name, v in seen.gradients.items() if part.endswith(f" {name}")), None)
        if output is None and index:  # nothing can be told apart by what is not there: the first output counts too
            found[part] = Sign(f"nothing beside {found[parts[0]].form}")
        elif output is None or output.array is None:
            found[part] = Sign(f"{form} {output.kind if output else 'nothing'}")
        else:
            found[part] = Sign(f"{form} {output.array.dtype.kind}{output.array.dtype.itemsize}", output.array)
    return found


def raised(failure: Failure) -> Sign:
    """What an exception shows."""
    return Sign(f"raised {failure.kind}: {_without_numbers(failure.message)}")


def agrees(seen: Sign, mistake: Sign, tolerance: float) -> bool:
    """Whether two signs are the same, up to rounding."""
    if seen.form != mistake.form:
        return False
    if seen.array is None or mistake.array is None:
        return seen.array is mistake.array
    if seen.array.shape != mistake.array.shape:
        return False
    a, b = seen.array.astype(np.float64), mistake.array.astype(np.float64)
    finite = np.isfinite(b)
    if not np.array_equal(finite, np.isfinite(a)):
        return False
    bound = 2 * tolerance + 2e-5 * float(np.max(np.abs(b[finite]), initial=0.0))
    return bool(np.all(np.abs(a[finite] - b[finite]) <= bound))


def name_mistakes(
    seen: Mapping[Part, Sign],
    failed: Sequence[Part],
    mistakes: Mapping[str, Mapping[Part, Sign]],
    tolerance: Mapping[Part, float],
) -> dict[Part, str]:
    """Names the mistake behind each failed part, where one shows the same.

    Of several that agree on a part, the one that agrees most often over the whole question is named.
    """
    agreement = {
        name: {
            part for part, sign in seen.items() if part in shown and agrees(sign, shown[part], tolerance.get(part, 0.0))
        }
        for name, shown in mistakes.items()
    }
    named = {}
    for part in failed:
        candidates = [name for name, parts in agreement.items() if part in parts]
        if candidates:
            named[part] = max(candidates, key=lambda name: len(agreement[name]))
    return named


def _without_numbers(text: str) -> str:
    return re.sub(r"\d+", "#", re.sub(r"_\d+\b", "", text))[:120]  # Keras counts layers: dense, dense_1, ...
