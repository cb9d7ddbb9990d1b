"""The notebooks in a real Jupyter kernel: solved, as released, and as other editors leave them."""

import shutil
from pathlib import Path

import nbformat
import pytest
import solved
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from autograder.course import assignment as assignments
from autograder.course.release import source_notebook

ROOT = Path(__file__).parent.parent
NAMES = assignments.names(ROOT / "solutions")
LONG = {"01_neurons", "05_keras_cnn", "06_architectures", "07_generalization", "08_seeing"}
"""Their experiments train for up to three minutes; `release` and `audit` run them, too."""
pytestmark = pytest.mark.tensorflow


def execute(notebook: nbformat.NotebookNode, folder: Path) -> nbformat.NotebookNode:
    NotebookClient(
        notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    ).execute()
    return notebook


def beside_the_cases(name: str, folder: Path) -> Path:
    """A student's folder: the public cases lie in it."""
    shutil.copy(ROOT / "assignments" / name / f"{name}.npz", folder)
    return folder


def panels(notebook: nbformat.NotebookNode) -> dict[str, str]:
    """The HTML that each check cell shows."""
    found = {}
    for cell in notebook.cells:
        if cell.cell_type == "code" and cell.source.startswith("check("):
            assert not [o for o in cell.outputs if o.output_type == "stream"], "nbgrader gives stderr no points"
            found[cell.source.split('"')[1]] = "".join(o.data["text/html"] for o in cell.outputs if "data" in o)
    return found


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow) if name in LONG else name for name in NAMES]
)
def test_solved_every_check_is_green(name: str, tmp_path: Path) -> None:
    assignment = solved.assignment(name)
    shown = panels(execute(source_notebook(assignment), beside_the_cases(name, tmp_path)))
    assert list(shown) == [q.name for q in assignment.questions]
    for question, html in shown.items():
        assert ": passed" in html and "✗" not in html, question


@pytest.mark.parametrize("name", NAMES)
def test_released_every_check_says_not_attempted(name: str, tmp_path: Path) -> None:
    notebook = nbformat.read(ROOT / "assignments" / name / f"{name}.ipynb", as_version=4)
    shown = panels(execute(notebook, beside_the_cases(name, tmp_path)))
    assert len(shown) == len(solved.assignment(name).questions)
    assert all("not attempted yet" in html for html in shown.values())


def test_as_other_editors_leave_it(tmp_path: Path) -> None:
    """VS Code and Colab: no metadata, extra cells, magics, shell commands."""
    name = NAMES[0]
    notebook = source_notebook(solved.assignment(name))
    for cell in notebook.cells:
        cell.metadata.clear()
    extra = ["%matplotlib inline", "!pip --version", "%%time\nanswer = 6 * 7", "answer"]
    notebook.cells[:0] = [nbformat.v4.new_code_cell(source) for source in extra]
    notebook.metadata = nbformat.from_dict(
        {"colab": {"provenance": []}, "kernelspec": {"name": "python3", "display_name": "Python 3"}}
    )
    shown = panels(execute(notebook, beside_the_cases(name, tmp_path)))
    assert shown and all("passed" in html for html in shown.values())


def test_a_wrong_answer_fails_its_cell_in_one_line(tmp_path: Path) -> None:
    name = NAMES[0]
    assignment = solved.assignment(name)
    question = assignment.questions[0].name
    cells = [
        "from autograder import check\nimport tensorflow as tf",
        f"def {question}(*args, **kwargs):\n    return tf.constant(1.0)",
        f'check("{question}")',
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    with pytest.raises(CellExecutionError):
        execute(notebook, beside_the_cases(name, tmp_path))
    (error,) = [o for o in notebook.cells[-1].outputs if o.output_type == "error"]
    assert error.ename == "CheckFailed"
    assert len(error.traceback) == 1 and "points on public cases" in error.traceback[0]
