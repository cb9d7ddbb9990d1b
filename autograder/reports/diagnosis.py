"""Sentences about a whole question: how far up the ladder it is right, which mistake it is, and when it is right."""

from __future__ import annotations

from .report import Figure, QuestionReport


def sentences(question: QuestionReport) -> list[str]:
    """What every output says about a question before its individual misses, in this order.

    Example:
        >>> from autograder.reports.report import Ladder, Status
        >>> ladder = Ladder(rungs=["1x1 filter", "several filters", "stride 2"], right=[True, True, False], first_wrong="stride 2")
        >>> sentences(QuestionReport(name="f", points=0, max_points=1, status=Status.PARTIAL, ladder=ladder, parts=[]))
        ['Right up to: several filters. First wrong at: stride 2.']
    """
    found = [_climbed(question), question.condition]
    if question.diagnosis:
        found.append(
            " ".join(t for t in (question.diagnosis.certainty, question.diagnosis.title, question.diagnosis.hint) if t)
        )
    return [text for text in found if text]


def headline(question: QuestionReport) -> str:
    """The mistake in a sentence, or ""."""
    return question.diagnosis.title if question.diagnosis else ""


def as_text(figure: Figure) -> str:
    """An argument or a result as lines of text; wrong entries are marked with an asterisk."""
    label = f"{figure.name}, shape {figure.shape}" if figure.shape else figure.name
    if not figure.rows:
        return f"{label}: {figure.text}"
    marks = figure.wrong or [[False] * len(row) for row in figure.rows]
    cells = [
        [f"{entry}{'*' * bad}" for entry, bad in zip(*pair, strict=True)]
        for pair in zip(figure.rows, marks, strict=True)
    ]
    width = max(len(cell) for row in cells for cell in row)
    return "\n".join([f"{label}:", *("  " + " ".join(cell.rjust(width) for cell in row) for row in cells)])


def _climbed(question: QuestionReport) -> str:
    ladder = question.ladder
    if ladder is None or not ladder.rungs:
        return ""
    if not ladder.first_wrong:
        return "" if all(part.passed for part in question.parts) else "All of the small cases are right."
    at = ladder.rungs.index(ladder.first_wrong)
    below = f"Right up to: {ladder.rungs[at - 1]}. First wrong at: " if at else "Wrong from the first small case on: "
    return f"{below}{ladder.first_wrong}."
