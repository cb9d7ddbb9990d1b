from __future__ import annotations

import numpy as np
import pytest

from autograder.grader.conditions import condition


def case(stride: object, height: int = 5, width: int = 5) -> dict[str, object]:
    return {"x": np.zeros((1, height, width, 1)), "stride": stride}


def test_the_argument_that_tells_right_from_wrong_is_named() -> None:
    cases = [case(1), case(1, 4), case(2), case((1, 2), 4), case(2, 5, 6), case((1, 2))]
    said = condition(cases, [True, True, False, False, False, False])
    assert said == "In the cases tried it is right whenever `stride` is 1, and wrong whenever `stride` is 2 or (1, 2)."


def test_three_values_are_a_list() -> None:
    cases = [{"pad": pad} for pad in (0, 0, 1, 1, 2, 2, 3, 3)]
    said = condition(cases, [True, True, *[False] * 6])
    assert said.endswith("right whenever `pad` is 0, and wrong whenever `pad` is 1, 2 or 3.")


def test_an_argument_that_is_left_out_is_told_as_that() -> None:
    cases: list[dict[str, object]] = [{"n": 3}, {"n": 3}, {"n": 3, "pad": 1}, {"n": 3, "pad": 1}]
    assert "`pad` is left out" in condition(cases, [True, True, False, False])


def test_shapes_tell_where_arguments_do_not() -> None:
    cases = [case(1, 4, 4), case(1, 6, 6), case(1, 4, 6), case(1, 6, 4)]
    said = condition(cases, [True, True, False, False])
    assert "`x.shape[1]` is equal to `x.shape[2]`" in said and "not equal" in said


@pytest.mark.parametrize("right", [
    [True, False, True, False, True],  # stride 1 is right and wrong
    [True, True, True, True, True],
    [False, False, False, False, False],
    [True, False, False, False, False],  # one case alone has too much in common with itself
])  # fmt: skip
def test_nothing_is_said_that_a_case_contradicts(right: list[bool]) -> None:
    assert condition([case(1), case(1, 7, 9), case(2), case(2, 7, 9), case(1, 9, 7)], right) == ""


def test_a_value_of_its_own_in_every_case_is_no_condition() -> None:
    assert condition([{"n": n} for n in range(6)], [True, True, True, False, False, False]) == ""


def test_an_argument_that_is_an_array_in_some_cases_only_tells_nothing() -> None:
    mask = np.zeros(3)
    for other in ({"mask": None}, {}):
        cases: list[dict[str, object]] = [{"mask": mask}, {"mask": mask}, dict(other), dict(other)]
        assert condition(cases, [True, True, False, False]) == ""


@pytest.mark.parametrize(("right", "wrong", "said"), [
    ((2, 3), (2, 3, 4), "`x` has 2 axes, and wrong whenever `x` has 3 axes."),
    ((1, 3), (2, 3), "`x.shape[0]` is 1, and wrong whenever `x.shape[0]` is greater than 1."),
    ((2, 4), (2, 1), "`x.shape[1]` is greater than 1, and wrong whenever `x.shape[1]` is 1."),
    ((2, 4), (2, 7), "`x.shape[1]` is even, and wrong whenever `x.shape[1]` is odd."),
    ((3, 3), (3, 5), "`x.shape[0]` is equal to `x.shape[1]`, and wrong whenever `x.shape[0]` is not equal to `x.shape[1]`."),
])  # fmt: skip
def test_what_shapes_have_is_named_the_simplest_first(
    right: tuple[int, ...], wrong: tuple[int, ...], said: str
) -> None:
    cases = [{"x": np.zeros(shape)} for shape in (right, right, wrong, wrong)]
    assert condition(cases, [True, True, False, False]) == f"In the cases tried it is right whenever {said}"
