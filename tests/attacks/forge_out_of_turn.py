"""Sends events out of turn: cells after questions, gradients before their seed, another question, and what is no event."""

# expect: scale=crashed total=crashed score=0
import os

import autograder.border.wire as wire

FAILURE = {"kind": "E", "message": "", "where": ""}


def say(event, **fields):
    os.write(4, wire.pack({"event": event, **fields}))


def scale(x, factor):
    say("gradients", gradients={}, gradient_failure=None)
    say("cell", index=0)
    say("cell_failed", index=0, failure=FAILURE)
    say("ready")
    say("question", found=True, kind="function")
    os._exit(0)


def total(x):
    for index in (-1, True, 10**9, None, "0", 1.0):
        say("cell", index=index)
    say("question", found=True, kind="function")
    say(None)
    say(["value"])
    os._exit(0)
