"""Item analysis: against published figures, other libraries and plain computations; planted checks are found, honest ones are not."""

from __future__ import annotations

import csv
import io
import json
import statistics
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny
from click.testing import CliRunner
from scipy import stats
from simulated import DEAD, SUSPECT, simulated, submission

from autograder.commands.cli import main
from autograder.reports import console, figures, html, items, report, tables
from autograder.reports.items import Analysis, Mark
from autograder.reports.report import Report, State, Status

LSAT6 = {
    "00000": 3, "00001": 6, "00010": 2, "00011": 11, "00100": 1, "00101": 1, "00110": 3, "00111": 4, "01000": 1, "01001": 8, "01011": 16,
    "01101": 3, "01110": 2, "01111": 15, "10000": 10, "10001": 29, "10010": 14, "10011": 81, "10100": 3, "10101": 28, "10110": 15,
    "10111": 80, "11000": 16, "11001": 56, "11010": 21, "11011": 173, "11100": 11, "11101": 61, "11110": 28, "11111": 298,
}  # fmt: skip
"""Section 6 of the Law School Admission Test: 1,000 people, five questions (Bock & Lieberman 1970, table 1)."""

GRADES = np.array([
    [3, 2, 2, 4, 1, 4, 5, 1, 4, 3], [5, 5, 4, 6, 3, 5, 1, 2, 5, 5], [7, 5, 3, 5, 5, 6, 4, 3, 3, 6], [2, 3, 4, 3, 3, 2, 2, 2, 6, 6],
    [6, 5, 5, 6, 5, 4, 4, 4, 6, 7], [1, 2, 2, 3, 4, 2, 5, 2, 3, 5], [4, 3, 3, 5, 3, 5, 2, 1, 2, 4], [2, 5, 4, 4, 3, 7, 2, 2, 4, 6],
    [6, 2, 5, 5, 5, 1, 6, 5, 2, 3], [5, 2, 4, 6, 4, 3, 5, 3, 1, 7], [4, 1, 3, 5, 2, 5, 3, 2, 3, 4], [4, 4, 2, 3, 2, 5, 3, 4, 2, 3],
    [5, 5, 5, 6, 2, 3, 3, 2, 4, 4], [6, 5, 5, 5, 4, 2, 2, 1, 4, 6], [4, 4, 3, 5, 5, 3, 1, 3, 2, 3],
], float)  # fmt: skip
"""The data set `cronbach_alpha` of pingouin 0.7.0: 15 people, ten questions."""


def only(reports: Sequence[Report]) -> Analysis:
    [found] = items.analyse(reports)
    return found


def shown(estimate: figures.Estimate | None, digits: int = 4) -> tuple[float, float, float]:
    assert estimate is not None
    return round(estimate.value, digits), round(estimate.low, digits), round(estimate.high, digits)


# Published figures


def test_the_law_school_admission_test() -> None:
    """The proportions are Bock & Lieberman's; correlations and alpha are those that R's ltm prints for them (`descript(LSAT)`)."""
    people = [pattern for pattern, count in LSAT6.items() for _ in range(count)]
    found = only([submission(f"{n:04}", [[c == "1"] for c in pattern]) for n, pattern in enumerate(people)])
    assert found.submissions == 1000
    assert [round(item.difficulty.value, 3) for item in found.items] == [0.924, 0.709, 0.553, 0.763, 0.870]
    assert [shown(item.correlation)[0] for item in found.items] == [0.1128, 0.1532, 0.1728, 0.1444, 0.1216]
    assert shown(found.alpha)[0] == 0.2950
    total = [pattern.count("1") for pattern in people]
    assert found.scores and found.scores.median.value == statistics.median(total) == 4


def test_alpha_and_its_interval_are_pinguins() -> None:
    """pingouin 0.7.0: `cronbach_alpha(data)` gives 0.5917188 and [0.195, 0.84]."""
    assert shown(figures.alpha(GRADES), 3) == (0.592, 0.195, 0.840)


def test_alpha_is_the_one_from_covariances() -> None:
    """Cronbach's other form, from the mean variance and the mean covariance of the questions."""
    covariance = np.cov(GRADES.T)
    k = len(covariance)
    mean = covariance[~np.eye(k, dtype=bool)].mean()
    found = figures.alpha(GRADES)
    assert found and found.value == pytest.approx(k * mean / (np.trace(covariance) / k + (k - 1) * mean))


def test_a_difference_of_proportions_is_newcombes_example() -> None:
    """Newcombe (1998), table II, example (a): 56 of 70 and 48 of 80, method 10."""
    found = figures.difference(figures.proportion(56 / 70, 70), figures.proportion(48 / 80, 80))
    assert shown(found) == (0.2, 0.0524, 0.3339)


@pytest.mark.parametrize(("k", "n"), [(0, 20), (1, 20), (20, 20), (13, 62), (400, 1000)])
def test_wilsons_interval_is_scipys(k: int, n: int) -> None:
    other = stats.binomtest(k, n).proportion_ci(method="wilson")
    found = figures.proportion(k / n, n)
    assert (found.low, found.high) == pytest.approx((other.low, other.high))


def test_a_correlation_by_hand() -> None:
    own, rest = np.array([1.0, 0, 1, 1, 0, 1]), np.array([5.0, 1, 4, 2, 3, 6])
    r = statistics.correlation(own.tolist(), rest.tolist())
    half = statistics.NormalDist().inv_cdf(0.975) / (len(own) - 3) ** 0.5
    assert shown(figures.correlation(own, rest)) == shown(
        figures.Estimate(r, np.tanh(np.arctanh(r) - half), np.tanh(np.arctanh(r) + half))
    )


# The upper and the lower 27 %


def test_the_groups_by_hand() -> None:
    """Of 100 with totals 1 to 100 the groups are 74 to 100 and 1 to 27. 20 and 5 of them are right: (20 - 5) / 27."""
    total = np.arange(1.0, 101)
    share = np.zeros(100)
    share[73:93] = share[:5] = share[40:60] = 1
    found = figures.discrimination(share, total)
    assert found and found.value == pytest.approx(15 / 27) and found.low < 15 / 27 < found.high


def test_with_ties_it_is_the_mean_over_all_orders() -> None:
    draw = np.random.default_rng(3)
    total = draw.integers(0, 6, 40).astype(float)
    share = (total + draw.random(40)) / 6
    found = []
    for _ in range(4000):
        order = draw.permutation(40)
        order = order[np.argsort(total[order], kind="stable")]
        found.append(share[order[-11:]].mean() - share[order[:11]].mean())
    exact = figures.discrimination(share, total)
    assert exact and exact.value == pytest.approx(np.mean(found), abs=0.01)
    backwards = figures.discrimination(share[::-1], total[::-1])
    assert backwards and backwards.value == pytest.approx(exact.value)


def test_equal_totals_make_no_groups() -> None:
    assert figures.discrimination(np.linspace(0, 1, 30), np.full(30, 7.0)) is None


# Planted checks


def marked(found: Analysis, mark: Mark) -> tuple[tuple[str, str], ...]:
    return tuple((check.question, check.case) for check in found.marked(mark))


@pytest.mark.parametrize(("seed", "students"), [(1, 300), (2, 300), (3, 100), (4, 100)])
def test_planted_checks_are_found_and_honest_ones_are_not(seed: int, students: int) -> None:
    found = only(simulated(seed, students))
    assert marked(found, Mark.DEAD) == DEAD and marked(found, Mark.SUSPECT) == SUSPECT
    assert all(check.correlation and check.correlation.high < 0.1 for check in found.marked(Mark.SUSPECT))
    assert all(check.failed == 0 and check.correlation is None for check in found.marked(Mark.DEAD))


def test_luck_alone_is_rarely_suspect() -> None:
    """Where ability counts nothing no check is suspect: one class in twenty may have one that is marked."""
    wrong = [bool(only(simulated(seed, 60, planted=False, related=0)).marked(Mark.SUSPECT)) for seed in range(20)]
    assert sum(wrong) <= 3


@pytest.mark.parametrize(("failures", "expected"), [(4, ()), (5, (("q0", "case 0"),))])
def test_a_few_failures_of_the_best_students_are_no_evidence(failures: int, expected: tuple[object, ...]) -> None:
    reports = [submission(f"s{n:02}", [[n < 60 - failures], [n > 20], [n > 50]]) for n in range(60)]
    assert marked(only(reports), Mark.SUSPECT) == expected


@pytest.mark.parametrize("alone", [False, True])
def test_what_a_check_is_correlated_with(alone: bool) -> None:
    """The other questions; in an assignment of one question, its other cases. With their own points these checks look right."""
    own, other = [[n < 30, n < 30, n < 31] for n in range(60)], [[n > 12, n > 24, n > 36, n > 48] for n in range(60)]
    if alone:
        own = [[n < 30, n > 40] for n in range(60)]
    found = only([submission(f"s{n:02}", [own[n]] if alone else [own[n], other[n]]) for n in range(60)])
    rest = [row[1] if alone else sum(more) for row, more in zip(own, other, strict=True)]
    by_hand = statistics.correlation([row[0] for row in own], rest)
    assert by_hand < -0.5
    assert found.checks[0].correlation and found.checks[0].correlation.value == pytest.approx(by_hand)


def test_a_check_counts_where_the_question_was_attempted_and_it_ran() -> None:
    reports = [submission(f"s{n:02}", [[True, None if n < 5 else True], [n % 2 == 0]]) for n in range(30)]
    reports += [submission(f"t{n:02}", [(False, False), [False]]) for n in range(10)]
    found = only(reports)
    assert [(c.question, c.case, c.ran, c.failed, c.mark) for c in found.checks] == [
        ("q0", "case 0", 30, 0, "dead"), ("q0", "case 1", 25, 0, "dead"), ("q1", "case 0", 40, 25, None),
    ]  # fmt: skip
    assert found.items[0].difficulty.value == pytest.approx((25 * 1 + 5 * 0.5) / 40)
    assert found.items[0].attempted and found.items[0].attempted.value == pytest.approx((25 + 2.5) / 30)
    assert found.items[0].not_attempted.value == 0.25 and found.blank == 0


def test_a_check_that_ran_too_rarely_is_not_dead() -> None:
    reports = [submission(f"s{n:02}", [[True, True if n < 19 else None], [n % 2 == 0]]) for n in range(40)]
    assert marked(only(reports), Mark.DEAD) == (("q0", "case 0"),)


# Classes of which little can be said


def test_a_small_class_gets_a_sentence_and_no_figure() -> None:
    few = simulated(1, 19)
    found = only(few)
    assert (found.items, found.checks, found.scores, found.alpha) == ([], [], None, None)
    assert found.remarks == ["19 submissions are too few to measure: figures are given from 20 on."]
    assert len(only(simulated(1, 20)).items) == 8
    assert only(few[:1]).remarks[0].startswith("One submission is too few")


def test_equal_scores_have_no_correlations() -> None:
    found = only([submission(f"s{n}", [[True], [True]]) for n in range(30)])
    assert found.alpha is None and all(item.correlation is item.discrimination is None for item in found.items)
    assert any("same score" in said for said in found.remarks)
    assert shown(found.items[0].difficulty)[0] == 1 and found.items[0].difficulty.low < 0.9


def test_a_single_question_has_no_rest_but_its_checks_have() -> None:
    """Its second check fails for those who pass all others."""
    reports = [submission(f"s{n:02}", [[n > 15, n <= 30, n > 25, n > 35]]) for n in range(60)]
    found = only(reports)
    assert found.alpha is None and found.items[0].correlation is None
    assert any("one question" in said for said in found.remarks)
    assert marked(found, Mark.SUSPECT) == (("q0", "case 1"),)


def test_a_question_that_better_students_get_wrong_is_told() -> None:
    reports = [submission(f"s{n:02}", [[n < 30], [n > 20], [n > 30], [n > 40]]) for n in range(60)]
    found = only(reports)
    assert found.items[0].correlation and found.items[0].correlation.high < 0
    assert found.items[0].advice.startswith("Better students earn less here")
    assert not found.items[1].advice


def test_hard_easy_and_left_out_questions_are_told() -> None:
    reports = [
        submission(f"s{n:03}", [[n > 180], [True], (False,) if n % 3 == 0 else [n % 2 == 0], [n % 5 > 1]])
        for n in range(200)
    ]
    told = [item.advice.split()[0] for item in only(reports).items[:3]]
    assert told == ["Hard.", "Easy.", "Many"]


def test_nobody_graded() -> None:
    assert items.analyse([]) == []
    found = only([submission("a", [[True]], status=State.UNREADABLE)])
    assert found.submissions == 0 and found.left_out == {"could not be read": ["a"]}


# What is measured


def test_what_is_not_measured_is_listed() -> None:
    honest = simulated(5, 30)
    fault = submission("f", [[True] * 4] * 8, status=State.GRADER_FAULT)
    one_question = honest[0].model_copy(deep=True, update={"submission": "g", "student": "g"})
    one_question.questions[0].status = Status.GRADER_FAULT
    gone = submission("w", [[True] * 4] * 8, status=State.WITHDRAWN)
    again = honest[3].model_copy(update={"submission": "again", "started": "2026-01-02T00:00:00+00:00"})
    found = only([again, *honest, fault, one_question, gone])
    assert found.submissions == 30
    assert found.left_out == {
        "a later submission under the same student id, and the first counts": ["again"],
        "to be graded again": ["f", "g"],
        "withdrawn": ["w"],
    }
    assert found.items == only(honest).items


@pytest.mark.parametrize(
    "changed",
    [{"salt_id": "other"}, {"questions_id": "other"}, {"questions": [tiny.question(tiny.part(case="other"), name="q0")]}],
    ids=["salt", "questions", "checks"],
)  # fmt: skip
def test_other_questions_are_never_mixed_in(changed: dict[str, Any]) -> None:
    honest = [r.model_copy(update={"questions_id": "" if "questions" in changed else "one"}) for r in simulated(5, 30)]
    others = [
        r.model_copy(update=changed | {"submission": f"x{n}", "student": f"x{n}"}) for n, r in enumerate(honest[:9])
    ]
    found = only([*others, *honest])
    [(reason, names)] = found.left_out.items()
    assert "other questions or another salt" in reason and names == [f"x{n}" for n in range(9)]
    assert found.items == only(honest).items


def test_assignments_are_measured_apart() -> None:
    other = [r.model_copy(update={"assignment": "91_other"}) for r in simulated(6, 25)]
    assert [(a.assignment, a.submissions) for a in items.analyse([*simulated(5, 30), *other])] == [
        (tiny.NAME, 30),
        ("91_other", 25),
    ]


def test_blank_submissions_count_as_zero_and_are_told() -> None:
    assert only(simulated(5, 30)).blank == 0
    blank = submission("b", [(False,) * 4] * 8)
    found = only([*simulated(5, 30), blank])
    assert found.blank == 1 and any(said.startswith("1 of the 31 attempted nothing") for said in found.remarks)


# What people see


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch) -> Callable[[], str]:
    buffer = io.StringIO()
    monkeypatch.setattr(console, "out", console.Console(file=buffer, width=120, highlight=False, emoji=False))
    return buffer.getvalue


def test_the_terminal_shows_figures_with_intervals_and_marks(printed: Callable[[], str]) -> None:
    found = only(simulated(1, 300))
    console.show_items(found)
    text = printed()
    item = found.items[0]
    assert item.correlation and f" {item.correlation.value:.2f} " in text
    assert f"{item.correlation.low:.2f} to {item.correlation.high:.2f}" in text
    assert "⚠ suspect: q2, “case 1”, value" in text and "q1: 1 of 2 hidden checks" in text
    assert "Cronbach's alpha" in text


def test_the_table_holds_every_check() -> None:
    found = only(simulated(1, 300))
    rows = list(csv.DictReader(io.StringIO(tables.items_csv([found]))))
    assert len(rows) == 1 + 8 + 32
    assert float(rows[0]["alpha"]) == found.alpha.value  # type: ignore[union-attr]
    assert rows[1]["question"] == "q0" and float(rows[1]["difficulty_low"]) == found.items[0].difficulty.low
    assert tuple((row["question"], row["case"]) for row in rows if row["mark"] == "suspect") == SUSPECT
    assert all(row["advice"] for row in rows if row["mark"])


def test_the_page_has_the_marks_folded_and_the_figures() -> None:
    page = html.class_page(simulated(1, 100), None, items.analyse(simulated(1, 100)))
    assert "2 suspect of 32 checks" in page and "3 dead of 32 checks" in page
    assert "Item analysis" not in html.class_page(simulated(1, 60))


def in_folder(folder: Path, reports: Sequence[Report]) -> Path:
    for one in reports:
        report.save(one, folder / one.submission / one.assignment / "report.json")
    return folder


def test_the_command(tmp_path: Path) -> None:
    folder = in_folder(tmp_path / "graded", simulated(1, 60))
    found = CliRunner().invoke(main, ["items", str(folder), "--format", "json"])
    assert found.exit_code == 1, "a check is suspect"
    [analysis] = json.loads(found.output)
    assert analysis["submissions"] == 60 and len(analysis["checks"]) == 32
    target = tmp_path / "items.csv"
    CliRunner().invoke(main, ["items", str(folder), "--format", "csv", "--format-out", str(target)])
    assert target.read_text().startswith("assignment,question,case,part,")


def test_the_command_without_a_suspect_and_without_reports(tmp_path: Path) -> None:
    folder = in_folder(tmp_path / "graded", simulated(1, 5))
    assert CliRunner().invoke(main, ["items", str(folder)]).exit_code == 0
    for wrong in ([str(tmp_path / "none")], [str(folder), "--assignment", "other"]):
        found = CliRunner().invoke(main, ["items", *wrong])
        assert found.exit_code == 2 and "contains no reports" in found.output
