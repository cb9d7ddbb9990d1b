"""A flood of printed text is cut, and nothing else is."""

from __future__ import annotations

import sys

import pytest

from autograder.student.flood import FIRST, LAST, shortened


@pytest.mark.parametrize("length", [0, 1, FIRST, FIRST + 1, FIRST + LAST])
@pytest.mark.parametrize("piece", [1, 7, 10_000])
def test_what_is_no_flood_is_passed_on(capsys: pytest.CaptureFixture[str], length: int, piece: int) -> None:
    text = "".join(chr(ord("a") + n % 26) for n in range(length))
    with shortened():
        for start in range(0, length, piece):
            assert sys.stdout.write(text[start : start + piece]) == len(text[start : start + piece])
    assert capsys.readouterr().out == text


@pytest.mark.parametrize("piece", [1, 7, 100_000])
def test_of_a_flood_both_ends_are_shown_and_the_rest_is_counted(capsys: pytest.CaptureFixture[str], piece: int) -> None:
    text = "".join(chr(ord("a") + n % 26) for n in range(20_000))
    with shortened():
        for start in range(0, len(text), piece):
            print(text[start : start + piece], end="", flush=True)
    assert capsys.readouterr().out == f"{text[:FIRST]}\n... 15,000 characters left out ...\n{text[-LAST:]}"


def test_an_exception_ends_the_cut(capsys: pytest.CaptureFixture[str]) -> None:
    before = sys.stdout
    with pytest.raises(KeyboardInterrupt), shortened():
        print("x" * FIRST + "end")
        raise KeyboardInterrupt
    assert sys.stdout is before and capsys.readouterr().out.endswith("xend\n")
