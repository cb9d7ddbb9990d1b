"""What goes wrong around the grader: kills at random moments, no place to write, two runs at once, damaged notebooks.

After a rerun every submission has exactly one right report. AUTOGRADER_FAULTS=200 takes that many submissions instead of a few.
"""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import tiny

from autograder.course import classroom
from autograder.grader.grade import Marking, grade
from autograder.grader.workers import Workers
from autograder.reports.report import load
from autograder.source.extract import Unreadable, read

pytestmark = [pytest.mark.tensorflow, pytest.mark.skipif(sys.platform != "linux", reason="kills by /proc")]

COUNT = int(os.environ.get("AUTOGRADER_FAULTS", "12"))
WRONG = [*tiny.SOLVED[:-2], "def scale(x, factor):\n    return x + factor", tiny.SOLVED[-1]]


@pytest.fixture(scope="module")
def submitted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class in which every third is wrong."""
    folder = tmp_path_factory.mktemp("submitted")
    for number in range(COUNT):
        cells = [f"# student {number}", *(WRONG if number % 3 == 0 else tiny.SOLVED)]
        tiny.write_notebook(folder / f"s{number:03d}.ipynb", cells)
    return folder


class Course:
    """Grades the class by the command line, as an instructor would."""

    def __init__(self, solutions: Path, submitted: Path, out: Path) -> None:
        self.out = out
        salt = out.parent / "salt"
        salt.write_text("the salt of the fault tests")
        self.command = [sys.executable, "-m", "autograder", "grade", submitted, "--out", out, "--solutions", solutions]
        self.command += ["--assignment", tiny.NAME, "--salt", salt, "--jobs", "2", "--isolation", "process"]

    def start(self, **how: object) -> subprocess.Popen[str]:
        return subprocess.Popen(self.command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **how)  # type: ignore[call-overload,no-any-return]

    def run(self, **how: object) -> tuple[int, str]:
        process = self.start(**how)
        said = process.communicate(timeout=600)[0]
        return process.returncode, said

    def scores(self) -> dict[str, float]:
        return {path.parts[-3]: load(path).score for path in self.out.glob("*/*/report.json")}


@pytest.fixture(scope="module")
def undisturbed(tiny_solutions: Path, submitted: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, float]:
    course = Course(tiny_solutions, submitted, tmp_path_factory.mktemp("undisturbed") / "out")
    assert course.run()[0] == 0
    scores = course.scores()
    assert len(scores) == COUNT and len(set(scores.values())) == 2
    return scores


@pytest.fixture
def course(tiny_solutions: Path, submitted: Path, tmp_path: Path) -> Course:
    return Course(tiny_solutions, submitted, tmp_path / "out")


def below(pid: int) -> list[int]:
    """All processes below one, nearest first."""
    found: list[int] = []
    for parent in (pid, *found):
        try:
            for task in Path(f"/proc/{parent}/task").iterdir():
                for child in map(int, (task / "children").read_text().split()):
                    found += [child, *below(child)]
        except OSError:
            continue
    return found


def wait_for(condition: object, seconds: float = 120) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():  # type: ignore[operator]
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("seed", range(2))
def test_a_killed_grader_goes_on_where_it_was(course: Course, undisturbed: dict[str, float], seed: int) -> None:
    process = course.start()
    wanted = random.Random(seed).randrange(COUNT // 2)
    assert wait_for(lambda: len(list(course.out.glob("*/*/report.json"))) >= wanted or process.poll() is not None)
    children = below(process.pid)
    process.kill()
    process.wait()
    assert children and wait_for(lambda: not [pid for pid in children if Path(f"/proc/{pid}").exists()], 20)
    code, _ = course.run()
    assert code == 0 and course.scores() == undisturbed


def test_a_killed_warm_process_and_killed_forks_cost_nobody(course: Course, undisturbed: dict[str, float]) -> None:
    process, kills, rng = course.start(), 0, random.Random(5)
    while process.poll() is None:
        time.sleep(rng.uniform(0.3, 1.0))
        workers = below(process.pid)
        if kills < 4 and workers and list(course.out.glob("*/*/report.json")):
            victim = workers[0] if kills % 2 == 0 else workers[-1]  # the warm process, a fork
            try:
                os.kill(victim, signal.SIGKILL)
            except ProcessLookupError:
                continue
            kills += 1
    code, said = process.returncode, process.stdout.read() if process.stdout else ""
    if code == 3:  # the machine was too slow for two tries: told, listed, and right after a rerun
        code, said = course.run()
    assert kills and code == 0, said
    assert course.scores() == undisturbed


def test_where_nothing_can_be_written_it_says_so(course: Course, undisturbed: dict[str, float]) -> None:
    course.command[course.command.index("--out") + 1] = Path("/proc/out")
    code, said = course.run()
    assert code == 3 and "/proc/out" in said and "Traceback" not in said


def test_a_full_disk_loses_nothing(course: Course, undisturbed: dict[str, float]) -> None:
    """A limit on the size of files stands in for a disk: every write of more than 2 KB fails halfway."""
    tight = (2048, resource.getrlimit(resource.RLIMIT_FSIZE)[1])
    code, said = course.run(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, tight))
    assert code == 3 and "Traceback" not in said
    assert not course.scores() and not list(course.out.rglob("*.part"))
    assert course.run()[0] == 0 and course.scores() == undisturbed


def test_two_runs_on_one_folder_do_not_disturb_each_other(course: Course, undisturbed: dict[str, float]) -> None:
    both = [course.start(), course.start()]
    for process in both:
        said = process.communicate(timeout=600)[0]
        assert process.returncode == 0, said
    assert course.scores() == undisturbed


def damaged(data: bytes, rng: random.Random) -> bytes:
    """A notebook after a bad transfer: bytes changed, a piece lost, the end cut off, or a piece doubled."""
    kind, at = rng.randrange(4), rng.randrange(len(data))
    end = min(len(data), at + rng.randrange(1, 200))
    if kind == 0:
        return bytes(rng.randrange(256) if rng.random() < 0.01 else byte for byte in data)
    if kind == 1:
        return data[:at] + data[end:]
    return data[:at] if kind == 2 else data[:end] + data[at:]


def test_500_damaged_notebooks_are_read_or_refused_in_words(tmp_path: Path) -> None:
    path, rng = tiny.write_notebook(tmp_path / "whole.ipynb", tiny.SOLVED), random.Random(1)
    data, refused = path.read_bytes(), 0
    for _ in range(500):
        path.write_bytes(damaged(data, rng))
        try:
            submission = read(path)
            assert submission.cells
        except Unreadable as reason:
            refused += 1
            assert len(str(reason)) > 20
    assert 100 < refused < 500


def test_damaged_notebooks_end_in_a_report(tmp_path: Path, tiny_marking: Marking, workers: Workers) -> None:
    path, rng = tiny.write_notebook(tmp_path / "whole.ipynb", tiny.SOLVED), random.Random(2)
    data, seen = path.read_bytes(), set()
    for _ in range(max(30, COUNT)):
        path.write_bytes(damaged(data, rng))
        report = grade(path, tiny_marking, workers, submission="x", student="x")
        seen.add(report.status)
        assert report.status in ("graded", "unreadable")
        told = report.message or report.repairs or any(q.message or q.status != "missing" for q in report.questions)
        assert told, json.dumps(report.model_dump(mode="json"))[:2000]
    assert seen == {"graded", "unreadable"}


def test_a_clock_that_jumps_ends_no_submission_early(
    tmp_path: Path, tiny_marking: Marking, workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, jumps, real = tiny.write_notebook(tmp_path / "x.ipynb", tiny.SOLVED), random.Random(3), time.time
    monkeypatch.setattr(time, "time", lambda: real() + jumps.uniform(-1e6, 1e6))
    report = grade(path, tiny_marking, workers, submission="x", student="x")
    assert report.score == report.max_score and 0 < report.duration < 60
    for module in Path(classroom.__file__).parent.rglob("*.py"):
        assert "time.time()" not in module.read_text(encoding="utf-8"), (
            f"{module.name}: durations need a monotonic clock"
        )


def test_reports_of_an_earlier_version_are_made_anew(course: Course, undisturbed: dict[str, float]) -> None:
    assert course.run()[0] == 0
    path = next(course.out.glob("*/*/report.json"))
    path.write_text(path.read_text().replace('"version":1', '"version":0').replace('"version": 1', '"version": 0'))
    assert len(classroom.reports_in(course.out)) == COUNT - 1
    assert course.run()[0] == 0 and course.scores() == undisturbed
