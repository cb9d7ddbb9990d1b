"""Grades as a table with the columns of `nbgrader export`."""

from __future__ import annotations

from collections.abc import Sequence

from ..reports.report import Report, State
from ..reports.tables import csv_text

COLUMNS = (
    "assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email",
    "raw_score", "late_submission_penalty", "score", "max_score",
)  # fmt: skip


def table(reports: Sequence[Report]) -> str:
    """One row per report. What only a gradebook knows (names, dates, penalties) is empty; so is a score that there is not."""
    rows: list[Sequence[str | float]] = [COLUMNS]
    for report in reports:
        score, penalty = (report.score, 0.0) if report.status == State.GRADED else ("", "")
        rows.append([
            report.assignment, "", "", report.student, "", "", "", score, penalty, score, report.max_score
        ])  # fmt: skip
    return csv_text(rows)
