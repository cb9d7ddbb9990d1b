"""Equal parts, equal key: what decides whether a result still holds."""

from pathlib import Path

import pytest

from autograder.grader.identity import engine, files_key, key, versions


def test_keys_are_equal_only_for_equal_parts() -> None:
    assert key("a", 1) == key("a", 1)
    keys = [key(*parts) for parts in (("a", "b"), ("ab",), ("a,b",), ("b", "a"), ('a", "b',), ("a", "b", ""), ())]
    assert len(set(keys)) == len(keys)


def test_the_versions_are_those_that_can_change_a_number() -> None:
    assert set(versions()) == {"autograder", "tensorflow", "numpy", "keras"}


@pytest.mark.parametrize("change", ["edit", "rename", "add"])
def test_a_grader_whose_source_was_changed_is_another_one(tmp_path: Path, change: str) -> None:
    for name in ("before", "after"):
        (tmp_path / name / "rules").mkdir(parents=True)
        (tmp_path / name / "rules/rule.py").write_text("limit = 1\n")
    rule = tmp_path / "after/rules/rule.py"
    assert engine(tmp_path / "before") == engine(tmp_path / "after")
    engine.cache_clear()
    if change == "edit":
        rule.write_text("limit = 2\n")
    elif change == "rename":
        rule.rename(rule.with_name("other.py"))
    else:
        rule.with_name("empty.py").write_text("")
    assert engine(tmp_path / "before") != engine(tmp_path / "after")


def test_files_are_told_by_name_and_content_in_whatever_order_they_are_found(tmp_path: Path) -> None:
    for name, text in (("a", "1"), ("b", "2"), ("c", "2")):
        (tmp_path / name).write_text(text)
    told = [files_key(tmp_path, names) for names in (("a", "b"), ("a", "c"), ("a",), ("a", "b", "c"))]
    assert len(set(told)) == 4 and files_key(tmp_path, iter(("b", "a"))) == told[0]


def test_versions_are_those_of_the_packages() -> None:
    import numpy

    assert versions()["numpy"] == numpy.__version__
    assert all(version[:1].isdigit() for version in versions().values())
