"""JUnit XML: a test suite per submission, a test case per (question, case, part), as GitLab and others show it."""

from __future__ import annotations

import xml.etree.ElementTree as ET  # written here, never read
from collections.abc import Sequence

from ..reports import plain
from ..reports.diagnosis import headline
from ..reports.report import Part, QuestionReport, Report, State, Status
from ..reports.wording import MARKS, points

_RAN = {Status.PASSED, Status.PARTIAL, Status.FAILED}


def document(reports: Sequence[Report]) -> str:
    """The reports as one XML document."""
    root = ET.Element("testsuites")
    for number, report in enumerate(reports):
        root.append(_suite(report, number))
    ET.indent(root, " ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _suite(report: Report, number: int) -> ET.Element:
    cases = [_case(report, question, part) for question in report.questions for part in question.parts]
    cases = cases or [_whole(report)]
    kinds = [child.tag for case in cases for child in case]
    suite = ET.Element(
        "testsuite",
        {
            "name": _token(report.submission),
            "package": _token(report.assignment),
            "id": str(number),
            "timestamp": report.started[:19],  # UTC; the schema allows no time zone
            "hostname": "localhost",
            "tests": str(len(cases)),
            "failures": str(kinds.count("failure")),
            "errors": str(kinds.count("error")),
            "skipped": str(kinds.count("skipped")),
            "time": f"{report.duration:.3f}",
        },
    )
    properties = ET.SubElement(suite, "properties")
    told = {
        "student": report.student,
        "isolation": report.isolation,
        "salt_id": report.salt_id,
        "status": report.status,
    }
    if report.status == State.GRADED:
        told |= {"score": points(report.score), "max_score": points(report.max_score)}
    for name, value in told.items():
        ET.SubElement(properties, "property", {"name": name, "value": plain.line(value)})
    suite.extend(cases)
    ET.SubElement(suite, "system-out").text = plain.visible("\n".join([report.message, *report.repairs]).strip())
    ET.SubElement(suite, "system-err")
    return suite


def _case(report: Report, question: QuestionReport, part: Part) -> ET.Element:
    case = _named(f"{report.assignment}.{question.name}", f"{part.case}, {part.part}")
    if question.status == Status.GRADER_FAULT:
        _add(case, "error", Status.GRADER_FAULT, report.message)
    elif part.passed is False:
        _add(case, "failure", headline(question) or "wrong", part.message)
    elif part.passed is None:
        # It lost its points; "skipped" would look harmless.
        kind = "failure" if question.status in (*_RAN, Status.NOT_ATTEMPTED, Status.MISSING) else "error"
        _add(case, kind, question.status, _reason(question) if report.status == State.GRADED else report.message)
    elif question.status != Status.PASSED and all(part.passed for part in question.parts):
        _add(case, "failure", question.status, _reason(question))  # `check` found that it only knows the public answers
    return case


def _reason(question: QuestionReport) -> str:
    return question.message or f"{MARKS[question.status][1].capitalize()}."


def _whole(report: Report) -> ET.Element:
    """A submission without questions."""
    case = _named(report.assignment, report.submission)
    _add(case, "error", report.status, report.message)
    return case


def _named(classname: str, name: str) -> ET.Element:
    return ET.Element("testcase", {"classname": _token(classname), "name": _token(name), "time": "0"})


def _add(case: ET.Element, tag: str, kind: str, message: str) -> None:
    said = plain.visible(message)  # contains no character that XML forbids
    ET.SubElement(case, tag, {"type": _token(kind), "message": said.split("\n")[0][:300]}).text = said


def _token(text: str) -> str:
    return plain.line(text) or "-"
