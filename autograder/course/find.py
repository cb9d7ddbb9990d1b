"""Finds the submissions in files, folders and zips: which assignment each answers, and which of several is graded."""

from __future__ import annotations

import os
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..border.observation import plain_text
from ..errors import CallError
from ..reports.left_out import LeftOut, Notes
from .choose import Piece, chosen
from .handed_in import HOUSEKEEPING, File, Search, is_submission, is_zip
from .layouts import Owner, Place, places, plain

NOT_ASKED_FOR = "files of assignments that were not asked for"
_OURS = {"grades.csv", "left_out.csv", "index.html"}
"""The class's own files in the folder where each submission gets one."""


class ClassError(CallError):
    """The paths or options do not fit; the message says how to call it."""


@dataclass(frozen=True)
class Entry:
    """A submission to grade.

    Attributes:
        path: where its content lies.
        assignment: the one it answers.
        submission: under which name it is listed.
        student: whose it is.
        name: the student's name, where a platform tells it beside the id.
        file: the path under which it was handed in, a zip counting as a folder.
        problem: why there is nothing to read, in sentences for the student; "" if there is.
    """

    path: Path
    assignment: str
    submission: str
    student: str
    name: str = ""
    file: str = ""
    problem: str = ""

    def folder(self, out: Path) -> Path:
        """Where its report goes."""
        return out / self.submission / self.assignment


def find(
    paths: Sequence[Path],
    assignments: Mapping[str, set[str]],
    assignment: str | None,
    *,
    notes: Notes | None = None,
    spare: Path | None = None,
    skip: Collection[Path] = (),
) -> list[Entry]:
    """The submissions in `paths`, sorted. docs/layouts.md shows what is read.

    Args:
        paths: notebooks, .py files, zips, and folders of them.
        assignments: the names of each assignment's questions.
        assignment: grade only this one; else the folder, the file's name or its functions tell.
        notes: gets every file that is not graded, with the reason.
        spare: a folder for what is unpacked from zips; it must last as long as the entries are used.
        skip: folders that hold nothing handed in.

    Raises:
        ClassError: for a path that does not exist, or if there is no submission at all.
    """
    notes = notes or Notes()
    search = Search(spare, skip)
    owned: dict[tuple[Path, str], list[Piece]] = {}
    for root, found in _by_root(paths, search).items():
        for piece in _pieces(root, found, assignments, notes):
            # amy is somebody else in each class; a platform's id is one student in all paths, unless a zip claims it
            shared = piece.place.owner.by == "platform" and not is_zip(root.name)
            owned.setdefault((Path() if shared else root, piece.place.owner.key), []).append(piece)
    entries = [entry for pieces in owned.values() for entry in _of_owner(pieces, assignments, assignment, notes)]
    notes.passed_over.update(search.passed_over)
    if not entries:
        reasons = "; ".join(f"{item.file} {item.reason}" for item in notes.left_out[:3]) or notes.counted()
        named = ", ".join(map(str, paths[:3]))
        raise ClassError(f"{named} holds no .ipynb or .py file to grade{f': {reasons}' if reasons else ''}.")
    entries = _with_the_majority(entries, assignments)
    return _unique(sorted(entries, key=lambda e: (e.submission, e.assignment)))


def entry_of(path: Path, assignment: str, student: str) -> Entry:
    """One student's file, listed as in a submitted/ tree."""
    return Entry(path, assignment, _safe(student), _text(student), file=_text(path.as_posix()))


def best_file(folder: Path, assignment: str, questions: set[str]) -> Path | None:
    """The submission in a folder that is one student's as a whole; None if there is none."""
    found = [file for file in Search().below(folder) if not file.problem]
    owner = Owner(folder.name, folder.name)
    pieces = [Piece(file, Place(owner, file.parts[-1]), "/".join(file.parts)) for file in found]
    return chosen(pieces, assignment, questions, Notes()).file.path if pieces else None


def _by_root(paths: Sequence[Path], search: Search) -> dict[Path, list[File]]:
    """What each path holds, by the folder or zip from which its names count. What two paths hold is taken once."""
    found: dict[Path, list[File]] = {}
    seen = set[str]()
    for path in paths:
        if not os.path.lexists(path):
            raise ClassError(f"{path} is not a notebook, a .py file, a zip or a folder.")
        whole = not path.is_symlink() and (path.is_dir() or (is_zip(path.name) and path.is_file()))
        root = path if whole else path.parent
        listed = found.setdefault(root, [])
        for file in search.below(path):
            place = "/".join([os.path.abspath(root), *file.parts])  # noqa: PTH100 - links stay links
            if place not in seen:
                seen.add(place)
                listed.append(file)
    return found


def _pieces(root: Path, found: Sequence[File], assignments: Mapping[str, set[str]], notes: Notes) -> Iterator[Piece]:
    """What lies below a root, with its place. What has a problem is noted at once."""
    handed_out = {f"{plain(name)}.npz" for name in assignments}
    below = []
    for file in found:
        if file.parts and plain(file.parts[-1]) in handed_out:
            notes.passed_over[HOUSEKEEPING] += 1
            continue
        if file.problem:
            notes.left_out.append(LeftOut(_shown(root, file), file.problem))
        if file.parts:
            below.append(file)
    for file, place in zip(below, places(root, below, assignments), strict=True):
        yield Piece(file, place, _shown(root, file))


def _of_owner(
    pieces: Sequence[Piece], assignments: Mapping[str, set[str]], asked: str | None, notes: Notes
) -> Iterator[Entry]:
    """A student's submissions, one for each assignment."""
    owner = pieces[0].place.owner
    usable: dict[str, list[Piece]] = {}
    for piece in pieces:
        if not piece.file.problem:
            told = piece.place.assignment if asked and owner.by == "file" else piece.told_by_name(assignments)
            usable.setdefault(told or asked or piece.told_by_functions(assignments), []).append(piece)
    for told in [told for told in usable if asked and told != asked]:
        notes.passed_over[NOT_ASKED_FOR] += len(usable.pop(told))
    for piece in usable.pop("", []) if len(usable) > 1 else []:
        notes.left_out.append(LeftOut(piece.shown, "defines no function of an assignment"))
    for told, several in usable.items():
        yield _entry(chosen(several, told, assignments.get(told, set()), notes), told)
    yield from _missing(pieces, usable, assignments, asked)


def _missing(
    pieces: Sequence[Piece], usable: Collection[str], assignments: Mapping[str, set[str]], asked: str | None
) -> Iterator[Entry]:
    """The assignments for which a submission was expected, but none can be graded: the student gets a report that says so."""
    owner = pieces[0].place.owner
    lost: dict[str, list[Piece]] = {}
    for piece in pieces:
        told = piece.told_by_name(assignments) or asked or ""
        in_its_place = owner.by == "platform" or (owner.by == "folder" and piece.place.assignment)
        expected = piece.file.problem and (in_its_place or is_submission(piece.file.parts[-1]))
        if expected and told not in usable and (told or not usable) and asked in (None, told):
            lost.setdefault(told, []).append(piece)
    for told, several in lost.items():
        reasons = "; ".join(f"{_text(piece.file.parts[-1])} {piece.file.problem}" for piece in several[:3])
        problem = f"There is no notebook to grade: {reasons}. Submit the notebook itself."
        yield replace(_entry(several[0], told), path=several[0].file.path / f"{told}.ipynb", problem=problem)


def _entry(piece: Piece, assignment: str) -> Entry:
    owner = piece.place.owner
    listed = _safe(f"{owner.name}_{owner.student}" if owner.name else owner.student)
    return Entry(piece.file.path, assignment, listed, _text(owner.student), _text(owner.name), piece.shown)


def _with_the_majority(entries: list[Entry], assignments: Mapping[str, set[str]]) -> list[Entry]:
    """Assigns a file that gives no clue, e.g. an empty one, to the assignment that most of the others answer."""
    gradable = [name for name, questions in assignments.items() if questions]
    known = Counter(e.assignment for e in entries if e.assignment) or Counter(gradable if len(gradable) == 1 else ())
    if not known:
        listed = ", ".join(assignments)
        raise ClassError(f"Which assignment is {entries[0].file}? Name it with --assignment ({listed}).")
    return [e if e.assignment else replace(e, assignment=known.most_common(1)[0][0]) for e in entries]


def _shown(root: Path, file: File) -> str:
    return _text("/".join([*([] if root == Path() else [root.as_posix()]), *file.parts]))


def _text(name: str) -> str:
    """A file's name as any file and terminal can show it: what is no text, or turns text around, is replaced."""
    return plain_text(name).replace("\n", " ").replace("\t", " ")


def _safe(name: str) -> str:
    """A name that is one folder, everywhere: of at most 100 bytes, and the same in every encoding of its letters."""
    safe = re.sub(r"^\.+|[^\w.@+-]", "_", unicodedata.normalize("NFC", name))
    safe = safe.encode("utf-8", "replace")[:100].decode(errors="ignore") or "_"
    return f"{safe}_" if safe.casefold() in _OURS else safe


def _unique(entries: list[Entry]) -> list[Entry]:
    """Gives different names to entries that would share a folder, e.g. amy.py and amy.ipynb."""
    taken: set[tuple[str, str]] = set()
    counts: Counter[tuple[str, str]] = Counter()
    unique = []
    for entry in entries:
        name = entry.submission
        while (name.casefold(), entry.assignment) in taken:
            counts[entry.submission, entry.assignment] += 1
            name = f"{entry.submission}-{counts[entry.submission, entry.assignment] + 1}"
        taken.add((name.casefold(), entry.assignment))
        unique.append(replace(entry, submission=name))
    return unique
