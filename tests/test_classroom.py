"""A class is graded once, goes on where it was stopped, and keeps its results in a folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path

import pytest
import tiny

from autograder.course import classroom
from autograder.course.find import Entry, find
from autograder.errors import CallError
from autograder.grader.workers import Workers
from autograder.reports import report
from autograder.reports.report import State


def test_the_summary_is_written_from_the_reports_that_are_there(tmp_path: Path) -> None:
    report.save(tiny.report(), tmp_path / "amy" / tiny.NAME / "report.json")
    report.save(tiny.report(submission="bob"), tmp_path / "bob" / tiny.NAME / "report.json")
    (tmp_path / "eve" / tiny.NAME).mkdir(parents=True)
    (tmp_path / "eve" / tiny.NAME / "report.json").write_text("{damaged")
    reports = classroom.reports_in(tmp_path)
    assert [r.submission for r in reports] == ["amy", "bob"]
    classroom.write_summary(tmp_path, reports)
    assert len((tmp_path / "grades.csv").read_text().splitlines()) == 3
    assert "bob" in (tmp_path / "index.html").read_text()


@pytest.fixture
def one_worker(monkeypatch: pytest.MonkeyPatch, workers: Workers) -> list[int]:
    """Lets the class use the worker that is there; counts how often one is asked for."""
    started: list[int] = []

    @contextmanager
    def shared(isolation: str) -> Iterator[Workers]:
        assert isolation == workers.level
        started.append(1)
        yield workers

    monkeypatch.setattr(classroom, "Workers", shared)
    return started


@pytest.mark.tensorflow
def test_what_is_unchanged_is_not_graded_again(
    tmp_path: Path, tiny_solutions: Path, workers: Workers, one_worker: list[int]
) -> None:
    amy = tiny.write_notebook(tmp_path / "in" / "amy.ipynb", tiny.SOLVED)
    tiny.write_notebook(tmp_path / "in" / "bob.ipynb", tiny.STUBS)
    (tmp_path / "in" / "eve.ipynb").write_text("{")
    entries = find([tmp_path / "in"], {tiny.NAME: {"scale", "total"}}, None)
    out = tmp_path / "out"

    def run(salt: str = tiny.SALT, force: bool = False) -> dict[str, tuple[bool, float]]:
        done = classroom.grade_class(
            entries, tiny_solutions, out, salt=salt, jobs=2, isolation=workers.level, force=force
        )
        return {g.entry.submission: (g.fresh, g.report.score) for g in done}

    assert run() == {"amy": (True, 6), "bob": (True, 0), "eve": (True, 0)}
    assert {r.submission: r.status for r in classroom.reports_in(out)} == {
        "amy": "graded",
        "bob": "graded",
        "eve": "unreadable",
    }
    assert "scale" in (out / "amy" / tiny.NAME / "report.html").read_text()
    assert len(one_worker) == 1

    (out / "bob" / tiny.NAME / "report.html").unlink()
    assert run() == {"amy": (False, 6), "bob": (False, 0), "eve": (False, 0)}
    assert len(one_worker) == 1, "nothing to grade, nothing to start"
    assert (out / "bob" / tiny.NAME / "report.html").exists()

    tiny.write_notebook(amy, [*tiny.SOLVED[:2], "total = None"])
    (out / "bob" / tiny.NAME / "report.json").write_text("{damaged")
    assert run() == {"amy": (True, 4), "bob": (True, 0), "eve": (False, 0)}
    old = classroom.reports_in(out)[0]
    report.save(old.model_copy(update={"status": State.GRADER_FAULT}), out / "amy" / tiny.NAME / "report.json")
    assert run()["amy"] == (True, 4), "a grader fault is always graded again"
    assert all(fresh for fresh, _ in run(salt="another salt for tests").values())


@pytest.mark.tensorflow
def test_a_class_that_was_stopped_goes_on_where_it_was(
    tmp_path: Path, tiny_solutions: Path, workers: Workers, one_worker: list[int]
) -> None:
    for name in "abc":
        tiny.write_notebook(tmp_path / "in" / f"{name}.ipynb", tiny.SOLVED)
    entries = find([tmp_path / "in"], {tiny.NAME: {"scale", "total"}}, None)
    out = tmp_path / "out"
    running = classroom.grade_class(entries, tiny_solutions, out, salt=tiny.SALT, jobs=1, isolation=workers.level)
    first = next(running)
    running.close()  # type: ignore[attr-defined]
    kept = {r.submission for r in classroom.reports_in(out)}
    assert first.entry.submission in kept and len(kept) < 3
    rest = list(classroom.grade_class(entries, tiny_solutions, out, salt=tiny.SALT, jobs=1, isolation=workers.level))
    assert {g.entry.submission for g in rest if not g.fresh} == kept
    assert [g.report.score for g in rest] == [6, 6, 6]


@pytest.mark.tensorflow
def test_the_same_file_under_another_name_has_its_own_report(
    tmp_path: Path, tiny_solutions: Path, workers: Workers, one_worker: list[int]
) -> None:
    entries = [
        Entry(tiny.write_notebook(tmp_path / f"{name}.ipynb", tiny.SOLVED), tiny.NAME, name, name.upper())
        for name in ("a", "b")
    ]
    done = list(
        classroom.grade_class(
            entries, tiny_solutions, tmp_path / "out", salt=tiny.SALT, jobs=2, isolation=workers.level
        )
    )
    assert sorted((g.report.submission, g.report.student, g.report.score) for g in done) == [
        ("a", "A", 6),
        ("b", "B", 6),
    ]
    assert replace(done[0].entry) in entries


def test_a_broken_assignment_is_told_at_the_end(tmp_path: Path) -> None:
    tiny.write_assignment(tmp_path / "solutions", questions="QUESTIONS = 1 / 0")
    entries = [Entry(tmp_path / "amy.ipynb", tiny.NAME, "amy", "Amy")]
    with pytest.raises(CallError, match=tiny.NAME):
        list(
            classroom.grade_class(
                entries, tmp_path / "solutions", tmp_path / "out", salt=tiny.SALT, jobs=1, isolation="process"
            )
        )


def test_an_assignment_whose_reference_fails_is_told_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise CallError("the reference gives nothing")

    monkeypatch.setattr(classroom, "answers_of", fails)
    tiny.write_assignment(tmp_path / "solutions")
    entries = [Entry(tmp_path / "amy.ipynb", tiny.NAME, "amy", "Amy")]
    with pytest.raises(CallError, match="the reference gives nothing"):
        list(
            classroom.grade_class(
                entries, tmp_path / "solutions", tmp_path / "out", salt=tiny.SALT, jobs=1, isolation="process",
                start=lambda level: nullcontext(),  # type: ignore[arg-type]
            )
        )  # fmt: skip
