"""Grades many submissions: finds them, skips what is unchanged, runs several at once, and keeps the results in a folder."""

from __future__ import annotations

import contextlib
import csv
import io
import os
import re
import secrets
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from pathlib import Path

from . import bank, extract, html, report
from .answers import answers_of
from .errors import CallError
from .grade import Marking, grade
from .observation import plain_text
from .report import Report
from .supervise import Workers

SUFFIXES = (".ipynb", ".py")


class ClassError(CallError):
    """The paths or options do not fit; the message says how to call it."""


@dataclass(frozen=True)
class Entry:
    """A submission to grade: the file, the assignment it answers, whose it is and under which name it is listed."""

    path: Path
    assignment: str
    submission: str
    student: str

    def folder(self, out: Path) -> Path:
        """Where its report goes."""
        return out / self.submission / self.assignment


@dataclass(frozen=True)
class Graded:
    """A finished entry; `fresh` is False where an earlier report was still valid."""

    entry: Entry
    report: Report
    fresh: bool


def find(paths: Sequence[Path], assignments: dict[str, set[str]], assignment: str | None) -> list[Entry]:
    """The submissions in `paths`, sorted.

    Args:
        paths: notebooks, .py files, folders of them, or nbgrader `submitted/` trees (student/assignment/files).
        assignments: the names of each assignment's questions.
        assignment: grade everything as this one; else the folder, the file's name or its functions tell.

    Raises:
        ClassError: for a path that does not exist, or that holds no submission.
    """
    entries: list[Entry] = []
    for path in paths:
        if path.is_dir():
            found = list(_tree(path, assignments, assignment)) or list(_folder(path, assignments, assignment))
            if not found:
                raise ClassError(f"{path} holds no .ipynb or .py file, and no student/assignment folders.")
            entries += found
        elif path.suffix in SUFFIXES and path.is_file():
            entries.append(_file(path, assignments, assignment))
        else:
            raise ClassError(f"{path} is not a notebook, a .py file or a folder.")
    entries = _with_the_majority(entries, assignments)
    return _unique(sorted(entries, key=lambda e: (e.submission, e.assignment)))


def entry_of(path: Path, assignment: str, student: str) -> Entry:
    """One student's file, listed as in a submitted/ tree."""
    return Entry(path, assignment, _safe(student), _text(student))


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
            assignment = bank.load(solutions / name)
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
    report.write_atomically(out / "grades.csv", grades_csv(reports))
    report.write_atomically(out / "index.html", html.class_page(reports))


def grades_csv(reports: Sequence[Report]) -> str:
    """One row a report, with a column for each question."""
    questions = list(dict.fromkeys(q.name for r in reports for q in r.questions))
    columns = ["student", "submission", "assignment", "score", "max_score", "status", "mistakes", *questions]
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, columns, restval="", lineterminator="\n")
    writer.writeheader()
    for r in reports:
        mistakes = dict.fromkeys(p.mistake for q in r.questions for p in q.parts if p.mistake)
        fault = r.status == "grader_fault"  # never a zero
        row = {
            "student": r.student,
            "submission": r.submission,
            "assignment": r.assignment,
            "score": "" if fault else r.score,
            "max_score": r.max_score,
            "status": r.status,
            "mistakes": " ".join(mistakes),
        } | {q.name: "" if fault else q.points for q in r.questions}
        writer.writerow({k: defused(v) if isinstance(v, str) else v for k, v in row.items()})
    return buffer.getvalue()


def read_salt(path: Path) -> str:
    """The secret salt in a file, which is made on first use, readable by its owner only."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(secrets.token_hex(32) + "\n")
    salt = path.read_text(encoding="utf-8", errors="replace").strip()
    if not salt.isprintable() or "\N{REPLACEMENT CHARACTER}" in salt:
        raise ClassError(f"{path} is not a text file with a salt; delete it for a new one.")
    if len(salt) < 16:
        raise ClassError(
            f"{path} holds a salt of {len(salt)} characters; take at least 16, or delete it for a new one."
        )
    return salt


def _tree(root: Path, assignments: dict[str, set[str]], assignment: str | None) -> Iterator[Entry]:
    """A submitted/ tree, or one student's folder of it."""
    students = [p for p in root.iterdir() if p.is_dir() and not p.name.startswith(".")]
    for student in [root] if any(p.name in assignments for p in students) else sorted(students):
        for folder in sorted(p for p in student.iterdir() if p.is_dir() and p.name in assignments):
            if assignment in (None, folder.name):
                path = main_file(folder, folder.name, assignments[folder.name])
                yield entry_of(path, folder.name, student.name)


def main_file(folder: Path, assignment: str, questions: set[str]) -> Path:
    """The submitted notebook: the one with the assignment's name, else the one with most of its functions."""
    named = folder / f"{assignment}.ipynb"
    files = [p for p in sorted(folder.iterdir()) if p.suffix in SUFFIXES and p.is_file()]
    if named in files or not files:
        return named
    return max(files, key=lambda p: (len(_functions(p) & questions), p.suffix == ".ipynb"))


def _folder(root: Path, assignments: dict[str, set[str]], assignment: str | None) -> Iterator[Entry]:
    for path in sorted(root.iterdir()):
        if path.is_file() and path.suffix in SUFFIXES and not path.name.startswith("."):
            yield _file(path, assignments, assignment)


def _file(path: Path, assignments: dict[str, set[str]], assignment: str | None) -> Entry:
    folder = path.absolute().parent
    if path.stem == folder.name and path.stem in assignments and assignment in (None, path.stem):
        return entry_of(path, path.stem, folder.parent.name)  # one file of a submitted/ tree
    name = _safe(path.stem)
    return Entry(path, assignment or _guess(path, assignments), name, name)


def _guess(path: Path, assignments: dict[str, set[str]]) -> str:
    """The assignment a file answers, by its name, its folder's name or its functions; "" if nothing tells."""
    for part in (path.stem, path.parent.name):
        if part in assignments:
            return part
    defined = _functions(path)
    best = max(assignments, key=lambda name: len(defined & assignments[name]), default="")
    return best if best and defined & assignments[best] else ""


def _with_the_majority(entries: list[Entry], assignments: dict[str, set[str]]) -> list[Entry]:
    """Takes a file that tells nothing, e.g. an empty one, for the assignment that most of the others answer."""
    known = Counter(e.assignment for e in entries if e.assignment) or Counter(
        assignments if len(assignments) == 1 else ()
    )
    if not known and entries:
        listed = ", ".join(assignments)
        raise ClassError(f"Which assignment is {entries[0].path}? Name it with --assignment ({listed}).")
    return [e if e.assignment else replace(e, assignment=known.most_common(1)[0][0]) for e in entries]


def _functions(path: Path) -> set[str]:
    try:
        return extract.function_names(extract.read(path))
    except extract.Unreadable:
        with contextlib.suppress(OSError):
            return set(re.findall(r"def (\w+)\(", path.read_text(encoding="utf-8", errors="replace")))
        return set()


def _text(name: str) -> str:
    """A file's name as any file and terminal can show it: what is no text, or turns text around, is replaced."""
    return plain_text(name).replace("\n", " ").replace("\t", " ")


def _safe(name: str) -> str:
    """A name that is one folder, everywhere."""
    safe = re.sub(r"^\.+|[^\w.@+-]", "_", name)[:100] or "_"
    return f"{safe}_" if safe in ("grades.csv", "index.html") else safe  # those are the class's own


def _unique(entries: list[Entry]) -> list[Entry]:
    """Tells entries apart that would land in one folder, e.g. amy.py and amy.ipynb."""
    taken: set[tuple[str, str]] = set()
    unique = []
    for entry in entries:
        name, count = entry.submission, 1
        while (name.lower(), entry.assignment) in taken:
            count += 1
            name = f"{entry.submission}-{count}"
        taken.add((name.lower(), entry.assignment))
        unique.append(replace(entry, submission=name))
    return unique


def _valid(entry: Entry, out: Path, marking: Marking) -> Report | None:
    """The earlier report, if grading again would give the same."""
    with contextlib.suppress(OSError, ValueError):
        old = report.load(entry.folder(out) / "report.json")
        content = entry.path.read_bytes() if entry.path.is_file() else b""
        if old.status != "grader_fault" and old.key == marking.key_of(content):
            return old
    return None


def _write_page(entry: Entry, out: Path, result: Report, only_if_missing: bool = False) -> None:
    page = entry.folder(out) / "report.html"
    if not (only_if_missing and page.exists()):
        report.write_atomically(page, html.report_page(result))


_FORMULA = "=+-@\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}\N{FULLWIDTH HYPHEN-MINUS}\N{FULLWIDTH COMMERCIAL AT}"
_UNSEEN = re.compile(r"[\s\u200b-\u200f\u2060\ufeff\"']*")


def defused(text: str) -> str:
    """A cell that no spreadsheet runs as a formula."""
    text = re.sub(r"[\r\x00]", " ", text)
    runs = text.startswith("\t") or _UNSEEN.sub("", text, count=1).startswith(tuple(_FORMULA))
    return f"'{text}" if runs else text
