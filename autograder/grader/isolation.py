"""Which level of isolation this machine has: each is tried out in a process of its own, not assumed."""

from __future__ import annotations

import json
import site
import subprocess
import sys
from functools import cache

from ..border.levels import LEVELS, PACKAGE, clean_environment

_BOOT = """\
import json, runpy, site, sys
packages, source = json.loads(sys.argv.pop(1))
for folder in packages:
    site.addsitedir(folder)
sys.path += [source] * (source not in sys.path)
runpy.run_module(sys.argv.pop(1), run_name="__main__", alter_sys=True)
"""
"""Starts a module with the grader's packages. Python's -I leaves out those that a user installed for themselves."""


def module_command(module: str, *arguments: str) -> list[str]:
    """The command that starts `python -m module` with nothing of the grader's environment but its packages."""
    packages = [site.getusersitepackages()] if site.ENABLE_USER_SITE else []
    return [sys.executable, "-I", "-c", _BOOT, json.dumps([packages, str(PACKAGE.parent)]), module, *arguments]


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
