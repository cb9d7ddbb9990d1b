"""The house: which folder may import which, by allow-list. The checker reads syntax trees; it is tried on a made-up house.

What is not allowed here is a wrong arrow, so a new folder, a new library or a new way to import has to be written down first.
"""

from __future__ import annotations

import ast
import doctest
import graphlib
import importlib
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "autograder"

ROOMS: dict[str, set[str]] = {
    "root": set(),
    "border": {"root"},
    "source": {"root", "border"},
    "worker": {"root", "border", "source"},
    "reports": {"root"},
    "grader": {"root", "border", "source", "reports"},
    "course": {"root", "border", "source", "reports", "grader"},
    "student": {"root", "border", "source", "reports", "grader", "worker"},
    "datasets": {"root"},
    "adapters": {"root", "border", "source", "reports", "grader", "course"},
    "commands": {"root", "border", "source", "reports", "grader", "course", "student", "adapters"},
    "__main__": {"commands"},
}
"""The folders that each folder may import. "root" are the modules that lie in none; `__main__` is the command line's door."""

ROOT_MODULES: dict[str, set[str]] = {"question": set(), "errors": set(), "files": set(), "strokes": {"question"}}
"""Those modules, and which of each other they may import."""

WHEN_CALLED = {"student"}
"""What the package itself imports, and only when `check` is called: it is imported with every module, a worker's too."""

LIBRARIES: dict[str, set[str]] = {
    "root": {"numpy"},
    "source": {"IPython"},
    "border": {"numpy"},
    "worker": {"numpy", "tensorflow", "keras", "matplotlib", "py_landlock", "pyseccomp"},
    "reports": {"pydantic", "jinja2", "markupsafe", "rich"},
    "grader": {"numpy"},
    "course": {"numpy", "jinja2", "jupytext", "nbclient", "nbformat", "nbgrader", "traitlets"},
    "student": {"numpy", "IPython"},
    "datasets": {"numpy", "requests", "urllib3", "filelock", "scipy", "sklearn", "rich"},
    "adapters": {"nbgrader", "nbformat", "nbconvert", "traitlets", "packaging"},
    "commands": {"click", "rich", "pytest"},
}
"""What of others each folder may import beside the standard library. TensorFlow is imported where student code runs, only."""

FINDERS = {"import_module", "__import__", "run_module", "run_path", "resolve_name", "spec_from_file_location"}
"""Functions that import, or lead to a module, by a name that may be computed."""

COMPUTED = {"course/assignment"}
"""It loads an instructor's `questions.py` from its path."""


@dataclass(frozen=True)
class Arrow:
    """An import.

    Attributes:
        room: the folder that is imported, "root", or "__init__" for the package itself; "" for what is not ours.
        name: the module, e.g. "question", or the library, e.g. "numpy"; "?" if it is computed.
        always: whether it happens when the module is imported, not first in a call.
    """

    room: str
    name: str
    always: bool


def arrows(path: Path, package: Path) -> Iterator[Arrow]:
    """Every import of a module, those in functions and for type checkers too."""
    place = (package.name, *path.relative_to(package).with_suffix("").parts)
    here = place[:-1]  # the package that the module lies in; of an __init__.py the folder itself
    tree = ast.parse(path.read_text(encoding="utf-8"))
    at_import = {id(node) for node in _at_import(tree)}
    finders = FINDERS | {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.name in FINDERS
    }
    for node in ast.walk(tree):
        for target in _targets(node, here, package.name, finders):
            if target[0] == package.name:
                yield Arrow(*_room(target, package), id(node) in at_import)
            else:
                yield Arrow("", target[0], id(node) in at_import)


def _at_import(tree: ast.AST) -> Iterator[ast.AST]:
    """The nodes that run when a module is imported: everything outside of functions."""
    for node in ast.iter_child_nodes(tree):
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            yield node
            yield from _at_import(node)


def _targets(node: ast.AST, here: tuple[str, ...], package: str, finders: set[str]) -> Iterator[tuple[str, ...]]:
    """What a piece of syntax imports, as dotted names in parts."""
    if isinstance(node, ast.Import):
        yield from (tuple(alias.name.split(".")) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        start = here[: len(here) + 1 - node.level] if node.level else ()
        module = (*start, *(node.module.split(".") if node.module else ()))
        yield from ((*module, alias.name) for alias in node.names)
    elif isinstance(node, ast.Call) and _called(node) in finders:
        first = node.args[0] if node.args else None
        name = first.value if isinstance(first, ast.Constant) else None
        from_a_path = _called(node) in ("run_path", "spec_from_file_location")
        if from_a_path or not isinstance(name, str) or (name.startswith(".") and len(node.args) < 2):
            yield ("?",)
            return
        level = len(name) - len(name.lstrip("."))
        yield (*(here[: len(here) + 1 - level] if level else ()), *re.split("[.:]", name[level:]))
    elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == package:
        yield (package, node.attr)  # `import house`, then `house.grader`


def _room(target: tuple[str, ...], package: Path) -> tuple[str, str]:
    """The folder and the module that a dotted name of ours leads to."""
    if len(target) == 1:
        return "__init__", ""
    first = target[1]
    if (package / first).is_dir():
        return first, ".".join(target[2:])
    if (package / f"{first}.py").is_file():
        return ("root" if first in ROOT_MODULES else first), first
    return "__init__", first  # something that the package itself defines, e.g. its version


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def room_of(path: Path, package: Path) -> str:
    """The folder a module lies in, "root" for the modules that lie in none; else the module's own name."""
    parts = path.relative_to(package).with_suffix("").parts
    return parts[0] if len(parts) > 1 or parts[0] not in ROOT_MODULES else "root"


def wrong_arrows(package: Path) -> list[str]:
    """What is wrong with a package's imports, in sentences."""
    found = []
    for path in sorted(package.rglob("*.py")):
        room, name = room_of(path, package), path.relative_to(package).with_suffix("").as_posix()
        if room not in {*ROOMS, "__init__"}:
            found.append(f"{name} lies in no room of the house")
            continue
        for arrow in arrows(path, package):
            if arrow.name == "?":
                if name not in COMPUTED:
                    found.append(f"{name} imports by a computed name")
            elif not arrow.room:
                allowed = LIBRARIES.get(room, set())
                if arrow.name not in {*allowed, *sys.stdlib_module_names}:
                    found.append(f"{name} imports {arrow.name}")
            elif room == "__init__":
                if arrow.room not in {*WHEN_CALLED, "__init__"} or arrow.always:
                    found.append(f"the package itself imports {arrow.room}{' at once' if arrow.always else ''}")
            elif room == "root":
                if arrow.room == "root" and arrow.name not in {name, *ROOT_MODULES[name]}:
                    found.append(f"{name} imports {arrow.name}")
                elif arrow.room not in {"root", "__init__"}:
                    found.append(f"{name} imports {arrow.room}")
            elif arrow.room not in {room, "__init__", *ROOMS[room]}:
                found.append(f"{name} imports {arrow.room}")
    return list(dict.fromkeys(found))


def reach(room: str) -> set[str]:
    """All that a folder's modules can bring in, by what is allowed."""
    return {room}.union(*(reach(other) for other in ROOMS[room]))


# The house as it is


def test_every_arrow_is_an_allowed_one() -> None:
    assert wrong_arrows(PACKAGE) == []


def test_the_rules_speak_of_what_is_there() -> None:
    """A room that nobody lives in, or an arrow that nobody needs, is a door left open."""
    folders = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").is_file()}
    modules = {path.stem for path in PACKAGE.glob("*.py")}
    assert set(ROOMS) == {*folders, "root", "__main__"} and modules == {*ROOT_MODULES, "__init__", "__main__"}
    seen: dict[str, set[Arrow]] = {}
    for path in PACKAGE.rglob("*.py"):
        seen.setdefault(room_of(path, PACKAGE), set()).update(arrows(path, PACKAGE))
    for room, allowed in ROOMS.items():
        assert allowed - {"root"} <= {arrow.room for arrow in seen[room]}, f"{room} needs not all of its arrows"
    for room, allowed in LIBRARIES.items():
        assert allowed <= {arrow.name for arrow in seen[room] if not arrow.room}, (
            f"{room} needs not all of its libraries"
        )


def test_imports_run_one_way() -> None:
    order = list(graphlib.TopologicalSorter(ROOMS).static_order())  # raises CycleError
    assert order[0] == "root" and order[-1] == "__main__"


def test_the_guide_for_contributors_has_the_same_table() -> None:
    rows = re.findall(
        r"^\| `(\w+)/` \|.*\| (.*?) ?\|$", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    told = {room: set(re.findall(r"`(\w+)`", allowed)) | {"root"} for room, allowed in rows}
    assert told == {room: allowed for room, allowed in ROOMS.items() if room not in ("root", "__main__")}


def test_no_arrow_runs_between_worker_and_grader() -> None:
    assert reach("worker") == {"worker", "root", "border", "source"}
    assert "worker" not in reach("grader")
    assert [room for room, allowed in ROOMS.items() if "worker" in allowed] == ["student"], "there nothing is hidden"


def test_nothing_but_the_commands_imports_an_adapter() -> None:
    assert [room for room, allowed in ROOMS.items() if "adapters" in allowed] == ["commands"]


def test_tensorflow_is_imported_where_student_code_runs_only() -> None:
    assert [room for room, allowed in LIBRARIES.items() if allowed & {"tensorflow", "keras"}] == ["worker"]


def imported_by(folder: str) -> set[str]:
    """The modules that are there after every module of a folder was imported."""
    modules = [m.name for m in pkgutil.walk_packages([str(PACKAGE / folder)], f"autograder.{folder}.")]
    names = [f"autograder.{folder}", *(name for name in modules if not name.endswith("__main__"))]
    code = f"import importlib, sys\nfor name in {names}: importlib.import_module(name)\nprint(*sys.modules)"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(ended.stdout.split())


@pytest.mark.parametrize("folder", ["worker", "grader", "border", "source"])
def test_python_itself_imports_no_more(folder: str) -> None:
    """What syntax trees do not show, the interpreter does."""
    loaded = imported_by(folder)
    rooms = {name.split(".")[1] for name in loaded if name.startswith("autograder.")}
    assert rooms <= reach(folder) - {"root"} | set(ROOT_MODULES)
    assert not loaded & {"tensorflow", "keras"}, "TensorFlow is imported when it is needed"


# Wrong arrows in a made-up house

HOUSE = {
    "__init__": "import os\n__version__ = '1'\ndef check(name):\n    from .student.check import check_in_notebook",
    "__main__": "from .commands.cli import main",
    "question": "from __future__ import annotations\nimport numpy as np",
    "errors": "",
    "files": "import os",
    "strokes": "import numpy as np\nfrom .question import Draw",
    "source/__init__": "",
    "source/extract": "import ast\nfrom .. import files\ndef f():\n    from IPython.core import inputtransformer2",
    "source/names": "from .extract import parse\nfrom . import extract",
    "border/__init__": "",
    "border/wire": "import numpy as np\nfrom ..question import Code\nfrom ..files import atomically",
    "worker/__init__": "",
    "worker/__main__": "def main():\n    from . import observe",
    "worker/observe": "import house\nfrom ..border import wire\nfrom ..source.names import used\ndef f():\n    import tensorflow as tf\n    from keras import layers",
    "grader/__init__": "",
    "grader/compare": "import numpy as np\nfrom .. import __version__\nfrom ..border.wire import read\nfrom ..reports.report import Report\nfrom .rules import RULES",
    "grader/rules/__init__": "from ...question import Exam\nfrom ..models import Examined\nfrom .rule import rule",
    "grader/rules/rule": "from typing import Any",
    "grader/models": "from ..border import wire",
    "reports/__init__": "",
    "reports/report": "import pydantic\nfrom .. import files",
    "course/__init__": "",
    "course/assignment": "import importlib.util\nfrom ..grader.compare import compare\ndef f(path):\n    return importlib.util.spec_from_file_location('questions', path)",
    "student/__init__": "",
    "student/check": "from ..grader.compare import compare\ndef f():\n    from ..worker.observe import observe",
    "datasets/__init__": "from .load import load_data",
    "datasets/load": "import numpy as np\nfrom ..errors import DataError",
    "adapters/__init__": "",
    "adapters/junit": "import xml.etree.ElementTree as ET\nfrom ..reports.report import Report\nfrom . import markdown",
    "adapters/markdown": "from ..course import assignment",
    "commands/__init__": "",
    "commands/cli": "import click\ndef f():\n    from ..adapters import junit\n    from ..student.check import check_file",
}  # fmt: skip
"""Every arrow in it is allowed."""

WRONG = [
    # worker and grader
    ("worker/observe", "from ..grader.compare import compare", "worker/observe imports grader"),
    ("worker/observe", "from .. import grader", "worker/observe imports grader"),
    ("worker/observe", "def f():\n    from house.grader import compare", "worker/observe imports grader"),
    ("worker/observe", "import house.grader.compare", "worker/observe imports grader"),
    ("worker/observe", "import house\nhouse.grader.compare.compare()", "worker/observe imports grader"),
    ("worker/observe", "if TYPE_CHECKING:\n    from ..grader.compare import compare", "worker/observe imports grader"),
    ("worker/observe", "class A:\n    from ..grader import compare", "worker/observe imports grader"),
    ("worker/__init__", "from ..grader import compare", "worker/__init__ imports grader"),
    ("worker/__main__", "from ..grader import compare", "worker/__main__ imports grader"),
    ("worker/observe", "from ..reports import report", "worker/observe imports reports"),
    ("worker/observe", "from ..course import assignment", "worker/observe imports course"),
    ("worker/observe", "from ..student import check", "worker/observe imports student"),
    ("grader/compare", "from ..worker.observe import observe", "grader/compare imports worker"),
    ("grader/rules/rule", "from ...worker import observe", "grader/rules/rule imports worker"),
    ("grader/rules/__init__", "def f():\n    from ...worker import observe", "grader/rules/__init__ imports worker"),
    ("grader/compare", "from ..course.assignment import load", "grader/compare imports course"),
    # computed imports
    ("worker/observe", "import importlib\nimportlib.import_module('house.grader.compare')", "worker/observe imports grader"),
    ("worker/observe", "import importlib\nimportlib.import_module('..grader.compare', __package__)", "worker/observe imports grader"),
    ("worker/observe", "from importlib import import_module as bring\nbring('house.grader')", "worker/observe imports grader"),
    ("worker/observe", "__import__('house.grader')", "worker/observe imports grader"),
    ("grader/compare", "__import__('tensorflow')", "grader/compare imports tensorflow"),
    ("grader/compare", "import importlib\nimportlib.import_module('keras.layers')", "grader/compare imports keras"),
    ("worker/observe", "import importlib\nimportlib.import_module('house.' + 'grader')", "worker/observe imports by a computed name"),
    ("worker/observe", "import importlib\nimportlib.import_module('..grader')", "worker/observe imports by a computed name"),
    ("worker/observe", "import runpy\nrunpy.run_module(name)", "worker/observe imports by a computed name"),
    ("worker/observe", "import pkgutil\npkgutil.resolve_name('house.grader:compare')", "worker/observe imports grader"),
    ("grader/compare", "import importlib.util\nimportlib.util.spec_from_file_location(a, b)", "grader/compare imports by a computed name"),
    # TensorFlow, and libraries where they do not belong
    ("grader/compare", "import tensorflow as tf", "grader/compare imports tensorflow"),
    ("student/check", "def f():\n    import tensorflow as tf", "student/check imports tensorflow"),
    ("border/wire", "from keras import layers", "border/wire imports keras"),
    ("commands/cli", "from tensorflow.keras import layers", "commands/cli imports tensorflow"),
    ("question", "import tensorflow", "question imports tensorflow"),
    ("__init__", "import tensorflow", "__init__ imports tensorflow"),
    ("grader/compare", "import scipy.ndimage", "grader/compare imports scipy"),
    ("grader/compare", "import pickle5", "grader/compare imports pickle5"),
    ("reports/report", "import numpy", "reports/report imports numpy"),
    # the root
    ("question", "from .errors import CallError", "question imports errors"),
    ("question", "def f():\n    from .strokes import Strokes", "question imports strokes"),
    ("question", "import house.files", "question imports files"),
    ("question", "from .border import wire", "question imports border"),
    ("errors", "from . import question", "errors imports question"),
    ("files", "from .errors import CallError", "files imports errors"),
    ("strokes", "from . import files", "strokes imports files"),
    # the package itself is imported with each of its modules
    ("__init__", "from .student.check import check_in_notebook", "the package itself imports student at once"),
    ("__init__", "from . import question", "the package itself imports root at once"),
    ("__init__", "if True:\n    import house.grader", "the package itself imports grader at once"),
    ("__init__", "def f():\n    from .grader import compare", "the package itself imports grader"),
    ("__main__", "from .grader import compare", "__main__ imports grader"),
    # the others
    ("source/names", "from ..reports import report", "source/names imports reports"),
    ("border/wire", "from ..source.extract import parse", "border/wire imports source"),
    ("reports/report", "from ..grader import compare", "reports/report imports grader"),
    ("course/assignment", "from ..worker.observe import observe", "course/assignment imports worker"),
    ("course/assignment", "from ..student.check import check_file", "course/assignment imports student"),
    ("student/check", "from ..course.assignment import load", "student/check imports course"),
    ("datasets/load", "from ..source.extract import parse", "datasets/load imports source"),
    ("adapters/junit", "from ..commands.cli import main", "adapters/junit imports commands"),
    ("course/assignment", "from ..adapters import junit", "course/assignment imports adapters"),
    ("grader/compare", "def f():\n    from house.adapters.junit import document", "grader/compare imports adapters"),
    ("student/check", "from ..adapters import junit", "student/check imports adapters"),
    ("commands/cli", "from ..worker import observe", "commands/cli imports worker"),
    # a new room
    ("attic", "", "attic lies in no room of the house"),
    ("attic/box", "", "attic/box lies in no room of the house"),
]  # fmt: skip


def build(folder: Path, changed: dict[str, str]) -> Path:
    for name, text in (HOUSE | changed).items():
        path = folder / "house" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n", encoding="utf-8")
    return folder / "house"


def test_a_house_of_allowed_arrows_has_no_wrong_one(tmp_path: Path) -> None:
    assert wrong_arrows(build(tmp_path, {})) == []


@pytest.mark.parametrize("module, line, said", WRONG)
def test_a_wrong_arrow_is_found(tmp_path: Path, module: str, line: str, said: str) -> None:
    text = f"{HOUSE[module]}\n{line}" if module in HOUSE else line
    assert wrong_arrows(build(tmp_path, {module: text})) == [said]


# Size and examples

LONG = {
    "question.py": "the one file that authors of questions read: all that they can say, half of it documentation",
    "course/mutate.py": "one mutation operator after the other, a few lines each",
    "datasets/load.py": "every place where a data set is looked for, and what people are told of each",
    "worker/observe.py": "a call, its gradients and its failure are one observation",
}
"""Modules of more than 300 lines, and why."""


def test_no_module_is_long_without_a_reason() -> None:
    lines = {p.relative_to(PACKAGE).as_posix(): len(p.read_text("utf-8").splitlines()) for p in PACKAGE.rglob("*.py")}
    assert {name for name, count in lines.items() if count > 300} == set(LONG)


EXAMPLES = [path for path in sorted(PACKAGE.rglob("*.py")) if ">>> " in path.read_text(encoding="utf-8")]
"""The modules whose docstrings show how they are used. None of them needs TensorFlow for it."""


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_examples_in_docstrings_give_what_they_say(path: Path) -> None:
    name = ".".join(("autograder", *path.relative_to(PACKAGE).with_suffix("").parts))
    failed, tried = doctest.testmod(importlib.import_module(name))
    assert tried and not failed


def test_the_examples_are_found() -> None:
    assert {"question", "compare", "diagnose", "blueprint"} <= {path.stem for path in EXAMPLES}


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
    questions -= {
        "gradient",
        "softmax",
        "dropout",
        "flip",
    }  # functions of 01 and 07; everywhere else they are the field's words
    assert assignments and questions
    for path in PACKAGE.rglob("*.py"):
        told = told_names(path.read_text(encoding="utf-8"))
        assert not told & questions - {"relu", "softmax", "gradient"}, path  # words of the field, too
        assert not [text for text in told if any(name in text for name in assignments)], path
    templates = [path for path in PACKAGE.rglob("templates/*") if path.is_file()]
    assert len(templates) > 4
    for path in templates:
        text = path.read_text(encoding="utf-8")
        assert not [name for name in assignments | questions if re.search(rf"\b{re.escape(name)}\b", text)], path


def test_a_name_in_the_code_is_found_and_one_in_a_docstring_is_an_example() -> None:
    source = 'def f(conv):\n    """For example "02_convolution"."""\n    if conv.name == "conv2d":\n        return pool(conv)\n'
    assert told_names(source) == {"f", "conv", "name", "conv2d", "pool"}
