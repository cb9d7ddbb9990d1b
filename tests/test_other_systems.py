"""The student's side on Windows and macOS: on the systems themselves, where this runs there, and on Linux on their likeness.

It needs the package, pytest, nbclient and ipykernel, and no other file of the tests: `.github/workflows/students.yml` runs it alone.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from other_system import surroundings

import autograder

ROOT = Path(__file__).parent.parent
NAME = "04_batchnorm"
FIRST = "batch_norm_train"
LINUX = {"autograder.worker.knocks", "autograder.worker.trial"}
"""What tries the walls out that only Linux has."""
IMPORT_ALL = f"""
import importlib, pkgutil, autograder
for module in pkgutil.walk_packages(autograder.__path__, "autograder."):
    room = module.name.split(".")[1]
    if room not in ("course", "adapters", "__main__") and not module.name.endswith(".__main__") and module.name not in {LINUX}:
        importlib.import_module(module.name)
"""

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module", params=["win32", "darwin"] if sys.platform == "linux" else [sys.platform])
def system(request: pytest.FixtureRequest) -> str:
    """What `sys.platform` says on a student's machine."""
    return str(request.param)


@pytest.fixture(scope="module")
def environment(system: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a student's processes."""
    likeness = surroundings(system, tmp_path_factory.mktemp("system")) if sys.platform == "linux" else os.environ
    return {name: value for name, value in likeness.items() if name not in ("CI", "GITHUB_ACTIONS")}


@pytest.fixture
def run(environment: dict[str, str], tmp_path: Path) -> Run:
    """Runs Python in a student's folder."""
    handed_out = tmp_path / "handed out"
    shutil.copytree(ROOT / "assignments" / NAME, handed_out)

    def call(
        *arguments: str, code: int = 0, cwd: Path = handed_out, **changed: str
    ) -> subprocess.CompletedProcess[str]:
        ended = subprocess.run(
            [sys.executable, *arguments], cwd=cwd, env=environment | changed, capture_output=True, text=True,
            encoding="utf-8", errors="replace", timeout=600, check=False,
        )  # fmt: skip
        assert ended.returncode == code, ended.stdout + ended.stderr
        return ended

    return call


def cells_of(path: Path) -> list[str]:
    """The code cells of a py:percent notebook."""
    pieces = path.read_text(encoding="utf-8").split("# %%")[1:]
    return [piece.strip() for piece in pieces if not piece.startswith(" [markdown]")]


def solved() -> list[str]:
    """The solved functions with the first cell, and nothing else."""
    cells = cells_of(ROOT / "solutions" / NAME / "notebook.py")
    return [cells[0], *(cell for cell in cells if "### BEGIN SOLUTION" in cell)]


# In the quick tier


def test_every_module_of_the_students_side_can_be_imported(run: Run) -> None:
    run("-c", IMPORT_ALL)


@pytest.mark.skipif(sys.platform != "linux", reason="here the system itself says so")
def test_an_import_that_windows_does_not_know_is_found(tmp_path: Path) -> None:
    copied = tmp_path / "copy"
    shutil.copytree(ROOT / "autograder", copied / "autograder", ignore=shutil.ignore_patterns("__pycache__"))
    module = copied / "autograder" / "student" / "flood.py"
    text = module.read_text(encoding="utf-8")
    environment = surroundings("win32", tmp_path / "system")

    def said(line: str) -> str:
        module.write_text(text.replace("\nimport io\n", f"\nimport io\n{line}\n"), encoding="utf-8")
        command = [sys.executable, "-c", "import autograder.student.flood"]
        ended = subprocess.run(command, cwd=copied, env=environment, capture_output=True, text=True, check=False)
        return ended.stderr.splitlines()[-1] if ended.returncode else ""

    assert said("") == ""
    assert said("import fcntl") == "ModuleNotFoundError: No module named 'fcntl'"
    assert said("from resource import getrlimit") == "ModuleNotFoundError: No module named 'resource'"
    assert said("from os import fork").startswith("ImportError: cannot import name 'fork'")
    assert said("from signal import SIGINT, SIGKILL").startswith("ImportError: cannot import name 'SIGKILL'")
    assert said("import os; os.setsid").endswith("has no attribute 'setsid'")
    assert said("from socket import socketpair; import os; os.pipe; import signal; signal.SIGINT") == ""


def test_the_command_line_answers(run: Run) -> None:
    commands = [[], ["check"], ["submit-check"], ["doctor"], ["docs"]]
    every = (
        f"from autograder.commands.cli import main\nfor c in {commands}: main([*c, '--help'], standalone_mode=False)"
    )
    assert run("-c", every).stdout.count("Usage: ") == len(commands)
    said = run("-m", "autograder", "doctor").stdout
    assert f"autograder {autograder.__version__}" in said and "✓ tensorflow" in said
    assert "✗ Cell 13 raised ZeroDivisionError" in run("-m", "autograder", "docs", "handing_in").stdout


# With TensorFlow


@pytest.mark.tensorflow
def test_check_in_a_shell(run: Run, tmp_path: Path) -> None:
    cells = ['print("π ✓ →")', *solved()]
    mine = tmp_path / "handed out" / "mine.py"
    mine.write_text("\n".join(f"# %%\n{cell}\n" for cell in cells), encoding="utf-8")
    said = run("-m", "autograder", "check", "mine.py").stdout
    assert f"✓ {FIRST} passed" in said and "5 of 5 questions pass their public cases." in said
    run("-m", "autograder", "check", "mine.py", "--format", "json", "--format-out", "report.json")
    assert {
        q["status"] for q in json.loads((mine.parent / "report.json").read_text(encoding="utf-8"))[0]["questions"]
    } == {"passed"}

    crash = "import os\ndef batch_norm_train(*_, **__): os._exit(3)"
    mine.write_text("\n".join(f"# %%\n{cell}\n" for cell in [*cells, crash, "raise ValueError('π')"]), encoding="utf-8")
    said = run("-m", "autograder", "check", "mine.py", code=1).stdout
    assert f"✗ {FIRST} crashed" in said and "✓ fold_batch_norm passed" in said


@pytest.mark.tensorflow
def test_the_last_look_before_handing_in(run: Run, system: str, tmp_path: Path) -> None:
    path = tmp_path / "handed out" / f"{NAME}.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    answers = {source.split("(")[0]: source for source in solved() if source.startswith("def ")}
    for cell in notebook["cells"]:
        begins = "".join(cell["source"]).split("(")[0]
        if cell["cell_type"] == "code" and begins in answers:
            cell["source"] = answers.pop(begins)
    assert not answers
    here = (
        f"import autograder.worker.walls as walls\nassert walls.sys.platform == {system!r}, 'the worker is there, too'"
    )
    notebook["cells"].append({"cell_type": "code", "source": here, "metadata": {}, "outputs": []})
    path.write_text(json.dumps(notebook), encoding="utf-8")
    said = " ".join(run("-m", "autograder", "submit-check", ".").stdout.split())
    assert "was saved just now" in said and "cells run from top to bottom in a fresh process" in said
    assert "7.1 of 7.1 points on public cases" in said and said.endswith("✓ Ready to hand in.")


@pytest.mark.tensorflow
def test_check_in_a_script(run: Run, tmp_path: Path) -> None:
    wrong = "def batch_norm_train(x, **_):\n    return x, x, x"
    script = tmp_path / "handed out" / "script.py"
    script.write_text("\n".join([*solved(), wrong, f'check("{FIRST}")', "print('not here')"]), encoding="utf-8")
    ended = run(str(script), code=1, cwd=tmp_path, PYTHONIOENCODING="cp1252")
    assert f"? {FIRST} wrong" in ended.stdout and "not here" not in ended.stdout
    assert "Traceback" not in ended.stderr and ended.stderr.splitlines()[-1].startswith(
        f"{FIRST}: wrong, 0 of 2 points"
    )
    script.write_text("import autograder\n1 / 0\n", encoding="utf-8")
    assert "ZeroDivisionError" in run("script.py", code=1).stderr


@pytest.mark.tensorflow
def test_check_in_a_notebook(run: Run, environment: dict[str, str], tmp_path: Path) -> None:
    import nbformat
    from nbclient import NotebookClient

    sources = [
        *solved(),
        f'check("{FIRST}")',
        "check(batch_norm_tf)",
        "check()",
        f"{FIRST} = None",
        f'check("{FIRST}")',
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    place = {"metadata": {"path": str(tmp_path / "handed out")}}
    NotebookClient(notebook, timeout=600, allow_errors=True, kernel_name="python3", resources=place).execute(
        env=environment
    )
    outputs = [output for cell in notebook.cells for output in cell.outputs]
    assert [output.text for output in outputs if output.output_type == "stream"] == [], "no red line"
    passed, also, total, missing, error = outputs
    assert f"check of {FIRST}: passed" in passed.data["text/html"]
    assert "check of batch_norm_tf: passed" in also.data["text/html"]
    assert "check of all questions" in total.data["text/html"]
    assert f"check of {FIRST}: missing" in missing.data["text/html"]
    assert error.traceback == [f"{FIRST}: missing, 0 of 2 points on public cases"]
