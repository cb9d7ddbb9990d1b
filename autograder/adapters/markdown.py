"""Reports as Markdown: a table of questions, the misses, and the pictures as text.

Whatever a submission can write goes through `markdown_text` and never leaves its place.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..reports.diagnosis import sentences
from ..reports.report import Part, QuestionReport, Report, State, Status
from ..reports.wording import MARKS, grouped, mistakes_of, points
from .markdown_text import prose, words

MAX_MISSES = 5
"""How many different misses of a question are shown in full."""


def page(reports: Sequence[Report]) -> str:
    """The class in a table, then each submission."""
    parts = [_class_table(reports)] if len(reports) > 1 else []
    return "\n\n".join([*parts, *(submission(report) for report in reports)]) + "\n"


def submission(report: Report) -> str:
    """One submission: score, repairs, the table of questions, and the misses."""
    blocks = [f"## {words(report.submission)}, {words(report.assignment)}: {score(report)}"]
    if report.message:
        blocks.append(prose(report.message))
    if report.repairs:
        blocks.append(
            "\n".join(["Repaired while reading, at no cost in points:", "", *(f"- {prose(r)}" for r in report.repairs)])
        )
    blocks.append(_question_table(report))
    blocks += [text for q in report.questions if (text := findings(q.parts, q.message, sentences(q), title=q.name))]
    return "\n\n".join(blocks)


def score(report: Report) -> str:
    """The score in words; a fault of the grader has none."""
    if report.status == State.GRADER_FAULT:
        return "to be graded again"
    return f"{points(report.score)} of {points(report.max_score)} points"


def findings(parts: Sequence[Part], message: str, diagnosis: Sequence[str] = (), title: str = "") -> str:
    """The misses of a question, or "" if there are none and no message.

    Args:
        parts: all parts of the question, or some of them.
        message: of the question as a whole.
        diagnosis: sentences on it, from `reports.diagnosis`.
        title: a heading, the question's name.
    """
    shown = QuestionReport(name="", points=0, max_points=0, status=Status.PARTIAL, parts=list(parts))
    missed = [pair for pair in grouped(shown) if pair[0].passed is False]
    lines = [f"### {words(title)}"] if title and (missed or message or diagnosis) else []
    lines += [prose(text) for text in (message, *diagnosis) if text]
    for part, alike in missed[:MAX_MISSES]:
        hidden = "" if part.public else " (hidden case)"
        more = f", and {len(alike) - 1} more" if len(alike) > 1 else ""
        where = f"in “{words(part.case)}”{hidden}, {words(part.part)}{more}"
        lines.append(f"✗ {where}: {prose(part.message)}")
        picture = next((p for p in alike if p.picture), None)
        if picture and (len(picture.picture) > 1 or len(picture.picture[0]) > 1):
            lines.append(f"Where it differs (✗) in “{words(picture.case)}”:\n\n```text\n{drawn(picture)}\n```")
    if len(missed) > MAX_MISSES:
        lines.append(f"And {len(missed) - MAX_MISSES} more.")
    return "\n\n".join(lines)


def drawn(part: Part) -> str:
    """The picture of a part as text: ✗ where an entry is wrong, · where it is right."""
    return "\n".join(" ".join("✗" if value > 0 else "·" for value in row) for row in part.picture)


def _class_table(reports: Sequence[Report]) -> str:
    rows = ["| submission | assignment | score |", "|---|---|---:|"]
    rows += [f"| {words(r.submission)} | {words(r.assignment)} | {score(r)} |" for r in reports]
    return "\n".join(["# The class", "", *rows])


def _question_table(report: Report) -> str:
    rows = ["| question | | points | mistakes |", "|---|---|---:|---|"]
    for question in report.questions:
        sign, status, _ = MARKS[question.status]
        mistakes = ", ".join(map(words, mistakes_of(question)))
        fault = question.status == Status.GRADER_FAULT
        given = "–" if fault else f"{points(question.points)} / {points(question.max_points)}"
        rows.append(f"| {words(question.name)} | {sign} {status} | {given} | {mistakes} |")
    return "\n".join(rows)
