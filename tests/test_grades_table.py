"""grades.csv: a row per report, a column per question."""

from __future__ import annotations

import csv
import io

import tiny

from autograder.adapters import nbgrader_csv
from autograder.reports.tables import grades_csv


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


def test_a_row_has_the_points_of_its_own_questions() -> None:
    first = tiny.report(tiny.question(tiny.part(points=0.5, mistake="a"), name="scale"), assignment="a")
    second = tiny.report(
        tiny.question(name="total"), tiny.question(tiny.part(mistake="b"), name="scale"), assignment="b"
    )
    assert rows(grades_csv([first, second])) == [
        [
            "student",
            "name",
            "submission",
            "assignment",
            "score",
            "max_score",
            "status",
            "reason",
            "mistakes",
            "file",
            "scale",
            "total",
        ],
        ["amy", "", "amy", "a", "0.5", "1.0", "graded", "", "a", "", "0.5", ""],
        ["amy", "", "amy", "b", "2.0", "2.0", "graded", "", "b", "", "1.0", "1.0"],
    ]


def test_a_fault_has_no_points_anywhere() -> None:
    fault = tiny.report(status="grader_fault")
    assert rows(grades_csv([fault]))[1] == ["amy", "", "amy", tiny.NAME, "", "1.0", "grader_fault", "", "", "", ""]
    assert rows(nbgrader_csv.table([fault]))[1] == [tiny.NAME, "", "", "amy", "", "", "", "", "", "", "1.0"]


def test_a_question_named_like_a_column_changes_no_other() -> None:
    report = tiny.report(tiny.question(tiny.part(points=0.25), name="score"), tiny.question(name="student"))
    header, row = rows(grades_csv([report]))
    assert (
        header[10:] == ["score", "student"]
        and row[:5] == ["amy", "", "amy", tiny.NAME, "1.25"]
        and row[10:] == ["0.25", "1.0"]
    )


def test_an_empty_class_has_headings() -> None:
    assert len(rows(grades_csv([]))) == len(rows(nbgrader_csv.table([]))) == 1


def test_nbgraders_columns_hold_the_score_before_and_after_a_penalty_that_there_is_not() -> None:
    report = tiny.report(tiny.question(tiny.part(points=0.5), tiny.part()), student="amy17")
    header, row = rows(nbgrader_csv.table([report]))
    assert dict(zip(header, row, strict=True)) == {
        "assignment": tiny.NAME, "duedate": "", "timestamp": "", "student_id": "amy17", "last_name": "", "first_name": "",
        "email": "", "raw_score": "1.5", "late_submission_penalty": "0.0", "score": "1.5", "max_score": "2.0",
    }  # fmt: skip
