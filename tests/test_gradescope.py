"""Gradescope: results.json from reports, and the two scripts of the zip run for real in Gradescope's file tree.

The tree is laid out in a mount namespace of its own, on an overlay of this machine's root: nothing outside changes.
"""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import levels
import pytest
import tiny

import autograder
from autograder.adapters import gradescope as door
from autograder.border.levels import NOBODY
from autograder.course.assignment import Assignment
from autograder.grader.answers import Answers
from autograder.reports.report import Part, Status

ROOT = Path(__file__).parent.parent
METADATA = {"id": 1, "users": [{"email": "amy@uni.edu", "id": 7, "name": "Amy"}], "assignment": {"title": "tiny"}}

# results.json


def half_right() -> Any:
    """A question with its public part right and its hidden one wrong."""
    hidden = tiny.part(case="secret case", public=False, passed=False, points=0, message="Off.", mistake="factor_added")
    return tiny.question(tiny.part(), hidden, status=Status.PARTIAL)


def test_results_have_a_test_for_public_and_one_for_hidden_cases() -> None:
    found = door.results(tiny.report(half_right()), "after_due_date", leaderboard=False)
    public, hidden = found["tests"]
    assert (public["name"], public["score"], public["max_score"]) == ("scale: public cases", 1, 1)
    assert (public["status"], public["visibility"], public["output"]) == ("passed", "visible", "All right.")
    assert (hidden["score"], hidden["status"], hidden["visibility"]) == (0, "failed", "after_due_date")
    assert hidden["output"] == "✗ in “secret case” (hidden case), value: Off."
    assert "secret case" not in json.dumps(public), "before the due date nothing is said of hidden cases"
    assert found["score"] == sum(test["score"] for test in found["tests"])
    assert "leaderboard" not in found and found["output"] == ""
    repaired = door.results(tiny.report(repairs=["mended", "joined"]), "hidden", leaderboard=False)
    assert repaired["output"] == "mended\n\njoined"


def test_results_use_the_words_that_gradescope_knows() -> None:
    found = door.results(
        tiny.report(half_right(), message="Cell 3 raised a <b>.", repairs=["mended"]), "hidden", leaderboard=True
    )
    assert set(found) <= {
        "score", "execution_time", "output", "output_format", "test_output_format", "test_name_format", "visibility",
        "stdout_visibility", "extra_data", "tests", "leaderboard",
    }  # fmt: skip
    known = {
        "score",
        "max_score",
        "status",
        "name",
        "name_format",
        "number",
        "output",
        "output_format",
        "tags",
        "visibility",
    }
    for test in found["tests"]:
        assert set(test) <= known and test["status"] in ("passed", "failed")
        assert test["visibility"] in ("visible", "hidden", "after_due_date", "after_published")
    assert found["output_format"] in ("text", "html", "simple_format", "md", "ansi")
    assert found["output"] == "Cell 3 raised a `<b>`.\n\nmended"
    assert found["leaderboard"] == [{"name": "Points", "value": 1, "order": "desc"}]


def accuracy(case: str, measured: float | None, *, public: bool) -> Part:
    """The part of an accuracy rule."""
    return tiny.part(part="accuracy", case=case, measured=measured, public=public)


@pytest.mark.parametrize(
    ("parts", "value"),
    [
        ([accuracy("known", 0.9312, public=True)], 93.1),
        ([accuracy("known", 1.0, public=True), accuracy("secret case", 0.5, public=False)], 50.0),
        ([accuracy("a", 0.5, public=False), accuracy("b", 1.0, public=False)], 75.0),
        ([accuracy("a", None, public=False)], 0.0),
    ],
    ids=["public only", "hidden ones count alone", "their mean", "no model"],
)
def test_a_measured_accuracy_leads_the_board(parts: list[Part], value: float) -> None:
    board = door.results(tiny.report(tiny.question(*parts)), "hidden", leaderboard=True)["leaderboard"]
    assert board[0] == {"name": "Accuracy of scale (%)", "value": value, "order": "desc"}
    assert [row["name"] for row in board] == ["Accuracy of scale (%)", "Points"], "no case is named"


def test_the_board_has_a_row_per_accuracy_in_order_and_the_points_last() -> None:
    first = tiny.question(accuracy("a", 0.5, public=False), name="build_model")
    second = tiny.question(accuracy("a", 0.25, public=True), accuracy("b", 0.75, public=True), name="train")
    board = door.results(tiny.report(tiny.question(), first, second), "hidden", leaderboard=True)["leaderboard"]
    assert [(row["name"], row["value"]) for row in board] == [
        ("Accuracy of build_model (%)", 50.0), ("Accuracy of train (%)", 50.0), ("Points", 4),
    ]  # fmt: skip
    lost = [
        q.model_copy(update={"parts": [p.model_copy(update={"measured": None}) for p in q.parts]})
        for q in (first, second)
    ]
    unreadable = door.results(tiny.report(*lost, status="unreadable"), "hidden", leaderboard=True)["leaderboard"]
    assert [(row["name"], row["value"]) for row in unreadable[:2]] == [(row["name"], 0.0) for row in board[:2]]


def test_what_is_said_of_a_hidden_case_is_not_told_with_the_public_ones() -> None:
    said = "scale did not finish within 10 s in the case “secret case”."
    question = half_right().model_copy(update={"status": Status.TIMEOUT, "message": said})
    public, hidden = door.results(tiny.report(question), "hidden", leaderboard=False)["tests"]
    assert public["output"] == "All right." and said in hidden["output"]
    not_run = tiny.part(passed=None, points=0)
    for parts in ([not_run, question.parts[1]], [tiny.part(), not_run, question.parts[1]]):
        missed = question.model_copy(update={"parts": parts})
        public, hidden = door.results(tiny.report(missed), "hidden", leaderboard=False)["tests"]
        assert public["output"] == said and said not in hidden["output"]


def test_what_is_said_of_public_cases_alone_is_told_with_them() -> None:
    said = "scale gives the public answers, but ..."
    (test,) = door.results(tiny.report(tiny.question(tiny.part(), message=said)), "hidden", leaderboard=False)["tests"]
    assert test["output"] == said


def test_one_wrong_case_of_several_fails_the_test() -> None:
    wrong = tiny.part(case="a column", passed=False, points=0, message="Off.")
    question = tiny.question(tiny.part(), wrong, status=Status.PARTIAL)
    (test,) = door.results(tiny.report(question), "hidden", leaderboard=False)["tests"]
    assert (test["status"], test["score"], test["output"]) == ("failed", 1, "✗ in “a column”, value: Off.")


def test_points_of_both_tests_add_up_and_no_test_is_empty() -> None:
    hidden_only = tiny.question(tiny.part(public=False, points=2, max_points=3, passed=None), status=Status.PARTIAL)
    (test,) = door.results(tiny.report(hidden_only), "hidden", leaderboard=False)["tests"]
    assert (test["score"], test["max_score"], test["visibility"], test["output"]) == (2, 3, "hidden", "Not run.")
    public_only = tiny.question(tiny.part(points=2, max_points=3), points=2, max_points=3)
    (test,) = door.results(tiny.report(public_only), "hidden", leaderboard=False)["tests"]
    assert (test["score"], test["max_score"], test["visibility"], test["output"]) == (2, 3, "visible", "All right.")
    both = tiny.question(
        tiny.part(points=1.25, max_points=2), tiny.part(public=False, points=0.5, max_points=1), points=1.75
    )
    tests = door.results(tiny.report(both), "hidden", leaderboard=False)["tests"]
    assert [(t["score"], t["max_score"], t["number"]) for t in tests] == [(1.25, 2, "1.1"), (0.5, 1, "1.2")]


@pytest.mark.parametrize("status", [Status.ERROR, Status.TIMEOUT, Status.NOT_ATTEMPTED, Status.MISSING])
def test_what_did_not_run_says_why(status: Status) -> None:
    part = tiny.part(passed=None, points=0)
    question = tiny.question(part, status=status, points=0, message="scale was not defined.")
    (test,) = door.results(tiny.report(question), "hidden", leaderboard=False)["tests"]
    assert (test["status"], test["score"], test["output"]) == ("failed", 0, "scale was not defined.")


def test_what_grading_needs_is_pinned() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {text.split(">")[0].split("=")[0].strip().lower() for text in project["dependencies"]}
    assert declared <= set(door.NEEDED)
    lines = door.pinned(door.NEEDED)
    assert {line.split("==")[0] for line in lines} >= {"tensorflow", "keras", "numpy", "click", "markupsafe"}
    assert not any(line.startswith(("nbgrader", "jupytext", "pytest")) for line in lines)


def test_the_submitted_file_is_found_in_the_upload_or_a_folder_of_it(tmp_path: Path) -> None:
    assert door.submitted_file(tmp_path, tiny.NAME, {"scale"}) == tmp_path / f"{tiny.NAME}.ipynb"
    other = tiny.write_notebook(tmp_path / "a" / "other.ipynb", ["def scale(x): pass"])
    assert door.submitted_file(tmp_path, tiny.NAME, {"scale"}) == other
    named = tiny.write_notebook(tmp_path / "b" / f"{tiny.NAME}.ipynb", [""])
    assert door.submitted_file(tmp_path, tiny.NAME, {"scale"}) == named


# The zip, and the container

SPY = """
def total(x):
    import glob, os
    found = [f"user {os.getuid()}"]
    for path in ("/autograder/source/answers.npz", "/autograder/submission_metadata.json", "/autograder/results/results.json",
                 "/autograder/submission/secret.txt", "/opt/autograder/../../autograder/source/answers.npz"):
        try:
            found.append(f"read {path} {len(open(path, 'rb').read())}")
        except OSError as error:
            pass
    for path in ("/autograder/results/results.json", "/autograder/results/x", "/autograder/x"):
        try:
            open(path, "w").write('{"score": 1000}')
            found.append(f"wrote {path}")
        except OSError as error:
            pass
    raise ValueError("; ".join(found))
"""


OLD_KERNEL = """
import sys
from pathlib import Path
from autograder.adapters import gradescope
from autograder.grader import isolation
isolation.strongest = lambda: "process"
sys.exit(gradescope.run(Path("/autograder")))
"""


@dataclass
class Container:
    """Gradescope's tree, and the way to run a command in it as Gradescope does."""

    folder: Path
    venv: Path
    scratch: Path

    def run(self, command: str, *, way: str, timeout: float = 200) -> subprocess.CompletedProcess[str]:
        """Runs a shell command as root, with `/autograder` and `/opt/autograder` in their places.

        `way` is "pivot", in which namespaces can be made, or "chroot", in which the kernel forbids them, as containers do.
        """
        enter = {
            "pivot": "mkdir $R/.old && cd $R && pivot_root . .old && cd / && umount -l /.old && exec",
            "chroot": "exec chroot $R",
        }[way]
        script = f"""set -e
        R={self.scratch}/root
        mkdir -p {self.scratch}; mount -t tmpfs tmpfs {self.scratch}; mkdir {self.scratch}/up {self.scratch}/work $R
        mount -t overlay overlay -o lowerdir=/,upperdir={self.scratch}/up,workdir={self.scratch}/work $R
        for d in proc dev sys; do mount --rbind /$d $R/$d; done
        mkdir -p $R/autograder $R/opt/autograder
        mount --bind {self.folder} $R/autograder; mount --bind {self.venv} $R/opt/autograder
        cp {self.folder}/source/run_autograder $R/autograder/run_autograder
        {enter} /bin/bash -c '{command}'"""
        return subprocess.run(
            ["unshare", "--mount", "--propagation", "private", "/bin/bash", "-c", script],
            capture_output=True, text=True, timeout=timeout, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"},
        )  # fmt: skip

    def results(self) -> dict[str, Any]:
        return json.loads((self.folder / "results" / "results.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]

    def submit(self, *cells: str) -> None:
        shutil.rmtree(self.folder / "submission", ignore_errors=True)
        tiny.write_notebook(self.folder / "submission" / f"{tiny.NAME}.ipynb", cells)
        (self.folder / "submission" / "secret.txt").write_text("another file of the student")


def why_no_container() -> str:
    """Why the tree cannot be laid out here, or ""."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "only root can lay out a mount namespace"
    tried = subprocess.run(
        ["unshare", "--mount", "--propagation", "private", "/bin/bash", "-c",
         "cd $(mktemp -d) && mount -t tmpfs tmpfs . && mkdir u w r && mount -t overlay overlay -o lowerdir=/,upperdir=u,workdir=w r"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return "" if tried.returncode == 0 else f"no overlay can be mounted here: {tried.stderr.strip()}"


def open_python() -> str:
    """A Python of this version that every user can run; Gradescope's is one."""
    for path in (sys.executable, f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}"):
        real = Path(path).resolve()
        if real.exists() and all(p.stat().st_mode & 0o001 for p in real.parents):
            return path
    return ""


@pytest.fixture(scope="module")
def packed(
    tmp_path_factory: pytest.TempPathFactory, tiny_assignment: Assignment, tiny_answers: dict[str, Answers]
) -> Path:
    """The zip."""
    folder = tmp_path_factory.mktemp("zip")
    target = folder / "tiny.zip"
    wheel = door.build_wheel(folder)
    door.pack(tiny_assignment, tiny_answers, tiny.SALT, wheel, target, "after_due_date", leaderboard=True)
    return target


@pytest.fixture
def container(packed: Path, tmp_path: Path) -> Callable[[str], Container]:
    """Makes the tree; the environment that setup.sh would make borrows this one's packages."""
    if reason := why_no_container():
        pytest.skip(reason)

    def make(python: str) -> Container:
        folder, venv = tmp_path / "autograder", tmp_path / "venv"
        for name in ("source", "submission", "results"):
            (folder / name).mkdir(parents=True)
        with zipfile.ZipFile(packed) as archive:
            for entry in archive.infolist():
                path = Path(archive.extract(entry, folder / "source"))
                path.chmod(entry.external_attr >> 16 & 0o777)
        (folder / "submission_metadata.json").write_text(json.dumps(METADATA))
        subprocess.run([python, "-m", "venv", "--without-pip", str(venv)], check=True)
        purelib = next(venv.glob("lib/python*/site-packages"))
        paths = [str(Path(autograder.__file__).parents[1]), *(p for p in sys.path if p.endswith("site-packages"))]
        (purelib / "borrowed.pth").write_text("\n".join(dict.fromkeys(paths)) + "\n")
        return Container(folder, venv, tmp_path / "scratch")

    return make


@pytest.mark.tensorflow
def test_the_zip_holds_what_grading_needs_and_no_solution(packed: Path) -> None:
    with zipfile.ZipFile(packed) as archive:
        names = {entry.filename: entry for entry in archive.infolist()}
        assert {"setup.sh", "run_autograder", "constraints.txt", "answers.npz"} < set(names)
        assert sum(name.endswith(".whl") for name in names) == 1 and len(names) == 5
        for name in ("setup.sh", "run_autograder"):
            assert names[name].external_attr >> 16 & stat.S_IXUSR
            assert archive.read(name).startswith(b"#!/usr/bin/env bash\n")
        assert f"numpy=={door.versions()['numpy']}\n" in archive.read("constraints.txt").decode()
        wheel = next(name for name in names if name.endswith(".whl"))
        with archive.open(wheel) as file, zipfile.ZipFile(file) as inner:  # type: ignore[arg-type]
            assert "autograder/adapters/gradescope.py" in inner.namelist()
            assert not [name for name in inner.namelist() if "solutions" in name or name.endswith("/notebook.py")]
        everything = b"".join(archive.read(name) for name in names)
        assert b"BEGIN SOLUTION" not in everything and b"return x * factor" not in everything


@pytest.mark.tensorflow
@pytest.mark.parametrize("way, level", [
    ("pivot", "full"),
    pytest.param("chroot", "landlock", marks=pytest.mark.slow),
    pytest.param("chroot", "process", marks=pytest.mark.slow),
])  # fmt: skip
def test_the_scripts_grade_and_the_student_reads_and_writes_nothing(
    container: Callable[[str], Container], way: str, level: str
) -> None:
    levels.needs(level)
    if not (python := open_python()):
        pytest.skip("no Python here that another user could run")
    tree = container(python)
    tree.submit(*tiny.SOLVED[:2], SPY)
    command = "/autograder/run_autograder"
    if level == "process":  # a kernel without Landlock
        (tree.folder / "old_kernel.py").write_text(OLD_KERNEL)
        command = "/opt/autograder/bin/python /autograder/old_kernel.py"
    ran = tree.run(command, way=way)
    assert ran.returncode == 0, ran.stderr
    found = tree.results()
    assert found["extra_data"]["isolation"] == level
    told = {test["name"]: test for test in found["tests"]}
    assert told["scale: public cases"]["status"] == told["scale: hidden cases"]["status"] == "passed"
    spied = told["total: public cases"]["output"]
    own = "; read `/autograder/submission/secret.txt` 27" if level == "process" else ""
    assert f"ValueError: user {NOBODY}{own}." in spied, "nothing else was read or written"
    assert found["score"] == 4 and found["leaderboard"][-1]["value"] == 4
    for path, mode in (("source", 0o700), ("results", 0o700), ("submission_metadata.json", 0o600)):
        assert (tree.folder / path).stat().st_mode & 0o777 == mode
    assert sorted(p.name for p in (tree.folder / "results").iterdir()) == ["results.json"]


@pytest.mark.tensorflow
def test_a_submission_without_a_notebook_is_told_so_and_a_broken_zip_is_no_zero(
    container: Callable[[str], Container],
) -> None:
    tree = container(sys.executable)
    (tree.folder / "submission" / "photo.jpg").write_bytes(b"\xff\xd8")
    ran = tree.run("/autograder/run_autograder", way="pivot")
    assert ran.returncode == 0, ran.stderr
    assert tree.results()["score"] == 0 and "photo.jpg" in tree.results()["output"]
    (tree.folder / "source" / "answers.npz").write_bytes(b"broken")
    ran = tree.run("/autograder/run_autograder", way="pivot")
    assert ran.returncode != 0
    assert not (tree.folder / "results" / "results.json").exists(), (
        "Gradescope then asks the staff, and records nothing"
    )


@pytest.mark.tensorflow
@pytest.mark.slow
def test_setup_makes_the_environment_in_which_submissions_are_graded(container: Callable[[str], Container]) -> None:
    tree = container(open_python() or sys.executable)
    shutil.rmtree(tree.venv)
    tree.venv.mkdir(mode=0o755)
    tree.submit(*tiny.SOLVED)
    ran = tree.run("/autograder/source/setup.sh && /autograder/run_autograder", way="pivot", timeout=1500)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "isolation of student code" in ran.stdout
    assert tree.results()["score"] == 6
    assert not list(tree.venv.glob("lib/python*/site-packages/nbgrader"))
    assert sysconfig.get_path("purelib") not in ran.stdout
