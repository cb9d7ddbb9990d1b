"""A run over a class as an instructor starts it; only the grading of one submission is replaced, so nothing is slow here.

What was handed in is graded or listed, what is gone counts no more, and whatever breaks, the tables are there.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tiny
from click.testing import CliRunner, Result
from trees import notebook, write, zipped

from autograder import files
from autograder.commands.cli import main
from autograder.course import classroom
from autograder.course.run import _is_gone
from autograder.grader import isolation
from autograder.grader.grade import content_of
from autograder.reports import console, html
from autograder.reports.report import Report, load, save

SOLVED, OTHER = notebook("def scale(x): pass"), notebook("def total(x): pass")
Run = Callable[..., Result]


class NoWorkers:
    """Stands in for the warm worker."""

    def __init__(self, level: str) -> None:
        self.level = level

    def __enter__(self) -> NoWorkers:
        return self

    def __exit__(self, *_: object) -> None:
        return None


class Grader:
    """Stands in for grading: a point for whatever can be read. `broken` raises for a student; `seen` lists who was graded."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.broken: dict[str, BaseException] = {}

    def __call__(
        self, path: Path, marking: Any, workers: Any, *, submission: str, student: str, problem: str
    ) -> Report:
        self.seen.append(submission)
        if submission in self.broken:
            raise self.broken[submission]
        content, problem = content_of(path, problem)
        told = {"status": "unreadable", "message": problem, "score": 0.0} if problem else {}
        key = marking.key_of(content, problem or path.suffix.lower())
        values = {
            "assignment": marking.assignment,
            "submission": submission,
            "student": student,
            "salt_id": marking.salt_id,
        }
        return tiny.report(**(values | {"key": key} | told))


@pytest.fixture
def grader(monkeypatch: pytest.MonkeyPatch) -> Grader:
    stand_in = Grader()
    monkeypatch.setattr(classroom, "grade", stand_in)
    monkeypatch.setattr(classroom, "Workers", NoWorkers)
    monkeypatch.setattr(classroom, "answers_of", lambda *_: {})
    return stand_in


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, grader: Grader) -> Run:
    """`autograder grade ...` in an empty folder with the tiny course in it."""
    monkeypatch.chdir(tmp_path)
    tiny.write_assignment(tmp_path / "solutions")
    monkeypatch.setattr(isolation, "strongest", lambda: "full")

    def call(*arguments: object) -> Result:
        # The consoles remember the streams they were made with; the runner brings its own.
        for one in (console.out, console.err):
            monkeypatch.setattr(one, "_file", None)
            monkeypatch.setattr(one, "_width", 300)
        result = CliRunner().invoke(main, ["grade", *map(str, arguments), "--jobs", "1"])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return call


def table(name: str = "grades.csv") -> list[dict[str, str]]:
    with Path("graded", name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def page() -> str:
    return Path("graded", "index.html").read_text(encoding="utf-8")


# What is left out


def test_what_is_not_graded_is_listed_everywhere_with_its_reason(run: Run) -> None:
    write(Path("c"), {"amy.ipynb": SOLVED, "bo/x.png": "", "a.docx": "", ".DS_Store": ""})
    result = run("c")
    assert result.exit_code == 0
    left = [{"file": name, "reason": "is not a notebook, a .py file or a zip"} for name in ("c/a.docx", "c/bo/x.png")]
    assert table("left_out.csv") == left
    assert "! not graded: 2; all reasons are in graded/left_out.csv" in result.output
    for item in left:
        assert f"✗ {item['file']} {item['reason']}" in result.output
        assert item["file"] in page() and item["reason"] in page()
    for said in (result.output, page()):
        assert "Passed over, files of systems and tools (.DS_Store, .git, timestamp.txt and the like): 1." in said


def test_strict_ends_with_one_if_a_file_is_left_out(run: Run) -> None:
    write(Path("c"), {"amy.ipynb": SOLVED, ".DS_Store": ""})
    assert run("c", "--strict").exit_code == 0
    write(Path("c"), {"a.docx": ""})
    assert run("c").exit_code == 0
    assert run("c", "--strict").exit_code == 1


def test_a_fault_of_the_grader_outweighs_what_is_left_out(
    run: Run, grader: Grader, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(Path("c"), {"amy.ipynb": SOLVED, "a.docx": ""})
    monkeypatch.setattr(classroom, "save", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    assert run("c", "--strict").exit_code == 3


def test_thousands_of_files_that_are_left_out_do_not_bury_the_rest(run: Run) -> None:
    write(Path("c"), {"amy.ipynb": SOLVED, **{f"{i:04d}.txt": "" for i in range(1000)}})
    result = run("c")
    assert "… and 980 more" in result.output and result.output.count("✗") == 20
    assert 'And 800 more in <a href="left_out.csv">' in page() and len(table("left_out.csv")) == 1000


def test_names_go_to_no_runner_that_takes_commands_from_lines(run: Run) -> None:
    write(Path("c"), {"amy.ipynb": SOLVED, "::error::x.txt": "", "sub/::set-output name=a::b.txt": ""})
    result = run("c", "--format", "github")
    assert "! not graded: 2;" in result.output
    assert "::error::x" not in result.output and "set-output" not in result.output


def test_hostile_names_are_text_on_the_page_and_no_formula_in_the_tables(run: Run) -> None:
    name = '=HYPERLINK("x")<img src=x onerror=alert(1)>[red]'
    write(Path("c"), {f"{name}/w.ipynb": SOLVED, f"{name}.txt": ""})
    os.chdir("c")
    assert "[red]" in run(".", "--solutions", "../solutions", "--out", "../graded", "--salt", "../.salt").output
    os.chdir("..")
    assert "<img" not in page() and "&lt;img src=x" in page()
    assert all(not cell.startswith("=") for row in table() + table("left_out.csv") for cell in row.values())


def test_where_nothing_is_a_submission_the_reasons_are_told(run: Run) -> None:
    write(Path("c"), {"a.docx": "", "b.rar": ""})
    result = run("c")
    assert result.exit_code == 2
    assert "c holds no .ipynb or .py file to grade: c/a.docx is not a notebook" in result.output
    assert "c/b.rar is an archive of a kind that is not opened" in result.output
    assert not Path("graded").exists()


# What the report keeps


def test_the_files_name_and_the_students_stay_in_report_table_and_page(run: Run) -> None:
    data = zipped(
        {"Amy Lee_12345_assignsubmission_file_/My work.ipynb": SOLVED, "Bo_7_assignsubmission_file_/b.ipynb": OTHER}
    )
    Path("class.zip").write_bytes(data)
    assert run("class.zip").exit_code == 0
    report = load(Path("graded/Amy_Lee_12345/90_tiny/report.json"))
    assert (report.student, report.name) == ("12345", "Amy Lee")
    assert report.file == "class.zip/Amy Lee_12345_assignsubmission_file_/My work.ipynb"
    (row, _) = table()
    assert (row["student"], row["name"], row["submission"], row["file"]) == (
        "12345",
        "Amy Lee",
        "Amy_Lee_12345",
        report.file,
    )
    assert "Amy Lee (12345)" in page() and report.file in page()
    shown = Path("graded/Amy_Lee_12345/90_tiny/report.html").read_text(encoding="utf-8")
    assert "Amy Lee (12345)" in shown and "My work.ipynb" in shown and "class.zip" not in shown


def test_an_unchanged_file_under_another_name_keeps_its_grade_and_gets_the_name(run: Run, grader: Grader) -> None:
    write(Path("c"), {"amy/old.ipynb": SOLVED, "bo/w.ipynb": OTHER})
    run("c")
    Path("c/amy/old.ipynb").rename("c/amy/new.ipynb")
    assert "0 graded, 2 unchanged" in run("c").output
    assert load(Path("graded/amy/90_tiny/report.json")).file == "c/amy/new.ipynb"
    assert "new.ipynb" in Path("graded/amy/90_tiny/report.html").read_text(encoding="utf-8")


def test_the_same_text_as_another_kind_of_file_is_graded_again(run: Run, grader: Grader) -> None:
    write(Path("c"), {"amy/w.py": SOLVED, "bo/w.ipynb": OTHER})
    run("c")
    Path("c/amy/w.py").rename("c/amy/w.ipynb")
    assert "1 graded, 1 unchanged" in run("c").output


MOODLE = (
    'Identifier,"Full name","Email address",Grade,"Maximum Grade","Grade can be changed","Feedback comments"\n'
    '"Participant 12345","Amy Lee",amy@uni.edu,,1.00,Yes,\n"Participant 7","Bo Å",bo@uni.edu,,1.00,Yes,\n'
)
CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,90_tiny (4711)\n    Points Possible,,,,,1\n"
    '"Lee, Amy",12345,s-1,amy,A,\n"Å, Bo",7,s-2,bo,A,\n'
)


@pytest.mark.parametrize("platform, export, names", [
    ("moodle", MOODLE, ("Amy Lee_12345_assignsubmission_file_/w.ipynb", "Bo Å_7_assignsubmission_file_/IMG.png")),
    ("canvas", CANVAS, ("leeamy_LATE_12345_67890_w-2.ipynb", "leeamy_12345_67880_w.ipynb")),
])  # fmt: skip
def test_from_a_platforms_download_to_its_gradebook(
    run: Run, platform: str, export: str, names: tuple[str, str]
) -> None:
    Path("submissions.zip").write_bytes(zipped(dict.fromkeys(names, SOLVED)))
    Path("export.csv").write_text(export, encoding="utf-8")
    assert run("submissions.zip").exit_code == 0
    result = CliRunner().invoke(main, ["export", platform, "--into", "export.csv", "--out", "filled.csv"])
    assert result.exit_code == 0, result.output
    with Path("filled.csv").open(encoding="utf-8", newline="") as file:
        rows = {row[0]: row for row in csv.reader(file)}
    amy, column = ("Participant 12345", 3) if platform == "moodle" else ("Lee, Amy", 5)
    assert rows[amy][column] == "1"


# Unreadable


def test_what_cannot_be_read_is_no_zero(run: Run) -> None:
    write(Path("c"), {"amy/90_tiny/90_tiny.ipynb": SOLVED, "zoe/90_tiny/IMG_1.png": ""})
    result = run("c")
    rows = {row["student"]: row for row in table()}
    assert (rows["zoe"]["score"], rows["zoe"]["scale"], rows["zoe"]["status"]) == ("", "", "unreadable")
    reason = (
        "There is no notebook to grade: IMG_1.png is not a notebook, a .py file or a zip. Submit the notebook itself."
    )
    assert rows["zoe"]["reason"] == reason and rows["amy"]["reason"] == ""
    assert "1 graded, mean 1 of 1" in result.output and f"! could not be read: zoe {reason}" in result.output
    assert "1 graded, mean 1 of 1" in page() and reason in page()
    shown = Path("graded/zoe/90_tiny/report.html").read_text(encoding="utf-8")
    assert "could not be read" in shown and "of 1 points" not in shown


def test_another_reason_is_another_report(run: Run, grader: Grader) -> None:
    write(Path("c"), {"amy/90_tiny/90_tiny.ipynb": SOLVED, "zoe/90_tiny/IMG_1.png": ""})
    run("c")
    assert "0 graded, 2 unchanged" in run("c").output
    Path("c/zoe/90_tiny/IMG_1.png").rename("c/zoe/90_tiny/IMG_2.png")
    run("c")
    assert "IMG_2.png" in load(Path("graded/zoe/90_tiny/report.json")).message


@pytest.mark.skipif(os.name != "posix", reason="links need rights elsewhere")
def test_a_linked_folder_earns_nothing_and_tells_nothing(run: Run, grader: Grader) -> None:
    write(Path("c"), {"amy/90_tiny/90_tiny.ipynb": SOLVED, "mallory/": "", "eve/": ""})
    write(Path("instructors"), {"90_tiny/exam-questions.ipynb": SOLVED})
    Path("c/mallory/90_tiny").symlink_to("../amy/90_tiny")
    Path("c/eve/90_tiny").symlink_to(Path("instructors/90_tiny").absolute())
    result = run("c", "--strict")
    assert result.exit_code == 1
    rows = {row["student"]: row for row in table()}
    assert {s: rows[s]["score"] for s in rows} == {"amy": "1.0", "mallory": "", "eve": ""}
    everything = result.output + page() + "".join(
        path.read_text(encoding="utf-8") for path in Path("graded").glob("[em]*/*/*")
    )  # fmt: skip
    assert "is a link: only files themselves are graded" in everything
    assert "exam-questions" not in everything and "instructors" not in everything


# Withdrawn


def test_a_report_whose_file_is_gone_is_withdrawn_and_leaves_the_means(run: Run, grader: Grader) -> None:
    write(Path("c"), {"amy/w.ipynb": SOLVED, "bo/w.ipynb": OTHER})
    run("c")
    Path("c/bo/w.ipynb").unlink()
    result = run("c")
    assert "1 graded, mean 1 of 1" in result.output and "withdrawn, so not counted: bo" in result.output
    report = load(Path("graded/bo/90_tiny/report.json"))
    assert report.status == "withdrawn" and "no longer among those handed in" in report.message
    assert "withdrawn" in Path("graded/bo/90_tiny/report.html").read_text(encoding="utf-8")
    rows = {row["student"]: row for row in table()}
    assert (rows["bo"]["status"], rows["bo"]["score"]) == ("withdrawn", "")
    assert "withdrawn, so not counted: bo" in page()


def test_a_file_that_comes_back_counts_again(run: Run, grader: Grader) -> None:
    write(Path("c"), {"amy/w.ipynb": SOLVED, "bo/w.ipynb": OTHER})
    run("c")
    Path("c/bo/w.ipynb").rename("kept")
    run("c")
    Path("kept").rename("c/bo/w.ipynb")
    assert "1 graded, 1 unchanged" in run("c").output
    assert {row["status"] for row in table()} == {"graded"}


def test_a_class_that_is_graded_in_pieces_loses_none(run: Run, grader: Grader) -> None:
    write(Path("one"), {"amy/w.ipynb": SOLVED, "bo/w.ipynb": OTHER})
    write(Path("two"), {"cy/w.ipynb": notebook("def scale(a): pass"), "di/w.ipynb": notebook("def scale(b): pass")})
    run("one")
    run("two")
    assert {row["status"] for row in table()} == {"graded"} and len(table()) == 4


def test_what_a_shell_no_longer_names_is_gone_too(run: Run, grader: Grader) -> None:
    write(Path("submitted"), {"amy/90_tiny/90_tiny.ipynb": SOLVED, "bo/90_tiny/90_tiny.ipynb": OTHER})
    run(*sorted(Path("submitted").iterdir()))
    Path("submitted/bo/90_tiny/90_tiny.ipynb").unlink()
    Path("submitted/bo/90_tiny").rmdir()
    Path("submitted/bo").rmdir()
    run(*sorted(Path("submitted").iterdir()))
    assert {row["student"]: row["status"] for row in table()} == {"amy": "graded", "bo": "withdrawn"}


def test_from_another_folder_nothing_looks_gone(run: Run, grader: Grader, tmp_path: Path) -> None:
    write(Path("submitted"), {"amy/90_tiny/90_tiny.ipynb": SOLVED, "bo/90_tiny/90_tiny.ipynb": OTHER})
    write(Path("elsewhere"), {"more/cy/90_tiny/90_tiny.ipynb": notebook("def scale(c): pass")})
    run("submitted")
    os.chdir("elsewhere")
    run("more", "--out", "../graded", "--solutions", "../solutions", "--salt", "../.salt")
    os.chdir("..")
    assert {row["status"] for row in table()} == {"graded"} and len(table()) == 3


def test_another_assignment_is_not_withdrawn_because_one_was_asked_for(run: Run, grader: Grader) -> None:
    tiny.write_assignment(Path("solutions"), "91_other")
    write(Path("c"), {"amy/90_tiny/90_tiny.ipynb": SOLVED, "amy/91_other/91_other.ipynb": SOLVED})
    run("c")
    run("c", "--assignment", "90_tiny")
    assert [row["status"] for row in table()] == ["graded", "graded"]


def test_withdrawn_grades_are_not_exported(run: Run, grader: Grader) -> None:
    write(Path("c"), {"amy/w.ipynb": SOLVED, "bo/w.ipynb": OTHER})
    run("c")
    Path("c/bo/w.ipynb").unlink()
    run("c")
    result = CliRunner().invoke(main, ["export", "csv", "--out", "exported.csv"])
    assert result.exit_code == 0
    assert "amy" in Path("exported.csv").read_text() and "bo" not in Path("exported.csv").read_text()


# Salts


def test_a_new_salt_is_announced_once(run: Run) -> None:
    write(Path("c"), {"amy.ipynb": SOLVED})
    assert f"A new salt was made: {Path.cwd() / '.salt'}." in run("c").output
    assert "salt was made" not in run("c").output


def test_reports_of_two_salts_are_a_warning(run: Run) -> None:
    write(Path("one"), {"amy.ipynb": SOLVED})
    write(Path("two"), {"bo.ipynb": SOLVED})
    assert "several salts" not in run("one", "--salt", "a").output
    result = run("two", "--salt", "b")
    assert result.exit_code == 0
    assert "were drawn from several salts" in result.output and "were drawn from several salts" in page()
    run("one", "--salt", "b")
    assert "several salts" not in page()


# An assignment that is being written


@pytest.mark.parametrize("half", ["QUESTIONS = (", "QUESTIONS = ()", "raise RuntimeError('later')", ""])
def test_a_half_written_assignment_is_in_nobodys_way(run: Run, half: str) -> None:
    write(Path("solutions"), {"91_next/questions.py": half})
    write(Path("c"), {"amy/w.ipynb": SOLVED, "bo/90_tiny/90_tiny.ipynb": SOLVED, "cy/91_next/91_next.ipynb": SOLVED})
    result = run("c")
    assert result.exit_code == 0 and [row["student"] for row in table()] == ["amy", "bo"]
    assert "91_next cannot be graded: " in result.output and "91_next cannot be graded: " in page()
    assert table("left_out.csv") == [
        {"file": "c/cy/91_next/91_next.ipynb", "reason": "answers 91_next, which cannot be loaded"}
    ]


def test_a_half_written_assignment_that_is_asked_for_is_refused(run: Run) -> None:
    write(Path("solutions"), {"91_next/questions.py": "QUESTIONS = ()"})
    write(Path("c"), {"amy/w.ipynb": SOLVED})
    result = run("c", "--assignment", "91_next")
    assert result.exit_code == 2 and "91_next" in result.output
    assert run("c", "--assignment", "90_tiny").exit_code == 0


def test_an_assignment_that_cannot_be_solved_does_not_stop_those_after_it(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from autograder.course.assignment import AssignmentError

    tiny.write_assignment(Path("solutions"), "80_wrong")

    def solve(assignment: Any, *_: Any) -> dict[str, Any]:
        if assignment.name == "80_wrong":
            raise AssignmentError("80_wrong: the solved scale fails its own cases")
        return {}

    monkeypatch.setattr(classroom, "answers_of", solve)
    write(Path("c"), {"amy/80_wrong/a.ipynb": SOLVED, "amy/90_tiny/a.ipynb": SOLVED})
    result = run("c")
    assert result.exit_code == 2 and "fails its own cases" in result.output
    assert [row["assignment"] for row in table()] == ["90_tiny"]


# The tables are there


def test_stopped_the_tables_hold_what_is_done(run: Run, grader: Grader) -> None:
    write(Path("c"), {"amy.ipynb": SOLVED, "bo.ipynb": OTHER, "x.txt": ""})
    grader.broken["bo"] = KeyboardInterrupt()
    result = run("c")
    assert result.exit_code == 130 and "Stopped." in result.output
    assert [row["student"] for row in table()] == ["amy"] and "amy" in page()
    assert len(table("left_out.csv")) == 1
    del grader.broken["bo"]
    assert "1 graded, 1 unchanged" in run("c").output


def test_whatever_ends_the_grading_the_tables_hold_what_is_done(run: Run, grader: Grader) -> None:
    from autograder.errors import GraderFault

    write(Path("c"), {"amy.ipynb": SOLVED, "bo.ipynb": OTHER})
    grader.broken["bo"] = GraderFault("the worker is gone")
    assert run("c").exit_code == 3
    assert [row["student"] for row in table()] == ["amy"]


def test_a_report_that_cannot_be_written_costs_itself_alone(run: Run) -> None:
    write(Path("c"), {"amy.ipynb": SOLVED, "bo.ipynb": OTHER, "cy.ipynb": SOLVED})
    write(Path("graded"), {"bo": "a file where its folder should be"})
    result = run("c")
    assert result.exit_code == 3
    rows = {row["student"]: (row["status"], row["score"]) for row in table()}
    assert rows == {"amy": ("graded", "1.0"), "bo": ("grader_fault", ""), "cy": ("graded", "1.0")}
    assert "The report cannot be written" in next(row["reason"] for row in table() if row["student"] == "bo")


@pytest.mark.parametrize("damage", ["{", "[]", '{"version": 1}', "", "NaN", "[" * 100_000])
def test_a_damaged_report_is_a_warning_and_costs_no_other(run: Run, damage: str) -> None:
    write(Path("c"), {"amy.ipynb": SOLVED})
    write(Path("graded"), {"bo/90_tiny/report.json": damage})
    result = run("c")
    assert result.exit_code == 0 and [row["student"] for row in table()] == ["amy"]
    assert "bo/90_tiny/report.json is damaged" in result.output


def test_a_report_of_no_points_breaks_no_table(run: Run) -> None:
    write(Path("c"), {"amy.ipynb": SOLVED})
    save(tiny.report(submission="bo", student="bo", max_score=0.0), Path("graded/bo/90_tiny/report.json"))
    assert run("c").exit_code == 0 and len(table()) == 2


def test_a_page_that_cannot_be_made_costs_no_table_of_grades(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    write(Path("c"), {"amy.ipynb": SOLVED})

    def broken(*_: object) -> str:
        raise OSError("no page")

    monkeypatch.setattr(html, "class_page", broken)
    assert run("c").exit_code == 3
    assert [row["student"] for row in table()] == ["amy"]


def test_no_page_is_left_of_a_report_that_another_took_the_place_of(
    run: Run, grader: Grader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ended between the report and its page, the next run makes the page; it never finds an old one."""
    write(Path("c"), {"amy.ipynb": SOLVED})
    run("c")
    shown = Path("graded/amy/90_tiny/report.html")
    assert shown.exists()
    write(Path("c"), {"amy.ipynb": OTHER})
    real = files.write

    def stop(path: Path, content: str | bytes) -> None:
        if path.name == "report.html":
            raise KeyboardInterrupt
        real(path, content)

    monkeypatch.setattr(files, "write", stop)
    assert run("c").exit_code == 130
    assert not shown.exists()
    monkeypatch.setattr(files, "write", real)
    assert "0 graded, 1 unchanged" in run("c").output
    assert shown.exists()


def test_a_path_from_elsewhere_is_not_gone_because_it_begins_at_the_same_root() -> None:
    nowhere = Path("/there is no such folder/amy.ipynb")
    assert not _is_gone(nowhere, {Path("/")})
    assert _is_gone(Path("no such file.ipynb"), {Path()})


def test_the_bar_counts_every_submission(run: Run, grader: Grader) -> None:
    write(Path("c"), {"amy.ipynb": SOLVED, "bo.ipynb": OTHER})
    assert "grading 90_tiny" in (said := run("c").stderr) and "2/2" in said
    assert "2/2" in run("c").stderr, "unchanged ones, too"
