"""Mutants are what somebody in a hurry would write: each slip once, in one place, and still Python."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from autograder.course.mutate import Mutant, mutants

PACKAGE = Path(__file__).parent.parent / "autograder"


def changes(source: str) -> set[tuple[str, str]]:
    """What each mutant of a statement makes of it: the kind, and the whole text in one line without spaces."""
    return {(m.kind, re.sub(r"\s+", "", ast.unparse(ast.parse(m.source)))) for m in mutants(source)}


@pytest.mark.parametrize("source, kind, changed", [
    ("y = a + b", "operator", "y=a-b"),
    ("y = a * b", "operator", "y=a/b"),
    ("y = a + b", "operand left out", "y=a"),
    ("y = a + b", "operand left out", "y=b"),
    ("y = a - b", "operands swapped", "y=b-a"),
    ("y = a // b", "rounding", "y=-(-a//b)"),
    ("y = -(-a // b)", "rounding", "y=a//b"),
    ("y = -a", "operator", "y=a"),
    ("y += a", "+= to =", "y=a"),
    ("y += a", "operator", "y-=a"),
    ("y = a < b", "comparison", "y=a<=b"),
    ("y = a < b", "comparison", "y=a>=b"),
    ("y = a == b", "comparison", "y=a!=b"),
    ("y = a in b", "comparison", "y=anotinb"),
    ("y = a < b < c", "comparison", "y=a<b<=c"),
    ("y = a and b", "and to or", "y=aorb"),
    ("y = a and b", "condition left out", "y=b"),
    ("y = a if b else c", "condition", "y=aifnotbelsec"),
    ("y = [a for a in b if c]", "condition left out", "y=[aforainbifTrue]"),
    ("y = 3", "constant", "y=4"),
    ("y = 3", "constant", "y=2"),
    ("y = 0", "constant", "y=-1"),
    ("y = 0.5", "constant", "y=1.5"),
    ("y = True", "constant", "y=False"),
    ("y = 'SAME'", "constant", "y='VALID'"),
    ("y = f('bij,bjk->bik')", "axes swapped", "y=f('bij,bjk->ibk')"),
    ("kh, kw = f\ny = kh", "another name", "kh,kw=f\ny=kw"),
    ("red, blue = f\ny = red", "another name", "red,blue=f\ny=blue"),
    ("y = out_h\nout_w = 1", "another name", "y=out_w\nout_w=1"),
    ("y = self.moving_mean + self.moving_variance", "another name", "y=self.moving_variance+self.moving_variance"),
    ("y = max(a)", "another function", "y=min(a)"),
    ("y = tf.reduce_mean(a)", "another function", "y=tf.reduce_sum(a)"),
    ("y = a, b", "order", "y=(b,a)"),
    ("for a, b in c: pass", "order", "forb,ainc:pass"),
    ("y = f(a, b)", "order", "y=f(b,a)"),
    ("y = a[:, b]", "axes swapped", "y=a[b,:]"),
    ("y = f(a, b)", "argument left out", "y=f(a)"),
    ("y = f(a, axis=1)", "keyword left out", "y=f(a)"),
    ("y = f(a)", "call left out", "y=a"),
    ("y = a[b:c]", "slice", "y=a[b+1:c]"),
    ("y = a[b:c]", "slice", "y=a[b-1:c]"),
    ("y = a[b:c]", "slice", "y=a[:c]"),
    ("y = a[b:c]", "slice", "y=a[b:]"),
    ("y = a[b:]", "slice", "y=a[b:-1]"),
    ("y = a[::b]", "slice", "y=a[:]"),
    ("y = a[:, b:c]", "slice", "y=a[:,b:c+1]"),
    ("def f(a):\n  a = g(a)\n  return a", "statement left out", "deff(a):passreturna"),
    ("def f(a):\n  g(a)", "statement left out", "deff(a):pass"),
    ("def f():\n  a.b = 1", "statement left out", "deff():pass"),
    ("for a in b:\n  break", "break to continue", "forainb:continue"),
    ("def f(a, b=2):\n  return b", "argument ignored", "deff(a,b=2):b=2returnb"),
    ("def f(a, *, b=2):\n  return b", "argument ignored", "deff(a,*,b=2):b=2returnb"),
])  # fmt: skip
def test_a_slip_is_made(source: str, kind: str, changed: str) -> None:
    assert (kind, re.sub(r"\s+", "", changed)) in changes(source)


@pytest.mark.parametrize("source", [
    "x: a + b", "def f(x: 1) -> 2: ...", '"""A text of 2 lines."""', "@cache(3)\ndef f(): ...", 'y = f"{a + 1}"', "y = g",
    "y = (z, z)", "def f():\n  y = g", "def f():\n  '''Text.'''\n  return",
])  # fmt: skip
def test_what_nobody_gets_wrong_or_nothing_runs_is_left_alone(source: str) -> None:
    assert mutants(source) == []


def test_nothing_but_the_slip_changes_and_the_line_is_told() -> None:
    source = "# umlauts: äöü\nx = 'ä' + y  # first\n\ny = z[1:]  # second\n"
    found = {m.after: m for m in mutants(source)}
    assert found["('ä' - y)"].source == "# umlauts: äöü\nx = ('ä' - y)  # first\n\ny = z[1:]  # second\n"
    assert found["z[2:]" if "z[2:]" in found else "2"].line == 4
    assert str(found["('ä' - y)"]) == "operator in line 2: `'ä' + y` -> `('ä' - y)`"


def test_slips_are_made_in_the_wanted_lines_alone_and_by_more_operators() -> None:
    def doubled(node: ast.AST, scope: object):  # type: ignore[no-untyped-def]
        if isinstance(node, ast.Constant):
            yield "doubled", node, f"2 * {node.value}"

    assert [m.line for m in mutants("a = 1\nb = 1\nc = 1", [2])] == [2, 2]
    assert [m.after for m in mutants("b = 5", more=[doubled])] == ["6", "4", "2 * 5"]


@pytest.mark.parametrize("path", ["border/wire.py", "worker/bans.py"])
def test_every_mutant_is_another_program_and_still_python(path: str) -> None:
    source = (PACKAGE / path).read_text(encoding="utf-8")
    found = mutants(source)
    assert len({m.source for m in found} | {source}) == len(found) + 1 > 300
    assert [m.line for m in found] == sorted(m.line for m in found)
    for mutant in found[::9]:
        assert isinstance(mutant, Mutant) and mutant.before in source
        ast.parse(mutant.source)


def test_a_number_that_takes_the_place_of_a_call_is_still_python() -> None:
    texts = [m.source for m in mutants("y = f(0, a).strip()")]
    assert "y = (0).strip()" in texts
    for text in texts:
        ast.parse(text)


def test_what_is_unpacked_into_a_call_is_not_put_in_its_place() -> None:
    found = mutants("y = f(*a)\nz = f(*a, b)")
    assert [m.kind for m in found] == ["order", "argument left out"]
    for mutant in found:
        ast.parse(mutant.source)
