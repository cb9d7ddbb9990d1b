from __future__ import annotations

import sys
from pathlib import Path

import pytest
import tiny

from autograder.course import assignment as assignments
from autograder.course.assignment import Assignment, AssignmentError


def load(tmp_path: Path, **changed: str) -> Assignment:
    return assignments.load(tiny.write_assignment(tmp_path, **changed))


def test_an_assignment_is_its_folder(tiny_assignment: Assignment) -> None:
    assert tiny_assignment.name == tiny.NAME
    assert [q.name for q in tiny_assignment.questions] == ["scale", "total"]
    assert tiny_assignment.max_score == 6
    assert tiny_assignment.questions[1].returns == ("double", "count")


def test_implementations_are_read_as_text_in_order(tiny_assignment: Assignment) -> None:
    mistakes = tiny_assignment.of_kind("mistake", "scale")
    assert [m.name for m in mistakes] == ["factor_added", "gradient_stopped", "factor_squared"]
    assert mistakes[0].hint == "The factor is added. A scale multiplies."
    assert [v.name for v in tiny_assignment.of_kind("variant", "total")] == ["by_rows"]
    assert [o.name for o in tiny_assignment.of_kind("oracle", "total")] == ["by_mean"]
    assert tiny_assignment.of_kind("mistake", "none") == []


def test_the_notebook_is_cells_and_its_code_can_be_followed_by_files(tiny_assignment: Assignment) -> None:
    assert [kind for kind, _ in tiny_assignment.notebook] == ["markdown", "code", "code", "code", "code", "code"]
    cells = tiny_assignment.solution_cells("mistakes.py")
    assert [c.label for c in cells] == [*(f"cell {i}" for i in range(1, 6)), "cell mistakes.py"]
    assert cells[2].source == 'check("scale")'
    assert cells[-1].source == tiny.MISTAKES


def test_mistakes_and_variants_are_not_run(tmp_path: Path) -> None:
    boom = "raise SystemExit('ran')\n\n"
    load(tmp_path, mistakes=boom + tiny.MISTAKES, variants=boom + tiny.VARIANTS, notebook=tiny.NOTEBOOK + boom)


def test_loading_leaves_no_bytecode(tmp_path: Path) -> None:
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, False
    try:
        folder = load(tmp_path).folder
        assert not sys.dont_write_bytecode
    finally:
        sys.dont_write_bytecode = before
    assert sorted(p.name for p in folder.iterdir()) == sorted(tiny.FILES)


@pytest.mark.parametrize("file", tiny.FILES)
def test_the_fingerprint_depends_on_every_file(tmp_path: Path, file: str) -> None:
    folder = load(tmp_path).folder
    before = assignments.load(folder).fingerprint
    assert before == assignments.load(folder).fingerprint
    (folder / file).write_text((folder / file).read_text() + "# a word\n")
    assert assignments.load(folder).fingerprint != before


@pytest.mark.parametrize("file", tiny.FILES)
def test_every_file_is_needed(tmp_path: Path, file: str) -> None:
    folder = load(tmp_path).folder
    (folder / file).unlink()
    with pytest.raises(AssignmentError, match=rf"{file} is missing"):
        assignments.load(folder)


@pytest.mark.parametrize("file, old, new, said", [
    ("questions", "QUESTIONS = (", "QUESTIONS = list((", "cannot be loaded|SyntaxError"),
    ("questions", "QUESTIONS", "ANSWERS", "must define QUESTIONS"),
    ("questions", "from autograder.question", "1 / 0\nfrom autograder.question", "cannot be loaded: ZeroDivisionError"),
    ("questions", '"total",', '"scale",', "declares scale twice"),
    ("questions", "public=True, x=array", "x=array", "scale has no public case"),
    ("questions", '"a negative factor"', '"a row"', "two cases of scale share a name"),
    ("questions", 'wrt=("x",)', 'wrt=("y",)', "lacks wrt"),
    ("questions", 'wrt=("x",)', 'wrt=("x",), steady=("y",)', "no output .'y'. to be steady"),
    ("notebook", "def total(", "def sum_of(", "does not define total"),
    ("notebook", 'check("scale")', 'check("scale");', "no cell check"),
    ("mistakes", '@mistake("total")\ndef not_doubled', '@mistake("none")\ndef not_doubled', "'none', which is no question"),
    ("mistakes", "def not_doubled", "def factor_added", "factor_added is taken twice"),
    ("mistakes", "def not_doubled", "def scale", "scale is taken twice"),
    ("variants", "def by_rows", "def rows_counted", "rows_counted is taken twice"),
    ("mistakes", '    """The gradient is stopped."""\n', "", "gradient_stopped has no docstring"),
    ("mistakes", '"""The gradient is stopped."""', '"""  """', "gradient_stopped has no docstring"),
    ("mistakes", "def not_doubled(x):", "def not_doubled(x:", "mistakes.py"),
    ("variants", '@oracle("total")', "@oracle()", "variants.py"),
])  # fmt: skip
def test_what_does_not_fit_is_told(tmp_path: Path, file: str, old: str, new: str, said: str) -> None:
    text = tiny.FILES[f"{file}.py"]
    assert old in text
    with pytest.raises(AssignmentError, match=said):
        load(tmp_path, **{file: text.replace(old, new)})


def test_no_questions_are_no_assignment(tmp_path: Path) -> None:
    for number, value in enumerate(("()", "[]", "(3,)", "None")):
        with pytest.raises(AssignmentError, match="must define QUESTIONS"):
            load(tmp_path / str(number), questions=f"QUESTIONS = {value}")


def test_names_are_the_folders_with_questions(tmp_path: Path) -> None:
    for name in ("02_b", "01_a"):
        tiny.write_assignment(tmp_path, name)
    (tmp_path / "notes").mkdir()
    assert assignments.names(tmp_path) == ["01_a", "02_b"]
    with pytest.raises(AssignmentError, match="There is no folder"):
        assignments.names(tmp_path / "none")


def test_any_other_decorator_is_none_of_ours(tmp_path: Path) -> None:
    decorated = '@tf.function(jit_compile=True)\n@cached\n@helper("scale")\n@variant("scale")\ndef by_multiply'
    found = load(tmp_path, variants=tiny.VARIANTS.replace('@variant("scale")\ndef by_multiply', decorated))
    assert [v.name for v in found.of_kind("variant", "scale")] == ["by_multiply"]


@pytest.mark.parametrize("arguments", ["", "name", '"scale", "total"', "question='scale'"])
def test_an_implementation_names_its_question(tmp_path: Path, arguments: str) -> None:
    with pytest.raises(AssignmentError, match=r"by_multiply needs its question's name, e\.g\. @variant"):
        load(tmp_path, variants=tiny.VARIANTS.replace('"scale"', arguments, 1))
