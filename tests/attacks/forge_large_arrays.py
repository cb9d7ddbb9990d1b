"""Sends observations as large as a message may be, so that the grader runs out of memory or time."""

# expect: scale=failed|crashed|timeout total=failed|crashed|timeout score=0
import json
import os
import struct

SIZE = 255 << 20


def send(dtype, shape, name):
    tree = {"event": "value", "observation": {"failure": None, "structure": "one", "outputs": [{"kind": "tensor", "array": {"$array": 0}}],
            "gradients": {name: {"kind": "tensor", "array": {"$array": 0}}}, "gradient_failure": None, "banned": [], "changed": [], "calls": []}}  # fmt: skip
    head = json.dumps({"tree": tree, "arrays": [[dtype, shape]]}).encode()
    os.write(4, struct.pack("<IQ", len(head), SIZE) + head)
    zeros, left = memoryview(bytes(1 << 20)), SIZE
    while left:
        left -= os.write(4, zeros[: min(left, len(zeros))])


def scale(x, factor):
    send("uint8", [SIZE], "x")
    send("float16", [SIZE // 2], "x")
    os._exit(0)


def total(x):
    send("bool", [SIZE, 1], "x")
    os._exit(0)
