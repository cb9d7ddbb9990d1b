"""Files are written whole or not at all, and never read beyond a bound."""

from __future__ import annotations

import contextlib
import os
import stat
import threading
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
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write(path: Path, content: str | bytes) -> None:
    """Writes a file atomically; text as UTF-8."""
    with atomically(path) as temporary:
        temporary.write_bytes(content.encode() if isinstance(content, str) else content)


def read(path: Path, most: int) -> bytes:
    """The content of a plain file of at most `most` bytes.

    The size is not taken from the directory: what grows while it is read, or is sparse, ends at the bound too.

    Raises:
        TooLarge: if there is more.
        OSError: if it cannot be read, or is a folder, a pipe or a device.
    """
    with open(path, "rb", opener=_without_waiting) as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise OSError(f"{path} is no plain file")
        if found.st_size > most or len(content := file.read(most + 1)) > most:
            raise TooLarge(f"{path} is larger than {most:,} bytes")
    return content


def _without_waiting(path: str, flags: int) -> int:
    """Opens a pipe although nobody writes to it."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
