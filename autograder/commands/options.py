"""Options and arguments that several commands share, and what they mean."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import CallError

if TYPE_CHECKING:
    from ..reports.report import Report

SOLUTIONS = click.option(
    "--solutions",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("solutions"),
    show_default=True,
    help="The folder with the authored assignments.",
)
JOBS = click.option(
    "--jobs",
    type=click.IntRange(1),
    default=os.cpu_count() or 1,
    show_default="one per core",
    help="How many to run at once.",
)
SALT = click.option(
    "--salt",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path(".salt"),
    show_default=True,
    help="The file with the secret from which hidden cases are drawn; created on first use. The same secret gives the same cases.",
)
FAIL_UNDER = click.option(
    "--fail-under",
    type=click.FloatRange(0, 100),
    metavar="PERCENT",
    help="Exit code 1 if a submission earned less than this share of its points.",
)


def below(reports: Sequence[Report], percent: float) -> int:
    """The exit code of --fail-under: 1 if a report earned less than this share of its points."""
    return int(any(100 * r.score < percent * r.max_score - 1e-9 for r in reports))


def notebook_in(path: Path) -> Path:
    """A file, or the only notebook in a folder.

    Raises:
        CallError: if there is none, or several to choose from.
    """
    if path.is_file():
        return path
    if not path.is_dir():
        raise CallError(f"There is no file {path}.")
    found = sorted(file for file in path.iterdir() if file.suffix.lower() == ".ipynb")
    if len(found) > 1:
        names = ", ".join(file.name for file in found[:5])
        raise CallError(f"Which notebook in {path}? There are {len(found)}: {names}.")
    if not found:
        raise CallError(f"There is no notebook in {path}.")
    return found[0]
