"""The readers of IDX and CIFAR records: what they read, and every wrong file they must refuse, by name and with the cause."""

from __future__ import annotations

import gzip
import io
import struct
import tarfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.datasets import formats
from autograder.errors import DataError

IMAGES = np.arange(3 * 4 * 5, dtype=np.uint8).reshape(3, 4, 5)


def idx(array: np.ndarray, *, kind: int = 8) -> bytes:
    header = bytes((0, 0, kind, array.ndim)) + struct.pack(f">{array.ndim}I", *array.shape)
    return header + array.astype(np.uint8).tobytes()


def batch(labels: list[int], seed: int = 0) -> tuple[bytes, np.ndarray]:
    """A CIFAR batch, and its images as written down by the format's own words: red, green, blue, each row by row."""
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 256, (len(labels), 32, 32, 3), dtype=np.uint8)
    data = b""
    for label, image in zip(labels, images, strict=True):
        data += bytes([label])
        for colour in range(3):
            for row in range(32):
                data += image[row, :, colour].tobytes()
    return data, images


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_an_idx_file_is_read_whatever_its_name(tmp_path: Path, pack: object) -> None:
    path = tmp_path / "some.file"
    path.write_bytes(pack(idx(IMAGES)))  # type: ignore[operator]
    read = formats.read_idx(path, (3, 4, 5))
    assert read.dtype == np.uint8 and read.flags.writeable
    np.testing.assert_array_equal(read, IMAGES)


@pytest.mark.parametrize(
    "data, said",
    [
        (idx(IMAGES)[:-1], "truncated: it ends after 59 of the 60 bytes"),
        (idx(IMAGES) + b"x", "has more than the 60 bytes"),
        (idx(IMAGES)[:9], "ends after 9 bytes, inside its header"),
        (b"", "ends after 0 bytes"),
        (idx(IMAGES, kind=0x0D), "begins with the bytes 00 00 0d 03"),
        (b"<html>please log in first, at length</html>", "begins with the bytes 3c 68 74 6d"),
        (idx(IMAGES.reshape(12, 5)) + b"1234", "begins with the bytes 00 00 08 02"),
        (idx(IMAGES.reshape(5, 4, 3)), "says that it holds 5 x 4 x 3 bytes; 3 x 4 x 5 are expected"),
        (idx(np.zeros((2, 4, 5))), "says that it holds 2 x 4 x 5"),
        (gzip.compress(idx(IMAGES), mtime=0)[:-12], "truncated or damaged"),
        (gzip.compress(idx(IMAGES), mtime=0)[:-8] + b"\0" * 8, "truncated or damaged"),
        (gzip.compress(idx(IMAGES) + b"x", mtime=0), "has more than"),
        (b"\x1f\x8b" + b"no gzip at all", "truncated or damaged"),
    ],
)
def test_a_wrong_idx_file_is_refused(tmp_path: Path, data: bytes, said: str) -> None:
    path = tmp_path / "train-images-idx3-ubyte.gz"
    path.write_bytes(data)
    with pytest.raises(DataError) as refused:
        formats.read_idx(path, (3, 4, 5))
    assert said in str(refused.value) and str(path) in str(refused.value) and "again" in str(refused.value)


def test_a_gzip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(idx(IMAGES) + bytes(32 << 20)))
    import tracemalloc

    tracemalloc.start()
    with pytest.raises(DataError, match="has more than"):
        formats.read_idx(path, (3, 4, 5))
    assert tracemalloc.get_traced_memory()[1] < 4 << 20
    tracemalloc.stop()


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_an_array_or_a_data_error(data: bytes) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x"
        path.write_bytes(data)
        for read in (lambda: formats.read_idx(path, (2, 3)), lambda: formats.read_cifar(path)):
            with pytest.raises(DataError):
                read()
        with pytest.raises(DataError):
            formats.read_cifar_archive(path, ("test_batch.bin",), 1)


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    for read in (
        lambda path: formats.read_idx(path, (1,)),
        formats.read_cifar,
        lambda path: formats.read_cifar_archive(path, ("a",), 1),
    ):
        with pytest.raises(DataError, match="nothing-here"):
            read(tmp_path / "nothing-here")
    with pytest.raises(DataError, match="cannot be read"):
        formats.read_idx(tmp_path, (1,))


def test_a_cifar_batch_is_read(tmp_path: Path) -> None:
    data, images = batch([3, 9, 0])
    (tmp_path / "b.bin").write_bytes(data)
    x, y = formats.read_cifar(tmp_path / "b.bin", 3)
    assert x.dtype == y.dtype == np.uint8 and x.flags.c_contiguous and x.flags.writeable and y.flags.writeable
    np.testing.assert_array_equal(x, images)
    np.testing.assert_array_equal(y, [3, 9, 0])


@pytest.mark.parametrize(
    "data, count, said",
    [
        (batch([1, 2])[0][:-1], None, "6,145 bytes: 1 whole records and 3,072 bytes"),
        (batch([1, 2])[0], 3, "3 records of 3,073 bytes are expected"),
        (batch([1, 2])[0], 1, "1 records"),
        (b"", None, "0 bytes"),
        (batch([1, 10])[0], None, "record 1 has the label 10"),
        (b"".join(bytes([4, 60]) + bytes(3072) for _ in range(3073)), None, "two label bytes"),
    ],
)
def test_a_wrong_cifar_batch_is_refused(tmp_path: Path, data: bytes, count: int | None, said: str) -> None:
    path = tmp_path / "data_batch_1.bin"
    path.write_bytes(data)
    with pytest.raises(DataError) as refused:
        formats.read_cifar(path, count)
    assert said in str(refused.value) and str(path) in str(refused.value)


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "huge.bin").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(DataError, match="far more than a batch"):
        formats.read_cifar(tmp_path / "huge.bin")


def archive(path: Path, files: dict[str, bytes], *, links: dict[str, str] | None = None) -> Path:
    with tarfile.open(path, "w:gz") as out:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            out.addfile(member, io.BytesIO(data))
        for name, target in (links or {}).items():
            member = tarfile.TarInfo(name)
            member.type, member.linkname = tarfile.SYMTYPE, target
            out.addfile(member)
    return path


def test_batches_are_read_out_of_the_archive(tmp_path: Path) -> None:
    one, two = batch([1, 2], 1), batch([3, 4], 2)
    path = archive(
        tmp_path / "c.tar.gz",
        {"cifar/data_batch_1.bin": one[0], "cifar/readme.html": b"hello", "cifar/test_batch.bin": two[0]},
    )
    found = formats.read_cifar_archive(path, ("data_batch_1.bin", "test_batch.bin"), 2)
    np.testing.assert_array_equal(found["data_batch_1.bin"][0], one[1])
    np.testing.assert_array_equal(found["test_batch.bin"][1], [3, 4])
    assert sorted(p.name for p in tmp_path.iterdir()) == ["c.tar.gz"], "nothing is unpacked on disk"


def test_a_wrong_archive_is_refused(tmp_path: Path) -> None:
    right = batch([1, 2])[0]
    cases = [
        (archive(tmp_path / "a", {"data_batch_1.bin": right}), "does not contain test_batch.bin"),
        (
            archive(tmp_path / "b", {"data_batch_1.bin": right, "test_batch.bin": right[:-1]}),
            "does not contain test_batch",
        ),
        (
            archive(tmp_path / "c", {"data_batch_1.bin": right}, links={"test_batch.bin": "/etc/passwd"}),
            "does not contain test",
        ),
        (archive(tmp_path / "d", {"data_batch_1.bin": right, "test_batch.bin": batch([1, 99])[0]}), "has the label 99"),
    ]
    whole = archive(tmp_path / "w", {"data_batch_1.bin": right, "test_batch.bin": right}).read_bytes()
    (tmp_path / "e").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "f").write_bytes(b"<html>")
    cases += [(tmp_path / "e", "is damaged"), (tmp_path / "f", "is damaged")]
    for path, said in cases:
        with pytest.raises(DataError) as refused:
            formats.read_cifar_archive(path, ("data_batch_1.bin", "test_batch.bin"), 2)
        assert said in str(refused.value) and str(path) in str(refused.value)
