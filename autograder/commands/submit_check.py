"""`autograder submit-check`: the last look before handing in."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from .options import FAIL_UNDER, below, notebook_in

_CONCLUSIONS = {
    "✓": ("✓", "Ready to hand in."),
    "!": ("!", "It can be handed in. Look at what is marked ! first."),
    "✗": ("✗", "Not ready to hand in: mend what is marked ✗ first."),
}
"""What is said last, by the worst sign of a finding."""


@click.command("submit-check")
@click.argument("notebook", type=click.Path(path_type=Path))
@click.option("--timeout", type=click.FloatRange(1), default=1200.0, show_default=True, metavar="SECONDS", help="Stop after this time on the clock. A cell may take 30 seconds of processor time, as when it is graded.")  # fmt: skip
@click.option("--strict", is_flag=True, help="Exit code 1 for a remark (!), too.")
@FAIL_UNDER
def submit_check(notebook: Path, timeout: float, strict: bool, fail_under: float | None) -> None:
    """Look over a NOTEBOOK (or .py file) before you hand it in.

    Runs all cells from top to bottom in a fresh process, as grading does, and tells when the file was saved, whether every function
    is there with its parameters, whether handed-out cells were lost or copied, whether the results in the file are up to date, and
    the points on public cases. The file is not changed, and nothing is sent. For a folder, its only notebook is looked over.

    Exit code 0 if nothing has to be mended (✗), whatever its points; with --fail-under these count, too.
    """
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from ..border.wire import WireError
    from ..errors import CallError
    from ..grader.workers import Workers
    from ..reports import console
    from ..reports.wording import points
    from ..source import extract
    from ..student.hand_in import Sign, look_over
    from ..student.whole_file import as_report

    path = notebook_in(notebook)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    try:
        with Workers(seconds=timeout) as workers, Progress(*columns, console=console.err, transient=True) as progress:
            bar = progress.add_task("starting", total=None)
            found = look_over(
                path,
                workers,
                lambda done, total, now: progress.update(bar, completed=done, total=total, description=now),
            )
    except WireError as error:
        raise CallError(str(error)) from error
    except extract.Unreadable as error:
        console.show_finding("✗", str(error))
        sys.exit(1)
    for finding in found.findings:
        console.show_finding(finding.sign, finding.text)
    console.out.print()
    for question in found.questions:
        console.show_status(question, "")
    hidden = [f"Hidden cases, for {points(found.hidden_points)} more points, run when graded."]
    console.show_total(found.questions, hidden * bool(found.hidden_points))
    console.out.print()
    console.show_finding(*_CONCLUSIONS[found.worst])
    low = 0 if fail_under is None else below([as_report(path, found.questions)], fail_under)
    sys.exit(int(found.worst == Sign.MEND or (strict and found.worst == Sign.LOOK)) or low)
