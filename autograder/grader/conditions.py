"""What distinguishes the cases in which a function is right from those in which it is wrong. Pure NumPy."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

FEWEST = 2
"""The least number of cases on each side: a single case would satisfy far too many conditions."""

Feature = tuple[str, Callable[[Mapping[str, Any]], Any]]
"""Words, with {} for a value, and what it is in a case."""


def condition(cases: Sequence[Mapping[str, Any]], right: Sequence[bool]) -> str:
    """A sentence on when a function is right, true of every case that was tried; "" if there is none.

    Args:
        cases: the arguments of each case.
        right: whether the function was right there.

    Example:
        >>> condition([{"n": 4, "stride": 1}, {"n": 7, "stride": 1}, {"n": 7, "stride": 2}, {"n": 9, "stride": 2}], [1, 1, 0, 0])
        'In the cases tried it is right whenever `stride` is 1, and wrong whenever `stride` is 2.'
    """
    good = [case for case, passed in zip(cases, right, strict=True) if passed]
    bad = [case for case, passed in zip(cases, right, strict=True) if not passed]
    if len(good) < FEWEST or len(bad) < FEWEST:
        return ""
    for words, value_of in _features(cases):
        when_good, when_bad = _values(good, value_of), _values(bad, value_of)
        if when_good and when_bad and not set(when_good) & set(when_bad):
            return (
                f"In the cases tried it is right whenever {words.format(_either(when_good))}, "
                f"and wrong whenever {words.format(_either(when_bad))}."
            )
    return ""


def _values(cases: Sequence[Mapping[str, Any]], value_of: Callable[[Mapping[str, Any]], Any]) -> list[str]:
    """The different values, as text; [] where there are so many that each case may have its own."""
    found = list(dict.fromkeys(value_of(case) for case in cases))
    return found if len(found) <= len(cases) // 2 else []


def _features(cases: Sequence[Mapping[str, Any]]) -> Iterator[Feature]:
    """The simplest first: values of plain arguments, then what shapes have."""
    names = list(dict.fromkeys(name for case in cases for name in case))
    arrays = [name for name in names if all(isinstance(case.get(name), np.ndarray) for case in cases)]
    for name in names:
        if not any(isinstance(case.get(name), np.ndarray) for case in cases):
            yield f"`{name}` is {{}}", lambda case, name=name: _plain(case, name)  # type: ignore[misc]
    for name in arrays:
        ranks = {case[name].ndim for case in cases}
        if len(ranks) > 1:
            yield f"`{name}` has {{}} axes", lambda case, name=name: str(case[name].ndim)  # type: ignore[misc]
            continue
        rank = ranks.pop()
        for axis in range(rank):
            yield (
                f"`{name}.shape[{axis}]` is {{}}",
                lambda case, name=name, axis=axis: "1" if case[name].shape[axis] == 1 else "greater than 1",  # type: ignore[misc]
            )
        for axis in range(rank):
            yield (
                f"`{name}.shape[{axis}]` is {{}}",
                lambda case, name=name, axis=axis: ("even", "odd")[case[name].shape[axis] % 2],  # type: ignore[misc]
            )
        for axis in range(rank - 1):
            yield (
                f"`{name}.shape[{axis}]` is {{}} `{name}.shape[{axis + 1}]`",
                lambda case, name=name, axis=axis: _compared(*case[name].shape[axis : axis + 2]),  # type: ignore[misc]
            )


def _plain(case: Mapping[str, Any], name: str) -> str:
    return repr(case[name]) if name in case else "left out"


def _compared(first: int, second: int) -> str:
    return "equal to" if first == second else "not equal to"


def _either(values: list[str]) -> str:
    return " or ".join(filter(None, [", ".join(values[:-1]), values[-1]]))
