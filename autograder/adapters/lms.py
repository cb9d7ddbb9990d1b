"""Canvas and Moodle: fills the instructor's own export. Every byte that is not a grade stays what it was.

The file is cut into raw fields, of which only those of the grade's column (and Moodle's empty comments) are replaced.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .. import files
from ..errors import CallError
from ..reports.report import Report, State
from ..reports.tables import defused
from ..reports.wording import points, spoken

MAX_EXPORT = 64 << 20
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_CANVAS_KEYS = ("sis user id", "sis login id", "id", "integration id", "email")
_MOODLE_KEYS = ("email address", "username", "id number", "identifier")
_CANVAS_FILE = re.compile(r"^[^_]+(?:_late)?_(\d+)_\d+_", re.IGNORECASE)
_MOODLE_FOLDER = re.compile(r"_(\d+)_assignsubmission")


@dataclass
class Table:
    """A CSV file in raw fields.

    Attributes:
        rows: of fields as they stand in the file, quotes included.
        ends: what stands after each field: the delimiter or the line's end.
        delimiter: between fields.
        encoding: of the file.
        mark: its byte order mark.
    """

    rows: list[list[str]]
    ends: list[list[str]]
    delimiter: str
    encoding: str
    mark: bytes = b""

    @classmethod
    def read(cls, path: Path) -> Table:
        """Reads an export.

        Raises:
            CallError: if it is no table.
        """
        try:
            data = files.read(path, MAX_EXPORT)
        except files.TooLarge as error:
            raise CallError(
                f"{path} is larger than {MAX_EXPORT >> 20} MB: is it the export of the gradebook?"
            ) from error
        except OSError as error:
            raise CallError(f"{path} cannot be read ({error.strerror}).") from error
        mark, encoding, text = _decoded(data)
        delimiter = _delimiter(text)
        cell = rf'("(?:[^"]|"")*"[^{delimiter}\r\n]*|[^{delimiter}\r\n]*)({delimiter}|\r\n|\n|\r|\Z)'
        rows: list[list[str]] = [[]]
        ends: list[list[str]] = [[]]
        for match in re.finditer(cell, text):
            rows[-1].append(match[1])
            ends[-1].append(match[2])
            if match[2] != delimiter:
                if match.end() == len(text):
                    break
                rows.append([])
                ends.append([])
        return cls(rows, ends, delimiter, encoding, mark)

    def to_bytes(self) -> bytes:
        """The file, in its own encoding."""
        pairs = zip(self.rows, self.ends, strict=True)
        text = "".join(cell + end for row, ends in pairs for cell, end in zip(row, ends, strict=True))
        return self.mark + text.encode(self.encoding)

    def value(self, row: int, column: int) -> str:
        """What a cell says; "" beyond the end of a short row."""
        raw = self.rows[row][column] if column < len(self.rows[row]) else ""
        return raw[1:].rstrip()[:-1].replace('""', '"') if raw.startswith('"') else raw

    def put(self, row: int, column: int, value: str) -> None:
        """Changes a cell; one that was quoted stays quoted. Characters that the encoding lacks become "?".

        Raises:
            CallError: if the row is too short to have this cell.
        """
        if column >= len(self.rows[row]):
            raise CallError(f"Row {row + 1} of the export has only {len(self.rows[row])} columns; export it again.")
        value = value.encode(self.encoding, "replace").decode(self.encoding)
        quoted = self.rows[row][column].startswith('"') or any(c in value for c in f'"\r\n{self.delimiter}')
        self.rows[row][column] = '"' + value.replace('"', '""') + '"' if quoted else value

    def column(self, *names: str) -> int | None:
        """The first column under one of these headings, in any case."""
        headings = [self.value(0, i).strip().casefold() for i in range(len(self.rows[0]))]
        return next((headings.index(name) for name in names if name in headings), None)


@dataclass
class Filled:
    """What became of an export.

    Attributes:
        table: the export with grades.
        written: how many students got a grade.
        unknown: submissions that no row of the export fits, or more than one.
        absent: students of the export without a submission; their cells are untouched.
        faults: submissions that must be graded again first.
        locked: submissions whose grade the platform does not let be changed.
    """

    table: Table
    written: int = 0
    unknown: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    locked: list[str] = field(default_factory=list)


def fill_canvas(path: Path, reports: Sequence[Report], assignment: str, column: str | None, *, scale: bool) -> Filled:
    """Fills a Canvas gradebook export.

    Args:
        path: the export.
        reports: of the assignment.
        assignment: its name; its column has this heading, or the assignment's name without number.
        column: the heading of the column, if it is another.
        scale: whether to write shares of the points that Canvas has for the column, where these are others.

    Raises:
        CallError: if the file is no such export, or its column cannot be told.
    """
    table = Table.read(path)
    name, identity = table.column("student"), table.column("id")
    if name is None or identity is None:
        raise CallError(
            f"{path} is no Canvas export: it has no columns Student and ID. Take Grades > Export > Entire Gradebook."
        )
    target = _assignment_column(table, assignment, column)
    rows, factor = [], 1.0
    for row in range(1, len(table.rows)):
        if table.value(row, name).strip().casefold().startswith("points possible"):
            factor = _factor(table.value(row, target), reports, f"the column {table.value(0, target)!r}", scale)
        elif table.value(row, identity).strip() and table.value(row, name).strip() != "Student, Test":  # Canvas's own
            rows.append(row)
    return _fill(table, rows, reports, target, _CANVAS_KEYS, name, factor, _CANVAS_FILE)


def fill_moodle(path: Path, reports: Sequence[Report], *, scale: bool) -> Filled:
    """Fills a Moodle grading worksheet: grades, and a comment where there is none yet.

    Raises:
        CallError: if the file is no such worksheet.
    """
    table = Table.read(path)
    target, identity = table.column("grade"), table.column("identifier")
    if target is None or identity is None:
        raise CallError(
            f"{path} is no grading worksheet of Moodle: it has no columns Identifier and Grade. Switch on "
            "“Offline grading worksheet” in the assignment, then take View all submissions > Download grading worksheet."
        )
    most, locked = table.column("maximum grade"), table.column("grade can be changed")
    rows = [row for row in range(1, len(table.rows)) if table.value(row, identity).strip()]
    factor = 1.0
    if most is not None and rows:
        factor = _factor(table.value(rows[0], most), reports, "the worksheet", scale)
    comma = most is not None and bool(rows) and re.fullmatch(r"\s*\d+,\d+\s*", table.value(rows[0], most)) is not None
    return _fill(
        table, rows, reports, target, _MOODLE_KEYS, table.column("full name"), factor, _MOODLE_FOLDER, comma=comma,
        comments=table.column("feedback comments"), locked=locked,
    )  # fmt: skip


def comment(report: Report) -> str:
    """A submission in a line: points by question, and the named mistakes."""
    told = []
    for question in report.questions:
        mistakes = ", ".join(dict.fromkeys(spoken(p.mistake) for p in question.parts if p.mistake))
        told.append(
            f"{question.name} {points(question.points)}/{points(question.max_points)}{f' ({mistakes})' if mistakes else ''}"
        )
    return " ".join(text for text in (report.message, "; ".join(told)) if text)


def _fill(
    table: Table, rows: Sequence[int], reports: Sequence[Report], target: int, keys: Sequence[str], name: int | None,
    factor: float, pattern: re.Pattern[str], *, comma: bool = False, comments: int | None = None, locked: int | None = None,
) -> Filled:  # fmt: skip
    filled = Filled(table)
    counts = Counter(_folded(report.student) for report in reports)
    columns = [column for key in keys if (column := table.column(key)) is not None]
    known = _known(table, rows, columns)
    done = set()
    for report in reports:
        row = _row(report, known, pattern)
        if report.status == State.GRADER_FAULT:
            filled.faults.append(report.submission)
            done.add(row)
        elif row is None or row in done or counts[_folded(report.student)] > 1:
            filled.unknown.append(report.submission)
            done.add(row)
        elif locked is not None and table.value(row, locked).strip().casefold() in ("no", "0", "false"):
            filled.locked.append(report.submission)
            done.add(row)
        else:
            value = points(report.score * factor)
            table.put(row, target, value.replace(".", ",") if comma else value)
            if comments is not None and not table.value(row, comments).strip():
                table.put(row, comments, defused(comment(report)))
            filled.written += 1
            done.add(row)
    for row in rows:
        if row not in done:
            filled.absent.append(table.value(row, columns[0] if name is None else name).strip())
    return filled


def _known(table: Table, rows: Iterable[int], columns: Sequence[int]) -> dict[str, set[int]]:
    """The rows by everything that names a student: ids, logins, mail addresses and what stands before their @."""
    known: dict[str, set[int]] = {}
    for row in rows:
        for column in columns:
            value = _folded(table.value(row, column))
            number = re.search(r"(\d+)$", value)  # "Participant 123"
            for key in {value, value.partition("@")[0], number[1] if number and " " in value else ""} - {""}:
                known.setdefault(key, set()).add(row)
    return known


def _row(report: Report, known: Mapping[str, set[int]], pattern: re.Pattern[str]) -> int | None:
    """The one row that a report belongs to."""
    names = [report.student, report.submission]
    names += [match[1] for name in names if (match := pattern.search(name))]
    for name in names:
        rows = known.get(_folded(name), set())
        if len(rows) == 1:
            return next(iter(rows))
        if rows:
            return None  # two students with this login: nobody gets the other's grade
    return None


def _assignment_column(table: Table, assignment: str, column: str | None) -> int:
    headings = [table.value(0, i).strip() for i in range(len(table.rows[0]))]
    plain = [re.sub(r"\s*\(\d+\)$", "", heading) for heading in headings]
    wanted = [column] if column else [assignment]
    found = [i for i, (full, bare) in enumerate(zip(headings, plain, strict=True)) if full in wanted or bare in wanted]
    if not found and not column:
        word = _letters(assignment)
        found = [
            i for i, heading in enumerate(headings) if re.search(r"\(\d+\)$", heading) and _letters(plain[i]) == word
        ]
    if len(found) != 1:
        choices = "; ".join(heading for heading in headings if re.search(r"\(\d+\)$", heading)) or "none"
        problem = "More than one column fits" if found else "No column fits"
        raise CallError(
            f"{problem} {column or assignment!r}. Name one with --column; the assignments here are: {choices}."
        )
    return found[0]


def _factor(cell: str, reports: Sequence[Report], where: str, scale: bool) -> float:
    """What scores are multiplied with: 1 where the platform's points are ours."""
    match = re.match(r"\s*(\d+(?:[.,]\d+)?)", cell)
    if not match or not reports:
        return 1.0
    theirs, ours = float(match[1].replace(",", ".")), reports[0].max_score
    if theirs == ours:
        return 1.0
    if not scale:
        raise CallError(
            f"There are {points(theirs)} points in {where} and {points(ours)} in the assignment. Make them equal on the platform, "
            f"or say --scale to write shares of {points(theirs)}."
        )
    return theirs / ours


def _decoded(data: bytes) -> tuple[bytes, str, str]:
    """The byte order mark, the encoding, and the text: UTF-8 where it is, else what Excel writes in western Europe."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            try:
                return mark, encoding, data[len(mark) :].decode(encoding)
            except UnicodeDecodeError as error:
                raise CallError(
                    "The export breaks off: its last character is not complete. Export it again."
                ) from error
    for encoding in ("utf-8", "cp1252", "latin-1"):
        try:
            return b"", encoding, data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise AssertionError("latin-1 reads every byte")


def _delimiter(text: str) -> str:
    """The delimiter of the headings, which hold none of the others outside of quotes."""
    headings = re.sub(r'"(?:[^"]|"")*"', "", text.split("\n", 1)[0])
    return max(",;\t", key=headings.count)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip().casefold()


def _letters(text: str) -> str:
    """A heading's words without numbers and punctuation: "02_convolution" and "Assignment 2: Convolution" share their last."""
    words = [
        word for word in re.findall(r"[^\W\d_]+", text.casefold()) if word not in ("assignment", "homework", "exercise")
    ]
    return " ".join(words)
