"""A submission that looks for what it should not know: through its frames, its objects, its memory and the pipe it is told by.

Arguments are known when their call comes, the seed of a cotangent once the value has left, and nothing before.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from autograder.border.task import Asked, Task
from autograder.grader.workers import Workers

pytestmark = pytest.mark.tensorflow

FIRST = 10
"""The number of the first turn: zeros are everywhere in memory."""
TURNS = range(FIRST, FIRST + 4)
"""Two public cases, one of each question, and then two hidden ones."""
ARRAY = np.array([0.7310585975646973, -1922.3125], np.float32).tobytes()
SEED = b"3141592653589"
WORD = b"the word of turn "


def case(number: int) -> tuple[dict[str, Any], int]:
    """A case whose array, text and seed begin with the marks and end with its number."""
    array = np.append(np.frombuffer(ARRAY, np.float32), np.float32(number))
    return {"x": array, "word": f"{WORD.decode()}{number}"}, int(f"{SEED.decode()}{number}")


def masked(mark: bytes) -> bytes:
    """As the mark itself never stands in the submission, whatever is found of it came from the grader."""
    return bytes(byte ^ 85 for byte in mark)


SPY = f"""\
import fcntl, gc, json, re, struct, sys, termios
import numpy as np
import tensorflow as tf

ARRAY, SEED, WORD = ({masked(ARRAY)!r}, {masked(SEED)!r}, {masked(WORD)!r})
LOG = []

def mark(masked):
    return bytes(byte ^ 85 for byte in masked)

def number(kind, behind):
    if kind != "array":
        return int(behind[:2]) if behind[:2].isdigit() else 0
    value = struct.unpack("<f", behind)[0] if len(behind) == 4 else 0.0
    return int(value) if {FIRST} <= value < 100 and value.is_integer() else 0

def in_memory():
    for line in open("/proc/self/maps"):
        span, mode, _, _, inode, *_ = line.split()
        if mode[:2] != "rw" or inode != "0":
            continue
        start, end = (int(part, 16) for part in span.split("-"))
        with open("/proc/self/mem", "rb", 0) as memory:
            for piece in range(start, end, 1 << 24):
                try:
                    memory.seek(piece)
                    data = memory.read(min(1 << 24, end - piece) + 64)
                except (OSError, OverflowError):
                    continue
                for kind, masked in (("array", ARRAY), ("seed", SEED), ("word", WORD)):
                    for found in re.finditer(re.escape(mark(masked)), data):
                        yield kind, number(kind, data[found.end() : found.end() + 4])

def in_objects():
    frame, spaces = sys._getframe(), []
    while frame:
        spaces.append(frame.f_locals)
        frame = frame.f_back
    for known in [*gc.get_objects(), *spaces]:
        items = known.values() if isinstance(known, dict) else known if isinstance(known, (list, tuple, set)) else ()
        for item in list(items):
            if isinstance(item, (int, str)) and not isinstance(item, bool):
                for kind, masked in (("seed", SEED), ("word", WORD)):
                    text = str(item).encode(errors="replace")[:40]
                    if text.startswith(mark(masked)):
                        yield kind, number(kind, text[len(masked) :])
            elif issubclass(type(item), (tf.Tensor, np.ndarray)):
                try:
                    data = np.asarray(item).tobytes()[:12]
                except Exception:
                    continue
                if data.startswith(mark(ARRAY)):
                    yield "array", number("array", data[8:])

def look(where):
    found = {{"where": where, "array": set(), "seed": set(), "word": set()}}
    for kind, turn in [*in_memory(), *in_objects()]:
        if turn:
            found[kind].add(turn)
    waiting = struct.unpack("i", fcntl.ioctl(3, termios.FIONREAD, bytes(4)))[0]
    LOG.append({{key: sorted(value) if isinstance(value, set) else value for key, value in found.items()}} | {{"waiting": waiting}})

@tf.custom_gradient
def watched(x):
    def grad(dy):
        look("gradient")
        return dy
    return 1.0 * x, grad

def f(x, word):
    look("value")
    return watched(x), np.frombuffer(json.dumps(LOG).encode(), np.uint8)

g = f
"""


@pytest.fixture(scope="module")
def log(workers: Workers) -> list[dict[str, Any]]:
    """What the spy found, in the order in which it looked: in its cells, then at each value and each gradient."""
    cells = [{"label": "cell 1", "source": SPY}, {"label": "cell 2", "source": "look('cell')"}]
    tasks = [
        Task(name, Asked(name, ("x",), seconds=120), (case(public), case(hidden)), 1)
        for name, public, hidden in (("f", TURNS[0], TURNS[2]), ("g", TURNS[1], TURNS[3]))
    ]
    run = workers.run(cells, tasks)
    assert not run.cells and not any(seen.ended for seen in run.questions.values()), run
    reports = [o.outputs[1].array for seen in run.questions.values() for o in seen.observations]
    told = [json.loads(array.tobytes()) for array in reports if array is not None]
    return max(told, key=len)


def test_the_spy_looked_at_every_turn_and_sees_what_is_there(log: list[dict[str, Any]]) -> None:
    """Else the tests below would pass for a spy that is blind."""
    assert [look["where"] for look in log] == ["cell", *["value", "gradient"] * 3, "value"]
    for turn, number in enumerate(TURNS):
        at_value = log[1 + 2 * turn]
        assert number in at_value["array"] and number in at_value["word"], at_value
    for turn, number in enumerate(TURNS[:3]):
        assert number in log[2 + 2 * turn]["seed"], log[2 + 2 * turn]


def test_while_the_cells_run_nothing_of_any_case_is_there(log: list[dict[str, Any]]) -> None:
    assert log[0] == {"where": "cell", "array": [], "seed": [], "word": [], "waiting": 0}


@pytest.mark.parametrize("turn", range(4))
def test_during_a_call_there_is_no_later_argument_and_no_seed_of_its_own(log: list[dict[str, Any]], turn: int) -> None:
    look = log[1 + 2 * turn]
    assert max(look["array"]) == max(look["word"]) == TURNS[turn]
    assert all(seed < TURNS[turn] for seed in look["seed"])
    assert look["waiting"] == 0, "nor does it wait in the pipe"


@pytest.mark.parametrize("turn", range(3))
def test_during_a_gradient_there_is_no_later_argument_and_no_later_seed(log: list[dict[str, Any]], turn: int) -> None:
    look = log[2 + 2 * turn]
    assert max(look["array"]) == max(look["word"]) == max(look["seed"]) == TURNS[turn]
    assert look["waiting"] == 0
