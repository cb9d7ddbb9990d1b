"""`autograder export`: grades, or a whole assignment, for another program. The adapters know the formats."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .. import files
from ..errors import CallError
from .options import SALT, SOLUTIONS

if TYPE_CHECKING:
    from ..adapters.lms import Filled
    from ..reports.report import Report

_REPORTS = click.option(
    "--reports",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("graded"),
    show_default=True,
    help="The folder that `grade` wrote.",
)
_ASSIGNMENT = click.option("--assignment", help="The assignment; required if the folder contains several.")
_INTO = click.option("--into", type=click.Path(path_type=Path, dir_okay=False, exists=True), required=True, help="The file that you exported; it is not changed.")  # fmt: skip
_OUT = click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="The file to write. Default: next to your export, with .graded in its name.")  # fmt: skip
_SCALE = click.option(
    "--scale", is_flag=True, help="Scale scores to the platform's points if these differ from the assignment's."
)


@click.group()
def export() -> None:
    """Export grades or assignments to nbgrader, Gradescope, Canvas, Moodle or a spreadsheet."""


@export.command("csv")
@_REPORTS
@click.option("--assignment", help="Only this one.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="The file to write. Default: stdout.")
def export_csv(reports: Path, assignment: str | None, out: Path | None) -> None:
    """Write grades with the columns of `nbgrader export`."""
    from ..adapters import nbgrader_csv

    text = nbgrader_csv.table(_read(reports, assignment))
    if out:
        files.write(out, text)
    else:
        sys.stdout.buffer.write(text.encode())


@export.command()
@_INTO
@_OUT
@_REPORTS
@_ASSIGNMENT
@click.option("--column", help="The heading of the assignment's column, if it is not the assignment's name.")
@_SCALE
def canvas(
    into: Path, out: Path | None, reports: Path, assignment: str | None, column: str | None, scale: bool
) -> None:
    """Fill in a Canvas gradebook export (Grades > Export > Entire Gradebook), to be imported again.

    Exit code 1 if a submission does not match exactly one student.
    """
    from ..adapters import lms

    chosen, name = _of_one(reports, assignment)
    _save(lms.fill_canvas(into, chosen, name, column, scale=scale), into, out)


@export.command()
@_INTO
@_OUT
@_REPORTS
@_ASSIGNMENT
@_SCALE
def moodle(into: Path, out: Path | None, reports: Path, assignment: str | None, scale: bool) -> None:
    """Fill in a Moodle grading worksheet, to be uploaded again.

    Exit code 1 if a submission does not match exactly one student.
    """
    from ..adapters import lms

    chosen, _ = _of_one(reports, assignment)
    _save(lms.fill_moodle(into, chosen, scale=scale), into, out)


@export.command()
@click.argument("assignment")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="The zip. Default: ASSIGNMENT-gradescope.zip.")  # fmt: skip
@SALT
@click.option("--hidden-cases", "visibility", type=click.Choice(["after_due_date", "after_published", "visible", "hidden"]), default="after_due_date", show_default=True, help="When students see the results of the hidden cases.")  # fmt: skip
@click.option(
    "--leaderboard",
    is_flag=True,
    help="Rank submissions by accuracy, if it is measured, and by points. It includes hidden cases before the due date.",
)
@click.option("--wheel", type=click.Path(path_type=Path, dir_okay=False, exists=True), help="This package as a wheel. Default: it is built.")  # fmt: skip
@SOLUTIONS
def gradescope(
    assignment: str,
    out: Path | None,
    salt: Path | None,
    visibility: str,
    leaderboard: bool,
    wheel: Path | None,
    solutions: Path,
) -> None:
    """Make the zip for configuring Gradescope's autograder for an ASSIGNMENT.

    It contains the answers to the hidden cases: give it to nobody but Gradescope.
    """
    import tempfile

    from ..adapters import gradescope as door
    from ..course.assignment import chosen as chosen_of
    from ..course.salt import read_salt, salt_beside
    from ..course.solve import answers_of
    from ..grader.workers import Workers
    from ..reports import console

    (chosen,) = chosen_of((assignment,), solutions)
    announce = partial(console.err.print, markup=False, soft_wrap=True)
    secret = read_salt(salt or salt_beside(solutions), announce)
    target = out or Path(f"{assignment}-gradescope.zip")
    with tempfile.TemporaryDirectory() as folder, Workers() as workers:
        with console.err.status("building the wheel"):
            built = wheel or door.build_wheel(Path(folder))
        with console.err.status(f"solving {assignment}"):
            answers = answers_of(chosen, secret, workers)
            door.pack(chosen, answers, secret, built, target, visibility, leaderboard=leaderboard)
    console.out.print(f"{target} ({target.stat().st_size / 1024:.0f} KB)", markup=False)


@export.command()
@click.argument("assignments", nargs=-1)
@click.option("--to", type=click.Path(path_type=Path, file_okay=False), default=Path("source"), show_default=True, help="nbgrader's source folder. It contains solutions.")  # fmt: skip
@SOLUTIONS
def nbgrader(assignments: tuple[str, ...], to: Path, solutions: Path) -> None:
    """Make nbgrader's sources of ASSIGNMENTS (default: all); then run `nbgrader generate_assignment`."""
    from ..course.assignment import chosen as chosen_of
    from ..course.release import write_source
    from ..grader.workers import Workers
    from ..reports import console

    with Workers() as workers:
        for chosen in chosen_of(assignments, solutions):
            with console.err.status(f"solving {chosen.name}"):
                for path in write_source(chosen, to, workers):
                    console.out.print(str(path), markup=False)


def _read(folder: Path, assignment: str | None) -> list[Report]:
    from ..course.classroom import reports_in
    from ..reports.report import State

    found = [r for r in reports_in(folder) if assignment in (None, r.assignment) and r.status != State.WITHDRAWN]
    if not found:
        raise CallError(
            f"{folder} contains no reports{f' of {assignment}' if assignment else ''}: run `autograder grade` first."
        )
    return found


def _of_one(folder: Path, assignment: str | None) -> tuple[list[Report], str]:
    found = _read(folder, assignment)
    names = sorted({r.assignment for r in found})
    if len(names) > 1:
        raise CallError(f"{folder} contains reports of {', '.join(names)}: choose one with --assignment.")
    return found, names[0]


def _save(filled: Filled, into: Path, out: Path | None) -> None:
    from ..reports import console

    target = out or into.with_name(f"{into.stem}.graded{into.suffix}")
    files.write(target, filled.table.to_bytes())
    console.out.print(f"grades written to {target}: {filled.written}", markup=False, soft_wrap=True)
    for what, names in (
        ("submissions that do not match exactly one student, or whose student has two", filled.unknown),
        ("to be graded again first (grader fault)", filled.faults),
        ("could not be read, so there is no grade", filled.unreadable),
        ("grades that are locked on the platform, not changed", filled.locked),
        ("students without a submission, not changed", filled.absent),
    ):
        if names:
            console.out.print(f"{what}: {len(names)} ({'; '.join(names)})", markup=False, soft_wrap=True)
    sys.exit(3 if filled.faults else 1 if filled.unknown else 0)
