"""`pytest --autograder`: a notebook's questions and cases as tests, in a pytest of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from xml.etree import ElementTree

import pytest
import tiny

from autograder.border import wire
from autograder.course.assignment import Assignment
from autograder.course.salt import read_salt
from autograder.course.solve import public_answers_of
from autograder.grader.answers import to_tree
from autograder.grader.workers import Workers

ROOT = Path(__file__).parent.parent
PLUGIN = "autograder.commands.pytest_plugin"


def run(folder: Path, *arguments: str) -> tuple[int, str]:
    """Runs pytest in a folder; its exit code and what it says."""
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", PLUGIN, "-p", "xdist", *arguments],
        cwd=folder,
        env=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    return ended.returncode, ended.stdout + ended.stderr


def test_pytest_finds_the_plugin() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["entry-points"]["pytest11"] == {"autograder": PLUGIN}


def test_questions_and_cases_are_collected_without_running_anything(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "assignments/03_pooling", tmp_path / "03_pooling")
    code, said = run(tmp_path, "--autograder", "--collect-only", "-q", "03_pooling/03_pooling.ipynb")
    assert code == 0
    assert "03_pooling.ipynb::max_pool2d::" in said and "max_pool2d::with slightly different inputs" in said
    code, said = run(tmp_path, "--collect-only", "-q", "03_pooling/03_pooling.ipynb")
    assert code != 0 and "max_pool2d" not in said


def test_a_notebook_without_its_public_cases_says_so(tmp_path: Path) -> None:
    tiny.write_notebook(tmp_path / "lost.ipynb", tiny.SOLVED)
    code, said = run(tmp_path, "--autograder", "lost.ipynb")
    assert code == 2 and "No public cases here" in said and "Traceback" not in said


MARK = "import pathlib\npathlib.Path('was_here').touch()\n"


@pytest.mark.tensorflow
def test_beside_hidden_cases_nothing_of_a_students_folder_runs(tmp_path: Path, tiny_solutions: Path) -> None:
    submitted = tmp_path / "submitted/amy"
    submitted.mkdir(parents=True)
    tiny.write_notebook(submitted / "work.ipynb", tiny.SOLVED)
    for name in ("conftest.py", "__init__.py", "test_it.py"):
        (submitted / name).write_text(MARK)
    read_salt(tmp_path / "salt")
    hidden = ["-c", os.devnull, "--autograder-hidden", str(tiny_solutions), "--autograder-salt", "salt"]
    code, said = run(tmp_path, *hidden, "submitted/amy/work.ipynb")
    assert code == 0 and not (tmp_path / "was_here").exists(), said
    code, said = run(tmp_path, *hidden, "-n", "1", "submitted")
    assert "test_it.py" in said and not (tmp_path / "was_here").exists(), said


@pytest.mark.parametrize("named", [[], ["-k", "conv", "--color=no"]])
def test_hidden_cases_are_refused_where_nobody_named_pytests_settings(tmp_path: Path, named: list[str]) -> None:
    (tmp_path / "amy").mkdir()
    tiny.write_notebook(tmp_path / "amy/work.ipynb", tiny.SOLVED)
    (tmp_path / "amy/pytest.ini").write_text("[pytest]\naddopts = -c amy/pytest.ini more\npython_files = *.py\n")
    (tmp_path / "amy/more.py").write_text(MARK)
    code, said = run(tmp_path, "--autograder-hidden", "solutions", *named, "amy/work.ipynb")
    assert code == 4 and "-c your/pytest.ini" in said and "Traceback" not in said
    assert not (tmp_path / "was_here").exists()


@pytest.mark.tensorflow
def test_a_failure_is_no_command_to_a_build_server(handed: Path) -> None:
    wrong = "def scale(x, factor):\n    raise ValueError('no\\n::add-mask::e')"
    tiny.write_notebook(handed / "loud.ipynb", [cell for cell in tiny.SOLVED if "def scale" not in cell] + [wrong])
    code, said = run(handed, "--autograder", "loud.ipynb", "-k", "scale")
    assert code == 1 and ": :add-mask::e" in said
    assert not [line for line in said.splitlines() if line.strip().startswith("::")]


@pytest.fixture(scope="module")
def handed(tiny_assignment: Assignment, workers: Workers, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A student's folder: a notebook of which one function is wrong, and the public cases."""
    folder = tmp_path_factory.mktemp("handed")
    questions = [to_tree(a) for a in public_answers_of(tiny_assignment, workers).values()]
    wire.save(folder / f"{tiny.NAME}.npz", {"assignment": tiny.NAME, "questions": questions})
    cells = [cell.replace("x * factor", "x + factor").replace("scale(x, 2.0)", "2.0 * x") for cell in tiny.SOLVED]
    assert cells != list(tiny.SOLVED)
    tiny.write_notebook(folder / "work.ipynb", cells)
    return folder


@pytest.mark.tensorflow
def test_a_wrong_function_fails_its_cases_in_the_students_words(handed: Path) -> None:
    code, said = run(handed, "--autograder", "work.ipynb", "--junitxml=out.xml", "-rA")
    assert code == 1
    assert "PASSED work.ipynb::total::" in said and "FAILED work.ipynb::scale::a row" in said
    assert "public cases do not all pass yet" in said and "PASSED work.ipynb::scale::with" not in said
    assert "The factor is added." in said and "expected" in said and "site-packages" not in said
    tree = ElementTree.parse(handed / "out.xml")
    failed = [case.get("name") for case in tree.iter("testcase") if case.find("failure") is not None]
    assert "a row" in failed and tree.getroot()[0].get("errors") == "0"
    code, said = run(handed, "--autograder", "work.ipynb", "-k", "total", "-n", "1")
    assert code == 0 and "failed" not in said
    code, said = run(handed, "--autograder", "work.ipynb", "--lf")
    assert code == 1 and "passed" not in said


@pytest.mark.tensorflow
def test_an_answer_by_heart_fails_the_look_at_other_inputs(handed: Path) -> None:
    looked_up = [cell for cell in tiny.SOLVED if "def scale" not in cell] + [
        "KNOWN = {}\nright = lambda x, factor: x * factor\n"
        "def scale(x, factor):\n    key = (x.shape, float(factor), round(float(tf.reduce_sum(x))))\n"
        "    return KNOWN.setdefault(key, tf.stop_gradient(right(x, factor))) + 0 * x + (x - tf.stop_gradient(x)) * factor"
    ]
    tiny.write_notebook(handed / "heart.ipynb", looked_up)
    code, said = run(handed, "--autograder", "heart.ipynb", "-k", "scale")
    assert code == 1 and "1 failed" in said and "gives the public answers" in said


@pytest.mark.tensorflow
def test_a_script_is_checked_and_never_imported(handed: Path) -> None:
    (handed / "script.py").write_text("import tensorflow as tf\nopen('was_here', 'w')\n" + "\n".join(tiny.SOLVED))
    code, said = run(handed, "--autograder", "script.py")
    assert code == 0, said
    assert not (handed / "was_here").exists()


@pytest.mark.tensorflow
def test_hidden_cases_are_graded_in_the_sandbox(handed: Path, tiny_solutions: Path) -> None:
    read_salt(handed / "salt")
    hidden = ["-c", os.devnull, "--autograder-hidden", str(tiny_solutions), "--autograder-salt", "salt", "work.ipynb"]
    code, said = run(handed, *hidden, "-rA")
    assert code == 1 and "FAILED work.ipynb::scale::a negative factor" in said and "PASSED work.ipynb::total::" in said
    assert run(handed, *hidden, "-k", "total")[0] == 0
    code, said = run(handed, *hidden, "-k", "total", "-p", "no:cacheprovider")
    assert code == 0, said
    code, said = run(handed, *hidden[:-2], "another", "work.ipynb", "-k", "total")
    assert code == 0 and "A new salt was made: another." in said and (handed / "another").is_file(), said
