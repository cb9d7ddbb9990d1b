from __future__ import annotations

import contextlib
import io
import json
import math
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.border import wire
from autograder.border.wire import WireError
from autograder.question import Ban, Code, Exam, Probe

ARRAYS = st.sampled_from(wire.DTYPES).flatmap(
    lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3))
)
TEXTS = st.text(max_size=8)
RECORDS = (
    st.builds(Code, TEXTS)
    | st.builds(Probe, TEXTS, TEXTS)
    | st.builds(Ban, st.lists(TEXTS, max_size=3).map(tuple), st.lists(TEXTS, max_size=3).map(tuple), TEXTS)
)
TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS | ARRAYS | RECORDS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)


def same(a: Any, b: Any) -> bool:
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, float):
        return a == b or (math.isnan(a) and math.isnan(b))
    return a == b


def message(header: Any, body: bytes = b"") -> bytes:
    head = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<IQ", len(head), len(body)) + head + body


@given(TREES)
def test_a_message_brings_back_the_same_tree(tree: Any) -> None:
    assert same(wire.unpack(wire.pack(tree)), tree)


@given(TREES)
@settings(max_examples=25)
def test_a_file_brings_back_the_same_tree(tmp_path_factory: pytest.TempPathFactory, tree: Any) -> None:
    path = tmp_path_factory.mktemp("wire") / "tree.npz"
    wire.save(path, tree)
    assert same(wire.load(path), tree)
    assert [p.name for p in path.parent.iterdir()] == ["tree.npz"]


def test_a_file_has_the_same_bytes_each_time_and_two_members(tmp_path: Path) -> None:
    tree = {"b": np.arange(3.0), "a": (1, None, [np.ones((2, 2), "int8")])}
    for name in ("one.npz", "two.npz"):
        wire.save(tmp_path / name, tree)
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    with np.load(tmp_path / "one.npz", allow_pickle=False) as archive:
        assert sorted(archive.files) == ["data", "header"]


@pytest.mark.parametrize("array", [
    np.arange(6, dtype=">f4").reshape(2, 3),  # a label "float32" alone would make garbage of it
    np.arange(6.0).reshape(2, 3).T,
    np.arange(10)[::-3],
    np.full((), 2.5, np.float32),
    np.zeros((0, 3), "float16"),
    np.broadcast_to(np.float32(1), (3, 4)),
])  # fmt: skip
def test_values_survive_any_memory_layout(array: np.ndarray, tmp_path: Path) -> None:
    wire.save(tmp_path / "a.npz", array)
    for back in (wire.unpack(wire.pack(array)), wire.load(tmp_path / "a.npz")):
        assert back.shape == array.shape
        assert back.dtype.name == array.dtype.name
        np.testing.assert_array_equal(back, array)


def test_messages_follow_each_other_until_the_end_of_the_stream() -> None:
    stream = io.BytesIO(wire.pack("one") + wire.pack(["two"]))
    assert [wire.read(stream), wire.read(stream)] == ["one", ["two"]]
    with pytest.raises(EOFError):
        wire.read(stream)


@pytest.mark.parametrize("value", [
    {1, 2}, b"bytes", 1j, object(), print, np.array([object()]), np.array(["text"]), np.array([1j]), np.longdouble(1) * np.ones(1),
    {"$array": 0}, {"$tuple": [1]}, [{"x": {"$array": 5}}], {"$code": {"source": "x"}}, {"$ban": None}, {"$probe": []},
    type("Mine", (Code,), {})("x"), Exam(None), Code(b"bytes"), Ban((1j,), (), ""),
])  # fmt: skip
def test_what_has_no_place_in_a_tree_is_refused(value: Any) -> None:
    with pytest.raises(WireError):
        wire.pack(value)


@pytest.mark.parametrize("arrays, body", [
    ([["object", [1]]], bytes(8)),
    ([["complex128", [1]]], bytes(16)),
    ([["U4", [1]]], bytes(16)),
    ([["float32", [2]]], bytes(7)),
    ([["float32", [-1]]], bytes(8)),
    ([["float32", [True]]], bytes(8)),
    ([["float32", [1.0]]], bytes(8)),
    ([["float32", [1 << 70]]], bytes(8)),
    ([["float32", [0, 10**30]]], b""),
    ([["float32", [1] * 9]], bytes(4)),
    ([["float32", "ab"]], bytes(8)),
    ([["float32", None]], bytes(8)),
    ([["float32"]], bytes(8)),
    (["float32"], bytes(8)),
    ({"float32": [1]}, bytes(8)),
    (7, bytes(8)),
    ([], bytes(8)),  # the tree below refers to an array that is not there
])  # fmt: skip
def test_arrays_that_are_none_are_refused(arrays: Any, body: bytes) -> None:
    with pytest.raises(WireError):
        wire.unpack(message({"tree": {"$array": 0}, "arrays": arrays}, body))


@pytest.mark.parametrize("index", [-1, 1, 0.0, "0", None, [0], {"$array": 0}])
def test_references_to_no_array_are_refused(index: Any) -> None:
    with pytest.raises(WireError):
        wire.unpack(message({"tree": {"$array": index}, "arrays": [["int8", [1]]]}, bytes(1)))


# The author's records

RIGHT = {
    "$code": {"source": "lambda x: x"},
    "$ban": {"ops": {"$tuple": ["Conv2D"]}, "names": {"$tuple": []}, "instead": "sums"},
    "$probe": {"name": "called", "source": "def called(f): return f()"},
}
RECORDED = (Code("lambda x: x"), Ban(("Conv2D",), (), "sums"), Probe("called", "def called(f): return f()"))


def told(tree: Any) -> Any:
    return wire.unpack(message({"tree": tree, "arrays": [["int8", [1]]]}, bytes(1)))


def test_a_record_is_written_as_a_dict_with_its_mark() -> None:
    assert [told({mark: values}) for mark, values in RIGHT.items()] == list(RECORDED)
    assert wire.unpack(wire.pack({"all": RECORDED})) == {"all": RECORDED}


@pytest.mark.parametrize("mark", RIGHT)
@pytest.mark.parametrize("wrong", [
    None, 7, "lambda x: x", [], ["lambda x: x"], {}, {"$tuple": ["lambda x: x"]}, {"$array": 0}, {"$code": {"source": "x"}},
])  # fmt: skip
def test_what_is_no_record_is_refused(mark: str, wrong: Any) -> None:
    with pytest.raises(WireError, match="no "):
        told({mark: wrong})


@pytest.mark.parametrize("mark", RIGHT)
@pytest.mark.parametrize("wrong", [
    None, 7, True, 1.5, [], ["Conv2D"], {}, {"a": "b"}, {"$array": 0}, {"$tuple": [1]}, {"$tuple": [None, "Conv2D"]},
    {"$tuple": [["Conv2D"]]}, {"$tuple": [{"$tuple": ["Conv2D"]}]}, {"$code": {"source": "x"}},
])  # fmt: skip
def test_a_record_of_anything_but_texts_is_refused(mark: str, wrong: Any) -> None:
    """Nothing that could run, or be taken for something else, comes in the place of a text."""
    for field in RIGHT[mark]:
        with pytest.raises(WireError, match="something else than texts"):
            told({mark: RIGHT[mark] | {field: wrong}})


@pytest.mark.parametrize("mark", RIGHT)
def test_a_record_has_all_of_its_fields_and_no_others(mark: str) -> None:
    for field in RIGHT[mark]:
        with pytest.raises(WireError):
            told({mark: {name: text for name, text in RIGHT[mark].items() if name != field}})
    for more in ("__class__", "__init__", "more", ""):
        with pytest.raises(WireError):
            told({mark: RIGHT[mark] | {more: "x"}})


def test_other_marks_are_ordinary_keys() -> None:
    """There is no way to name a class: three marks are known, and what looks like another one stays a dict."""
    for mark in ("$exam", "$Code", "$os.system", "code", "$", "$record"):
        assert told({mark: {"source": "x"}}) == {mark: {"source": "x"}}
    assert told({"$code": {"source": "x"}, "more": 1}) == {"$code": {"source": "x"}, "more": 1}


def test_records_survive_a_file(tmp_path: Path) -> None:
    wire.save(tmp_path / "a.npz", {"ban": RECORDED[1], "cases": [{"h": RECORDED[0]}], "probe": RECORDED[2]})
    assert wire.load(tmp_path / "a.npz") == {"ban": RECORDED[1], "cases": [{"h": RECORDED[0]}], "probe": RECORDED[2]}
    parts = (b'{"tree": {"$code": {"source": 7}}, "arrays": []}', b"")
    np.savez(
        tmp_path / "b.npz", **{n: np.frombuffer(p, np.uint8) for n, p in zip(("header", "data"), parts, strict=True)}
    )
    with pytest.raises(WireError):
        wire.load(tmp_path / "b.npz")


@pytest.mark.parametrize("header", [
    b"", b"{", b"\xff\xfe", b"[]", b"null", b"{}", b'{"tree": 1}', b'{"arrays": []}', b"[" * 100_000, b"1" * 10_000,
    b'{"tree": ' + b"[" * 50_000 + b"]" * 50_000 + b', "arrays": []}',
])  # fmt: skip
def test_headers_that_are_none_are_refused(header: bytes) -> None:
    with pytest.raises(WireError):
        wire.unpack(message(header))


def test_sizes_over_the_limit_are_refused_before_anything_is_read() -> None:
    for head, body in ((wire.MAX_HEADER + 1, 0), (0, wire.MAX_BYTES + 1), (2**32 - 1, 2**64 - 1)):
        stream = io.BytesIO(struct.pack("<IQ", head, body) + bytes(100))
        with pytest.raises(WireError, match="over the limit"):
            wire.read(stream)
        assert stream.tell() == 12


def test_a_message_that_breaks_off_anywhere_is_refused() -> None:
    whole = wire.pack({"a": np.arange(3.0)})
    for size in range(1, len(whole)):
        with pytest.raises(WireError, match="ends inside"):
            wire.unpack(whole[:size])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 1 << 70) | st.floats() | st.sampled_from([*wire.DTYPES, "object", ""]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["$array", "$tuple", "$code", "$ban", "$probe", "source", "a"]), inner, max_size=2
        )
    ),
    max_leaves=6,
)


@given(tree=JSON, arrays=JSON | st.lists(st.tuples(JSON, JSON), max_size=2), body=st.binary(max_size=16))
def test_a_hostile_header_raises_nothing_but_wire_errors(tree: Any, arrays: Any, body: bytes) -> None:
    with contextlib.suppress(WireError):
        wire.unpack(message({"tree": tree, "arrays": arrays}, body))


@given(st.binary(max_size=200))
def test_random_bytes_raise_nothing_but_wire_errors(data: bytes) -> None:
    for bytes_ in (data, message(data), message(b'{"tree": {"$array": 0}, "arrays": [["uint8", [4]]]}', data)):
        with contextlib.suppress(WireError, EOFError):
            wire.unpack(bytes_)


def test_a_damaged_file_raises_wire_errors_or_oserrors(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    wire.save(path, {"a": np.arange(4.0), "b": ["text"] * 4})
    whole = path.read_bytes()
    damaged = [whole[:size] for size in range(0, len(whole), 23)]
    damaged += [whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :] for at in range(0, len(whole), 5)]
    refused = 0
    for data in [*damaged, b"hello", b"PK\x03\x04", b"\x93NUMPY"]:
        path.write_bytes(data)
        try:
            wire.load(path)
        except (WireError, OSError):
            refused += 1
    assert refused > len(damaged) * 0.8
    with pytest.raises(OSError):
        wire.load(tmp_path / "missing.npz")


def test_files_of_another_kind_are_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.ones(3))
    np.savez(tmp_path / "b.npz", x=np.ones(3))
    head = np.frombuffer(b'{"tree": {"$array": 0}, "arrays": [["float64", [1]]]}', np.uint8)
    np.savez(tmp_path / "c.npz", header=head)
    np.savez(tmp_path / "d.npz", header=head, data=np.zeros(7, np.uint8))
    np.savez(tmp_path / "right.npz", header=head, data=np.zeros(8, np.uint8))
    assert wire.load(tmp_path / "right.npz").tolist() == [0]
    for name in ("a.npy", "b.npz", "c.npz", "d.npz"):
        with pytest.raises(WireError):
            wire.load(tmp_path / name)


class _Bomb:
    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (Path("exploded"),))


def test_nothing_is_ever_unpickled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    head = np.frombuffer(b'{"tree": 1, "arrays": []}', np.uint8)
    np.savez("a.npz", header=head, data=np.array([_Bomb()], dtype=object))
    with pytest.raises(WireError):
        wire.load(Path("a.npz"))
    assert not Path("exploded").exists()
