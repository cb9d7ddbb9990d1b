"""`autograder release`, `audit` and `gates`: for those who write assignments."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .. import files
from ..border.levels import LEVELS
from ..errors import CallError
from .options import JOBS, SOLUTIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.progress import Progress, TaskID

    from ..course.audit import QuestionAudit


@click.command()
@click.argument("assignments", nargs=-1)
@click.option("--to", type=click.Path(path_type=Path, file_okay=False), default=Path("assignments"), show_default=True, help="Where the student's files go.")  # fmt: skip
@click.option("--salts", type=click.IntRange(0), default=1, show_default=True, help="Audit on so many salts first; 0 leaves the audit out.")  # fmt: skip
@JOBS
@SOLUTIONS
def release(assignments: tuple[str, ...], to: Path, salts: int, jobs: int, solutions: Path) -> None:
    """Make the student's files of ASSIGNMENTS (all of them by default).

    An assignment that fails its audit is not released.
    """
    from ..course import audit as auditing
    from ..course.assignment import chosen as chosen_of
    from ..course.release import release as make
    from ..grader.workers import Workers
    from ..reports import console

    chosen = chosen_of(assignments, solutions)
    with Workers() as workers:
        for item in chosen:
            if salts:
                with console.err.status(f"auditing {item.name}"):
                    results = auditing.audit(item, _salts(salts), workers, jobs=jobs)
                misses = [miss for result in results for miss in result.misses]
                if misses:
                    console.err.print(
                        "\n".join([f"{item.name} fails its audit and is not released:", *misses]), markup=False
                    )
                    sys.exit(1)
            with console.err.status(f"releasing {item.name}"):
                for path in make(item, to, workers):
                    console.out.print(f"{path} ({path.stat().st_size / 1024:.0f} KB)")


@click.command()
@click.argument("assignments", nargs=-1)
@click.option(
    "--salts", type=click.IntRange(1), default=1, show_default=True, help="How many draws of the hidden cases."
)
@click.option(
    "--isolation", type=click.Choice(LEVELS), help="Run student code at this level; the strongest here by default."
)
@JOBS
@SOLUTIONS
def audit(assignments: tuple[str, ...], salts: int, isolation: str | None, jobs: int, solutions: Path) -> None:
    """Run every mistake and every variant of ASSIGNMENTS through the real grading path.

    Every mistake must lose points and be named as itself, every variant must get full points, and the references must agree
    with their oracles and with finite differences. Exit code 1 on any miss.
    """
    from rich.progress import Progress

    from ..course import audit as auditing
    from ..course.assignment import chosen as chosen_of
    from ..grader.workers import Workers
    from ..reports import console

    chosen = chosen_of(assignments, solutions)
    misses = 0
    with Workers(isolation) as workers:
        for item in chosen:
            with Progress(console=console.err) as progress:
                bar = progress.add_task(f"auditing {item.name}", total=None)
                step = partial(_show_step, progress, bar)
                results = auditing.audit(item, _salts(salts), workers, jobs=jobs, on_step=step)
            _show_audit(item.name, results)
            misses += sum(len(result.misses) for result in results)
    sys.exit(1 if misses else 0)


@click.command()
@click.argument("assignments", nargs=-1)
@click.option("--salts", type=click.IntRange(2), default=20, show_default=True, help="How many runs of every student.")
@click.option("--to", type=click.Path(path_type=Path, dir_okay=False), default=Path("docs/gates.md"), show_default=True, help="Where the table goes.")  # fmt: skip
@JOBS
@SOLUTIONS
def gates(assignments: tuple[str, ...], salts: int, to: Path, jobs: int, solutions: Path) -> None:
    """Measure the accuracies that honest work reaches in ASSIGNMENTS, and write the table of gates.

    The reference and every variant of a question with an accuracy rule are trained on many salts. Exit code 1 if a gate
    would fail honest work more than once in a thousand.
    """
    from rich.progress import Progress

    from ..course import gates as measuring
    from ..course.assignment import chosen as chosen_of
    from ..grader.identity import versions
    from ..grader.workers import Workers
    from ..reports import console

    found: list[measuring.Gate] = []
    with Workers() as workers, Progress(console=console.err) as progress:
        for item in chosen_of(assignments, solutions):
            bar = progress.add_task(f"measuring {item.name}", total=None)
            step = partial(_show_step, progress, bar)
            names = [f"gate-{number}" for number in range(salts)]
            found += measuring.measure(item, names, workers, jobs=jobs, on_step=step)
    if not found:
        raise CallError("None of these assignments has an accuracy rule.")
    told = ", ".join(["`autograder gates`", *(f"{name} {version}" for name, version in versions().items())])
    files.write(to, measuring.page(found, salts, told))
    for gate in found:
        mark = "[green]✓[/]" if gate.holds else "✗"
        console.out.print(
            f"{mark} {gate.question}, {gate.case}: gate {gate.gate:.0%}, lowest {gate.lowest:.1%}, {gate.distance:.1f} deviations"
        )
    console.out.print(str(to))
    sys.exit(0 if all(gate.holds for gate in found) else 1)


def _show_audit(assignment: str, results: Sequence[QuestionAudit]) -> None:
    """The audit's table, then every miss."""
    from rich.table import Table

    from ..reports.console import out

    counts = ("mistakes", "caught", "named", "told", "variants", "passed", "oracles", "differences")
    table = Table(title=assignment, box=None, pad_edge=False)
    table.add_column("question", no_wrap=True)
    for name in counts:
        table.add_column(name, justify="right")
    for r in results:
        sign = "[red]✗[/]" if r.misses else "[green]✓[/]"
        table.add_row(f"{sign} {r.question}", *(str(getattr(r, name)) for name in counts))
    table.add_row("  all", *(str(sum(getattr(r, name) for r in results)) for name in counts), style="bold")
    out.print(table)
    for r in results:
        for miss in r.misses:
            out.print(f"✗ {r.question}: {miss}", markup=False)


def _show_step(progress: Progress, bar: TaskID, done: int, total: int) -> None:
    progress.update(bar, completed=done, total=total)


def _salts(count: int) -> list[str]:
    return [f"audit-{number}" for number in range(count)]
