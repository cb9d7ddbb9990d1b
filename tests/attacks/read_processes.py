"""Reads /proc of its parent and of every process: memory, maps, descriptors, working folder, root, command line."""

# expect: scale=error total=passed score=2
# says: foreign \[\]
import glob
import os

import tensorflow as tf


def scale(x, factor):
    foreign = []
    for folder in glob.glob("/proc/[0-9]*"):
        pid = int(folder.rsplit("/", 1)[1])
        if pid == os.getpid():
            continue
        for name in (
            "environ",
            "maps",
            "mem",
            "auxv",
            "stack",
            "syscall",
            "fd/3",
            "fd/5",
            "cwd/salt",
            "root/course/salt",
            "root/etc/shadow",
        ):
            try:
                with open(f"{folder}/{name}", "rb") as file:
                    if file.read(1) or name == "mem":
                        foreign.append(f"{pid}/{name}")
            except OSError:
                pass
        try:
            words = open(f"{folder}/cmdline").read()
            foreign += [f"{pid}: {words}"] * ("autograder.worker" not in words)
        except OSError:
            pass
    raise RuntimeError(f"foreign {foreign}")


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
