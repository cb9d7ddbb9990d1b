"""The outer wall: the only place where a hostile file may run.

`python wall.py [options] -- command ...` runs the command in PID, mount, network, IPC and UTS namespaces of its own, as a
user without any rights outside, with a file system that holds Python and what it is shown, bounded in processes, memory
and time. A fork bomb or `kill -1` that gets out of the sandbox under test ends here and shows up as a failed test. Where
processes and memory cannot be bounded, nothing is run.

Exit codes: the command's own, 124 if time was up, 125 if the wall could not be built. The census, a JSON file, says what
the command left behind and which bounds it met. This file shares nothing with `autograder.worker.walls`: a mistake there must
not be a mistake here.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import fcntl
import json
import os
import resource
import shutil
import signal
import socket
import struct
import sys
import tarfile
import tempfile
import time
import traceback
from pathlib import Path

TIMED_OUT, NOT_BUILT = 124, 125
MAPPED, RANGE = 0x40000000, 65536
"""Users inside are these outside: nobody's, so that not even the root inside may do anything out there."""
FOLDER = "/course"
"""Where the folder that the command may write is seen inside."""
GRACE = 1.0
"""Seconds in which what is dying when the command ends may die."""

_NEWNS, _NEWUTS, _NEWIPC, _NEWUSER, _NEWPID, _NEWNET = 1 << 17, 1 << 26, 1 << 27, 1 << 28, 1 << 29, 1 << 30
_RDONLY, _NOSUID, _NODEV, _REMOUNT, _BIND, _REC, _PRIVATE, _DETACH = 1, 2, 4, 32, 4096, 16384, 1 << 18, 2
_PDEATHSIG, _DUMPABLE = 1, 4
_SYSTEM = (
    "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/usr", "/sys/devices/system/cpu",
    "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/passwd", "/etc/group", "/etc/nsswitch.conf",
    "/etc/localtime", "/etc/alternatives", "/etc/fonts",
)  # fmt: skip
_DEVICES = ("null", "zero", "full", "random", "urandom")


class WallError(OSError):
    """The wall cannot be built."""


def call(name: str, *arguments: object) -> None:
    """Calls the C library. Raises WallError if it fails."""
    library = ctypes.CDLL(None, use_errno=True)
    if getattr(library, name)(*(ctypes.c_ulong(a) if isinstance(a, int) else a for a in arguments)) != 0:
        number = ctypes.get_errno()
        raise WallError(number, f"{name}{arguments}: {os.strerror(number)}")


def mount(source: str, target: str, kind: str | None, flags: int, options: str = "") -> None:
    """mount(2)."""
    call("mount", source.encode(), target.encode(), kind.encode() if kind else None, flags, options.encode())


class Cgroup:
    """A bound on processes and memory, of all together: cgroup v1 or v2, below the cgroup of this process."""

    def __init__(self, pids: int, memory: int) -> None:
        self._inner: list[Path] = []
        self._outer: list[Path] = []
        wanted = {"pids": {"pids.max": pids}, "memory": {"memory.limit_in_bytes": memory}}
        if not Path("/sys/fs/cgroup/pids").is_dir():
            wanted = {"": {"pids.max": pids, "memory.max": memory}}
        mine = [line.split(":", 2) for line in Path("/proc/self/cgroup").read_text().splitlines()]
        try:
            for controller, limits in wanted.items():
                path = next(path for _, names, path in mine if controller in names.split(","))
                base = Path("/sys/fs/cgroup", controller, path.lstrip("/"))
                if not controller:
                    (base / "cgroup.subtree_control").write_text("+pids +memory")
                # The limits are on the outer one of two: the inner is all that a cgroup namespace could show.
                self._outer.append(base / f"wall-{os.getpid()}")
                self._outer[-1].mkdir()
                self._inner.append(self._outer[-1] / "inside")
                self._inner[-1].mkdir()
                for name, value in limits.items():
                    file = self._outer[-1] / name
                    file.write_text(str(value))
                    if int(file.read_text()) != value:
                        raise WallError(0, f"{file} does not read back as {value}")
        except (OSError, StopIteration, ValueError) as error:
            self.remove()
            raise WallError(0, f"no cgroup: {error}") from error

    def enter(self) -> None:
        """Puts the calling process in, and whatever it will start."""
        for folder in self._inner:
            (folder / "cgroup.procs").write_text(str(os.getpid()))
            if str(os.getpid()) not in (folder / "cgroup.procs").read_text().split():
                raise WallError(0, f"this process did not get into {folder}")

    def met(self) -> dict[str, int]:
        """How often a bound was met, and the most memory ever used."""
        found = {"forks_refused": 0, "killed_for_memory": 0}
        for name, key, file in (
            ("forks_refused", "max", "pids.events"),
            ("killed_for_memory", "oom_kill", "memory.oom_control"),
            ("killed_for_memory", "oom_kill", "memory.events"),
        ):
            for folder in (*self._outer, *self._inner):
                with contextlib.suppress(FileNotFoundError):
                    counts = dict(line.split() for line in (folder / file).read_text().splitlines())
                    found[name] = max(found[name], int(counts.get(key, 0)))
        for folder in self._outer:
            for file in ("memory.max_usage_in_bytes", "memory.peak"):
                with contextlib.suppress(FileNotFoundError):
                    found["memory_peak"] = int((folder / file).read_text())
        return found

    def remove(self) -> None:
        """Ends whatever is left in it, and takes it away."""
        for folder in (*self._inner, *self._outer):
            while folder.exists():
                for pid in (folder / "cgroup.procs").read_text().split():
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(int(pid), signal.SIGKILL)
                with contextlib.suppress(OSError):
                    folder.rmdir()
                    break
                time.sleep(0.05)


class Limits:
    """The bound where there is no cgroup: on the processes of this user in here, and on the memory of each of them."""

    def __init__(self, pids: int, memory: int) -> None:
        if os.geteuid() == 0:
            raise WallError(0, "no limit holds for root, and there is no cgroup")
        self._bounds = {resource.RLIMIT_NPROC: _processes_of_this_user() + pids, resource.RLIMIT_AS: 4 * memory}

    def enter(self) -> None:
        """Bounds the calling process, and whatever it will start."""
        for kind, bound in self._bounds.items():
            resource.setrlimit(kind, (bound, bound))
            if resource.getrlimit(kind) != (bound, bound):
                raise WallError(0, "a limit does not read back as it was set")

    def met(self) -> dict[str, int]:
        """Limits do not count."""
        return {}

    def remove(self) -> None:
        """Nothing stays of them."""


def _processes_of_this_user() -> int:
    count = 0
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            count += len(list((folder / "task").iterdir())) if folder.stat().st_uid == os.getuid() else 0
    return count


def build_root(base: str, shown: list[str], folder: str | None, size: int) -> None:
    """Replaces the file system by one in memory: the system, Python and `shown`, read-only, and a copy of `folder`
    at FOLDER.
    """
    mount("none", "/", None, _REC | _PRIVATE)
    mount("wall", base, "tmpfs", _NOSUID, f"size={size},mode=755")
    done: list[str] = []
    for path in sorted({*_SYSTEM, sys.base_prefix, sys.prefix, *shown}, key=len):
        if any(path == above or path.startswith(above + "/") for above in done) or not Path(path).exists():
            continue
        target = Path(base + path)
        target.parent.mkdir(parents=True, exist_ok=True)
        if Path(path).is_symlink():
            target.symlink_to(Path(path).readlink())
            continue
        target.mkdir() if Path(path).is_dir() else target.touch()
        mount(path, str(target), None, _BIND | _REC)
        mount("none", str(target), None, _BIND | _REMOUNT | _RDONLY | _NOSUID | _NODEV)
        done.append(path)
    for name in ("proc", "tmp", "dev/shm", "root", "home", "run", "old"):
        Path(base, name).mkdir(parents=True, exist_ok=True)
    for name in ("tmp", "dev/shm"):
        Path(base, name).chmod(0o1777)
    for name in _DEVICES:
        Path(base, "dev", name).touch()
        mount(f"/dev/{name}", f"{base}/dev/{name}", None, _BIND)
    mount("proc", f"{base}/proc", "proc", _NOSUID | _NODEV)
    if folder:
        shutil.copytree(folder, base + FOLDER, symlinks=True)
        if os.geteuid() == 0:
            _give(base + FOLDER, MAPPED)
    os.chdir(base)
    call("syscall", 155 if os.uname().machine == "x86_64" else 41, b".", b"old")
    os.chdir("/")
    call("umount2", b"/old", _DETACH)
    Path("/old").rmdir()


def _give(folder: str, user: int) -> None:
    for at, folders, files in os.walk(os.fsencode(folder)):
        for path in (at, *(os.path.join(at, name) for name in folders + files)):  # noqa: PTH118
            os.lchown(path, user, user)


def inside(options: argparse.Namespace, base: str, channel: socket.socket, census: int, archive: int) -> int:
    """The first process of the namespaces: starts the command, reaps, counts what is left, ends it."""
    call("unshare", _NEWNS)
    build_root(base, options.show, options.folder, options.disk)
    rest = _NEWNET | _NEWIPC | _NEWUTS
    if os.geteuid() == 0:
        call("unshare", _NEWUSER | _NEWNS | rest)
        channel.send(b"?")
        if not channel.recv(1):
            raise WallError(0, "nobody has mapped the users")
        os.setresgid(0, 0, 0)
        os.setresuid(0, 0, 0)
    else:
        call("unshare", rest)
    channel.close()
    call("prctl", _PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    call("prctl", _DUMPABLE, 0, 0, 0, 0)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)  # which the first process of a namespace does not hear from inside
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, 0x8914, struct.pack("16sH14x", b"lo", 0x41))  # loopback up: so that there is one to attack
    mounts, files = Path("/proc/self/mountinfo").read_text().splitlines(), _files()
    child = os.fork()
    if child == 0:
        os.setsid()
        call("prctl", _DUMPABLE, 1, 0, 0, 0)
        if options.user is not None:
            _give(FOLDER, options.user)
            os.setgroups([])
            os.setresgid(*[options.user] * 3)
            os.setresuid(*[options.user] * 3)
            call("prctl", _DUMPABLE, 1, 0, 0, 0)
        os.execvp(options.command[0], options.command)
    status = _wait_for(child)
    until = time.monotonic() + GRACE
    while (left := _processes()) and time.monotonic() < until:
        _reap()
        time.sleep(0.05)
    found = {
        "processes": left,
        "sockets": [
            f"{name}: {line.strip()}"
            for name in ("tcp", "tcp6", "udp", "udp6", "unix", "raw", "packet")
            if Path("/proc/net", name).exists()
            for line in Path("/proc/net", name).read_text().splitlines()[1:]
        ],
        "mounts": sorted(set(Path("/proc/self/mountinfo").read_text().splitlines()) - set(mounts)),
        "files": sorted(_files() - files),
    }
    with contextlib.suppress(ProcessLookupError):
        os.kill(-1, signal.SIGKILL)
    while _processes():
        _reap()
        time.sleep(0.01)
    if options.folder:
        with os.fdopen(archive, "wb") as file, tarfile.open(fileobj=file, mode="w") as tar:
            tar.add(FOLDER, ".", filter=lambda entry: entry if entry.isfile() or entry.isdir() else None)
    with os.fdopen(census, "w") as file:
        json.dump(found, file)
    return status


def _wait_for(child: int) -> int:
    while True:
        pid, status = os.wait()
        if pid == child:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code


def _reap() -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG) != (0, 0):
            pass


def _processes() -> list[str]:
    """Every process in here but the first, dead ones that nobody reaped left out."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
            words = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if folder.name != "1" and state not in "ZX":
                found.append(f"{folder.name} {state} {words[:200]}")
    return found


def _files() -> set[str]:
    """Every file in memory but those in FOLDER: the rest of the file system cannot be written."""
    found, memory = set(), os.lstat("/").st_dev
    for at, folders, files in os.walk("/"):
        folders[:] = [name for name in folders if os.lstat(f"{at}/{name}").st_dev == memory]
        paths = [os.path.join(at, name) for name in files]  # noqa: PTH118
        found |= {path for path in paths if os.path.lexists(path) and os.lstat(path).st_dev == memory}
    return {path for path in found if not path.startswith(FOLDER + "/")}


def build(options: argparse.Namespace, bound: Cgroup | Limits, base: str, census: int, archive: int) -> int:
    """Enters the bound, makes the namespaces, and waits for the first process in them."""
    call("prctl", _PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    bound.enter()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    user, group = os.geteuid(), os.getegid()
    call("unshare", _NEWPID | (_NEWUSER if user else 0))
    if user:
        Path("/proc/self/setgroups").write_text("deny")
        _map("self", f"{user} {user} 1", f"{group} {group} 1")
    ours, theirs = socket.socketpair()
    first = os.fork()
    if first == 0:
        ours.close()
        os._exit(_guarded(inside, options, base, theirs, census, archive))
    theirs.close()
    os.close(census)
    os.close(archive)
    if ours.recv(1):
        _map(first, f"0 {MAPPED} {RANGE}", f"0 {MAPPED} {RANGE}")
        ours.send(b"!")
    return _wait_for(first)


def _map(process: int | str, users: str, groups: str) -> None:
    Path(f"/proc/{process}/uid_map").write_text(users)
    Path(f"/proc/{process}/gid_map").write_text(groups)


def _guarded(function: object, *arguments: object) -> int:
    try:
        return function(*arguments)  # type: ignore[operator,no-any-return]
    except BaseException:
        traceback.print_exc()
        return NOT_BUILT


def run(options: argparse.Namespace) -> tuple[int, dict[str, object]]:
    """Runs the command within the wall; returns its exit code and the census."""
    try:
        bound: Cgroup | Limits = Cgroup(options.pids, options.memory)
    except WallError as error:
        print(f"wall: {error}", file=sys.stderr)
        bound = Limits(options.pids, options.memory)
    base = tempfile.mkdtemp(prefix="wall-")
    with tempfile.TemporaryFile() as census, tempfile.TemporaryFile() as archive, contextlib.ExitStack() as stack:
        stack.callback(Path(base).rmdir)
        stack.callback(bound.remove)
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            os._exit(_guarded(build, options, bound, base, os.dup(census.fileno()), os.dup(archive.fileno())))
        code = _wait_until(child, time.monotonic() + options.seconds)
        counted = census.seek(0, os.SEEK_END)
        census.seek(0)
        found = (
            (json.load(census) if counted else {}) | bound.met() | {"bound": type(bound).__name__.lower(), "exit": code}
        )
        if options.folder and code != TIMED_OUT and archive.seek(0, os.SEEK_END):
            archive.seek(0)
            with tarfile.open(fileobj=archive) as tar:
                tar.extractall(options.result, filter="data")
        return code, found


def _wait_until(child: int, until: float) -> int:
    while time.monotonic() < until:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code
        time.sleep(0.02)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return TIMED_OUT


def main() -> None:
    """Parses the command line."""
    parser = argparse.ArgumentParser(description="Runs a command within the outer wall.")
    parser.add_argument("--seconds", type=float, default=60, help="wall-clock time; then everything inside is killed")
    parser.add_argument("--pids", type=int, default=400, help="processes and threads, all together")
    parser.add_argument("--memory", type=int, default=8 << 30, help="bytes of memory, all together")
    parser.add_argument("--disk", type=int, default=1 << 30, help="bytes of files, which are kept in memory")
    parser.add_argument("--show", action="append", default=[], help="a folder or file to be seen inside, read-only")
    parser.add_argument("--folder", help=f"a folder, of which a copy that can be written is {FOLDER} inside")
    parser.add_argument("--result", help="where what is in that copy at the end is put")
    parser.add_argument("--user", type=int, help="run the command as this user, not as the root inside")
    parser.add_argument("--census", help="where the census is put; on stderr if not given")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(TIMED_OUT))  # so that what was made is taken away
    try:
        code, census = run(options)
    except WallError as error:
        print(f"wall: {error}; nothing was run", file=sys.stderr)
        sys.exit(NOT_BUILT)
    text = json.dumps(census, indent=1)
    if options.census:
        Path(options.census).write_text(text)
    else:
        print(text, file=sys.stderr)
    sys.exit(code)


if __name__ == "__main__":
    main()
