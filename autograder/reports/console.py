"""Output on a terminal, with rich: colours where available, and signs with the same meaning.

Text from a submission is never parsed as rich's markup, and every line of it is indented.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from . import diagnosis, plain
from .left_out import Notes
from .report import QuestionReport, Report, Status
from .wording import MARKS, STATES, grouped, points, summary

_SIGNS = {"✓": "green", "·": "bright_black", "!": "yellow", "✗": "red"}
_COLOURS = {"good": "green", "part": "yellow", "bad": "red", "todo": "bright_black"}

out = Console(highlight=False, emoji=False)
err = Console(stderr=True, highlight=False, emoji=False)


def show_check(question: QuestionReport, notes: Sequence[str]) -> None:
    """One question on public cases, as text."""
    show_question(question, " on public cases")
    if question.status in (Status.PASSED, Status.NOT_ATTEMPTED):
        for note in notes:
            _say(2, note, style="bright_black")


def show_total(questions: Sequence[QuestionReport], notes: Sequence[str]) -> None:
    """The sum over questions of which each has its line already."""
    earned, possible = (sum(getattr(q, name) for q in questions) for name in ("points", "max_points"))
    _say(0, (f"{points(earned)} of {points(possible)} points on public cases", "bold"))
    for note in notes:
        _say(2, note, style="bright_black")


def show_finding(sign: str, text: str) -> None:
    """A sign, and a sentence or two that stand to its right."""
    first, *others = Text(plain.visible(text)).wrap(out, max(1, out.width - 2))
    out.print(Text.assemble((f"{sign} ", _SIGNS[sign])) + first)
    for line in others:
        out.print(Text("  ") + line)


def show_status(question: QuestionReport, where: str) -> None:
    """A question's points, in one line."""
    sign, words, tone = MARKS[question.status]
    colour = _COLOURS[tone]
    earned = f" ({points(question.points)} of {points(question.max_points)} points{where})"
    _say(0, (f"{sign} ", colour), (plain.line(question.name), f"bold {colour}"), (f" {words}", colour), earned)


def show_question(question: QuestionReport, where: str) -> None:
    """A question's points and its misses."""
    show_status(question, where)
    if question.message:
        _say(2, question.message)
    if question.status != Status.NOT_ATTEMPTED:
        for sentence in diagnosis.sentences(question):
            _say(2, (sentence, "bold"))
        for figure in question.ladder.figures if question.ladder else ():
            _say(4, diagnosis.as_text(figure))
        for part, parts in grouped(question):
            if part.passed is False:
                more = f" and {len(parts) - 1} more" if len(parts) > 1 else ""
                _say(2, f"✗ in “{plain.line(part.case)}”, {plain.line(part.part)}{more}")
                _say(4, part.message)


def show_class(reports: Sequence[Report]) -> None:
    """The class summary: score distribution, points per question, the most frequent mistakes."""
    for name, part in summary(reports).items():
        scores = part["scores"]
        mean = f", mean {points(sum(scores) / len(scores))} of {points(part['max_score'])}" if scores else ""
        out.print()
        _say(0, (plain.line(name), "bold"), f"  {len(scores)} graded{mean}")
        table = Table(box=None, pad_edge=False, show_header=False)
        top = max(part["bins"]) or 1
        for i, count in enumerate(part["bins"]):
            table.add_row(f"{10 * i}–{10 * i + 10} %", str(count), "█" * round(30 * count / top))
        out.print(table)
        table = Table("question", "mean", "", box=None, pad_edge=False)
        for question, row in part["questions"].items():
            bar = round(20 * row["share"])
            table.add_row(_cell(question), f"{points(row['mean'])}/{points(row['max'])}", "█" * bar + "░" * (20 - bar))
        out.print(table)
        if part["mistakes"]:
            table = Table("most frequent mistakes", "question", "", box=None, pad_edge=False)
            for question, mistake, count in part["mistakes"]:
                table.add_row(_cell(mistake), _cell(question), str(count))
            out.print(table)
        for submission, reason in part["unreadable"]:
            _say(0, (f"! could not be read: {plain.line(submission)}", "yellow"), f" {plain.line(reason)}")
        if part["faults"]:
            faults = ", ".join(plain.line(name) for name in part["faults"])
            _say(0, f"! to be graded again (grader fault): {faults}", style="yellow")
        if part["withdrawn"]:
            _say(0, f"withdrawn, so not counted: {', '.join(map(plain.line, part['withdrawn']))}")


MOST_LEFT_OUT = 20
"""The most files that a terminal lists as not graded."""


def show_notes(notes: Notes, table: Path, terminal: Console, *, names: bool) -> None:
    """The files that were not graded, with reasons, and the warnings.

    Args:
        notes: of a run.
        table: the file that lists all of them.
        terminal: where to print.
        names: whether the names of files may be printed; otherwise they are only counted.
    """
    if notes.left_out:
        terminal.print(
            Text(f"\n! not graded: {len(notes.left_out)}; all reasons are in {plain.line(str(table))}", "yellow"),
            soft_wrap=True,
        )
        for item in notes.left_out[:MOST_LEFT_OUT] if names else []:
            terminal.print(_cell(f"✗ {item.file} {item.reason}"), soft_wrap=True)
        if names and len(notes.left_out) > MOST_LEFT_OUT:
            terminal.print(f"  … and {len(notes.left_out) - MOST_LEFT_OUT} more")
    if said := notes.counted():
        terminal.print(_cell(said), soft_wrap=True)
    for warning in notes.warnings:
        said = plain.line(warning) if names else "There is a warning."
        terminal.print(Text(f"! {said}", "yellow"), soft_wrap=True)


def show_report(report: Report) -> None:
    """One graded submission, as text."""
    earned = STATES.get(report.status) or f"{points(report.score)} of {points(report.max_score)}"
    _say(0, (plain.line(report.submission), "bold"), f"  {plain.line(report.assignment)}  {earned}")
    for said in (report.message, *report.repairs):
        if said:
            _say(2, said)
    for question in report.questions:
        show_question(question, "")


def _say(indent: int, *pieces: str | tuple[str, str], style: str = "") -> None:
    """Prints pieces of text, with or without a style, as one paragraph. Every line is indented."""
    shown = [
        (plain.visible(piece), "") if isinstance(piece, str) else (plain.visible(piece[0]), piece[1])
        for piece in pieces
    ]
    for row in Text.assemble(*shown, style=style).wrap(out, max(1, out.width - indent)):
        out.print(Text(" " * indent) + row)


def _cell(text: str) -> Text:
    return Text(plain.line(text))
