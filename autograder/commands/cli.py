"""The command line. Commands import what they need when they run, so that `--help` is fast.

Exit codes: 0 success; 1 the command finished and found something wrong; 2 the command line is wrong; 3 the grader itself
failed.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click  # argument parsing, help and completion

from .. import __version__, files
from ..errors import CallError, GraderFault
from . import log
from .authoring import audit, gates, new, release
from .docs import docs
from .doctor import doctor
from .export import export
from .options import FAIL_UNDER, JOBS, SALT, SOLUTIONS, below, notebook_in
from .submit_check import submit_check

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..reports.report import Report

_FORMAT = click.option(
    "--format",
    "kind",
    type=click.Choice(["console", "json", "junit", "markdown", "github"]),
    default="console",
    show_default=True,
    help="What to write to stdout. github: annotations; the summary and Classroom's result go to the files that GitHub names.",
)
_FORMAT_OUT = click.option(
    "--format-out", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file instead of stdout."
)


class _Commands(click.Group):
    """Turns what ends a command early into a message and an exit code."""

    def main(self, *args: Any, **settings: Any) -> Any:
        """Runs the command line. On a build server, nothing that it prints is a command to the server."""
        log.speak_utf8()
        with log.watched(os.environ):
            return super().main(*args, **settings)

    def invoke(self, ctx: click.Context) -> object:
        """Runs the command."""
        try:
            return super().invoke(ctx)
        except CallError as error:
            _usage(str(error))
        except BrokenPipeError:
            raise  # the reader of a pipe has seen enough
        except (GraderFault, OSError) as error:
            _say(f"The grader itself failed: {error}")
            sys.exit(3)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="autograder")
def main() -> None:
    """Assignments on convolutional networks that grade themselves.

    Students: check, submit-check. Instructors: grade, report, export, new, release, audit, gates. Everybody: docs, doctor.
    """


for command in (submit_check, export, new, release, audit, gates, doctor, docs):
    main.add_command(command)


@main.command()
@click.argument("notebook", type=click.Path(path_type=Path))
@_FORMAT
@_FORMAT_OUT
@FAIL_UNDER
def check(notebook: Path, kind: str, format_out: Path | None, fail_under: float | None) -> None:
    """Check every question of a NOTEBOOK (or .py file) on its public cases.

    The assignment's .npz must be next to it. For a folder, its only notebook is checked. Exit code 0 only if every public case passes, or according to --fail-under.
    """
    from ..border.wire import WireError
    from ..grader.workers import Workers
    from ..reports import console
    from ..reports.report import Status
    from ..source import extract
    from ..student.whole_file import as_report, check_file

    notebook = notebook_in(notebook)
    try:
        with console.err.status("running your notebook"), Workers() as workers:
            results = check_file(notebook, workers).results
    except WireError as error:
        _usage(str(error))
    except extract.Unreadable as error:
        _say(str(error))
        sys.exit(1)
    passed = sum(q.status == Status.PASSED for q, _ in results)
    if kind == "console":
        for question, notes in results:
            console.show_check(question, notes)
        console.out.print(f"{passed} of {len(results)} questions pass their public cases.")
    report = as_report(notebook, [question for question, _ in results])
    _write(kind, [(report, notebook)], format_out)
    sys.exit(int(passed < len(results)) if fail_under is None else below([report], fail_under))


@main.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATH...")
@click.option("--assignment", help="Grade only this assignment. Default: recognized by folders, names or functions.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=Path("graded"), show_default=True, help="The folder for the reports.")  # fmt: skip
@JOBS
@SALT
@click.option("--isolation", type=click.Choice(["process", "landlock", "full"]), default="landlock", show_default=True, help="Refuse to grade at a weaker isolation level than this; `autograder doctor` shows the levels of this machine.")  # fmt: skip
@click.option("--force", is_flag=True, help="Grade unchanged submissions again, too.")
@click.option("--strict", is_flag=True, help="Exit code 1 if a submitted file is not graded.")
@_FORMAT
@_FORMAT_OUT
@FAIL_UNDER
@SOLUTIONS
def grade(
    paths: tuple[Path, ...],
    assignment: str | None,
    out: Path,
    jobs: int,
    salt: Path,
    isolation: str,
    force: bool,
    strict: bool,
    kind: str,
    format_out: Path | None,
    fail_under: float | None,
    solutions: Path,
) -> None:
    """Grade notebooks, .py files, zips, and folders of them.

    Folders may be flat, contain one folder per student, be an nbgrader submitted/ tree, or a download from Canvas or Moodle.

    Writes OUT/<submission>/<assignment>/report.json and report.html, and for the class OUT/grades.csv, OUT/index.html and
    OUT/left_out.csv, which lists every file that was not graded, with the reason. Submissions that have not changed since the last
    run are not graded again.

    Exit codes: 0 graded, 1 a submission is below --fail-under, or with --strict a file was not graded, 2 the command line is
    wrong, 3 a submission must be graded again.
    """
    import tempfile

    from rich.markup import escape
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from ..border.levels import is_weaker
    from ..course import classroom, run
    from ..course.salt import read_salt
    from ..grader.isolation import strongest, why_not
    from ..reports import console
    from ..reports.left_out import Notes
    from ..reports.report import State

    reached = strongest()
    if is_weaker(reached, isolation):
        _usage(
            f"Student code would run at the isolation level {reached!r}, weaker than {isolation!r} ({why_not(isolation)}). "
            f"If you trust the submissions, use --isolation {reached}."
        )
    notes, fresh = Notes(), 0
    done: dict[Path, Report] = {}
    try:
        with tempfile.TemporaryDirectory(prefix="autograder-") as spare:
            with console.err.status("looking for submissions"):
                found = run.begin(paths, solutions, out, assignment, Path(spare), notes)
            secret = read_salt(salt, lambda said: console.err.print(f"[yellow]! {escape(said)}[/]"))
            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
            try:
                with Progress(*columns, console=console.err) as progress:
                    bar = progress.add_task("looking for earlier reports", total=len(found.entries))
                    for graded in classroom.grade_class(
                        found.entries, solutions, out, salt=secret, jobs=jobs, force=force, isolation=reached,
                        on_ready=lambda step: progress.update(bar, description=step),
                    ):  # fmt: skip
                        fresh += graded.fresh
                        done[graded.entry.folder(out)] = graded.report
                        progress.update(bar, advance=1)
            finally:  # whatever ended it: the tables hold what is done
                reports = run.conclude(out, found, done, notes)
    except KeyboardInterrupt:
        console.err.print("Stopped. Finished reports are kept; run the same command again to continue.")
        sys.exit(130)
    terminal = console.out if kind == "console" else console.err
    if kind == "console":
        console.show_class(reports)
    console.show_notes(notes, out / "left_out.csv", terminal, names=kind != "github")
    said = (
        f"{fresh} graded, {len(found.entries) - fresh} unchanged. Reports: {out}/index.html, grades: {out}/grades.csv"
    )
    terminal.print(f"\n{escape(said)}")
    if is_weaker(reached, "full"):
        terminal.print(
            f"[yellow]! Student code ran at the isolation level {reached}, not full[/]: {escape(why_not('full'))}"
        )
    asked = [(done[entry.folder(out)], Path(entry.file)) for entry in found.entries]
    _write(kind, asked, format_out)
    if any(r.status == State.GRADER_FAULT for r in reports):
        sys.exit(3)
    sys.exit(
        int(strict and bool(notes.left_out)) or (0 if fail_under is None else below([r for r, _ in asked], fail_under))
    )


@main.command()
@click.argument("path", type=click.Path(path_type=Path, exists=True))
@_FORMAT
@_FORMAT_OUT
def report(path: Path, kind: str, format_out: Path | None) -> None:
    """Show graded reports again: a report.json, or a folder that `grade` wrote."""
    from ..reports import console
    from ..reports.report import State, load

    if path.is_dir():
        from ..course.classroom import reports_in

        reports = [one for one in reports_in(path) if kind == "console" or one.status != State.WITHDRAWN]
        if not reports:
            _usage(f"{path} contains no reports.")
    else:
        try:
            reports = [load(path)]
        except (OSError, ValueError):
            _usage(f"{path} is not a report.")
    if kind != "console":
        _write(kind, [(one, Path(one.submission)) for one in reports], format_out)
    elif path.is_dir():
        console.show_class(reports)
    else:
        console.show_report(reports[0])


def _write(kind: str, graded: Sequence[tuple[Report, Path]], target: Path | None) -> None:
    """Writes reports in another program's format, to stdout or to a file."""
    if kind == "console":
        return
    reports = [report for report, _ in graded]
    if kind == "json":
        text = "[" + ",\n".join(report.model_dump_json(indent=1) for report in reports) + "]\n"
        text = re.sub(r"##(?=\w*\[)", r"#\\u0023", text)  # the same text, but no command to a build server
    elif kind == "junit":
        from ..adapters import junit

        text = junit.document(reports)
    elif kind == "markdown":
        from ..adapters import markdown

        text = markdown.page(reports)
    else:
        from ..adapters import github

        text = github.write(graded, os.environ)
    if target:
        files.write(target, text)
    else:
        sys.stdout.buffer.write(text.encode())
        sys.stdout.flush()


def _usage(message: str) -> NoReturn:
    _say(message)
    sys.exit(2)


def _say(message: str) -> None:
    """Prints to stderr why a command ends."""
    from ..reports.plain import visible

    click.echo(visible(message), err=True)
