"""What a submission defines, and what of it is a stub as it was handed out."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from autograder.source.extract import Cell, Submission
from autograder.source.stubs import definitions, function_names, is_stub, restore_overwritten

F = "def f(x):\n    return x"
G = "def g(x):\n    return 2 * x"
STUB = 'def f(x):\n    """Doc."""\n    # YOUR CODE HERE\n    raise NotImplementedError()'


def read(*cells: str) -> Submission:
    return Submission([Cell(f"cell {number}", source) for number, source in enumerate(cells, 1)])


def defined(submission: Submission) -> dict[str, Any]:
    space: dict[str, Any] = {}
    for cell in submission.cells:
        exec(compile(cell.source, cell.label, "exec"), space)
    return space


def test_an_unsolved_copy_does_not_replace_the_solved_one() -> None:
    submission = read(STUB, F, STUB + "\n\nextra = 1", STUB)
    restore_overwritten(submission)
    space = defined(submission)
    assert space["f"](3) == 3 and space["extra"] == 1
    assert submission.repairs == [
        "cell 3 holds an unsolved copy of f; the solved one in cell 2 was kept.",
        "cell 4 holds an unsolved copy of f; the solved one in cell 2 was kept.",
    ]


def test_an_unsolved_copy_in_the_same_cell_does_not_replace_the_solved_one() -> None:
    submission = read(f"{F}\n\n{STUB}")
    restore_overwritten(submission)
    assert defined(submission)["f"](3) == 3
    assert len(submission.repairs) == 1


@pytest.mark.parametrize("head", ["class f:\n    def call(self", "@cache\nasync def f(x"])
def test_an_unsolved_copy_of_a_class_or_with_a_decorator_goes_as_a_whole(head: str) -> None:
    solved, stub = f"{head}):\n        return 1", f"{head}):\n        raise NotImplementedError"
    submission = read(solved, f"x = 1\n{stub}")
    restore_overwritten(submission)
    assert [cell.source.strip() for cell in submission.cells] == [solved, "x = 1"] and len(submission.repairs) == 1
    assert function_names(submission) == {"f"}


def test_the_last_of_two_solved_functions_counts() -> None:
    submission = read(STUB, F, "def f(x):\n    return -x")
    before = [cell.source for cell in submission.cells]
    restore_overwritten(submission)
    assert [cell.source for cell in submission.cells] == before and not submission.repairs


def test_only_stubs_stay_stubs() -> None:
    submission = read(STUB, STUB)
    restore_overwritten(submission)
    assert submission.repairs == [] and submission.cells[1].source == STUB


@pytest.mark.parametrize("body, stub", [
    ('"""Doc."""\n    raise NotImplementedError()', True),
    ("raise NotImplementedError", True),
    ("pass", True),
    ("...", True),
    ('"""Doc."""', True),
    ("return 1", False),
    ("raise ValueError()", False),
    ("x = 1\n    raise NotImplementedError()", False),
])  # fmt: skip
def test_a_stub_holds_nothing_of_the_students(body: str, stub: bool) -> None:
    node = ast.parse(f"def f():\n    {body}").body[0]
    assert isinstance(node, ast.FunctionDef) and is_stub(node) is stub


def test_definitions_tell_where_and_whether_solved() -> None:
    cells = [Cell("a", f"{F}\n{G}"), Cell("b", STUB), Cell("c", "def (")]
    assert definitions(cells) == {"f": [(0, False), (1, True)], "g": [(0, False)]}


def test_broken_cells_tell_the_functions_they_try_to_define() -> None:
    cells = [Cell("a", "def f(x)\n    return x\nclass K(:"), Cell("b", G)]
    assert function_names(Submission(cells, broken={"a": "line 1"})) == {"f", "K", "g"}
    assert function_names(Submission(cells)) == {"g"}


@pytest.mark.parametrize("methods, stub", [
    ("def call(self, x):\n        raise NotImplementedError()", True),
    ("def __init__(self):\n        pass\n    def call(self, x):\n        return x", True),
    ("def call(self, x):\n        return x", False),
    ("size = 3", False),
])  # fmt: skip
def test_a_class_is_a_stub_while_one_of_its_methods_is(methods: str, stub: bool) -> None:
    node = ast.parse(f"class K:\n    {methods}").body[0]
    assert isinstance(node, ast.ClassDef) and is_stub(node) is stub
