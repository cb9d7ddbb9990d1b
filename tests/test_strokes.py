"""Strokes are drawn from the salt: the same again from the same, others from another, and images that go with labels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograder.question import Case, Exam
from autograder.strokes import draw, strokes

SIZE = (14, 12, 3)


def case(*, sorted_by_label: bool = False, public: bool = False) -> Case:
    x, y, images, hidden = strokes(60, 40, SIZE, 4, sorted_by_label=sorted_by_label)
    return Case("strokes", public=public, x=x, y=y, exam=Exam(images=images, labels=hidden))


def drawn_of(wanted: Case, salt: str) -> tuple[dict[str, Any], Exam]:
    """The arguments and the exam of a case, drawn."""
    drawn = wanted.materialise("train", salt)
    assert drawn.exam
    return drawn.arguments, drawn.exam


def test_shapes_types_and_classes() -> None:
    drawn, exam = drawn_of(case(), "a salt")
    assert drawn["x"].shape == (60, *SIZE) and drawn["x"].dtype == np.uint8
    assert drawn["y"].shape == (60,) and drawn["y"].dtype == np.int32
    assert exam.images.shape == (40, *SIZE)
    counts = np.bincount(np.concatenate([drawn["y"], exam.labels]))
    assert counts.tolist() == [25] * 4


def test_the_same_salt_draws_the_same_and_another_salt_others() -> None:
    once, again, other = (drawn_of(case(), salt)[0]["x"] for salt in ("a", "a", "b"))
    assert np.array_equal(once, again) and not np.array_equal(once, other)
    one, two = (drawn_of(case(public=True), salt)[0]["x"] for salt in ("a", "b"))
    assert np.array_equal(one, two)


def test_no_hidden_image_is_handed_out() -> None:
    drawn, exam = drawn_of(case(), "a")
    assert not any(np.array_equal(image, other) for image in exam.images for other in drawn["x"])


def test_sorting_keeps_every_image_with_its_label() -> None:
    plain, in_order = (drawn_of(case(sorted_by_label=flag), "a")[0] for flag in (False, True))
    assert np.array_equal(in_order["y"], np.sort(plain["y"]))
    for image, label in zip(in_order["x"][:10], in_order["y"], strict=False):
        (where,) = [i for i, other in enumerate(plain["x"]) if np.array_equal(image, other)]
        assert plain["y"][where] == label


def test_labels_can_be_told_from_pictures_and_another_salt_gives_classes_other_directions() -> None:
    def means(salt: str) -> np.ndarray:
        drawn, _ = drawn_of(case(), salt)
        x, y = drawn["x"].astype(float), drawn["y"]
        gradients = np.abs(np.diff(x, axis=1)).mean((1, 2, 3)) / np.abs(np.diff(x, axis=2)).mean((1, 2, 3))
        return np.array([gradients[y == k].mean() for k in range(4)])

    orders = {tuple(np.argsort(means(f"salt {n}"))) for n in range(6)}
    assert np.ptp(means("salt 0")) > 0.1
    assert len(orders) > 1


def test_a_stroke_is_a_short_line_in_the_direction_of_its_class() -> None:
    """Moments of the ink tell where it lies, how long it is, and which way it runs."""
    images, labels = draw(np.random.default_rng(3), 200, (24, 24, 1), 3)
    bright = images[..., 0].astype(float)
    ground = np.median(bright, axis=(1, 2), keepdims=True)
    ink = np.clip(bright - ground - 40, 0, None)
    ink /= ink.sum((1, 2), keepdims=True)
    y, x = np.mgrid[:24, :24]
    cy, cx = (ink * y).sum((1, 2)), (ink * x).sum((1, 2))
    dy, dx = y - cy[:, None, None], x - cx[:, None, None]
    yy, xx, xy = (ink * dy * dy).sum((1, 2)), (ink * dx * dx).sum((1, 2)), (ink * dy * dx).sum((1, 2))
    root = np.hypot((xx - yy) / 2, xy)
    long, wide = np.sqrt((xx + yy) / 2 + root), np.sqrt((xx + yy) / 2 - root)
    assert np.mean((wide > 0.3) & (wide < 0.6)) > 0.95, "a line is two to three pixels wide"
    assert np.mean((long > 2.5) & (long < 6.5)) > 0.95, "half a line is a quarter to two fifths of the side"
    assert cy.std() > 2 and cx.std() > 2, "it lies anywhere around the middle"
    assert np.all(np.abs(cy - 11.5) < 8) and np.all(np.abs(cx - 11.5) < 8)
    turned = np.exp(1j * np.arctan2(2 * xy, xx - yy))  # twice the angle: a line has no front
    means = np.array([turned[labels == k].mean() for k in range(3)])
    assert np.all(np.abs(means) > 0.9), "a class has one direction"
    assert np.all(np.abs(means) < 0.99), "from which each stroke deviates a little"
    apart = np.abs(np.angle(means / np.roll(means, 1)))
    np.testing.assert_allclose(apart, 2 * np.pi / 3, atol=0.2)


@pytest.mark.parametrize("size", [(10, 30, 1), (30, 10, 1)])
def test_strokes_lie_around_the_middle_of_a_picture_that_is_no_square(size: tuple[int, int, int]) -> None:
    images, _ = draw(np.random.default_rng(3), 300, size, 3)
    ink = np.clip(images[..., 0].astype(float) - np.median(images, axis=(1, 2))[..., None] - 40, 0, None)
    ink /= ink.sum((1, 2), keepdims=True)
    for axis, side in enumerate(size[:2]):
        centres = (ink.sum(2 - axis) * np.arange(side)).sum(1)
        assert abs(centres.mean() - (side - 1) / 2) < 0.5
        assert 0.1 * side < centres.std() < 0.17 * side, "a quarter of the side away at most"
