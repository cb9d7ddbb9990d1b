"""Shared fixtures. The quick tier (`-m "not tensorflow"`) never imports TensorFlow; a worker is started once a session."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
import tiny

from autograder.course import assignment as assignments
from autograder.course.assignment import Assignment
from autograder.course.solve import answers_of
from autograder.grader.answers import Answers
from autograder.grader.grade import Marking
from autograder.grader.workers import Workers

# The same examples in every run, and no deadline: a busy machine is no defect.
hypothesis.settings.register_profile("course", max_examples=40, deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("course")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leaves out what takes long, unless asked for."""
    if not os.environ.get("AUTOGRADER_SLOW"):
        for item in items:
            if item.get_closest_marker("slow"):
                item.add_marker(pytest.mark.skip(reason="takes long: set AUTOGRADER_SLOW=1"))


@pytest.fixture(autouse=True)
def _only_marked_tests_import_tensorflow(request: pytest.FixtureRequest) -> Iterator[None]:
    before = "tensorflow" in sys.modules
    yield
    if not before and not request.node.get_closest_marker("tensorflow"):
        assert "tensorflow" not in sys.modules, "this test imports TensorFlow: mark it with pytest.mark.tensorflow"


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A module that imports TensorFlow while tests are collected spoils the quick tier without any test at fault."""
    quick = not any(item.get_closest_marker("tensorflow") for item in session.items)
    if session.items and quick and "tensorflow" in sys.modules:
        print("\nTensorFlow was imported, but no selected test is marked with pytest.mark.tensorflow", file=sys.stderr)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def real_data() -> Path:
    """A folder with the published MNIST files and a CIFAR-10 sample; tests never download them."""
    folder = Path(os.environ.get("CNN_TEST_DATA", Path(__file__).parents[2] / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(
            f"there is no real data in {folder}; CNN_TEST_DATA can name a folder with mnist/ and cifar10-sample/"
        )
    return folder


@pytest.fixture(scope="session")
def tiny_solutions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A `solutions/` folder with the tiny assignment. Not to be changed."""
    solutions = tmp_path_factory.mktemp("course") / "solutions"
    tiny.write_assignment(solutions)
    return solutions


@pytest.fixture(scope="session")
def tiny_assignment(tiny_solutions: Path) -> Assignment:
    """The tiny assignment."""
    return assignments.load(tiny_solutions / tiny.NAME)


@pytest.fixture(scope="session")
def workers() -> Iterator[Workers]:
    """One warm worker for all tests."""
    with Workers() as started:
        yield started


@pytest.fixture(scope="session")
def tiny_answers(tiny_assignment: Assignment, workers: Workers) -> dict[str, Answers]:
    """The answers of the tiny assignment, public and hidden."""
    return answers_of(tiny_assignment, tiny.SALT, workers)


@pytest.fixture(scope="session")
def tiny_marking(tiny_assignment: Assignment, tiny_answers: dict[str, Answers], workers: Workers) -> Marking:
    """What tiny submissions are graded with."""
    return Marking(tiny.NAME, tiny_answers, tiny_assignment.fingerprint, tiny.SALT, workers.level)
