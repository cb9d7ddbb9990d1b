"""The student's side: runs a function on the public cases, in the notebook or from a shell, and shows what it found."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..border import wire
from ..errors import CallError
from ..grader.answers import Answers, as_trees, from_tree, task
from ..grader.grade import judged
from ..grader.identity import versions
from ..grader.patience import run_patiently
from ..grader.protocol import Run, Seen
from ..grader.reader import Reader
from ..grader.score import score
from ..grader.workers import Workers
from ..question import PUBLIC_SALT
from ..reports import wording
from ..reports.report import QuestionReport, Report, State, Status, total
from ..source import extract
from ..source.reading import Reading
from .nudged import NUDGED, nudged_task, only_public
from .run_here import run_here
from .stale import is_stale


class CheckFailed(AssertionError):
    """A public case does not pass. Jupyter shows one line instead of a traceback: the panel has said it all."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


class NoPublicCases(CallError):
    """The assignment's .npz file is not where it is looked for."""


def check_in_notebook(asked: str | Callable[..., Any] | None, namespace: Mapping[str, Any]) -> float | None:
    """Checks a function or, for None, all of them. See `autograder.check`.

    Args:
        asked: a function, or its name in `namespace`.
        namespace: of the notebook.

    Returns:
        None, so that nothing but the panel is shown. While nbgrader itself grades in the student's kernel, the points earned on
        public cases: nbgrader takes a float for partial credit, and would give all points, hidden cases included, for None.
    """
    from ..reports import console, html

    try:
        if asked is None:
            _check_all(namespace)
            return None
        name = asked if isinstance(asked, str) else getattr(asked, "__name__", type(asked).__name__)
        answers = find_answers(name, Path.cwd())
    except (NoPublicCases, wire.WireError, OSError) as error:
        raise CheckFailed(str(error)) from None
    function = namespace.get(asked) if isinstance(asked, str) else asked
    question, notes = _checked(answers, function)
    notes += _of_its_age(name, function)
    if _in_jupyter():
        from IPython.display import HTML, display

        display(HTML(html.panel(question, notes)))
    else:
        console.show_check(question, notes)
    execution = os.environ.get("NBGRADER_EXECUTION")
    if execution == "autograde":
        return float(question.points)
    if question.status == Status.PASSED or (question.status == Status.NOT_ATTEMPTED and not execution):
        return None
    raise CheckFailed(
        f"{name}: {wording.MARKS[question.status][1]}, {wording.points(question.points)} of {wording.points(question.max_points)} points on public cases"
    )


def _checked(answers: Answers, function: Any) -> tuple[QuestionReport, list[str]]:
    """The report on one function of the notebook, and notes to add."""
    if callable(function):
        seen, nudged = run_here(function, answers)
    else:
        seen, nudged = Seen(ended="missing", detail=type(function).__name__), Seen()
    return verdict(answers, score(answers, seen), nudged)


def _of_its_age(name: str, function: Any) -> list[str]:
    """A note if the cell of a function ran again and did not get as far as its definition."""
    shell = _shell()
    if not shell or not is_stale(name, function, shell.user_ns.get("In", [])):
        return []
    return [
        f"This is {name} as it was before: its cell ran again and failed before it defined {name} anew. Mend that error, run the cell, and check again."
    ]


def _check_all(namespace: Mapping[str, Any]) -> None:
    """Checks every question of the assignment beside the notebook: a row for each, as soon as it is done, and the sum."""
    from ..reports import console, html

    found = answers_in(Path.cwd(), namespace)
    questions: list[QuestionReport] = []
    stale: list[str] = []
    panel = _Panel() if _in_jupyter() else None
    for name, answers in found.items():
        if panel:
            panel.show(html.overview(questions, list(found)[len(questions) :], []))
        questions.append(_checked(answers, namespace.get(name))[0])
        stale += _of_its_age(name, namespace.get(name))
        if not panel:
            console.show_status(questions[-1], "")
    hidden = sum(answers.hidden_points for answers in found.values())
    notes = [f"Hidden cases, for {wording.points(hidden)} more points, run when graded."] * bool(hidden) + stale
    done = (Status.PASSED, Status.NOT_ATTEMPTED)
    if wrong := next((question.name for question in questions if question.status not in done), ""):
        notes.append(f'`check("{wrong}")` says what is wrong there.')
    if panel:
        panel.show(html.overview(questions, [], notes))
    else:
        console.show_total(questions, notes)


class _Panel:
    """A place below the cell that is shown again with more in it."""

    def __init__(self) -> None:
        self._handle: Any = None

    def show(self, page: str) -> None:
        """Puts `page` in the place of what was shown before."""
        from IPython.display import HTML, display

        if self._handle:
            self._handle.update(HTML(page))
        else:
            self._handle = display(HTML(page), display_id=True)


def check_file(path: Path, workers: Workers) -> list[tuple[QuestionReport, list[str]]]:
    """Checks every question of a notebook or .py file in a worker.

    Raises:
        NoPublicCases: if no .npz of an assignment lies beside it.
        extract.Unreadable: if the file has no cells.
    """
    read = read_file(path, workers.reader)
    found = answers_in(path.parent, read.all_defined)
    public = [task(a.question, PUBLIC_SALT) for a in found.values()]
    nudged = [nudged_task(a) for a in found.values()]
    questions = {name: item.question for name, item in found.items()}
    run: Run = run_patiently(workers, as_trees(read.cells), [*public, *nudged], questions)
    return [verdict(a, judged(name, a, read, run), run.questions[NUDGED + name]) for name, a in found.items()]


def read_file(path: Path, reader: Reader) -> Reading:
    """What is in a notebook or .py file. Nothing is run. Raises extract.Unreadable."""
    read = reader.read(extract.load(path), path.suffix)
    if read.unreadable:
        raise extract.Unreadable(read.unreadable)
    return read


def answers_in(folder: Path, defined: Collection[str]) -> dict[str, Answers]:
    """The public answers, by question, of the assignment in `folder` of which most functions are `defined`.

    Raises:
        NoPublicCases: if there is none.
    """
    known = (load(file) for file in _public_files(folder))
    found = max(known, key=lambda answers: len(answers.keys() & set(defined)), default=None)
    if not found:
        raise NoPublicCases(_where(folder))
    return found


def as_report(path: Path, questions: Sequence[QuestionReport]) -> Report:
    """What `check_file` found as a report: of the public cases alone, and with nothing that is secret."""
    return Report(
        assignment=next((f.stem for f in _public_files(path.parent)), path.stem),
        submission=path.stem,
        student=path.stem,
        score=total(q.points for q in questions),
        max_score=total(q.max_points for q in questions),
        status=State.GRADED,
        message="Public cases only.",
        isolation="",
        salt_id="",
        versions=versions(),
        key="",
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        duration=0.0,
        repairs=[],
        questions=list(questions),
    )


def verdict(answers: Answers, question: QuestionReport, nudged: Seen) -> tuple[QuestionReport, list[str]]:
    """The question's report on public cases, corrected by a look at nudged inputs, and notes to add.

    A function that is right on the public arrays alone does not pass: with nudged inputs it must follow.
    """
    by_images = bool(answers.question.rules or answers.question.gate)  # of images that were not trained on
    if question.status == Status.PASSED and not by_images and (reason := only_public(answers, nudged)):
        question.status = Status.FAILED
        question.points = 0.0
        question.message = reason
    notes = []
    if answers.hidden_cases:
        notes.append(
            f"{answers.hidden_cases} hidden case{'s' if answers.hidden_cases > 1 else ''} with other inputs "
            f"run{'' if answers.hidden_cases > 1 else 's'} when graded, for {wording.points(answers.hidden_points)} more point{'s' if answers.hidden_points != 1 else ''}."
        )
    return question, notes


def find_answers(name: str, folder: Path) -> Answers:
    """The public answers of a question, from an assignment's .npz in `folder`.

    Raises:
        NoPublicCases: if there is none, or none with this question.
    """
    known: list[str] = []
    for file in _public_files(folder):
        answers = load(file)
        if name in answers:
            return answers[name]
        known += answers
    if known:
        raise NoPublicCases(f"There is no question {name!r}. There are: {', '.join(known)}.")
    raise NoPublicCases(_where(folder))


def load(path: Path) -> dict[str, Answers]:
    """The public answers in an assignment's .npz, by question. Raises OSError or wire.WireError."""
    return _load(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=8)
def _load(path: Path, _changed: int) -> dict[str, Answers]:
    tree = wire.load(path)
    try:
        return {item["name"]: from_tree(item) for item in tree["questions"]}
    except (KeyError, TypeError) as error:
        raise wire.WireError(f"{path} is not an assignment's file of public cases.") from error


def _public_files(folder: Path) -> list[Path]:
    return sorted(f for f in folder.glob("*.npz") if f.with_suffix(".ipynb").exists()) or sorted(folder.glob("*.npz"))


def _where(folder: Path) -> str:
    return (
        f"No public cases here: the assignment's .npz file must lie beside the notebook (looked in {folder}). "
        "It was handed out with the notebook; in Colab, upload both."
    )


def _shell() -> Any:
    """The IPython that runs this; None outside of it, without the time that importing IPython takes."""
    return getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()


def _in_jupyter() -> bool:
    return getattr(_shell(), "kernel", None) is not None
