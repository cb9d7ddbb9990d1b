"""What the grader tells a worker and takes from it: one thing at a time, nothing before its turn, and nothing on trust."""

from __future__ import annotations

import queue
import signal
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from autograder.border import wire
from autograder.border.observation import Failure, Observation, Output
from autograder.border.task import Asked, Task, case_order, gradient_order, question_order, random_seed
from autograder.errors import GraderFault
from autograder.grader import protocol
from autograder.grader.answers import task as task_of
from autograder.grader.process import Budget, Process
from autograder.grader.protocol import Progress, Run, Seen, Step, _ending, steps_of
from autograder.grader.workers import Workers
from autograder.question import Ban, Case, Code, Question, Rung, array

RIGHT = Observation(outputs=(Output("tensor", np.ones(2, np.float32)),)).to_tree()


def task(
    name: str, *cases: dict[str, Any], seconds: float = 5, wrt: tuple[str, ...] = (), public: int | None = None
) -> Task:
    return Task(name, Asked(name, wrt, seconds=seconds), tuple((case, 7) for case in cases or ({},)), public)


def cells(*sources: str) -> list[dict[str, str]]:
    return [{"label": f"cell {i}", "source": source} for i, source in enumerate(sources, 1)]


# A worker that says what a test puts into its mouth


class Told(Process):
    """A process that says these events, whatever it is told, and then ends."""

    patience = 0.1

    def __init__(self, *events: Any, status: int | None = 1, hangs: bool = False) -> None:
        self.events = queue.Queue()
        for event in events:
            self.events.put(event)
        if not hangs:
            self.events.put(None)
        self.status = status
        self.orders: list[dict[str, Any]] = []

    def tell(self, order: dict[str, Any]) -> None:
        self.orders.append(order)

    def exit_status(self) -> int | None:
        if self.status == GOES_ON:
            raise TimeoutError
        return self.status


GOES_ON = 10_000
"""Not a status: the process has closed its connection and goes on."""


def cell(index: Any) -> dict[str, Any]:
    return {"event": "cell", "index": index}


READY = {"event": "ready"}
FOUND = {"event": "question", "found": True, "kind": "function"}
MISSING = {"event": "question", "found": False, "kind": "int"}
VALUE = {"event": "value", "observation": RIGHT}
GRADIENTS = {
    "event": "gradients",
    "gradients": {"x": {"kind": "tensor", "array": np.ones(2)}},
    "gradient_failure": None,
}
FAILED = {"event": "cell_failed", "failure": {"kind": "ValueError", "message": "m", "where": ""}}


def follow(
    *events: Any, tasks: Sequence[Task] | None = None, count: int = 3, patient: bool = False, **how: Any
) -> tuple[Progress, Run, Told]:
    run, told = Run(), Told(*events, **how)
    tasks = [task("f", {}, {}), task("g", {}, {})] if tasks is None else list(tasks)
    progress = Progress(run, steps_of(list(tasks)), set(), count, patient=patient, end=float("inf"))
    progress.follow(told)
    return progress, run, told


def left(progress: Progress) -> list[str]:
    return [step.task.name for step in progress.remaining]


def test_a_run_that_goes_well_is_recorded() -> None:
    progress, run, told = follow(cell(0), cell(2), FAILED, READY, FOUND, VALUE, VALUE, MISSING)
    assert progress.remaining == [] and progress.skip == set()
    assert len(run.questions["f"].observations) == 2 and run.questions["f"].ended == ""
    assert (run.questions["g"].ended, run.questions["g"].detail) == ("missing", "int")
    assert {index: failure.kind for index, failure in run.cells.items()} == {2: "ValueError"}
    assert [order["order"] for order in told.orders] == ["question", "case", "case", "question", "end"]


def test_gradients_are_asked_for_after_the_value_and_added_to_it() -> None:
    _, run, told = follow(READY, FOUND, VALUE, GRADIENTS, VALUE, GRADIENTS, tasks=[task("f", {}, {}, wrt=("x",))])
    assert [order["order"] for order in told.orders] == ["question", "case", "gradient", "case", "gradient", "end"]
    for seen in run.questions["f"].observations:
        assert seen.outputs and seen.gradients["x"] and seen.gradients["x"].array is not None


@pytest.mark.parametrize("observation", [
    Observation(failure=Failure("ValueError", "no")), Observation(structure="tuple"),
])  # fmt: skip
def test_where_there_is_nothing_to_differentiate_no_seed_is_told(observation: Observation) -> None:
    said = {"event": "value", "observation": observation.to_tree()}
    _, run, told = follow(READY, FOUND, said, VALUE, GRADIENTS, tasks=[task("f", {}, {}, wrt=("x",))])
    assert [order["order"] for order in told.orders] == ["question", "case", "case", "gradient", "end"]
    assert run.questions["f"].observations[0] == observation


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
    progress, run, _ = follow(cell(0), READY, FOUND, VALUE, status=status)
    assert (run.questions["f"].ended, left(progress)) == (ended, ["g"])
    assert said in run.questions["f"].detail and len(run.questions["f"].observations) == 1
    progress, run, _ = follow(cell(1), status=status)
    assert run.cells[1].kind == ended and progress.skip == {1} and left(progress) == ["f", "g"]


def test_who_closes_the_connection_and_goes_on_is_charged() -> None:
    _, run, _ = follow(cell(0), READY, FOUND, VALUE, status=GOES_ON, patient=True)
    assert run.questions["f"].ended == "crashed" and "closed the connection" in run.questions["f"].detail


@pytest.mark.parametrize("status", [None, -signal.SIGKILL])
def test_a_kill_is_tried_again_and_costs_nobody(status: int | None) -> None:
    progress, run, _ = follow(cell(0), READY, FOUND, VALUE, VALUE, FOUND, VALUE, status=status, patient=True)
    assert progress.interrupted and left(progress) == ["g"]
    assert run.questions["f"].ended == "" and not run.cells


def test_what_an_interrupted_fork_said_of_a_step_is_said_anew() -> None:
    """Else the next fork's first case would be judged as the second."""
    tasks = [task("f", {"n": 1}, {"n": 2}, public=1)]
    progress, run, _ = follow(READY, FOUND, VALUE, FOUND, status=None, patient=True, tasks=tasks)
    assert len(run.questions["f"].observations) == 1 and [(s.first, s.last) for s in progress.remaining] == [(1, 2)]
    again = Told(READY, FOUND, VALUE)
    rest = Progress(run, progress.remaining, set(), 0, patient=True, end=float("inf"))
    run.questions["f"].observations.append(Observation(failure=Failure("Half", "said")))
    rest.follow(again)
    assert [order.get("arguments") for order in again.orders] == [None, {"n": 2}, None]
    assert [o.failure for o in run.questions["f"].observations] == [None, None]


def test_no_word_of_a_submission_is_kept_once_it_knows_hidden_inputs() -> None:
    """What it learned may be in a type's name, in an exit code, or, by way of another fork, in what a cell says."""
    tasks = [task("f", {}, {}, public=1), task("g", {}, {}, public=1)]
    public = (READY, FOUND, VALUE, FOUND, VALUE)
    _, run, _ = follow(*public, FOUND, VALUE, MISSING, tasks=tasks)
    assert (run.questions["g"].ended, run.questions["g"].detail) == ("missing", "")
    progress, run, _ = follow(*public, FOUND, tasks=tasks, status=173)
    assert (run.questions["f"].ended, run.questions["f"].detail) == ("crashed", "")
    rest = Progress(run, progress.remaining, set(), 3, patient=False, end=float("inf"))
    rest.follow(Told(cell(0), FAILED, cell(1), status=173))
    assert not run.cells and rest.skip == {1}
    _, run, _ = follow(cell(0), FAILED, READY, MISSING, FOUND, status=173, tasks=tasks)
    assert run.cells[0].message == "m" and (run.questions["f"].detail, "173" in run.questions["g"].detail) == (
        "int",
        True,
    )


def test_a_kill_again_and_again_is_charged_but_the_end_of_the_warm_process_never() -> None:
    progress, run, _ = follow(cell(0), READY, FOUND, VALUE, status=-signal.SIGKILL)
    assert not progress.interrupted and run.questions["f"].ended == "crashed"
    with pytest.raises(GraderFault):
        follow(cell(0), READY, FOUND, VALUE, status=None)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "CELL_SECONDS", 0.05)
    monkeypatch.setattr(protocol, "WALL_FACTOR", 1.0)


def test_silence_is_a_timeout(impatient: None) -> None:
    progress, run, _ = follow(cell(0), hangs=True)
    assert run.cells[0].kind == "timeout" and progress.skip == {0}
    for events in ((READY,), (READY, FOUND), (READY, FOUND, VALUE)):
        _, run, _ = follow(*events, hangs=True, tasks=[task("f", seconds=0.05, wrt=("x",))])
        assert run.questions["f"].ended == "timeout"


def test_a_worker_that_says_nothing_at_all_is_our_fault(impatient: None) -> None:
    for how in ({}, {"hangs": True}):
        with pytest.raises(GraderFault):
            follow(**how)


def value(**changed: Any) -> dict[str, Any]:
    return VALUE | {"observation": RIGHT | changed}


IN_A_CELL: list[tuple[Any, ...]] = [
    (cell(0),),
    (cell(2), cell(1)),
    (cell(3),),
    (cell(-1),),
    (cell(True),),
    (cell("1"),),
    (cell(None),),
    (cell(np.ones(2)),),
    ({"event": "cell"},),
    ({"event": "cell_failed", "failure": None},),
    ({"event": "cell_failed", "failure": np.ones(1)},),
    ({"event": "cell_failed"},),
    (FAILED, FAILED),
    (FOUND,),
    (VALUE,),
    (GRADIENTS,),
    ({},),
    ({"event": None},),
    ({"event": np.ones(2)},),
    ({"event": ["cell"]},),
    ({"event": "score", "points": 100},),
    ({"event": "end"},),
]
"""What no worker says while a cell runs."""

TURN = (READY, FOUND, VALUE, GRADIENTS, VALUE, GRADIENTS, FOUND, VALUE, VALUE)
"""What a worker says that is asked for two values of a question with their gradients, and for two of another without."""

INSTEAD: list[tuple[int, Any]] = [
    (1, {"event": "question"}),
    (1, {"event": "question", "found": True}),
    (1, {"event": "question", "kind": "function"}),
    (1, FOUND | {"found": 1}),
    (1, FOUND | {"found": None}),
    (1, FOUND | {"found": np.ones(1)}),
    (1, FOUND | {"kind": [[[]]]}),
    (1, FOUND | {"event": "Question"}),
    (2, {"event": "value"}),
    (2, {"event": "value", "observation": None}),
    (2, {"event": "value", "observation": np.ones(2)}),
    (2, value(outputs=[])),
    (2, value(outputs=[np.ones(1)])),
    (2, value(outputs=RIGHT["outputs"] * 2)),
    (2, value(outputs=None)),
    (2, value(failure="no")),
    (2, value(banned=7)),
    (2, value(changed=[7])),
    (2, value(calls=["f"] * 1000)),
    (2, value(structure=None)),
    (2, value(gradients=GRADIENTS["gradients"])),
    (3, {"event": "gradients"}),
    (3, GRADIENTS | {"gradients": None}),
    (3, GRADIENTS | {"gradients": [1]}),
    (3, GRADIENTS | {"gradients": {"x": np.ones(1)}}),
    (3, GRADIENTS | {"gradients": {"x": {"kind": "tensor", "array": 3}}}),
    (3, GRADIENTS | {"gradients": {str(i): None for i in range(1000)}}),
    (3, GRADIENTS | {"gradient_failure": "no"}),
    (3, {"event": "value", **GRADIENTS["gradients"]}),
]
"""What is no answer, and the place in TURN of the answer that was asked for."""

BETWEEN: list[tuple[int, Any]] = [
    *(
        (place, event)
        for place in (1, 2, 3, 4)
        for event in (READY, cell(1), FAILED, {"event": "score", "points": 100}, {})
    ),
    (1, VALUE),
    (1, GRADIENTS),
    (2, FOUND),
    (2, MISSING),
    (2, GRADIENTS),
    (3, FOUND),
    (3, VALUE),
    (4, GRADIENTS),
    (4, FOUND),
]
"""What was not asked for, and the place in TURN before which it comes."""

WITH_GRADIENTS = [task("f", {}, {}, wrt=("x",)), task("g", {}, {})]


@pytest.mark.parametrize("events", IN_A_CELL)
def test_forged_events_in_a_cell_cost_the_cell(events: tuple[Any, ...]) -> None:
    progress, run, told = follow(cell(0), *events, READY, FOUND, VALUE, VALUE)
    assert [failure.kind for failure in run.cells.values()] == ["crashed"] and not run.questions
    assert left(progress) == ["f", "g"] and told.orders == [], "the questions are asked in a fresh fork"


@pytest.mark.parametrize("place, event", INSTEAD)
def test_what_is_no_answer_costs_its_question_alone(place: int, event: Any) -> None:
    """All else that is said is right, so it is the event itself that is refused."""
    progress, run, _ = follow(*TURN[:place], event, *TURN[place + 1 :], tasks=WITH_GRADIENTS)
    _only_f_crashed(progress, run)


@pytest.mark.parametrize("place, event", BETWEEN)
def test_what_comes_out_of_turn_costs_its_question_alone(place: int, event: Any) -> None:
    progress, run, _ = follow(*TURN[:place], event, *TURN[place:], tasks=WITH_GRADIENTS)
    _only_f_crashed(progress, run)


def _only_f_crashed(progress: Progress, run: Run) -> None:
    assert {name: seen.ended for name, seen in run.questions.items()} == {"f": "crashed"} and not run.cells
    assert left(progress) == ["g"], "what is not seen yet is seen in a fresh fork"
    assert all(isinstance(o, Observation) for seen in run.questions.values() for o in seen.observations)


@pytest.mark.parametrize("more", [VALUE, GRADIENTS, READY, cell(1), FAILED])
def test_more_than_was_asked_for_is_charged_to_what_comes_next(more: dict[str, Any]) -> None:
    progress, run, _ = follow(*TURN[:6], more, *TURN[6:], tasks=WITH_GRADIENTS)
    assert {name: seen.ended for name, seen in run.questions.items()} == {"f": "", "g": "crashed"}
    assert len(run.questions["f"].observations) == 2 and not progress.remaining


def test_without_a_forgery_the_same_is_taken() -> None:
    progress, run, _ = follow(cell(0), cell(1), FAILED, *TURN, tasks=WITH_GRADIENTS)
    assert not progress.remaining and not any(seen.ended for seen in run.questions.values())
    assert [len(seen.observations) for seen in run.questions.values()] == [2, 2]


def test_texts_of_a_worker_hold_nothing_a_terminal_obeys() -> None:
    _, run, _ = follow(READY, MISSING | {"kind": "\x1b[2J\ud800" + "x" * 1000}, FOUND, VALUE, VALUE)
    detail = run.questions["f"].detail
    assert len(detail) <= 100 and detail.isprintable()
    detail.encode("utf-8")


# The turns


def test_all_public_cases_come_before_any_hidden_one() -> None:
    tasks = [task("f", {}, {}, {}, public=1), task("g", {}, public=0), task("h", {}, {}, public=2), task("i", {}, {})]
    assert [(s.task.name, s.first, s.last) for s in steps_of(tasks)] == [
        ("f", 0, 1), ("h", 0, 2), ("i", 0, 2), ("f", 1, 3), ("g", 0, 1)
    ]  # fmt: skip
    empty = Task("none", Asked("none"), ())
    assert steps_of([empty]) == [Step(empty, 0, 0)], "whether its function is there is asked all the same"


class Obedient(Told):
    """A worker that does what it is told, and keeps a protocol of both sides: what it was sent, as bytes, and its events."""

    def __init__(self, answer: Callable[[dict[str, Any]], list[Any]]) -> None:
        super().__init__(hangs=True)
        self.answer = answer
        self.sent: list[tuple[str, bytes]] = []

    def tell(self, order: dict[str, Any]) -> None:
        self.sent.append((order.get("order", "job"), wire.pack(order)))
        for event in self.answer(wire.unpack(wire.pack(order))):
            self.events.put(event)

    def kill(self) -> None:
        pass


def obey(order: dict[str, Any]) -> list[Any]:
    """The events of an honest worker."""
    if "order" not in order:
        return [*(cell(i) for i in range(len(order["cells"]))), READY]
    return {"question": [FOUND], "case": [VALUE], "gradient": [GRADIENTS], "end": []}[order["order"]]


def eager(order: dict[str, Any]) -> list[Any]:
    """A worker that answers everything before it was asked anything."""
    return [READY, *[FOUND, VALUE, GRADIENTS] * 2, *[FOUND, VALUE, GRADIENTS] * 2] if "order" not in order else []


@pytest.fixture
def grader(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[Run, list[tuple[str, bytes]]]]:
    """Runs tasks with a worker of the test's own; tells what was seen, and all that was sent, in its order."""

    def run(
        tasks: list[Task], answer: Callable[[dict[str, Any]], list[Any]] = obey
    ) -> tuple[Run, list[tuple[str, bytes]]]:
        started: list[Obedient] = []

        def fork(self: Workers, budget: Budget) -> Process:
            started.append(Obedient(answer))
            return started[-1]

        monkeypatch.setattr(Workers, "_fork", fork)
        seen = Workers("process").run(cells("a cell"), tasks)
        return seen, [message for process in started for message in process.sent]

    return run


SEEDS = {name: 4_611_000_000_000_000_000 + i * 10**12 for i, name in enumerate(("f0", "f1", "g0", "g1"))}
ARRAYS = {name: np.random.default_rng(i).standard_normal(5).astype("float32") for i, name in enumerate(SEEDS)}


def secret(name: str) -> tuple[dict[str, Any], int]:
    """A case that can be recognized among bytes: by its array, its number, its text, and its seed."""
    return {"x": ARRAYS[name], "n": SEEDS[name] // 7, "mode": f"the mode of {name}"}, SEEDS[name]


def traces(name: str) -> tuple[list[bytes], list[bytes]]:
    """What the bytes of a case's arguments, and of its seed, hold."""
    arguments, seed = secret(name)
    texts = [str(arguments["n"]).encode(), arguments["mode"].encode(), arguments["x"].tobytes()]
    return texts, [str(seed).encode(), seed.to_bytes(8, "little"), seed.to_bytes(8, "big")]


SECRET = [
    Task("f", Asked("f", ("x",)), (secret("f0"), secret("f1")), 1),
    Task("g", Asked("g", ("x",)), (secret("g0"), secret("g1")), 1),
]
TURNS = ["f0", "g0", "f1", "g1"]


@pytest.mark.parametrize("answer", [obey, eager])
def test_no_argument_and_no_seed_is_sent_before_its_turn(grader: Any, answer: Any) -> None:
    """An argument goes out with its own call, a seed after the value that it could have shaped, and neither of them twice."""
    run, sent = grader(SECRET, answer)
    assert [kind for kind, _ in sent] == ["job", *["question", "case", "gradient"] * 4, "end"]
    assert all(len(seen.observations) == 2 and not seen.ended for seen in run.questions.values())
    for turn, name in enumerate(TURNS):
        arguments, seeds = traces(name)
        at_call, at_seed = 2 + 3 * turn, 3 + 3 * turn
        for number, (_, message) in enumerate(sent):
            assert all((trace in message) == (number == at_call) for trace in arguments), (name, number)
            assert (seeds[0] in message) == (number == at_seed), (name, number)
            assert not any(trace in message for trace in seeds[1:]), (name, number)


def test_the_next_order_waits_for_the_answer_to_the_last_one() -> None:
    """Cut off after any answer, nothing has been told that only the next answer leads to."""
    events = [cell(0), READY, *[FOUND, VALUE, GRADIENTS] * 4]
    orders = [kind for _ in range(4) for kind in ("question", "case", "gradient")]
    for count in range(len(events) + 1):
        _, _, told = follow(*events[:count], tasks=SECRET, status=None, patient=True, count=1)
        answered = max(0, count - 1)  # the cell is answered by nothing
        assert [order["order"] for order in told.orders] == [
            *orders[:answered],
            *(["end"] if count == len(events) else []),
        ]


def test_public_cases_of_all_questions_are_called_before_a_hidden_one_of_any(grader: Any) -> None:
    questions = [
        Question(name, 6, (Case("hidden", x=array([3])), Case("public", public=True, x=array([2]))), ladder=(Rung("rung", x=array([1])),))
        for name in ("f", "g")
    ]  # fmt: skip
    _, sent = grader([task_of(question.materialised("a salt"), "a salt") for question in questions])
    called = [float(wire.unpack(message)["arguments"]["x"][0]) for kind, message in sent if kind == "case"]
    assert called == [1, 2, 1, 2, 3, 3]


def test_a_rung_is_called_without_a_gradient(grader: Any) -> None:
    question = Question(
        "f", 6, (Case("c", public=True, x=array([2])),), wrt=("x",), ladder=(Rung("rung", x=array([1])),)
    )
    _, sent = grader([task_of(question, "a salt")])
    orders = [wire.unpack(message) for kind, message in sent if kind in ("case", "gradient")]
    assert [(o["order"], o.get("differentiate")) for o in orders] == [
        ("case", False),
        ("case", True),
        ("gradient", None),
    ]


def test_the_labels_of_an_exam_and_its_training_run_are_not_sent_to_student_code(grader: Any) -> None:
    images, x, y = (np.full((2, 3, 3, 1), n, np.uint8) for n in (11, 12, 13))
    exam = {"images": images, "x": x, "y": y, "steps": 77_777}
    model = Task("f", Asked("f", model=True), (({"size": 3}, 5),), exams=(exam,))
    run, sent = grader([model])
    assert run.questions["f"].observations[0].failure, "a tensor is no model"
    together = b"".join(message for _, message in sent)
    assert images.tobytes() in together
    assert x.tobytes() not in together and y.tobytes() not in together and b"77777" not in together


def test_orders_hold_inputs_and_a_seed_and_nothing_expected() -> None:
    asked = Asked("g", ("x",), Ban(("Conv2D",), ("conv2d",), "sums"))
    for order, fields in (
        (question_order(asked), {"order", "asked"}),
        (case_order({"x": np.ones(2), "h": Code("lambda x: x")}, 7), {"order", "arguments", "images", "random_seed", "differentiate"}),
        (gradient_order(7), {"order", "seed"}),
    ):  # fmt: skip
        assert set(order) == fields
        back = wire.unpack(wire.pack(order))
        assert set(back) == fields
    assert Asked(**wire.unpack(wire.pack(question_order(asked)))["asked"]) == asked
    assert set(vars(asked)) == {"function", "wrt", "ban", "seconds", "dtype", "probe", "model", "several"}


def test_the_seed_of_a_calls_random_numbers_does_not_tell_that_of_its_cotangent() -> None:
    """It is known while the function runs: it must be no number from which the other follows."""
    seeds = [random_seed(seed) for seed in (*range(1000), None)]
    assert len(set(seeds)) == 1001 and all(0 <= seed < 1 << 32 for seed in seeds)
    assert random_seed(7) == random_seed(7)
    assert abs(np.corrcoef(seeds[:1000], range(1000))[0, 1]) < 0.1


# Workers around it


def test_nothing_to_observe_starts_nothing() -> None:
    assert Workers("process").run(cells("1"), []) == Run()


def test_a_seen_question_is_empty_to_begin_with() -> None:
    assert Seen() == Seen([], "", "")


def test_nonsense_before_the_first_cell_is_our_fault(grader: Any) -> None:
    """No student code has run by then."""
    with pytest.raises(GraderFault, match="before the first cell"):
        grader(SECRET, lambda order: [VALUE])


def test_what_is_told_of_a_seed_are_32_bits_of_a_hash() -> None:
    told = [random_seed(seed) for seed in range(100)]
    assert len(set(told)) == 100 and 1 << 31 < max(told) < 1 << 32 and min(told) < 1 << 27


def test_only_models_and_probes_are_repeatable_unless_it_is_asked_for() -> None:
    asked = Asked("f")
    assert not Task("f", asked, ()).is_repeatable and not asked.model
    assert Task("f", asked, (), exams=({"images": 1},)).is_repeatable
    assert Task("f", asked, (), repeatable=True).is_repeatable


@pytest.mark.parametrize("seconds", [1, True, "1", None, [1.0]])
def test_a_time_that_is_no_number_of_seconds_is_no_result(seconds: Any) -> None:
    _, run, _ = follow(READY, FOUND, VALUE | {"seconds": seconds}, tasks=[task("f")])
    assert run.questions["f"].ended == "crashed" and "no result" in run.questions["f"].detail
