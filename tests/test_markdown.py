"""What a submission can write is text in its place, in the Markdown of GitHub's own parser and of a second one."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import cmarkgfm
import hostile
import pytest
import tiny
from cmarkgfm.cmark import Options
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from mdit_py_plugins.attrs import attrs_plugin
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.gfm import gfm_plugin

from autograder.adapters import github, gradescope, markdown
from autograder.adapters.markdown_text import prose, words
from autograder.reports import plain
from autograder.reports.report import Diagnosis, Figure, Ladder, Part, Report, Status

Render = Callable[[str], str]


def githubs(text: str) -> str:
    """HTML as GitHub's parser makes it; raw HTML passes, so that it is seen."""
    return cmarkgfm.github_flavored_markdown_to_html(
        text, Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_FOOTNOTES | Options.CMARK_OPT_LIBERAL_HTML_TAG
    )


DIALECTS = MarkdownIt("commonmark").use(gfm_plugin, dollarmath=True, front_matter=True)
DIALECTS.use(deflist_plugin).use(attrs_plugin)


def many_dialects(text: str) -> str:
    """HTML of a parser with all extensions that are common: mathematics, definition lists, attributes, front matter."""
    return str(DIALECTS.render(text))


RENDERERS = [githubs, many_dialects]


@cache
def harmless(render: Render, make: Callable[[dict[str, str]], str]) -> list[Any]:
    """What a parser finds on the page of a harmless report."""
    return hostile.Tree(render(make(hostile.harmless())), without=("code",)).found


def check_page(render: Render, make: Callable[[dict[str, str]], str], fields: hostile.Fields) -> None:
    """The page of a hostile report is that of a harmless one, with other words."""
    expected = harmless(render, make)
    found = hostile.Tree(render(make(fields.values)), without=("code",)).found
    assert len(found) == len(expected)
    for wanted, got in zip(expected, found, strict=True):
        if isinstance(wanted, str):
            assert isinstance(got, str) and hostile.bare(got) == hostile.bare(fields.filled(wanted, said))
        else:
            assert got == wanted


def said(_: str, text: str) -> str:
    """What is to be read of a field."""
    return plain.visible(text)


@pytest.mark.parametrize("render", RENDERERS)
@hostile.whole
@given(fields=hostile.fields)
def test_a_page_of_hostile_text_has_the_structure_of_a_harmless_one(render: Render, fields: hostile.Fields) -> None:
    check_page(render, class_page, fields)


def class_page(values: dict[str, str]) -> str:
    return markdown.page([hostile.report(values), tiny.report()])


@pytest.mark.parametrize("render", RENDERERS)
@hostile.whole
@given(fields=hostile.fields)
def test_gradescopes_outputs_too(render: Render, fields: hostile.Fields) -> None:
    check_page(render, outputs, fields)


def outputs(values: dict[str, str]) -> str:
    found = gradescope.results(hostile.report(values), "hidden", leaderboard=True)
    return "\n\n---\n\n".join([found["output"], *(test["output"] for test in found["tests"])])


def text_outside_code(page: str) -> list[str]:
    """The text in which GitHub looks for names, numbers, addresses, emoji and mathematics."""
    found, inside = [], 0
    for item in hostile.Tree(page).found:
        if isinstance(item, tuple):
            inside += {"code": 1, "/code": -1, "pre": 1, "/pre": -1}.get(item[0], 0)
        elif not inside:
            found.append(item)
    return found


LOOKED_FOR = re.compile(
    r"@\w|#\d|\bGH-\d|\b(?=[0-9a-f]*\d)[0-9a-f]{7,40}\b|:[\w+-]+:|\$|https?:|www\.\w|\w@|\[\^|\\[(\[]|\{\{|==\w",
    re.IGNORECASE,
)
"""Names, issues, commits, emoji, mathematics, addresses, footnotes."""


@hostile.whole
@given(hostile.texts)
@example("a:`b`c:d: `x`:smile:")
@example("GH-`12` deadbee`f0123`")
def test_nothing_that_github_looks_for_is_left_outside_of_code(text: str) -> None:
    for made in (words(text), prose(text)):
        for piece in text_outside_code(githubs(made)):
            assert not LOOKED_FOR.search(piece), made


@pytest.mark.parametrize(
    "text", ["@amy", "#12", "GH-12", "0123abc", ":a:", "$x$", "http://x", "www.x", "a@b.c", "[^1]"]
)
def test_what_github_looks_for_is_found_in_bare_text(text: str) -> None:
    assert LOOKED_FOR.search(text)


@hostile.whole
@given(st.text(st.sampled_from("`|\\ a.*"), max_size=12))
@example("\\|")
@example("`\\|`")
@example("``|``")
def test_backticks_pipes_and_backslashes_stay_in_a_cell(text: str) -> None:
    table = f"| a | b |\n|---|---|\n| {words(text)} | end |\n"
    for render in RENDERERS:
        tree = hostile.Tree(render(table), without=("code",)).found
        cells = [tree[n + 1] for n, item in enumerate(tree) if isinstance(item, tuple) and item[0] == "td"]
        if shown := plain.line(text):
            assert cells == [shown, "end"]


def test_sentences_read_as_they_were_written() -> None:
    assert (
        prose("Off by one, see `tf.pad`. It is 3 (or -1.5e-07).") == "Off by one, see `tf.pad`. It is 3 (or -1.5e-07)."
    )
    assert prose("along axes [0, 1]. The filter doesn't") == "along axes `[0, 1]`. The filter doesn't"
    assert words("the lecture's 5x5 image") == "the lecture's 5x5 image"
    assert words("a `b` c") == "a `` `b` `` c" and prose("a ` b") == "a `` ` `` b"
    assert prose("`a` - 1. b") == "`a` - 1. b", "only the first word can begin a list"
    assert prose("") == words(" \n ") == ""


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("1. x", "`1`. x"), ("1) x", "`1)` x"), ("- x", "`-` x"), ("+ x", "`+` x"), ("= x", "`=` x"), ("x - 1.", "x - 1."),
        ("a.b", "`a.b`"), ("e.g. x", "`e.g`. x"), ("GH-1", "`GH-1`"), ("built-in", "built-in"), ("1000000", "`1000000`"),
        ("x[0, 1], y", "`x[0, 1]`, y"), ("a|b", "`a`&#124;`b`"), ("|", "&#124;"), ("\\", "`\\`"), ("a @b #c d", "a `@b #c` d"),
    ],
)  # fmt: skip
def test_a_word_is_plain_or_code(text: str, made: str) -> None:
    assert words(text) == made


def test_the_first_wrong_rung_is_shown_in_full() -> None:
    figures = [
        Figure(name="expected", shape="(1, 2)", rows=[["1", "-2"]]),
        Figure(name="got", shape="(1, 2)", rows=[["1", "2"]], wrong=[[False, True]]), Figure(name="strides", shape="", text="``` 2"),
    ]  # fmt: skip
    ladder = Ladder(rungs=["one number", "two"], right=[True, False], first_wrong="two", figures=figures)
    diagnosis = Diagnosis(mistakes=["sign"], title="The sign is lost.", hint="Look at abs.", certainty="Most likely:")
    missed = tiny.part(case="two", passed=False, points=0, message="Off.")
    text = markdown.findings(
        tiny.question(missed, ladder=ladder, diagnosis=diagnosis, condition="Right where x > 0."), titled=True
    )
    assert text.split("\n\n") == [
        "### scale", "Right up to: one number. First wrong at: two.", "Right where x `>` 0.",
        "Most likely: The sign is lost. Look at abs.",
        "````text\nexpected, shape (1, 2):\n   1 -2\ngot, shape (1, 2):\n   1 2*\nstrides: ``` 2\n````",
        "✗ in “two”, value: Off.",
    ]  # fmt: skip


def test_of_many_misses_the_rest_is_counted_and_a_picture_of_one_entry_is_not_drawn() -> None:
    def missed(number: int, picture: list[list[bool]]) -> Part:
        return tiny.part(
            case=f"case {number}",
            passed=False,
            points=0,
            message=f"Off by {'abcdefghijklmnop'[number]}.",
            picture=picture,
        )

    most = markdown.MAX_MISSES
    few = markdown.findings(tiny.question(*(missed(n, [[True]]) for n in range(most))))
    assert "more." not in few and "Where it differs" not in few and few.count("✗ in") == most
    many = markdown.findings(tiny.question(*(missed(n, [[True], [False]]) for n in range(most + 2))))
    assert many.endswith("And 2 more.") and many.count("Where it differs") == most


def test_a_heading_in_backticks_stays_on_its_line() -> None:
    evil = "`![p](http://evil.com/x.png)`\n\n`\n# Score: 25 of 25\n\n| a |\n|---|\n`"
    for made in (prose(evil), words(evil)):
        assert "\n" not in made
        assert {item[0] for item in hostile.Tree(githubs(made)).found if isinstance(item, tuple)} == {
            "p",
            "/p",
            "code",
            "/code",
        }


# The job's summary has a limit


def reports(count: int) -> list[Report]:
    wrong = tiny.part(passed=False, points=0, message="Off by one.", picture=[[0, 1], [0.5, 0]])
    return [tiny.report(tiny.question(wrong, status=Status.FAILED), submission=f"amy{n}") for n in range(count)]


def test_a_summary_fits_its_room_to_the_byte() -> None:
    mine = reports(3)
    whole = github.summary(mine)
    size = len(whole.encode())
    assert github.summary(mine, size) == whole == markdown.page(mine)
    assert github.summary(mine, size - 1) != whole


def test_a_summary_that_is_cut_fits_every_room_and_ends_outside_of_pictures_and_rows() -> None:
    mine = reports(3)
    whole = github.summary(mine)
    note, seen = "The rest does not fit here; it is in the reports.", set[str]()
    for room in range(-5, len(whole.encode())):
        text = github.summary(mine, room)
        assert len(text.encode()) <= max(room, 0)
        if not text:
            assert room < len(note) + 4
        if not text or text in seen:
            continue
        seen.add(text)
        assert whole.startswith(text.removesuffix(f"{note}\n").strip())
        tree = hostile.Tree(githubs(text)).found
        assert tree[-3:] == [("p", {}), note, ("/p", {})], room
        rows = [line for line in text.splitlines() if line.startswith("|")]
        assert all(line.endswith("|") for line in rows)


def test_a_class_table_that_is_too_long_keeps_its_first_rows() -> None:
    text = github.summary([tiny.report(submission=f"amy{n}") for n in range(100)], 2000)
    assert "| amy0 |" in text and "| amy99 |" not in text and text.endswith("it is in the reports.\n")
    assert len(text) > 1500


def test_what_the_step_has_written_already_counts(tmp_path: Path) -> None:
    target = tmp_path / "summary.md"
    environment = {"GITHUB_STEP_SUMMARY": str(target)}
    whole = len(github.summary(reports(1)).encode())
    for before, kept in ((github.MAX_SUMMARY - whole, True), (github.MAX_SUMMARY - whole + 1, False)):
        target.write_bytes(b"x" * before)
        github.write([(reports(1)[0], Path("none.py"))], environment)
        assert target.stat().st_size <= github.MAX_SUMMARY
        assert ("Off by one" in target.read_text(encoding="utf-8")) == kept
    target.write_bytes(b"x" * github.MAX_SUMMARY)
    github.write([(reports(1)[0], Path("none.py"))], environment)
    assert target.stat().st_size == github.MAX_SUMMARY
