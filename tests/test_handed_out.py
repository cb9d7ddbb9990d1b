"""A student's check is worth nothing if it asks something else than the grading: `grade` compares the .npz beside a submission."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest

from autograder.course.find import Entry
from autograder.course.handed_out import MAX_SIZE, outdated

ROOT = Path(__file__).parent.parent
NAME = "04_batchnorm"
RELEASED = (ROOT / "assignments" / NAME / f"{NAME}.npz").read_bytes()


@pytest.fixture
def solutions(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "solutions" / NAME, tmp_path / "solutions" / NAME)
    return tmp_path / "solutions"


def edited(solutions: Path, old: str, new: str) -> None:
    path = solutions / NAME / "questions.py"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def entry(folder: Path, student: str, content: bytes | None) -> Entry:
    place = folder / student
    place.mkdir(exist_ok=True)
    if content is not None:
        (place / f"{NAME}.npz").write_bytes(content)
    return Entry(place / f"{NAME}.ipynb", NAME, student, student)


def test_what_was_released_from_these_questions_fits(tmp_path: Path, solutions: Path) -> None:
    assert outdated([entry(tmp_path, "amy", RELEASED), entry(tmp_path, "bo", None)], solutions) == []


@pytest.mark.parametrize("old, new", [
    ("points=", "points=1 + "), ("TWO_NUMBERS, epsilon=0.0", "TWO_NUMBERS, epsilon=0.5"), ('"a scale and a shift"', '"a shift"'), ('wrt=("x", ', 'wrt=("beta", "x", '),
])  # fmt: skip
def test_another_question_is_named_with_the_students(tmp_path: Path, solutions: Path, old: str, new: str) -> None:
    edited(solutions, old, new)
    (said,) = outdated([entry(tmp_path, "bo", RELEASED), entry(tmp_path, "amy", RELEASED)], solutions)
    assert said.startswith(f"amy, bo checked {NAME} with public cases of other questions than it is graded with (batch")
    assert f"{NAME}.npz beside those submissions" in said and "Hand out that of today" in said


def test_hints_and_hidden_inputs_may_change(tmp_path: Path, solutions: Path) -> None:
    """They are no part of what a check asks."""
    path = solutions / NAME / "mistakes.py"
    path.write_text(
        path.read_text(encoding="utf-8").replace('):\n    """', '):\n    """Look again. '), encoding="utf-8"
    )
    edited(solutions, "x=normal(6, 5, mean=(0.1,", "x=normal(7, 5, mean=(0.1,")
    assert outdated([entry(tmp_path, "amy", RELEASED)], solutions) == []


def test_many_are_counted(tmp_path: Path, solutions: Path) -> None:
    edited(solutions, "points=", "points=1 + ")
    (said,) = outdated([entry(tmp_path, f"s{number}", RELEASED) for number in range(8)], solutions)
    assert said.startswith("s0, s1, s2, s3, s4 and 3 more checked")


def packed(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return buffer.getvalue()


def stored(tree: bytes, arrays: bytes = b"[]", data: bytes = b"") -> bytes:
    """A file as `release` writes one, of any JSON; or with anything in the place of its second member."""
    buffer = io.BytesIO()
    np.savez(buffer, header=np.frombuffer(b'{"tree": ' + tree + b', "arrays": ' + arrays + b"}", np.uint8))
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("data.npy", data or npy("(0,)"))
    return buffer.getvalue()


def npy(shape: str) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.zeros(3, np.uint8))
    return buffer.getvalue().replace(b"(3,), }", f"{shape}, }}".encode())


@pytest.mark.parametrize("content", [
    b"", b"PK\x03\x04 no zip", RELEASED[:5000], packed(header=b"\0" * 50_000_000), stored(b"[" * 100_000),
    stored(b'{"questions": 7}'), stored(b'{"questions": [{"name": []}]}'), stored(json.dumps({"questions": [{"name": "f", "cases": 3}]}).encode()),
    stored(b'{"questions": [{"name": "f", "cases": [{"x": {"$array": 0}}]}]}', b'[["uint8", [999999999999]]]', npy("(999999999999,)")),
    b"\0" * (MAX_SIZE + 1),
], ids=range(10))  # fmt: skip
def test_a_students_file_of_anything_is_no_warning_and_no_fault(
    tmp_path: Path, solutions: Path, content: bytes
) -> None:
    assert outdated([entry(tmp_path, "amy", content)], solutions) == []


def test_no_link_is_followed(tmp_path: Path, solutions: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    edited(solutions, "points=", "points=1 + ")
    (tmp_path / "secret.npz").write_bytes(RELEASED)
    linked = entry(tmp_path, "amy", None)
    linked.path.with_name(f"{NAME}.npz").symlink_to(tmp_path / "secret.npz")
    assert outdated([linked], solutions) == []


def test_grade_says_it(tmp_path: Path, solutions: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from autograder.course import run
    from autograder.reports.left_out import Notes

    edited(solutions, "points=", "points=1 + ")
    folder = tmp_path / "submitted" / "amy"
    folder.mkdir(parents=True)
    for name in (f"{NAME}.ipynb", f"{NAME}.npz"):
        shutil.copy(ROOT / "assignments" / NAME / name, folder)
    notes = Notes()
    run.begin([tmp_path / "submitted"], solutions, tmp_path / "graded", None, tmp_path / "spare", notes)
    assert [said.split(" with ")[0] for said in notes.warnings] == [f"amy checked {NAME}"]
