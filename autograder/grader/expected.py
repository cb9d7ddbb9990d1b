"""What is right: the reference, observed in float32 and in float64, and how far right code may be off. Pure NumPy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..border.observation import Observation, Output
from ..question import Case, Question, gradient_part
from .models import read

VALUE_FLOOR = 1e-5
GRADIENT_FLOOR = 2e-5
"""Tolerances relative to max|expected|: over ten times what right float32 code was seen to differ by."""
SPREAD = 16.0
"""How many times the reference's own float32-to-float64 difference is allowed."""
QUANTUM_BITS = 26

GIVEN_WEIGHTS = "output on given weights"
"""The rule on a model that compares arrays: with the same weights, what the reference predicts."""
MODEL_TOLERANCE = 1e-3
"""Of that, relative to the largest entry: right models run the same operations, dozens in a row, in other orders."""


@dataclass(frozen=True)
class ExpectedPart:
    """What one part of a case should be.

    Attributes:
        array: the value, from the reference in float64.
        dtype: what the function should return, e.g. "float32", or "int".
        tolerance: the largest absolute difference that still is right.
    """

    array: np.ndarray
    dtype: str
    tolerance: float

    def to_tree(self) -> dict[str, Any]:
        """As a tree for `wire`, quantised so that every machine writes the same bytes; whole numbers stay exact."""
        return {
            "array": self.array if self.dtype == "int" else quantised(self.array),
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
    expected: Expected = {}
    for part in question.parts_of(case):
        low, high = output_of(question, single, part), output_of(question, double, part)
        if low is None or high is None or low.array is None or high.array is None:
            raise ValueError(f"the reference gives nothing for {part}: {single.failure or single.gradient_failure}")
        exact = high.array.astype(np.float64)
        if not np.all(np.isfinite(exact)) or not np.all(np.isfinite(low.array)):
            raise ValueError(
                f"the reference gives NaN or infinity for {part}"
            )  # the tolerance would be NaN: all passes
        if exact.shape != low.array.shape:
            raise ValueError(f"the reference gives {part} another shape in float64")
        floor = GRADIENT_FLOOR if part not in question.outputs else VALUE_FLOOR
        scale = float(np.max(np.abs(exact), initial=0.0))
        spread = float(np.max(np.abs(exact - low.array), initial=0.0))
        whole = low.array.dtype.kind in "iub"
        tolerance = 0.0 if whole else floor * scale + SPREAD * spread + 1e-7
        expected[part] = ExpectedPart(exact, "int" if whole else low.array.dtype.name, tolerance)
    return expected


def _predicted(seen: Observation) -> ExpectedPart:
    array = read(seen).predictions.astype(np.float64)
    return ExpectedPart(array, "float32", MODEL_TOLERANCE * float(np.max(np.abs(array), initial=0.0)) + 1e-7)


def output_of(question: Question, seen: Observation, part: str) -> Output | None:
    """The output or gradient that belongs to a part, or None."""
    if part in question.outputs:
        index = question.outputs.index(part)
        return seen.outputs[index] if index < len(seen.outputs) else None
    return next((value for name, value in seen.gradients.items() if gradient_part(name) == part), None)


def quantised(array: np.ndarray) -> np.ndarray:
    """Rounds to 26 bits below the largest entry: the last bits differ between machines, and a file must not."""
    if array.dtype.kind != "f":
        return array
    largest = float(np.max(np.abs(array[np.isfinite(array)]), initial=0.0))
    if largest < 1e-300:  # nothing but zeros in float32
        return np.asarray(array + 0.0, np.float32)
    quantum = 2.0 ** (np.ceil(np.log2(largest)) - QUANTUM_BITS)
    return np.asarray(np.round(array.astype(np.float64) / quantum) * quantum + 0.0, np.float32)
