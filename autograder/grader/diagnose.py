"""Names mistakes, and only where the name is true.

A mistake is an explanation of the whole question: wherever the submission gave numbers, the mistake gives the same ones, where
they are wrong and where they are right. What has no numbers (an exception, a cut gradient) neither names anything nor speaks
against it. Pure NumPy.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from .rules import GENERIC
from .signs import Part, Sign

ENOUGH = 2
"""How much evidence names a mistake: one whole number that agrees by chance is not enough."""


@dataclass(frozen=True)
class Shown:
    """What is to be explained.

    Attributes:
        signs: what the submission shows.
        wrong: the parts that it fails.
        expected: the right numbers of each part; nothing where rules judge.
        tolerance: how far right numbers may be off.
    """

    signs: Mapping[Part, Sign]
    wrong: Collection[Part]
    expected: Mapping[Part, np.ndarray]
    tolerance: Mapping[Part, float]


@dataclass(frozen=True)
class Explanation:
    """One mistake, or two together, that explain all numbers a submission gave.

    Attributes:
        mistakes: their names.
        parts: the wrong parts that each explains, by its name.
        complete: whether every part gave numbers.
    """

    mistakes: tuple[str, ...]
    parts: Mapping[str, frozenset[Part]]
    complete: bool


def explain(shown: Shown, mistakes: Mapping[str, Mapping[Part, Sign]]) -> Explanation | None:
    """The mistake, or the two, behind a submission; None where no name is true, or where two are equally so.

    Args:
        shown: by the submission.
        mistakes: what each known mistake shows, by name.

    Example:
        >>> def sign(*numbers): return Sign("1 f4", np.array(numbers, np.float32))
        >>> right = {(0, "value"): np.array([1.0, 2.0, 4.0]), (1, "value"): np.array([3.0, 5.0, 9.0])}
        >>> reversed_ = {part: sign(*array[::-1]) for part, array in right.items()}
        >>> tolerance = dict.fromkeys(right, 1e-5)
        >>> explain(Shown(reversed_, list(right), right, tolerance), {"turned": reversed_}).mistakes
        ('turned',)
        >>> half = {**reversed_, (1, "value"): sign(3, 5, 9)}  # right in the second case: the name would be untrue there
        >>> explain(Shown(half, [(0, "value")], right, tolerance), {"turned": reversed_}) is None
        True
    """
    candidates = {name: _Comparison(shown, signs) for name, signs in mistakes.items()}
    alone = [name for name, found in candidates.items() if found.explains_all]
    if len(alone) == 1:
        return _explanation(shown, {alone[0]: candidates[alone[0]].agreeing})
    if alone:
        return None
    pairs = [pair for pair in combinations(candidates, 2) if _explain_together(*(candidates[name] for name in pair))]
    if len(pairs) == 1:
        return _explanation(shown, {name: candidates[name].agreeing for name in pairs[0]})
    return None


class _Comparison:
    """A submission beside one mistake.

    Attributes:
        agreeing: the wrong parts on which both show the same wrong thing, and how much each of these agreements tells.
        contradicting: the parts on which they differ.
        right: the parts on which the mistake is right.
    """

    def __init__(self, shown: Shown, mistake: Mapping[Part, Sign]) -> None:
        self.agreeing: dict[Part, int] = {}
        self.contradicting: set[Part] = set()
        self.right: set[Part] = set()
        for part, sign in shown.signs.items():
            other = mistake.get(part)
            if other is None:  # it did not finish there, so it is not known what it shows
                if sign.array is not None:
                    self.contradicting.add(part)
                continue
            if is_right(part, other, shown.expected, shown.tolerance):
                self.right.add(part)
            if not _agree(part, sign, other, shown):
                self.contradicting.add(part)
            elif (
                part in shown.wrong
                and part not in self.right
                and (sign.array is not None or part not in shown.expected)
            ):
                self.agreeing[part] = _evidence(sign, part in shown.expected)

    @property
    def explains_all(self) -> bool:
        """Whether nothing speaks against the mistake, and enough for it."""
        return not self.contradicting and sum(self.agreeing.values()) >= ENOUGH


def _explain_together(first: _Comparison, second: _Comparison) -> bool:
    """Whether one mistake explains what the other leaves, each on parts on which the other is right."""
    return all(
        set(one.contradicting) <= set(other.agreeing) & one.right
        and sum(other.agreeing[part] for part in one.contradicting) >= ENOUGH
        for one, other in ((first, second), (second, first))
    )


def _explanation(shown: Shown, parts: Mapping[str, Mapping[Part, int]]) -> Explanation:
    complete = all(sign.array is not None for part, sign in shown.signs.items() if part in shown.expected)
    return Explanation(tuple(parts), {name: frozenset(found) for name, found in parts.items()}, complete)


def _agree(part: Part, seen: Sign, mistake: Sign, shown: Shown) -> bool:
    if part not in shown.expected:
        return seen.is_exception or seen.form == mistake.form
    if seen.array is None:
        return True  # what raised, or was cut, says nothing about numbers
    return mistake.array is not None and _close(seen.array, mistake.array, shown.tolerance.get(part, 0.0))


def is_right(part: Part, sign: Sign, expected: Mapping[Part, np.ndarray], tolerance: Mapping[Part, float]) -> bool:
    """Whether a sign shows the right numbers, or, where rules judge, no symptom."""
    if part not in expected:
        return sign.form == ""
    return sign.array is not None and _close(sign.array, expected[part], tolerance.get(part, 0.0))


def _close(a: np.ndarray, b: np.ndarray, tolerance: float) -> bool:
    """Whether two arrays are the same up to rounding, NaN and infinity in the same places included."""
    if a.shape != b.shape:
        return False
    rounded = a.dtype.kind == "f"  # whole numbers are compared as they are
    a, b = a.astype(np.float64), b.astype(np.float64)
    finite = np.isfinite(b)
    if not np.array_equal(finite, np.isfinite(a)):
        return False
    bound = 2 * tolerance + 2e-5 * float(np.max(np.abs(b[finite]), initial=0.0)) * rounded
    return bool(np.all(np.abs(a[finite] - b[finite]) <= bound))


def _evidence(sign: Sign, numbers: bool) -> int:
    """How much agreement on a part tells: nothing for a constant or what is not finite, little for one number."""
    if not numbers:
        told = sign.form and not sign.is_exception and not set(sign.form.split("; ")) <= GENERIC
        return ENOUGH if told else 0
    array = sign.array
    if array is None or array.size == 0 or not np.all(np.isfinite(array)):
        return 0
    if array.size == 1:
        return 1
    return ENOUGH if np.any(array != array.flat[0]) else 0
