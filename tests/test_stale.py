"""A check after a cell that failed is told from a check of what the student sees."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from IPython.core.interactiveshell import InteractiveShell

from autograder.student.stale import is_stale

OLD = "def f(x):\n    return x"
NEW = "def f(x):\n    return 2 * x"
CLASS = "class f:\n    def __call__(self, x):\n        return x"


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    made = InteractiveShell()
    made.history_manager.enabled = False  # nothing of this reaches the user's own history
    yield made
    made.history_manager.end_session()


@pytest.mark.parametrize(
    ("cells", "stale"),
    [
        ([OLD], False),
        ([OLD, NEW], False),
        ([OLD, NEW + "\n1 / 0"], False),
        ([OLD, "1 / 0\n" + NEW], True),
        ([OLD, NEW + ")"], True),
        ([OLD, "  " + NEW.replace("\n", "\n  ")], False),
        ([OLD, "1 / 0\n" + NEW, OLD], False),
        ([OLD, "1 / 0\n" + NEW, "print()"], True),
        ([OLD, "1 / 0\ndef g(x): pass"], False),
        ([CLASS, "1 / 0\n" + CLASS.replace("x", "y")], True),
        ([CLASS], False),
        (["import functools\n@functools.lru_cache\n" + OLD, "1 / 0\n" + NEW], True),
        (["%precision 3\n" + OLD, "1 / 0\n" + NEW], True),
        (["%%capture\n" + OLD], False),
        ([OLD, "%%capture\n" + NEW], False),
        (["f = max"], False),
        (["from math import sqrt as f"], False),
        (["f = lambda x: x", OLD.replace("f(", "g(")], False),
    ],
)
def test_a_function_is_stale_if_its_cell_failed_later(shell: InteractiveShell, cells: list[str], stale: bool) -> None:
    for cell in cells:
        shell.run_cell(cell, store_history=True)
    assert is_stale("f", shell.user_ns["f"], shell.user_ns["In"]) is stale


def test_of_a_function_whose_text_is_not_known_nothing_is_said() -> None:
    assert not is_stale("f", max, ["", "1 / 0\n" + NEW])
