"""Loads an assignment from `solutions/<a>/`. Adding an assignment is adding a folder; no name is known here.

Mistakes, variants and oracles are read as text: the grader needs their names and hints, and only a worker runs them.
"""

from __future__ import annotations

import ast
import importlib.util
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ..errors import CallError
from ..grader.identity import files_key
from ..grader.rules import RULES
from ..question import Question
from ..source.extract import MAX_CELL, Cell
from ..source.idle import idle_cells, without_idle
from .edits import EditError, expanded

FILES = ("notebook.py", "questions.py", "mistakes.py", "variants.py")


class AssignmentError(CallError):
    """The instructor's folder is not an assignment; the message says what to fix."""


@dataclass(frozen=True)
class Implementation:
    """A function or class of `mistakes.py` or `variants.py`.

    Attributes:
        kind: "mistake", "variant", "oracle" or "family".
        question: the question it implements.
        name: the name of the function or class.
        hint: its docstring, as one paragraph.
    """

    kind: str
    question: str
    name: str
    hint: str


@dataclass(frozen=True)
class Assignment:
    """One folder of `solutions/`."""

    folder: Path
    questions: tuple[Question, ...]
    implementations: tuple[Implementation, ...]

    @property
    def name(self) -> str:
        """The folder's name, e.g. "02_convolution"."""
        return self.folder.name

    @property
    def max_score(self) -> float:
        """The sum of the questions' points."""
        return sum(question.points for question in self.questions)

    def of_kind(self, kind: str, question: str) -> list[Implementation]:
        """The mistakes, variants or oracles of a question, in the order of the file."""
        return [i for i in self.implementations if (i.kind, i.question) == (kind, question)]

    @cached_property
    def notebook(self) -> list[tuple[str, str]]:
        """The cells of `notebook.py` as ("markdown" or "code", text)."""
        return percent_cells(self.text("notebook.py"))

    @cached_property
    def idle(self) -> frozenset[str]:
        """The cells that only draw or print."""
        code = (source for kind, source in self.notebook if kind == "code")
        return idle_cells(code, (question.name for question in self.questions))

    def text(self, file: str) -> str:
        """One of the four files as Python that runs: in "mistakes.py", edits are written out."""
        return self._mistakes if file == "mistakes.py" else (self.folder / file).read_text(encoding="utf-8")

    @cached_property
    def _mistakes(self) -> str:
        return expanded((self.folder / "mistakes.py").read_text(encoding="utf-8"), self.text("notebook.py"))

    def solution_cells(self, *files: str) -> list[Cell]:
        """The solved notebook's code without what only draws, followed by whole files such as "mistakes.py"."""
        code = [source for kind, source in self.notebook if kind == "code"]
        cells = without_idle([Cell(f"cell {i}", source) for i, source in enumerate(code, 1)], self.idle)
        return cells + [Cell(f"cell {name}", self.text(name)) for name in files]

    @cached_property
    def fingerprint(self) -> str:
        """A hash of everything that is authored here."""
        return files_key(self.folder, FILES)


def names(solutions: Path) -> list[str]:
    """The assignments in a folder, in order."""
    if not solutions.is_dir():
        raise AssignmentError(
            f"There is no folder {solutions}: name it with --solutions, or run from the course's folder."
        )
    return sorted(p.name for p in solutions.iterdir() if (p / "questions.py").is_file())


def known(wanted: Sequence[str], solutions: Path) -> list[str]:
    """The names `wanted`, all there are by default. Raises AssignmentError for one that there is not."""
    there = names(solutions)
    for name in wanted:
        if name not in there:
            raise AssignmentError(f"There is no assignment {name!r} in {solutions}; there are {', '.join(there)}.")
    return list(wanted) or there


def chosen(wanted: Sequence[str], solutions: Path) -> list[Assignment]:
    """The assignments `wanted`, all there are by default. Raises AssignmentError as `known` and `load` do."""
    return [load(solutions / name) for name in known(wanted, solutions)]


def usable(wanted: str | None, solutions: Path) -> tuple[dict[str, set[str]], dict[str, AssignmentError]]:
    """What submissions can answer, and the assignments that cannot be loaded, e.g. unfinished ones, with their errors.

    Args:
        wanted: load this one only.
        solutions: the folder of all.

    Returns:
        The names of each assignment's questions, of which those not loaded have none; and the errors.

    Raises:
        AssignmentError: if the one that is wanted, or each of them, cannot be loaded.
    """
    questions: dict[str, set[str]] = {name: set() for name in names(solutions)}
    broken: dict[str, AssignmentError] = {}
    for name in known([wanted] if wanted else (), solutions):
        try:
            questions[name] = {question.name for question in load(solutions / name).questions}
        except AssignmentError as error:
            broken[name] = error
    if wanted in broken or len(broken) == len(questions):
        raise next(iter(broken.values()))
    return questions, broken


def load(folder: Path) -> Assignment:
    """Reads and validates an assignment.

    Raises:
        AssignmentError: if a file is missing or a declaration does not fit the others.
    """
    for name in FILES:
        if not (folder / name).is_file():
            raise AssignmentError(f"{folder / name} is missing; docs/writing_a_question.md says what belongs in it.")
    questions = _questions(folder / "questions.py")
    implementations = tuple(i for name in ("mistakes.py", "variants.py") for i in _implementations(folder / name))
    assignment = Assignment(folder, questions, implementations)
    _validate(assignment)
    return assignment


def percent_cells(text: str) -> list[tuple[str, str]]:
    """The cells of a py:percent file, by jupytext's rules."""
    import jupytext

    notebook = jupytext.reads(text, fmt="py:percent")
    return [(cell.cell_type, cell.source) for cell in notebook.cells]


def _questions(path: Path) -> tuple[Question, ...]:
    spec = importlib.util.spec_from_file_location(f"questions_{path.parent.name}", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    bytecode, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise AssignmentError(f"{path} cannot be loaded: {type(error).__name__}: {error}") from error
    finally:
        sys.dont_write_bytecode = bytecode
    found = getattr(module, "QUESTIONS", None)
    if not isinstance(found, tuple) or not all(isinstance(q, Question) for q in found) or not found:
        raise AssignmentError(f"{path} must define QUESTIONS, a tuple of Question.")
    return found


def _implementations(path: Path) -> list[Implementation]:
    found = []
    try:
        statements = ast.parse(path.read_text(encoding="utf-8"), path).body
    except (SyntaxError, ValueError) as error:
        raise AssignmentError(f"{path} is not valid Python: {error}") from error
    for node in statements:
        if not isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            continue
        for decorator in node.decorator_list:
            match decorator:
                case ast.Call(ast.Name("mistake" | "variant" | "oracle" | "family" as kind), [ast.Constant(question)]):
                    hint = re.sub(r"\s+", " ", ast.get_docstring(node) or "").strip()
                    found.append(Implementation(kind, str(question), node.name, hint))
                case ast.Call(ast.Name("mistake" | "variant" | "oracle" | "family" as kind)):
                    raise AssignmentError(f'{path}: {node.name} needs its question\'s name, e.g. @{kind}("conv2d").')
    return found


def _validate(assignment: Assignment) -> None:
    where = assignment.folder
    known = [q.name for q in assignment.questions]
    solved = assignment.text("notebook.py")
    for question in assignment.questions:
        if known.count(question.name) > 1:
            raise AssignmentError(f"{where}/questions.py declares {question.name} twice.")
        if not any(case.public for case in question.cases):
            raise AssignmentError(f"{where}/questions.py: {question.name} has no public case.")
        if unknown := set(question.rules) - set(RULES):
            raise AssignmentError(
                f"{where}/questions.py: {question.name} has no rule {sorted(unknown)}; there are {list(RULES)}."
            )
        if len({case.name for case in question.cases}) != len(question.cases):
            raise AssignmentError(f"{where}/questions.py: two cases of {question.name} share a name.")
        if unknown := set(question.steady) - set(question.outputs):
            raise AssignmentError(
                f"{where}/questions.py: {question.name} has no output {sorted(unknown)} to be steady."
            )
        for case in question.cases:
            absent = [name for name in question.wrt if name not in case.arguments]
            if absent:
                raise AssignmentError(f"{where}/questions.py: {question.name}, case {case.name!r} lacks wrt {absent}.")
        if not re.search(rf"^(def|class) {question.name}[(:]", solved, re.MULTILINE):
            raise AssignmentError(f"{where}/notebook.py does not define {question.name}.")
        if not re.search(rf'^check\("{question.name}"\)$', solved, re.MULTILINE):
            raise AssignmentError(f'{where}/notebook.py has no cell check("{question.name}").')
    seen: set[str] = set()
    for item in assignment.implementations:
        if item.question not in known:
            raise AssignmentError(f"{where}: {item.kind} {item.name} is for {item.question!r}, which is no question.")
        if item.name in seen or item.name in known:
            raise AssignmentError(f"{where}: the name {item.name} is taken twice.")
        if item.kind == "mistake" and not item.hint:
            raise AssignmentError(
                f"{where}/mistakes.py: {item.name} has no docstring, so a student would read no hint."
            )
        seen.add(item.name)
    try:
        size = len(assignment.text("mistakes.py"))
    except EditError as error:
        raise AssignmentError(f"{where}/mistakes.py: {error}") from error
    if size > MAX_CELL:  # the audit submits it as a cell, and a cell that is too large is left out
        raise AssignmentError(
            f"{where}/mistakes.py: with its edits written out, it has {size:,} characters; {MAX_CELL:,} are read."
        )
