"""Mutants of the grader itself: each is run against the quick tests that reach it, and one that passes them is a hole.

Every mutant lives in a fork of its own, which imports the changed module in the place of the real one. What passes there is
tried again in a copy of the repository, where other processes and TensorFlow meet the changed module, too.
"""

from __future__ import annotations

import os

os.environ |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}  # forks, one on each core

import ast
import contextlib
import importlib.abc
import importlib.util
import io
import itertools
import json
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import tomllib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

import click
import pytest
from equivalence import EQUIVALENT, is_known, key, says_nothing
from rich.console import Console
from rich.progress import Progress

from autograder import files
from autograder.course.mutants import HEAD
from autograder.course.mutate import Mutant, mutants

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "autograder"
QUICK = ["-m", "not tensorflow", "-q", "-p", "no:cacheprovider", "-p", "no:warnings", "--assert=plain"]
"""The quick tier. Where the package is installed with its pytest plugin, pytest would import it for its assertions, past `Changed`."""
PATIENCE = 5.0
"""How many times longer than the tests took on the real code a mutant may take, and so many seconds more."""


@dataclass
class Reached:
    """A test: how long it took, and the functions of ours that it called, by file and first line."""

    seconds: float = 0.0
    functions: set[tuple[str, int]] = field(default_factory=set)


class Recorder:
    """A pytest plugin that notes what every test reaches."""

    def __init__(self) -> None:
        self.tests: dict[str, Reached] = {}

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Around a test with its fixtures."""
        found = self.tests[item.nodeid] = Reached()

        def profile(frame: FrameType, event: str, _: object) -> None:
            if event == "call" and frame.f_code.co_filename.startswith(f"{PACKAGE}{os.sep}"):
                found.functions.add((frame.f_code.co_filename, frame.f_code.co_firstlineno))

        begin = time.perf_counter()
        sys.setprofile(profile)
        threading.setprofile(profile)
        yield
        sys.setprofile(None)
        threading.setprofile(None)
        found.seconds = time.perf_counter() - begin

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A test that fails on the real code says nothing of a mutant."""
        if report.failed:
            self.tests.pop(report.nodeid, None)


@dataclass
class Module:
    """A module and what became of its mutants."""

    path: Path
    waiting: list[tuple[Mutant, list[str]]]
    possible: int
    unreached: int
    killed: int = 0
    equivalent: int = 0
    survivors: list[Mutant] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Below the package, e.g. "grader/compare.py"."""
        return str(self.path.relative_to(PACKAGE))


class Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module from another source."""

    def __init__(self, path: Path, source: str) -> None:
        parts = path.relative_to(ROOT).with_suffix("").parts
        self.name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        self.path, self.source = path, source

    def find_spec(self, fullname: str, path: Any, target: ModuleType | None = None) -> ModuleSpec | None:
        """The changed module's, and no other's."""
        if fullname != self.name:
            return None
        return importlib.util.spec_from_file_location(fullname, self.path, loader=self)

    def exec_module(self, module: ModuleType) -> None:
        """Runs the changed source."""
        exec(compile(self.source, str(self.path), "exec", dont_inherit=True), vars(module))


def forget_ours() -> None:
    """Lets the package and the tests be imported anew; the libraries stay."""
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None) or ""
        if name.split(".")[0] == "autograder" or file.startswith(f"{ROOT / 'tests'}{os.sep}"):
            del sys.modules[name]


def fork(work: Callable[[], int]) -> int:
    """The process id of a fork without a terminal that ends with the exit code `work()`."""
    child = os.fork()
    if child:
        return child
    os.setsid()
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    code = 70
    with contextlib.suppress(BaseException):
        code = int(work())
    os._exit(code)


def recorded() -> dict[str, Reached]:
    """Runs the quick tests once on the real code."""
    with tempfile.NamedTemporaryFile("r+") as kept:

        def work() -> int:
            forget_ours()
            recorder = Recorder()
            code = pytest.main([*QUICK, "--continue-on-collection-errors", str(ROOT / "tests")], plugins=[recorder])
            tests = {name: [t.seconds, sorted(t.functions)] for name, t in recorder.tests.items()}
            Path(kept.name).write_text(json.dumps(tests), encoding="utf-8")
            return int(code)

        os.waitpid(fork(work), 0)
        text = kept.read()
    if not text:
        raise SystemExit("The quick tests could not be run.")
    return {n: Reached(s, {(f, line) for f, line in functions}) for n, (s, functions) in json.loads(text).items()}


def look_at(path: Path, tests: dict[str, Reached], most: int, seed: int) -> Module:
    """Draws mutants of a module, each with the tests that call the function it is in, the fastest first."""
    source = path.read_text(encoding="utf-8")
    here = {name: {line for file, line in test.functions if file == str(path)} for name, test in tests.items()}
    everywhere = [name for name, lines in here.items() if lines]
    places = sorted(
        (min([node.lineno, *(d.lineno for d in node.decorator_list)]), node.end_lineno or node.lineno)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    )

    def reaching(mutant: Mutant) -> list[str]:
        around = [first for first, last in places if first <= mutant.line <= last]
        found = [name for name, lines in here.items() if around[-1] in lines] if around else everywhere
        return sorted(found, key=lambda name: tests[name].seconds)

    every = [(mutant, reaching(mutant)) for mutant in mutants(source)]
    reached = [(mutant, names) for mutant, names in every if names]
    random.Random(f"{seed} {path.relative_to(PACKAGE)}").shuffle(reached)
    telling = (turn for turn in reached if not says_nothing(turn[0], source))
    return Module(path, list(itertools.islice(telling, most)), len(every), len(every) - len(reached))


def trial(path: Path, source: str, names: Sequence[str]) -> Callable[[], int]:
    """Runs tests with another source for a module: for a fork."""

    def work() -> int:
        forget_ours()
        sys.meta_path.insert(0, Changed(path, source))
        with tempfile.TemporaryDirectory() as folder:
            return int(pytest.main([*QUICK, "-x", f"--basetemp={folder}/t", f"--rootdir={ROOT}", *names]))

    return work


Turn = tuple[Module, Mutant, list[str]]


def judged(turns: Iterable[Turn], tests: dict[str, Reached], jobs: int, end: float) -> Iterator[tuple[Turn, bool]]:
    """Runs mutants side by side until `end`: each with whether all of its tests pass. Without threads, which no fork survives."""
    running: dict[int, tuple[Turn, float]] = {}
    waiting = iter(turns)
    while True:
        while len(running) < jobs and time.monotonic() < end and (turn := next(waiting, None)):
            module, mutant, names = turn
            child = fork(trial(module.path, mutant.source, names))
            running[child] = turn, time.monotonic() + 10 + PATIENCE * sum(tests[name].seconds for name in names)
        if not running:
            return
        time.sleep(0.02)
        for child, (turn, deadline) in list(running.items()):
            pid, status = os.waitpid(child, os.WNOHANG)
            if not pid and time.monotonic() > deadline:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(child, signal.SIGKILL)
                pid, status = os.waitpid(child, 0)
            if pid:
                del running[child]
                yield turn, os.waitstatus_to_exitcode(status) == 0


class Copy:
    """The repository in another folder, where a module can be changed for every process that imports it."""

    def __init__(self, folder: Path) -> None:
        left_out = shutil.ignore_patterns(".git", ".venv", "build", "__pycache__", ".*_cache")
        self.root = Path(shutil.copytree(ROOT, folder / "copy", ignore=left_out))
        self._seconds: dict[str, float] = {}

    def kills(self, name: str, source: str, files: Sequence[str]) -> bool:
        """Whether the tests in `files` fail, or do not end, when module `name` has another source."""
        path = self.root / PACKAGE.name / name
        for file in files:
            if file not in self._seconds:
                begin = time.monotonic()
                if not self._pass(file, 1800):
                    raise SystemExit(f"{file} does not pass on the real code: then it says nothing of a mutant.")
                self._seconds[file] = time.monotonic() - begin
        real = path.read_text(encoding="utf-8")
        path.write_text(source, encoding="utf-8")
        try:
            return not all(self._pass(file, 10 + PATIENCE * self._seconds[file]) for file in files)
        finally:
            path.write_text(real, encoding="utf-8")

    def _pass(self, file: str, seconds: float) -> bool:
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", file]
        environment = os.environ | {"PYTHONPATH": str(self.root), "PYTHONDONTWRITEBYTECODE": "1"}
        null = subprocess.DEVNULL
        process = subprocess.Popen(
            command, cwd=self.root, env=environment, stdin=null, stdout=null, stderr=null, start_new_session=True
        )
        try:
            return process.wait(seconds) == 0
        except subprocess.TimeoutExpired:
            return False
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@click.command()
@click.argument("wanted", nargs=-1, metavar="[MODULE]...")
@click.option("--each", default=10, show_default=True, help="Mutants of each module.")
@click.option("--seed", default=0, show_default=True, help="Draws other mutants.")
@click.option(
    "--minutes", default=5.0, show_default=True, help="Stop after so long; all modules get their turns alike."
)
@click.option("--jobs", default=2, show_default=True, help="How many at once.")
@click.option("--page", type=click.Path(path_type=Path, dir_okay=False), help="Write the table into this page, too.")
@click.option("--name", default="the grader", show_default=True, help="The name of the part of the page.")
def main(
    wanted: tuple[str, ...], each: int, seed: int, minutes: float, jobs: int, page: Path | None, name: str
) -> None:
    """Draw mutants of MODULE (grader/compare.py; all by default) and run the quick tests on them. Exit code 1 on a hole."""
    os.chdir(ROOT)
    out = Console()
    out.print("Running the quick tests on the real code, under a profiler: two or three minutes.")
    warm_up()
    tests = recorded()
    require_that_tests_tell(tests)
    paths = [PACKAGE / path for path in wanted] or sorted(PACKAGE.rglob("*.py"))
    modules = [module for path in paths if (module := look_at(path, tests, each, seed)).waiting]
    known = tomllib.loads(EQUIVALENT.read_text(encoding="utf-8"))
    more = known.pop("more")
    turns = []
    for module, mutant, reaching in [(m, *m.waiting[n]) for n in range(each) for m in modules if n < len(m.waiting)]:
        if is_known(key(mutant, module.path), known.get(module.name, ())):
            module.equivalent += 1
        else:
            turns.append((module, mutant, reaching))
    end = time.monotonic() + 60 * minutes
    with Progress(console=out, auto_refresh=False) as progress:  # a thread of its own would be in the forks' way
        bar = progress.add_task("mutants", total=len(turns))
        for (module, mutant, _), survived in judged(turns, tests, jobs, end):
            progress.update(bar, advance=1, refresh=True)
            if survived:
                module.survivors.append(mutant)
            else:
                module.killed += 1
    require_that_tests_tell(tests)  # still: who edits the code or the environment meanwhile would kill every mutant
    with tempfile.TemporaryDirectory() as folder:
        copy = Copy(Path(folder))
        for module in modules:
            for mutant in module.survivors:
                out.print(
                    f"passes the quick tests: {module.name}: {mutant}", markup=False, highlight=False, soft_wrap=True
                )
        for module in modules:
            if files_of := more.get(module.name):
                survivors = [m for m in module.survivors if not copy.kills(module.name, m.source, files_of)]
                module.killed += len(module.survivors) - len(survivors)
                module.survivors = survivors
    told = table(modules)
    out.print(told, markup=False)
    holes = [f"{module.name}: {mutant}" for module in modules for mutant in module.survivors]
    for hole in holes:
        out.print(hole, markup=False, highlight=False, soft_wrap=True)
    if page:
        old = page.read_text(encoding="utf-8") if page.is_file() else ""
        command = f"`python benchmarks/mutants.py --each {each} --seed {seed} --minutes {minutes:g}`"
        text = f"## {name[:1].upper()}{name[1:]}\n\n{command}\n\n{told}\n" + "".join(f"- {hole}\n" for hole in holes)
        files.write(page, files.with_section(old, name, text, HEAD))
    sys.exit(1 if holes else 0)


def require_that_tests_tell(tests: dict[str, Reached]) -> None:
    """Tries a module as it is, and one that cannot be imported. Raises SystemExit unless the tests pass and fail."""
    path = PACKAGE / "files.py"
    names = [name for name, test in tests.items() if any(file == str(path) for file, _ in test.functions)]
    for source, passes in ((path.read_text(encoding="utf-8"), True), ("raise ImportError", False)):
        _, status = os.waitpid(fork(trial(path, source, names)), 0)
        if not names or (status == 0) != passes:
            wrong = "do not pass on the real code" if passes else "pass on code that cannot be imported"
            raise SystemExit(f"The quick tests {wrong}: they say nothing of a mutant.")


def warm_up() -> None:
    """Imports every library that the tests use, once for all forks."""
    with contextlib.redirect_stdout(io.StringIO()):
        pytest.main([*QUICK, "--collect-only", str(ROOT / "tests")])
    forget_ours()


def table(modules: Sequence[Module]) -> str:
    """The numbers as Markdown."""
    counts = [
        [m.possible, m.unreached, m.killed, m.equivalent, len(m.survivors)]
        for m in modules
        if m.killed or m.equivalent or m.survivors
    ]
    names = [m.name for m in modules if m.killed or m.equivalent or m.survivors]
    counts.append([sum(column) for column in zip(*counts, strict=True)])
    lines = [
        "| module | possible | not reached | killed | equivalent | survivors | score |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for name, row in zip([*names, "**all**"], counts, strict=True):
        killed, survivors = row[2], row[4]
        lines.append(f"| {name} | {' | '.join(map(str, row))} | {killed / max(1, killed + survivors):.0%} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
