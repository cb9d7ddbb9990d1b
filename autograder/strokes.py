"""Pictures of strokes, drawn from a salt: what models are trained and examined on when they are graded.

A class is a direction. Which direction belongs to which class, where the strokes lie, how bright they are and the noise
come from the salt, so the hidden images and their labels exist nowhere before a submission is graded.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .question import Draw

GROUND, CONTRAST = (40, 90), (100, 165)


@dataclass(frozen=True)
class Strokes(Draw):
    """Images (n, height, width, channels), uint8, or their labels (n,), int32: a part of one draw.

    Draws with the same `stream`, `total` and size are parts of the same pictures, with the same classes.

    Attributes:
        total: how many pictures the whole draw has; `shape[0]` of them are taken, from `start` on.
        start: the first one taken.
        classes: how many directions there are.
        sorted_by_label: whether the pictures that are taken come in the order of their labels.
        ground: from which to which brightness the ground goes, from 0 to 255.
        contrast: how much brighter a stroke is than its ground, from which to which.
    """

    total: int = 0
    start: int = 0
    classes: int = 5
    sorted_by_label: bool = False
    ground: tuple[int, int] = GROUND
    contrast: tuple[int, int] = CONTRAST

    def sample(self, rng: np.random.Generator, dtype: str = "") -> np.ndarray:
        """Draws all pictures and takes this part."""
        images, labels = draw(rng, self.total, self.shape[1:], self.classes, self.ground, self.contrast)
        part = slice(self.start, self.start + self.shape[0])
        images, labels = images[part], labels[part]
        if self.sorted_by_label:
            order = np.argsort(labels, kind="stable")
            images, labels = images[order], labels[order]
        return labels if self.kind == "stroke labels" else images


def strokes(
    to_train: int,
    to_test: int,
    size: tuple[int, int, int],
    classes: int,
    *,
    sorted_by_label: bool = False,
    ground: tuple[int, int] = GROUND,
    contrast: tuple[int, int] = CONTRAST,
) -> tuple[Strokes, Strokes, Strokes, Strokes]:
    """Training images and labels, then images and labels to be examined on.

    Args:
        to_train: how many images to train on.
        to_test: how many to be examined on.
        size: (height, width, channels).
        classes: how many directions.
        sorted_by_label: whether the training images come sorted.
        ground: the range of the ground's brightness.
        contrast: the range of how much brighter a stroke is.
    """

    def part(kind: str, count: int, start: int, by_label: bool) -> Strokes:
        return Strokes(kind, (count, *size), stream="strokes", total=to_train + to_test, start=start, classes=classes,
                       sorted_by_label=by_label, ground=ground, contrast=contrast)  # fmt: skip

    return (
        part("strokes", to_train, 0, sorted_by_label),
        part("stroke labels", to_train, 0, sorted_by_label),
        part("strokes", to_test, to_train, False),
        part("stroke labels", to_test, to_train, False),
    )


def draw(
    rng: np.random.Generator,
    count: int,
    size: tuple[int, ...],
    classes: int,
    ground: tuple[int, int] = GROUND,
    contrast: tuple[int, int] = CONTRAST,
) -> tuple[np.ndarray, np.ndarray]:
    """Draws `count` pictures: images (count, *size), uint8, and labels (count,), int32."""
    height, width, channels = size
    directions = rng.permutation(classes) * np.pi / classes
    labels = rng.permutation(np.arange(count) % classes)
    angle = (directions[labels] + rng.normal(0, 0.1 * np.pi / classes, count))[:, None, None]
    y, x = np.mgrid[:height, :width] - np.array([height - 1, width - 1])[:, None, None] / 2
    centre_y, centre_x = rng.uniform(-0.25, 0.25, (2, count, 1, 1)) * np.array([height, width])[:, None, None, None]
    along = np.cos(angle) * (x - centre_x) + np.sin(angle) * (y - centre_y)
    across = np.cos(angle) * (y - centre_y) - np.sin(angle) * (x - centre_x)
    length = rng.uniform(0.25, 0.4, (count, 1, 1)) * min(height, width)
    ink = np.clip(1.3 - np.abs(across), 0, 1) * np.clip(length + 0.5 - np.abs(along), 0, 1)
    dark, lighter = (rng.uniform(*bounds, (count, 1, 1, channels)) for bounds in (ground, contrast))
    noise = rng.normal(0, 10, (count, height, width, channels))
    return np.clip(dark + lighter * ink[..., None] + noise, 0, 255).astype(np.uint8), labels.astype(np.int32)
