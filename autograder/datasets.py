"""The course's data sets, as NumPy arrays in the layout of `keras.datasets`: `load_data("mnist")`.

Files are looked for in the folder given, in the folder that the environment variable CNN_DATA_DIR names, and in the cache,
`data/`; what is in none of them is downloaded there. `digits` and `shapes` need no files and no network.
"""

from __future__ import annotations

import contextlib
import difflib
import os
import threading
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np

from . import download, records, shapes
from .errors import DataError

__all__ = ["NAMES", "DataError", "Description", "describe", "load_data"]

Split: TypeAlias = tuple[np.ndarray, np.ndarray]
Data: TypeAlias = tuple[Split, Split]

NAMES = ("mnist", "fashion_mnist", "cifar10", "digits", "shapes")
VARIABLE = "CNN_DATA_DIR"


@dataclass(frozen=True)
class Description:
    """What `load_data` loads, or would load.

    Attributes:
        name: as `load_data` takes it.
        title: as people call it.
        train: number of training images.
        test: number of test images.
        sample: it is only a part of the published set: figures reached on it are no figures for the set.
        place: the folder or archive it is read from; None if it is made here or must be downloaded first.
        remark: where it comes from, for people.
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
            from scikit-learn, brought to 28 x 28) and "shapes" (drawn colour pictures of ten classes).
        folder: where its files lie; else CNN_DATA_DIR, the cache and the network are tried in this order. The two that
            need no files ignore it.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: images (n, height, width, channels) and labels (n,), all uint8. A line is
        printed if the folder holds only a sample of the set.

    Raises:
        DataError: if it cannot be had, or a file is damaged or another one.
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
        raise DataError(f"{where} holds no {_SETS[name].title}.\n{_by_hand(name, Path(folder) / name)}")
    return _from_cache(name)


def describe(name: str, folder: str | Path | None = None) -> Description:
    """Tells what `load_data` with the same arguments gives, without downloading. `print` it for a sentence.

    Raises:
        DataError: as `load_data`, but not for a set that must be downloaded first.
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
        raise DataError(f"{where} holds no {_SETS[name].title}.\n{_by_hand(name, Path(folder) / name)}")
    expected = _SETS[name]
    size = sum(file.size for file in expected.files) / 1e6
    return Description(name, expected.title, expected.train, expected.test, False, None, f"a download of {size:.0f} MB")


def cache_folder() -> Path:
    """Where downloads are kept: `data/` of the checkout that this package lies in, else of the working directory."""
    checkout = Path(__file__).parent.parent
    return (checkout if (checkout / "pyproject.toml").is_file() else Path.cwd()) / "data"


# The published sets


@dataclass(frozen=True)
class _File:
    """A published file; `unpacked` is the checksum of its content, where that is known."""

    name: str
    size: int
    sha256: str
    unpacked: str = ""
    shape: tuple[int, ...] = ()


@dataclass(frozen=True)
class _Set:
    title: str
    files: tuple[_File, ...]
    mirrors: tuple[str, ...]
    folders: tuple[str, ...]
    train: int
    test: int


_CIFAR_TRAIN = tuple(f"data_batch_{i}.bin" for i in range(1, 6))
_CIFAR_TEST = "test_batch.bin"
_CIFAR_BATCH = 10_000

# The sizes and checksums are those of TensorFlow Datasets; MNIST's were compared with the files themselves.
_SETS = {
    "mnist": _Set(
        "MNIST",
        (
            _File(
                "train-images-idx3-ubyte.gz",
                9_912_422,
                "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
                "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
                (60_000, 28, 28),
            ),
            _File(
                "train-labels-idx1-ubyte.gz",
                28_881,
                "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
                "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
                (60_000,),
            ),
            _File(
                "t10k-images-idx3-ubyte.gz",
                1_648_877,
                "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
                "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
                (10_000, 28, 28),
            ),
            _File(
                "t10k-labels-idx1-ubyte.gz",
                4_542,
                "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
                "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
                (10_000,),
            ),
        ),
        (
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
            "https://storage.googleapis.com/cvdf-datasets/mnist/",
            "http://yann.lecun.com/exdb/mnist/",
        ),
        ("mnist", "."),
        60_000,
        10_000,
    ),
    "fashion_mnist": _Set(
        "Fashion-MNIST",
        (
            _File(
                "train-images-idx3-ubyte.gz",
                26_421_880,
                "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
                shape=(60_000, 28, 28),
            ),
            _File(
                "train-labels-idx1-ubyte.gz",
                29_515,
                "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
                shape=(60_000,),
            ),
            _File(
                "t10k-images-idx3-ubyte.gz",
                4_422_102,
                "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
                shape=(10_000, 28, 28),
            ),
            _File(
                "t10k-labels-idx1-ubyte.gz",
                5_148,
                "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
                shape=(10_000,),
            ),
        ),
        (
            "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
            "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        ),
        ("fashion_mnist", "fashion-mnist", "."),
        60_000,
        10_000,
    ),
    "cifar10": _Set(
        "CIFAR-10",
        (
            _File(
                "cifar-10-binary.tar.gz",
                170_052_171,
                "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
            ),
        ),
        ("https://www.cs.toronto.edu/~kriz/",),
        ("cifar10", "cifar-10-batches-bin", "cifar10/cifar-10-batches-bin", ".", "cifar10-sample"),
        50_000,
        10_000,
    ),
}


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
    """The first place under `root` with any file of the set; whether they are complete and right, reading tells."""
    for place in (root / folder for folder in _SETS[name].folders):
        if name == "cifar10":
            batches = {batch for batch in (*_CIFAR_TRAIN, _CIFAR_TEST) if _is_file(place / batch)}
            sample = batches == {_CIFAR_TRAIN[0], _CIFAR_TEST} and not _is_file(place / _SETS[name].files[0].name)
            if sample and not samples:
                continue
            if batches or _is_file(place / _SETS[name].files[0].name):
                return _Found(name, place, sample)
        elif any(_is_file(place / form) for file in _SETS[name].files for form in _forms(file)):
            return _Found(name, place)
    return None


def _read_idx_set(name: str, place: Path) -> Data:
    arrays = []
    for file in _SETS[name].files:
        path = next((place / form for form in _forms(file) if _is_file(place / form)), None)
        if path is None:
            raise DataError(f"{place / file.name} is missing.\n{_by_hand(name, place)}")
        _check_sum(name, file, path)
        arrays.append(records.read_idx(path, file.shape))
    x_train, y_train, x_test, y_test = arrays
    return (x_train[..., None], y_train), (x_test[..., None], y_test)


def _read_cifar(place: Path, sample: bool) -> Data:
    archive = _SETS["cifar10"].files[0]
    if sample:
        return records.read_cifar(place / _CIFAR_TRAIN[0]), records.read_cifar(place / _CIFAR_TEST)
    if _is_file(place / archive.name):
        _check_sum("cifar10", archive, place / archive.name)
        batches = records.read_cifar_archive(place / archive.name, (*_CIFAR_TRAIN, _CIFAR_TEST), _CIFAR_BATCH)
    else:
        for batch in (*_CIFAR_TRAIN, _CIFAR_TEST):
            if not _is_file(place / batch):
                raise DataError(
                    f"{place / batch} is missing. The full set are {len(_CIFAR_TRAIN)} batches and {_CIFAR_TEST}; a sample is "
                    f"{_CIFAR_TRAIN[0]} and {_CIFAR_TEST} alone.\n{_by_hand('cifar10', place)}"
                )
        batches = {batch: records.read_cifar(place / batch, _CIFAR_BATCH) for batch in (*_CIFAR_TRAIN, _CIFAR_TEST)}
    images, labels = zip(*(batches[batch] for batch in _CIFAR_TRAIN), strict=True)
    data = (np.concatenate(images), np.concatenate(labels)), batches[_CIFAR_TEST]
    for _, y in data:
        if np.ptp(np.bincount(y, minlength=records.CIFAR_CLASSES)):
            raise DataError(
                f"The batches in {place} are not CIFAR-10's: its classes are equally many, these are not.\n"
                f"{_by_hand('cifar10', place)}"
            )
    return data


def _check_sum(name: str, file: _File, path: Path) -> None:
    """Compares a file with what was published. Files of other sets have the same names, so these are recognized."""
    try:
        found, size = download.digest(path), path.stat().st_size
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}.") from None
    packed = path.name == file.name
    expected = file.sha256 if packed else file.unpacked
    if found == expected:
        return
    for other, published in _SETS.items():
        for candidate in published.files:
            if found in (candidate.sha256, candidate.unpacked) and (other, candidate) != (name, file):
                raise DataError(
                    f"{path} is {published.title}'s {candidate.name}, not {_SETS[name].title}'s {file.name}.\n"
                    f"{_by_hand(name, path.parent / name)}"
                )
    if not expected:
        return  # no checksum was published of the unpacked file: its header and size are checked when it is read
    about = (
        f"has {size:,} bytes and {'is truncated or another file' if size < file.size else 'is another file'}"
        if packed and size != file.size
        else "has the right size, but wrong content"
        if packed
        else f"has {size:,} bytes and wrong content"
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
    folder, published = cache_folder() / name, _SETS[name]
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
        remark += f" (the full set has {_SETS[name].train:,} and {_SETS[name].test:,})"
    return Description(name, _SETS[name].title, len(x_train), len(x_test), found.sample, found.place, remark)


# What people are told


def _check_name(name: str) -> None:
    if name not in NAMES:
        near = difflib.get_close_matches(str(name).lower().replace("-", "_"), NAMES, 1)
        hint = f' Did you mean "{near[0]}"?' if near else ""
        raise DataError(f"There is no data set {name!r}.{hint} There are: {', '.join(NAMES)}.")


def _given(folder: str | Path | None) -> tuple[Path | None, str]:
    """The folder that was named by the caller or by the environment, and words for it."""
    variable = os.environ.get(VARIABLE, "") if folder is None else ""
    root = Path(folder) if folder is not None else Path(variable) if variable else None
    where = f"{VARIABLE}={variable}" if variable else f"The folder {root}"
    if root and not root.is_dir():
        raise DataError(f"{where}: there is no such folder." if variable else f"There is no folder {root}.")
    return root, where


@contextlib.contextmanager
def _pointing(name: str, where: str) -> Iterator[None]:
    """Names the variable that led to a wrong file."""
    try:
        yield
    except DataError as error:
        if not where.startswith(VARIABLE):
            raise
        raise DataError(f"{error}\n({where}; unset it to use the cache and the network.)") from None


def _by_hand(name: str, folder: Path) -> str:
    """How to put the files in place, and what needs none."""
    published = _SETS[name]
    offline = "shapes" if name == "cifar10" else "digits"
    files = "\n".join(f"  {published.mirrors[0]}{file.name}" for file in published.files)
    return (
        f"By hand: with a browser, perhaps on another machine, get\n{files}\nand put "
        f"{'it' if len(published.files) == 1 else 'them'} into {folder}, or into a folder of your own that {VARIABLE} "
        f'names.\nload_data("{offline}") needs neither files nor a network.'
    )


def _forms(file: _File) -> tuple[str, ...]:
    """The names a file may have: browsers unpack a .gz unasked."""
    return file.name, file.name.removesuffix(".gz")


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a place that may not be looked at is no place
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
    # Cubic splines over pixels as areas, not points, so that a digit keeps its place.
    zoomed = scipy.ndimage.zoom(digits.images, (1, 3.5, 3.5), order=3, mode="nearest", grid_mode=True)
    images = np.clip(np.rint(zoomed * (255 / 16)), 0, 255).astype(np.uint8)[..., None]
    labels = digits.target.astype(np.uint8)
    # Every fifth of each class in turn is a test image: the same on every machine, and stratified.
    test = np.zeros(len(labels), bool)
    test[np.argsort(labels, kind="stable")[::5]] = True
    return (images[~test], labels[~test]), (images[test], labels[test])


def _shapes() -> Data:
    """The drawn pictures, from the cache if they are there."""
    path = cache_folder() / "shapes" / f"shapes-v{shapes.VERSION}.npz"
    with contextlib.suppress(*_UNREADABLE), np.load(path, allow_pickle=False) as kept:
        data = ((kept["x_train"], kept["y_train"]), (kept["x_test"], kept["y_test"]))
        if all(_are_shapes(*split, count) for split, count in zip(data, (_SHAPES_TRAIN, _SHAPES_TEST), strict=True)):
            return data
    train, test = shapes.draw(_SHAPES_TRAIN, _SHAPES_SEEDS[0]), shapes.draw(_SHAPES_TEST, _SHAPES_SEEDS[1])
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.part")
    # Where nothing may be written they are drawn each time: it takes seconds.
    with contextlib.suppress(OSError):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with temporary.open("wb") as file:
                np.savez(file, x_train=train[0], y_train=train[1], x_test=test[0], y_test=test[1])
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    return train, test


def _are_shapes(x: np.ndarray, y: np.ndarray, count: int) -> bool:
    return (
        x.dtype == y.dtype == np.uint8
        and (x.shape, y.shape) == ((count, shapes.SIDE, shapes.SIDE, 3), (count,))
        and bool(np.all(np.bincount(y, minlength=len(shapes.CLASSES)) == count // len(shapes.CLASSES)))
    )
