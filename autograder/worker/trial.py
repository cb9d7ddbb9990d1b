"""Tries a level of isolation out: builds every wall of it, then knocks at each. A wall that only seems to stand is none."""

from __future__ import annotations

import fcntl
import os
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from ..border.levels import Limits
from . import system_calls as system
from .walls import exit_code, isolate, lock, seclude

ALARM = 10
"""Seconds after which a trial that hangs is over."""


def try_out(level: str) -> int:
    """The exit code: 0 if every wall of the level stands; else stderr says which does not."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        outside = Path(folder, "outside")
        outside.write_text("secret")
        outside.chmod(0o666)  # what keeps a submission from it must be the walls, not the file's mode
        work = Path(folder, "work")
        work.mkdir()
        work.chmod(0o777)
        pid = os.fork()
        if pid == 0:
            signal.alarm(ALARM)
            try:
                seclude(level)
                isolate(level)
                lock(level, str(work), Limits(memory=1 << 30))
                _knock(outside)
            except BaseException as error:
                print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
                os._exit(1)
            os._exit(0)
        return exit_code(pid)


def _knock(outside: Path) -> None:
    """Does what no submission may do. Raises RuntimeError for what goes through."""
    Path("proof").write_text("writable")
    with tempfile.TemporaryFile() as file:
        file.write(b"temporary files are welcome")
    parent = os.getppid()
    for what, attempt in (
        ("a file outside can be read", lambda: outside.read_text()),
        ("a file outside can be written", lambda: outside.write_text("x")),
        ("a file outside can be emptied", lambda: os.truncate(outside, 0)),
        ("a file outside can be removed", lambda: outside.unlink()),
        ("a namespace can be made", lambda: system.unshare(system.NEWUSER)),
        ("another process can be signalled", lambda: os.kill(parent, 0)),
        ("another process can be signalled through a descriptor", lambda: _own(parent)),
        ("a process can be started", lambda: os.fork() or os._exit(0)),
    ):
        _must_fail(what, attempt)


def _own(pid: int) -> None:
    """Asks the kernel to signal `pid` whenever a pipe can be read."""
    reader, _ = os.pipe()
    fcntl.fcntl(reader, fcntl.F_SETOWN, pid)


def _must_fail(what: str, attempt: Callable[[], object]) -> None:
    try:
        attempt()
    except OSError:
        return
    raise RuntimeError(what)
