"""`autograder doctor`: what this machine offers."""

from __future__ import annotations

import os
import sys

import click

from .. import __version__

NEEDED = {"tensorflow": "always", "numpy": "always"}
INSTRUCTORS = {"nbgrader": "release", "jupytext": "grade, release, audit"}
"""Packages, and what needs them. Without any of an instructor's, this is a student's machine, and only the first matter."""


@click.command()
def doctor() -> None:
    """Show what this machine offers: versions and cores and, where an instructor's packages are, the isolation levels for student code."""
    from concurrent.futures import ThreadPoolExecutor

    from ..border.levels import LEVELS
    from ..grader.isolation import strongest, why_not

    found = {name: _version(name) for name in NEEDED | INSTRUCTORS}
    instructs = any(found[name] for name in INSTRUCTORS)
    with ThreadPoolExecutor() as pool:  # each level is tried in a separate process, while this one imports
        tried = pool.map(why_not, LEVELS if instructs else ())
        from ..reports import console
    reasons = dict(zip(LEVELS, tried, strict=False))
    console.out.print(
        f"autograder {__version__}, Python {sys.version.split()[0]}, {sys.platform}, {os.cpu_count()} cores"
    )
    for name, role in (NEEDED | (INSTRUCTORS if instructs else {})).items():
        if found[name]:
            console.out.print(f"  [green]✓[/] {name} {found[name]}")
        else:
            console.out.print(f"  ✗ {name} is not installed (needed for: {role})")
    if instructs:
        console.out.print(f"  isolation of student code: [bold]{strongest()}[/]")
    for wanted, reason in reversed(reasons.items()):
        console.out.print(f"    ✗ {wanted}: {reason}" if reason else f"    [green]✓[/] {wanted}", highlight=False)
    sys.exit(0 if all(found[name] for name in NEEDED) else 1)


def _version(name: str) -> str:
    """The version of an installed package, or ""."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(name)
    except PackageNotFoundError:
        return ""
