"""What is printed can be read everywhere, and on a build server no line of it is a command to that server.

Text from reports is already harmless when it is printed. But lines are wrapped afterwards, and other programs' error messages are
printed unchanged. So on a build server, both streams are filtered as well.
"""

from __future__ import annotations

import contextlib
import io
import re
import sys
from collections.abc import Iterator, Mapping
from typing import Any, TextIO

from ..reports.plain import harmless

SERVERS = {"CI", "GITHUB_ACTIONS", "TF_BUILD", "TEAMCITY_VERSION"}
"""Every build server sets at least one of these environment variables."""


def speak_utf8() -> None:
    """Lets both streams take our signs: on Windows the encoding of a pipe or a file has no ✓."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")


@contextlib.contextmanager
def watched(environment: Mapping[str, str]) -> Iterator[None]:
    """Filters stdout and stderr if a build server runs this process.

    Bytes that are written to `sys.stdout.buffer` are not filtered: the formats that are written there are harmless already.
    """
    if not any(environment.get(name) for name in SERVERS):
        yield
        return
    with contextlib.redirect_stdout(_Watched(sys.stdout)), contextlib.redirect_stderr(_Watched(sys.stderr)):
        yield


class _Watched:
    """A text stream that breaks up commands, even if they are written in pieces."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._begun = ""

    def write(self, text: str) -> int:
        """Writes text, as the continuation of the current line."""
        shown = harmless(self._begun + text)
        self._stream.write(shown[len(self._begun) :])
        self._begun = re.split(r"[\r\n]", shown)[-1]
        return len(text)

    def writelines(self, lines: list[str]) -> None:
        """Writes several pieces of text."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
