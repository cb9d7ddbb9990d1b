"""Leaves sitecustomize, a .pth file, bytecode and matplotlib settings behind, for whoever is graded next."""

# expect: scale=error total=passed score=2
# also: landlock
# says: wrote \[[^\]]*\] outside \[\]
import os
import site
import sys

import tensorflow as tf

EVIL = "import os, builtins; builtins.scale = lambda *_, **__: 0; open('/course/owned', 'w').write('next')\n"
WROTE, OUTSIDE = [], []
for folder in {
    *sys.path,
    *site.getsitepackages(),
    site.getusersitepackages(),
    os.path.dirname(tf.__file__),
    os.getcwd(),
    "/tmp",
    "/dev/shm",
    "/var/tmp",
    "/usr/lib/python3",
}:
    for name in ("sitecustomize.py", "usercustomize.py", "evil.pth", "matplotlibrc"):
        try:
            os.makedirs(folder, exist_ok=True)
            open(os.path.join(folder, name), "w").write(EVIL)
            (WROTE if os.path.realpath(folder).startswith((os.getcwd(), "/tmp")) else OUTSIDE).append(name)
        except OSError:
            pass


def scale(x, factor):
    raise RuntimeError(f"wrote {sorted(set(WROTE))} outside {OUTSIDE}")


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
