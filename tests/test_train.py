"""`benchmarks/train.py`: what it holds out, that a stopped run goes on as if nothing had been, and what it writes down."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from autograder.datasets import load as datasets
from autograder.datasets import shapes

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "benchmarks"))
train = importlib.import_module("train")
pictures = importlib.import_module("pictures")

PLAIN = train.Recipe(2, 1e-3, shift=0, mirror=False)


def task(count: int = 64, *, sample: bool = False) -> object:
    """Random digits: what is reached does not matter."""
    rng = np.random.default_rng(0)
    parts = [
        (rng.integers(0, 256, (n, 28, 28, 1), dtype=np.uint8), (np.arange(n) % 10).astype(np.uint8))
        for n in (count, 20, 30)
    ]
    return train.Task(datasets.Description("mnist", "MNIST", count + 20, 30, sample, None, "from nowhere"), *parts)


def result(model: str = "lenet5", test: float = 0.99) -> object:
    return train.Result(model, 61_706, 2, 75.0, 0.985, test, 10_000, (0.988, 0.992), 0.989, "2026-11-21")


@pytest.mark.tensorflow
def test_validation_images_are_no_training_images() -> None:
    loaded = train.load("digits", None, quick=False)
    (x, y), (x_held, _), (x_test, _) = loaded.train, loaded.validation, loaded.test
    assert (len(x), len(x_held), len(x_test)) == (1437 - 143, 143, 360)
    sets = [{picture.tobytes() for picture in part} for part in (x, x_held, x_test)]
    assert not sets[0] & sets[1] and not sets[0] & sets[2] and not sets[1] & sets[2]
    known = {picture.tobytes(): label for picture, label in zip(*datasets.load_data("digits")[0], strict=True)}
    assert [known[picture.tobytes()] for picture in x] == y.tolist(), "labels stay with their images"
    again = train.load("digits", None, quick=False)
    assert again.fingerprint == loaded.fingerprint
    assert train.load("digits", None, quick=True).fingerprint != loaded.fingerprint


def test_images_are_moved_and_mirrored_and_nothing_else() -> None:
    x = np.zeros((200, 8, 9, 1), np.uint8)
    x[:, 3, 2] = 200
    moved = train.augmented(x, train.Recipe(1, 0, shift=2, mirror=False), np.random.default_rng(0))
    assert moved.shape == x.shape and moved.dtype == np.uint8 and moved.flags.c_contiguous
    assert {(r, c) for _, r, c, _ in np.argwhere(moved)} == {(r, c) for r in range(1, 6) for c in range(0, 5)}
    assert (moved == 200).sum() == 200
    mirrored = train.augmented(x, train.Recipe(1, 0, shift=0, mirror=True), np.random.default_rng(0))
    assert {(r, c) for _, r, c, _ in np.argwhere(mirrored)} == {(3, 2), (3, 6)}
    np.testing.assert_array_equal(train.augmented(x, PLAIN, np.random.default_rng(0)), x)
    colour = np.full((5, 8, 8, 3), 77, np.uint8)
    assert (train.augmented(colour, train.Recipe(1, 0, shift=3, mirror=True), np.random.default_rng(0)) == 77).all()


def test_the_interval_is_wilsons() -> None:
    assert train.wilson(9920, 10_000) == pytest.approx((0.99006, 0.99357), abs=1e-5)
    assert train.wilson(10, 10)[1] == pytest.approx(1) and train.wilson(10, 10)[0] > 0.6


def test_a_section_takes_the_place_of_its_older_self_alone() -> None:
    page = train.with_section("", "mnist", "## MNIST\nold\n")
    page = train.with_section(page, "cifar10", "## CIFAR-10\nkept\n")
    page = train.with_section(page, "mnist", "## MNIST\nnew\n")
    assert page.startswith("# Results on real data") and page.count("# Results on real data") == 1
    assert "old" not in page and page.index("new") < page.index("kept") and page.count("<!-- mnist -->") == 1


def test_figures_of_a_sample_are_labelled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train, "machine", lambda day: f"Measured on {day}.")
    images = ["a.png", "b.png", "c.png", "d.png"]
    plain = {"lenet5": PLAIN}
    full = train.section("mnist", task(), [result()], plain, images)
    sample = train.section("cifar10", task(sample=True), [result()], plain, images)
    quick = train.section("mnist", task(), [result()], plain, images, quick=True)
    assert "| LeNet-5 | 61,706 | 2 | 1.2 min | 98.50% | **99.00%** | 98.80% to 99.20% | 98.9% |" in full
    assert "Measured on 2026-11-21." in full
    assert "sample" not in full and "mean nothing" not in full and "mean nothing" in quick
    assert "(a sample of it)" in sample and "not results for CIFAR-10" in sample and "98.9%" not in sample


@pytest.mark.tensorflow
def test_pictures_are_drawn_and_small(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    x, y = shapes.draw(300, 0)
    said = rng.dirichlet(np.ones(10), 300)
    counts = np.zeros((10, 10), int)
    np.add.at(counts, (y, said.argmax(axis=1)), 1)
    history = [{"accuracy": 0.5, "val_accuracy": 0.4}, {"accuracy": 1.0, "val_accuracy": 0.9}]
    pictures.curves({"a": history, "b": history}, tmp_path / "1.png")
    pictures.confusion(counts, datasets.CLASSES["cifar10"], "a", tmp_path / "2.png")
    pictures.filters({"a": rng.normal(size=(5, 5, 1, 6)), "b": rng.normal(size=(3, 3, 3, 32))}, tmp_path / "3.png")
    pictures.mistakes(x, y, said, datasets.CLASSES["cifar10"], tmp_path / "4.png")
    pictures.mistakes(x[:5], said[:5].argmax(axis=1), said[:5], datasets.CLASSES["cifar10"], tmp_path / "5.png")
    for picture in tmp_path.iterdir():
        assert picture.read_bytes().startswith(b"\x89PNG") and 1000 < picture.stat().st_size < 100_000, picture.name


def test_the_committed_page_says_what_was_reached() -> None:
    page = (ROOT / "docs" / "results.md").read_text(encoding="utf-8")
    assert "<!-- mnist -->" in page and "<!-- cifar10 -->" in page and "mean nothing" not in page
    for picture in (ROOT / "docs" / "images").glob("*_*.png"):
        assert picture.stat().st_size < 100_000
    for line in page.splitlines():
        if line.startswith("!["):
            assert (ROOT / "docs" / line.split("(")[1].rstrip(")")).is_file(), line


def test_data_that_cannot_be_had_ends_it_with_the_way_out(tmp_path: Path) -> None:
    command = [sys.executable, ROOT / "benchmarks" / "train.py", "mnist", "--data", tmp_path, "--out", tmp_path / "out"]
    ended = subprocess.run(command, capture_output=True, text=True)
    assert ended.returncode == 2 and "contains no MNIST" in ended.stdout and "Traceback" not in ended.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.tensorflow
def test_a_stopped_run_goes_on_as_if_nothing_had_been(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = train.Recipe(2, 1e-3, shift=1, mirror=False)
    whole = train.train("mnist", "reference_cnn", recipe, task(), tmp_path / "whole", 0)

    save = train._checkpoint

    def stop(*arguments: object) -> None:
        save(*arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(train, "_checkpoint", stop)
        with pytest.raises(KeyboardInterrupt):
            train.train("mnist", "reference_cnn", recipe, task(), tmp_path / "stopped", 0)
    # A kill after the history was written, before the checkpoint: that epoch is done again.
    history = tmp_path / "stopped" / "history.json"
    history.write_text(json.dumps([*json.loads(history.read_text()), {"accuracy": 0, "seconds": 0}]))
    resumed = train.train("mnist", "reference_cnn", recipe, task(), tmp_path / "stopped", 0)

    for first, second in zip(
        *(json.loads((tmp_path / n / "history.json").read_text()) for n in ("whole", "stopped")), strict=True
    ):
        for key in ("loss", "val_loss"):
            assert second[key] == pytest.approx(first[key], rel=1e-3), (
                "order, dropout, optimizer and rate were restored"
            )
    assert (resumed.test, resumed.weights, resumed.epochs) == (pytest.approx(whole.test, abs=0.04), whole.weights, 2)

    def fail(*_: object) -> None:
        raise AssertionError("it is trained already")

    with monkeypatch.context() as patch:
        patch.setattr(train, "_restored", fail)
        assert train.train("mnist", "reference_cnn", recipe, task(), tmp_path / "stopped", 0) == resumed
        with pytest.raises(AssertionError):  # another seed is another training
            train.train("mnist", "reference_cnn", recipe, task(), tmp_path / "stopped", 1)

    (tmp_path / "stopped" / "checkpoint.keras").write_bytes(b"cut off")
    assert train._restored(tmp_path / "stopped") == (None, [])


@pytest.mark.tensorflow
def test_the_models_are_what_their_docstrings_say() -> None:
    models = importlib.import_module("models")
    lenet = models.lenet5((28, 28, 1), 10)
    assert lenet.count_params() == 61_706
    assert [layer.output.shape[1:3] for layer in lenet.layers[1:5]] == [(28, 28), (14, 14), (10, 10), (5, 5)]
    assert models.lenet5((32, 32, 3), 10).layers[1].output.shape[1:] == (28, 28, 6)
    for shape in ((28, 28, 1), (32, 32, 3)):
        model = models.reference_cnn(shape, 7)
        assert model.output_shape == (None, 7) and model.count_params() < 900_000
        kinds = [type(layer).__name__ for layer in model.layers]
        assert {"Conv2D", "BatchNormalization", "ReLU", "MaxPooling2D", "Dropout", "Dense"} <= set(kinds)


@pytest.mark.tensorflow
def test_the_command_trains_and_writes_a_page(tmp_path: Path) -> None:
    command = [
        sys.executable, ROOT / "benchmarks" / "train.py", "digits", "--quick", "--model", "lenet5",
        "--out", tmp_path / "out", "--page", tmp_path / "page.md",
    ]  # fmt: skip
    ended = subprocess.run(command, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "epoch  2 of 2" in ended.stdout and "LeNet-5" in ended.stdout
    page = (tmp_path / "page.md").read_text(encoding="utf-8")
    assert "A quick trial: these figures mean nothing" in page
    assert sorted(p.name for p in (tmp_path / "images").iterdir()) == [
        f"digits_{name}.png" for name in ("confusion", "curves", "filters", "mistakes")
    ]
