"""Which of several files of one student is the submission."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import PurePath

from .. import files
from ..reports.left_out import LeftOut, Notes
from ..source.extract import MAX_FILE
from .handed_in import File
from .layouts import Place, plain

MAX_DEFINED = 10_000
"""How many definitions of a file are looked at: an honest file has about a hundred."""
# A pattern that begins with a fixed word is searched for ten times as fast as one that begins with a choice.
_DEFINED = (re.compile(rb"def[ \t]+(\w{1,100})[ \t]*[(:]"), re.compile(rb"class[ \t]+(\w{1,100})[ \t]*[(:]"))


@dataclass(frozen=True)
class Piece:
    """A file, where it belongs, and its path as it is shown."""

    file: File
    place: Place
    shown: str

    @cached_property
    def functions(self) -> set[str]:
        """The functions and classes that a file defines, found in its text, so that the file may be broken."""
        try:
            content = files.read(self.file.path, MAX_FILE)
        except OSError:
            return set()
        content = content.replace(b"\0", b"")  # UTF-16 has zeros
        found = (match for pattern in _DEFINED for match in islice(pattern.finditer(content), MAX_DEFINED))
        return {match[1].decode(errors="replace") for match in found}

    def is_named(self, assignment: str) -> bool:
        """Whether it has the assignment's name."""
        return plain(PurePath(self.place.title).stem) == plain(assignment)

    def told_by_name(self, assignments: Mapping[str, set[str]]) -> str:
        """The assignment that a folder around it or its own name tells, or ""."""
        return self.place.assignment or next((name for name in assignments if self.is_named(name)), "")

    def told_by_functions(self, assignments: Mapping[str, set[str]]) -> str:
        """The assignment of which it defines the most functions, or ""."""
        best = max(assignments, key=lambda name: len(self.functions & assignments[name]), default="")
        return best if best and self.functions & assignments[best] else ""

    def rank(self, questions: set[str]) -> tuple[int, bool, bool, int]:
        """Larger for more functions, for files that are not Jupyter's own copies, for notebooks, for the outermost file."""
        low = self.file.parts[-1].casefold()
        return len(self.functions & questions), "-checkpoint" not in low, not low.endswith(".py"), -len(self.file.parts)


def chosen(several: Sequence[Piece], assignment: str, questions: set[str], notes: Notes) -> Piece:
    """The file that is graded: of uploads under one name the newest, then the one with the assignment's name or most functions.

    Args:
        several: files of one student for one assignment.
        assignment: its name.
        questions: the names of its functions.
        notes: gets the other files, with the reason.
    """
    uploads: dict[str, list[Piece]] = {}
    for piece in several:
        uploads.setdefault(plain(piece.place.title) if any(piece.place.version) else piece.shown, []).append(piece)
    newest = [max(same, key=lambda piece: piece.place.version) for same in uploads.values()]
    named = [piece for piece in newest if piece.is_named(assignment)] or newest
    best = max(named, key=lambda piece: piece.rank(questions))
    in_newest, in_named = ({id(piece) for piece in pieces} for pieces in (newest, named))
    for piece in several:
        if piece is best:
            continue
        if id(piece) not in in_newest:
            reason = "is older than another upload of the student under this name"
        elif id(piece) not in in_named:
            reason = f"is another file of the student: {best.shown} has the assignment's name"
        elif piece.rank(questions)[0] < best.rank(questions)[0]:
            reason = f"is another file of the student: {best.shown} defines more of the functions"
        else:
            reason = f"is another file of the student: {best.shown} was taken"
        notes.left_out.append(LeftOut(piece.shown, reason))
    if len(folders := {piece.file.parts[:-1] for piece in several}) > 2:
        notes.warnings.append(
            f"{best.shown} was graded, of files of {best.place.owner.student} in {len(folders)} folders. "
            "If these are several students, name the folder around them."
        )
    return best
