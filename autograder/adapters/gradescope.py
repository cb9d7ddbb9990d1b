"""Gradescope: the zip to upload, and the grading of one submission in Gradescope's container.

The zip contains precomputed answers, not the solved notebook. In the container, the grader runs as root. Student code runs as
nobody, at the strongest isolation level available, and cannot read the answers, the metadata or the results.
"""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable
from importlib import resources
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement  # the names and markers in packages' metadata

from .. import files
from ..border import wire
from ..border.levels import changes_user
from ..course.assignment import Assignment
from ..course.find import best_file
from ..errors import CallError
from ..grader import isolation
from ..grader.answers import Answers, from_tree, to_tree
from ..grader.grade import Marking, grade
from ..grader.identity import versions
from ..grader.workers import Workers
from ..reports.plain import line, visible
from ..reports.report import QuestionReport, Report, State, Status
from ..reports.wording import MARKS
from . import markdown
from .markdown_text import prose

ANSWERS = "answers.npz"
VISIBILITIES = ("after_due_date", "after_published", "visible", "hidden")
NEEDED = (
    "tensorflow", "numpy", "matplotlib", "click", "rich", "jinja2", "pydantic", "ipython", "requests", "filelock",
    "scikit-learn", "pyseccomp", "py-landlock",
)  # fmt: skip
"""What grading needs. These packages and their dependencies are pinned to the versions in use."""

_FIXED = (1980, 1, 1, 0, 0, 0)  # the same inputs give the same zip


def pack(
    assignment: Assignment, answers: dict[str, Answers], salt: str, wheel: Path, target: Path, visibility: str, *,
    leaderboard: bool,
) -> None:  # fmt: skip
    """Writes the zip.

    Args:
        assignment: what is graded.
        answers: by question, hidden cases included.
        salt: with which the answers were computed.
        wheel: this package.
        target: the zip to write.
        visibility: when students see the hidden cases, one of VISIBILITIES.
        leaderboard: whether submissions are ranked.
    """
    prepared = {
        "assignment": assignment.name,
        "fingerprint": assignment.fingerprint,
        "salt": salt,
        "idle": sorted(assignment.idle),
        "versions": versions(),
        "visibility": visibility,
        "leaderboard": leaderboard,
        "questions": [to_tree(a) for a in answers.values()],
    }
    with tempfile.TemporaryDirectory() as folder, files.atomically(target) as temporary:
        kept = Path(folder, ANSWERS)
        wire.save(kept, prepared)
        scripts = resources.files("autograder") / "adapters" / "templates"
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in ("setup.sh", "run_autograder"):
                _add(archive, name, (scripts / f"gradescope_{name}").read_bytes(), 0o755)
            _add(archive, "constraints.txt", "".join(f"{line}\n" for line in pinned(NEEDED)).encode(), 0o644)
            _add(archive, wheel.name, wheel.read_bytes(), 0o644)
            _add(archive, ANSWERS, kept.read_bytes(), 0o600)


def build_wheel(folder: Path) -> Path:
    """Builds this package's wheel from its source.

    Raises:
        CallError: if there is no source, or it does not build.
    """
    project = Path(__file__).resolve().parents[2]
    if not (project / "pyproject.toml").is_file():
        raise CallError("This package was installed without its source. Pass its wheel with --wheel.")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps"]
    with contextlib.suppress(PackageNotFoundError):  # already installed: no download
        command += ["--no-build-isolation"] if int(version("setuptools").split(".")[0]) >= 77 else []
    with tempfile.TemporaryDirectory() as copied:  # setuptools leaves folders behind
        for name in ("autograder", "docs", "pyproject.toml", "setup.py", "README.md", "LICENSE"):
            source = project / name
            if source.is_dir():
                shutil.copytree(source, Path(copied, name), ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copyfile(source, Path(copied, name))
        built = subprocess.run([*command, "--wheel-dir", str(folder), copied], capture_output=True, text=True)
    if built.returncode:
        raise CallError(
            f"The wheel could not be built. Build it yourself and pass it with --wheel.\n{built.stderr.strip()[-2000:]}"
        )
    return next(folder.glob("*.whl"))


def pinned(names: Iterable[str]) -> list[str]:
    """The installed versions of packages and their dependencies, as lines of a constraints file."""
    found: dict[str, str] = {}
    waiting = list(names)
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name in found:
            continue
        try:
            installed = distribution(name)
        except PackageNotFoundError:  # for another platform, or an extra
            continue
        found[name] = installed.version
        for text in installed.requires or ():
            with contextlib.suppress(InvalidRequirement):
                needed = Requirement(text)
                if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                    waiting.append(needed.name)
    return [f"{name}=={version}" for name, version in sorted(found.items())]


def results(report: Report, visibility: str, *, leaderboard: bool) -> dict[str, Any]:
    """results.json: two tests per question, its public cases and its hidden ones."""
    tests = [test for number, q in enumerate(report.questions, 1) for test in _tests(q, number, visibility)]
    said = [prose(text) for text in (report.message, *report.repairs) if text]
    found: dict[str, Any] = {
        "score": report.score,
        "execution_time": round(report.duration),
        "output": "\n\n".join(said),
        "output_format": "md",
        "test_output_format": "md",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": tests,
        "extra_data": {"isolation": report.isolation, "salt_id": report.salt_id, "versions": report.versions},
    }
    if leaderboard:
        found["leaderboard"] = _leaderboard(report)
    return found


def run(root: Path) -> int:
    """Grades the submission in `root/submission` and writes `root/results/results.json`.

    Returns:
        The exit code. If the grader itself fails, there is no results.json: Gradescope then tells the student to contact the
        staff, and no zero is recorded.
    """
    source, target = root / "source", root / "results" / "results.json"
    target.parent.mkdir(exist_ok=True)
    target.unlink(missing_ok=True)
    for path, mode in ((source, 0o700), (target.parent, 0o700), (root / "submission_metadata.json", 0o600)):
        if path.exists():
            path.chmod(mode)
    prepared = wire.load(source / ANSWERS)
    level = isolation.strongest()
    if not changes_user(level):
        print("Student code would run as the grading user. Run this as root, as Gradescope does.", file=sys.stderr)
        return 3
    answers = {tree["name"]: from_tree(tree) for tree in prepared["questions"]}
    if prepared["versions"] != versions():
        print(f"The answers were computed with {prepared['versions']}; installed here: {versions()}.", file=sys.stderr)
    marking = Marking(
        prepared["assignment"], answers, prepared["fingerprint"], prepared["salt"], level, frozenset(prepared["idle"])
    )
    path = submitted_file(root / "submission", marking.assignment, set(answers))
    with Workers(level) as workers:
        problem = "" if path.exists() else _nothing_in(root / "submission")
        report = grade(path, marking, workers, submission="submission", student="", problem=problem)
    print(f"{report.status}: {report.score} of {report.max_score} points; isolation: {report.isolation}")
    if report.status == State.GRADER_FAULT:
        print(visible(report.message), file=sys.stderr)
        return 3
    found = results(report, prepared["visibility"], leaderboard=prepared["leaderboard"])
    files.write(target, json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    return 0


def submitted_file(folder: Path, assignment: str, questions: set[str]) -> Path:
    """The file to grade: at the top of the upload, or in a folder of it, as in an upload from GitHub."""
    return best_file(folder, assignment, questions) or folder / f"{assignment}.ipynb"


def _nothing_in(folder: Path) -> str:
    """What is said of an upload without a notebook."""
    names = sorted(line(path.name) for path in folder.iterdir())[:3] if folder.is_dir() else []
    instead = f", only {', '.join(names)}" if names else ""
    return f"There is no notebook in the upload{instead}. Submit the notebook itself."


def _leaderboard(report: Report) -> list[dict[str, Any]]:
    """The accuracy of each question that measures one, then the points: the same rows for every submission.

    If a question has hidden cases, only these count: public images can be memorized. No case is named.
    """
    rows = []
    for question in report.questions:
        parts = [part for part in question.parts if part.part == "accuracy"]
        counted = [part.measured or 0.0 for part in [p for p in parts if not p.public] or parts]
        if counted:
            value = round(100 * sum(counted) / len(counted), 1)
            rows.append({"name": line(f"Accuracy of {question.name} (%)"), "value": value, "order": "desc"})
    return [*rows, {"name": "Points", "value": report.score, "order": "desc"}]


def _tests(question: QuestionReport, number: int, visibility: str) -> list[dict[str, Any]]:
    """The tests of a question: one for its public cases, one for its hidden cases.

    The message about the whole question may name a hidden case. If the public cases are right, it goes to the hidden test.
    """
    public = [part for part in question.parts if part.public]
    hidden = [part for part in question.parts if not part.public]
    most = sum(part.max_points for part in public) if hidden else question.max_points
    got = min(sum(part.points for part in public) if hidden else question.points, question.points)
    whole: dict[str, Any] = {}
    bare: dict[str, Any] = {"message": "", "diagnosis": None, "ladder": None, "condition": ""}
    first, second = (bare, whole) if hidden and all(part.passed for part in public) else (whole, bare)
    told = []
    if public:
        with_public = question.model_copy(update=first | {"parts": public})
        told.append(_test(with_public, f"{number}.1", "public cases", got, most, "visible"))
    if hidden:
        with_hidden = question.model_copy(update=second | {"parts": hidden})
        rest = (question.points - got, question.max_points - most)
        told.append(_test(with_hidden, f"{number}.2", "hidden cases", *rest, visibility))
    return told


def _test(
    question: QuestionReport, number: str, which: str, got: float, most: float, visibility: str
) -> dict[str, Any]:
    passed = all(part.passed for part in question.parts)
    ran = question.status in (Status.PASSED, Status.PARTIAL, Status.FAILED)
    otherwise = "All right." if passed else "Not run." if ran else f"{MARKS[question.status][1].capitalize()}."
    return {
        "name": line(f"{question.name}: {which}"),
        "number": number,
        "score": round(got, 4),
        "max_score": round(most, 4),
        "status": "passed" if passed else "failed",
        "output": markdown.findings(question) or otherwise,
        "visibility": visibility,
        "tags": [which.split()[0]],
    }


def _add(archive: zipfile.ZipFile, name: str, data: bytes, mode: int) -> None:
    entry = zipfile.ZipInfo(name, _FIXED)
    entry.external_attr = (stat.S_IFREG | mode) << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, data)


if __name__ == "__main__":
    sys.exit(run(Path(sys.argv[1])))
