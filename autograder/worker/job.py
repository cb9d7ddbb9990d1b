"""One submission in a worker: runs its cells, then takes orders and answers with events.

No argument of a case is here before the case is called, and no seed of a cotangent before the value has left.
"""

from __future__ import annotations

import signal
import time
from dataclasses import replace
from typing import Any, BinaryIO

from ..border import wire
from ..border.observation import plain_text
from ..border.task import Asked, Job
from . import bans, cells, observe, walls


def run_job(level: str, orders: BinaryIO, result: BinaryIO) -> None:
    """Reads a job and its orders, and writes events: cell, cell_failed, ready, question, value, gradients."""
    job = Job.from_tree(wire.read(orders, 2 * wire.MAX_HEADER))  # with all cells that a reading can hold

    def send(event: str, **fields: Any) -> None:
        result.write(wire.pack({"event": event, **fields}))
        result.flush()

    walls.lock(level, job.folder, job.limits)
    if job.repeatable:
        _make_repeatable()
    bans.watch_threads()
    module = cells.main_module()
    for index, failure in cells.run(job.cells, set(job.skip), module):
        if failure is None:
            _allow(job.cell_seconds)
            send("cell", index=index)
        else:
            send("cell_failed", index=index, failure=vars(failure))
    send("ready")
    asked, function, pending, began = Asked(""), None, None, 0.0
    while (order := wire.read(orders))["order"] != "end":
        if order["order"] == "question":
            asked = Asked(**order["asked"])
            function = vars(module).get(asked.function)
            _allow(asked.seconds)
            began = time.process_time()
            send("question", found=callable(function), kind=plain_text(str(type(function).__name__)))
        elif order["order"] == "case" and callable(function):
            how = asked if order["differentiate"] else replace(asked, wrt=())
            seen, pending = observe.call(function, how, order["arguments"], order["random_seed"], order["images"])
            send("value", observation=seen.to_tree(), seconds=time.process_time() - began)
        elif pending:
            send("gradients", **pending.product(order["seed"]), seconds=time.process_time() - began)


def _make_repeatable() -> None:
    """The same submission trains to the same weights, so that it gets the same score again."""
    import keras
    import tensorflow as tf

    keras.utils.set_random_seed(0)  # before the cells run; `observe` does it again before every call
    tf.config.experimental.enable_op_determinism()


def _allow(seconds: float) -> None:
    """Ends the process by SIGPROF after this much processor time, so that a busy machine costs nobody points.

    Code that disarms this is stopped by the grader's own clock.
    """
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, seconds)
