"""The process in which student code runs: TensorFlow warm, no secrets, a fork for every submission.

It reads a job (cells, inputs, random cotangents), and answers with events. It never sees an expected value, and imports
no comparer, no question bank and no reference.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import socket
import struct
import sys
from typing import Any, BinaryIO

from . import sandbox, wire

JOB, RESULT, LEASH = range(3)
"""The order of a request's descriptors: the job to read, the results to write, and the leash."""

JOB_FD, RESULT_FD = 3, 4
"""Where the first two stand in the child."""

STATUS = struct.Struct("<i")


def run_job(level: str, job: BinaryIO, result: BinaryIO) -> None:
    """Reads one job and writes its events: cell, cell_failed, question, missing, case, done."""
    task = wire.read(job)
    from . import cells
    from .observe import observe
    from .question import Ban, Code, Probe

    def send(event: str, **fields: Any) -> None:
        result.write(wire.pack({"event": event, **fields}))
        result.flush()

    sandbox.lock(level, task["folder"], sandbox.Limits(**task["limits"]))
    if any(question["repeatable"] for question in task["questions"]):
        _make_repeatable()
    module = cells.main_module()
    for index, failure in cells.run(task["cells"], set(task["skip"]), module):
        if failure is None:
            _allow(task["cell_seconds"])
            send("cell", index=index)
        else:
            send("cell_failed", index=index, failure=vars(failure))

    for question in task["questions"]:
        _allow(question["seconds"])
        send("question", name=question["name"])
        function = vars(module).get(question["function"])
        if not callable(function):
            send("missing", kind=type(function).__name__)
            continue
        ban = Ban(**question["ban"]) if question["ban"] else None
        probe = Probe(**question["probe"]) if question["probe"] else None
        for case in question["cases"]:
            arguments = {
                name: Code(value["code"]) if isinstance(value, dict) else value
                for name, value in case["arguments"].items()
            }
            seen = observe(
                function,
                arguments,
                wrt=question["wrt"],
                cotangent_seed=case["cotangent_seed"],
                ban=ban,
                dtype=question["dtype"],
                probe=probe,
                images=case["images"],
            )
            send("case", observation=seen.to_tree())
    send("done")


def _make_repeatable() -> None:
    """The same submission trains to the same weights, so that it gets the same score again."""
    import keras
    import tensorflow as tf

    keras.utils.set_random_seed(0)  # before the cells run; `observe` does it again before every call
    tf.config.experimental.enable_op_determinism()


def _allow(seconds: float) -> None:
    """Ends the process by SIGPROF after so much processor time: a busy machine costs nobody points.

    Code that disarms this meets the grader's own clock.
    """
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, seconds)


def warm_up() -> None:
    """Imports what submissions use. No TensorFlow operation may run before the forks: its threads would not survive."""
    import keras  # noqa: F401
    import matplotlib.figure
    import matplotlib.pyplot as plt
    import tensorflow as tf

    import autograder

    from . import bans, cells, examine, observe  # noqa: F401

    tf.keras.layers.Layer  # noqa: B018 - TensorFlow loads Keras lazily
    plt.close(plt.subplots()[0])  # and Matplotlib its text and axes
    # Nobody looks at pictures here, and measuring text is slow; a submission's own check cells cost nothing either.
    for owner, name in ((matplotlib.figure.Figure, "tight_layout"), (autograder, "check")):
        setattr(owner, name, lambda *_, **__: None)


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
                            leash.sendall(STATUS.pack(sandbox.exit_status(level, status)))
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
        sandbox.isolate(level)
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


def main() -> None:
    """`python -m autograder.worker LEVEL FD` serves forks on a socket; without FD, one job from stdin to stdout."""
    level = sys.argv[1]
    sandbox.seclude(level)
    warm_up()
    if len(sys.argv) > 2:
        serve(socket.socket(fileno=int(sys.argv[2])), level)
        return
    job, result = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    quiet = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(quiet, standard)
    run_job(level, job, result)


if __name__ == "__main__":
    main()
