"""What the documents point to is there: files, headings and tests."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = sorted(
    path.relative_to(ROOT) for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/*.md")]
)
LINK = re.compile(r"\]\(([^)\s]+)\)")
TEST = re.compile(r"`(test_\w+)(?:::(test_\w+))?`")


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken_links(page: Path) -> list[str]:
    """The links of a page that lead to no file, or to no heading."""
    found = []
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        if "://" in link or link.startswith("mailto:"):
            continue
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
            found.append(link)
    return found


def names_in(name: str) -> set[str]:
    """The tests in a file; none where there is no such file."""
    path = ROOT / f"tests/{name}.py"
    return (
        {node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)}
        if path.is_file()
        else set()
    )


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_links_lead_somewhere(page: Path) -> None:
    assert broken_links(ROOT / page) == []


def test_a_broken_link_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# One word\n[a](page.md#one-word) [b](page.md#two) [c](other.md) [d](https://example.org/x)", encoding="utf-8"
    )
    assert broken_links(page) == ["page.md#two", "other.md"]


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_tests_that_are_named_exist(page: Path) -> None:
    named = TEST.findall((ROOT / page).read_text(encoding="utf-8"))
    assert [pair for pair in named if not names_in(pair[0]) or (pair[1] and pair[1] not in names_in(pair[0]))] == []
