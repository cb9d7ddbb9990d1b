"""What is right: the reference, observed in float32 and in float64, and how far right code may be off. Pure NumPy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..border.observation import LISTED, Observation, Output
from ..question import Case, Question, gradient_part
from .models import read

FLOORS = {"float32": 1e-5, "float64": 3e-9}
"""Tolerances relative to max|expected|. In float32 over ten times what right code was seen to differ by; in float64 far above
that, since what is handed out is rounded to 30 bits, and well below what one step in float32 leaves."""
GRADIENT_FACTOR = 2.0
"""How much further gradients may be off."""
SPREAD = 16.0
"""How many times the reference's own float32-to-float64 difference is allowed."""
SMALLEST = {"float32": 1e-7, "float64": 1e-10}
"""Differences this small never count: what is expected may be zero everywhere."""
LARGEST_EXACT = 2.0**53
"""Expected numbers are kept in float64, which has every whole number below this."""
QUANTUM_BITS = {"float32": 26, "float64": 30}

GIVEN_WEIGHTS = "output on given weights"
"""The rule on a model that compares arrays: with the same weights, what the reference predicts."""
MODEL_TOLERANCE = 1e-3
"""Of that, relative to the largest entry: right models run the same operations, dozens in a row, in other orders."""


@dataclass(frozen=True)
class ExpectedPart:
    """What one part of a case should be.

    Attributes:
        array: the value, from the reference in float64.
        dtype: what the function should return: "float32" and so on for a tensor, "whole" for one of whole numbers of any
            width, "boolean" for one of True and False; "int", "float" or "bool" for a Python number, "ints", "floats" or
            "bools" for a list of them.
        tolerance: the largest absolute difference that still is right.
    """

    array: np.ndarray
    dtype: str
    tolerance: float

    @property
    def exact(self) -> bool:
        """Whether there is nothing to round."""
        return not self.dtype.startswith("float")

    def to_tree(self) -> dict[str, Any]:
        """As a tree for `wire`, quantised so that every machine writes the same bytes; whole numbers stay exact."""
        return {
            "array": self.array
            if self.exact
            else quantised(self.array, _precision(self.dtype), wide=self.dtype in ("float", "floats")),
            "dtype": self.dtype,
            "tolerance": float(f"{self.tolerance:.2e}"),
        }

    @staticmethod
    def from_tree(tree: dict[str, Any]) -> ExpectedPart:
        """Reads what `to_tree` wrote."""
        return ExpectedPart(tree["array"].astype(np.float64), tree["dtype"], tree["tolerance"])


Expected = dict[str, ExpectedPart]
"""What a case should be, by part."""


def expect(question: Question, case: Case, single: Observation, double: Observation) -> Expected:
    """What is right, from the reference observed in float32 and in float64.

    Raises:
        ValueError: if the reference itself failed.
    """
    if question.rules:
        return {GIVEN_WEIGHTS: _predicted(single)} if GIVEN_WEIGHTS in question.rules else {}
    if question.gate:
        return {question.outputs[0]: _labels(question, case, single)}
    if not question.returns and single.structure != "one" and not single.failure:
        came = f"a {single.structure} of {len(single.outputs)}"
        raise ValueError(f"case {case.name!r}: the reference returns {came}; name the values in `returns`")
    expected: Expected = {}
    for part in question.parts_of(case):
        low, high = output_of(question, single, part), output_of(question, double, part)
        if low is None or high is None or low.array is None or high.array is None:
            raise ValueError(f"case {case.name!r}, {part}: {_why_nothing(question, part, single, double)}")
        exact = high.array.astype(np.float64)
        if not np.all(np.isfinite(exact)) or not np.all(np.isfinite(low.array)):
            # the tolerance would be NaN: all passes
            raise ValueError(f"case {case.name!r}, {part}: the reference gives NaN or infinity")
        if exact.shape != low.array.shape:
            raise ValueError(f"case {case.name!r}, {part}: the reference gives another shape in float64")
        dtype = _kind(low, low.array)
        right = ExpectedPart(exact, dtype, _tolerance(question, case, part, dtype, exact, low.array))
        if right.exact and np.max(np.abs(exact), initial=0.0) >= LARGEST_EXACT:
            raise ValueError(f"case {case.name!r}, {part}: whole numbers from 2**53 on cannot be told apart")
        expected[part] = right
    return expected


def _why_nothing(question: Question, part: str, single: Observation, double: Observation) -> str:
    """Why the reference has no numbers for a part, in words for its author."""
    for failure, when in ((single.failure, ""), (double.failure, " in float64")):
        if failure:
            return f"the reference raised {failure}{when}"
    for failure, when in ((single.gradient_failure, ""), (double.gradient_failure, " in float64")):
        if failure and part not in question.outputs:
            return f"differentiating the reference raised {failure}{when}"
    if part not in question.outputs:
        return (
            "the reference has no gradient there: its path to the result is cut, or the result is no tensor of floats"
        )
    output = output_of(question, single, part)
    came = output.kind if output else f"{len(single.outputs)} of {len(question.outputs)} values"
    return f"the reference returns {came}, which has no numbers to compare"


def _labels(question: Question, case: Case, seen: Observation) -> ExpectedPart:
    """The true labels, if the reference recognizes enough of them."""
    assert case.exam
    labels = np.asarray(case.exam.labels)
    array = seen.outputs[0].array if seen.outputs else None
    if array is None or array.shape != labels.shape:
        raise ValueError(f"case {case.name!r}: the reference gives no labels{f': {seen.failure}' * bool(seen.failure)}")
    if (right := share_of_right(array, labels)) < question.gate:
        raise ValueError(f"case {case.name!r}: the reference recognizes {right:.0%} and stays below its gate")
    return ExpectedPart(labels.astype(np.float64), "whole", 0.0)


def share_of_right(got: np.ndarray | None, labels: np.ndarray) -> float:
    """The share of labels that are the right ones; 0 for what has another shape."""
    return float(np.mean(got == labels)) if got is not None and got.shape == labels.shape else 0.0


def _predicted(seen: Observation) -> ExpectedPart:
    array = read(seen).predictions.astype(np.float64)
    return ExpectedPart(array, "float32", MODEL_TOLERANCE * float(np.max(np.abs(array), initial=0.0)) + 1e-7)


def _tolerance(question: Question, case: Case, part: str, dtype: str, exact: np.ndarray, single: np.ndarray) -> float:
    """How far a right answer may be off: what its author allows, but no less than rounding needs.

    Numbers that are computed without a tensor of 32 bits may be as small as they like, such as a probability of 1e-12: only where
    zero is expected, an absolute difference is allowed.
    """
    scale = float(np.max(np.abs(exact), initial=0.0))
    if not dtype.startswith("float"):
        return question.tolerance * scale
    precision = _precision(dtype if case.dtype == "float64" else "float32")
    factor = 1.0 if part in question.outputs else GRADIENT_FACTOR
    spread = float(np.max(np.abs(exact - single), initial=0.0))
    plain = dtype in ("float", "floats") and "float32" not in case.dtypes
    least = 0.0 if plain and scale else SMALLEST[precision]
    return max(factor * FLOORS[precision], question.tolerance) * scale + SPREAD * spread + least


def _kind(output: Output, array: np.ndarray) -> str:
    """What a function has to return that is right if it returns this."""
    python = {"i": "int", "u": "int", "f": "float", "b": "bool"}[array.dtype.kind]
    if output.kind in ("number", LISTED):
        return python + "s" * (output.kind == LISTED)
    return {"int": "whole", "bool": "boolean"}.get(python, array.dtype.name)


def _precision(dtype: str) -> str:
    return "float64" if dtype == "float64" else "float32"


def output_of(question: Question, seen: Observation, part: str) -> Output | None:
    """The output or gradient that belongs to a part, or None."""
    if part in question.outputs:
        index = question.outputs.index(part)
        return seen.outputs[index] if index < len(seen.outputs) else None
    return next((value for name, value in seen.gradients.items() if gradient_part(name) == part), None)


def quantised(array: np.ndarray, dtype: str = "float32", *, wide: bool = False) -> np.ndarray:
    """Rounds to some bits below the largest entry: the last bits differ between machines, and a file must not.

    Args:
        array: of any type; only real numbers are rounded.
        dtype: of the result.
        wide: whether it may be float64 instead, for Python's floats that are smaller or larger than any float32.
    """
    if array.dtype.kind != "f":
        return array
    largest = float(np.max(np.abs(array[np.isfinite(array)]), initial=0.0))
    if largest < 1e-300:  # nothing but zeros in float32
        return np.asarray(array + 0.0, dtype)
    quantum = 2.0 ** (np.ceil(np.log2(largest)) - QUANTUM_BITS[dtype])
    fits = not wide or 2.0**-100 < largest < 2.0**127
    return np.asarray(np.round(array.astype(np.float64) / quantum) * quantum + 0.0, dtype if fits else "float64")
