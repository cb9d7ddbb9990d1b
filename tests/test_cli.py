"""The command line by itself; what it calls is replaced where it would start TensorFlow."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import tiny
from click.testing import CliRunner, Result

from autograder import __version__
from autograder.border.wire import WireError
from autograder.commands.cli import main
from autograder.course import audit, classroom, gates, mutants, run_through
from autograder.course.audit import QuestionAudit
from autograder.course.gates import Gate
from autograder.course.mutants import QuestionMutants
from autograder.course.mutate import Mutant
from autograder.errors import GraderFault
from autograder.grader import isolation, protocol, workers
from autograder.reports import console
from autograder.reports.report import Report, Status
from autograder.source import extract
from autograder.student import hand_in, whole_file
from autograder.student.hand_in import Finding, LookedOver, Sign
from autograder.student.public import NoPublicCases
from autograder.student.whole_file import Checked

Run = Callable[..., Result]


class NoWorkers:
    """Stands in for the warm worker."""

    def __init__(self, isolation: str | None = None, seconds: float = 0.0) -> None:
        self.level = isolation or "full"

    def __enter__(self) -> NoWorkers:
        return self

    def __exit__(self, *_: object) -> None:
        return None


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Calls the command in an empty folder with the tiny course in it."""
    monkeypatch.chdir(tmp_path)
    tiny.write_assignment(tmp_path / "solutions")
    monkeypatch.setattr(workers, "Workers", NoWorkers)
    monkeypatch.setattr(isolation, "strongest", lambda: "full")
    monkeypatch.setattr(isolation, "why_not", lambda wanted: "")
    monkeypatch.setattr(run_through, "dead_cells", returns([]))

    def call(*arguments: str) -> Result:
        # The consoles remember the streams they were made with; the runner brings its own.
        monkeypatch.setattr(console.out, "_file", None)
        result = CliRunner().invoke(main, arguments)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return call


def returns(value: Any) -> Callable[..., Any]:
    def function(*_: Any, **__: Any) -> Any:
        if isinstance(value, Exception):
            raise value
        return value

    return function


# Help


@pytest.mark.parametrize("command", [None, *main.commands])
def test_help_says_what_a_command_does_and_every_option_says_what_it_is(run: Run, command: str | None) -> None:
    for flag in ("--help", "-h"):
        result = run(*([command] if command else []), flag)
        assert result.exit_code == 0 and result.output.startswith("Usage: ")
    known = main.commands[command] if command else main
    assert known.help
    for option in known.params:
        assert not isinstance(option, click.Option) or option.help, option.name


def test_the_commands_are_the_ones_in_the_design() -> None:
    assert {"release", "check", "grade", "audit", "report", "doctor"} <= set(main.commands)


def test_the_version_is_shown(run: Run) -> None:
    assert run("--version").output == f"autograder, version {__version__}\n"


def test_unknown_commands_and_options_are_usage_errors(run: Run) -> None:
    for arguments in (
        ["no-such"],
        ["grade"],
        ["grade", "x", "--no-such"],
        ["check"],
        ["grade", "x", "--jobs", "0"],
        ["audit", "--salts", "0"],
    ):
        assert run(*arguments).exit_code == 2, arguments


def test_help_answers_without_importing_what_is_slow() -> None:
    code = (
        "import sys\nfrom autograder.commands.cli import main\n"
        "for words in (['--help'], ['grade', '--help'], ['check', '--help']):\n"
        "    main(words, standalone_mode=False)\n"
        "slow = {'tensorflow', 'keras', 'numpy', 'jupytext', 'nbformat', 'nbgrader', 'IPython', 'matplotlib', 'jinja2', 'pydantic'}\n"
        "sys.exit(' '.join(slow & set(sys.modules)) or 0)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.startswith("Usage: ")


def test_the_module_is_the_command() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "autograder", "--version"], capture_output=True, text=True, timeout=60
    )
    assert (ended.returncode, ended.stdout) == (0, f"autograder, version {__version__}\n")


# check


@pytest.fixture
def notebook(tmp_path: Path) -> str:
    return str(tiny.write_notebook(tmp_path / "n.ipynb", tiny.SOLVED))


def checked(*statuses: Status) -> Checked:
    return Checked(
        protocol.Run(), [(tiny.question(name=f"q{i}", status=status), []) for i, status in enumerate(statuses)]
    )


@pytest.mark.parametrize("outcome, code, said", [
    (checked(Status.PASSED, Status.PASSED), 0, "2 of 2 questions pass"),
    (checked(Status.PASSED, Status.NOT_ATTEMPTED), 1, "1 of 2 questions pass"),
    (checked(Status.FAILED), 1, "0 of 1 questions pass"),
    (extract.Unreadable("The file is empty."), 1, "The file is empty."),
    (NoPublicCases("No public cases here"), 2, "No public cases here"),
    (WireError("x.npz is damaged"), 2, "x.npz is damaged"),
    (GraderFault("the worker did not start"), 3, "The grader itself failed: the worker did not start"),
])  # fmt: skip
def test_check_ends_with_what_it_found(
    run: Run, notebook: str, monkeypatch: pytest.MonkeyPatch, outcome: Any, code: int, said: str
) -> None:
    monkeypatch.setattr(whole_file, "check_file", returns(outcome))
    result = run("check", notebook)
    assert result.exit_code == code
    assert said in result.output


def test_check_of_a_missing_file_is_a_usage_error(run: Run) -> None:
    result = run("check", "none.ipynb")
    assert result.exit_code == 2 and "There is no file none.ipynb" in result.output


def test_check_of_a_folder_takes_its_only_notebook(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Path] = []
    monkeypatch.setattr(whole_file, "check_file", lambda path, workers: seen.append(path) or checked())
    folder = tmp_path / "mine"
    folder.mkdir()
    result = run("check", "mine")
    assert result.exit_code == 2 and "There is no notebook in mine" in result.output
    (folder / "a.ipynb").touch()
    assert run("check", "mine").exit_code == 0 and seen == [Path("mine/a.ipynb")]
    (folder / "b.ipynb").touch()
    result = run("check", "mine")
    assert result.exit_code == 2 and "There are 2: a.ipynb, b.ipynb." in " ".join(result.output.split())
    assert len(seen) == 1


# submit-check


def looked_over(*signs: Sign) -> LookedOver:
    return LookedOver([Finding(sign, f"It is {sign.name}.") for sign in signs], [tiny.question()], 3.0)


@pytest.mark.parametrize("outcome, arguments, code, said", [
    (looked_over(Sign.NOTE, Sign.GOOD), [], 0, "✓ Ready to hand in."),
    (looked_over(Sign.GOOD, Sign.LOOK), [], 0, "! It can be handed in."),
    (looked_over(Sign.GOOD, Sign.LOOK), ["--strict"], 1, "! It can be handed in."),
    (looked_over(Sign.LOOK, Sign.MEND), [], 1, "✗ Not ready to hand in"),
    (looked_over(Sign.MEND), [], 1, "Hidden cases, for 3 more points, run when graded."),
    (looked_over(Sign.GOOD), ["--fail-under", "100"], 0, "1 of 1 points on public cases"),
    (LookedOver([], [tiny.question(points=0.5)], 0.0), ["--fail-under", "51"], 1, "0.5 of 1 points on public cases"),
    (extract.Unreadable("The file is empty."), [], 1, "✗ The file is empty."),
    (NoPublicCases("No public cases here"), [], 2, "No public cases here"),
    (WireError("x.npz is damaged"), [], 2, "x.npz is damaged"),
    (GraderFault("the worker did not start"), [], 3, "The grader itself failed: the worker did not start"),
])  # fmt: skip
def test_the_last_look_ends_with_what_it_found(
    run: Run, notebook: str, monkeypatch: pytest.MonkeyPatch, outcome: Any, arguments: list[str], code: int, said: str
) -> None:
    monkeypatch.setattr(hand_in, "look_over", returns(outcome))
    result = run("submit-check", notebook, *arguments)
    assert (result.exit_code, said in result.output) == (code, True), result.output


def test_the_last_look_is_bounded_and_takes_a_folder(
    run: Run, notebook: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []
    monkeypatch.setattr(workers, "Workers", lambda **settings: seen.append(settings) or NoWorkers())
    monkeypatch.setattr(hand_in, "look_over", lambda path, *_: seen.append(path.name) or looked_over(Sign.GOOD))
    assert run("submit-check", str(tmp_path), "--timeout", "60").exit_code == 0
    assert seen == [{"seconds": 60.0}, "n.ipynb"]
    assert run("submit-check", "none.ipynb").exit_code == 2


# grade


@pytest.fixture
def graded(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[dict[str, Any]]]:
    """Replaces the grading of a class by reports that are there already; returns the calls."""

    def replace(*reports: Report | BaseException) -> list[dict[str, Any]]:
        calls: list[dict[str, Any]] = []

        def grade_class(entries: Any, solutions: Path, out: Path, **options: Any) -> Iterator[classroom.Graded]:
            calls.append({"entries": entries, "solutions": solutions, "out": out} | options)
            for entry, report in zip(entries, reports, strict=False):
                if isinstance(report, BaseException):
                    raise report
                from autograder.reports.report import save

                save(report, entry.folder(out) / "report.json")
                yield classroom.Graded(entry, report, fresh=True)

        monkeypatch.setattr(classroom, "grade_class", grade_class)
        return calls

    return replace


def test_grade_writes_the_summary_and_says_where(run: Run, notebook: str, graded: Any, tmp_path: Path) -> None:
    calls = graded(tiny.report(submission="n"))
    result = run("grade", notebook, "--jobs", "3", "--force")
    assert result.exit_code == 0, result.output
    assert "1 graded, 0 unchanged" in result.output and "graded/grades.csv" in result.output
    assert (tmp_path / "graded" / "grades.csv").exists() and (tmp_path / "graded" / "index.html").exists()
    assert calls[0]["jobs"] == 3 and calls[0]["force"] is True
    assert calls[0]["salt"] == (tmp_path / ".salt").read_text().strip()
    assert [e.assignment for e in calls[0]["entries"]] == [tiny.NAME]


def test_a_grader_fault_ends_with_three(run: Run, notebook: str, graded: Any) -> None:
    graded(tiny.report(submission="n", status="grader_fault"))
    assert run("grade", notebook).exit_code == 3
    graded(GraderFault("the worker did not start"))
    result = run("grade", notebook, "--out", "elsewhere")
    assert result.exit_code == 3 and "The grader itself failed" in result.output


def test_a_stopped_grading_says_how_to_go_on(run: Run, notebook: str, graded: Any) -> None:
    graded(KeyboardInterrupt())
    result = run("grade", notebook)
    assert result.exit_code == 130 and "run the same command again to continue" in " ".join(result.output.split())


@pytest.mark.parametrize("arguments, said", [
    (["none.ipynb"], "none.ipynb is not a notebook"),
    (["n.ipynb", "--assignment", "99_none"], "There is no assignment '99_none' in solutions; there are 90_tiny."),
    (["n.ipynb", "--solutions", "nowhere"], "There is no folder nowhere"),
    (["empty"], "empty holds no .ipynb or .py file"),
    (["n.ipynb", "--salt", "short"], "at least 16"),
])  # fmt: skip
def test_grade_refuses_what_does_not_fit(
    run: Run, notebook: str, graded: Any, tmp_path: Path, arguments: list[str], said: str
) -> None:
    graded()
    (tmp_path / "empty").mkdir()
    (tmp_path / "short").write_text("abc")
    result = run("grade", *arguments)
    assert result.exit_code == 2 and said in result.output
    assert not (tmp_path / "graded").exists()


def test_grade_refuses_weaker_walls_than_asked_for(
    run: Run, notebook: str, graded: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = graded(tiny.report(submission="n"))
    monkeypatch.setattr(isolation, "strongest", lambda: "process")
    monkeypatch.setattr(isolation, "why_not", lambda wanted: "no Landlock in this kernel")
    for options in ([], ["--isolation", "full"]):
        result = run("grade", notebook, *options)
        assert result.exit_code == 2 and not calls
        assert "no Landlock in this kernel" in result.output and "use --isolation process" in result.output
    assert run("grade", notebook, "--isolation", "process").exit_code == 0
    assert calls[0]["isolation"] == "process"
    assert run("grade", notebook, "--isolation", "none").exit_code == 2


def test_grade_refuses_a_course_that_is_broken(run: Run, notebook: str, tmp_path: Path) -> None:
    (tmp_path / "solutions" / tiny.NAME / "mistakes.py").unlink()
    result = run("grade", notebook)
    assert result.exit_code == 2 and "mistakes.py is missing" in result.output


# report


def test_report_shows_a_report_or_a_class(run: Run, tmp_path: Path) -> None:
    from autograder.reports.report import save

    path = tmp_path / "out" / "amy" / tiny.NAME / "report.json"
    save(tiny.report(), path)
    one, all_ = run("report", str(path)), run("report", str(tmp_path / "out"))
    assert (one.exit_code, all_.exit_code) == (0, 0)
    assert "amy  90_tiny  1 of 1" in one.output and "1 graded" in all_.output


def test_what_was_withdrawn_is_named_in_the_class_and_is_in_no_export(run: Run, tmp_path: Path) -> None:
    from autograder.reports.report import save

    for one in (tiny.report(), tiny.report(submission="bo", status="withdrawn")):
        save(one, tmp_path / "out" / one.submission / one.assignment / "report.json")
    assert "withdrawn, so not counted: bo" in run("report", str(tmp_path / "out")).output
    exported = run("report", str(tmp_path / "out"), "--format", "json").output
    assert '"amy"' in exported and '"bo"' not in exported


@pytest.mark.parametrize(
    "path, said", [("none", "does not exist"), ("empty", "contains no reports"), ("n.ipynb", "is not a report")]
)
def test_report_refuses_what_is_none(run: Run, notebook: str, tmp_path: Path, path: str, said: str) -> None:
    (tmp_path / "empty").mkdir()
    result = run("report", path)
    assert result.exit_code == 2 and said in result.output


# audit and release


@pytest.mark.parametrize("outcome, code, said", [
    ([QuestionAudit("scale", 3, 3, 3)], 0, "scale"),
    ([QuestionAudit("scale", 3, 2, 2, misses=["mistake m got full points"])], 1, "mistake m got full points"),
    (GraderFault("the worker is gone"), 3, "The grader itself failed: the worker is gone"),
])  # fmt: skip
def test_audit_ends_with_what_it_found(
    run: Run, monkeypatch: pytest.MonkeyPatch, outcome: Any, code: int, said: str
) -> None:
    monkeypatch.setattr(audit, "audit", returns(outcome))
    for arguments in ([], [tiny.NAME]):
        result = run("audit", *arguments)
        assert result.exit_code == code, result.output
        assert said in result.output


def test_the_audit_shows_every_miss_and_adds_up(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    good = QuestionAudit("scale", 3, 3, 2, 1, 2, 2, 1, 4)
    bad = QuestionAudit("total", 2, 1, 1, 0, 1, 0, 1, 0, misses=["salt 's': mistake [m] got full points"])

    def audited(*_: object, on_step: Callable[[int, int], None], **__: object) -> list[QuestionAudit]:
        on_step(1, 2)
        return [good, bad]

    monkeypatch.setattr(audit, "audit", audited)
    monkeypatch.setattr(console.out, "_width", 200)
    result = run("audit")
    shown = result.stdout
    assert "auditing 90_tiny" in result.stderr and "auditing" not in shown
    assert "✓ scale" in shown and "✗ total" in shown
    assert "✗ total: salt 's': mistake [m] got full points" in shown
    table = [line.split() for line in shown.splitlines()]
    counts = ["mistakes", "caught", "named", "told", "variants", "passed", "oracles", "differences"]
    assert ["question", *counts, "slowest", "fits"] in table
    assert ["✗", "total", "2", "1", "1", "0", "1", "0", "1", "0"] in table
    assert ["all", "5", "4", "3", "1", "3", "2", "2", "4"] in table


def test_a_question_that_a_slow_machine_could_make_too_short_is_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    tight = QuestionAudit("scale", 3, 3, seconds=10, slowest=(4.0, "by_multiply"))
    easy = QuestionAudit("total", 2, 2, seconds=10, slowest=(0.02, "by_rows"))
    monkeypatch.setattr(audit, "audit", returns([tight, easy]))
    monkeypatch.setattr(console.out, "_width", 200)
    shown = run("audit").output
    assert (
        "! scale: the right variant by_multiply took 4.00 s of 10 s of processor time." in shown
        and "! total" not in shown
    )
    assert [line.split()[-2:] for line in shown.splitlines() if line.startswith("✓")] == [
        ["4.00", "2"],
        ["0.02", "500"],
    ]


def test_the_gates_are_written_down_and_one_that_does_not_hold_ends_with_1(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: list[tuple[Any, ...]] = []

    def measure(item: Any, salts: list[str], _: Any, *, networks: int, jobs: int, on_step: Any) -> list[Gate]:
        asked.append((item.name, len(set(salts)), networks, jobs))
        on_step(1, 2)
        return found

    monkeypatch.setattr(gates, "measure", measure)
    found = [Gate(tiny.NAME, "scale", "a row", 0.6, 0.25, {"the reference": [0.9, 0.91, 0.9]}, [0.8, 0.9])]
    command = ["gates", "--salts", "3", "--networks", "7", "--jobs", "1", "--to", str(tmp_path / "gates.md")]
    result = run(*command)
    assert result.exit_code == 0 and asked == [(tiny.NAME, 3, 7, 1)]
    assert "measuring 90_tiny" in result.stderr and "measuring" not in result.stdout
    assert "✓ scale, a row: gate 60%, lowest 90.0%" in result.stdout.replace("\n", " ")
    assert "2 at random, 0 below, 0 unfinished" in result.stdout.replace("\n", " ")
    page = (tmp_path / "gates.md").read_text(encoding="utf-8")
    assert "Measured on 3 salts (`autograder gates`, autograder " in page and "## scale: a row" in page
    found.append(Gate(tiny.NAME, "total", "b", 0.6, 0.25, {"the reference": [0.5, 0.5]}, []))
    result = run(*command)
    assert result.exit_code == 1 and "✗ total" in result.stdout
    found.clear()
    assert "has an accuracy rule" in run(*command).output


def test_a_dead_cell_is_a_miss_and_is_not_released(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(audit, "audit", returns([QuestionAudit("scale", 1, 1, 1, 0, 1, 1)]))
    monkeypatch.setattr(run_through, "dead_cells", returns(["the solved notebook fails in the cell [1]"]))
    result = run("audit")
    assert result.exit_code == 1 and "✗ the solved notebook fails in the cell [1]" in result.output
    assert run("audit", "--no-run").exit_code == 0
    result = run("release")
    assert result.exit_code == 1 and "the solved notebook fails in the cell [1]" in result.output
    assert not (tmp_path / "assignments").exists()


def test_the_audit_runs_at_the_level_asked_for(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    levels: list[str] = []
    monkeypatch.setattr(audit, "audit", lambda item, salts, workers, **_: levels.append(workers.level) or [])
    run("audit")
    run("audit", "--isolation", "landlock")
    assert levels == ["full", "landlock"]


@pytest.mark.parametrize("holes, code", [([], 0), ([(Mutant("operator", 3, "a + b", "(a - b)", ""), "x 2: off")], 1)])
def test_the_mutants_are_shown_written_to_the_page_and_a_hole_ends_with_1(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, holes: Any, code: int
) -> None:
    found = [QuestionMutants("scale", 5, 4, 2, 3, [], holes)]

    def examined(item: Any, salt: str, workers: Any, *, jobs: int, on_step: Callable[[int, int], None]) -> Any:
        on_step(1, 2)
        assert salt == "audit-0" and jobs == 1
        return found

    monkeypatch.setattr(mutants, "examine", examined)
    monkeypatch.setattr(audit, "audit", returns(AssertionError("not asked for")))
    page = tmp_path / "page.md"
    page.write_text("# Mutants\n\nBefore – “é”.\n", encoding="utf-8")
    for _ in range(2):  # the part of the page is replaced, not added
        result = run("audit", "--mutants", tiny.NAME, "--to", str(page), "--jobs", "1")
        assert result.exit_code == code, result.output
    assert ("✗ scale: operator in line 3" in result.output) == bool(holes)
    assert "mutants of 90_tiny" in result.stderr and "mutants of 90_tiny" not in result.stdout
    text = page.read_text(encoding="utf-8")
    assert text.startswith("# Mutants\n\nBefore – “é”.\n") and text.count("| scale | 5 | 4 | 2 |") == 1


def test_audit_takes_as_many_salts_as_asked_for(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[str]] = []
    monkeypatch.setattr(audit, "audit", lambda item, salts, *_, **__: seen.append(salts) or [])
    run("audit", "--salts", "3")
    assert [len(set(salts)) for salts in seen] == [3]


def test_a_reference_that_fails_is_a_usage_error(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from autograder.course.assignment import AssignmentError

    monkeypatch.setattr(audit, "audit", returns(AssignmentError("the solved scale fails its own cases")))
    for command in ("audit", "release"):
        result = run(command)
        assert result.exit_code == 2 and "fails its own cases" in result.output, command


@pytest.mark.parametrize("command", ["audit", "release"])
def test_unknown_assignments_are_named(run: Run, command: str) -> None:
    result = run(command, "99_none")
    assert (
        result.exit_code == 2 and "There is no assignment '99_none' in solutions; there are 90_tiny." in result.output
    )
    assert run(command, "--solutions", "nowhere").exit_code == 2


def test_an_assignment_that_fails_its_audit_is_not_released(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(audit, "audit", returns([QuestionAudit("scale", misses=["mistake m got full points"])]))
    result = run("release")
    assert result.exit_code == 1
    assert (
        "90_tiny fails its audit and is not released:" in result.output and "mistake m got full points" in result.output
    )
    assert not (tmp_path / "assignments").exists()


@pytest.mark.parametrize("error, code", [("GraderFault", 3), ("AssignmentError", 2), ("ReleaseError", 2)])
def test_a_release_that_fails_says_so_without_a_traceback(
    run: Run, monkeypatch: pytest.MonkeyPatch, error: str, code: int
) -> None:
    from autograder.course import release
    from autograder.course.assignment import AssignmentError

    raised = {
        "GraderFault": GraderFault,
        "AssignmentError": AssignmentError,
        "ReleaseError": release.ReleaseError,
    }[error]
    monkeypatch.setattr(release, "release", returns(raised("the reason")))
    result = run("release", "--salts", "0")
    assert result.exit_code == code and "the reason" in result.output


# doctor


def test_doctor_says_what_is_there(run: Run) -> None:
    result = run("doctor")
    assert result.exit_code == 0
    for said in (
        f"autograder {__version__}",
        "✓ tensorflow",
        "✓ numpy",
        "isolation",
        "✓ process",
        f"{os.cpu_count()} cores",
    ):
        assert said in result.output


def test_doctor_says_what_is_missing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib.metadata as metadata

    real = metadata.version

    def version(name: str) -> str:
        if name == "tensorflow":
            raise metadata.PackageNotFoundError(name)
        return real(name)

    monkeypatch.setattr(metadata, "version", version)
    result = run("doctor")
    assert result.exit_code == 1 and "✗ tensorflow is not installed (needed for: always)" in result.output
    monkeypatch.setattr(
        metadata, "version", lambda name: version(name) if name != "nbgrader" else real("no such thing")
    )
    assert run("doctor").exit_code == 1, "it is missing whatever is looked for next"
    monkeypatch.setattr(metadata, "version", lambda name: real("no such thing" if name == "nbgrader" else name))
    result = run("doctor")
    assert result.exit_code == 0 and "✗ nbgrader is not installed (needed for: release)" in result.output
    monkeypatch.setattr(metadata, "version", lambda name: real({"tensorflow": "numpy"}.get(name, "no such thing")))
    result = run("doctor")
    assert result.exit_code == 1 and "✓ tensorflow" in result.output and "✗ numpy" in result.output
    assert "isolation" not in result.output and "nbgrader" not in result.output, "a student's machine"
