from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
import tiny
from rich.console import Console

from autograder.reports import console
from autograder.reports.diagnosis import sentences
from autograder.reports.left_out import LeftOut, Notes
from autograder.reports.report import Ladder, Status


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Callable[[], str]:
    """What was printed, on a terminal without colours, with the options of the real one."""
    buffer = io.StringIO()
    monkeypatch.setattr(console.out, "_file", buffer)
    monkeypatch.setattr(console.out, "_width", 200)
    return buffer.getvalue


SAID = {
    Status.PASSED: "✓ scale passed",
    Status.PARTIAL: "◐ scale partly right",
    Status.FAILED: "✗ scale wrong",
    Status.ERROR: "✗ scale error",
    Status.TIMEOUT: "◔ scale took too long",
    Status.MEMORY: "✗ scale out of memory",
    Status.CRASHED: "✗ scale crashed",
    Status.NOT_ATTEMPTED: "○ scale not attempted yet",
    Status.MISSING: "○ scale missing",
    Status.GRADER_FAULT: "! scale grader fault",
}


@pytest.mark.parametrize("status", Status)
def test_a_status_is_said_with_a_sign_and_words(status: Status, shown: Callable[[], str]) -> None:
    console.show_check(tiny.question(status=status), [])
    assert shown() == f"{SAID[status]} (1 of 1 points on public cases)\n"


def test_a_miss_is_said_with_the_number_of_parts(shown: Callable[[], str]) -> None:
    missed = [
        tiny.part(passed=False, points=0, message="It is turned.", mistake="flipped_kernel", part=p)
        for p in ("value", "dx")
    ]
    console.show_check(tiny.question(*missed, status=Status.FAILED), ["hidden cases"])
    assert "✗ in “a row”, value and 1 more\n    It is turned." in shown()
    assert "hidden cases" not in shown()


def test_notes_are_shown_where_nothing_is_missed(shown: Callable[[], str]) -> None:
    console.show_check(tiny.question(), ["3 hidden cases run when graded."])
    assert "3 hidden cases run when graded." in shown()


def test_an_untouched_question_is_not_scolded(shown: Callable[[], str]) -> None:
    console.show_check(tiny.question(tiny.part(passed=False, message="replace"), status=Status.NOT_ATTEMPTED), [])
    assert "replace" not in shown()


EVIL = "[red]a[/red] [/] [bold x[0] a[:, 1] C:\\dir"


def test_markup_in_what_students_wrote_is_text(shown: Callable[[], str]) -> None:
    missed = tiny.part(case=EVIL, passed=False, points=0, message=EVIL)
    question = tiny.question(missed, message=EVIL, status=Status.FAILED)
    console.show_check(question, [])
    console.show_report(tiny.report(question, submission=EVIL, message=EVIL, repairs=[EVIL]))
    console.show_class([tiny.report(question, submission=EVIL, status="grader_fault")])
    assert shown().count(EVIL) == 10


def test_colons_in_what_students_wrote_are_no_emoji(shown: Callable[[], str]) -> None:
    console.show_check(tiny.question(message="the slice [:x:, :100:] is empty", status=Status.FAILED), [])
    assert "the slice [:x:, :100:] is empty" in shown()


@pytest.mark.parametrize("terminal", [console.out, console.err])
def test_text_is_neither_decorated_nor_coloured(terminal: Console) -> None:
    shown = terminal.render_str("the slice :x: of 3 'a'", markup=False)
    assert shown.plain == "the slice :x: of 3 'a'" and not shown.spans


def test_a_report_shows_its_score_message_and_repairs(shown: Callable[[], str]) -> None:
    console.show_report(tiny.report(message="Cell 3 raised.", repairs=["cell 1 was mended."]))
    for said in ("amy  90_tiny  1 of 1", "Cell 3 raised.", "cell 1 was mended.", "scale passed (1 of 1 points)"):
        assert said in shown()


def test_the_class_shows_scores_questions_mistakes_and_faults(shown: Callable[[], str]) -> None:
    wrong = tiny.question(tiny.part(passed=False, points=0, mistake="flipped_kernel"), status=Status.FAILED)
    console.show_class([tiny.report(), tiny.report(wrong), tiny.report(submission="bob", status="grader_fault")])
    lines = [line.rstrip() for line in shown().splitlines()]
    at = lines.index("0–10 %    1  " + "█" * 30)
    assert [*lines[at + 1 : at + 9]] == [f"{10 * i}–{10 * i + 10} %  0".replace(" %  ", " %   ") for i in range(1, 9)]
    assert lines[at - 1].startswith("90_tiny") and lines[at + 9] == "90–100 %  1  " + "█" * 30
    for said in (
        "90_tiny  2 graded, mean 0.5 of 1",
        "90–100 %",
        "0.5/1",
        "flipped kernel",
        "to be graded again (grader fault): bob",
    ):
        assert said in shown()


def test_an_empty_class_shows_nothing(shown: Callable[[], str]) -> None:
    console.show_class([])
    assert shown() == ""


def test_errors_go_to_the_other_stream() -> None:
    assert isinstance(console.err, Console) and console.err.stderr and not console.out.stderr


def noted(names: bool, notes: Notes) -> str:
    buffer = io.StringIO()
    terminal = Console(file=buffer, width=40, highlight=False)
    console.show_notes(notes, Path("a folder with a long name/graded/left_out.csv"), terminal, names=names)
    return buffer.getvalue()


def test_paths_are_not_broken_where_a_terminal_ends() -> None:
    """They are copied."""
    left_out = [
        LeftOut(f"a folder with a long name/{n}.doc", "is not a notebook, a .py file or a zip") for n in range(25)
    ]
    said = noted(
        True,
        Notes(
            left_out,
            Counter({"pictures and tables": 3, "links": 1}),
            ["a warning that is longer than forty characters are"],
        ),
    )
    assert "! not graded: 25; all reasons are in a folder with a long name/graded/left_out.csv\n" in said
    assert "✗ a folder with a long name/19.doc is not a notebook, a .py file or a zip\n" in said
    assert "/20.doc" not in said and "… and 5 more" in said
    assert "Passed over, links: 1; pictures and tables: 3.\n" in said
    assert "! a warning that is longer than forty characters are\n" in said


def test_where_names_must_not_be_shown_they_are_counted() -> None:
    said = noted(False, Notes([LeftOut("amy.doc", "is no notebook")], warnings=["amy has two files"]))
    assert "not graded: 1;" in said and "amy" not in said and "! There is a warning." in said


def test_who_is_right_on_every_rung_but_wrong_elsewhere_is_told_so() -> None:
    ladder = Ladder(rungs=["one number", "a row"], right=[True, True])
    wrong = tiny.question(tiny.part(), tiny.part(passed=False), status=Status.PARTIAL, ladder=ladder)
    assert sentences(wrong) == ["All of the small cases are right."]
    assert sentences(tiny.question(ladder=ladder)) == []
