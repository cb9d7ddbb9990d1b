"""Options that several commands share."""

from __future__ import annotations

import os
from pathlib import Path

import click

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
    show_default=".salt beside the folder of --solutions",
    help="The file with the secret from which hidden cases are drawn; created on first use. The same secret gives the same cases.",
)
