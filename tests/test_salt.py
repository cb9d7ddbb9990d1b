"""The secret of the hidden cases: made once, kept from others, and never one that can be guessed."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from autograder.course import solve
from autograder.course.salt import SaltError, read_salt, salt_beside


def holding(folder: Path, text: str) -> Path:
    path = folder / "salt"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_salt_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "deep" / ".salt"
    salt = read_salt(path)
    assert len(salt) == 64 and read_salt(path) == salt
    assert read_salt(tmp_path / "another") != salt
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_what_was_drawn_from_it_is_kept_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "graded" / ".cache" / "expected.npz"
    assert solve._kept(file, lambda: {"hidden": 1}) == {"hidden": 1}
    assert file.exists() and stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert solve._kept(file, lambda: {"hidden": 2}) == {"hidden": 1}
    file.write_bytes(b"damaged")
    assert solve._kept(file, lambda: {"hidden": 3}) == solve._kept(file, lambda: {}) == {"hidden": 3}
    assert solve._kept(file.with_name("other.npz"), lambda: 4) == 4 and solve._kept(None, lambda: 5) == 5


def test_a_salt_that_can_be_guessed_is_refused(tmp_path: Path) -> None:
    for text in ("", "secret\n", "x" * 15):
        with pytest.raises(SaltError, match="at least 16"):
            read_salt(holding(tmp_path, text))
    assert read_salt(holding(tmp_path, f"  {'x' * 16}\n")) == "x" * 16


def test_a_salt_of_bytes_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "salt").write_bytes(bytes(range(200, 232)))
    with pytest.raises(SaltError):
        read_salt(tmp_path / "salt")


def test_a_long_salt_counts_to_its_last_character(tmp_path: Path) -> None:
    assert read_salt(holding(tmp_path, "x" * 60_000)) == "x" * 60_000


def test_a_courses_salt_lies_beside_its_assignments_wherever_one_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = tmp_path / "course"
    (course / "solutions").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    from_outside = read_salt(salt_beside(Path("course/solutions")))
    assert (course / ".salt").is_file() and not (tmp_path / ".salt").exists()
    for inside, named in ((course, "solutions"), (course / "solutions", ".")):
        monkeypatch.chdir(inside)
        assert read_salt(salt_beside(Path(named))) == from_outside


def test_a_new_salt_is_announced_and_one_that_is_not_used_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.chdir(tmp_path)
    read_salt(tmp_path / ".salt", said.append)
    assert len(said) == 1 and said[0].startswith(f"A new salt was made: {tmp_path / '.salt'}.")
    read_salt(tmp_path / ".salt", said.append)
    assert len(said) == 1, "it is there now"
    read_salt(tmp_path / "course" / ".salt", said.append)
    assert len(said) == 3 and said[2].startswith(f"{tmp_path / '.salt'} is another salt, and is not used.")
