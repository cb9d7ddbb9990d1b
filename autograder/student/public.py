"""What was handed out beside a notebook: the assignment's .npz with its public cases, and which of several is meant."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ..border import wire
from ..errors import CallError
from ..grader.answers import Answers, from_tree


class NoPublicCases(CallError):
    """The assignment's .npz file is not where it is looked for."""


@dataclass(frozen=True)
class HandedOut:
    """What a student got.

    Attributes:
        name: of the assignment.
        answers: of the public cases, by question.
        signatures: of the stubs, from `source.signatures`; empty if the file is older than these.
    """

    name: str
    answers: Mapping[str, Answers]
    signatures: Mapping[str, str]


def handed_out(folder: Path, defined: Collection[str]) -> HandedOut:
    """The assignment in `folder` of which most functions are `defined`.

    Raises:
        NoPublicCases: if there is none.
    """
    known = (load(file) for file in public_files(folder))
    found = max(known, key=lambda each: len(each.answers.keys() & set(defined)), default=None)
    if not found or not found.answers:
        raise NoPublicCases(_where(folder))
    return found


def answers_in(folder: Path, defined: Collection[str]) -> Mapping[str, Answers]:
    """The public answers, by question, of that assignment. Raises NoPublicCases."""
    return handed_out(folder, defined).answers


def find_answers(name: str, folder: Path) -> Answers:
    """The public answers of a question, from an assignment's .npz in `folder`.

    Raises:
        NoPublicCases: if there is none, or none with this question.
    """
    known: list[str] = []
    for file in public_files(folder):
        answers = load(file).answers
        if name in answers:
            return answers[name]
        known += answers
    if known:
        raise NoPublicCases(f"There is no question {name!r}. There are: {', '.join(known)}.")
    raise NoPublicCases(_where(folder))


def load(path: Path) -> HandedOut:
    """What is in an assignment's .npz. Raises OSError or wire.WireError."""
    return _load(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=8)
def _load(path: Path, _changed: int) -> HandedOut:
    tree = wire.load(path)
    try:
        answers = {item["name"]: from_tree(item) for item in tree["questions"]}
        return HandedOut(tree.get("assignment", path.stem), answers, tree.get("signatures", {}))
    except (KeyError, TypeError, AttributeError) as error:
        raise wire.WireError(f"{path} is not an assignment's file of public cases.") from error


def public_files(folder: Path) -> list[Path]:
    """The .npz files in a folder: those with a notebook beside them, if there are any."""
    return sorted(f for f in folder.glob("*.npz") if f.with_suffix(".ipynb").exists()) or sorted(folder.glob("*.npz"))


def _where(folder: Path) -> str:
    return (
        f"No public cases here: the assignment's .npz file must lie beside the notebook (looked in {folder}). "
        "It was handed out with the notebook; in Colab, upload both."
    )
