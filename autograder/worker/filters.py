"""What a submission may not do: Landlock for paths and signals, seccomp for system calls, limits for resources."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from ..border.levels import Limits
from .system_calls import CLONE_THREAD, SandboxError

STACK = 8 << 20
"""The usual size of a stack: it is no data, and a process may raise its own limit."""


def limit(limits: Limits, *, others: int) -> None:
    """Bounds memory, time, files and threads; `others` is how many threads of this user the kernel counts, too."""
    import resource

    bounds = {
        resource.RLIMIT_STACK: STACK,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_CPU: limits.cpu_seconds,
        resource.RLIMIT_FSIZE: limits.file_bytes,
        resource.RLIMIT_NOFILE: limits.open_files,
    }
    if sys.platform == "linux":
        # Absolute limits break TensorFlow, which reserves far more than it uses: what counts is what is added from here
        # on. RLIMIT_DATA stops private memory cleanly; seccomp closes shared memory, which would not count as data; RLIMIT_AS
        # bounds the tables of pages that hold nothing.
        sizes = _own_sizes()
        bounds |= {
            resource.RLIMIT_DATA: sizes["VmData"] + limits.memory,
            resource.RLIMIT_AS: sizes["VmSize"] + limits.addresses,
            resource.RLIMIT_NPROC: limits.threads + others,
            resource.RLIMIT_MEMLOCK: 0,
            resource.RLIMIT_MSGQUEUE: 0,
        }
    for kind, bound in bounds.items():
        hard = resource.getrlimit(kind)[1]
        bound = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
        try:
            resource.setrlimit(kind, (bound, bound))
        except (OSError, ValueError):
            if sys.platform == "linux":  # a wall; macOS does not take every limit
                raise


def _own_sizes() -> dict[str, int]:
    sizes = {}
    for line in Path("/proc/self/status").read_text().splitlines():
        name, _, value = line.partition(":")
        if name in ("VmData", "VmSize"):
            sizes[name] = int(value.split()[0]) * 1024
    return sizes


def threads_of_this_user() -> int:
    """How many threads the kernel counts for this user."""
    count = 0
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has just ended
            if folder.stat().st_uid == os.getuid():
                count += sum(1 for _ in (folder / "task").iterdir())
    return count


def landlock(writable: Sequence[str], readable: Sequence[str]) -> None:
    """Reading and running below `readable`, everything below `writable`, no TCP, no signals or abstract sockets to others."""
    from py_landlock import AccessFs, Landlock  # the kernel's Landlock calls

    rules = Landlock(strict=False)
    read = AccessFs.READ_FILE | AccessFs.READ_DIR | AccessFs.EXECUTE
    for path in readable:
        rules.add_path_rule(path, access=read if Path(path).is_dir() else read & ~AccessFs.READ_DIR)
    rules.add_path_rule(*writable, access=~AccessFs(0))
    with contextlib.suppress(OSError):
        rules.add_path_rule("/dev/null", access=AccessFs.READ_FILE | AccessFs.WRITE_FILE)
    rules.apply()


@cache
def landlock_version() -> int:
    """The version of Landlock's interface in this kernel; 0 without Landlock. A submission can no longer ask."""
    import py_landlock

    try:
        return py_landlock.get_abi_version()
    except py_landlock.LandlockError:
        return 0


def seccomp(level: str) -> None:
    """Closes the system calls that namespaces and Landlock do not cover. They fail; nothing is killed.

    Raises:
        SandboxError: if the kernel has a call to close whose number nobody knows.
    """
    import pyseccomp as filters  # libseccomp's filter compiler

    rules = filters.SyscallFilter(filters.ALLOW)
    refuse = filters.ERRNO(errno.EPERM)
    rules.set_attr(filters.Attr.ACT_BADARCH, refuse)  # calls of another architecture; else only the thread would end

    def add(action: int, name: str, *arguments: object) -> None:
        if (number := call_number(name)) is not None:
            rules.add_rule(action, number, *arguments)

    for name in FORBIDDEN_CALLS:
        add(refuse, name)
    # One process a submission: children would each have the limits anew. Threads are counted, and welcome.
    add(refuse, "clone", filters.Arg(0, filters.MASKED_EQ, CLONE_THREAD, 0))
    add(filters.ERRNO(errno.ENOSYS), "clone3")  # its flags are out of reach; the C library then takes clone
    for name in SIGNAL_CALLS:
        add(refuse, name, filters.Arg(0, filters.NE, os.getpid()))
    add(refuse, "prlimit64", filters.Arg(0, filters.NE, 0))
    add(filters.ERRNO(errno.ENETUNREACH), "socket")
    add(refuse, "socketpair", filters.Arg(0, filters.NE, socket.AF_UNIX))
    if level == "landlock":  # the files of the grading user are within reach; honest code does not notice
        for name in ATTRIBUTE_CALLS:
            add(filters.ERRNO(0), name)
    # Memory that no limit counts: shared pages without a file, and large buffers of sockets and pipes.
    for flags in (SHARED_ANONYMOUS, GROWS_DOWN):
        add(filters.ERRNO(errno.ENOMEM), "mmap", filters.Arg(3, filters.MASKED_EQ, flags, flags))
    for option in BUFFER_OPTIONS:
        add(refuse, "setsockopt", filters.Arg(2, filters.MASKED_EQ, _LOW, option))
    add(refuse, "fcntl", filters.Arg(1, filters.MASKED_EQ, _LOW, F_SETPIPE_SZ))
    # A signal that the kernel sends in the place of the process passes every rule on kill(2). Commands have 32 bits: the
    # kernel does not look at what is above them.
    for command in OWNER_COMMANDS:
        add(refuse, "fcntl", filters.Arg(1, filters.MASKED_EQ, _LOW, command))
    asynchronous = filters.Arg(2, filters.MASKED_EQ, O_ASYNC, O_ASYNC)
    add(refuse, "fcntl", filters.Arg(1, filters.MASKED_EQ, _LOW, F_SETFL), asynchronous)
    for command in OWNER_CONTROLS:
        add(refuse, "ioctl", filters.Arg(1, filters.MASKED_EQ, _LOW, command))
    rules.load()


def call_number(name: str) -> int | None:
    """The number of a system call; None where this architecture has no such call.

    Raises:
        SandboxError: if libseccomp is too old to know it.
    """
    import pyseccomp as filters

    number = int(filters.resolve_syscall(filters.Arch.NATIVE, name))
    if number != _UNKNOWN:
        return (
            number if number >= 0 else None
        )  # libseccomp has its own, negative numbers for calls of other architectures
    if name not in NEW_CALLS:
        raise SandboxError(errno.ENOSYS, f"this libseccomp does not know the system call {name}")
    return NEW_CALLS[name]


_LOW = 0xFFFF_FFFF
_UNKNOWN = -1
NEW_CALLS = {
    "pidfd_send_signal": 424, "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427, "open_tree": 428,
    "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433, "pidfd_open": 434, "clone3": 435,
    "pidfd_getfd": 438, "process_madvise": 440, "mount_setattr": 442, "quotactl_fd": 443, "memfd_secret": 447,
    "landlock_create_ruleset": 444, "landlock_add_rule": 445, "landlock_restrict_self": 446, "process_mrelease": 448, "fchmodat2": 452,
    "setxattrat": 463, "removexattrat": 466, "open_tree_attr": 467, "file_setattr": 469,
}  # fmt: skip
"""Numbers that are the same on every architecture, for a libseccomp that is older than the kernel."""

SHARED_ANONYMOUS = 0x21
"""MAP_SHARED, a bit of MAP_SHARED_VALIDATE too, with MAP_ANONYMOUS: flags of mmap(2)."""
GROWS_DOWN = 0x100
"""MAP_GROWSDOWN of mmap(2): a stack."""
BUFFER_OPTIONS = (7, 8, 32, 33)
"""SO_SNDBUF, SO_RCVBUF and their FORCE forms of setsockopt(2)."""
F_SETPIPE_SZ = 1031
F_SETFL, O_ASYNC = 4, 0x2000
OWNER_COMMANDS = (8, 10, 15)
"""F_SETOWN, F_SETSIG and F_SETOWN_EX of fcntl(2)."""
OWNER_CONTROLS = (0x5452, 0x8901, 0x8902)
"""FIOASYNC, FIOSETOWN and SIOCSPGRP of ioctl(2)."""
SIGNAL_CALLS = ("kill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo")
"""The first argument is a process: the own one is allowed."""
FORBIDDEN_CALLS = (
    # other processes, and more of its own
    "fork", "vfork", "execve", "execveat", "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "process_mrelease",
    "pidfd_open", "pidfd_getfd", "pidfd_send_signal", "kcmp", "tkill", "setpriority", "ioprio_set", "sched_setparam",
    "sched_setscheduler", "sched_setattr", "sched_setaffinity", "migrate_pages", "move_pages",
    # keys, kernel programs, counters, page faults, asynchronous calls that bypass this filter
    "keyctl", "add_key", "request_key", "bpf", "perf_event_open", "userfaultfd",
    "io_uring_setup", "io_uring_enter", "io_uring_register",
    # namespaces and mounts
    "unshare", "setns", "mount", "umount2", "pivot_root", "chroot", "move_mount", "open_tree", "fsopen", "fsconfig",
    "fsmount", "fspick", "mount_setattr", "open_tree_attr", "open_by_handle_at", "name_to_handle_at",
    # memory that no limit counts: a rule of Landlock is kernel memory, and of rules there may be any number
    "landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self",
    "memfd_create", "memfd_secret", "shmget", "shmat", "msgget", "semget", "mq_open",
    # the machine
    "kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module", "reboot", "swapon", "swapoff", "acct",
    "quotactl", "quotactl_fd", "settimeofday", "clock_settime", "clock_adjtime", "adjtimex", "sethostname", "setdomainname", "syslog",
    "iopl", "ioperm", "personality", "vhangup", "fanotify_init", "modify_ldt", "lookup_dcookie", "nfsservctl",
)  # fmt: skip

ATTRIBUTE_CALLS = (
    "chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "fchown", "lchown", "fchownat", "utime", "utimes", "futimesat", "utimensat",
    "setxattr", "lsetxattr", "fsetxattr", "setxattrat", "removexattr", "lremovexattr", "fremovexattr", "removexattrat",
    "file_setattr",
)  # fmt: skip
