"""Changes modes, times and extended attributes of files outside: not reading or writing, and as harmful."""

# expect: scale=error total=passed score=2
# also: landlock
# says: changed \[\]
import os

import tensorflow as tf


def scale(x, factor):
    changed = []
    for path in (
        "/course/salt",
        "/course/out",
        "/course/gradebook.db",
        "/course/class/zzz_honest.py",
        "/course/solutions/90_tiny/questions.py",
    ):
        for name, change in (
            ("mode", lambda: os.chmod(path, 0o777)),
            ("time", lambda: os.utime(path, (0, 0))),
            ("attribute", lambda: os.setxattr(path, "user.owned", b"1")),
        ):
            try:
                before = os.stat(path)
                change()
                after = os.stat(path)
                if (before.st_mode, before.st_mtime_ns, before.st_ctime_ns) != (after.st_mode, after.st_mtime_ns, after.st_ctime_ns):
                    changed.append(f"{name} of {path}")
            except OSError:
                pass
    raise RuntimeError(f"changed {changed}")


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
