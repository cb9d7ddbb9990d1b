"""Assignments on convolutional networks that grade themselves.

In a notebook: `from autograder import check`, then `check("conv2d")`, or `check()` for all. From a shell: `autograder --help`.
"""

import os
import sys
from typing import Any

__version__ = "0.1.0"
__all__ = ["check"]

# TensorFlow's start-up messages go to stderr, and nbgrader gives a cell with anything on stderr no points.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")


def check(question: Any = None) -> Any:
    """Checks your functions on the public cases and shows what it found.

    Args:
        question: the function, or its name, e.g. `check(conv2d)` or `check("conv2d")`. `check()` checks all of the assignment.

    Returns:
        None: the panel is the result. Only under `nbgrader autograde` the points earned on public cases.

    Raises:
        CheckFailed: if a public case of the question does not pass (it shows one line, no traceback).
    """
    from .student.check import check_in_notebook

    return check_in_notebook(question, sys._getframe(1).f_globals)


def _in_ipython() -> None:
    """Prepares the notebook that imports this, if one does; a worker has no IPython."""
    if shell := getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)():
        from .student.in_ipython import set_up

        set_up(shell)


_in_ipython()
