"""Windows or macOS on Linux: what those systems lack is taken away from this package, and from nobody else.

`surroundings` makes an environment for processes. In it Python starts with this module as its `sitecustomize`, and everything that
`autograder` imports from the standard library looks as it does there: modules and names are missing, `sys.platform` and `os.name` say
so, text goes to pipes in the system's old encoding, only what is open for writing can be flushed. Other packages keep their Linux.

What is missing is not a list of ours: the type checker's stubs of the standard library know it.
"""

from __future__ import annotations

import ast
import builtins
import json
import os
import shutil
import subprocess
import sys
import types
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

HERE = Path(__file__)
NAMES = {"win32": "nt", "darwin": "posix"}
"""The systems, and their `os.name`."""


def surroundings(system: str, folder: Path) -> dict[str, str]:
    """The environment of a process that seems to run on `system`, for itself and for the workers that it starts.

    Args:
        system: "win32" or "darwin", as `sys.platform` says it.
        folder: an empty folder for what is needed. The PYTHONPATH of a worker holds folders of packages only.
    """
    packages = folder / system / "site-packages"
    packages.mkdir(parents=True)
    shutil.copy(HERE, packages / "sitecustomize.py")
    (packages / "missing.json").write_text(json.dumps(missing(system)), encoding="utf-8")
    return {**os.environ, "PYTHONPATH": str(packages), "PYTHONWARNDEFAULTENCODING": "1"}


def missing(system: str) -> dict[str, list[str]]:
    """What Linux has and `system` lacks: the names of each module of the standard library, ["*"] for a whole module."""
    import mypy

    found: dict[str, list[str]] = {}
    stubs = Path(mypy.__file__).parent / "typeshed" / "stdlib"
    for path in [*stubs.glob("*.pyi"), *stubs.glob("*/__init__.pyi")]:
        text = path.read_text(encoding="utf-8")
        if "sys.platform" not in text:
            continue
        tree = ast.parse(text)
        here, there = (set(_bound(tree.body, platform)) for platform in ("linux", system))
        if here - there:
            name = path.parent.name if path.stem == "__init__" else path.stem
            found[name] = sorted(here - there) if any(not n.startswith("_") for n in there) else ["*"]
    return found


def _bound(statements: list[ast.stmt], platform: str) -> Iterator[str]:
    """The public names that a stub gives a module on a platform."""
    for node in statements:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id
        elif isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name) and target.id != "__all__")
        elif isinstance(node, ast.ImportFrom):
            yield from (a.name for a in node.names if a.asname == a.name or (node.module or "").startswith("_socket"))
        elif isinstance(node, ast.If):
            known = SimpleNamespace(platform=platform, version_info=sys.version_info)
            holds = eval(ast.unparse(node.test), {"sys": known, "TYPE_CHECKING": True})
            yield from _bound(node.body if holds else node.orelse, platform)


# In the process that seems to run there


def pretend(system: str, lacks: dict[str, list[str]]) -> None:
    """From now on, what `autograder` imports looks as on `system`."""
    changed: dict[str, dict[str, Any]] = {"sys": {"platform": system}, "os": {"name": NAMES[system]}}
    if system == "win32":
        changed["os"]["fsync"] = _fsync
        changed["subprocess"] = {"Popen": _Popen}
        changed["ctypes"] = {"CDLL": _cdll}
        for stream in () if sys.flags.utf8_mode else (sys.stdout, sys.stderr):
            stream.reconfigure(encoding="cp1252")  # type: ignore[union-attr]
    else:
        changed["resource"] = {"setrlimit": _setrlimit}
    views: dict[str, _View] = {}
    real = builtins.__import__

    def bring(name: str, scope: Any = None, locals: Any = None, fromlist: Any = (), level: int = 0) -> Any:
        ours = level == 0 and ((scope or {}).get("__package__") or "").partition(".")[0] == "autograder"
        top = name.partition(".")[0]
        if ours and lacks.get(top) == ["*"]:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        module = real(name, scope, locals, fromlist, level)
        if ours and name == top and (top in lacks or top in changed):
            if top not in views:
                views[top] = _View(module, frozenset(lacks.get(top, ())), changed.get(top, {}))
            return views[top]
        return module

    builtins.__import__ = bring
    warnings.filterwarnings("ignore", category=EncodingWarning)
    warnings.filterwarnings("error", category=EncodingWarning, module=r"autograder\b")


class _View(types.ModuleType):
    """A module as it looks on another system."""

    def __init__(self, module: types.ModuleType, lacks: frozenset[str], changed: dict[str, Any]) -> None:
        super().__init__(module.__name__)
        self.__dict__.update(_module=module, _lacks=lacks, **changed)

    def __getattr__(self, name: str) -> Any:
        if name in self._lacks:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        return getattr(self._module, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._module, name, value)


def _fsync(descriptor: int) -> None:
    """As Windows' `FlushFileBuffers`, which asks for the right to write."""
    import fcntl

    if fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY:
        raise OSError(9, "Bad file descriptor")
    os.fsync(descriptor)


def _setrlimit(kind: int, limits: tuple[int, int]) -> None:
    """As on macOS, which does not take every limit that Linux takes."""
    raise ValueError("current limit exceeds maximum limit")


class _Popen(subprocess.Popen[Any]):
    """As on Windows, where a process is given three streams and no other descriptors."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        for name in ("pass_fds", "preexec_fn"):
            if settings.get(name):
                raise ValueError(f"{name} not supported on Windows.")
        super().__init__(*arguments, **settings)


def _cdll(name: str | None, *arguments: Any, **settings: Any) -> Any:
    """As on Windows, where a process has no C library that could be opened without a name."""
    import ctypes

    if name is None:
        raise TypeError("argument of type 'NoneType' is not iterable")
    return ctypes.CDLL(name, *arguments, **settings)


if __name__ == "sitecustomize":
    pretend(HERE.parents[1].name, json.loads(HERE.with_name("missing.json").read_text(encoding="utf-8")))
