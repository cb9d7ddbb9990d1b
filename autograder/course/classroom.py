"""Grades many submissions: finds them, skips what is unchanged, runs several at once, and keeps the results in a folder."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from pathlib import Path

from .. import files
from ..grader.grade import Marking, grade
from ..grader.workers import Workers
from ..reports import html, report, tables
from ..reports.report import Report, State
from . import assignment as assignments
from .find import Entry
from .solve import answers_of


@dataclass(frozen=True)
class Graded:
    """A finished entry; `fresh` is False where an earlier report was still valid."""

    entry: Entry
    report: Report
    fresh: bool


def grade_class(
    entries: Sequence[Entry],
    solutions: Path,
    out: Path,
    *,
    salt: str,
    jobs: int,
    isolation: str,
    on_ready: Callable[[str], None] = lambda _: None,
    force: bool = False,
    start: Callable[[str], contextlib.AbstractContextManager[Workers]] | None = None,
) -> Iterator[Graded]:
    """Grades the entries and writes each report as it is done; yields them in the order in which they finish.

    Stopping the iteration stops the grading; what is done is kept, and the next run goes on from there. `start` gives the
    workers of a level, once there is something to grade.
    """
    with contextlib.ExitStack() as stack:
        workers: Workers | None = None
        for name in sorted({entry.assignment for entry in entries}):
            assignment = assignments.load(solutions / name)
            marking = Marking(name, {}, assignment.fingerprint, salt, isolation)
            changed = []
            for entry in (e for e in entries if e.assignment == name):
                old = None if force else _valid(entry, out, marking)
                if old:
                    _write_page(entry, out, old, only_if_missing=True)
                    yield Graded(entry, old, fresh=False)
                else:
                    changed.append(entry)
            if changed:
                workers = workers or stack.enter_context((start or Workers)(isolation))
                on_ready(f"solving {name}")
                answers = answers_of(assignment, salt, workers, out / ".cache")
                marking = replace(marking, answers=answers, idle=assignment.idle)
                on_ready(f"grading {name}")
                yield from _in_parallel(changed, marking, workers, out, jobs)


def _in_parallel(
    entries: Sequence[Entry], marking: Marking, workers: Workers, out: Path, jobs: int
) -> Iterator[Graded]:
    def one(entry: Entry) -> Graded:
        result = grade(entry.path, marking, workers, submission=entry.submission, student=entry.student)
        report.save(result, entry.folder(out) / "report.json")
        _write_page(entry, out, result)
        return Graded(entry, result, fresh=True)

    pool = ThreadPoolExecutor(jobs)
    try:
        for future in as_completed([pool.submit(one, entry) for entry in entries]):
            yield future.result()
    finally:  # also when nobody wants the rest: what runs is finished, what waits is not begun
        pool.shutdown(cancel_futures=True)


def reports_in(out: Path, known: Mapping[Path, Report] | None = None) -> list[Report]:
    """Every valid report below `out`, sorted by submission and assignment; `known` ones, by folder, are not read again."""
    found = []
    for path in sorted(out.glob("*/*/report.json")):
        with contextlib.suppress(OSError, ValueError):
            found.append((known or {}).get(path.parent) or report.load(path))
    return found


def write_summary(out: Path, reports: Sequence[Report]) -> None:
    """Writes grades.csv and the class's page."""
    files.write(out / "grades.csv", tables.grades_csv(reports))
    files.write(out / "index.html", html.class_page(reports))


def _valid(entry: Entry, out: Path, marking: Marking) -> Report | None:
    """The earlier report, if grading again would give the same."""
    with contextlib.suppress(OSError, ValueError):
        old = report.load(entry.folder(out) / "report.json")
        content = entry.path.read_bytes() if entry.path.is_file() else b""
        if old.status != State.GRADER_FAULT and old.key == marking.key_of(content):
            return old
    return None


def _write_page(entry: Entry, out: Path, result: Report, only_if_missing: bool = False) -> None:
    page = entry.folder(out) / "report.html"
    if not (only_if_missing and page.exists()):
        files.write(page, html.report_page(result))
