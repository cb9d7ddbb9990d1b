"""Which mutants of the grader are never drawn: only those that nobody can tell from the code."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

import pytest

from autograder.course.mutate import mutants

sys.path.insert(0, str(Path(__file__).parent.parent / "benchmarks"))

from equivalence import EQUIVALENT, is_known, key, says_nothing

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "autograder"


def drawn(source: str) -> set[str]:
    """What the mutants that say something put in the place of a text."""
    return {mutant.after for mutant in mutants(source) if not says_nothing(mutant, source)}


@pytest.mark.parametrize("source, never, still", [
    ("y = max(a, b)", {"max(b, a)"}, {"min", "max(a)", "a"}),
    ("y = max(a, b, key=c)", set(), {"max(b, a, key=c)"}),
    ("y = f(a, b)", set(), {"f(b, a)"}),
    ("Pair = tuple[int, str]\nx = y[a, b]", {"tuple[str, int]"}, {"y[b, a]"}),
    ("MAX_LINES = 10 << 20", {"11", "9", "21", "19"}, {"(10)", "(20)", "(10 >> 20)"}),
    ("MAX_CELLS = 1", {"2"}, {"0"}),
    ("LINES = 10", set(), {"9", "11"}),
    ("if n > MAX_LINES: f()", {"(n >= MAX_LINES)"}, {"(n <= MAX_LINES)"}),
    ("if n > 10: f()", set(), {"(n >= 10)", "(n <= 10)"}),
    ("y = x[:MAX_TEXT]", {"x[:MAX_TEXT + 1]", "x[:MAX_TEXT - 1]"}, {"x[:]", "x[1:MAX_TEXT]"}),
    ("y = x[:n]", set(), {"x[:n + 1]", "x[:n - 1]"}),
    ("y = isinstance(x, (A, B)) and x in (c, d)", {"(B, A)", "(d, c)"}, {"isinstance((A, B), x)"}),
    ("y = zip(a, b, strict=True)", {"False", "zip(a, b)"}, {"zip(b, a, strict=True)"}),
    ("y = option(help='a text of 2 words', default=2)", {"option(default=2)"}, {"option(help='a text of 2 words')", "3"}),
    ("y = path.read_text(encoding='utf-8')", {"path.read_text()"}, {"'ascii'"}),
    ("y = path.read_text(encoding='ascii')", set(), {"path.read_text()", "'utf-8'"}),
    ("y = tuple(x)\nz = tuple(a for a in b)", {"x"}, {"(a for a in b)"}),
    ("try:\n  f(1)\nexcept (A, B):\n  pass", {"(B, A)"}, {"2", "0"}),
])  # fmt: skip
def test_only_what_no_behaviour_can_tell_is_never_drawn(source: str, never: set[str], still: set[str]) -> None:
    made, found = {mutant.after for mutant in mutants(source)}, drawn(source)
    assert never <= made and not never & found
    assert still <= found


def test_a_mutant_on_the_list_is_known_by_the_text_of_its_line(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("# a comment\ny = 7  # why\n")
    more, less = (key(mutant, path) for mutant in mutants(path.read_text()))
    assert more == "y = 7  # why | constant: `7` -> `8`"
    assert is_known(more, [more]) and not is_known(less, [more])
    assert is_known(more, ["y = 7  # why | constant…"]) and is_known(less, ["y = 7  # why | constant…"])
    assert not is_known(more, ["y = 7  # why | constant"]) and not is_known(more, [])


def test_the_list_names_lines_that_are_there() -> None:
    known = tomllib.loads(EQUIVALENT.read_text(encoding="utf-8"))
    for module, files in known.pop("more").items():
        assert (PACKAGE / module).is_file() and all((ROOT / file).is_file() for file in files)
    for module, entries in known.items():
        lines = {line.strip() for line in (PACKAGE / module).read_text(encoding="utf-8").split("\n")}
        gone = [entry for entry in entries if not any(entry.startswith(f"{line} | ") for line in lines if line)]
        assert not gone, module
        assert all(reason.endswith(".") for reason in entries.values())
