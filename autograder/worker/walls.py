"""The walls around a submission. `docs/threat_model.md` goes through this module line by line.

The warm process goes through `seclude` once; every fork of it through `isolate` and then `lock`.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ..border.levels import HOME, NOBODY, PRIVATE, Limits, becomes_nobody, changes_user, readable
from . import filters
from . import system_calls as system

MOVES = 2
"""The version from which on Landlock can allow a file to be moved to another folder, as TensorFlow does with checkpoints."""


def seclude(level: str) -> None:
    """Prepares the warm process, before it imports anything big: the file system shrinks to what Python needs.

    Raises:
        SandboxError: if a wall of the level cannot be built.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError):  # while this is still the user who started it: nobody may not write there
            Path("/proc/self/oom_score_adj").write_text("1000")  # memory runs out: a submission goes, not the grader
    if level in ("full", "landlock"):
        # Both find their C library with tools that will be out of sight.
        import pyseccomp  # noqa: F401

        filters.landlock_version()
    if level == "full":
        _hide_the_file_system()
    elif becomes_nobody():
        system.change_user(NOBODY, open_every_file=not changes_user(level))
    if sys.platform == "linux":
        system.prctl(system.SET_DUMPABLE, 0)  # no child may read this process


def isolate(level: str) -> None:
    """Moves a fresh fork into namespaces of its own. At the level "full" it returns in a grandchild only.

    The fork waits for an init process, which waits for the grandchild; the death of either is the death of all. The exit
    code is the grandchild's, or 128 plus the signal that ended it.
    """
    os.setsid()
    if level != "full":
        if sys.platform == "linux":
            system.prctl(
                system.SET_PDEATHSIG, signal.SIGKILL
            )  # where nothing else ends it when the warm process is gone
        return
    uid, gid = os.getuid(), os.getgid()
    system.prctl(system.SET_DUMPABLE, 1)  # else /proc/self is root's, and the maps cannot be written
    system.unshare(system.NEWUSER | system.NEWNS | system.NEWPID | system.NEWNET | system.NEWIPC | system.NEWUTS)
    _map_identity(uid, gid)
    system.prctl(system.SET_DUMPABLE, 0)
    system.prctl(system.SET_PDEATHSIG, signal.SIGKILL)
    init = os.fork()
    if init:
        os._exit(exit_code(init))
    system.prctl(system.SET_PDEATHSIG, signal.SIGKILL)
    system.mount("proc", "/proc", "proc", system.NOSUID | system.NODEV)
    child = os.fork()
    if child:
        system.drop_capabilities()
        os._exit(exit_code(child))
    os.setsid()


def lock(level: str, folder: str, limits: Limits) -> str:
    """Locks the calling process in, for good, and returns the folder it may write to.

    Args:
        level: of isolation.
        folder: an empty folder for the levels below "full".
        limits: what it may use.
    """
    if level == "full":
        kept = _opened(path for path in readable() if path.startswith(tuple(f"{place}/" for place in PRIVATE)))
        for place in PRIVATE:
            options = f"size={limits.folder_bytes},nr_inodes={limits.folder_entries},mode=700"
            system.mount("submission", place, "tmpfs", system.NOSUID | system.NODEV, options)
        _put("", kept)
        folder = HOME
    os.chdir(folder)
    os.environ["HOME"] = os.environ["TMPDIR"] = folder
    tempfile.tempdir = None  # the warm process has asked where temporary files go: its own folder
    if sys.platform != "win32":
        # Below "full" the kernel counts every process of the grading user, not those of the submission alone.
        filters.limit(limits, others=0 if level == "full" else filters.threads_of_this_user())
    if level in ("full", "landlock"):
        # As root, with Python where only root can go, Landlock is what bounds the files that can be opened.
        system.drop_capabilities(keep=system.FILE_CAPABILITIES if level == "landlock" else 0)
        if level == "landlock":
            filters.landlock([folder], readable())
        elif filters.landlock_version() >= MOVES:
            filters.landlock(PRIVATE, ["/"])
        filters.seccomp(level)
        system.prctl(system.SET_DUMPABLE, 1)  # /proc/self belongs to the submission again
    return folder


def exit_status(level: str, code: int) -> int:
    """The exit code of what `isolate` put behind two processes: negative for a signal."""
    return 128 - code if level == "full" and code > 128 else code


def exit_code(pid: int) -> int:
    """Waits for a child, reaping every other that ends meanwhile; 128 plus the signal that ended it."""
    while True:
        ended, status = os.wait()
        if ended == pid:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code


def _hide_the_file_system() -> None:
    """Gives the process a mount namespace whose root holds `readable()`, read-only, and nothing else.

    As root, the process then becomes nobody; otherwise it does this in a user namespace of its own.
    """
    os.umask(0o022)  # whatever the grader's is, what is put together here is for others to read
    changes, uid, gid = becomes_nobody(), os.getuid(), os.getgid()
    if changes:
        system.unshare(system.NEWNS)
    else:
        system.unshare(system.NEWUSER | system.NEWNS)
        _map_identity(uid, gid)
    system.mount("none", "/", None, system.REC | system.PRIVATE)
    kept = _opened(readable())  # before anything is mounted over what may hold some of them
    base = "/tmp"  # noqa: S108 - every machine has it, and what is in it was opened
    system.mount("root", base, "tmpfs", system.NOSUID | system.NODEV, "size=1m,mode=755")
    for path in PRIVATE:
        Path(base + path).mkdir()
    system.mount("warm", base + HOME, "tmpfs", system.NOSUID | system.NODEV, "size=16m,mode=1777")
    _put(base, kept)
    system.change_root(base)
    system.set_read_only("/", recursive=False)
    if changes:
        system.change_user(NOBODY, open_every_file=False)


@dataclass(frozen=True)
class _Kept:
    """A file, folder or link that is put at the same place again.

    Attributes:
        path: where it is.
        tree: the descriptor of what lies there; -1 for a link.
        to: where a link points.
        is_folder: whether it is a folder.
    """

    path: str
    tree: int = -1
    to: str = ""
    is_folder: bool = False


def _opened(paths: Iterable[str]) -> list[_Kept]:
    """Opens what lies at these paths, the outermost first; links stay links, and what they point to comes with them."""
    found: list[_Kept] = []
    waiting = sorted(paths, key=len)
    while waiting:
        path = waiting.pop(0)
        if any(path == k.path or (k.is_folder and path.startswith(f"{k.path}/")) for k in found):
            continue  # inside a folder that is there already
        if Path(path).is_symlink():
            found.append(_Kept(path, to=str(Path(path).readlink())))
            waiting.insert(0, str(Path(path).resolve()))
        else:
            found.append(_Kept(path, system.open_tree(path), is_folder=Path(path).is_dir()))
    return found


def _put(base: str, kept: Iterable[_Kept]) -> None:
    """Puts what was opened at the same place below `base`, read-only."""
    for one in kept:
        target = Path(base + one.path)
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
        if one.to:
            target.symlink_to(one.to)
            continue
        if one.is_folder:
            target.mkdir(mode=0o755, exist_ok=True)
        else:
            target.touch()
        system.attach(one.tree, str(target))
        if not one.path.startswith(("/dev/", "/proc")):
            system.set_read_only(str(target), recursive=True)


def _map_identity(uid: int, gid: int) -> None:
    """Keeps the own user and group, and no other, in a new user namespace."""
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")
