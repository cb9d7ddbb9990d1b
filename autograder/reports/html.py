"""HTML from reports: the student's page, the class's page, and the panel in a notebook.

Every value is escaped. Characters that are invisible or reverse the writing direction are replaced.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined  # templates with automatic escaping
from markupsafe import Markup, escape

from . import plain
from .diagnosis import sentences
from .left_out import Notes
from .report import QuestionReport, Report
from .wording import DEAD, MARKS, STATES, figure, grouped, percent, points, share, spoken, summary, weaker_levels

if TYPE_CHECKING:
    from .items import Analysis  # brings SciPy, which a notebook's panel does not need


def report_page(report: Report) -> str:
    """A submission's page."""
    return _environment().get_template("report.html").render(report=report)


MOST_LEFT_OUT = 200
"""The most files that the class's page lists as not graded; left_out.csv has all of them."""


def class_page(reports: Sequence[Report], notes: Notes | None = None, analyses: Sequence[Analysis] = ()) -> str:
    """The class's page: scores, points per question, the most frequent mistakes, item analysis, what ran below "full", what was not graded."""
    return (
        _environment()
        .get_template("class.html")
        .render(
            reports=reports,
            summary=summary(reports),
            weaker=weaker_levels(reports),
            notes=notes or Notes(),
            analyses={analysis.assignment: analysis for analysis in analyses},
            most_left_out=MOST_LEFT_OUT,
        )
    )


def panel(question: QuestionReport, notes: Sequence[str]) -> str:
    """The panel that `check` shows in a notebook."""
    return _environment().get_template("panel.html").render(question=question, notes=notes, where=" on public cases")


def overview(questions: Sequence[QuestionReport], waiting: Sequence[str], notes: Sequence[str]) -> str:
    """What `check()` shows in a notebook: a row per question; `waiting` are the names of those that are not done yet."""
    template = _environment().get_template("overview.html")
    return template.render(questions=questions, waiting=waiting, notes=notes)


def feedback(question: QuestionReport, notes: Sequence[str]) -> str:
    """The same panel for a graded question, hidden cases included."""
    return _environment().get_template("panel.html").render(question=question, notes=notes, where="")


def prose(text: str) -> Markup:
    """Escaped text, in which text between backticks is set as code."""
    return Markup(plain.CODE.sub(r"<code>\1</code>", str(escape(plain.visible(text)))))  # noqa: S704 - escaped just before


def address(name: str) -> str:
    """A folder's name in a relative URL. It cannot lead to another host or to a parent folder."""
    return quote(name, safe="", errors="replace") if name.strip(".") else "-"


def _shown(value: object) -> object:
    return plain.visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("autograder.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        DEAD=DEAD,
        MARKS=MARKS,
        STATES=STATES,
        figure=figure,
        grouped=grouped,
        percent=percent,
        points=points,
        share=share,
        sentences=sentences,
    )
    environment.filters.update(
        spoken=spoken, points=points, figure=figure, percent=percent, prose=prose, address=address
    )
    return environment
