from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest
import tiny
from hypothesis import given
from hypothesis import strategies as st

from autograder.border import wire
from autograder.source import extract
from autograder.source.extract import Cell, Submission, Unreadable
from autograder.source.reading import Reading, reading
from autograder.source.stubs import function_names, restore_overwritten

F = "def f(x):\n    return x"
G = "def g(x):\n    return 2 * x"


def read(tmp_path: Path, *cells: str) -> Submission:
    return extract.read(tiny.write_notebook(tmp_path / "n.ipynb", cells))


def read_py(tmp_path: Path, text: str) -> Submission:
    path = tmp_path / "s.py"
    path.write_text(text, encoding="utf-8")
    return extract.read(path)


def read_json(tmp_path: Path, document: Any) -> Submission:
    path = tmp_path / "n.ipynb"
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return extract.read(path)


def run(submission: Submission) -> dict[str, Any]:
    """What the cells define, each run by itself, errors ending their cell only."""
    space: dict[str, Any] = {"get_ipython": lambda: Quiet(), "log": []}
    for cell in submission.cells:
        try:
            exec(compile(cell.source, cell.label, "exec"), space)
        except Exception as error:
            space.setdefault("errors", {})[cell.label] = error
    return space


class Quiet:
    def __getattr__(self, name: str) -> Any:
        return lambda *_, **__: []


# Whole files


def test_cells_come_in_order_with_their_labels_and_without_outputs(tmp_path: Path) -> None:
    document = tiny.notebook([F, G])
    document["cells"].insert(1, {"cell_type": "markdown", "source": "def no(): pass"})
    document["cells"].insert(0, {"cell_type": "raw", "source": "raw"})
    submission = read_json(tmp_path, document)
    assert submission == Submission([Cell("cell 1", F), Cell("cell 2", G)])


def test_a_source_may_be_a_list_of_lines(tmp_path: Path) -> None:
    document = tiny.notebook([""])
    document["cells"][0]["source"] = F.splitlines(keepends=True)
    assert read_json(tmp_path, document).cells == [Cell("cell 1", F)]


def test_nothing_but_type_and_source_is_needed(tmp_path: Path) -> None:
    assert read_json(tmp_path, {"cells": [{"cell_type": "code", "source": F}]}).cells == [Cell("cell 1", F)]


def test_the_old_format_is_read(tmp_path: Path) -> None:
    document = {"nbformat": 3, "worksheets": [{"cells": [{"cell_type": "code", "input": F}]}]}
    submission = read_json(tmp_path, document)
    assert submission.cells == [Cell("cell 1", F)]
    assert "old format 3" in submission.repairs[0]


@pytest.mark.parametrize("text, said", [
    ("", "empty"),
    ("  \n ", "empty"),
    ("{", "breaks off or is damaged at line 1"),
    (json.dumps(tiny.notebook([F]))[:-20], "breaks off"),
    ("<<<<<<< HEAD\n{}", "merge left its marks"),
    ("[]", "not a notebook"),
    ("3", "not a notebook"),
    ("null", "not a notebook"),
    ("{}", "no list of cells"),
    ('{"cells": {}}', "no list of cells"),
    ('{"cells": []}', "no code cells"),
    ('{"cells": [1, null, {"cell_type": "markdown", "source": "x"}]}', "no code cells"),
    ('{"worksheets": [{"cells": 5}, 7]}', "no code cells"),
    ('{"cells": [{"cell_type": "code", "execution_count": ' + "1" * 5000 + "}]}", "not a notebook"),
    ("[" * 100_000, "not a notebook"),
    (F, "not a notebook"),
])  # fmt: skip
def test_what_is_no_notebook_is_told_why(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        read_json(tmp_path, text)


def test_a_missing_file_and_a_folder_are_unreadable(tmp_path: Path) -> None:
    for path in (tmp_path / "none.ipynb", tmp_path):
        with pytest.raises(Unreadable, match="cannot be read"):
            extract.read(path)


def test_a_huge_file_is_told_to_clear_its_outputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extract, "MAX_FILE", 100)
    with pytest.raises(Unreadable, match="Clear the outputs"):
        read(tmp_path, F * 10)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings_with_a_mark_are_read(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "s.py"
    path.write_bytes(f'name = "Zoë"\r\n{F}'.encode(encoding))
    assert run(extract.read(path))["name"] == "Zoë"


def test_latin_1_is_read_and_named(tmp_path: Path) -> None:
    path = tmp_path / "s.py"
    path.write_bytes('name = "Zoë"'.encode("latin-1"))
    submission = extract.read(path)
    assert run(submission)["name"] == "Zoë"
    assert "Latin-1" in submission.repairs[0]


def test_every_kind_of_line_end_is_read(tmp_path: Path) -> None:
    for end in ("\n", "\r\n", "\r"):
        path = tmp_path / "s.py"
        path.write_bytes(F.replace("\n", end).encode())
        assert run(extract.read(path))["f"](3) == 3


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6) | st.just("code") | st.just(F),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["cells", "cell_type", "source", "input", "worksheets"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(JSON)
def test_any_json_is_cells_or_unreadable(tmp_path_factory: pytest.TempPathFactory, document: Any) -> None:
    path = tmp_path_factory.mktemp("any")
    for hostile in (document, {"cells": document}, {"cells": [{"cell_type": "code", "source": document}]}):
        try:
            submission = read_json(path, hostile)
        except Unreadable:
            continue
        assert all(isinstance(cell.source, str) for cell in submission.cells)


WHOLE = json.dumps(tiny.notebook([*tiny.SOLVED, "%matplotlib inline\nx = !ls", "  def broken(:"]), indent=1).encode()


@given(st.integers(0, len(WHOLE)), st.integers(0, len(WHOLE)), st.binary(max_size=6))
def test_a_corrupted_notebook_is_cells_or_unreadable(
    tmp_path_factory: pytest.TempPathFactory, a: int, b: int, junk: bytes
) -> None:
    path = tmp_path_factory.mktemp("bad") / "n.ipynb"
    path.write_bytes(WHOLE[: min(a, b)] + junk + WHOLE[max(a, b) :])
    try:
        submission = extract.read(path)
    except Unreadable as error:
        assert str(error)
        return
    restore_overwritten(submission)
    function_names(submission)


LINES = st.lists(
    st.sampled_from([
        "def f(x):", "    return x", "  ", "x = (", ")", '"""', "%matplotlib inline", "!ls", "%%bash", "@", "class A:",
        "for i in x:", "f(1); f(2)", "\tpass", "else:", "x?", "\x00", "\ud800", "\\", "# %%", "async def g():", "%", "?",
    ]),
    max_size=6,
).map("\n".join)  # fmt: skip


@given(st.lists(LINES, min_size=1, max_size=4))
def test_any_source_is_cells(tmp_path_factory: pytest.TempPathFactory, sources: list[str]) -> None:
    folder = tmp_path_factory.mktemp("any")
    submission = read(folder, *sources)
    restore_overwritten(submission)
    (folder / "s.py").write_bytes("\n".join(sources).encode("utf-8", "replace") + b"\n0")
    extract.read(folder / "s.py")


# Repairs


def test_magics_and_shell_commands_cost_nothing(tmp_path: Path) -> None:
    submission = read(
        tmp_path,
        "%matplotlib inline\n!pip install x\nimport math",
        "%%time\nvalue = 1",
        "%%bash\nrm -rf x",
        "files = !ls\nf?",
        F,
    )
    space = run(submission)
    assert "errors" not in space and not submission.broken and not submission.repairs
    assert space["value"] == 1 and space["f"](2) == 2


def test_a_percent_in_plain_python_is_left_alone(tmp_path: Path) -> None:
    source = 'x = 7 \\\n  % 4\ntext = """\n%matplotlib inline\n"""'
    assert read(tmp_path, source).cells == [Cell("cell 1", source)]


@pytest.mark.parametrize("first, second", [
    ("def f(x):\n    y = x", "    return y"),
    ("def f(x):", "    y = x\n    return y"),
    ("import math\n\ndef f(x):\n    y = x\n", "\n    for _ in range(3):\n        y = y + 0\n    return y"),
    ("def f(\n", "x):\n    return x"),
])  # fmt: skip
def test_a_function_cut_in_two_is_joined_and_named(tmp_path: Path, first: str, second: str) -> None:
    submission = read(tmp_path, first, second, G)
    space = run(submission)
    assert space["f"](5) == 5 and space["g"](1) == 2 and not submission.broken
    assert submission.repairs == ["cell 1 and cell 2 hold one function cut in two; they were joined."]


def test_a_function_cut_in_three_is_joined(tmp_path: Path) -> None:
    submission = read(tmp_path, "def f(x):", "    y = x", "    return y")
    assert run(submission)["f"](5) == 5
    assert len(submission.cells) == 1 and len(submission.repairs) == 2


def test_an_indented_cell_is_dedented_and_named(tmp_path: Path) -> None:
    submission = read(tmp_path, "    def g(x):\n        return 2 * x")
    assert run(submission)["g"](2) == 4
    assert submission.repairs == ["cell 1 was indented as a whole; the indentation was taken away."]


def test_an_indented_function_does_not_become_the_tail_of_the_one_before(tmp_path: Path) -> None:
    space = run(read(tmp_path, F, "    def g(x):\n        return 2 * x"))
    assert space["f"](2) == 2 and space["g"](2) == 4


@pytest.mark.parametrize("broken", [
    "x = (1,", "for i in range(3)\n    print(i)", "if True\n    pass", "plt.plot(1, 2", "print 'old'", "def h(:\n    pass", "h(1", "@\n",
])  # fmt: skip
def test_a_syntax_error_costs_only_its_own_statement(tmp_path: Path, broken: str) -> None:
    submission = read(tmp_path, f"{F}\n\n{broken}\n\n{G}", "after = 1")
    space = run(submission)
    assert space["g"](2) == 4 and space["after"] == 1
    assert space["f"](1) == 1
    assert len(submission.broken) == 1
    assert "syntax error" in submission.repairs[0] and submission.repairs[0].startswith("cell 1")


def test_a_broken_cell_keeps_its_line_numbers(tmp_path: Path) -> None:
    submission = read(tmp_path, f"{F}\n\ndef h(:\n    pass\n\ndef g(x):\n    return 1 / x")
    space = run(submission)
    try:
        space["g"](0)
    except ZeroDivisionError as error:
        assert error.__traceback__ and error.__traceback__.tb_next
        assert error.__traceback__.tb_next.tb_lineno == 8


def test_a_cell_that_is_broken_as_a_whole_is_kept_to_be_reported(tmp_path: Path) -> None:
    submission = read(tmp_path, "def h(:\n    pass", F)
    assert list(submission.broken) == ["cell 1"] and "line 1" in submission.broken["cell 1"]
    assert run(submission)["f"](1) == 1
    assert function_names(submission) == {"h", "f"}


def test_huge_cells_and_floods_of_cells_are_left_out_and_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extract, "MAX_CELL", 50)
    monkeypatch.setattr(extract, "MAX_CELLS", 3)
    submission = read(tmp_path, F, "#" * 51, G, "x = 1", "y = 1")
    assert [cell.label for cell in submission.cells] == ["cell 1", "cell 3"]
    assert len(submission.repairs) == 2


def test_a_cell_without_text_is_named(tmp_path: Path) -> None:
    document = tiny.notebook([F, ""])
    document["cells"][0]["source"] = 7
    submission = read_json(tmp_path, document)
    assert submission.cells[0] == Cell("cell 1", "") and "no text" in submission.repairs[0]


# .py files


def test_percent_cells_are_cells_with_their_line_numbers(tmp_path: Path) -> None:
    submission = read_py(tmp_path, f"import math\n# %%\n{F}\n\n#%% [markdown]\n# prose\n# %%\n{G}\n")
    assert [cell.label for cell in submission.cells] == [
        "cell at line 1", "cell at line 2", "cell at line 6", "cell at line 8"
    ]  # fmt: skip
    assert ast.parse(submission.cells[3].source).body[0].lineno == 9
    assert run(submission)["g"](1) == 2


def test_without_percent_cells_every_statement_is_one(tmp_path: Path) -> None:
    submission = read_py(tmp_path, f"import math\n\n1 / 0\n\n@staticmethod\n{F}\n\n# end\n")
    space = run(submission)
    assert space["f"](4) == 4 and list(space["errors"]) == ["cell at line 3"]
    assert submission.cells[-1].label == "cell at line 5"


def test_statements_on_one_line_run_once(tmp_path: Path) -> None:
    text = (
        "log.append(1); log.append(2)\nif True:\n    log.append(3)\nlog.append(4); log.append(\n    5); log.append(6)\n"
    )
    assert run(read_py(tmp_path, text))["log"] == [1, 2, 3, 4, 5, 6]


def test_a_py_file_with_a_syntax_error_keeps_its_good_functions(tmp_path: Path) -> None:
    submission = read_py(tmp_path, f"{F}\n\ndef h(:\n    pass\n\n{G}\n")
    space = run(submission)
    assert space["f"](1) == 1 and space["g"](1) == 2 and submission.broken


def test_nothing_is_executed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    read(tmp_path, "open('ran', 'w')", "%run x.py", "!touch ran", "def f(x=open('ran', 'w')): pass")
    assert not (tmp_path / "ran").exists()


def test_what_is_mended_is_bounded(tmp_path: Path) -> None:
    """Thousands of cut functions or broken pieces would cost quadratic time: only so many are mended."""
    cut = ["def f():\n    x = 1"] + ["    x = 2"] * 100
    submission = extract.read(tiny.write_notebook(tmp_path / "cut.ipynb", cut))
    assert sum("cut in two" in repair for repair in submission.repairs) == extract.MAX_JOINS
    broken = "a = 1\n" * (extract.MAX_PIECES + 10) + "def ("
    submission = extract.read(tiny.write_notebook(tmp_path / "broken.ipynb", [broken]))
    assert len(submission.cells) == 1 and submission.broken
    submission = extract.read(tiny.write_notebook(tmp_path / "less.ipynb", ["a = 1\n" * 10 + "def ("]))
    assert len(submission.cells) > 1


@pytest.mark.parametrize("name", ["long.py", "long.ipynb"])
def test_more_code_than_anybody_writes_is_refused(name: str, tmp_path: Path) -> None:
    text = "x = 1\n" * (extract.MAX_CODE // 6 + 1)
    path = tmp_path / name
    if name.endswith(".py"):
        path.write_text(text)
    else:
        tiny.write_notebook(path, [text[: extract.MAX_CELL]] * 5)
    with pytest.raises(Unreadable, match="characters of code"):
        extract.read(path)


def test_a_bomb_of_brackets_is_not_even_parsed(tmp_path: Path) -> None:
    path = tmp_path / "bomb.ipynb"
    path.write_text('{"cells": [' + ",".join(["[]"] * extract.MAX_PARTS) + "]}")
    with pytest.raises(Unreadable, match="lists or objects"):
        extract.read(path)


def test_data_pasted_into_one_cell_costs_that_cell_alone(tmp_path: Path) -> None:
    path = tiny.write_notebook(tmp_path / "data.ipynb", ["x = '" + "a" * extract.MAX_CODE + "'", "y = 1"])
    submission = extract.read(path)
    assert [cell.source for cell in submission.cells] == ["y = 1"] and "left out" in submission.repairs[0]


@pytest.mark.parametrize("error", [MemoryError(), RecursionError("too deep"), ValueError("null bytes")])
def test_a_cell_that_python_cannot_parse_is_broken_and_nothing_else_is(
    error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = ast.parse

    def parse(source: str, *rest: Any, **named: Any) -> ast.Module:
        if "TOO DEEP" in source:
            raise error
        return real(source, *rest, **named)

    monkeypatch.setattr(ast, "parse", parse)
    found = read(tmp_path, F, "x = 1  # TOO DEEP", G)
    assert [cell.source for cell in found.cells if "def" in cell.source] == [F, G]


@pytest.mark.parametrize("source, stands", [
    ("    def f(x):\n        return x\n    y = f(2)", True),
    ("    y = 2\n    return y", False),
    ("    def g(x):\n        return x\n    return g(2)", False),
    ("    y = 2", False),
])  # fmt: skip
def test_an_indented_cell_stands_alone_if_it_defines_and_returns_nothing(source: str, stands: bool) -> None:
    assert extract._stands_alone(source) == stands


def test_a_reading_comes_back_from_its_process_as_it_was() -> None:
    cells = ["def scale(x, factor):", "    return x * factor", "y = 1"]
    found = reading(json.dumps(tiny.notebook(cells)).encode(), ".ipynb", banned={"scale": ["tf.reduce_mean"]})
    back = Reading.from_tree(wire.unpack(wire.pack(found.to_tree())))
    assert [set(names) for names in back.defines] == [set(names) for names in found.defines]
    assert back.cells == found.cells and list(back.repairs) == list(found.repairs) and found.repairs
    assert back.all_defined == {"scale"} and back.unreadable == "" and dict(back.reached or {}) == {"scale": []}
    assert Reading.from_tree(Reading(unreadable="The file is empty.").to_tree()).unreadable == "The file is empty."
