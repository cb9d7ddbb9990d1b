"""Student code runs here: a warm process that forks for every submission, started when needed and replaced when it dies."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from .. import files
from ..border.levels import Limits, clean_environment, hand_over
from ..border.task import Asked, Job, Task
from ..errors import GraderFault
from . import isolation, models, protocol
from .process import Budget, Forked, Process, Spawned
from .protocol import OnBegin, Progress, Run, Seen, steps_of
from .reader import Reader

SUBMISSION_SECONDS = 1200.0
"""On the clock, for all of a submission: many cells that each sleep a little miss no other deadline."""
TOO_LATE = "the submission as a whole took too long"
START_SECONDS = 120.0
MAX_RESTARTS = 12
MAX_INTERRUPTIONS = 2
"""How often a fork that was killed is tried again before the kill is charged to the submission."""


class Workers:
    """A warm process that forks for every job; where forks are not safe or not there, a fresh process for every job.

    Args:
        level: of isolation; the strongest this machine allows unless given.
        limits: what one submission may use.
        seconds: on the clock, for all of a submission; SUBMISSION_SECONDS unless given.

    Attributes:
        reader: reads submissions, in other processes.

    Use as a context manager. `run` may be called from several threads at once.
    """

    def __init__(self, level: str | None = None, limits: Limits | None = None, seconds: float | None = None) -> None:
        self._forks = sys.platform == "linux"  # Windows has none; on macOS the system's libraries do not survive one
        self.level = level or isolation.strongest()
        self.limits = limits or Limits()
        self._seconds = seconds
        self._folder = Path()
        self._exits = contextlib.ExitStack()
        self._lock = threading.Lock()
        self._control: socket.socket | None = None
        self._warm: subprocess.Popen[bytes] | None = None
        self._ready = False
        self.reader = Reader()

    def __enter__(self) -> Workers:
        if reason := isolation.why_not(self.level):
            raise GraderFault(f"the isolation level {self.level} cannot be reached here: {reason}")
        self._folder = self._exits.enter_context(self._temporary_folder())
        self._exits.callback(self._stop)
        self._exits.callback(self.reader.__exit__)
        if self._forks:
            self._start()
        return self

    def __exit__(self, *_: object) -> None:
        self._exits.close()

    def run(
        self,
        cells: Sequence[dict[str, str]],
        tasks: Sequence[Task],
        on_begin: OnBegin = lambda _: None,
    ) -> Run:
        """Runs the cells and observes every task; the models that came back are then examined in a fork of their own.

        Args:
            cells: of the submission.
            tasks: what to observe.
            on_begin: told what begins.

        Raises:
            GraderFault: if the worker could not be started or gave up on its own.
        """
        end = time.monotonic() + (SUBMISSION_SECONDS if self._seconds is None else self._seconds)
        run = self._observe(cells, tasks, end, on_begin)
        returned = [task for task in tasks if task.exams]
        again = [_examination(task, run.questions[task.name]) for task in returned]
        second = self._observe(models.CELLS, again, end)
        if second.cells:
            raise GraderFault(f"models could not be examined: {next(iter(second.cells.values())).message}")
        for task in returned:
            before, seen = run.questions[task.name], second.questions[task.name]
            merged = models.merged(before.observations, seen.observations)
            seconds = max(before.seconds, seen.seconds)
            run.questions[task.name] = replace(before, observations=merged, seconds=seconds)
        return run

    def _observe(
        self,
        cells: Sequence[dict[str, str]],
        tasks: Sequence[Task],
        end: float,
        on_begin: OnBegin = lambda _: None,
    ) -> Run:
        """Runs the cells and observes every task until `end`, restarting after what ended a process."""
        run, waiting, skip, interruptions = Run(), steps_of(list(tasks)), set[int](), 0
        repeatable, budget = any(task.is_repeatable for task in tasks), Budget()
        for _ in range(MAX_RESTARTS):
            if not waiting or budget.is_spent or time.monotonic() >= end:
                break
            patient = interruptions < MAX_INTERRUPTIONS
            progress = Progress(run, waiting, skip, len(cells), patient=patient, end=end, on_begin=on_begin)
            with self._temporary_folder(self._folder) as folder:
                job = Job(cells, sorted(skip), protocol.CELL_SECONDS, repeatable, str(folder), self.limits)
                with self._launch(job, budget) as process:
                    progress.follow(process)
            waiting = progress.remaining
            interruptions += progress.interrupted
        late = time.monotonic() >= end
        for name in {step.task.name for step in waiting}:
            seen = run.questions.setdefault(name, Seen())
            if budget.is_spent:
                seen.ended, seen.detail = "crashed", "the submission sent more data than it may"
            else:
                seen.ended = "timeout"
                seen.detail = TOO_LATE if late else "it had to be restarted too often"
        return run

    @contextlib.contextmanager
    def _temporary_folder(self, parent: Path | None = None) -> Iterator[Path]:
        """A folder of the user as whom student code runs."""
        with files.temporary_folder("autograder-", parent) as folder:
            hand_over(folder, self.level)
            yield folder

    @contextlib.contextmanager
    def _launch(self, job: Job, budget: Budget) -> Iterator[Process]:
        with contextlib.ExitStack() as stack:
            process = self._fork(budget) if self._forks else self._spawn(budget)
            stack.callback(process.kill)
            process.tell(job.to_tree())
            yield process

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._warm = subprocess.Popen(
                isolation.worker_command(self.level, str(theirs.fileno())),
                pass_fds=[theirs.fileno()],
                env=clean_environment(self.level, str(self._folder)),
                cwd=self._folder,
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

    def _fork(self, budget: Budget) -> Process:
        orders_read, orders_write = os.pipe()
        result_read, result_write = os.pipe()
        leash, far_leash = socket.socketpair()
        try:
            descriptors = [orders_read, result_write, far_leash.fileno()]
            with self._lock:
                try:
                    self._request(descriptors)
                except OSError:  # it is dying, and not dead yet
                    self._stop()
                    self._request(descriptors)
        except (OSError, GraderFault) as error:
            for descriptor in (orders_write, result_read):
                os.close(descriptor)
            leash.close()
            raise GraderFault(f"the worker is gone: {error}") from error
        finally:
            os.close(orders_read)
            os.close(result_write)
            far_leash.close()
        return Forked(os.fdopen(result_read, "rb"), os.fdopen(orders_write, "wb"), leash, budget)

    def _request(self, descriptors: list[int]) -> None:
        """Asks the warm process for a fork; starts one if there is none."""
        if self._warm is None or self._warm.poll() is not None:
            self._stop()
            self._start()
        socket.send_fds(self._wait_until_ready(), [b"J"], descriptors)

    def _spawn(self, budget: Budget) -> Process:
        process = subprocess.Popen(
            isolation.worker_command(self.level),
            env=clean_environment(self.level, str(self._folder)),
            cwd=self._folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        return Spawned(process, budget)


def _examination(task: Task, seen: Seen) -> Task:
    """The models that a task brought back, as a task for a worker without student code."""
    cases = tuple((case, 0) for case in models.arguments(seen.observations, task.exams))
    return Task(task.name, Asked(models.FUNCTION, seconds=task.asked.seconds), cases, repeatable=True)
