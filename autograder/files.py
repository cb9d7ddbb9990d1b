"""Files are written whole or not at all and never read beyond a bound; folders are removed however deep they are."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
import tempfile
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path


class TooLarge(OSError):
    """The file holds more than the reader takes."""


@contextlib.contextmanager
def atomically(path: Path) -> Iterator[Path]:
    """Gives a temporary path beside `path`, which becomes `path` when the block ends well, and goes when it does not.

    A reader sees the old content or the new, never a part of it.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with atomically(Path(folder, "a.txt")) as temporary:
        ...         _ = temporary.write_text("all of it")
        ...     Path(folder, "a.txt").read_text()
        'all of it'
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.part")
    try:
        yield temporary
        with temporary.open("r+b") as file:  # Windows flushes only what is open for writing
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write(path: Path, content: str | bytes) -> None:
    """Writes a file atomically; text as UTF-8."""
    with atomically(path) as temporary:
        temporary.write_bytes(content.encode() if isinstance(content, str) else content)


def with_section(page: str, name: str, text: str, head: str = "") -> str:
    r"""Replaces the part of a page that a program writes; the rest of the page stays.

    Args:
        page: the page so far, or "".
        name: of the part, for the comments around it.
        text: what stands between them.
        head: what a new page begins with.

    Example:
        >>> with_section("before\n", "figures", "1\n")
        'before\n\n<!-- figures -->\n1\n<!-- end of figures -->\n'
    """
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    block = f"{begin}\n{text}{end}\n"
    found = re.search(f"{re.escape(begin)}.*?{re.escape(end)}\n", page, re.DOTALL)
    rest = page[found.end() :] if found else ""
    before = page[: found.start()] if found else (page.rstrip("\n") + "\n\n" if page else f"{head}\n")
    return before + block + rest


def read(path: Path, most: int) -> bytes:
    """The content of a plain file of at most `most` bytes.

    The size is not taken from the directory, so a file that grows while it is read, or is sparse, ends at the bound too.
    Only plain files are opened: opening a pipe waits for its writer, and opening a device may do something.

    Raises:
        TooLarge: if there is more.
        OSError: if it cannot be read, or is a folder, a pipe or a device.
    """
    _must_be_plain(path, path.stat())
    with open(path, "rb", opener=_without_waiting) as file:
        _must_be_plain(path, os.fstat(file.fileno()))  # another file may have taken its place
        content = file.read(most + 1)
    if len(content) > most:
        raise TooLarge(errno.EFBIG, f"larger than {most:,} bytes", str(path))
    return content


def _without_waiting(path: str, flags: int) -> int:
    """Opens a pipe although nobody writes to it."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


@contextlib.contextmanager
def temporary_folder(prefix: str, parent: Path | None = None) -> Iterator[Path]:
    """An empty folder for the block, which `remove` then removes."""
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
    try:
        yield folder
    finally:
        remove(folder)


def remove(folder: Path) -> None:
    """Removes a folder and what is in it. Never raises: what cannot be removed stays.

    It may be deeper than Python recurses and than a path can be long, and hold folders that nobody may enter: what lies in a
    folder moves to the top before the folder goes. Links are not followed. Nothing may write there any more.
    """
    waiting = [folder]
    with contextlib.suppress(OSError):
        folder.chmod(0o700)
    while waiting:
        place = waiting.pop()
        for path in _opened(place):
            with contextlib.suppress(OSError):
                if path.is_symlink() or not path.is_dir():
                    path.unlink()
                    continue
                path.chmod(0o700)
                if place != folder:
                    path = path.rename(folder / uuid.uuid4().hex)
                waiting.append(path)
        if place != folder:
            with contextlib.suppress(OSError):
                place.rmdir()
    with contextlib.suppress(OSError):
        folder.rmdir()


def _opened(folder: Path) -> list[Path]:
    """What lies in a folder; nothing if it cannot be opened."""
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _must_be_plain(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "not a plain file", str(path))
