"""What an implementation shows on each part of each case: numbers, or the form in which it fails. Pure NumPy."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..border.observation import TOLD, Failure, Observation
from .models import NO_MODEL

_RAISED = "raised"
"""How the form of an exception begins."""
Part = tuple[int, str]
"""A case's index and a part's name."""


@dataclass(frozen=True)
class Sign:
    """What a mistake shows on one part of one case.

    Attributes:
        form: everything but the numbers: the exception, the ban, the arguments changed, the dtype, a cut gradient.
        array: the numbers, where there are any.
    """

    form: str
    array: np.ndarray | None = None

    @property
    def is_exception(self) -> bool:
        """Whether the code raised: then nothing was seen of what it computes."""
        return self.form.startswith(_RAISED)

    def to_tree(self) -> dict[str, Any]:
        """As a tree for `wire`."""
        return {"form": self.form, "array": self.array}


def signs(parts: Sequence[str], outputs: int, seen: Observation) -> dict[str, Sign]:
    """What an observation shows, by part.

    Args:
        parts: the names of the question's parts, outputs first.
        outputs: how many of them are outputs.
        seen: the observation.
    """
    if seen.failure:
        return dict.fromkeys(parts, raised(seen.failure))
    if seen.banned:
        return dict.fromkeys(parts, Sign("banned"))
    if seen.changed:
        return dict.fromkeys(parts, Sign(f"changed {seen.changed}"))
    found = {}
    form = (
        f"{seen.structure} of {len(seen.outputs)}"
        if seen.structure not in ("tuple", "list")
        else str(len(seen.outputs))
    )
    for index, part in enumerate(parts):
        if index < outputs:
            output = seen.outputs[index] if index < len(seen.outputs) else None
        elif seen.gradient_failure:
            found[part] = Sign(f"gradient raised {seen.gradient_failure.kind}")
            continue
        else:
            output = next((v for name, v in seen.gradients.items() if part.endswith(f" {name}")), None)
        if output is None and index:  # nothing can be told apart by what is not there: the first output counts too
            found[part] = Sign(f"nothing beside {found[parts[0]].form}")
        elif output is None or output.array is None:
            found[part] = Sign(f"{form} {output.kind if output else 'nothing'}")
        else:
            found[part] = Sign(f"{form} {output.array.dtype.kind}{output.array.dtype.itemsize}", output.array)
    return found


def raised(failure: Failure) -> Sign:
    """What a failure shows: an exception, or what was said of a value."""
    how = "said" if failure.kind in (NO_MODEL, TOLD) else _RAISED
    return Sign(f"{how} {failure.kind}: {_without_numbers(failure.message)}")


def _without_numbers(text: str) -> str:
    text = re.sub(r"\b0x[0-9a-f]+", "#", text)  # an address is another one in every process
    return re.sub(r"\d+", "#", re.sub(r"_\d+\b", "", text))[:120]  # Keras counts layers: dense, dense_1, ...
