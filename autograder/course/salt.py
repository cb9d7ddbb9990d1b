"""The secret that the hidden cases are drawn from."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from .. import files
from ..errors import CallError

NAME = ".salt"


class SaltError(CallError):
    """The file holds no salt; the message says what to do."""


def salt_beside(solutions: Path) -> Path:
    """Where a course keeps its salt: beside the folder of its assignments, wherever a command is run from."""
    return solutions.absolute().parent / NAME


def read_salt(path: Path, announce: Callable[[str], object] = lambda _: None) -> str:
    """The secret salt in a file, which is made on first use, readable by its owner only.

    Args:
        path: the file.
        announce: gets a sentence if the salt is new: with an old one lying elsewhere, this run draws other hidden cases.

    Raises:
        SaltError: if there is something else in the file.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(secrets.token_hex(32) + "\n")
            announce(
                f"A new salt was made: {path}. The hidden cases are drawn from it; keep it, and keep it to yourself."
            )
            if (stray := Path.cwd() / NAME).exists() and not stray.samefile(path):
                announce(
                    f"{stray} is another salt, and is not used. If earlier reports were made with it, name it instead."
                )
    salt = files.read(path, 1 << 16).decode(errors="replace").strip()
    if not salt.isprintable() or "\N{REPLACEMENT CHARACTER}" in salt:
        raise SaltError(f"{path} is not a text file with a salt; delete it for a new one.")
    if len(salt) < 16:
        raise SaltError(f"{path} holds a salt of {len(salt)} characters; take at least 16, or delete it for a new one.")
    return salt
