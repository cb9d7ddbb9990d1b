"""What a command prints where a build server reads along: no line of it is a command to that server.

Texts in reports are harmless before they are printed. But a terminal's line breaks are made afterwards, and error messages of
other programs come as they are; so where a build server runs, both streams are watched as well.
"""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Iterator, Mapping
from typing import Any, TextIO

from ..reports.plain import harmless

SERVERS = ("CI", "GITHUB_ACTIONS", "TF_BUILD", "TEAMCITY_VERSION")
"""Environment variables of which a build server sets at least one."""


@contextlib.contextmanager
def watched(environment: Mapping[str, str]) -> Iterator[None]:
    """Watches stdout and stderr if a build server runs this process.

    Bytes written to `sys.stdout.buffer` pass unchanged: the formats that are written there are harmless by themselves.
    """
    if not any(environment.get(name) for name in SERVERS):
        yield
        return
    with contextlib.redirect_stdout(_Watched(sys.stdout)), contextlib.redirect_stderr(_Watched(sys.stderr)):
        yield


class _Watched:
    """A text stream that parts the signs of a command, also of one that comes in pieces."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._begun = ""

    def write(self, text: str) -> int:
        """Writes text; what stands before it on its line counts."""
        shown = harmless(self._begun + text)
        self._stream.write(shown[len(self._begun) :])
        self._begun = re.split(r"[\r\n]", shown)[-1]
        return len(text)

    def writelines(self, lines: list[str]) -> None:
        """Writes them one after the other."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
