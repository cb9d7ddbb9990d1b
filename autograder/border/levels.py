"""The levels of isolation, what each lets a submission use, and what both sides of the border must know of them.

Levels, strongest first:
- "full": own user, mount, PID, network, IPC and UTS namespaces; a read-only view of the file system that holds Python and
  its libraries; Landlock; seccomp; no capabilities; resource limits.
- "landlock": where user namespaces are forbidden: Landlock, seccomp, no capabilities, resource limits.
- "process": an own session, an own empty folder, resource limits. Against accidents, not against attackers.

`worker.walls` builds the walls, `grader.isolation` finds out which of them stand here.
"""

from __future__ import annotations

import os
import site
import sys
from dataclasses import dataclass
from pathlib import Path

LEVELS = ("process", "landlock", "full")

HOME = "/submission"
"""The home folder and working folder of a submission at the level "full"."""

PRIVATE = (HOME, "/tmp")  # noqa: S108 - in a mount namespace of its own
"""What a submission may write to at the level "full": each is a file system of its own, in memory."""

NOBODY = 65534
_CHANGE_USERS = 1 << 0 | 1 << 6 | 1 << 7
"""The capabilities to change the owner of files, and the groups and user of a process."""

PACKAGE = Path(__file__).resolve().parents[1]
"""The folder of this package."""


@dataclass(frozen=True)
class Limits:
    """What one submission may use.

    Attributes:
        memory: bytes of data beyond what the warm process already holds.
        cpu_seconds: processor time in all.
        file_bytes: the size of a file it writes.
        folder_bytes: the size of each of its two folders, at the level "full".
        folder_entries: how many files and folders each of them holds.
        open_files: file descriptors.
        threads: threads; processes of its own it may not start.
    """

    memory: int = 3 << 30
    cpu_seconds: int = 900
    file_bytes: int = 64 << 20
    folder_bytes: int = 64 << 20
    folder_entries: int = 4096
    open_files: int = 256
    threads: int = 128

    @property
    def addresses(self) -> int:
        """Bytes of address space beyond what the warm process already has: what is reserved and never written needs some, too."""
        return self.memory * 3 // 2


def is_weaker(level: str, wanted: str) -> bool:
    """Whether a level has fewer walls than the wanted one."""
    return LEVELS.index(level) < LEVELS.index(wanted)


def becomes_nobody() -> bool:
    """Whether student code runs as nobody, at every level: root grades, and may do all that root may with users.

    In some containers there is no user but root, or root's rights are taken away.
    """
    if sys.platform != "linux" or os.geteuid() != 0:
        return False
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    users = (map(int, line.split()) for line in Path("/proc/self/uid_map").read_text().splitlines())
    may = int(status["CapEff"], 16) & _CHANGE_USERS == _CHANGE_USERS
    return may and any(first <= NOBODY < first + count for first, _, count in users)


def changes_user(level: str) -> bool:
    """Whether student code is an ordinary user through and through: root grades, and everybody can read Python.

    Where Python lies in a folder that only root can enter, nobody keeps the capability to open it below the level "full".
    """
    return becomes_nobody() and (level == "full" or all(_open_to_all(Path(path)) for path in python_folders()))


def hand_over(path: Path, level: str) -> None:
    """Makes the user that runs student code the owner of a file or folder."""
    if level != "full" and becomes_nobody():
        os.chown(path, NOBODY, NOBODY)


def clean_environment(level: str, folder: str) -> dict[str, str]:
    """The complete environment of a worker: of the grader's own, only where packages are; TensorFlow quiet, one thread."""
    keep = {
        name: os.environ[name]
        for name in ("SYSTEMROOT", "SYSTEMDRIVE", "PROCESSOR_ARCHITECTURE", "PATH")
        if name in os.environ
    }
    user = {"PYTHONUSERBASE": site.getuserbase()} if site.ENABLE_USER_SITE else {"PYTHONNOUSERSITE": "1"}
    folder = HOME if level == "full" else folder
    return (
        keep
        | user
        | {
            "HOME": folder,
            "USERPROFILE": folder,  # Windows' word for it
            "TMPDIR": folder,
            "LANG": "C.UTF-8",
            "PYTHONUTF8": "1",  # where no LANG says so: a submission prints and reads what it does in a notebook
            "PYTHONPATH": os.pathsep.join(filter(_holds_packages, os.environ.get("PYTHONPATH", "").split(os.pathsep))),
            "PYTHONHASHSEED": "0",
            "MPLBACKEND": "agg",
            "MPLCONFIGDIR": folder,
            "CUDA_VISIBLE_DEVICES": "-1",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "TF_ENABLE_ONEDNN_OPTS": "0",
            # One thread each: two workers on two cores would fight otherwise.
            "TF_NUM_INTRAOP_THREADS": "1",
            "TF_NUM_INTEROP_THREADS": "1",
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
        }
    )


def readable() -> list[str]:
    """The folders and files that running Python and TensorFlow needs."""
    system = ["/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libexec", "/usr/share/zoneinfo"]
    settings = [
        "/etc/ld.so.cache",
        "/etc/ld.so.conf",
        "/etc/localtime",
        "/etc/alternatives",
        "/etc/fonts",
        "/usr/share/fonts",
    ]
    devices = [f"/dev/{name}" for name in ("null", "full", "random", "urandom")]
    wanted = dict.fromkeys([*system, *settings, *devices, *python_folders(), "/proc", "/sys/devices/system/cpu"])
    return [path for path in wanted if Path(path).exists()]


def python_folders() -> list[str]:
    """Python's libraries, the installed packages, and this package: never a whole prefix, in which a course can lie."""
    prefixes = (sys.base_prefix, sys.base_exec_prefix, sys.prefix, sys.exec_prefix)
    libraries = [f"{prefix.rstrip('/')}/{name}" for prefix in prefixes for name in ("lib", "lib64", "share/zoneinfo")]
    wanted = dict.fromkeys([*libraries, *filter(_holds_packages, sys.path), str(PACKAGE)])
    return [path for path in wanted if Path(path).exists()]


def _holds_packages(path: str) -> bool:
    """Whether packages are installed there. What else is on Python's path may be the course itself."""
    return path.endswith(("site-packages", "dist-packages"))


def _open_to_all(path: Path) -> bool:
    """Whether any user can reach a folder and list it."""
    try:
        path = path.resolve(strict=True)
        return path.stat().st_mode & 0o005 == 0o005 and all(p.stat().st_mode & 0o001 for p in path.parents)
    except OSError:
        return False
