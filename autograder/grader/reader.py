"""Reads submissions in processes of their own: parsing a hostile text may take any time and memory, or end the process."""

from __future__ import annotations

import contextlib
import queue
import subprocess
import threading
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO, cast

import numpy as np

from ..border import wire
from ..border.levels import clean_environment
from ..errors import GraderFault
from ..source.__main__ import READY
from ..source.reading import Reading
from .isolation import module_command

SECONDS = 30.0
"""On the clock, for one file. An honest one takes some hundredths of a second."""
TRIES = 3

_TOO_MUCH = (
    "The file takes too much time or memory to read. Take out what is not needed (data pasted into a cell? very deep nesting?), "
    "and submit again."
)


class Reader:
    """Processes that read files, started when needed and used again. May be called from several threads at once."""

    def __init__(self) -> None:
        self._idle: queue.SimpleQueue[subprocess.Popen[bytes]] = queue.SimpleQueue()

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        while not self._idle.empty():
            _end(self._idle.get())

    def read(
        self,
        data: bytes,
        suffix: str,
        idle: frozenset[str] = frozenset(),
        banned: Mapping[str, Sequence[str]] | None = None,
    ) -> Reading:
        """As `source.reading.reading`; a file that takes too much is unreadable.

        Raises:
            GraderFault: if no process could be started to read it.
        """
        request = {
            "data": np.frombuffer(data, np.uint8),
            "suffix": suffix,
            "idle": sorted(idle),
            "banned": {name: list(names) for name, names in (banned or {}).items()},
        }
        for _ in range(TRIES):
            late = threading.Event()
            if found := self._answer(request, late):
                return found
            if late.is_set():
                break  # else it was killed by somebody else, or its memory ran out: that is tried again
        return Reading(unreadable=_TOO_MUCH)

    def _answer(self, request: dict[str, Any], late: threading.Event) -> Reading | None:
        """What a process answers; None if it ends instead, or is late."""
        process = self._process()

        def stop() -> None:
            late.set()
            process.kill()

        stopper = threading.Timer(SECONDS, stop)
        stopper.start()
        try:
            assert process.stdin and process.stdout
            process.stdin.write(wire.pack(request))
            process.stdin.flush()
            found = Reading.from_tree(wire.read(cast(BinaryIO, process.stdout)))
        except (OSError, EOFError, wire.WireError, LookupError, TypeError):
            _end(process)
            return None
        finally:
            stopper.cancel()
        self._idle.put(process)
        return found

    def _process(self) -> subprocess.Popen[bytes]:
        """One that is ready to read."""
        with contextlib.suppress(queue.Empty):
            return self._idle.get_nowait()
        process = subprocess.Popen(
            module_command("autograder.source"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=clean_environment("process", "/"),
        )
        assert process.stdout
        if process.stdout.read(len(READY)) != READY:
            _end(process)
            raise GraderFault("the process that reads submissions did not start")
        return process


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    for stream in (process.stdin, process.stdout):
        if stream:
            with contextlib.suppress(OSError):
                stream.close()
    process.wait()
