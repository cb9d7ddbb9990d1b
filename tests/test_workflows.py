"""The ready workflows: checked by the platforms' own schemas, and their steps run for real."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import tiny
import yaml

import autograder
from autograder.adapters.gradescope import build_wheel
from autograder.course.assignment import Assignment
from autograder.course.release import release
from autograder.grader.workers import Workers

ROOT = Path(__file__).parent.parent
WORKFLOWS = ROOT / "examples" / "workflows"
GITHUB = [WORKFLOWS / "student.yml", WORKFLOWS / "instructor.yml"]


def steps(path: Path) -> list[dict[str, Any]]:
    """Every step of a GitHub workflow."""
    jobs = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]
    return [step for job in jobs.values() for step in job["steps"]]


def script(path: Path, name: str) -> str:
    """The shell script of a step."""
    return next(str(step["run"]) for step in steps(path) if step.get("name") == name)


def faults(path: Path, schema: str) -> list[str]:
    """What the platform's schema, as check-jsonschema ships it, says against a file."""
    folder = resources.files("check_jsonschema") / "builtin_schemas" / "vendor"
    rules = json.loads((folder / f"{schema}.json").read_text(encoding="utf-8"))
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    document["on"] = document.pop(True, None)  # YAML 1.1 reads the key as a truth value
    if schema != "github-workflows":
        del document["on"]
    return [error.message for error in jsonschema.validators.validator_for(rules)(rules).iter_errors(document)]


# Linted


@pytest.mark.parametrize(
    "path", [*GITHUB, *sorted((ROOT / ".github" / "workflows").glob("*.yml"))], ids=lambda p: p.name
)
def test_workflows_fit_githubs_schema(path: Path) -> None:
    assert faults(path, "github-workflows") == []
    if actionlint := shutil.which("actionlint"):
        subprocess.run([actionlint, str(path)], check=True)


def test_the_pipeline_fits_gitlabs_schema(tmp_path: Path) -> None:
    path = WORKFLOWS / "gitlab.yml"
    assert faults(path, "gitlab-ci") == []
    broken = tmp_path / "broken.yml"
    broken.write_text(path.read_text(encoding="utf-8").replace("1 hour", "[1]"), encoding="utf-8")
    assert faults(broken, "gitlab-ci") != []


def test_the_linter_finds_a_broken_workflow(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yml"
    broken.write_text(GITHUB[0].read_text(encoding="utf-8").replace("runs-on", "run-on"), encoding="utf-8")
    assert faults(broken, "github-workflows") != []


@pytest.mark.parametrize("path", GITHUB, ids=lambda p: p.name)
def test_workflows_are_safe_and_bounded(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    flow = yaml.safe_load(text)
    assert flow["permissions"]["contents"] == "read" and "write" not in json.dumps(flow["permissions"]).replace(
        '"checks": "write"', ""
    )
    assert all("timeout-minutes" in job for job in flow["jobs"].values())
    for step in steps(path):
        assert "${{" not in step.get("run", ""), "a name of a student must not become code: use env"
        bash = subprocess.run(["bash", "-n"], input=step.get("run", ""), text=True, capture_output=True, check=False)
        assert bash.returncode == 0, bash.stderr


def test_classroom_finds_its_names() -> None:
    flow = yaml.safe_load(GITHUB[0].read_text(encoding="utf-8"))
    assert flow["name"] == "Autograding Tests" and list(flow["jobs"]) == ["run-autograding-tests"]
    *_, check, reporter = flow["jobs"]["run-autograding-tests"]["steps"]
    assert reporter["with"]["runners"] == check["id"]
    assert reporter["env"] == {f"{check['id'].upper()}_RESULTS": "${{ steps.check.outputs.result }}"}


# Run


class Runner:
    """Runs the steps of a job in a repository, with an environment of its own, as GitHub's runner does."""

    def __init__(self, repository: Path, venv: Path) -> None:
        self.repository, self.files = repository, repository.parent / "runner"
        self.files.mkdir()
        self.environment = {
            "PATH": f"{venv / 'bin'}:{os.environ['PATH']}", "HOME": str(repository.parent), "LANG": "C.UTF-8",
            "GITHUB_WORKSPACE": str(repository), "GITHUB_OUTPUT": str(self.files / "output"),
            "GITHUB_STEP_SUMMARY": str(self.files / "summary.md"), "PIP_NO_DEPS": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        }  # fmt: skip

    def step(self, path: Path, name: str, **env: str) -> subprocess.CompletedProcess[str]:
        return self.shell(script(path, name), **env)

    def shell(self, text: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", text], cwd=self.repository, env=self.environment | env,
            capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip

    def output(self) -> dict[str, str]:
        lines = (self.files / "output").read_text(encoding="utf-8").splitlines()
        return dict(line.split("=", 1) for line in lines)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture
def venv(tmp_path: Path) -> Iterator[Path]:
    """An environment in which the workflow may install; the big packages are borrowed."""
    folder = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    borrowed = "\n".join(p for p in sys.path if p.endswith("site-packages"))
    next(folder.glob("lib/python*/site-packages")).joinpath("borrowed.pth").write_text(borrowed + "\n")
    yield folder


@pytest.mark.tensorflow
def test_the_students_workflow_runs(
    tmp_path: Path, venv: Path, wheel: Path, tiny_assignment: Assignment, workers: Workers
) -> None:
    release(tiny_assignment, tmp_path, workers)
    repository = tmp_path / tiny.NAME
    shutil.copy(wheel, repository)
    tiny.write_notebook(
        repository / f"{tiny.NAME}.ipynb",
        [tiny.SOLVED[0], "def scale(x, factor):\n    return x + factor", tiny.SOLVED[2]],
    )
    runner = Runner(repository, venv)
    installed = runner.step(GITHUB[0], "Install")
    assert installed.returncode == 0, installed.stderr
    assert (venv / "bin" / "autograder").exists()
    ran = runner.step(GITHUB[0], "Check", NOTEBOOK=f"{tiny.NAME}.ipynb")
    assert ran.returncode == 0, ran.stderr
    assert re.match(r"::error file=90_tiny\.ipynb,title=scale%3A wrong", ran.stdout), ran.stdout
    result = json.loads(base64.b64decode(runner.output()["result"]))
    assert result["status"] == "fail" and result["max_score"] == 1.5  # the public share
    assert {test["name"]: test["status"] for test in result["tests"]}["scale"] == "fail"
    summary = (runner.files / "summary.md").read_text(encoding="utf-8")
    assert "The factor is added" in summary and "hidden case" not in summary
    assert runner.step(GITHUB[0], "Check", NOTEBOOK="nothing.ipynb").returncode == 2


@pytest.mark.slow
@pytest.mark.tensorflow
def test_the_instructors_workflow_runs(tmp_path: Path, venv: Path, wheel: Path, tiny_solutions: Path) -> None:
    repository = tmp_path / "course"
    shutil.copytree(tiny_solutions, repository / "solutions")
    hostile = 'x"; touch hacked; "$(touch hacked2)'
    for student, cells in (("amy", tiny.SOLVED), (hostile, tiny.STUBS)):
        tiny.write_notebook(repository / "submitted" / student / tiny.NAME / f"{tiny.NAME}.ipynb", cells)
    for name in ("autograder", "docs"):
        shutil.copytree(ROOT / name, repository / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, repository)
    runner = Runner(repository, venv)
    assert (
        runner.shell(f"python -m pip install --quiet {wheel}").returncode == 0
    )  # for the editable install of the step

    assert runner.step(GITHUB[1], "List").returncode == 0
    assert json.loads(runner.output()["students"]) == sorted(["amy", hostile])
    graded = runner.step(GITHUB[1], "Grade", SALT=tiny.SALT, STUDENT="amy")
    assert graded.returncode == 0, graded.stderr
    assert graded.stdout == "", "nothing is wrong"
    assert (repository / ".salt").stat().st_mode & 0o077 == 0
    other = runner.step(GITHUB[1], "Grade", SALT=tiny.SALT, STUDENT=hostile)
    assert other.returncode == 0, other.stderr
    assert other.stdout.startswith('::notice file=submitted/x"; touch hacked;'), other.stdout
    assert not list(repository.glob("hacked*"))
    collected = runner.step(GITHUB[1], "Collect")
    assert collected.returncode == 0, collected.stderr
    rows = (repository / "grades.csv").read_text(encoding="utf-8").splitlines()
    assert len(rows) == 3 and rows[1].endswith(",6.0,0.0,6.0,6.0") and rows[2].endswith(",0.0,0.0,0.0,6.0")
    assert (runner.files / "summary.md").read_text(encoding="utf-8").count("# The class") == 1

    pipeline = yaml.safe_load((WORKFLOWS / "gitlab.yml").read_text(encoding="utf-8"))
    ran = runner.shell(pipeline["grade"]["script"][-1], AUTOGRADER_SALT=str(repository / ".salt"))
    assert ran.returncode == 0, ran.stderr
    assert (repository / "junit.xml").read_text(encoding="utf-8").count("<testsuite ") == 2
    low = runner.shell("autograder grade submitted --out graded --format json --fail-under 50")
    assert low.returncode == 1 and [r["score"] for r in json.loads(low.stdout)] == [6.0, 0.0]
    assert "0 graded, 2 unchanged" in low.stderr
    assert runner.shell("autograder grade submitted --fail-under 200").returncode == 2
    assert autograder.__version__ in low.stdout
