"""A running worker as the grader sees it: a flood waits in its pipe, a budget ends, an order never blocks."""

from __future__ import annotations

import io
import os
import queue
import socket
import struct
import threading
import time
from collections.abc import Callable
from typing import Any, BinaryIO

import numpy as np
import pytest

from autograder.border import wire
from autograder.border.levels import Limits
from autograder.border.task import STATUS, Job
from autograder.grader.process import Budget, Forked, Process, _Metered

EVENT = wire.pack({"event": "value"})


class Endless(io.RawIOBase):
    """A worker that says the same without end; counts what is taken from it."""

    def __init__(self, text: bytes = EVENT) -> None:
        self.text, self.taken, self.at = text, 0, 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        piece = (self.text * (2 + size // len(self.text)))[self.at : self.at + size]
        self.at = (self.at + size) % len(self.text)
        self.taken += size
        return piece


def settled(figure: Callable[[], int]) -> int:
    """A figure that a thread changes, once it stays the same for a while."""
    while True:
        before = figure()
        time.sleep(0.3)
        if figure() == before:
            return before


def until(seconds: float = 5.0) -> float:
    return time.monotonic() + seconds


def process_of(stream: Any, budget: Budget | None = None, orders: BinaryIO | None = None) -> Process:
    return Process(stream, orders, budget or Budget())


def test_a_budget_ends_a_stream_wherever_it_is() -> None:
    budget = Budget(1000)
    metered = _Metered(Endless(), budget)  # type: ignore[arg-type]
    assert len(metered.read(600)) + len(metered.read(600)) == 1000
    assert metered.read(600) == b"" and budget.left == 0


def test_all_forks_of_a_submission_share_one_budget() -> None:
    budget = Budget(10 * len(EVENT))
    first = process_of(io.BytesIO(EVENT * 8), budget)
    heard = [first.next_event(until()) for _ in range(4)]
    assert all(heard)
    while first.next_event(until()) is not None:
        pass
    second = process_of(Endless(), budget)
    heard = [second.next_event(until()) for _ in range(3)]
    assert heard == [{"event": "value"}] * 2 + [None], "what the first has used up is gone"


def test_a_flood_waits_in_its_own_pipe() -> None:
    """The grader holds a few events, whatever a worker sends; the next one is read when there is room for it."""
    flood = Endless()
    process = process_of(flood)
    assert settled(lambda: flood.taken) <= 6 * len(EVENT)
    assert process.next_event(until()) == {"event": "value"}
    assert settled(lambda: flood.taken) <= 7 * len(EVENT)
    process.kill()
    stopped = settled(lambda: flood.taken)
    while not process.events.empty():
        process.events.get()
    assert settled(lambda: flood.taken) <= stopped + len(EVENT), "who is killed is not listened to"


@pytest.mark.parametrize(
    "ending", [b"", b"\xff" * 100, EVENT[:-1], struct.pack("<IQ", 1 << 31, 0), struct.pack("<IQ", 1, 1) + b"{" + b"x"]
)
def test_the_end_and_nonsense_are_the_end(ending: bytes) -> None:
    process = process_of(io.BytesIO(EVENT + ending + EVENT))
    process_events = [process.next_event(until())]
    while process_events[-1] is not None:
        process_events.append(process.next_event(until()))
    assert process_events[0] == {"event": "value"}
    assert len(process_events) == (3 if not ending else 2)


@pytest.mark.parametrize("error", [EOFError, OSError, wire.WireError, MemoryError])
def test_whatever_ends_a_stream_is_its_end(error: type[Exception]) -> None:
    class Ending(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            raise error

    assert process_of(Ending()).next_event(until()) is None


@pytest.mark.parametrize("tree", [None, [], "event", 7, ({"event": "value"},)])
def test_what_is_no_event_is_an_empty_one(tree: Any) -> None:
    assert process_of(io.BytesIO(wire.pack(tree))).next_event(until()) == {}


def test_silence_ends_when_it_was_said() -> None:
    reader, writer = os.pipe()
    process = process_of(os.fdopen(reader, "rb"))
    with pytest.raises(queue.Empty):
        process.next_event(until(0.05))
    with pytest.raises(queue.Empty):
        process.next_event(until(-10))
    os.write(writer, EVENT)
    assert process.next_event(until()) == {"event": "value"}
    os.close(writer)
    assert process.next_event(until()) is None


def test_an_order_never_waits_for_a_worker_that_does_not_read() -> None:
    reader, writer = os.pipe()
    process = process_of(io.BytesIO(), orders=os.fdopen(writer, "wb"))
    for number in range(50):
        process.tell({"order": "case", "text": "x" * 100_000, "number": number})
    with os.fdopen(reader, "rb") as stream:
        assert [wire.read(stream)["number"] for _ in range(50)] == list(range(50))
        process.kill()
        with pytest.raises(EOFError):
            wire.read(stream)


def test_a_worker_that_closes_its_orders_harms_nobody() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    before = threading.active_count()
    process = process_of(io.BytesIO(), orders=os.fdopen(writer, "wb"))
    process.tell({"order": "end"})
    process.kill()
    assert settled(threading.active_count) <= before


def forked() -> tuple[Forked, socket.socket]:
    leash, far = socket.socketpair()
    reader, writer = os.pipe()
    os.close(writer)
    return Forked(os.fdopen(reader, "rb"), io.BytesIO(), leash, Budget()), far


@pytest.mark.parametrize("status", [0, 3, -9, 255])
def test_the_exit_status_comes_over_the_leash(status: int) -> None:
    process, far = forked()
    far.sendall(STATUS.pack(status))
    assert process.exit_status() == status


def test_without_the_warm_process_there_is_no_status() -> None:
    for last in (b"", b"\x00\x00"):
        process, far = forked()
        far.sendall(last)
        far.close()
        assert process.exit_status() is None


def test_a_kill_lets_go_of_the_leash() -> None:
    process, far = forked()
    far.shutdown(socket.SHUT_WR)  # the warm process says no more
    process.kill()
    far.settimeout(5)
    assert far.recv(1) == b""


@pytest.mark.parametrize("event, is_heard", [
    ({"text": "x" * 200_000}, True),
    ({"text": "x" * 300_000}, False),
    ({"array": np.zeros(300_000, np.uint8)}, True),
])  # fmt: skip
def test_what_is_not_an_array_is_short(event: dict[str, Any], is_heard: bool) -> None:
    """Text costs the grader many times its size when it is read."""
    process = process_of(io.BytesIO(wire.pack(event)))
    assert (process.next_event(until()) is not None) == is_heard


def test_a_job_crosses_the_border_unchanged() -> None:
    job = Job([{"label": "cell 1", "source": "x = 1"}], [2, 4], 3.5, True, "/tmp/a", Limits(memory=7, threads=2))
    assert Job.from_tree(wire.unpack(wire.pack(job.to_tree()))) == job
