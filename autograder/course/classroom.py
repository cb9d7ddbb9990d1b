"""Grades many submissions: skips what is unchanged, runs several at once, and keeps the results in a folder."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from pathlib import Path

from .. import files
from ..errors import CallError
from ..grader.grade import Marking, content_of, grade
from ..grader.workers import Workers
from ..reports import html, report, tables
from ..reports.left_out import Notes
from ..reports.report import Report, State
from . import assignment as assignments
from .find import Entry
from .solve import answers_of


@dataclass(frozen=True)
class Graded:
    """A finished entry; `fresh` is False if an earlier report was still valid."""

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

    Raises:
        CallError: at the end, if an assignment is broken: those after it are graded first.
    """
    broken: list[CallError] = []
    with contextlib.ExitStack() as stack:
        workers: Workers | None = None
        for name in sorted({entry.assignment for entry in entries}):
            try:
                assignment = assignments.load(solutions / name)
            except CallError as error:
                broken.append(error)
                continue
            marking = Marking(name, {}, assignment.fingerprint, salt, isolation)
            changed = []
            for entry in (e for e in entries if e.assignment == name):
                old = None if force else _valid(entry, out, marking)
                if old:
                    yield Graded(entry, _kept(entry, out, old), fresh=False)
                else:
                    changed.append(entry)
            if changed:
                workers = workers or stack.enter_context((start or Workers)(isolation))
                on_ready(f"solving {name}")
                try:
                    answers = answers_of(assignment, salt, workers, out / ".cache")
                except CallError as error:
                    broken.append(error)
                    continue
                marking = replace(marking, answers=answers, idle=assignment.idle)
                on_ready(f"grading {name}")
                yield from _in_parallel(changed, marking, workers, out, jobs)
    if broken:
        raise broken[0]


def _in_parallel(
    entries: Sequence[Entry], marking: Marking, workers: Workers, out: Path, jobs: int
) -> Iterator[Graded]:
    def one(entry: Entry) -> Graded:
        result = grade(
            entry.path, marking, workers,
            submission=entry.submission, student=entry.student, problem=entry.problem,
        )  # fmt: skip
        return Graded(entry, _saved(entry, out, _listed(entry, result)), fresh=True)

    pool = ThreadPoolExecutor(jobs)
    try:
        for future in as_completed([pool.submit(one, entry) for entry in entries]):
            yield future.result()
    finally:  # also when nobody wants the rest: what runs is finished, what waits is not begun
        pool.shutdown(cancel_futures=True)


def save(result: Report, folder: Path) -> None:
    """Writes a report and its page. The old page is removed first: if this is interrupted, no page shows another report."""
    page = folder / "report.html"
    page.unlink(missing_ok=True)
    report.save(result, folder / "report.json")
    files.write(page, html.report_page(result))


def reports_of_one(folder: Path) -> list[Report]:
    """The reports of a student's folder, or of the folder of one assignment in it; [] if it is neither.

    Raises:
        CallError: if one is damaged.
    """
    paths = [path for path in (folder / "report.json",) if path.is_file()] or sorted(folder.glob("*/report.json"))
    try:
        return [report.load(path) for path in paths]
    except (OSError, ValueError) as error:
        raise CallError(f"A report in {folder} is damaged: grade that submission again.") from error


def reports_in(out: Path, known: Mapping[Path, Report] | None = None, notes: Notes | None = None) -> list[Report]:
    """Every report below `out`, sorted by submission and assignment.

    Args:
        out: the folder that `grade` writes.
        known: reports by folder, which are not read again.
        notes: gets a warning for each report that is damaged.
    """
    found = dict(known or {})
    for path in out.glob("*/*/report.json"):
        if path.parent not in found:
            try:
                found[path.parent] = report.load(path)
            except (OSError, ValueError):
                if notes:
                    notes.warnings.append(f"{path} is damaged, so it counts nowhere: grade that submission again.")
    return [found[folder] for folder in sorted(found)]


def write_summary(out: Path, reports: Sequence[Report], notes: Notes | None = None) -> None:
    """Writes grades.csv, left_out.csv and the class's page."""
    from ..reports import items  # SciPy takes a second, and few who read reports need it

    notes = notes or Notes()
    files.write(
        out / "grades.csv", tables.grades_csv(reports)
    )  # first: whatever happens to the others, grades are there
    files.write(out / "left_out.csv", tables.left_out_csv(notes.left_out))
    files.write(out / "index.html", html.class_page(reports, notes, items.analyse(reports)))


def _valid(entry: Entry, out: Path, marking: Marking) -> Report | None:
    """The earlier report, if grading again would give the same."""
    with contextlib.suppress(OSError, ValueError):
        old = report.load(entry.folder(out) / "report.json")
        content, problem = content_of(entry.path, entry.problem)
        key = marking.key_of(content, problem or entry.path.suffix.lower())
        if old.status in (State.GRADED, State.UNREADABLE) and old.key == key:
            return old
    return None


def _kept(entry: Entry, out: Path, old: Report) -> Report:
    """An earlier report that is still valid, with the present names: the file may have been renamed since."""
    kept = _listed(entry, old)
    if kept == old and (entry.folder(out) / "report.html").exists():
        return old
    return _saved(entry, out, kept)


def _saved(entry: Entry, out: Path, result: Report) -> Report:
    """The report, written to disk; one that cannot be written must not stop the class."""
    folder = entry.folder(out)
    try:
        save(result, folder)
    except Exception as error:
        said = f"The report cannot be written to {folder} ({error}). Grade again."
        return result.model_copy(update={"status": State.GRADER_FAULT, "message": said})
    return result


def _listed(entry: Entry, result: Report) -> Report:
    listed = {"submission": entry.submission, "student": entry.student, "name": entry.name, "file": entry.file}
    return result.model_copy(update=listed)
