"""The course's own assignments, each loaded once for all tests of a process. Not to be changed."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from autograder.course import assignment as assignments
from autograder.course.assignment import Assignment

SOLUTIONS = Path(__file__).parent.parent / "solutions"


@cache
def assignment(name: str) -> Assignment:
    """From `solutions/`."""
    return assignments.load(SOLUTIONS / name)
