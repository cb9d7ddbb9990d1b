"""Turns what was seen of a question into its part of the report. The same for `check` and for `grade`."""

from __future__ import annotations

from ..border.observation import Failure
from ..reports.report import Part, QuestionReport, Status, status_of
from .answers import Answers, tolerances
from .compare import Finding, compare, signs_of
from .diagnose import name_mistakes
from .models import NO_MODEL
from .protocol import Seen

_NEXT = {
    "timeout": "Look for a loop that never ends, or one step a pixel where one tensor operation would do.",
    "memory": "Look for an array that grows with every step, or a shape that is far too large.",
    "crashed": "Look for exit(), os._exit(), threads, or memory that runs out.",
}


def score(answers: Answers, seen: Seen) -> QuestionReport:
    """Judges one question: compares every case, names the mistakes, and splits the points over the parts."""
    question = answers.question
    findings: dict[tuple[int, str], Finding] = {}
    for index, observation in enumerate(seen.observations):
        case = question.cases[index]
        for finding in compare(question, case, observation, answers.expected[index]):
            findings[index, finding.part] = finding
    failed = [key for key, finding in findings.items() if finding.rung not in ("", "defined")]
    named, hints = _named(answers, seen, failed) if failed else ({}, {})
    parts = [
        _part(answers, index, part, findings.get((index, part)), named.get((index, part)), hints)
        for index in range(len(question.cases))
        for part in question.parts_of(question.cases[index])
    ]
    points = sum(part.points for part in parts)
    return QuestionReport(
        name=question.name,
        points=question.points if all(p.passed for p in parts) and not answers.hidden_cases else round(points, 4),
        max_points=question.points if not answers.hidden_cases else round(sum(part.max_points for part in parts), 4),
        status=_status(seen, parts),
        message=_message(answers, seen),
        where=next((failure.where for failure in _failures(seen)), ""),
        parts=parts,
    )


def _named(
    answers: Answers, seen: Seen, failed: list[tuple[int, str]]
) -> tuple[dict[tuple[int, str], str], dict[str, str]]:
    """The mistakes behind the failed parts, and the hints of all."""
    question = answers.question
    shown = {
        (index, part): sign
        for index, observation in enumerate(seen.observations)
        for part, sign in signs_of(question, question.cases[index], observation).items()
    }
    known = {mistake.name: mistake.shows for mistake in answers.mistakes}
    named = name_mistakes(shown, failed, known, tolerances(answers))
    return named, {mistake.name: mistake.hint for mistake in answers.mistakes}


def unavailable(answers: Answers, status: Status, message: str, where: str = "") -> QuestionReport:
    """A question none of whose cases could be run."""
    seen = score(answers, Seen(ended="missing"))
    return seen.model_copy(update={"status": status, "message": message, "where": where})


def _part(
    answers: Answers, index: int, part: str, finding: Finding | None, mistake: str | None, hints: dict[str, str]
) -> Part:
    case = answers.question.cases[index]
    passed = finding.passed if finding else None
    message = "" if finding is None else finding.message
    if mistake:
        message = f"{message} {hints[mistake]}"
    return Part(
        case=case.name,
        part=part,
        public=case.public,
        passed=passed,
        points=round(answers.units[index], 6) if passed else 0.0,
        max_points=round(answers.units[index], 6),
        message=message,
        mistake=mistake,
        measured=finding.measured if finding else None,
        picture=[list(row) for row in finding.picture] if finding and case.public else [],
    )


def _failures(seen: Seen) -> list[Failure]:
    return [f for o in seen.observations for f in (o.failure, o.gradient_failure) if f and f.where]


def _status(seen: Seen, parts: list[Part]) -> Status:
    if seen.ended:
        return Status(seen.ended)
    failures = [o.failure for o in seen.observations if o.failure]
    if any(failure.out_of_memory for failure in failures):
        return Status.MEMORY
    if failures and len(failures) == len(seen.observations) and any(f.kind != NO_MODEL for f in failures):
        stub = all(failure.kind == "NotImplementedError" for failure in failures)
        return Status.NOT_ATTEMPTED if stub else Status.ERROR
    return status_of(parts)


def _message(answers: Answers, seen: Seen) -> str:
    name = answers.question.name
    if seen.ended == "missing":
        kind = f" ({name} is a {seen.detail})" if seen.detail and seen.detail != "NoneType" else ""
        return f"There is no function {name}{kind}. Keep the cell that defines it, under exactly this name."
    if not seen.ended:
        return ""
    at = len(seen.observations)
    case = f" in the case “{answers.question.cases[at].name}”" if at < len(answers.question.cases) else ""
    if seen.ended == "timeout" and seen.detail and not seen.observations:
        return f"{name} was not looked at: {seen.detail}. {_NEXT[seen.ended]}"
    said = {
        "timeout": f"{name} did not finish within {answers.question.seconds:g} s{case}",
        "memory": f"{name} ran out of memory{case}",
        "crashed": f"{name} stopped the whole process{case}",
    }[seen.ended]
    return f"{said}{f': {seen.detail}' if seen.detail else ''}. {_NEXT[seen.ended]}"
