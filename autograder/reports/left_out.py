"""What a run tells besides grades: the files that were not graded and why, and what the instructor should look at."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True)
class LeftOut:
    """A file that was handed in and not graded.

    Attributes:
        file: its path, an archive counting as a folder, as plain text on one line.
        reason: the end of a sentence that begins with the file, e.g. "is a link".
    """

    file: str
    reason: str


@dataclass
class Notes:
    """What is collected while a class is found and graded.

    Attributes:
        left_out: one by one, since somebody may have meant to hand it in.
        passed_over: what nobody handed in on purpose, or asked for, by kind: counted, not listed.
        warnings: sentences.
    """

    left_out: list[LeftOut] = field(default_factory=list)
    passed_over: Counter[str] = field(default_factory=Counter)
    warnings: list[str] = field(default_factory=list)

    def counted(self) -> str:
        """The files that were passed over, in a sentence; "" if there are none."""
        kinds = "; ".join(f"{kind}: {count}" for kind, count in sorted(self.passed_over.items()))
        return f"Passed over, {kinds}." if kinds else ""
