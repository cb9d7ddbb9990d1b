"""Sends arrays of objects, records, strings, dates and complex numbers."""

# expect: scale=crashed total=crashed score=0
import json
import os
import struct


def send(dtype):
    tree = {"event": "value", "observation": {"failure": None, "structure": "one", "outputs": [{"kind": "tensor", "array": {"$array": 0}}],
            "gradients": {}, "gradient_failure": None, "banned": [], "changed": [], "calls": []}}  # fmt: skip
    head = json.dumps({"tree": tree, "arrays": [[dtype, [1]]]}).encode()
    os.write(4, struct.pack("<IQ", len(head), 64) + head + b"\0" * 64)


def scale(x, factor):
    for dtype in (
        "O",
        "object",
        "|V8",
        "U4",
        "datetime64[s]",
        "complex128",
        "f4,O",
        None,
        3,
        ["f4"],
        {"names": ["a"], "formats": ["O"]},
    ):
        send(dtype)
    os._exit(0)


def total(x):
    send("object")
    os._exit(0)
