"""Grades a class within the outer wall, on a machine with something to attack: run as `wall.py -- python machine.py LEVEL ...`.

The machine listens on a TCP port, a UDP port, a Unix socket and an abstract one, and writes down whoever knocks. The
grader is the real command line, but what is expected to hang does so for a short while: a question whose time must run out
for a second, a cell for ten. Whoever may be right has all the time that there is: a slow machine makes nobody wrong.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

COURSE = Path("/course")
PORT = 4711
GRADER = r"""
import re, sys
from dataclasses import replace
from autograder.course import classroom
from autograder.grader import isolation, protocol

def hurried(path, marking, workers, **named):
    expected = re.findall(r"^# expect: .*", path.read_text(errors="replace") if path.is_file() else "", re.MULTILINE)
    hangs = re.findall(r"(\w+)=\S*timeout", "".join(expected))
    answers = {n: replace(a, question=replace(a.question, seconds=1.0)) if n in hangs else a for n, a in marking.answers.items()}
    return grade(path, replace(marking, answers=answers), workers, **named)

protocol.CELL_SECONDS = 10
grade, classroom.grade = classroom.grade, hurried
level = sys.argv.pop(1)
if level != "full":
    isolation.strongest = lambda: level
from autograder.commands.cli import main
main()
"""


def listen() -> None:
    """Opens the sockets; each of them writes a line to /course/knocks when somebody gets through to it."""
    for family, kind, address in (
        (socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", PORT)),
        (socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", PORT)),
        (socket.AF_UNIX, socket.SOCK_STREAM, str(COURSE / "socket")),
        (socket.AF_UNIX, socket.SOCK_STREAM, "\0machine"),
    ):
        listener = socket.socket(family, kind)
        listener.bind(address)
        if kind == socket.SOCK_STREAM:
            listener.listen()
        threading.Thread(target=_note, args=(listener, kind, repr(address)), daemon=True).start()


def _note(listener: socket.socket, kind: int, address: str) -> None:
    while True:
        listener.accept() if kind == socket.SOCK_STREAM else listener.recv(1)
        with (COURSE / "knocks").open("a") as file:
            file.write(f"{address}\n")


def main() -> None:
    """Grades /course/class at a level, with what comes after it on the command line as further arguments of `grade`."""
    level, *arguments = sys.argv[1:]
    listen()
    secret = (COURSE / "environment").read_text()
    (COURSE / "environment").unlink()
    with (COURSE / "said.txt").open("w") as said:
        graded = subprocess.run(
            [sys.executable, "-c", GRADER, level, "grade", "--isolation", level, *arguments],
            cwd=COURSE,
            env=os.environ | {"GRADER_TOKEN": secret, "HOME": str(COURSE / "home"), "COLUMNS": "120"},
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
        )
    sys.exit(graded.returncode)


if __name__ == "__main__":
    main()
