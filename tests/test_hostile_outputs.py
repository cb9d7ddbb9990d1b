"""What a submission can write stays text in its place: on pages, in a terminal, in tables, XML and JSON, on a build server."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import hostile
import pytest
import tiny
from hypothesis import example, given
from hypothesis import strategies as st
from rich.console import Console

from autograder.adapters import github, gradescope, junit, lms, nbgrader_csv
from autograder.reports import console, html, plain, tables
from autograder.reports.report import Report, Status

FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")

# Text by itself


@hostile.whole
@given(st.text(st.characters(exclude_categories=()), max_size=30) | hostile.texts)
def test_visible_text_has_shapes_alone_and_commands_nothing(text: str) -> None:
    shown = plain.visible(text)
    assert all(character.isprintable() or character == "\n" for character in shown)
    shown.encode()  # no lone surrogate
    assert not hostile.obeyed(shown) and not hostile.obeyed(f"x ' {shown}")
    assert plain.visible(shown) == shown, "what is visible stays as it is"
    assert "\n" not in plain.line(text) and plain.line(text) == plain.line(text).strip()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\r\nb\rc\u2028d\u2029e\vf\x85g", "a\nb\nc\nd\ne\nf\ng"), ("a\tb\u00a0c\u3000d", "a b c d"), ("\x1b[2J", "�[2J"),
        ("\u202eevil\u202c", "�evil�"), ("a\u200bb\ufeffc\u00add", "a�b�c�d"), ("\ud800", "�"), ("\u3164\ufe0f", "��"),
        ("e\u0301", "e\u0301"), ("e" + "\u0301" * 9, "e" + "\u0301" * 3), ("naïve 漢字 ✓", "naïve 漢字 ✓"), ("x[::2]", "x[::2]"),
        ("::error::x", ": :error::x"), ("a\n \t::debug::x", "a\n  : :debug::x"), ("a ##[error]", "a ## [error]"),
        ("##vso[x", "##vso [x"), ("## [x", "## [x"), ("", ""),
    ],
)  # fmt: skip
def test_what_becomes_of_a_character(text: str, shown: str) -> None:
    assert plain.visible(text) == shown


def test_obeyed_lines_are_those_that_the_runner_obeys() -> None:
    assert hostile.obeyed("::error::x\n  ::debug::y\nx ::no\rx ##[group]z\n##vso[a]\n## [no]") == [
        "::error::x", "  ::debug::y", "x ##[group]z", "##vso[a]",
    ]  # fmt: skip


# Pages


def shown_in_html(_: str, text: str) -> str:
    """What is to be read of a field on a page."""
    return plain.visible(text)


def pages(values: dict[str, str]) -> dict[str, str]:
    one = hostile.report(values)
    again = hostile.report(values, Status.GRADER_FAULT, "grader_fault")
    return {
        "report": html.report_page(one),
        "fault": html.report_page(again),
        "class": html.class_page(
            [one, again, *(one.model_copy(update={"status": s}) for s in ("unreadable", "withdrawn"))],
            hostile.notes(values),
        ),
        "panel": html.panel(one.questions[0], [values["where"]]),
        "feedback": html.feedback(one.questions[0], [values["where"]]),
    }


@cache
def harmless_pages() -> dict[str, list[Any]]:
    """What a parser finds on the pages of a harmless report."""
    return {kind: hostile.Tree(page, without=("code",)).found for kind, page in pages(hostile.harmless()).items()}


@hostile.whole
@given(hostile.fields)
def test_pages_of_hostile_text_have_the_tags_of_harmless_ones(fields: hostile.Fields) -> None:
    evil = pages(fields.values)
    for kind, expected in harmless_pages().items():
        found = hostile.Tree(evil[kind], without=("code",)).found
        assert len(found) == len(expected)
        for wanted, got in zip(expected, found, strict=True):
            if isinstance(wanted, str):
                said = fields.filled(wanted, shown_in_html)
                assert isinstance(got, str) and hostile.bare(got) == hostile.bare(said)
            else:
                assert isinstance(got, tuple) and got[0] == wanted[0] and list(got[1]) == list(wanted[1])
                for attribute, value in wanted[1].items():
                    if attribute == "href" or (attribute == "id" and kind == "class"):
                        assert got[1][attribute] == fields.filled(value or "", lambda _, text: html.address(text))
                    else:
                        assert got[1][attribute] == (value and fields.filled(value, shown_in_html))


@hostile.whole
@given(hostile.texts)
@example("..")
@example("//evil.com")
@example("javascript:alert(1)")
@example(".")
def test_a_link_stays_in_its_folder(name: str) -> None:
    page = hostile.Tree(html.class_page([tiny.report(submission=name, assignment=name)])).found
    links = [str(item[1]["href"]) for item in page if isinstance(item, tuple) and item[0] == "a"]
    base = "https://here.edu/course/graded/index.html"
    assert len(links) == 4
    for link in links:
        assert urljoin(base, link).startswith("https://here.edu/course/graded/")
    assert urljoin(base, links[-1]).count("/") == 7


# A terminal


@contextmanager
def terminal(width: int, *, colours: bool) -> Iterator[Callable[[], str]]:
    """Takes the place of the console."""
    buffer = io.StringIO()
    real = console.out
    console.out = Console(
        file=buffer, width=width, highlight=False, emoji=False, force_terminal=colours, color_system="truecolor" if colours else None,
    )  # fmt: skip
    try:
        yield buffer.getvalue
    finally:
        console.out = real


def show_all(values: dict[str, str]) -> None:
    one = hostile.report(values)
    console.show_check(one.questions[0], [])
    console.show_finding("✗", values["message"])
    console.show_report(one)
    again = hostile.report(values, Status.GRADER_FAULT, "grader_fault")
    console.show_class([one, again, *(one.model_copy(update={"status": s}) for s in ("unreadable", "withdrawn"))])
    console.show_notes(hostile.notes(values), Path("left_out.csv"), console.out, names=True)


@hostile.whole
@given(hostile.fields)
def test_a_terminal_is_told_nothing_but_colours(fields: hostile.Fields) -> None:
    with terminal(60, colours=True) as printed:
        show_all(fields.values)
    text = re.sub(r"\x1b\[[0-9;]*m", "", printed())
    assert all(character.isprintable() or character == "\n" for character in text)
    styles = set(re.findall(r"\x1b\[([0-9;]*)m", printed()))
    assert styles <= {"0", "1", "33", "90", "1;33", "32", "31"}, "no style of the student's"


@hostile.whole
@given(hostile.fields, st.sampled_from([20, 60, 200]))
def test_a_message_never_leaves_its_indentation(fields: hostile.Fields, width: int) -> None:
    question = hostile.report(fields.values | {"question": "scale"}).questions[0]
    with terminal(width, colours=False) as printed:
        console.show_check(question, [])
    head, *rest = printed().rstrip("\n").split("\n")
    assert head.startswith("◐ scale")
    start = next(n for n, line in enumerate(rest) if line.startswith("  "))
    assert start <= 3 and not any("✓" in line or "◐" in line for line in rest[:start]), (
        "the head alone may go on at the margin"
    )
    assert all(line.startswith("  ") for line in rest[start:] if line.strip())
    with terminal(width, colours=False) as printed:
        console.show_finding("✗", fields.values["message"])
    head, *rest = printed().split("\n")
    assert head.startswith("✗ ") and all(line.startswith("  ") for line in rest if line.strip())


@hostile.whole
@given(hostile.fields)
def test_a_terminal_shows_every_word(fields: hostile.Fields) -> None:
    with terminal(10_000, colours=False) as printed:
        show_all(fields.values)
    words = hostile.bare(printed())
    for name, text in fields.values.items():
        if name not in ("student", "where", "mistake", "fullname"):
            assert hostile.bare(plain.visible(text)) in words, name


# Tables


@hostile.whole
@given(hostile.fields)
def test_no_cell_of_a_table_is_a_formula_whatever_the_separator(fields: hostile.Fields) -> None:
    reports = [hostile.report(fields.values), tiny.report()]
    left_out = hostile.notes(fields.values).left_out
    for text in (tables.grades_csv(reports), nbgrader_csv.table(reports), tables.left_out_csv(left_out * 2)):
        rows = list(csv.reader(io.StringIO(text, newline="")))
        assert len(rows) == 3 and len({len(row) for row in rows}) == 1
        assert {tables.defused(fields.values[name]) for name in ("assignment", "file")} & set(rows[1])
        assert not hostile.obeyed(text)
        for separator in (",", ";", "\t"):
            for line in text.splitlines():
                for cell in line.split(separator) if separator != "," else next(csv.reader([line])):
                    check_cell(cell)


def check_cell(cell: str) -> None:
    bare = cell.strip(' "�')
    number = re.fullmatch(r"[-+]?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?\s*([)\];].*)?", bare)
    assert not bare.startswith(FORMULA) or number, cell


@hostile.whole
@given(hostile.fields)
def test_a_comment_for_moodle_is_one_line_and_no_formula(fields: hostile.Fields) -> None:
    comment = tables.defused(lms.comment(hostile.report(fields.values)))
    assert "\n" not in comment and not comment.strip(' "�').startswith(FORMULA)
    for cell in comment.split(";"):
        check_cell(cell)


@pytest.mark.parametrize("text", ["=", "a;=1", 'x;"=1', "a, @b", "-1+1", "a; -1+cmd|x", "+", "�=1", "＝1", "a;＝1"])
def test_a_formula_is_seen_by_the_check(text: str) -> None:
    with pytest.raises(AssertionError):
        for cell in text.replace(",", ";").split(";"):
            check_cell(cell)
    for cell in tables.defused(text).replace(",", ";").split(";"):
        check_cell(cell)


# XML, JSON, and what other programs read


@hostile.whole
@given(hostile.fields, st.sampled_from(list(Status)))
def test_junit_keeps_its_elements_and_attributes(fields: hostile.Fields, status: Status) -> None:
    state = "grader_fault" if status == Status.GRADER_FAULT else "graded"
    texts = [junit.document([hostile.report(values, status, state)]) for values in (hostile.harmless(), fields.values)]
    expected, found = (list(ET.fromstring(text).iter()) for text in texts)
    assert [(e.tag, list(e.attrib)) for e in found] == [(e.tag, list(e.attrib)) for e in expected]
    assert not hostile.obeyed(texts[1])
    for element in found:
        assert all("\n" not in value for value in element.attrib.values())
        for text in (*element.attrib.values(), element.text or ""):
            assert plain.visible(text) == text.replace("\t", " ")
    failure = next((e for e in found if e.tag == "failure"), None)
    if status == Status.PARTIAL:
        assert failure is not None and failure.text == plain.visible(fields.values["publictext"])


def decoded(text: str) -> dict[str, object]:
    return json.loads(base64.b64decode(text))  # type: ignore[no-any-return]


@hostile.whole
@given(hostile.fields, st.sampled_from(list(Status)))
def test_githubs_lines_are_ours_alone(fields: hostile.Fields, status: Status) -> None:
    state = "grader_fault" if status == Status.GRADER_FAULT else "graded"
    one = hostile.report(fields.values, status, state)
    lines = github.commands([(one, Path("none.py"))], Path.cwd()).splitlines()
    assert len(lines) == (status != Status.PASSED)
    for line in lines:
        kind, said = re.fullmatch(r"::(error|warning|notice) title=([^:,]*)::(.*)", line).group(1, 3)  # type: ignore[union-attr]
        assert line.isprintable() and "\n" not in said and kind
    for test in decoded(github.classroom([(one, Path("none.py"))], Path.cwd()))["tests"]:  # type: ignore[attr-defined]
        for text in (test["name"], test["message"], test["test_code"]):
            assert plain.visible(text) == text and not hostile.obeyed(text)


@hostile.whole
@given(hostile.fields)
def test_gradescopes_names_are_visible(fields: hostile.Fields) -> None:
    found = gradescope.results(hostile.report(fields.values), "hidden", leaderboard=True)
    for text in (*(test["name"] for test in found["tests"]), *(row["name"] for row in found["leaderboard"])):
        assert plain.line(text) == text
    json.dumps(found, ensure_ascii=False).encode()


@hostile.whole
@given(hostile.fields)
def test_a_report_survives_its_file(fields: hostile.Fields) -> None:
    one = hostile.report(fields.values)
    assert Report.model_validate_json(one.model_dump_json(indent=1)) == one
