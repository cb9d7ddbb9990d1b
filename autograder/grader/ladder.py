"""How far up its ladder a function is right, and the first wrong rung in full."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..border.observation import Output
from ..question import Code
from ..reports.report import Figure, Ladder
from .answers import Answers
from .compare import Finding
from .expected import output_of
from .protocol import Seen
from .signs import Part

MAX_ENTRIES = 400
MAX_TEXT = 2000


def climbed(answers: Answers, seen: Seen, findings: Mapping[Part, Finding]) -> Ladder:
    """The rungs of a question, which of them are right, and the lowest wrong one with its arguments, expected and got."""
    question = answers.question
    right = [
        all((finding := findings.get((index, part))) and finding.passed for part in question.outputs)
        for index in range(len(question.ladder))
    ]
    wrong = right.index(False) if False in right else None
    return Ladder(
        rungs=[rung.name for rung in question.ladder],
        right=[bool(passed) for passed in right],
        first_wrong="" if wrong is None else question.ladder[wrong].name,
        figures=[] if wrong is None or wrong >= len(seen.observations) else _figures(answers, seen, wrong),
    )


def _figures(answers: Answers, seen: Seen, index: int) -> list[Figure]:
    question, observation = answers.question, seen.observations[index]
    shown = [_figure(name, value) for name, value in question.cases[index].arguments.items()]
    for part in question.outputs:
        expected = answers.expected[index].get(part)
        if expected is None:
            continue
        label = f" {part}" if question.returns else ""
        right = expected.array.astype(bool) if expected.dtype.startswith("bool") else expected.array
        shown.append(_figure(f"expected{label}", right))
        output = output_of(question, observation, part)
        if output is not None and not observation.failure:
            shown.append(_got(f"got{label}", output, expected.array, expected.tolerance))
    return shown


def _got(name: str, output: Output, expected: np.ndarray, tolerance: float) -> Figure:
    if output.array is None:
        return Figure(name=name, shape="", text=output.kind)
    figure = _figure(name, output.array)
    if figure.rows and output.array.shape == expected.shape:
        with np.errstate(invalid="ignore"):
            off = ~(np.abs(output.array.astype(np.float64) - expected) <= tolerance)
        figure.wrong = [[bool(value) for value in row] for row in np.atleast_2d(np.squeeze(off))]
    return figure


def _figure(name: str, value: Any) -> Figure:
    if isinstance(value, Code):
        return Figure(name=name, shape="", text=value.source)
    if not isinstance(value, np.ndarray):
        return Figure(name=name, shape="", text=repr(value)[:MAX_TEXT])
    shape, plain = str(value.shape) if value.ndim else "", np.squeeze(value)
    if not 0 < value.size <= MAX_ENTRIES:  # an array without entries may have a billion rows
        return Figure(name=name, shape=shape, text=f"{value.size} entries")
    if plain.ndim <= 2:
        return Figure(name=name, shape=shape, rows=[[_number(entry) for entry in row] for row in np.atleast_2d(plain)])
    return Figure(name=name, shape=shape, text=np.array2string(value, separator=", ", precision=4)[:MAX_TEXT])


def _number(entry: Any) -> str:
    return str(entry) if isinstance(entry, (bool, np.bool_)) else f"{float(entry):.5g}"
