"""Reports as Markdown: a table, what is to be said of each miss, and the pictures as text.

What a student can write is escaped: no link, picture, HTML or table of theirs comes through.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..reports.report import Part, QuestionReport, Report, State, Status
from ..reports.wording import MARKS, grouped, points, spoken

_SPECIAL = re.compile(r"([\\`*_{}\[\]#!|~$]|:(?=//))")
MAX_MISSES = 5
"""How many different misses of a question are told in full."""


def page(reports: Sequence[Report]) -> str:
    """The class in a table, then each submission."""
    parts = [_class_table(reports)] if len(reports) > 1 else []
    return "\n\n".join([*parts, *(submission(report) for report in reports)]) + "\n"


def submission(report: Report) -> str:
    """One submission: score, what was mended, the table of questions, and the misses."""
    blocks = [f"## {escaped(report.submission)}, {escaped(report.assignment)}: {score(report)}"]
    if report.message:
        blocks.append(prose(report.message))
    if report.repairs:
        blocks.append(
            "\n".join(["Mended while reading, at no cost in points:", "", *(f"- {prose(r)}" for r in report.repairs)])
        )
    blocks.append(_question_table(report))
    blocks += [text for q in report.questions if (text := findings(q.parts, q.message, title=q.name))]
    return "\n\n".join(blocks)


def score(report: Report) -> str:
    """The score in words; a fault of the grader is none."""
    if report.status == State.GRADER_FAULT:
        return "to be graded again"
    return f"{points(report.score)} of {points(report.max_score)} points"


def findings(parts: Sequence[Part], message: str, title: str = "") -> str:
    """What is to be said of a question's misses, or "".

    Args:
        parts: all parts of the question, or some of them.
        message: of the question as a whole.
        title: a heading, the question's name.
    """
    shown = QuestionReport(name="", points=0, max_points=0, status=Status.PARTIAL, parts=list(parts))
    missed = [pair for pair in grouped(shown) if pair[0].passed is False]
    lines = [f"### {escaped(title)}"] if title and (missed or message) else []
    if message:
        lines.append(prose(message))
    for part, alike in missed[:MAX_MISSES]:
        named = f" **{escaped(spoken(part.mistake))}**" if part.mistake else ""
        hidden = "" if part.public else " (hidden case)"
        more = f", and {len(alike) - 1} more" if len(alike) > 1 else ""
        lines.append(f"✗{named} in “{escaped(part.case)}”{hidden}, {escaped(part.part)}{more}: {prose(part.message)}")
        picture = next((p for p in alike if p.picture), None)
        if picture and picture.part and (len(picture.picture) > 1 or len(picture.picture[0]) > 1):
            lines.append(f"Where it differs (✗) in “{escaped(picture.case)}”:\n\n```text\n{drawn(picture)}\n```")
    if len(missed) > MAX_MISSES:
        lines.append(f"And {len(missed) - MAX_MISSES} more.")
    return "\n\n".join(lines)


def drawn(part: Part) -> str:
    """The picture of a part as text: ✗ where an entry is wrong, · where it is right."""
    return "\n".join(" ".join("✗" if value > 0 else "·" for value in row) for row in part.picture)


def escaped(text: str) -> str:
    """Text in which nothing is Markdown or HTML."""
    text = " ".join(text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").split())
    return _SPECIAL.sub(r"\\\1", text).replace("www.", "www\\.")


def prose(text: str) -> str:
    """Escaped text with `code` in backticks set as code."""
    pieces = re.split(r"`([^`]+)`", text)
    return "".join(f"`{piece}`" if number % 2 else escaped_inside(piece) for number, piece in enumerate(pieces))


def escaped_inside(text: str) -> str:
    """Escaped text that keeps the blanks at its ends."""
    return f"{' ' * text[:1].isspace()}{escaped(text)}{' ' * (text.strip() != '' and text[-1:].isspace())}"


def _class_table(reports: Sequence[Report]) -> str:
    rows = ["| submission | assignment | score |", "|---|---|---:|"]
    rows += [f"| {escaped(r.submission)} | {escaped(r.assignment)} | {score(r)} |" for r in reports]
    return "\n".join(["# The class", "", *rows])


def _question_table(report: Report) -> str:
    rows = ["| question | | points | mistakes |", "|---|---|---:|---|"]
    for question in report.questions:
        sign, words, _ = MARKS[question.status]
        mistakes = ", ".join(dict.fromkeys(spoken(p.mistake) for p in question.parts if p.mistake))
        given = (
            "–"
            if question.status == Status.GRADER_FAULT
            else f"{points(question.points)} / {points(question.max_points)}"
        )
        rows.append(f"| {escaped(question.name)} | {sign} {words} | {given} | {escaped(mistakes)} |")
    return "\n".join(rows)
