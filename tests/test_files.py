"""The one bounded reader: whatever a path leads to, reading it ends, and at a bound."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from autograder import files
from autograder.source import extract

posix = pytest.mark.skipif(os.name != "posix", reason="the kind of file is POSIX's")


def test_a_file_of_just_the_bound_is_read_and_one_byte_more_is_not(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"x" * 100)
    assert files.read(path, 100) == b"x" * 100
    with pytest.raises(files.TooLarge):
        files.read(path, 99)


@posix
def test_a_sparse_file_of_a_terabyte_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "huge.ipynb"
    with path.open("wb") as file:
        try:
            file.truncate(1 << 40)
        except OSError:
            pytest.skip("this file system has no files of that size")
    with pytest.raises(files.TooLarge):
        files.read(path, extract.MAX_FILE)
    with pytest.raises(extract.Unreadable, match="larger than 64 MB"):
        extract.load(path)


def test_a_file_that_grows_while_it_is_read_ends_at_the_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"x" * 50)
    real = os.fstat

    def then_grow(descriptor: int) -> os.stat_result:
        found = real(descriptor)
        with path.open("ab") as file:
            file.write(b"x" * 1000)
        return found

    monkeypatch.setattr(files.os, "fstat", then_grow)
    with pytest.raises(files.TooLarge):
        files.read(path, 100)


@posix
@pytest.mark.parametrize("path", ["/dev/zero", "/dev/null", "/dev/tty", "/", "pipe"])
def test_pipes_devices_and_folders_are_refused_unopened(
    tmp_path: Path, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")
    monkeypatch.setattr(files.os, "open", lambda *_: pytest.fail("it was opened"))
    with pytest.raises(OSError, match="not a plain file"):
        files.read(Path(path), 100)


@posix
def test_what_takes_the_place_of_a_file_before_it_is_opened_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"x")
    real = os.open

    def swap(name: Path, flags: int) -> int:
        path.unlink()
        os.mkfifo(path)
        return real(name, flags)

    monkeypatch.setattr(files.os, "open", swap)
    with pytest.raises(OSError, match="not a plain file"):
        files.read(path, 100)


@posix
def test_a_student_is_told_why_and_not_where(tmp_path: Path) -> None:
    path = tmp_path / "secret-folder" / "w.ipynb"
    path.parent.mkdir()
    for make in (lambda: os.mkfifo(path), lambda: path.mkdir(), lambda: path.symlink_to("/etc/passwd"), lambda: None):
        make()
        with pytest.raises(extract.Unreadable) as caught:
            extract.load(path)
        assert "secret-folder" not in str(caught.value) and "passwd" not in str(caught.value)
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink(missing_ok=True)
