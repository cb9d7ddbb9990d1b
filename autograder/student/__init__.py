"""The student's own check, on public cases."""
