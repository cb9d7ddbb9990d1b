"""Running cells as Jupyter would. Only what touches TensorFlow is marked."""

from __future__ import annotations

import linecache
import sys
import traceback
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tiny

from autograder.border.observation import Failure
from autograder.source import extract
from autograder.worker import cells


@pytest.fixture(autouse=True)
def _main_module_is_ours() -> Iterator[None]:
    before = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = before
    for name in [name for name in linecache.cache if name.startswith("<cell ")]:
        del linecache.cache[name]


def run(*sources: str, skip: set[int] | None = None) -> tuple[types.ModuleType, dict[int, Failure], list[int]]:
    module = cells.main_module()
    started, failures = [], {}
    trees = [{"label": f"cell {i}", "source": source} for i, source in enumerate(sources, 1)]
    for index, failure in cells.run(trees, skip or set(), module):
        if failure is None:
            started.append(index)
        else:
            failures[index] = failure
    return module, failures, started


def test_cells_share_one_namespace_called_main() -> None:
    module, failures, started = run("import math\nx = 1", "y = x + math.pi\nname = __name__", "def f(): return y")
    assert not failures and started == [0, 1, 2]
    assert module.f() == 1 + 3.141592653589793 and module.name == "__main__"
    assert sys.modules["__main__"] is module


def test_every_run_has_a_namespace_of_its_own() -> None:
    run("left = 1")
    assert not hasattr(run("x = 1")[0], "left")


def test_classes_can_be_pickled_as_in_a_notebook() -> None:
    module, failures, _ = run("import pickle\nclass A: pass\ncopy = pickle.loads(pickle.dumps(A()))")
    assert not failures and isinstance(module.copy, module.A)


@pytest.mark.parametrize("source, kind, where", [
    ("x = 1\n1 / 0", "ZeroDivisionError", "cell 1, line 2: 1 / 0"),
    ("exit()", "SystemExit", "cell 1, line 1: exit()"),
    ("raise SystemExit(3)", "SystemExit", "cell 1, line 1: raise SystemExit(3)"),
    ("raise KeyboardInterrupt", "KeyboardInterrupt", "cell 1, line 1: raise KeyboardInterrupt"),
    ("raise GeneratorExit", "GeneratorExit", "cell 1, line 1: raise GeneratorExit"),
    ("import no_such_module", "ModuleNotFoundError", "cell 1, line 1: import no_such_module"),
    ("x = (\n", "SyntaxError", "cell 1, line 1: x = ("),
    ("\n\nreturn 1", "SyntaxError", "cell 1, line 3: return 1"),
    ("\ud800", "UnicodeEncodeError", ""),
    ("def f(n): return f(n)\nf(1)", "RecursionError", "cell 1, line 1: def f(n): return f(n)"),
    ("class E(Exception):\n    def __str__(self): raise ValueError\nraise E", "E", "cell 1, line 3: raise E"),
])  # fmt: skip
def test_an_error_ends_its_cell_only_and_names_its_line(source: str, kind: str, where: str) -> None:
    module, failures, started = run(source, "after = 1")
    assert started == [0, 1] and module.after == 1
    assert list(failures) == [0] and failures[0].kind == kind
    assert failures[0].where == where


def test_what_ran_before_the_error_stays() -> None:
    module, _, _ = run("kept = 1\n1 / 0\nlost = 1")
    assert module.kept == 1 and not hasattr(module, "lost")


def test_skipped_cells_do_not_run() -> None:
    module, _, started = run("a = 1", "b = 1", "c = 1", skip={1})
    assert started == [0, 2] and not hasattr(module, "b")


def test_each_cell_is_told_before_it_runs() -> None:
    module = cells.main_module()
    running = cells.run([{"label": "cell 1", "source": "x = 1"}], set(), module)
    assert next(running) == (0, None) and not hasattr(module, "x")
    assert list(running) == [] and vars(module)["x"] == 1


def test_the_source_is_there_for_messages_and_autograph() -> None:
    import inspect

    source = "def f(x):\n    return x\n"
    module, _, _ = run("first = 1", source)
    assert inspect.getsource(module.f) == source
    try:
        run("def g():\n    raise ValueError('no')")[0].g()
    except ValueError as error:
        assert "    raise ValueError('no')" in "".join(traceback.format_exception(error))


def test_the_students_own_line_is_the_last_one_in_their_code() -> None:
    _, failures, _ = run("import json\ndef f(text):\n    return json.loads(text)", "f('{')")
    assert failures[1].where == "cell 1, line 3: return json.loads(text)"


@pytest.mark.parametrize("source", [
    "%matplotlib inline\n!pip install x\n%load_ext a\nx = 1",
    "%%time\nx = 1",
    "files = !ls\nx = len(files) + 1",
    "path = %pwd\nx = 1",
    "get_ipython().run_line_magic('a', 'b')\nget_ipython().anything(1, b=2)\ndisplay(1, 2)\nx = 1",
    "try:\n    from google.colab import drive\nexcept ImportError:\n    drive = None\nx = 1",
])  # fmt: skip
def test_a_notebooks_magics_do_nothing(tmp_path: Path, source: str) -> None:
    submission = extract.read(tiny.write_notebook(tmp_path / "n.ipynb", [source]))
    module, failures, _ = run(*(cell.source for cell in submission.cells))
    assert not failures and module.x == 1


def test_cells_are_compiled_as_a_notebook_compiles_them() -> None:
    """Without the __future__ imports of the grader's own module: annotations are evaluated."""
    module, failures, _ = run("def f(x: int) -> str: ...\nkinds = f.__annotations__", "def g(x: undefined): ...")
    assert module.kinds == {"x": int, "return": str}
    assert failures[1].kind == "NameError"


def test_a_cell_may_import_from_the_future() -> None:
    module, failures, _ = run("from __future__ import annotations\ndef f(x: undefined): ...\nkinds = f.__annotations__")
    assert not failures and module.kinds == {"x": "undefined"}


@pytest.mark.tensorflow
def test_autograph_sees_the_source() -> None:
    import tensorflow as tf

    source = """\
import tensorflow as tf

@tf.function
def f(x):
    while tf.reduce_sum(x) < 100.0:
        x = 2.0 * x
    return x
"""
    module, failures, _ = run(source)
    result: Any = module.f(tf.constant([1.0]))
    assert not failures and float(result[0]) == 128


def test_a_package_that_only_the_student_has_costs_the_code_that_uses_it() -> None:
    module, failures, _ = run(
        "a = 1\nimport no_such_package\nb = 2\nfrom nor_this import (\n    x,\n)\nc = 3\n1 / 0\nd = 4"
    )
    assert (module.a, module.b, module.c) == (1, 2, 3) and not hasattr(module, "d")
    assert failures[0].kind == "ModuleNotFoundError" and failures[0].where.startswith("cell 1, line 2")
    module, failures, _ = run("def f():\n    import no_such_package\nf()\na = 1")
    assert not hasattr(module, "a") and failures[0].kind == "ModuleNotFoundError"
