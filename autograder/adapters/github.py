"""GitHub Actions and GitHub Classroom: annotations, the job's summary, and the result that Classroom's reporter reads."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any

from .. import files
from ..adapters import markdown
from ..reports.report import QuestionReport, Report, State, Status, most_telling
from ..reports.wording import MARKS, points, spoken
from ..source.extract import MAX_FILE

MAX_ANNOTATIONS = 10
"""GitHub shows so many of a kind in a step and drops the rest."""
MAX_SUMMARY = 1 << 20
MAX_MESSAGE = 2000

_KINDS = {Status.PARTIAL: "warning", Status.NOT_ATTEMPTED: "notice"}

Graded = tuple[Report, Path]
"""A report, and the file that was graded."""


def commands(graded: Sequence[Graded], root: Path) -> str:
    """Workflow commands: one for each question that lost points, at the line that raised, else at that of its function.

    Args:
        graded: the reports and their files; one that is not there is not named.
        root: the repository; files are named from here.
    """
    told: dict[str, list[str]] = {"error": [], "warning": [], "notice": []}
    for report, path in graded:
        lines = Lines(path)
        file = {"file": _relative(path, root)} if path.is_file() else {}
        if report.status != State.GRADED:
            told["error"].append(_command("error", file | {"title": markdown.score(report)}, report.message))
            continue
        for question in report.questions:
            if question.status != Status.PASSED:
                kind = _KINDS.get(question.status, "error")
                line = lines.at(question)
                where = file | ({"line": str(line), "endLine": str(line)} if line else {})
                title = _title(question) if file else f"{report.submission}: {_title(question)}"
                told[kind].append(_command(kind, where | {"title": title}, _message(question)))
    shown = []
    for kind, found in told.items():
        if len(found) > MAX_ANNOTATIONS:
            more = f"{len(found) - MAX_ANNOTATIONS + 1} more of this kind stand in the job's summary."
            found = [*found[: MAX_ANNOTATIONS - 1], _command(kind, {}, more)]
        shown += found
    return "".join(f"{line}\n" for line in shown)


def summary(reports: Sequence[Report]) -> str:
    """The job's summary: the table, the misses, and the pictures as text; at most 1 MiB."""
    text = markdown.page(reports)
    data = text.encode()
    if len(data) < MAX_SUMMARY:
        return text
    note = "\n\nThe rest does not fit here: see the reports.\n"
    return data[: MAX_SUMMARY - len(note) - 1].decode(errors="ignore").rpartition("\n")[0] + note


def classroom(graded: Sequence[Graded], root: Path) -> str:
    """The base64 text that Classroom's reporter expects as a step's output `result`."""
    faults = any(report.status == State.GRADER_FAULT for report, _ in graded)
    complete = all(report.score >= report.max_score for report, _ in graded)
    tests = [
        _classroom_test(report, question, _relative(path, root), lines.at(question), several=len(graded) > 1)
        for report, path in graded
        for lines in [Lines(path)]
        for question in report.questions
    ]
    result = {
        "version": 1,
        "status": "error" if faults else "pass" if complete else "fail",
        "max_score": sum(report.max_score for report, _ in graded),
        "tests": tests,
    }
    return base64.b64encode(json.dumps(result).encode()).decode()


def write(graded: Sequence[Graded], environment: Mapping[str, str]) -> str:
    """Appends the summary and Classroom's result to the step's files, where there are any; returns the annotations."""
    root = Path(environment.get("GITHUB_WORKSPACE") or Path.cwd())
    if target := environment.get("GITHUB_STEP_SUMMARY"):
        _append(target, summary([report for report, _ in graded]))
    if target := environment.get("GITHUB_OUTPUT"):
        _append(target, f"result={classroom(graded, root)}\n")
    return commands(graded, root)


class Lines:
    """Finds lines of code in the student's file itself, a notebook's JSON included.

    Args:
        path: the file; one that cannot be read has no lines.
    """

    def __init__(self, path: Path) -> None:
        try:
            lines = files.read(path, MAX_FILE).decode("utf-8-sig", errors="replace").split("\n")
        except OSError:
            lines = []
        self._code = [_unquoted(line) for line in lines] if path.suffix.lower() == ".ipynb" else lines
        found = ((re.match(r"(?:def|class) (\w+)[(:]", line), number) for number, line in enumerate(self._code, 1))
        self.functions = {match[1]: number for match, number in found if match}

    def at(self, question: QuestionReport) -> int:
        """The line that raised, else the one on which the question's definition begins; 0 if neither is found."""
        start = self.functions.get(question.name, 0)
        raised = question.where.partition(": ")[2].strip()
        order = [*range(start, len(self._code)), *range(start)]  # a line may occur twice: its own function comes first
        return next((index + 1 for index in order if raised and self._code[index].strip() == raised), start)


def _unquoted(line: str) -> str:
    """The code on a line of JSON: a notebook has a string a line."""
    line = line.strip()
    with contextlib.suppress(ValueError):
        return str(json.loads(line.removesuffix(","))) if line.startswith('"') else ""
    return ""


def _classroom_test(report: Report, question: QuestionReport, file: str, line: int, *, several: bool) -> dict[str, Any]:
    status = {Status.PASSED: "pass", Status.GRADER_FAULT: "error"}.get(question.status, "fail")
    return {
        "name": f"{report.submission}: {question.name}" if several else question.name,
        "status": status,
        "score": question.points,
        "message": _message(question) if status != "pass" else "",
        "test_code": f'check("{question.name}")',
        "filename": file,
        "line_no": line,
        "duration": 0,  # not measured question by question
    }


def _title(question: QuestionReport) -> str:
    return f"{question.name}: {MARKS[question.status][1]}, {points(question.points)} of {points(question.max_points)} points"


def _message(question: QuestionReport) -> str:
    part = most_telling(question)
    said = [question.message]
    if part:
        named = f"{spoken(part.mistake).capitalize()}: " if part.mistake else ""
        said.append(f"{named}{part.message} (“{part.case}”, {part.part})")
    return " ".join(text for text in said if text)[:MAX_MESSAGE] or MARKS[question.status][1].capitalize() + "."


def _command(kind: str, properties: Mapping[str, str], message: str) -> str:
    said = ",".join(f"{name}={_escaped(value, ':,')}" for name, value in properties.items())
    return f"::{kind}{' ' if said else ''}{said}::{_escaped(message)}"


def _escaped(text: str, more: str = "") -> str:
    """Text that stays on its line: the characters that a workflow command gives a meaning are percent-encoded."""
    for character in "%\r\n" + more:
        text = text.replace(character, f"%{ord(character):02X}")
    return re.sub(r"[\x00-\x1f\x7f\x85\u2028\u2029]", " ", text)


def _relative(path: Path, root: Path) -> str:
    full = Path(os.path.abspath(path))  # noqa: PTH100 - a link stays the link that the repository holds
    base = Path(os.path.abspath(root))  # noqa: PTH100
    return PurePath(full.relative_to(base) if full.is_relative_to(base) else path).as_posix()


def _append(target: str, text: str) -> None:
    with Path(target).open("a", encoding="utf-8", newline="\n") as file:
        file.write(text)
