from __future__ import annotations

import csv
import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import tiny
from hypothesis import given
from hypothesis import strategies as st

from autograder.course import classroom
from autograder.course.find import ClassError, Entry
from autograder.grader.workers import Workers
from autograder.reports import report
from autograder.reports.report import Status

ASSIGNMENTS = {"01_one": {"f", "g"}, "02_two": {"h", "k"}}
F, H = "def f(x):\n    return x", "def h(x):\n    return x"


def found(*paths: Path, assignment: str | None = None) -> list[tuple[str, str, str]]:
    entries = classroom.find(paths, ASSIGNMENTS, assignment)
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
    assert [name for name, _, _ in found(tmp_path, assignment="01_one")] == ["amy", "bob"]


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
        ("amy", "01_one", "01_one.ipynb"), ("amy", "02_two", "02_two.ipynb"), ("bob", "02_two", "02_two.ipynb")
    ]  # fmt: skip
    assert found(tree, assignment="02_two") == [("amy", "02_two", "02_two.ipynb"), ("bob", "02_two", "02_two.ipynb")]
    assert found(tree / "amy" / "01_one", tree / "bob" / "02_two" / "02_two.ipynb") == [
        ("amy", "01_one", "01_one.ipynb"), ("bob", "02_two", "02_two.ipynb")
    ]  # fmt: skip


def test_in_a_tree_the_student_is_the_folder_whatever_the_file_is_called(tmp_path: Path) -> None:
    tiny.write_notebook(tmp_path / "amy" / "01_one" / "final (2).ipynb", [F])
    (entry,) = classroom.find([tmp_path], ASSIGNMENTS, None)
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
    (entry,) = classroom.find([tmp_path], ASSIGNMENTS, None)
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
    (entry,) = classroom.find([path], {"01_one": {"f"}}, None)
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
    unique = classroom._unique(entries)
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
    (entry,) = classroom.find([path], ASSIGNMENTS, "01_one")
    out = tmp_path / "out"
    folder = entry.folder(out).resolve()
    assert folder.parent.parent == out.resolve() and folder.parent != out.resolve()
    assert entry.submission.isprintable() and len(entry.submission) <= 100
    assert not set(entry.submission) & set("/\\\n\x1b;$() ~%=")
    assert not entry.submission.startswith(".")


@given(st.text(min_size=0, max_size=120))
def test_any_name_is_made_one_folder(name: str) -> None:
    safe = classroom._safe(name)
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
    (entry,) = classroom.find([tmp_path / "tree"], ASSIGNMENTS, None)
    entry.submission.encode("utf-8")
    report.save(tiny.report(submission=entry.submission, student=entry.student), tmp_path / "report.json")


# The table of grades


def graded_rows(*reports: report.Report) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(classroom.grades_csv(reports), newline="")))


def test_grades_are_one_row_a_report_and_one_column_a_question() -> None:
    wrong = tiny.question(
        tiny.part(passed=False, points=0.5, mistake="m1"), tiny.part(mistake="m2"), name="total", status=Status.PARTIAL
    )
    rows = graded_rows(tiny.report(), tiny.report(tiny.question(), wrong, submission="bob", student="b"))
    assert rows[0] == {
        "student": "amy", "submission": "amy", "assignment": "90_tiny", "score": "1.0", "max_score": "1.0", "status": "graded",
        "mistakes": "", "scale": "1.0", "total": "",
    }  # fmt: skip
    assert (rows[1]["student"], rows[1]["submission"], rows[1]["total"], rows[1]["mistakes"]) == (
        "b",
        "bob",
        "1.5",
        "m1 m2",
    )


def test_a_grader_fault_is_an_empty_cell_and_never_a_zero() -> None:
    (row,) = graded_rows(tiny.report(tiny.question(points=0.0), status="grader_fault"))
    assert (row["score"], row["scale"], row["status"]) == ("", "", "grader_fault")


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\r=x", "\uff1d1+1", "\uff201", '=HYPERLINK("http://evil")']
)
def test_no_cell_is_a_formula(text: str) -> None:
    rows = graded_rows(tiny.report(student=text, submission=text))
    assert rows[0]["student"].startswith("'") and rows[0]["submission"].startswith("'")


def test_a_name_turns_no_text_around(tmp_path: Path) -> None:
    write(tmp_path / "submitted" / "amy\u202egro" / tiny.NAME / f"{tiny.NAME}.py", "x = 1")
    (entry,) = classroom.find([tmp_path / "submitted"], {tiny.NAME: {"scale"}}, None)
    assert entry.student == "amy\ufffdgro" and entry.student.isprintable()


def test_commas_quotes_and_lines_stay_in_their_cell() -> None:
    text = 'a,"b"\nc'
    assert graded_rows(tiny.report(student=text))[0]["student"] == text


def test_a_class_of_nobody_has_a_header() -> None:
    assert classroom.grades_csv([]) == "student,submission,assignment,score,max_score,status,mistakes\n"


def test_the_summary_is_written_from_the_reports_that_are_there(tmp_path: Path) -> None:
    report.save(tiny.report(), tmp_path / "amy" / tiny.NAME / "report.json")
    report.save(tiny.report(submission="bob"), tmp_path / "bob" / tiny.NAME / "report.json")
    write(tmp_path / "eve" / tiny.NAME / "report.json", "{damaged")
    reports = classroom.reports_in(tmp_path)
    assert [r.submission for r in reports] == ["amy", "bob"]
    classroom.write_summary(tmp_path, reports)
    assert len((tmp_path / "grades.csv").read_text().splitlines()) == 3
    assert "bob" in (tmp_path / "index.html").read_text()


# The salt


def test_a_salt_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "deep" / ".salt"
    salt = classroom.read_salt(path)
    assert len(salt) == 64 and classroom.read_salt(path) == salt
    assert classroom.read_salt(tmp_path / "another") != salt
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_salt_that_can_be_guessed_is_refused(tmp_path: Path) -> None:
    for text in ("", "secret\n", "x" * 15):
        with pytest.raises(ClassError, match="at least 16"):
            classroom.read_salt(write(tmp_path / "salt", text))
    assert classroom.read_salt(write(tmp_path / "salt", f"  {'x' * 16}\n")) == "x" * 16


def test_a_salt_of_bytes_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "salt").write_bytes(bytes(range(200, 232)))
    with pytest.raises(ClassError):
        classroom.read_salt(tmp_path / "salt")


# Grading a class


@pytest.fixture
def one_worker(monkeypatch: pytest.MonkeyPatch, workers: Workers) -> list[int]:
    """Lets the class use the worker that is there; counts how often one is asked for."""
    started: list[int] = []

    @contextmanager
    def shared(isolation: str) -> Iterator[Workers]:
        assert isolation == workers.level
        started.append(1)
        yield workers

    monkeypatch.setattr(classroom, "Workers", shared)
    return started


@pytest.mark.tensorflow
def test_what_is_unchanged_is_not_graded_again(
    tmp_path: Path, tiny_solutions: Path, workers: Workers, one_worker: list[int]
) -> None:
    amy = tiny.write_notebook(tmp_path / "in" / "amy.ipynb", tiny.SOLVED)
    tiny.write_notebook(tmp_path / "in" / "bob.ipynb", tiny.STUBS)
    write(tmp_path / "in" / "eve.ipynb", "{")
    entries = classroom.find([tmp_path / "in"], {tiny.NAME: {"scale", "total"}}, None)
    out = tmp_path / "out"

    def run(salt: str = tiny.SALT, force: bool = False) -> dict[str, tuple[bool, float]]:
        done = classroom.grade_class(
            entries, tiny_solutions, out, salt=salt, jobs=2, isolation=workers.level, force=force
        )
        return {g.entry.submission: (g.fresh, g.report.score) for g in done}

    assert run() == {"amy": (True, 6), "bob": (True, 0), "eve": (True, 0)}
    assert {r.submission: r.status for r in classroom.reports_in(out)} == {
        "amy": "graded",
        "bob": "graded",
        "eve": "unreadable",
    }
    assert "scale" in (out / "amy" / tiny.NAME / "report.html").read_text()
    assert len(one_worker) == 1

    (out / "bob" / tiny.NAME / "report.html").unlink()
    assert run() == {"amy": (False, 6), "bob": (False, 0), "eve": (False, 0)}
    assert len(one_worker) == 1, "nothing to grade, nothing to start"
    assert (out / "bob" / tiny.NAME / "report.html").exists()

    tiny.write_notebook(amy, [*tiny.SOLVED[:2], "total = None"])
    write(out / "bob" / tiny.NAME / "report.json", "{damaged")
    assert run() == {"amy": (True, 4), "bob": (True, 0), "eve": (False, 0)}
    old = classroom.reports_in(out)[0]
    report.save(old.model_copy(update={"status": "grader_fault"}), out / "amy" / tiny.NAME / "report.json")
    assert run()["amy"] == (True, 4), "a grader fault is always graded again"
    assert all(fresh for fresh, _ in run(salt="another salt for tests").values())


@pytest.mark.tensorflow
def test_a_class_that_was_stopped_goes_on_where_it_was(
    tmp_path: Path, tiny_solutions: Path, workers: Workers, one_worker: list[int]
) -> None:
    for name in "abc":
        tiny.write_notebook(tmp_path / "in" / f"{name}.ipynb", tiny.SOLVED)
    entries = classroom.find([tmp_path / "in"], {tiny.NAME: {"scale", "total"}}, None)
    out = tmp_path / "out"
    running = classroom.grade_class(entries, tiny_solutions, out, salt=tiny.SALT, jobs=1, isolation=workers.level)
    first = next(running)
    running.close()  # type: ignore[attr-defined]
    kept = {r.submission for r in classroom.reports_in(out)}
    assert first.entry.submission in kept and len(kept) < 3
    rest = list(classroom.grade_class(entries, tiny_solutions, out, salt=tiny.SALT, jobs=1, isolation=workers.level))
    assert {g.entry.submission for g in rest if not g.fresh} == kept
    assert [g.report.score for g in rest] == [6, 6, 6]


@pytest.mark.tensorflow
def test_the_same_file_under_another_name_has_its_own_report(
    tmp_path: Path, tiny_solutions: Path, workers: Workers, one_worker: list[int]
) -> None:
    entries = [
        Entry(tiny.write_notebook(tmp_path / f"{name}.ipynb", tiny.SOLVED), tiny.NAME, name, name.upper())
        for name in ("a", "b")
    ]
    done = list(
        classroom.grade_class(
            entries, tiny_solutions, tmp_path / "out", salt=tiny.SALT, jobs=2, isolation=workers.level
        )
    )
    assert sorted((g.report.submission, g.report.student, g.report.score) for g in done) == [
        ("a", "A", 6),
        ("b", "B", 6),
    ]
    assert replace(done[0].entry) in entries
