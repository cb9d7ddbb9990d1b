"""Item analysis: how hard each question is, whether it tells students apart, and which checks never fail or fail the wrong ones.

Pure: reports in, figures out. Each figure comes with a 95 % interval, as if the class were a sample of students like them. docs/items.md has the
formulas and their sources.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter
from scipy import stats

from .figures import Array, Estimate, Quartiles, alpha, correlation, discrimination, proportion, quartiles
from .report import Report, State, Status
from .wording import STATES

FEWEST = 20
"""Below this number of submissions there are no figures: an extreme group would have fewer than five students."""
FEW = 100
"""Below this number the intervals matter more than the figures."""
USUAL = 0.30, 0.89
"""The usual range of difficulty."""
WEAK = 0.2
"""A correlation below it is weak."""
OFTEN_LEFT = 0.2
"""A question that more than this share did not attempt is worth a word."""
FEWEST_FAILURES = 5
"""A check is suspect only if at least as many submissions failed it, and as many passed."""
FALSE_SUSPECTS = 0.05
"""The expected share of the suspect checks of an assignment that are not (Benjamini & Hochberg 1995)."""


class Mark(StrEnum):
    """What is wrong with a check."""

    DEAD = "dead"
    SUSPECT = "suspect"


@dataclass(frozen=True)
class Item:
    """A question.

    Attributes:
        question: its name.
        points: its maximum.
        earned: the quartiles of the points earned.
        difficulty: p, the mean share of the points, 0 to 1; a question that was not attempted counts as 0.
        attempted: the same among those who attempted it; None if fewer than FEWEST did.
        not_attempted: the share of submissions with the stub still there, or without the function.
        correlation: of its points with the points of all other questions; None if either is constant.
        discrimination: D, the difficulty in the upper group minus that in the lower one; None if all totals are equal.
    """

    question: str
    points: float
    earned: Quartiles
    difficulty: Estimate
    attempted: Estimate | None
    not_attempted: Estimate
    correlation: Estimate | None
    discrimination: Estimate | None

    @property
    def advice(self) -> str:
        """What to do about the question; "" if each interval reaches into what is usual."""
        r, p = self.correlation, self.difficulty
        if r and r.high < 0:
            return "Better students earn less here. Look for an error in the solution, the cases or the wording before these points count."
        if p.high < USUAL[0]:
            return "Hard. Read its most frequent mistakes; add a rung to its ladder, or say more in its text."
        if self.not_attempted.low > OFTEN_LEFT:
            return (
                "Many leave it out. Is it too late in the notebook, or does it need a function that they do not have?"
            )
        if p.low > USUAL[1]:
            return "Easy. That is fine for what everybody must be able to do, but it tells nobody apart."
        if r and r.high < WEAK:
            return "Unrelated to the other questions. Is it about something else, or is it solved by guessing?"
        return ""


@dataclass(frozen=True)
class Check:
    """A (case, part) of a question, where the question was attempted and the check ran.

    Attributes:
        question: the question's name.
        case: the case's name.
        part: an output, a gradient or a rule.
        points: what it is worth.
        public: whether students see it while they work.
        ran: in how many submissions.
        failed: in how many of these it failed.
        difficulty: the share that passes it; None if it ran in fewer than FEWEST.
        correlation: of passing with the points of the other questions; in an assignment of one question, of its other cases.
        mark: what is wrong with it, or None.
    """

    question: str
    case: str
    part: str
    points: float
    public: bool
    ran: int
    failed: int
    difficulty: Estimate | None
    correlation: Estimate | None
    mark: Mark | None

    @property
    def advice(self) -> str:
        """What to do about a marked check; else ""."""
        if self.mark is Mark.SUSPECT:
            return (
                f"Better students fail this check more often: {self.failed} of {self.ran} fail it. Read some of their submissions. "
                "Is the solution wrong, the case ambiguous, or the tolerance too tight? Fix it and grade again."
            )
        if self.mark is Mark.DEAD and self.public:
            return (
                f"Nobody fails this check in {self.ran} submissions. Students see it while they work, so it may have done its "
                "work before: keep it if it teaches something."
            )
        if self.mark is Mark.DEAD:
            return f"Nobody fails this check in {self.ran} submissions: drop it or make it harder, unless it guards a right answer's form."
        return ""


@dataclass(frozen=True)
class Analysis:
    """An assignment.

    Attributes:
        assignment: its name.
        submissions: how many were measured, one per student.
        blank: how many of them attempted nothing.
        max_score: in points.
        left_out: the submissions that were not measured, by reason.
        scores: the quartiles of the scores; None below FEWEST.
        alpha: Cronbach's; None with one question, or if all scores are equal.
        items: one per question; none below FEWEST.
        checks: of all questions; none below FEWEST.
    """

    assignment: str
    submissions: int
    blank: int
    max_score: float
    left_out: dict[str, list[str]]
    scores: Quartiles | None = None
    alpha: Estimate | None = None
    items: list[Item] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)

    @property
    def remarks(self) -> list[str]:
        """What to know before reading the figures, in sentences."""
        if self.submissions < FEWEST:
            return [f"{_number(self.submissions)} to measure: figures are given from {FEWEST} on."]
        said = []
        if self.submissions < FEW:
            said.append(f"With fewer than {FEW} submissions, read the intervals rather than the figures.")
        if self.blank:
            said.append(
                f"{self.blank} of the {self.submissions} attempted nothing. They count as 0, which raises every correlation and alpha."
            )
        if len(self.items) == 1:
            said.append("With one question there is no rest to correlate it with, and no alpha.")
        elif not self.alpha:
            said.append("Every submission has the same score: no correlation, no groups and no alpha can be computed.")
        return said

    def marked(self, mark: str) -> list[Check]:
        """The checks with a mark."""
        return [check for check in self.checks if check.mark == mark]


def analyse(reports: Sequence[Report]) -> list[Analysis]:
    """The analysis of every assignment, sorted by name.

    A student counts once, with the submission that was graded first. Reports of other questions, or of another salt, than most have are left out.
    """
    return [_analysed(name, reports) for name in sorted({r.assignment for r in reports})]


def as_json(analyses: Sequence[Analysis]) -> str:
    """All figures as one JSON document: a list of assignments, with the names of the attributes above."""
    return TypeAdapter(list[Analysis]).dump_json(list(analyses), indent=1).decode() + "\n"


def _analysed(name: str, reports: Sequence[Report]) -> Analysis:
    mine = [r for r in reports if r.assignment == name]
    counted, left_out = _counted(mine)
    attempted = np.array(
        [[q.status not in (Status.NOT_ATTEMPTED, Status.MISSING) for q in r.questions] for r in counted]
    )
    blank = sum(not any(row) for row in attempted)
    head = (name, len(counted), blank, (counted or mine)[0].max_score, left_out)
    if len(counted) < FEWEST:
        return Analysis(*head)
    points = np.array([[q.points for q in r.questions] for r in counted])
    return Analysis(
        *head,
        scores=quartiles(points.sum(axis=1)),
        alpha=alpha(points),
        items=list(_items(counted[0], points, attempted)),
        checks=_checks(counted, points, attempted),
    )


def _counted(reports: Sequence[Report]) -> tuple[list[Report], dict[str, list[str]]]:
    """The submissions that are measured, and the others by reason."""
    left_out: dict[str, list[str]] = {}
    editions = {id(r): _edition(r) for r in reports if r.status == State.GRADED}
    usual = Counter(editions.values()).most_common(1)[0][0] if editions else None
    first: dict[tuple[str, str], Report] = {}
    for r in sorted(reports, key=lambda r: (r.started, r.submission)):
        if r.status != State.GRADED:
            reason = STATES[r.status]
        elif any(q.status == Status.GRADER_FAULT for q in r.questions):
            reason = STATES[State.GRADER_FAULT]
        elif editions[id(r)] != usual:
            reason = "graded with other questions or another salt than most, so grade the whole class again"
        elif first.setdefault((r.student, r.name), r) is not r:
            reason = "a later submission under the same student id, and the first counts"
        else:
            continue
        left_out.setdefault(reason, []).append(r.submission)
    return list(first.values()), left_out


def _edition(r: Report) -> tuple[object, ...]:
    """What a submission was asked. Reports from before `questions_id` was recorded are told apart by their checks."""
    checks = () if r.questions_id else tuple((p.case, p.part, p.max_points) for q in r.questions for p in q.parts)
    return r.questions_id, r.salt_id, checks, tuple((q.name, q.max_points, len(q.parts)) for q in r.questions)


def _items(like: Report, points: Array, attempted: NDArray[np.bool_]) -> Iterator[Item]:
    total = points.sum(axis=1)
    for column, question in enumerate(like.questions):
        if not question.max_points:
            continue
        own, tried = points[:, column], attempted[:, column]
        share = own / question.max_points
        yield Item(
            question=question.name,
            points=question.max_points,
            earned=quartiles(own),
            difficulty=proportion(share.mean(), len(share)),
            attempted=proportion(share[tried].mean(), tried.sum()) if tried.sum() >= FEWEST else None,
            not_attempted=proportion(1 - tried.mean(), len(tried)),
            correlation=correlation(own, total - own),
            discrimination=discrimination(share, total),
        )


def _checks(reports: Sequence[Report], points: Array, attempted: NDArray[np.bool_]) -> list[Check]:
    parts = [(column, q.name, p) for column, q in enumerate(reports[0].questions) for p in q.parts]
    passed = np.array([[p.passed for q in r.questions for p in q.parts] for r in reports], float)  # None becomes NaN
    passed[~attempted[:, [column for column, _, _ in parts]]] = math.nan
    worth = np.nan_to_num(passed) * [p.max_points for _, _, p in parts]
    total, found, p_values = points.sum(axis=1), [], {}
    for index, (column, question, part) in enumerate(parts):
        if points.shape[1] > 1:  # the whole question: its other checks fail for the same reason
            rest = total - points[:, column]
        else:
            rest = worth[:, [other.case != part.case for _, _, other in parts]].sum(axis=1)
        ran = ~np.isnan(passed[:, index])
        own, rest = passed[ran, index], rest[ran]
        enough, failed = len(own) >= FEWEST, int((own == 0).sum())
        check = Check(
            question, part.case, part.part, part.max_points, part.public, len(own), failed,
            difficulty=proportion(own.mean(), len(own)) if enough else None,
            correlation=correlation(own, rest) if enough else None,
            mark=Mark.DEAD if enough and not failed else None,
        )  # fmt: skip
        found.append(check)
        if check.correlation and min(failed, len(own) - failed) >= FEWEST_FAILURES:
            p_values[index] = 1.0  # of a correlation that is not negative: it is not tested, and counts as a test
            if check.correlation.value < 0:  # ranks, because points are skewed and full marks are frequent
                p_values[index] = stats.mannwhitneyu(rest[own == 0], rest[own == 1], alternative="greater").pvalue
    if p_values:
        corrected = stats.false_discovery_control(list(p_values.values()))
        for index, p in zip(p_values, corrected, strict=True):
            if p <= FALSE_SUSPECTS:
                found[index] = replace(found[index], mark=Mark.SUSPECT)
    return found


def _number(submissions: int) -> str:
    return "One submission is too few" if submissions == 1 else f"{submissions} submissions are too few"
