"""The drawn pictures: the same from the same seed, balanced, and not to be told apart by pixels or colours."""

from __future__ import annotations

import hashlib
import sys

import numpy as np
import pytest

from autograder.datasets import shapes


def test_a_seed_draws_the_same_pictures_again() -> None:
    x, y = shapes.draw(120, 7)
    assert (x.shape, x.dtype, y.shape, y.dtype) == ((120, 32, 32, 3), np.uint8, (120,), np.uint8)
    for again, first in zip(shapes.draw(120, 7), (x, y), strict=True):
        np.testing.assert_array_equal(again, first)
    other, _ = shapes.draw(120, 8)
    assert len({picture.tobytes() for picture in np.concatenate([x, other])}) == 240


@pytest.mark.parametrize("count", [0, 1, 10, 505, 1003])
def test_classes_are_as_equally_many_as_can_be(count: int) -> None:
    x, y = shapes.draw(count, 0)
    assert len(x) == len(y) == count and np.ptp(np.bincount(y, minlength=10)) <= 1
    assert count < 20 or np.any(np.diff(y.astype(int)) < 0), "in no order"


def test_wrong_arguments_are_refused() -> None:
    for count, seed in ((-1, 0), (1, -1)):
        with pytest.raises(ValueError, match="negative"):
            shapes.draw(count, seed)


def test_every_class_has_its_distance() -> None:
    assert len(shapes._DISTANCES) == len(shapes.CLASSES) == 10
    u, v = np.meshgrid(np.linspace(-1.5, 1.5, 61), np.linspace(-1.5, 1.5, 61))
    inside = [distance(u, v) < 0 for distance in shapes._DISTANCES]
    for first in range(10):
        assert 0.08 < inside[first].mean() < 0.4, shapes.CLASSES[first]
        for second in range(first):
            assert (inside[first] != inside[second]).mean() > 0.03, (shapes.CLASSES[first], shapes.CLASSES[second])


@pytest.mark.tensorflow
def test_a_linear_classifier_fails() -> None:
    from sklearn.linear_model import RidgeClassifier

    x, y = shapes.draw(1500, 1)
    x_test, y_test = shapes.draw(500, 2)
    flat, flat_test = x.reshape(len(x), -1) / 255 - 0.5, x_test.reshape(len(x_test), -1) / 255 - 0.5
    assert RidgeClassifier(alpha=1000).fit(flat, y).score(flat_test, y_test) < 0.3
    colours, colours_test = flat.reshape(-1, 1024, 3), flat_test.reshape(-1, 1024, 3)
    statistics, statistics_test = (np.hstack([c.mean(axis=1), c.std(axis=1)]) for c in (colours, colours_test))
    assert RidgeClassifier().fit(statistics, y).score(statistics_test, y_test) < 0.25


def calls_to_draw(count: int) -> int:
    """How many functions are called to draw so many pictures."""
    seen: list[str] = []
    sys.setprofile(lambda frame, event, argument: seen.append(event))
    try:
        shapes.draw(count, 3)
    finally:
        sys.setprofile(None)
    return sum(event in ("call", "c_call") for event in seen)


def test_pictures_are_drawn_many_at_once() -> None:
    """10,000 take a few seconds: what is called for each of them could be counted on one hand."""
    assert calls_to_draw(500) < 5 * 500


def test_the_version_grows_with_the_pictures() -> None:
    """If this fails, pictures of the same seed have changed: raise VERSION, then put the new mean here."""
    x, y = shapes.draw(500, 0)
    assert shapes.VERSION == 1
    assert hashlib.sha256(y.tobytes()).hexdigest()[:8] == "1c9c5fc5"
    assert x.astype(float).mean(axis=(0, 1, 2)) == pytest.approx([122.34, 119.57, 122.36], abs=0.05)
