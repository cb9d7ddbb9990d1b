from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
import tiny

from autograder.reports import html
from autograder.reports import wording as digest
from autograder.reports.report import Report, Status

EVIL = """<script>alert(1)</script>"' onmouseover="alert(2)" <img src=x onerror=alert(3)> {{ 7 * 7 }} </style></title> javascript:x &amp; é"""
PICTURE = [[0.0, 1.0], [0.25, 0.0]]


class Page(HTMLParser):
    """A page's tags with their attributes, its visible text, and whether every tag is closed."""

    VOID = ("meta", "br", "img", "link", "rect", "path", "input")

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text, self.open = "", list[str]()
        self.feed(text)
        self.close()
        assert self.open == [], f"left open: {self.open}"

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag, f"</{tag}> closes nothing"

    def handle_data(self, data: str) -> None:
        if not (self.open and self.open[-1] == "style"):
            self.text += data

    def named(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag == name]


def hostile(status: Status = Status.PARTIAL) -> Report:
    parts = [
        tiny.part(case=EVIL, part=EVIL, passed=False, points=0, message=EVIL, mistake=EVIL, picture=PICTURE),
        tiny.part(case=EVIL, part=EVIL, passed=False, public=False, points=0, message="m", mistake=None),
        tiny.part(case=EVIL, part=EVIL, passed=None, points=0, message=""),
        tiny.part(case=EVIL, part=EVIL),
    ]
    question = tiny.question(*parts, name=EVIL, message=EVIL, status=status)
    return tiny.report(
        question, assignment=EVIL, submission=EVIL, student=EVIL + "s", message=EVIL, isolation=EVIL, salt_id=EVIL,
        versions={EVIL: EVIL}, started=EVIL, repairs=[EVIL],
    )  # fmt: skip


def pages(report: Report) -> dict[str, str]:
    fault = report.model_copy(update={"status": "grader_fault"})
    unreadable = report.model_copy(update={"status": "unreadable"})
    return {
        "report": html.report_page(report),
        "fault": html.report_page(fault),
        "class": html.class_page([report, fault, unreadable]),
        "panel": html.panel(report.questions[0], [EVIL]),
    }


KINDS = ("report", "fault", "class", "panel")


@pytest.mark.parametrize("kind", KINDS)
def test_hostile_names_and_messages_are_text(kind: str) -> None:
    page = Page(pages(hostile())[kind])
    harmless = Page(pages(tiny.report(tiny.question(name="f"), repairs=["x"], message="x"))[kind])
    assert {tag for tag, _ in page.tags} - {tag for tag, _ in harmless.tags} <= {
        "svg", "title", "rect", "path", "figure", "figcaption", "div", "strong", "span", "code", "p"
    }  # fmt: skip
    assert not page.named("script") and not page.named("img")
    for _, attributes in page.tags:
        assert not [name for name in attributes if name.startswith("on")]
    assert "<script>alert(1)</script>" in page.text
    assert "{{ 7 * 7 }}" in page.text and "&amp; é" in page.text


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_needs_nothing_from_outside(kind: str) -> None:
    for report in (hostile(), tiny.report()):
        text = pages(report)[kind]
        page = Page(text)
        for tag, attributes in page.tags:
            assert tag not in ("link", "script", "iframe", "object", "embed", "base", "form"), tag
            assert not {"src", "srcset", "action", "data", "xlink:href"} & set(attributes), (tag, attributes)
        styles = "".join(re.findall(r"<style>(.*?)</style>", text, re.DOTALL))
        assert "url(" not in styles and "@import" not in styles


def test_links_of_the_class_page_stay_in_its_folder() -> None:
    names = ("javascript:alert(1)", "a b", "100%", "a#b?c", 'x" y="')
    page = Page(html.class_page([tiny.report(submission=name) for name in names]))
    links = [str(attributes["href"]) for attributes in page.named("a")]
    assert links[:3] == ["#submissions", "#90_tiny", "grades.csv"] and len(links) == 3 + len(names)
    for link in links[3:]:
        assert re.fullmatch(r"[^:\"\s]+/90_tiny/report\.html", link) and not link.startswith(("/", "."))


@pytest.mark.parametrize("kind", KINDS)
def test_pictures_and_bars_have_a_text(kind: str) -> None:
    page = Page(pages(hostile())[kind])
    for attributes in page.named("svg"):
        assert attributes["role"] == "img"
    assert len(page.named("svg")) <= len(page.named("title"))
    for _, attributes in page.tags:
        if attributes.get("role") == "img" and "aria-label" in attributes:
            assert attributes["aria-label"]
        if "bar" in str(attributes.get("class") or "").split() and kind == "report":
            assert attributes["role"] == "img" and attributes["aria-label"] == "25 percent"
    if kind in ("report", "panel"):
        assert "Where the" in page.text and page.named("svg")


@pytest.mark.parametrize("status", Status)
def test_a_status_is_said_in_words_and_never_by_colour_alone(status: Status) -> None:
    sign, words, _ = digest.MARKS[status]
    question = tiny.question(status=status)
    panel = Page(html.panel(question, []))
    assert panel.tags[0][0] == "div" and panel.tags[0][1]["aria-label"] == f"check of scale: {words}"
    assert panel.tags[0][1]["style"] == f"border-left-color: var(--{digest.MARKS[status][2]})"
    assert words in panel.text and sign in panel.text
    page = Page(html.report_page(tiny.report(question)))
    assert words in page.text and sign in page.text
    listed = Page(html.class_page([tiny.report(question)]))
    said = f"scale: {words}"
    assert {"class": digest.MARKS[status][2], "role": "img", "aria-label": said, "title": said} in listed.named("span")


def test_pages_have_a_language_a_title_one_heading_and_tables_have_headers() -> None:
    for kind in ("report", "fault", "class"):
        page = Page(pages(tiny.report())[kind])
        assert page.named("html") == [{"lang": "en"}]
        assert len(page.named("title")) >= 1 and len(page.named("h1")) == 1
        assert {"charset": "utf-8"} in page.named("meta")
        assert page.named("th")


def test_the_panel_shows_points_findings_and_notes() -> None:
    missed = tiny.part(passed=False, points=0, message="It is wrong.", mistake="padding_first", picture=PICTURE)
    text = Page(
        html.panel(tiny.question(tiny.part(), missed, status=Status.PARTIAL), ["3 hidden cases run when graded."])
    ).text
    for said in ("partly right", "1 of 2 points on public cases", "It is wrong.", "3 hidden cases"):
        assert said in text


def test_an_untouched_question_is_not_scolded() -> None:
    missed = tiny.part(passed=False, points=0, message="not attempted yet: replace", mistake=None)
    text = Page(html.panel(tiny.question(missed, status=Status.NOT_ATTEMPTED), [])).text
    assert "not attempted yet" in text and "replace" not in text


def test_a_grader_fault_shows_no_score() -> None:
    fault = tiny.report(tiny.question(tiny.part(points=0), status=Status.GRADER_FAULT), status="grader_fault")
    assert "to be graded again" in Page(html.report_page(fault)).text
    assert "of 1 points" not in Page(html.report_page(fault)).text
    listed = Page(html.class_page([fault])).text
    assert "again" in listed and "0 / 1" not in listed


def test_the_same_message_is_said_once_with_its_number_of_parts() -> None:
    parts = [tiny.part(passed=False, message=f"differs in {n} entries", part=f"p{n}") for n in (3, 5)]
    parts += [tiny.part(passed=False, message="another"), tiny.part()]
    assert [len(group) for _, group in digest.grouped(tiny.question(*parts))] == [2, 1, 1]
    mixed = [tiny.part(passed=False, part=p, message=p) for p in ("gradient wrt x", "value")]
    assert [part.part for part, _ in digest.grouped(tiny.question(*mixed))] == ["value", "gradient wrt x"]


def test_the_class_in_numbers() -> None:
    def graded(points: float, mistake: str | None = None, **changed: object) -> Report:
        missed = tiny.part(points=points, max_points=10, passed=points == 10, mistake=mistake)
        return tiny.report(tiny.question(missed, tiny.part(points=0, max_points=0, mistake=mistake)), **changed)

    found = digest.summary([
        graded(10), graded(0, "a"), graded(5, "a"), graded(9.99, "b"), graded(0, "c", status="grader_fault", submission="bob"),
        graded(1, assignment="91_other"),
    ])  # fmt: skip
    assert list(found) == [tiny.NAME, "91_other"]
    numbers = found[tiny.NAME]
    assert numbers["scores"] == [10, 0, 5, 9.99] and numbers["max_score"] == 10
    assert numbers["bins"] == [1, 0, 0, 0, 0, 1, 0, 0, 0, 2]
    assert numbers["questions"]["scale"]["mean"] == pytest.approx(6.2475)
    assert numbers["questions"]["scale"]["share"] == pytest.approx(0.62475)
    assert numbers["mistakes"] == [("scale", "a", 2), ("scale", "b", 1)]  # once a submission, and no faults
    assert numbers["faults"] == ["bob"]
    assert digest.summary([]) == {}


def test_the_means_of_questions_mix_neither_assignments_nor_faults_nor_other_questions() -> None:
    def graded(assignment: str, **earned: float) -> Report:
        questions = [
            tiny.question(tiny.part(points=points, max_points=4, passed=points == 4), name=name)
            for name, points in earned.items()
        ]
        return tiny.report(*questions, assignment=assignment)

    lost = graded("a", scale=0, total=0).model_copy(update={"status": "grader_fault"})
    found = digest.summary([graded("a", scale=4, total=1), graded("a", scale=2), graded("b", scale=1, other=4), lost])
    means = {
        name: {q: (row["mean"], row["max"], row["share"]) for q, row in part["questions"].items()}
        for name, part in found.items()
    }
    assert means == {
        "a": {"scale": (3, 4, 0.75), "total": (1, 4, 0.25)},
        "b": {"scale": (1, 4, 0.25), "other": (4, 4, 1)},
    }
    assert (found["a"]["scores"], found["b"]["scores"]) == ([5, 2], [5])


def test_an_assignment_without_points_has_a_page() -> None:
    nothing = tiny.report(tiny.question(tiny.part(points=0, max_points=0)))
    assert "0 of 0 points" in Page(html.report_page(nothing)).text
    assert digest.summary([nothing])[tiny.NAME]["bins"][0] == 1


def test_a_class_of_faults_alone_has_a_page() -> None:
    fault = tiny.report(status="grader_fault", submission="bob")
    assert "to be graded again: bob" in Page(html.class_page([fault])).text
    Page(html.class_page([]))


@pytest.mark.parametrize(
    "value, said", [(1.0, "1"), (0.5, "0.5"), (1 / 3, "0.33"), (0.0, "0"), (10.0, "10"), (100, "100"), (0.004, "0")]
)
def test_points_as_people_write_them(value: float, said: str) -> None:
    assert digest.points(value) == said


def test_names_as_words() -> None:
    assert digest.spoken("padding_put_first") == "padding put first"
    assert digest.spoken(None) == ""
