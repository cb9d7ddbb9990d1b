"""Readers of the two formats in which the data sets are published: IDX (MNIST) and CIFAR-10's binary records.

Files are not trusted: every header and every size is compared with what the data set must have, and not
a byte more is unpacked. Nothing is unpickled.
"""

from __future__ import annotations

import gzip
import tarfile
import zlib
from pathlib import Path

import numpy as np

from ..errors import DataError

CIFAR_SHAPE = (3, 32, 32)
CIFAR_RECORD = 1 + 3 * 32 * 32
"""A record of CIFAR-10: one byte label, then 1,024 bytes each of red, green and blue."""
CIFAR_CLASSES = 10

_UNSIGNED_BYTE = 0x08
_GZIP = b"\x1f\x8b"


def read_idx(path: Path, shape: tuple[int, ...]) -> np.ndarray:
    """Reads an IDX file of unsigned bytes, gzipped or not.

    Args:
        path: the file; its content, not its name, decides whether it is unpacked.
        shape: the shape that its header must have.

    Returns:
        An array of that shape, uint8, writable.

    Raises:
        DataError: if the file cannot be read, is not an IDX file, or does not contain exactly `shape` unsigned bytes.
    """
    header = 4 + 4 * len(shape)
    size = int(np.prod(shape))
    data = _bounded(path, header + size)
    if len(data) < header:
        raise DataError(f"{path} ends after {len(data)} bytes, inside its header. {_AGAIN}")
    if data[:4] != bytes((0, 0, _UNSIGNED_BYTE, len(shape))):
        raise DataError(
            f"{path} begins with the bytes {data[:4].hex(' ')}; an IDX file of unsigned bytes with {len(shape)} "
            f"dimensions begins with {bytes((0, 0, _UNSIGNED_BYTE, len(shape))).hex(' ')}. It is a different kind of file. {_AGAIN}"
        )
    found = tuple(int(n) for n in np.frombuffer(data, ">u4", len(shape), 4))
    if found != shape:
        raise DataError(f"{path} says that it holds {_times(found)} bytes; {_times(shape)} are expected. {_AGAIN}")
    if len(data) != header + size:
        more = len(data) > header + size
        raise DataError(
            f"{path} {'has more than' if more else f'is truncated: it ends after {len(data) - header:,} of'} "
            f"the {size:,} bytes that its header announces. {_AGAIN}"
        )
    return np.frombuffer(data, np.uint8, offset=header).reshape(shape).copy()


def read_cifar(path: Path, count: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Reads one batch of CIFAR-10's binary version.

    Args:
        path: e.g. `data_batch_1.bin`.
        count: how many records it must contain; None for any number except 0.

    Returns:
        Images (n, 32, 32, 3) and labels (n,), both uint8.

    Raises:
        DataError: if the file cannot be read or is not such a batch.
    """
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= _MOST_RECORDS * CIFAR_RECORD else b""
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}.") from None
    if size > _MOST_RECORDS * CIFAR_RECORD:
        raise DataError(
            f"{path} has {size:,} bytes, far more than a batch of CIFAR-10. It is a different file. {_AGAIN}"
        )
    return parse_cifar(data, str(path), count)


def parse_cifar(data: bytes, name: str, count: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Like `read_cifar`, for a batch in memory; `name` is for messages."""
    records, left = divmod(len(data), CIFAR_RECORD)
    if left or not records or records != (count or records):
        expected = (
            f"{count:,} records of {CIFAR_RECORD:,} bytes" if count else f"records of {CIFAR_RECORD:,} bytes each"
        )
        raise DataError(
            f"{name} has {len(data):,} bytes: {records:,} whole records{f' and {left:,} bytes' if left else ''}. {expected[0].upper()}"
            f"{expected[1:]} are expected, so it is truncated or a different file. {_AGAIN}"
        )
    table = np.frombuffer(data, np.uint8).reshape(records, CIFAR_RECORD)
    labels = table[:, 0].copy()
    if labels.max() >= CIFAR_CLASSES:
        wrong = int(np.argmax(labels >= CIFAR_CLASSES))
        raise DataError(
            f"{name}: record {wrong:,} has the label {labels[wrong]}; CIFAR-10's are 0 to {CIFAR_CLASSES - 1}. The file is "
            f"damaged, or it is CIFAR-100, whose records have two label bytes. {_AGAIN}"
        )
    return np.ascontiguousarray(table[:, 1:].reshape(records, *CIFAR_SHAPE).transpose(0, 2, 3, 1)), labels


def read_cifar_archive(path: Path, names: tuple[str, ...], count: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Reads batches out of `cifar-10-binary.tar.gz`, without unpacking it on disk.

    Args:
        path: the archive.
        names: the batches to read, e.g. `("test_batch.bin",)`.
        count: how many records each must contain.

    Returns:
        For each name its images and labels, as `read_cifar`.

    Raises:
        DataError: if the archive cannot be read, or a batch is missing or wrong.
    """
    found = {}
    try:
        with tarfile.open(path, "r|gz") as archive:
            for member in archive:
                name = Path(member.name).name
                # Only plain files of the right size are read: an archive may claim anything.
                if name in names and member.isfile() and member.size == count * CIFAR_RECORD:
                    stream = archive.extractfile(member)
                    assert stream is not None
                    found[name] = parse_cifar(stream.read(), f"{name} in {path}", count)
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"{path} is damaged: {error}. {_AGAIN}") from None
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}.") from None
    if missing := [name for name in names if name not in found]:
        raise DataError(f"{path} does not contain {', '.join(missing)} with {count:,} records each. {_AGAIN}")
    return found


_AGAIN = "Download the file again."
_MOST_RECORDS = 60_000


def _bounded(path: Path, size: int) -> bytes:
    """A file's content, unpacked if it is gzipped: at most one byte more than `size`."""
    try:
        with path.open("rb") as file:
            packed = file.read(2) == _GZIP
            file.seek(0)
            return gzip.GzipFile(fileobj=file).read(size + 1) if packed else file.read(size + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"{path} is truncated or damaged ({error}). {_AGAIN}") from None
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}.") from None


def _times(shape: tuple[int, ...]) -> str:
    return " x ".join(str(n) for n in shape)
