"""Handed-out cells that only draw are left out, and nothing that anything else could notice."""

import pytest

from autograder.source.extract import Cell
from autograder.source.idle import idle_cells, without_idle

IMPORTS = "import numpy as np"
SOLUTION = "def double(x):\n    return 2 * x"
PICTURE = "picture = double(3)\nprint(picture)"
SHOWN = "def show(image):\n    print(image)\nshow(double(2))"
CHECK = 'check("double")'
HANDED_OUT = [IMPORTS, SOLUTION, CHECK, PICTURE, SHOWN]
KNOWN = idle_cells(HANDED_OUT, ["double"])


def left(*sources: str) -> list[str]:
    return [cell.source for cell in without_idle([Cell(f"cell {i}", s) for i, s in enumerate(sources)], KNOWN)]


def test_only_pictures_are_idle() -> None:
    assert {PICTURE, SHOWN} == KNOWN


def test_pictures_are_left_out() -> None:
    assert left(*HANDED_OUT) == [IMPORTS, SOLUTION, CHECK]


def test_a_changed_picture_runs() -> None:
    assert left(SOLUTION, PICTURE + "\n1/0") == [SOLUTION, PICTURE + "\n1/0"]


def test_a_picture_whose_name_is_used_runs() -> None:
    user = "def triple(x):\n    return x + picture"
    assert left(SOLUTION, PICTURE, SHOWN, user) == [SOLUTION, PICTURE, user]


def test_a_name_of_its_own_is_no_use() -> None:
    assert left("def other(picture):\n    return picture", PICTURE) == ["def other(picture):\n    return picture"]


def test_a_picture_that_feeds_a_needed_one_runs() -> None:
    first, second = "a = 1", "b = a + 1"
    known = idle_cells([first, second], [])
    cells = [Cell("1", first), Cell("2", second), Cell("3", "def f():\n    return b")]
    assert len(without_idle(cells, known)) == 3
    assert len(without_idle(cells[:2], known)) == 0


@pytest.mark.parametrize(
    "user", ["picture += 1", "del picture", "def f():\n    global picture\n    picture -= 1", "picture[0] = 1"]
)
def test_a_picture_that_is_altered_runs(user: str) -> None:
    assert left(SOLUTION, PICTURE, user) == [SOLUTION, PICTURE, user]


def test_where_names_are_looked_up_at_run_time_everything_runs() -> None:
    assert left("globals()['picture']", PICTURE) == ["globals()['picture']", PICTURE]


def test_where_something_is_broken_everything_runs() -> None:
    for broken in ("def f(:", "def f(x, x): pass", "nonlocal x", "\x00"):
        assert left(broken, PICTURE) == [broken, PICTURE]
