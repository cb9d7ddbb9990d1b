"""Tries a level of isolation out: builds all of its walls, then tests each. A wall that only seems to stand does not count."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from pathlib import Path

from ..border.levels import Limits, becomes_nobody, hand_over, python_folders
from . import system_calls as system
from .knocks import Outside, namespaces, what_goes_through, what_is_missing
from .walls import exit_code, isolate, lock, seclude

ALARM = 60
"""Seconds after which a trial that hangs is over."""

LIMITS = Limits(memory=1 << 30, file_bytes=1 << 20, folder_bytes=4 << 20, folder_entries=64, open_files=64, threads=16)
"""So small that they can be tried out in no time. (Every thread takes 64 MB of addresses, though no memory.)"""


def try_out(level: str) -> int:
    """The exit code: 0 if every wall of the level stands, and what honest code needs is there; else stderr says what is wrong."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        secret, work = Path(folder, "secret"), Path(folder, "work")
        secret.write_text("secret")
        work.mkdir()
        for path in (secret, work):
            path.chmod(0o777)  # what keeps a submission out must be the walls, neither mode nor owner
            hand_over(path, level)
        pid = os.fork()
        if pid == 0:
            signal.alarm(ALARM)
            os._exit(_neighbour(level, secret, str(work)))
        return exit_code(pid)


def _neighbour(level: str, secret: Path, work: str) -> int:
    """Stands beside the trial, as another submission does: of the same user, and with a memory that can be read."""
    spaces, libraries, nobody = namespaces(), python_folders(), becomes_nobody()
    try:
        seclude(level)
        system.prctl(system.SET_DUMPABLE, 1)
        outside = Outside(level, secret, os.getpid(), nobody, spaces)
        trial = os.fork()
        if trial:
            return exit_code(trial)
        isolate(level)
        lock(level, work, LIMITS)
        found = [*what_is_missing(level, libraries), *what_goes_through(outside, LIMITS)]
    except BaseException as error:
        found = [f"{type(error).__name__}: {error}"]
    print("; ".join(found), end="", file=sys.stderr, flush=True)
    return 1 if found else 0
