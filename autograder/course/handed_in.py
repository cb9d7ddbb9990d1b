"""Lists what was handed in: every file below a path. A zip counts as a folder; no link is followed.

Only folders and zips are opened. A member of a zip is written to a spare folder under a number, so that no name in an
archive leads anywhere, and only if it may be a submission.
"""

from __future__ import annotations

import io
import itertools
import os
import re
import shutil
import stat
import zipfile
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from ..source.extract import MAX_FILE

SUFFIXES = (".ipynb", ".py")
ZIP = ".zip"

MAX_DEPTH = 20
"""Folders in folders, zips included: an honest tree has five."""
MAX_NESTED = 3
"""Zips in zips: a platform's, a student's, and one in it."""
MAX_MEMBERS = 20_000
"""Files in a zip, and in the zips in it."""
MAX_UNPACKED = 8 << 30
MAX_OF_STUDENT = 256 << 20
"""Bytes unpacked from a zip that is named itself, a class's; and from one that is found in a class, with the zips in it."""
MAX_RATIO = 200
"""Unpacked to packed bytes of a member. A notebook of equal outputs can reach 100, deflate 1,032."""
MIN_FREE = 1 << 30
"""Bytes that unpacking leaves free on the disk: the reports of the class must fit."""
MAX_LIST = 4 << 20
"""Bytes of a zip's list of members, which is parsed before anything else can be checked."""

HOUSEKEEPING = "files of systems and tools (.DS_Store, .git, timestamp.txt and the like)"
LINK = "is a link: only files themselves are graded"
_MADE_BY_TOOLS = frozenset(
    {"__macosx", "__pycache__", "thumbs.db", "desktop.ini", "icon\r", "timestamp.txt", "node_modules", "venv"}
)
_OTHER_ARCHIVES = (".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst")


@dataclass(frozen=True)
class File:
    """Something that was handed in.

    Attributes:
        parts: the names on the way to it from the path that was searched, its own last.
        path: where its content lies.
        problem: why it cannot be a submission, as the end of a sentence that begins with its name; "" if it can.
    """

    parts: tuple[str, ...]
    path: Path
    problem: str = ""


@dataclass
class _Budget:
    """What may still be unpacked."""

    size: int
    members: int = field(default_factory=lambda: MAX_MEMBERS)


class Search:
    """Searches folders and zips.

    Args:
        spare: a folder for what is unpacked; it must last as long as the files are used. Without one, no zip is opened.
        skip: folders that hold nothing handed in.

    Attributes:
        passed_over: how many files and folders were not listed, by kind.
    """

    def __init__(self, spare: Path | None = None, skip: Collection[Path] = ()) -> None:
        self._spare = spare
        self._skip = {(found.st_dev, found.st_ino) for path in skip if path.exists() for found in [path.stat()]}
        self._numbers = itertools.count(1)
        self.passed_over: Counter[str] = Counter()

    def below(self, path: Path) -> Iterator[File]:
        """Everything in a folder or a zip; or the file itself, its `parts` being its name."""
        mode = path.lstat().st_mode
        if stat.S_ISDIR(mode):
            yield from self._folder(path)
        elif stat.S_ISREG(mode) and is_zip(path.name):
            yield from self._zip(path, (), _Budget(MAX_UNPACKED), 1)
        else:
            yield from self._file(path, (path.name,), _problem_of(mode))

    def _folder(self, root: Path) -> Iterator[File]:
        waiting: list[tuple[Path, tuple[str, ...]]] = [(root, ())]
        while waiting:
            folder, parts = waiting.pop()
            try:
                with os.scandir(folder) as opened:
                    items = sorted(opened, key=lambda item: item.name)
            except OSError as error:
                yield File(parts, folder, f"cannot be opened ({error.strerror})")
                continue
            kept = [item for item in items if not _is_housekeeping(item.name)]
            self.passed_over[HOUSEKEEPING] += len(items) - len(kept)
            if not kept:
                yield File(parts, folder, "is empty")
            inner = []
            for item in kept:
                path, inside = Path(item.path), (*parts, item.name)
                try:
                    found = item.stat(follow_symlinks=False)
                except OSError as error:
                    yield File(inside, path, f"cannot be opened ({error.strerror})")
                    continue
                if not stat.S_ISDIR(found.st_mode):
                    yield from self._file(path, inside, _problem_of(found.st_mode) or _hidden([item.name]))
                elif len(inside) > MAX_DEPTH:
                    yield File(inside, path, f"lies in more than {MAX_DEPTH} folders")
                elif (found.st_dev, found.st_ino) not in self._skip:
                    inner.append((path, inside))
            waiting += reversed(inner)

    def _file(self, path: Path, parts: tuple[str, ...], problem: str) -> Iterator[File]:
        problem = problem or _problem_of_name(parts[-1])
        if is_zip(parts[-1]) and not problem:
            yield from self._zip(path, parts, _Budget(MAX_OF_STUDENT), 1)
        else:
            yield File(parts, path, problem)

    def _zip(self, path: Path, parts: tuple[str, ...], budget: _Budget, level: int) -> Iterator[File]:
        if self._spare is None:
            yield File(parts, path, "is a zip, which is not opened here")
            return
        if level > MAX_NESTED:
            yield File(parts, path, f"lies in {MAX_NESTED} zips, one in another")
            return
        empty = True
        try:
            with _Bounded(io.FileIO(path)) as file, zipfile.ZipFile(file) as archive:
                members = [info for info in archive.infolist() if not info.is_dir()]
                budget.members -= len(members)
                if budget.members < 0:
                    raise zipfile.BadZipFile(f"it holds more than {MAX_MEMBERS:,} files")
                for info in members:
                    for found in self._member(archive, info, path, parts, budget, level):
                        empty = False
                        yield found
        except Exception as error:  # whatever is in a hostile archive costs that archive
            yield File(parts, path, f"cannot be unpacked ({_why(error)})")
        else:
            if empty:
                yield File(parts, path, "is empty")

    def _member(
        self, archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: Path, parts: tuple[str, ...], budget: _Budget, level: int
    ) -> Iterator[File]:  # fmt: skip
        name = _name_of(info)
        names = [part for part in re.split(r"[/\\]", name) if part not in ("", ".")]
        inside = (*parts, *names)
        if not names or ".." in names or re.match(r"[/\\]|[A-Za-z]:", name):
            yield File((*parts, name), path, "has a path that leads out of its zip")
            return
        if any(_is_housekeeping(part) for part in names):
            self.passed_over[HOUSEKEEPING] += 1
            return
        if problem := _problem_of_member(info, len(inside), budget) or _hidden(names) or _problem_of_name(inside[-1]):
            yield File(inside, path, problem)
            return
        assert self._spare is not None
        if info.file_size > max(0, shutil.disk_usage(self._spare).free - MIN_FREE):
            yield File(inside, path, f"does not fit on the disk, of which {MIN_FREE >> 30} GB is kept free")
            return
        unpacked = self._spare / f"{next(self._numbers):06d}{PurePath(inside[-1]).suffix.lower()}"
        budget.size -= info.file_size  # what is read never exceeds the size that the list of members gives
        try:
            with archive.open(info) as packed, unpacked.open("xb") as copy:
                shutil.copyfileobj(packed, copy, 1 << 20)
        except Exception as error:  # a wrong checksum, damaged data, a full disk
            unpacked.unlink(missing_ok=True)
            yield File(inside, path, f"cannot be unpacked ({_why(error)})")
            return
        if is_zip(inside[-1]):
            yield from self._zip(unpacked, inside, budget if parts else _Budget(MAX_OF_STUDENT), level + 1)
            unpacked.unlink()
        else:
            yield File(inside, unpacked)


class _Bounded(io.BufferedReader):
    """A file whose reads end at MAX_LIST: `zipfile` takes the whole list of members in one, however long it says it is."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > MAX_LIST:
            raise zipfile.BadZipFile("its list of files is too long")
        return super().read(MAX_LIST if size is None or size < 0 else size)


def is_zip(name: str) -> bool:
    """Whether a file's name says that it is a zip."""
    return name.casefold().endswith(ZIP)


def is_submission(name: str) -> bool:
    """Whether a file's name says that it is a submission, or a zip of it."""
    return name.casefold().endswith((*SUFFIXES, ZIP)) and not name.startswith(".")


def _is_housekeeping(name: str) -> bool:
    low = name.casefold()
    hidden = low.startswith(".") and (low.startswith("._") or not low.endswith((*SUFFIXES, ZIP)))
    return hidden or low in _MADE_BY_TOOLS


def _problem_of(mode: int) -> str:
    return LINK if stat.S_ISLNK(mode) else "" if stat.S_ISREG(mode) else "is not a plain file"


def _hidden(names: Sequence[str]) -> str:
    hidden = any(name.startswith(".") for name in names)
    return "has a name that begins with a dot, so most programs hide it" if hidden else ""


def _problem_of_name(name: str) -> str:
    low = name.casefold()
    if low.endswith((*SUFFIXES, ZIP)):
        return ""
    if low.endswith(_OTHER_ARCHIVES):
        return "is an archive of a kind that is not opened; a zip is"
    if ".ipynb" in low:
        return "has a name that does not end in .ipynb: rename it if it is a notebook"
    return "is not a notebook, a .py file or a zip"


def _problem_of_member(info: zipfile.ZipInfo, depth: int, budget: _Budget) -> str:
    if depth > MAX_DEPTH:
        return f"lies in more than {MAX_DEPTH} folders"
    if stat.S_ISLNK(info.external_attr >> 16):
        return LINK
    if info.flag_bits & 1:
        return "is encrypted"
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "is packed by a method that is not read; zips are made with deflate"
    if info.file_size > MAX_FILE and not is_zip(info.filename):
        return f"is larger than {MAX_FILE >> 20} MB"
    if info.file_size > MAX_RATIO * info.compress_size and info.file_size > 1 << 20:
        return f"grows more than {MAX_RATIO} times when it is unpacked, as no notebook does"
    if info.file_size > budget.size:
        return f"is too much: at most {MAX_OF_STUDENT >> 20} MB of a student's zip are unpacked, {MAX_UNPACKED >> 30} GB of a class's"
    return ""


def _name_of(info: zipfile.ZipInfo) -> str:
    """A member's name. Some systems write UTF-8 without saying so, which is then read as an old code page."""
    if not info.flag_bits & 0x800:
        try:
            return info.filename.encode("cp437").decode("utf-8")
        except UnicodeError:
            pass
    return info.filename


def _why(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else str(error)) or type(error).__name__
