"""`python -m autograder.source`: reads submitted files in a process of its own, one after the other, from stdin to stdout."""

from __future__ import annotations

import os
import sys

from ..border import wire
from .reading import reading

MEMORY = 2 << 30
"""Bytes of address space: a text that takes more to be parsed ends this process, and not the grader."""

READY = b"R"
"""The first byte: from here on, what ends this process is a file."""


def main() -> None:
    """Answers each request (data, suffix, idle, banned) with a reading."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ImportError, OSError, ValueError):
        pass  # there are no limits here; the deadline holds everywhere
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    quiet = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(quiet, standard)
    answers.write(READY)
    answers.flush()
    while True:
        try:
            tree = wire.read(requests)
        except EOFError:
            return
        idle, banned = frozenset(tree["idle"]), tree["banned"]
        found = reading(tree["data"].tobytes(), tree["suffix"], idle, banned)
        answers.write(wire.pack(found.to_tree()))
        answers.flush()


if __name__ == "__main__":
    sys.setrecursionlimit(1000)
    main()
