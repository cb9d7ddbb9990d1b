"""Trees of JSON values and arrays as bytes: what crosses the border between grader and worker, and what is kept on disk.

A message is `length | JSON | raw array bytes`. Reading one never unpickles, evaluates or imports anything: it can only
yield None, bool, int, float, str, list, tuple, dict, numeric arrays of a bounded size, and the author's records `Code`, `Ban`
and `Probe`, which are texts.
"""

from __future__ import annotations

import io
import json
import math
import struct
from dataclasses import fields
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from ..files import atomically
from ..question import Ban, Code, Probe

DTYPES = ("bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64")
MAX_HEADER = 4 << 20
MAX_BYTES = 256 << 20
MAX_RANK = 8

_PREFIX = struct.Struct("<IQ")
_RECORDS: dict[str, type[Any]] = {"$code": Code, "$ban": Ban, "$probe": Probe}
_RESERVED = {"$array", "$tuple", *_RECORDS}


class WireError(ValueError):
    """The bytes are not a message."""


def pack(tree: Any) -> bytes:
    """Encodes a tree. Raises WireError for a value that has no place in one."""
    head, body = _encoded(tree)
    return _PREFIX.pack(len(head), len(body)) + head + body


def read(stream: BinaryIO, max_header: int = MAX_HEADER, max_bytes: int = MAX_BYTES) -> Any:
    """Reads the next tree, or raises EOFError at the end of the stream and WireError for anything malformed or too large."""
    head_size, body_size = _PREFIX.unpack(_exactly(stream, _PREFIX.size, at_start=True))
    if head_size > max_header or body_size > max_bytes:
        raise WireError(f"a message of {head_size} + {body_size} bytes is over the limit")
    head = _exactly(stream, head_size)
    return _parse(head, _exactly(stream, body_size))


def unpack(message: bytes) -> Any:
    """Decodes one message."""
    return read(io.BytesIO(message))


def save(path: Path, tree: Any) -> None:
    """Writes a tree as an .npz file; the same tree, in the same order, gives the same bytes.

    It has two members of bytes, the JSON and the arrays one after the other: a member for each array would cost more than most arrays.
    """
    head, body = (np.frombuffer(part, np.uint8) for part in _encoded(tree))
    with atomically(path) as temporary, temporary.open("wb") as file:
        np.savez(file, header=head, data=body)


def load(path: Path | BinaryIO) -> Any:
    """Reads what `save` wrote, from a path or an open file. Raises OSError or WireError."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            return _parse(archive["header"].tobytes(), archive["data"].tobytes())
    except OSError:
        raise
    except Exception as error:  # a damaged archive fails in many ways: BadZipFile, zlib.error, NotImplementedError, ...
        raise WireError(f"{path} is damaged: {error}") from error


def _encoded(tree: Any) -> tuple[bytes, bytes]:
    """The JSON of a tree with the types and shapes of its arrays, and their bytes."""
    arrays: list[np.ndarray] = []
    header = {"tree": _flatten(tree, arrays), "arrays": [[a.dtype.name, list(a.shape)] for a in arrays]}
    body = b"".join(np.ascontiguousarray(a).tobytes() for a in arrays)
    return json.dumps(header, separators=(",", ":")).encode(), body


def _flatten(value: Any, arrays: list[np.ndarray]) -> Any:
    if value is None or isinstance(value, (bool, str, int, float)):
        return value
    if isinstance(value, np.ndarray):
        if value.dtype.name not in DTYPES:
            raise WireError(f"dtype {value.dtype} cannot be sent")
        arrays.append(value.astype(value.dtype.newbyteorder("<"), copy=False))
        return {"$array": len(arrays) - 1}
    if isinstance(value, tuple):
        return {"$tuple": [_flatten(item, arrays) for item in value]}
    if isinstance(value, list):
        return [_flatten(item, arrays) for item in value]
    if isinstance(value, dict):
        if len(value) == 1 and set(value) <= _RESERVED:
            raise WireError("a dict with a reserved key cannot be sent")
        return {str(key): _flatten(item, arrays) for key, item in value.items()}
    for mark, kind in _RECORDS.items():
        if type(value) is kind:
            return {mark: _flatten(vars(value), arrays)}
    raise WireError(f"a {type(value).__name__} cannot be sent")


def _restore(value: Any, arrays: list[np.ndarray]) -> Any:
    if isinstance(value, list):
        return [_restore(item, arrays) for item in value]
    if isinstance(value, dict):
        if set(value) == {"$array"}:
            index = value["$array"]
            if not isinstance(index, int) or not 0 <= index < len(arrays):
                raise WireError("a reference to no array")
            return arrays[index]
        if set(value) == {"$tuple"} and isinstance(value["$tuple"], list):
            return tuple(_restore(item, arrays) for item in value["$tuple"])
        if len(value) == 1 and (kind := _RECORDS.get(next(iter(value)))):
            return _record(kind, _restore(next(iter(value.values())), arrays))
        return {key: _restore(item, arrays) for key, item in value.items()}
    return value


def _record(kind: type[Any], values: Any) -> Any:
    """An author's record, whose fields hold texts and tuples of texts and nothing else."""
    if not isinstance(values, dict) or set(values) != {field.name for field in fields(kind)}:
        raise WireError(f"no {kind.__name__}")
    texts = [text for value in values.values() for text in (value if isinstance(value, tuple) else (value,))]
    if not all(isinstance(text, str) for text in texts):
        raise WireError(f"a {kind.__name__} of something else than texts")
    return kind(**values)


def _parse(head: bytes, body: bytes) -> Any:
    try:
        header = json.loads(head)
        arrays, offset = [], 0
        for dtype, shape in header["arrays"]:
            if dtype not in DTYPES or len(shape) > MAX_RANK or any(type(n) is not int or n < 0 for n in shape):
                raise WireError("an array with a forbidden dtype or shape")
            count = math.prod(shape)
            size = count * np.dtype(dtype).itemsize
            if offset + size > len(body):
                raise WireError("an array runs past the end of its message")
            arrays.append(np.frombuffer(body, np.dtype(dtype).newbyteorder("<"), count, offset).reshape(shape))
            offset += size
        return _restore(header["tree"], arrays)
    except (ValueError, LookupError, TypeError, OverflowError, RecursionError) as error:
        raise WireError(f"malformed message: {error}") from error


def _exactly(stream: BinaryIO, size: int, at_start: bool = False) -> bytes:
    pieces: list[bytes] = []
    missing = size
    while missing:
        piece = stream.read(missing)
        if not piece:
            if at_start and not pieces:
                raise EOFError
            raise WireError("the stream ends inside a message")
        pieces.append(piece)
        missing -= len(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)
