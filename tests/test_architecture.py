"""The arrows of docs/design: who may import whom. The checker reads syntax trees; it is tested on a house with wrong arrows."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "autograder"

ALONE = ("question", "report")
"""These import nothing of ours."""
PURE = ("compare", "diagnose", "rules", "examination", "blueprint")
"""These import NumPy, the standard library, and of ours what is pure itself."""
PURE_OURS = {"question", "observation", *PURE}
OBSERVING = {"observe", "worker", "cells", "bans", "portrait", "examine"}
"""TensorFlow is imported here and nowhere else."""
TENSORFLOW = {"tensorflow", "keras"}
READING = {"records", "download", "shapes"}
"""What data sets are made of: these know the messages' class and nothing else of ours."""
DOORS = {"cli", "export"}
"""The command line: nothing else imports the adapters, which sit on top of everything."""
JUDGING = {
    "compare",
    "diagnose",
    "answers",
    "bank",
    "score",
    "grade",
    "audit",
    "release",
    "classroom",
    "checking",
    "rules",
    "gates",
}
"""What a worker must not be able to reach by its imports."""


def imports(source: str, package: str, *, top_only: bool = False) -> Iterator[str]:
    """The modules a module imports: "tensorflow", or ".compare" for one of ours. Type checking blocks count too."""
    tree = ast.parse(source)
    nodes = _top_level(tree) if top_only else ast.walk(tree)
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield _ours(alias.name, package)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            if node.module == package:
                yield from (f".{alias.name}" for alias in node.names)
            else:
                yield _ours(node.module or "", package)
        elif isinstance(node, ast.ImportFrom):
            if node.module:
                yield f".{node.module.split('.')[0]}"
            else:
                yield from (f".{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and _called(node) in ("import_module", "__import__"):
            name = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else "?"
            yield (
                _ours(str(name).replace("..", ".", 1), package)
                if not str(name).startswith(".")
                else f".{str(name).lstrip('.')}"
            )


def _ours(name: str, package: str) -> str:
    parts = name.split(".")
    return ("." + parts[1] if len(parts) > 1 else ".__init__") if parts[0] == package else parts[0]


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _top_level(tree: ast.AST) -> Iterator[ast.AST]:
    """The nodes that run when a module is imported: everything outside of functions."""
    for node in ast.iter_child_nodes(tree):
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            yield node
            yield from _top_level(node)


def wrong_arrows(folder: Path) -> list[str]:
    """What is wrong with a package's imports, in sentences."""
    package = folder.name
    sources = {p.stem: p.read_text(encoding="utf-8") for p in sorted(folder.glob("*.py"))}
    arrows = {name: set(imports(source, package)) for name, source in sources.items()}
    found = []
    for name, targets in arrows.items():
        ours = {t[1:] for t in targets if t.startswith(".")} & set(sources)
        if name in ALONE and ours:
            found.append(f"{name} imports {sorted(ours)} of ours")
        if name in PURE:
            foreign = {t for t in targets if not t.startswith(".")} - {"numpy", "__future__"} - _standard_library()
            if foreign or not ours <= PURE_OURS:
                found.append(f"{name} imports {sorted(foreign | (ours - PURE_OURS))}, but is pure NumPy")
        if name in READING and ours - {"errors"}:
            found.append(f"{name} imports {sorted(ours - {'errors'})} of ours")
        if name not in OBSERVING and targets & TENSORFLOW:
            found.append(f"{name} imports TensorFlow")
        if name not in DOORS and ".adapters" in targets:
            found.append(f"{name} imports an adapter")
        if name not in sources or "?" in targets:
            found.append(f"{name} imports by a computed name")
    for path in sorted(folder.glob("adapters/*.py")):
        targets = set(imports(path.read_text(encoding="utf-8"), package))
        if targets & TENSORFLOW or "?" in targets:
            found.append(f"the adapter {path.stem} imports TensorFlow or by a computed name")
        if reached_up := {t[1:] for t in targets if t.startswith(".")} & (DOORS | {"score", "compare", "diagnose"}):
            found.append(f"the adapter {path.stem} imports {sorted(reached_up)}")

    # The package itself is imported with any module of it, but then only its top level runs.
    arrows["__init__"] = set(imports(sources.get("__init__", ""), package, top_only=True))
    reached, waiting = set[str](), ["worker", "__init__"]
    while waiting:
        name = waiting.pop()
        if name not in reached and name in arrows:
            reached.add(name)
            waiting += [t[1:] for t in arrows[name] if t.startswith(".")]
    if reached & JUDGING:
        found.append(f"a worker reaches {sorted(reached & JUDGING)}")
    return found


def _standard_library() -> set[str]:
    import sys

    return set(sys.stdlib_module_names)


def test_the_arrows_run_one_way() -> None:
    assert wrong_arrows(PACKAGE) == []


def test_the_rules_speak_of_modules_that_are_there() -> None:
    modules = {p.stem for p in PACKAGE.glob("*.py")}
    assert {*ALONE, *PURE, *OBSERVING, *READING, *JUDGING, *DOORS} <= modules
    assert any(TENSORFLOW & set(imports((PACKAGE / f"{name}.py").read_text(), "autograder")) for name in OBSERVING)


@pytest.mark.parametrize("module, line, said", [
    ("question", "from .compare import compare", "question imports ['compare'] of ours"),
    ("question", "import house.wire", "question imports ['wire'] of ours"),
    ("report", "def f():\n    from . import question", "report imports ['question'] of ours"),
    ("report", "from house import question", "report imports ['question'] of ours"),
    ("records", "from .wire import load", "records imports ['wire'] of ours"),
    ("compare", "import scipy.ndimage", "compare imports ['scipy'], but is pure NumPy"),
    ("diagnose", "from .wire import pack", "diagnose imports ['wire'], but is pure NumPy"),
    ("grade", "import tensorflow as tf", "grade imports TensorFlow"),
    ("grade", "def f():\n    from keras import layers", "grade imports TensorFlow"),
    ("grade", "import importlib\nimportlib.import_module('tensorflow.nn')", "grade imports TensorFlow"),
    ("grade", "__import__('keras')", "grade imports TensorFlow"),
    ("grade", "import importlib\nname = 'x'\nimportlib.import_module(name)", "grade imports by a computed name"),
    ("worker", "from .compare import compare", "a worker reaches ['compare', 'diagnose']"),
    ("worker", "def f():\n    from . import bank", "a worker reaches ['bank']"),
    ("worker", "import house.score", "a worker reaches ['score']"),
    ("observe", "from .grade import grade", "a worker reaches ['grade']"),
    ("wire", "if True:\n    from .answers import Answers", "a worker reaches ['answers']"),
    ("__init__", "from .grade import grade", "a worker reaches ['grade']"),
    ("grade", "from .adapters import junit", "grade imports an adapter"),
    ("grade", "def f():\n    from house.adapters.junit import document", "grade imports an adapter"),
    ("adapters/junit", "import tensorflow", "the adapter junit imports TensorFlow or by a computed name"),
    ("adapters/junit", "from ..score import score", "the adapter junit imports ['score']"),
    ("adapters/junit", "from ..export import export", "the adapter junit imports ['export']"),
])  # fmt: skip
def test_a_wrong_arrow_is_found(tmp_path: Path, module: str, line: str, said: str) -> None:
    house = tmp_path / "house"
    house.mkdir()
    right = {
        "__init__": "def check():\n    from .checking import check",
        "question": "import numpy",
        "report": "import pydantic",
        "compare": "from __future__ import annotations\nimport re\nimport numpy as np\nfrom .diagnose import cause",
        "diagnose": "import numpy as np\nfrom .observation import Observation",
        "observation": "import numpy",
        "observe": "from . import wire\ndef f():\n    import tensorflow as tf",
        "wire": "import json",
        "cli": "def f():\n    from .adapters import junit",
        "adapters/junit": "from ..report import Report",
        "worker": "import house\nfrom . import wire\ndef f():\n    import tensorflow\n    from .observe import observe",
        "records": "from .errors import DataError",
        **dict.fromkeys(("errors", "bank", "answers", "score", "grade", "checking", "cells", "bans"), ""),
    }
    (house / "adapters").mkdir()
    for name, text in right.items():
        (house / f"{name}.py").write_text(text + "\n")
    assert wrong_arrows(house) == []
    (house / f"{module}.py").write_text(f"{right[module]}\n{line}\n")
    assert wrong_arrows(house) == [said]


# Nothing in the grader knows an assignment


def told_names(source: str) -> set[str]:
    """Every name and every string in a module's code, docstrings left out."""
    tree = ast.parse(source)
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            names.add(node.value)
        elif isinstance(node, ast.Name):
            names.add(node.id)
        elif isinstance(node, ast.Attribute):
            names.add(node.attr)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
    return names


def course_names(solutions: Path) -> tuple[set[str], set[str]]:
    """The names of the assignments, and of their questions."""
    questions = set()
    for path in solutions.glob("*/questions.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _called(node) == "Question" and isinstance(node.args[0], ast.Constant):
                questions.add(str(node.args[0].value))
    return {path.parent.name for path in solutions.glob("*/questions.py")}, questions


def test_nothing_in_the_grader_knows_an_assignment_by_name() -> None:
    assignments, questions = course_names(ROOT / "solutions")
    assert assignments and questions
    for path in PACKAGE.rglob("*.py"):
        told = told_names(path.read_text(encoding="utf-8"))
        assert not told & questions, path
        assert not [text for text in told if any(name in text for name in assignments)], path
    for path in (PACKAGE / "templates").iterdir():
        text = path.read_text(encoding="utf-8")
        assert not [name for name in assignments | questions if re.search(rf"\b{re.escape(name)}\b", text)], path


def test_a_name_in_the_code_is_found_and_one_in_a_docstring_is_an_example() -> None:
    source = 'def f(conv):\n    """For example "02_convolution"."""\n    if conv.name == "conv2d":\n        return pool(conv)\n'
    assert told_names(source) == {"f", "conv", "name", "conv2d", "pool"}
