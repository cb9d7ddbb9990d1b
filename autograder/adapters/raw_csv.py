"""A CSV file of which single cells are changed: every other byte stays what it was.

The file is cut into raw fields with their quotes and delimiters, so that encoding, byte order mark, quotes and line ends survive.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

from ..errors import CallError

MAX_EXPORT = 64 << 20
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_QUOTED = re.compile(r'"((?:[^"]|"")*)"')


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
            CallError: if it cannot be read.
        """
        try:
            if path.stat().st_size > MAX_EXPORT:
                raise CallError(f"{path} is larger than {MAX_EXPORT >> 20} MB: is it the export of the gradebook?")
            data = path.read_bytes()
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
        quoted = _QUOTED.match(raw)
        return quoted[1].replace('""', '"') + raw[quoted.end() :] if quoted else raw

    def put(self, row: int, column: int, value: str) -> None:
        """Changes a cell; one that was quoted stays quoted. Characters that the encoding lacks become "?".

        Raises:
            CallError: if the row does not have as many cells as there are headings: its cells may be in the wrong columns.
        """
        if len(self.rows[row]) != len(self.rows[0]):
            raise CallError(
                f"Row {row + 1} of the export has {len(self.rows[row])} columns, and there are {len(self.rows[0])} headings. "
                "Export it again, and do not edit the file."
            )
        value = value.encode(self.encoding, "replace").decode(self.encoding)
        quoted = self.rows[row][column].startswith('"') or any(c in value for c in f'"\r\n{self.delimiter}')
        self.rows[row][column] = '"' + value.replace('"', '""') + '"' if quoted else value

    def column(self, *names: str) -> int | None:
        """The first column under one of these headings, in any case."""
        headings = [self.value(0, i).strip().casefold() for i in range(len(self.rows[0]))]
        return next((headings.index(name) for name in names if name in headings), None)


def _decoded(data: bytes) -> tuple[bytes, str, str]:
    """The byte order mark, the encoding, and the text: UTF-8 if it is valid, else what Excel writes in western Europe."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            try:
                return mark, encoding, data[len(mark) :].decode(encoding)
            except UnicodeDecodeError as error:
                raise CallError(
                    f"The export is not valid {encoding.upper()} at byte {len(mark) + error.start}: it is damaged or cut off. "
                    "Export it again."
                ) from error
    for encoding in ("utf-8", "cp1252", "latin-1"):
        try:
            return b"", encoding, data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise AssertionError("latin-1 reads every byte")


def _delimiter(text: str) -> str:
    """The delimiter of the headings: the most frequent one outside of quotes."""
    headings = re.sub(r'"(?:[^"]|"")*"', "", text.partition("\n")[0])
    return max(",;\t", key=headings.count)
