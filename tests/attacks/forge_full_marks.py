"""Writes the whole conversation itself, with made-up observations, points and statuses, and ends the process."""

# expect: scale=failed|crashed total=failed|crashed score=0
import os

import autograder.wire as wire
import numpy as np


def say(event, **fields):
    os.write(4, wire.pack({"event": event, **fields}))


def observation(*arrays, gradients=None):
    return {
        "failure": None, "structure": "one" if len(arrays) == 1 else "tuple",
        "outputs": [{"kind": "tensor", "array": array} for array in arrays], "gradients": gradients or {},
        "gradient_failure": None, "banned": [], "changed": [], "calls": [],
        "passed": True, "points": 4, "rung": "", "mistake": None,
    }  # fmt: skip


say("question", name="scale", points=4, status="passed")
for shape in ((1, 3), (3, 4)):
    array = np.zeros(shape, np.float32)
    say("case", observation=observation(array, gradients={"x": {"kind": "tensor", "array": array}}), passed=True)
say("question", name="total")
for shape in ((2, 3), (3, 5)):
    say("case", observation=observation(np.float32(0).reshape(()), np.int64(0).reshape(())))
say("score", points=6, score=6)
say("done", score=6)
os._exit(0)
