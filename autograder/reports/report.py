"""The report: one JSON document per graded submission. Every other output is generated from it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field  # validation and the published JSON schema from one declaration

from .. import files

VERSION: Final = 1
MAX_REPORT = 64 << 20


class State(StrEnum):
    """The outcome of a submission."""

    GRADED = "graded"
    UNREADABLE = "unreadable"
    GRADER_FAULT = "grader_fault"
    WITHDRAWN = "withdrawn"


class Status(StrEnum):
    """The outcome of a question."""

    PASSED = "passed"
    PARTIAL = "partial"
    FAILED = "failed"
    ERROR = "error"
    TIMEOUT = "timeout"
    MEMORY = "memory"
    CRASHED = "crashed"
    NOT_ATTEMPTED = "not_attempted"
    MISSING = "missing"
    GRADER_FAULT = "grader_fault"


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Part(_Model):
    """One (case, part): the unit in which points are given."""

    case: str
    part: str = Field(description='an output ("value", "dx") or "gradient wrt <argument>"')
    public: bool
    passed: bool | None = Field(description="null: not run")
    points: float
    max_points: float
    message: str = ""
    mistake: str | None = Field(default=None, description="the mistake of the diagnosis that explains this part")
    measured: float | None = Field(
        default=None, description="for the part accuracy, and behind a gate: the share of right answers, 0 to 1"
    )
    picture: list[list[float]] = Field(
        default_factory=list, description="for public cases: how wrong each entry is, 0 (right) to 1"
    )


class Diagnosis(_Model):
    """What is wrong with a function: one mistake, or two together, that explain every number that it returned."""

    mistakes: list[str] = Field(description="their names in mistakes.py")
    title: str = Field(description="the mistake in a sentence")
    hint: str = Field(description="what else a student reads about it")
    certainty: str = Field(description="how sure this is, in words")


class Figure(_Model):
    """An argument or a result of a public case, as text."""

    name: str
    shape: str = Field(description="empty if it is not an array")
    rows: list[list[str]] = Field(
        default_factory=list, description="the entries of an array of up to two axes longer than 1"
    )
    text: str = Field(default="", description="everything else")
    wrong: list[list[bool]] = Field(default_factory=list, description="which of the rows' entries are wrong")


class Ladder(_Model):
    """How far up its ladder of small public cases a function is right."""

    rungs: list[str]
    right: list[bool]
    first_wrong: str = Field(default="", description="the lowest rung that is wrong")
    figures: list[Figure] = Field(default_factory=list, description="that rung's arguments, expected result and result")


class QuestionReport(_Model):
    """One function of the student."""

    name: str
    points: float
    max_points: float
    status: Status
    message: str = Field(default="", description="a message about the whole question")
    where: str = Field(default="", description="the first line of the student that raised: cell, number and text")
    diagnosis: Diagnosis | None = Field(
        default=None, description="null: no mistake explains everything that was observed"
    )
    ladder: Ladder | None = Field(default=None, description="null: the question has none, or nothing ran")
    condition: str = Field(default="", description="what the right cases have in common and the wrong ones do not")
    parts: list[Part]


class Report(_Model):
    """One submission, graded."""

    version: Literal[1] = VERSION
    assignment: str
    submission: str = Field(description="the name under which the submission is listed")
    student: str = Field(description="the id, or what stands for it: the name of a folder or a file")
    name: str = Field(default="", description="the student's name, if a platform provides it with the id")
    file: str = Field(default="", description="the path of the submitted file; a zip counts as a folder")
    score: float
    max_score: float
    status: State
    message: str = ""
    isolation: str = Field(description="the isolation level at which the student's code ran")
    salt_id: str = Field(description="identifies the salt of the hidden cases without revealing it")
    questions_id: str = Field(default="", description="identifies the authored files that it was graded with")
    versions: dict[str, str]
    key: str = Field(
        description="hash of submission, questions, salt and versions: the same key means the same grading"
    )
    started: str = Field(description="ISO 8601, UTC")
    duration: float = Field(description="seconds")
    repairs: list[str]
    questions: list[QuestionReport]


DIGITS: Final = 4
"""Of points, after the decimal point, wherever they are kept: a sum that was rounded further would not be the gradebook's."""


def total(points: Iterable[float]) -> float:
    """The sum of points, the same as a gradebook's that adds up the questions."""
    return round(math.fsum(points), DIGITS)


def status_of(parts: Iterable[Part]) -> Status:
    """passed, partial or failed, from parts that all ran."""
    passed = [part.passed for part in parts]
    return Status.PASSED if all(passed) else Status.PARTIAL if any(passed) else Status.FAILED


def most_telling(question: QuestionReport) -> Part | None:
    """The first part that was missed: a public case before a hidden one, a value before its gradients."""
    missed = [part for part in question.parts if part.passed is False]
    return min(missed, key=lambda part: not part.public, default=None)


def save(report: Report, path: Path) -> None:
    """Writes report.json."""
    files.write(path, report.model_dump_json(indent=1) + "\n")


def load(path: Path) -> Report:
    """Reads report.json. Raises OSError, or ValueError if it is damaged or of another version."""
    return Report.model_validate_json(files.read(path, MAX_REPORT))
