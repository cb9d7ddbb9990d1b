"""Handed-out cells that only draw are left out, and nothing that anything else could notice."""

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


def test_where_names_are_looked_up_at_run_time_everything_runs() -> None:
    assert left("globals()['picture']", PICTURE) == ["globals()['picture']", PICTURE]


def test_where_something_is_broken_everything_runs() -> None:
    assert left("def f(:", PICTURE) == ["def f(:", PICTURE]
