from __future__ import annotations

import json
from pathlib import Path

import pytest
import tiny
from pydantic import ValidationError

from autograder.reports import report
from autograder.reports.report import Part, Report, Status, total


def test_a_report_survives_its_file(tmp_path: Path) -> None:
    one = tiny.report(
        tiny.question(tiny.part(), tiny.part(passed=None, mistake="a", picture=[[0.5]])), message="Zoë – “ok”"
    )
    report.save(one, tmp_path / "deep" / "er" / "report.json")
    assert report.load(tmp_path / "deep" / "er" / "report.json") == one
    assert [p.name for p in (tmp_path / "deep" / "er").iterdir()] == ["report.json"]


def test_the_file_is_what_was_promised(tmp_path: Path) -> None:
    report.save(tiny.report(), tmp_path / "report.json")
    document = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert set(document) == {
        "version", "assignment", "submission", "student", "score", "max_score", "status", "message", "isolation", "salt_id", "questions_id",
        "name", "file", "versions", "key", "started", "duration", "repairs", "questions",
    }  # fmt: skip
    assert set(document["questions"][0]) == {
        "name", "points", "max_points", "status", "message", "where", "diagnosis", "ladder", "condition", "parts",
    }  # fmt: skip
    assert set(document["questions"][0]["parts"][0]) == {
        "case", "part", "public", "passed", "points", "max_points", "message", "mistake", "measured", "picture"
    }  # fmt: skip
    assert document["questions"][0]["status"] == "passed"


def test_the_outcomes_are_the_ones_in_the_design() -> None:
    assert {status.value for status in Status} == {
        "passed", "partial", "failed", "error", "timeout", "memory", "crashed", "not_attempted", "missing", "grader_fault"
    }  # fmt: skip


@pytest.mark.parametrize("old, new", [
    ('"status":"passed"', '"status":"fine"'),
    ('"passed":true', '"passed":"perhaps"'),
    ('"score":1.0', '"score":"many"'),
    ('"student":"amy",', ""),
    ('"student":"amy"', '"student":"amy","grade":"A"'),
    ('"version":1', '"version":99'),
    ("}", ""),
])  # fmt: skip
def test_what_is_no_report_of_this_version_is_refused(tmp_path: Path, old: str, new: str) -> None:
    text = tiny.report().model_dump_json()
    assert old in text
    (tmp_path / "report.json").write_text(text.replace(old, new))
    with pytest.raises(ValueError):
        report.load(tmp_path / "report.json")


def test_a_missing_report_is_an_oserror(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        report.load(tmp_path / "report.json")


def test_unknown_fields_are_refused() -> None:
    with pytest.raises(ValidationError):
        Part(case="c", part="p", public=True, passed=True, points=1, max_points=1, secret=[1.0])  # type: ignore[call-arg]


@pytest.mark.parametrize("passed, status", [
    ([True, True], Status.PASSED), ([True, False], Status.PARTIAL), ([False], Status.FAILED), ([None, True], Status.PARTIAL),
    ([None], Status.FAILED),
])  # fmt: skip
def test_the_status_follows_from_the_parts(passed: list[bool | None], status: Status) -> None:
    assert report.status_of([tiny.part(passed=p) for p in passed]) == status


def test_the_most_telling_part_is_a_public_case_and_then_the_first() -> None:
    right, hidden = tiny.part(), tiny.part(passed=False, public=False)
    public, later = tiny.part(passed=False), tiny.part(passed=False, case="later")
    not_run = tiny.part(passed=None, mistake="m")
    assert report.most_telling(tiny.question(right, not_run)) is None
    assert report.most_telling(tiny.question(right, hidden, not_run)) == hidden
    assert report.most_telling(tiny.question(hidden, public)) == public
    assert report.most_telling(tiny.question(hidden, public, later)) == public


def test_the_schema_is_made_from_the_same_declaration() -> None:
    assert set(Report.model_json_schema()["properties"]) == set(Report.model_fields)


def test_a_sum_of_points_is_that_of_the_questions_to_the_last_digit() -> None:
    questions = [0.8333, 1.6667, 2.3214, 0.1]
    assert total(questions) == 4.9214, "two digits, 4.92, would not be what a gradebook adds up"
    assert total([0.1] * 10) == 1.0 and total([0.1, 0.2]) == 0.3
    assert total([24.9999, 0.00004]) == 24.9999 and total([24.996]) < 25, "nearly everything is not everything"
