"""What a run over a class does once: before grading, find what is there; after it, decide what counts and write the tables."""

from __future__ import annotations

import contextlib
import os
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..reports.left_out import LeftOut, Notes
from ..reports.report import Report, State
from . import assignment as assignments
from .classroom import reports_in, save, write_summary
from .find import Entry, find
from .handed_out import outdated

_WITHDRAWN = "The file is no longer among those handed in, so this report does not count."


@dataclass(frozen=True)
class Found:
    """What a run is over.

    Attributes:
        paths: what was searched.
        assignments: those that were searched for.
        entries: what can be graded.
    """

    paths: Sequence[Path]
    assignments: frozenset[str]
    entries: Sequence[Entry]


def begin(paths: Sequence[Path], solutions: Path, out: Path, asked: str | None, spare: Path, notes: Notes) -> Found:
    """Finds the submissions. An assignment that cannot be loaded (e.g. one that is being written) does not stop the others.

    Args:
        paths: what to search.
        solutions: the folder with the authored assignments.
        out: the folder for the reports; neither it nor `solutions` is searched.
        asked: the one assignment to grade, else all.
        spare: a folder for what is unpacked from zips.
        notes: gets warnings, and what is left out.

    Raises:
        CallError: if there is nothing to grade, or nothing to grade it with.
    """
    questions, broken = assignments.usable(asked, solutions)
    entries = find(paths, questions, asked, notes=notes, spare=spare, skip=(out, solutions))
    notes.warnings += [f"{name} cannot be graded: {error}" for name, error in broken.items()]
    notes.left_out += [
        LeftOut(e.file, f"answers {e.assignment}, which cannot be loaded") for e in entries if e.assignment in broken
    ]
    entries = [entry for entry in entries if entry.assignment not in broken]
    if not entries:
        raise next(iter(broken.values()))
    notes.warnings += outdated(entries, solutions)
    return Found(paths, frozenset({asked} if asked else questions.keys() - broken.keys()), entries)


def conclude(out: Path, found: Found, done: Mapping[Path, Report], notes: Notes) -> list[Report]:
    """Marks what is withdrawn, warns, and writes the tables; returns all reports that are kept in `out`.

    Args:
        out: the folder that `grade` writes.
        found: what the run was over.
        done: its reports, by folder.
        notes: gets warnings, and goes into the tables.
    """
    reports = _withdrawn(reports_in(out, done, notes), out, found)
    salts = Counter(report.salt_id for report in reports if report.status == State.GRADED)
    if len(salts) > 1:
        told = ", ".join(f"{count} with the salt named {name}" for name, count in salts.most_common())
        notes.warnings.append(
            f"The reports in {out} do not compare: their hidden cases were drawn from several salts ({told}). "
            "Grade all of them with one, --salt names it."
        )
    write_summary(out, reports, notes)
    return reports


def _withdrawn(reports: Sequence[Report], out: Path, found: Found) -> list[Report]:
    """The reports; those count no more whose file lay where this run has searched, and is gone.

    A class may be graded in pieces: a report of other paths stays as it is.
    """
    current = {(entry.submission, entry.assignment) for entry in found.entries}
    searched = {_plain(path) for path in found.paths}
    handed_in = [Path(entry.file) for entry in found.entries]
    beside = {folder for file in handed_in for folder in file.parents if folder.parts or folder == file.parent}
    marked = []
    for report in reports:
        file, listed = Path(report.file), (report.submission, report.assignment)
        asked = report.file and report.assignment in found.assignments and report.status != State.WITHDRAWN
        if asked and listed not in current:
            above = _plain(file)
            if not searched.isdisjoint((above, *above.parents)) or _is_gone(file, beside):
                report = report.model_copy(update={"status": State.WITHDRAWN, "message": _WITHDRAWN})
                with contextlib.suppress(OSError):  # the next run marks it again
                    save(report, out.joinpath(*listed))
        marked.append(report)
    return marked


def _is_gone(file: Path, beside: Collection[Path]) -> bool:
    """Whether a path leads nowhere, from a folder that others of this run lie in: so it was named from here.

    `submitted/*` names the folders that are left. What lies in a zip is there as long as the zip.
    """
    there = next((folder for folder in (file, *file.parents) if os.path.lexists(folder)), Path())
    named_from_here = there in beside and (there != Path(file.anchor) or len(file.parts) == 1)
    return there != file and there.is_dir() and named_from_here and "\N{REPLACEMENT CHARACTER}" not in str(file)


def _plain(path: Path) -> Path:
    return Path(os.path.abspath(path))  # noqa: PTH100 - as it was named, not where a link leads
