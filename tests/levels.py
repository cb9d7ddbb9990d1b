"""Which levels of isolation a test can count on. Every test that needs one asks here."""

from __future__ import annotations

import os

import pytest

from autograder.border.levels import LEVELS
from autograder.grader import isolation

KNOWN = "AUTOGRADER_LEVELS"


def needs(level: str) -> None:
    """Skips the test where the level cannot be reached, and fails it where it should be.

    In continuous integration (CI is set) that is everywhere, so that no level is lost unnoticed. AUTOGRADER_LEVELS names, with
    commas, the levels that a machine is known to have, where these are fewer.
    """
    reason = isolation.why_not(level)
    if reason and level in expected(os.environ):
        pytest.fail(f"the level {level} must be reached here, but: {reason}")
    if reason:
        pytest.skip(f"the level {level} cannot be reached here: {reason}")


def expected(environment: os._Environ[str] | dict[str, str]) -> list[str]:
    """The levels that must be reached on this machine."""
    if KNOWN in environment:
        named = [name.strip() for name in environment[KNOWN].split(",") if name.strip()]
        assert set(named) <= set(LEVELS), f"{KNOWN} names a level that does not exist: {environment[KNOWN]!r}"
        return named
    return list(LEVELS) if environment.get("CI", "").lower() in ("1", "true") else []
