"""The walls around a submission. `docs/threat_model.md` goes through this module line by line.

Levels, strongest first:
- "full": own user, mount, PID, network, IPC and UTS namespaces; a read-only view of the file system that holds Python and
  its libraries; Landlock; seccomp; no capabilities; resource limits.
- "landlock": where user namespaces are forbidden: Landlock, seccomp, no capabilities, resource limits.
- "process": an own session, an own empty folder, resource limits. Against accidents, not against attackers.

The warm process goes through `seclude` once; every fork of it through `isolate` and then `lock`.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import signal
import socket
import struct
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

LEVELS = ("process", "landlock", "full")

HOME = "/tmp"  # noqa: S108 - every submission's own, in a mount namespace of its own
"""The private writable folder at the level "full"."""

NOBODY = 65534

# mount(2), unshare(2), prctl(2), mount_setattr(2): Python has no names for these before 3.12 or at all.
_MS_NOSUID, _MS_NODEV, _MS_BIND, _MS_REC, _MS_PRIVATE = 2, 4, 4096, 16384, 1 << 18
_MNT_DETACH = 2
_NEWNS, _NEWUTS, _NEWIPC, _NEWUSER, _NEWPID, _NEWNET = 1 << 17, 1 << 26, 1 << 27, 1 << 28, 1 << 29, 1 << 30
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = 1, 4, 24, 38
_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 47, 4
_SYS_MOUNT_SETATTR = 442
_AT_RECURSIVE = 0x8000
_MOUNT_ATTR_RDONLY, _MOUNT_ATTR_NOSUID, _MOUNT_ATTR_NODEV = 1, 2, 4
_CAPABILITY_VERSION_3 = 0x20080522


@dataclass(frozen=True)
class Limits:
    """What one submission may use.

    Attributes:
        memory: bytes of data beyond what the warm process already holds.
        cpu_seconds: processor time in all.
        file_bytes: the size of a file it writes.
        folder_bytes: the size of its folder, at the level "full".
        open_files: file descriptors.
        processes: threads; processes of its own it may not start.
    """

    memory: int = 3 << 30
    cpu_seconds: int = 900
    file_bytes: int = 64 << 20
    folder_bytes: int = 64 << 20
    open_files: int = 256
    processes: int = 128


class SandboxError(OSError):
    """A wall could not be built."""


def level() -> str:
    """The strongest level that this machine allows: tried out in a process of its own, not assumed."""
    return next((wanted for wanted in reversed(LEVELS) if not why_not(wanted)), "process")


@cache
def why_not(wanted: str) -> str:
    """Why a level cannot be reached here, in a line; "" if it can."""
    if wanted == "process":
        return ""
    if sys.platform != "linux":
        return "only Linux has namespaces, Landlock and seccomp"
    command = [sys.executable, "-I", "-m", "autograder.sandbox", wanted]
    tried = subprocess.run(
        command, env=clean_environment(wanted, "/"), stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    return "" if tried.returncode == 0 else (tried.stderr.strip().splitlines() or ["it ended without a word"])[-1]


def seclude(to: str) -> None:
    """Prepares the warm process, before it imports anything big: the file system shrinks to what Python needs.

    Raises:
        SandboxError: if a wall of the level cannot be built.
    """
    if to in ("full", "landlock"):
        # Both find their C library with tools that will be out of sight.
        import py_landlock
        import pyseccomp  # noqa: F401

        py_landlock.get_abi_version()
    if to == "full":
        _hide_the_file_system()
    elif changes_user(to):
        _become_nobody()
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text("1000")  # memory runs out: a submission goes, not the grader
        _prctl(_PR_SET_DUMPABLE, 0)  # no child may read this process


def is_weaker(level: str, wanted: str) -> bool:
    """Whether the walls of a level are fewer than those that are wanted."""
    return LEVELS.index(level) < LEVELS.index(wanted)


def changes_user(to: str) -> bool:
    """Whether student code runs as nobody: root grades, and Python lies where everybody can read it."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return False
    return to == "full" or all(_open_to_all(Path(path)) for path in _python())


def hand_over(folder: str, to: str) -> None:
    """Gives a folder to the user as whom student code runs."""
    if to != "full" and changes_user(to):
        os.chown(folder, NOBODY, NOBODY)


def isolate(to: str) -> None:
    """Moves a fresh fork into namespaces of its own. At the level "full" it returns in a grandchild only.

    The fork waits for an init process, which waits for the grandchild; the death of either is the death of all. The exit
    code is the grandchild's, or 128 plus the signal that ended it.
    """
    os.setsid()
    if to != "full":
        return
    uid, gid = os.getuid(), os.getgid()
    _prctl(_PR_SET_DUMPABLE, 1)  # else /proc/self is root's, and the maps cannot be written
    _call("unshare", _NEWUSER | _NEWNS | _NEWPID | _NEWNET | _NEWIPC | _NEWUTS)
    _map_identity(uid, gid)
    _prctl(_PR_SET_DUMPABLE, 0)
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    init = os.fork()
    if init:
        os._exit(_exit_code(init))
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    _mount("proc", "/proc", "proc", _MS_NOSUID | _MS_NODEV)
    child = os.fork()
    if child:
        _drop_capabilities()
        os._exit(_exit_code(child))
    os.setsid()


def lock(to: str, folder: str, limits: Limits) -> str:
    """Locks the calling process in, for good, and returns the folder it may write to.

    Args:
        to: the level.
        folder: an empty folder for the levels below "full".
        limits: what it may use.
    """
    if to == "full":
        _mount(
            "submission", HOME, "tmpfs", _MS_NOSUID | _MS_NODEV, f"size={limits.folder_bytes},nr_inodes=4096,mode=700"
        )
        folder = HOME
    os.chdir(folder)
    os.environ["HOME"] = os.environ["TMPDIR"] = folder
    if sys.platform != "win32":
        # Below "full" the kernel counts every process of the grading user, not those of the submission alone.
        _limit(limits, others=0 if to == "full" else _threads_of_this_user())
    if to in ("full", "landlock"):
        _drop_capabilities()
        _prctl(_PR_SET_NO_NEW_PRIVS, 1)
        _landlock(folder, _view() if to == "landlock" else ["/"])
        _seccomp(to)
        _prctl(_PR_SET_DUMPABLE, 1)  # /proc/self belongs to the submission again
    return folder


def clean_environment(to: str, folder: str) -> dict[str, str]:
    """The whole environment of a worker: nothing of the grader's, and TensorFlow quiet and single-threaded."""
    keep = {name: os.environ[name] for name in ("SYSTEMROOT", "PATH") if name in os.environ}
    folder = HOME if to == "full" else folder
    return keep | {
        "HOME": folder,
        "TMPDIR": folder,
        "LANG": "C.UTF-8",
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


def _view() -> list[str]:
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
    devices = [f"/dev/{name}" for name in ("null", "zero", "full", "random", "urandom")]
    wanted = dict.fromkeys([*system, *settings, *devices, *_python(), "/proc", "/sys/devices/system/cpu"])
    return [path for path in wanted if Path(path).exists()]


def _python() -> list[str]:
    """Python, the installed packages, and this one."""
    python = [sys.base_prefix, sys.prefix, str(Path(__file__).resolve().parent)]
    python += [path for path in sys.path if path.endswith(("site-packages", "dist-packages"))]
    return [path for path in python if path != "/"]


def _open_to_all(path: Path) -> bool:
    """Whether any user can come to a folder and list it."""
    try:
        path = path.resolve(strict=True)
        return path.stat().st_mode & 0o005 == 0o005 and all(p.stat().st_mode & 0o001 for p in path.parents)
    except OSError:
        return False


def _become_nobody() -> None:
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)


def _hide_the_file_system() -> None:
    """Gives the process a mount namespace whose root holds `_view()`, read-only, and nothing else.

    As root, the process then becomes nobody; otherwise it does this in a user namespace of its own.
    """
    os.umask(0o022)  # whatever the grader's is, what is put together here is for others to read
    root_user, uid, gid = os.geteuid() == 0, os.getuid(), os.getgid()
    view = _view()
    if root_user:
        _call("unshare", _NEWNS)
    else:
        _call("unshare", _NEWUSER | _NEWNS)
        _map_identity(uid, gid)
    _mount("none", "/", None, _MS_REC | _MS_PRIVATE)
    base = "/tmp"  # noqa: S108 - where the new root is put together, unseen by anybody else
    _mount("root", base, "tmpfs", _MS_NOSUID | _MS_NODEV, "size=1m,mode=755")
    for path in sorted(view, key=len):
        _show(path, base)
    os.mkdir(base + HOME)
    _mount("warm", base + HOME, "tmpfs", _MS_NOSUID | _MS_NODEV, "size=16m,mode=1777")
    os.mkdir(f"{base}/.old")
    os.chdir(base)
    _call("pivot_root", b".", b".old", syscall=155 if os.uname().machine == "x86_64" else 41)
    os.chdir("/")
    _call("umount2", b"/.old", _MNT_DETACH)
    os.rmdir("/.old")
    _set_read_only("/", recursive=False)
    if root_user:
        _become_nobody()


def _show(path: str, base: str) -> None:
    """Puts a folder or file of the old root at the same place in the new one, read-only; links stay links."""
    target = Path(base + path)
    if target.exists():
        return  # inside a folder that is shown already
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
    if Path(path).is_symlink():
        target.symlink_to(os.readlink(path))
        _show(str(Path(path).resolve()), base)
        return
    if Path(path).is_dir():
        target.mkdir(mode=0o755)
    else:
        target.touch()
    _mount(path, str(target), None, _MS_BIND | _MS_REC)
    if not path.startswith(("/dev/", "/proc")):
        _set_read_only(str(target), recursive=True)


def _set_read_only(path: str, *, recursive: bool) -> None:
    attributes = struct.pack("=QQQQ", _MOUNT_ATTR_RDONLY | _MOUNT_ATTR_NOSUID | _MOUNT_ATTR_NODEV, 0, 0, 0)
    flags = _AT_RECURSIVE if recursive else 0
    _call("mount_setattr", -1, path.encode(), flags, attributes, len(attributes), syscall=_SYS_MOUNT_SETATTR)


def _map_identity(uid: int, gid: int) -> None:
    """Keeps the own user and group, and no other, in a new user namespace."""
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")


def _exit_code(pid: int) -> int:
    """Waits for a child, reaping every other that ends meanwhile."""
    while True:
        ended, status = os.wait()
        if ended == pid:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code


def exit_status(to: str, code: int) -> int:
    """The exit code of what `isolate` put behind two processes: negative for a signal."""
    return 128 - code if to == "full" and code > 128 else code


def _limit(limits: Limits, *, others: int) -> None:
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


def _threads_of_this_user() -> int:
    count = 0
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has just ended
            if folder.stat().st_uid == os.getuid():
                count += sum(1 for _ in (folder / "task").iterdir())
    return count


def _drop_capabilities() -> None:
    """Gives up every capability, for good."""
    _prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL)
    for capability in range(64):
        with contextlib.suppress(SandboxError):  # beyond the last one, or not ours to drop
            _prctl(_PR_CAPBSET_DROP, capability)
    header, none = struct.pack("=Ii", _CAPABILITY_VERSION_3, 0), struct.pack("=6I", *[0] * 6)
    _call("capset", header, none)


def _landlock(folder: str, readable: list[str]) -> None:
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


def _seccomp(to: str) -> None:
    """Closes the system calls that namespaces and Landlock do not cover. They fail; nothing is killed."""
    import pyseccomp as seccomp  # libseccomp's filter compiler

    rules = seccomp.SyscallFilter(seccomp.ALLOW)
    refuse = seccomp.ERRNO(errno.EPERM)
    rules.set_attr(seccomp.Attr.ACT_BADARCH, refuse)  # calls of another architecture; else only the thread would end

    def add(action: int, name: str, *arguments: object) -> None:
        with contextlib.suppress(OSError, RuntimeError, ValueError):  # a name this libseccomp does not know
            rules.add_rule(action, name, *arguments)

    for name in _FORBIDDEN_CALLS:
        add(refuse, name)
    # One process a submission: children would each have the limits anew. Threads are counted, and welcome.
    add(refuse, "clone", seccomp.Arg(0, seccomp.MASKED_EQ, _CLONE_THREAD, 0))
    add(seccomp.ERRNO(errno.ENOSYS), "clone3")  # its flags are out of reach; the C library then takes clone
    for name in ("kill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo"):
        add(refuse, name, seccomp.Arg(0, seccomp.NE, os.getpid()))
    add(refuse, "prlimit64", seccomp.Arg(0, seccomp.NE, 0))
    add(seccomp.ERRNO(errno.ENETUNREACH), "socket")
    add(refuse, "socketpair", seccomp.Arg(0, seccomp.NE, socket.AF_UNIX))
    if to == "landlock":  # the files of the grading user are within reach; honest code does not notice
        for name in _ATTRIBUTE_CALLS:
            add(seccomp.ERRNO(0), name)
    rules.load()


_CLONE_THREAD = 0x10000
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


def _mount(source: str, target: str, kind: str | None, flags: int, options: str = "") -> None:
    _call("mount", source.encode(), target.encode(), kind.encode() if kind else None, flags, options.encode() or None)


def _prctl(option: int, value: int) -> None:
    _call("prctl", option, value, 0, 0, 0)


def _call(name: str, *arguments: object, syscall: int | None = None) -> None:
    """Calls the C library, or the kernel where it has no function."""
    library = ctypes.CDLL(None, use_errno=True)
    values = [ctypes.c_ulong(a & (2**64 - 1)) if isinstance(a, int) else a for a in arguments]
    result = library.syscall(syscall, *values) if syscall else getattr(library, name)(*values)
    if result != 0:
        number = ctypes.get_errno()
        raise SandboxError(number, f"{name}: {os.strerror(number)}")


def _try_out(wanted: str) -> None:
    """Builds every wall of a level, then checks that they stand."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        pid = os.fork()
        if pid == 0:
            try:
                secret = Path(folder, "secret")
                work = Path(folder, "work")
                secret.touch()
                work.mkdir()
                work.chmod(0o777)
                seclude(wanted)
                isolate(wanted)
                lock(wanted, str(work), Limits(memory=1 << 30))
                Path("proof").write_text("writable")
                with contextlib.suppress(OSError):
                    secret.read_text()
                    raise SandboxError(0, "a file outside is still readable")
                with contextlib.suppress(SandboxError):
                    _call("unshare", _NEWUSER)
                    raise RuntimeError("seccomp does not hold")
                with contextlib.suppress(OSError):
                    os.kill(os.getppid(), 0)
                    raise RuntimeError("another process is within reach")
            except BaseException as error:
                print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
                os._exit(1)
            os._exit(0)
        sys.exit(_exit_code(pid))


if __name__ == "__main__":
    _try_out(sys.argv[1])
