"""What happens to a notebook between the release and the hand-in.

An *edit* changes a notebook as a student would; a *form* turns it into the bytes of a file. Right and wrong answers
come from `solutions/`, so that nothing is written twice.
"""

from __future__ import annotations

import ast
import codecs
import json
import re
import textwrap
from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.course.assignment import Assignment, load
from autograder.course.release import source_notebook

SOLVED = re.compile(r"^ *### (BEGIN|END) SOLUTION\n?", re.MULTILINE)


class Notebook:
    """An assignment's notebook in a student's hands; it begins as nbgrader releases it.

    Attributes:
        assignment: what it answers.
        document: the notebook itself.
    """

    def __init__(self, folder: Path) -> None:
        self.assignment = _assignment(folder)
        self.document = deepcopy(_released(folder))

    @property
    def cells(self) -> list[NotebookNode]:
        """Its cells, prose included."""
        return self.document.cells

    def cell(self, question: str) -> NotebookNode:
        """The first cell that defines the function of a question."""
        return next(
            cell for cell in self.cells if re.search(rf"^(def|class) {question}[(:]", cell.source, re.MULTILINE)
        )

    def function(self, question: str) -> tuple[list[str], list[str]]:
        """The lines of a question's cell, up to the docstring's end and after it."""
        lines = self.cell(question).source.split("\n")
        node = next(n for n in ast.parse("\n".join(lines)).body if getattr(n, "name", "") == question)
        end = node.body[0].end_lineno
        return lines[:end], lines[end : node.end_lineno]

    def insert(self, code: str, at: int) -> None:
        """A code cell of the student's own, with the random id that Jupyter would give it made repeatable."""
        taken = {cell.get("id") for cell in self.cells}
        number = next(n for n in range(len(taken) + 1) if f"own-{n}" not in taken)
        self.cells.insert(at, nbformat.v4.new_code_cell(textwrap.dedent(code).strip(), id=f"own-{number}"))


@cache
def _assignment(folder: Path) -> Assignment:
    return load(folder)


@cache
def _released(folder: Path) -> NotebookNode:
    from nbgrader.preprocessors import ClearSolutions

    return ClearSolutions().preprocess(source_notebook(_assignment(folder)), {})[0]


@cache
def _solved(folder: Path) -> NotebookNode:
    return source_notebook(_assignment(folder))


Edit = Callable[[Notebook], None]
Form = Callable[[Notebook], bytes]


# Answers


def solved(notebook: Notebook) -> None:
    """Every stub is filled in as in the solved notebook."""
    for cell, source in zip(notebook.cells, _solved(notebook.assignment.folder).cells, strict=True):
        cell.source = SOLVED.sub("", source.source).rstrip()


def only(*questions: str) -> Edit:
    """These questions are solved, the other stubs are untouched."""

    def edit(notebook: Notebook) -> None:
        finished = Notebook(notebook.assignment.folder)
        solved(finished)
        for question in questions:
            notebook.cell(question).source = finished.cell(question).source

    return edit


def like(*names: str) -> Edit:
    """Answers like these functions of `mistakes.py` and `variants.py`, below the stub's own docstring."""

    def edit(notebook: Notebook) -> None:
        for name in names:
            item = next(i for i in notebook.assignment.implementations if i.name == name)
            source = notebook.assignment.text("mistakes.py" if item.kind == "mistake" else "variants.py")
            above, header, body = _lifted(source, name, item.question)
            present = notebook.cells[1].source.split("\n")
            above = [piece for piece in above if piece not in present]
            stub, _ = Notebook(notebook.assignment.folder).function(item.question)
            docstring = stub[next(i for i, line in enumerate(stub) if line.lstrip().startswith('"""')) :]
            notebook.cell(item.question).source = "\n".join([*above, *header, *docstring, *body])

    return edit


def body(question: str, code: str) -> Edit:
    """The student's own code below the docstring."""

    def edit(notebook: Notebook) -> None:
        above, _ = notebook.function(question)
        notebook.cell(question).source = "\n".join([*above, _indented(code)])

    return edit


def first(question: str, code: str) -> Edit:
    """Code above what stands in the function."""

    def edit(notebook: Notebook) -> None:
        above, rest = notebook.function(question)
        notebook.cell(question).source = "\n".join([*above, _indented(code), *rest])

    return edit


def last(question: str, code: str) -> Edit:
    """Code below what stands in the function."""

    def edit(notebook: Notebook) -> None:
        above, rest = notebook.function(question)
        notebook.cell(question).source = "\n".join([*above, *rest, _indented(code)])

    return edit


def reworded(question: str, words: dict[str, str]) -> Edit:
    """Words of the cell that defines a question are replaced by others."""

    def edit(notebook: Notebook) -> None:
        cell = notebook.cell(question)
        for old, new in words.items():
            cell.source, count = re.subn(rf"(?<!\w){re.escape(old)}(?!\w)", new, cell.source)
            if not count:
                raise ValueError(f"{old!r} does not occur in the cell of {question}")

    return edit


def _indented(code: str) -> str:
    return textwrap.indent(textwrap.dedent(code).strip(), "    ")


def _lifted(text: str, name: str, question: str) -> tuple[list[str], list[str], list[str]]:
    """A function of a file, as `question`: what it needs of the file, its header, and its body without the docstring."""
    lines = text.split("\n")
    top = ast.parse(text).body
    provided = {bound: node for node in top for bound in _bound(node)}
    function = provided[name]
    needed, waiting = set[ast.stmt](), [function]
    while waiting:
        node = waiting.pop()
        needed.add(node)
        names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
        waiting += [provided[n] for n in names & provided.keys() if provided[n] not in needed]
    above = []
    for node in top:
        if node in needed - {function}:
            piece = [*_decorators(node, lines), *lines[node.lineno - 1 : node.end_lineno]]
            above.append("\n".join(piece) + ("\n\n" if isinstance(node, ast.FunctionDef) else ""))

    begin = function.lineno - 1
    colon = next(i for i in range(begin, function.end_lineno) if lines[i].endswith(":"))
    told = ast.get_docstring(function) is not None
    start = function.body[0].end_lineno if told else colon + 1
    header, body = lines[begin : colon + 1], lines[start : function.end_lineno]
    renamed = [re.sub(rf"\b{name}\b", question, line) for line in (*header, *body)]  # it may call itself
    return above, [*_decorators(function, lines), *renamed[: len(header)]], renamed[len(header) :]


def _decorators(node: ast.stmt, lines: list[str]) -> list[str]:
    """The lines of the decorators that belong to the code, not to the audit."""
    audit = ("mistake", "variant", "oracle")
    found = getattr(node, "decorator_list", [])
    kept = [d for d in found if not (isinstance(d, ast.Call) and getattr(d.func, "id", "") in audit)]
    return [line for d in kept for line in lines[d.lineno - 1 : d.end_lineno]]


def _bound(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        yield node.name
    elif isinstance(node, ast.Assign):
        yield from (target.id for target in node.targets if isinstance(target, ast.Name))
    elif isinstance(node, ast.Import):
        yield from (alias.asname or alias.name for alias in node.names)


# Cells


def added(code: str, after: str = "") -> Edit:
    """A cell of the student's own, below the cell of a question or at the top."""
    return lambda notebook: notebook.insert(code, notebook.cells.index(notebook.cell(after)) + 1 if after else 0)


def below(question: str, code: str) -> Edit:
    """Code in the cell of a question, below the function."""

    def edit(notebook: Notebook) -> None:
        notebook.cell(question).source += "\n\n" + textwrap.dedent(code).strip()

    return edit


def atop(question: str, line: str) -> Edit:
    """A first line in the cell of a question, such as a magic."""

    def edit(notebook: Notebook) -> None:
        cell = notebook.cell(question)
        cell.source = f"{line}\n{cell.source}"

    return edit


def without(question: str) -> Edit:
    """The cell of a question is deleted."""
    return lambda notebook: notebook.cells.remove(notebook.cell(question))


def upside_down(notebook: Notebook) -> None:
    """The set-up stays on top; every other cell is moved, the last one first."""
    notebook.cells[2:] = notebook.cells[:1:-1]


def cut_in_two(question: str) -> Edit:
    """The function is split in the middle of its body, as Ctrl+Shift+Minus does."""

    def edit(notebook: Notebook) -> None:
        above, rest = notebook.function(question)
        half = next(i for i in range(len(rest) // 2, len(rest)) if re.match(r" {4}\S", rest[i]))
        cell = notebook.cell(question)
        cell.source = "\n".join(above + rest[:half])
        notebook.insert("", notebook.cells.index(cell) + 1)
        notebook.cells[notebook.cells.index(cell) + 1].source = "\n".join(rest[half:])

    return edit


def copied(question: str) -> Edit:
    """The finished cell stands there twice."""
    return lambda notebook: added(notebook.cell(question).source, after=question)(notebook)


def stub_left_below(question: str) -> Edit:
    """The solved cell is followed by a copy of the untouched one."""
    return lambda notebook: added(Notebook(notebook.assignment.folder).cell(question).source, after=question)(notebook)


def through_colab(notebook: Notebook) -> None:
    """What Google Colab makes of a notebook: its own metadata and cell ids, an installation, and a mounted drive."""
    notebook.insert("!pip install -q cnn-autograder", 0)
    notebook.insert("from google.colab import drive\ndrive.mount('/content/drive')\n%cd /content/drive/MyDrive/cnn", 1)
    for number, cell in enumerate(notebook.cells):
        cell.metadata = NotebookNode(id=f"{number:012x}", colab={"base_uri": "https://localhost:8080/"})
        del cell["id"]
    notebook.document.metadata["colab"] = {"provenance": [], "toc_visible": True}
    notebook.document.nbformat_minor = 0


def through_vscode(notebook: Notebook) -> None:
    """What Visual Studio Code makes of a notebook: metadata of its own, outputs kept, and an empty cell at the end."""
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type == "code":
            cell.metadata = NotebookNode(vscode={"languageId": "python"})
            cell.execution_count = number + 1
            cell.outputs = [nbformat.v4.new_output("stream", text="passed\n")]
    notebook.insert("", len(notebook.cells))


# Files


def notebook_file(notebook: Notebook) -> bytes:
    """The notebook as Jupyter saves it."""
    return (nbformat.writes(notebook.document) + "\n").encode()


def bare_file(notebook: Notebook) -> bytes:
    """The code cells and nothing else: no metadata, no ids, no outputs."""
    cells = [{"cell_type": "code", "source": c.source} for c in notebook.cells if c.cell_type == "code"]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}).encode()


def windows_file(notebook: Notebook) -> bytes:
    """The notebook as an editor on Windows saves it: byte order mark, and two characters a line end."""
    return codecs.BOM_UTF8 + notebook_file(notebook).replace(b"\n", b"\r\n")


def downloaded_script(notebook: Notebook) -> bytes:
    """File > Save and Export Notebook As > Executable Script."""
    pieces = ["#!/usr/bin/env python\n# coding: utf-8"]
    for cell in notebook.cells:
        code = cell.cell_type == "code"
        pieces.append(f"# In[ ]:\n\n\n{cell.source}\n" if code else textwrap.indent(cell.source, "# ", lambda _: True))
    return "\n\n".join([*pieces, ""]).encode()


def percent_script(notebook: Notebook) -> bytes:
    """A .py file with `# %%` cells, as Visual Studio Code, Spyder and jupytext keep it."""
    import jupytext

    return jupytext.writes(deepcopy(notebook.document), fmt="py:percent").encode()


def cut_off(notebook: Notebook) -> bytes:
    """An upload that stopped on its way."""
    whole = notebook_file(notebook)
    return whole[: len(whole) * 3 // 5]


def merge_conflict(notebook: Notebook) -> bytes:
    """A notebook in which git left its marks."""
    lines = notebook_file(notebook).split(b"\n")
    lines[20:22] = [b"<<<<<<< HEAD", *lines[20:22], b"=======", *lines[20:22], b">>>>>>> origin/main"]
    return b"\n".join(lines)


def empty_file(notebook: Notebook) -> bytes:
    """Nothing at all."""
    return b""


def photograph(notebook: Notebook) -> bytes:
    """A picture of the screen."""
    return b"\x89PNG\r\n\x1a\n"
