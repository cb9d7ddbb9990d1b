"""Sends arrays with impossible shapes: negative, overflowing, of rank 33, huge and empty, true for one."""

# expect: scale=crashed total=crashed score=0
import json
import os
import struct

SHAPES = [
    [-1],
    [2**62, 4],
    [2**31, 2**31, 4],
    [1] * 33,
    [2**63, 0],
    [10**30, 0],
    [True],
    [1.5],
    ["3"],
    [],
    None,
    {"a": 1},
]


def send(arrays, tree, body=b"\0" * 64):
    head = json.dumps({"tree": tree, "arrays": arrays}).encode()
    os.write(4, struct.pack("<IQ", len(head), len(body)) + head + body)


def seen(*numbers):
    outputs = [{"kind": "tensor", "array": {"$array": n}} for n in numbers]
    return {"event": "value", "observation": {"failure": None, "structure": "one", "outputs": outputs, "gradients": {},
            "gradient_failure": None, "banned": [], "changed": [], "calls": []}}  # fmt: skip


def scale(x, factor):
    for shape in SHAPES:
        send([["float32", shape]], seen(0))
    os._exit(0)


def total(x):
    for reference in (-1, 1, 10**9, True, None, "0", [0], {"$array": 0}):
        send([["float32", [0]]], seen(reference))
    os._exit(0)
