"""Student code in real workers: what ends a process costs what it was in, and nothing lies there before it is needed."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

from autograder.border.observation import Output
from autograder.border.task import Asked, Task
from autograder.errors import GraderFault
from autograder.grader import isolation, protocol
from autograder.grader import workers as workers_module
from autograder.grader.protocol import Run
from autograder.grader.workers import Workers

pytestmark = pytest.mark.tensorflow


def task(name: str, *cases: dict[str, Any], seconds: float = 5, wrt: tuple[str, ...] = ()) -> Task:
    return Task(name, Asked(name, wrt, seconds=seconds), tuple((case, 7) for case in cases or ({},)))


def cells(*sources: str) -> list[dict[str, str]]:
    return [{"label": f"cell {i}", "source": source} for i, source in enumerate(sources, 1)]


TROUBLE = """\
import ctypes, os, sys, time
import numpy as np
import tensorflow as tf

def fine(x): return 2.0 * x
def spins(x):
    while True: pass
def sleeps(x): time.sleep(100)
def leaves_at_once(x): os._exit(7)
def exits(x): exit()
def segfaults(x): ctypes.string_at(0)
def stops_itself(x): os.kill(os.getpid(), 15)
def eats_numpy(x): return np.ones(10_000_000_000)
def eats_tensorflow(x): return tf.zeros([100_000, 100_000])
def huge(x): return np.broadcast_to(np.float32(1), (50_000, 50_000))
def huge_tensor(x): return tf.zeros([3000, 3000])
def floods(x):
    for _ in range(20_000): print("spam " * 20); print("spam", file=sys.stderr)
    return x
def nan(x): return x / 0.0 * 0.0
def recurses(x): return recurses(x)
def closes(x):
    for descriptor in range(3, 20):
        try: os.close(descriptor)
        except OSError: pass
    return x
def last(x): return 3.0 * x
number = 7
"""
ENDS = {
    "spins": ("timeout", ""),
    "sleeps": ("timeout", ""),
    "leaves_at_once": ("crashed", "exit code 7"),
    "segfaults": ("crashed", "SIGSEGV"),
    "stops_itself": ("crashed", "SIGTERM"),
    "closes": ("crashed", ""),
    "number": ("missing", "int"),
    "nowhere": ("missing", "NoneType"),
}
X = {"x": np.array([1.0, 2.0], np.float32)}


@pytest.fixture(scope="module")
def trouble(workers: Workers) -> Run:
    """One submission in which every second function does something terrible."""
    names = [
        "fine", "spins", "eats_numpy", "sleeps", "eats_tensorflow", "leaves_at_once", "exits", "segfaults", "huge", "huge_tensor",
        "floods", "nan", "recurses", "stops_itself", "number", "nowhere", "closes", "last",
    ]  # fmt: skip
    return workers.run(
        cells(TROUBLE),
        [task(name, X, seconds=0.5 if name == "sleeps" else 1 if name == "spins" else 5) for name in names],
    )


def value(run: Run, name: str) -> Any:
    (observation,) = run.questions[name].observations
    assert observation.failure is None, observation.failure
    return observation.outputs[0].array


def test_trouble_costs_the_question_it_is_in_and_the_rest_is_observed(trouble: Run) -> None:
    np.testing.assert_array_equal(value(trouble, "fine"), [2, 4])
    np.testing.assert_array_equal(value(trouble, "last"), [3, 6])
    np.testing.assert_array_equal(value(trouble, "floods"), [1, 2])
    assert {name for name, seen in trouble.questions.items() if seen.ended} == set(ENDS)
    assert not trouble.cells


@pytest.mark.parametrize("name", ENDS)
def test_every_end_is_told_apart(trouble: Run, name: str) -> None:
    seen, (ended, said) = trouble.questions[name], ENDS[name]
    assert seen.ended == ended and said in seen.detail and seen.observations == []


@pytest.mark.parametrize("name, kinds", [
    ("eats_numpy", ["MemoryError"]), ("eats_tensorflow", ["ResourceExhaustedError"]), ("exits", ["SystemExit"]),
    ("recurses", ["RecursionError"]),
])  # fmt: skip
def test_what_python_can_catch_is_an_exception(trouble: Run, name: str, kinds: list[str]) -> None:
    (observation,) = trouble.questions[name].observations
    assert observation.failure and observation.failure.kind in kinds


def test_outputs_that_are_too_large_are_described_and_nan_is_an_answer(trouble: Run) -> None:
    described = {name: trouble.questions[name].observations[0].outputs[0] for name in ("huge", "huge_tensor")}
    assert described["huge"] == Output("array of shape (50000, 50000)")
    assert described["huge_tensor"] == Output("tensor of shape (3000, 3000)")
    assert np.isnan(value(trouble, "nan")).all()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "CELL_SECONDS", 1.0)
    monkeypatch.setattr(protocol, "WALL_FACTOR", 3.0)


def test_a_cell_that_ends_everything_is_left_out_and_the_rest_goes_on(workers: Workers, impatient: None) -> None:
    run = workers.run(
        cells(
            "def f(x): return 2.0 * x", "while True: pass", "import os\nos._exit(3)", "exit()", "1 / 0", "x = (", "raise KeyboardInterrupt",
            "def g(x): return f(x) + 1.0", "import time\ntime.sleep(100)",
        ),
        [task("f", X), task("g", X)],
    )  # fmt: skip
    np.testing.assert_array_equal(value(run, "f"), [2, 4])
    np.testing.assert_array_equal(value(run, "g"), [3, 5])
    assert {index: failure.kind for index, failure in run.cells.items()} == {
        1: "timeout", 2: "crashed", 3: "SystemExit", 4: "ZeroDivisionError", 5: "SyntaxError", 6: "KeyboardInterrupt", 8: "timeout",
    }  # fmt: skip
    assert run.cells[2].message == "its process ended itself with exit code 3"


def test_many_short_sleeps_do_not_hold_up_the_class(workers: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers_module, "SUBMISSION_SECONDS", 2.0)
    notebook = cells(
        "def f(x): return x", "def g(x):\n    import time\n    time.sleep(9)", *["import time; time.sleep(0.7)"] * 9
    )
    run = workers.run(notebook, [task("f", X), task("g", X)])
    assert {seen.ended for seen in run.questions.values()} == {"timeout"}
    assert "as a whole took too long" in run.questions["f"].detail
    run = workers.run(notebook[:2], [task("f", X), task("g", X)])
    np.testing.assert_array_equal(value(run, "f"), X["x"])
    assert (run.questions["f"].ended, run.questions["g"].ended) == ("", "timeout"), "what was seen in time counts"


def test_a_submission_that_always_crashes_comes_to_an_end(workers: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers_module, "MAX_RESTARTS", 3)
    names = [f"f{i}" for i in range(6)]
    source = "import os\n" + "\n".join(f"def {name}(x): os._exit(1)" for name in names)
    run = workers.run(cells(source), [task(name, X) for name in names])
    assert [run.questions[name].ended for name in names] == ["crashed"] * 3 + ["timeout"] * 3
    assert "restarted too often" in run.questions["f5"].detail


FORGER = """\
import json, os, struct
def event(**fields):
    head = json.dumps({"tree": fields, "arrays": []}).encode()
    return struct.pack("<IQ", len(head), 0) + head
seen = {"failure": None, "structure": "one", "outputs": [{"kind": "number", "array": None}], "gradients": {},
        "gradient_failure": None, "banned": [], "changed": [], "calls": []}
ready, found = event(event="ready"), event(event="question", found=True, kind="function")
value, gradients = event(event="value", observation=seen), event(event="gradients", gradients={}, gradient_failure=None)
def early(x):
    os.write(4, found + value)
    os._exit(0)
def points(x):
    os.write(4, event(event="score", points=100))
    return x
def garbage(x):
    os.write(4, b"\\xff" * 5000)
    os._exit(0)
def undifferentiated(x):
    os.write(4, gradients)
    return x
def again(x):
    os.write(4, ready)
    return x
def honest(x): return 2.0 * x
"""


def test_events_written_by_the_submission_are_rejected(workers: Workers) -> None:
    names = ["early", "points", "garbage", "undifferentiated", "again", "honest"]
    run = workers.run(cells(FORGER), [task(name, X) for name in names])
    for name in names[:-1]:
        assert run.questions[name].ended == "crashed", name
        assert not run.questions[name].observations
    np.testing.assert_array_equal(value(run, "honest"), [2, 4])
    assert set(run.questions) == set(names)


def test_who_says_more_than_was_asked_loses_what_comes_next_and_no_more(workers: Workers) -> None:
    source = FORGER + "def more(x):\n    os.write(4, value * 9)\n    os._exit(0)\n"
    run = workers.run(cells(source), [task("more", X), task("next", X), task("honest", X)])
    assert run.questions["more"].observations[0].outputs[0].array is None
    assert run.questions["next"].ended == "crashed"
    np.testing.assert_array_equal(value(run, "honest"), [2, 4])


def test_a_cell_cannot_answer_for_the_questions(workers: Workers) -> None:
    """It may speak the protocol, but only of what it knows; a right answer it would have to compute."""
    forged = FORGER + "os.write(4, ready + found + value)\nos._exit(0)\n"
    run = workers.run(cells(forged, FORGER), [task("honest", X)])
    (observation,) = run.questions["honest"].observations
    assert observation.outputs[0].array is None


def test_jobs_run_side_by_side(workers: Workers) -> None:
    results: dict[int, Any] = {}

    def one(number: int) -> None:
        run = workers.run(cells(f"def f(x): return {number}.0 * x"), [task("f", X)])
        results[number] = value(run, "f").tolist()

    threads = [threading.Thread(target=one, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {n: [n, 2.0 * n] for n in range(6)}


def test_the_warm_worker_survives_many_short_jobs_and_is_replaced_when_it_dies() -> None:
    """A fork that ends just when its leash is let go must not bring the warm process down."""
    with Workers("process") as own:
        warm = own._warm
        assert warm
        faults: list[GraderFault] = []

        def many() -> None:
            for _ in range(15):
                try:
                    own.run(cells("def f(): return 1"), [task("f")])
                except GraderFault as fault:
                    faults.append(fault)

        threads = [threading.Thread(target=many) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not faults and own._warm is warm

        warm.kill()
        warm.wait()
        assert value(own.run(cells("def f(): return 1"), [task("f")]), "f") == 1
        second = own._warm
        assert second is not warm and second
    assert second.poll() is not None, "nothing is left behind"


def test_without_fork_every_job_has_a_process_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Workers, "_forks", property(lambda self: False, lambda self, _: None), raising=False)
    with Workers("process") as own:
        assert own._warm is None
        run = own.run(cells("import os\ndef f(x): return 2.0 * x\ndef g(x): os._exit(5)"), [task("f", X), task("g", X)])
    np.testing.assert_array_equal(value(run, "f"), [2, 4])
    assert (run.questions["g"].ended, run.questions["g"].detail) == (
        "crashed",
        "its process ended itself with exit code 5",
    )


def test_a_worker_that_cannot_start_is_our_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation.sys, "executable", "/bin/false")
    with Workers("process") as own, pytest.raises(GraderFault, match="did not start"):
        own.run(cells("1"), [task("f")])
