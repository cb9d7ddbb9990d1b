"""The kernel's calls for which Python has no names (before 3.12, or at all): mounts, namespaces, capabilities."""

from __future__ import annotations

import contextlib
import ctypes
import os
import struct
from pathlib import Path

NOSUID, NODEV, REC, PRIVATE = 2, 4, 16384, 1 << 18
"""Flags of mount(2)."""
NEWNS, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET = 1 << 17, 1 << 26, 1 << 27, 1 << 28, 1 << 29, 1 << 30
"""Flags of unshare(2)."""
SET_PDEATHSIG, SET_DUMPABLE, SET_NO_NEW_PRIVS = 1, 4, 38
"""Options of prctl(2)."""
CLONE_THREAD = 0x10000

_CAPBSET_DROP, _CAP_AMBIENT, _CAP_AMBIENT_CLEAR_ALL = 24, 47, 4
_CAPABILITY_VERSION_3 = 0x20080522
_OPEN_TREE, _MOVE_MOUNT, _MOUNT_SETATTR = 428, 429, 442  # the same number on every architecture
_OPEN_TREE_CLONE, _OPEN_TREE_CLOEXEC, _MOVE_MOUNT_F_EMPTY_PATH = 1, os.O_CLOEXEC, 4
_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000
_MOUNT_ATTR_RDONLY, _MOUNT_ATTR_NOSUID, _MOUNT_ATTR_NODEV = 1, 2, 4
_DETACH = 2


class SandboxError(OSError):
    """A wall could not be built."""


def call(name: str, *arguments: object, number: int | None = None) -> int:
    """Calls the C library, or, where it has no such function, the kernel by number. Raises SandboxError if that fails."""
    library = ctypes.CDLL(None, use_errno=True)
    values = [ctypes.c_ulong(a & (2**64 - 1)) if isinstance(a, int) else a for a in arguments]
    result = library.syscall(number, *values) if number else getattr(library, name)(*values)
    if result == -1:
        code = ctypes.get_errno()
        raise SandboxError(code, f"{name}: {os.strerror(code)}")
    return int(result)


def mount(source: str, target: str, kind: str | None, flags: int, options: str = "") -> None:
    """Puts a file system at `target`; see the manual page, section 2."""
    call("mount", source.encode(), target.encode(), kind.encode() if kind else None, flags, options.encode() or None)


def prctl(option: int, value: int) -> None:
    """Sets a property of this process; see the manual page, section 2."""
    call("prctl", option, value, 0, 0, 0)


def unshare(flags: int) -> None:
    """Gives this process namespaces of its own."""
    call("unshare", flags)


def open_tree(path: str) -> int:
    """A copy of what is mounted at `path` and below, as a descriptor: it stays when something is mounted over the path."""
    flags = _OPEN_TREE_CLONE | _OPEN_TREE_CLOEXEC | _AT_RECURSIVE
    return call("open_tree", _AT_FDCWD, os.fsencode(path), flags, number=_OPEN_TREE)


def attach(tree: int, target: str) -> None:
    """Mounts what `open_tree` gave at `target`, and closes the descriptor."""
    to = (_AT_FDCWD, os.fsencode(target), _MOVE_MOUNT_F_EMPTY_PATH)
    call("move_mount", tree, b"", *to, number=_MOVE_MOUNT)
    os.close(tree)


def set_read_only(path: str, *, recursive: bool) -> None:
    """Makes a mount read-only, without devices and set-user-ID programs."""
    attributes = struct.pack("=QQQQ", _MOUNT_ATTR_RDONLY | _MOUNT_ATTR_NOSUID | _MOUNT_ATTR_NODEV, 0, 0, 0)
    flags = _AT_RECURSIVE if recursive else 0
    call("mount_setattr", -1, os.fsencode(path), flags, attributes, len(attributes), number=_MOUNT_SETATTR)


def change_root(folder: str) -> None:
    """Makes a mounted `folder` the root, and lets go of the old one."""
    Path(folder, ".old").mkdir()
    os.chdir(folder)
    call("pivot_root", b".", b".old", number=155 if os.uname().machine == "x86_64" else 41)
    os.chdir("/")
    call("umount2", b"/.old", _DETACH)
    Path("/.old").rmdir()


def drop_capabilities() -> None:
    """Gives up every capability, for good."""
    prctl(_CAP_AMBIENT, _CAP_AMBIENT_CLEAR_ALL)
    for capability in range(64):
        with contextlib.suppress(SandboxError):  # beyond the last one, or not ours to drop
            prctl(_CAPBSET_DROP, capability)
    header, none = struct.pack("=Ii", _CAPABILITY_VERSION_3, 0), struct.pack("=6I", *[0] * 6)
    call("capset", header, none)
