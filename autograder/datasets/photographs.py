"""Photographs to look at through a filter: the two that scikit-learn ships, so no network is needed."""

from __future__ import annotations

import numpy as np

from ..errors import DataError


def photograph(name: str) -> np.ndarray:
    """One of scikit-learn's two sample images.

    Args:
        name: "china", the roofs of a palace, or "flower".

    Returns:
        A colour image of shape (427, 640, 3), uint8.

    Raises:
        DataError: if there is no such photograph.
        ImportError: if scikit-learn or Pillow is not installed.
    """
    if name not in ("china", "flower"):
        raise DataError(f'There is no photograph {name!r}; there are "china" and "flower".')
    from sklearn.datasets import load_sample_image

    image: np.ndarray = load_sample_image(f"{name}.jpg")
    return image
