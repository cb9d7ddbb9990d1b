"""What a notebook gets by importing the package: Tab after `check("`, and no red lines when TensorFlow starts."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell

from autograder.student.in_ipython import set_up

ROOT = Path(__file__).parent.parent
QUESTIONS = ["batch_norm_backward", "batch_norm_inference", "batch_norm_tf", "batch_norm_train", "fold_batch_norm"]


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    """An IPython in a student's folder."""
    shutil.copytree(ROOT / "assignments" / "04_batchnorm", tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path])
    made = InteractiveShell()
    made.history_manager.enabled = False
    set_up(made)
    yield made
    made.history_manager.end_session()


def offered(shell: InteractiveShell, typed: str) -> list[str]:
    with provisionalcompleter():
        return sorted(found.text for found in shell.Completer.completions(typed, len(typed)))


@pytest.mark.parametrize("typed, wanted", [
    ('check("', QUESTIONS),
    ("check('batch_norm_t", ["batch_norm_tf", "batch_norm_train"]),
    ('x = 1\nif x: check( "fold', ["fold_batch_norm"]),
    ('check("none', []),
])  # fmt: skip
def test_tab_offers_the_questions(shell: InteractiveShell, typed: str, wanted: list[str]) -> None:
    assert offered(shell, typed) == wanted


@pytest.mark.parametrize("typed", ['recheck("fold', 'check("a", "fold', 'print("fold'])
def test_tab_offers_them_nowhere_else(shell: InteractiveShell, typed: str) -> None:
    assert "fold_batch_norm" not in offered(shell, typed)


def test_tab_offers_the_functions_themselves(shell: InteractiveShell) -> None:
    shell.user_ns["fold_batch_norm"] = len
    assert offered(shell, "check(fold") == ["fold_batch_norm"]


def test_without_public_cases_nothing_is_offered(shell: InteractiveShell, tmp_path: Path) -> None:
    (tmp_path / "04_batchnorm.npz").write_bytes(b"damaged")
    assert not set(offered(shell, 'check("')) & set(QUESTIONS)
    (tmp_path / "04_batchnorm.npz").unlink()
    assert not set(offered(shell, 'check("')) & set(QUESTIONS)


LOADED = """\
import os
os.write(2, b"2026-11-22 06:00:00.123456: I tensorflow/core/util/port.cc:153] oneDNN custom operations are on.\\n")
os.write(2, b"WARNING: All log messages before absl::InitializeLog() is called are written to STDERR\\n")
os.write(2, b"I0000 00:00:1795328532.657038   13329 cudart_stub.cc:31] Could not find cuda drivers on your machine\\n")
os.write(2, b"E0000 00:00:1795328532.657038   13329 cuda_fft.cc:477] Unable to register cuFFT factory\\n")
os.write(2, b"something that matters\\n")
"""


def test_tensorflow_loads_without_its_chatter_and_nothing_else_is_lost(tmp_path: Path) -> None:
    (tmp_path / "tensorflow.py").write_text(LOADED, encoding="utf-8")
    (tmp_path / "other.py").write_text(LOADED, encoding="utf-8")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "tensorflow.py").write_text(f"{LOADED}raise ImportError('no library')", encoding="utf-8")

    def stderr(code: str, folder: Path = tmp_path) -> str:
        start = "from IPython.core.interactiveshell import InteractiveShell\nInteractiveShell.instance()\nimport os\n"
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)])}
        command = [sys.executable, "-c", f"{start}{code}\nos.write(2, b'after\\n')"]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False).stderr

    assert stderr("import autograder, tensorflow") == "something that matters\nafter\n"
    assert stderr("import autograder, other").count("\n") == 6, "another package is not touched"
    assert stderr("import tensorflow, autograder").count("\n") == 6, "it was loaded before"
    broken = stderr("import autograder, tensorflow", tmp_path / "broken")
    assert broken.startswith("something that matters\n") and "ImportError: no library" in broken
