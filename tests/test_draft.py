"""`autograder new`: a draft passes its audit and is released as it stands; what cannot be drafted changes nothing."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
import tiny

from autograder.course import assignment as assignments
from autograder.course.audit import audit
from autograder.course.draft import DraftError, draft, stub
from autograder.course.release import release
from autograder.grader.workers import Workers

ROOT = Path(__file__).parent.parent
SIGNATURES = ["attention(q, k, v, mask=None)", "softmax(logits, *, axis=-1)"]


@pytest.mark.parametrize(
    ("signature", "tensors", "options"),
    [
        ("f(x)", ("x",), ()),
        ("f(x, k: float = 0.5)", ("x",), (("k", "0.5"),)),
        ("f(x, *, y, z=(1, 2))", ("x", "y"), (("z", "(1, 2)"),)),
        ("f(x, *, z=3, y) -> tuple", ("x", "y"), (("z", "3"),)),
    ],
)
def test_a_parameter_without_a_default_is_a_tensor(
    signature: str, tensors: tuple[str, ...], options: tuple[tuple[str, str], ...]
) -> None:
    read = stub(signature)
    assert (read.name, read.tensors, read.options) == ("f", tensors, options)


@pytest.mark.parametrize(
    ("signature", "why"),
    [
        ("conv2d", "is no signature"),
        ("f(x): pass\ndef g(y)", "is no signature"),
        ("f(*x)", "keyword arguments"),
        ("f(x, **more)", "keyword arguments"),
        ("f()", "without a default"),
        ("f(x=1)", "without a default"),
        ("f(x, /, y)", "cannot be named"),
        ("f(x, dtype=None)", "call the parameter otherwise"),
        ("check(x)", "is taken"),
        ("tf(x)", "is taken"),
    ],
)
def test_what_is_no_signature_is_told(signature: str, why: str) -> None:
    with pytest.raises(DraftError, match=why):
        stub(signature)


def test_a_draft_writes_a_course_and_never_over_one(tmp_path: Path) -> None:
    solutions = tmp_path / "course" / "solutions"
    written = draft("01_attention", SIGNATURES, solutions)
    assert {path.name for path in written} == {
        *("notebook.py", "questions.py", "mistakes.py", "variants.py"),
        *(".gitignore", "nbgrader_config.py"),
    }
    (tmp_path / "course" / ".gitignore").write_text("mine")
    assert len(draft("02_more", ["g(x)"], solutions)) == 4
    assert (tmp_path / "course" / ".gitignore").read_text() == "mine"
    before = sorted(tmp_path.rglob("*"))
    for name, signatures in (("02_more", ["h(x)"]), ("03 x", ["h(x)"]), ("../03", ["h(x)"]), ("03", ["h(x)", "h(y)"])):
        with pytest.raises(DraftError):
            draft(name, signatures, solutions)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_draft_is_formatted_as_ours_and_configures_nbgrader_as_ours(tmp_path: Path) -> None:
    draft("01_attention", SIGNATURES, tmp_path / "cnn" / "solutions")
    ruff = shutil.which("ruff") or str(ROOT / ".venv" / "bin" / "ruff")
    ran = subprocess.run(
        [ruff, "format", "--check", "--config", str(ROOT / "pyproject.toml"), str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout
    assert (tmp_path / "cnn" / "nbgrader_config.py").read_text() == (ROOT / "nbgrader_config.py").read_text()


@pytest.mark.tensorflow
def test_a_draft_passes_its_audit_and_is_released_as_it_stands(tmp_path: Path, workers: Workers) -> None:
    draft("01_attention", SIGNATURES, tmp_path / "solutions")
    made = assignments.load(tmp_path / "solutions" / "01_attention")
    results = audit(made, [tiny.SALT], workers)
    assert [result.misses for result in results] == [[], []]
    assert all(result.caught == result.mistakes and result.named == result.mistakes for result in results)
    release(made, tmp_path / "assignments", workers)
    notebook = json.loads((tmp_path / "assignments" / "01_attention" / "01_attention.ipynb").read_text())
    cells = ["".join(cell["source"]) for cell in notebook["cells"]]
    assert sum("\n    raise NotImplementedError()" in cell for cell in cells) == 2
    assert not any("    return" in cell for cell in cells)
