"""Equal parts, equal key: what decides whether a result still holds."""

from autograder.grader.identity import key, versions


def test_keys_are_equal_only_for_equal_parts() -> None:
    assert key("a", 1) == key("a", 1)
    keys = [key(*parts) for parts in (("a", "b"), ("ab",), ("a,b",), ("b", "a"), ('a", "b',), ("a", "b", ""), ())]
    assert len(set(keys)) == len(keys)


def test_the_versions_are_those_that_can_change_a_number() -> None:
    assert set(versions()) == {"autograder", "tensorflow", "numpy", "keras"}
