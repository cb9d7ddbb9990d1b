"""A class of known truth, as reports: nothing is graded, and the same seed gives the same class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import tiny

from autograder.reports import report
from autograder.reports.report import Report, Status


def submission(name: str, marks: Sequence[Sequence[bool | None]], **changed: Any) -> Report:
    """A report with a question per row of marks and a check per mark; a tuple of marks is a question that was not attempted."""
    questions = []
    for number, row in enumerate(marks):
        parts = [
            tiny.part(case=f"case {n}", public=n % 2 == 0, passed=mark, points=float(mark or 0))
            for n, mark in enumerate(row)
        ]
        status = Status.NOT_ATTEMPTED if isinstance(row, tuple) else report.status_of(parts)
        questions.append(tiny.question(*parts, name=f"q{number}", status=status))
    return tiny.report(*questions, **({"submission": name, "student": name} | changed))


DEAD = (("q1", "case 1"), ("q3", "case 2"), ("q7", "case 3"))
SUSPECT = (("q2", "case 1"), ("q5", "case 3"))
"""The checks that are planted."""


def simulated(seed: int, students: int, *, planted: bool = True, related: float = 1.0) -> list[Report]:
    """A class of known truth: 8 questions of 4 checks; a check passes by ability, by the question, and by luck.

    Args:
        seed: of everything.
        students: how many.
        planted: whether DEAD and SUSPECT are planted.
        related: by how much ability counts.
    """
    draw = np.random.default_rng(seed)
    hard = draw.normal(-0.6, 0.5, (8, 4))
    reports = []
    for number in range(students):
        ability = related * draw.normal()
        passes = ability + draw.normal(size=(8, 1)) + draw.normal(size=(8, 4)) > hard
        rows: list[list[bool]] = passes.tolist()
        for question, case in DEAD if planted else ():
            rows[int(question[1])][int(case[-1])] = True
        for question, case in SUSPECT if planted else ():
            rows[int(question[1])][int(case[-1])] = bool(ability + draw.normal() < 0.8)
        late = draw.random() < 0.2 and ability < 0
        reports.append(submission(f"s{number:04}", [*rows[:7], (False,) * 4 if late else rows[7]]))
    return reports
