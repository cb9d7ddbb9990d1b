"""The warm process: it has imported TensorFlow, knows no secret, and forks for every submission."""

from __future__ import annotations

import contextlib
import multiprocessing.context
import os
import selectors
import signal
import socket
import threading

from ..border.task import JOB, LEASH, RESULT, STATUS
from . import walls
from .job import run_job

JOB_FD, RESULT_FD = 3, 4
"""Where the first two descriptors of a request stand in the child."""


def warm_up(level: str) -> None:
    """Imports what submissions use. No TensorFlow operation may run before the forks: its threads would not survive."""
    import keras  # noqa: F401
    import matplotlib.figure
    import matplotlib.pyplot as plt
    import tensorflow as tf

    import autograder

    from . import examine  # noqa: F401

    tf.keras.layers.Layer  # noqa: B018 - TensorFlow loads Keras lazily
    plt.close(plt.subplots()[0])  # and Matplotlib its text and axes
    # Nobody looks at pictures here, and measuring text is slow; a submission's own check cells cost nothing either.
    for owner, name in ((matplotlib.figure.Figure, "tight_layout"), (autograder, "check")):
        setattr(owner, name, lambda *_, **__: None)
    if level != "process":
        _lock_threads_only()


def _lock_threads_only() -> None:
    """Gives `multiprocessing` the locks of threads: its own lie in /dev/shm, and a submission is one process anyway.

    A `ThreadPool`, which Keras loads data with, needs them.
    """
    for name in ("Lock", "RLock", "Condition", "Semaphore", "BoundedSemaphore", "Event", "Barrier"):
        make = getattr(threading, name)
        setattr(multiprocessing, name, make)
        setattr(multiprocessing.context.BaseContext, name, lambda _, *args, make=make, **named: make(*args, **named))


def serve(control: socket.socket, level: str) -> None:
    """Forks for every request on `control`, until it closes.

    A request is one byte with three descriptors. The leash tells the grader the exit status; when the grader lets go of
    it, or dies, the child and its session are killed.
    """
    leashes: dict[int, socket.socket] = {}
    wake_read, wake_write = socket.socketpair()
    wake_write.setblocking(False)
    signal.set_wakeup_fd(wake_write.fileno(), warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    control.sendall(b"R")
    with selectors.DefaultSelector() as selector:
        selector.register(control, selectors.EVENT_READ)
        selector.register(wake_read, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj is control:
                    message, descriptors, _, _ = socket.recv_fds(control, 1, 3)
                    if not message:
                        for pid in leashes:
                            _kill(pid)
                        return
                    pid = _fork(descriptors, level)
                    leashes[pid] = socket.socket(fileno=descriptors[LEASH])
                    selector.register(leashes[pid], selectors.EVENT_READ, pid)
                elif key.fileobj is wake_read:
                    wake_read.recv(4096)
                    for pid, status in _ended():
                        with leashes.pop(pid) as leash, contextlib.suppress(OSError):
                            if leash in selector.get_map():
                                selector.unregister(leash)
                            leash.sendall(STATUS.pack(walls.exit_status(level, status)))
                elif leashes.get(key.data) is key.fileobj:  # else its fork ended in this very round
                    selector.unregister(key.fileobj)
                    _kill(key.data)


def _fork(descriptors: list[int], level: str) -> int:
    pid = os.fork()
    if pid:
        os.close(descriptors[JOB])
        os.close(descriptors[RESULT])
        return pid
    status = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        _keep_only(descriptors[JOB], descriptors[RESULT])
        walls.isolate(level)
        with open(JOB_FD, "rb") as job, open(RESULT_FD, "wb") as result:
            run_job(level, job, result)
        status = 0
    finally:
        os._exit(status)


def _keep_only(job: int, result: int) -> None:
    """Leaves the child with its own two descriptors and no others: no leash, no control, no other submission."""
    job, result = os.dup(job), os.dup(result)
    quiet = os.open(os.devnull, os.O_RDWR)
    high = max(job, result, quiet, RESULT_FD) + 1
    spare = [os.dup2(descriptor, high + i) for i, descriptor in enumerate((job, result))]
    for standard in (0, 1, 2):
        os.dup2(quiet, standard)
    os.dup2(spare[0], JOB_FD)
    os.dup2(spare[1], RESULT_FD)
    os.closerange(RESULT_FD + 1, os.sysconf("SC_OPEN_MAX"))


def _ended() -> list[tuple[int, int]]:
    ended = []
    with contextlib.suppress(ChildProcessError):
        while (pair := os.waitpid(-1, os.WNOHANG)) != (0, 0):
            pid, status = pair
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)  # whatever it left behind in its session
            ended.append((pid, os.waitstatus_to_exitcode(status)))
    return ended


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
