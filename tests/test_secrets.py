"""What a submission can learn of hidden cases, and what of it can reach the student. Each test is an attack that once came through."""

from __future__ import annotations

from pathlib import Path

import pytest
import tiny

from autograder.border import wire
from autograder.grader.grade import Marking, grade
from autograder.grader.workers import Workers
from autograder.reports.report import Report, State, Status
from autograder.source.reading import reading

pytestmark = pytest.mark.tensorflow

TOTAL = "def total(x):\n    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])"


def graded(folder: Path, marking: Marking, workers: Workers, *cells: str) -> Report:
    path = tiny.write_notebook(folder / "hostile.ipynb", ["import tensorflow as tf", *cells])
    return grade(path, marking, workers, submission="hostile", student="hostile")


def told(report: Report) -> str:
    """All that a report says, but for its key."""
    return report.model_dump_json(exclude={"key", "versions", "started", "duration"})


SEARCH = """
import gc, sys, threading
def everything():
    seen, waiting = set(), [gc.get_objects(), sys.modules]
    frame = sys._getframe()
    while frame:
        waiting.append(frame.f_locals); frame = frame.f_back
    for frame in sys._current_frames().values():
        while frame:
            waiting.append(frame.f_locals); frame = frame.f_back
    return waiting
import numpy as np
FOUND = []
for place in everything():
    for value in (place.values() if isinstance(place, dict) else place):
        if isinstance(value, np.ndarray) and value.shape in ((3, 4), (3, 5)):
            FOUND.append(value)
        if isinstance(value, dict) and (isinstance(value.get("arguments"), dict) or isinstance(value.get("seed"), int)):
            FOUND.append(value)
"""


def test_no_hidden_input_and_no_seed_is_in_a_worker_when_cells_run(
    tmp_path: Path, tiny_marking: Marking, workers: Workers
) -> None:
    cheat = "def scale(x, factor):\n    raise ValueError(f'{len(FOUND)} found {str(FOUND)[:99]}')"
    report = graded(tmp_path, tiny_marking, workers, SEARCH, cheat, TOTAL)
    assert "0 found" in report.questions[0].parts[0].message
    assert report.questions[1].status == Status.PASSED


def test_no_hidden_case_is_called_before_the_last_public_one(
    tmp_path: Path, tiny_marking: Marking, workers: Workers
) -> None:
    """Else what a public case says could hold what a hidden one was called with."""
    order = "CALLS = []"
    scale = "def scale(x, factor):\n    CALLS.append(('scale', float(factor)))\n    return x * factor"
    total = "def total(x):\n    CALLS.append(('total', int(x.shape[0])))\n    if x.shape[0] == 3: raise ValueError('x')\n    raise ValueError(str(CALLS))"
    report = graded(tmp_path, tiny_marking, workers, order, scale, total)
    said = report.questions[1].parts[0].message
    assert "('scale', 3.0), ('total', 2)" in said and "-1.5" not in told(report)


LEAKS = {
    "the text of an exception": "raise RuntimeError(f'secret{factor}')",
    "the type of an exception": "raise type(f'secret{factor}', (Exception,), {})()",
    "an exception without a name": "raise type('', (Exception,), {})(f'secret{factor}')",
    "the type of a value": "return type(f'secret{factor}', (), {})()",
    "the type of a container": "return type(f'secret{factor}', (tuple,), {})((x, x))",
    "a shape": "return tf.zeros([1, int(-factor * 1000) if factor < 0 else 1])",
    "a factor": "return x * factor * (1500 if factor < 0 else 1)",
    "an offset": "return x * factor + (1500 if factor < 0 else 0)",
    "how many entries are wrong": "return tf.where(tf.range(4) < 1, x * factor, 7.0) if factor < 0 else x * factor",
    "a line of code": "import linecache\n    linecache.cache['<cell 2>'] = (1, None, [f'secret{factor}\\n'] * 99, '<cell 2>')\n    raise ValueError()",
    "the type of what stands where the next function was": "if factor < 0: globals()['total'] = type(f'secret{factor}', (), {})()",
    "the text of a gradient's exception": "\n    @tf.custom_gradient\n    def f(x):\n        def g(dy): raise RuntimeError(f'secret{factor}')\n        return x * factor, g\n    return f(x)",
}


@pytest.mark.parametrize("way", LEAKS)
def test_nothing_that_a_submission_says_in_a_hidden_case_is_shown(
    tmp_path: Path, tiny_marking: Marking, workers: Workers, way: str
) -> None:
    report = graded(tmp_path, tiny_marking, workers, f"def scale(x, factor):\n    {LEAKS[way]}", TOTAL)
    assert report.status == State.GRADED
    hidden = " ".join(p.message for p in report.questions[0].parts if not p.public)
    assert hidden and "1.5" not in hidden and "1500" not in hidden, hidden
    assert "secret-1.5" not in told(report)


@pytest.mark.parametrize("end", ["os._exit(1)", "os._exit(15)", "os.abort()", "os.kill(os.getpid(), 15)"])
def test_how_a_process_ended_in_a_hidden_case_is_not_shown(
    tmp_path: Path, tiny_marking: Marking, workers: Workers, end: str
) -> None:
    """An exit code holds a byte."""
    scale = f"import os\ndef scale(x, factor):\n    if factor < 0: {end}\n    return x * factor"
    question = graded(tmp_path, tiny_marking, workers, scale, TOTAL).questions[0]
    assert question.status == Status.CRASHED and question.parts[0].passed
    assert question.message == (
        "scale stopped the whole process in the case “a negative factor”. Look for exit(), os._exit(), threads, or memory that runs out."
    )


FAULTS = {
    "an exception without a name": "class E(Exception): pass\nE.__name__ = ''\ndef scale(x, factor): raise E()",
    "an exception without a text": "class E(Exception):\n    def __str__(self): raise E()\ndef scale(x, factor): raise E()",
    "a value that lies about itself": "import numpy as np\nclass A(np.ndarray): pass\ndef scale(x, factor): return np.ones((3, 4)).view(A)",
    "nothing at all": "def scale(x, factor): return ()",
    "a container of itself": "def scale(x, factor):\n    a = []\n    a.append(a)\n    return a",
    "infinite numbers": "def scale(x, factor): return x * 1e300 * 1e300",
}


@pytest.mark.parametrize("way", FAULTS)
def test_no_submission_chooses_that_the_grader_failed(
    tmp_path: Path, tiny_marking: Marking, workers: Workers, way: str
) -> None:
    report = graded(tmp_path, tiny_marking, workers, FAULTS[way], TOTAL)
    assert report.status == State.GRADED
    assert report.questions[0].points == 0 and report.questions[1].status == Status.PASSED


def test_a_submission_that_has_sent_all_that_it_may_before_its_first_question_is_no_fault_of_the_grader(
    tmp_path: Path, tiny_marking: Marking, workers: Workers
) -> None:
    flood = "import os\nimport numpy as np\nfrom autograder.border import wire\nwhile True: os.write(4, wire.pack({'event': '', 'x': np.ones(4 << 20)}))"
    report = graded(tmp_path, tiny_marking, workers, flood, flood, flood, flood, TOTAL)
    assert report.status == State.GRADED and report.score == 0
    assert "sent more data than it may" in report.questions[0].message


def test_every_file_that_can_be_read_can_be_run(tmp_path: Path, tiny_marking: Marking, workers: Workers) -> None:
    """What is told to a worker is a little longer than what was read."""

    def text(more: int) -> str:
        cell = f"# %%\nx = '{chr(0x1F600) * 174_000}'\n"
        return f"{cell}{cell}# %%\ndef scale(x, factor):\n    return x * factor\n# %%\nimport tensorflow as tf\n{TOTAL}\n#{'a' * more}"

    def size(more: int) -> int:
        return len(wire.pack(reading(text(more).encode(), ".py", banned={"total": ["reduce_mean"]}).to_tree()))

    path = tmp_path / "large.py"
    path.write_text(text(wire.MAX_HEADER - size(0)))
    assert wire.MAX_HEADER - 20 < size(wire.MAX_HEADER - size(0)) <= wire.MAX_HEADER + 12
    report = grade(path, tiny_marking, workers, submission="large", student="large")
    assert (report.status, report.score) == (State.GRADED, report.max_score), report.message


BANNED = {
    "in a thread": "import threading\n    done = []\n    t = threading.Thread(target=lambda: done.append(tf.raw_ops.Mean(input=x, axis=[0, 1])))\n    t.start(); t.join()\n    mean = done[0]",
    "in a thread of the lowest level": "import _thread, time\n    done = []\n    _thread.start_new_thread(lambda: done.append(tf.raw_ops.Mean(input=x, axis=[0, 1])), ())\n    while not done: time.sleep(0.001)\n    mean = done[0]",
    "in a pool": "from concurrent.futures import ThreadPoolExecutor\n    with ThreadPoolExecutor(1) as pool: mean = pool.submit(lambda: tf.raw_ops.Mean(input=x, axis=[0, 1])).result()",
    "in tf.py_function": "mean = tf.py_function(lambda x: tf.raw_ops.Mean(input=x, axis=[0, 1]), [x], tf.float32)",
    "from the module's dictionary": "mean = vars(tf)['reduce_mean'](x)",
    "under a search that finds something else": "import autograder.worker.bans as bans\n    bans._seen, bans.in_source = set(), lambda *_: ['nothing']\n    mean = tf.reduce_mean(x)",
    "from a name put together": "mean = vars(tf)['reduce_' + 'mean'](x)",
}


@pytest.mark.parametrize("way", BANNED)
def test_a_ban_holds(tmp_path: Path, tiny_marking: Marking, workers: Workers, way: str) -> None:
    total = f"def total(x):\n    {BANNED[way]}\n    return 2 * mean * float(tf.size(x)), int(tf.size(x))"
    report = graded(tmp_path, tiny_marking, workers, "def scale(x, factor):\n    return x * factor", total)
    assert report.questions[1].points == 0 and "from scratch" in report.questions[1].parts[0].message


def test_a_thread_that_uses_nothing_banned_is_welcome(tmp_path: Path, tiny_marking: Marking, workers: Workers) -> None:
    total = BANNED["in a pool"].replace("tf.raw_ops.Mean(input=x, axis=[0, 1])", "tf.reduce_sum(x)")
    source = f"def total(x):\n    {total}\n    return 2 * mean, int(tf.size(x))"
    report = graded(tmp_path, tiny_marking, workers, "def scale(x, factor):\n    return x * factor", source)
    assert report.score == report.max_score


def test_the_grader_does_not_grow_with_what_a_submission_sends(
    tmp_path: Path, tiny_marking: Marking, workers: Workers
) -> None:
    """At most what one submission may send, however many forks it takes."""
    import resource

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    flood = "import os\ndef scale(x, factor):\n    return [tf.zeros([2048, 2048])] * 16\ndef total(x):\n    os._exit(1)"
    for _ in range(2):
        report = graded(tmp_path, tiny_marking, workers, flood)
        assert report.status == State.GRADED and report.score == 0
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300 << 10
