"""Submissions are read in other processes; what goes wrong there is a file's fault only if the file did it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest
import tiny

from autograder.errors import GraderFault
from autograder.grader import reader as readers
from autograder.grader.reader import Reader

CELL = b"def f(x):\n    return x\n"


@pytest.fixture
def reader() -> Iterator[Reader]:
    with Reader() as opened:
        yield opened


def test_one_process_reads_many_files(reader: Reader) -> None:
    first = reader.read(CELL, ".py")
    process = reader._idle.get()
    reader._idle.put(process)
    second = reader.read(CELL, ".py")
    assert not first.unreadable and first.cells[0].source == second.cells[0].source
    assert reader._idle.get() is process


def test_what_need_not_run_is_left_out_and_what_must_not_be_used_is_found(reader: Reader) -> None:
    picture = "print(f(3))"
    notebook = json.dumps(tiny.notebook([CELL.decode(), picture, "def g(x):\n    return tf.pad(x)"])).encode()
    assert len(reader.read(notebook, ".ipynb").cells) == 3
    found = reader.read(notebook, ".ipynb", frozenset({picture}), {"g": ("pad", "conv"), "f": ("pad",)})
    assert len(found.cells) == 2 and found.reached == {"g": ["pad"], "f": []}


def test_at_the_end_no_process_and_no_pipe_is_left() -> None:
    with Reader() as reader:
        reader.read(CELL, ".py")
        process = reader._idle.get()
        reader._idle.put(process)
    assert process.returncode is not None and process.stdin and process.stdout
    assert process.stdin.closed and process.stdout.closed


def test_a_process_that_does_not_start_is_ours(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(GraderFault, match="did not start"):
        reader.read(CELL, ".py")


def test_a_process_that_somebody_killed_is_replaced(reader: Reader) -> None:
    reader.read(CELL, ".py")
    process = reader._idle.get()
    process.kill()
    process.wait()
    reader._idle.put(process)
    assert not reader.read(CELL, ".py").unreadable


def test_a_file_that_takes_too_long_is_unreadable(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "SECONDS", 0.1)
    started: list[int] = []
    real = reader._process

    def asleep() -> subprocess.Popen[bytes]:
        """A process that never answers."""
        process = real()
        started.append(process.pid)
        process.send_signal(signal.SIGSTOP)
        return process

    monkeypatch.setattr(reader, "_process", asleep)
    assert "too much time or memory" in reader.read(CELL, ".py").unreadable
    assert len(started) == 1, "it would take too long again"
