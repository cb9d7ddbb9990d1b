"""What nbgrader's own process reads of a submission is bounded, whatever the format."""

from __future__ import annotations

import logging
from pathlib import Path

import nbformat
import pytest

from autograder.adapters import nbgrader as adapter


@pytest.mark.parametrize("version", [3, 4])
@pytest.mark.parametrize(("handed_in", "kept"), [(2, 2), (3, 3), (50, 3)])
def test_a_flood_of_cells_is_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: int, handed_in: int, kept: int
) -> None:
    monkeypatch.setattr(adapter, "MOST_CELLS", 3)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(f"x = {n}") for n in range(handed_in)])
    path = tmp_path / "work.ipynb"
    nbformat.write(notebook if version == 4 else nbformat.convert(notebook, 3), path, version=version)
    read, _ = adapter.SubmissionExporter().from_filename(str(path))
    assert [cell.source for cell in nbformat.reads(read, 4).cells] == [f"x = {n}" for n in range(kept)]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"worksheets": 3}', '{"cells": 3}', '{"worksheets": [3]}'])
def test_what_is_no_notebook_has_no_cells(tmp_path: Path, text: str) -> None:
    path = tmp_path / "work.ipynb"
    path.write_text(text)
    read, _ = adapter.SubmissionExporter().from_filename(str(path))
    assert nbformat.reads(read, 4).cells == []


@pytest.mark.parametrize(("source", "text"), [("a\nb", "a\nb"), (["a\n", 3, "b"], "a\nb"), (3, ""), (None, "")])
@pytest.mark.parametrize("kind", ["code", "markdown", "raw", "strange"])
def test_of_a_cell_its_text_is_kept(kind: str, source: object, text: str) -> None:
    bare = adapter._bare(
        {"cell_type": kind, "source": source, "outputs": [3], "metadata": {"nbgrader": {"grade_id": 3}, "x": 1}}
    )
    assert (bare.cell_type, bare.source) == ("raw" if kind == "strange" else kind, text)
    assert not bare.metadata and not bare.get("outputs")


def test_of_a_cell_its_marks_and_attached_pictures_are_kept() -> None:
    mark = {"grade_id": "essay", "points": 2}
    attached = {"a.png": {"image/png": "eA==", "text/html": "<script>", "image/gif": 3}, "b": 3}
    cell = {"cell_type": "markdown", "source": "", "metadata": {"nbgrader": mark}, "attachments": attached}
    bare = adapter._bare(cell)
    assert bare.metadata == {"nbgrader": mark} and bare.attachments == {"a.png": {"image/png": "eA=="}}
    assert "attachments" not in adapter._bare(cell | {"cell_type": "code"})
    assert "attachments" not in adapter._bare(cell | {"attachments": 3})


@pytest.mark.parametrize("text", ["{", '{"cells": []}'])
def test_only_while_a_submission_is_read_nothing_is_said_of_it(tmp_path: Path, text: str) -> None:
    (tmp_path / "work.ipynb").write_text(text)
    adapter._read(tmp_path / "work.ipynb")
    assert not logging.getLogger("traitlets").disabled
