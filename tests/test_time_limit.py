"""A check in a notebook is stopped after its processor time, on every system, and nothing else is."""

from __future__ import annotations

import signal
import threading
import time

import pytest

from autograder.student.time_limit import AGAIN, OutOfTime, time_limit


def busy(seconds: float) -> None:
    """Takes processor time of this process; in vain, so that it can be stopped anywhere."""
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def test_a_loop_that_takes_too_long_is_stopped_in_its_line() -> None:
    began = time.process_time()
    with pytest.raises(OutOfTime) as stopped, time_limit(0.2):
        busy(60)
    assert 0.2 <= time.process_time() - began < 30
    assert any(entry.name == "busy" for entry in stopped.traceback)


def test_code_that_catches_everything_is_stopped_again() -> None:
    caught = 0
    with pytest.raises(OutOfTime), time_limit(0.2):
        try:
            busy(60)
        except BaseException:
            caught += 1
        busy(60 * AGAIN)
    assert caught == 1


def test_what_takes_no_processor_time_is_not_stopped() -> None:
    with time_limit(0.2):
        time.sleep(0.5)


def test_the_students_own_interrupt_is_no_timeout() -> None:
    with pytest.raises(KeyboardInterrupt), time_limit(60):
        signal.raise_signal(signal.SIGINT)


def test_afterwards_all_is_as_before() -> None:
    before, threads = signal.getsignal(signal.SIGINT), threading.active_count()
    with time_limit(60):
        assert signal.getsignal(signal.SIGINT) is not before
    with pytest.raises(OutOfTime), time_limit(0.1):
        busy(60)
    assert signal.getsignal(signal.SIGINT) is before and threading.active_count() == threads
    busy(0.3)


def test_in_another_thread_there_is_no_limit() -> None:
    ended: list[str] = []

    def run() -> None:
        with time_limit(0.01):
            busy(0.3)
        ended.append("well")

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert ended == ["well"]
