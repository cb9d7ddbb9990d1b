"""Which level of isolation this machine has: each is tried out in a separate process, not assumed."""

from __future__ import annotations

import subprocess
import sys
from functools import cache

from ..border.levels import LEVELS, PACKAGE, clean_environment

_BOOT = """\
import sys
sys.path.insert(0, sys.argv.pop(1))
import autograder
del sys.path[0]
import runpy
runpy.run_module(sys.argv.pop(1), run_name="__main__", alter_sys=True)
"""
"""Starts a module of this package, even if another version is installed; what is beside it cannot be imported."""


def module_command(module: str, *arguments: str) -> list[str]:
    """The command that starts `python -m module`; its environment is `clean_environment`'s."""
    return [sys.executable, "-P", "-c", _BOOT, str(PACKAGE.parent), module, *arguments]


def worker_command(*arguments: str) -> list[str]:
    """The command that starts a worker."""
    return module_command("autograder.worker", *arguments)


def strongest() -> str:
    """The strongest level that this machine has."""
    return next((level for level in reversed(LEVELS) if not why_not(level)), "process")


@cache
def why_not(level: str) -> str:
    """Why a level cannot be reached here, in a line; "" if it can."""
    if level == "process":
        return ""
    if sys.platform != "linux":
        return "only Linux has namespaces, Landlock and seccomp"
    environment = clean_environment(level, "/") | {"TMPDIR": "", "HOME": "/"}
    tried = subprocess.run(
        worker_command("try", level), env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    return "" if tried.returncode == 0 else (tried.stderr.strip().splitlines() or ["it ended without a word"])[-1]
