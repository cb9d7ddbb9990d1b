"""Handed-out cells that only draw are left out, and nothing that anything else could notice."""

import json

import pytest
import tiny

from autograder.border import wire
from autograder.source.extract import Cell
from autograder.source.idle import idle_cells, without_idle
from autograder.source.reading import Reading, reading

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


@pytest.mark.parametrize("user", [
    "picture = 4\nprint(picture)", "for picture in range(3):\n    print(picture)", "with open('f') as picture:\n    picture.read()",
    "with suppress(ValueError):\n    other, picture = 1, 2\n    print(picture)", "def f():\n    total, picture = 0, 1\n    total += picture",
    "[picture for picture in range(3)]",
])  # fmt: skip
def test_a_cell_that_binds_a_name_before_it_reads_it_needs_no_picture(user: str) -> None:
    assert left(SOLUTION, PICTURE, user) == [SOLUTION, user]


@pytest.mark.parametrize("user", [
    "print(picture)\npicture = 4", "picture = picture + 1", "if user:\n    picture = 4\nprint(picture)",
    "for picture in range(user):\n    pass\nprint(picture)", "with suppress(ValueError):\n    picture = fails()\nprint(picture)",
    "for i in range(3):\n    print(picture)\n    picture = 4", "for i in picture:\n    pass", "with picture as p:\n    pass",
    "for i in []:\n    pass\nelse:\n    print(picture)",
])  # fmt: skip
def test_a_cell_that_may_read_a_picture_s_name_needs_it(user: str) -> None:
    assert left(SOLUTION, PICTURE, user) == [SOLUTION, PICTURE, user]


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


def test_a_reading_leaves_idle_cells_out_and_crosses_the_border_unchanged() -> None:
    notebook = json.dumps(tiny.notebook([SOLUTION, PICTURE])).encode()
    read = reading(notebook, ".ipynb", KNOWN, {"double": ("sin",)})
    assert [cell.source for cell in read.cells] == [SOLUTION]
    assert Reading.from_tree(wire.unpack(wire.pack(read.to_tree()))) == read
