"""What a notebook gets when it imports the package: questions complete with Tab, and TensorFlow starts without red lines."""

from __future__ import annotations

import contextlib
import importlib.abc
import importlib.util
import os
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

_CHATTER = re.compile(
    rb"WARNING: All log messages before absl::|[IWE]\d{4} \d\d:\d\d:|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+: [IWE] |To enable the following"
)
"""How lines begin that TensorFlow's libraries print while they are loaded, whatever TF_CPP_MIN_LOG_LEVEL says.

They are about GPUs and processors. A library that cannot be loaded raises an exception besides."""


def set_up(shell: Any) -> None:
    """Prepares an IPython shell; called once per kernel."""
    shell.set_hook("complete_command", _questions, re_key=r""".*\bcheck\(\s*["']\w*$""")
    if "tensorflow" not in sys.modules:
        sys.meta_path.insert(0, _QuietTensorFlow())


def _questions(shell: Any, _event: Any) -> list[str]:
    """What Tab offers after `check("`; IPython keeps what begins with what is typed already."""
    from ..border.wire import WireError
    from .public import NoPublicCases, answers_in

    try:
        return list(answers_in(Path.cwd(), shell.user_ns))
    except (NoPublicCases, WireError, OSError):
        return []


class _QuietTensorFlow(importlib.abc.MetaPathFinder):
    """Finds TensorFlow as Python does, and lets it load quietly."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The way to TensorFlow, once; nothing else is found here."""
        if fullname != "tensorflow":
            return None
        with contextlib.suppress(ValueError):
            sys.meta_path.remove(self)
        spec = importlib.util.find_spec(fullname)
        if spec and spec.loader:
            load = spec.loader.exec_module

            def quietly(module: ModuleType) -> None:
                with _without_chatter():
                    load(module)

            spec.loader.exec_module = quietly  # type: ignore[method-assign]
        return spec


@contextlib.contextmanager
def _without_chatter() -> Iterator[None]:
    """Holds back what C libraries write to stderr in the block, and passes on at its end what is no chatter."""
    try:
        stderr = os.dup(2)
    except OSError:  # there is none
        yield
        return
    with tempfile.TemporaryFile() as kept:
        os.dup2(kept.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
            kept.seek(0)
            for line in kept:
                if not _CHATTER.match(line):
                    os.write(2, line)
