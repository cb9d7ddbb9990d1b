"""Puts together the pages of the documentation site: the README, the guides, the released notebooks, the reference.

The notebooks are those that students get, run once so that their pictures are there. Nothing of `solutions/` is read.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import click
import nbformat
from nbclient import NotebookClient
from rich.progress import track

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = ROOT / "build/docs/pages"
KEPT = ROOT / "build/docs/run"
"""The notebooks that were run: again only when they have changed."""
CONFIG = ROOT / "build/docs/mkdocs.yml"
REFERENCE = {
    "question": ("Questions, cases, draws, mistakes and variants", ["autograder.question", "autograder.strokes"]),
    "student": ("check, and the data sets", ["autograder.check", "autograder.datasets"]),
}
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)")
BESIDE = re.compile(r"\]\(\.\./(\w+)/\1\.ipynb\)")
"""A link from one notebook to another, each in a folder of its own; the site has them as pages of one folder."""


def moved(text: str, page: Path) -> str:
    """A page's text with its links as they lead within the site; what the site does not have becomes plain text."""

    def link(match: re.Match[str]) -> str:
        image, shown, target = match.groups()
        path, _, anchor = target.partition("#")
        if "://" in target or not path:
            return match[0]
        there = Path(os.path.normpath(page.parent / path))
        place = place_of(there)
        if place is None:
            return shown
        return f"{image}[{shown}]({place}{'#' if anchor else ''}{anchor})"

    return LINK.sub(link, text)


def place_of(file: Path) -> str | None:
    """Where the site has a file of the repository, seen from its top; None where it has not."""
    if file.parent == Path("docs") or file.parent == Path("docs/images"):
        return file.relative_to("docs").as_posix()
    if file.parent == Path("assignments"):
        return f"notebooks/{file.name}.ipynb"
    return {"README.md": "index.md", "CONTRIBUTING.md": "contributing.md"}.get(file.as_posix())


def run(notebook: Path, target: Path) -> None:
    """Runs a released notebook as a student finds it; what is not written yet says so."""
    document = nbformat.read(notebook, as_version=4)
    NotebookClient(
        document, timeout=600, allow_errors=True, resources={"metadata": {"path": str(notebook.parent)}}
    ).execute()
    nbformat.write(document, target)


@click.command()
@click.option(
    "--run/--no-run", "wanted", default=True, help="Run the notebooks, so that the pictures are there (minutes)."
)
def main(wanted: bool) -> None:
    """Write the pages to build/docs/pages and the settings to build/docs/mkdocs.yml."""
    for folder in (PAGES / "notebooks", KEPT):
        folder.mkdir(parents=True, exist_ok=True)
    for page in [*ROOT.glob("docs/*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]:
        file = page.relative_to(ROOT)
        place = place_of(file)
        assert place
        (PAGES / place).write_text(moved(page.read_text(encoding="utf-8"), file), encoding="utf-8")
    shutil.copytree(ROOT / "docs/images", PAGES / "images", dirs_exist_ok=True)
    for picture in [*ROOT.glob("docs/*.png"), *ROOT.glob("docs/*.json")]:
        shutil.copy(picture, PAGES)
    (PAGES / "reference").mkdir(exist_ok=True)
    for name, (title, modules) in REFERENCE.items():
        sections = "\n\n".join(f"::: {module}" for module in modules)
        (PAGES / f"reference/{name}.md").write_text(f"# {title}\n\n{sections}\n", encoding="utf-8")
    released = sorted(ROOT.glob("assignments/*/*.ipynb"))
    for notebook in track(released, "running the notebooks" if wanted else "copying the notebooks"):
        done = KEPT / notebook.name
        if wanted and (not done.exists() or done.stat().st_mtime < notebook.stat().st_mtime):
            run(notebook, done)
        text = (done if wanted else notebook).read_text(encoding="utf-8")
        (PAGES / "notebooks" / notebook.name).write_text(BESIDE.sub(r"](\1.html)", text), encoding="utf-8")
    listed = "".join(f"\n      - notebooks/{notebook.name}" for notebook in released)
    settings = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").replace(" NOTEBOOKS", listed)
    settings = settings.replace("docs_dir: build/docs/", "docs_dir: ").replace("site_dir: build/docs/", "site_dir: ")
    CONFIG.write_text(settings.replace("paths: [.]", f"paths: [{ROOT.as_posix()!r}]"), encoding="utf-8")


if __name__ == "__main__":
    main()
