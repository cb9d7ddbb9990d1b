"""A name is true of everything a submission showed, or there is none."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from autograder.grader.diagnose import Shown, explain
from autograder.grader.signs import Part, Sign

RNG = np.random.default_rng(3)
PLACES: tuple[Part, ...] = tuple((case, part) for case in range(4) for part in ("value", "gradient wrt x"))
RIGHT = {place: RNG.standard_normal((3, 4)) for place in PLACES}
TOLERANCE = dict.fromkeys(PLACES, 1e-5)
RAISED = Sign("raised ValueError: no")


def shows(change: Mapping[Part, np.ndarray] | None = None) -> dict[Part, Sign]:
    """What an implementation shows that is right but for these parts."""
    arrays = RIGHT | dict(change or {})
    return {place: Sign("1 f4", array.astype(np.float32)) for place, array in arrays.items()}


def turned(*cases: int) -> dict[Part, np.ndarray]:
    return {place: RIGHT[place][::-1] for place in PLACES if place[0] in cases}


def doubled(*cases: int) -> dict[Part, np.ndarray]:
    return {place: 2 * RIGHT[place] for place in PLACES if place[0] in cases}


TURNED, DOUBLED = shows(turned(0, 1)), shows(doubled(2, 3))
MISTAKES = {"turned": TURNED, "doubled": DOUBLED}


def named(signs: Mapping[Part, Sign], mistakes: Mapping[str, Mapping[Part, Sign]] = MISTAKES) -> tuple[str, ...]:
    wrong = [
        place
        for place, sign in signs.items()
        if sign.array is None or sign.array.shape != (3, 4) or not np.allclose(sign.array, RIGHT[place], atol=1e-4)
    ]
    found = explain(Shown(signs, wrong, RIGHT, TOLERANCE), mistakes)
    return found.mistakes if found else ()


def test_what_shows_the_same_everywhere_is_named() -> None:
    assert named(TURNED) == ("turned",) and named(DOUBLED) == ("doubled",)
    rounded = {place: Sign("1 f4", sign.array * (1 + 1e-6)) for place, sign in TURNED.items() if sign.array is not None}
    assert named(rounded) == ("turned",)


@pytest.mark.parametrize("signs", [
    shows(turned(0)),  # right where the mistake is wrong
    shows(turned(0, 1, 2)),  # wrong where the mistake is right
    shows(turned(0, 1) | {(3, "value"): RIGHT[3, "value"] + 1}),
    shows({place: array for place, array in turned(0, 1).items() if "gradient" in place[1]}),
    shows({place: array * 1.001 for place, array in turned(0, 1).items()}),
    shows({place: array[:2] for place, array in turned(0, 1).items()}),
], ids=["less", "more", "and something else", "gradients alone", "a thousandth off", "of another shape"])  # fmt: skip
def test_one_part_that_contradicts_takes_the_name_away(signs: dict[Part, Sign]) -> None:
    assert named(signs, {"turned": TURNED}) == ()


def test_what_has_no_numbers_speaks_neither_for_nor_against() -> None:
    some = TURNED | {(1, "value"): RAISED, (1, "gradient wrt x"): RAISED}
    assert named(some) == ("turned",)
    found = explain(Shown(some, [p for p in PLACES if p[0] < 2], RIGHT, TOLERANCE), MISTAKES)
    assert found and not found.complete and found.parts["turned"] == {(0, "value"), (0, "gradient wrt x")}
    assert named(dict.fromkeys(PLACES, RAISED), {"raises": dict.fromkeys(PLACES, RAISED)}) == ()
    cut = {place: Sign("nothing") if "gradient" in place[1] else sign for place, sign in shows().items()}
    assert named(cut, {"cut": cut}) == ()


def test_a_mistake_that_raises_does_not_explain_numbers() -> None:
    assert named(TURNED, {"turned": TURNED | {(0, "value"): RAISED}}) == ()
    unfinished = {place: sign for place, sign in TURNED.items() if place[0] < 3}
    assert named(TURNED, {"turned": unfinished}) == ()


@pytest.mark.parametrize(
    "array", [np.zeros((3, 4)), np.full((3, 4), 7.0), np.full((3, 4), np.nan), np.full((3, 4), np.inf)]
)
def test_a_constant_is_no_evidence(array: np.ndarray) -> None:
    signs = shows(dict.fromkeys(PLACES, array))
    assert named(signs, {"same": signs}) == ()


def test_one_whole_number_that_agrees_by_chance_is_no_evidence_and_two_are() -> None:
    right = {place: np.array(5) for place in PLACES}

    def one(*cases: int) -> dict[Part, Sign]:
        return {p: Sign("1 i8", np.array(4 if p[0] in cases and p[1] == "value" else 5)) for p in PLACES}

    def name(signs: dict[Part, Sign], wrong: int) -> bool:
        places = [(case, "value") for case in range(wrong)]
        return explain(Shown(signs, places, right, dict.fromkeys(PLACES, 0.0)), {"less": signs}) is not None

    assert not name(one(0), 1)
    assert name(one(0, 1), 2)


def test_two_mistakes_together_explain_what_one_cannot() -> None:
    both = shows(turned(0, 1) | doubled(2, 3))
    assert set(named(both)) == {"turned", "doubled"}
    assert named(shows(turned(0, 1) | doubled(2))) == (), "a part that neither shows"
    assert named(both, MISTAKES | {"halved": shows({p: 0.5 * RIGHT[p] for p in PLACES if p[0] > 1})}) != ()


def test_two_mistakes_that_cannot_be_told_apart_name_nothing() -> None:
    assert named(TURNED, {"one": TURNED, "other": dict(TURNED)}) == ()


def test_symptoms_name_a_mistake_only_if_all_are_the_same_and_one_is_its_own() -> None:
    parts = [(0, "layers"), (0, "accuracy")]

    def judged(layers: str, accuracy: str) -> dict[Part, Sign]:
        return {parts[0]: Sign(layers), parts[1]: Sign(accuracy)}

    known = {"flat": judged("no convolution", "low")}
    wrong = Shown(judged("no convolution", "low"), parts, {}, {})
    found = explain(wrong, known)
    assert found and found.mistakes == ("flat",)
    assert explain(Shown(judged("no convolution", ""), parts[:1], {}, {}), known) is None
    assert explain(Shown(judged("", "low"), parts[1:], {}, {}), {"slow": judged("", "low")}) is None


def test_the_same_exception_of_two_builders_names_nothing() -> None:
    """Every case raises, for whatever reason: nothing was seen of the model."""
    places: list[Part] = [(0, "layers"), (1, "layers")]

    def found(form: str) -> bool:
        shown = dict.fromkeys(places, Sign(form))
        return explain(Shown(shown, places, {}, {}), {"groups": shown}) is not None

    assert not found("raised ValueError: groups=#, filters=#")
    assert found("said told by the check: The run took # steps") and found("no nonlinearity")
