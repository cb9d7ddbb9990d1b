"""The signs, words and sums that all outputs share: pages, terminal and tables."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from .report import Part, QuestionReport, Report, State, Status

MARKS = {
    Status.PASSED: ("✓", "passed", "good"),
    Status.PARTIAL: ("◐", "partly right", "part"),
    Status.FAILED: ("✗", "wrong", "bad"),
    Status.ERROR: ("✗", "error", "bad"),
    Status.TIMEOUT: ("◔", "took too long", "bad"),
    Status.MEMORY: ("✗", "out of memory", "bad"),
    Status.CRASHED: ("✗", "crashed", "bad"),
    Status.NOT_ATTEMPTED: ("○", "not attempted yet", "todo"),
    Status.MISSING: ("○", "missing", "todo"),
    Status.GRADER_FAULT: ("!", "grader fault", "part"),
}
"""A sign, words and a colour class for every status; colour is never the only sign."""

STATES = {
    State.UNREADABLE: "could not be read",
    State.GRADER_FAULT: "to be graded again",
    State.WITHDRAWN: "withdrawn",
}
"""What is said in place of a score: none of these is a zero."""


DEAD = (
    "Drop a hidden one or make it harder, unless it guards a right answer's form. Students see a public one while they work, so it "
    "may have done its work before: keep it if it teaches something."
)
"""What to do about checks that nobody fails."""


def summary(reports: Sequence[Report]) -> dict[str, Any]:
    """The class in numbers, by assignment.

    Returns:
        {assignment: {"scores", "max_score", "bins" (counts by tenths), "questions" (name -> mean share, mean points, max),
        "mistakes" [(question, mistake, count)], "faults" [submission], "unreadable" [(submission, reason)],
        "withdrawn" [submission]}}. Scores, bins and means are of what was graded.
    """
    found: dict[str, Any] = {}
    for name in sorted({r.assignment for r in reports}):
        mine = [r for r in reports if r.assignment == name]
        counted = [r for r in mine if r.status == State.GRADED]
        bins = [0] * 10
        for r in counted:
            bins[min(9, int(10 * share(r.score, r.max_score)))] += 1
        questions = {}
        for question in dict.fromkeys(q.name for r in counted for q in r.questions):
            rows = [q for r in counted for q in r.questions if q.name == question]
            mean = sum(q.points for q in rows) / len(rows)
            questions[question] = {"mean": mean, "max": rows[0].max_points, "share": share(mean, rows[0].max_points)}
        mistakes = Counter((q.name, mistake) for r in counted for q in r.questions for mistake in mistakes_of(q))
        found[name] = {
            "scores": [r.score for r in counted],
            "max_score": mine[0].max_score,
            "bins": bins,
            "questions": questions,
            "mistakes": [(question, mistake, count) for (question, mistake), count in mistakes.most_common(12)],
            "faults": [r.submission for r in mine if r.status == State.GRADER_FAULT],
            "unreadable": [(r.submission, r.message) for r in mine if r.status == State.UNREADABLE],
            "withdrawn": [r.submission for r in mine if r.status == State.WITHDRAWN],
        }
    return found


def mistakes_of(question: QuestionReport) -> list[str]:
    """The mistakes of a question in words: the sentence of its diagnosis, else the names on its parts."""
    if question.diagnosis:
        return [question.diagnosis.title]
    return list(dict.fromkeys(spoken(part.mistake) for part in question.parts if part.mistake))


def weaker_levels(reports: Sequence[Report]) -> dict[str, list[str]]:
    """The submissions whose code ran behind fewer walls than "full", by level of isolation."""
    found: dict[str, list[str]] = {}
    for r in reports:
        if r.isolation != "full":
            found.setdefault(r.isolation, []).append(r.submission)
    return found


def spoken(name: str | None) -> str:
    """A mistake's name as words."""
    return (name or "").replace("_", " ")


def share(earned: float, most: float) -> float:
    """The share of the points that was earned, 0 to 1; 0 if there are no points to earn."""
    return earned / most if most else 0.0


def figure(value: float) -> str:
    """A figure of item analysis, with two decimals."""
    return f"{value:.2f}".replace("-", "\N{MINUS SIGN}")


def percent(value: float) -> str:
    """A share, without decimals."""
    return f"{100 * value:.0f} %"


def points(value: float) -> str:
    """Points as people write them."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def grouped(question: QuestionReport) -> list[tuple[Part, list[Part]]]:
    """A question's parts, grouped by message: each message once, with the parts it holds for, values before gradients."""
    groups: dict[tuple[object, str], list[Part]] = {}
    for part in question.parts:
        groups.setdefault((part.passed, re.sub(r"[-\d.]+", "#", part.message)), []).append(part)
    return sorted(((parts[0], parts) for parts in groups.values()), key=lambda pair: "gradient" in pair[0].part)
