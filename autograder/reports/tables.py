"""Tables that any spreadsheet opens, and in which no student's text is a formula: the grades, and what was not graded."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence

from .left_out import LeftOut
from .report import Report, State


def grades_csv(reports: Sequence[Report]) -> str:
    """One row per report, with a column for each question. Only what was graded has a score; else the reason is told."""
    questions = list(dict.fromkeys(q.name for r in reports for q in r.questions))
    columns = [
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
    ]
    rows = []
    for r in reports:
        mistakes = dict.fromkeys(p.mistake for q in r.questions for p in q.parts if p.mistake)
        counts = r.status == State.GRADED  # else there is no score: an empty cell, never a zero
        row = {
            "student": r.student,
            "name": r.name,
            "submission": r.submission,
            "assignment": r.assignment,
            "score": r.score if counts else "",
            "max_score": r.max_score,
            "status": r.status,
            "reason": "" if counts else r.message,
            "mistakes": " ".join(mistakes),
            "file": r.file,
        }
        rows.append(row | {q.name: q.points if counts else "" for q in r.questions})
    return _csv([*columns, *questions], rows)


def left_out_csv(left_out: Sequence[LeftOut]) -> str:
    """One row per file that was not graded, with the reason."""
    return _csv(["file", "reason"], [{"file": item.file, "reason": item.reason} for item in left_out])


def _csv(columns: Sequence[str], rows: Sequence[Mapping[str, object]]) -> str:
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, columns, restval="", lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({k: defused(v) if isinstance(v, str) else v for k, v in row.items()})
    return buffer.getvalue()


_FORMULA = "=+-@\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}\N{FULLWIDTH HYPHEN-MINUS}\N{FULLWIDTH COMMERCIAL AT}"
_UNSEEN = re.compile(r"[\s\u200b-\u200f\u2060\ufeff\"']*")


def defused(text: str) -> str:
    """A cell that no spreadsheet runs as a formula."""
    text = re.sub(r"[\r\x00]", " ", text)
    runs = text.startswith("\t") or _UNSEEN.sub("", text, count=1).startswith(tuple(_FORMULA))
    return f"'{text}" if runs else text
