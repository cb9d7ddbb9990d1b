"""What crosses the border, in numbers and names that stand here and not in the module: a list read from it proves nothing."""

from __future__ import annotations

import io
import json
import struct
from typing import Any

import numpy as np
import pytest

from autograder.border import wire
from autograder.border.wire import WireError

ALLOWED = ("bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64")
REFUSED = (
    "uint16",
    "uint32",
    "uint64",
    "complex64",
    "complex128",
    "object",
    "U3",
    "S3",
    "datetime64[s]",
    "float128",
    "V4",
)


class Slow(io.RawIOBase):
    """A pipe that gives a few bytes at a time, as pipes may."""

    def __init__(self, data: bytes, step: int) -> None:
        self.rest, self.step, self.largest = data, step, 0

    def read(self, size: int = -1) -> bytes:
        self.largest = max(self.largest, size)
        piece, self.rest = self.rest[: min(size, self.step)], self.rest[min(size, self.step) :]
        return piece


@pytest.mark.parametrize("step", [1, 3, 7, 1000])
def test_a_message_that_comes_in_pieces_is_the_same(step: int) -> None:
    tree = {"a": np.arange(12, dtype="float32").reshape(3, 4), "b": (1, "two", None, [np.ones(2, "int8")])}
    stream = Slow(wire.pack(tree) + wire.pack("the next"), step)
    read = wire.read(stream)  # type: ignore[arg-type]
    np.testing.assert_array_equal(read["a"], tree["a"])
    assert read["b"][:3] == (1, "two", None) and read["b"][3][0].dtype == np.int8
    assert wire.read(stream) == "the next"  # type: ignore[arg-type]
    with pytest.raises(EOFError):
        wire.read(stream)  # type: ignore[arg-type]


@pytest.mark.parametrize("step", [1, 5])
def test_a_message_that_breaks_off_is_no_end(step: int) -> None:
    whole = wire.pack([1, np.ones(3)])
    for end in range(1, len(whole)):
        with pytest.raises(WireError, match="ends inside"):
            wire.read(Slow(whole[:end], step))  # type: ignore[arg-type]


@pytest.mark.parametrize("dtype", ALLOWED)
def test_these_dtypes_cross_bit_by_bit(dtype: str) -> None:
    array = np.array([[0, 1, 1]], dtype)
    read = wire.unpack(wire.pack(array))
    assert read.dtype == np.dtype(dtype) and read.tobytes() == array.tobytes() and read.shape == (1, 3)
    swapped = wire.unpack(wire.pack(array.astype(array.dtype.newbyteorder(">"))))
    np.testing.assert_array_equal(swapped, array)


@pytest.mark.parametrize("dtype", REFUSED)
def test_no_other_dtype_leaves_or_comes_in(dtype: str) -> None:
    with pytest.raises(WireError):
        wire.pack(np.zeros(2, dtype))
    with pytest.raises(WireError):
        wire.unpack(message([[dtype, [1]]], bytes(64)))


def message(arrays: Any, body: bytes, tree: Any = None) -> bytes:
    head = json.dumps({"tree": tree, "arrays": arrays}).encode()
    return struct.pack("<IQ", len(head), len(body)) + head + body


def test_eight_axes_cross_and_nine_do_not() -> None:
    assert wire.unpack(message([["int8", [1] * 8]], b"\5", {"$array": 0})).shape == (1,) * 8
    with pytest.raises(WireError):
        wire.unpack(message([["int8", [1] * 9]], b"\5", {"$array": 0}))


@pytest.mark.parametrize("header, body", [((4 << 20) + 1, 0), (10, (256 << 20) + 1), ((1 << 32) - 1, (1 << 64) - 1)])
def test_over_the_limit_nothing_more_is_read(header: int, body: int) -> None:
    stream = Slow(struct.pack("<IQ", header, body) + bytes(100), 1000)
    with pytest.raises(WireError, match="over the limit"):
        wire.read(stream)  # type: ignore[arg-type]
    assert stream.largest == 12 and len(stream.rest) == 100


@pytest.mark.parametrize("header, body", [(4 << 20, 0), (10, 256 << 20)])
def test_at_the_limit_it_is_read(header: int, body: int) -> None:
    stream = Slow(struct.pack("<IQ", header, body), 1000)
    with pytest.raises(WireError, match="ends inside"):
        wire.read(stream)  # type: ignore[arg-type]


def test_arrays_lie_one_behind_the_other_and_must_fit_exactly_or_less() -> None:
    two = message([["int16", [2]], ["int8", [1]]], b"\1\0\2\0\3", [{"$array": 1}, {"$array": 0}])
    assert [a.tolist() for a in wire.unpack(two)] == [[3], [1, 2]]
    with pytest.raises(WireError, match="past the end"):
        wire.unpack(message([["int16", [2]], ["int8", [2]]], b"\1\0\2\0\3"))


@pytest.mark.parametrize("shape", [[-1], [1.0], [True], ["1"], [None], [1 << 70]])
def test_sizes_are_whole_and_not_negative(shape: list[Any]) -> None:
    with pytest.raises(WireError):
        wire.unpack(message([["int8", shape]], b"\1", {"$array": 0}))


@pytest.mark.parametrize(
    "index, found", [(0, True), (1, False), (-1, False), ("0", False), (True, False), (None, False)]
)
def test_a_reference_is_an_index_that_there_is(index: Any, found: bool) -> None:
    text = message([["int8", [1]]], b"\7", {"$array": index})
    if found:
        assert wire.unpack(text).tolist() == [7]
    else:
        with pytest.raises(WireError):
            wire.unpack(text)


@pytest.mark.parametrize("tree, read", [
    ({"$tuple": [1, [2]]}, (1, [2])),
    ({"$tuple": 1}, {"$tuple": 1}),
    ({"$array": 0, "more": 1}, {"$array": 0, "more": 1}),
    ({"$code": {"source": "lambda: 1"}, "more": 1}, {"$code": {"source": "lambda: 1"}, "more": 1}),
    ({}, {}),
])  # fmt: skip
def test_a_mark_is_one_only_where_it_stands_alone(tree: Any, read: Any) -> None:
    assert wire.unpack(message([], b"", tree)) == read


@pytest.mark.parametrize("record", [
    {"$code": {"source": 3}}, {"$code": {}}, {"$code": "x"}, {"$code": {"source": "x", "more": "y"}},
    {"$ban": {"ops": "x", "names": {"$tuple": [3]}, "instead": "z"}}, {"$probe": {"name": "f", "source": None}},
])  # fmt: skip
def test_a_record_holds_texts_and_nothing_else(record: Any) -> None:
    with pytest.raises(WireError):
        wire.unpack(message([], b"", record))
