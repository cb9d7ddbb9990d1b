"""A running worker as the grader sees it: what it says, what it is told, how it ended, and the way to stop it."""

from __future__ import annotations

import contextlib
import io
import queue
import socket
import subprocess
import threading
import time
from typing import Any, BinaryIO

from ..border import wire
from ..border.task import STATUS

MAX_TRAFFIC = 96 << 20
"""Bytes that all forks of a submission may send together: what the grader may have to keep."""
MAX_EVENT = 48 << 20
MAX_EVENT_HEADER = 1 << 18
"""Bytes of one event's arrays, and of everything else in it."""


class Budget:
    """What a submission may still send: shared by all of its forks."""

    def __init__(self, size: int = MAX_TRAFFIC) -> None:
        self.left = size

    @property
    def is_spent(self) -> bool:
        """Whether a new fork could not even say that it runs: that would look like a fault of the grader."""
        return self.left < MAX_EVENT_HEADER


class _Metered(io.RawIOBase):
    """A stream that ends where the budget does."""

    def __init__(self, stream: BinaryIO, budget: Budget) -> None:
        self._stream, self._budget = stream, budget

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(min(size, self._budget.left))
        self._budget.left -= len(data)
        return data


class Process:
    """A running job.

    Args:
        results: the stream of its events.
        orders: where it reads what to do; None for a process that is told nothing.
        budget: what it may send.
    """

    patience = 0.0
    """Seconds on the clock until the first event, beyond those of a cell."""

    def __init__(self, results: BinaryIO, orders: BinaryIO | None, budget: Budget) -> None:
        # A worker that is asked one thing at a time has few events to say; a flood of them waits in its own pipe.
        self.events: queue.Queue[dict[str, Any] | None] = queue.Queue(maxsize=4)
        self._orders: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._stopped = False
        threading.Thread(target=self._pump, args=(results, budget), daemon=True).start()
        if orders:
            threading.Thread(target=self._feed, args=(orders,), daemon=True).start()

    def tell(self, order: dict[str, Any]) -> None:
        """Sends an order, without waiting until it is read."""
        self._orders.put(wire.pack(order))

    def next_event(self, until: float) -> dict[str, Any] | None:
        """What the worker says next; None at its end. Raises queue.Empty if it says nothing until then."""
        return self.events.get(timeout=max(0.0, until - time.monotonic()))

    def exit_status(self) -> int | None:
        """The exit code, negative for a signal; None if the warm process is gone.

        Raises:
            TimeoutError: if the process has closed its connection and goes on.
        """
        raise NotImplementedError

    def kill(self) -> None:
        """Ends the process and everything in its session, and the threads that serve it."""
        self._stopped = True
        self._orders.put(None)

    def _pump(self, stream: BinaryIO, budget: Budget) -> None:
        """Moves events from the pipe to the queue; None at the end."""
        metered = _Metered(stream, budget)
        with stream, contextlib.suppress(EOFError, OSError, wire.WireError, MemoryError):
            while not self._stopped:
                event = wire.read(metered, MAX_EVENT_HEADER, MAX_EVENT)  # type: ignore[arg-type]
                self._put(event if isinstance(event, dict) else {})
        self._put(None)

    def _put(self, event: dict[str, Any] | None) -> None:
        while not self._stopped:
            with contextlib.suppress(queue.Full):
                self.events.put(event, timeout=0.2)
                return

    def _feed(self, stream: BinaryIO) -> None:
        with contextlib.suppress(OSError), stream:
            while (order := self._orders.get()) is not None:
                stream.write(order)
                stream.flush()


class Forked(Process):
    """A fork of the warm process; when the leash is let go, it is killed."""

    def __init__(self, results: BinaryIO, orders: BinaryIO, leash: socket.socket, budget: Budget) -> None:
        super().__init__(results, orders, budget)
        self._leash = leash

    def exit_status(self) -> int | None:
        """As the warm process tells it."""
        self._leash.settimeout(5)
        try:
            data = self._leash.recv(STATUS.size)
        except ConnectionError:
            data = b""
        return int(STATUS.unpack(data)[0]) if len(data) == STATUS.size else None

    def kill(self) -> None:
        """Lets go of the leash, and waits until the process is gone: then nothing writes to its folder any more."""
        super().kill()
        with self._leash, contextlib.suppress(OSError):
            self._leash.shutdown(socket.SHUT_WR)
            self._leash.settimeout(5)
            while self._leash.recv(STATUS.size):
                pass


class Spawned(Process):
    """A process of its own, where nothing can be forked."""

    patience = 120.0  # it has to import TensorFlow first

    def __init__(self, process: subprocess.Popen[bytes], budget: Budget) -> None:
        assert process.stdin and process.stdout
        super().__init__(process.stdout, process.stdin, budget)  # type: ignore[arg-type]
        self._process = process

    def exit_status(self) -> int | None:
        """As the system tells it."""
        try:
            return self._process.wait(5)
        except subprocess.TimeoutExpired as error:
            raise TimeoutError from error

    def kill(self) -> None:
        """Kills it."""
        super().kill()
        self._process.kill()
        self._process.wait()
