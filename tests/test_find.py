"""Which files are submissions, whose each is, which assignment it answers, and under which name it is listed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import tiny
from hypothesis import given
from hypothesis import strategies as st

from autograder.course.find import ClassError, Entry, _safe, _unique, find
from autograder.reports import report

ASSIGNMENTS = {"01_one": {"f", "g"}, "02_two": {"h", "k"}}
F, H = "def f(x):\n    return x", "def h(x):\n    return x"


def found(*paths: Path, assignment: str | None = None) -> list[tuple[str, str, str]]:
    entries = find(paths, ASSIGNMENTS, assignment)
    return [(e.submission, e.assignment, e.path.name) for e in entries]


def write(path: Path, text: str = F) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


# Finding submissions


def test_a_file_is_listed_under_its_stem(tmp_path: Path) -> None:
    assert found(write(tmp_path / "amy.py"), tiny.write_notebook(tmp_path / "bob.ipynb", [H])) == [
        ("amy", "01_one", "amy.py"), ("bob", "02_two", "bob.ipynb")
    ]  # fmt: skip


def test_a_folder_is_all_its_files(tmp_path: Path) -> None:
    for name in ("amy.py", "bob.ipynb", ".hidden.py", "notes.txt", "sub/eve.py"):
        write(tmp_path / name)
    assert [name for name, _, _ in found(tmp_path, assignment="01_one")] == ["amy", "bob", "sub"]


def test_a_tree_is_students_and_assignments(tmp_path: Path) -> None:
    for name in (
        "amy/01_one/01_one.ipynb",
        "amy/02_two/02_two.ipynb",
        "bob/02_two/02_two.ipynb",
        ".git/01_one/x.py",
        "bob/other/x.py",
    ):
        write(tmp_path / "submitted" / name)
    write(tmp_path / "submitted" / "bob" / "02_two" / "timestamp.txt", "2026-01-01")
    tree = tmp_path / "submitted"
    assert found(tree) == [
        ("amy", "01_one", "01_one.ipynb"), ("amy", "02_two", "02_two.ipynb"), ("bob", "01_one", "x.py"),
        ("bob", "02_two", "02_two.ipynb"),
    ]  # fmt: skip
    assert found(tree, assignment="02_two") == [("amy", "02_two", "02_two.ipynb"), ("bob", "02_two", "02_two.ipynb")]
    assert found(tree / "amy" / "01_one", tree / "bob" / "02_two" / "02_two.ipynb") == [
        ("amy", "01_one", "01_one.ipynb"), ("bob", "02_two", "02_two.ipynb")
    ]  # fmt: skip


def test_in_a_tree_the_student_is_the_folder_whatever_the_file_is_called(tmp_path: Path) -> None:
    tiny.write_notebook(tmp_path / "amy" / "01_one" / "final (2).ipynb", [F])
    (entry,) = find([tmp_path], ASSIGNMENTS, None)
    assert (entry.student, entry.submission, entry.path.name) == ("amy", "amy", "final (2).ipynb")


def test_of_several_files_the_one_with_the_functions_is_the_submission(tmp_path: Path) -> None:
    folder = tmp_path / "amy" / "01_one"
    tiny.write_notebook(folder / "a_scratch.ipynb", ["x = 1"])
    tiny.write_notebook(folder / "work.ipynb", [F, "def g(): pass"])
    write(folder / "z.py", F)
    assert found(tmp_path) == [("amy", "01_one", "work.ipynb")]
    tiny.write_notebook(folder / "01_one.ipynb", ["x = 1"])  # the name the assignment was handed out with comes first
    assert found(tmp_path) == [("amy", "01_one", "01_one.ipynb")]


def test_a_student_who_handed_in_nothing_is_listed(tmp_path: Path) -> None:
    (tmp_path / "amy" / "01_one").mkdir(parents=True)
    (entry,) = find([tmp_path], ASSIGNMENTS, None)
    assert (entry.submission, entry.path.exists()) == ("amy", False)


@pytest.mark.parametrize("name, text, assignment", [
    ("02_two.py", F, "02_two"),
    ("02_two/amy.py", F, "02_two"),
    ("amy.py", H, "02_two"),
    ("amy.py", f"{F}\n{H}\ndef k(): pass", "02_two"),
    ("amy.ipynb", '{"cells": [{"source": "def h(x):\\n', "02_two"),  # broken JSON still tells
    ("amy.py", "def h(:\n    pass", "02_two"),
])  # fmt: skip
def test_the_assignment_is_guessed(tmp_path: Path, name: str, text: str, assignment: str) -> None:
    assert found(write(tmp_path / name, text))[0][1] == assignment


def test_a_file_that_tells_nothing_goes_with_the_majority(tmp_path: Path) -> None:
    for name, text in (("a.py", H), ("b.py", H), ("c.py", F), ("empty.py", ""), ("other.py", "x = 1")):
        write(tmp_path / name, text)
    assert [assignment for _, assignment, _ in found(tmp_path)] == ["02_two", "02_two", "01_one", "02_two", "02_two"]


def test_with_one_assignment_there_is_nothing_to_guess(tmp_path: Path) -> None:
    path = write(tmp_path / "empty.py", "")
    (entry,) = find([path], {"01_one": {"f"}}, None)
    assert entry.assignment == "01_one"


def test_where_nothing_tells_the_choices_are_named(tmp_path: Path) -> None:
    path = write(tmp_path / "amy.py", "x = 1")
    with pytest.raises(
        ClassError, match=r"Which assignment is .*amy.py\? Name it with --assignment \(01_one, 02_two\)"
    ):
        found(path)
    assert found(path, assignment="02_two") == [("amy", "02_two", "amy.py")]


@pytest.mark.parametrize("name", ["none", "none.ipynb", "notes.txt", "empty", "archive.zip"])
def test_paths_that_hold_no_submission_are_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    write(tmp_path / "notes.txt")
    write(tmp_path / "archive.zip")
    with pytest.raises(ClassError, match=name):
        found(tmp_path / name)


# Names


def test_submissions_that_would_share_a_folder_are_told_apart(tmp_path: Path) -> None:
    for name in ("amy.py", "amy.ipynb", "AMY.py", "amy-2.py", "amy 2.py", "amy_2.py"):
        write(tmp_path / name)
    names = [name for name, _, _ in found(tmp_path, assignment="01_one")]
    assert len({name.lower() for name in names}) == 6


@given(st.lists(st.sampled_from(["amy", "Amy", "amy-2", "amy-3", "amy-2-2", "AMY-2"]), min_size=1, max_size=8))
def test_no_two_entries_share_a_folder_whatever_their_names(names: list[str]) -> None:
    entries = [Entry(Path(f"{i}.py"), "01_one", name, name) for i, name in enumerate(sorted(names))]
    unique = _unique(entries)
    assert [e.path for e in unique] == [e.path for e in entries]
    assert len({e.submission.lower() for e in unique}) == len(names)


def test_one_student_may_hand_in_several_assignments(tmp_path: Path) -> None:
    write(tmp_path / "amy" / "01_one" / "a.py")
    write(tmp_path / "amy" / "02_two" / "a.py")
    assert [name for name, _, _ in found(tmp_path)] == ["amy", "amy"]


HOSTILE = [
    "..",
    "...",
    ".",
    "-rf",
    "~",
    "$(touch x)",
    "a;b",
    "a\nb",
    "a\x1bb",
    "%2e%2e",
    "CON",
    "a\\..\\b",
    "=cmd",
    "é",
    "x" * 250,
    " ",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_one_folder_below_out(tmp_path: Path, name: str) -> None:
    path = tmp_path / "in" / f"{name}.py"
    write(path)
    (entry,) = find([path], ASSIGNMENTS, "01_one")
    out = tmp_path / "out"
    folder = entry.folder(out).resolve()
    assert folder.parent.parent == out.resolve() and folder.parent != out.resolve()
    assert entry.submission.isprintable() and len(entry.submission) <= 100
    assert not set(entry.submission) & set("/\\\n\x1b;$() ~%=")
    assert not entry.submission.startswith(".")


@given(st.text(min_size=0, max_size=120))
def test_any_name_is_made_one_folder(name: str) -> None:
    safe = _safe(name)
    assert safe and safe not in (".", "..") and len(safe) <= 100
    assert Path(safe).name == safe and "\\" not in safe


def test_a_file_name_that_is_no_text_is_graded_too(tmp_path: Path) -> None:
    """Names from archives made elsewhere are bytes in another encoding; a report must be able to hold them."""
    folder = os.fsencode(tmp_path) + b"/tree/zo\xeb/01_one"
    try:
        Path(os.fsdecode(folder)).mkdir(parents=True)
    except OSError:
        pytest.skip("this file system has no such names")
    Path(os.fsdecode(folder), "01_one.py").write_text(F)
    (entry,) = find([tmp_path / "tree"], ASSIGNMENTS, None)
    entry.submission.encode("utf-8")
    report.save(tiny.report(submission=entry.submission, student=entry.student), tmp_path / "report.json")


def test_a_name_turns_no_text_around(tmp_path: Path) -> None:
    write(tmp_path / "submitted" / "amy\u202egro" / tiny.NAME / f"{tiny.NAME}.py", "x = 1")
    (entry,) = find([tmp_path / "submitted"], {tiny.NAME: {"scale"}}, None)
    assert entry.student == "amy\ufffdgro" and entry.student.isprintable()
