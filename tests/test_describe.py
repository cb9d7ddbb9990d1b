"""An exception as a student needs it: without what libraries put around the message, and with the line of their own."""

from __future__ import annotations

import linecache

import pytest

from autograder.border.observation import MAX_TEXT
from autograder.worker.observe import describe


class Unprintable(Exception):
    def __str__(self) -> str:
        raise KeyError("no text")


AUTOGRAPH = """in user code:

    File "/home/amy/x.py", line 3, in f  *
        return g(x)
    File "/home/amy/x.py", line 9, in g  *
        raise ValueError("2 rows,\\n not 3")

    ValueError: 2 rows,
     not 3
"""
KERAS = """Exception encountered when calling MyConv2D.call().

\x1b[1mThe filter is too large.\x1b[0m

Arguments received by MyConv2D.call():
  \u2022 x=tf.Tensor(shape=(1, 2, 2, 1), dtype=float32)"""


@pytest.mark.parametrize(("error", "kind", "message"), [
    (ValueError("  no  "), "ValueError", "no"),
    (KeyError("k"), "KeyError", "'k'"),
    (SyntaxError(), "SyntaxError", "None"),
    (SyntaxError("invalid syntax", ("a.py", 1, 2, "x y")), "SyntaxError", "invalid syntax"),
    (Unprintable(), "Unprintable", "(its text cannot be shown)"),
    (ValueError(AUTOGRAPH), "ValueError", "2 rows,\n not 3"),
    (ValueError("a line\n" + AUTOGRAPH), "ValueError", ("a line\n" + AUTOGRAPH).strip()),
    (ValueError(KERAS), "ValueError", "The filter is too large."),
    (ValueError("{{function_node __wrapped__MatMul}} Matrix size-incompatible [Op:MatMul] name: "), "ValueError", "Matrix size-incompatible"),
    (ValueError("[Op:MatMul] is what I want to see"), "ValueError", "[Op:MatMul] is what I want to see"),
])  # fmt: skip
def test_a_message_is_what_is_wrong_and_nothing_around_it(error: Exception, kind: str, message: str) -> None:
    failure = describe(error)
    assert (failure.kind, failure.message, failure.where) == (kind, message, "")


def test_a_long_message_is_cut() -> None:
    assert describe(ValueError("x" * 100_000)).message == "x" * MAX_TEXT


def run(source: str, label: str) -> Exception:
    """What a cell raises."""
    try:
        exec(compile(source, label, "exec"), {})
    except Exception as error:
        return error
    raise AssertionError("it raises nothing")


@pytest.mark.parametrize(("label", "where"), [
    ("<cell 3>", "cell 3, line 5: "), ("<ipython-input-4-abc>", "line 5: "), ("/tmp/ipykernel_7/1.py", "line 5: "), ("a.py", ""),
])  # fmt: skip
def test_the_last_line_of_the_students_own_is_named(label: str, where: str) -> None:
    source = "import json\ndef f(x):\n    return g(x)\ndef g(x):\n    return json.loads(x)\nf('{')"
    assert describe(run(source, label)).where == where
    linecache.cache[label] = len(source), None, source.splitlines(keepends=True), label
    try:
        assert describe(run(source, label)).where == (f"{where}return json.loads(x)" if where else "")
    finally:
        del linecache.cache[label]


def test_a_cell_that_is_no_python_is_named_by_its_line() -> None:
    assert describe(run("x = 1\ny = (", "<cell 2>")).where == "cell 2, line 2: "
    assert describe(run("x = 1\ny = (", "a.py")).where == ""
