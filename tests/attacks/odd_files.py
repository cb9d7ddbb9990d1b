"""Files that are hostile as files, and names that are hostile as names: too large or too odd to be kept in a repository.

Each function writes one submission; its docstring says what it tries, and `expects` what it is worth.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

EXPECTED: dict[str, tuple[str, str]] = {}
"""By the name of the submission: the docstring and the expectation, in the words of an attack's header."""
_WRITERS: list[Callable[[Path], None]] = []

HONEST = (
    "import tensorflow as tf",
    "def scale(x, factor):\n    return x * factor",
    "def total(x):\n    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])",
)
PASSED = "scale=passed total=passed score=6"
NAMES = (
    "=cmd|' calc'!A0", "@SUM(1+1)*cmd", "+1+1", "-2+3", "\t=1+1", "＝1+1", "..%2f..%2fetc", "...", "a\nb,c", 'say "hi"', "\x1b]0;owned\x07\x1b[2J",
    "<script>alert(1)<", "[bold red]rich[", "{{7*7}}", "$(id)`id`;id", "nul", "x" * 200, "\u202egnp.exe", "Ünïcødé 🙂", " blank ", "CASE", "case", "-rf", "~root", "%s%n",
)  # fmt: skip


def expects(expectation: str) -> Callable[[Callable[[Path], None]], Callable[[Path], None]]:
    """Names what a file is worth, e.g. "scale=passed total=missing score=4"."""

    def keep(writer: Callable[[Path], None]) -> Callable[[Path], None]:
        EXPECTED[writer.__name__] = (writer.__doc__ or "", expectation)
        _WRITERS.append(writer)
        return writer

    return keep


def write_all(folder: Path) -> None:
    """Writes every file into `folder`."""
    for writer in _WRITERS:
        writer(folder / writer.__name__)


def write_names(tree: Path) -> None:
    """Hands in the same honest work under every odd name, as student/assignment/notebook."""
    for name in (*map(os.fsencode, NAMES), b"not \xff utf-8"):
        folder = Path(os.fsdecode(os.path.join(os.fsencode(tree), name, b"90_tiny")))  # noqa: PTH118
        folder.mkdir(parents=True)
        (folder / "90_tiny.ipynb").write_text(notebook(*HONEST))


def notebook(*cells: str, **more: object) -> str:
    """A notebook's text."""
    return json.dumps({
        "cells": [{"cell_type": "code", "source": cell, "outputs": [], "metadata": {}} for cell in cells],
        "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **more,
    })  # fmt: skip


def _notebook(path: Path, *cells: str) -> None:
    path.with_suffix(".ipynb").write_text(notebook(*cells))


@expects("unreadable score=0")
def file_huge(path: Path) -> None:
    """A notebook of 65 MB."""
    with path.with_suffix(".ipynb").open("w") as file:
        file.write(notebook(*HONEST))
        file.truncate(65 << 20)


@expects("unreadable score=0")
def file_deep(path: Path) -> None:
    """JSON nested a million deep."""
    path.with_suffix(".ipynb").write_text('{"cells": ' + "[" * 1_000_000)


@expects("unreadable score=0")
def file_million_objects(path: Path) -> None:
    """Ten million empty lists: small on the disk, large in memory."""
    path.with_suffix(".ipynb").write_text('{"cells": [' + "[]," * 10_000_000 + "[]]}")


@expects("unreadable score=0")
def file_long_number(path: Path) -> None:
    """A number of a million digits where the format's version belongs."""
    path.with_suffix(".ipynb").write_text(notebook(*HONEST).replace('"nbformat": 4', '"nbformat": ' + "9" * 1_000_000))


@expects(PASSED)
def file_output_bomb(path: Path) -> None:
    """Honest work below 40 MB of outputs: images, HTML with scripts, terminal escapes, an error's traceback."""
    document = json.loads(notebook(*HONEST))
    data = {
        "image/png": "A" * (20 << 20),
        "text/html": "<script>alert(1)</script>" * 100_000,
        "application/javascript": "alert(1)",
    }
    document["cells"][0]["outputs"] = [
        {"output_type": "display_data", "data": data, "metadata": {}},
        {"output_type": "stream", "name": "stdout", "text": ["\x1b[2J\x1b]0;owned\x07" * 100_000]},
        {"output_type": "error", "ename": "<script>", "evalue": "alert(1)", "traceback": ["\x1b[31m" * 10_000]},
    ]
    path.with_suffix(".ipynb").write_text(json.dumps(document))


@expects(PASSED)
def file_large_cell(path: Path) -> None:
    """Honest work beside a cell of two megabytes."""
    _notebook(path, "x = '" + "a" * (2 << 20) + "'", *HONEST)


@expects(PASSED)
def file_many_cells(path: Path) -> None:
    """Honest work before ten thousand cells."""
    _notebook(path, *HONEST, *["x = 1"] * 10_000)


@expects(PASSED)
def file_blank_lines(path: Path) -> None:
    """Honest work below a million empty lines, which a careless regular expression reads a million times."""
    _notebook(path, "\n" * 1_000_000 + "x = 1", *HONEST)


@expects(PASSED)
def file_blank_lines_and_a_broken_cell(path: Path) -> None:
    """Honest work beside a broken cell that is almost all white space, with magics in it."""
    _notebook(path, "def (" + "\n \t" * 300_000 + "!ls\n%x", *HONEST)


@expects(PASSED)
def file_many_magics(path: Path) -> None:
    """Honest work beside a broken cell with ten thousand magics."""
    _notebook(path, "%matplotlib inline\n" + "!x\n" * 10_000 + "def (", *HONEST)


@expects("unreadable score=0")
def file_function_in_many_pieces(path: Path) -> None:
    """A function cut into a thousand cells, each of which makes the whole of it to be read again."""
    _notebook(path, *HONEST, "def f():\n    x = 1", *["    x = 1\n" * 300] * 1000)


@expects("unreadable score=0")
def file_broken_script(path: Path) -> None:
    """A script with a million statements and a syntax error at the end."""
    path.with_suffix(".py").write_text("\n".join(HONEST) + "\nx = 1" * 1_000_000 + "\ndef (")


@expects("unreadable score=0")
def file_long_script(path: Path) -> None:
    """A script with ten million statements: 60 MB of text, and 50 GB of syntax tree."""
    path.with_suffix(".py").write_text("\n".join(HONEST) + "\nx = 1" * 10_000_000)


@expects(PASSED)
def file_deep_expressions(path: Path) -> None:
    """Honest work beside expressions nested as deep as they go, which overflow a careless reader's stack."""
    deep = (
        "a" + ".b" * 50_000,
        "1" + "+1" * 50_000,
        "-" * 50_000 + "1",
        "(" * 50_000,
        "[" * 90 + "]" * 90,
        "f" + "()" * 50_000,
    )
    _notebook(path, *HONEST, *deep, "lambda: " * 10_000 + "1", "x" + " if x else x" * 10_000)


@expects(PASSED)
def file_surrogates(path: Path) -> None:
    """Honest work beside cells with lone surrogates, NUL bytes and characters that turn the writing around."""
    _notebook(path, *HONEST, "x = '\ud800'", "x = '\0'", "# \u202e\u2066", "def \ud800f(): pass", "﹙", "%x \ud800")


@expects("scale=missing total=missing score=0")
def file_binary(path: Path) -> None:
    """Random bytes with the ending of a script."""
    path.with_suffix(".py").write_bytes(bytes(range(256)) * 4000)


@expects("unreadable score=0")
def file_other_json(path: Path) -> None:
    """JSON with everything of a notebook in the wrong type."""
    path.with_suffix(".ipynb").write_text(
        '{"cells": [1, null, [], {"cell_type": ["code"]}, {"cell_type": "code ", "source": {}}], "nbformat": "4"}'
    )


@expects("unreadable score=0")
def link_to_the_salt(path: Path) -> None:
    """A symbolic link to the salt: read as Python, its first line would stand in the report as a syntax error."""
    path.with_suffix(".py").symlink_to("/course/salt")


@expects("unreadable score=0")
def link_to_a_neighbour(path: Path) -> None:
    """A symbolic link to another's work."""
    path.with_suffix(".py").symlink_to("aaa_honest.py")


@expects("scale=error total=passed score=2")
def quoted_source_lines(path: Path) -> None:
    """Markup and escapes in source lines and syntax errors, which the report quotes."""
    bad = "<script>alert(1)</script> \x1b[31m \x1b]0;owned\x07 [link=file:///etc/passwd]x[/link]"
    _notebook(path, f"def scale(x, factor): return '{bad}' +", f"raise ValueError('{bad}')  # {bad}", *HONEST[::2])
