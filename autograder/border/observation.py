"""What was seen when a function was called on a case: the only thing a worker tells the grader."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

MAX_TEXT = 2000
MAX_OUTPUTS = 16
MAX_TEXTS = 64
TOLD = "told by the check"
"""The kind of a failure that is no exception of the student's: what a question's probe says of what it got."""


@dataclass(frozen=True)
class Failure:
    """An exception in the student's code.

    Attributes:
        kind: the exception's type, e.g. "ValueError".
        message: its text, shortened.
        where: the student's own line, e.g. "cell 7, line 12: y = x @ w", or "".
    """

    kind: str
    message: str
    where: str = ""

    @property
    def out_of_memory(self) -> bool:
        """Whether NumPy or TensorFlow was refused memory."""
        return self.kind in ("MemoryError", "ResourceExhaustedError")

    @staticmethod
    def from_tree(tree: Any) -> Failure:
        """Reads a tree that may come from a hostile process. Raises ValueError if it is not a failure."""
        try:
            return Failure(plain_text(tree["kind"]), plain_text(tree["message"]), plain_text(tree["where"]))
        except (LookupError, TypeError) as error:
            raise ValueError(f"not a failure: {error}") from error


@dataclass(frozen=True)
class Output:
    """One returned value or one gradient.

    Attributes:
        kind: "tensor", "array" (NumPy), "number" (Python), or the name of a type that cannot be compared.
        array: its entries, or None where it cannot be compared.
    """

    kind: str
    array: np.ndarray | None = None


@dataclass(frozen=True)
class Observation:
    """One call.

    Attributes:
        failure: the exception, if the call raised one.
        structure: "one" for a single value, else "tuple", "list" or the type's name.
        outputs: what was returned.
        gradients: by argument; None where the graph is cut.
        gradient_failure: the exception, if differentiating raised one.
        banned: what was used of the question's ban, in the source or in the graph.
        changed: the arguments that the call changed in place.
        calls: the student's own functions that this one uses.
    """

    failure: Failure | None = None
    structure: str = "one"
    outputs: tuple[Output, ...] = ()
    gradients: dict[str, Output | None] = field(default_factory=dict)
    gradient_failure: Failure | None = None
    banned: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()

    def to_tree(self) -> dict[str, Any]:
        """As a tree for `wire`."""
        return asdict(self)

    @staticmethod
    def from_tree(tree: Any) -> Observation:
        """Reads a tree that may come from a hostile process. Raises ValueError if it is not an observation."""
        try:
            outputs = tree["outputs"]
            if len(outputs) > MAX_OUTPUTS:
                raise ValueError("too many outputs")
            seen = Observation(
                failure=_failure(tree["failure"]),
                structure=plain_text(tree["structure"]),
                outputs=tuple(_output(item) for item in outputs),
                banned=_texts(tree["banned"]),
                changed=_texts(tree["changed"]),
                calls=_texts(tree["calls"]),
            ).with_gradients(tree)
        except (LookupError, TypeError, AttributeError) as error:
            raise ValueError(f"not an observation: {error}") from error
        if not seen.failure and seen.structure == "one" and len(seen.outputs) != 1:
            raise ValueError("one output that is none or several")
        return seen

    def with_gradients(self, tree: Any) -> Observation:
        """The same call with gradients from a tree that may come from a hostile process. Raises ValueError."""
        try:
            if len(tree["gradients"]) > MAX_OUTPUTS:
                raise ValueError("too many gradients")
            found = {plain_text(k): None if v is None else _output(v) for k, v in tree["gradients"].items()}
            return replace(self, gradients=found, gradient_failure=_failure(tree["gradient_failure"]))
        except (LookupError, TypeError, AttributeError) as error:
            raise ValueError(f"not gradients: {error}") from error


def _failure(tree: Any) -> Failure | None:
    return None if tree is None else Failure.from_tree(tree)


def _output(tree: Any) -> Output:
    array = tree["array"]
    if array is not None and not isinstance(array, np.ndarray):
        raise ValueError("an output that is no array")
    return Output(plain_text(tree["kind"]), array)


def _texts(tree: Any) -> tuple[str, ...]:
    if len(tree) > MAX_TEXTS:
        raise ValueError("a list that is too long")
    return tuple(plain_text(item) for item in tree)


def plain_text(value: Any) -> str:
    """A text from a worker, cut and cleaned. Raises ValueError if it is no text."""
    if not isinstance(value, str):
        raise ValueError("a text that is none")
    # No control characters (a terminal would obey them) and no lone surrogates (no file can hold them).
    visible = "".join(c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in value[:MAX_TEXT])
    return visible.encode("utf-8", "replace").decode()
