"""What happens between the grader and one worker: cells first, then case by case, the seed of a cotangent last of all.

Nothing that a worker says is trusted beyond its types. What ends a process is charged to the cell or question it was in.
"""

from __future__ import annotations

import queue
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from ..border.observation import Failure, Observation, plain_text
from ..border.task import END_ORDER, Task, case_order, gradient_order, question_order
from ..errors import GraderFault
from .process import Process

CELL_SECONDS = 30.0
WALL_FACTOR = 4.0
"""Deadlines are processor time, kept by the worker itself; this many times as long on the clock is the grader's own."""

Ending = Literal["", "missing", "timeout", "memory", "crashed"]

OnBegin = Callable[[int | str], None]
"""Called with the index of each cell before it runs, and with the name of each task before it is observed."""


@dataclass
class Seen:
    """What a worker showed of one question.

    Attributes:
        observations: one for each case that finished, in the order of the cases.
        ended: "" if all finished, else what ended it.
        detail: the type found in the function's place, or how the process ended.
        seconds: the processor time of its longest pass, as the worker says: to be looked at, not to be relied on.
        where: the line that was running at a timeout; only a student's own check knows it.
    """

    observations: list[Observation] = field(default_factory=list)
    ended: Ending = ""
    detail: str = ""
    seconds: float = 0.0
    where: str = ""


@dataclass
class Run:
    """What a worker showed of a submission.

    Attributes:
        questions: by name.
        cells: those that failed, by index.
        hidden_told: whether a hidden case was called. From then on nothing that a fork says of cells is kept: a later fork may know it
            from an earlier one.
    """

    questions: dict[str, Seen] = field(default_factory=dict)
    cells: dict[int, Failure] = field(default_factory=dict)
    hidden_told: bool = False


@dataclass(frozen=True)
class Step:
    """Some cases of a task, called one after the other: the public ones, or the hidden ones."""

    task: Task
    first: int
    last: int

    @property
    def is_hidden(self) -> bool:
        """Whether the submission knows hidden inputs in this step: none of its words are kept."""
        return self.task.public is not None and self.last > self.task.public


def steps_of(tasks: list[Task]) -> list[Step]:
    """All public cases, then all hidden ones: what a public case says can hold nothing of a hidden one."""
    bounds = [(task, len(task.cases) if task.public is None else task.public) for task in tasks]
    public = [Step(task, 0, bound) for task, bound in bounds if bound or not task.cases]
    return public + [Step(task, bound, len(task.cases)) for task, bound in bounds if bound < len(task.cases)]


class Progress:
    """One fork's way through the cells and the steps.

    Attributes:
        remaining: the steps that are neither finished nor charged.
        skip: the cells that ended a process and are left out from now on.
        interrupted: whether the process was killed and nobody was charged for it.
    """

    def __init__(
        self,
        run: Run,
        steps: list[Step],
        skip: set[int],
        cell_count: int,
        *,
        patient: bool,
        end: float,
        on_begin: OnBegin = lambda _: None,
    ) -> None:
        self.run, self.remaining, self.skip = run, steps, skip
        self.interrupted = False
        self._cell_count, self._patient, self._end_of_all = cell_count, patient, end
        self._on_begin = on_begin
        self._cell: int | None = None
        self._cell_failed = False
        self._ready = False
        self._waits_for = ""
        self._deadline = 0.0

    def follow(self, process: Process) -> None:
        """Takes events and gives orders until all is done or the process ended; whatever ended it is charged to where it was."""
        self._deadline = time.monotonic() + process.patience + WALL_FACTOR * CELL_SECONDS
        while self.remaining:
            try:
                event = process.next_event(min(self._deadline, self._end_of_all))
            except queue.Empty:
                return self._charge("timeout", "") if self._deadline < self._end_of_all else None
            if event is None:
                return self._end(process)
            try:
                self._take(process, event)
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                return self._charge("crashed", f"it sent something that is no result ({type(error).__name__})")
        process.tell(END_ORDER)
        return None

    def _take(self, process: Process, event: dict[str, Any]) -> None:
        """Records an event and gives the next order."""
        kind = event["event"]
        if not isinstance(kind, str):
            raise ValueError("an event without a name")
        if not self._ready:
            self._take_cell(process, kind, event)
        elif kind != self._waits_for:
            raise ValueError("an event out of turn")
        elif kind == "question":
            self._take_question(process, event)
        elif kind == "value":
            self._take_seconds(event)
            self._take_value(process, event)
        else:
            self._take_seconds(event)
            self._seen.observations[-1] = self._seen.observations[-1].with_gradients(event)
            self._go_on(process)

    def _take_cell(self, process: Process, kind: str, event: dict[str, Any]) -> None:
        if kind == "cell":
            index = event["index"]
            if type(index) is not int or not (-1 if self._cell is None else self._cell) < index < self._cell_count:
                raise ValueError("a cell out of turn")
            self._cell, self._cell_failed = index, False
            self._on_begin(index)
            self._allow(CELL_SECONDS)
        elif kind == "cell_failed" and self._cell is not None and not self._cell_failed:
            self._cell_failed = True
            self._take_failure(self._cell, Failure.from_tree(event["failure"]))
        elif kind == "ready":
            self._ready = True
            self._begin(process)
        else:
            raise ValueError("an event out of turn")

    def _take_failure(self, cell: int, failure: Failure) -> None:
        if not self.run.hidden_told:
            self.run.cells[cell] = failure

    def _begin(self, process: Process) -> None:
        """Asks for the next step's function, if there is a next step."""
        if not self.remaining:
            return
        step = self.remaining[0]
        self._on_begin(step.task.name)
        seen = self.run.questions.setdefault(step.task.name, Seen())
        del seen.observations[step.first :]  # of a fork that was interrupted
        self._waits_for = "question"
        self._allow(step.task.asked.seconds)
        process.tell(question_order(step.task.asked))

    def _take_question(self, process: Process, event: dict[str, Any]) -> None:
        found, kind = event["found"], plain_text(event["kind"])[:100]
        if type(found) is not bool:
            raise ValueError("neither found nor missing")
        if found:
            self._go_on(process)
        else:
            self._seen.ended, self._seen.detail = "missing", "" if self.remaining[0].is_hidden else kind
            self._drop_task()
            self._begin(process)

    def _take_value(self, process: Process, event: dict[str, Any]) -> None:
        seen = Observation.from_tree(event["observation"])
        if seen.gradients:
            raise ValueError("gradients before their time")
        self._seen.observations.append(seen)
        _, seed = self._task.cases[len(self._seen.observations) - 1]
        if self._task.asked.wrt and seed is not None and not seen.failure and seen.outputs:
            self._waits_for = "gradients"
            process.tell(gradient_order(seed))
        else:
            self._go_on(process)

    def _take_seconds(self, event: dict[str, Any]) -> None:
        seconds = event.get("seconds", 0.0)
        if type(seconds) is not float:
            raise ValueError("no time")
        self._seen.seconds = max(self._seen.seconds, seconds)

    def _go_on(self, process: Process) -> None:
        """Calls the next case of the step, or begins the next step."""
        step, done = self.remaining[0], len(self._seen.observations)
        if done == step.last:
            self.remaining = self.remaining[1:]
            self._begin(process)
            return
        arguments, seed = step.task.cases[done]
        images = step.task.exams[done]["images"] if step.task.exams else None
        self.run.hidden_told |= step.is_hidden
        self._waits_for = "value"
        process.tell(case_order(arguments, seed, images))

    @property
    def _task(self) -> Task:
        return self.remaining[0].task

    @property
    def _seen(self) -> Seen:
        return self.run.questions[self._task.name]

    def _allow(self, seconds: float) -> None:
        self._deadline = time.monotonic() + WALL_FACTOR * seconds

    def _end(self, process: Process) -> None:
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

    def _charge(self, ended: Ending, detail: str) -> None:
        if self._ready:
            if self._waits_for == "gradients":  # a value whose gradients never came is no cut gradient
                del self._seen.observations[-1]
            self._seen.ended, self._seen.detail = ended, "" if self.remaining[0].is_hidden else detail
            self._drop_task()
        elif self._cell is not None:
            self._take_failure(self._cell, Failure(ended, detail))
            self.skip.add(self._cell)
        else:
            raise GraderFault(f"the worker stopped before the first cell ({ended} {detail})")

    def _drop_task(self) -> None:
        """Leaves out what is still to come of the task at hand."""
        task = self._task
        self.remaining = [step for step in self.remaining if step.task is not task]


def _ending(status: int) -> tuple[Ending, str]:
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
