"""Grades as a table for any spreadsheet, in which no student's text is a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

from . import plain
from .report import Report, State


def grades_csv(reports: Sequence[Report]) -> str:
    """One row per report, with a column for each question."""
    questions = list(dict.fromkeys(q.name for r in reports for q in r.questions))
    rows: list[list[str | float]] = [
        ["student", "submission", "assignment", "score", "max_score", "status", "mistakes", *questions]
    ]
    for r in reports:
        mistakes = dict.fromkeys(p.mistake for q in r.questions for p in q.parts if p.mistake)
        fault = r.status == State.GRADER_FAULT  # never a zero
        earned = {q.name: q.points for q in r.questions}
        rows.append([
            r.student, r.submission, r.assignment, "" if fault else r.score, r.max_score, r.status, " ".join(mistakes),
            *("" if fault else earned.get(name, "") for name in questions),
        ])  # fmt: skip
    return csv_text(rows)


def csv_text(rows: Sequence[Sequence[str | float]]) -> str:
    """A CSV file. Numbers are written as they are; text is defused."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerows([[defused(cell) if isinstance(cell, str) else cell for cell in row] for row in rows])
    return buffer.getvalue()


_FORMULA = "=+\\-@\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}\N{FULLWIDTH HYPHEN-MINUS}\N{FULLWIDTH COMMERCIAL AT}"
_SKIPPED = "[\\s\"'\N{REPLACEMENT CHARACTER}]*"
_RUNS = re.compile(rf"{_SKIPPED}[{_FORMULA}]")
_RUNS_BEHIND_A_SEPARATOR = re.compile(
    rf"([;,]{_SKIPPED})(?=[{_FORMULA}])(?![-+][0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?(?:\s*[)\];,]|\Z))"
)
"""If a spreadsheet expects a different separator, it splits cells there. A plain number after a separator is not changed."""


def defused(text: str) -> str:
    """The text of a cell, on one line, that no spreadsheet runs as a formula: an apostrophe in front makes it text.

    Example:
        >>> defused("=1+1"), defused("x;=1+1"), defused("at [0, -1]")
        ("'=1+1", "x;'=1+1", 'at [0, -1]')
    """
    text = _RUNS_BEHIND_A_SEPARATOR.sub(r"\1'", plain.line(text))
    return f"'{text}" if _RUNS.match(text) else text
