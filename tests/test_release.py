"""The release: nothing that students must not have. `test_committed.py` makes it again."""

import ast
import io
import json
import re
import tokenize
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import solved
import tiny

from autograder.border import wire
from autograder.course import assignment as assignments
from autograder.course.release import ReleaseError, source_notebook
from autograder.question import Case, Draw, Exam

ROOT = Path(__file__).parent.parent
NAMES = assignments.names(ROOT / "solutions")


@cache
def released_text(name: str) -> str:
    """All text a student gets, with line ends and white space evened out."""
    notebook = json.loads((ROOT / "assignments" / name / f"{name}.ipynb").read_text())
    cells = "\n".join("".join(cell["source"]) for cell in notebook["cells"])
    with np.load(ROOT / "assignments" / name / f"{name}.npz") as archive:
        header = archive["header"].tobytes().decode()
    return even(cells + "\n" + header)


def even(text: str) -> str:
    return re.sub(r"\s+", " ", text)


@cache
def secrets_of(name: str) -> dict[str, str]:
    """What must not be in a release: lines of the solutions, and of the mistakes' and variants' code."""
    folder = ROOT / "solutions" / name
    found = {}
    notebook = (folder / "notebook.py").read_text()
    for block in re.findall(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", notebook, re.DOTALL):
        found |= {line.strip(): "solution" for line in block.splitlines()}
    outside = re.sub(r"### BEGIN SOLUTION\n.*?### END SOLUTION", "", notebook, flags=re.DOTALL)
    assignment = solved.assignment(name)
    for file in ("mistakes.py", "variants.py"):
        for node in ast.parse(assignment.text(file)).body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                body = [s for s in node.body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))]
                for statement in body:
                    found |= {line.strip(): f"{file}, {node.name}" for line in ast.unparse(statement).splitlines()}
    probes = [q.probe.source for q in assignment.questions if q.probe]  # they are handed out: check calls them
    told = even("\n".join([outside, *probes]))
    # Short lines such as `n = x.shape[0]`, and what the prose and pictures say themselves, tell nothing.
    return {k: v for k, v in found.items() if len(k) > 30 and even(k) not in told}


@pytest.mark.parametrize("name", NAMES)
def test_nothing_secret_is_released(name: str) -> None:
    text = released_text(name)
    leaks = {line: origin for line, origin in secrets_of(name).items() if even(line) in text}
    assert not leaks
    assert "BEGIN SOLUTION" not in text


@pytest.mark.parametrize("name", NAMES)
def test_the_leak_test_sees_a_leak(name: str) -> None:
    secrets = secrets_of(name)
    assert len(secrets) > 20
    assert all(even(line) in even(f"before\n{line}\nafter") for line in secrets)


@pytest.mark.parametrize("name", NAMES)
def test_no_hidden_case_is_released(name: str) -> None:
    text = released_text(name)
    assignment = solved.assignment(name)
    tree = wire.load(ROOT / "assignments" / name / f"{name}.npz")
    shown = {case.name for question in assignment.questions for case in question.cases if case.public}
    for question, released in zip(assignment.questions, tree["questions"], strict=True):
        public = [case for case in question.cases if case.public]
        assert [case["name"] for case in released["cases"]] == [case.name for case in public]
        assert released["hidden_cases"] == len(question.cases) - len(public) > 0
        for case in question.cases:
            if not case.public and len(case.name) > 12 and case.name not in shown:
                assert f'"{case.name}"' not in text


def inputs(case: Case) -> dict[str, Any]:
    """A case's arguments and what its model is examined on."""
    return case.arguments | {f"exam {name}": value for name, value in vars(case.exam or Exam(None)).items()}


@pytest.mark.parametrize("name", NAMES)
def test_hidden_inputs_depend_on_the_salt(name: str) -> None:
    """What is released does not tell hidden arrays: they are drawn from the salt."""
    for question in solved.assignment(name).questions:
        for case in question.cases:
            drawn = [k for k, v in inputs(case).items() if isinstance(v, Draw) and v.kind != "integer"]
            one, other = (inputs(case.materialise(question.name, salt)) for salt in ("one", "other"))
            same = [np.array_equal(one[argument], other[argument]) for argument in drawn]
            assert all(same) if case.public else not drawn or not all(same), f"{question.name}, {case.name}"


@pytest.mark.parametrize("name", NAMES)
def test_every_solution_is_a_stub(name: str) -> None:
    notebook = json.loads((ROOT / "assignments" / name / f"{name}.ipynb").read_text())
    questions = {q.name: q for q in solved.assignment(name).questions}
    graded = {}
    for cell in notebook["cells"]:
        mark = cell["metadata"].get("nbgrader", {})
        if mark.get("solution"):
            assert "raise NotImplementedError()" in "".join(cell["source"])
        if mark.get("grade"):
            graded[mark["grade_id"]] = mark["points"]
            assert "".join(cell["source"]) == f'check("{mark["grade_id"]}")'
        assert not cell.get("outputs")
    assert graded == {name: q.points for name, q in questions.items()}


@pytest.mark.tensorflow  # it builds a wheel: too slow for the quick tier
def test_the_wheel_holds_no_course_content(tmp_path: Path) -> None:
    import subprocess
    import sys

    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", tmp_path, ROOT]
    if subprocess.run(command, capture_output=True).returncode:
        command.remove("--no-build-isolation")
        subprocess.run(command, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert any(n == "autograder/student/check.py" for n in names) and any(n.endswith("panel.html") for n in names)
    assert all(n.startswith(("autograder/", "cnn_autograder-")) for n in names)
    modules = "".join(zipfile.ZipFile(wheel).read(n).decode() for n in names if n.endswith(".py"))
    strings = {t.string for t in tokenize.generate_tokens(io.StringIO(modules).readline) if t.type == tokenize.NAME}
    assert not strings & {"toeplitz_matrix", "blur_pool", "fold_batch_norm"}


def test_a_solution_without_markers_is_refused(tmp_path: Path) -> None:
    import shutil

    folder = tmp_path / NAMES[0]
    shutil.copytree(ROOT / "solutions" / NAMES[0], folder)
    notebook = folder / "notebook.py"
    notebook.write_text(notebook.read_text().replace("### BEGIN SOLUTION", "# here", 1))
    with pytest.raises(ReleaseError, match="BEGIN SOLUTION"):
        source_notebook(assignments.load(folder))


def test_the_source_of_a_release_is_marked_as_nbgrader_wants_it(tiny_assignment: assignments.Assignment) -> None:
    unmarked = {"schema_version": 3, "grade": False, "solution": False, "locked": False, "task": False}
    check, solution = {"grade": True, "locked": True}, {"solution": True}
    assert [(c.cell_type, c.id, c.metadata.get("nbgrader")) for c in source_notebook(tiny_assignment).cells] == [
        ("markdown", "prose-000", None),
        ("code", "code-001", None),
        ("code", "scale-solution", unmarked | solution | {"grade_id": "scale-solution"}),
        ("code", "scale", unmarked | check | {"grade_id": "scale", "points": 4}),
        ("code", "total-solution", unmarked | solution | {"grade_id": "total-solution"}),
        ("code", "total", unmarked | check | {"grade_id": "total", "points": 2}),
    ]


def test_prose_about_solutions_and_checks_is_prose(tmp_path: Path) -> None:
    prose = '# %% [markdown]\n# check("scale")\n\n# %% [markdown]\n# ### BEGIN SOLUTION is where you begin.\n\n'
    assignment = assignments.load(tiny.write_assignment(tmp_path, notebook=prose + tiny.NOTEBOOK))
    first, second = source_notebook(assignment).cells[:2]
    assert (first.source, second.source) == ('check("scale")', "### BEGIN SOLUTION is where you begin.")
    assert "nbgrader" not in first.metadata and "nbgrader" not in second.metadata


def test_prose_is_never_an_idle_cell(tmp_path: Path) -> None:
    """A student's cell with the same text would be left out."""
    prose = "# %% [markdown]\n# print\n\n"
    assignment = assignments.load(tiny.write_assignment(tmp_path, notebook=prose + tiny.NOTEBOOK))
    assert "print" not in "".join(assignment.idle)
