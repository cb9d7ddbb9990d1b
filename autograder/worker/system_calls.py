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
SET_PDEATHSIG, SET_DUMPABLE = 1, 4
"""Options of prctl(2)."""
CLONE_THREAD = 0x10000
CAP_DAC_READ_SEARCH = 1 << 2
FILE_CAPABILITIES = CAP_DAC_READ_SEARCH | 1 << 1
"""To read every file, and (CAP_DAC_OVERRIDE, which containers give their root instead) to open every file."""

_SET_KEEPCAPS, _CAPBSET_DROP, _CAP_AMBIENT, _CAP_AMBIENT_CLEAR_ALL = 8, 24, 47, 4
_CAPABILITIES = ("=Ii", 0x20080522, 0)  # version 3, of this process
_OPEN_TREE, _MOVE_MOUNT, _MOUNT_SETATTR = 428, 429, 442  # the same number on every architecture
_OPEN_TREE_CLONE, _MOVE_MOUNT_F_EMPTY_PATH = 1, 4
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
    flags = _OPEN_TREE_CLONE | os.O_CLOEXEC | _AT_RECURSIVE
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


def drop_capabilities(*, keep: int = 0) -> None:
    """Gives up every capability for good, but those in `keep` that this process has."""
    prctl(_CAP_AMBIENT, _CAP_AMBIENT_CLEAR_ALL)
    for capability in range(64):
        with contextlib.suppress(SandboxError):  # beyond the last one, or not ours to drop
            prctl(_CAPBSET_DROP, capability)
    kept = _permitted() & keep
    call("capset", struct.pack(*_CAPABILITIES), struct.pack("=6I", kept, kept, 0, 0, 0, 0))


def change_user(user: int, *, open_every_file: bool) -> None:
    """Makes root an ordinary user without groups and capabilities.

    Args:
        user: and group.
        open_every_file: whether it keeps the capability to open every file: to read it, where root has that one.
    """
    reading = FILE_CAPABILITIES & _permitted() & CAP_DAC_READ_SEARCH or FILE_CAPABILITIES
    os.setgroups([])
    os.setresgid(user, user, user)
    prctl(_SET_KEEPCAPS, 1)
    os.setresuid(user, user, user)
    drop_capabilities(keep=reading if open_every_file else 0)


def _permitted() -> int:
    """The capabilities that this process may use, below 32."""
    found = ctypes.create_string_buffer(24)
    call("capget", struct.pack(*_CAPABILITIES), found)
    return int(struct.unpack("=6I", found.raw)[1])
