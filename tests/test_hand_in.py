"""`autograder submit-check`: everything that stands against handing in a notebook is told, and nothing else."""

from __future__ import annotations

import copy
import json
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tiny

from autograder.border import wire
from autograder.course.assignment import Assignment
from autograder.course.release import release
from autograder.grader.workers import Workers
from autograder.source import extract
from autograder.student.hand_in import LookedOver, Sign, look_over
from autograder.student.public import NoPublicCases

pytestmark = pytest.mark.tensorflow

SCALE = "def scale(x, factor):\n    return x * factor"
TOTAL = "def total(x):\n    return tf.reduce_sum(scale(x, 2.0)), int(x.shape[0] * x.shape[1])"
Notebook = dict[str, Any]
Look = Callable[..., LookedOver]


@pytest.fixture(scope="module")
def handed_out(tiny_assignment: Assignment, workers: Workers, tmp_path_factory: pytest.TempPathFactory) -> Path:
    release(tiny_assignment, folder := tmp_path_factory.mktemp("assignments"), workers)
    return folder / tiny.NAME


@pytest.fixture
def folder(handed_out: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(handed_out, tmp_path / "mine"))


@pytest.fixture
def solved(folder: Path) -> Notebook:
    """The released notebook with both functions written."""
    notebook: Notebook = json.loads((folder / f"{tiny.NAME}.ipynb").read_text(encoding="utf-8"))
    cell(notebook, "def scale")["source"] = SCALE
    cell(notebook, "def total")["source"] = TOTAL
    return notebook


@pytest.fixture
def look(folder: Path, workers: Workers) -> Look:
    """Writes a notebook and looks it over."""

    def call(notebook: Notebook, name: str = f"{tiny.NAME}.ipynb", **settings: Any) -> LookedOver:
        (folder / name).write_text(json.dumps(notebook), encoding="utf-8")
        return look_over(folder / name, workers, **settings)

    return call


def cell(notebook: Notebook, begins: str) -> dict[str, Any]:
    found: dict[str, Any] = next(c for c in notebook["cells"] if "".join(c["source"]).startswith(begins))
    return found


def panel(name: str, words: str) -> list[dict[str, Any]]:
    """The output of a check, as Jupyter saves it."""
    page = [f'<div class="ag" role="region" aria-label="check of {name}: {words}">\n', "</div>"]
    return [{"output_type": "display_data", "data": {"text/html": page}, "metadata": {}}]


def told(found: LookedOver, sign: Sign) -> list[str]:
    return [finding.text for finding in found.findings if finding.sign == sign]


def test_a_finished_notebook_is_ready(look: Look, solved: Notebook) -> None:
    steps: list[tuple[int, int, str]] = []
    cell(solved, 'check("scale")')["outputs"] = panel("scale", "passed")
    found = look(solved, on_step=lambda *step: steps.append(step))
    assert found.worst == Sign.GOOD and not told(found, Sign.LOOK)
    assert told(found, Sign.GOOD) == [
        "All 2 functions are there.",
        "Their parameters are those of the stubs.",
        "The handed-out cells are there, each once.",
        "All 5 cells run from top to bottom in a fresh process, as when they are graded.",
        "The results that the file shows are those of a fresh run.",
    ]
    assert [question.points for question in found.questions] == [1, 0.5] and found.hidden_points == 4.5
    assert [step[0] for step in steps] == list(range(9)) and {step[1] for step in steps} == {9}
    assert [steps[0][2], steps[5][2], steps[8][2]] == ["running cell 1", "checking scale", "checking total"]


def test_it_says_when_the_file_was_saved(look: Look, solved: Notebook, folder: Path, workers: Workers) -> None:
    (first,) = told(look(solved), Sign.NOTE)
    assert first.startswith(f"{tiny.NAME}.ipynb, ") and " KB, was saved just now (" in first and "Ctrl+S" in first
    path = folder / f"{tiny.NAME}.ipynb"
    os.utime(path, (time.time() - 7300, time.time() - 7300))
    assert "was saved 2 hours ago (" in told(look_over(path, workers), Sign.NOTE)[0]


def test_unfinished_work_can_be_handed_in(look: Look, solved: Notebook) -> None:
    cell(solved, "def total")["source"] = tiny.STUBS[3]
    found = look(solved)
    assert found.worst == Sign.LOOK and told(found, Sign.LOOK) == ["Not written yet: total."]
    assert [question.points for question in found.questions] == [1, 0]


@pytest.mark.parametrize("beginning, source, said", [
    ("def scale", SCALE.replace("scale", "scaled"), "There is no scale."),
    ("def scale", SCALE.replace("factor", "k"), "scale(x, k) was handed out as scale(x, factor)."),
    ("def scale", SCALE.replace("x, factor", "factor, x"), "scale(factor, x) was handed out as scale(x, factor)."),
    ("def scale", SCALE.replace("factor):", "factor, power):"), "scale(x, factor, power) was handed out as"),
    ("def total", f"1 / 0\n{TOTAL}", "Cell 4 raised ZeroDivisionError: division by zero (cell 4, line 1: 1 / 0)."),
    ("def total", f"print(deleted)\n{TOTAL}", "Cell 4 raised NameError"),
    ("def total", f"{TOTAL})", "Cell 4 is not valid Python"),
    ("def total", f"import os\nos._exit(1)\n{TOTAL}", "Cell 4 stopped the whole process"),
])  # fmt: skip
def test_what_has_to_be_mended_is_told(look: Look, solved: Notebook, beginning: str, source: str, said: str) -> None:
    cell(solved, beginning)["source"] = source
    found = look(solved)
    assert found.worst == Sign.MEND
    assert any(text.startswith(said) for text in told(found, Sign.MEND)), told(found, Sign.MEND)


@pytest.mark.parametrize("source", [
    SCALE.replace("factor)", "factor, power=1)"), SCALE.replace("(x, factor)", "(x: 'tf.Tensor', factor: float) -> 'tf.Tensor'"),
    f"{SCALE}\n\n{SCALE.replace('scale', 'helper').replace('factor', 'k')}", "scale = lambda x, factor: x * factor",
])  # fmt: skip
def test_what_graders_do_not_mind_is_not_told(look: Look, solved: Notebook, source: str) -> None:
    cell(solved, "def scale")["source"] = source
    assert look(solved).worst == Sign.GOOD


def test_lost_and_copied_marks_are_told(look: Look, solved: Notebook) -> None:
    lost = copy.deepcopy(solved)
    cell(lost, 'check("scale")')["metadata"] = {}
    assert "A handed-out cell of scale is gone" in told(look(lost), Sign.LOOK)[0]
    lost["cells"].remove(cell(lost, TOTAL))
    lost["cells"].append({"cell_type": "code", "source": TOTAL, "metadata": {}, "outputs": []})
    assert "A handed-out cell of scale and total is gone" in told(look(lost), Sign.LOOK)[0]

    twice = copy.deepcopy(solved)
    twice["cells"].append(copy.deepcopy(cell(twice, SCALE)))
    assert "twice with the same mark: scale-solution." in told(look(twice), Sign.LOOK)[0]

    for each in solved["cells"]:
        each["metadata"] = {}
    (said,) = told(look(solved), Sign.LOOK)
    assert "lost the marks that nbgrader knows them by" in said


def test_outputs_that_are_older_than_the_code_are_told(look: Look, solved: Notebook) -> None:
    cell(solved, 'check("scale")')["outputs"] = panel("scale", "wrong")
    cell(solved, 'check("total")')["outputs"] = panel("total", "passed")
    (said,) = told(look(solved), Sign.LOOK)
    assert said.startswith("Below scale the file shows “wrong”, a fresh run gives “passed”")


def test_another_name_is_told(look: Look, solved: Notebook) -> None:
    (said,) = told(look(solved, name=f"{tiny.NAME} (1).ipynb"), Sign.LOOK)
    assert f"was handed out as {tiny.NAME}.ipynb" in said


def test_work_that_only_the_checkpoint_has_is_told(look: Look, solved: Notebook, folder: Path) -> None:
    checkpoint = folder / ".ipynb_checkpoints" / f"{tiny.NAME}-checkpoint.ipynb"
    checkpoint.parent.mkdir()
    checkpoint.write_text(json.dumps(solved), encoding="utf-8")
    assert look(solved).worst == Sign.GOOD
    cell(solved, "def total")["source"] = tiny.STUBS[3]
    assert any("holds your total, this one does not" in text for text in told(look(solved), Sign.LOOK))
    checkpoint.write_text("damaged", encoding="utf-8")
    assert told(look(solved), Sign.LOOK) == ["Not written yet: total."]


def test_what_the_grader_repairs_is_told(look: Look, solved: Notebook) -> None:
    cell(solved, "def scale")["source"] = "    " + SCALE.replace("\n", "\n    ")
    found = look(solved)
    assert "was indented as a whole" in told(found, Sign.LOOK)[0] and "scale" not in str(told(found, Sign.MEND))


def test_the_time_is_bounded(look: Look, solved: Notebook, workers: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "_seconds", 0.0)
    assert "The time was up before 5 of 5 cells ran." in told(look(solved), Sign.MEND)[0]
    monkeypatch.setattr(workers, "_seconds", 2.0)
    cell(solved, "def scale")["source"] = "def scale(x, factor):\n    import time\n    time.sleep(60)"
    assert "The time was up before scale and total could be checked." in told(look(solved), Sign.MEND)[0]


def test_a_script_and_older_public_cases_do_too(folder: Path, workers: Workers) -> None:
    script = folder / f"{tiny.NAME}.py"
    script.write_text("\n\n".join([tiny.SOLVED[0], SCALE.replace("factor", "k"), TOTAL]), encoding="utf-8")
    assert any("was handed out as scale(x, factor)" in text for text in told(look_over(script, workers), Sign.MEND))
    tree = wire.load(folder / f"{tiny.NAME}.npz")
    del tree["signatures"]
    wire.save(folder / f"{tiny.NAME}.npz", tree)
    found = look_over(script, workers)
    assert found.worst == Sign.GOOD and not [text for text in told(found, Sign.GOOD) if "parameters" in text]


def test_what_is_no_notebook_is_refused(folder: Path, workers: Workers) -> None:
    path = folder / f"{tiny.NAME}.ipynb"
    path.write_text("{", encoding="utf-8")
    with pytest.raises(extract.Unreadable, match="damaged at line 1"):
        look_over(path, workers)
    (folder / f"{tiny.NAME}.npz").unlink()
    tiny.write_notebook(path, tiny.SOLVED)
    with pytest.raises(NoPublicCases):
        look_over(path, workers)
