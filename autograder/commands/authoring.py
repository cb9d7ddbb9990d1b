"""`autograder new`, `release`, `audit` and `gates`, for authors of assignments."""

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
@click.argument("name")
@click.argument("signatures", nargs=-1, required=True, metavar="SIGNATURE...")
@SOLUTIONS
def new(name: str, signatures: tuple[str, ...], solutions: Path) -> None:
    """Begin the assignment NAME with a question for each SIGNATURE, for example "softmax(logits, axis=-1)".

    The four files pass their audit as they stand. Replace the placeholders in them.
    """
    from ..course.draft import draft
    from ..reports import console

    for path in draft(name, list(signatures), solutions):
        console.out.print(str(path), markup=False, highlight=False, soft_wrap=True)
    console.out.print(
        f"\nWrite your functions into {solutions / name}/notebook.py, then: autograder audit {name}", markup=False
    )


@click.command()
@click.argument("assignments", nargs=-1)
@click.option("--to", type=click.Path(path_type=Path, file_okay=False), default=Path("assignments"), show_default=True, help="Where to write the students' files.")  # fmt: skip
@click.option("--salts", type=click.IntRange(0), default=1, show_default=True, help="The number of salts for the audit before the release; 0 skips the audit.")  # fmt: skip
@JOBS
@SOLUTIONS
def release(assignments: tuple[str, ...], to: Path, salts: int, jobs: int, solutions: Path) -> None:
    """Make the students' files of ASSIGNMENTS (default: all).

    An assignment that fails its audit is not released.
    """
    from ..course import audit as auditing
    from ..course.assignment import chosen as chosen_of
    from ..course.release import release as make
    from ..course.run_through import dead_cells
    from ..grader.workers import Workers
    from ..reports import console

    chosen = chosen_of(assignments, solutions)
    with Workers() as workers:
        for item in chosen:
            if salts:
                with console.err.status(f"auditing {item.name}"):
                    results = auditing.audit(item, _salts(salts), workers, jobs=jobs)
                    misses = [miss for result in results for miss in result.misses] + dead_cells(item, workers)
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
    "--salts", type=click.IntRange(1), default=1, show_default=True, help="The number of draws of the hidden cases."
)
@click.option(
    "--isolation",
    type=click.Choice(LEVELS),
    help="The isolation level of student code; default: the strongest one available.",
)
@click.option("--run/--no-run", default=True, show_default=True, help="Run the solved and the released notebook in a kernel, too.")  # fmt: skip
@click.option("--mutants", is_flag=True, help="Grade machine-made mutants of the solved functions instead.")
@click.option(
    "--to", type=click.Path(path_type=Path, dir_okay=False), help="Write the table of mutants into this page, too."
)
@JOBS
@SOLUTIONS
def audit(
    assignments: tuple[str, ...],
    salts: int,
    isolation: str | None,
    run: bool,
    mutants: bool,
    to: Path | None,
    jobs: int,
    solutions: Path,
) -> None:
    """Run every mistake and every variant of ASSIGNMENTS through the real grading path.

    Every mistake must lose points and be named as itself, every variant must get full points, and the references must agree
    with their oracles and with finite differences. The last columns show the processor time of the slowest variant, in seconds,
    and how many times it fits into the question's. With --mutants, every mutant of a solved function must lose points or be the
    same function on the question's domain. The solved notebook must run from top to bottom with every check passed, the released
    one without an error. Exit code 1 on any miss.
    """
    if mutants:
        _audit_mutants(assignments, isolation, to, jobs, solutions)
        return
    from rich.progress import Progress

    from ..course import audit as auditing
    from ..course.assignment import chosen as chosen_of
    from ..course.run_through import dead_cells
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
            _show_audit(f"{item.name}, isolation {workers.level}", results)
            misses += sum(len(result.misses) for result in results)
            if run:
                with console.err.status(f"running the notebooks of {item.name}"):
                    dead = dead_cells(item, workers)
                for line in dead:
                    console.out.print(f"✗ {line}", markup=False, soft_wrap=True)
                misses += len(dead)
    sys.exit(1 if misses else 0)


@click.command()
@click.argument("assignments", nargs=-1)
@click.option(
    "--salts", type=click.IntRange(2), default=20, show_default=True, help="The number of runs of every student."
)
@click.option(
    "--networks", type=click.IntRange(0), default=200, show_default=True, help="How many members of each random family."
)
@click.option("--to", type=click.Path(path_type=Path, dir_okay=False), default=Path("docs/gates.md"), show_default=True, help="The file to write the table to.")  # fmt: skip
@JOBS
@SOLUTIONS
def gates(assignments: tuple[str, ...], salts: int, networks: int, to: Path, jobs: int, solutions: Path) -> None:
    """Measure the accuracies that honest work reaches in ASSIGNMENTS, and write the table of gates.

    The reference and every variant of a question with an accuracy rule are trained on many salts, and a random family of honest
    ones on salts of their own. Exit code 1 if a gate fails any of them.
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
            found += measuring.measure(item, names, workers, networks=networks, jobs=jobs, on_step=step)
    if not found:
        raise CallError("None of these assignments has an accuracy rule.")
    told = ", ".join(["`autograder gates`", *(f"{name} {version}" for name, version in versions().items())])
    files.write(to, measuring.page(found, salts, told))
    for gate in found:
        mark = "[green]✓[/]" if gate.holds else "✗"
        console.out.print(
            f"{mark} {gate.question}, {gate.case}: gate {gate.gate:.0%}, lowest {gate.lowest:.1%}, {gate.distance:.1f} deviations; "
            f"{len(gate.family)} at random, {gate.misses} below, {gate.unfinished} unfinished"
        )
    console.out.print(str(to))
    sys.exit(0 if all(gate.holds for gate in found) else 1)


def _audit_mutants(
    assignments: tuple[str, ...], isolation: str | None, to: Path | None, jobs: int, solutions: Path
) -> None:
    """Shows what became of every mutant. Exits with 1 on a hole."""
    from rich.markdown import Markdown
    from rich.progress import Progress

    from ..course import mutants as testing
    from ..course.assignment import chosen as chosen_of
    from ..grader.workers import Workers
    from ..reports import console

    misses, (salt,) = 0, _salts(1)
    with Workers(isolation) as workers:
        for item in chosen_of(assignments, solutions):
            with Progress(console=console.err) as progress:
                step = partial(_show_step, progress, progress.add_task(f"mutants of {item.name}", total=None))
                results = testing.examine(item, salt, workers, jobs=jobs, on_step=step)
            console.out.print(Markdown(testing.table(item.name, results)))
            for result in results:
                for miss in result.misses:
                    console.out.print(f"✗ {result.question}: {miss}", markup=False, soft_wrap=True)
            misses += sum(len(result.misses) for result in results)
            if to:
                old = to.read_text(encoding="utf-8") if to.is_file() else ""
                files.write(to, files.with_section(old, item.name, testing.section(item.name, results), testing.HEAD))
    sys.exit(1 if misses else 0)


def _show_audit(title: str, results: Sequence[QuestionAudit]) -> None:
    """The audit's table, then every miss, and every question that a slow machine could make too short."""
    from rich.table import Table
    from rich.text import Text

    from ..course.audit import MARGIN
    from ..reports.console import out
    from ..reports.plain import visible

    counts = ("mistakes", "caught", "named", "told", "variants", "passed", "oracles", "differences")
    table = Table(title=title, box=None, pad_edge=False)
    table.add_column("question", no_wrap=True)
    for name in (*counts, "slowest", "fits"):
        table.add_column(name, justify="right")
    for r in results:
        sign = ("✗", "red") if r.misses else ("✓", "green")
        times = (f"{r.slowest[0]:.2f}", f"{r.margin:.0f}") if r.slowest[0] else ("", "")
        table.add_row(Text.assemble(sign, f" {r.question}"), *(str(getattr(r, name)) for name in counts), *times)
    table.add_row("  all", *(str(sum(getattr(r, name) for r in results)) for name in counts), style="bold")
    out.print(table)
    for r in results:
        for miss in r.misses:
            out.print(visible(f"✗ {r.question}: {miss}"), markup=False)
        if r.margin < MARGIN:
            out.print(
                f"! {r.question}: the right variant {r.slowest[1]} took {r.slowest[0]:.2f} s of {r.seconds:g} s of processor time. "
                f"Allow {MARGIN} times as much as it took: raise `seconds`."
            )


def _show_step(progress: Progress, bar: TaskID, done: int, total: int) -> None:
    progress.update(bar, completed=done, total=total)


def _salts(count: int) -> list[str]:
    return [f"audit-{number}" for number in range(count)]
