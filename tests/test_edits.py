"""Mistakes that are an edit of the solved function."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import tiny

from autograder.course import assignment as assignments
from autograder.course.assignment import AssignmentError
from autograder.course.edits import EditError, expanded

SOLVED = '''
def half(x):
    """Divides by 2: x / 2."""
    ### BEGIN SOLUTION
    return x / 2
    ### END SOLUTION


class Layer(Base):
    def call(self, x):
        return half(x) + self.bias


def bare(x):
    return x - 1
'''


def edit(replace: str, by: str, question: str = "half", name: str = "wrong") -> str:
    return f"@mistake({question!r}, replace={replace!r}, by={by!r})\ndef {name}():\n    'A hint.'\n"


def run(text: str) -> dict[str, Any]:
    space: dict[str, Any] = {"Base": object, "mistake": lambda *_, **__: lambda f: f}
    exec(SOLVED + "\n" + text, space)
    return space


def test_an_edit_is_the_solved_function_with_one_slip_under_its_own_name() -> None:
    space = run(expanded(edit("/ 2", "/ 3"), SOLVED))
    assert space["wrong"](6) == 2 and space["half"](6) == 3


def test_a_docstring_is_not_looked_at() -> None:
    assert run(expanded(edit("x / 2", "x * 2"), SOLVED))["wrong"](6) == 12


def test_a_class_and_a_function_without_a_docstring_can_be_edited() -> None:
    text = expanded(edit("+ self.bias", "- self.bias", "Layer", "Wrong") + edit("x - 1", "x + 1", "bare"), SOLVED)
    space = run(text)
    layer = space["Wrong"]()
    layer.bias = 1
    assert layer.call(4) == 1 and space["wrong"](1) == 2


def test_what_is_written_out_stays_as_it_is_and_where_it_is() -> None:
    whole = '@mistake("half")\ndef third(x):\n    """Thirds."""\n    return x / 3'
    for text in (whole, f"{whole}\n", f"\n\n{whole}  # a form feed: \f\n\n"):
        assert expanded(text, SOLVED) == text
    both = expanded(f"import math\n\n{edit('/ 2', '/ 4')}\n{whole}\n\n{edit('/ 2', '/ 5', name='last')}", SOLVED)
    space = run(both)
    assert [space[name](60) for name in ("wrong", "third", "last")] == [15, 20, 12]
    assert re.findall(r"^(?:def|import) (\w+)", both, re.MULTILINE) == ["math", "wrong", "third", "last"]


@pytest.mark.parametrize("text, said", [
    (edit("/ 7", "/ 3"), "'/ 7' occurs 0 times in the solved half"),
    (edit("x", "y", "Layer"), "'x' occurs 2 times in the solved Layer"),
    (edit("/ 2", "/ 2"), "occurs 1 times"),
    (edit("/ 2", "/ ("), "is no valid Python"),
    (edit("/ 2", "/ 3", "quarter"), "quarter, which the solved notebook does not define"),
    ('@mistake("half", replace="/ 2")\ndef wrong():\n    "A hint."\n', "wrong needs two texts"),
    ('@mistake("half", replace=2, by=UNKNOWN)\ndef wrong():\n    "A hint."\n', "wrong needs two texts"),
])  # fmt: skip
def test_an_edit_that_does_not_fit_is_told(text: str, said: str) -> None:
    with pytest.raises(EditError, match=said):
        expanded(text, SOLVED)


def test_an_assignment_with_an_edit_is_loaded_or_told_why_not(tmp_path: Path) -> None:
    fits = tiny.MISTAKES + "\n\n" + edit("x * factor", "x - factor", "scale", "factor_subtracted")
    found = assignments.load(tiny.write_assignment(tmp_path / "a", mistakes=fits))
    assert found.of_kind("mistake", "scale")[-1].hint == "A hint."
    assert "def factor_subtracted(x, factor):" in found.solution_cells("mistakes.py")[-1].source
    with pytest.raises(AssignmentError, match=r"mistakes\.py: factor_subtracted: .* occurs 0 times"):
        assignments.load(tiny.write_assignment(tmp_path / "b", mistakes=fits.replace("x * factor", "x ** factor")))
    with pytest.raises(AssignmentError, match="characters; 262,144 are read"):
        assignments.load(tiny.write_assignment(tmp_path / "c", mistakes=f"{fits}\n# {'x' * (1 << 18)}\n"))
