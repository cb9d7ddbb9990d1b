"""`autograder docs`: the guides, in a terminal."""

from __future__ import annotations

import re
from difflib import get_close_matches
from pathlib import Path

import click

from ..errors import CallError

PACKAGE = Path(__file__).resolve().parents[1]
WIDTH = 100
"""Columns that are pleasant to read, if the terminal has them."""

GUIDES = {
    "For students": ("reading_feedback", "handing_in", "jupyter", "data"),
    "For instructors": (
        "own_course", "course", "how_grading_works", "layouts", "report", "diagnosis", "items", "nbgrader", "gradescope", "ci",
        "lms", "pytest", "threat_model",
    ),
    "For authors": ("writing_a_question", "gates", "mutants"),
    "Measurements": ("benchmarks", "results", "compatibility"),
}  # fmt: skip
"""The guides by who reads them; the site's navigation is the same."""

_LINK = re.compile(r"!?\[([^\]]*)\]\(([^)\s]+)\)")


@click.command()
@click.argument("name", required=False)
@click.pass_context
def docs(context: click.Context, name: str | None) -> None:
    """Show the guide NAME, for example: autograder docs reading_feedback. Without a name, list all guides.

    In a terminal it opens in your pager: q ends it.
    """
    if name is None:
        _list()
        return
    known = {guide for guides in GUIDES.values() for guide in guides}
    wanted = name.lower().removesuffix(".md").replace("-", "_")
    if wanted not in known:
        near = get_close_matches(wanted, known, n=1)
        hint = f"Do you mean {near[0]}?" if near else "`autograder docs` lists them."
        raise CallError(f"There is no guide {name!r}. {hint}")
    _show(with_links_to_guides(text_of(wanted), known))


def folder() -> Path:
    """Where the guides are: in the installed package, or beside it in a checkout."""
    installed = PACKAGE / "guides"
    return installed if installed.is_dir() else PACKAGE.parent / "docs"


def text_of(guide: str) -> str:
    """The Markdown of a guide. Raises CallError if this installation has none."""
    path = folder() / f"{guide}.md"
    if not path.is_file():
        raise CallError("This installation came without its guides. Install the wheel again.")
    return path.read_text(encoding="utf-8")


def with_links_to_guides(text: str, known: set[str]) -> str:
    """A page whose links say what to call; what a terminal cannot show becomes plain text.

    Example:
        >>> with_links_to_guides("[the report](report.md#top), [a](../x.py), [b](https://b.org)", {"report"})
        'the report (`autograder docs report`), a, [b](https://b.org)'
    """

    def link(match: re.Match[str]) -> str:
        shown, target = match.groups()
        path = target.partition("#")[0]
        if "://" in target:
            return match[0]
        return f"{shown} (`autograder docs {path[:-3]}`)" if path.removesuffix(".md") in known else shown

    return _LINK.sub(link, text)


def _list() -> None:
    from ..reports import console

    for group, guides in GUIDES.items():
        console.out.print(f"[bold]{group}[/]")
        for guide in guides:
            title = next((line[2:] for line in text_of(guide).splitlines() if line.startswith("# ")), "")
            console.out.print(f"  {guide:20}{title}", markup=False)
    console.out.print("\nautograder docs NAME shows one.")


def _show(text: str) -> None:
    from rich.markdown import Markdown

    from ..reports import console

    with console.out.capture() as captured:
        console.out.print(Markdown(text), width=min(WIDTH, console.out.width))
    click.echo_via_pager(captured.get())
