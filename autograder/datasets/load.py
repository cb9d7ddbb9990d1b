"""The course's data sets, as NumPy arrays in the layout of `keras.datasets`: `load_data("mnist")`.

Files are searched for in the folder that is passed, in the folder that the environment variable CNN_DATA_DIR names, and in the
cache, `data/`. Files that are in none of them are downloaded into the cache. `digits` and `shapes` need no files and no network.
"""

from __future__ import annotations

import contextlib
import difflib
import os
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np

from ..errors import DataError
from ..files import atomically
from . import download, formats, shapes
from .catalogue import CIFAR_BATCH, CIFAR_TEST, CIFAR_TRAIN, CLASSES, NAMES, SETS, File

__all__ = ["CLASSES", "NAMES", "DataError", "Description", "describe", "load_data"]

VARIABLE = "CNN_DATA_DIR"

Split: TypeAlias = tuple[np.ndarray, np.ndarray]
Data: TypeAlias = tuple[Split, Split]


@dataclass(frozen=True)
class Description:
    """What `load_data` loads, or would load.

    Attributes:
        name: as `load_data` takes it.
        title: as people call it.
        train: number of training images.
        test: number of test images.
        sample: whether it is only a part of the published set; results on it are not results for the set.
        place: the folder or archive that it is read from; None if it is generated or must be downloaded first.
        remark: where it comes from, in words.
    """

    name: str
    title: str
    train: int
    test: int
    sample: bool
    place: Path | None
    remark: str

    def __str__(self) -> str:
        kind = f"{self.title}, A SAMPLE ONLY" if self.sample else self.title
        return f"{kind}: {self.train:,} training and {self.test:,} test images, {self.remark}"


def load_data(name: str, folder: str | Path | None = None) -> Data:
    """Loads a data set.

    Args:
        name: "mnist", "fashion_mnist", "cifar10"; or, without files and network, "digits" (1,797 real handwritten digits
            from scikit-learn, scaled to 28 x 28) and "shapes" (drawn colour pictures of ten classes).
        folder: where its files are. If not given, CNN_DATA_DIR, the cache and the network are tried in this order. The two
            sets that need no files ignore it.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: images (n, height, width, channels) and labels (n,), all uint8. If the
        folder contains only a sample of the set, a line is printed that says so.

    Raises:
        DataError: if it cannot be found or downloaded, or a file is damaged or the wrong one.
    """
    _check_name(name)
    if name == "digits":
        return _digits()
    if name == "shapes":
        return _shapes()
    given, where = _given(folder)
    if given and (found := _find(name, given, samples=True)):
        with _pointing(name, where):
            data = found.read()
        if found.sample:
            print(_described(name, found, data))
        return data
    if folder is not None:
        raise DataError(f"{where} contains no {SETS[name].title}.\n{_by_hand(name, Path(folder) / name)}")
    return _from_cache(name)


def describe(name: str, folder: str | Path | None = None) -> Description:
    """Describes what `load_data` loads with the same arguments, without downloading. `print` gives a sentence.

    Raises:
        DataError: as in `load_data`, but not for a set that must be downloaded first.
    """
    _check_name(name)
    if name == "digits":
        return Description(name, "Digits", 1437, 360, False, None, "from scikit-learn")
    if name == "shapes":
        return Description(name, "Shapes", _SHAPES_TRAIN, _SHAPES_TEST, False, None, "drawn from a seed")
    given, where = _given(folder)
    for root, samples in ((given, True), (None if folder else cache_folder(), False)):
        if root and (found := _find(name, root, samples=samples)):
            with _pointing(name, where) if root == given else contextlib.nullcontext():
                return _described(name, found, found.read())
    if folder is not None:
        raise DataError(f"{where} contains no {SETS[name].title}.\n{_by_hand(name, Path(folder) / name)}")
    expected = SETS[name]
    size = sum(file.size for file in expected.files) / 1e6
    return Description(name, expected.title, expected.train, expected.test, False, None, f"a download of {size:.0f} MB")


def cache_folder() -> Path:
    """Where downloads are kept: `data/` of the checkout that contains this package, else of the working directory."""
    checkout = Path(__file__).parents[2]
    return (checkout if (checkout / "pyproject.toml").is_file() else Path.cwd()) / "data"


# Finding and reading the files


@dataclass(frozen=True)
class _Found:
    """Files of a data set in a folder."""

    name: str
    place: Path
    sample: bool = False

    def read(self) -> Data:
        """Reads them. Raises DataError."""
        return _read_cifar(self.place, self.sample) if self.name == "cifar10" else _read_idx_set(self.name, self.place)


def _find(name: str, root: Path, *, samples: bool) -> _Found | None:
    """The first folder below `root` with any file of the set. Whether the files are complete and right is checked when they are read."""
    for place in (root / folder for folder in SETS[name].folders):
        if name == "cifar10":
            batches = {batch for batch in (*CIFAR_TRAIN, CIFAR_TEST) if _is_file(place / batch)}
            sample = batches == {CIFAR_TRAIN[0], CIFAR_TEST} and not _is_file(place / SETS[name].files[0].name)
            if sample and not samples:
                continue
            if batches or _is_file(place / SETS[name].files[0].name):
                return _Found(name, place, sample)
        elif any(_is_file(place / form) for file in SETS[name].files for form in _forms(file)):
            return _Found(name, place)
    return None


def _read_idx_set(name: str, place: Path) -> Data:
    arrays = []
    for file in SETS[name].files:
        path = next((place / form for form in _forms(file) if _is_file(place / form)), None)
        if path is None:
            raise DataError(f"{place / file.name} is missing.\n{_by_hand(name, place)}")
        _check_sum(name, file, path)
        arrays.append(formats.read_idx(path, file.shape))
    x_train, y_train, x_test, y_test = arrays
    return (x_train[..., None], y_train), (x_test[..., None], y_test)


def _read_cifar(place: Path, sample: bool) -> Data:
    archive = SETS["cifar10"].files[0]
    if sample:
        return formats.read_cifar(place / CIFAR_TRAIN[0]), formats.read_cifar(place / CIFAR_TEST)
    if _is_file(place / archive.name):
        _check_sum("cifar10", archive, place / archive.name)
        batches = formats.read_cifar_archive(place / archive.name, (*CIFAR_TRAIN, CIFAR_TEST), CIFAR_BATCH)
    else:
        for batch in (*CIFAR_TRAIN, CIFAR_TEST):
            if not _is_file(place / batch):
                raise DataError(
                    f"{place / batch} is missing. The full set has {len(CIFAR_TRAIN)} batches and {CIFAR_TEST}; a sample has "
                    f"only {CIFAR_TRAIN[0]} and {CIFAR_TEST}.\n{_by_hand('cifar10', place)}"
                )
        batches = {batch: formats.read_cifar(place / batch, CIFAR_BATCH) for batch in (*CIFAR_TRAIN, CIFAR_TEST)}
    images, labels = zip(*(batches[batch] for batch in CIFAR_TRAIN), strict=True)
    data = (np.concatenate(images), np.concatenate(labels)), batches[CIFAR_TEST]
    for _, y in data:
        if np.ptp(np.bincount(y, minlength=formats.CIFAR_CLASSES)):
            raise DataError(
                f"The batches in {place} are not CIFAR-10's: its classes have equal sizes, these do not.\n"
                f"{_by_hand('cifar10', place)}"
            )
    return data


def _check_sum(name: str, file: File, path: Path) -> None:
    """Checks a file against the published checksum. Other sets' files, which may have the same name, are recognized."""
    try:
        found, size = download.digest(path), path.stat().st_size
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}.") from None
    packed = path.name == file.name
    expected = file.sha256 if packed else file.unpacked
    if found == expected:
        return
    for other, published in SETS.items():
        for candidate in published.files:
            if found in (candidate.sha256, candidate.unpacked) and (other, candidate) != (name, file):
                raise DataError(
                    f"{path} is {published.title}'s {candidate.name}, not {SETS[name].title}'s {file.name}.\n"
                    f"{_by_hand(name, path.parent / name)}"
                )
    if not expected:
        return  # no checksum of the unpacked file was published; its header and size are checked when it is read
    about = (
        f"has {size:,} bytes and {'is truncated or a different file' if size < file.size else 'is a different file'}"
        if packed and size != file.size
        else "has the right size but the wrong content"
        if packed
        else f"has {size:,} bytes and the wrong content"
    )
    wanted = f"{file.size:,} bytes with the SHA-256 {expected}" if packed else f"the SHA-256 {expected}"
    raise DataError(f"{path} {about}.\nExpected: {wanted}.\n{_by_hand(name, path.parent)}")


def _from_cache(name: str) -> Data:
    """Reads the cache; downloads what is missing or damaged there."""
    damaged = ""
    if found := _find(name, cache_folder(), samples=False):
        try:
            return found.read()
        except DataError as error:
            damaged = f"{str(error).splitlines()[0]}\n"
    folder, published = cache_folder() / name, SETS[name]
    for file in published.files:
        try:
            urls = [mirror + file.name for mirror in published.mirrors]
            download.fetch(urls, folder / file.name, size=file.size, sha256=file.sha256)
        except download.DownloadError as error:
            raise DataError(
                f"{damaged}{published.title} is not on this machine, and {file.name} could not be downloaded:\n{error}\n"
                f"{_by_hand(name, folder)}"
            ) from None
    return _Found(name, folder).read()


def _described(name: str, found: _Found, data: Data) -> Description:
    (x_train, _), (x_test, _) = data
    remark = f"from {found.place}"
    if found.sample:
        remark += f" (the full set has {SETS[name].train:,} and {SETS[name].test:,})"
    return Description(name, SETS[name].title, len(x_train), len(x_test), found.sample, found.place, remark)


# What people are told


def _check_name(name: str) -> None:
    if name not in NAMES:
        near = difflib.get_close_matches(str(name).lower().replace("-", "_"), NAMES, 1)
        hint = f' Did you mean "{near[0]}"?' if near else ""
        raise DataError(f"There is no data set {name!r}.{hint} There are: {', '.join(NAMES)}.")


def _given(folder: str | Path | None) -> tuple[Path | None, str]:
    """The folder that the caller or the environment names, and words for it."""
    variable = os.environ.get(VARIABLE, "") if folder is None else ""
    root = Path(folder) if folder is not None else Path(variable) if variable else None
    where = f"{VARIABLE}={variable}" if variable else f"The folder {root}"
    if root and not root.is_dir():
        raise DataError(f"{where}: there is no such folder." if variable else f"There is no folder {root}.")
    return root, where


@contextlib.contextmanager
def _pointing(name: str, where: str) -> Iterator[None]:
    """Names the environment variable in the message if it led to the wrong file."""
    try:
        yield
    except DataError as error:
        if not where.startswith(VARIABLE):
            raise
        raise DataError(f"{error}\n({where}; unset it to use the cache and the network.)") from None


def _by_hand(name: str, folder: Path) -> str:
    """How to install the files by hand, and which set needs none."""
    published = SETS[name]
    offline = "shapes" if name == "cifar10" else "digits"
    files = "\n".join(f"  {published.mirrors[0]}{file.name}" for file in published.files)
    return (
        f"By hand: download in a browser, on any machine,\n{files}\nand put "
        f"{'it' if len(published.files) == 1 else 'them'} into {folder}, or into any folder and set {VARIABLE} "
        f'to it.\nload_data("{offline}") needs neither files nor a network.'
    )


def _forms(file: File) -> tuple[str, ...]:
    """The names that a file may have: some browsers unpack .gz files."""
    return file.name, file.name.removesuffix(".gz")


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a folder without permission counts as missing
        return False


# Those that need no network

_SHAPES_TRAIN, _SHAPES_TEST = 10_000, 2_000
_SHAPES_SEEDS = (1998, 2012)
_UNREADABLE = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error)


def _digits() -> Data:
    """The handwritten digits of scikit-learn, 8 x 8 in 17 greys, as 28 x 28 in 256."""
    try:
        import scipy.ndimage  # interpolation
        from sklearn.datasets import load_digits  # the digits themselves
    except ImportError:
        raise DataError(
            'The digits come with scikit-learn, which is not installed: pip install scikit-learn. load_data("shapes") works '
            "without."
        ) from None
    digits = load_digits()
    # Cubic splines that treat pixels as areas, not points, so that a digit keeps its position.
    zoomed = scipy.ndimage.zoom(digits.images, (1, 3.5, 3.5), order=3, mode="nearest", grid_mode=True)
    images = np.clip(np.rint(zoomed * (255 / 16)), 0, 255).astype(np.uint8)[..., None]
    labels = digits.target.astype(np.uint8)
    # Every fifth image of each class is a test image: the same on every machine, and stratified.
    test = np.zeros(len(labels), bool)
    test[np.argsort(labels, kind="stable")[::5]] = True
    return (images[~test], labels[~test]), (images[test], labels[test])


def _shapes() -> Data:
    """The drawn pictures, from the cache if possible."""
    path = cache_folder() / "shapes" / f"shapes-v{shapes.VERSION}.npz"
    with contextlib.suppress(*_UNREADABLE), np.load(path, allow_pickle=False) as kept:
        data = ((kept["x_train"], kept["y_train"]), (kept["x_test"], kept["y_test"]))
        if all(_are_shapes(*split, count) for split, count in zip(data, (_SHAPES_TRAIN, _SHAPES_TEST), strict=True)):
            return data
    train, test = shapes.draw(_SHAPES_TRAIN, _SHAPES_SEEDS[0]), shapes.draw(_SHAPES_TEST, _SHAPES_SEEDS[1])
    # Without a writable cache they are drawn every time, which takes seconds.
    with contextlib.suppress(OSError), atomically(path) as temporary, temporary.open("wb") as file:
        np.savez(file, x_train=train[0], y_train=train[1], x_test=test[0], y_test=test[1])
    return train, test


def _are_shapes(x: np.ndarray, y: np.ndarray, count: int) -> bool:
    return (
        x.dtype == y.dtype == np.uint8
        and (x.shape, y.shape) == ((count, shapes.SIDE, shapes.SIDE, 3), (count,))
        and bool(np.all(np.bincount(y, minlength=len(shapes.CLASSES)) == count // len(shapes.CLASSES)))
    )
