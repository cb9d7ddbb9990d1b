"""Data sets: where they are looked for, what they are, and what people are told when they cannot be had. Nothing downloads."""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from test_formats import archive, batch, idx

from autograder.datasets import DataError, describe, download, load_data, load_weights, photograph, shapes
from autograder.datasets import load as datasets

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, no variable, and addresses at which nobody answers."""
    folder = tmp_path / "cache"
    monkeypatch.setattr(datasets, "cache_folder", lambda: folder)
    monkeypatch.delenv(datasets.VARIABLE, raising=False)

    def fetch(urls: list[str], target: Path, **_: object) -> None:
        raise download.DownloadError("\n".join(f"  {url}: no connection" for url in urls))

    monkeypatch.setattr(download, "fetch", fetch)
    return folder


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, bytes]]:
    """The published sets made small: the files' contents by set and name."""
    contents: dict[str, dict[str, bytes]] = {}
    rng = np.random.default_rng(0)
    for name in ("mnist", "fashion_mnist"):
        published, files = datasets.SETS[name], []
        contents[name] = {}
        for file in published.files:
            shape = (6 if "train" in file.name else 2, *file.shape[1:])
            plain = idx(rng.integers(0, 10, shape, dtype=np.uint8))
            packed = gzip.compress(plain)
            contents[name][file.name] = packed
            unpacked = hashlib.sha256(plain).hexdigest() if file.unpacked else ""
            files.append(datasets.File(file.name, len(packed), hashlib.sha256(packed).hexdigest(), unpacked, shape))
        monkeypatch.setitem(datasets.SETS, name, dataclasses.replace(published, files=tuple(files)))
    batches = {b: batch(list(range(10)), i)[0] for i, b in enumerate((*datasets.CIFAR_TRAIN, datasets.CIFAR_TEST))}
    monkeypatch.setattr(datasets, "CIFAR_BATCH", 10)
    contents["batches"] = batches
    return contents


def put(folder: Path, files: dict[str, bytes]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder


def refused(*arguments: object) -> str:
    with pytest.raises(DataError) as error:
        load_data(*arguments)  # type: ignore[arg-type]
    return str(error.value)


# The real files


def test_real_mnist_is_as_keras_gives_it(real_data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (x, y), (x_test, y_test) = load_data("mnist", real_data)
    assert (x.shape, x_test.shape) == ((60_000, 28, 28, 1), (10_000, 28, 28, 1))
    assert (y.shape, y_test.shape) == ((60_000,), (10_000,))
    assert {a.dtype for a in (x, y, x_test, y_test)} == {np.dtype(np.uint8)}
    # Known from every tutorial: the first labels, and the mean of the training pixels.
    assert y[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4] and y_test[:5].tolist() == [7, 2, 1, 0, 4]
    assert x.mean() / 255 == pytest.approx(0.1307, abs=5e-5)
    assert capsys.readouterr().out == ""
    assert str(describe("mnist", real_data)).startswith("MNIST: 60,000 training and 10,000 test images, from ")


def test_the_sample_loads_and_says_that_it_is_one(real_data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (x, y), (x_test, y_test) = load_data("cifar10", real_data / "cifar10-sample")
    assert (x.shape, x_test.shape) == ((10_000, 32, 32, 3), (2_000, 32, 32, 3))
    assert set(np.bincount(y)) == {1000} and set(np.bincount(y_test)) == {200}
    # Skies and seas: ships and planes are bluer than they are red, frogs and deer are not.
    blue = (x[..., 2].astype(float) - x[..., 0]).mean(axis=(1, 2))
    assert min(blue[y == 0].mean(), blue[y == 8].mean()) > 0 > max(blue[y == 4].mean(), blue[y == 6].mean())
    assert "A SAMPLE ONLY: 10,000 training and 2,000 test images" in capsys.readouterr().out
    assert describe("cifar10", real_data).sample and not describe("mnist", real_data).sample


def test_a_real_file_that_was_cut_is_told(real_data: Path, tmp_path: Path) -> None:
    shutil.copytree(real_data / "mnist", tmp_path / "mnist", copy_function=shutil.copyfile)
    labels = tmp_path / "mnist" / "train-labels-idx1-ubyte.gz"
    labels.write_bytes(labels.read_bytes()[:20_000])
    told = refused("mnist", tmp_path)
    assert f"{labels} has 20,000 bytes and is truncated" in told and "28,881 bytes" in told
    assert "https://ossci-datasets.s3.amazonaws.com/mnist/train-labels-idx1-ubyte.gz" in told and "digits" in told


def test_real_mnist_is_not_taken_for_fashion(real_data: Path, tmp_path: Path) -> None:
    assert "is MNIST's train-images-idx3-ubyte.gz, not Fashion-MNIST's" in refused("fashion_mnist", real_data / "mnist")
    for path in (real_data / "mnist").iterdir():
        (tmp_path / path.stem).write_bytes(gzip.decompress(path.read_bytes()))
    assert load_data("mnist", tmp_path)[0][1][0] == 5
    assert "is MNIST's" in refused("fashion_mnist", tmp_path)


def test_the_committed_checksums_are_those_of_the_loader(real_data: Path) -> None:
    listed = dict(reversed(line.split()) for line in (ROOT / "data" / "SHA256SUMS").read_text().splitlines())
    assert listed == {f"{name}/{f.name}": f.sha256 for name, s in datasets.SETS.items() for f in s.files}
    for path in (real_data / "mnist").iterdir():
        assert download.digest(path) == listed[f"mnist/{path.name}"]


# Where files are looked for


def test_the_order_is_argument_variable_cache(
    small: dict[str, dict[str, bytes]], cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(cache / "mnist", small["mnist"])
    assert describe("mnist").place == cache / "mnist"
    monkeypatch.setenv(datasets.VARIABLE, str(put(tmp_path / "variable", small["mnist"])))
    assert describe("mnist").place == tmp_path / "variable"
    put(tmp_path / "argument" / "mnist", small["mnist"])
    assert describe("mnist", tmp_path / "argument").place == tmp_path / "argument" / "mnist"
    assert describe("mnist", str(tmp_path / "argument")).place == tmp_path / "argument" / "mnist"
    (x, y), (x_test, _) = load_data("mnist", tmp_path / "argument")
    assert (x.shape, y.shape, x_test.shape) == ((6, 28, 28, 1), (6,), (2, 28, 28, 1))


def test_a_variable_without_this_set_leaves_the_cache(
    small: dict[str, dict[str, bytes]], cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(cache / "mnist", small["mnist"])
    monkeypatch.setenv(datasets.VARIABLE, str(put(tmp_path / "variable", {"notes.txt": b""})))
    assert len(load_data("mnist")[0][0]) == 6


def test_an_argument_means_that_folder_and_no_other(
    small: dict[str, dict[str, bytes]], cache: Path, tmp_path: Path
) -> None:
    put(cache / "mnist", small["mnist"])
    (tmp_path / "empty").mkdir()
    told = refused("mnist", tmp_path / "empty")
    assert "contains no MNIST" in told and str(tmp_path / "empty" / "mnist") in told
    with pytest.raises(DataError, match="contains no MNIST"):
        describe("mnist", tmp_path / "empty")
    assert "There is no folder" in refused("mnist", tmp_path / "nowhere")


def test_a_wrong_variable_is_named(
    tmp_path: Path, small: dict[str, dict[str, bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(datasets.VARIABLE, str(tmp_path / "nowhere"))
    assert "CNN_DATA_DIR=" in refused("mnist") and "no such folder" in refused("mnist")
    files = small["mnist"] | {"t10k-labels-idx1-ubyte.gz": b"<html>"}
    monkeypatch.setenv(datasets.VARIABLE, str(put(tmp_path / "wrong", files)))
    told = refused("mnist")
    assert "t10k-labels-idx1-ubyte.gz has 6 bytes" in told and "unset it" in told
    with pytest.raises(DataError, match="unset it"):
        describe("mnist")


def test_what_is_nowhere_is_downloaded_into_the_cache(
    small: dict[str, dict[str, bytes]], cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def fetch(urls: list[str], target: Path, *, size: int, sha256: str) -> None:
        asked.append(target.name)
        data = small["mnist"][target.name]
        assert all(url.endswith(target.name) for url in urls) and len(urls) == 3
        assert (len(data), hashlib.sha256(data).hexdigest()) == (size, sha256)
        put(target.parent, {target.name: data})

    monkeypatch.setattr(download, "fetch", fetch)
    assert describe("mnist").place is None and not asked, "describing downloads nothing"
    assert len(load_data("mnist")[0][0]) == 6
    assert asked == list(small["mnist"])
    load_data("mnist")
    assert len(asked) == 4, "the second time they are there"
    (cache / "mnist" / "train-labels-idx1-ubyte.gz").write_bytes(b"damaged")
    load_data("mnist")
    assert len(asked) == 8, "a damaged file in the cache is ours to mend"


def test_no_network_says_how_to_do_it_by_hand(small: dict[str, dict[str, bytes]], cache: Path) -> None:
    told = refused("mnist")
    assert "could not be downloaded" in told and "no connection" in told
    assert str(cache / "mnist") in told and "CNN_DATA_DIR" in told and 'load_data("digits")' in told
    assert 'load_data("shapes")' in refused("cifar10")
    put(cache / "mnist", small["mnist"] | {"train-labels-idx1-ubyte.gz": b"damaged"})
    assert "train-labels-idx1-ubyte.gz has 7 bytes and is truncated" in refused("mnist")


def test_names_are_checked() -> None:
    assert 'Did you mean "fashion_mnist"?' in refused("Fashion-MNIST")
    assert "There are: mnist, fashion_mnist, cifar10, digits, shapes" in refused("imagenet")
    with pytest.raises(DataError):
        describe("cifar")


def test_an_unpacked_download_is_read_and_checked(small: dict[str, dict[str, bytes]], tmp_path: Path) -> None:
    plain = {name.removesuffix(".gz"): gzip.decompress(data) for name, data in small["mnist"].items()}
    assert len(load_data("mnist", put(tmp_path / "a", plain))[0][0]) == 6
    wrong = plain | {"t10k-labels-idx1-ubyte": plain["t10k-labels-idx1-ubyte"][:-1] + b"?"}
    assert "wrong content" in refused("mnist", put(tmp_path / "b", wrong))
    # For Fashion-MNIST no checksum was published of the unpacked files: structure is checked, and that it is not MNIST.
    fashion = {name.removesuffix(".gz"): gzip.decompress(data) for name, data in small["fashion_mnist"].items()}
    assert len(load_data("fashion_mnist", put(tmp_path / "c", fashion))[0][0]) == 6
    cut = fashion | {"t10k-labels-idx1-ubyte": fashion["t10k-labels-idx1-ubyte"][:-1]}
    assert "truncated" in refused("fashion_mnist", put(tmp_path / "d", cut))
    assert "is MNIST's" in refused("fashion_mnist", put(tmp_path / "e", plain))


@pytest.mark.parametrize("lost", ["train-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"])
def test_a_missing_file_of_four_is_named(small: dict[str, dict[str, bytes]], tmp_path: Path, lost: str) -> None:
    put(tmp_path / "x", {name: data for name, data in small["mnist"].items() if name != lost})
    assert f"{tmp_path / 'x' / lost} is missing" in refused("mnist", tmp_path / "x")


def test_swapped_files_are_recognized(small: dict[str, dict[str, bytes]], tmp_path: Path) -> None:
    files = dict(small["mnist"])
    files["train-labels-idx1-ubyte.gz"] = files["t10k-labels-idx1-ubyte.gz"]
    told = refused("mnist", put(tmp_path / "x", files))
    assert "is MNIST's t10k-labels-idx1-ubyte.gz, not MNIST's train-labels-idx1-ubyte.gz" in told


def test_a_set_of_the_same_names_is_recognized(small: dict[str, dict[str, bytes]], tmp_path: Path) -> None:
    told = refused("mnist", put(tmp_path / "x", small["fashion_mnist"]))
    assert (
        "is Fashion-MNIST's train-images-idx3-ubyte.gz, not MNIST's" in told and str(tmp_path / "x" / "mnist") in told
    )


# CIFAR-10's three forms


def test_the_full_set_is_read_from_batches_and_from_the_archive(
    small: dict[str, dict[str, bytes]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    place = put(tmp_path / "a" / "cifar-10-batches-bin", small["batches"])
    (x, y), (x_test, y_test) = load_data("cifar10", tmp_path / "a")
    assert (x.shape, y.shape, x_test.shape, y_test.shape) == ((50, 32, 32, 3), (50,), (10, 32, 32, 3), (10,))
    assert describe("cifar10", tmp_path / "a") == datasets.Description(
        "cifar10", "CIFAR-10", 50, 10, False, place, f"from {place}"
    )
    name = datasets.SETS["cifar10"].files[0].name
    (tmp_path / "b").mkdir()
    path = archive(tmp_path / "b" / name, {f"cifar-10-batches-bin/{b}": data for b, data in small["batches"].items()})
    told = refused("cifar10", tmp_path / "b")
    assert f"{path} has " in told and "170,052,171 bytes" in told
    file = datasets.File(name, path.stat().st_size, download.digest(path))
    monkeypatch.setitem(datasets.SETS, "cifar10", dataclasses.replace(datasets.SETS["cifar10"], files=(file,)))
    (again, _), (again_test, _) = load_data("cifar10", tmp_path / "b")
    np.testing.assert_array_equal(again, x)
    np.testing.assert_array_equal(again_test, x_test)
    assert capsys.readouterr().out == "", "the full set is no sample"


def test_a_sample_is_two_files_and_is_taken_only_where_it_was_put(
    small: dict[str, dict[str, bytes]], tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sample = {name: small["batches"][name] for name in ("data_batch_1.bin", "test_batch.bin")}
    place = put(tmp_path / "sample", sample)
    assert describe("cifar10", place).sample
    monkeypatch.setenv(datasets.VARIABLE, str(place))
    assert len(load_data("cifar10")[0][0]) == 10 and describe("cifar10").sample
    monkeypatch.delenv(datasets.VARIABLE)
    put(cache / "cifar10", sample)
    assert "could not be downloaded" in refused("cifar10"), "a sample in the cache must not stand for the set"


@pytest.mark.parametrize("lost", ["data_batch_3.bin", "test_batch.bin", "data_batch_1.bin"])
def test_a_missing_batch_makes_no_sample(small: dict[str, dict[str, bytes]], tmp_path: Path, lost: str) -> None:
    put(tmp_path / "x", {name: data for name, data in small["batches"].items() if name != lost})
    assert f"{lost} is missing" in refused("cifar10", tmp_path / "x")


def test_wrong_batches_are_refused(small: dict[str, dict[str, bytes]], tmp_path: Path) -> None:
    cut = small["batches"] | {"data_batch_2.bin": small["batches"]["data_batch_2.bin"][:-3073]}
    told = refused("cifar10", put(tmp_path / "cut", cut))
    assert "data_batch_2.bin has 27,657 bytes: 9 whole records" in told and "Download the file again" in told
    other = small["batches"] | {"data_batch_2.bin": batch([0] * 10)[0]}
    assert "are not CIFAR-10's" in refused("cifar10", put(tmp_path / "other", other))


# Those that need no network


def test_digits_are_real_digits_and_the_same_every_time() -> None:
    (x, y), (x_test, y_test) = load_data("digits")
    assert (x.shape, y.shape, x_test.shape, y_test.shape) == ((1437, 28, 28, 1), (1437,), (360, 28, 28, 1), (360,))
    assert {a.dtype for a in (x, y, x_test, y_test)} == {np.dtype(np.uint8)}
    np.testing.assert_allclose(np.bincount(y_test), np.bincount(np.concatenate([y, y_test])) / 5, atol=1)
    assert x.max() == 255 and x.min() == 0
    # The large picture is the small one: averaged over areas it is the digit that scikit-learn ships.
    from sklearn.datasets import load_digits

    shipped = load_digits()
    small, size = shipped.images / 16, 28 / 8
    areas = np.clip(np.minimum.outer(np.arange(8) * size + size, np.arange(28) + 1.0), 0, None)
    areas = np.clip(areas - np.maximum.outer(np.arange(8) * size, np.arange(28) * 1.0), 0, None) / size
    first = x[:20, ..., 0] / 255
    assert y[:10].tolist() != y_test[:10].tolist()
    nearest = [np.abs(areas @ picture @ areas.T - small).mean(axis=(1, 2)) for picture in first]
    assert max(distances.min() for distances in nearest) < 0.07
    assert [shipped.target[distances.argmin()] for distances in nearest] == y[:20].tolist()
    # A glance at the nearest training picture tells nearly every test picture.
    flat, flat_test = (a.reshape(len(a), -1).astype(np.float32) for a in (x, x_test))
    squares = (flat**2).sum(axis=1) - 2 * flat_test @ flat.T
    assert (y[squares.argmin(axis=1)] == y_test).mean() > 0.97
    for first, second in zip(load_data("digits"), ((x, y), (x_test, y_test)), strict=True):
        for a, b in zip(first, second, strict=True):
            np.testing.assert_array_equal(a, b)


def test_no_digit_is_in_both_parts() -> None:
    (x, _), (x_test, _) = load_data("digits")
    assert not {picture.tobytes() for picture in x} & {picture.tobytes() for picture in x_test}


def test_without_scikit_learn_the_way_out_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    told = refused("digits")
    assert "pip install scikit-learn" in told and "shapes" in told


@pytest.fixture
def few_shapes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets, "_SHAPES_TRAIN", 60)
    monkeypatch.setattr(datasets, "_SHAPES_TEST", 20)


def test_shapes_are_kept_and_drawn_again_if_damaged(
    few_shapes: None, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (x, y), (x_test, _) = load_data("shapes")
    assert (x.shape, x_test.shape) == ((60, 32, 32, 3), (20, 32, 32, 3)) and set(np.bincount(y)) == {6}
    [path] = (cache / "shapes").iterdir()
    whole = path.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(shapes, "draw", None)
        np.testing.assert_array_equal(load_data("shapes")[0][0], x)
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 1
    np.savez(cache / "other.npz", x_train=x.astype(float), y_train=y, x_test=x_test, y_test=y)
    np.savez(cache / "pickled.npz", x_train=np.array([{}], object), y_train=y, x_test=x_test, y_test=y)
    for damaged in (
        whole[: len(whole) // 2],
        b"",
        b"no archive",
        bytes(flipped),
        (cache / "other.npz").read_bytes(),
        (cache / "pickled.npz").read_bytes(),
    ):
        path.write_bytes(damaged)
        np.testing.assert_array_equal(load_data("shapes")[0][0], x)
        assert path.read_bytes() == whole, "the cache is mended"


@pytest.mark.parametrize("obstacle", ["a file in its place", "read-only"])
def test_nothing_need_be_written(
    few_shapes: None, cache: Path, small: dict[str, dict[str, bytes]], obstacle: str
) -> None:
    if obstacle == "a file in its place":
        cache.write_bytes(b"")
        assert len(load_data("shapes")[0][0]) == 60
        return
    put(cache / "mnist", small["mnist"])
    for path in (cache, cache / "mnist", *cache.glob("*/*")):
        path.chmod(path.stat().st_mode & ~(stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH))
    try:
        before = sorted(cache.rglob("*"))
        assert len(load_data("mnist")[0][0]) == 6 and len(load_data("shapes")[0][0]) == 60
        if os.geteuid():  # root writes where it may not
            assert sorted(cache.rglob("*")) == before
    finally:
        for path in (cache, cache / "mnist"):
            path.chmod(0o755)


def test_a_cache_that_may_not_be_looked_at_is_no_cache(
    few_shapes: None, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_: object, **__: object) -> Callable[..., None]:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "is_file", forbidden)
        patch.setattr(Path, "mkdir", forbidden)
        assert len(load_data("shapes")[0][0]) == 60
        assert "could not be downloaded" in refused("mnist")


def test_importing_it_is_cheap_and_loads_neither_tensorflow_nor_scikit_learn() -> None:
    code = (
        "import sys, autograder.datasets; "
        "print([m for m in ('tensorflow', 'keras', 'sklearn', 'scipy', 'requests', 'rich') if m in sys.modules])"
    )
    ended = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "[]"


def test_no_pickle_is_ever_read() -> None:
    modules = list((ROOT / "autograder" / "datasets").glob("*.py"))
    assert len(modules) > 4
    for module in modules:
        source = module.read_text(encoding="utf-8")
        assert not re.search(
            r"^\s*(import|from) (pickle|_pickle|joblib|marshal|shelve)|allow_pickle=True", source, re.M
        )


def test_the_cache_is_the_checkouts_or_lies_in_the_working_directory(tmp_path: Path) -> None:
    code = "from autograder.datasets.load import cache_folder; print(cache_folder())"
    ended = subprocess.run([sys.executable, "-I", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == str(ROOT / "data")
    shutil.copytree(ROOT / "autograder", tmp_path / "installed" / "autograder")
    code = f"import sys; sys.path.insert(0, {str(tmp_path / 'installed')!r}); {code}"
    ended = subprocess.run([sys.executable, "-I", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == str(tmp_path / "data")


@pytest.mark.parametrize("name", ["china", "flower"])
def test_a_photograph_has_three_channels_and_many_tones(name: str) -> None:
    image = photograph(name)
    assert (image.shape, image.dtype) == ((427, 640, 3), np.uint8)
    assert len(np.unique(image)) > 200 and image.std(axis=(0, 1)).min() > 20


def test_an_unknown_photograph_is_told_with_the_names_there_are() -> None:
    with pytest.raises(DataError, match="china"):
        photograph("cat")


def test_the_small_network_is_light() -> None:
    weights = load_weights("small_cnn")
    shapes_of_layers = [(7, 7, 3, 24), (24,), (3, 3, 24, 48), (48,), (3, 3, 48, 64), (64,), (64, 20), (20,)]
    assert [w.shape for w in weights] == shapes_of_layers and {w.dtype for w in weights} == {np.dtype("float32")}
    assert (ROOT / "autograder/datasets/weights/small_cnn.npz").stat().st_size < 300_000


@pytest.mark.parametrize("name", ["large_cnn", "", "../small_cnn"])
def test_unknown_weights_are_told_with_the_names_there_are(name: str) -> None:
    with pytest.raises(DataError, match="small_cnn"):
        load_weights(name)


@pytest.mark.tensorflow
def test_the_small_network_knows_shapes_that_it_has_never_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its program and its weights belong together."""
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    from small_cnn import small_cnn

    model = small_cnn()
    model.set_weights(load_weights("small_cnn"))
    images, labels = shapes.draw(200, seed=77)
    assert np.mean(np.argmax(model(images.astype("float32") / 255), axis=1) == labels + 10) > 0.6


def test_the_sets_that_need_no_files_say_what_they_are(few_shapes: None) -> None:
    assert str(describe("digits")) == "Digits: 1,437 training and 360 test images, from scikit-learn"
    assert str(describe("shapes")).startswith("Shapes: ") and str(describe("shapes")).endswith(", drawn from a seed")
    for name in ("digits", "shapes"):
        told = describe(name)
        (x, _), (x_test, _) = load_data(name)
        assert (told.name, told.train, told.test, told.sample, told.place) == (name, len(x), len(x_test), False, None)
