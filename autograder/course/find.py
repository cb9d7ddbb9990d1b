"""Finds the submissions in files and folders: whose each is, and which assignment it answers."""

from __future__ import annotations

import contextlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..border.observation import plain_text
from ..errors import CallError
from ..source import extract
from ..source.stubs import function_names

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
        return function_names(extract.read(path))
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
