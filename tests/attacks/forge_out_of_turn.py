"""Sends events out of turn: done before anything, questions twice and in another's name, cells from the end, after questions."""

# expect: scale=crashed total=crashed score=0
import os

import autograder.wire as wire

FAILURE = {"kind": "E", "message": "", "where": ""}


def say(event, **fields):
    os.write(4, wire.pack({"event": event, **fields}))


def scale(x, factor):
    say("cell", index=0)
    say("cell_failed", index=0, failure=FAILURE)
    say("question", name="scale")
    say("done")
    os._exit(0)


def total(x):
    for index in (-1, True, 10**9, None, "0", 1.0):
        say("cell", index=index)
    say("question", name="scale")
    say(None)
    say(["done"])
    os._exit(0)
