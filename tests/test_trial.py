"""A level is reached only if each of its walls was tried out: with one of them left out, the trial fails and says which."""

from __future__ import annotations

import mmap
import os
import socket
import subprocess
import sys
from pathlib import Path

import levels
import pytest

from autograder.border.levels import clean_environment
from autograder.errors import GraderFault
from autograder.grader import isolation
from autograder.grader.workers import Workers
from autograder.worker import filters

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has these walls")

TRY = """
import os, resource, sys
import py_landlock.landlock as kernel
import pyseccomp
from autograder.worker import filters, knocks, trial, walls, system_calls as system

def without(owner, name, is_left_out):
    old = getattr(owner, name)
    setattr(owner, name, lambda *args, **named: None if is_left_out(*args) else old(*args, **named))

def without_rule(name):
    number = filters.call_number(name)
    without(pyseccomp.SyscallFilter, "add_rule", lambda self, action, found, *rest: found == number)

def without_limit(kind):
    without(resource, "setrlimit", lambda found, bounds: found == kind)

def with_landlock(version):
    assert kernel.get_abi_version() >= version  # and it finds the C library, while it can
    kernel.get_abi_version = filters.landlock_version = lambda: version

exec(sys.argv[2])
sys.exit(trial.try_out(sys.argv[1]))
"""


def try_without(level: str, left_out: str, folder: Path) -> str:
    """What a trial says when a wall is left out; "" if it finds that all stand."""
    tried = subprocess.run(
        [sys.executable, "-c", TRY, level, left_out],
        env=os.environ | clean_environment("process", str(folder)),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert (tried.returncode == 0) == (tried.stderr == ""), tried
    return tried.stderr


ROOT = os.name == "posix" and os.geteuid() == 0
EVERYWHERE = {
    "the filter of system calls": ("filters.seccomp = lambda level: None", "there is no filter of system calls"),
    "processes": ("without_rule('clone')", "a process can be started"),
    "processes by clone3": ("without_rule('clone3')", "the system call clone3 is open"),
    "signals": ("without_rule('kill')", "the system call kill is open"),
    "signals to threads": ("without_rule('tgkill')", "the system call tgkill is open"),
    "signals with a value": ("without_rule('rt_sigqueueinfo')", "the system call rt_sigqueueinfo is open"),
    "limits of others": ("without_rule('prlimit64')", "another process's limits can be read"),
    "signals by fcntl": ("without_rule('fcntl')", "through a descriptor (fcntl 0x8)"),
    "signals by ioctl": ("without_rule('ioctl')", "through a descriptor (ioctl 0x8901)"),
    "high bits": ("filters._LOW = 2**64 - 1", "bits that the kernel does not look at"),
    "sockets": ("without_rule('socket')", "a socket can be opened (AF_INET)"),
    "pairs of sockets": ("without_rule('socketpair')", "the system call socketpair is open"),
    "tracing": ("without_rule('ptrace')", "the system call ptrace is open"),
    "namespaces": ("without_rule('unshare')", "the system call unshare is open"),
    "mounts": ("without_rule('open_tree')", "the system call open_tree is open"),
    "rules in the kernel's memory": (
        "without_rule('landlock_create_ruleset')",
        "the system call landlock_create_ruleset is open",
    ),
    "private memory": ("without_limit(resource.RLIMIT_DATA)", "memory is not bounded"),
    "address space": ("without_limit(resource.RLIMIT_AS)", "the address space is not bounded"),
    "shared memory": ("without_rule('mmap')", "memory can be shared"),
    "stacks": ("without_limit(resource.RLIMIT_STACK)", "stacks are not bounded"),
    "mapped stacks": ("without_rule('mmap')", "memory can be a stack"),
    "the buffers of sockets": ("without_rule('setsockopt')", "the buffers of sockets are not bounded"),
    "the buffers of pipes": ("without_rule('fcntl')", "the buffers of pipes are not bounded"),
    "file size": ("without_limit(resource.RLIMIT_FSIZE)", "the size of a file is not bounded"),
    "descriptors": ("without_limit(resource.RLIMIT_NOFILE)", "descriptors are not bounded"),
    "threads": ("without_limit(resource.RLIMIT_NPROC)", "threads are not bounded"),
    "processor time": ("without_limit(resource.RLIMIT_CPU)", "processor time is not bounded"),
    "locked memory": ("without_limit(resource.RLIMIT_MEMLOCK)", "memory can be locked"),
    "message queues": ("without_limit(resource.RLIMIT_MSGQUEUE)", "message queues are not bounded"),
    "core files": ("without_limit(resource.RLIMIT_CORE)", "a crash leaves its memory behind"),
}
ONLY_FULL = {
    "capabilities": ("without(system, 'drop_capabilities', lambda *_: True)", "it has capabilities (CapEff)"),
    "the hidden file system": (
        "import tempfile; here = tempfile.tempdir = os.getcwd(); old = walls.readable; walls.readable = lambda: [*old(), here]",
        "a file outside can be read",
    ),
    "Landlock": ("filters.landlock = lambda *_: None", "a device can be written"),
    "what cannot be written": ("system.set_read_only = lambda *_, **__: None", "is not read-only"),
    "the network namespace": ("system.NEWNET = 0", "it shares a namespace with the grader (net)"),
    "the IPC namespace": ("system.NEWIPC = 0", "it shares a namespace with the grader (ipc)"),
    "the UTS namespace": ("system.NEWUTS = 0", "it shares a namespace with the grader (uts)"),
    "the PID namespace": ("system.NEWPID = 0", "mount: Operation not permitted"),
    "devices of memory": (
        "old = walls.readable; walls.readable = lambda: [*old(), '/dev/zero']",
        "shared memory can be had from a device",
    ),
    "the size of its folders": (
        "old = system.mount; system.mount = lambda *all: old(*all[:4], '' if all[0] == 'submission' else all[4] if all[4:] else '')",
        "/tmp is not bounded",
    ),
    "the memory of the first process, which Landlock protects as well": (
        "import time; old = trial.lock; trial.lock = lambda *all: time.sleep(0.5) or old(*all); "  # the first drops its rights
        "without(system, 'prctl', lambda *option: option == (system.SET_DUMPABLE, 0)); filters.landlock = lambda *_: None",
        "another process's mem can be read",
    ),
}
ONLY_LANDLOCK = {
    "Landlock": ("filters.landlock = lambda *_: None", "a file outside can be read"),
    "attributes of files": ("without_rule('fchmod')", "the system call fchmod is open"),
    "attributes of files, by a new call": ("without_rule('setxattrat')", "the system call setxattrat is open"),
}
if ROOT:
    ONLY_FULL["the user"] = ONLY_LANDLOCK["the user"] = (
        "system.change_user = lambda *_, **__: None",
        "it does not run as nobody",
    )
LEFT_OUT = [
    pytest.param(level, *wall, id=f"{level}: {name}")
    for level, walls in (("full", EVERYWHERE | ONLY_FULL), ("landlock", EVERYWHERE | ONLY_LANDLOCK))
    for name, wall in walls.items()
]


@pytest.mark.parametrize("level", ["full", "landlock"])
def test_with_every_wall_a_level_is_reached(level: str, tmp_path: Path) -> None:
    levels.needs(level)
    assert try_without(level, "", tmp_path) == ""
    assert isolation.why_not(level) == ""


@pytest.mark.parametrize("level, left_out, said", LEFT_OUT)
def test_with_one_wall_left_out_a_level_is_not_reached(level: str, left_out: str, said: str, tmp_path: Path) -> None:
    levels.needs(level)
    tmp_path.chmod(0o755)
    assert said in try_without(level, left_out, tmp_path)


@pytest.mark.parametrize("level", ["full", "landlock"])
def test_memory_that_runs_out_ends_a_submission_first(level: str, tmp_path: Path) -> None:
    levels.needs(level)
    told = (
        f"from autograder.worker import walls; walls.seclude({level!r}); print(open('/proc/self/oom_score_adj').read())"
    )
    environment = os.environ | clean_environment("process", str(tmp_path))
    tried = subprocess.run([sys.executable, "-c", told], env=environment, capture_output=True, text=True)
    assert tried.stdout.strip() == "1000", tried.stderr


ALL_OPEN = """
close = filters.seccomp
def close_the_others(level):
    calls, filters.FORBIDDEN_CALLS = filters.FORBIDDEN_CALLS, ()
    close(level)
    filters.FORBIDDEN_CALLS = calls
filters.seccomp = close_the_others
"""
CLOSED_TWICE = {
    "fork", "vfork", "bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "pivot_root", "move_mount", "fsopen", "fsmount",
    "fspick", "open_by_handle_at", "kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module", "reboot",
    "swapon", "swapoff", "acct", "sethostname", "setdomainname", "syslog", "vhangup", "fanotify_init", "mount", "umount2",
    "iopl", "ioperm", "quotactl", "quotactl_fd", "settimeofday", "clock_settime", "clock_adjtime", "adjtimex", "chroot", "setns",
}  # fmt: skip
"""These need a capability that no submission has, or are closed by some kernels for everybody, or cannot be tried."""


@pytest.mark.parametrize("level", ["full", "landlock"])
def test_every_system_call_that_is_left_open_is_named(level: str, tmp_path: Path) -> None:
    levels.needs(level)
    said = try_without(level, ALL_OPEN, tmp_path)
    unsaid = {name for name in filters.FORBIDDEN_CALLS if f"the system call {name} is open" not in said}
    assert unsaid <= CLOSED_TWICE | {name for name in unsaid if filters.call_number(name) is None}
    assert {"ptrace", "unshare", "memfd_create", "process_vm_readv", "keyctl", "personality"}.isdisjoint(unsaid)


@pytest.mark.parametrize("level", ["full", "landlock"])
def test_a_call_that_libseccomp_does_not_know_is_no_gap(level: str, tmp_path: Path) -> None:
    levels.needs(level)
    old_library = (
        "old = pyseccomp.resolve_syscall\npyseccomp.resolve_syscall = lambda *a: -1 if a[1] in {names!r} else old(*a)"
    )
    assert try_without(level, old_library.format(names=[*filters.NEW_CALLS]), tmp_path) == ""
    said = try_without(level, old_library.format(names=["ptrace"]), tmp_path)
    assert "libseccomp does not know the system call ptrace" in said


def test_the_numbers_of_new_calls_are_libseccomps() -> None:
    pyseccomp = pytest.importorskip("pyseccomp", exc_type=(ImportError, RuntimeError))
    known = {name: pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name) for name in filters.NEW_CALLS}
    known = {name: number for name, number in known.items() if number >= 0}
    assert known == {name: filters.NEW_CALLS[name] for name in known}
    assert "open_tree" in known, "a library that knows none of them would prove nothing"


# Older kernels


@pytest.mark.parametrize("version", [1, 2])
def test_landlock_is_not_reached_where_it_cannot_keep_files_from_being_emptied(version: int, tmp_path: Path) -> None:
    levels.needs("landlock")
    assert "a file outside can be emptied" in try_without("landlock", f"with_landlock({version})", tmp_path)


@pytest.mark.parametrize("version", [3, 4, 5])
def test_landlock_is_reached_without_its_scope_of_signals_since_descriptors_cannot_signal(
    version: int, tmp_path: Path
) -> None:
    levels.needs("landlock")
    assert try_without("landlock", f"with_landlock({version})", tmp_path) == ""
    for rule, way in (("fcntl", "fcntl 0x8"), ("ioctl", "ioctl 0x8901")):
        said = try_without("landlock", f"with_landlock({version}); without_rule({rule!r})", tmp_path)
        assert f"another process can be signalled through a descriptor ({way})" in said
    said = try_without("landlock", f"with_landlock({version}); without_rule('kill')", tmp_path)
    assert "another process can be signalled" in said


@pytest.mark.parametrize("version", [0, 1, 2, 5])
def test_full_does_not_rest_on_landlock(version: int, tmp_path: Path) -> None:
    """Its first version cannot allow files to be moved, so that TensorFlow could write no checkpoint."""
    levels.needs("full")
    assert try_without("full", f"with_landlock({version})", tmp_path) == ""


# What honest code needs


@pytest.mark.parametrize("level, taken, said", [
    ("full", "old = walls.readable; walls.readable = lambda: [p for p in old() if 'site-packages' not in p and not p.startswith(sys.prefix)]", "site-packages cannot be read"),
    ("full", "old = filters.landlock; filters.landlock = lambda writable, readable: old(['/submission'], readable)", "files cannot be made and moved in /tmp"),
    ("landlock", "import py_landlock; old = filters.landlock; filters.landlock = lambda writable, readable: old([], readable)", "temporary files cannot be made"),
    ("landlock", "old = walls.readable; walls.readable = lambda: [p for p in old() if 'site-packages' not in p and not p.startswith(sys.prefix)]", "site-packages cannot be read"),
])  # fmt: skip
def test_a_level_is_not_reached_where_right_code_could_not_run(
    level: str, taken: str, said: str, tmp_path: Path
) -> None:
    levels.needs(level)
    assert said in try_without(level, taken, tmp_path)


def test_a_worker_does_not_start_at_a_level_that_is_not_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "why_not", lambda level: "a file outside can be emptied")
    with pytest.raises(GraderFault, match="landlock cannot be reached here: a file outside can be emptied"):
        Workers("landlock").__enter__()


# What tests do without a level


def test_a_level_that_a_machine_is_known_to_have_cannot_be_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    assert levels.expected({}) == levels.expected({"CI": "false"}) == []
    assert levels.expected({"CI": "true"}) == ["process", "landlock", "full"]
    assert levels.expected({"CI": "true", levels.KNOWN: "landlock, process"}) == ["landlock", "process"]
    assert levels.expected({levels.KNOWN: "full"}) == ["full"]
    with pytest.raises(AssertionError):
        levels.expected({levels.KNOWN: "landlok"})
    monkeypatch.setattr(isolation, "why_not", lambda level: "no")
    monkeypatch.setenv("CI", "true")
    monkeypatch.setenv(levels.KNOWN, "landlock")
    with pytest.raises(pytest.skip.Exception):
        levels.needs("full")
    with pytest.raises(pytest.fail.Exception):
        levels.needs("landlock")
    monkeypatch.delenv(levels.KNOWN)
    with pytest.raises(pytest.fail.Exception):
        levels.needs("full")


def test_the_kernels_own_numbers() -> None:
    """Of the calls that libseccomp does not know yet as the kernel's table has them, and of fcntl(2) and ioctl(2)."""
    import fcntl
    import termios

    newest = {"fchmodat2": 452, "setxattrat": 463, "removexattrat": 466, "open_tree_attr": 467, "file_setattr": 469}
    assert newest.items() <= filters.NEW_CALLS.items()
    assert (filters.OWNER_COMMANDS[:2], filters.OWNER_CONTROLS[0]) == (
        (fcntl.F_SETOWN, fcntl.F_SETSIG),
        termios.FIOASYNC,
    )
    assert (filters.F_SETFL, filters.O_ASYNC, filters.F_SETPIPE_SZ) == (fcntl.F_SETFL, os.O_ASYNC, fcntl.F_SETPIPE_SZ)
    shared, anonymous = mmap.MAP_SHARED, mmap.MAP_ANONYMOUS
    assert shared | anonymous == filters.SHARED_ANONYMOUS
    assert filters.BUFFER_OPTIONS[:2] == (socket.SO_SNDBUF, socket.SO_RCVBUF)
