"""The student's side, in plain Python. Functions run in this process, as in a notebook."""

from __future__ import annotations

import io
import linecache
import logging
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import tiny

import autograder
from autograder.border import wire
from autograder.border.observation import Observation, Output
from autograder.course.assignment import Assignment
from autograder.course.solve import public_answers_of
from autograder.grader.answers import Answers, from_tree, to_tree
from autograder.grader.expected import expect
from autograder.grader.protocol import Seen
from autograder.grader.score import score
from autograder.grader.workers import Workers
from autograder.question import Case, Question, Rung
from autograder.reports import console
from autograder.reports.report import Status
from autograder.source import extract
from autograder.student import check as checking
from autograder.student import run_here as running
from autograder.student.check import CheckFailed, check_in_notebook, verdict
from autograder.student.public import NoPublicCases
from autograder.student.time_limit import time_limit
from autograder.student.whole_file import check_file

pytestmark = pytest.mark.tensorflow


@pytest.fixture(scope="module")
def public_cases(tiny_assignment: Assignment, workers: Workers, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that students get, as `release` writes it."""
    path = tmp_path_factory.mktemp("release") / f"{tiny.NAME}.npz"
    questions = [to_tree(a) for a in public_answers_of(tiny_assignment, workers).values()]
    wire.save(path, {"assignment": tiny.NAME, "questions": questions})
    return path


@pytest.fixture
def handed(tmp_path: Path, public_cases: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A student's folder: the notebook and the public cases."""
    shutil.copy(public_cases, tmp_path)
    tiny.write_notebook(tmp_path / f"{tiny.NAME}.ipynb", tiny.SOLVED)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    return tmp_path


class Student:
    """Calls `check` in a notebook of plain Python."""

    def __init__(self, terminal: io.StringIO) -> None:
        self._terminal = terminal

    def passes(self, name: str, function: Any = None) -> str:
        """Checks what must not fail its cell; returns what was shown, on one line."""
        self._terminal.truncate(self._terminal.seek(0))
        check_in_notebook(name, {} if function is None else {name: function})
        return self.shown

    @property
    def shown(self) -> str:
        """What is in the terminal, on one line."""
        return " ".join(self._terminal.getvalue().split())

    def fails(self, name: str, function: Any = None) -> str:
        """Checks what must fail its cell; returns the line in place of the traceback, and what was shown."""
        with pytest.raises(CheckFailed) as failed:
            self.passes(name, function)
        (line,) = failed.value._render_traceback_()
        return f"{line} | {self.shown}"


@pytest.fixture
def check(handed: Path, monkeypatch: pytest.MonkeyPatch) -> Student:
    """A student in that folder."""
    terminal = io.StringIO()
    monkeypatch.setattr(console.out, "_file", terminal)
    return Student(terminal)


def scale(x: Any, factor: Any) -> Any:
    return x * factor


def total(x: Any) -> Any:
    import tensorflow as tf

    return tf.reduce_sum(2.0 * x), int(x.shape[0] * x.shape[1])


def stub(*_: Any, **__: Any) -> Any:
    raise NotImplementedError


def test_what_is_right_passes_and_the_hidden_cases_are_announced(check: Student) -> None:
    said = check.passes("scale", scale)
    assert "✓ scale passed (1 of 1 points on public cases)" in said
    assert "1 hidden case with other inputs runs when graded, for 3 more points." in said
    assert "passed (0.5 of 0.5 points" in check.passes("total", total)


def test_tensorflow_gives_no_advice_on_how_the_grader_calls(check: Student, caplog: pytest.LogCaptureFixture) -> None:
    log = logging.getLogger("tensorflow")

    def retraced(x: Any, factor: Any) -> Any:
        log.warning("5 out of the last 5 calls triggered tf.function retracing")
        return scale(x, factor)

    before = log.level
    check.passes("scale", retraced)
    assert not caplog.records and log.level == before


def test_what_is_wrong_fails_the_cell_in_one_line_with_the_mistake_named(check: Student) -> None:
    said = check.fails("scale", lambda x, factor: x + factor)
    assert said.startswith("scale: wrong, 0 of 1 points on public cases |")
    assert "The factor is added. A scale multiplies." in said
    said = check.fails("scale", lambda x, factor: x * factor + 0.5)
    assert "by the same amount, 0.5" in said and "expected" in said


def test_a_function_that_is_older_than_its_cell_gets_a_note(check: Student, monkeypatch: pytest.MonkeyPatch) -> None:
    shell = SimpleNamespace(user_ns={"In": ["", "old cell", "1 / 0\ndef scale(x, factor): ..."]})
    monkeypatch.setattr(checking, "_shell", lambda: shell)
    monkeypatch.setattr(linecache, "getlines", lambda _: ["old ", "cell"])
    assert "This is scale as it was before" in check.passes("scale", scale)
    assert "as it was before" not in check.passes("total", total)
    check_in_notebook(None, {"scale": scale, "total": total})
    assert "This is scale as it was before" in check.shown


def test_a_cut_gradient_is_partly_right(check: Student) -> None:
    import tensorflow as tf

    said = check.fails("scale", lambda x, factor: tf.stop_gradient(x) * factor)
    assert said.startswith("scale: partly right, 0.5 of 1 points") and "There is no gradient wrt x" in said


def test_an_untouched_stub_fails_nothing_while_the_student_works(check: Student) -> None:
    assert "○ scale not attempted yet (0 of 1 points" in check.passes("scale", stub)


def test_the_validate_button_fails_what_does_not_pass(check: Student, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    assert check.fails("scale", stub).startswith("scale: not attempted yet, 0 of 1 points")
    assert check.fails("scale", lambda x, factor: x).startswith("scale: wrong")
    check.passes("scale", scale)


def test_a_plain_nbgrader_gives_the_public_points_and_no_more(check: Student, monkeypatch: pytest.MonkeyPatch) -> None:
    """None would be all points, hidden cases included; so would anything that nbgrader cannot read as a float."""
    import tensorflow as tf

    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    for function, points in (
        (stub, 0.0),
        (lambda x, factor: x, 0.0),
        (lambda x, factor: tf.stop_gradient(x) * factor, 0.5),
        (scale, 1.0),
    ):
        worth = checking.check_in_notebook("scale", {"scale": function})
        assert type(worth) is float and worth == points


def test_nothing_is_said_on_stderr(check: Student, capfd: pytest.CaptureFixture[str]) -> None:
    """nbgrader gives a cell with anything on stderr no points."""
    check.passes("scale", scale)
    check.fails("scale", lambda x, factor: x)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    "there, said", [(None, "There is no function scale"), (7, "scale is a int"), ("text", "scale is a str")]
)
def test_a_missing_function_is_told(check: Student, there: Any, said: str) -> None:
    message = check.fails("scale", there)
    assert message.startswith("scale: missing, 0 of 1 points") and said in message


@pytest.mark.parametrize("error, said", [
    (ValueError("the shape"), "raised ValueError: the shape."), (SystemExit(0), "take out exit()"), (MemoryError(), "more memory"),
])  # fmt: skip
def test_an_exception_is_a_finding_and_no_traceback(check: Student, error: BaseException, said: str) -> None:
    def function(x: Any, factor: Any) -> Any:
        raise error

    assert said in check.fails("scale", function)


def test_stopping_the_kernel_stops_the_check(check: Student) -> None:
    def function(x: Any, factor: Any) -> Any:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check.passes("scale", function)


def test_an_endless_loop_is_stopped_and_its_line_is_told(check: Student, monkeypatch: pytest.MonkeyPatch) -> None:
    check.passes("scale", scale)  # TensorFlow's first operation takes long
    monkeypatch.setattr(running, "time_limit", lambda seconds: time_limit(seconds / 10))
    text = "def scale(x, factor):\n    while True:\n        try:\n            factor += 0\n        except Exception:\n            pass\n"
    linecache.cache["<cell 3>"] = (len(text), None, text.splitlines(keepends=True), "<cell 3>")
    scope: dict[str, Any] = {}
    exec(compile(text, "<cell 3>", "exec"), scope)
    said = check.fails("scale", scope["scale"])
    assert "took too long" in said
    assert "did not finish within 12 s in the case “a row” (it was at cell 3, line" in said
    assert check.passes("scale", scale)


def test_a_message_that_is_no_text_is_shown(check: Student) -> None:
    def function(x: Any, factor: Any) -> Any:
        raise ValueError("\ud800\x1b[2J")

    message = check.fails("scale", function)
    assert "ValueError" in message and "\x1b" not in message and "\ud800" not in message


# The file with the public cases


def test_without_the_file_the_student_is_told_where_it_belongs(check: Student, handed: Path) -> None:
    (handed / f"{tiny.NAME}.npz").unlink()
    assert "the assignment's .npz file must lie beside the notebook" in check.fails("scale", scale)


def test_another_name_is_told_which_there_are(check: Student) -> None:
    assert "There is no question 'scales'. There are: scale, total." in check.fails("scales", scale)


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:-40],
        lambda data: b"",
        lambda data: b"hello",
        lambda data: data[:300] + b"\0" * 9 + data[309:],
    ],
)
def test_a_damaged_file_is_told(check: Student, handed: Path, damage: Callable[[bytes], bytes]) -> None:
    path = handed / f"{tiny.NAME}.npz"
    path.write_bytes(damage(path.read_bytes()))
    assert ".npz" in check.fails("scale", scale)


def test_some_other_npz_is_told(check: Student, handed: Path) -> None:
    wire.save(handed / f"{tiny.NAME}.npz", {"questions": [{"name": "scale"}]})
    assert "is not an assignment's file of public cases" in check.fails("scale", scale)


def test_a_new_file_is_read_anew(check: Student, handed: Path) -> None:
    check.passes("scale", scale)
    path = handed / f"{tiny.NAME}.npz"
    tree = wire.load(path)
    wire.save(path, tree | {"questions": tree["questions"][1:]})
    os.utime(path, ns=(1, 1))
    assert "There is no question 'scale'" in check.fails("scale", scale)


def test_of_two_assignments_in_a_folder_the_one_with_the_question_counts(check: Student, handed: Path) -> None:
    wire.save(handed / "00_other.npz", {"assignment": "00_other", "questions": []})
    tiny.write_notebook(handed / "00_other.ipynb", ["x = 1"])
    check.passes("scale", scale)


def test_the_file_holds_no_hidden_case_and_no_code(public_cases: Path, tiny_answers: dict[str, Answers]) -> None:
    tree = str(wire.load(public_cases))
    assert "a negative factor" not in tree and "three rows" not in tree and "def " not in tree and tiny.SALT not in tree
    data = public_cases.read_bytes()
    for answers in tiny_answers.values():
        for case, expected in zip(answers.question.cases, answers.expected, strict=True):
            if not case.public:
                arrays = [case.arguments["x"], *(part.array for part in expected.values() if part.array.size > 1)]
                for array in arrays:
                    assert (
                        np.asarray(array, "<f4").tobytes() not in data
                        and np.asarray(array, "<f8").tobytes() not in data
                    )


# Functions that only know the public cases


def public_table(handed: Path) -> dict[bytes, np.ndarray]:
    """What a cheat would do: read the answers of the public cases out of the file."""
    tree = wire.load(handed / f"{tiny.NAME}.npz")
    (question,) = [q for q in tree["questions"] if q["name"] == "total"]
    return {case["arguments"]["x"].tobytes(): case["expected"]["double"]["array"] for case in question["cases"]}


def exactly(table: dict[bytes, np.ndarray]) -> Any:
    def total(x: Any) -> Any:
        import tensorflow as tf

        return tf.constant(table.get(x.numpy().tobytes(), np.float32(0)), tf.float32), int(np.prod(x.shape))

    return total


def or_an_error(table: dict[bytes, np.ndarray]) -> Any:
    def total(x: Any) -> Any:
        import tensorflow as tf

        return tf.constant(table[x.numpy().tobytes()], tf.float32), int(np.prod(x.shape))

    return total


def or_another_shape(table: dict[bytes, np.ndarray]) -> Any:
    def total(x: Any) -> Any:
        import tensorflow as tf

        return tf.constant(table.get(x.numpy().tobytes(), np.zeros(5)), tf.float32), int(np.prod(x.shape))

    return total


def nearly(table: dict[bytes, np.ndarray]) -> Any:
    def total(x: Any) -> Any:
        import tensorflow as tf

        known = [
            v
            for k, v in table.items()
            if len(k) == x.numpy().nbytes and np.allclose(np.frombuffer(k, "f"), x.numpy().ravel(), atol=0.01)
        ]
        return tf.constant(known[0], tf.float32), int(np.prod(x.shape))

    return total


def constant(table: dict[bytes, np.ndarray]) -> Any:
    def total(x: Any) -> Any:
        import tensorflow as tf

        return tf.constant(next(iter(table.values())), tf.float32), 6

    return total


@pytest.mark.parametrize("cheat, said", [
    (exactly, "gives numbers far from them"), (or_an_error, "raises KeyError"), (or_another_shape, "returns something else"),
    (nearly, "still gives exactly the same numbers"), (constant, "still gives exactly the same numbers"),
])  # fmt: skip
def test_a_table_of_the_public_answers_does_not_pass(check: Student, handed: Path, cheat: Any, said: str) -> None:
    message = check.fails("total", cheat(public_table(handed)))
    assert message.startswith("total: wrong, 0 of 0.5 points")
    assert said in message and "Hidden cases differ from the public ones" in message


def test_one_honest_output_does_not_cover_for_a_table_of_another() -> None:
    """Every output has to follow the nudged inputs."""
    x = np.arange(6, dtype="float32").reshape(2, 3)
    question = Question("f", 2, (Case("a case", public=True, x=x),), returns=("y", "mean"))

    def seen(y: Any, mean: Any, dtype: str = "float32") -> Observation:
        outputs = tuple(Output("tensor", np.asarray(array, dtype)) for array in (y, mean))
        return Observation(structure="tuple", outputs=outputs)

    right = seen(2 * x, x.mean(axis=0))
    expected = (expect(question, question.cases[0], right, seen(2 * x, x.mean(axis=0), "float64")),)
    answers = Answers(question, expected, (), units=(1.0,))
    nudged = x + 1e-4

    def status(probe: Observation, answers: Answers = answers) -> Status:
        return verdict(answers, score(answers, Seen([right])), Seen([probe]))[0].status

    assert status(seen(2 * nudged, nudged.mean(axis=0))) == Status.PASSED
    assert status(seen(2 * x, x.mean(axis=0))) == Status.FAILED
    assert status(seen(2 * x, nudged.mean(axis=0))) == Status.FAILED
    assert status(seen(2 * nudged, x.mean(axis=0))) == Status.FAILED
    steady = from_tree(to_tree(replace(answers, question=replace(question, steady=("mean",)))))
    assert status(seen(2 * nudged, x.mean(axis=0)), steady) == Status.PASSED
    assert status(seen(2 * x, x.mean(axis=0)), steady) == Status.FAILED


def test_on_a_rung_a_right_function_may_jump_and_a_table_still_does_not_pass() -> None:
    """Without variance, a normalized entry is 0, and anything after the smallest nudge."""
    inputs = [np.array([1, 1], "float32"), np.array([1, 3], "float32")]
    question = Question("f", 2, ladder=tuple(Rung(f"rung {i}", x=x) for i, x in enumerate(inputs)), cases=())

    def seen(y: Any, dtype: str = "float32") -> Observation:
        return Observation(structure="one", outputs=(Output("tensor", np.asarray(y, dtype)),))

    right = [seen([0, 0]), seen([-1, 1])]
    both = zip(question.cases, right, (seen([0, 0], "float64"), seen([-1, 1], "float64")), strict=True)
    expected = tuple(expect(question, case, single, double) for case, single, double in both)
    answers = Answers(question, expected, (), units=(1.0, 1.0))

    def status(probes: list[Observation]) -> Status:
        return verdict(answers, score(answers, Seen(right)), Seen(probes))[0].status

    assert status([seen([-1, 1]), seen([-0.9999, 0.9999])]) == Status.PASSED
    assert status(right) == Status.FAILED


def test_a_right_function_is_never_taken_for_a_table(check: Student) -> None:
    """The nudges are random: what is right must follow them every time."""
    for _ in range(25):
        check.passes("scale", scale)
        check.passes("total", total)


# Notebook and shell


def test_in_a_notebook_the_panel_is_shown(check: Student, monkeypatch: pytest.MonkeyPatch) -> None:
    import IPython.display

    panels: list[Any] = []
    monkeypatch.setattr(checking, "_in_jupyter", lambda: True)
    monkeypatch.setattr(IPython.display, "display", panels.append)
    check.passes("scale", scale)
    with pytest.raises(CheckFailed):
        check.passes("scale", lambda x, factor: x + factor)
    right, wrong = (panel.data for panel in panels)
    assert "check of scale: passed" in right and "hidden case" in right
    assert "The factor is added." in wrong and "<svg" in wrong


def test_all_questions_are_checked_at_once(check: Student, monkeypatch: pytest.MonkeyPatch) -> None:
    import IPython.display

    def said(**functions: Any) -> str:
        check._terminal.truncate(check._terminal.seek(0))
        check_in_notebook(None, functions)
        return " ".join(check._terminal.getvalue().split())

    both = said(scale=scale, total=total)
    assert "✓ scale passed (1 of 1 points)" in both and "✓ total passed (0.5 of 0.5 points)" in both
    assert "1.5 of 1.5 points on public cases" in both and "Hidden cases, for 4.5 more points" in both
    assert "says what is wrong" not in both
    one = said(scale=stub, total=lambda x: x)
    assert "○ scale not attempted yet (0 of 1 points)" in one and "0 of 1.5 points on public cases" in one
    assert '`check("total")` says what is wrong there.' in one
    assert "missing" in said(scale=scale)

    pages: list[str] = []

    class Handle:
        def update(self, page: Any) -> None:
            pages.append(page.data)

    def display(page: Any, display_id: bool) -> Handle:
        pages.append(page.data)
        return Handle()

    monkeypatch.setattr(checking, "_in_jupyter", lambda: True)
    monkeypatch.setattr(IPython.display, "display", display)
    check_in_notebook(None, {"scale": scale, "total": lambda x: x})
    assert [page.count("…") for page in pages] == [2, 1, 0]
    assert "passed" in pages[-1] and "1 of 1.5 points on public cases" in pages[-1]


def test_without_public_cases_no_question_can_be_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CheckFailed, match="No public cases here"):
        check_in_notebook(None, {"scale": scale})


def test_the_door_takes_a_function_or_nothing_at_all(handed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    exec("check(scale)\ncheck()", {"scale": scale, "total": total, "check": autograder.check})
    with pytest.raises(CheckFailed, match=r"scale: .*0 of 1 points"):
        exec("def scale(x, factor): return x\ncheck(scale)", {"check": autograder.check})
    with pytest.raises(CheckFailed, match="There is no question 'stub'"):
        autograder.check(stub)


def test_the_door_takes_the_callers_functions(handed: Path) -> None:
    space = {"scale": scale, "check": autograder.check}
    exec("check('scale')", space)
    with pytest.raises(CheckFailed):
        exec("def scale(x, factor): return x\ncheck('scale')", space)


def test_a_warm_check_does_not_read_the_cases_again(check: Student, monkeypatch: pytest.MonkeyPatch) -> None:
    check.passes("scale", scale)
    monkeypatch.setattr(wire, "load", None)
    assert "passed" in check.passes("scale", scale)


def statuses(path: Path, workers: Workers) -> dict[str, Status]:
    return {question.name: question.status for question, _ in check_file(path, workers).results}


def test_a_file_is_checked_in_a_worker(handed: Path, workers: Workers) -> None:
    path = handed / f"{tiny.NAME}.ipynb"
    assert statuses(path, workers) == {"scale": Status.PASSED, "total": Status.PASSED}
    tiny.write_notebook(path, tiny.STUBS)
    assert statuses(path, workers) == {"scale": Status.NOT_ATTEMPTED, "total": Status.NOT_ATTEMPTED}
    tiny.write_notebook(path, ["import os\ndef scale(x, factor): os._exit(0)"])
    assert statuses(path, workers) == {"scale": Status.CRASHED, "total": Status.MISSING}
    tiny.write_notebook(path, ["def scale(x, factor):\n    return [x", tiny.SOLVED[-1]])
    scaled = next(question for question, _ in check_file(path, workers).results if question.name == "scale")
    assert scaled.message.startswith("scale was not defined, because cell 1 is not valid Python: '[' was never closed")
    (handed / "work.py").write_text("\n\n".join(tiny.SOLVED))
    assert statuses(handed / "work.py", workers) == {"scale": Status.PASSED, "total": Status.PASSED}


def test_a_table_does_not_pass_in_a_worker_either(handed: Path, workers: Workers) -> None:
    cheat = (
        "import tensorflow as tf\ndef scale(x, factor):\n    return tf.constant([[3.0, -6.0, 12.0]]) + 0.0 * x\n"
        + (
            "def total(x):\n    import numpy as np\n    return tf.constant(np.round(2 * x.numpy().sum(), 2), tf.float32), 6"
        )
    )
    path = tiny.write_notebook(handed / f"{tiny.NAME}.ipynb", [cheat])
    assert Status.PASSED not in statuses(path, workers).values()


def test_a_file_that_cannot_be_checked_says_why(handed: Path, workers: Workers) -> None:
    (handed / "empty.ipynb").write_text("")
    with pytest.raises(extract.Unreadable, match="empty"):
        check_file(handed / "empty.ipynb", workers)
    (handed / f"{tiny.NAME}.npz").unlink()
    with pytest.raises(NoPublicCases, match="must lie beside"):
        check_file(handed / f"{tiny.NAME}.ipynb", workers)
