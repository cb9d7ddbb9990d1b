"""Reports as Markdown: a table of questions, the misses, and the pictures as text.

Whatever a submission can write goes through `markdown_text`, so it stays in its place.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..reports.diagnosis import as_text, sentences
from ..reports.report import Part, QuestionReport, Report, Status
from ..reports.wording import MARKS, STATES, grouped, mistakes_of, points
from .markdown_text import block, prose, words

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
    blocks += [text for question in report.questions if (text := findings(question, titled=True))]
    return "\n\n".join(blocks)


def score(report: Report) -> str:
    """The score in words, or why there is none."""
    return STATES.get(report.status) or f"{points(report.score)} of {points(report.max_score)} points"


def findings(question: QuestionReport, *, titled: bool = False) -> str:
    """What is wrong with a question: the message, the diagnosis, the first wrong rung, and the misses; "" if there is nothing.

    Args:
        question: all of it, or with some of its parts.
        titled: whether to begin with its name as a heading.
    """
    missed = [pair for pair in grouped(question) if pair[0].passed is False]
    lines = [prose(text) for text in (question.message, *sentences(question)) if text]
    if question.ladder and question.ladder.figures:
        lines.append(block("\n".join(as_text(figure) for figure in question.ladder.figures)))
    for part, alike in missed[:MAX_MISSES]:
        hidden = "" if part.public else " (hidden case)"
        more = f", and {len(alike) - 1} more" if len(alike) > 1 else ""
        where = f"in “{words(part.case)}”{hidden}, {words(part.part)}{more}"
        lines.append(f"✗ {where}: {prose(part.message)}")
        picture = next((p for p in alike if p.picture), None)
        if picture and (len(picture.picture) > 1 or len(picture.picture[0]) > 1):
            lines.append(f"Where it differs (✗) in “{words(picture.case)}”:\n\n{block(drawn(picture))}")
    if len(missed) > MAX_MISSES:
        lines.append(f"And {len(missed) - MAX_MISSES} more.")
    if titled and lines:
        lines.insert(0, f"### {words(question.name)}")
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
