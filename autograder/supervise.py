"""The grader's side of a worker: starts it, feeds it jobs, keeps the deadlines, and survives whatever comes back.

Events are what a worker says; nothing in them is trusted beyond their types. A submission that hangs, crashes or floods
costs the cell or question it was in: the rest goes on in a fresh fork.
"""

from __future__ import annotations

import contextlib
import io
import os
import queue
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, BinaryIO, cast

from . import examination, sandbox, wire
from .errors import GraderFault
from .observation import Failure, Observation, plain_text
from .question import Ban, Code, Probe
from .worker import STATUS

CELL_SECONDS = 30.0
WALL_FACTOR = 4.0
"""Deadlines are processor time, kept by the worker itself; this many times as long on the clock is the grader's own."""
SUBMISSION_SECONDS = 1200.0
"""On the clock, for all of a submission: many cells that each sleep a little miss no other deadline."""
START_SECONDS = 120.0
MAX_RESTARTS = 12
MAX_INTERRUPTIONS = 2
"""How often a fork that was killed is tried again before the kill is charged to the submission."""
MAX_TRAFFIC = 512 << 20
"""Bytes that one fork may send."""


@dataclass(frozen=True)
class Task:
    """One question as a worker gets it: inputs and a seed, never an expected value.

    Attributes:
        name: the key of the result.
        function: the name looked up after the cells ran.
        cases: the materialised arguments of each case, with the seed of its cotangent.
        probe: what is called in the function's place.
        exams: of a model question, what each case's model is examined on, without the labels.
        repeatable: whether TensorFlow has to give the same numbers again, as for every probe and every model.
    """

    name: str
    function: str
    cases: tuple[tuple[dict[str, Any], int], ...]
    wrt: tuple[str, ...] = ()
    ban: Ban | None = None
    seconds: float = 10.0
    dtype: str = "float32"
    probe: Probe | None = None
    exams: tuple[dict[str, Any], ...] = ()
    repeatable: bool = False

    def to_tree(self) -> dict[str, Any]:
        """As a tree for `wire`."""
        return {
            "name": self.name,
            "function": self.function,
            "wrt": self.wrt,
            "ban": asdict(self.ban) if self.ban else None,
            "dtype": self.dtype,
            "seconds": self.seconds,
            "probe": asdict(self.probe) if self.probe else None,
            "repeatable": self.repeatable or bool(self.probe or self.exams),
            "cases": [
                {"arguments": {k: {"code": v.source} if isinstance(v, Code) else v for k, v in arguments.items()},
                 "cotangent_seed": seed,
                 "images": self.exams[index]["images"] if self.exams else None}
                for index, (arguments, seed) in enumerate(self.cases)
            ],
        }  # fmt: skip


@dataclass
class Seen:
    """What a worker showed of one question.

    Attributes:
        observations: one for each case that finished.
        ended: "" if all finished, else "missing", "timeout", "memory", "crashed".
        detail: the type found in the function's place, or how the process ended.
    """

    observations: list[Observation] = field(default_factory=list)
    ended: str = ""
    detail: str = ""


@dataclass
class Run:
    """What a worker showed of a submission: its questions by name, and the cells that failed by index."""

    questions: dict[str, Seen] = field(default_factory=dict)
    cells: dict[int, Failure] = field(default_factory=dict)


class Workers:
    """A warm process that forks for every job; without `os.fork`, a fresh process for every job.

    Args:
        level: of isolation; the strongest this machine allows unless given.
        limits: what one submission may use.

    Use as a context manager. `run` may be called from several threads at once.
    """

    def __init__(self, level: str | None = None, limits: sandbox.Limits | None = None) -> None:
        self._forks = hasattr(os, "fork") and hasattr(socket, "send_fds")
        self.level = level or sandbox.level()
        self.limits = limits or sandbox.Limits()
        self._folder = tempfile.TemporaryDirectory(prefix="autograder-", ignore_cleanup_errors=True)
        sandbox.hand_over(self._folder.name, self.level)
        self._lock = threading.Lock()
        self._control: socket.socket | None = None
        self._warm: subprocess.Popen[bytes] | None = None
        self._ready = False

    def __enter__(self) -> Workers:
        if self._forks:
            self._start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()
        self._folder.cleanup()

    def run(self, cells: Sequence[dict[str, str]], tasks: Sequence[Task]) -> Run:
        """Runs the cells and observes every task; the models that came back are then examined in a fork of their own.

        Raises:
            GraderFault: if the worker could not be started or gave up on its own.
        """
        end = time.monotonic() + SUBMISSION_SECONDS
        run = self._observe(cells, tasks, end)
        models = [task for task in tasks if task.exams]
        again = [_examination(task, run.questions[task.name]) for task in models]
        second = self._observe(examination.CELLS, again, end)
        if second.cells:
            raise GraderFault(f"models could not be examined: {next(iter(second.cells.values())).message}")
        for task in models:
            before, seen = run.questions[task.name], second.questions[task.name]
            merged = examination.merged(before.observations, seen.observations)
            run.questions[task.name] = replace(before, observations=merged)
        return run

    def _observe(self, cells: Sequence[dict[str, str]], tasks: Sequence[Task], end: float) -> Run:
        """Runs the cells and observes every task until `end`, restarting after what ended a process."""
        run, waiting, skip, interruptions = Run(), list(tasks), set[int](), 0
        for _ in range(MAX_RESTARTS):
            if not waiting or time.monotonic() >= end:
                break
            job = _Job(run, waiting, skip, len(cells), patient=interruptions < MAX_INTERRUPTIONS, end=end)
            with tempfile.TemporaryDirectory(dir=self._folder.name, ignore_cleanup_errors=True) as folder:
                sandbox.hand_over(folder, self.level)
                message = {
                    "cells": list(cells),
                    "skip": sorted(skip),
                    "questions": [task.to_tree() for task in waiting],
                    "cell_seconds": CELL_SECONDS,
                    "folder": folder,
                    "limits": asdict(self.limits),
                }
                with self._launch(wire.pack(message)) as process:
                    job.follow(process)
            waiting = job.remaining
            interruptions += job.interrupted
        late = time.monotonic() >= end
        for task in waiting:
            why = "the submission as a whole took too long" if late else "it had to be restarted too often"
            run.questions[task.name] = Seen(ended="timeout", detail=why)
        return run

    @contextlib.contextmanager
    def _launch(self, message: bytes) -> Iterator[_Process]:
        with contextlib.ExitStack() as stack:
            process = self._fork(message) if self._forks else self._spawn(message)
            stack.callback(process.kill)
            yield process

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._warm = subprocess.Popen(
                [sys.executable, "-I", "-m", "autograder.worker", self.level, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                env=sandbox.clean_environment(self.level, self._folder.name),
                cwd=self._folder.name,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        self._control, self._ready = ours, False

    def _wait_until_ready(self) -> socket.socket:
        """The way to the warm process, once it has imported everything: the grader does other things meanwhile."""
        assert self._control and self._warm and self._warm.stderr
        if not self._ready:
            self._control.settimeout(START_SECONDS)
            with contextlib.suppress(TimeoutError, ConnectionError):
                self._ready = bool(self._control.recv(1))
            if not self._ready:
                self._warm.kill()
                said = self._warm.communicate()[1].decode(errors="replace")
                raise GraderFault(f"the worker did not start:\n{said[-2000:]}")
            threading.Thread(target=self._warm.stderr.read, daemon=True).start()
        return self._control

    def _stop(self) -> None:
        if self._control:
            self._control.close()
        if self._warm:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._warm.wait(5)
            self._warm.kill()
            self._warm.wait()
        self._control = self._warm = None

    def _fork(self, message: bytes) -> _Process:
        job_read, job_write = os.pipe()
        result_read, result_write = os.pipe()
        leash, far_leash = socket.socketpair()
        try:
            descriptors = [job_read, result_write, far_leash.fileno()]
            with self._lock:
                try:
                    self._request(descriptors)
                except OSError:  # it is dying, and not dead yet
                    self._stop()
                    self._request(descriptors)
        except (OSError, GraderFault) as error:
            for descriptor in (job_write, result_read):
                os.close(descriptor)
            leash.close()
            raise GraderFault(f"the worker is gone: {error}") from error
        finally:
            os.close(job_read)
            os.close(result_write)
            far_leash.close()
        threading.Thread(target=_feed, args=(os.fdopen(job_write, "wb"), message), daemon=True).start()
        return _Forked(os.fdopen(result_read, "rb"), leash)

    def _request(self, descriptors: list[int]) -> None:
        """Asks the warm process for a fork; starts one if there is none."""
        if self._warm is None or self._warm.poll() is not None:
            self._stop()
            self._start()
        socket.send_fds(self._wait_until_ready(), [b"J"], descriptors)

    def _spawn(self, message: bytes) -> _Process:
        process = subprocess.Popen(
            [sys.executable, "-I", "-m", "autograder.worker", self.level],
            env=sandbox.clean_environment(self.level, self._folder.name),
            cwd=self._folder.name,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert process.stdin and process.stdout
        threading.Thread(target=_feed, args=(process.stdin, message), daemon=True).start()
        return _Spawned(cast(BinaryIO, process.stdout), process)


def _feed(pipe: BinaryIO, message: bytes) -> None:
    with contextlib.suppress(OSError), pipe:
        pipe.write(message)


class _Metered(io.RawIOBase):
    """A stream that ends after MAX_TRAFFIC bytes."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self._left = stream, MAX_TRAFFIC

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(min(size, self._left))
        self._left -= len(data)
        return data


class _Process:
    """A running job: its events, its end, and the way to stop it."""

    first_event_seconds = WALL_FACTOR * CELL_SECONDS

    def __init__(self, stream: BinaryIO) -> None:
        self.events: queue.Queue[dict[str, Any] | None] = queue.Queue(maxsize=64)
        self._stopped = False
        threading.Thread(target=self._pump, args=(stream,), daemon=True).start()

    def _pump(self, stream: BinaryIO) -> None:
        """Moves events from the pipe to the queue; None at the end. A full queue makes a flooding worker wait."""
        metered = _Metered(stream)
        with stream, contextlib.suppress(EOFError, OSError, wire.WireError, MemoryError):
            while not self._stopped:
                event = wire.read(metered)  # type: ignore[arg-type]
                self._put(event if isinstance(event, dict) else {})
        self._put(None)

    def _put(self, event: dict[str, Any] | None) -> None:
        while not self._stopped:
            with contextlib.suppress(queue.Full):
                self.events.put(event, timeout=0.2)
                return

    def exit_status(self) -> int | None:
        """The exit code, negative for a signal; None if the warm process is gone.

        Raises:
            TimeoutError: if the process has closed its connection and goes on.
        """
        raise NotImplementedError

    def kill(self) -> None:
        """Ends the process and everything in its session, and the threads that listen to it."""
        self._stopped = True


class _Forked(_Process):
    def __init__(self, stream: BinaryIO, leash: socket.socket) -> None:
        super().__init__(stream)
        self._leash = leash

    def exit_status(self) -> int | None:
        self._leash.settimeout(5)
        try:
            data = self._leash.recv(STATUS.size)
        except ConnectionError:
            data = b""
        return int(STATUS.unpack(data)[0]) if len(data) == STATUS.size else None

    def kill(self) -> None:
        super().kill()
        self._leash.close()


class _Spawned(_Process):
    first_event_seconds = START_SECONDS  # it has to import TensorFlow first

    def __init__(self, stream: BinaryIO, process: subprocess.Popen[bytes]) -> None:
        super().__init__(stream)
        self._process = process

    def exit_status(self) -> int | None:
        try:
            return self._process.wait(5)
        except subprocess.TimeoutExpired as error:
            raise TimeoutError from error

    def kill(self) -> None:
        super().kill()
        self._process.kill()
        self._process.wait()


def _examination(task: Task, seen: Seen) -> Task:
    """The models that a task brought back, as a task for a worker without student code."""
    cases = tuple((case, 0) for case in examination.arguments(seen.observations, task.exams))
    return Task(task.name, examination.FUNCTION, cases, seconds=task.seconds, repeatable=True)


class _Job:
    """One fork's progress through the cells and the questions.

    Attributes:
        remaining: the tasks that are neither observed nor charged.
        interrupted: whether it was killed and nobody was charged for it.
    """

    def __init__(
        self, run: Run, tasks: list[Task], skip: set[int], cell_count: int, *, patient: bool, end: float
    ) -> None:
        self.run, self.remaining, self.skip = run, tasks, skip
        self.interrupted = False
        self._cell_count, self._patient, self._end_of_all = cell_count, patient, end
        self._cell: int | None = None
        self._task: Task | None = None

    def follow(self, process: _Process) -> None:
        """Takes events until the job is done or ended; whatever ended it is charged to where it was."""
        deadline = time.monotonic() + process.first_event_seconds
        while True:
            try:
                until = min(deadline, self._end_of_all)
                event = process.events.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                return self._charge("timeout", "") if until == deadline else None
            if event is None:
                return self._end(process)
            try:
                seconds = self._take(event)
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                return self._charge("crashed", f"it sent something that is no result ({type(error).__name__})")
            if not self.remaining:
                return None
            if seconds:
                deadline = time.monotonic() + seconds

    def _take(self, event: dict[str, Any]) -> float:
        """Records an event and returns the seconds until the next deadline, or 0 to keep the one in force."""
        kind = event["event"]
        if kind == "cell" and self._task is None:
            index = event["index"]
            if type(index) is not int or not (-1 if self._cell is None else self._cell) < index < self._cell_count:
                raise ValueError("a cell out of turn")
            self._cell = index
            return WALL_FACTOR * CELL_SECONDS
        if kind == "cell_failed" and self._task is None and self._cell is not None:
            self.run.cells[self._cell] = Failure.from_tree(event["failure"])
            return 0
        if kind == "question":
            self._finish()
            if not self.remaining or event["name"] != self.remaining[0].name:
                raise ValueError("a question out of turn")
            self._task = self.remaining[0]
            self.run.questions[self._task.name] = Seen()
            return WALL_FACTOR * self._task.seconds
        if kind == "missing" and self._task:
            seen = self.run.questions[self._task.name]
            seen.ended, seen.detail = "missing", plain_text(event["kind"])[:100]
            return 0
        if kind == "case" and self._task:
            seen = self.run.questions[self._task.name]
            if len(seen.observations) == len(self._task.cases):
                raise ValueError("a case too many")
            seen.observations.append(Observation.from_tree(event["observation"]))
            return 0
        if kind == "done":
            self._finish()
            if self.remaining:
                raise ValueError("done too early")
            return 0
        raise ValueError("an event out of turn")

    def _finish(self) -> None:
        if self._task:
            seen = self.run.questions[self._task.name]
            if not seen.ended and len(seen.observations) != len(self._task.cases):
                raise ValueError("cases are missing")
            self.remaining = self.remaining[1:]
            self._task = None

    def _end(self, process: _Process) -> None:
        """Charges the end of a process, unless it was killed: by the kernel, by an operator, or with the warm process."""
        try:
            status = process.exit_status()
        except TimeoutError:
            return self._charge("crashed", "its process closed the connection")
        self.interrupted = self._patient and status in (None, -9)
        if not self.interrupted:
            if status is None:
                raise GraderFault("the warm process ended again and again")
            self._charge(*_ending(status))
        return None

    def _charge(self, ended: str, detail: str) -> None:
        if self._task:
            seen = self.run.questions[self._task.name]
            seen.ended, seen.detail = ended, detail
            self.remaining = self.remaining[1:]
        elif self._cell is not None:
            self.run.cells[self._cell] = Failure(ended, detail)
            self.skip.add(self._cell)
        else:
            raise GraderFault(f"the worker stopped before the first cell ({ended} {detail})")


def _ending(status: int) -> tuple[str, str]:
    if status >= 0:
        return "crashed", f"its process ended itself with exit code {status}"
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    if name in ("SIGPROF", "SIGXCPU"):
        return "timeout", ""
    often = ", most often because memory ran out" if name in ("SIGKILL", "SIGABRT") else ""
    return "crashed", f"its process was stopped by {name}{often}"
