"""Strokes are drawn from the salt: the same again from the same, others from another, and images that go with labels."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.question import Case, Exam
from autograder.strokes import strokes

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
