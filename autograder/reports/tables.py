"""Tables for any spreadsheet, in which no student's text is a formula: the grades, and what was not graded."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from . import plain
from .left_out import LeftOut
from .report import Report, State

if TYPE_CHECKING:
    from .figures import Estimate, Quartiles
    from .items import Analysis


def grades_csv(reports: Sequence[Report]) -> str:
    """One row per report, with a column for each question. Without a score, the row has a reason instead."""
    questions = list(dict.fromkeys(q.name for r in reports for q in r.questions))
    rows: list[list[str | float]] = [
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
            *questions,
        ]
    ]
    for r in reports:
        mistakes = dict.fromkeys(p.mistake for q in r.questions for p in q.parts if p.mistake)
        counts = r.status == State.GRADED  # else there is no score: an empty cell, never a zero
        earned = {q.name: q.points for q in r.questions}
        rows.append([
            r.student, r.name, r.submission, r.assignment, r.score if counts else "", r.max_score, r.status,
            "" if counts else r.message, " ".join(mistakes), r.file,
            *(earned.get(name, "") if counts else "" for name in questions),
        ])  # fmt: skip
    return csv_text(rows)


def left_out_csv(left_out: Sequence[LeftOut]) -> str:
    """One row per file that was not graded, with the reason."""
    return csv_text([["file", "reason"], *([item.file, item.reason] for item in left_out)])


def items_csv(analyses: Sequence[Analysis]) -> str:
    """One row per assignment, question and check; the cells that do not name one are empty. Each figure has columns for its interval."""
    figures = ("difficulty", "attempted", "not_attempted", "correlation", "discrimination", "alpha", "median", "lower_quartile", "upper_quartile")  # fmt: skip
    names = ("assignment", "question", "case", "part")
    rows: list[list[str | float]] = [
        [*names, "submissions", "failed", "points", *(f"{f}{end}" for f in figures for end in ("", "_low", "_high")), "mark", "advice"]
    ]  # fmt: skip

    def add(
        place: Sequence[str], counts: Sequence[float | str], found: dict[str, Any], mark: str = "", advice: str = ""
    ) -> None:
        cells = [(one.value, one.low, one.high) if (one := found.get(figure)) else ("", "", "") for figure in figures]
        rows.append(
            [*place, *[""] * (4 - len(place)), *counts, *(cell for three in cells for cell in three), mark, advice]
        )

    for one in analyses:
        spread = _quartiles(one.scores) if one.scores else {}
        add([one.assignment], [one.submissions, "", one.max_score], {"alpha": one.alpha, **spread})
        for item in one.items:
            add(
                [one.assignment, item.question],
                [one.submissions, "", item.points],
                vars(item) | _quartiles(item.earned),
                "",
                item.advice,
            )
        for check in one.checks:
            place = [one.assignment, check.question, check.case, check.part]
            add(place, [check.ran, check.failed, check.points], vars(check), check.mark or "", check.advice)
    return csv_text(rows)


def _quartiles(found: Quartiles) -> dict[str, Estimate]:
    return {"lower_quartile": found.lower, "median": found.median, "upper_quartile": found.upper}


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
