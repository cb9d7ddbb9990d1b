"""What is random in 07_generalization is graded by counts: honest work stays inside, and wrong work does not."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import binom

from autograder.question import Case, Question

SCOPE = runpy.run_path(str(Path(__file__).parent.parent / "solutions/07_generalization/questions.py"))
QUESTIONS: dict[str, Question] = {question.name: question for question in SCOPE["QUESTIONS"]}
CHANCE: float = SCOPE["CHANCE"]
interval: Callable[[int, float], tuple[int, int]] = SCOPE["interval"]


@pytest.mark.parametrize(("n", "p"), [(400, 1 / 6), (200, 0.5), (100, 0.25), (2000, 0.75), (60, 0.3), (333, 0.5)])
def test_an_interval_is_as_wide_as_the_chance_asks(n: int, p: float) -> None:
    low, high = interval(n, p)
    assert binom.cdf(low - 1, n, p) < CHANCE / 2 <= binom.cdf(low, n, p)
    assert binom.sf(high, n, p) < CHANCE / 2 <= binom.sf(high - 1, n, p)


def test_without_chance_the_interval_is_one_number() -> None:
    assert (interval(9, 0), interval(9, 1)) == ((0, 0), (9, 9))


def counts(case: Case) -> int:
    """How many counts of a case are compared with an interval."""
    given = case.arguments
    if "x" in given:
        return 1 + sum(given["x"].shape)
    if "size" not in given:
        return 4
    rows, columns = given["height"] - given["size"] + 1, given["width"] - given["size"] + 1
    return 1 + 3 * rows if "copies" in given else rows + columns + rows * columns


def test_honest_work_fails_less_than_once_in_ten_thousand() -> None:
    random = ("random_crop", "flip", "augment", "dropout_layer")
    total = sum(counts(case) for name in random for case in QUESTIONS[name].cases)
    assert 500 < total < 1500
    assert total * CHANCE < 1e-4


def seen(name: str, function: Callable[..., Any], case: str) -> dict[str, Any]:
    """What the probe of a question makes of a function, by the names of the outputs."""
    question = QUESTIONS[name]
    assert question.probe
    scope: dict[str, Any] = {}
    exec(compile(question.probe.source, "<probe>", "exec"), scope)
    given = next(each for each in question.materialised("a salt").cases if each.name == case).arguments
    return dict(zip(question.outputs, scope[question.probe.name](function, **given), strict=True))


def crops(low: int = 0, short: int = 0) -> Callable[..., Any]:
    """Random crops that leave out the first `low` and the last `short` rows."""

    def random_crop(images: Any, size: int, seed: int) -> Any:
        rng, (n, height, width, _) = np.random.default_rng(seed), images.shape
        top, left = rng.integers(low, height - size + 1 - short, n), rng.integers(0, width - size + 1, n)
        return np.stack([images[i, top[i] : top[i] + size, left[i] : left[i] + size] for i in range(n)])

    return random_crop


def test_crops_that_miss_a_place_are_seen() -> None:
    right = seen("random_crop", crops(), "3x3 of 6x3, colours")
    assert right["rows"].tolist() == [0, 0, 0, 0] and not right["together"].any() and right["not_cut_out"] == 0
    assert seen("random_crop", crops(short=1), "3x3 of 6x3, colours")["rows"][-1] == -1
    assert seen("random_crop", crops(low=1), "3x3 of 6x3, colours")["rows"][0] == -1


def test_crops_of_other_images_are_seen() -> None:
    assert seen("random_crop", lambda *given: crops()(*given)[::-1], "3x3 of 5x4")["not_cut_out"] == 1


@pytest.mark.parametrize(
    ("rate", "sign"), [(0.25, 0), (0.1, -1), (0.5, 1)], ids=["the rate", "too rarely", "too often"]
)
def test_the_rate_of_mirroring_is_counted(rate: float, sign: int) -> None:
    def flip(images: Any, seed: int, **asked: float) -> Any:
        chosen = np.random.default_rng(seed).random(len(images)) < rate
        return np.where(chosen[:, None, None, None], images[:, :, ::-1], images)

    found = seen("flip", flip, "rate 1/4")
    assert (found["how_often"], found["otherwise"]) == (sign, 0)


def test_labels_stay_with_their_images() -> None:
    def augment(images: Any, labels: Any, size: int, copies: int, seed: int, rate: float = 0.5, by: int = 0) -> Any:
        rng = np.random.default_rng(seed)
        order = rng.permutation(np.repeat(np.arange(len(images)), copies))
        made, turn = crops()(images[order], size, rng.integers(9**9)), rng.random(len(order)) < rate
        return np.where(turn[:, None, None, None], made[:, :, ::-1], made), np.roll(labels[order], by)

    right = seen("augment", augment, "three copies")
    assert {name for name, value in right.items() if name != "size" and np.any(value)} == {
        "dtypes_kept",
        "seed_obeyed",
        "seed_matters",
    }
    assert seen("augment", lambda *given: augment(*given, by=1), "three copies")["wrong_labels"] == 1


def one_place(offset: int) -> Callable[..., Any]:
    """Crops at one place per call, which is drawn."""

    def random_crop(images: Any, size: int, seed: int) -> Any:
        rng = np.random.default_rng([seed, offset])
        top, left = (rng.integers(0, side - size + 1) for side in images.shape[1:3])
        return images[:, top : top + size, left : left + size]

    return random_crop


def test_one_place_for_all_looks_the_same_whatever_was_drawn() -> None:
    first, *others = (seen("random_crop", one_place(offset), "3x3 of 6x3, colours") for offset in range(5))
    assert first["one_for_all"] == 1 and first["rows"].tolist() == [-9] * 4 and first["columns"].tolist() == [0]
    assert all(np.array_equal(other[panel], first[panel]) for other in others for panel in ("rows", "together"))


def test_a_fixed_number_of_mirrored_images_is_seen() -> None:
    def flip(images: Any, seed: int, rate: float) -> Any:
        chosen = np.random.default_rng(seed).permutation(len(images)) < round(rate * len(images))
        return np.where(chosen[:, None, None, None], images[:, :, ::-1], images)

    assert seen("flip", flip, "rate 1/4")["exact_share"] == 1


@pytest.mark.parametrize(("how", "panel"), [("copied last", "in_order"), ("fixed places", "seed_matters")])
def test_copies_side_by_side_and_fixed_places_are_seen(how: str, panel: str) -> None:
    def augment(images: Any, labels: Any, size: int, copies: int, seed: int, rate: float = 0.5) -> Any:
        rng = np.random.default_rng(seed)
        order = rng.permutation(np.repeat(np.arange(len(images)), copies))
        if how == "copied last":
            order = np.repeat(rng.permutation(len(images)), copies)
        made = crops()(images[order], size, 0 if how == "fixed places" else rng.integers(9**9))
        turn = rng.random(len(order)) < rate
        return np.where(turn[:, None, None, None], made[:, :, ::-1], made), labels[order]

    right = {"in_order": [0, 0], "seed_matters": 111}
    found = seen("augment", augment, "three copies")
    assert {name for name, value in right.items() if np.asarray(found[name]).tolist() != value} == {panel}
