"""Turns what was seen of a question into its part of the report. The same for `check` and for `grade`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..border.observation import TOLD, Failure
from ..reports.report import Diagnosis, Part, QuestionReport, Status, status_of, total
from . import ladder
from .answers import Answers, expected_arrays, tolerances
from .compare import Finding, compare, signs_of
from .conditions import condition
from .diagnose import Explanation, Shown, explain
from .models import NO_MODEL
from .protocol import Seen
from .signs import Part as Place

_NEXT = {
    "timeout": "Look for a loop that never ends, or a loop over single entries where one tensor operation would do.",
    "memory": "Look for an array that grows with every step, or a shape that is far too large.",
    "crashed": "Look for exit(), os._exit(), threads, or memory that runs out.",
}


def score(answers: Answers, seen: Seen) -> QuestionReport:
    """Judges one question: compares every case, names the mistake if one is true, and splits the points over the parts."""
    question = answers.question
    findings: dict[Place, Finding] = {}
    heard: list[tuple[str, str]] = []
    for index, observation in enumerate(seen.observations):
        case = question.cases[index]
        for finding in compare(question, case, observation, answers.expected[index], heard):
            findings[index, finding.part] = finding
        if case.public:
            failures = (observation.failure, observation.gradient_failure)
            heard += [(failure.kind, failure.message) for failure in failures if failure]
            if not observation.failure:
                heard += [(part, found.message) for (at, part), found in findings.items() if at == index and found.miss]
    failed = [place for place, finding in findings.items() if finding.miss not in ("", "defined")]
    explanation = _explanation(answers, seen, failed) if failed else None
    mistakes = {place: name for name, places in (explanation.parts.items() if explanation else ()) for place in places}
    parts = [
        _part(answers, index, part, findings.get((index, part)), mistakes.get((index, part)))
        for index in range(len(question.cases))
        for part in question.parts_of(question.cases[index])
    ]
    points, status = total(part.points for part in parts), _status(seen, parts)
    climbs = question.ladder and findings and status is not Status.NOT_ATTEMPTED  # a stub is on no rung
    return QuestionReport(
        name=question.name,
        points=question.points if all(p.passed for p in parts) and not answers.hidden_cases else points,
        max_points=question.points if not answers.hidden_cases else total(part.max_points for part in parts),
        status=status,
        message=_message(answers, seen),
        where=next((failure.where for failure in _failures(seen)), ""),
        diagnosis=_diagnosis(answers, explanation) if explanation else None,
        ladder=ladder.climbed(answers, seen, findings) if climbs else None,
        condition="" if explanation or not failed else _condition(answers, findings),
        parts=parts,
    )


def _explanation(answers: Answers, seen: Seen, failed: list[Place]) -> Explanation | None:
    question = answers.question
    shown = Shown(
        signs={
            (index, part): sign
            for index, observation in enumerate(seen.observations)
            for part, sign in signs_of(question, question.cases[index], observation).items()
        },
        wrong=failed,
        expected=expected_arrays(answers),
        tolerance=tolerances(answers),
    )
    return explain(shown, {mistake.name: mistake.shows for mistake in answers.mistakes})


def _diagnosis(answers: Answers, explanation: Explanation) -> Diagnosis:
    hints = [_split(mistake.hint) for mistake in answers.mistakes if mistake.name in explanation.mistakes]
    whole = "everything that was seen" if explanation.complete else "every case that gave numbers"
    certainty = f"This fits {whole}" + (", both together:" if len(hints) > 1 else ":")
    return Diagnosis(
        mistakes=list(explanation.mistakes),
        title=" ".join(title for title, _ in hints),
        hint=" ".join(dict.fromkeys(rest for _, rest in hints if rest)),
        certainty=certainty,
    )


def _split(hint: str) -> tuple[str, str]:
    """A hint's first sentence, and the rest."""
    match = re.match(r"(.+?[.!?:])(?:\s+(?=\S)|$)(.*)", hint)
    title, rest = (match[1], match[2]) if match else (hint, "")
    return title.removesuffix(":") + "." * title.endswith(":"), rest[:1].upper() + rest[1:]


def _condition(answers: Answers, findings: Mapping[Place, Finding]) -> str:
    """What the right public cases have in common, by their outputs alone: a gradient may be wrong for another reason."""
    question = answers.question
    ran = sorted({index for index, _ in findings if question.cases[index].public})
    right = [
        all(findings[index, part].passed for part in (question.outputs or question.parts) if (index, part) in findings)
        for index in ran
    ]
    return condition([question.cases[index].arguments for index in ran], right)


def unavailable(answers: Answers, status: Status, message: str, where: str = "") -> QuestionReport:
    """A question none of whose cases could be run."""
    seen = score(answers, Seen(ended="missing"))
    return seen.model_copy(update={"status": status, "message": message, "where": where})


def _part(answers: Answers, index: int, part: str, finding: Finding | None, mistake: str | None) -> Part:
    case = answers.question.cases[index]
    passed = finding.passed if finding else None
    return Part(
        case=case.name,
        part=part,
        public=case.public,
        passed=passed,
        points=round(answers.units[index], 6) if passed else 0.0,
        max_points=round(answers.units[index], 6),
        message="" if finding is None else finding.message,
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
    if failures and len(failures) == len(seen.observations) and any(f.kind not in (NO_MODEL, TOLD) for f in failures):
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
        "timeout": f"{name} did not finish within {answers.question.seconds:g} s{case}"
        + f" (it was at {seen.where})" * bool(seen.where),
        "memory": f"{name} ran out of memory{case}",
        "crashed": f"{name} stopped the whole process{case}",
    }[seen.ended]
    return f"{said}{f': {seen.detail}' if seen.detail else ''}. {_NEXT[seen.ended]}"
