"""What crosses machines: expected arrays are written with the same bytes everywhere, and whole numbers stay exact."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.grader.expected import quantised

RNG = np.random.default_rng(0)


def test_quantised_arrays_do_not_depend_on_the_last_bits() -> None:
    array = RNG.standard_normal((50, 50))
    noise = 1 + 1e-15 * RNG.standard_normal((50, 50))
    once = quantised(array)
    assert once.dtype == np.float32
    assert (quantised(array * noise) == once).mean() > 0.999
    np.testing.assert_array_equal(quantised(once), once)
    assert np.abs(once - array).max() <= 2.0**-24 * np.abs(array).max()


def test_quantising_leaves_whole_numbers_empty_arrays_and_zeros_alone() -> None:
    for array in (np.arange(3), np.array([True]), np.zeros((0, 2), "float32"), np.zeros(3)):
        np.testing.assert_array_equal(quantised(array), array)
    assert not np.signbit(quantised(np.array([-0.0, 1.0]))).any()
    assert not np.signbit(quantised(np.array([-0.0, 1e-310]))).any()


@pytest.mark.parametrize("number", [0.0, -0.0, 1.5, 1e-310])
def test_a_single_number_stays_an_array(number: float) -> None:
    """NumPy makes scalars of arrays without axes wherever it can, and a scalar cannot be sent."""
    for dtype in ("float32", "float64"):
        assert isinstance(quantised(np.asarray(number, dtype)), np.ndarray)
        assert quantised(np.asarray(number, dtype)).dtype == np.float32


def test_quantising_keeps_what_is_not_finite() -> None:
    array = quantised(np.array([1.0, np.nan, np.inf, -np.inf]))
    assert array[0] == 1 and np.isnan(array[1]) and array[2] == np.inf and array[3] == -np.inf
    assert np.isnan(quantised(np.array([np.nan]))).all()
