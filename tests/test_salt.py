"""The secret of the hidden cases: made once, kept from others, and never one that can be guessed."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from autograder.course import solve
from autograder.course.salt import SaltError, read_salt


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
