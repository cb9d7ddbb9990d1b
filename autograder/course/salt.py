"""The secret that the hidden cases are drawn from."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from ..errors import CallError


class SaltError(CallError):
    """The file holds no salt; the message says what to do."""


def read_salt(path: Path) -> str:
    """The secret salt in a file, which is made on first use, readable by its owner only."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(secrets.token_hex(32) + "\n")
    salt = path.read_text(encoding="utf-8", errors="replace").strip()
    if not salt.isprintable() or "\N{REPLACEMENT CHARACTER}" in salt:
        raise SaltError(f"{path} is not a text file with a salt; delete it for a new one.")
    if len(salt) < 16:
        raise SaltError(f"{path} holds a salt of {len(salt)} characters; take at least 16, or delete it for a new one.")
    return salt
