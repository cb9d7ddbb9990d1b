"""Moves an assignment from GitHub Classroom to Classroom 50: `python examples/classroom50.py TEMPLATE`.

TEMPLATE is the assignment's template repository: a released folder with the wheel in it, or any repository with GitHub
Classroom's `.github/classroom/autograding.json`. Written are

- `.github/classroom/autograding.json`, if there is none: one test, pytest on the notebook's public cases;
- `.github/workflows/check.yml` in place of a `classroom.yml` that reports to GitHub Classroom, which ended on 2026-08-28;
- TEMPLATE.tests.json and TEMPLATE.runtime.json beside TEMPLATE: the same tests in the words of Classroom 50, and the Python that
  they need, for `gh teacher assignment add --tests ... --runtime ...`.

The formats are those of https://github.com/foundation50/classroom50/wiki, of August 2026.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click  # argument parsing

from autograder.border import wire
from autograder.errors import CallError

AUTOGRADING = Path(".github/classroom/autograding.json")
WORKFLOWS = Path(".github/workflows")
RESERVED = WORKFLOWS / "autograde.yaml"
"""Written by Classroom 50 into each student's repository."""
REPORTER = "autograding-grading-reporter"
STUDENTS = Path(__file__).parent / "workflows" / "student.yml"

PYTHON = "3.12"
"""Classroom 50 takes 3.14 unless told otherwise, for which there is no TensorFlow yet."""
MOST_SECONDS, DEFAULT_MINUTES = 600, 10
MOST_TESTS, LONGEST_NAME, MOST_POINTS = 100, 100, 1000


class MoveError(CallError):
    """The template does not do; the message says why."""


def of_notebook(template: Path) -> dict[str, Any]:
    """GitHub Classroom's tests of a released assignment: one, worth its points.

    Raises:
        MoveError: if there is no released assignment, or no wheel.
    """
    found = [path for path in sorted(template.glob("*.npz")) if path.with_suffix(".ipynb").exists()]
    if len(found) != 1:
        raise MoveError(
            f"{template} holds {len(found)} notebooks with an .npz beside them, and no {AUTOGRADING}: one is needed."
        )
    if not list(template.glob("cnn_autograder-*.whl")):
        raise MoveError(f"Put the wheel into {template}: make wheel, then dist/*.whl.")
    questions = wire.load(found[0])["questions"]
    test = {
        "name": found[0].stem,
        "setup": "python3 -m pip install --quiet ./cnn_autograder-*.whl pytest",
        "run": f"python3 -m pytest --autograder {found[0].stem}.ipynb",
        "input": "",
        "output": "",
        "comparison": "included",
        "timeout": DEFAULT_MINUTES,
        "points": math.ceil(sum(question["points"] for question in questions)),
    }
    return {"tests": [test]}


def translated(autograding: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Classroom 50's tests from GitHub Classroom's.

    Minutes become seconds, an expected output makes the type "io", and pytest gets the type whose points are split over its cases.

    Raises:
        MoveError: if Classroom 50 would not take a test.
    """
    tests = autograding.get("tests") or []
    names = [str(test.get("name", "")) for test in tests]
    if not 0 < len(tests) <= MOST_TESTS:
        raise MoveError(f"{AUTOGRADING} has {len(tests)} tests; Classroom 50 takes 1 to {MOST_TESTS}.")
    for name, test in zip(names, tests, strict=True):
        points = test.get("points") or 0
        if names.count(name) > 1 or not 0 < len(name.encode()) <= LONGEST_NAME or not name.isprintable():
            raise MoveError(
                f"The test {name!r} needs a name of its own, printable and of at most {LONGEST_NAME} bytes."
            )
        if points != int(points) or not 0 <= points <= MOST_POINTS:
            raise MoveError(
                f"The test {name!r} has {points} points; Classroom 50 takes whole numbers up to {MOST_POINTS}."
            )
        if not test.get("run"):
            raise MoveError(f"The test {name!r} runs nothing.")
        seconds = min(MOST_SECONDS, max(1, math.ceil(60 * float(test.get("timeout") or DEFAULT_MINUTES))))
        moved = {"name": name, "type": "run", "run": test["run"], "timeout": seconds, "points": int(points)}
        if test.get("setup"):
            moved["setup"] = test["setup"]
        if test.get("output"):
            moved |= {"type": "io", "expected": test["output"], "comparison": test.get("comparison") or "included"}
            moved |= {"input": test["input"]} if test.get("input") else {}
        elif "pytest" in test["run"]:
            moved["type"] = "python"
        yield moved


def move(template: Path) -> list[Path]:
    """Writes all files; returns them.

    Raises:
        MoveError: if the template does not do. Nothing is written then.
    """
    if (template / RESERVED).exists():
        raise MoveError(f"{template / RESERVED} is a name that Classroom 50 writes itself: call yours otherwise.")
    old = template / AUTOGRADING
    tests = json.loads(old.read_text(encoding="utf-8")) if old.exists() else of_notebook(template)
    runtime = {"runs-on": "ubuntu-24.04", "python": PYTHON}
    beside = template.resolve()
    written = {
        beside.with_name(f"{beside.name}.tests.json"): list(translated(tests)),
        beside.with_name(f"{beside.name}.runtime.json"): runtime,
        **({} if old.exists() else {old: tests}),
    }
    for path, content in written.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    workflow = template / WORKFLOWS / "classroom.yml"
    if workflow.exists() and REPORTER in workflow.read_text(encoding="utf-8"):
        text = STUDENTS.read_text(encoding="utf-8")
        notebooks = [path.name for path in template.glob("*.ipynb")]
        text = text.replace("02_convolution.ipynb", notebooks[0]) if len(notebooks) == 1 else text
        workflow.unlink()
        replaced = workflow.with_name("check.yml")
        replaced.write_text(text, encoding="utf-8")
        return [*written, replaced]
    return list(written)


@click.command()
@click.argument("template", type=click.Path(path_type=Path, exists=True, file_okay=False))
def main(template: Path) -> None:
    """Move the assignment in TEMPLATE from GitHub Classroom to Classroom 50."""
    try:
        written = move(template)
    except (MoveError, wire.WireError, json.JSONDecodeError) as error:
        raise click.ClickException(str(error)) from None
    for path in written:
        click.echo(f"wrote {path}")
    tests, runtime = written[:2]
    click.echo(f"\nPush {template}, then:\n  gh teacher assignment add ORG CLASSROOM {template.resolve().name} --template OWNER/REPOSITORY \\\n    --tests {tests} --runtime {runtime}")  # fmt: skip


if __name__ == "__main__":
    main()
