"""Nothing in the package knows which course it grades: a message may not speak of images unless the question has some."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from autograder.course import assignment as assignments
from autograder.course import misses
from autograder.course.solve import answers_of
from autograder.grader.answers import as_trees, task
from autograder.grader.rules import training
from autograder.grader.score import score
from autograder.grader.workers import Workers
from autograder.question import Exam

PACKAGE = Path(__file__).parent.parent / "autograder"
COURSE = re.compile(r"\b(pixel|image|channel|filter|stride|padding|padded|convol\w*|pooling|feature map|CNN)s?\b", re.I)
OF_IMAGES = {
    "grader/rules": "a question chooses its rules, and those on architectures are about images",
    "datasets": "data sets of images",
    "strokes.py": "images drawn from the salt",
    "border/blueprint.py": "the names of Keras's layers",
    "worker/knocks.py": "filters of system calls",
}


def texts(path: Path) -> Iterator[tuple[int, str]]:
    """The strings of a module that are no docstring and more than one word."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    described = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) and id(node) not in described else None
        if isinstance(text, str) and " " in text.strip():
            yield getattr(node, "lineno", 0), text


def spoken(folder: Path) -> list[str]:
    found = []
    for path in sorted(folder.rglob("*.py")):
        name = path.relative_to(folder).as_posix()
        if not name.startswith(tuple(OF_IMAGES)):
            found += [f"{name}:{line}: {text}" for line, text in texts(path) if COURSE.search(text)]
    return found


def test_no_message_speaks_of_this_course() -> None:
    assert spoken(PACKAGE) == []


def test_a_message_about_pixels_would_be_found(tmp_path: Path) -> None:
    (tmp_path / "messages.py").write_text('"""Of pixels."""\ndef f(n):\n    return f"Take {n} steps, one per pixel."\n')
    (found,) = spoken(tmp_path)
    assert found.startswith("messages.py:3") and "one per pixel" in found


@pytest.mark.parametrize("shape, word, other", [((7, 8, 8, 1), "image", "example"), ((7, 5), "example", "image")])
def test_a_model_is_told_of_images_only_where_it_has_some(shape: tuple[int, ...], word: str, other: str) -> None:
    labels = np.arange(7) % 3
    exam = Exam(images=np.zeros(shape, np.uint8), labels=labels, classes=3)
    logits = np.eye(3)[(labels + 1) % 3]
    model: Any = SimpleNamespace(scored=logits, batchwise=logits, facts={"start loss": 900.0})
    said = training._accuracy(model, 0.9, exam)[1] + training._start_loss(model, 0.5, exam)[1]
    assert f"{word}s that were not trained on" in said and other not in said
    assert ("pixels" in said) == (word == "image")


@pytest.mark.tensorflow
def test_another_course_reads_nothing_of_this_one(workers: Workers) -> None:
    """All that is said of 24 wrong softmaxes and attentions, hidden cases opened, is about arrays and not about images."""
    course = assignments.load(PACKAGE.parent / "examples" / "other_course" / "solutions" / "01_attention")
    answers = answers_of(course, "a salt", workers)
    wrong = [item for item in course.implementations if item.kind == "mistake"]
    tasks = [task(answers[i.question].question, "a salt", name=i.name, function=i.name) for i in wrong]
    seen = workers.run(as_trees(course.solution_cells("mistakes.py")), tasks).questions
    said = []
    for item in wrong:
        question = score(misses._opened(answers[item.question]), seen[item.name])
        said += [question.message, question.condition, *(part.message for part in question.parts if part.message)]
    text = " ".join(said)
    assert len(said) > 100 and "differs from the expected one" in text
    assert not COURSE.search(text), COURSE.search(text)
    assert not re.search(r"\b([A-Za-z]{3,}) \1\b|Failure\(", text)
