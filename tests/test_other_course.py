"""Another course, with the package as it is installed and far from this repository: audited, released, checked, graded, exported."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
NAME = "01_attention"
Call = Callable[..., subprocess.CompletedProcess[str]]

pytestmark = [pytest.mark.tensorflow, pytest.mark.slow]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the course."""
    return Path(tmp_path_factory.mktemp("another place")) / "course"


@pytest.fixture(scope="module")
def call(place: Path) -> Call:
    """Runs a command in the course; the package comes from its wheel."""
    shutil.copytree(ROOT / "examples" / "other_course", place, ignore=shutil.ignore_patterns("__pycache__"))
    source = place.parent / "source"
    for name in ("autograder", "docs"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", place.parent, source], check=True
    )
    base = getattr(sys, "_base_executable", sys.executable)
    subprocess.run([base, "-m", "venv", "--without-pip", place.parent / "venv"], check=True)
    (packages,) = (place.parent / "venv").glob("lib/python*/site-packages")
    (wheel,) = place.parent.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(packages)
    others = [path for path in sys.path if path.endswith(("site-packages", "dist-packages"))]
    (packages / "others.pth").write_text("\n".join(others), encoding="utf-8")  # minutes to install once more

    def run(*arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        ended = subprocess.run(
            [place.parent / "venv" / "bin" / "python", "-m", "autograder", *arguments],
            cwd=place, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": ""},
        )  # fmt: skip
        assert ended.returncode == code, ended.stdout + ended.stderr
        return ended

    return run


def test_the_other_course_from_its_audit_to_the_grades(call: Call, place: Path) -> None:
    call("release", "--salts", "1")
    released = place / "assignments" / NAME
    assert {path.name for path in released.iterdir()} == {f"{NAME}.ipynb", f"{NAME}.npz"}

    solved = (place / "solutions" / NAME / "notebook.py").read_text(encoding="utf-8")
    slip = solved.replace(" / tf.sqrt(tf.cast(tf.shape(q)[-1], q.dtype))", "")
    assert slip != solved
    for student, text in {"ada": solved, "ben": slip}.items():
        folder = place / "submitted" / student / NAME
        folder.mkdir(parents=True)
        (folder / f"{NAME}.py").write_text(text, encoding="utf-8")
    folder = place / "submitted" / "cem" / NAME
    folder.mkdir(parents=True)
    shutil.copy(released / f"{NAME}.ipynb", folder)

    mine = place / "mine"
    shutil.copytree(released, mine)
    (mine / "work.py").write_text(slip, encoding="utf-8")
    said = " ".join(call("check", "mine/work.py", code=1).stdout.split())
    assert "The scores are not divided by sqrt(d)." in said and "✓ softmax passed" in said

    call("grade", "submitted", "--out", "graded")
    report = {s: json.loads((place / "graded" / s / NAME / "report.json").read_text()) for s in ("ada", "ben", "cem")}
    assert [report[student]["score"] for student in ("ada", "cem")] == [6.0, 0.0]
    named = {q["name"]: (q["diagnosis"] or {}).get("mistakes") for q in report["ben"]["questions"]}
    assert named["attention_weights"] == ["not_scaled"] and 2.0 < report["ben"]["score"] < 6.0
    call("export", "csv", "--reports", "graded", "--out", "grades.csv")
    with (place / "grades.csv").open(encoding="utf-8", newline="") as table:
        assert {row["student_id"]: float(row["score"]) for row in csv.DictReader(table)} == {
            student: one["score"] for student, one in report.items()
        }
