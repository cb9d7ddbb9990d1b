"""A bound on the processor time of a check, so that a loop that never ends costs a student seconds and no restart of the kernel."""

from __future__ import annotations

import _thread
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

TICK = 0.1
"""Seconds between two looks at the clock."""
AGAIN = 1.0
"""Seconds of processor time until the block is stopped once more: code may catch everything."""


class OutOfTime(BaseException):
    """Raised in the code that runs when its time is up."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raises `OutOfTime` in the block after so much processor time, and every second from then on.

    A thread looks at the clock and lets the main thread believe that it was interrupted: unlike timers, this exists on every
    system. Without effect outside of the main thread. An operation of TensorFlow is not interrupted in its middle.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    late, done = threading.Event(), threading.Event()

    def watch() -> None:
        end = time.process_time() + seconds
        while not done.wait(TICK):
            if time.process_time() >= end:
                end += AGAIN
                late.set()
                _thread.interrupt_main()

    def interrupted(number: int, frame: FrameType | None) -> None:
        if late.is_set():
            late.clear()
            if not done.is_set():
                raise OutOfTime
        elif callable(before):  # the student's own Ctrl+C
            before(number, frame)

    before = signal.signal(signal.SIGINT, interrupted)
    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        try:
            yield
        finally:
            done.set()
    finally:  # the time may be up just there
        done.set()
        watcher.join()
        signal.signal(signal.SIGINT, before if before is not None else signal.SIG_DFL)
