"""Floods the grader with messages until somebody stops it."""

# expect: scale=crashed|timeout total=crashed|timeout score=0
import os

import autograder.border.wire as wire


def flood(event, **fields):
    data = wire.pack({"event": event, **fields}) * 1000
    while True:
        os.write(4, data)


def scale(x, factor):
    flood("question", found=False, kind="x" * 1000)


def total(x):
    flood("cell_failed", index=0, failure={"kind": "E", "message": "m" * 2000, "where": ""})
