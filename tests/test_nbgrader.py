"""A course under nbgrader, by nbgrader's own commands: released, collected, graded in our sandbox, fed back, exported."""

from __future__ import annotations

import contextlib
import csv
import getpass
import io
import json
import os
import re
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
import tiny
from course import ADDED, FILE, NAME, ROOT, SCALE, TOTAL, Course, answered, cell_of, environment, make_course
from nbgrader.api import Gradebook
from nbgrader.validator import Validator

from autograder.adapters import nbgrader as door
from autograder.adapters.nbgrader_csv import table
from autograder.border.levels import NOBODY
from autograder.course import assignment as assignments
from autograder.course import classroom, find
from autograder.course.release import write_source
from autograder.grader import isolation
from autograder.grader.workers import Workers

pytestmark = pytest.mark.tensorflow


@pytest.fixture(scope="module")
def kept_environment() -> Iterator[pytest.MonkeyPatch]:
    """An environment in which nbgrader's commands run."""
    with environment() as patch:
        yield patch


@pytest.fixture(scope="module")
def pristine(
    tmp_path_factory: pytest.TempPathFactory, tiny_solutions: Path, workers: Workers, kept_environment: object
) -> Course:
    """A course with a released assignment. Not to be changed."""
    return make_course(tmp_path_factory.mktemp("nbgrader") / "course", tiny_solutions, workers)


@pytest.fixture(scope="module")
def course(
    tmp_path_factory: pytest.TempPathFactory, pristine: Course, workers: Workers, kept_environment: pytest.MonkeyPatch
) -> Course:
    """A course whose class is graded."""
    kept_environment.setattr(door, "_warm", lambda level: workers)
    course = Course(shutil.copytree(pristine.root, tmp_path_factory.mktemp("class") / "course"))
    hand_in_the_class(course)
    course.nbgrader("db", "assignment", "add", NAME, "--duedate", "2026-01-01 00:00:00 UTC")
    assert course.nbgrader("autograde", NAME, "--LateSubmissionPlugin.penalty_method=zero") == 0
    assert course.nbgrader("generate_feedback", NAME) == 0
    return course


def hand_in_the_class(course: Course) -> None:
    """Every trap has a student who steps into it."""
    course.hand_in("right", answered(course))
    course.hand_in("mistaken", answered(course, ADDED))
    course.hand_in("unsolved", course.released())
    course.hand_in("late", answered(course), timestamp_dot_txt="2026-02-02 00:00:00 UTC\n")
    course.hand_in("helper", answered(course), **{"helper_dot_py": "MINE = 1\n", "notebook_dot_py": "MINE = 2\n"})
    loud = "import sys\nprint('to stderr', file=sys.stderr)\nimport warnings\nwarnings.warn('again')\n"
    course.hand_in("loud", answered(course, loud + SCALE))

    changed = answered(course, ADDED)
    cell_of(changed, "scale").source = "4.0"
    cell_of(changed, "scale").metadata.nbgrader.points = 1000
    cell_of(changed, "total").cell_type = "markdown"
    changed.cells = [nbformat.v4.new_code_cell("def check(name):\n    return 99.0"), *changed.cells]
    course.hand_in("changed", changed)

    twice = answered(course, ADDED)
    copy = nbformat.from_dict(json.loads(json.dumps(cell_of(twice, "scale"))))
    copy.id, copy.source = "copied", "1000.0"
    twice.cells += [copy, copy]
    course.hand_in("twice", json.dumps(twice).encode())

    deleted = answered(course)
    deleted.cells = [c for c in deleted.cells if "nbgrader" not in c.metadata]
    deleted.cells += [nbformat.v4.new_code_cell(SCALE), nbformat.v4.new_code_cell(TOTAL)]
    course.hand_in("deleted", deleted)

    course.hand_in("cut_off", nbformat.writes(answered(course)).encode()[:900])
    course.hand_in("empty", b"")
    strange = {
        "cells": [{"cell_type": "code", "source": SCALE, "metadata": {"nbgrader": "x"}}, 7, {"metadata": 3}, None]
    }
    course.hand_in("strange", json.dumps(strange | {"metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode())


# What nbgrader records


@pytest.mark.parametrize("student, scale, total", [
    ("right", 4.0, 2.0),
    ("late", 4.0, 2.0),
    ("helper", 4.0, 2.0),
    ("loud", 4.0, 2.0),
    ("deleted", 4.0, 2.0),
    ("unsolved", 0.0, 0.0),
    ("cut_off", 0.0, 0.0),
    ("empty", 0.0, 0.0),
])  # fmt: skip
def test_scores_reach_the_gradebook(course: Course, student: str, scale: float, total: float) -> None:
    assert course.scores(student) == {"scale": scale, "total": total, "score": scale + total}


def test_partial_credit_is_what_grade_found(course: Course) -> None:
    for student in ("mistaken", "changed", "twice", "strange"):
        found = classroom.reports_in(course.root / "graded")
        report = next(r for r in found if r.student == student)
        points = {question.name: question.points for question in report.questions}
        assert course.scores(student) == points | {"score": pytest.approx(sum(points.values()))}
    assert 0 < course.scores("mistaken")["total"] < 2, "its count is right, its sum calls scale"
    assert course.scores("changed") == course.scores("twice") == course.scores("mistaken")


def test_every_student_is_graded_by_the_report_and_nothing_needs_hands(course: Course) -> None:
    with course.gradebook() as gradebook:
        assert not any(s.needs_manual_grade for s in gradebook.assignment_submissions(NAME))
        assert len(gradebook.assignment_submissions(NAME)) == 12


def test_late_penalties_stay_nbgraders(course: Course) -> None:
    with course.gradebook() as gradebook:
        late = gradebook.find_submission(NAME, "late")
        assert late.total_seconds_late == 32 * 86400 and late.score == 6 and late.late_submission_penalty == 6
        assert gradebook.find_submission(NAME, "right").late_submission_penalty == 0


def test_the_grade_cells_hold_a_builtin_float_and_no_error(course: Course) -> None:
    notebook = nbformat.read(course.root / "autograded" / "mistaken" / NAME / FILE, as_version=4)
    shown, result = cell_of(notebook, "total").outputs
    assert shown.output_type == "display_data" and result.output_type == "execute_result"
    assert result.data["text/plain"] == repr(course.scores("mistaken")["total"])


def test_what_the_student_wrote_stays_and_what_was_locked_is_restored(course: Course) -> None:
    notebook = nbformat.read(course.root / "autograded" / "changed" / NAME / FILE, as_version=4)
    assert cell_of(notebook, "scale-solution").source == ADDED
    assert cell_of(notebook, "scale").source == 'check("scale")'
    assert cell_of(notebook, "scale").metadata.nbgrader.points == 4
    assert cell_of(notebook, "total").cell_type == "code"
    assert notebook.cells[0].source.startswith("def check(name)")


def test_a_students_py_file_is_neither_overwritten_nor_is_ours_leaked(course: Course) -> None:
    for step in ("autograded", "feedback"):
        folder = course.root / step / "helper" / NAME
        assert (folder / "helper.py").read_text() == "MINE = 1\n"
        assert (folder / "notebook.py").read_text() == "MINE = 2\n"
    for path in [p for step in ("assignments", "autograded", "feedback") for p in (course.root / step).rglob("*.py")]:
        assert "helper" in path.parts, f"{path} was not handed in by anybody"
    for path in (course.root / "assignments").rglob("*"):
        assert path.is_dir() or b"BEGIN SOLUTION" not in path.read_bytes()


def test_the_release_by_nbgrader_is_the_release_by_autograder(course: Course, workers: Workers, tmp_path: Path) -> None:
    from autograder.course.release import release

    for path in release(assignments.load(course.root / "solutions" / NAME), tmp_path, workers):
        assert path.read_bytes() == (course.root / "assignments" / path.relative_to(tmp_path)).read_bytes()


# What the student reads


def test_feedback_holds_the_hint_the_picture_and_the_points(course: Course) -> None:
    page = course.feedback("mistaken")
    assert "The factor is added. A scale multiplies." in page
    assert "<svg" in page and 'aria-label="check of scale' in page
    assert "hidden case" in page, "hidden cases are named"
    assert "on public cases" not in page


def test_feedback_of_an_unreadable_file_says_why(course: Course) -> None:
    assert "its JSON breaks off or is damaged" in course.feedback("cut_off")
    assert "The file is empty" in course.feedback("empty")


def test_our_part_of_the_feedback_loads_nothing(course: Course) -> None:
    notebook = nbformat.read(course.root / "autograded" / "mistaken" / NAME / FILE, as_version=4)
    html = "".join(
        o.data["text/html"] for c in notebook.cells if c.cell_type == "code" for o in c.outputs if "text/html" in o.data
    )
    assert html and not re.search(r"(?:src|href)\s*=|url\(|@import|<script", html)


def test_nbgraders_export_has_the_scores(course: Course, tmp_path: Path) -> None:
    assert course.nbgrader("export", "--to", str(tmp_path / "grades.csv")) == 0
    with (tmp_path / "grades.csv").open(newline="") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    assert (rows["right"]["score"], rows["right"]["max_score"]) == ("6.0", "6.0")
    assert (rows["late"]["raw_score"], rows["late"]["score"]) == ("6.0", "0.0")
    ours = {
        row["student_id"]: row
        for row in csv.DictReader(io.StringIO(table(classroom.reports_in(course.root / "graded"))))
    }
    graded = {student: row for student, row in ours.items() if row["score"]}
    for student, row in graded.items():
        assert round(float(rows[student]["raw_score"]), 9) == float(row["raw_score"]), student


# Again, by hand, and with earlier reports


@pytest.fixture
def another(tmp_path: Path, pristine: Course, workers: Workers, monkeypatch: pytest.MonkeyPatch) -> Course:
    """A course of its own."""
    monkeypatch.setattr(door, "_warm", lambda level: workers)
    return Course(shutil.copytree(pristine.root, tmp_path / "course"))


def test_collected_from_a_zip_regraded_and_corrected_by_hand(another: Course) -> None:
    course = another
    archive = course.root / "downloaded" / NAME / "archive"
    archive.mkdir(parents=True)
    import zipfile

    with zipfile.ZipFile(archive / "all.zip", "w") as packed:
        packed.writestr(f"amy_{FILE}", nbformat.writes(answered(course, ADDED)))
    pattern = r".*/(?P<student_id>[^_/]+)_(?P<file_id>.*)"
    assert course.nbgrader("zip_collect", NAME, f"--FileNameCollectorPlugin.named_regexp={pattern}", "--force") == 0
    assert course.nbgrader("autograde", NAME) == 0
    before = course.scores("amy")
    with course.gradebook() as gradebook:
        grade = gradebook.find_grade("scale", NAME, NAME, "amy")
        grade.manual_score, grade.extra_credit = 3.0, 0.5
        gradebook.find_comment("scale-solution", NAME, NAME, "amy").manual_comment = "Nearly."
        gradebook.db.commit()
    assert course.nbgrader("autograde", NAME, "--force") == 0
    assert course.scores("amy")["scale"] == before["scale"]
    assert course.scores("amy")["score"] == pytest.approx(3.5 + before["total"])
    assert course.nbgrader("generate_feedback", NAME) == 0
    assert "Nearly." in course.feedback("amy")


def test_released_fetched_submitted_collected_and_fed_back_through_the_exchange(
    another: Course, tmp_path: Path
) -> None:
    course, student, me = another, Course(tmp_path / "home"), getpass.getuser()
    student.root.mkdir()
    exchange = (f"--Exchange.root={tmp_path}/exchange", f"--Exchange.cache={tmp_path}/cache", "--course=cnn")
    assert course.nbgrader("release_assignment", NAME, *exchange) == 0
    assert student.nbgrader("fetch_assignment", NAME, *exchange) == 0
    fetched = student.root / NAME
    assert sorted(p.name for p in fetched.iterdir()) == [FILE, f"{NAME}.npz"]
    nbformat.write(answered(course, ADDED), fetched / FILE)
    (fetched / "notes.py").write_text("MINE = 1\n", encoding="utf-8")
    assert student.nbgrader("submit", NAME, *exchange) == 0

    assert course.nbgrader("collect", NAME, *exchange) == 0
    collected = course.root / "submitted" / me / NAME
    assert (collected / "notes.py").is_file() and (collected / "timestamp.txt").is_file()
    assert course.nbgrader("autograde", NAME) == 0
    assert 0 < course.scores(me)["score"] < 6

    assert course.nbgrader("generate_feedback", NAME) == course.nbgrader("release_feedback", NAME, *exchange) == 0
    assert student.nbgrader("fetch_feedback", NAME, *exchange) == 0
    (page,) = fetched.glob("feedback/*/*.html")
    assert "The factor is added." in page.read_text(encoding="utf-8")


def test_reports_of_grade_are_taken_for_the_same_content(
    another: Course, workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = another
    path = course.hand_in("amy", answered(course)) / FILE
    entry = find.entry_of(path, NAME, "amy")
    graded = classroom.grade_class(
        [entry], course.root / "solutions", course.root / "graded", salt=tiny.SALT, jobs=1, isolation=isolation.strongest(),
        start=lambda level: contextlib.nullcontext(workers),
    )  # fmt: skip
    assert [g.fresh for g in graded] == [True]

    def none(level: str) -> Workers:
        raise AssertionError("nothing is to be graded")

    monkeypatch.setattr(door, "_warm", none)
    assert course.nbgrader("autograde", NAME) == 0
    assert course.scores("amy")["score"] == 6
    course.hand_in("amy", answered(course, ADDED))
    assert course.nbgrader("autograde", NAME, "--force") == 1, "another content needs grading"


def test_a_fault_of_the_grader_is_no_zero(another: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    course = another
    course.hand_in("amy", answered(course))

    class Broken(Workers):
        def run(self, *args: object) -> object:  # type: ignore[override]
            raise RuntimeError("out of order")

    monkeypatch.setattr(door, "_warm", lambda level: Broken(level))
    assert course.nbgrader("autograde", NAME) == 1
    assert course.scores("amy")["scale"] is None
    with course.gradebook() as gradebook:
        assert gradebook.find_submission(NAME, "amy").needs_manual_grade
    assert not (course.root / "autograded" / "amy" / NAME).exists()


def test_a_cell_that_would_have_to_be_run_is_refused_and_one_graded_by_hand_is_not(another: Course) -> None:
    course = another
    path = course.root / "source" / NAME / FILE
    source = nbformat.read(path, as_version=4)
    essay = nbformat.v4.new_markdown_cell("Why?", id="essay")
    flags = {"schema_version": 3, "grade": True, "solution": True, "locked": False, "task": False, "points": 3}
    essay.metadata["nbgrader"] = flags | {"grade_id": "essay"}
    source.cells.append(essay)
    nbformat.write(source, path)
    assert course.nbgrader("generate_assignment", NAME, "--force") == 0
    notebook = answered(course)
    cell_of(notebook, "essay").source = "Because."
    course.hand_in("amy", notebook)
    assert course.nbgrader("autograde", NAME) == 0
    assert course.scores("amy") == {"scale": 4.0, "total": 2.0, "essay": None, "score": 6.0}
    with course.gradebook() as gradebook:
        assert gradebook.find_submission(NAME, "amy").needs_manual_grade

    test = nbformat.v4.new_code_cell("assert scale(1, 2) == 2", id="own-test")
    test.metadata["nbgrader"] = flags | {"grade_id": "own-test", "solution": False, "locked": True}
    source.cells.append(test)
    nbformat.write(source, path)
    shutil.rmtree(course.root / "submitted")
    (course.root / "gradebook.db").unlink()
    assert course.nbgrader("generate_assignment", NAME, "--force") == 0
    course.hand_in("amy", answered(course))
    assert course.nbgrader("autograde", NAME, "--force") == 1
    assert course.scores("amy")["own-test"] is None


def test_other_points_in_the_gradebook_are_found(another: Course) -> None:
    course = another
    questions = course.root / "solutions" / NAME / "questions.py"
    questions.write_text(questions.read_text().replace("points=4", "points=8"))
    course.hand_in("amy", answered(course))
    assert course.nbgrader("autograde", NAME) == 1
    assert course.scores("amy")["scale"] is None


# Without our preprocessor


@pytest.fixture
def plain(tmp_path: Path, course: Course) -> Course:
    """The same release in a course without our configuration: nbgrader runs the students' kernels."""
    shutil.copytree(course.root / "source", tmp_path / "source")
    config = "c = get_config()\nc.CourseDirectory.release_directory = 'assignments'\n"
    (tmp_path / "nbgrader_config.py").write_text(config)
    plain = Course(tmp_path)
    assert plain.nbgrader("generate_assignment", NAME) == 0
    return plain


def test_a_plain_nbgrader_never_gives_more_than_deserved(plain: Course, course: Course) -> None:
    quiet = "import os\nos.environ['TF_ENABLE_ONEDNN_OPTS'] = '0'\nos.environ['TF_CPP_MIN_LOG_LEVEL'] = '3'"
    for student in ("right", "mistaken"):
        notebook = answered(plain, ADDED if student == "mistaken" else SCALE)
        notebook.cells.insert(0, nbformat.v4.new_code_cell(quiet))
        plain.hand_in(student, notebook)
    assert plain.nbgrader("autograde", NAME, "--Execute.timeout=300") == 0
    assert plain.scores("right") == {"scale": 1.0, "total": 0.5, "score": 1.5}, "the public cases' points"
    for name, points in plain.scores("mistaken").items():
        assert 0 <= points <= course.scores("mistaken")[name]


def test_without_our_package_nobody_gets_a_point(plain: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    absent = plain.root / "absent" / "autograder"
    absent.mkdir(parents=True)
    (absent / "__init__.py").write_text("raise ModuleNotFoundError(\"No module named 'autograder'\")\n")
    monkeypatch.setenv("PYTHONPATH", str(absent.parent))
    plain.hand_in("right", answered(plain))
    assert plain.nbgrader("autograde", NAME, "--Execute.timeout=300") == 0
    assert plain.scores("right") == {"scale": 0.0, "total": 0.0, "score": 0.0}


@pytest.mark.slow
def test_validate_fails_a_wrong_notebook_and_passes_a_right_one(
    plain: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the Validate button does."""
    folder = plain.root / "assignments" / NAME
    for text, failed in ((ADDED, ["scale", "total"]), (SCALE, [])):
        path = folder / "mine.ipynb"
        nbformat.write(answered(plain, text), path)
        result = Validator().validate(str(path))
        assert [re.findall(r'"(\w+)"', cell["source"])[0] for cell in result.get("failed", [])] == failed
        if failed:
            assert "points on public cases" in result["failed"][0]["raw_error"]
        path.unlink()


# PostgreSQL


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[str]:
    """A PostgreSQL server of our own; the URL of its database."""
    import subprocess

    pytest.importorskip("psycopg", reason="psycopg is not installed")
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin")) + [Path(p) for p in ("/usr/local/bin", "/usr/bin")]
    found = next((p for p in programs if (p / "initdb").exists() and (p / "postgres").exists()), None)
    if found is None:
        pytest.skip("no PostgreSQL server is installed")
    user: dict[str, Any] = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
    data = tmp_path / "pg"
    data.mkdir()
    if user:
        for folder in [*tmp_path.parents][:3]:
            folder.chmod(folder.stat().st_mode | 0o011) if folder != Path("/") else None
        tmp_path.chmod(0o755)
        os.chown(data, NOBODY, NOBODY)
    settings: dict[str, Any] = {"cwd": data, "env": {"PATH": os.environ["PATH"], "LC_ALL": "C"}, **user}
    initdb = [str(found / "initdb"), "-D", str(data), "-U", "nbgrader", "-A", "trust", "-E", "UTF8"]
    subprocess.run(initdb, check=True, capture_output=True, timeout=120, **settings)
    with (data / "log").open("w") as log:
        command = [str(found / "postgres"), "-D", str(data), "-k", str(data), "-c", "listen_addresses="]
        server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **settings)
        try:
            end = time.monotonic() + 60
            while "ready to accept connections" not in (data / "log").read_text() and time.monotonic() < end:
                time.sleep(0.1)
            yield f"postgresql+psycopg://nbgrader@/postgres?host={data}"
        finally:
            server.send_signal(signal.SIGINT)  # ends connections
            server.wait(30)


@pytest.mark.slow
def test_the_gradebook_may_be_postgresql(
    postgres: str,
    tmp_path: Path,
    tiny_solutions: Path,
    workers: Workers,
    monkeypatch: pytest.MonkeyPatch,
    kept_environment: object,
) -> None:
    monkeypatch.setattr(door, "_warm", lambda level: workers)
    root = tmp_path / "course"
    root.mkdir()
    shutil.copytree(tiny_solutions, root / "solutions")
    config = (ROOT / "nbgrader_config.py").read_text(encoding="utf-8")
    (root / "nbgrader_config.py").write_text(config + f"\nc.CourseDirectory.db_url = {postgres!r}\n", encoding="utf-8")
    write_source(assignments.load(root / "solutions" / NAME), root / "source", workers)
    course = Course(root)
    assert course.nbgrader("generate_assignment", NAME) == 0
    course.hand_in("amy", answered(course, ADDED))
    assert course.nbgrader("autograde", NAME) == 0
    with Gradebook(postgres) as gradebook:
        found = gradebook.find_submission_notebook(NAME, NAME, "amy")
        assert found.max_score == 6 and 0 < found.score < 2
    assert not (root / "gradebook.db").exists()
