"""`autograder items`: item analysis of graded submissions."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from .. import files
from ..errors import CallError


@click.command()
@click.argument("graded", type=click.Path(path_type=Path, file_okay=False))
@click.option("--assignment", help="Only this one.")
@click.option("--format", "kind", type=click.Choice(["console", "csv", "json"]), default="console", show_default=True, help="csv and json hold every check, marked or not.")  # fmt: skip
@click.option("--format-out", type=click.Path(path_type=Path, dir_okay=False), help="Write csv or json to this file instead of stdout.")  # fmt: skip
def items(graded: Path, assignment: str | None, kind: str, format_out: Path | None) -> None:
    """Measure the questions and checks with which GRADED (a folder that `grade` wrote) was graded.

    For each question: difficulty, corrected item-rest correlation, upper and lower 27 %, share not attempted, median and quartiles;
    for each assignment Cronbach's alpha; all with 95 % intervals. Marks checks that nobody fails (dead) and those that better
    students fail more often (suspect), and says what to do. At least 20 submissions are needed.

    Exit codes: 0 no check is suspect, 1 one is, 2 the command line is wrong.
    """
    from ..course.classroom import reports_in
    from ..reports import console, tables
    from ..reports import items as analysis
    from ..reports.left_out import Notes

    notes = Notes()
    reports = [r for r in reports_in(graded, notes=notes) if assignment in (None, r.assignment)]
    if not reports:
        raise CallError(
            f"{graded} contains no reports{f' of {assignment}' if assignment else ''}: run `autograder grade` first."
        )
    analyses = analysis.analyse(reports)
    if kind == "console":
        for one in analyses:
            console.show_items(one)
    else:
        text = tables.items_csv(analyses) if kind == "csv" else analysis.as_json(analyses)
        if format_out:
            files.write(format_out, text)
        else:
            sys.stdout.buffer.write(text.encode())
            sys.stdout.flush()
    console.show_notes(notes, graded / "left_out.csv", console.err, names=True)
    sys.exit(int(any(one.marked(analysis.Mark.SUSPECT) for one in analyses)))
