"""An audit that cannot fail is worth nothing: everything that can be wrong with an assignment is wrong in one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tiny

from autograder.course import assignment as assignments
from autograder.course import references
from autograder.course.assignment import Assignment, AssignmentError
from autograder.course.audit import QuestionAudit, audit
from autograder.course.solve import answers_of
from autograder.grader.workers import Workers
from autograder.question import Case, Question, array

pytestmark = pytest.mark.tensorflow


def test_a_sound_assignment_has_no_misses_on_any_salt(tiny_assignment: Assignment, workers: Workers) -> None:
    steps: list[tuple[int, int]] = []
    scale, total = audit(
        tiny_assignment, ["one", "two"], workers, on_step=lambda done, all_: steps.append((done, all_))
    )
    assert scale.misses == [] and total.misses == []
    counts = ("mistakes", "caught", "named", "told", "variants", "passed", "oracles", "differences", "misses")
    assert [getattr(scale, name) for name in counts] == [6, 6, 4, 2, 2, 2, 2, 4, []]
    assert [getattr(total, name) for name in counts] == [4, 4, 4, 0, 2, 2, 2, 0, []]
    assert steps == [(n, 14) for n in range(1, 15)]


NOTEBOOK = """\
# %%
import tensorflow as tf
from autograder import check

# %%
def scale(x, factor):
    return x * factor

# %%
check("scale")

# %%
def steep(x):
    @tf.custom_gradient
    def square(x):
        return x * x, lambda dy: 2.01 * x * dy
    return square(x)

# %%
check("steep")

# %%
def shifted(x):
    return x + 1.0

# %%
check("shifted")
"""
QUESTIONS = """\
from autograder.question import Case, Question, normal

def cases():
    return Case("small", public=True, x=normal(2, 3)), Case("large", x=normal(4, 5))

QUESTIONS = (
    Question("scale", points=2, cases=tuple(Case(c.name, public=c.public, factor=3.0, **c.arguments) for c in cases())),
    Question("steep", points=2, cases=cases(), wrt=("x",)),
    Question("shifted", points=2, cases=cases()),
)
"""
MISTAKES = '''\
import tensorflow as tf
from autograder.question import mistake

@mistake("scale")
def the_same(x, factor):
    """It is what the reference does."""
    return factor * x

@mistake("scale")
def doubled(x, factor):
    """It is doubled."""
    return 2.0 * x * factor

@mistake("scale")
def doubled_again(x, factor):
    """It is doubled in other words."""
    return x * factor + x * factor

@mistake("scale")
def only_small(x, factor):
    """It is wrong on large inputs only."""
    return x * factor if x.shape[0] < 3 else x

@mistake("shifted")
def crashes(x):
    """It ends the process."""
    import os
    os._exit(1)
'''
VARIANTS = """\
import numpy as np
import tensorflow as tf
from autograder.question import oracle, variant

@variant("scale")
def wrong_variant(x, factor):
    return x * (factor + 0.01)

@variant("scale")
def variant_that_raises(x, factor):
    raise ValueError("not finished")

@variant("scale")
def variant_with_the_wrong_dtype(x, factor):
    return x.numpy().astype("float64") * factor

@oracle("shifted")
def wrong_oracle(x):
    return np.asarray(x) + 1.000001

@oracle("shifted")
def oracle_of_another_shape(x):
    return np.asarray(x)[:1] + 1

@oracle("shifted")
def oracle_that_raises(x):
    raise RuntimeError("not finished")

@oracle("shifted")
def right_oracle(x):
    return np.asarray(x) + 1
"""


@pytest.fixture(scope="module")
def unsound(tmp_path_factory: pytest.TempPathFactory, workers: Workers) -> dict[str, QuestionAudit]:
    folder = tiny.write_assignment(
        tmp_path_factory.mktemp("unsound"), notebook=NOTEBOOK, questions=QUESTIONS, mistakes=MISTAKES, variants=VARIANTS
    )
    return {result.question: result for result in audit(assignments.load(folder), ["one", "two"], workers)}


def misses(unsound: dict[str, QuestionAudit], question: str, of: str, salt: str = "one") -> list[str]:
    return [
        miss
        for miss in unsound[question].misses
        if of in miss.replace(",", " ").replace(":", " ").split() and f"salt '{salt}'" in miss
    ]


@pytest.mark.parametrize("salt", ["one", "two"])
@pytest.mark.parametrize("question, of, said", [
    ("scale", "the_same", "got full points: in all 2 cases it gives what the reference gives, up to rounding."),
    ("scale", "doubled_again", "mistake doubled"),
    ("scale", "wrong_variant", "is failed: case 'small', value: The value differs from the expected one in 6 of 6 entries. At ["),
    ("scale", "variant_that_raises", "is error: case 'small', value: scale raised ValueError: not finished. (cell"),
    ("scale", "variant_with_the_wrong_dtype", "is failed: case 'small', value: The value should be float32 like the input"),
    ("steep", "wrt", "the tape says"),
    ("shifted", "wrong_oracle", "value differs from that of the reference in"),
    ("shifted", "oracle_of_another_shape", "value has another shape"),
    ("shifted", "oracle_that_raises", "it raised RuntimeError: not finished"),
])  # fmt: skip
def test_everything_that_is_wrong_is_a_miss_on_every_salt(
    unsound: dict[str, QuestionAudit], question: str, of: str, said: str, salt: str
) -> None:
    found = misses(unsound, question, of, salt)
    assert found and all(said in miss for miss in found), unsound[question].misses


def test_what_is_right_is_no_miss(unsound: dict[str, QuestionAudit]) -> None:
    told = " ".join(miss for result in unsound.values() for miss in result.misses)
    for name in ("right_oracle", "only_small"):
        assert name not in told
    assert not [miss for miss in unsound["scale"].misses if "mistake doubled is" in miss]


def test_a_mistake_that_shows_nothing_to_compare_is_no_named_mistake(unsound: dict[str, QuestionAudit]) -> None:
    assert unsound["shifted"].caught == 2 and unsound["shifted"].named == 0
    assert misses(unsound, "shifted", "crashes") == [], "an exception is told as what it is"


def test_too_few_mistakes_or_variants_are_a_miss(unsound: dict[str, QuestionAudit]) -> None:
    lacking = {name: [m for m in result.misses if "needed" in m] for name, result in unsound.items()}
    assert lacking["scale"] == []
    assert lacking["shifted"] == [
        "mistakes.py has 1 for it, but at least 2 are needed",
        "variants.py has 0 for it, but at least 1 is needed",
    ]
    assert len(lacking["steep"]) == 2 and "mistakes.py has 0" in lacking["steep"][0]


def test_the_numbers_add_up(unsound: dict[str, QuestionAudit]) -> None:
    scale = unsound["scale"]
    assert (scale.mistakes, scale.caught, scale.named) == (8, 6, 2)
    assert (scale.variants, scale.passed) == (6, 0)
    assert (unsound["shifted"].oracles, unsound["steep"].differences) == (8, 4)


def load(tmp_path: Path, **changed: str) -> Assignment:
    return assignments.load(tiny.write_assignment(tmp_path, **changed))


@pytest.mark.parametrize("old, new", [
    ("return x * factor\n    ###", "return x.numpy() * factor\n    ###"),
    ("return x * factor\n    ###", "raise ValueError('not solved')\n    ###"),
    ("return x * factor\n    ###", "return x / 0.0\n    ###"),
    ("return x * factor\n    ###", "import os; os._exit(1)\n    ###"),
])  # fmt: skip
def test_a_reference_that_fails_its_own_cases_is_refused(tmp_path: Path, workers: Workers, old: str, new: str) -> None:
    assert old in tiny.NOTEBOOK
    assignment = load(tmp_path, notebook=tiny.NOTEBOOK.replace(old, new))
    with pytest.raises(AssignmentError, match="the solved scale fails its own cases"):
        answers_of(assignment, "salt", workers)


def test_answers_are_kept_and_a_damaged_copy_is_made_anew(
    tmp_path: Path, tiny_assignment: Assignment, workers: Workers
) -> None:
    def kept() -> list[Path]:
        return sorted((tmp_path / "cache").iterdir())

    fresh = answers_of(tiny_assignment, "salt", workers, tmp_path / "cache")
    (file,) = kept()
    data = file.read_bytes()
    assert b"salt" not in file.name.encode() and b"def " not in data
    file.write_bytes(data[:200])
    assert set(answers_of(tiny_assignment, "salt", workers, tmp_path / "cache")) == set(fresh)
    assert file.read_bytes() == data, "the same salt draws the same"


def test_a_moved_scalar_is_still_an_array() -> None:
    """The reference takes it as a tensor, as it takes the unmoved one."""
    case = Case("a number", x=array(2.0))
    question = Question("square", points=1, cases=(case,), wrt=("x",))
    up, down = (references._moved(question, case, "x", sign, "a salt") for sign in (1, -1))
    assert isinstance(up, np.ndarray) and up.shape == down.shape == ()
    assert up != down and abs(up + down - 4) < 1e-12
