"""Mistakes that are an edit of the solved function: `@mistake("softmax", replace="axis=-1", by="axis=0")` above an empty one."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping

Defined = ast.FunctionDef | ast.ClassDef


class EditError(ValueError):
    """An edit that does not fit the solved function; the message says why."""


def expanded(mistakes: str, solved: str) -> str:
    r"""The text of `mistakes.py` in which every edit is written out as the wrong function that it describes.

    Args:
        mistakes: the text of `mistakes.py`.
        solved: the code of the solved notebook.

    Raises:
        EditError: if a text to replace does not occur exactly once below the solved function's docstring, or the result is no
            Python.

    Example:
        >>> edit = '@mistake("half", replace="2", by="3")\ndef third(x):\n    "Divided by 3."'
        >>> print(expanded(edit, "def half(x):\n    return x / 2"))
        def third(x):
            return x / 3
    """
    lines, solutions = mistakes.split("\n"), _definitions(solved)
    for node in reversed(ast.parse(mistakes).body):  # from the end: lines above keep their numbers
        if isinstance(node, Defined) and (edit := _edit_of(node)):
            first = min(decorator.lineno for decorator in node.decorator_list)
            lines[first - 1 : node.end_lineno] = [_edited(solutions, node.name, *edit)]
    return "\n".join(lines)


def _edit_of(node: Defined) -> tuple[str, str, str] | None:
    """The question of a mistake, what is replaced in its solved function, and by what; None if it is written out.

    Raises:
        EditError: if one of the two texts is missing, or is no text.
    """
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and decorator.keywords:
            try:
                named = {word.arg: ast.literal_eval(word.value) for word in decorator.keywords}
                return str(ast.literal_eval(decorator.args[0])), str(named["replace"]), str(named["by"])
            except (LookupError, ValueError):
                example = '@mistake("softmax", replace="axis=-1", by="axis=0")'
                raise EditError(f"{node.name} needs two texts, e.g. {example}.") from None
    return None


def _definitions(solved: str) -> dict[str, tuple[str, str]]:
    """By name, the head of each function or class, and its body without the docstring."""
    found, lines = {}, solved.split("\n")
    for node in ast.parse(solved).body:
        if isinstance(node, Defined):
            first, signature_ends = node.lineno - 1, node.body[0].lineno - 1
            body = node.body[0].end_lineno if ast.get_docstring(node) else signature_ends
            found[node.name] = "\n".join(lines[first:signature_ends]), "\n".join(lines[body : node.end_lineno])
    return found


def _edited(solutions: Mapping[str, tuple[str, str]], name: str, question: str, old: str, new: str) -> str:
    """The solved function of a question under another name, with one text replaced."""
    if question not in solutions:
        raise EditError(f"{name} edits {question}, which the solved notebook does not define.")
    head, body = solutions[question]
    if (count := body.count(old)) != 1 or old == new:
        raise EditError(
            f"{name}: {old!r} occurs {count} times in the solved {question}; replace a text that occurs once."
        )
    whole = "\n".join(filter(None, [head, body.replace(old, new)]))
    whole = re.sub(rf"^(def|class) {question}\b", rf"\1 {name}", whole)
    try:
        ast.parse(whole)
    except SyntaxError as error:
        raise EditError(f"{name}: with {new!r}, the solved {question} is no valid Python: {error.msg}.") from error
    return whole
