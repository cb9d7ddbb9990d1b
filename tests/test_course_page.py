"""What docs/course.md says of the assignments is so: points, functions, sections, and which notebook builds on which."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import solved

from autograder.course import assignment as assignments

ROOT = Path(__file__).parent.parent
SOLUTIONS = ROOT / "solutions"
PAGE = (ROOT / "docs/course.md").read_text(encoding="utf-8")
AUTHORED = assignments.names(SOLUTIONS)

NUMBER_THEN = re.compile(r"\b(0\d)\b|`(\w+)`|§(\d+(?:\.\d+)?)")


def rows(text: str, columns: int) -> Iterator[list[str]]:
    """The cells of the tables with so many columns, without headings."""
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("|") and len(cells) == columns and not set(line) <= set("|-: "):
            yield cells


def named(text: str) -> Iterator[tuple[str, str]]:
    """Functions and sections in a text such as "03 `relu`, §1; 01 §16", each with the number of its assignment."""
    number = ""
    for found in NUMBER_THEN.finditer(text):
        number = found[1] or number
        if found[2] or found[3]:
            yield number, found[2] or found[3]


def section(title: str) -> str:
    return PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def functions_of(page: str) -> set[tuple[str, str]]:
    """What the map names as exercises."""
    exercises = [row[1] for row in rows(page, 3) if row[1] != "exercise"]
    return {pair for cell in [*exercises, *re.findall("^On no slide.*", page, re.MULTILINE)] for pair in named(cell)}


def sections_of(page: str) -> set[tuple[str, str]]:
    """All sections that the page points to."""
    return {(number, what) for line in page.splitlines() for number, what in named(line) if what[0].isdigit()}


def lectures_of(page: str) -> dict[str, set[str]]:
    """For each assignment, the letters of the lectures whose tables name an exercise of it."""
    found: dict[str, set[str]] = {}
    for table in page.split("\n### ")[1:]:
        for row in rows(table, 3):
            for number, _ in named(row[1]):
                found.setdefault(number, set()).add(table[0])
    return found


def unplaced(page: str, number: str, home: dict[str, str]) -> set[tuple[str, str]]:
    """Topics and functions of an assignment where the row's text does not name the function's section."""
    found = set()
    for topic, exercise, text in rows(page, 3):
        told = {what.split(".")[0] for other, what in named(text) if other == number}
        found |= {
            (topic, function) for other, function in named(exercise) if other == number and home[function] not in told
        }
    return found


def homes(notebook: str) -> dict[str, str]:
    """The section in which each function stands, without the number of the subsection."""
    found, number = {}, ""
    for heading, function in re.findall(r"^# #{2,3} (\d+)\b|^(?:def|class) (\w+)", notebook, re.MULTILINE):
        number = heading or number
        if function:
            found[function] = number
    return found


def headings(notebook: str) -> set[str]:
    """The numbers of a notebook's sections."""
    return set(re.findall(r"^# #{2,3} (\d+(?:\.\d+)?)\.? ", notebook, re.MULTILINE))


PLAN = {row[2]: row for row in rows(section("A plan for a term"), 7) if row[2] != "assignment"}


@pytest.mark.parametrize("name", AUTHORED)
class TestEachAssignment:
    def test_the_plan_has_its_points(self, name: str) -> None:
        assert float(PLAN[name][3]) == solved.assignment(name).max_score

    def test_the_map_names_its_functions_and_no_others(self, name: str) -> None:
        mapped = {function for number, function in functions_of(section("The map")) if number == name[:2]}
        assert mapped == {question.name for question in solved.assignment(name).questions}

    def test_the_map_points_to_the_section_of_each_exercise(self, name: str) -> None:
        notebook = (SOLUTIONS / name / "notebook.py").read_text(encoding="utf-8")
        assert unplaced(section("The map"), name[:2], homes(notebook)) == set()

    def test_the_plan_names_the_lectures_of_the_map(self, name: str) -> None:
        assert set(PLAN[name][6].split()) == lectures_of(section("The map"))[name[:2]]

    def test_the_sections_exist(self, name: str) -> None:
        wanted = {what for number, what in sections_of(PAGE) if number == name[:2]}
        assert wanted <= headings((SOLUTIONS / name / "notebook.py").read_text(encoding="utf-8"))

    def test_its_notebook_says_what_the_plan_says_it_builds_on(self, name: str) -> None:
        first = (SOLUTIONS / name / "notebook.py").read_text(encoding="utf-8").split("\n# %%")[1]
        links = re.findall(r"\[(\d)\]\(\.\./(\w+)/\2\.ipynb\)", first)
        assert [linked for _, linked in links] == [other for other in PLAN if other[:2] in PLAN[name][5]]
        assert all(linked.startswith(f"0{shown}_") for shown, linked in links)


def test_the_plan_is_the_whole_course() -> None:
    assert list(PLAN) == sorted(AUTHORED)
    total = sum(float(row[3]) for row in PLAN.values())
    assert f"In total {total:.0f} points" in PAGE


def test_everything_on_the_page_belongs_to_an_assignment_of_the_plan() -> None:
    known = {name[:2] for name in PLAN}
    assert {number for number, _ in functions_of(section("The map")) | sections_of(PAGE)} <= known


def test_what_has_no_exercise_has_a_reason() -> None:
    silent = [row for row in rows(section("The map"), 3) if not row[1]]
    assert silent and [row for row in silent if "**not covered**:" not in row[2] and "ungraded" not in row[2]] == []


def test_a_wrong_page_is_found() -> None:
    page = "| topic | exercise | text |\n|---|---|---|\n| a | 03 `relu`, `nothing`; 01 `softmax` | 03 §1, §3.1; 04 §99 |\n| b | | |\nOn no slide: 07 `b`."
    assert functions_of(page) == {("03", "relu"), ("03", "nothing"), ("01", "softmax"), ("07", "b")}
    assert sections_of(page) == {("03", "1"), ("03", "3.1"), ("04", "99")}
    assert list(rows(page, 3))[2] == ["b", "", ""]
    assert headings("# ## 3. Three\n# ### 3.1 More\n# ## What comes next\n# 4. Not one") == {"3", "3.1"}


def test_a_function_in_another_section_is_found() -> None:
    notebook = "# ## 1. One\ndef relu(x):\n# ### 1.2 More\ndef shift(x):\n# ### No number\n# ## 12. Far\nclass Layer:"
    home = {"relu": "1", "shift": "1", "Layer": "12"}
    assert homes(notebook) == home
    page = "\n### B\n| a | 03 `relu`, `Layer` | 03 §1.2; 04 §12 |\n### N\n| b | 03 `shift` | 03 §1 |\n| c | 03 `shift`; 04 `relu` | 03 §2, §12 |"
    assert unplaced(page, "03", home) == {("a", "Layer"), ("c", "shift")}
    assert lectures_of(page) == {"03": {"B", "N"}, "04": {"N"}}
