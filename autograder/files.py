"""Files are written whole or not at all, and never read beyond a bound."""

from __future__ import annotations

import contextlib
import errno
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

    The size is not taken from the directory: what grows while it is read, or is sparse, ends at the bound too. Nothing but a
    plain file is opened: opening a pipe waits for its writer, and opening a device may do something.

    Raises:
        TooLarge: if there is more.
        OSError: if it cannot be read, or is a folder, a pipe or a device.
    """
    _must_be_plain(path, path.stat())
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(descriptor, "rb") as file:
        _must_be_plain(path, found := os.fstat(descriptor))  # another file may have taken its place
        if found.st_size > most or len(content := file.read(most + 1)) > most:
            raise TooLarge(errno.EFBIG, f"larger than {most:,} bytes", str(path))
    return content


def _must_be_plain(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "not a plain file", str(path))
