"""HTML from reports: the student's page, the class's page, and the panel in a notebook. Everything is escaped."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined  # templates with automatic escaping
from markupsafe import Markup, escape

from .left_out import Notes
from .report import QuestionReport, Report, most_telling
from .wording import MARKS, STATES, grouped, points, spoken, summary


def report_page(report: Report) -> str:
    """A submission's page."""
    return _environment().get_template("report.html").render(report=report)


MOST_LEFT_OUT = 200
"""So many files that were not graded are listed on the class's page; left_out.csv has all."""


def class_page(reports: Sequence[Report], notes: Notes | None = None) -> str:
    """The class's page: scores, points per question, the most frequent mistakes, and what was not graded."""
    template = _environment().get_template("class.html")
    return template.render(
        reports=reports, summary=summary(reports), notes=notes or Notes(), most_left_out=MOST_LEFT_OUT
    )


def panel(question: QuestionReport, notes: Sequence[str]) -> str:
    """The panel that `check` shows in a notebook."""
    return _environment().get_template("panel.html").render(question=question, notes=notes, where=" on public cases")


def feedback(question: QuestionReport, notes: Sequence[str]) -> str:
    """The same panel for a graded question, hidden cases included."""
    return _environment().get_template("panel.html").render(question=question, notes=notes, where="")


def prose(text: str) -> Markup:
    """Escaped text with `code` in backticks set as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped just before


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("autograder.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(MARKS=MARKS, STATES=STATES, most_telling=most_telling, grouped=grouped)
    environment.filters.update(spoken=spoken, points=points, prose=prose)
    return environment
