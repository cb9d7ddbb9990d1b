"""What a terminal shows, with rich: colours where there are colours, and signs that say the same without."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from .left_out import Notes
from .report import QuestionReport, Report, Status
from .wording import MARKS, STATES, grouped, points, spoken, summary

_COLOURS = {"good": "green", "part": "yellow", "bad": "red", "todo": "bright_black"}

out = Console(highlight=False, emoji=False)
err = Console(stderr=True, highlight=False, emoji=False)


def show_check(question: QuestionReport, notes: Sequence[str]) -> None:
    """One question on public cases, as text."""
    show_question(question, " on public cases")
    if question.status in (Status.PASSED, Status.NOT_ATTEMPTED):
        for note in notes:
            out.print(f"  [bright_black]{note}[/]")


def show_question(question: QuestionReport, where: str) -> None:
    """A question's points, and what is to be said of its misses."""
    sign, words, tone = MARKS[question.status]
    out.print(
        f"[{_COLOURS[tone]}]{sign} [bold]{question.name}[/bold] {words}[/] "
        f"({points(question.points)} of {points(question.max_points)} points{where})"
    )
    if question.message:
        out.print(f"  {escape(question.message)}")
    if question.status != Status.NOT_ATTEMPTED:
        for part, parts in grouped(question):
            if part.passed is False:
                more = f" and {len(parts) - 1} more" if len(parts) > 1 else ""
                named = f" [bold]{spoken(part.mistake)}[/bold]" if part.mistake else ""
                out.print(f"  ✗{named} in “{escape(part.case)}”, {part.part}{more}")
                out.print(f"    {escape(part.message)}")


def show_class(reports: Sequence[Report]) -> None:
    """The class summary: score distribution, points per question, the most frequent mistakes."""
    for name, part in summary(reports).items():
        scores = part["scores"]
        mean = f", mean {points(sum(scores) / len(scores))} of {points(part['max_score'])}" if scores else ""
        out.print(f"\n[bold]{name}[/bold]  {len(scores)} graded{mean}")
        table = Table("share", "submissions", "", box=None, pad_edge=False, show_header=False)
        top = max(part["bins"]) or 1
        for i, count in enumerate(part["bins"]):
            table.add_row(f"{10 * i}–{10 * i + 10} %", str(count), "█" * round(30 * count / top))
        out.print(table)
        table = Table("question", "mean", "", box=None, pad_edge=False)
        for question, row in part["questions"].items():
            bar = round(20 * row["share"])
            table.add_row(question, f"{points(row['mean'])}/{points(row['max'])}", "█" * bar + "░" * (20 - bar))
        out.print(table)
        if part["mistakes"]:
            table = Table("most frequent mistakes", "question", "", box=None, pad_edge=False)
            for question, mistake, count in part["mistakes"]:
                table.add_row(spoken(mistake), question, str(count))
            out.print(table)
        for submission, reason in part["unreadable"]:
            out.print(f"[yellow]! could not be read: {escape(submission)}[/] {escape(reason)}", soft_wrap=True)
        if part["faults"]:
            out.print(f"[yellow]! to be graded again (grader fault): {escape(', '.join(part['faults']))}[/]")
        if part["withdrawn"]:
            out.print(f"withdrawn, so not counted: {escape(', '.join(part['withdrawn']))}")


MOST_LEFT_OUT = 20
"""So many files that were not graded are listed on a terminal."""


def show_notes(notes: Notes, table: Path, terminal: Console, *, names: bool) -> None:
    """What was not graded, and why, and what to look at.

    Args:
        notes: of a run.
        table: the file that lists all of it.
        terminal: where it is said.
        names: whether names of files may be printed; else they are counted.
    """
    if notes.left_out:
        terminal.print(f"\n[yellow]! not graded: {len(notes.left_out)}[/]; all reasons are in {escape(str(table))}")
        for item in notes.left_out[:MOST_LEFT_OUT] if names else []:
            terminal.print(f"  ✗ {escape(item.file)} {escape(item.reason)}", soft_wrap=True)
        if names and len(notes.left_out) > MOST_LEFT_OUT:
            terminal.print(f"  … and {len(notes.left_out) - MOST_LEFT_OUT} more")
    if said := notes.counted():
        terminal.print(escape(said))
    for warning in notes.warnings:
        terminal.print(
            f"[yellow]! {escape(warning)}[/]" if names else "[yellow]! There is a warning.[/]", soft_wrap=True
        )


def show_report(report: Report) -> None:
    """One graded submission, as text."""
    score = STATES.get(report.status) or f"{points(report.score)} of {points(report.max_score)}"
    out.print(f"[bold]{escape(report.submission)}[/]  {report.assignment}  {score}")
    for line in (report.message, *report.repairs):
        if line:
            out.print(f"  {escape(line)}")
    for question in report.questions:
        show_question(question, "")
