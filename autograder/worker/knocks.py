"""What no submission may do, tried by really doing it; and what every submission needs, tried as well."""

from __future__ import annotations

import _thread
import ctypes
import errno
import fcntl
import mmap
import os
import platform
import resource
import signal
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ..border.levels import NOBODY, PRIVATE, Limits, readable
from . import filters
from . import system_calls as system
from .walls import MOVES

Attempt = tuple[str, Callable[[], object]]
"""What is said if it goes through, and what is done; an exception is how it fails."""

NONSENSE = (-1, 0, 0, 0, 0, 0)
"""No system call does anything with these arguments; each says so in another way than a filter does."""

_SPACES = ("user", "mnt", "pid", "net", "ipc", "uts")
_F_SETSIG, _F_SETOWN_EX, _FIOASYNC, _FIOSETOWN, _SIOCSPGRP = 10, 15, 0x5452, 0x8901, 0x8902
_READ_ONLY, _NO_SUID, _NO_DEVICES = 1, 2, 4  # of statvfs(3)


@dataclass(frozen=True)
class Outside:
    """What a submission must not reach.

    Attributes:
        level: of isolation.
        secret: a file that every user may read and write.
        neighbour: a process of the same user.
        nobody: whether that user must be nobody.
        spaces: the grader's namespaces.
    """

    level: str
    secret: Path
    neighbour: int
    nobody: bool
    spaces: dict[str, str]


def namespaces() -> dict[str, str]:
    """The namespaces of this process, by kind."""
    return {kind: os.readlink(f"/proc/self/ns/{kind}") for kind in _SPACES}


def what_is_missing(level: str, libraries: Sequence[str]) -> Iterator[str]:
    """What honest code needs and does not get. `libraries` are those of Python, as the grader sees them."""
    needs: list[Attempt] = [(f"{folder} cannot be read", partial(os.listdir, folder)) for folder in libraries]
    for folder in PRIVATE if level == "full" else (".",):
        needs.append((f"files cannot be made and moved in {folder}", partial(_make_and_move, folder)))
    needs += [
        ("temporary files cannot be made", tempfile.TemporaryFile),
        ("threads cannot be started", partial(_start_threads, 2)),
        ("threads cannot talk through sockets", socket.socketpair),
        ("a process cannot signal itself", partial(os.kill, os.getpid(), 0)),
    ]
    yield from (what for what, attempt in needs if not _works(attempt))


def what_goes_through(outside: Outside, limits: Limits) -> Iterator[str]:
    """What this process can do although no submission may, or which wall is missing."""
    for attempts in (_files(outside), _processes(outside), _resources(limits)):
        yield from (what for what, attempt in attempts if _works(attempt))
    yield from _calls(outside.level)
    yield from _rights(outside)
    if outside.level == "full":
        yield from _scenery(outside, limits)


def _files(outside: Outside) -> Iterator[Attempt]:
    secret = outside.secret
    yield "a file outside can be read", partial(os.open, secret, os.O_RDONLY)
    yield "a file outside can be written", partial(os.open, secret, os.O_WRONLY)
    yield "a file outside can be emptied", partial(os.truncate, secret, 0)
    yield "the mode of a file outside can be changed", partial(_change_mode, secret)
    yield "a file outside can be linked", partial(os.link, secret, "linked")
    yield "a file outside can be moved", partial(os.rename, secret, "moved")
    yield "a file outside can be removed", partial(os.unlink, secret)
    yield "a folder can be made outside", partial(os.mkdir, secret.with_name("made"))
    if filters.landlock_version() >= MOVES:
        # Landlock alone stands before it.
        yield "a device can be written", partial(os.open, "/dev/urandom", os.O_WRONLY)
    for process in (outside.neighbour, 1):
        for name in ("mem", "environ", "maps"):
            yield f"another process's {name} can be read", partial(os.open, f"/proc/{process}/{name}", os.O_RDONLY)
        yield "another process's descriptors can be read", partial(os.readlink, f"/proc/{process}/fd/0")
        yield "another process's files can be reached", partial(os.stat, f"/proc/{process}/root/")


def _processes(outside: Outside) -> Iterator[Attempt]:
    yield "a process can be started", lambda: os.fork() or os._exit(0)
    for process in (outside.neighbour, 1):
        yield "another process can be signalled", partial(os.kill, process, 0)
        yield "another process's limits can be read", partial(resource.prlimit, process, resource.RLIMIT_CORE)
    for family in (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK):
        yield f"a socket can be opened ({family.name})", partial(socket.socket, family, socket.SOCK_DGRAM)
    end = socket.socketpair()[0].detach()
    own, of_thread = ctypes.byref(ctypes.c_int(os.getpid())), ctypes.byref((ctypes.c_int * 2)(1, os.getpid()))
    for above, how in ((0, ""), (1 << 32, " and bits that the kernel does not look at")):
        for call, command, value in (
            ("fcntl", fcntl.F_SETOWN, os.getpid()),
            ("fcntl", _F_SETOWN_EX, of_thread),
            ("fcntl", _F_SETSIG, signal.SIGUSR1),
            ("fcntl", fcntl.F_SETFL, os.O_ASYNC),
            ("ioctl", _FIOASYNC, own),
            ("ioctl", _FIOSETOWN, own),
            ("ioctl", _SIOCSPGRP, own),
        ):
            what = f"another process can be signalled through a descriptor ({call} {command:#x}{how})"
            yield what, partial(_call, call, end, command | above, value)


def _resources(limits: Limits) -> Iterator[Attempt]:
    private = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
    yield "memory is not bounded", partial(mmap.mmap, -1, limits.memory + mmap.PAGESIZE, private)
    reserved = partial(mmap.mmap, -1, limits.addresses + mmap.PAGESIZE, private, prot=mmap.PROT_READ)
    yield "the address space is not bounded", reserved
    yield "memory can be shared", partial(mmap.mmap, -1, mmap.PAGESIZE)
    yield "memory can be a stack", partial(mmap.mmap, -1, mmap.PAGESIZE, private | filters.GROWS_DOWN)
    yield "shared memory can be had from a device", partial(os.open, "/dev/zero", os.O_RDONLY)
    for option in filters.BUFFER_OPTIONS[:2]:
        end = socket.socketpair()[0]
        yield "the buffers of sockets are not bounded", partial(end.setsockopt, socket.SOL_SOCKET, option, 1 << 20)
    yield "the buffers of pipes are not bounded", partial(_call, "fcntl", os.pipe()[0], filters.F_SETPIPE_SZ, 1 << 16)
    yield "the size of a file is not bounded", partial(_make_file, limits.file_bytes + 1)
    yield "descriptors are not bounded", partial(_open_files, limits.open_files + 1)
    yield "threads are not bounded", partial(_start_threads, limits.threads + 256)
    for what, kind, bound in (
        ("processor time is not bounded", resource.RLIMIT_CPU, limits.cpu_seconds),
        ("stacks are not bounded", resource.RLIMIT_STACK, filters.STACK),
        ("memory can be locked", resource.RLIMIT_MEMLOCK, 0),
        ("message queues are not bounded", resource.RLIMIT_MSGQUEUE, 0),
        ("a crash leaves its memory behind", resource.RLIMIT_CORE, 0),
    ):
        yield what, partial(_raise_limit, kind, bound)


def _calls(level: str) -> Iterator[str]:
    """The system calls that are open, except vfork, which would come back twice on one stack."""
    closed = [(name, errno.EPERM) for name in (*filters.FORBIDDEN_CALLS, *filters.SIGNAL_CALLS)]
    closed += [("clone3", errno.ENOSYS), ("socketpair", errno.EPERM)]
    if level == "landlock":
        closed += [(name, 0) for name in filters.ATTRIBUTE_CALLS]
    for name, answer in closed:
        number = filters.call_number(name)
        if name not in ("fork", "vfork") and number is not None and _answer(number) != answer:
            yield f"the system call {name} is open"
    if platform.machine() == "x86_64" and _answer(0x4000_0000 | 39) != errno.EPERM:
        yield "the system calls of another architecture are open"


def _rights(outside: Outside) -> Iterator[str]:
    status = dict(line.split(":\t", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":\t" in line)
    if status["NoNewPrivs"] != "1":
        yield "a program can gain privileges"
    if status["Seccomp"] != "2":
        yield "there is no filter of system calls"
    if outside.nobody and {*os.getresuid(), *os.getresgid()} != {NOBODY}:
        yield "it does not run as nobody"
    allowed = 0 if outside.level == "full" else system.FILE_CAPABILITIES
    for name in ("CapInh", "CapPrm", "CapEff", "CapAmb", *(["CapBnd"] if outside.level == "full" else [])):
        if int(status[name], 16) & ~allowed:
            yield f"it has capabilities ({name})"


def _scenery(outside: Outside, limits: Limits) -> Iterator[str]:
    """What is wrong with the namespaces and mounts of the level "full"."""
    for kind, space in namespaces().items():
        if space == outside.spaces[kind]:
            yield f"it shares a namespace with the grader ({kind})"
    if others := {name for name in os.listdir("/proc") if name.isdigit()} - {"1", str(os.getpid())}:
        yield f"it sees {len(others)} other processes"
    if extra := set(os.listdir("/")) - {path.split("/")[1] for path in (*readable(), *PRIVATE)}:
        yield f"it sees {', '.join(sorted(extra))} in /"
    for path in ("/", *readable()):
        safe = _NO_SUID | _NO_DEVICES | (0 if path == "/proc" else _READ_ONLY)
        if not path.startswith("/dev/") and os.statvfs(path).f_flag & safe != safe:
            yield f"{path} is not read-only, or has devices or set-user-ID programs"
    for path in PRIVATE:
        size = os.statvfs(path)
        if (size.f_blocks * size.f_frsize, size.f_files) != (limits.folder_bytes, limits.folder_entries):
            yield f"{path} is not bounded"


def _works(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except (OSError, RuntimeError, ValueError):
        return False
    return True


def _call(name: str, *arguments: object) -> int:
    return system.call(name, *arguments, number=filters.call_number(name))


def _answer(number: int) -> int:
    """The error code of a system call with meaningless arguments; 0 if it succeeds."""
    try:
        system.call("syscall", *NONSENSE, number=number)
    except OSError as error:
        return error.errno or -1
    return 0


def _change_mode(path: Path) -> None:
    before = path.stat().st_mode
    path.chmod(0o700)
    if path.stat().st_mode == before:
        raise PermissionError("it says that it did, and did not")


def _make_and_move(folder: str) -> None:
    first, second = (Path(folder, name) for name in ("first", "second"))
    first.mkdir()
    second.mkdir()
    Path(first, "file").write_text("mine")
    Path(first, "file").rename(second / "file")
    Path(second, "file").unlink()


def _make_file(size: int) -> None:
    with open("large", "wb") as file:
        file.truncate(size)


def _open_files(count: int) -> None:
    opened = []
    try:
        for _ in range(count):
            opened.append(os.dup(0))
    finally:
        for descriptor in opened:
            os.close(descriptor)


def _start_threads(count: int) -> None:
    """Raises RuntimeError if so many are too many."""
    done, before = threading.Event(), _thread.stack_size(64 << 10)
    try:
        for _ in range(count):
            _thread.start_new_thread(done.wait, ())
    finally:
        done.set()
        _thread.stack_size(before)


def _raise_limit(kind: int, bound: int) -> None:
    resource.setrlimit(kind, (bound + 1, bound + 1))
