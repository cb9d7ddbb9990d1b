"""Becomes root: setuid programs, its own and the system's, setuid itself, capabilities."""

# expect: scale=error total=passed score=2
# also: landlock
# says: became \[('CapBnd:\\t[0-9a-f]+')?\]
import ctypes
import os
import shutil
import stat
import subprocess

import tensorflow as tf


def scale(x, factor):
    became = []
    before = os.getresuid(), os.getresgid()
    for become in (
        lambda: os.setuid(0),
        lambda: os.setresuid(0, 0, 0),
        lambda: os.setgroups([0]),
        lambda: os.setgid(0),
    ):
        try:
            become()
        except OSError:
            pass
    if (os.getresuid(), os.getresgid()) != before:
        became.append(str(os.getresuid()))
    held = [
        line
        for line in open("/proc/self/status")
        if line.startswith(("CapEff", "CapPrm", "CapInh", "CapBnd", "CapAmb"))
    ]
    became += [line.strip() for line in held if int(line.split()[1], 16)]
    for path in (
        "/usr/bin/su",
        "/usr/bin/sudo",
        "/usr/bin/mount",
        "/usr/bin/passwd",
        "/usr/lib/openssh/ssh-keysign",
        "/usr/lib/dbus-1.0/dbus-daemon-launch-helper",
    ):
        if os.path.exists(path) and os.stat(path).st_mode & stat.S_ISUID:
            try:
                done = subprocess.run([path, "-c", "id -u"], capture_output=True, timeout=2, stdin=subprocess.DEVNULL)
                became += [path] * (done.stdout.strip() == b"0")
            except OSError:
                pass
    try:
        shutil.copy("/usr/bin/id", "own")
        os.chmod("own", 0o6755)
        became += ["own"] * ("euid=0" in subprocess.run(["./own"], capture_output=True, text=True).stdout)
    except OSError:
        pass
    if ctypes.CDLL(None).prctl(39, 0, 0, 0, 0) != 1:
        became.append("new privileges")
    raise RuntimeError(f"became {became}")


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
