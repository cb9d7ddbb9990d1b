"""Turns a submission, a notebook or a .py file, into the list of its code cells. Nothing executes here.

Functions are found by name after the cells ran, so moved, merged or stripped cells cost nothing. What had to be repaired is
listed, for the report.
"""

from __future__ import annotations

import ast
import json
import re
import textwrap
import tokenize
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from .. import files

MAX_FILE = 64 << 20
MAX_PARTS = 1_000_000
"""Lists and objects in a notebook's JSON: three bytes of text can become a hundred bytes of memory."""
MAX_CODE = 1 << 20
"""Characters of code in all: parsing is the grader's own time. An honest notebook has less than a tenth of this."""
MAX_CELL = 1 << 18
MAX_CELLS = 1000
MAX_JOINS = 20
MAX_PIECES = 200
MAX_MAGIC_WORK = 4_000_000
MAX_LINES = 10_000
"""Bounds of what is repaired, so that a hostile file costs little time: cells joined, pieces of a broken cell, and magics times
characters, since IPython reads a cell anew for each magic in it."""

_MAGIC = re.compile(r"^[ \t]*[%!?]|=[ \t]*[%!]|\?[ \t]*$", re.MULTILINE)
_TRANSPARENT = re.compile(r"\A\s*%%(time|timeit|capture|prun)\b[^\n]*")


class Unreadable(ValueError):
    """The file is not a submission; the message tells the student why."""


@dataclass
class Cell:
    """A piece of code that runs as one: its label ("cell 7") and its source, with the line numbers of the original."""

    label: str
    source: str


@dataclass
class Submission:
    """What a file holds.

    Attributes:
        cells: in the order of the file.
        repairs: what was repaired, in sentences.
        broken: for cells that do not parse, label -> the error.
    """

    cells: list[Cell] = field(default_factory=list)
    repairs: list[str] = field(default_factory=list)
    broken: dict[str, str] = field(default_factory=dict)


def read(path: Path) -> Submission:
    """Reads a .ipynb or .py file.

    Raises:
        Unreadable: if no cells can be had from it.
    """
    return cells_of(load(path), path.suffix)


def load(path: Path) -> bytes:
    """The content of a submitted file. Raises Unreadable."""
    try:
        if path.is_symlink():
            raise Unreadable("The file is a link, not a notebook. Submit the notebook itself.")
        return files.read(path, MAX_FILE)
    except files.TooLarge as error:
        raise Unreadable(
            f"The file is larger than {MAX_FILE >> 20} MB. Clear the outputs (Kernel > Restart & Clear Output), save, and submit again."
        ) from error
    except FileNotFoundError as error:
        raise Unreadable(
            f"The notebook cannot be read: {path.name} is not there. Submit the notebook itself."
        ) from error
    except OSError as error:
        raise Unreadable(f"The file cannot be read ({error.strerror or error}).") from error


def cells_of(data: bytes, suffix: str) -> Submission:
    """The cells in the content of a file: of a notebook, or of a script for the suffix ".py". Raises Unreadable."""
    submission = Submission()
    text = _decode(data, submission)
    if not text.strip():
        raise Unreadable("The file is empty. Save the notebook and submit it again.")
    script = suffix.lower() == ".py"
    if script and (len(text) > MAX_CODE or text.count("\n") > MAX_LINES):
        raise Unreadable(_too_much_code(len(text)))
    sources = _python(text) if script else _notebook(text, submission)
    if (size := sum(len(source) for *_, source in sources if len(source) <= MAX_CELL)) > MAX_CODE:
        raise Unreadable(_too_much_code(size))
    _collect(sources, submission)
    return submission


def _too_much_code(size: int) -> str:
    return (
        f"The file holds {size:,} characters of code; at most {MAX_CODE:,} in {MAX_LINES:,} lines per cell are read. "
        "Take out what is not needed (data pasted into a cell?), and submit again."
    )


def _decode(data: bytes, submission: Submission) -> str:
    for encoding in ("utf-8-sig", "utf-16") if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig",):
        try:
            return data.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")
        except UnicodeDecodeError:
            continue
    submission.repairs.append("The file is not in UTF-8; it was read as Latin-1.")
    return data.decode("latin-1").replace("\r\n", "\n")


def _notebook(text: str, submission: Submission) -> list[tuple[str, int, str]]:
    if text.count("[") + text.count("{") > MAX_PARTS:
        raise Unreadable(
            f"The file has more than {MAX_PARTS:,} lists or objects in it: that is not a notebook of this course. "
            "Clear the outputs (Kernel > Restart & Clear Output), save, and submit again."
        )
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise Unreadable(
            f"The file is not a notebook: its JSON breaks off or is damaged at line {error.lineno}, column {error.colno} ({error.msg}). "
            "Most often the download or upload was cut, or a merge left its marks. Open it in Jupyter, save it, and submit again."
        ) from error
    except RecursionError as error:
        raise Unreadable("The file is not a notebook: its JSON is nested too deeply.") from error
    except ValueError as error:  # a number with thousands of digits
        raise Unreadable(f"The file is not a notebook: {error}.") from error
    if not isinstance(document, dict):
        raise Unreadable("The file is JSON, but not a notebook.")
    cells = document.get("cells")
    if cells is None and isinstance(document.get("worksheets"), list):  # notebook format 3
        sheets = [sheet.get("cells") for sheet in document["worksheets"] if isinstance(sheet, dict)]
        cells = [cell for sheet in sheets if isinstance(sheet, list) for cell in sheet]
        submission.repairs.append("The notebook is in the old format 3; it was read as it is.")
    if not isinstance(cells, list):
        raise Unreadable("The file is JSON, but it has no list of cells: it is not a notebook.")
    sources: list[tuple[str, int, str]] = []
    for cell in cells:
        if not isinstance(cell, dict) or cell.get("cell_type") != "code":
            continue
        source = cell.get("source", cell.get("input", ""))
        if isinstance(source, list):
            source = "".join(line for line in source if isinstance(line, str))
        label = f"cell {len(sources) + 1}"
        if not isinstance(source, str):
            submission.repairs.append(f"{label} has no text; it was taken as empty.")
            source = ""
        sources.append((label, 0, source))
    if not sources:
        raise Unreadable("The notebook has no code cells.")
    return sources


def _python(text: str) -> list[tuple[str, int, str]]:
    """Percent cells if there are any, else one cell per top-level statement: an error costs only what depends on it."""
    lines = text.split("\n")
    starts = [i for i, line in enumerate(lines) if re.match(r"#\s?%%", line)]
    if not starts:
        return [("cell at line 1", 0, text)] if parse(text) is None else _statements("cell", text)
    bounds = sorted({0, *starts, len(lines)})
    pieces = [(a, "\n".join(lines[a:b])) for a, b in pairwise(bounds)]
    return [(f"cell at line {a + 1}", a, piece) for a, piece in pieces if piece.strip()]


def _statements(label: str, text: str) -> list[tuple[str, int, str]]:
    lines = text.split("\n")
    bounds: list[tuple[int, int]] = []
    for node in parse(text) or []:
        start = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))]) - 1
        if bounds and start < bounds[-1][1]:  # on the line of the statement before, after a semicolon
            start = bounds.pop()[0]
        bounds.append((start, node.end_lineno or node.lineno))
    return [(f"{label} at line {a + 1}", a, "\n".join(lines[a:b])) for a, b in bounds]


def _collect(sources: list[tuple[str, int, str]], submission: Submission) -> None:
    """Parses each source, repairs what can be repaired, and fills in the submission."""
    if len(sources) > MAX_CELLS:
        submission.repairs.append(f"The file has {len(sources)} code cells; those after {MAX_CELLS} were left out.")
    joins, magic_work = 0, MAX_MAGIC_WORK
    for label, offset, source in sources[:MAX_CELLS]:
        if len(source) > MAX_CELL or source.count("\n") > MAX_LINES:
            submission.repairs.append(
                f"{label} is larger than {MAX_CELL >> 10} KB or {MAX_LINES:,} lines and was left out."
            )
            continue
        source, magic_work = _without_magics(source, magic_work)
        previous = submission.cells[-1] if submission.cells else None
        if parse(source) is not None:
            submission.cells.append(Cell(label, "\n" * offset + source))
        elif (
            previous and offset == 0 and joins < MAX_JOINS and (joined := _joined(previous.source, source)) is not None
        ):
            joins += 1
            previous.source = joined
            submission.broken.pop(previous.label, None)
            submission.repairs.append(f"{previous.label} and {label} hold one function cut in two; they were joined.")
        elif parse(dedented := textwrap.dedent(source)) is not None:
            submission.cells.append(Cell(label, "\n" * offset + dedented))
            submission.repairs.append(f"{label} was indented as a whole; the indentation was taken away.")
        else:
            _salvage(label, offset, source, submission)


def _salvage(label: str, offset: int, source: str, submission: Submission) -> None:
    """Keeps the top-level pieces of a cell that parse by themselves; the broken ones stay, to be reported."""
    error = _syntax_error(source)
    pieces = _pieces(source)
    good = sum(parse(piece) is not None for _, piece in pieces[: MAX_PIECES + 1])
    if good == 0 or len(pieces) == 1 or len(pieces) > MAX_PIECES:
        submission.broken[label] = error
        submission.cells.append(Cell(label, "\n" * offset + source))
        return
    for number, (line, piece) in enumerate(pieces):
        part = label if number == 0 else f"{label} from line {offset + line + 1}"
        submission.cells.append(Cell(part, "\n" * (offset + line) + piece))
        if parse(piece) is None:
            submission.broken[part] = error
    submission.repairs.append(
        f"{label} has a syntax error ({error}); its other statements were run without the broken one."
    )


def _pieces(source: str) -> list[tuple[int, str]]:
    lines = source.split("\n")
    starts = [0]
    for i, line in enumerate(lines[1:], 1):
        begins = re.match(r"(def|class|import|from|async|for|while|if|with|try|print)\b|@|[A-Za-z_][\w.]*\s*[=(]", line)
        if begins and not lines[i - 1].startswith("@"):
            starts.append(i)
    bounds = [*starts, len(lines)]
    return [(a, "\n".join(lines[a:b])) for a, b in pairwise(bounds)]


def _joined(first: str, second: str) -> str | None:
    """Two cells joined into one, if the second one is valid only together with the first."""
    starts_inside = second.lstrip("\n")[:1] in (" ", "\t") and not _stands_alone(second)
    joined = first.rstrip("\n") + "\n" + second
    if (starts_inside or parse(first) is None) and parse(joined) is not None:
        return joined
    return None


def _stands_alone(source: str) -> bool:
    """Whether an indented cell holds definitions of its own, and is not the rest of a function, which returns something."""
    nodes = parse(textwrap.dedent(source)) or []
    defining = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    rest = [inner for node in nodes if not isinstance(node, defining) for inner in ast.walk(node)]
    return any(isinstance(n, defining) for n in nodes) and not any(isinstance(n, ast.Return) for n in rest)


def _without_magics(source: str, most: int) -> tuple[str, int]:
    """IPython's syntax as plain Python, and how much more work may be done; what magics would do, a worker leaves out."""
    source = _TRANSPARENT.sub("", source)
    work = len(_MAGIC.findall(source)) * len(source)
    if not 0 < work <= most or parse(source) is not None:
        return source, most
    from IPython.core.inputtransformer2 import TransformerManager

    try:
        return str(TransformerManager().transform_cell(source)), most - work
    except (SyntaxError, ValueError, RecursionError, RuntimeError, tokenize.TokenError):
        return source, most - work


def parse(source: str) -> list[ast.stmt] | None:
    """The statements of a source, or None if it is not valid Python."""
    try:
        return ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _syntax_error(source: str) -> str:
    try:
        ast.parse(source)
    except SyntaxError as error:
        return f"line {error.lineno}: {error.msg}"
    except (ValueError, RecursionError, MemoryError) as error:
        return str(error) or type(error).__name__
    return ""
