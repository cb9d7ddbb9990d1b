from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder import question as q
from autograder.question import Ban, Case, Draw, Exam, ModelQuestion, Question, Rung

HIDDEN = Case(
    "hidden", x=q.normal(3, 4), n=q.integer(2, 5), axis=(1, 2), f=q.code("lambda x: x"), exact=q.array([1, 2])
)
PUBLIC = Case("public", public=True, x=q.normal(3, 4))


def test_the_same_key_draws_the_same_and_any_other_key_draws_something_else() -> None:
    x = HIDDEN.materialise("f", "salt").arguments["x"]
    np.testing.assert_array_equal(x, HIDDEN.materialise("f", "salt").arguments["x"])
    others = [
        HIDDEN.materialise("f", "another salt").arguments["x"],
        HIDDEN.materialise("g", "salt").arguments["x"],
        Case("another", x=q.normal(3, 4)).materialise("f", "salt").arguments["x"],
        Case("hidden", y=q.normal(3, 4)).materialise("f", "salt").arguments["y"],
    ]
    assert all(not np.array_equal(x, other) for other in others)


def test_a_public_case_does_not_depend_on_the_salt() -> None:
    one, other = (PUBLIC.materialise("f", salt).arguments["x"] for salt in ("a", "b"))
    np.testing.assert_array_equal(one, other)


def test_only_draws_are_replaced() -> None:
    drawn = HIDDEN.materialise("f", "salt").arguments
    assert drawn["axis"] == (1, 2)
    assert drawn["f"] == q.Code("lambda x: x")
    assert drawn["exact"] is HIDDEN.arguments["exact"]
    assert isinstance(HIDDEN.arguments["x"], Draw)


def test_draws_in_lists_and_tuples_are_replaced_each_by_its_own() -> None:
    layers = [(q.integer(0, 999), q.integer(0, 999)), (q.integer(0, 999), 2), "SAME"]
    case = Case("layers", layers=layers, strides=[1, q.integer(1, 9), 1, 1])
    drawn, again, other = (case.materialise("f", salt).arguments for salt in ("a", "a", "b"))
    assert drawn == again != other
    (first, second), (third, two), text = drawn["layers"]
    assert len({first, second, third}) == 3 and (two, text) == (2, "SAME")
    assert type(drawn["layers"]) is list and type(drawn["layers"][0]) is tuple and type(first) is int
    assert drawn["strides"][::2] == [1, 1] and 1 <= drawn["strides"][1] <= 9
    assert layers[0][0] == q.integer(0, 999)  # what was written stays as it is


def test_keys_are_not_joined_to_each_other() -> None:
    assert q.generator("ab", "c").integers(1 << 62) != q.generator("a", "bc").integers(1 << 62)


def test_draws_are_float32_of_their_shape_and_distribution() -> None:
    rng = np.random.default_rng(0)
    normal = q.normal(100, 100, mean=3, std=2).sample(rng)
    assert normal.dtype == np.float32 and normal.shape == (100, 100)
    assert abs(normal.mean() - 3) < 0.1 and abs(normal.std() - 2) < 0.1
    uniform = q.uniform(100, 100, low=0.5, high=0.75).sample(rng)
    assert uniform.dtype == np.float32 and uniform.min() >= 0.5 and uniform.max() <= 0.75


def test_distinct_entries_are_evenly_apart() -> None:
    drawn = q.distinct(6, 7, 2, low=-1, high=1).sample(np.random.default_rng(0))
    assert drawn.dtype == np.float32 and drawn.shape == (6, 7, 2)
    assert np.diff(np.sort(drawn.ravel())).min() > 0.9 * 2 / drawn.size
    assert not np.array_equal(drawn.ravel(), np.sort(drawn.ravel()))


def test_integers_are_python_ints_with_both_ends() -> None:
    rng = np.random.default_rng(0)
    drawn = [q.integer(2, 4).sample(rng) for _ in range(100)]
    assert set(drawn) == {2, 3, 4}
    assert all(type(value) is int for value in drawn)


def test_an_unknown_draw_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown kind"):
        Draw("cauchy", (2,)).sample(np.random.default_rng(0))


def test_parts_are_the_outputs_and_then_the_gradients() -> None:
    one = Question("f", 1, (PUBLIC,), wrt=("x",))
    assert (one.outputs, one.parts) == (("value",), ("value", "gradient wrt x"))
    several = Question("f", 1, (PUBLIC,), returns=("dx", "dy"))
    assert several.parts == ("dx", "dy")


def test_cotangents_are_random_and_never_ones() -> None:
    drawn = q.cotangent(7, (4, 5))
    np.testing.assert_array_equal(drawn, q.cotangent(7, (4, 5)))
    assert not np.array_equal(drawn, q.cotangent(8, (4, 5)))
    assert drawn.dtype == np.float64 and drawn.std() > 0.5 and len(np.unique(drawn)) == drawn.size


def test_the_marks_leave_a_function_as_it_is() -> None:
    for mark in (q.mistake, q.variant, q.oracle):
        assert mark("f")(len) is len


def test_a_case_may_have_arguments_called_like_its_own() -> None:
    assert Case("c", arguments=1, self=2).arguments == {"arguments": 1, "self": 2}  # type: ignore[misc]


def test_an_instructors_questions_load_without_tensorflow() -> None:
    code = "import sys, autograder.question; print('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


# Rungs and points


def climbed(rungs: int, public: int, hidden: int, **more: Any) -> Question:
    """A question with so many rungs, public and hidden cases, written down in the worst order."""
    cases = [Case(f"hidden {i}", x=q.normal(2)) for i in range(hidden)]
    cases += [Case(f"public {i}", public=True, x=q.normal(2)) for i in range(public)]
    ladder = tuple(Rung(f"rung {i}", x=q.array([i])) for i in range(rungs))
    return Question("f", more.pop("points", 12), tuple(cases), ladder=ladder, **more)


def earned(question: Question) -> dict[str, float]:
    """The points of each case, all parts of it."""
    return {c.name: unit * len(question.parts_of(c)) for c, unit in zip(question.cases, question.units(), strict=True)}


def test_rungs_come_first_then_public_cases_then_hidden_ones() -> None:
    question = climbed(2, 1, 2)
    assert [c.name for c in question.cases] == ["rung 0", "rung 1", "public 0", "hidden 0", "hidden 1"]
    assert question.ladder == question.cases[:2] and question.public_cases == 3
    assert all(case.public for case in question.cases[:3])


def test_a_rung_is_judged_by_its_outputs_alone() -> None:
    one, several = climbed(1, 1, 1, wrt=("x",)), climbed(1, 1, 1, returns=("a", "b"), wrt=("x",))
    assert one.parts_of(one.cases[0]) == ("value",) and one.parts_of(one.cases[1]) == ("value", "gradient wrt x")
    assert several.parts_of(several.cases[0]) == ("a", "b")
    assert several.parts_of(several.cases[2]) == ("a", "b", "gradient wrt x")


def test_the_ladder_earns_a_third_the_public_cases_a_sixth_and_the_hidden_ones_half() -> None:
    found = earned(climbed(4, 2, 3, wrt=("x",)))
    assert [found[f"rung {i}"] for i in range(4)] == pytest.approx([1] * 4)
    assert [found[f"public {i}"] for i in range(2)] == pytest.approx([1] * 2)
    assert [found[f"hidden {i}"] for i in range(3)] == pytest.approx([2] * 3)


@pytest.mark.parametrize("counts, shares", [
    ((0, 1, 1), (0, 1 / 4, 3 / 4)),
    ((2, 0, 1), (2 / 5, 0, 3 / 5)),
    ((1, 1, 0), (2 / 3, 1 / 3, 0)),
    ((0, 3, 0), (0, 1, 0)),
    ((1, 0, 0), (1, 0, 0)),
])  # fmt: skip
def test_what_is_not_there_leaves_its_share_to_the_others(
    counts: tuple[int, int, int], shares: tuple[float, ...]
) -> None:
    found = earned(climbed(*counts))
    sums = [
        sum(points for name, points in found.items() if name.startswith(kind)) for kind in ("rung", "public", "hidden")
    ]
    assert sums == pytest.approx([12 * share for share in shares])


@given(
    counts=st.tuples(*[st.integers(0, 9)] * 3).filter(any),
    points=st.integers(1, 40) | st.floats(0.1, 40),
    returns=st.sampled_from([(), ("a", "b"), ("a", "b", "c")]),
    wrt=st.sampled_from([(), ("x",)]),
)
def test_units_add_up_to_the_points_and_hidden_cases_earn_half_of_them(
    counts: tuple[int, int, int], points: float, returns: tuple[str, ...], wrt: tuple[str, ...]
) -> None:
    question = climbed(*counts, points=points, returns=returns, wrt=wrt)
    found = earned(question)
    assert sum(found.values()) == pytest.approx(points)
    assert all(unit > 0 for unit in question.units()) and len(question.units()) == sum(counts)
    for kind in ("rung", "public", "hidden"):
        of_kind = [value for name, value in found.items() if name.startswith(kind)]
        assert of_kind == pytest.approx([sum(of_kind) / max(len(of_kind), 1)] * len(of_kind)), "evenly within a kind"
        if kind == "hidden" and of_kind:
            assert sum(of_kind) >= points / 2 - 1e-9


def test_a_model_question_is_split_over_its_rules() -> None:
    cases = (Case("seen", public=True, exam=Exam(None)), Case("unseen", exam=Exam(None)))
    question = ModelQuestion("build", 8, cases, rules={"output": "logits", "accuracy": 0.9})
    assert question.units() == pytest.approx([1, 3])
    assert sum(earned(question).values()) == pytest.approx(8)


def test_a_rung_stays_a_rung_when_it_is_drawn_or_given_other_arguments() -> None:
    question = climbed(2, 1, 1).materialised("a salt")
    assert [type(case) for case in question.cases] == [Rung, Rung, Case, Case]
    assert [c.name for c in question.ladder] == ["rung 0", "rung 1"] and question.ladder == question.cases[:2]
    again = question.materialised("another salt")
    assert [c.name for c in again.cases] == [c.name for c in question.cases], "no rung is there twice"
    assert again.units() == question.units()
    changed = question.cases[0].with_arguments({"x": 3})
    assert isinstance(changed, Rung) and changed.public and changed.arguments == {"x": 3}


def test_a_rung_is_the_same_for_every_salt() -> None:
    """Its numbers stand in the notebook."""
    one, other = (Rung("r", x=q.normal(3)).materialise("f", salt).arguments["x"] for salt in ("a", "b"))
    np.testing.assert_array_equal(one, other)


def test_the_exam_of_a_case_is_drawn_and_its_labels_stay_with_the_grader() -> None:
    exam = Exam(q.normal(2, 3), labels=q.labels(4, 3), classes=3, x=q.normal(5), y=q.labels(5, 3), steps=7)
    drawn = Case("c", exam=exam).materialise("f", "a salt").exam
    assert (
        drawn and drawn.images.shape == (2, 3) and drawn.labels.shape == (4,) and (drawn.classes, drawn.steps) == (3, 7)
    )
    told = drawn.for_worker()
    assert set(told) == {"images", "x", "y", "steps", "learning_rate"} and not any(
        value is drawn.labels for value in told.values()
    )
    assert set(Exam(np.zeros(2), labels=np.zeros(2)).for_worker()) == {"images"}, (
        "without a run of its own, no labels at all"
    )


def test_the_points_of_a_case_are_the_same_in_every_process() -> None:
    """A release is compared byte by byte, so nothing in it may depend on the order of a set."""
    code = (
        "from autograder.question import Case, Question, Rung;"
        "print(Question('f', 1, (Case('a', public=True), Case('b')), ladder=(Rung('one'),)).units())"
    )
    seeds = [{"PYTHONHASHSEED": str(seed)} for seed in range(6)]
    assert len({subprocess.check_output([sys.executable, "-c", code], env=seed) for seed in seeds}) == 1


def test_a_ban_that_would_match_nothing_is_refused() -> None:
    def banning(*names: str) -> Question:
        return Question("conv", points=1, cases=(), ban=Ban(ops=(), names=names, instead="sums"))

    assert banning("einsum")
    with pytest.raises(ValueError, match=r"Write 'einsum', not 'tf\.linalg\.einsum'"):
        banning("conv2d", "tf.linalg.einsum")


def test_a_ban_that_nobody_would_look_at_is_refused() -> None:
    ban = Ban(ops=("Conv2D",), names=(), instead="sums")
    assert Question("conv", points=1, cases=(), ban=ban).ban is ban
    with pytest.raises(ValueError, match="build returns a model"):
        ModelQuestion("build", points=1, cases=(), ban=ban)


def test_a_worker_is_told_what_a_model_is_trained_on_only_where_it_is_trained() -> None:
    assert Exam("images", labels="labels", classes=3).for_worker() == {"images": "images"}
    trained = Exam("images", labels="labels", x="x", y="y", steps=3, learning_rate=0.5, plan="plan")
    told = {"images": "images", "x": "x", "y": "y", "steps": 3, "learning_rate": 0.5}
    assert trained.for_worker() == told


def test_a_draw_without_bounds_is_the_standard_one() -> None:
    x = q.normal(10_000).sample(np.random.default_rng(0))
    assert isinstance(x, np.ndarray) and abs(x.mean()) < 0.05 and abs(x.std() - 1) < 0.05
    u = q.uniform(10_000).sample(np.random.default_rng(0))
    assert isinstance(u, np.ndarray) and 0 <= u.min() < 0.01 and 0.99 < u.max() <= 1
