"""Reports as Markdown, JUnit XML and GitHub's formats; hostile text in them stays text."""

from __future__ import annotations

import base64
import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import tiny
import xmlschema
from click.testing import CliRunner

from autograder.adapters import github, junit, markdown
from autograder.commands.cli import main
from autograder.reports.report import Diagnosis, Report, Status, save

SCHEMA = xmlschema.XMLSchema(Path(__file__).with_name("junit.xsd"))

NASTY = "a|b <img src=x onerror=alert(1)> ![p](http://evil/x.png) `</code>` *b* \x1b[31m & \ud7ff\ufffe\x00 100% ]]>"


def wrong(**changed: object) -> Report:
    """A report with a public and a hidden miss, and a picture."""
    parts = (
        tiny.part(
            passed=False,
            points=0,
            message="Off by one, see `tf.pad`.",
            mistake="factor_added",
            picture=[[0, 1], [0.5, 0]],
        ),
        tiny.part(case="secret", public=False, passed=False, points=0, message="Off.", mistake="factor_added"),
        tiny.part(case="right"),
    )
    diagnosis = Diagnosis(
        mistakes=["factor_added"], title="The factor is added.", hint="A scale multiplies.", certainty=""
    )
    one = tiny.question(*parts, status=Status.PARTIAL, diagnosis=diagnosis)
    other = tiny.question(
        tiny.part(passed=None, points=0),
        name="total",
        status=Status.ERROR,
        message="total raised ValueError: no.",
        points=0,
    )
    return tiny.report(one, other, **changed)


def fault() -> Report:
    """A report without a score."""
    lost = tiny.question(tiny.part(passed=None, points=0), status=Status.GRADER_FAULT, points=0)
    return tiny.report(lost, status="grader_fault", message="The grader itself failed.")


def nasty() -> Report:
    """A report in which everything that a student may name is hostile."""
    part = tiny.part(case=NASTY, passed=False, points=0, message=f"{NASTY}\n::error::injected\r\n# a heading")
    return tiny.report(
        tiny.question(part, status=Status.FAILED, message=NASTY),
        student=NASTY,
        submission=NASTY,
        message=NASTY,
        repairs=[NASTY],
    )


# Markdown


def test_markdown_holds_the_table_the_misses_and_the_pictures_as_text() -> None:
    text = markdown.page([wrong()])
    assert "| scale | ◐ partly right | 1 / 3 | The factor is added. |" in text
    assert (
        "### scale\n\nThe factor is added. A scale multiplies.\n\n✗ in “a row”, value: Off by one, see `tf.pad`."
        in text
    )
    assert "```text\n· ✗\n✗ ·\n```" in text
    assert "total raised ValueError: no." in text


def test_markdown_of_a_class_begins_with_its_table() -> None:
    text = markdown.page([tiny.report(), fault()])
    assert text.startswith("# The class\n\n| submission | assignment | score |\n")
    assert "to be graded again" in text and "0 of 1 points" not in text


# JUnit


def test_junit_has_a_case_for_each_part_and_counts_them() -> None:
    root = ET.fromstring(junit.document([wrong(), tiny.report(submission="bea")]))
    SCHEMA.validate(root)
    suite = root[0]
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("4", "2", "1")
    failure = suite.findall("testcase")[0].find("failure")
    assert (
        failure is not None
        and failure.get("type") == "The factor is added."
        and failure.text == "Off by one, see `tf.pad`."
    )
    error = suite.findall("testcase")[3].find("error")
    assert error is not None and "ValueError" in (error.text or "")
    assert suite.findall("testcase")[0].get("classname") == f"{tiny.NAME}.scale"


def test_junit_counts_every_suite_by_itself() -> None:
    ran_not = tiny.part(passed=None, points=0)
    crashed = tiny.question(ran_not, ran_not, status=Status.CRASHED, points=0)
    missing = tiny.question(ran_not, status=Status.MISSING, points=0)
    unreadable = tiny.report(missing, status="unreadable", message="The file is empty.", submission="cy")
    empty = tiny.report(status="unreadable", message="No.", submission="di").model_copy(update={"questions": []})
    reports = [tiny.report(crashed, tiny.question()), tiny.report(), unreadable, empty]
    root = ET.fromstring(junit.document(reports))
    SCHEMA.validate(root)
    counts = [tuple(suite.get(key) for key in ("id", "tests", "failures", "errors", "skipped")) for suite in root]
    assert counts == [
        ("0", "3", "0", "2", "0"),
        ("1", "1", "0", "0", "0"),
        ("2", "1", "1", "0", "0"),
        ("3", "1", "0", "1", "0"),
    ]
    for suite, report in zip(root, reports, strict=True):
        cases = suite.findall("testcase")
        assert suite.get("tests") == str(len(cases)) and suite.get("name") == report.submission
        assert suite.get("failures") == str(len(suite.findall("testcase/failure")))
        assert suite.get("errors") == str(len(suite.findall("testcase/error")))
    said = root[2].find("testcase/failure")
    assert said is not None and said.text == "The file is empty." and said.get("type") == "missing"


def test_junit_shows_that_the_public_answers_alone_do_not_pass() -> None:
    looked_up = tiny.question(
        tiny.part(), points=0, status=Status.FAILED, message="scale gives the public answers, but ..."
    )
    (failure,) = ET.fromstring(junit.document([tiny.report(looked_up)])).iter("failure")
    assert failure.text == "scale gives the public answers, but ..."
    assert not list(ET.fromstring(junit.document([tiny.report()])).iter("failure"))


def test_junit_never_calls_lost_points_skipped() -> None:
    for status in Status:
        passed = {Status.PASSED: True, Status.PARTIAL: False, Status.FAILED: False}.get(status)
        question = tiny.question(tiny.part(passed=passed, points=float(status == "passed")), status=status)
        state = "grader_fault" if status == Status.GRADER_FAULT else "graded"
        root = ET.fromstring(junit.document([tiny.report(question, status=state)]))
        SCHEMA.validate(root)
        assert len(root.findall(".//failure") + root.findall(".//error")) == (status != Status.PASSED)


def test_junit_of_a_fault_has_no_score() -> None:
    root = ET.fromstring(junit.document([fault()]))
    SCHEMA.validate(root)
    assert root[0].get("errors") == "1"
    assert "score" not in {p.get("name") for p in root.iter("property")}


def test_junit_of_hostile_text_is_valid_xml() -> None:
    text = junit.document([nasty()])
    SCHEMA.validate(ET.fromstring(text))
    assert "\x1b" not in text and "\x00" not in text and "<img" not in text


def test_the_schema_rejects_what_is_no_junit() -> None:
    good = junit.document([wrong()])
    for old, new in (
        ('tests="4"', ""), ("<properties>", "<properties/><properties>"), ("<system-err />", ""),
        ('timestamp="2026-01-01T00:00:00"', 'timestamp="2026-01-01T00:00:00+00:00"'), ("testcase", "case"),
        ('type="The factor is added."', ""),
    ):  # fmt: skip
        assert good != good.replace(old, new)
        assert not SCHEMA.is_valid(ET.fromstring(good.replace(old, new))), old


# GitHub


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    """A notebook as Jupyter saves it: a line of code on a line of its own."""
    path = tmp_path / "work" / f"{tiny.NAME}.ipynb"
    path.parent.mkdir()
    path.write_text(
        json.dumps(tiny.notebook(["x = 1", "def scale(x):\n"]) | {}, indent=1).replace('"def', '["def'),
        encoding="utf-8",
    )
    cells = [{"cell_type": "code", "source": ["import x\n", "def scale(x, factor):\n", "    return x\n"]}]
    path.write_text(json.dumps({"cells": cells}, indent=1), encoding="utf-8")
    return path


def test_annotations_stand_at_the_functions_of_the_students_file(notebook: Path, tmp_path: Path) -> None:
    first, second = github.commands([(wrong(), notebook)], tmp_path).splitlines()
    line = next(n for n, text in enumerate(notebook.read_text().splitlines(), 1) if "def scale" in text)
    file = f"work/{tiny.NAME}.ipynb"
    assert second.startswith(
        f"::warning file={file},line={line},endLine={line},title=scale%3A partly right%2C 1 of 3 points::The factor is added. A scale multiplies. Off by one"
    )
    assert first == f"::error file={file},title=total%3A error%2C 0 of 1 points::total raised ValueError: no."


def test_what_passed_is_not_annotated_and_what_comes_after_it_is(tmp_path: Path) -> None:
    passed, missed = tiny.question(name="scale"), tiny.question(name="total", status=Status.FAILED, points=0)
    graded = [(fault(), tmp_path / "a.py"), (tiny.report(passed, missed), tmp_path / "b.py")]
    first, second = github.commands(graded, tmp_path).splitlines()
    assert "grader itself failed" in first and "total%3A wrong" in second


def test_the_lines_of_a_script_and_of_no_file(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"import x\r\n\r\ndef scale(x):\r\n    pass\r\nclass Total(x):\r\n    pass\r\n")
    assert github.Lines(path).functions == {"scale": 3, "Total": 5}
    assert github.Lines(tmp_path / "none.ipynb").functions == {}


def test_of_a_file_with_very_many_lines_the_first_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("def scale(x): pass\n" + "\n" * github.MAX_LINES + "def total(x): pass\n")
    assert github.Lines(path).functions == {"scale": 1}


@pytest.mark.parametrize(
    ("where", "line"),
    [
        ("", 7),
        ('cell 1, line 5: return x + (1 / 0)  # "half"', 9),
        ("cell 1, line 2: return 1 / 0", 5),
        ("cell 1, line 9: not in the file", 7),
        ('line 5: return x + (1 / 0)  # "half"', 9),
    ],
)
@pytest.mark.parametrize("suffix", [".ipynb", ".py"])
def test_an_annotation_stands_at_the_line_that_raised(suffix: str, where: str, line: int, tmp_path: Path) -> None:
    code = [
        "\n", "\n",
        "def helper(x):\n", "    return 1 / 0\n", "\n", "def scale(x):\n", "    y = [\n", "    return x + (1 / 0)  # \"half\"\n",
    ]  # fmt: skip
    path = tmp_path / f"a{suffix}"
    if suffix == ".py":
        path.write_text("#\n" + "".join(code), encoding="utf-8")
    else:
        path.write_text(json.dumps({"source": code}, indent=0).replace("{\n", "{", 1), encoding="utf-8")
    assert github.Lines(path).at(tiny.question(where=where)) == line


def test_a_student_cannot_write_a_workflow_command(tmp_path: Path) -> None:
    path = tmp_path / "a,b:c\n::error::x.py"
    path.touch()
    text = github.commands([(nasty(), path)], tmp_path)
    assert len(text.splitlines()) == len(github.commands([(nasty(), tmp_path)], tmp_path).splitlines()) == 1
    assert text.startswith("::error file=a%2Cb%3Ac%0A%3A%3Aerror%3A%3Ax.py,title=") and "100%25" in text
    assert not re.search(r"[\x00-\x09\x0b-\x1f]", text)


def test_at_most_ten_annotations_of_a_kind(tmp_path: Path) -> None:
    reports = [(wrong(), tmp_path / "a.py") for _ in range(12)]
    lines = github.commands(reports, tmp_path).splitlines()
    kinds = [line.split(" ")[0].split("::")[1] for line in lines]
    assert kinds.count("error") == kinds.count("warning") == 10
    assert "3 more of this kind" in lines[9] and len(lines) == 20


def test_the_summary_fits_github(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(markdown, "page", lambda _: "A long block.\n\n" * 100_000)
        text = github.summary([wrong()])
    assert 1_000_000 < len(text.encode()) <= 1 << 20 and text.endswith("it is in the reports.\n")
    assert "The rest" not in github.summary([wrong()])


def decoded(text: str) -> dict[str, object]:
    return json.loads(base64.b64decode(text))  # type: ignore[no-any-return]


def test_classrooms_result_has_its_fields_and_its_sum(notebook: Path, tmp_path: Path) -> None:
    result = decoded(github.classroom([(wrong(), notebook)], tmp_path))
    assert result["version"] == 1 and result["status"] == "fail" and result["max_score"] == 4
    tests = result["tests"]
    assert isinstance(tests, list)
    assert sum(test["score"] for test in tests) == 1
    assert set(tests[0]) == {"name", "status", "score", "message", "test_code", "filename", "line_no", "duration"}
    assert tests[0]["name"] == "scale" and tests[0]["test_code"] == 'check("scale")' and tests[0]["line_no"] > 1
    assert decoded(github.classroom([(tiny.report(), notebook)], tmp_path))["status"] == "pass"
    assert decoded(github.classroom([(tiny.report(), notebook), (fault(), notebook)], tmp_path))["status"] == "error"


def test_classroom_passes_only_if_every_submission_is_complete(notebook: Path, tmp_path: Path) -> None:
    def status(*reports: Report) -> object:
        return decoded(github.classroom([(one, notebook) for one in reports], tmp_path))["status"]

    assert status(tiny.report(), tiny.report(submission="bea")) == "pass"
    assert status(tiny.report(), wrong()) == status(wrong(), tiny.report()) == status(wrong()) == "fail"
    assert status(wrong(), fault()) == "error"
    assert status() == "fail"


def test_classrooms_tests_name_the_submission_where_there_are_several(notebook: Path, tmp_path: Path) -> None:
    result = decoded(github.classroom([(wrong(), notebook), (tiny.report(submission="bea"), notebook)], tmp_path))
    tests = result["tests"]
    assert isinstance(tests, list)
    assert [(t["name"], t["status"], t["score"]) for t in tests] == [
        ("amy: scale", "fail", 1), ("amy: total", "fail", 0), ("bea: scale", "pass", 1),
    ]  # fmt: skip
    assert [bool(t["message"]) for t in tests] == [True, True, False] and result["max_score"] == 5


def test_a_file_that_is_no_file_has_no_lines(tmp_path: Path) -> None:
    import os

    os.mkfifo(tmp_path / "a.py")
    (tmp_path / "b.py").symlink_to("/dev/zero")
    for name in ("a.py", "b.py"):
        assert github.Lines(tmp_path / name).functions == {}


def test_a_long_name_leaves_room_for_the_score_in_a_title(tmp_path: Path) -> None:
    name = "a" * 300
    report = tiny.report(
        tiny.question(tiny.part(passed=False, points=0), name=name, status=Status.FAILED), submission=name
    )
    (line,) = github.commands([(report, tmp_path / "none.py")], tmp_path).splitlines()
    title = line.partition("title=")[2].partition("::")[0]
    assert len(title) < 255 and title.endswith("wrong%2C 0 of 1 points")


def test_the_steps_own_files_get_the_summary_and_the_result(notebook: Path, tmp_path: Path) -> None:
    environment = {
        "GITHUB_WORKSPACE": str(tmp_path),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        "GITHUB_OUTPUT": str(tmp_path / "output"),
    }
    (tmp_path / "output").write_text("before=1\n")
    assert github.write([(wrong(), notebook)], environment) == github.commands([(wrong(), notebook)], tmp_path)
    assert (tmp_path / "summary.md").read_text(encoding="utf-8") == github.summary([wrong()])
    before, result = (tmp_path / "output").read_text().splitlines()
    assert before == "before=1" and decoded(result.removeprefix("result="))["version"] == 1
    assert github.write([(tiny.report(), notebook)], {}) == ""


# The command


@pytest.mark.parametrize("kind", ["json", "junit", "markdown", "github"])
def test_report_writes_every_format_to_stdout_or_a_file(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT", "GITHUB_WORKSPACE"):
        monkeypatch.delenv(name, raising=False)
    for one in (wrong(), tiny.report(submission="bea")):
        save(one, tmp_path / "graded" / one.submission / one.assignment / "report.json")
    command = ["report", str(tmp_path / "graded"), "--format", kind]
    shown = CliRunner().invoke(main, command)
    assert shown.exit_code == 0, shown.output
    text = shown.stdout
    if kind == "json":
        assert [Report.model_validate(item) for item in json.loads(text)] == [wrong(), tiny.report(submission="bea")]
    elif kind == "junit":
        assert SCHEMA.is_valid(ET.fromstring(text))
    else:
        assert text.startswith({"markdown": "# The class", "github": "::error title=amy%3A total%3A error"}[kind])
    quiet = CliRunner().invoke(main, [*command, "--format-out", str(tmp_path / "file")])
    assert quiet.stdout == "" and (tmp_path / "file").read_text(encoding="utf-8") == text


def test_a_share_that_is_none_is_refused(tmp_path: Path) -> None:
    assert CliRunner().invoke(main, ["grade", str(tmp_path), "--fail-under", "101"]).exit_code == 2
    assert CliRunner().invoke(main, ["grade", str(tmp_path), "--format", "pdf"]).exit_code == 2


def test_junit_tells_whose_it_is_and_what_it_scored() -> None:
    def properties(report: Report) -> dict[str | None, str | None]:
        found = ET.fromstring(junit.document([report])).iter("property")
        return {one.get("name"): one.get("value") for one in found}

    whose = {"student": "amy", "isolation": "process", "salt_id": "abc"}
    assert properties(tiny.report()) == whose | {"status": "graded", "score": "1", "max_score": "1"}
    assert properties(fault()) == whose | {"status": "grader_fault"}


def test_markdown_speaks_of_repairs_where_there_are_some() -> None:
    assert "Repaired" not in markdown.page([tiny.report()])
    repaired = markdown.page([tiny.report(repairs=["Cell 3 was cut in two."])])
    assert "Repaired while reading, at no cost in points:\n\n- Cell 3 was cut in two" in repaired
