"""What a function prints while it is checked, cut where it floods the notebook: every case runs it once more."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Iterator
from typing import TextIO

FIRST, LAST = 4000, 1000
"""How many characters of a flood are shown."""


@contextlib.contextmanager
def shortened() -> Iterator[None]:
    """Passes on the first characters that the block prints, and at its end the last ones, with how many were left out."""
    cut = _Cut(sys.stdout)
    try:
        with contextlib.redirect_stdout(cut):
            yield
    finally:
        cut.end()


class _Cut(io.TextIOBase):
    def __init__(self, to: TextIO) -> None:
        self._to, self._free, self._tail, self._left_out = to, FIRST, "", 0

    def writable(self) -> bool:
        return True

    def flush(self) -> None:
        self._to.flush()

    def write(self, text: str, /) -> int:
        self._to.write(text[: self._free])
        later = self._tail + text[self._free :]
        self._free -= min(self._free, len(text))
        self._tail = later[-LAST:]
        self._left_out += len(later) - len(self._tail)
        return len(text)

    def end(self) -> None:
        """Shows the last characters."""
        if self._left_out:
            self._to.write(f"\n... {self._left_out:,} characters left out ...\n")
        self._to.write(self._tail)
