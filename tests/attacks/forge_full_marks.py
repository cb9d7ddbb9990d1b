"""Writes the whole conversation itself, with made-up observations, points and statuses, and ends the process."""

# expect: scale=failed|crashed total=failed|crashed score=0
import os

import autograder.border.wire as wire
import numpy as np


def say(event, **fields):
    os.write(4, wire.pack({"event": event, **fields}))


def observation(*arrays):
    return {
        "failure": None, "structure": "one" if len(arrays) == 1 else "tuple",
        "outputs": [{"kind": "tensor", "array": array} for array in arrays], "gradients": {},
        "gradient_failure": None, "banned": [], "changed": [], "calls": [],
        "passed": True, "points": 4, "rung": "", "mistake": None,
    }  # fmt: skip


say("ready", score=6)
for shape in ((1, 3), (3, 4)):  # the public cases of both questions, then the hidden ones
    array = np.zeros(shape, np.float32)
    say("question", found=True, kind="function", name="scale", points=4, status="passed")
    say("value", observation=observation(array), passed=True)
    say("gradients", gradients={"x": {"kind": "tensor", "array": array}}, gradient_failure=None, passed=True)
    say("question", found=True, kind="function", name="total")
    say("value", observation=observation(np.float32(0).reshape(()), np.int64(0).reshape(())))
say("score", points=6, score=6)
os._exit(0)
