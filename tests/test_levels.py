"""As whom student code runs. The walls themselves are tested by attacks, through workers."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from autograder.border import levels

linux = pytest.mark.skipif(sys.platform != "linux", reason="users are changed on Linux only")


@linux
def test_only_what_everybody_can_reach_and_list_is_open_to_all(tmp_path: Path) -> None:
    assert levels._open_to_all(Path("/usr/lib"))
    assert not levels._open_to_all(tmp_path / "missing")
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    (closed / "open").mkdir(mode=0o755)
    assert not levels._open_to_all(closed)
    assert not levels._open_to_all(closed / "open"), "nobody comes through the folder above"


@linux
def test_root_changes_the_user_where_nobody_can_run_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(levels, "python_folders", lambda: ["/usr/lib"])
    assert all(levels.changes_user(level) for level in levels.LEVELS)
    monkeypatch.setattr(levels, "python_folders", lambda: ["/usr/lib", "/missing"])
    assert [levels.changes_user(level) for level in levels.LEVELS] == [False, False, True]
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert not any(levels.changes_user(level) for level in levels.LEVELS)


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="only root can give folders away")
def test_a_workers_folder_belongs_to_the_user_of_the_student(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(levels, "python_folders", lambda: ["/usr/lib"])
    levels.hand_over(str(tmp_path), "full")
    assert tmp_path.stat().st_uid == 0, "at the level full nobody sees it"
    levels.hand_over(str(tmp_path), "landlock")
    assert tmp_path.stat().st_uid == levels.NOBODY
