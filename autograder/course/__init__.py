"""The instructor's side: assignments, classes, releases, and the tests of the tests."""
