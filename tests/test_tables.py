"""The table of grades: a row for each report, and no cell that a spreadsheet runs."""

from __future__ import annotations

import csv
import io

import pytest
import tiny

from autograder.reports import report
from autograder.reports.report import Status
from autograder.reports.tables import grades_csv


def graded_rows(*reports: report.Report) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(grades_csv(reports), newline="")))


def test_grades_are_one_row_a_report_and_one_column_a_question() -> None:
    wrong = tiny.question(
        tiny.part(passed=False, points=0.5, mistake="m1"), tiny.part(mistake="m2"), name="total", status=Status.PARTIAL
    )
    rows = graded_rows(tiny.report(), tiny.report(tiny.question(), wrong, submission="bob", student="b"))
    assert rows[0] == {
        "student": "amy", "submission": "amy", "assignment": "90_tiny", "score": "1.0", "max_score": "1.0", "status": "graded",
        "mistakes": "", "scale": "1.0", "total": "", "name": "", "reason": "", "file": "",
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
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=x", "\r=x", "\uff1d1+1", "\uff201", '=HYPERLINK("http://evil")']
)
def test_no_cell_is_a_formula(text: str) -> None:
    rows = graded_rows(tiny.report(student=text, submission=text))
    assert rows[0]["student"].startswith("'") and rows[0]["submission"].startswith("'")


def test_commas_quotes_and_lines_stay_in_their_cell() -> None:
    assert graded_rows(tiny.report(student='a,"b"\nc'))[0]["student"] == 'a,"b" c'


def test_a_class_of_nobody_has_a_header() -> None:
    assert grades_csv([]) == "student,name,submission,assignment,score,max_score,status,reason,mistakes,file\n"
