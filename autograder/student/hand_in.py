"""What a careful person looks at before handing in a notebook: the file, its functions, a run from top to bottom, the points."""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from ..grader.grade import cell_troubles
from ..grader.protocol import Run
from ..grader.reader import Reader
from ..grader.workers import TOO_LATE, Workers
from ..reports.report import QuestionReport, Status
from ..reports.wording import MARKS
from ..source import extract
from ..source.reading import Reading
from ..source.signatures import fits, signatures
from ..source.stubs import definitions
from .nudged import NUDGED
from .public import HandedOut, handed_out
from .whole_file import check_cells, read_file

_PANEL = re.compile(r'aria-label="check of (\w+): ([^"]*)"')
"""What a panel begins with that was saved with the notebook: the question, and the result in words."""


class Sign(StrEnum):
    """What a finding means for handing in."""

    GOOD = "✓"
    NOTE = "·"
    LOOK = "!"
    MEND = "✗"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at, in a sentence or two."""

    sign: Sign
    text: str


@dataclass(frozen=True)
class LookedOver:
    """What there is to say of a file before it is handed in.

    Attributes:
        findings: in the order in which a person would look.
        questions: on public cases.
        hidden_points: what hidden cases are worth besides.
    """

    findings: list[Finding]
    questions: list[QuestionReport]
    hidden_points: float

    @property
    def worst(self) -> Sign:
        """MEND if something has to be mended, else LOOK if there is something to look at, else GOOD."""
        signs = {finding.sign for finding in self.findings}
        return next((sign for sign in (Sign.MEND, Sign.LOOK) if sign in signs), Sign.GOOD)


def look_over(path: Path, workers: Workers, on_step: Callable[[int, int, str], None] = lambda *_: None) -> LookedOver:
    """Runs a notebook or .py file as grading does, and looks at everything that could stand against handing it in.

    Args:
        path: of the file. It is not changed.
        workers: where it runs.
        on_step: told how many steps are done, of how many, and what begins now.

    Raises:
        NoPublicCases: if no .npz of an assignment lies beside it.
        extract.Unreadable: if the file has no cells.
    """
    read = read_file(path, workers.reader)
    given = handed_out(path.parent, read.all_defined)
    begun: set[int | str] = set()

    def begins(what: int | str) -> None:
        begun.add(what)
        name = f"running {read.cells[what].label}" if isinstance(what, int) else f"checking {what.removeprefix(NUDGED)}"
        on_step(len(begun) - 1, len(read.cells) + 2 * len(given.answers), name)

    checked = check_cells(read, given, workers, begins)
    questions = [question for question, _ in checked.results]
    notebook = _json(path)
    findings = [
        *_file(path, given, read),
        *_older(path, given, read, workers.reader),
        *_functions(questions),
        *_signatures(given, read),
        *_ids(notebook, given),
        *_cells(read, checked.run, {what for what in begun if isinstance(what, int)}),
        *_shown(notebook, questions),
    ]
    return LookedOver(findings, questions, sum(a.hidden_points for a in given.answers.values()))


def _json(path: Path) -> dict[str, Any]:
    """The notebook as it is on disk; nothing for a script, or for what only the reader can mend."""
    try:
        found = {} if path.suffix.lower() == ".py" else json.loads(extract.load(path))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _file(path: Path, given: HandedOut, read: Reading) -> Iterator[Finding]:
    status = path.stat()
    saved = datetime.fromtimestamp(status.st_mtime)
    yield Finding(
        Sign.NOTE,
        f"{path.name}, {_size(status.st_size)}, was saved {_ago(time.time() - status.st_mtime)} ({saved:%d %b, %H:%M}). What you changed "
        "in Jupyter after that is not in the file: save it (Ctrl+S) and call this again.",
    )
    if path.stem != given.name:
        yield Finding(
            Sign.LOOK,
            f"The notebook was handed out as {given.name}.ipynb. Rename yours, unless your instructor asks for another name.",
        )
    for repair in read.repairs:
        yield Finding(Sign.LOOK, f"{repair[:1].upper()}{repair[1:]} The grader does the same; better mend it yourself.")


def _older(path: Path, given: HandedOut, read: Reading, reader: Reader) -> Iterator[Finding]:
    """Work that Jupyter's checkpoint has and the file has not: an old copy may have taken the file's place."""
    checkpoint = path.parent / ".ipynb_checkpoints" / f"{path.stem}-checkpoint{path.suffix}"
    if not checkpoint.is_file():
        return
    try:
        kept = reader.read(extract.load(checkpoint), path.suffix)
    except extract.Unreadable:
        return
    if lost := sorted((_written(kept) - _written(read)) & set(given.answers)):
        yield Finding(
            Sign.LOOK,
            f"An earlier version of this file holds your {_listed(lost)}, this one does not. If that is not what you want: in Jupyter, "
            "File > Revert Notebook to Checkpoint.",
        )


def _written(read: Reading) -> set[str]:
    """The functions that are more than a stub."""
    return {name for name, places in definitions(read.cells).items() if not all(stub for _, stub in places)}


def _functions(questions: list[QuestionReport]) -> Iterator[Finding]:
    missing = [question.name for question in questions if question.status == Status.MISSING]
    stubs = [question.name for question in questions if question.status == Status.NOT_ATTEMPTED]
    if missing:
        yield Finding(
            Sign.MEND,
            f"There is no {_listed(missing)}. The grader finds your work by the functions' names: keep those of the stubs.",
        )
    if stubs:
        yield Finding(Sign.LOOK, f"Not written yet: {_listed(stubs)}.")
    if not missing and not stubs:
        yield Finding(Sign.GOOD, f"All {len(questions)} functions are there.")


def _signatures(given: HandedOut, read: Reading) -> Iterator[Finding]:
    found = signatures(read.cells)
    changed = [name for name, stub in given.signatures.items() if name in found and not fits(found[name], stub)]
    for name in changed:
        yield Finding(
            Sign.MEND,
            f"{name}({found[name]}) was handed out as {name}({given.signatures[name]}). It is called with these names and defaults.",
        )
    if given.signatures and not changed:
        yield Finding(Sign.GOOD, "Their parameters are those of the stubs.")


def _ids(notebook: dict[str, Any], given: HandedOut) -> Iterator[Finding]:
    """The marks by which nbgrader knows a cell: every question has one on its check, and one on its function."""
    if not notebook:
        return
    marks = [
        _dict(_dict(cell.get("metadata")).get("nbgrader")).get("grade_id") for cell in _dicts(notebook.get("cells"))
    ]
    ids = Counter(mark for mark in marks if isinstance(mark, str))
    if not ids:
        yield Finding(
            Sign.LOOK,
            "The cells have lost the marks that nbgrader knows them by. If your course grades with nbgrader, get the notebook anew and "
            "copy your functions into it; otherwise it does not matter.",
        )
        return
    solutions = {name for mark in ids if mark.endswith("-solution") for name in mark.split("-")[:-1]}
    lost = [name for name in given.answers if name not in ids or name not in solutions]
    twice = sorted(mark for mark, count in ids.items() if count > 1)
    if lost:
        yield Finding(
            Sign.LOOK,
            f"A handed-out cell of {_listed(lost)} is gone, with its mark. A course that grades with nbgrader needs it: get the notebook anew "
            "and copy your functions into it.",
        )
    if twice:
        yield Finding(
            Sign.LOOK,
            f"Cells are there twice with the same mark: {_listed(twice)}. nbgrader refuses that: delete the copy, or paste its text into a new cell.",
        )
    if not lost and not twice:
        yield Finding(Sign.GOOD, "The handed-out cells are there, each once.")


def _cells(read: Reading, run: Run, begun: Collection[int]) -> Iterator[Finding]:
    troubles = cell_troubles(read, run)
    for trouble in troubles:
        yield Finding(Sign.MEND, trouble)
    late = [name for name, seen in run.questions.items() if seen.detail == TOO_LATE and not name.startswith(NUDGED)]
    if left := len(read.cells) - len(begun):
        yield Finding(
            Sign.MEND,
            f"The time was up before {left} of {len(read.cells)} cells ran. Raise --timeout, or take out what takes long.",
        )
    elif late:
        yield Finding(
            Sign.MEND,
            f"The time was up before {_listed(late)} could be checked. Raise --timeout, or take out what takes long.",
        )
    elif not troubles:
        yield Finding(
            Sign.GOOD,
            f"All {len(read.cells)} cells run from top to bottom in a fresh process, as when they are graded.",
        )


def _shown(notebook: dict[str, Any], questions: list[QuestionReport]) -> Iterator[Finding]:
    """The panels in the file against the run: it was edited after it was run, or its cells ran in another order."""
    shown: dict[str, str] = {}
    for cell in _dicts(notebook.get("cells")):
        for output in _dicts(cell.get("outputs")):
            page = _dict(output.get("data")).get("text/html")
            shown |= dict(_PANEL.findall("".join(page) if isinstance(page, list) else str(page)))
    compared = [(q.name, shown[q.name], MARKS[q.status][1]) for q in questions if q.name in shown]
    for name, then, now in compared:
        if then != now:
            yield Finding(
                Sign.LOOK,
                f"Below {name} the file shows “{then}”, a fresh run gives “{now}”: the outputs are older than the code, or the cells ran in "
                "another order. Kernel > Restart Kernel and Run All Cells, then save.",
            )
    if compared and all(then == now for _, then, now in compared):
        yield Finding(Sign.GOOD, "The results that the file shows are those of a fresh run.")


def _dict(found: Any) -> dict[str, Any]:
    return found if isinstance(found, dict) else {}


def _dicts(found: Any) -> list[dict[str, Any]]:
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _listed(names: list[str]) -> str:
    """Names in a sentence: "a, b and c"."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 100_000 else f"{max(1, count // 1000)} KB"


def _ago(seconds: float) -> str:
    """A time in the past as people say it."""
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if (count := int(seconds // length)) > 0:
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"
