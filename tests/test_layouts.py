"""Every layout that instructors have is read, each file as its student's; docs/layouts.md shows the same."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from trees import ASSIGNMENTS, CONV, POOL, Content, notebook, write, zipped

from autograder.course.choose import Piece
from autograder.course.find import Entry, find
from autograder.course.handed_in import File
from autograder.course.layouts import Owner, Place
from autograder.reports.left_out import Notes

N, P = notebook(CONV), notebook(POOL)


def searched(tmp_path: Path, *paths: Path, asked: str | None = None) -> tuple[list[Entry], Notes]:
    notes, spare = Notes(), tmp_path / "spare"
    spare.mkdir(exist_ok=True)
    return find(paths, ASSIGNMENTS, asked, notes=notes, spare=spare), notes


def shown(entries: list[Entry], root: Path) -> dict[str, str]:
    """By student and assignment, the file below the root."""
    told = {f"{e.student} {e.assignment}": e.file.removeprefix(f"{root.as_posix()}/") for e in entries}
    assert len(told) == len(entries)
    return told


def reasons(notes: Notes, root: Path) -> dict[str, str]:
    return {item.file.removeprefix(f"{root.as_posix()}/"): item.reason for item in notes.left_out}


LAYOUTS: dict[str, tuple[dict[str, Content], dict[str, str]]] = {
    "flat": (
        {"amy.ipynb": N, "bo.py": POOL, "CY.IPYNB": N},
        {"amy 02_convolution": "amy.ipynb", "bo 03_pooling": "bo.py", "CY 02_convolution": "CY.IPYNB"},
    ),
    "a folder per student": (
        {"amy/work.ipynb": N, "bo/02_convolution.ipynb": "", "bo/03_pooling.ipynb": P, "cy/src/deep/a.Py": POOL},
        {
            "amy 02_convolution": "amy/work.ipynb",
            "bo 02_convolution": "bo/02_convolution.ipynb",
            "bo 03_pooling": "bo/03_pooling.ipynb",
            "cy 03_pooling": "cy/src/deep/a.Py",
        },
    ),
    "nbgrader": (
        {
            "amy/02_convolution/02_convolution.ipynb": N, "amy/03_pooling/03_pooling.ipynb": P,
            "bo/02_convolution/final (2).ipynb": N, "amy/02_convolution/timestamp.txt": "2027-03-01",
        },
        {
            "amy 02_convolution": "amy/02_convolution/02_convolution.ipynb",
            "amy 03_pooling": "amy/03_pooling/03_pooling.ipynb",
            "bo 02_convolution": "bo/02_convolution/final (2).ipynb",
        },
    ),
    "letters of any case": (
        {"cy/02_Convolution/work.IPYNB": "", "di/03-POOLING/x.PY": "", "ed/03_pooling.Zip": zipped({"X.IPYNB": ""})},
        {
            "cy 02_convolution": "cy/02_Convolution/work.IPYNB",
            "di 03_pooling": "di/03-POOLING/x.PY",
            "ed 03_pooling": "ed/03_pooling.Zip/X.IPYNB",
        },
    ),
    "a folder per assignment": (
        {
            "02_convolution/amy.ipynb": "", "02_convolution/bo.ipynb": "", "03_pooling/amy.ipynb": P,
            "03_pooling/cy/work.ipynb": "",
        },
        {
            "amy 02_convolution": "02_convolution/amy.ipynb",
            "bo 02_convolution": "02_convolution/bo.ipynb",
            "amy 03_pooling": "03_pooling/amy.ipynb",
            "cy 03_pooling": "03_pooling/cy/work.ipynb",
        },
    ),
    "zips of students": (
        {"amy.zip": zipped({"hw/work.ipynb": N, "hw/data.csv": "1"}), "bo/all.zip": zipped({"a.py": POOL})},
        {"amy 02_convolution": "amy.zip/hw/work.ipynb", "bo 03_pooling": "bo/all.zip/a.py"},
    ),
    "Moodle, with folders": (
        {
            "Amy Lee_12345_assignsubmission_file_/02_convolution.ipynb": N,
            "Bo Å_12346_assignsubmission_file/x.ipynb": P,
            "Cy_de_Vries_7_assignsubmission_file_/work.zip": zipped({"cnn/w.ipynb": N}),
            "Amy Lee_12345_assignsubmission_onlinetext_/onlinetext.html": "hello",
        },
        {
            "12345 02_convolution": "Amy Lee_12345_assignsubmission_file_/02_convolution.ipynb",
            "12346 03_pooling": "Bo Å_12346_assignsubmission_file/x.ipynb",
            "7 02_convolution": "Cy_de_Vries_7_assignsubmission_file_/work.zip/cnn/w.ipynb",
        },
    ),
    "Moodle, without folders": (
        {"Amy Lee_12345_assignsubmission_file_x.ipynb": N, "Bo_12346_assignsubmission_file_w.zip": zipped({"w.ipynb": N})},
        {
            "12345 02_convolution": "Amy Lee_12345_assignsubmission_file_x.ipynb",
            "12346 02_convolution": "Bo_12346_assignsubmission_file_w.zip/w.ipynb",
        },
    ),
    "Canvas": (
        {
            "leeamy_12345_67890_02_convolution.ipynb": N, "oddbo_LATE_12346_67891_work-1.ipynb": P,
            "coxkit_12347_67892_all.zip": zipped({"w.ipynb": N}), "vries_12348_text.html": "hello",
            "dee_late_12349_67893_my\nwork.ipynb": N,
        },
        {
            "12345 02_convolution": "leeamy_12345_67890_02_convolution.ipynb",
            "12346 03_pooling": "oddbo_LATE_12346_67891_work-1.ipynb",
            "12347 02_convolution": "coxkit_12347_67892_all.zip/w.ipynb",
            "12349 02_convolution": "dee_late_12349_67893_my work.ipynb",
        },
    ),
    "everything at once": (
        {
            "amy/02_convolution/02_convolution.ipynb": N, "bo/02_convolution.ipynb": N, "cy/02_Convolution/c.ipynb": N,
            "dee.ipynb": N, "eve.zip": zipped({"e.ipynb": N}), "Fay_8_assignsubmission_file_/f.ipynb": N,
            "guy_9_7777_g.ipynb": N,
        },
        {
            "amy 02_convolution": "amy/02_convolution/02_convolution.ipynb",
            "bo 02_convolution": "bo/02_convolution.ipynb",
            "cy 02_convolution": "cy/02_Convolution/c.ipynb",
            "dee 02_convolution": "dee.ipynb",
            "eve 02_convolution": "eve.zip/e.ipynb",
            "8 02_convolution": "Fay_8_assignsubmission_file_/f.ipynb",
            "9 02_convolution": "guy_9_7777_g.ipynb",
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layout_is_read_as_a_folder(tmp_path: Path, layout: str) -> None:
    files, expected = LAYOUTS[layout]
    root = write(tmp_path / "class", files)
    assert shown(searched(tmp_path, root)[0], root) == expected


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("around", ["", "class/", "repository-main/"])
def test_a_layout_is_read_as_a_zip(tmp_path: Path, layout: str, around: str) -> None:
    files, expected = LAYOUTS[layout]
    root = tmp_path / "class.zip"
    root.write_bytes(zipped({around + name: content for name, content in files.items()}))
    found = shown(searched(tmp_path, root)[0], root)
    assert found == {student: around + file for student, file in expected.items()}


@pytest.mark.parametrize("layout", ["flat", "nbgrader", "Moodle, with folders", "Moodle, without folders", "Canvas"])
def test_a_layout_is_read_by_naming_what_is_in_it(tmp_path: Path, layout: str) -> None:
    """As a shell does for `submitted/*`."""
    files, expected = LAYOUTS[layout]
    root = write(tmp_path / "submitted", files)
    assert shown(searched(tmp_path, *sorted(root.iterdir()))[0], root) == expected


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_folder_that_unpacking_makes_around_a_class_is_no_student(tmp_path: Path, layout: str) -> None:
    files, expected = LAYOUTS[layout]
    root = write(tmp_path / "class", {f"class/{name}": content for name, content in files.items()})
    assert shown(searched(tmp_path, root)[0], root) == {s: f"class/{f}" for s, f in expected.items()}


def test_the_name_that_a_platform_tells_is_kept_beside_the_id(tmp_path: Path) -> None:
    files, _ = LAYOUTS["Moodle, with folders"]
    entries, _ = searched(tmp_path, write(tmp_path / "m", files))
    assert {(e.student, e.name, e.submission) for e in entries} == {
        ("12345", "Amy Lee", "Amy_Lee_12345"), ("12346", "Bo Å", "Bo_Å_12346"), ("7", "Cy_de_Vries", "Cy_de_Vries_7"),
    }  # fmt: skip


# One student's folder


@pytest.mark.parametrize("files, expected", [
    ({"02_convolution/02_convolution.ipynb": N, "02_convolution/old.ipynb": N}, {"02_convolution"}),
    ({"02_convolution/a.ipynb": N, "03_pooling/b.ipynb": P}, {"02_convolution", "03_pooling"}),
    ({"02_convolution.ipynb": N, "03_pooling.ipynb": P}, {"02_convolution", "03_pooling"}),
    ({"03_pooling/": "", "02_convolution/x.ipynb": N}, {"02_convolution", "03_pooling"}),
])  # fmt: skip
def test_a_folder_of_assignments_is_the_student_it_is_named_after(
    tmp_path: Path, files: Mapping[str, Content], expected: set[str]
) -> None:
    entries, _ = searched(tmp_path, write(tmp_path / "class" / "amy", files))
    assert {(e.student, e.assignment) for e in entries} == {("amy", name) for name in expected}


def test_below_submitted_every_folder_is_a_student_whatever_is_in_it(tmp_path: Path) -> None:
    """A workflow grades each of these by itself: nobody may hand in under another's name."""
    root = write(tmp_path / "submitted" / "mallory", {
        "amy/02_convolution/02_convolution.ipynb": N,
        "bo/02_convolution/02_convolution.ipynb": N,
        "leeamy_12345_67890_x.ipynb": P,
        "Amy_12345_assignsubmission_file_/y.ipynb": P,
    })  # fmt: skip
    entries, notes = searched(tmp_path, root)
    assert {(e.student, e.submission) for e in entries} == {("mallory", "mallory")}
    assert len(entries) == 2 and len(notes.left_out) == 2


@pytest.mark.parametrize("inner", [
    "leeamy_12345_99999_x-9.ipynb", "Amy_12345_assignsubmission_file_/x.ipynb", "amy/02_convolution/02_convolution.ipynb",
    "hw.zip/leeamy_12345_99999_x.ipynb",
])  # fmt: skip
@pytest.mark.parametrize("outer, student", [
    ("mallory", "mallory"), ("mallory.zip", "mallory"), ("Mal_666_assignsubmission_file_", "666"), ("mal_666_777_x.zip", "666"),
])  # fmt: skip
def test_nobody_hands_in_under_another_name(tmp_path: Path, outer: str, student: str, inner: str) -> None:
    files = {inner: N}
    if ".zip/" in inner:
        archive, _, inside = inner.partition("/")
        files = {archive: zipped({inside: N})}
    root = tmp_path / "class"
    write(root, {"leeamy_12345_67890_x.ipynb": P, "zoe/03_pooling/03_pooling.ipynb": P})
    if outer.endswith(".zip"):
        (root / outer).write_bytes(zipped(files))
    else:
        write(root / outer, files)
    entries, _ = searched(tmp_path, root)
    assert {(e.student, e.assignment) for e in entries} == {
        ("12345", "03_pooling"), ("zoe", "03_pooling"), (student, "02_convolution")
    }  # fmt: skip


@pytest.mark.parametrize("name", [
    "cs_231_02_convolution.ipynb", "hw_02_03_amy.ipynb", "hw_2_amy.ipynb", "a_1_22_x.ipynb", "amy_lee_12345_67890_x.ipynb",
    "x_assignsubmission_file_.ipynb", "_5_assignsubmission_file_x.ipynb",
])  # fmt: skip
def test_names_that_only_look_like_a_platforms_stay_whole(tmp_path: Path, name: str) -> None:
    entries, _ = searched(tmp_path, write(tmp_path / "class", {name: N, "zoe.ipynb": N}))
    assert {e.student for e in entries} == {name.removesuffix(".ipynb"), "zoe"}


def test_a_folder_that_looks_like_a_file_of_canvas_is_a_class(tmp_path: Path) -> None:
    entries, _ = searched(tmp_path, write(tmp_path / "cnn_2_2027_autumn", {"amy.ipynb": N, "bo.ipynb": N}))
    assert {e.student for e in entries} == {"amy", "bo"}


@pytest.mark.parametrize("name", ["w.ipynb", "hw/w.ipynb", "hw/src/w.ipynb"])
def test_a_zip_with_one_notebook_is_the_student_it_is_named_after(tmp_path: Path, name: str) -> None:
    root = tmp_path / "amy.zip"
    root.write_bytes(zipped({name: N, "hw/data.csv": "", "readme.md": ""}))
    ((entry,), _) = searched(tmp_path, root)
    assert entry.student == "amy"


@pytest.mark.parametrize("around", ["", "downloads/"])
@pytest.mark.parametrize(
    "name, student", [("Amy_5_assignsubmission_file_/w.ipynb", "5"), ("leeamy_6_789_w.ipynb", "6")]
)
def test_a_download_with_one_notebook_is_the_student_that_the_platform_names(
    tmp_path: Path, around: str, name: str, student: str
) -> None:
    root = tmp_path / "submissions.zip"
    root.write_bytes(zipped({around + name: N}))
    ((entry,), _) = searched(tmp_path, root)
    assert entry.student == student


def test_a_zip_that_claims_a_students_id_takes_no_place_of_theirs(tmp_path: Path) -> None:
    """Both are graded, and an export enters neither."""
    (tmp_path / "class.zip").write_bytes(zipped({"lee_5_600_w.ipynb": N, "odd_6_601_w.ipynb": N}))
    (tmp_path / "mallory.zip").write_bytes(zipped({"lee_5_999_w-9.ipynb": N, "mal_7_602_w.ipynb": N}))
    entries, notes = searched(tmp_path, tmp_path / "class.zip", tmp_path / "mallory.zip")
    assert [e.submission for e in entries] == ["lee_5", "lee_5-2", "mal_7", "odd_6"] and notes.left_out == []


# Which of several files


def chosen(tmp_path: Path, files: Mapping[str, Content]) -> tuple[str, dict[str, str]]:
    root = write(tmp_path / "class", files)
    (entry,), notes = searched(tmp_path, root)
    return entry.file.removeprefix(f"{root.as_posix()}/"), reasons(notes, root)


def test_on_canvas_the_newest_upload_of_a_name_counts(tmp_path: Path) -> None:
    names = ["w.ipynb", "w-1.ipynb", "w-2.ipynb", "w-10.ipynb"]
    files = {f"leeamy_1_{67890 - i}_{name}": N for i, name in enumerate(names)}
    best, others = chosen(tmp_path, files)
    assert best == "leeamy_1_67887_w-10.ipynb"
    assert set(others) == set(files) - {best}
    assert set(others.values()) == {"is older than another upload of the student under this name"}


def test_of_uploads_under_the_same_name_the_later_number_counts(tmp_path: Path) -> None:
    best, others = chosen(tmp_path, {"leeamy_1_9998_w.ipynb": N, "leeamy_LATE_1_10002_w.ipynb": N})
    assert best == "leeamy_LATE_1_10002_w.ipynb" and len(others) == 1


def test_files_of_one_name_in_several_folders_are_no_uploads_of_one_another(tmp_path: Path) -> None:
    root = write(tmp_path / "class", {"amy/a/w.ipynb": N, "amy/b/w.ipynb": N, "bo/w.ipynb": N})
    entries, notes = searched(tmp_path, root)
    assert len(entries) == 2
    (reason,) = reasons(notes, root).values()
    assert reason.startswith("is another file of the student") and reason.endswith("amy/a/w.ipynb was taken")


def test_the_assignments_name_comes_before_the_newest_upload(tmp_path: Path) -> None:
    best, others = chosen(
        tmp_path,
        {"lee_1_555_02_convolution-1.ipynb": "", "lee_1_999_plots.ipynb": N, "lee_1_444_02_convolution.ipynb": N},
    )
    assert best == "lee_1_555_02_convolution-1.ipynb"
    assert others["lee_1_999_plots.ipynb"].endswith("lee_1_555_02_convolution-1.ipynb has the assignment's name")
    assert "older" in others["lee_1_444_02_convolution.ipynb"]


def test_without_a_name_the_most_functions_count(tmp_path: Path) -> None:
    files = {
        "amy/a.ipynb": N,
        "amy/b.ipynb": notebook(f"{CONV}\ndef pad(x): pass"),
        "amy/c.py": f"{CONV}\ndef pad(x): pass",
    }
    best, others = chosen(tmp_path, files)
    assert best == "amy/b.ipynb"
    assert others["amy/a.ipynb"].endswith("amy/b.ipynb defines more of the functions")
    assert others["amy/c.py"].endswith("amy/b.ipynb was taken")


@pytest.mark.parametrize("root", ["class", "class/02_convolution"])
def test_nobody_takes_a_class_over_by_the_name_of_a_file(tmp_path: Path, root: str) -> None:
    """In a folder per assignment, one student kept the name of what was handed out."""
    write(tmp_path / "class", {f"02_convolution/{name}.ipynb": N for name in ("02_convolution", "amy", "bo")})
    entries, _ = searched(tmp_path, tmp_path / root)
    assert {entry.student for entry in entries} == {"02_convolution", "amy", "bo"}


@pytest.mark.parametrize(
    "kept",
    ["03_pooling/03_pooling.ipynb", "02_convolution/02_convolution.ipynb"],
    ids=["first in a new assignment", "beside folders of students"],
)
def test_nobody_takes_a_class_over_where_the_others_are_told_apart(tmp_path: Path, kept: str) -> None:
    """One student kept the name of what was handed out; the others' work lies in another folder, or in folders of their own."""
    if kept.startswith("03"):
        write(tmp_path / "class", {f"02_convolution/{name}.ipynb": N for name in ("amy", "bo", "cy")} | {kept: P})
    else:
        write(tmp_path / "class", {f"02_convolution/{name}/work.ipynb": N for name in ("amy", "bo", "cy")} | {kept: N})
    entries, notes = searched(tmp_path, tmp_path / "class")
    assert {entry.student for entry in entries} == {Path(kept).stem, "amy", "bo", "cy"} and not notes.left_out


def test_no_name_in_a_file_is_kept_that_is_longer_than_a_name(tmp_path: Path) -> None:
    """A file of 64 MB can be one name."""
    path = tmp_path / "a.py"
    path.write_text(f"def {'a' * 100}(x): pass\ndef {'b' * 101}(x): pass\nclass {'c' * 1_000_000}: pass\n")
    piece = Piece(File((path.name,), path), Place(Owner("a", "a"), path.name), path.name)
    assert piece.functions == {"a" * 100}


def test_a_copy_that_jupyter_kept_is_not_taken(tmp_path: Path) -> None:
    assert chosen(tmp_path, {"amy/a-checkpoint.ipynb": N, "amy/w.ipynb": N})[0] == "amy/w.ipynb"


def test_a_students_other_notebooks_are_told_apart_from_submissions(tmp_path: Path) -> None:
    best, others = chosen(tmp_path, {"amy/02_convolution.ipynb": "", "amy/notes.ipynb": notebook("x = 1")})
    assert (best, others) == ("amy/02_convolution.ipynb", {"amy/notes.ipynb": "defines no function of an assignment"})


def test_a_group_that_is_taken_for_one_student_is_a_warning(tmp_path: Path) -> None:
    _, notes = searched(tmp_path, write(tmp_path / "c", {f"section1/{s}/w.ipynb": N for s in "abc"} | {"zoe.ipynb": N}))
    assert len(notes.left_out) == 2
    assert "section1 in 3 folders. If these are several students, name the folder around them" in notes.warnings[0]


# --assignment


def test_only_what_was_asked_for_is_graded_and_the_rest_is_counted(tmp_path: Path) -> None:
    files = {
        "amy/02_convolution/x.ipynb": N, "amy/03_pooling/x.ipynb": P, "bo/03_pooling.ipynb": P, "bo/work.ipynb": N,
        "cy.ipynb": P,
    }  # fmt: skip
    root = write(tmp_path / "c", files)
    entries, notes = searched(tmp_path, root, asked="02_convolution")
    assert shown(entries, root) == {
        "amy 02_convolution": "amy/02_convolution/x.ipynb", "bo 02_convolution": "bo/work.ipynb",
        "cy 02_convolution": "cy.ipynb",
    }  # fmt: skip
    assert notes.left_out == []
    assert notes.counted() == "Passed over, files of assignments that were not asked for: 2."


# What is given twice, or lies among the instructor's own


def test_what_two_paths_hold_is_graded_once(tmp_path: Path) -> None:
    root = write(tmp_path / "submitted", {"amy/02_convolution/02_convolution.ipynb": N, "amy/02_convolution/x.png": ""})
    entries, notes = searched(
        tmp_path, root, root / "amy", root / "amy" / "02_convolution" / "02_convolution.ipynb", root
    )
    assert len(entries) == 1 and len(notes.left_out) == 1


def test_students_of_one_name_in_two_classes_are_two(tmp_path: Path) -> None:
    roots = [write(tmp_path / name, {"amy/w.ipynb": N, "bo/w.ipynb": N}) for name in ("one", "two")]
    assert [e.submission for e in searched(tmp_path, *roots)[0]] == ["amy", "amy-2", "bo", "bo-2"]


def test_the_instructors_folders_are_not_searched(tmp_path: Path) -> None:
    write(
        tmp_path / "c",
        {"amy.ipynb": N, "graded/x/02_convolution/report.json": "", "solutions/02_convolution/notebook.py": CONV},
    )
    notes = Notes()
    skip = (tmp_path / "c" / "graded", tmp_path / "c" / "solutions", tmp_path / "none")
    entries = find([tmp_path / "c"], ASSIGNMENTS, None, notes=notes, skip=skip)
    assert [e.student for e in entries] == ["amy"] and notes.left_out == []


def test_the_public_cases_that_come_back_with_a_notebook_are_counted(tmp_path: Path) -> None:
    _, notes = searched(
        tmp_path, write(tmp_path / "c", {"amy/02_convolution.npz": b"x", "amy/02_convolution.ipynb": N})
    )
    assert notes.left_out == [] and notes.counted().endswith(": 1.")


# A student without a submission


@pytest.mark.parametrize("files, student, said", [
    ({"zoe/02_convolution/IMG_1.png": ""}, "zoe", "IMG_1.png is not a notebook, a .py file or a zip"),
    ({"zoe/02_convolution/": ""}, "zoe", "02_convolution is empty"),
    ({"zoe/02_convolution.zip": "broken"}, "zoe", "02_convolution.zip cannot be unpacked"),
    ({"Zoe_5_assignsubmission_file_/a.rar": ""}, "5", "a.rar is an archive of a kind that is not opened"),
    ({"zoe_5_678_essay.pdf": ""}, "5", "zoe_5_678_essay.pdf is not a notebook"),
    ({"zoe.zip": "broken"}, "zoe", "zoe.zip cannot be unpacked"),
    ({"zoe/all.zip": zipped({"w.ipynb": b" " * (1 << 24)})}, "zoe", "w.ipynb grows more than 200 times"),
])  # fmt: skip
def test_a_student_whose_place_is_known_is_told_what_is_missing(
    tmp_path: Path, files: Mapping[str, Content], student: str, said: str
) -> None:
    entries, notes = searched(tmp_path, write(tmp_path / "c", {"amy.ipynb": N, **files}))
    (entry,) = [e for e in entries if e.problem]
    assert (entry.student, entry.assignment) == (student, "02_convolution") and not entry.path.exists()
    assert said in entry.problem and entry.problem.endswith("Submit the notebook itself.")
    assert len(notes.left_out) == 1


@pytest.mark.skipif(os.name != "posix", reason="links need rights elsewhere")
@pytest.mark.parametrize(
    "name", ["zoe.ipynb", "zoe/02_convolution.ipynb", "zoe/02_convolution", "Zoe_5_assignsubmission_file_/x.py"]
)
def test_a_link_in_place_of_a_submission_is_told_to_the_student(tmp_path: Path, name: str) -> None:
    root = write(tmp_path / "c", {"amy.ipynb": N})
    (root / name).parent.mkdir(exist_ok=True)
    (root / name).symlink_to(root / "amy.ipynb")
    entries, notes = searched(tmp_path, root)
    (entry,) = [e for e in entries if e.problem]
    assert entry.student in ("zoe", "5") and "is a link: only files themselves are graded" in entry.problem
    assert len(notes.left_out) == 1


def test_a_problem_beside_a_submission_is_listed_alone(tmp_path: Path) -> None:
    files = {
        "amy/02_convolution.ipynb": N,
        "amy/x.zip": "broken",
        "amy/photo.png": "",
        "bo_5_678_w.ipynb": N,
        "bo_5_679_a.pdf": "",
    }
    entries, notes = searched(tmp_path, write(tmp_path / "c", files))
    assert [e.problem for e in entries] == ["", ""] and len(notes.left_out) == 3


def test_what_is_nobodys_is_listed_and_no_student(tmp_path: Path) -> None:
    root = write(tmp_path / "c", {"amy.ipynb": N, "figures/a.png": "", "readme.txt": "", "bo/": "", "x.ipynb.txt": ""})
    entries, notes = searched(tmp_path, root)
    assert [e.student for e in entries] == ["amy"]
    assert reasons(notes, root) == {
        "figures/a.png": "is not a notebook, a .py file or a zip",
        "readme.txt": "is not a notebook, a .py file or a zip",
        "bo": "is empty",
        "x.ipynb.txt": "has a name that does not end in .ipynb: rename it if it is a notebook",
    }


# Names


def test_names_in_any_encoding_of_their_letters_are_one_folder(tmp_path: Path) -> None:
    decomposed, composed = "zoe\u0308", "zoë"
    root = write(tmp_path / "c", {f"{decomposed}/w.ipynb": N, f"{composed}/w.ipynb": N})
    if len(list(root.iterdir())) == 1:
        pytest.skip("this file system takes both for one")
    assert [e.submission for e in searched(tmp_path, root)[0]] == [composed, f"{composed}-2"]


@pytest.mark.parametrize("name", ["学" * 84, "𝒳" * 63, "é" * 127, "x" * 254])
def test_a_name_of_255_bytes_is_a_folder_that_can_be_made(tmp_path: Path, name: str) -> None:
    entries, _ = searched(tmp_path, write(tmp_path / "c", {f"{name}/02_convolution/02_convolution.ipynb": N}))
    entries[0].folder(tmp_path / "out").mkdir(parents=True)
    assert len(os.fsencode(entries[0].submission)) <= 100


def test_a_name_cannot_break_out_of_its_line(tmp_path: Path) -> None:
    root = write(tmp_path / "c", {"a\nb\x1b[2J::error::/w.ipynb": N, "a\nb\x1b[2J::error::/x.png": ""})
    entries, notes = searched(tmp_path, root)
    for text in (entries[0].file, entries[0].student, notes.left_out[0].file):
        assert text.isprintable()


def test_thousands_of_students_whose_names_come_out_alike_are_told_apart(tmp_path: Path) -> None:
    names = [f"{a}{b}" for a in "!§$%&()=?*'#;:," for b in "!§$%&()=?*'#;:,"]
    entries, _ = searched(tmp_path, write(tmp_path / "c", {f"{name}.py": CONV for name in names}))
    assert len({e.submission.casefold() for e in entries}) == len(names)
