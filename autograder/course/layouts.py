"""Whose a file is and what it answers, judging by the names on its path. Nothing is opened here.

The outermost name that tells a student counts: what lies below is that student's own, whatever it is called.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path, PurePath

from .handed_in import ZIP, File, is_zip

SUBMITTED = "submitted"
"""nbgrader's folder of submissions: each folder in it is a student's."""

# A folder, or how a file's name begins: “Amy Lee_12345_assignsubmission_file_work.ipynb”.
_MOODLE = re.compile(r"(?P<name>.+?)_(?P<id>\d+)_assignsubmission_[a-z]+(?:_(?P<title>.*))?", re.DOTALL)
# A file: “leeamy_LATE_12345_67890_work-1.ipynb”, with the student's number, the upload's, and which upload of this name it is.
_CANVAS = re.compile(
    r"(?P<name>[^_]+)(?:_LATE)?_(?P<id>[1-9]\d*)_(?P<upload>[1-9]\d{2,})_(?P<title>.+?)(?:-(?P<again>\d+))?(?P<suffix>\.\w+)?",
    re.DOTALL | re.IGNORECASE,
)


@dataclass(frozen=True)
class Owner:
    """A student.

    Attributes:
        key: equal keys, the same student.
        student: the id, or what stands for it: the name of a folder or a file.
        name: the name, where a platform tells it beside the id.
        by: "platform", "folder" or "file": what tells the student.
    """

    key: str
    student: str
    name: str = ""
    by: str = "folder"


@dataclass(frozen=True)
class Place:
    """What names tell about a file.

    Attributes:
        owner: whose it is.
        title: the file's own name, without what a platform put around it.
        assignment: the one that a folder or zip around it is named after, or "".
        version: numbers that grow with each upload of the student, as Canvas has them.
    """

    owner: Owner
    title: str
    assignment: str = ""
    version: tuple[int, int] = (0, 0)


@lru_cache(maxsize=1 << 16)
def plain(name: str) -> str:
    """A name in a form that does not depend on habit and system: the case and encoding of letters, blanks, hyphens."""
    return re.sub(r"[\s_-]+", "_", unicodedata.normalize("NFC", name).casefold())


def places(root: Path, files: Sequence[File], assignments: Iterable[str]) -> list[Place]:
    """The place of each file.

    Args:
        root: the folder or zip that was searched.
        files: what is in it; none is the root itself.
        assignments: the names of all assignments.
    """
    here = Path(os.path.abspath(root))  # noqa: PTH100 - its own name, not that of what a link leads to
    names = _Names({plain(name): name for name in assignments})
    given = names.assignment(here.name)
    owner = names.owner_of_folder(here, files)
    depth = 0 if owner else names.wrappers(here, files)
    inside = [replace(file, parts=file.parts[depth:] or file.parts) for file in files]
    owner = owner or names.owner_of_assignments(here, inside)
    return [
        names.of_student(owner, file, file.parts, given) if owner else names.of_class(file, file.parts, given)
        for file in inside
    ]


def _moodle(name: str) -> Place | None:
    if match := _MOODLE.fullmatch(name):
        return Place(_downloaded(match), match["title"] or "")
    return None


def _canvas(name: str) -> Place | None:
    if match := _CANVAS.fullmatch(name):
        title = match["title"] + (match["suffix"] or "")
        return Place(_downloaded(match), title, version=(int(match["again"] or 0), int(match["upload"])))
    return None


def _downloaded(match: re.Match[str]) -> Owner:
    key = f"{match['name']}/{match['id']}"  # no folder's name has a slash
    return Owner(key, match["id"], match["name"], "platform")


def _folder(name: str) -> Owner:
    """The student that a folder or a zip is named after. Canvas has no folders."""
    found = _moodle(name) or (_canvas(name) if is_zip(name) else None)
    return found.owner if found else Owner(name, _bare(name))


def _bare(name: str) -> str:
    """A folder's name, or a zip's without its suffix."""
    return name[: -len(ZIP)] if is_zip(name) else name


class _Names:
    """Reads names, knowing those of the assignments.

    Args:
        assignments: their names by their plain ones.
    """

    def __init__(self, assignments: dict[str, str]) -> None:
        self._assignments = assignments

    def assignment(self, *names: str) -> str:
        """The first assignment that one of these folders or zips is named after, or ""."""
        known = (self._assignments.get(plain(_bare(name))) for name in names)
        return next((name for name in known if name), "")

    def of_class(self, file: File, parts: tuple[str, ...], assignment: str) -> Place:
        """A file of a class: its first part tells the student, or an assignment that all below it answer."""
        first, rest = parts[0], parts[1:]
        if rest and (named := self.assignment(first)):
            return self.of_class(file, rest, named)
        found = _moodle(first) or (_canvas(first) if is_zip(first) or not rest else None)
        if rest:
            place = self.of_student(_folder(first), file, rest, assignment)
            return replace(place, version=found.version) if found else place
        if found:
            return replace(found, assignment=assignment)
        return Place(Owner(first, PurePath(first).stem, by="file"), first, assignment)

    def of_student(self, owner: Owner, file: File, parts: tuple[str, ...], assignment: str) -> Place:
        """A file of one student; the outermost folder that is named after an assignment tells which."""
        around = parts if file.problem else parts[:-1]  # what has a problem may be such a folder itself: a link, say
        return Place(owner, parts[-1], self.assignment(*around) or assignment)

    def owner_of_folder(self, here: Path, files: Sequence[File]) -> Owner | None:
        """The student to whom the whole root belongs, if its own name or the names of the folders above say so."""
        above = here.parent
        if is_zip(here.name):
            downloaded = any(_moodle(name) or _canvas(name) for file in files for name in file.parts[:2])
            return _folder(here.name) if not downloaded and sum(not file.problem for file in files) == 1 else None
        if _moodle(here.name) or above.name.casefold() == SUBMITTED:
            return _folder(here.name)
        if self.assignment(here.name):
            named = self._is_of_one([file.parts for file in files if not file.problem], here.name)
            return _folder(above.name) if named or above.parent.name.casefold() == SUBMITTED else None
        return None

    def owner_of_assignments(self, here: Path, files: Sequence[File]) -> Owner | None:
        """The student to whom the whole root belongs, if it contains only assignments, each as one student hands it in."""
        inside: dict[str, list[tuple[str, ...]]] = {}
        for file in files:
            first, rest = file.parts[0], file.parts[1:]
            if self.assignment(first) and (rest or file.problem):
                inside.setdefault(first, []).extend([] if file.problem else [rest])
            elif not file.problem and not rest and self.assignment(PurePath(first).stem):
                inside.setdefault("", [])  # a file with an assignment's name tells no student either
            elif not file.problem or self.assignment(*rest):
                return None
        if not inside:
            return None
        named = {name for name, each in inside.items() if self._is_of_one(each, name)}
        alone = {name for name, each in inside.items() if len(each) <= 1 and all(len(rest) == 1 for rest in each)}
        # One folder must not speak for the others: with more in one of them, it is a class, and one of it kept a file's name.
        return _folder(here.name) if inside.keys() <= named | alone else None

    def wrappers(self, here: Path, files: Sequence[File]) -> int:
        """How many folders lie around the class, as packing and unpacking leave them: class/class/amy, class.zip/class/amy."""
        inside = [file for file in files if not file.problem]
        depth = 0
        while inside and all(len(file.parts) > 1 and file.parts[0] == inside[0].parts[0] for file in inside):
            name = inside[0].parts[0]
            inside = [replace(file, parts=file.parts[1:]) for file in inside]
            several = len({file.parts[0] for file in inside}) > 1 and all(len(file.parts) > 1 for file in inside)
            if _moodle(name) or self.assignment(name) or self.owner_of_assignments(Path(name), inside):
                break
            if not (is_zip(here.name) or plain(name) == plain(here.name) or several):
                break
            depth += 1
        return depth

    def _is_of_one(self, inside: Sequence[tuple[str, ...]], assignment: str) -> bool:
        """Whether a folder named after an assignment contains one student's work: a file with its name, and at most one thing beside it.

        With more it may be a class, which nobody takes over by keeping the name of what was handed out. A folder in it may be a student.
        """
        files = {parts[0] for parts in inside if len(parts) == 1}
        return len({parts[0] for parts in inside}) <= 2 and any(self._is_named(name, assignment) for name in files)

    def _is_named(self, file: str, assignment: str) -> bool:
        return plain(PurePath(file).stem) == plain(_bare(assignment))
