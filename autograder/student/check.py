"""The student's side: runs a function on the public cases, in a notebook or a script, and shows what it found."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any

from ..border import wire
from ..grader.answers import Answers
from ..grader.protocol import Seen
from ..grader.score import score
from ..reports import wording
from ..reports.report import QuestionReport, Status
from .nudged import only_public
from .public import NoPublicCases, answers_in, find_answers, public_files
from .run_here import run_here
from .stale import is_stale


class CheckFailed(AssertionError):
    """A public case does not pass. One line is shown instead of a traceback: the panel has said it all."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


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

    if not _shell():
        _as_a_script()
    folder = _folder(namespace)
    try:
        if asked is None:
            _check_all(folder, namespace)
            return None
        name = asked if isinstance(asked, str) else getattr(asked, "__name__", type(asked).__name__)
        answers = find_answers(name, folder)
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


@cache
def _as_a_script() -> None:
    """In a script, too, a check that fails ends in one line, and an encoding without our signs is no error."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    before = sys.excepthook

    def show(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if isinstance(error, CheckFailed):
            print(error, file=sys.stderr)
        else:
            before(kind, error, trace)

    sys.excepthook = show


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


def _check_all(folder: Path, namespace: Mapping[str, Any]) -> None:
    """Checks every question of the assignment beside the notebook: a row for each, as soon as it is done, and the sum."""
    from ..reports import console, html

    found = answers_in(folder, namespace)
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


def _folder(namespace: Mapping[str, Any]) -> Path:
    """Where the public cases lie: beside a script, wherever it is run from, or in the working folder."""
    beside = Path(namespace.get("__file__") or "").parent
    return beside if public_files(beside) else Path.cwd()


def _shell() -> Any:
    """The IPython that runs this; None outside of it, without the time that importing IPython takes."""
    return getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()


def _in_jupyter() -> bool:
    return getattr(_shell(), "kernel", None) is not None
