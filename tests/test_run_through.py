"""A notebook that nobody can run is found before it is released: the solved and the released one run in a real kernel."""

from __future__ import annotations

from pathlib import Path

import pytest
import tiny

from autograder.course import assignment as assignments
from autograder.course.assignment import Assignment
from autograder.course.run_through import dead_cells
from autograder.grader.workers import Workers

pytestmark = pytest.mark.tensorflow


def test_a_sound_assignment_runs(tiny_assignment: Assignment, workers: Workers) -> None:
    assert dead_cells(tiny_assignment, workers) == []


def test_every_dead_cell_is_listed(tmp_path: Path, workers: Workers) -> None:
    lost, given = "from autograder import check\n", "return tf.reduce_sum(2.0 * x), int(x.shape[0] * x.shape[1])"
    head, total = tiny.NOTEBOOK.replace(lost, "").split('# %%\ncheck("total")')
    dead = (
        f"{head}# %%\nscale([1.0], 2.0)\n\n# %%\n1 / 0\n\n# %%\n{lost}\n# %%\ndef total(x):\n    {given}\n\n"
        f'# %%\ncheck("total"){total}\n# %%\nimport os, sys\nif "ipykernel" in sys.modules:\n    os._exit(3)\n'
    )
    found = dead_cells(assignments.load(tiny.write_assignment(tmp_path, notebook=dead)), workers)
    for notebook in ("solved", "released"):
        assert f"the {notebook} notebook fails in the cell '1 / 0': ZeroDivisionError: division by zero" in found
        assert any("NameError: name 'check' is not defined" in line and notebook in line for line in found)
        assert any(f"the {notebook} notebook did not run to its end" in line for line in found)
    assert [
        line for line in found if "scale([1.0], 2.0)" in line and "NotImplementedError" in line and "released" in line
    ]
    assert """the released notebook's check("total") does not say 'not attempted yet'""" in found
