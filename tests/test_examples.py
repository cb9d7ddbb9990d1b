"""The example class, graded as an instructor would: every outcome of the report has a submission that produces it."""

from __future__ import annotations

import csv
import io
import itertools
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from autograder.commands.cli import main
from autograder.course import assignment as assignments
from autograder.course import classroom
from autograder.course.find import find
from autograder.grader import isolation
from autograder.grader.workers import Workers
from autograder.reports import wording
from autograder.reports.report import Report, Status

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
sys.path.insert(0, str(EXAMPLES))

from build_class import CLASS, EXPECTED, NORM, SOLUTIONS, Example, build  # noqa: E402

pytestmark = pytest.mark.tensorflow

SALT = "the salt of the example class"
FULL_MARKS = [key for key, example in EXPECTED.items() if example.full_marks]

Key = tuple[str, str]


@dataclass(frozen=True)
class Course:
    """Where the class was handed in, and where it was graded."""

    submitted: Path
    out: Path

    def grade(self, jobs: int = 2) -> dict[Key, Report]:
        """Grades what is new and returns only that."""
        known = {
            name: {q.name for q in assignments.load(SOLUTIONS / name).questions}
            for name in assignments.names(SOLUTIONS)
        }
        entries = find([self.submitted], known, None)
        assert {(e.student, e.assignment) for e in entries} <= EXPECTED.keys()
        graded = classroom.grade_class(
            entries, SOLUTIONS, self.out, salt=SALT, jobs=jobs, isolation=isolation.strongest()
        )
        return {(g.entry.student, g.entry.assignment): g.report for g in graded if g.fresh}

    def rows(self) -> dict[Key, dict[str, str]]:
        """Writes the summary and reads grades.csv."""
        classroom.write_summary(self.out, classroom.reports_in(self.out))
        text = (self.out / "grades.csv").read_text(encoding="utf-8")
        return {(row["student"], row["assignment"]): row for row in csv.DictReader(io.StringIO(text))}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    folder = tmp_path_factory.mktemp("class")
    build(folder / "submitted")
    return Course(folder / "submitted", folder / "graded")


@pytest.fixture(scope="module")
def reports(course: Course) -> dict[Key, Report]:
    return course.grade()


@pytest.fixture
def two_students(course: Course, reports: dict[Key, Report], tmp_path: Path) -> Course:
    """Two submissions that are not graded yet; the answers are known."""
    for student in ("amy", "kaya"):
        shutil.copytree(course.submitted / student / NORM, tmp_path / "submitted" / student / NORM)
    shutil.copytree(course.out / ".cache", tmp_path / "graded" / ".cache")
    return Course(tmp_path / "submitted", tmp_path / "graded")


def test_the_class_is_large_and_built_the_same_each_time(course: Course, tmp_path: Path) -> None:
    again = build(tmp_path)
    assert len(again) == len(EXPECTED) >= 20
    for path in again:
        assert path.read_bytes() == (course.submitted / path.relative_to(tmp_path)).read_bytes()


@pytest.mark.parametrize("example", CLASS, ids=lambda e: f"{e.student}-{e.assignment}")
def test_every_submission_ends_as_expected(example: Example, reports: dict[Key, Report]) -> None:
    report = reports[example.student, example.assignment]
    assert report.status == example.status, report.message
    assert example.says in report.message
    assert bool(example.says) == bool(report.message), report.message
    assert len(report.repairs) == len(example.repairs), report.repairs
    assert all(words in repair for words, repair in zip(example.repairs, report.repairs, strict=True)), report.repairs
    assert example.questions.keys() <= {question.name for question in report.questions}
    for question in report.questions:
        expected = example.expected(question.name)
        said = " ".join([question.message, *(part.message for part in question.parts)])
        assert question.status == expected.status, f"{question.name}: {said}"
        assert expected.says in said, f"{question.name}: {said}"
        if expected.mistake:
            assert question.diagnosis and question.diagnosis.mistakes == [expected.mistake], f"{question.name}: {said}"


@pytest.mark.parametrize("key", FULL_MARKS, ids="-".join)
def test_whoever_solved_everything_has_full_marks(key: Key, reports: dict[Key, Report]) -> None:
    report = reports[key]
    assert report.score == report.max_score
    assert all(question.points == question.max_points for question in report.questions)
    assert all(part.passed and not part.message for question in report.questions for part in question.parts)


def test_every_outcome_occurs(reports: dict[Key, Report]) -> None:
    seen = {question.status for report in reports.values() for question in report.questions}
    assert seen == set(Status) - {Status.GRADER_FAULT}
    assert {report.status for report in reports.values()} == {"graded", "unreadable"}


def test_points_are_lost_for_what_is_wrong_and_nothing_else(reports: dict[Key, Report]) -> None:
    for key, report in reports.items():
        for question in report.questions:
            status = EXPECTED[key].expected(question.name).status
            full, some = question.points == question.max_points, 0 < question.points < question.max_points
            assert (full, some) == (status == "passed", status == "partial"), f"{key}: {question.name}"


def test_unchanged_submissions_are_not_graded_again(course: Course, reports: dict[Key, Report]) -> None:
    assert set(reports) == set(EXPECTED)
    assert course.grade() == {}
    path = course.submitted / "amy" / NORM / f"{NORM}.ipynb"
    whole = path.read_bytes()
    try:
        path.write_bytes(whole.replace(b"gamma * (x - moving_mean)", b"gamma * (x + moving_mean)"))
        again = course.grade()
    finally:
        path.write_bytes(whole)
    assert list(again) == [("amy", NORM)]
    assert again["amy", NORM].score < reports["amy", NORM].score
    assert list(course.grade()) == [("amy", NORM)]


def test_the_table_of_grades_has_a_row_each(course: Course, reports: dict[Key, Report]) -> None:
    rows = course.rows()
    assert set(rows) == set(EXPECTED)
    for key, row in rows.items():
        score = reports[key].score if reports[key].status == "graded" else ""
        assert row["score"] == str(score)
    page = (course.out / "index.html").read_text(encoding="utf-8")
    assert all(f'{student}/{assignment}/report.html"' in page for student, assignment in EXPECTED)
    assert all((course.out / student / assignment / "report.html").exists() for student, assignment in EXPECTED)


def test_a_fault_of_the_grader_is_listed_for_a_rerun_and_is_no_zero(
    two_students: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = itertools.count()

    class Dying(Workers):
        """Loses its process after one submission, and cannot start another."""

        def run(self, *args: object) -> object:  # type: ignore[override]
            if next(runs) == 1:
                assert self._warm
                self._warm.kill()
                self._warm.wait()
                monkeypatch.setattr(sys, "executable", "/bin/false")
            return super().run(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(classroom, "Workers", Dying)
    reports = two_students.grade(jobs=1)
    monkeypatch.undo()

    (lost,) = (key for key, report in reports.items() if report.status == "grader_fault")
    (kept,) = reports.keys() - {lost}
    assert {question.status for question in reports[lost].questions} == {Status.GRADER_FAULT}
    assert "not the student's fault" in reports[lost].message
    rows = two_students.rows()
    assert rows[kept]["score"] == str(reports[kept].max_score)
    assert rows[lost]["status"] == "grader_fault"
    assert rows[lost]["score"] == ""
    assert {rows[lost][question.name] for question in reports[lost].questions} == {""}
    summary = wording.summary(list(reports.values()))[NORM]
    assert summary["faults"] == [lost[0]]
    assert summary["scores"] == [reports[kept].score]

    again = two_students.grade()
    assert list(again) == [lost]
    assert again[lost].score == again[lost].max_score
    assert {row["status"] for row in two_students.rows().values()} == {"graded"}


def test_where_no_worker_starts_nobody_is_graded(two_students: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    salt = two_students.out / "salt"
    salt.write_text(SALT, encoding="utf-8")
    level = isolation.strongest()
    monkeypatch.setattr(sys, "executable", "/bin/false")
    command = ["grade", str(two_students.submitted), "--out", str(two_students.out), "--salt", str(salt)]
    result = CliRunner().invoke(main, [*command, "--solutions", str(SOLUTIONS), "--isolation", level])
    assert result.exit_code == 3, result.output
    assert "to be graded again (grader fault): amy, kaya" in result.output
    rows = two_students.rows()
    assert {(row["status"], row["score"]) for row in rows.values()} == {("grader_fault", "")}
