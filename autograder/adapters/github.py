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
from ..reports import plain
from ..reports.diagnosis import sentences
from ..reports.report import QuestionReport, Report, State, Status, most_telling
from ..reports.wording import MARKS, points
from ..source.extract import MAX_FILE
from . import markdown

MAX_ANNOTATIONS = 10
"""GitHub shows this many annotations of each kind per step and drops the rest."""
MAX_SUMMARY = 1 << 20
"""Bytes of a step's summary, including what was in its file before. GitHub rejects a longer one as a whole."""
MAX_MESSAGE = 2000
MAX_NAME = 80
MAX_LINES = 100_000
"""Lines of a file in which code is looked for: 64 MB of line feeds would be gigabytes of lines."""

_KINDS = {Status.PARTIAL: "warning", Status.NOT_ATTEMPTED: "notice"}

Graded = tuple[Report, Path]
"""A report, and the file that was graded."""


def commands(graded: Sequence[Graded], root: Path) -> str:
    """Workflow commands: one per question that lost points, at the line that raised, else at that of its function.

    Args:
        graded: the reports and their files; a file that does not exist is not named.
        root: the repository; paths are relative to it.
    """
    told: dict[str, list[str]] = {"error": [], "warning": [], "notice": []}
    for report, path in graded:
        lines = Lines(path)
        file = {"file": _relative(path, root)} if path.is_file() else {}
        if report.status != State.GRADED:
            title = markdown.score(report) if file else f"{report.submission[:MAX_NAME]}: {markdown.score(report)}"
            told["error"].append(_command("error", file | {"title": title}, report.message))
            continue
        for question in report.questions:
            if question.status != Status.PASSED:
                kind = _KINDS.get(question.status, "error")
                number = lines.at(question)
                where = file | ({"line": str(number), "endLine": str(number)} if number else {})
                title = _title(question) if file else f"{report.submission[:MAX_NAME]}: {_title(question)}"
                told[kind].append(_command(kind, where | {"title": title}, _message(question)))
    shown = []
    for kind, found in told.items():
        if len(found) > MAX_ANNOTATIONS:
            more = f"The job's summary has {len(found) - MAX_ANNOTATIONS + 1} more of this kind."
            found = [*found[: MAX_ANNOTATIONS - 1], _command(kind, {}, more)]
        shown += found
    return "".join(f"{command}\n" for command in shown)


def summary(reports: Sequence[Report], room: int = MAX_SUMMARY) -> str:
    """The job's summary: the table, the misses, and the pictures as text.

    Args:
        reports: what it is about.
        room: the bytes that it may have. A longer one ends after a whole block or a row of a table, and says so.
    """
    text = markdown.page(reports)
    data = text.encode()
    if len(data) <= room:
        return text
    note = "\n\nThe rest does not fit here; it is in the reports.\n"
    kept = data[: max(0, room - len(note) + 1)].decode(errors="ignore").rpartition("\n")[0]
    if not kept.rpartition("\n")[2].startswith("|"):
        kept = kept.rpartition("\n\n")[0]  # not inside a picture: the note would be a part of it
    return kept + note if kept else note.strip() + "\n" if len(note) <= room else ""


def classroom(graded: Sequence[Graded], root: Path) -> str:
    """The base64 text that Classroom's reporter expects in the step's output `result`."""
    faults = any(report.status == State.GRADER_FAULT for report, _ in graded)
    complete = bool(graded) and all(report.score >= report.max_score for report, _ in graded)
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
    """Appends the summary and Classroom's result to the step's files, if GitHub names them; returns the annotations."""
    root = Path(environment.get("GITHUB_WORKSPACE") or Path.cwd())
    if target := environment.get("GITHUB_STEP_SUMMARY"):
        written = Path(target).stat().st_size if Path(target).exists() else 0
        _append(target, summary([report for report, _ in graded], MAX_SUMMARY - written))
    if target := environment.get("GITHUB_OUTPUT"):
        _append(target, f"result={classroom(graded, root)}\n")
    return commands(graded, root)


class Lines:
    """Finds lines of code in the student's file, including a notebook's JSON.

    Args:
        path: the file. If it cannot be read or is too large to be graded, it has no lines; of a long one, the first are read.
    """

    def __init__(self, path: Path) -> None:
        try:
            lines = files.read(path, MAX_FILE).decode("utf-8-sig", errors="replace").split("\n", MAX_LINES)[:MAX_LINES]
        except OSError:
            lines = []
        self._code = [_unquoted(line) for line in lines] if path.suffix.lower() == ".ipynb" else lines
        found = ((re.match(r"(?:def|class) (\w+)[(:]", line), number) for number, line in enumerate(self._code, 1))
        self.functions = {match[1]: number for match, number in found if match}

    def at(self, question: QuestionReport) -> int:
        """The line that raised, else the first line of the question's definition; 0 if neither is found."""
        start = self.functions.get(question.name, 0)
        raised = question.where.partition(": ")[2].strip()
        order = [
            *range(start, len(self._code)),
            *range(start),
        ]  # a line may occur twice: prefer the one in the function
        return next((index + 1 for index in order if raised and self._code[index].strip() == raised), start)


def _unquoted(text: str) -> str:
    """The code on a line of JSON: a notebook has one string per line."""
    text = text.strip()
    with contextlib.suppress(ValueError):
        return str(json.loads(text.removesuffix(","))) if text.startswith('"') else ""
    return ""


def _classroom_test(report: Report, question: QuestionReport, file: str, at: int, *, several: bool) -> dict[str, Any]:
    status = {Status.PASSED: "pass", Status.GRADER_FAULT: "error"}.get(question.status, "fail")
    return {
        "name": plain.line(f"{report.submission}: {question.name}" if several else question.name),
        "status": status,
        "score": question.points,
        "message": _message(question) if status != "pass" else "",
        "test_code": plain.line(f'check("{question.name}")'),
        "filename": file,
        "line_no": at,
        "duration": 0,  # not measured per question
    }


def _title(question: QuestionReport) -> str:
    earned = f"{points(question.points)} of {points(question.max_points)} points"
    return f"{question.name[:MAX_NAME]}: {MARKS[question.status][1]}, {earned}"


def _message(question: QuestionReport) -> str:
    part = most_telling(question)
    said = [question.message, *sentences(question)]
    if part:
        said.append(f"{part.message} (“{part.case}”, {part.part})")
    return (
        plain.visible(" ".join(text for text in said if text))[:MAX_MESSAGE]
        or MARKS[question.status][1].capitalize() + "."
    )


def _command(kind: str, properties: Mapping[str, str], message: str) -> str:
    said = ",".join(f"{name}={_escaped(value, ':,')}" for name, value in properties.items())
    return f"::{kind}{' ' if said else ''}{said}::{_escaped(message)}"


def _escaped(text: str, more: str = "") -> str:
    """Text on one line, with the characters that mean something in a workflow command percent-encoded."""
    for character in "%\r\n" + more:
        text = text.replace(character, f"%{ord(character):02X}")
    return plain.line(text)


def _relative(path: Path, root: Path) -> str:
    full = Path(os.path.abspath(path))  # noqa: PTH100 - do not resolve links: the repository contains the link
    base = Path(os.path.abspath(root))  # noqa: PTH100
    return PurePath(full.relative_to(base) if full.is_relative_to(base) else path).as_posix()


def _append(target: str, text: str) -> None:
    with Path(target).open("a", encoding="utf-8", newline="\n") as file:
        file.write(text)
