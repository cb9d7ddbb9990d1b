"""Submissions are read in other processes; what goes wrong there is a file's fault only if the file did it."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

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
    monkeypatch.setattr(readers, "SECONDS", 0.0)
    slow = b"x = " + b"(" * 90 + b"1" + b")" * 90 + b"\n" + b"y = [1, 2, 3] * 100\n" * 20_000
    assert "too much time or memory" in reader.read(slow, ".py").unreadable
