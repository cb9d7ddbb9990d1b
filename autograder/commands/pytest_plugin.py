"""A pytest plugin: `pytest --autograder 02_convolution.ipynb` collects every question and case of a notebook as a test.

Without `--autograder`, nothing happens. A notebook is run once, when the first of its tests is; all of them read from that.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ..reports.plain import visible

if TYPE_CHECKING:
    from ..grader.workers import Workers
    from ..question import Question
    from ..reports.report import QuestionReport

FOLLOWS = "with slightly different inputs"
"""The test that a function computes its answers: only `check`'s second look at the public cases, not a case."""
_workers = pytest.StashKey["Workers"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of `pytest --help`."""
    group = parser.getgroup("autograder", "assignments that grade themselves")
    group.addoption(
        "--autograder",
        action="store_true",
        help="Collect the questions of notebooks: their public cases, from the .npz beside each.",
    )
    group.addoption(
        "--autograder-hidden",
        type=Path,
        metavar="SOLUTIONS",
        help="Grade in the sandbox, hidden cases included, with the authored assignments in this folder.",
    )
    group.addoption(
        "--autograder-salt",
        type=Path,
        metavar="FILE",
        default=Path(".salt"),
        help="The secret from which hidden cases are drawn (default: .salt).",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Beside hidden cases pytest runs nothing that lies around a submission: no settings, no conftest.py.

    Raises:
        pytest.UsageError: if nobody has named the settings. pytest would look for them next to what it is to run.
    """
    known = early_config.known_args_namespace
    given = early_config.invocation_params.args  # none in a process of pytest-xdist: the first process has looked
    if known.autograder_hidden and given:
        told = [*given, *os.environ.get("PYTEST_ADDOPTS", "").split()]  # known has what a found pytest.ini adds, too
        if not any(str(argument).startswith(("-c", "--config-file")) for argument in told):
            raise pytest.UsageError(
                "With --autograder-hidden, name pytest's settings: -c your/pytest.ini, or -c /dev/null for none. Otherwise pytest "
                "takes them from the submission's folder, and whatever a student has put there runs on your account."
            )
    known.noconftest |= bool(known.autograder_hidden)


def pytest_collect_directory(path: Path, parent: pytest.Collector) -> pytest.Dir | None:
    """Any folder: pytest would import a student's __init__.py."""
    return pytest.Dir.from_parent(parent, path=path) if _is_on(parent.config) else None


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> NotebookFile | None:
    """A notebook."""
    if _is_on(parent.config) and file_path.suffix.lower() == ".ipynb":
        return NotebookFile.from_parent(parent, path=file_path)
    return None


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> NotebookFile | None:
    """A submitted .py file: pytest must not import it. Without hidden cases, only one named on the command line is meant."""
    named = {Path(argument.split("::")[0]).resolve() for argument in parent.config.args}
    if _is_on(parent.config) and (parent.config.option.autograder_hidden or module_path.resolve() in named):
        return NotebookFile.from_parent(parent, path=module_path)
    return None


def pytest_unconfigure(config: pytest.Config) -> None:
    """Ends the workers."""
    if workers := config.stash.get(_workers, None):
        workers.__exit__(None, None, None)


class CaseFailed(Exception):
    """A case does not pass; the message is for the student."""


class NotebookFile(pytest.File):
    """A submission."""

    _found: dict[str, QuestionReport] | None = None

    def collect(self) -> Iterator[QuestionNode]:
        """The questions of its assignment."""
        from ..errors import CallError
        from ..source.extract import Unreadable

        try:
            questions = self._graded() if self.config.option.autograder_hidden else self._public()
        except (CallError, Unreadable, OSError) as error:
            raise self.CollectError(visible(str(error))) from error
        for question in questions:
            yield QuestionNode.from_parent(self, name=question.name, question=question)

    def result(self, name: str) -> QuestionReport:
        """The report on a question; the first one that is asked for runs them all."""
        if self._found is None:
            grade = self._grade if self.config.option.autograder_hidden else self._check
            self._found = {question.name: question for question in grade()}
        return self._found[name]

    def _public(self) -> list[Question]:
        from ..grader.reader import Reader
        from ..student.public import answers_in
        from ..student.whole_file import read_file

        with Reader() as reader:
            defined = read_file(self.path, reader).all_defined
        return [answers.question for answers in answers_in(self.path.parent, defined).values()]

    def _check(self) -> list[QuestionReport]:
        from ..student.whole_file import check_file

        return [question for question, _ in check_file(self.path, started(self.config)).results]

    def _graded(self) -> list[Question]:
        from ..course import assignment, run
        from ..reports.left_out import Notes

        solutions = self.config.option.autograder_hidden
        with tempfile.TemporaryDirectory() as spare:
            (self._entry,) = run.begin([self.path], solutions, Path(spare), None, Path(spare), Notes()).entries
        return list(assignment.load(solutions / self._entry.assignment).questions)

    def _grade(self) -> list[QuestionReport]:
        from contextlib import nullcontext

        from ..course.classroom import grade_class
        from ..course.salt import read_salt
        from ..errors import GraderFault
        from ..grader.isolation import strongest
        from ..reports.report import State

        option = self.config.option
        cache = getattr(self.config, "cache", None)  # -p no:cacheprovider
        with nullcontext(cache.mkdir("autograder")) if cache else tempfile.TemporaryDirectory() as kept:
            (graded,) = grade_class(
                [self._entry],
                option.autograder_hidden,
                Path(kept),
                salt=read_salt(option.autograder_salt),
                jobs=1,
                isolation=strongest(),
                start=lambda level: nullcontext(started(self.config, level)),
            )
        if graded.report.status == State.GRADER_FAULT:
            raise GraderFault(graded.report.message)
        return graded.report.questions


class QuestionNode(pytest.Collector):
    """A question of a submission."""

    question: Question

    @classmethod
    def from_parent(cls, parent: NotebookFile, *, name: str, question: Question) -> QuestionNode:  # type: ignore[override]
        """As pytest makes nodes."""
        node: QuestionNode = super().from_parent(parent, name=name)
        node.question = question
        return node

    def collect(self) -> Iterator[CaseItem]:
        """A test for each case."""
        for case in self.question.cases:
            yield CaseItem.from_parent(self, name=case.name)
        if not self.config.option.autograder_hidden and not self.question.rules:
            yield CaseItem.from_parent(self, name=FOLLOWS)


class CaseItem(pytest.Item):
    """A case of a question."""

    def runtest(self) -> None:
        """Fails with what a student reads about it."""
        from ..reports.diagnosis import sentences

        node = self.parent
        assert isinstance(node, QuestionNode) and isinstance(node.parent, NotebookFile)
        question = node.parent.result(node.name)
        parts = [part for part in question.parts if part.case == self.name]
        wrong = [part for part in parts if not part.passed]
        all_pass = all(part.passed for part in question.parts)
        if self.name == FOLLOWS and not all_pass:
            pytest.skip("The public cases do not all pass yet.")
        if wrong or (self.name == FOLLOWS and question.message):
            said = list(dict.fromkeys(f"{part.part}: {part.message}" for part in wrong if part.message))
            raise CaseFailed(
                "\n".join([*said, *filter(None, [question.message]), *sentences(question)]) or "It was not run."
            )

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: None = None) -> str:  # type: ignore[override]
        """The message alone; of a fault of ours, everything."""
        from ..errors import CallError

        if isinstance(excinfo.value, (CaseFailed, CallError)):
            return visible(str(excinfo.value))
        return visible(str(super().repr_failure(excinfo)))

    def reportinfo(self) -> tuple[Path, None, str]:
        """The heading of a failure."""
        return self.path, None, f"{self.parent.name if self.parent else ''}: {self.name}"


def started(config: pytest.Config, level: str | None = None) -> Workers:
    """The workers of this run of pytest: TensorFlow is imported once."""
    from ..grader.workers import Workers

    if _workers not in config.stash:
        config.stash[_workers] = (Workers(level) if level else Workers()).__enter__()
    return config.stash[_workers]


def _is_on(config: pytest.Config) -> bool:
    return bool(config.option.autograder or config.option.autograder_hidden)
