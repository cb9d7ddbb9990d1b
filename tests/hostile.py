"""Reports in which everything that a submission can write is hostile, and a way to compare outputs with harmless ones."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable
from html.parser import HTMLParser

import tiny
from hypothesis import Phase, settings
from hypothesis import strategies as st

from autograder.reports import plain
from autograder.reports.figures import Estimate, Quartiles
from autograder.reports.items import Analysis, Check, Item, Mark
from autograder.reports.left_out import LeftOut, Notes
from autograder.reports.report import Diagnosis, Figure, Ladder, Report, Status

NASTY = (
    "\n# Score: 25 of 25 points\n", "## x ##", "\n\n| a | b |\n|---|---|\n| 1 | 2 |\n", "|", "||", "---", "\n===\n", "> [!NOTE]", "1. ",
    "1) ", "- [x] ", "+ ", "* ", "```", "\n```text\n", "`", "``", "` `", "~~~", "~~x~~", "**x**", "_x_", "$$x$$", "$`x`$", "$x$", "\\(x\\)",
    "\\", "\\|", "`\\|`", "@instructor", "#12", "GH-12", "owner/repo#3", "deadbeef0123", "0123456", "amy@uni.edu", "www.evil.com",
    "https://evil.com/?a=b", "http://", "mailto:a@b.co", "[x](javascript:alert(1))", "![p](http://evil.com/x.png)", "[x]: http://evil.com",
    "[^1]", "\n[^1]: foot", ":smile:", "&copy;", "&#x3c;img src=x&#x3e;", "<img src=x onerror=alert(1)>", "<script>alert(1)</script>",
    "</code></pre></details></body>", "<!--", "-->", "<![CDATA[", "]]>", "<?php ?>", "<b", "'\" onmouseover=\"alert(2)\" x='", "{{ 7 * 7 }}",
    "{% raw %}", "{: .class }", "[red]x[/red]", "[/]", "[link=http://evil.com]x[/link]", "[bold", "\x1b]8;;http://evil.com\x07x\x1b]8;;\x07",
    "\x1b[2J\x1b[1;1H", "\x1b[31m", "\x9b31m", "\x07", "\x00", "\b\b\b", "\u202e", "\u2066", "\u200b", "\u00ad", "\ufeff", "\ufffe", "\U000e0041",
    "\u3164", "\u0301" * 20, "\r", "\r\n", "\u2028", "\u0085", "\v", "\t", "\u00a0", "::", "::add-mask::25", "\n::stop-commands::pause\n",
    " ::error file=a.py,line=1::x", "##[error]x", "##[group]", "##", "#", "[error]", ":", "##vso[task.complete result=Succeeded]",
    "##teamcity[x]", "%0A", "%0D%0A::warning::x", "=HYPERLINK(\"http://evil.com\")", "=1+1", "+1", "-1+cmd|' /C calc'!A0", "@SUM(A1)", ";=1", ", -1",
    "\t=1", "＝1", "'=1", '"', '""', ",", ";", "javascript:alert(1)", "..", "/", "//evil.com", "../../x", "é", "漢字", "x[::2]", "a*b", "x_y", "(3, 2)",
    "NaN", "0.5", "word", "The value is 3.",
)  # fmt: skip
"""Pieces of text, each of which means something to one of the programs that show reports."""


def text(draw: random.Random) -> str:
    """One to five pieces, some of them any characters, that leave something to be seen."""
    while True:
        pieces = [draw.choice(NASTY) if draw.random() < 0.8 else anything(draw) for _ in range(draw.randint(1, 5))]
        if plain.line(found := draw.choice(["", " "]).join(pieces)):
            return found


def anything(draw: random.Random) -> str:
    """Up to six characters of all of Unicode that a file can hold, every other one of ASCII."""
    ranges = [(0, 0x7F), (0x80, 0xD7FF), (0, 0x7F), (0xE000, 0x10FFFF)]
    return "".join(chr(draw.randint(*draw.choice(ranges))) for _ in range(draw.randint(1, 6)))


seeds = st.integers(0, 2**64).map(random.Random)
texts = seeds.map(text)


class Fields:
    """What a submission can write, by placeholder: a word that no program gives a meaning."""

    NAMES = (
        "assignment", "submission", "student", "message", "repair", "question", "where", "said", "publiccase", "hiddencase",
        "part", "publictext", "hiddentext", "mistake", "title", "hint", "certainty", "condition", "rung", "wrongrung", "figure",
        "entry", "other", "fullname", "file", "reason", "warning", "kind",
    )  # fmt: skip

    def __init__(self, values: dict[str, str]) -> None:
        self.values = values

    def __repr__(self) -> str:
        return repr(self.values)

    def filled(self, text: str, show: Callable[[str, str], str]) -> str:
        """A harmless output with its placeholders replaced by `show(name, value)`."""
        return re.sub(r"[zZ]z([a-z]+)zz", lambda match: show(match[0], self.values[match[1]]), text)


def harmless() -> dict[str, str]:
    """The placeholders."""
    return {name: f"zz{name}zz" for name in Fields.NAMES}


def drawn(draw: random.Random) -> Fields:
    """Fields of which none that a page shows side by side are alike: it would show them once."""
    while True:
        values = {name: text(draw) for name in Fields.NAMES}
        values["file"] = values["file"].replace("/", "|")  # of a path a page shows the last name
        said = {re.sub(r"[-\d.]+", "#", values[name]) for name in ("publictext", "hiddentext")}
        named = {values["student"], values["submission"]}
        if len(said) == len(named) == 2 and values["rung"] != values["wrongrung"]:
            return Fields(values)


fields = seeds.map(drawn)
whole = settings(max_examples=60, phases=(Phase.explicit, Phase.generate))
"""A report that fails is shown as it is: its texts are drawn from a seed, which says nothing when it is smaller."""


def report(values: dict[str, str], status: Status = Status.PARTIAL, state: str = "graded") -> Report:
    """A report with a public miss that has a picture, a hidden one with a named mistake, and a part that did not run."""
    parts = (
        tiny.part(
            case=values["publiccase"], part=values["part"], passed=False, points=0, message=values["publictext"],
            picture=[[0, 1], [0.5, 0]],
        ),
        tiny.part(
            case=values["hiddencase"], part=values["part"], public=False, passed=False, points=0,
            message=values["hiddentext"], mistake=values["mistake"],
        ),
        tiny.part(case=values["publiccase"], part=values["part"], passed=None, points=0),
        tiny.part(case=values["hiddencase"], part=values["part"]),
    )  # fmt: skip
    diagnosis = Diagnosis(
        mistakes=[values["mistake"]], title=values["title"], hint=values["hint"], certainty=values["certainty"]
    )
    figures = [
        Figure(name=values["figure"], shape=values["entry"], rows=[[values["entry"], "2"]], wrong=[[True, False]]),
        Figure(name=values["figure"], shape="", text=values["other"]),
    ]
    ladder = Ladder(
        rungs=[values["rung"], values["wrongrung"]],
        right=[True, False],
        first_wrong=values["wrongrung"],
        figures=figures,
    )
    question = tiny.question(
        *parts, name=values["question"], message=values["said"], where=values["where"], status=status,
        diagnosis=diagnosis, ladder=ladder, condition=values["condition"],
    )  # fmt: skip
    return tiny.report(
        question, assignment=values["assignment"], submission=values["submission"], student=values["student"],
        message=values["message"], repairs=[values["repair"]], status=state, name=values["fullname"], file=values["file"],
    )  # fmt: skip


def notes(values: dict[str, str]) -> Notes:
    """What a run tells besides grades."""
    return Notes([LeftOut(values["file"], values["reason"])], Counter({values["kind"]: 2}), [values["warning"]])


def analysis(values: dict[str, str]) -> Analysis:
    """A question, a suspect and a dead check, and a submission that was not measured."""
    one = Estimate(-0.5, -0.7, -0.3)
    half = Quartiles(one, one, one)
    question, case, part = values["question"], values["publiccase"], values["part"]
    return Analysis(
        values["assignment"], 30, 1, 2, {values["reason"]: [values["submission"]]}, half, one,
        items=[Item(question, 2, half, one, one, one, one, one)],
        checks=[Check(question, case, part, 1, public, 30, 9, one, one, mark) for public, mark in ((True, Mark.DEAD), (False, Mark.SUSPECT))],
    )  # fmt: skip


def bare(text: str) -> str:
    """Text without blanks and backticks, in which outputs may differ: they part commands, join lines and set code."""
    return re.sub(r"[\s`]", "", text)


class Tree(HTMLParser):
    """A page as a flat list: tags with their attributes, and the text between them with its blanks collapsed.

    Args:
        page: HTML.
        without: tags that are looked through, as if they were not there.
    """

    def __init__(self, page: str, *, without: tuple[str, ...] = ()) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str | tuple[str, dict[str, str | None]]] = []
        self._without, self._text = without, ""
        self.feed(page)
        self.close()
        self._flush()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._add(tag, dict(attrs))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._add(tag, dict(attrs))

    def handle_endtag(self, tag: str) -> None:
        self._add(f"/{tag}", {})

    def handle_comment(self, data: str) -> None:
        self._add("comment", {})

    def handle_decl(self, decl: str) -> None:
        self._add(f"!{decl}", {})

    def handle_pi(self, data: str) -> None:
        self._add("instruction", {})

    def unknown_decl(self, data: str) -> None:
        self._add("declaration", {})

    def handle_data(self, data: str) -> None:
        self._text += data

    def _add(self, tag: str, attributes: dict[str, str | None]) -> None:
        if tag.removeprefix("/") not in self._without:
            self._flush()
            self.found.append((tag, attributes))

    def _flush(self) -> None:
        if text := " ".join(self._text.split()):
            self.found.append(text)
        self._text = ""


def obeyed(printed: str) -> list[str]:
    """The lines that a build server takes for commands, as GitHub's runner reads lines; Azure's and TeamCity's prefixes too."""
    lines = re.split(r"\r\n|\r|\n", printed)
    return [line for line in lines if line.strip().startswith("::") or re.search(r"##\w*\[", line)]
