"""The grader's side of a worker: what ends a process costs what it was in, and nothing a worker says is trusted."""

from __future__ import annotations

import queue
import signal
import threading
from typing import Any

import numpy as np
import pytest

from autograder.border import wire
from autograder.border.observation import Observation, Output
from autograder.border.task import Task
from autograder.errors import GraderFault
from autograder.grader import workers as supervise
from autograder.grader.protocol import Run, Seen
from autograder.grader.workers import Workers, _ending, _Job, _Metered, _Process
from autograder.question import Code

RIGHT = Observation(outputs=(Output("tensor", np.ones(2, np.float32)),)).to_tree()


def task(name: str, *cases: dict[str, Any], seconds: float = 5, wrt: tuple[str, ...] = ()) -> Task:
    return Task(name, name, tuple((case, 7) for case in cases or ({},)), wrt, seconds=seconds)


def cells(*sources: str) -> list[dict[str, str]]:
    return [{"label": f"cell {i}", "source": source} for i, source in enumerate(sources, 1)]


# The protocol, told by a worker that is none


class Told(_Process):
    """A process that says these events and then ends."""

    first_event_seconds = 0.1

    def __init__(self, *events: Any, status: int | None = 1, hangs: bool = False) -> None:
        self.events = queue.Queue()
        for event in events:
            self.events.put(event)
        if not hangs:
            self.events.put(None)
        self.status = status

    def exit_status(self) -> int | None:
        if self.status == GOES_ON:
            raise TimeoutError
        return self.status


GOES_ON = 10_000
"""Not a status: the process has closed its connection and goes on."""


def cell(index: Any) -> dict[str, Any]:
    return {"event": "cell", "index": index}


def question(name: Any) -> dict[str, Any]:
    return {"event": "question", "name": name}


CASE = {"event": "case", "observation": RIGHT}
DONE = {"event": "done"}
FAILED = {"event": "cell_failed", "failure": {"kind": "ValueError", "message": "m", "where": ""}}


def follow(*events: Any, tasks: tuple[str, ...] = ("f", "g"), count: int = 3, **how: Any) -> tuple[_Job, Run]:
    run = Run()
    patient = how.pop("patient", False)
    job = _Job(run, [task(name, {}, {}) for name in tasks], set(), count, patient=patient, end=float("inf"))
    job.follow(Told(*events, **how))
    return job, run


def test_a_run_that_goes_well_is_recorded() -> None:
    job, run = follow(
        cell(0), cell(2), FAILED, question("f"), CASE, CASE, question("g"), {"event": "missing", "kind": "int"}, DONE
    )
    assert job.remaining == [] and job.skip == set()
    assert len(run.questions["f"].observations) == 2 and run.questions["f"].ended == ""
    assert (run.questions["g"].ended, run.questions["g"].detail) == ("missing", "int")
    assert {index: failure.kind for index, failure in run.cells.items()} == {2: "ValueError"}


@pytest.mark.parametrize("status, ended, said", [
    (0, "crashed", "ended itself with exit code 0"),
    (3, "crashed", "ended itself with exit code 3"),
    (-signal.SIGSEGV, "crashed", "stopped by SIGSEGV"),
    (-signal.SIGKILL, "crashed", "stopped by SIGKILL, most often because memory ran out"),
    (-signal.SIGXCPU, "timeout", ""),
    (-signal.SIGPROF, "timeout", ""),
    (-200, "crashed", "stopped by signal 200"),
])  # fmt: skip
def test_what_ends_a_process_is_charged_to_where_it_was(status: int, ended: str, said: str) -> None:
    assert _ending(status)[0] == ended and said in _ending(status)[1]
    job, run = follow(cell(0), question("f"), CASE, status=status)
    assert (run.questions["f"].ended, [t.name for t in job.remaining]) == (ended, ["g"])
    assert said in run.questions["f"].detail and len(run.questions["f"].observations) == 1
    job, run = follow(cell(1), status=status)
    assert run.cells[1].kind == ended and job.skip == {1} and [t.name for t in job.remaining] == ["f", "g"]


def test_who_closes_the_connection_and_goes_on_is_charged() -> None:
    _, run = follow(cell(0), question("f"), CASE, status=GOES_ON, patient=True)
    assert run.questions["f"].ended == "crashed" and "closed the connection" in run.questions["f"].detail


@pytest.mark.parametrize("status", [None, -signal.SIGKILL])
def test_a_kill_is_tried_again_and_costs_nobody(status: int | None) -> None:
    job, run = follow(cell(0), question("f"), CASE, CASE, question("g"), CASE, status=status, patient=True)
    assert job.interrupted and [t.name for t in job.remaining] == ["g"]
    assert run.questions["f"].ended == "" and not run.cells


def test_a_kill_again_and_again_is_charged_but_the_end_of_the_warm_process_never() -> None:
    job, run = follow(cell(0), question("f"), CASE, status=-signal.SIGKILL)
    assert not job.interrupted and run.questions["f"].ended == "crashed"
    with pytest.raises(GraderFault):
        follow(cell(0), question("f"), CASE, status=None)


def test_silence_is_a_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervise, "CELL_SECONDS", 0.05)
    monkeypatch.setattr(supervise, "WALL_FACTOR", 1.0)
    job, run = follow(cell(0), hangs=True)
    assert run.cells[0].kind == "timeout" and job.skip == {0}
    run = Run()
    _Job(run, [task("f", seconds=0.05)], set(), 1, patient=False, end=float("inf")).follow(
        Told(question("f"), hangs=True)
    )
    assert run.questions["f"].ended == "timeout"


def test_a_worker_that_says_nothing_at_all_is_our_fault() -> None:
    for how in ({}, {"hangs": True}):
        with pytest.raises(GraderFault):
            follow(**how)


FORGED: list[tuple[Any, ...]] = [
    (cell(0),),
    (cell(2), cell(1)),
    (cell(3),),
    (cell(-1),),
    (cell(True),),
    (cell("1"),),
    (cell(None),),
    (cell(np.ones(2)),),
    ({"event": "cell_failed", "failure": None},),
    ({"event": "cell_failed", "failure": np.ones(1)},),
    ({"event": "cell_failed"},),
    (CASE,),
    ({"event": "missing", "kind": "x"},),
    (DONE,),
    ({},),
    ({"event": None},),
    ({"event": np.ones(2)},),
    ({"event": "score", "points": 100},),
    (question("g"),),
    (question(None),),
    (question(np.ones(3)),),
    (question("f"), cell(1)),
    (question("f"), FAILED),
    (question("f"), question("f")),
    (question("f"), question("g")),
    (question("f"), CASE, DONE),
    (question("f"), CASE, question("g")),
    (question("f"), CASE, CASE, CASE),
    (question("f"), CASE, CASE, DONE),
    (question("f"), {"event": "missing", "kind": "x"}, CASE, CASE, CASE),
    (question("f"), {"event": "case"}),
    (question("f"), {"event": "case", "observation": None}),
    (question("f"), {"event": "case", "observation": np.ones(2)}),
    (question("f"), {"event": "case", "observation": RIGHT | {"outputs": []}}),
    (question("f"), {"event": "case", "observation": RIGHT | {"outputs": [np.ones(1)]}}),
    (question("f"), {"event": "missing"}),
    (question("f"), {"event": "missing", "kind": [[[]]]}, DONE),
]


@pytest.mark.parametrize("events", FORGED)
def test_forged_events_end_the_job_and_cost_only_the_forger(events: tuple[Any, ...]) -> None:
    job, run = follow(cell(0), *events, question("g"), CASE, CASE, DONE)
    assert job.remaining, "what is not seen yet is seen in a fresh fork"
    crashed = [name for name, seen in run.questions.items() if seen.ended == "crashed"]
    assert len(crashed) + len(run.cells) == 1
    assert all(isinstance(o, Observation) for seen in run.questions.values() for o in seen.observations)


def test_texts_of_a_worker_hold_nothing_a_terminal_obeys() -> None:
    _, run = follow(cell(0), question("f"), {"event": "missing", "kind": "\x1b[2J\ud800" + "x" * 1000}, DONE)
    detail = run.questions["f"].detail
    assert len(detail) <= 100 and detail.isprintable()
    detail.encode("utf-8")


def test_no_worker_sends_without_end() -> None:
    class Endless:
        def read(self, size: int) -> bytes:
            return bytes(size)

    metered = _Metered(Endless())  # type: ignore[arg-type]
    metered._left = 1000
    assert len(metered.read(600)) + len(metered.read(600)) == 1000
    assert metered.read(600) == b""


def test_a_task_tells_inputs_and_a_seed_and_nothing_expected() -> None:
    tree = Task("f", "g", (({"x": np.ones(2), "h": Code("lambda x: x")}, 7),), ("x",)).to_tree()
    assert set(tree) <= {"name", "function", "wrt", "ban", "dtype", "seconds", "cases", "probe", "repeatable"}
    assert set(tree["cases"][0]) == {"arguments", "cotangent_seed", "images"}
    assert tree["cases"][0]["arguments"]["h"] == {"code": "lambda x: x"}
    wire.pack(tree)


# A real worker

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


@pytest.mark.tensorflow
def test_trouble_costs_the_question_it_is_in_and_the_rest_is_observed(trouble: Run) -> None:
    np.testing.assert_array_equal(value(trouble, "fine"), [2, 4])
    np.testing.assert_array_equal(value(trouble, "last"), [3, 6])
    np.testing.assert_array_equal(value(trouble, "floods"), [1, 2])
    assert {name for name, seen in trouble.questions.items() if seen.ended} == set(ENDS)
    assert not trouble.cells


@pytest.mark.tensorflow
@pytest.mark.parametrize("name", ENDS)
def test_every_end_is_told_apart(trouble: Run, name: str) -> None:
    seen, (ended, said) = trouble.questions[name], ENDS[name]
    assert seen.ended == ended and said in seen.detail and seen.observations == []


@pytest.mark.tensorflow
@pytest.mark.parametrize("name, kinds", [
    ("eats_numpy", ["MemoryError"]), ("eats_tensorflow", ["ResourceExhaustedError"]), ("exits", ["SystemExit"]),
    ("recurses", ["RecursionError"]),
])  # fmt: skip
def test_what_python_can_catch_is_an_exception(trouble: Run, name: str, kinds: list[str]) -> None:
    (observation,) = trouble.questions[name].observations
    assert observation.failure and observation.failure.kind in kinds


@pytest.mark.tensorflow
def test_outputs_that_are_too_large_are_described_and_nan_is_an_answer(trouble: Run) -> None:
    described = {name: trouble.questions[name].observations[0].outputs[0] for name in ("huge", "huge_tensor")}
    assert described["huge"] == Output("array of shape (50000, 50000)")
    assert described["huge_tensor"] == Output("tensor of shape (3000, 3000)")
    assert np.isnan(value(trouble, "nan")).all()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervise, "CELL_SECONDS", 1.0)
    monkeypatch.setattr(supervise, "WALL_FACTOR", 3.0)


@pytest.mark.tensorflow
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


@pytest.mark.tensorflow
def test_many_short_sleeps_do_not_hold_up_the_class(workers: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervise, "SUBMISSION_SECONDS", 2.0)
    notebook = cells(
        "def f(x): return x", "def g(x):\n    import time\n    time.sleep(9)", *["import time; time.sleep(0.7)"] * 9
    )
    run = workers.run(notebook, [task("f", X), task("g", X)])
    assert {seen.ended for seen in run.questions.values()} == {"timeout"}
    assert "as a whole took too long" in run.questions["f"].detail
    run = workers.run(notebook[:2], [task("f", X), task("g", X)])
    np.testing.assert_array_equal(value(run, "f"), X["x"])
    assert (run.questions["f"].ended, run.questions["g"].ended) == ("", "timeout"), "what was seen in time counts"


@pytest.mark.tensorflow
def test_a_submission_that_always_crashes_comes_to_an_end(workers: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervise, "MAX_RESTARTS", 3)
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
def early(x):
    os.write(4, event(event="question", name="secret") + event(event="done"))
    os._exit(0)
def points(x):
    os.write(4, event(event="score", points=100))
    return x
def garbage(x):
    os.write(4, b"\\xff" * 5000)
    os._exit(0)
def more(x):
    for _ in range(9): os.write(4, event(event="case", observation=seen))
    os._exit(0)
def honest(x): return 2.0 * x
"""


@pytest.mark.tensorflow
def test_events_written_by_the_submission_are_rejected(workers: Workers) -> None:
    names = ["early", "points", "garbage", "more", "honest"]
    run = workers.run(cells(FORGER), [task(name, X) for name in names])
    for name in names[:-1]:
        assert run.questions[name].ended == "crashed", name
        assert all(o.outputs[0].array is None for o in run.questions[name].observations)
    np.testing.assert_array_equal(value(run, "honest"), [2, 4])
    assert set(run.questions) == set(names)


@pytest.mark.tensorflow
def test_a_cell_cannot_answer_for_the_questions(workers: Workers) -> None:
    """It may speak the protocol, but only of what it knows; a right answer it would have to compute."""
    forged = (
        FORGER
        + "os.write(4, event(event='question', name='honest') + event(event='case', observation=seen) + event(event='done'))\nos._exit(0)\n"
    )
    run = workers.run(cells(forged, FORGER), [task("honest", X)])
    (observation,) = run.questions["honest"].observations
    assert observation.outputs[0].array is None or np.array_equal(observation.outputs[0].array, [2, 4])


@pytest.mark.tensorflow
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


@pytest.mark.tensorflow
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


@pytest.mark.tensorflow
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


@pytest.mark.tensorflow
def test_a_worker_that_cannot_start_is_our_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervise.sys, "executable", "/bin/false")
    with Workers("process") as own, pytest.raises(GraderFault, match="did not start"):
        own.run(cells("1"), [task("f")])


def test_nothing_to_observe_starts_nothing() -> None:
    assert Workers("process").run(cells("1"), []) == Run()


def test_a_seen_question_is_empty_to_begin_with() -> None:
    assert Seen() == Seen([], "", "")
