"""Grades as a table with the columns of `nbgrader export`."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from ..reports.report import Report, State
from ..reports.tables import defused

COLUMNS = (
    "assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email",
    "raw_score", "late_submission_penalty", "score", "max_score",
)  # fmt: skip


def table(reports: Sequence[Report]) -> str:
    """A row for each report. What only a gradebook knows (names, dates, penalties) is empty; so is the score of a fault."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    for report in reports:
        score = "" if report.status == State.GRADER_FAULT else report.score
        writer.writerow({
            "assignment": defused(report.assignment),
            "student_id": defused(report.student),
            "raw_score": score,
            "late_submission_penalty": "" if score == "" else 0.0,
            "score": score,
            "max_score": report.max_score,
        })  # fmt: skip
    return buffer.getvalue()
