"""What a worker is told: the cells to run, and, one at a time, what to call and on which arguments.

The grader sends a `Job`; after the cells have run, *orders*: a question, then each case's arguments when it is its turn, then
the seed of its cotangent, once the value has left the worker. So nothing lies in a worker before it is needed.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ..question import Ban, Probe
from .levels import Limits

STATUS = struct.Struct("<i")
"""How the warm process tells the exit status of a fork."""

JOB, RESULT, LEASH = range(3)
"""The order of the descriptors in a request for a fork: the job and its orders to read, the results to write, the leash."""


@dataclass(frozen=True)
class Asked:
    """How a question's function is called.

    Attributes:
        function: the name looked up after the cells ran.
        wrt: the arguments for the vector-Jacobian product.
        ban: what to look for in the source and in the graph.
        seconds: the processor time for the cases of one pass.
        dtype: "float32" or "float64": what arrays of real numbers become; "" leaves each as it is.
        probe: what is called in the function's place, with it as the first argument.
        model: whether it returns a Keras model, which is taken down instead of the value.
    """

    function: str
    wrt: tuple[str, ...] = ()
    ban: Ban | None = None
    seconds: float = 10.0
    dtype: str = ""
    probe: Probe | None = None
    model: bool = False


@dataclass(frozen=True)
class Task:
    """One question as the grader has it observed.

    Attributes:
        name: the key of the result.
        asked: how the function is called.
        cases: the materialised arguments of each case, with the seed of its cotangent, or None where no gradient is compared; the
            public ones first.
        public: how many of the cases are public; all if None. The public cases of all tasks are called before the hidden ones
            of any, so that nothing of a hidden case can show in what a public one says.
        exams: of a model question, what each case's model is examined on, without the labels.
        repeatable: whether TensorFlow has to give the same numbers again, as for every probe and every model.
    """

    name: str
    asked: Asked
    cases: tuple[tuple[dict[str, Any], int | None], ...]
    public: int | None = None
    exams: tuple[dict[str, Any], ...] = ()
    repeatable: bool = False

    @property
    def is_repeatable(self) -> bool:
        """Whether operations must be deterministic."""
        return self.repeatable or bool(self.asked.probe or self.exams)


@dataclass(frozen=True)
class Job:
    """What a fork begins with: nothing of any case.

    Attributes:
        cells: label and source of each.
        skip: the indices of cells to leave out.
        cell_seconds: processor time for each.
        repeatable: whether TensorFlow has to give the same numbers again.
        folder: an empty folder for the levels below "full".
        limits: what the submission may use.
    """

    cells: Sequence[dict[str, str]]
    skip: Sequence[int]
    cell_seconds: float
    repeatable: bool
    folder: str
    limits: Limits

    def to_tree(self) -> dict[str, Any]:
        """As a tree for `wire`."""
        return vars(self) | {"limits": asdict(self.limits)}

    @staticmethod
    def from_tree(tree: dict[str, Any]) -> Job:
        """Reads what `to_tree` gave."""
        return Job(**tree | {"limits": Limits(**tree["limits"])})


def question_order(asked: Asked) -> dict[str, Any]:
    """Tells which function comes next. The worker answers "question"."""
    return {"order": "question", "asked": vars(asked)}


def case_order(arguments: dict[str, Any], seed: int | None, images: Any = None) -> dict[str, Any]:
    """Calls it. The worker answers "value".

    Args:
        arguments: of the call.
        seed: of the cotangent; None if no gradient will be asked for. What a probe or a model draws comes from a hash of it, which
            does not tell it.
        images: of a question whose result is a model, what that is to predict.
    """
    told = {"random_seed": random_seed(seed), "differentiate": seed is not None}
    return {"order": "case", "arguments": arguments, "images": images, **told}


def gradient_order(seed: int) -> dict[str, Any]:
    """Tells the seed of the cotangent. The worker answers "gradients"."""
    return {"order": "gradient", "seed": seed}


END_ORDER = {"order": "end"}


def random_seed(seed: int | None) -> int:
    """What random numbers of a call are seeded with: 32 bits that do not tell the seed of the cotangent."""
    return int.from_bytes(hashlib.sha256(f"random {seed}".encode()).digest()[:4])
