"""The pictures of `benchmarks/train.py`: small PNG files."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib
import numpy as np

matplotlib.use("agg")
import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from PIL import Image  # Matplotlib brings it

COLOURS = ("#1f6fb4", "#d1642c", "#3a8f4d", "#8a5fae")


def curves(histories: Mapping[str, Sequence[Mapping[str, float]]], path: Path) -> None:
    """Error on training and validation images after each epoch, on a logarithmic scale.

    Args:
        histories: for each model one mapping an epoch, with `accuracy` and `val_accuracy`.
        path: the file to write.
    """
    figure, axes = plt.subplots(figsize=(6.4, 3.6))
    for (name, history), colour in zip(histories.items(), COLOURS, strict=False):
        epochs = range(1, len(history) + 1)
        for key, style, words in (("accuracy", "--", "training"), ("val_accuracy", "-", "validation")):
            error = [max(100 * (1 - epoch[key]), 0.01) for epoch in history]
            axes.plot(epochs, error, style, color=colour, label=f"{name}, {words}")
    axes.set(xlabel="epoch", ylabel="error, %", yscale="log")
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.yaxis.set_major_formatter("{x:g}")
    axes.grid(which="both", alpha=0.25)
    axes.legend(frameon=False, fontsize=8)
    _save(figure, path)


def confusion(counts: np.ndarray, names: Sequence[str], title: str, path: Path) -> None:
    """The confusion matrix: a row is a true class, a column what the model said.

    Args:
        counts: (classes, classes).
        names: of the classes.
        title: of the picture.
        path: the file to write.
    """
    size = len(names)
    figure, axes = plt.subplots(figsize=(5.4, 5.0))
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    missed = np.where(np.eye(size, dtype=bool), 0, share)  # the diagonal would outshine the mistakes
    axes.imshow(missed, cmap="Oranges", vmin=0, vmax=max(float(missed.max()), 1e-9))
    for row, column in np.ndindex(size, size):
        if counts[row, column]:
            weight = "bold" if row == column else "normal"
            axes.text(column, row, str(counts[row, column]), ha="center", va="center", fontsize=7, weight=weight)
    axes.set_xticks(range(size), names, rotation=45, ha="right", fontsize=8)
    axes.set_yticks(range(size), names, fontsize=8)
    axes.set(xlabel="said", ylabel="true")
    axes.set_title(title, fontsize=9)
    _save(figure, path)


def filters(kernels: Mapping[str, np.ndarray], path: Path) -> None:
    """The filters of the first layers, (kh, kw, c_in, c_out) each: grey for one channel, colours for three."""
    figure, places = plt.subplots(len(kernels), 1, figsize=(6.4, 1.1 + 1.1 * len(kernels)), squeeze=False)
    for axes, (name, kernel) in zip(places[:, 0], kernels.items(), strict=True):
        axes.imshow(_sheet(kernel), cmap="gray", interpolation="nearest")
        axes.set_title(f"{name}: {kernel.shape[3]} filters of {kernel.shape[0]} x {kernel.shape[1]}", fontsize=9)
        axes.axis("off")
    _save(figure, path)


def _sheet(kernel: np.ndarray) -> np.ndarray:
    """The filters side by side in rows of 16, each stretched to the range 0 to 1, with white between."""
    high, wide, channels, count = kernel.shape
    columns = min(count, 16)
    rows = -(-count // columns)
    sheet = np.ones((rows * (high + 1) - 1, columns * (wide + 1) - 1, channels))
    for k in range(count):
        one = kernel[..., k] - kernel[..., k].min()
        y, x = (k // columns) * (high + 1), (k % columns) * (wide + 1)
        sheet[y : y + high, x : x + wide] = one / max(float(one.max()), 1e-9)
    return sheet if channels == 3 else sheet.mean(axis=2)


def mistakes(
    images: np.ndarray,
    labels: np.ndarray,
    probabilities: np.ndarray,
    names: Sequence[str],
    path: Path,
    *,
    most: int = 24,
) -> None:
    """The test images that the model got wrong and was most confident about.

    Args:
        images: (n, height, width, channels), uint8.
        labels: (n,), the true classes.
        probabilities: (n, classes).
        names: of the classes.
        path: the file to write.
        most: how many at most.
    """
    said, sure = probabilities.argmax(axis=1), probabilities.max(axis=1)
    wrong = np.flatnonzero(said != labels)
    chosen = wrong[np.argsort(-sure[wrong], kind="stable")][:most]
    figure, places = plt.subplots(3, 8, figsize=(8, 3.9))
    for axes in places.flat:
        axes.axis("off")
    for axes, i in zip(places.flat, chosen, strict=False):
        axes.imshow(images[i].squeeze(), cmap="gray", vmin=0, vmax=255, interpolation="nearest")
        axes.set_title(f"{names[said[i]]}, {100 * sure[i]:.0f} %\nis {names[labels[i]]}", fontsize=7)
    if not len(wrong):
        figure.text(0.5, 0.5, f"no mistake among {len(labels):,} test images", ha="center")
    _save(figure, path)


def _save(figure: Figure, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.tight_layout()
    drawn = io.BytesIO()
    figure.savefig(drawn, dpi=90)
    plt.close(figure)
    Image.open(drawn).convert("RGB").quantize(96).save(path, optimize=True)  # a palette: small enough to be committed
