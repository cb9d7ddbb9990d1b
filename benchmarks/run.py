"""Measures the grader against its peers on the same notebooks, in one run, on one machine.

`python benchmarks/run.py` writes docs/benchmarks.md and its plots. Every speed is a ratio against something measured in the same
run; `--quick` takes fewer submissions, to try it out.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path

import click
import matplotlib
import nbformat

from autograder.border.levels import clean_environment
from autograder.course.assignment import load
from autograder.course.release import source_notebook
from autograder.course.solve import answers_of
from autograder.grader import answers
from autograder.grader.grade import Marking, grade
from autograder.grader.isolation import strongest
from autograder.grader.workers import Workers
from autograder.source import extract
from autograder.source.extract import Cell
from autograder.source.idle import without_idle

matplotlib.use("agg")
import matplotlib.pyplot as plt

ROOT = Path(__file__).parent.parent
ASSIGNMENT = "02_convolution"  # ten questions, with gradients
BIN = Path(sys.executable).parent
ENVIRONMENT = os.environ | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}


def timed(*command: object, cwd: Path = ROOT) -> float:
    """Runs a command to its end and returns the seconds it took on the clock."""
    start = time.perf_counter()
    ended = subprocess.run([str(part) for part in command], cwd=cwd, env=ENVIRONMENT, capture_output=True, text=True)
    if ended.returncode:
        raise click.ClickException(f"{command} failed:\n{ended.stdout[-2000:]}\n{ended.stderr[-2000:]}")
    return time.perf_counter() - start


def solved() -> nbformat.NotebookNode:
    """The solved notebook, as a student with full marks hands it in."""
    return source_notebook(load(ROOT / "solutions" / ASSIGNMENT))


def graded_cells(path: Path) -> list[Cell]:
    """Writes the solved notebook to `path`; its cells that run when it is graded."""
    nbformat.write(solved(), path)
    return without_idle(extract.read(path).cells, load(ROOT / "solutions" / ASSIGNMENT).idle)


def hand_in(folder: Path, count: int) -> Path:
    """A submitted/ tree of `count` students, whose files all differ."""
    notebook = solved()
    for number in range(count):
        target = folder / f"student{number:04d}" / ASSIGNMENT
        target.mkdir(parents=True)
        notebook.cells[0].source = f"# Student {number}"
        nbformat.write(notebook, target / f"{ASSIGNMENT}.ipynb")
    return folder


def ours(tree: Path, out: Path, jobs: int) -> float:
    """`autograder grade`: public and hidden cases."""
    command = (BIN / "autograder", "grade", tree, "--out", out, "--jobs", jobs, "--salt", out.parent / "salt")
    return timed(*command)


def nbgrader(count: int, folder: Path) -> float:
    """`nbgrader autograde`: the same notebooks, each in a kernel; its checks run the public cases only."""
    course = folder / "nbgrader"
    source = course / "source" / ASSIGNMENT
    source.mkdir(parents=True)
    nbformat.write(solved(), source / f"{ASSIGNMENT}.ipynb")
    cases = ROOT / "assignments" / ASSIGNMENT / f"{ASSIGNMENT}.npz"
    shutil.copy(cases, source)
    hand_in(course / "submitted", count)
    for student in (course / "submitted").iterdir():
        shutil.copy(cases, student / ASSIGNMENT)
    (course / "nbgrader_config.py").write_text("c = get_config()\nc.ExecutePreprocessor.timeout = 600\n")
    timed(BIN / "nbgrader", "generate_assignment", ASSIGNMENT, cwd=course)
    taken = timed(BIN / "nbgrader", "autograde", ASSIGNMENT, cwd=course)
    graded = list((course / "autograded").glob("*/*/*.ipynb"))
    assert len(graded) == count, "nbgrader did not grade everything"
    return taken


def otter(python: Path, count: int, folder: Path) -> float:
    """`otter run`: the same notebooks, with a test file a question that runs the same public check."""
    questions = [q.name for q in load(ROOT / "solutions" / ASSIGNMENT).questions]
    work = folder / "otter"
    work.mkdir()
    archive = work / "autograder.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("otter_config.json", json.dumps({"lang": "python"}))
        file.write(ROOT / "assignments" / ASSIGNMENT / f"{ASSIGNMENT}.npz", f"files/{ASSIGNMENT}.npz")
        for name in questions:
            case = {"code": f'>>> check("{name}")', "hidden": False, "locked": False}
            suite = {"cases": [case], "scored": True, "setup": "", "teardown": "", "type": "doctest"}
            file.writestr(
                f"tests/{name}.py", f"OK_FORMAT = True\ntest = { ({'name': name, 'points': 1, 'suites': [suite]})!r}\n"
            )
    total = 0.0
    hand_in(work / "submitted", count)
    for notebook in sorted((work / "submitted").glob("*/*/*.ipynb")):
        total += timed(
            python, "-m", "otter", "run", notebook, "-a", archive, "-o", notebook.parent, cwd=notebook.parent
        )
        results = json.loads((notebook.parent / "results.json").read_text())
        passed = [t for t in results["tests"] if t.get("score") and t["score"] == t.get("max_score")]
        assert len(passed) >= len(questions), f"otter did not pass everything: {results}"
    return total


def bare(folder: Path) -> float:
    """The student's own calls: a warm process that runs the cells that are graded, calls each function on each case, and nothing else.

    No isolation, no bans, no comparison; forks as the grader does, so that TensorFlow's first operation is paid for too.
    """
    script, notebook, graded = folder / "bare.py", folder / f"{ASSIGNMENT}.ipynb", folder / "cells.json"
    script.write_text(_BARE)
    graded.write_text(json.dumps([cell.source for cell in graded_cells(notebook)]))
    ended = subprocess.run(
        [sys.executable, script, str(ROOT / "solutions"), ASSIGNMENT, graded], env=ENVIRONMENT | clean_environment("process", str(folder)),
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return float(ended.stdout.split()[-1])


_BARE = """
import json, os, sys, time
from pathlib import Path
import numpy as np
import keras, matplotlib.pyplot
import tensorflow as tf
import autograder
from autograder.course.assignment import load
from autograder.question import Code, Rung, cotangent
autograder.check = lambda *_: None
assignment = load(Path(sys.argv[1]) / sys.argv[2])
cells = json.loads(Path(sys.argv[3]).read_text())
questions = [q.materialised("bare") for q in assignment.questions]
COUNT = 20
start = time.perf_counter()
for _ in range(COUNT):
    pid = os.fork()
    if pid == 0:
        scope = {"__name__": "student"}
        for cell in cells:
            exec(compile(cell, "<cell>", "exec"), scope)
        for q in questions:
            for case in q.cases:
                inputs = {k: tf.constant(v) if isinstance(v, np.ndarray) else eval(v.source, {"tf": tf, "np": np}) if isinstance(v, Code) else v
                          for k, v in case.arguments.items()}
                with tf.GradientTape() as tape:
                    tape.watch([inputs[name] for name in q.wrt])
                    y = scope[q.name](**inputs)
                if q.wrt and not isinstance(case, Rung):
                    y = y[0] if q.returns else y
                    tape.gradient(y, [inputs[name] for name in q.wrt], tf.constant(cotangent(0, y.shape), y.dtype))
        os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0
print((time.perf_counter() - start) / COUNT)
"""


def anatomy(own: float, folder: Path) -> tuple[dict[str, float], float]:
    """Where the time of one submission goes, by leaving out one thing after the other, and the share of the ladder; medians."""
    assignment = load(ROOT / "solutions" / ASSIGNMENT)
    path = folder / f"{ASSIGNMENT}.ipynb"
    cells = answers.as_trees(graded_cells(path))
    taken: dict[str, float] = {}
    for level in ("process", strongest()):
        with Workers(level) as workers:
            prepared = answers_of(assignment, "anatomy", workers)
            marking = Marking(assignment.name, prepared, assignment.fingerprint, "anatomy", level, assignment.idle)
            tasks = [answers.task(a.question, "anatomy") for a in prepared.values()]
            taken[f"run at {level}"] = _median(partial(workers.run, cells, tasks))
            fewer = [answers.task(a.question.without_ladder(), "anatomy") for a in prepared.values()]
            without_ladder = _median(partial(workers.run, cells, fewer))
            graded = _median(partial(grade, path, marking, workers, submission="x", student="x"))
    plain, walled = taken["run at process"], taken[f"run at {strongest()}"]
    parts = {
        "the student's own calls, in a bare warm fork": own,
        "observing them: bans, random cotangents, sending arrays": plain - own,
        f"isolation at the level {strongest()!r}": walled - plain,
        "the grader's side: reading, comparing, diagnosing": graded - walled,
    }
    return parts, walled / without_ladder - 1


def _median(measured: Callable[[], object]) -> float:
    taken = []
    for _ in range(11):
        start = time.perf_counter()
        measured()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def first_result(tree: Path, folder: Path) -> float:
    """Seconds from `grade` to the first finished report, from cold."""
    out = Path(tempfile.mkdtemp(dir=folder))
    command = [BIN / "autograder", "grade", tree, "--out", out, "--salt", folder / "salt", "--jobs", "2"]
    start = time.perf_counter()
    with subprocess.Popen(
        command, env=ENVIRONMENT, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        while not list(out.glob("*/*/report.json")) and process.poll() is None:
            time.sleep(0.02)
        taken = time.perf_counter() - start
        process.terminate()
    return taken


def many(count: int, folder: Path) -> tuple[list[float], list[tuple[float, float]], float]:
    """Grades `count` submissions with two jobs: when each was done, the memory of all processes over time, and a second run."""
    tree, out = hand_in(folder / "many", count), folder / "many-out"
    command = [BIN / "autograder", "grade", tree, "--out", out, "--salt", folder / "salt", "--jobs", "2"]
    memory, start = [], time.time()
    with subprocess.Popen(
        command, env=ENVIRONMENT, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        while process.poll() is None:
            memory.append((time.time() - start, _memory_below(process.pid)))
            time.sleep(1.0)
    done = sorted(p.stat().st_mtime - start for p in out.glob("*/*/report.json"))
    assert len(done) == count
    return done, memory, timed(*command)


def _memory_below(pid: int) -> float:
    """Megabytes that a process and all below it hold, shared pages counted once (PSS)."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(entry.parent.name)] = int(entry.read_text().rsplit(")", 1)[1].split()[1])
        except (OSError, IndexError):
            continue
    total, waiting = 0, [pid]
    while waiting:
        one = waiting.pop()
        waiting += [child for child, parent in parents.items() if parent == one]
        try:
            rollup = Path(f"/proc/{one}/smaps_rollup").read_text()
            total += sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
        except OSError:
            continue
    return total / 1024


def plot(done: list[float], memory: list[tuple[float, float]], target: Path) -> None:
    """Progress and memory over the run."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3), layout="constrained")
    left.plot(done, range(1, len(done) + 1))
    left.set(xlabel="seconds", ylabel="reports written", title="progress")
    right.plot(*zip(*memory, strict=True))
    right.set(xlabel="seconds", ylabel="MB in all processes", ylim=(0, None), title="memory")
    figure.savefig(target, metadata={"Date": None})


@click.command()
@click.option("--quick", is_flag=True, help="Few submissions, to try it out.")
@click.option(
    "--otter",
    "otter_python",
    type=click.Path(path_type=Path),
    help="A Python with otter-grader; it needs older packages than nbgrader.",
)
@click.option(
    "--many",
    "lots",
    type=click.IntRange(2),
    default=1000,
    show_default=True,
    help="How many submissions the long run has.",
)
@click.option("--out", type=click.Path(path_type=Path), default=ROOT / "docs" / "benchmarks.md", show_default=True)
def main(quick: bool, otter_python: Path | None, lots: int, out: Path) -> None:
    """Measure everything and write the page."""
    few, lots = (2, 20) if quick else (5, lots)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)

        def step(text: str, measure: Callable[[], object]) -> object:
            click.echo(f"{text} ...", nl=False)
            result = measure()
            click.echo(f" {result}" if not isinstance(result, tuple) else "")
            return result

        small, batch = hand_in(folder / "small", 1), hand_in(folder / "batch", 40 if not quick else 4)
        count = len(list(batch.iterdir()))
        start_up = {
            c: step(f"autograder {c}", lambda c=c: timed(BIN / "autograder", *c.split())) for c in ("--help", "doctor")
        }
        cold = step("first result from cold", lambda: statistics.median(first_result(small, folder) for _ in range(5)))
        step("answers of the hidden cases", lambda: ours(small, folder / "out1", 1))
        base = step("one submission", lambda: ours(small, _with_cache(folder, "base"), 1))
        one = step(f"{count} with one job", lambda: ours(batch, _with_cache(folder, "one"), 1)) - base
        two = step(f"{count} with two jobs", lambda: ours(batch, _with_cache(folder, "two"), 2)) - base
        mine = one / (count - 1)
        own = step("the student's own calls", lambda: bare(folder))
        parts, ladder = step("where the time goes", lambda: anatomy(own, folder))
        peer = step("nbgrader autograde", lambda: nbgrader(few, folder)) / few
        other = step("otter run", lambda: otter(otter_python.absolute(), few, folder)) / few if otter_python else None
        done, memory, again = step(f"{lots} submissions", lambda: many(lots, folder))
        start_up["report"] = step(
            "autograder report",
            lambda: timed(BIN / "autograder", "report", next((folder / "many-out").glob("*/*/report.json"))),
        )
        plot(done, memory, out.with_name("benchmarks.png"))
    half = len(done) // 2
    rows = [
        ("`nbgrader autograde`, one submission", f"{peer:.2f} s", "1", ""),
        ("`otter run`, one submission", f"{other:.2f} s" if other else "not measured", f"{peer / other:.2f}" if other else "", ""),
        ("the student's own calls in a bare warm fork: the lower bound", f"{own:.3f} s", f"{peer / own:.1f}", ""),
        ("this grader, one submission, one job", f"{mine:.3f} s", f"**{peer / mine:.1f}**", "at least 30 times nbgrader's submissions per minute and core"),
        ("this grader against the student's own calls", f"{mine:.3f} s against {own:.3f} s", f"**{mine / own:.2f}**", "at most 2"),
        ("two jobs on two cores against one job", f"{two:.1f} s against {one:.1f} s for {count - 1}", f"**{one / two:.2f}**", "at least 1.8"),
        (f"{lots} submissions, two jobs", f"{done[-1]:.0f} s; the second half took {(done[-1] - done[half]) / (done[half] - done[0]):.2f} times the first", f"memory at most {max(m for _, m in memory):.0f} MB, at the end {memory[-2][1]:.0f} MB", "linear, flat"),
        (f"the same {lots} again, unchanged", f"{again:.2f} s", "", "under 3 s"),
        ("first report after a cold start, median of five", f"{cold:.2f} s", "", "under 8 s"),
        *((f"`autograder {c}`", f"{seconds:.2f} s", "", "under 0.5 s") for c, seconds in start_up.items()),
    ]  # fmt: skip
    lines = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    shares = "\n".join(
        f"| {name} | {seconds:.3f} s | {seconds / sum(parts.values()):.0%} |" for name, seconds in parts.items()
    )
    out.write_text(
        _PAGE.format(
            date=date.today(), machine=_machine(), level=strongest(), lines=lines, parts=shares, ladder=ladder
        ),
        encoding="utf-8",
    )
    click.echo(f"wrote {out}")


def _with_cache(folder: Path, name: str) -> Path:
    """An empty output folder that holds the answers already: they are made once a course, not once a submission."""
    out = folder / name / "out"
    shutil.copytree(folder / "out1" / ".cache", out / ".cache")
    shutil.copy(folder / "salt", folder / name / "salt")
    return out


def _machine() -> str:
    model = next(
        (
            line.split(":")[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    return f"{os.cpu_count()} cores ({model}), Linux {platform.release().split('-')[0]}, Python {platform.python_version()}"


_PAGE = """# Benchmarks

Made by `make benchmark` on {date}: {machine}; isolation level `{level}`. All figures on this page are from one run on the same notebooks: the
solved `02_convolution`, ten questions with gradients. nbgrader and otter run the public cases, as their checks do; this grader runs the public and the hidden cases.
Times per submission exclude the costs that are paid once: starting, importing TensorFlow, observing the reference.

| what | measured | ratio | goal |
|---|---|---|---|
{lines}

![progress and memory](benchmarks.png)

## Where the time of one submission goes

| | | |
|---|---|---|
{parts}

Any grader that runs a student's functions on every case in a fresh process pays the first row: TensorFlow's first operation in a fork (about 0.15 s), and the calls with their gradients.
On this notebook, the ratio to nbgrader cannot be better than that row's ratio in the table above. The rows are differences of medians: a small
negative value is noise. The small cases of the ladder make observing at this level {ladder:.0%} longer (goal: at most 10%). The first report after a cold start waits for the import of TensorFlow and Keras.
"""

if __name__ == "__main__":
    main()
