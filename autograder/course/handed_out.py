"""Whether students checked with the questions that are graded: the .npz beside a submission against the public cases of today.

Such a file comes from a student. Reading it runs nothing, and nothing in it is bigger than the file.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from .. import files
from ..border import wire
from ..grader.answers import Answers, to_tree
from ..question import PUBLIC_SALT, Question
from . import assignment as assignments
from .find import Entry

MAX_SIZE = 16 << 20
"""Bytes of a file that is looked at; those of this course have up to 2 MB."""
NAMED = 5
"""How many submissions or questions a warning names."""

_OF_THE_REFERENCE = ("mistakes", "seconds")
"""What of a question does not say which cases it has."""


def outdated(entries: Sequence[Entry], solutions: Path) -> list[str]:
    """A warning for each assignment whose students have public cases of other questions than those that are graded.

    Args:
        entries: the submissions; a file is looked for beside each, under the name that `release` gives it.
        solutions: the folder with the authored assignments.
    """
    handed_out: dict[str, dict[bytes, list[str]]] = defaultdict(lambda: defaultdict(list))
    for entry in entries:
        if content := _beside(entry):
            handed_out[entry.assignment][content].append(entry.submission)
    warnings = []
    for name, found in handed_out.items():
        today = {q.name: _fingerprint(_public(q)) for q in assignments.load(solutions / name).questions}
        students: list[str] = []
        differing: dict[str, None] = {}
        for content, submissions in found.items():
            theirs = dict(_questions(content))
            changed = [question for question in (today | theirs) if today.get(question) != theirs.get(question)]
            if theirs and changed:
                students += submissions
                differing |= dict.fromkeys(changed)
        if students:
            one = len(students) == 1
            warnings.append(
                f"{_named(sorted(students))} checked {name} with public cases of other questions than it is graded with "
                f"({_named(list(differing))} differ{'s' if len(differing) == 1 else ''}): {name}.npz beside "
                f"{'that submission' if one else 'those submissions'} comes from another release. Hand out that of today, or grade with the "
                "questions of that release."
            )
    return warnings


def _beside(entry: Entry) -> bytes:
    """The content of the file beside a submission; nothing where there is none, or a link."""
    path = entry.path.with_name(f"{entry.assignment}.npz")
    with contextlib.suppress(OSError):
        return b"" if path.is_symlink() else files.read(path, MAX_SIZE)
    return b""


def _questions(content: bytes) -> Iterator[tuple[str, str]]:
    """Each question of a file with the fingerprint of its public cases; none if it is no such file."""
    with contextlib.suppress(wire.WireError, zipfile.BadZipFile, LookupError, TypeError, AttributeError, ValueError):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
        if any(member.compress_type != zipfile.ZIP_STORED for member in members):
            return  # ours are not packed, and what is packed may be large
        for tree in wire.load(io.BytesIO(content))["questions"]:
            yield str(tree["name"]), _fingerprint(tree)


def _public(question: Question) -> dict[str, Any]:
    """The public cases as `release` writes them, without what only the reference knows."""
    units, count = tuple(question.units()), question.public_cases
    public = replace(question, cases=question.cases[:count]).materialised(PUBLIC_SALT)
    hidden = sum(unit * len(question.parts) for unit in units[count:])
    expected: tuple[dict[str, Any], ...] = ({},) * count
    return to_tree(Answers(public, expected, (), units[:count], len(question.cases) - count, hidden))


def _fingerprint(tree: dict[str, Any]) -> str:
    known = {key: value for key, value in tree.items() if key not in _OF_THE_REFERENCE}
    known["cases"] = [{k: v for k, v in case.items() if k != "expected"} for case in tree["cases"]]
    return hashlib.sha256(wire.pack(known)).hexdigest()


def _named(names: Sequence[str]) -> str:
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")
