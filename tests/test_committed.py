"""What is committed in assignments/ is what the sources give, byte for byte. Apart from the other tests of the release, since it is slow."""

import shutil
import subprocess
from pathlib import Path

import pytest

from autograder.course import assignment as assignments
from autograder.course.find import Entry
from autograder.course.handed_out import outdated
from autograder.course.release import release
from autograder.grader.workers import Workers

ROOT = Path(__file__).parent.parent
NAMES = assignments.names(ROOT / "solutions")
LONG = {"05_keras_cnn", "06_architectures", "07_generalization", "08_seeing"}
"""Their mistakes train, or build large networks, for a minute or more."""


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.mark.tensorflow
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow) if name in LONG else name for name in NAMES]
)
def test_the_committed_release_is_what_the_sources_give(name: str, tmp_path: Path, workers: Workers) -> None:
    release(assignments.load(ROOT / "solutions" / name), tmp_path, workers)
    assert files(tmp_path / name) == files(ROOT / "assignments" / name)


def test_the_committed_cases_are_those_of_the_questions() -> None:
    """The same for all of them, but for what has to be computed."""
    entries = [Entry(ROOT / "assignments" / name / f"{name}.ipynb", name, name, "amy") for name in NAMES]
    assert outdated(entries, ROOT / "solutions") == []


@pytest.mark.skipif(not shutil.which("make"), reason="needs make")
@pytest.mark.parametrize(
    "there, done", [(True, ["build_class.py", "grade"]), (False, ["release", "build_class.py", "grade"])]
)
def test_make_grade_makes_nothing_that_is_committed(tmp_path: Path, there: bool, done: list[str]) -> None:
    """No audit, and a release only where there is none."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("requirements.txt", "constraints.txt", "pyproject.toml"):
        (tmp_path / name).touch()
    if there:
        (tmp_path / "assignments").mkdir()
    said = subprocess.run(
        ["make", "--dry-run", "grade"], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout
    lines = [line for line in said.splitlines() if "autograder " in line or "examples/" in line]
    assert len(lines) == len(done) and all(word in line for word, line in zip(done, lines, strict=True)), lines
    assert ("audit" not in said and "--salts 0" in said) or there
