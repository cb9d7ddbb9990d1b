"""Small trees of handed-in files, written for one test."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import tiny

ASSIGNMENTS = {"02_convolution": {"conv2d", "pad"}, "03_pooling": {"relu", "pool"}}
CONV, POOL = "def conv2d(x):\n    return x", "def relu(x):\n    return x"

Content = str | bytes


def notebook(*cells: str) -> bytes:
    """A notebook with these cells."""
    import json

    return json.dumps(tiny.notebook(cells)).encode()


def write(root: Path, files: Mapping[str, Content]) -> Path:
    """Writes files below `root`, by their paths; a path that ends in a slash is an empty folder."""
    root.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = root / name
        if name.endswith("/"):
            path.mkdir(parents=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def zipped(files: Mapping[str, Content], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip with these members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()
