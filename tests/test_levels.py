"""As whom student code runs. The walls themselves are tested by attacks, through workers."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.border import levels
from autograder.grader import isolation

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
    monkeypatch.setattr(levels, "becomes_nobody", lambda: True)
    monkeypatch.setattr(levels, "python_folders", lambda: ["/usr/lib"])
    assert all(levels.changes_user(level) for level in levels.LEVELS)
    monkeypatch.setattr(levels, "python_folders", lambda: ["/usr/lib", "/missing"])
    assert [levels.changes_user(level) for level in levels.LEVELS] == [False, False, True]
    monkeypatch.setattr(levels, "becomes_nobody", lambda: False)
    assert not any(levels.changes_user(level) for level in levels.LEVELS)


needs_root = pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="only root can change users")


@needs_root
@pytest.mark.parametrize(
    "taken", ["system.drop_capabilities()", "system.unshare(system.NEWUSER); walls._map_identity(0, 0)"]
)
def test_root_without_rights_or_in_a_container_without_users_stays_who_it_is(taken: str) -> None:
    assert levels.becomes_nobody()
    code = f"from autograder.worker import system_calls as system, walls; {taken}; from autograder.border import levels"
    asked = [sys.executable, "-c", f"{code}; print(levels.becomes_nobody())"]
    assert subprocess.run(asked, capture_output=True, text=True).stdout == "False\n"


@linux
@pytest.mark.parametrize(
    ("user", "rights", "users", "nobody"),
    [
        (0, 0b11000001, "0 0 4294967295", True),
        (0, 0b11111111, "0 0 10\n 10 100 65525", True),
        (0, 0b11000001, "0 100000 65536", True),
        (0, 0b11000001, "0 100000 1000", False),
        (0, 0b11000001, "0 0 65534", False),
        (0, 0b11000001, "0 0 1\n 65535 1000 9", False),
        (0, 0b11000000, "0 0 4294967295", False),
        (0, 0b10000001, "0 0 4294967295", False),
        (0, 0b01000001, "0 0 4294967295", False),
        (1000, 0b11000001, "0 0 4294967295", False),
    ],
)
def test_root_with_all_rights_over_users_becomes_nobody_if_there_is_nobody(
    monkeypatch: pytest.MonkeyPatch, user: int, rights: int, users: str, nobody: bool
) -> None:
    told = {"/proc/self/status": f"Name:\ta:b:c\nCapEff:\t{rights:016x}\n", "/proc/self/uid_map": f"{users}\n"}
    monkeypatch.setattr(os, "geteuid", lambda: user)
    monkeypatch.setattr(Path, "read_text", lambda path: told[str(path)])
    assert levels.becomes_nobody() is nobody


def test_the_limits_are_those_of_the_threat_model_and_let_tensorflow_run() -> None:
    limits = levels.Limits()
    model = (Path(__file__).parent.parent / "docs" / "threat_model.md").read_text(encoding="utf-8")
    assert f"{limits.folder_bytes >> 20} MB and {limits.folder_entries:,} files each" in model
    assert 2 << 30 <= limits.memory < limits.addresses <= 8 << 30
    assert limits.memory > limits.file_bytes > 1 << 20


@linux
def test_a_worker_sees_the_libraries_of_python_and_never_a_whole_prefix(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`python -m venv .` makes an environment of the course's own folder."""
    packages = tmp_path / "lib" / "python3" / "site-packages"
    packages.mkdir(parents=True)
    (tmp_path / "solutions").mkdir()
    for name in ("prefix", "exec_prefix"):
        monkeypatch.setattr(sys, name, str(tmp_path))
    monkeypatch.setattr(sys, "path", [str(tmp_path), str(packages), str(tmp_path / "missing" / "site-packages")])
    shown = levels.readable()
    assert str(packages) in shown and str(tmp_path / "lib") in shown
    solutions = tmp_path / "solutions"
    assert not [path for path in shown if solutions.is_relative_to(path) or "missing" in path]


@needs_root
def test_a_workers_folder_belongs_to_the_user_of_the_student(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(levels, "python_folders", lambda: ["/usr/lib"])
    levels.hand_over(tmp_path, "full")
    assert tmp_path.stat().st_uid == 0, "at the level full nobody sees it"
    levels.hand_over(tmp_path, "landlock")
    assert tmp_path.stat().st_uid == levels.NOBODY


@linux
def test_nobody_is_the_kernels_own() -> None:
    """The user whom the kernel shows where it cannot show another."""
    assert int(Path("/proc/sys/kernel/overflowuid").read_text()) == levels.NOBODY


def test_a_worker_is_a_module_of_this_package_with_its_arguments() -> None:
    *python, package, module, first, second = isolation.worker_command("try", "full")
    assert python[:3] == [sys.executable, "-P", "-c"]
    assert (Path(package) / "autograder" / "worker" / "__main__.py").is_file()
    assert (module, first, second) == ("autograder.worker", "try", "full")


def test_the_last_line_of_a_trial_says_why_a_level_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def why_not(code: str) -> str:
        asked = {("try", "full"): [sys.executable, "-c", code]}
        monkeypatch.setattr(isolation, "worker_command", lambda *arguments: asked[arguments])
        monkeypatch.setattr(sys, "platform", "linux")
        return isolation.why_not.__wrapped__("full")

    assert why_not("print('said elsewhere')") == ""
    clean = "os.environ['HOME'] == '/' and os.environ['TMPDIR'] == '' and os.environ['PYTHONHASHSEED'] == '0'"
    assert why_not(f"import os; assert {clean}, dict(os.environ)") == ""
    assert why_not("import sys; sys.exit('a warning\\nno user namespaces\\n')") == "no user namespaces"
    assert why_not("raise SystemExit(3)") == "it ended without a word"
    monkeypatch.setattr(sys, "platform", "darwin")
    assert isolation.why_not.__wrapped__("full") == "only Linux has namespaces, Landlock and seccomp"
