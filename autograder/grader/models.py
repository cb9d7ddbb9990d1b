"""Between the two workers of a model question: what the first says about a model is checked by the second.

An observation of the first holds the outputs of `portrait`; after `merged` it holds what the rules judge.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..border import blueprint
from ..border.blueprint import MAX_PARAMETERS, Blueprint
from ..border.observation import Failure, Observation, Output

CELLS = ({"label": "examination", "source": "from autograder.worker.examine import examine"},)
"""What the second worker runs."""
FUNCTION = "examine"

PORTRAIT = 4
"""How many outputs each of the two workers gives: `portrait`, and then `examine`."""

NO_MODEL = "NoModel"
"""The kind of a failure whose message is for the student as it stands."""


@dataclass(frozen=True)
class Examined:
    """A model as the rules see it.

    Attributes:
        blueprint: its graph.
        facts: from `examine`.
        claimed: the predictions that the student's process gave.
        predictions: those of the model built again.
        scored: those that the accuracy is counted on: after training by the examiner, where the exam trains.
        batchwise: the same with batch statistics, as in training.
        weights: the model's, as one vector.
        start: the weights that it began with, or an empty vector.
    """

    blueprint: Blueprint
    facts: Mapping[str, Any]
    claimed: np.ndarray
    predictions: np.ndarray
    scored: np.ndarray
    batchwise: np.ndarray
    weights: np.ndarray
    start: np.ndarray


def arguments(observations: Sequence[Observation], exams: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The calls of `examine` for the models among the observations, in order; what is no model is left out.

    Args:
        observations: from the student's process.
        exams: what each case's model is examined on, without labels.
    """
    calls = []
    for seen, exam in zip(observations, exams, strict=False):
        config, _ = _config(seen)
        if config is not None:
            calls.append({"config": json.dumps(config), "weights": seen.outputs[1].array, **exam})
    return calls


def merged(observations: Sequence[Observation], examinations: Sequence[Observation]) -> list[Observation]:
    """The observations with what the second worker saw; one whose model could not be examined becomes a failure."""
    waiting = iter(examinations)
    return [_merged(seen, waiting) for seen in observations]


def examined_here(
    observations: Sequence[Observation],
    exams: Sequence[Mapping[str, Any]],
    observe: Callable[[Mapping[str, Any]], Observation],
) -> list[Observation]:
    """As the two workers do it, in one process: for a student's own check."""
    return merged(observations, [observe(call) for call in arguments(observations, exams)])


def read(seen: Observation) -> Examined:
    """An observation from `merged` that has no failure. Raises ValueError if it holds something else."""
    arrays = [output.array for output in seen.outputs if output.array is not None]
    if len(arrays) != 2 * PORTRAIT:
        raise ValueError("not an examined model")
    config, weights, claimed, start, facts, predictions, scored, batchwise = arrays
    parsed, refusal = blueprint.parse(config.tobytes())
    if parsed is None:
        raise ValueError(refusal)
    told = json.loads(facts.tobytes())
    return Examined(blueprint.read(parsed), told, claimed, predictions, scored, batchwise, weights, start)


def _config(seen: Observation) -> tuple[dict[str, Any] | None, str]:
    """The configuration in a portrait, or why there is none."""
    if seen.failure or len(seen.outputs) != PORTRAIT:
        return None, "It returned something that is no model."
    config, weights, predictions, start = (output.array for output in seen.outputs)
    if config is None or config.dtype != np.uint8 or config.ndim != 1:
        return None, "The model's configuration cannot be read."
    vectors = (weights, start)
    if (
        any(v is None or v.dtype != np.float32 or v.ndim != 1 or v.size > MAX_PARAMETERS for v in vectors)
        or predictions is None
    ):
        return None, "The model's weights cannot be read."
    return blueprint.parse(config.tobytes())


def _merged(seen: Observation, waiting: Any) -> Observation:
    if seen.failure:
        return seen
    config, refusal = _config(seen)
    if config is None:
        return replace(seen, failure=Failure(NO_MODEL, refusal))
    found: Observation | None = next(waiting, None)
    if found is None:
        return replace(seen, failure=Failure(NO_MODEL, "Building the model again took too much time or memory."))
    if found.failure:
        said = f"The model could not be built again from its configuration and weights ({found.failure.message[:200]})."
        return replace(seen, failure=Failure(NO_MODEL, said))
    outputs: tuple[Output, ...] = seen.outputs + found.outputs
    return replace(seen, outputs=outputs)
