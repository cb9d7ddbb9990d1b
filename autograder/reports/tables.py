"""Grades as a table that any spreadsheet opens, and in which no student's text is a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

from .report import Report, State


def grades_csv(reports: Sequence[Report]) -> str:
    """One row per report, with a column for each question."""
    questions = list(dict.fromkeys(q.name for r in reports for q in r.questions))
    columns = ["student", "submission", "assignment", "score", "max_score", "status", "mistakes", *questions]
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, columns, restval="", lineterminator="\n")
    writer.writeheader()
    for r in reports:
        mistakes = dict.fromkeys(p.mistake for q in r.questions for p in q.parts if p.mistake)
        fault = r.status == State.GRADER_FAULT  # never a zero
        row = {
            "student": r.student,
            "submission": r.submission,
            "assignment": r.assignment,
            "score": "" if fault else r.score,
            "max_score": r.max_score,
            "status": r.status,
            "mistakes": " ".join(mistakes),
        } | {q.name: "" if fault else q.points for q in r.questions}
        writer.writerow({k: defused(v) if isinstance(v, str) else v for k, v in row.items()})
    return buffer.getvalue()


_FORMULA = "=+-@\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}\N{FULLWIDTH HYPHEN-MINUS}\N{FULLWIDTH COMMERCIAL AT}"
_UNSEEN = re.compile(r"[\s\u200b-\u200f\u2060\ufeff\"']*")


def defused(text: str) -> str:
    """A cell that no spreadsheet runs as a formula."""
    text = re.sub(r"[\r\x00]", " ", text)
    runs = text.startswith("\t") or _UNSEEN.sub("", text, count=1).startswith(tuple(_FORMULA))
    return f"'{text}" if runs else text
