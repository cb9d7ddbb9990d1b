"""The move from GitHub Classroom to Classroom 50: the files that it writes are those that the other side takes."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
SCRIPT = ROOT / "examples" / "classroom50.py"
NAME = "04_batchnorm"
OLD_WORKFLOW = "steps:\n  - uses: classroom-resources/autograding-grading-reporter@v1\n"
TYPES = {"io": {"input", "expected", "comparison"}, "run": set(), "python": set()}


def taken(tests: Any) -> None:
    """What Classroom 50 demands of a file of tests, from its wiki: fields by type, whole points, seconds up to 600."""
    assert isinstance(tests, list) and 0 < len(tests) <= 100
    assert len({test["name"] for test in tests}) == len(tests)
    for test in tests:
        assert (
            {"name", "type", "run", "points"}
            <= set(test)
            <= {"name", "type", "run", "points", "setup", "timeout"} | TYPES[test["type"]]
        )
        assert type(test["points"]) is int and 0 <= test["points"] <= 1000
        assert type(test["timeout"]) is int and 1 <= test["timeout"] <= 600
        assert test["type"] != "io" or (test["expected"] and test["comparison"] in ("included", "exact", "regex"))


@pytest.fixture
def template(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "assignments" / NAME, tmp_path / "norm")
    (tmp_path / "norm" / "cnn_autograder-0.1.0-py3-none-any.whl").touch()
    return tmp_path / "norm"


def call(template: Path, code: int = 0) -> str:
    ended = subprocess.run([sys.executable, SCRIPT, template], capture_output=True, text=True, check=False)
    assert ended.returncode == code, ended.stdout + ended.stderr
    return ended.stdout + ended.stderr


def test_a_released_assignment_becomes_one_test_with_its_points(template: Path) -> None:
    said = call(template)
    tests = json.loads(template.with_name("norm.tests.json").read_text())
    taken(tests)
    assert [(test["name"], test["type"], test["points"]) for test in tests] == [(NAME, "python", 15)]
    assert tests[0]["run"] == f"python3 -m pytest --autograder {NAME}.ipynb" and "whl" in tests[0]["setup"]
    (old,) = json.loads((template / ".github/classroom/autograding.json").read_text())["tests"]
    assert (old["points"], old["timeout"], old["comparison"]) == (15, 10, "included")
    runtime = json.loads(template.with_name("norm.runtime.json").read_text())
    supported = (ROOT / "pyproject.toml").read_text()
    assert runtime["python"] == "3.12" and 'requires-python = ">=3.11"' in supported
    assert "gh teacher assignment add ORG CLASSROOM norm" in said and "norm.tests.json" in said


def test_a_workflow_that_reports_to_github_classroom_is_replaced(template: Path) -> None:
    workflows = template / ".github" / "workflows"
    workflows.mkdir(parents=True)
    (workflows / "classroom.yml").write_text(OLD_WORKFLOW)
    call(template)
    assert [path.name for path in workflows.iterdir()] == ["check.yml"]
    text = (workflows / "check.yml").read_text()
    assert f"NOTEBOOK: {NAME}.ipynb" in text and "classroom" not in text.lower()


def test_a_workflow_of_ones_own_stays(template: Path) -> None:
    own = template / ".github" / "workflows" / "classroom.yml"
    own.parent.mkdir(parents=True)
    own.write_text("steps:\n  - run: make test\n")
    call(template)
    assert own.read_text() == "steps:\n  - run: make test\n"


OLD = [
    {"name": "compiles", "setup": "make", "run": "./main", "input": "", "output": "", "comparison": "included", "timeout": 0.5, "points": 2},
    {"name": "greets", "setup": "", "run": "./main", "input": "Ann\n", "output": "Hello, Ann", "comparison": "exact", "timeout": 90, "points": None},
    {"name": "tests", "setup": "pip install pytest", "run": "pytest -q", "points": 3.0},
]  # fmt: skip


def test_tests_of_ones_own_are_translated_and_kept(template: Path) -> None:
    old = template / ".github" / "classroom" / "autograding.json"
    old.parent.mkdir(parents=True)
    old.write_text(json.dumps({"tests": OLD}))
    call(template)
    assert json.loads(old.read_text()) == {"tests": OLD}
    tests = json.loads(template.with_name("norm.tests.json").read_text())
    taken(tests)
    assert tests == [
        {"name": "compiles", "type": "run", "run": "./main", "timeout": 30, "points": 2, "setup": "make"},
        {"name": "greets", "type": "io", "run": "./main", "timeout": 600, "points": 0, "expected": "Hello, Ann",
         "comparison": "exact", "input": "Ann\n"},
        {"name": "tests", "type": "python", "run": "pytest -q", "timeout": 600, "points": 3, "setup": "pip install pytest"},
    ]  # fmt: skip


@pytest.mark.parametrize("tests, said", [
    ([], "has 0 tests"), ([OLD[0]] * 2, "a name of its own"), ([OLD[0] | {"points": 2.5}], "has 2.5 points"),
    ([OLD[0] | {"run": ""}], "runs nothing"), ([OLD[0] | {"name": "é" * 51}], "at most 100 bytes"),
    ([OLD[0] | {"name": str(n)} for n in range(101)], "has 101 tests"),
])  # fmt: skip
def test_what_classroom_50_would_refuse_is_refused_here(template: Path, tests: list[Any], said: str) -> None:
    old = template / ".github" / "classroom" / "autograding.json"
    old.parent.mkdir(parents=True)
    old.write_text(json.dumps({"tests": tests}))
    assert said in call(template, code=1)
    assert not template.with_name("norm.tests.json").exists()


@pytest.mark.parametrize("missing, said", [("*.npz", "holds 0 notebooks"), ("*.whl", "Put the wheel into")])
def test_a_template_that_lacks_something_is_told(template: Path, missing: str, said: str) -> None:
    (path,) = template.glob(missing)
    path.unlink()
    assert said in call(template, code=1)
    assert sorted(p.name for p in template.parent.iterdir()) == ["norm"], "nothing is written"


def test_the_name_that_classroom_50_writes_is_left_to_it(template: Path) -> None:
    (template / ".github" / "workflows").mkdir(parents=True)
    (template / ".github" / "workflows" / "autograde.yaml").touch()
    assert "a name that Classroom 50 writes itself" in call(template, code=1)
