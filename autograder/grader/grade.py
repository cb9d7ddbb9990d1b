"""Grades one submission: extract, observe in a worker, compare, diagnose, report."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from ..border.observation import Failure
from ..errors import GraderFault
from ..reports.report import QuestionReport, Report, State, Status
from ..source import extract
from ..source.reading import Reading
from .answers import Answers, as_trees, task
from .identity import engine, key, versions
from .patience import run_patiently
from .protocol import Run
from .score import score, unavailable
from .workers import Workers

_OUTCOMES = {"timeout": Status.TIMEOUT, "memory": Status.MEMORY, "crashed": Status.CRASHED}


@dataclass(frozen=True)
class Marking:
    """What an assignment's submissions are graded with.

    Attributes:
        assignment: its name.
        answers: by question.
        fingerprint: of the authored files.
        salt: of the hidden cases.
        isolation: the level at which student code runs.
        idle: handed-out cells that need not run again, from `source.idle`.
    """

    assignment: str
    answers: Mapping[str, Answers]
    fingerprint: str
    salt: str = field(repr=False)
    isolation: str
    idle: frozenset[str] = frozenset()

    @property
    def salt_id(self) -> str:
        """Identifies the salt without revealing it."""
        return key("salt", self.salt)[:12]

    @property
    def max_score(self) -> float:
        """The sum of the questions' points."""
        return sum(a.question.points for a in self.answers.values())

    def key_of(self, content: bytes, kind: str = "") -> str:
        """What a result depends on: equal keys, equal grading. The kind is the file's suffix, or why there is no content."""
        return key(
            sha256(content).hexdigest(),
            kind,
            self.assignment,
            self.fingerprint,
            self.salt,
            self.isolation,
            sorted(versions().items()),
            engine(),
        )


def content_of(path: Path, problem: str = "") -> tuple[bytes, str]:
    """The content of a file, and "" or why there is none, in words for the student.

    Args:
        path: the file.
        problem: if it is known already that there is nothing to read.
    """
    try:
        return (b"", problem) if problem else (extract.load(path), "")
    except extract.Unreadable as error:
        return b"", str(error)


def grade(
    path: Path,
    marking: Marking,
    workers: Workers,
    *,
    submission: str,
    student: str,
    problem: str = "",
    on_run: Callable[[Run], None] = lambda run: None,
) -> Report:
    """Grades a file. Whatever is in it, the result is a report.

    Args:
        path: a .ipynb or .py file; one that is missing is reported as unreadable.
        marking: what to grade with.
        workers: where student code runs.
        submission: the name under which it is listed.
        student: the student's id.
        problem: why there is nothing to read, if that is known already.
        on_run: called with what the worker showed.
    """
    clock, started = time.monotonic(), datetime.now(UTC)
    repairs: list[str] = []
    state, message = State.GRADED, ""
    content = b""
    try:
        content, problem = content_of(path, problem)
        if problem:
            raise extract.Unreadable(problem)
        read = read_submission(content, path.suffix, marking, workers)
        repairs = list(read.repairs)
        questions_asked = {name: item.question for name, item in marking.answers.items()}
        tasks = [task(question, marking.salt) for question in questions_asked.values()]
        run = run_patiently(workers, as_trees(read.cells), tasks, questions_asked)
        on_run(run)
        trust_no_worker(run, read)
        questions = [judged(name, answers, read, run) for name, answers in marking.answers.items()]
        _point_to_causes(questions, run)
        message = " ".join(cell_troubles(read, run))
    except extract.Unreadable as error:
        state, message = State.UNREADABLE, str(error)
        questions = [unavailable(a, Status.MISSING, "") for a in marking.answers.values()]
    except Exception as fault:  # ours, whatever it is: one submission must not end the class
        state, message = (
            State.GRADER_FAULT,
            f"The grader itself failed; this is not the student's fault, and no score. Grade again. ({fault})",
        )
        questions = [unavailable(a, Status.GRADER_FAULT, "") for a in marking.answers.values()]
    return Report(
        assignment=marking.assignment,
        submission=submission,
        student=student,
        score=round(sum(q.points for q in questions), 2),
        max_score=marking.max_score,
        status=state,
        message=message,
        isolation=marking.isolation,
        salt_id=marking.salt_id,
        versions=versions(),
        key=marking.key_of(content, problem or path.suffix.lower()),
        started=started.isoformat(timespec="seconds"),
        duration=round(time.monotonic() - clock, 3),
        repairs=repairs,
        questions=questions,
    )


def read_submission(content: bytes, suffix: str, marking: Marking, workers: Workers) -> Reading:
    """Reads a file in a process of its own. Raises Unreadable."""
    bans = {name: item.question.ban.names for name, item in marking.answers.items() if item.question.ban}
    found = workers.reader.read(content, suffix, marking.idle, bans)
    if found.unreadable:
        raise extract.Unreadable(found.unreadable)
    return found


def trust_no_worker(run: Run, read: Reading) -> None:
    """Corrects what a worker reported about the student's text, where the text itself says something else.

    Lines that are not in the file are removed. Banned names are looked for again, because in the worker a submission can blind the search.
    """
    run.cells = {index: _checked(failure, read) for index, failure in run.cells.items()}
    for name, seen in run.questions.items():
        used = tuple((read.reached or {}).get(name, ()))
        seen.observations = [
            replace(
                o,
                failure=o.failure and _checked(o.failure, read),
                gradient_failure=o.gradient_failure and _checked(o.gradient_failure, read),
                banned=tuple(dict.fromkeys((*used, *o.banned))),
            )
            for o in seen.observations
        ]


def _checked(failure: Failure, read: Reading) -> Failure:
    return failure if read.shows(failure.where) else replace(failure, where="")


def judged(name: str, answers: Answers, read: Reading, run: Run) -> QuestionReport:
    """A question's part of the report; if it is missing because the cell that defines it failed, that is told.

    Whatever the worker sent, it costs this question at most: a submission cannot choose that the grader failed.

    Raises:
        GraderFault: if the course's own code could not be run for the comparison.
    """
    try:
        seen = run.questions[name]
        if seen.ended == "missing":
            for index, failure in run.cells.items():
                if name in read.defines[index]:
                    return _lost_with_its_cell(name, answers, read.cells[index].label, failure)
        return score(answers, seen)
    except GraderFault:  # a worker of ours was lost while it ran our own mistakes: nothing of the submission's
        raise
    except Exception as error:
        said = f"What {name} returned could not be judged ({type(error).__name__}). If you think that it is right, ask your instructor to look."
        return unavailable(answers, Status.ERROR, said)


def _lost_with_its_cell(name: str, answers: Answers, label: str, failure: Failure) -> QuestionReport:
    status = _OUTCOMES.get(failure.kind, Status.ERROR)
    if failure.out_of_memory:
        status = Status.MEMORY
    return unavailable(answers, status, f"{name} was not defined, because {label} {_said(failure)}", failure.where)


def _said(failure: Failure) -> str:
    if failure.kind == "timeout":
        return "did not finish. Look for a loop that never ends."
    if failure.kind == "crashed":
        return f"stopped the whole process: {failure.message}."
    if failure.kind == "SystemExit":
        return "ends the whole notebook: take out exit() or sys.exit()."
    where = f" ({failure.where})" if failure.where else ""
    if failure.kind in ("SyntaxError", "IndentationError", "TabError"):
        return f"is not valid Python: {failure.message}{where}."
    return f"raised {failure.kind}: {failure.message}{where}."


def cell_troubles(read: Reading, run: Run) -> list[str]:
    """A sentence on each cell that failed; cells that only called a stub are left out."""
    return [
        f"{read.cells[index].label.capitalize()} {_said(failure)}"
        for index, failure in sorted(run.cells.items())
        if failure.kind != "NotImplementedError"
    ]


def _point_to_causes(questions: list[QuestionReport], run: Run) -> None:
    """Where a function that fails uses another that fails, says which one to fix first."""
    failed = {q.name for q in questions if q.status != Status.PASSED}
    for question in questions:
        seen = run.questions[question.name]
        used = {name for observation in seen.observations for name in observation.calls}
        causes = sorted((used & failed) - {question.name})
        if question.name in failed and causes:
            what = "is not right yet: mend that" if len(causes) == 1 else "are not right yet: mend them"
            note = f"{question.name} calls your {' and '.join(causes)}, which {what} first."
            question.message = f"{note} {question.message}".strip()
