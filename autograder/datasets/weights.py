"""Weights of a small trained network, to look into: they ship with the package, so that nobody has to train first."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..errors import DataError

FOLDER = Path(__file__).parent / "weights"


def load_weights(name: str) -> list[np.ndarray]:
    """The weights of a trained network.

    Args:
        name: "small_cnn": three convolutions and a dense layer, trained on CIFAR-10 and on the drawn shapes together, 20 classes.
            `benchmarks/small_cnn.py` trains it.

    Returns:
        Arrays of float32, in the order of `keras.Model.set_weights`: of each layer the kernel, then the bias.

    Raises:
        DataError: if there is no such network.
    """
    names = sorted(path.stem for path in FOLDER.glob("*.npz"))
    if name not in names:
        raise DataError(f"There are no weights {name!r}; there are: {', '.join(names)}.")
    with np.load(FOLDER / f"{name}.npz", allow_pickle=False) as stored:
        return [stored[f"{index:02}"].astype(np.float32) for index in range(len(stored.files))]
