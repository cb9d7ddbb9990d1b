"""A hole in the cases is found, and what is no hole is not called one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import tiny

from autograder.course import assignment as bank
from autograder.course import mutants as testing
from autograder.course.mutants import QuestionMutants
from autograder.course.mutate import Mutant, mutants
from autograder.grader.workers import Workers

DOMAINS = (
    tiny.QUESTIONS.replace("from autograder", "import numpy as np\nfrom autograder", 1)
    .replace(
        "factor=-1.5),\n        ),\n",
        "factor=-1.5),\n        ),\n        domain=lambda rng: {'x': normal(2, 3), 'factor': float(rng.normal())},\n",
    )
    .replace(
        "x=normal(3, 5))),\n", "x=normal(3, 5))),\n        domain=lambda rng: {'x': normal(*rng.integers(1, 5, 2))},\n"
    )
)
SOUND = DOMAINS.replace(
    "factor=-1.5),\n", "factor=-1.5),\n            Case('float64', dtype='float64', x=normal(3, 4), factor=0.7),\n"
).replace("x=normal(3, 5))),\n", "x=normal(3, 5)), Case('float64', dtype='float64', x=normal(7, 5))),\n")
"""The tiny assignment with domains, and with cases in float64 as well."""


def examined(tmp_path: Path, workers: Workers, questions: str) -> dict[str, QuestionMutants]:
    mistakes = (
        tiny.MISTAKES + '\n\n@mistake("scale")\ndef divided(x, factor):\n    """Divided."""\n    return x / factor\n'
    )
    folder = tiny.write_assignment(tmp_path / "solutions", questions=questions, mistakes=mistakes)
    found = testing.examine(bank.load(folder), tiny.SALT, workers, jobs=1)
    return {result.question: result for result in found}


@pytest.mark.tensorflow
def test_a_sound_assignment_has_no_hole(tmp_path: Path, workers: Workers) -> None:
    found = examined(tmp_path, workers, SOUND)
    assert [(r.misses, r.holes, r.undecided) for r in found.values()] == [([], [], []), ([], [], [])]
    assert found["scale"].killed >= 5 and found["total"].killed >= 10
    assert [m.after for m in found["scale"].equivalent] == []
    assert found["scale"].named == 1  # of the mutants, `mistakes.py` knows x / factor only


@pytest.mark.tensorflow
def test_what_no_case_notices_is_a_hole(tmp_path: Path, workers: Workers) -> None:
    """Nothing is graded in float64; and sums of one row cannot tell columns from entries."""
    blunt = DOMAINS.replace(
        'x=normal(2, 3)), Case("three rows", x=normal(3, 5))', 'x=normal(2, 2)), Case("more", x=normal(2, 2))'
    )
    found = examined(tmp_path, workers, blunt)
    assert {mutant.kind for mutant, _ in found["scale"].holes} == {"through float32"}
    axes = [where for mutant, where in found["total"].holes if mutant.kind == "constant"]
    assert axes and all(where.startswith(("x (", "x [")) and "The output count" in where for where in axes)
    assert any("got full points. It is wrong for" in miss for miss in found["total"].misses)


@pytest.mark.tensorflow
def test_survivors_of_a_question_without_a_domain_are_not_called_equivalent(tmp_path: Path, workers: Workers) -> None:
    found = examined(tmp_path, workers, tiny.QUESTIONS)
    assert found["scale"].undecided and not found["scale"].equivalent and not found["scale"].holes
    assert "Declare the question's `domain`" in found["scale"].misses[0]


GATED = (
    '# %%\nimport numpy as np\nfrom autograder import check\n\n# %%\ndef positive(x):\n    """Which numbers are positive."""\n'
    '    ### BEGIN SOLUTION\n    return (np.asarray(x) > 0).astype(int)\n    ### END SOLUTION\n\n# %%\ncheck("positive")\n',
    "import numpy as np\nfrom autograder.question import Case, Exam, Question\n\nX = np.array([-3.0, -2.0, -1.0, 0.5, 2.0, 3.0])\n"
    "EXAM = Exam(labels=np.array([0, 0, 0, 1, 1, 1]), classes=2)\n"
    "QUESTIONS = (Question('positive', points=1, gate=0.8, cases=(Case('six', public=True, exam=EXAM, x=X),)),)\n",
)
"""A question with a gate: `x > 1` is right five times of six."""


@pytest.mark.tensorflow
def test_where_a_share_of_right_answers_is_asked_for_what_reaches_it_is_right(tmp_path: Path, workers: Workers) -> None:
    notebook, questions = GATED
    folder = tiny.write_assignment(tmp_path, notebook=notebook, questions=questions, mistakes="", variants="")
    (found,) = testing.examine(bank.load(folder), tiny.SALT, workers, jobs=1)
    assert found.misses == [] and found.killed
    assert {mutant.after for mutant in found.equivalent} == {"(-1)", "1", "(np.asarray(x) >= 0)"}


@pytest.mark.tensorflow
def test_a_mutant_that_hangs_or_ends_the_process_is_killed_and_the_others_are_judged(
    tmp_path: Path, workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tiny.write_assignment(tmp_path / "solutions", questions=SOUND.replace("points=4,", "points=4, seconds=1,"))
    assignment = bank.load(folder)
    source = "def scale(x, factor):\n    {}\n    return x * factor\n"
    bodies = ("while True: pass", "import os; os._exit(0)", "x = -x", "pass")
    made = [Mutant("kind", 2, "", body, source.format(body)) for body in bodies]
    monkeypatch.setattr(testing, "mutants_of", lambda _, question: made if question == "scale" else [])
    scale, _ = testing.examine(assignment, tiny.SALT, workers, jobs=1)
    assert (scale.killed, [m.after for m in scale.equivalent], scale.holes) == (3, ["pass"], [])


def test_only_what_a_student_writes_is_changed(tmp_path: Path) -> None:
    assignment = bank.load(tiny.write_assignment(tmp_path / "solutions"))
    found = testing.mutants_of(assignment, "scale")
    assert found and {m.line for m in found} == {4}
    assert {"gradient cut", "through float32"} <= {m.kind for m in found}
    assert "gradient cut" not in {m.kind for m in testing.mutants_of(assignment, "total")}  # it asks for no gradients


def test_a_domain_is_drawn_in_both_precisions_and_again_by_the_same_salt(tmp_path: Path) -> None:
    scale, total = bank.load(tiny.write_assignment(tmp_path / "solutions", questions=DOMAINS)).questions
    one, again, other = (testing.drawn_from_domain(scale, salt).materialised(salt) for salt in ("a", "a", "b"))
    assert len(one.cases) == 100 and not one.public_cases
    assert one.seconds == 120 and testing.drawn_from_domain(replace(scale, seconds=200), "a").seconds == 200
    assert [case.dtype for case in one.cases[:3]] == ["float32", "float64", "float32"]
    assert len({case.arguments["factor"] for case in one.cases}) == 100
    assert [c.arguments["factor"] for c in one.cases] == [c.arguments["factor"] for c in again.cases]
    assert [c.arguments["factor"] for c in one.cases] != [c.arguments["factor"] for c in other.cases]
    assert (
        len({case.arguments["x"].shape for case in testing.drawn_from_domain(total, "a").materialised("a").cases}) > 5
    )


def mutant(line: int = 3) -> Mutant:
    return Mutant("operator", line, "a + b", "(a - b)", "")


RESULTS = [
    QuestionMutants("f", 10, 7, 4, 6, [mutant(3), mutant(4)], [(mutant(5), "x (2, 3), float32: off")]),
    QuestionMutants("g", 4, 4, 1, 3),
    QuestionMutants("h", 2, 0, 0, 0, [mutant()], [], [mutant(9)]),
]


def test_the_table_counts_and_the_score_leaves_the_equivalent_out() -> None:
    lines = testing.table("90_tiny", RESULTS).splitlines()
    assert lines[0] == "| question | mutants | killed | named | told | survivors | equivalent | holes | score |"
    assert lines[2] == "| f | 10 | 7 | 4 | 6 | 3 | 2 | 1 | 87.5% |"
    assert lines[3] == "| g | 4 | 4 | 1 | 3 | 0 | 0 | 0 | 100.0% |"
    assert lines[4] == "| h | 2 | 0 | 0 | 0 | 2 | 1 | 1 | 0.0% |"
    assert lines[5] == "| **90_tiny** | 16 | 11 | 5 | 9 | 5 | 3 | 2 | 84.6% |"


def test_before_anything_is_counted_all_counts_are_zero() -> None:
    assert (
        testing.table("90_tiny", [QuestionMutants("f")]).splitlines()[2] == "| f | 0 | 0 | 0 | 0 | 0 | 0 | 0 | 0.0% |"
    )


def test_the_page_names_every_survivor() -> None:
    text = testing.section("90_tiny", RESULTS)
    assert "autograder audit --mutants 90_tiny" in text
    assert text.count("operator in line") == 5
    assert "Of f, **not noticed**" in text and "It is wrong for x (2, 3), float32: off" in text
    assert "Of h, **not noticed**" in text and "Of g" not in text


def test_a_gradient_is_cut_where_it_is_assigned_but_not_behind_pythons_own_functions() -> None:
    source = "y = x * 2\nz = tf.exp(x)\nn = len(x)\nm = 3\nd = float(x.shape[0])\n"
    cut = [m.after for m in mutants(source, more=[testing._cut_gradient]) if m.kind == "gradient cut"]
    assert cut == ["tf.stop_gradient(x * 2)", "tf.stop_gradient(tf.exp(x))"]
