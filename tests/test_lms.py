"""Exports of Canvas and Moodle are filled, and every other byte of them stays what it was."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
import tiny
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from autograder.adapters import raw_csv
from autograder.adapters.lms import comment, fill_canvas, fill_moodle
from autograder.adapters.raw_csv import Table
from autograder.commands.cli import main
from autograder.errors import CallError
from autograder.reports import report
from autograder.reports.report import Report, State, Status
from autograder.reports.tables import defused

HOMEWORK = "90_tiny"

CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,90_tiny (4711),Other (4712),Current Score\n"
    ",,,,,Manual Posting,,\n"
    "    Points Possible,,,,,6.0,10,(read only)\n"
    '"Lee, Amy",101,s-1,amy,"A, B",,7,70\n'
    '"Ødegård, Bo",102,s-2,bo@uni.no,A,,,\n'
    '"Cox ""Kit"", C",103,s-3,kit,A,5,,\n'
    '"Student, Test",104,,f00,A,,,\n'
)

MOODLE = (
    'Identifier,"Full name","Email address",Status,Grade,"Maximum Grade","Grade can be changed",'
    '"Last modified (submission)","Last modified (grade)","Feedback comments"\r\n'
    '"Participant 11","Amy Lee",amy@uni.edu,Submitted,,6.00,Yes,"Friday, 1 May",-,\r\n'
    '"Participant 12","Bo Å","bo@uni.edu",Submitted,"",6.00,Yes,-,-,"well done, Bo"\r\n'
    '"Participant 13",Kit,kit@uni.edu,Submitted,2,6.00,No,-,-,\r\n'
)


def graded(student: str, score: float = 4.5, **changed: object) -> Report:
    """A report out of six points."""
    question = tiny.question(
        tiny.part(points=score, max_points=6, passed=score == 6, mistake="factor_added"), name="scale"
    )
    return tiny.report(question, student=student, submission=student, assignment=HOMEWORK, **changed)


def rows(data: bytes, encoding: str = "utf-8", delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode(encoding), newline=""), delimiter=delimiter))


@pytest.fixture
def canvas(tmp_path: Path) -> Path:
    path = tmp_path / "export.csv"
    path.write_bytes(CANVAS.encode())
    return path


@pytest.fixture
def moodle(tmp_path: Path) -> Path:
    path = tmp_path / "worksheet.csv"
    path.write_bytes(MOODLE.encode())
    return path


# Canvas


def test_canvas_gets_the_grades_by_id_login_and_mail(canvas: Path) -> None:
    reports = [graded("s-1"), graded("bo", 6), graded("103", 3)]
    filled = fill_canvas(canvas, reports, HOMEWORK, None, scale=False)
    table = rows(filled.table.to_bytes())
    assert [row[5] for row in table] == ["90_tiny (4711)", "Manual Posting", "6.0", "4.5", "6", "3", ""]
    assert (filled.written, filled.unknown, filled.absent) == (3, [], [])  # "Student, Test" is Canvas's own
    assert [row[:5] + row[6:] for row in table] == [row[:5] + row[6:] for row in rows(CANVAS.encode())]


def test_who_does_not_match_is_named_and_nobody_gets_the_grade_of_another(canvas: Path) -> None:
    canvas.write_bytes(CANVAS.encode() + b'"Two, T",105,s-5,amy@other.edu,A,,,\n')
    filled = fill_canvas(canvas, [graded("amy"), graded("nobody"), graded("S-2")], HOMEWORK, None, scale=False)
    assert filled.unknown == ["amy", "nobody"] and filled.written == 1
    assert filled.absent == ["Lee, Amy", 'Cox "Kit", C', "Two, T"]
    assert [row[5] for row in rows(filled.table.to_bytes())][3:] == ["", "4.5", "5", "", ""]


def test_two_submissions_of_one_student_are_for_the_instructor_to_choose_from(canvas: Path) -> None:
    two = [graded("amy", 6), graded("amy", 3)]
    filled = fill_canvas(canvas, two, HOMEWORK, None, scale=False)
    assert filled.written == 0 and filled.unknown == ["amy", "amy"]
    same = fill_canvas(canvas, [graded("amy", 6), graded("s-1", 3), graded("bo")], HOMEWORK, None, scale=False)
    assert same.written == 1 and same.unknown == ["amy", "s-1"] and "Lee, Amy" not in same.absent


def test_an_ambiguous_login_is_nobody_even_if_the_next_name_fits(canvas: Path) -> None:
    canvas.write_bytes(CANVAS.encode() + b'"Two, T",105,s-5,amy@other.edu,A,,,\n')
    one = graded("amy").model_copy(update={"submission": "kit"})
    filled = fill_canvas(canvas, [one], HOMEWORK, None, scale=False)
    assert (filled.written, filled.unknown) == (0, ["kit"])
    assert [row[5] for row in rows(filled.table.to_bytes())] == [
        "90_tiny (4711)",
        "Manual Posting",
        "6.0",
        "",
        "",
        "5",
        "",
        "",
    ]


def test_the_platforms_own_number_comes_before_all_names(canvas: Path, moodle: Path) -> None:
    canvas.write_bytes(CANVAS.replace("s-2", "101").encode())  # Bo's number in another system is Amy's in Canvas
    named = graded("101").model_copy(update={"file": "class.zip/leeamy_LATE_101_99887_x-1.ipynb"})
    for one in (named, graded("leeamy_101_99887_90_tiny")):
        table = rows(fill_canvas(canvas, [one], HOMEWORK, None, scale=False).table.to_bytes())
        assert [row[5] for row in table[3:6]] == ["4.5", "", "5"]
    assert fill_canvas(canvas, [graded("101")], HOMEWORK, None, scale=False).unknown == ["101"], "Amy or Bo"
    gone = named.model_copy(update={"file": "lee_999_99887_x.ipynb", "student": "bo"})
    assert fill_canvas(canvas, [gone], HOMEWORK, None, scale=False).written == 0, "nobody in this export"
    download = graded("11").model_copy(update={"file": "Amy Lee_11_assignsubmission_file_/x.ipynb"})
    assert [row[4] for row in rows(fill_moodle(moodle, [download], scale=False).table.to_bytes())[1:]] == [
        "4.5",
        "",
        "2",
    ]
    assert fill_moodle(moodle, [graded("11")], scale=False).unknown == ["11"], "a name of another system"


def test_what_could_not_be_read_has_no_grade(canvas: Path, tmp_path: Path) -> None:
    unreadable = graded("amy").model_copy(
        update={"status": State.UNREADABLE, "score": 0.0, "message": "The file is empty."}
    )
    filled = fill_canvas(canvas, [unreadable], HOMEWORK, None, scale=False)
    assert (
        filled.unreadable == ["amy"] and filled.table.to_bytes() == CANVAS.encode() and "Lee, Amy" not in filled.absent
    )
    save(tmp_path, unreadable)
    result = export(tmp_path, "canvas", "--into", str(canvas))
    assert result.exit_code == 0 and "could not be read, so there is no grade: 1 (amy)" in result.output
    assert rows(export(tmp_path, "csv").stdout_bytes)[1][7:10] == ["", "", ""]


def test_the_student_comes_before_the_name_of_the_submission(canvas: Path) -> None:
    one = graded("bo").model_copy(update={"submission": "kit"})
    assert rows(fill_canvas(canvas, [one], HOMEWORK, None, scale=False).table.to_bytes())[4][5] == "4.5"
    two = graded("nobody").model_copy(update={"submission": "kit"})
    assert rows(fill_canvas(canvas, [two], HOMEWORK, None, scale=False).table.to_bytes())[5][5] == "4.5"


@pytest.mark.parametrize("column", ["ID", "SIS User ID", "SIS Login ID", "Integration ID", "Email", "email"])
def test_every_column_of_canvas_that_names_students_counts(tmp_path: Path, column: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text(
        f"Student,ID,{column},90_tiny (1)\nAmy,1,amy-x,\n" if column != "ID" else "Student,ID,90_tiny (1)\nAmy,amy-x,\n"
    )
    assert fill_canvas(path, [graded("AMY-X ")], HOMEWORK, None, scale=False).written == 1


@pytest.mark.parametrize("column", ["Identifier", "Email address", "Username", "ID number"])
def test_every_column_of_moodle_that_names_students_counts(tmp_path: Path, column: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text(
        f"Identifier,{column},Grade\nParticipant 1,amy-x,\n" if column != "Identifier" else "Identifier,Grade\namy-x,\n"
    )
    assert fill_moodle(path, [graded("AMY-X ")], scale=False).written == 1


def test_a_name_or_another_column_matches_nobody(canvas: Path) -> None:
    assert fill_canvas(canvas, [graded("lee, amy"), graded("a, b")], HOMEWORK, None, scale=False).written == 0


def test_the_number_of_a_bulk_download_is_the_platforms_own(canvas: Path, moodle: Path) -> None:
    canvas.write_bytes(CANVAS.replace("s-1", "777").encode())
    one = graded("leeamy_777_99887_90_tiny")  # another system's number for Amy: the file is somebody else's
    assert fill_canvas(canvas, [one], HOMEWORK, None, scale=False).unknown == [one.submission]
    moodle.write_bytes(MOODLE.replace("amy@uni.edu", "group 12").encode())
    two = graded("Bo_12_assignsubmission_file_")
    assert [row[4] for row in rows(fill_moodle(moodle, [two], scale=False).table.to_bytes())[1:]] == ["", "4.5", "2"]


def test_a_submission_beside_a_fault_waits_for_it(canvas: Path) -> None:
    fault = graded("amy").model_copy(update={"status": "grader_fault", "score": 0.0})
    for order in ([fault, graded("s-1")], [graded("s-1"), fault]):
        filled = fill_canvas(canvas, order, HOMEWORK, None, scale=False)
        assert (filled.written, filled.faults, filled.unknown) == (0, ["amy"], ["s-1"])


def test_who_is_absent_is_named_and_who_has_a_submission_is_not(canvas: Path, moodle: Path) -> None:
    assert fill_canvas(canvas, [], HOMEWORK, None, scale=False).absent == ["Lee, Amy", "Ødegård, Bo", 'Cox "Kit", C']
    locked = fill_moodle(moodle, [graded("kit")], scale=False)
    assert locked.locked == ["kit"] and locked.absent == ["Amy Lee", "Bo Å"] and locked.written == 0
    moodle.write_bytes(MOODLE.replace('"Full name"', "Nom").encode())
    assert fill_moodle(moodle, [], scale=False).absent == ["Participant 11", "Participant 12", "Participant 13"]


def test_names_of_bulk_downloads_match(canvas: Path, moodle: Path) -> None:
    name = "leeamy_late_101_99887_90_tiny"
    assert fill_canvas(canvas, [graded(name)], HOMEWORK, None, scale=False).unknown == []
    assert fill_moodle(moodle, [graded("Amy Lee_11_assignsubmission_file_")], scale=False).unknown == []


def test_a_fault_is_never_a_zero(canvas: Path) -> None:
    fault = graded("amy").model_copy(update={"status": "grader_fault", "score": 0.0})
    filled = fill_canvas(canvas, [fault], HOMEWORK, None, scale=False)
    assert filled.faults == ["amy"] and filled.table.to_bytes() == CANVAS.encode()


def test_other_points_on_the_platform_are_refused_or_scaled(canvas: Path) -> None:
    canvas.write_bytes(CANVAS.replace("6.0", "100").encode())
    with pytest.raises(CallError, match=r"The column '90_tiny .4711.' has 100 points, and the assignment has 6\."):
        fill_canvas(canvas, [graded("amy")], HOMEWORK, None, scale=False)
    table = rows(fill_canvas(canvas, [graded("amy")], HOMEWORK, None, scale=True).table.to_bytes())
    assert table[3][5] == "75"


@pytest.mark.parametrize(
    ("points", "scale", "said"),
    [
        ("0", True, "has 0 points"), ("1,000", True, "cannot be read: '1,000'"), ("(read only)", False, "cannot be read"),
        ("6 points", False, "cannot be read"), ("", True, "has no points, so"), ("-6", True, "cannot be read"),
        ("10", False, "The column '90_tiny .4711.' has 10 points, and the assignment has 6"),
    ],
)  # fmt: skip
def test_points_that_make_no_scale_are_refused(canvas: Path, points: str, scale: bool, said: str) -> None:
    canvas.write_bytes(CANVAS.replace(",6.0,", f',"{points}",').encode())
    with pytest.raises(CallError, match=said):
        fill_canvas(canvas, [graded("amy")], HOMEWORK, None, scale=scale)


@pytest.mark.parametrize(
    ("points", "scale", "written"),
    [
        ("6", True, "4.5"), ("6,00", False, "4,5"), ("", False, "4.5"), ("12,5", True, "9,38"), ("1000.0", True, "750"), (" 6.0 ", False, "4.5"),
        ("6.00000", False, "4.5"), ("3", True, "2.25"),
    ],
)  # fmt: skip
def test_scores_are_written_as_the_platform_writes_points(canvas: Path, points: str, scale: bool, written: str) -> None:
    canvas.write_bytes(CANVAS.replace(",6.0,", f',"{points}",').encode())
    assert rows(fill_canvas(canvas, [graded("amy")], HOMEWORK, None, scale=scale).table.to_bytes())[3][5] == written


def test_each_report_is_scaled_by_its_own_points(canvas: Path) -> None:
    old = graded("bo", 3).model_copy(update={"max_score": 4.0})
    with pytest.raises(CallError, match=r"has 6 points, and the assignment has 4 or 6\."):
        fill_canvas(canvas, [graded("amy"), old], HOMEWORK, None, scale=False)
    table = rows(fill_canvas(canvas, [graded("amy"), old], HOMEWORK, None, scale=True).table.to_bytes())
    assert [row[5] for row in table[3:5]] == ["4.5", "4.5"]


def test_sums_of_points_may_differ_in_the_last_bit(canvas: Path) -> None:
    one = graded("amy").model_copy(update={"max_score": 6 + 1e-15})
    assert fill_canvas(canvas, [one], HOMEWORK, None, scale=False).written == 1


def test_worksheets_of_two_assignments_are_refused(moodle: Path) -> None:
    moodle.write_bytes(
        MOODLE.replace('"Bo Å","bo@uni.edu",Submitted,"",6.00', '"Bo Å","bo@uni.edu",Submitted,"",7.00').encode()
    )
    with pytest.raises(CallError, match=r"different maximum grades: 6\.00, 7\.00"):
        fill_moodle(moodle, [graded("amy")], scale=True)


@pytest.mark.parametrize(
    "column", ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Current Score", "(4711)", "4711"]
)
def test_no_grade_goes_into_a_column_that_is_no_assignment(canvas: Path, column: str) -> None:
    with pytest.raises(CallError, match="No column matches"):
        fill_canvas(canvas, [graded("amy")], HOMEWORK, column, scale=False)
    with pytest.raises(CallError, match="No column matches"):
        fill_canvas(canvas, [graded("amy")], column, None, scale=False)


@pytest.mark.parametrize("headings", ["Student", "ID", "Student,x (1)", "ID,x (1)", "x (1)"])
def test_missing_columns_are_said(tmp_path: Path, headings: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text(f"{headings}\namy,1\n")
    with pytest.raises(CallError, match="no columns Student and ID"):
        fill_canvas(path, [graded("amy")], "x", None, scale=False)


@pytest.mark.parametrize("headings", ["Identifier", "Grade", "Full name,Maximum Grade"])
def test_missing_columns_of_a_worksheet_are_said(tmp_path: Path, headings: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text(f"{headings}\namy,1\n")
    with pytest.raises(CallError, match="no columns Identifier and Grade"):
        fill_moodle(path, [graded("amy")], scale=False)


def test_a_worksheet_with_its_two_needed_columns_is_enough(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("Identifier,Grade\nParticipant 11,\nParticipant 12,\n")
    filled = fill_moodle(path, [graded("x_11_assignsubmission_file_")], scale=False)
    assert filled.table.to_bytes() == b"Identifier,Grade\nParticipant 11,4.5\nParticipant 12,\n"
    assert filled.absent == ["Participant 12"]


def test_the_column_is_found_by_name_or_named(canvas: Path) -> None:
    with pytest.raises(CallError, match=r"No column matches 'pooling'.*90_tiny \(4711\); Other \(4712\)"):
        fill_canvas(canvas, [graded("amy")], "pooling", None, scale=False)
    chosen = fill_canvas(canvas, [graded("amy")], HOMEWORK, "Other (4712)", scale=True)
    assert rows(chosen.table.to_bytes())[3][6] == "7.5"
    canvas.write_bytes(CANVAS.replace("90_tiny (4711)", "Assignment 9: Tiny (4711)").encode())
    assert fill_canvas(canvas, [graded("amy")], HOMEWORK, None, scale=False).written == 1
    canvas.write_bytes(CANVAS.replace("Other (4712)", "90_tiny (4712)").encode())
    with pytest.raises(CallError, match="More than one column matches"):
        fill_canvas(canvas, [graded("amy")], HOMEWORK, None, scale=False)


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "Student;ID\n"])
def test_what_is_no_export_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text(text)
    with pytest.raises(CallError):
        fill_canvas(path, [graded("amy")], HOMEWORK, None, scale=False)
    with pytest.raises(CallError, match="not a Moodle grading worksheet"):
        fill_moodle(path, [graded("amy")], scale=False)


# Moodle


def test_moodle_gets_grades_and_comments_where_there_are_none(moodle: Path) -> None:
    filled = fill_moodle(moodle, [graded("amy"), graded("bo@uni.edu", 6), graded("kit", 6)], scale=False)
    data = filled.table.to_bytes()
    table = rows(data)
    assert [row[4] for row in table[1:]] == ["4.5", "6", "2"]
    assert (filled.unknown, filled.locked) == ([], ["kit"])
    assert table[1][9] == "scale 4.5/6 (factor added)" and table[2][9] == "well done, Bo"
    assert data.count(b"\r\n") == MOODLE.count("\r\n") == data.count(b"\n")
    assert b'"Friday, 1 May",-,' in data and b',"6",6.00,' in data


def test_moodle_in_a_country_with_decimal_commas(tmp_path: Path) -> None:
    path = tmp_path / "w.csv"
    path.write_bytes(MOODLE.replace(",", ";").replace("6.00", "6,00").encode("utf-8-sig"))
    table = rows(fill_moodle(path, [graded("amy")], scale=False).table.to_bytes(), "utf-8-sig", ";")
    assert table[1][4] == "4,5"


# Bytes


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-be"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encoding_and_line_ends_stay(tmp_path: Path, encoding: str, end: str) -> None:
    path = tmp_path / "e.csv"
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    path.write_bytes((mark + CANVAS.replace("\n", end)).encode(encoding))
    assert Table.read(path).to_bytes() == path.read_bytes()
    filled = fill_canvas(path, [graded("amy")], HOMEWORK, None, scale=False)
    expected = mark + CANVAS.replace('"A, B",,7', '"A, B",4.5,7').replace("\n", end)
    assert filled.table.to_bytes() == expected.encode(encoding)


def test_bytes_of_no_known_encoding_stay(tmp_path: Path) -> None:
    data = "Student,ID,x (1)\nÅ\x81,1,\n".encode("latin-1")  # no UTF-8, and no Windows letter
    path = tmp_path / "e.csv"
    path.write_bytes(data)
    table = Table.read(path)
    table.put(1, 2, "4")
    assert table.to_bytes() == data.replace(b"1,\n", b"1,4\n")


def test_an_export_that_breaks_off_in_a_character_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "e.csv"
    for data, said in ((CANVAS.encode("utf-16")[:-1], "UTF-16-LE"), ("\ufeffé".encode()[:-1], "UTF-8 at byte 3")):
        path.write_bytes(data)
        with pytest.raises(CallError, match=f"not valid {said}"):
            Table.read(path)


def test_what_cannot_be_read_or_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CallError, match="cannot be read"):
        Table.read(tmp_path / "none.csv")
    path = tmp_path / "e.csv"
    path.write_bytes(CANVAS.encode())
    monkeypatch.setattr(raw_csv, "MAX_EXPORT", len(CANVAS.encode()))
    Table.read(path)
    monkeypatch.setattr(raw_csv, "MAX_EXPORT", len(CANVAS.encode()) - 1)
    with pytest.raises(CallError, match="is larger than"):
        Table.read(path)


@pytest.mark.parametrize(("text", "rows"), [
    ("a,b\n1,2", [["a", "b"], ["1", "2"]]), ("a,b\r\n1,2\r\n", [["a", "b"], ["1", "2"]]), ("a\tb\r1\t", [["a", "b"], ["1", ""]]),
    ('a;"b;\n""c"x\n1;2', [["a", '"b;\n""c"x'], ["1", "2"]]), ("", [[""]]), ("\n", [[""]]), ("a", [["a"]]),
])  # fmt: skip
def test_a_table_is_read_in_rows_and_written_as_it_was(tmp_path: Path, text: str, rows: list[list[str]]) -> None:
    table = read(tmp_path, text)
    assert table.rows == rows and table.to_bytes() == text.encode()


def read(tmp_path: Path, text: str, encoding: str = "utf-8") -> Table:
    path = tmp_path / "t.csv"
    path.write_bytes(text.encode(encoding))
    return Table.read(path)


def test_cells_and_columns(tmp_path: Path) -> None:
    table = read(tmp_path, 'A,"b ""B""", C ,"d" \n1,"x""y",,"z"q,"open\n')
    assert [table.value(0, n) for n in range(5)] == ["A", 'b "B"', " C ", "d ", ""]
    assert [table.value(1, n) for n in range(6)] == ["1", 'x"y', "", "zq", '"open', ""]
    assert [table.column(name) for name in ("a", 'b "b"', "c", "d", "e", "")] == [0, 1, 2, 3, None, None]
    assert table.column("x", "c", "a") == 2, "the first name that is there"
    assert read(tmp_path, "a,b,A\n").column("a") == 0, "the first of two"


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("x", "y", "1,y"), ('"x"', "y", '1,"y"'), ("", 'a"b', '1,"a""b"'), ("", "a,b", '1,"a,b"'), ("", "a\nb", '1,"a\nb"'), ("", "a\rb", '1,"a\rb"'),
        ("", "a;b", "1,a;b"), ('"x" ', "y", '1,"y"'), ("", "", "1,"), ('""', "", '1,""'),
    ],
)  # fmt: skip
def test_a_cell_is_changed_and_quoted_where_it_must_be(tmp_path: Path, old: str, new: str, line: str) -> None:
    table = read(tmp_path, f"a,b\n1,{old}\n2,z")
    table.put(1, 1, new)
    assert table.to_bytes().decode() == f"a,b\n{line}\n2,z"


def test_what_the_encoding_lacks_becomes_a_question_mark(tmp_path: Path) -> None:
    table = read(tmp_path, "é,b\n1,\n", "cp1252")
    table.put(1, 1, "→é")
    assert table.to_bytes() == "é,b\n1,?é\n".encode("cp1252")


@pytest.mark.parametrize("row", ['"Lee, Amy",101,s-1,amy', 'Lee, Amy,101,s-1,amy,"A, B",,7,70'], ids=["short", "long"])
def test_a_row_whose_cells_do_not_fit_the_headings_gets_no_grade(canvas: Path, row: str) -> None:
    canvas.write_bytes(CANVAS.replace('"Lee, Amy",101,s-1,amy,"A, B",,7,70', row).encode())
    reports = [graded("bo")]
    assert fill_canvas(canvas, reports, HOMEWORK, None, scale=False).written == 1, "rows of others do not matter"
    with pytest.raises(CallError, match=r"Row 4 of the export has \d columns, and there are 8 headings"):
        fill_canvas(canvas, [*reports, graded("amy" if row.startswith('"') else "s-1")], HOMEWORK, None, scale=False)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_that_of_the_headings(tmp_path: Path, delimiter: str) -> None:
    table = read(tmp_path, f'"a,;\t,;\t"{delimiter}b\n1{delimiter}2\n')
    assert table.delimiter == delimiter and table.value(1, 1) == "2"
    assert read(tmp_path, "a,b\n1;2;3;4,5\n").delimiter == ",", "whatever stands below them"


@given(
    st.lists(
        st.lists(st.text("a\",; \n\r'é=").map(lambda t: '"' + t.replace('"', '""') + '"'), min_size=2, max_size=4),
        min_size=1,
    )
)
def test_any_table_comes_out_as_it_went_in(table: list[list[str]]) -> None:
    import tempfile

    text = "Student,ID\r\n" + "\n".join(",".join(row) for row in table)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "t.csv")
        path.write_bytes(text.encode())
        read = Table.read(path)
    assert read.to_bytes() == text.encode()
    cells = list(csv.reader(io.StringIO(text, newline="")))
    assert [[read.value(i, j) for j in range(len(row))] for i, row in enumerate(read.rows)][: len(cells)] == cells


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        " =1",
        "\u00a0=1",
        "＝1",
        "＋1",
        "－1",
        "＠x",
        "\ufeff=1",
        "'=1",
        '"=1',
        "\u200b=1",
    ],
)
def test_formulas_are_defused(text: str) -> None:
    assert defused(text).startswith("'") and defused(text) != text
    assert defused("amy") == "amy" and defused("a=1") == "a=1" and defused("") == ""


def test_a_students_message_is_no_formula_in_the_worksheet(moodle: Path) -> None:
    evil = graded("amy", message='=HYPERLINK("http://evil","x")')
    table = rows(fill_moodle(moodle, [evil], scale=False).table.to_bytes())
    assert table[1][9].startswith("'=HYPERLINK(")
    assert comment(graded("amy")) == "scale 4.5/6 (factor added)"


# The commands


def export(tmp_path: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["export", *arguments, "--reports", str(tmp_path / "graded")])


def save(tmp_path: Path, *reports: Report) -> None:
    for one in reports:
        report.save(one, tmp_path / "graded" / one.submission / one.assignment / "report.json")


def test_export_says_who_did_not_match_and_leaves_the_original(canvas: Path, tmp_path: Path) -> None:
    save(tmp_path, graded("amy"), graded("zoe"))
    result = export(tmp_path, "canvas", "--into", str(canvas))
    assert result.exit_code == 1
    assert "export.graded.csv: 1\n" in result.output
    assert "submissions that do not match exactly one student, or whose student has two: 1 (zoe)" in result.output
    assert "not changed" in result.output and "Ødegård, Bo" in result.output
    assert canvas.read_bytes() == CANVAS.encode()
    assert rows((tmp_path / "export.graded.csv").read_bytes())[3][5] == "4.5"


def test_export_moodle_to_a_file(moodle: Path, tmp_path: Path) -> None:
    save(tmp_path, graded("amy"))
    result = export(tmp_path, "moodle", "--into", str(moodle), "--out", str(tmp_path / "up.csv"))
    assert result.exit_code == 0, result.output
    assert rows((tmp_path / "up.csv").read_bytes())[1][4] == "4.5"


def test_export_wants_one_assignment_and_reports(canvas: Path, tmp_path: Path) -> None:
    assert export(tmp_path, "canvas", "--into", str(canvas)).exit_code == 2
    save(tmp_path, graded("amy"), tiny.report(assignment="other"))
    result = export(tmp_path, "canvas", "--into", str(canvas))
    assert result.exit_code == 2 and "choose one with --assignment" in result.output
    assert export(tmp_path, "canvas", "--into", str(canvas), "--assignment", HOMEWORK).exit_code == 0


def test_export_csv_has_nbgraders_columns(tmp_path: Path) -> None:
    fault = tiny.question(tiny.part(passed=None, points=0), status=Status.GRADER_FAULT, points=0)
    save(tmp_path, graded("=amy"), tiny.report(fault, submission="bo", student="bo", status="grader_fault"))
    result = export(tmp_path, "csv")
    assert result.exit_code == 0
    header, *table = rows(result.stdout_bytes)
    assert ",".join(header) == (
        "assignment,duedate,timestamp,student_id,last_name,first_name,email,raw_score,late_submission_penalty,score,max_score"
    )
    assert {row[3]: row[9] for row in table} == {"'=amy": "4.5", "bo": ""}
    assert export(tmp_path, "csv", "--out", str(tmp_path / "g.csv")).exit_code == 0
    assert (tmp_path / "g.csv").read_bytes() == result.stdout_bytes


def test_export_tells_only_what_there_is_to_tell(canvas: Path, tmp_path: Path) -> None:
    save(tmp_path, *(graded(name) for name in ("amy", "bo", "kit")))
    result = export(tmp_path, "canvas", "--into", str(canvas))
    assert result.exit_code == 0 and result.output == f"grades written to {tmp_path / 'export.graded.csv'}: 3\n"


@pytest.mark.parametrize("option", ["--into", "--out"])
def test_a_folder_is_no_export(canvas: Path, tmp_path: Path, option: str) -> None:
    save(tmp_path, graded("amy"))
    (tmp_path / "folder").mkdir()
    options = {"--into": str(canvas)} | {option: str(tmp_path / "folder")}
    result = export(tmp_path, "canvas", *(text for pair in options.items() for text in pair))
    assert result.exit_code == 2 and "is a directory" in result.output
