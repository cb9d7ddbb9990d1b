"""A function that is older than its cell: the cell was run again and failed before it defined the function anew."""

from __future__ import annotations

import inspect
import linecache
import re
from collections.abc import Sequence
from typing import Any


def is_stale(name: str, function: Any, inputs: Sequence[str]) -> bool:
    """Whether a cell that ran after the one that made `function` should have defined `name`, too.

    Args:
        name: of a question.
        function: what the name stands for now.
        inputs: the texts of the cells that ran, in order: IPython's `In`. Those that failed, and the running one, are in it.

    Returns:
        False where it cannot be known, for example of a function from a file.
    """
    source = _source(function)
    made = [n for n, text in enumerate(inputs) if source and text.strip() == source]
    defining = re.compile(rf"^(async\s+def|def|class)\s+{re.escape(name)}\b", re.MULTILINE)
    return bool(made) and any(defining.search(text) for text in inputs[made[-1] + 1 :])


def _source(function: Any) -> str:
    """The text of the cell that made a function or a class; "" if it is not known."""
    function = inspect.unwrap(getattr(function, "python_function", function))  # tf.function keeps the original there
    members = vars(function).values() if isinstance(function, type) else (function,)
    code = next((member.__code__ for member in members if inspect.isfunction(member)), None)
    return "".join(linecache.getlines(code.co_filename)).strip() if code else ""
