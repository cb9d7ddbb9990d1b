"""Which of several files of one student is graded, and what is said of the others."""

from __future__ import annotations

from pathlib import Path

from autograder.course.choose import Piece, chosen
from autograder.course.handed_in import File
from autograder.course.layouts import Owner, Place
from autograder.reports.left_out import Notes

AMY = Owner("amy", "amy")
QUESTIONS = {"f", "g"}


def piece(folder: Path, name: str, text: str, version: tuple[int, int] = (0, 0), title: str = "") -> Piece:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return Piece(File(Path(name).parts, path), Place(AMY, title or Path(name).name, version=version), name)


def defining(*names: str) -> str:
    return "".join(f"def {name}(x):\n    return x\n" for name in names)


def choice(*pieces: Piece) -> tuple[str, dict[str, str]]:
    """The file that is taken, and the reasons for the others."""
    notes = Notes()
    best = chosen(pieces, "01_one", QUESTIONS, notes)
    return best.shown, {item.file: item.reason for item in notes.left_out}


def test_the_functions_that_are_asked_for_count_and_no_others(tmp_path: Path) -> None:
    many = piece(tmp_path, "many.py", defining("a", "b", "c", "f"))
    both = piece(tmp_path, "both.py", defining("f", "g"))
    taken = "is another file of the student: both.py defines more of the functions"
    assert choice(many, both) == ("both.py", {"many.py": taken})
    assert choice(both, many) == ("both.py", {"many.py": taken})


def test_of_equal_files_the_first_is_taken_and_the_other_is_told(tmp_path: Path) -> None:
    one, other = piece(tmp_path, "a.ipynb", defining("f")), piece(tmp_path, "b.ipynb", defining("g"))
    assert choice(one, other) == ("a.ipynb", {"b.ipynb": "is another file of the student: a.ipynb was taken"})


def test_a_single_file_needs_no_reason(tmp_path: Path) -> None:
    assert choice(piece(tmp_path, "a.py", "")) == ("a.py", {})


def test_of_uploads_under_one_name_the_newest_is_taken_however_the_name_is_written(tmp_path: Path) -> None:
    old = piece(tmp_path, "1.ipynb", defining("f", "g"), (7, 1), "My Work.ipynb")
    new = piece(tmp_path, "2.ipynb", defining("f"), (9, 2), "my_work.ipynb")
    reason = "is older than another upload of the student under this name"
    assert choice(old, new) == ("2.ipynb", {"1.ipynb": reason})


def test_the_name_of_the_assignment_comes_before_functions(tmp_path: Path) -> None:
    named, other = piece(tmp_path, "01_One.ipynb", ""), piece(tmp_path, "w.ipynb", defining("f", "g"))
    reason = "is another file of the student: 01_One.ipynb has the assignment's name"
    assert choice(other, named) == ("01_One.ipynb", {"w.ipynb": reason})


def test_functions_tell_the_assignment_only_if_it_asks_for_one_of_them(tmp_path: Path) -> None:
    assignments = {"01_one": QUESTIONS, "02_two": {"h", "k", "f"}}
    assert piece(tmp_path, "a.py", defining("mine", "other")).told_by_functions(assignments) == ""
    assert piece(tmp_path, "b.py", defining("mine", "g")).told_by_functions(assignments) == "01_one"
    assert piece(tmp_path, "c.py", defining("f", "k")).told_by_functions(assignments) == "02_two"


def test_files_in_several_folders_may_be_of_several_students(tmp_path: Path) -> None:
    notes = Notes()
    pieces = [piece(tmp_path, f"{folder}/w.py", defining("f")) for folder in ("a", "b", "c")]
    chosen(pieces, "01_one", QUESTIONS, notes)
    assert notes.warnings == [
        "a/w.py was graded, of files of amy in 3 folders. If these are several students, name the folder around them."
    ]
    chosen(pieces[:2], "01_one", QUESTIONS, notes)
    chosen([piece(tmp_path, f"a/{n}.py", defining("f")) for n in range(3)], "01_one", QUESTIONS, notes)
    assert len(notes.warnings) == 1


def test_jupyters_own_copies_are_told_by_the_files_name(tmp_path: Path) -> None:
    copy = piece(tmp_path, "a/w-checkpoint.ipynb", defining("f"))
    script = piece(tmp_path, "my-checkpoints/deep/w.py", defining("f"))
    assert choice(copy, script)[0] == "my-checkpoints/deep/w.py"
    notebook = piece(tmp_path, "b.py/w.ipynb", defining("f"))
    assert choice(script, notebook)[0] == "b.py/w.ipynb"
