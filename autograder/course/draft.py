"""A draft of a new assignment: four files that pass their audit as they stand, in which the author replaces the placeholders.

The placeholder of `f(q, k, mask=None)` is the sum q * q + 2.0 * k: what has no default is taken for a tensor.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined  # the four files as templates

from .. import files
from ..errors import CallError

_PARTS = ("notebook.py", "questions.py", "mistakes.py", "variants.py")
_BESIDE = {"gitignore": ".gitignore", "nbgrader_config.py": "nbgrader_config.py"}
"""What a course has beside `solutions/`, by template."""


_TAKEN = {"check", "tf"}
"""What the notebook imports."""
_ARGUMENTS = {"public", "exam", "dtype"}
"""What a case is told by keyword beside the arguments of the function."""


class DraftError(CallError):
    """No draft can be made; the message says why."""


@dataclass(frozen=True)
class Stub:
    """A function that students will write.

    Attributes:
        name: its name.
        signature: as authors write it.
        tensors: its parameters without a default.
        options: the others, with their defaults as text.
    """

    name: str
    signature: str
    tensors: tuple[str, ...]
    options: tuple[tuple[str, str], ...]

    @property
    def terms(self) -> list[str]:
        """What the placeholder adds up."""
        first, *rest = self.tensors
        return [f"{first} * {first}", *(f"{number}.0 * {name}" for number, name in enumerate(rest, 2))]

    @property
    def placeholder(self) -> str:
        """The sum as Python."""
        return " + ".join(self.terms)

    @property
    def parameters(self) -> str:
        """All of them, without defaults."""
        return ", ".join([*self.tensors, *(name for name, _ in self.options)])

    def arguments(self, tensor: str) -> str:
        """The arguments of a case: `tensor` for every tensor, the defaults for the rest."""
        return ", ".join(f"{name}={value}" for name, value in (*((t, tensor) for t in self.tensors), *self.options))


def stub(signature: str) -> Stub:
    """Reads a signature.

    Args:
        signature: a name with its parameters, e.g. "attention(q, k, v, mask=None)".

    Raises:
        DraftError: it is none, or nothing in it can be a tensor.

    Example:
        >>> stub("attention(q, k, mask=None)").terms
        ['q * q', '2.0 * k']
    """
    try:
        (node,) = ast.parse(f"def {signature}: pass").body
    except (SyntaxError, ValueError):
        node = None
    if not isinstance(node, ast.FunctionDef):
        raise DraftError(f'{signature!r} is no signature. Write one as "attention(q, k, v, mask=None)".')
    if node.name in _TAKEN:
        raise DraftError(f"The name {node.name} is taken in the notebook.")
    found = node.args
    if found.vararg or found.kwarg:
        raise DraftError(f"{node.name}: functions are called with keyword arguments, so *args and **kwargs stay empty.")
    names = [argument.arg for argument in (*found.posonlyargs, *found.args, *found.kwonlyargs)]
    given = [*found.defaults, *found.kw_defaults]
    if taken := _ARGUMENTS.intersection(names):
        raise DraftError(f"{node.name}: a Case says something else by {min(taken)}; call the parameter otherwise.")
    pairs = list(zip(names, [*[None] * (len(names) - len(given)), *given], strict=True))
    tensors = tuple(name for name, default in pairs if default is None)
    if found.posonlyargs:
        raise DraftError(f"{node.name}: parameters before / cannot be named.")
    if not tensors:
        raise DraftError(f"{node.name}: one parameter without a default is needed.")
    return Stub(node.name, signature, tensors, tuple((n, ast.unparse(d)) for n, d in pairs if d is not None))


def draft(name: str, signatures: list[str], solutions: Path) -> list[Path]:
    """Writes the four files of a new assignment, and beside `solutions` what a course needs if it is not there yet.

    Args:
        name: of the assignment, e.g. "01_attention".
        signatures: of the functions that students will write, see `stub`.
        solutions: the folder of authored assignments.

    Returns:
        The files written.

    Raises:
        DraftError: the assignment exists, or a name or signature does not do.
    """
    stubs = [stub(signature) for signature in signatures]
    folder = solutions / name
    if not re.fullmatch(r"[A-Za-z0-9]\w*", name):
        raise DraftError(f"{name!r} cannot be the name of an assignment: use letters, digits and _.")
    if folder.exists():
        raise DraftError(f"{folder} exists already; nothing was changed.")
    taken = [each.name for each in stubs]
    if bad := [each for each in taken if taken.count(each) > 1]:
        raise DraftError(f"{bad[0]} is there twice.")
    made = [(f"{part}.jinja", folder / part) for part in _PARTS]
    made += [(f"{t}.jinja", solutions.parent / p) for t, p in _BESIDE.items() if not (solutions.parent / p).exists()]
    environment, course = _environment(), solutions.resolve().parent.name
    texts = {path: environment.get_template(t).render(name=name, stubs=stubs, course=course) for t, path in made}
    folder.mkdir(parents=True)
    for path, text in texts.items():
        files.write(path, text)
    return list(texts)


def _environment() -> Environment:
    loader = PackageLoader("autograder.course")
    return Environment(loader=loader, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True, autoescape=False)  # noqa: S701 - it makes Python, not HTML  # fmt: skip
