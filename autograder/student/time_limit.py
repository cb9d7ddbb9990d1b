"""A bound on the processor time of a check, so that a loop that never ends costs a student seconds and no restart of the kernel."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager


class OutOfTime(BaseException):
    """Raised in the code that runs when its time is up."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raises `OutOfTime` in the block after so much processor time, and every second from then on.

    Without effect where there are no such signals (Windows), and outside of the main thread. An operation of TensorFlow is not
    interrupted in its middle.
    """
    try:
        before = signal.signal(signal.SIGPROF, _stop)
    except (AttributeError, ValueError):
        yield
        return
    signal.setitimer(signal.ITIMER_PROF, seconds, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0.0)
        signal.signal(signal.SIGPROF, before)


def _stop(*_: object) -> None:
    raise OutOfTime
