"""What a submission finds around itself in a worker."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import levels
import numpy as np
import pytest

from autograder.border.task import Asked, Task
from autograder.grader.protocol import Run
from autograder.grader.workers import Workers

pytestmark = pytest.mark.tensorflow

X = {"x": np.array([1.0, 2.0], np.float32)}


def task(name: str, *cases: dict[str, Any], wrt: tuple[str, ...] = ()) -> Task:
    return Task(name, Asked(name, wrt), tuple((case, 7) for case in cases or ({},)))


def cells(*sources: str) -> list[dict[str, str]]:
    return [{"label": f"cell {i}", "source": source} for i, source in enumerate(sources, 1)]


def value(run: Run, name: str) -> Any:
    (observation,) = run.questions[name].observations
    assert observation.failure is None, observation.failure
    return observation.outputs[0].array


def test_submissions_share_nothing(workers: Workers) -> None:
    leave = "import builtins, tensorflow as tf, keras\nbuiltins.left = tf.left = keras.left = 1\nopen('left', 'w').write('x')\ndef f(): return 1"
    look = "import os, builtins, tensorflow as tf, keras\ndef f(): return int(os.path.exists('left')) + sum(hasattr(m, 'left') for m in (builtins, tf, keras))"
    for source, expected in ((leave, 1), (look, 0)):
        run = workers.run(cells(source), [task("f")])
        assert value(run, "f") == expected, run


def test_nothing_of_the_grader_is_in_sight(workers: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADER_SECRET", "x")
    look = """\
import os, sys, threading
def tell(*words): raise ValueError(" ".join(map(str, words)))
def environment(): tell(*os.environ)
def folder(): tell(*os.listdir("."))
def descriptors(): tell(*(d for d in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{d}")))
def modules(): tell(*(m for m in sys.modules if m.startswith("autograder")))
def threads(): tell(threading.active_count())
def session(): tell(os.getsid(0) == os.getpid())
"""
    names = ["environment", "folder", "descriptors", "modules", "threads", "session"]
    run = workers.run(cells(look), [task(name) for name in names])
    said = {name: run.questions[name].observations[0].failure.message for name in names}  # type: ignore[union-attr]
    assert "GRADER_SECRET" not in said["environment"] and "HOME" in said["environment"]
    assert said["folder"] == ""
    assert set(said["descriptors"].split()) <= {"0", "1", "2", "3", "4"}
    rooms = {name.split(".")[1] for name in said["modules"].split() if "." in name}
    assert {"worker", "border"} <= rooms <= {"worker", "border", "source", "question", "files", "errors"}
    assert said["threads"] == "1" and said["session"] == "True"


@pytest.mark.parametrize("level", ["full", "landlock"])
def test_a_submission_is_one_process(level: str) -> None:
    """Each child would have the limits anew, and a share of its neighbours' processor."""
    levels.needs(level)
    source = """\
import os, signal, socket, subprocess, sys, threading
def refused(call, *arguments):
    try:
        call(*arguments)
    except OSError as error:
        return error.strerror
    return "went through"
def f():
    done = []
    thread = threading.Thread(target=done.append, args=(1,))
    thread.start()
    thread.join()
    tries = [(os.fork,), (os.execv, sys.executable, ["python"]), (subprocess.run, "true"), (os.posix_spawn, "/bin/true", ["true"], {}),
             (os.kill, 1, 0), (os.kill, -1, 0), (os.kill, os.getppid(), 0), (os.setpriority, os.PRIO_PROCESS, 0, -5),
             (socket.socket,), (socket.socket, socket.AF_UNIX), (socket.socket, socket.AF_INET, socket.SOCK_DGRAM)]
    said = {refused(*one) for one in tries}
    os.kill(os.getpid(), 0)
    a, b = socket.socketpair()
    raise ValueError(f"{done} {sorted(said)}")
"""
    with Workers(level) as workers:
        failure = workers.run(cells(source), [task("f")]).questions["f"].observations[0].failure
    assert failure and failure.message == "[1] ['Network is unreachable', 'Operation not permitted']"


def test_what_a_submission_leaves_running_is_ended_with_it() -> None:
    """It would hold a copy of the pipe, and its neighbours' processor."""
    source = (
        "import os, time\ndef f():\n    if os.fork() == 0:\n        time.sleep(600)\n        os._exit(0)\n    return 1"
    )
    with Workers("process") as workers:
        before = time.monotonic()
        run = workers.run(cells(source), [task("f")])
        assert value(run, "f") == 1 and time.monotonic() - before < 500, "what it left sleeps for 600 s"
        deadline = time.monotonic() + 10
        while (left := list(_descendants(workers._warm.pid))) and time.monotonic() < deadline:  # type: ignore[union-attr]
            time.sleep(0.1)
    assert left == []


def _descendants(pid: int) -> Iterator[int]:
    for thread in Path(f"/proc/{pid}/task").iterdir():
        try:
            children = (thread / "children").read_text().split()
        except OSError:
            continue
        for child in map(int, children):
            try:
                state = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[0]
            except OSError:
                continue
            if state not in "ZX":
                yield child
            yield from _descendants(child)


def test_values_and_gradients_come_back_in_the_dtype_asked_for(workers: Workers) -> None:
    source = cells("def f(x, n): return n * x * x")
    case = X | {"n": 3.0}
    for dtype in ("float32", "float64"):
        wanted = Task("key", Asked("f", ("x",), dtype=dtype), ((case, 1), (case, 2)))
        first, second = workers.run(source, [wanted]).questions["key"].observations
        assert first.outputs[0].array.dtype == dtype  # type: ignore[union-attr]
        np.testing.assert_allclose(first.outputs[0].array, [3, 12], rtol=1e-6)  # type: ignore[arg-type]
        one, other = (o.gradients["x"].array for o in (first, second))  # type: ignore[union-attr]
        assert not np.array_equal(one, other), "every case has a cotangent of its own"  # type: ignore[arg-type]


def test_a_notebooks_habits_cost_nothing(workers: Workers) -> None:
    """Its checks, pictures, displays, input and asynchronous TensorFlow functions."""
    notebook = cells(
        "from autograder import check\nimport tensorflow as tf\nimport matplotlib.pyplot as plt",
        "get_ipython().run_line_magic('matplotlib', 'inline')\nfiles = get_ipython().getoutput('ls')",
        "check('f')\ndisplay(1)\nplt.plot([1, 2])\nplt.tight_layout()\nplt.show()\nplt.savefig('a.png')",
        "@tf.function\ndef g(x):\n    for _ in tf.range(3):\n        if tf.reduce_sum(x) > 0:\n            x = 2.0 * x\n    return x",
        "def f(x):\n    assert __name__ == '__main__' and files == []\n    return g(x)",
        "if __name__ == '__main__':\n    h = f",
        "answer = input('your name? ')",
    )
    run = workers.run(notebook, [task("h", X, wrt=("x",))])
    np.testing.assert_array_equal(value(run, "h"), [8, 16])
    assert run.questions["h"].observations[0].gradients["x"] is not None
    assert {index: failure.kind for index, failure in run.cells.items()} == {6: "EOFError"}


def test_an_error_names_the_students_own_line(workers: Workers) -> None:
    run = workers.run(cells("import tensorflow as tf\n\ndef f(x):\n    return tf.reshape(x, (7, 7))"), [task("f", X)])
    failure = run.questions["f"].observations[0].failure
    assert failure and failure.where == "cell 1, line 4: return tf.reshape(x, (7, 7))"
    assert failure.kind == "InvalidArgumentError"
