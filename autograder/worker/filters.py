"""What a submission may not do: Landlock for paths and signals, seccomp for system calls, limits for resources."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import sys
from pathlib import Path

from ..border.levels import Limits
from .system_calls import CLONE_THREAD


def limit(limits: Limits, *, others: int) -> None:
    """Bounds memory, time, files and threads; `others` is how many threads of this user the kernel counts, too."""
    import resource

    bounds = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_CPU: limits.cpu_seconds,
        resource.RLIMIT_FSIZE: limits.file_bytes,
        resource.RLIMIT_NOFILE: limits.open_files,
    }
    if sys.platform == "linux":
        # Absolute limits break TensorFlow, which reserves far more than it uses: what counts is what is added from here
        # on. RLIMIT_DATA stops private memory cleanly, RLIMIT_AS what is shared and would not count as data.
        sizes = _own_sizes()
        bounds |= {
            resource.RLIMIT_DATA: sizes["VmData"] + limits.memory,
            resource.RLIMIT_AS: sizes["VmSize"] + 2 * limits.memory,
            resource.RLIMIT_NPROC: limits.processes + others,
            resource.RLIMIT_MEMLOCK: 0,
            resource.RLIMIT_MSGQUEUE: 0,
        }
    for kind, bound in bounds.items():
        hard = resource.getrlimit(kind)[1]
        bound = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
        resource.setrlimit(kind, (bound, bound))


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


def landlock(folder: str, readable: list[str]) -> None:
    """Reading and running below `readable`, everything below `folder`, no TCP, no signals or abstract sockets to others."""
    from py_landlock import AccessFs, Landlock  # the kernel's Landlock calls

    rules = Landlock(strict=False)
    read = AccessFs.READ_FILE | AccessFs.READ_DIR | AccessFs.EXECUTE
    for path in readable:
        rules.add_path_rule(path, access=read if Path(path).is_dir() else read & ~AccessFs.READ_DIR)
    rules.allow_read_write(folder)
    with contextlib.suppress(OSError):
        rules.add_path_rule("/dev/null", access=AccessFs.READ_FILE | AccessFs.WRITE_FILE)
    rules.apply()


def seccomp(level: str) -> None:
    """Closes the system calls that namespaces and Landlock do not cover. They fail; nothing is killed."""
    import pyseccomp as filters  # libseccomp's filter compiler

    rules = filters.SyscallFilter(filters.ALLOW)
    refuse = filters.ERRNO(errno.EPERM)
    rules.set_attr(filters.Attr.ACT_BADARCH, refuse)  # calls of another architecture; else only the thread would end

    def add(action: int, name: str, *arguments: object) -> None:
        with contextlib.suppress(OSError, RuntimeError, ValueError):  # a name this libseccomp does not know
            rules.add_rule(action, name, *arguments)

    for name in _FORBIDDEN_CALLS:
        add(refuse, name)
    # One process a submission: children would each have the limits anew. Threads are counted, and welcome.
    add(refuse, "clone", filters.Arg(0, filters.MASKED_EQ, CLONE_THREAD, 0))
    add(filters.ERRNO(errno.ENOSYS), "clone3")  # its flags are out of reach; the C library then takes clone
    for name in ("kill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo"):
        add(refuse, name, filters.Arg(0, filters.NE, os.getpid()))
    add(refuse, "prlimit64", filters.Arg(0, filters.NE, 0))
    add(filters.ERRNO(errno.ENETUNREACH), "socket")
    add(refuse, "socketpair", filters.Arg(0, filters.NE, socket.AF_UNIX))
    if level == "landlock":  # the files of the grading user are within reach; honest code does not notice
        for name in _ATTRIBUTE_CALLS:
            add(filters.ERRNO(0), name)
    # A signal that the kernel sends in the place of the process passes every rule on kill(2).
    for command in (_F_SETOWN, _F_SETSIG, _F_SETOWN_EX):
        add(refuse, "fcntl", filters.Arg(1, filters.EQ, command))
    add(refuse, "fcntl", filters.Arg(1, filters.EQ, _F_SETFL), filters.Arg(2, filters.MASKED_EQ, _O_ASYNC, _O_ASYNC))
    for command in (_FIOASYNC, _FIOSETOWN, _SIOCSPGRP):
        add(refuse, "ioctl", filters.Arg(1, filters.EQ, command))
    rules.load()


_F_SETFL, _F_SETOWN, _F_SETSIG, _F_SETOWN_EX, _O_ASYNC = 4, 8, 10, 15, 0x2000
_FIOASYNC, _FIOSETOWN, _SIOCSPGRP = 0x5452, 0x8901, 0x8902
_FORBIDDEN_CALLS = (
    # other processes, and more of its own
    "fork", "vfork", "execve", "execveat", "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "process_mrelease",
    "pidfd_open", "pidfd_getfd", "pidfd_send_signal", "kcmp", "tkill", "setpriority", "ioprio_set", "sched_setparam",
    "sched_setscheduler", "sched_setattr", "sched_setaffinity", "migrate_pages", "move_pages",
    # keys, kernel programs, counters, page faults, asynchronous calls that bypass this filter
    "keyctl", "add_key", "request_key", "bpf", "perf_event_open", "userfaultfd",
    "io_uring_setup", "io_uring_enter", "io_uring_register",
    # namespaces and mounts
    "unshare", "setns", "mount", "umount2", "pivot_root", "chroot", "move_mount", "open_tree", "fsopen", "fsconfig",
    "fsmount", "fspick", "mount_setattr", "open_by_handle_at", "name_to_handle_at",
    # memory that no limit counts
    "memfd_create", "memfd_secret", "shmget", "shmat", "msgget", "semget", "mq_open",
    # the machine
    "kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module", "reboot", "swapon", "swapoff", "acct",
    "quotactl", "settimeofday", "clock_settime", "clock_adjtime", "adjtimex", "sethostname", "setdomainname", "syslog",
    "iopl", "ioperm", "personality", "vhangup", "fanotify_init", "modify_ldt", "lookup_dcookie", "nfsservctl",
)  # fmt: skip


_ATTRIBUTE_CALLS = (
    "chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "fchown", "lchown", "fchownat", "utime", "utimes", "futimesat", "utimensat",
    "setxattr", "lsetxattr", "fsetxattr", "setxattrat", "removexattr", "lremovexattr", "fremovexattr", "removexattrat",
    "file_setattr",
)  # fmt: skip
