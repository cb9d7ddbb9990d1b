"""On a build server, nothing that a submission wrote is a command to the server, whatever is printed and however it is wrapped."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import hostile
import pytest
import tiny
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from autograder.commands import cli, log
from autograder.course import audit as auditing
from autograder.course import classroom
from autograder.course.audit import QuestionAudit
from autograder.course.classroom import Graded
from autograder.errors import CallError, GraderFault
from autograder.grader import isolation, protocol, workers
from autograder.reports import console
from autograder.reports.report import Report, save
from autograder.source import extract
from autograder.student import hand_in
from autograder.student import whole_file as checking

EVIL = (
    "\n::add-mask::25\n  ::stop-commands::x\r::error::y\u2028::debug::z ##[error]x ##vso[task.complete]a "
    + "a" * 37
    + "::warning::x" * 9
)


class NoWorkers:
    """Stands in for the warm process."""

    level = "full"

    def __init__(self, *_: object, **__: object) -> None:
        pass

    def __enter__(self) -> NoWorkers:
        return self

    def __exit__(self, *_: object) -> None:
        pass


@pytest.fixture(params=[20, 80])
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Callable[..., Result]:
    """Calls the command line on a build server whose log is so many characters wide."""
    monkeypatch.chdir(tmp_path)
    tiny.write_assignment(tmp_path / "solutions")
    tiny.write_notebook(tmp_path / "amy.ipynb", tiny.SOLVED)
    monkeypatch.setattr(workers, "Workers", NoWorkers)
    monkeypatch.setattr(isolation, "strongest", lambda: "full")
    for name in ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT", "GITHUB_WORKSPACE"):
        monkeypatch.delenv(name, raising=False)
    for stream in (console.out, console.err):
        monkeypatch.setattr(stream, "_width", request.param)

    def call(*arguments: str, **environment: str) -> Result:
        return CliRunner().invoke(cli.main, arguments, env=environment or {"GITHUB_ACTIONS": "true"})

    return call


def evil_report() -> Report:
    return hostile.report(dict.fromkeys(hostile.Fields.NAMES, EVIL))


FORMATS = ["console", "json", "junit", "markdown", "github"]


def check_printed(result: Result, kind: str) -> None:
    lines = hostile.obeyed(result.stdout)
    ours = (
        [line for line in lines if line.startswith(("::error ", "::warning ", "::notice "))] if kind == "github" else []
    )
    assert lines == ours and len(ours) <= 2 and hostile.obeyed(result.stderr) == []
    assert "add-mask" in result.stdout, "the text is there, and is no command"


@pytest.mark.parametrize("kind", FORMATS)
def test_check(run: Callable[..., Result], kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    question = evil_report().questions[0]
    monkeypatch.setattr(
        checking,
        "check_file",
        lambda *_: checking.Checked(protocol.Run(), [(question, [EVIL]), (tiny.question(), [EVIL])]),
    )
    result = run("check", "amy.ipynb", "--format", kind)
    assert result.exit_code == 1, result.output
    check_printed(result, kind)


def test_the_last_look(run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch) -> None:
    found = hand_in.LookedOver([hand_in.Finding(hand_in.Sign.MEND, EVIL)], evil_report().questions, 1.0)
    monkeypatch.setattr(hand_in, "look_over", lambda *_: found)
    result = run("submit-check", "amy.ipynb")
    assert result.exit_code == 1, result.output
    check_printed(result, "console")


@pytest.mark.parametrize("kind", FORMATS)
def test_grade(run: Callable[..., Result], kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def graded(entries: Any, *_: Any, **__: Any) -> Iterator[Graded]:
        for entry in entries:
            save(evil_report(), entry.folder(Path("graded")) / "report.json")
            yield Graded(entry, evil_report(), fresh=True)

    monkeypatch.setattr(classroom, "grade_class", graded)
    result = run("grade", "amy.ipynb", "--format", kind)
    assert result.exit_code == 0, result.output
    check_printed(result, kind)


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("path", ["graded", "graded/a/b/report.json"])
def test_report(run: Callable[..., Result], kind: str, path: str) -> None:
    save(evil_report(), Path("graded/a/b/report.json"))
    result = run("report", path, "--format", kind)
    assert result.exit_code == 0, result.output
    check_printed(result, kind)


def test_audit(run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auditing, "audit", lambda *_, **__: [QuestionAudit(EVIL, misses=[EVIL])])
    result = run("audit")
    assert result.exit_code == 1, result.output
    check_printed(result, "console")


def test_export(run: Callable[..., Result]) -> None:
    save(evil_report(), Path("graded/a/b/report.json"))
    check_printed(run("export", "csv"), "csv")
    Path("export.csv").write_text("Student,ID,x (1)\nAmy,1,\n")
    result = run("export", "canvas", "--into", "export.csv", "--column", "x (1)")
    assert result.exit_code == 1 and "add-mask" in result.stdout
    check_printed(result, "console")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (CallError(EVIL), 2),
        (GraderFault(EVIL), 3),
        (OSError(EVIL), 3),
        (extract.Unreadable(EVIL), 1),
        (click.UsageError(EVIL), 2),
    ],
)
def test_errors(run: Callable[..., Result], error: Exception, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(checking, "check_file", fail)
    result = run("check", "amy.ipynb")
    assert result.exit_code == code and "add-mask" in result.stderr
    assert hostile.obeyed(result.stdout) == hostile.obeyed(result.stderr) == []


def test_json_says_the_same_on_a_build_server(run: Callable[..., Result]) -> None:
    import json

    save(evil_report(), Path("graded/a/b/report.json"))
    result = run("report", "graded", "--format", "json")
    assert [Report.model_validate(item) for item in json.loads(result.stdout)] == [evil_report()]


# The stream


@given(
    st.lists(
        st.sampled_from([":", "::", "#", "##", "[", "vso", "vso[", "\n", "\r", " ", "x", "error::", "\t", "]"]),
        max_size=12,
    )
)
def test_a_command_in_pieces_is_parted_too_and_nothing_is_lost(pieces: list[str]) -> None:
    buffer = io.StringIO()
    stream = log._Watched(buffer)
    for piece in pieces:
        assert stream.write(piece) == len(piece)
    assert hostile.obeyed(buffer.getvalue()) == []
    assert buffer.getvalue().replace(" ", "") == "".join(pieces).replace(" ", "")


@pytest.mark.parametrize(
    "environment", [{"GITHUB_ACTIONS": "true"}, {"CI": "1"}, {"TF_BUILD": "True"}, {"TEAMCITY_VERSION": "2026"}]
)
def test_streams_are_watched_on_build_servers(environment: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    with log.watched(environment):
        print("::error::x")
    print("::error::y")
    assert capsys.readouterr().out == ": :error::x\n::error::y\n"


def test_streams_are_left_alone_elsewhere(capsys: pytest.CaptureFixture[str]) -> None:
    with log.watched({"CI": ""}):
        print("::error::x")
    assert capsys.readouterr().out == "::error::x\n"


def test_the_texts_of_these_tests_are_commands_before_they_are_shown() -> None:
    """The texts are hostile indeed: printed as they are, the server would obey them."""
    draw = random.Random(1)
    assert len(hostile.obeyed(EVIL)) == 3
    assert sum(bool(hostile.obeyed(hostile.text(draw))) for _ in range(500)) > 50
