"""Canvas and Moodle: fills in the instructor's own export. Only grades and empty comments change; every other byte is kept."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from ..errors import CallError
from ..reports.report import Report, State
from ..reports.tables import defused
from ..reports.wording import mistakes_of, points
from .raw_csv import Table

_CANVAS_KEYS = ("sis user id", "sis login id", "id", "integration id", "email")
_MOODLE_KEYS = ("email address", "username", "id number", "identifier")
_CANVAS_ASSIGNMENT = re.compile(r"(.*?)\s*\(\d+\)")
_CANVAS_FILE = re.compile(r"^[^_]+(?:_late)?_(\d+)_\d+_", re.IGNORECASE)
_MOODLE_FOLDER = re.compile(r"_(\d+)_assignsubmission")


@dataclass
class Filled:
    """The result of filling an export.

    Attributes:
        table: the export with grades.
        written: how many students got a grade.
        unknown: submissions that match no student, more than one, or a student who has another submission.
        absent: students in the export without a submission; their cells are unchanged.
        faults: submissions that must be graded again first.
        unreadable: submissions without a score, because no code could be read from them.
        locked: submissions whose grade is locked on the platform.
    """

    table: Table
    written: int = 0
    unknown: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    locked: list[str] = field(default_factory=list)


def fill_canvas(path: Path, reports: Sequence[Report], assignment: str, column: str | None, *, scale: bool) -> Filled:
    """Fills in a Canvas gradebook export.

    Args:
        path: the export.
        reports: the assignment's reports.
        assignment: its name, which is also the heading of its column, with or without a number in front.
        column: the heading of the column, if it is a different one.
        scale: whether to scale scores to the column's points if these differ from ours.

    Raises:
        CallError: if the file is not such an export, if it is not clear which column is meant, or if the points differ.
    """
    table = Table.read(path)
    name, identity = table.column("student"), table.column("id")
    if name is None or identity is None:
        raise CallError(
            f"{path} is not a Canvas export: it has no columns Student and ID. Use Grades > Export > Entire Gradebook."
        )
    target = _assignment_column(table, assignment, column)
    rows, most = [], ""
    for row in range(1, len(table.rows)):
        if table.value(row, name).strip().casefold().startswith("points possible"):
            most = table.value(row, target)
        elif table.value(row, identity).strip() and table.value(row, name).strip() != "Student, Test":  # Canvas's own
            rows.append(row)
    grade = _Scale.of(most, reports, f"The column {table.value(0, target)!r}", scale)
    return _fill(table, _Students(table, rows, _CANVAS_KEYS, identity, _CANVAS_FILE), reports, target, grade, name)


def fill_moodle(path: Path, reports: Sequence[Report], *, scale: bool) -> Filled:
    """Fills in a Moodle grading worksheet: grades, and comments where they are empty.

    Raises:
        CallError: if the file is not such a worksheet, or if the points differ.
    """
    table = Table.read(path)
    target, identity = table.column("grade"), table.column("identifier")
    if target is None or identity is None:
        raise CallError(
            f"{path} is not a Moodle grading worksheet: it has no columns Identifier and Grade. Enable "
            "“Offline grading worksheet” in the assignment, then use View all submissions > Download grading worksheet."
        )
    rows = [row for row in range(1, len(table.rows)) if table.value(row, identity).strip()]
    most = table.column("maximum grade")
    said = {table.value(row, most).strip() for row in rows} if most is not None else set()
    if len(said) > 1:
        raise CallError(
            f"{path} has different maximum grades: {', '.join(sorted(said))}. Download one assignment's worksheet."
        )
    grade = _Scale.of("".join(said), reports, "The worksheet", scale)
    name = table.column("full name")
    return _fill(
        table, _Students(table, rows, _MOODLE_KEYS, identity, _MOODLE_FOLDER), reports, target, grade,
        identity if name is None else name,
        comments=table.column("feedback comments"), locked=table.column("grade can be changed"),
    )  # fmt: skip


def comment(report: Report) -> str:
    """A submission on one line: points per question, and the named mistakes."""
    told = []
    for question in report.questions:
        mistakes = " ".join(mistakes_of(question))
        told.append(
            f"{question.name} {points(question.points)}/{points(question.max_points)}{f' ({mistakes})' if mistakes else ''}"
        )
    return " ".join(text for text in (report.message, "; ".join(told)) if text)


def _fill(
    table: Table, students: _Students, reports: Sequence[Report], target: int, grade: _Scale, name: int, *,
    comments: int | None = None, locked: int | None = None,
) -> Filled:  # fmt: skip
    filled = Filled(table)
    places = [students.row_of(report) for report in reports]
    counts = Counter(places)
    for report, row in zip(reports, places, strict=True):
        if report.status == State.GRADER_FAULT:
            filled.faults.append(report.submission)
        elif report.status != State.GRADED:
            filled.unreadable.append(report.submission)
        elif row is None or counts[row] > 1:
            filled.unknown.append(report.submission)
        elif locked is not None and table.value(row, locked).strip().casefold() in ("no", "0", "false"):
            filled.locked.append(report.submission)
        else:
            table.put(row, target, grade.written(report))
            if comments is not None and not table.value(row, comments).strip():
                table.put(row, comments, defused(comment(report)))
            filled.written += 1
    filled.absent = [table.value(row, name).strip() for row in students.rows if row not in counts]
    return filled


class _Students:
    """The rows of an export by everything that identifies a student: ids, logins, email addresses and the part before their @.

    Args:
        table: the export.
        rows: the rows of students.
        keys: the headings of the columns that identify students.
        identity: the column of the platform's own numbers.
        pattern: finds such a number in the file names of a bulk download.
    """

    def __init__(
        self, table: Table, rows: Sequence[int], keys: Sequence[str], identity: int, pattern: re.Pattern[str]
    ) -> None:
        self.rows, self._pattern = rows, pattern
        self._names: dict[str, set[int]] = {}
        self._numbers: dict[str, set[int]] = {}
        columns = [column for key in keys if (column := table.column(key)) is not None]
        for row in rows:
            for column in columns:
                value = _folded(table.value(row, column))
                for name in {value, value.partition("@")[0]} - {""}:
                    self._names.setdefault(name, set()).add(row)
            number = re.search(r"\d+$", table.value(row, identity).strip())  # "101", or "Participant 101"
            if number:
                self._numbers.setdefault(number[0], set()).add(row)

    def row_of(self, report: Report) -> int | None:
        """The row that a report belongs to. None if there is none or more than one, so that nobody gets another student's grade."""
        names = (report.student, report.submission)
        matches = [self._pattern.search(text) for text in (*names, *PurePath(report.file).parts)]
        if numbers := {match[1] for match in matches if match}:  # the platform itself has named the file
            rows = set[int]().union(*(self._numbers.get(number, set()) for number in numbers))
        else:
            rows = next((rows for name in names if (rows := self._names.get(_folded(name), set()))), set())
        return next(iter(rows)) if len(rows) == 1 else None


@dataclass(frozen=True)
class _Scale:
    """How scores are written.

    Attributes:
        theirs: the platform's points if they differ from ours, else None.
        comma: whether the platform writes a decimal comma.
    """

    theirs: float | None = None
    comma: bool = False

    @classmethod
    def of(cls, cell: str, reports: Sequence[Report], where: str, scale: bool) -> _Scale:
        """The scale of a column, from the cell with its points. An empty cell means that they are not known.

        Raises:
            CallError: if the points cannot be read, are 0, or differ and are not to be scaled.
        """
        cell = cell.strip()
        if not cell:
            if scale:
                raise CallError(f"{where} has no points, so scores cannot be scaled.")
            return cls()
        if not re.fullmatch(r"\d+(\.\d+|,\d{1,2}|,\d{4,5})?", cell):  # "1,000" may mean one or a thousand
            raise CallError(f"{where} has points that cannot be read: {cell!r}.")
        theirs, comma = float(cell.replace(",", ".")), "," in cell
        ours = sorted({report.max_score for report in reports})
        if all(math.isclose(theirs, most) for most in ours):
            return cls(comma=comma)
        if theirs <= 0:
            raise CallError(f"{where} has 0 points. Set the points on the platform first.")
        if not scale:
            raise CallError(
                f"{where} has {points(theirs)} points, and the assignment has {' or '.join(map(points, ours))}. Make them "
                f"equal on the platform, or use --scale to scale the scores to {points(theirs)} points."
            )
        return cls(theirs, comma)

    def written(self, report: Report) -> str:
        """A report's score as the platform reads it."""
        score = report.score if self.theirs is None else report.score / report.max_score * self.theirs
        return points(score).replace(".", ",") if self.comma else points(score)


def _assignment_column(table: Table, assignment: str, column: str | None) -> int:
    """The column of an assignment. Only the headings of these end with a number in parentheses.

    Raises:
        CallError: if no column matches, or more than one.
    """
    headings = [table.value(0, i).strip() for i in range(len(table.rows[0]))]
    known = {i: match[1] for i, heading in enumerate(headings) if (match := _CANVAS_ASSIGNMENT.fullmatch(heading))}
    wanted = column or assignment
    found = [i for i, name in known.items() if wanted in (name, headings[i])]
    if not found and not column:
        found = [i for i, name in known.items() if _letters(name) == _letters(assignment)]
    if len(found) != 1:
        problem = "More than one column matches" if found else "No column matches"
        choices = "; ".join(headings[i] for i in known) or "none"
        raise CallError(
            f"{problem} {wanted!r}. Name the column with --column. The assignments in this export are: {choices}."
        )
    return found[0]


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip().casefold()


def _letters(text: str) -> str:
    """The words of a heading that tell assignments apart: "02_convolution" and "Assignment 2: Convolution" give the same."""
    words = [
        word for word in re.findall(r"[^\W\d_]+", text.casefold()) if word not in ("assignment", "homework", "exercise")
    ]
    return " ".join(words)
