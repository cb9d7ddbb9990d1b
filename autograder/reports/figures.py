"""The figures of item analysis, each with a 95 % interval, from arrays of points. docs/items.md has the formulas and their sources."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats  # correlations, quantiles and tests with their intervals

Array = NDArray[np.float64]

EXTREME = 0.27
"""The share of the class in the upper and in the lower group (Kelley 1939)."""
_Z = 1.959963984540054  # the normal distribution's 97.5 % quantile


@dataclass(frozen=True)
class Estimate:
    """A figure and the ends of its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Quartiles:
    """The median, and the quartiles on both sides of it, in points."""

    lower: Estimate
    median: Estimate
    upper: Estimate


def proportion(mean: float | np.floating, n: int | np.integer) -> Estimate:
    """The mean of n shares from 0 to 1, with Wilson's score interval (1927).

    For shares that are neither 0 nor 1 the interval is too wide rather than too narrow: their variance is at most p(1 - p).
    """
    p, n = float(np.clip(mean, 0, 1)), int(n)
    centre = (p + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z / (1 + _Z**2 / n) * math.sqrt(p * (1 - p) / n + _Z**2 / (4 * n**2))
    return Estimate(p, min(p, max(0.0, centre - half)), max(p, min(1.0, centre + half)))


def quartiles(points: Array) -> Quartiles:
    """The quartiles of at least FEWEST values, each with an interval between two of the values (Conover 1999, section 3.2)."""
    found = []
    for share in (0.25, 0.5, 0.75):
        low, high = stats.quantile_test(points, p=share).confidence_interval()
        found.append(Estimate(float(np.quantile(points, share)), float(low), float(high)))
    return Quartiles(*found)


def correlation(own: Array, rest: Array) -> Estimate | None:
    """Pearson's r with Fisher's interval (1921); None if either does not vary."""
    if min(np.ptp(own), np.ptp(rest)) < 1e-6:  # points are rounded to 4 places
        return None
    found = stats.pearsonr(own, rest)
    low, high = found.confidence_interval()
    return Estimate(float(found.statistic), float(low), float(high))


def discrimination(share: Array, total: Array) -> Estimate | None:
    """D, the upper 27 % minus the lower 27 % by total score (Kelley 1939); None if all totals are equal.

    Of students with equal totals at a group's edge, each counts in part, so D does not depend on their order.
    """
    if np.ptp(total) < 1e-6:
        return None
    size = round(EXTREME * len(total))
    upper, lower = (proportion(np.average(share, weights=_extreme(sign * total, size)), size) for sign in (-1, 1))
    return difference(upper, lower)


def difference(one: Estimate, other: Estimate) -> Estimate:
    """One proportion minus another, with Newcombe's interval (1998, method 10), made from Wilson's for each."""
    value = one.value - other.value
    return Estimate(
        value,
        value - math.hypot(one.value - one.low, other.high - other.value),
        value + math.hypot(one.high - one.value, other.value - other.low),
    )


def _extreme(total: Array, size: int) -> Array:
    """By how much each student belongs to the `size` smallest."""
    rounded = np.round(total, 4)
    edge = np.sort(rounded)[size - 1]
    below, at = rounded < edge, rounded == edge
    weights: Array = below + at * (size - below.sum()) / at.sum()
    return weights


def alpha(points: Array) -> Estimate | None:
    """Cronbach's alpha (1951) of submissions x questions, with Feldt's interval (1965); None if there is nothing to compare."""
    n, k = points.shape
    variance = points.sum(axis=1).var(ddof=1)
    if k < 2 or variance < 1e-9:
        return None
    value = float(k / (k - 1) * (1 - points.var(axis=0, ddof=1).sum() / variance))
    low, high = (1 - (1 - value) * stats.f.ppf([0.975, 0.025], n - 1, (n - 1) * (k - 1))).tolist()
    return Estimate(value, low, high)
