"""A whole notebook or .py file on its public cases: run in a worker, as grading runs it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ..grader.answers import as_trees, task
from ..grader.grade import judged
from ..grader.identity import versions
from ..grader.patience import run_patiently
from ..grader.protocol import OnBegin, Run
from ..grader.reader import Reader
from ..grader.workers import Workers
from ..question import PUBLIC_SALT
from ..reports.report import QuestionReport, Report, State
from ..source import extract
from ..source.reading import Reading
from .check import verdict
from .nudged import NUDGED, nudged_task
from .public import HandedOut, handed_out, public_files


@dataclass(frozen=True)
class Checked:
    """What a file showed.

    Attributes:
        run: what the worker showed.
        results: for each question its report, and notes to add.
    """

    run: Run
    results: list[tuple[QuestionReport, list[str]]]


def check_file(path: Path, workers: Workers) -> Checked:
    """Checks every question of a notebook or .py file in a worker.

    Raises:
        NoPublicCases: if no .npz of an assignment lies beside it.
        extract.Unreadable: if the file has no cells.
    """
    read = read_file(path, workers.reader)
    return check_cells(read, handed_out(path.parent, read.all_defined), workers)


def check_cells(read: Reading, given: HandedOut, workers: Workers, on_begin: OnBegin = lambda _: None) -> Checked:
    """The same for a file that was read; `on_begin` is told what begins."""
    public = [task(a.question, PUBLIC_SALT) for a in given.answers.values()]
    nudged = [nudged_task(a) for a in given.answers.values()]
    questions = {name: item.question for name, item in given.answers.items()}
    run = run_patiently(workers, as_trees(read.cells), [*public, *nudged], questions, on_begin)
    results = [verdict(a, judged(n, a, read, run), run.questions[NUDGED + n]) for n, a in given.answers.items()]
    return Checked(run, results)


def read_file(path: Path, reader: Reader) -> Reading:
    """What is in a notebook or .py file. Nothing is run. Raises extract.Unreadable."""
    read = reader.read(extract.load(path), path.suffix)
    if read.unreadable:
        raise extract.Unreadable(read.unreadable)
    return read


def as_report(path: Path, questions: Sequence[QuestionReport]) -> Report:
    """What `check_file` found as a report: of the public cases alone, and with nothing that is secret."""
    return Report(
        assignment=next((f.stem for f in public_files(path.parent)), path.stem),
        submission=path.stem,
        student=path.stem,
        score=round(sum(q.points for q in questions), 2),
        max_score=round(sum(q.max_points for q in questions), 2),
        status=State.GRADED,
        message="Public cases only.",
        isolation="",
        salt_id="",
        versions=versions(),
        key="",
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        duration=0.0,
        repairs=[],
        questions=list(questions),
    )
