"""What a run reports besides grades: the files that were not graded, with reasons, and warnings for the instructor."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True)
class LeftOut:
    """A file that was submitted but not graded.

    Attributes:
        file: its path as plain text on one line; an archive counts as a folder.
        reason: the rest of a sentence that begins with the file, e.g. "is a link".
    """

    file: str
    reason: str


@dataclass
class Notes:
    """Collected while submissions are found and graded.

    Attributes:
        left_out: listed one by one, because somebody may have meant to submit them.
        passed_over: the number of files that nobody submitted on purpose, by kind.
        warnings: sentences.
    """

    left_out: list[LeftOut] = field(default_factory=list)
    passed_over: Counter[str] = field(default_factory=Counter)
    warnings: list[str] = field(default_factory=list)

    def counted(self) -> str:
        """A sentence about the files that were passed over; "" if there are none."""
        kinds = "; ".join(f"{kind}: {count}" for kind, count in sorted(self.passed_over.items()) if count)
        return f"Passed over, {kinds}." if kinds else ""
