"""Generic causes of a wrong value: what its numbers have in common with the right ones. Pure NumPy."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

import numpy as np

NEAR = 1e-4
"""A difference relative to the largest entry that a wrong formula seldom stays below."""

_NEARLY = (
    "It is nearly right: look for a constant with too few digits, or for a difference of two nearly equal numbers, "
    "which loses digits."
)


def cause(got: np.ndarray, expected: np.ndarray, tolerance: float, *, numbers: bool = True) -> str:
    """What wrong numbers have in common with the right ones, in a sentence that is true of every entry, or "".

    Args:
        got: what came, float64, finite.
        expected: what is right, of the same shape.
        tolerance: the largest difference that is none.
        numbers: whether numbers of the arrays may be told.
    """

    def equal(a: np.ndarray, b: np.ndarray) -> bool:
        return a.shape == b.shape and a.size > 0 and bool(np.all(np.abs(a - b) <= 2 * tolerance))

    scale = float(np.max(np.abs(expected), initial=0.0))
    if got.size == 0 or scale <= tolerance:
        return ""
    if equal(got, expected):
        return _NEARLY  # what is left over has no sign, factor or order worth a sentence
    close = float(np.max(np.abs(got - expected))) <= NEAR * scale
    if got.size == 1:  # both numbers are told; -1 for 1 is as often a yes for a no
        if equal(got, -expected) and scale != 1:
            return "It has the wrong sign."
        return _NEARLY if close else ""
    if not np.any(got):
        return "Every entry is zero."
    if equal(got, -expected):
        return "Every entry has the wrong sign."
    if reason := _factor_or_offset(got, expected, equal, numbers):
        return reason
    if reason := _rearranged(got, expected, equal):
        return reason
    if close:
        return _NEARLY
    return _where(got, expected, tolerance) if numbers else ""


def _factor_or_offset(got: np.ndarray, expected: np.ndarray, equal: Callable[..., bool], numbers: bool) -> str:
    factor = float(np.vdot(got, expected) / np.vdot(expected, expected))
    sizes = np.abs(expected[~np.isclose(expected, 0.0)])
    several = sizes.size > 1 and not equal(sizes, np.full_like(sizes, sizes[0]))  # any factor fits a single number
    if factor and abs(factor - 1) > 1e-4 and several and equal(got / factor, expected):
        if not numbers:
            return "Every entry is off by the same factor."
        sign = " and has the wrong sign" if factor < 0 else ""
        size = abs(factor)
        much, times = ("large", size) if size >= 1 else ("small", 1 / size)
        count = abs(times - round(times)) < 1e-3 * times  # else it is none
        ask = " Is a multiplication or division by a count missing, or there twice?" if count else ""
        return f"Every entry is {times:.4g} times too {much}{sign}.{ask}"
    offset = float(np.mean(got - expected))
    varied = not equal(expected, np.full_like(expected, expected.flat[0]))
    same = np.max(np.abs(got - offset - expected)) < abs(offset) / 10  # else it is the mean of what rounding leaves
    if varied and same and equal(got - offset, expected):
        much = f", {abs(offset):.4g}" if numbers else ""
        return f"Every entry is too {'large' if offset > 0 else 'small'} by the same amount{much}."
    return ""


def _rearranged(got: np.ndarray, expected: np.ndarray, equal: Callable[..., bool]) -> str:
    if 2 <= got.ndim <= 4:
        for order in permutations(range(got.ndim)):
            if order != tuple(range(got.ndim)) and equal(np.transpose(got, order), expected):
                swapped = [axis for axis in range(got.ndim) if order[axis] != axis]
                return f"The numbers are right, but axes {swapped} are swapped."
    for axes in _spatial(got):
        if got.size > 3 and equal(np.flip(got, axes), expected):
            return f"The numbers are right, but in reverse order along axes {list(axes)}."
    for axis in range(got.ndim):
        for step in (1, -1):
            if got.shape[axis] > 3:  # one line alone may agree by chance
                inside = [slice(None)] * got.ndim
                inside[axis] = slice(1, -1)
                middle = tuple(inside)
                if equal(np.roll(got, step, axis)[middle], expected[middle]) and not equal(
                    got[middle], expected[middle]
                ):
                    return f"Away from the ends, the numbers are right but shifted by one along axis {axis}."
    return ""


def _where(got: np.ndarray, expected: np.ndarray, tolerance: float) -> str:
    wrong = np.abs(got - expected) > tolerance
    if got.ndim > 1 and (ends := _ends(wrong)):
        return f"Only entries at the ends are wrong: {ends}."
    if got.ndim > 1 and got.shape[-1] > 1:
        good = np.flatnonzero(~wrong.reshape(-1, got.shape[-1]).any(axis=0))
        if good.size:
            return (
                f"Along the last axis, {_listed(good)} {'is' if good.size == 1 else 'are'} right; the others are not."
            )
    if got.ndim >= 1 and got.shape[0] > (1 if got.ndim > 1 else 3):  # of two or three numbers it tells nothing
        good = np.flatnonzero(~wrong.reshape(len(wrong), -1).any(axis=1))
        if good.size:
            return f"Along axis 0, {_listed(good)} {'is' if good.size == 1 else 'are'} right; the others are not."
    return ""


def _spatial(array: np.ndarray) -> list[tuple[int, ...]]:
    if array.ndim == 4:
        return [(1, 2), (1,), (2,), (0, 1)]
    return [tuple(range(array.ndim))] if 1 <= array.ndim <= 2 else []


def _ends(wrong: np.ndarray) -> str:
    """The ends of one or two neighbouring axes, if all wrong entries lie there and entries between them are right."""
    for axes in [(axis, axis + 1) for axis in range(wrong.ndim - 1)] + [(axis,) for axis in range(wrong.ndim)]:
        if any(wrong.shape[axis] < 3 for axis in axes):
            continue
        inside = tuple(slice(1, -1) if axis in axes else slice(None) for axis in range(wrong.ndim))
        if wrong[inside].any():
            continue
        found = [
            (axis, name)
            for axis in axes
            for name, index in (("first", 0), ("last", -1))
            if np.take(wrong, index, axis)[_without_ends(wrong, axis, axes)].any()
        ]
        if any(wrong.shape[axis] < 4 and sum(axis == other for other, _ in found) == 2 for axis in axes):
            continue  # one right line between two wrong ones does not make them a border
        return " and ".join(f"the {name} along axis {axis}" for axis, name in found) or "the corners"
    return ""


def _without_ends(wrong: np.ndarray, axis: int, axes: tuple[int, ...]) -> tuple[slice, ...]:
    """What lies between the ends of the other axis, as an index after `axis` was taken away."""
    rest = [other for other in range(wrong.ndim) if other != axis]
    return tuple(slice(1, -1) if other in axes else slice(None) for other in rest)


def _listed(indices: np.ndarray) -> str:
    shown = ", ".join(map(str, indices[:8].tolist()))
    return f"index {shown}" if indices.size == 1 else f"the indices {shown}{', ...' if indices.size > 8 else ''}"
