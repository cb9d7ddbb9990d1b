"""`autograder docs` shows the guides that the site has, from the package as students and instructors install it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from autograder.adapters.gradescope import build_wheel
from autograder.commands import docs
from autograder.commands.cli import main

ROOT = Path(__file__).parent.parent


def test_the_guides_are_those_of_the_site() -> None:
    settings = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    site = {
        group: tuple(page.removesuffix(".md") for entry in pages for page in entry.values() if "/" not in page)
        for section in settings["nav"]
        for group, pages in section.items()
        if isinstance(pages, list)
    }
    assert site == docs.GUIDES
    assert {name for names in docs.GUIDES.values() for name in names} == {p.stem for p in ROOT.glob("docs/*.md")}


def test_without_a_name_all_are_listed_with_their_titles() -> None:
    said = CliRunner().invoke(main, ["docs"])
    assert said.exit_code == 0 and "  handing_in          Before you hand in\n" in said.output
    assert all(f"\n  {name} " in said.output for names in docs.GUIDES.values() for name in names)


@pytest.mark.parametrize("name", [name for names in docs.GUIDES.values() for name in names])
def test_each_is_rendered(name: str) -> None:
    said = CliRunner().invoke(main, ["docs", name])
    title = next(line[2:] for line in docs.text_of(name).splitlines() if line.startswith("# "))
    assert said.exit_code == 0 and title.replace("`", "") in said.output
    assert "](" not in said.output and "\x1b" not in said.output and max(map(len, said.output.splitlines())) <= 100


@pytest.mark.parametrize("name, said", [
    ("reading-feedback.md", "Reading the feedback"), ("reading_feedbak", "Do you mean reading_feedback?"), ("../README", "`autograder docs` lists them"),
])  # fmt: skip
def test_a_name_need_not_be_exact_but_must_be_a_guides(name: str, said: str) -> None:
    result = CliRunner().invoke(main, ["docs", name])
    assert said in result.output and result.exit_code == (0 if "Reading" in said else 2)


def test_an_installation_without_guides_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(docs, "folder", lambda: tmp_path)
    result = CliRunner().invoke(main, ["docs"])
    assert result.exit_code == 2 and "Install the wheel again" in result.output


# The wheel


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_the_wheel_needs_no_set_up() -> None:
    def planned(target: str) -> str:
        return subprocess.run(
            ["make", "-n", target, "VENV=nowhere"], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout

    assert "requirements.txt" in planned("lint") and "requirements.txt" not in planned("wheel")
    assert "--no-deps" in planned("wheel")


@pytest.mark.tensorflow  # too slow for the quick tier
def test_the_wheel_holds_the_guides(tmp_path: Path) -> None:
    with zipfile.ZipFile(build_wheel(tmp_path)) as wheel:
        wheel.extractall(tmp_path / "installed")
    assert not (tmp_path / "installed" / "docs").exists()
    said = subprocess.run(
        [sys.executable, "-m", "autograder", "docs", "own_course"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(tmp_path / "installed")}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "Your own course" in said.stdout
    installed = {path.name: path.read_bytes() for path in (tmp_path / "installed" / "autograder" / "guides").iterdir()}
    assert installed == {path.name: path.read_bytes() for path in ROOT.glob("docs/*.md")}
