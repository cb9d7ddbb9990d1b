"""`python -m autograder.worker`: the process in which student code runs.

- `LEVEL FD` serves forks on the socket FD; `LEVEL` alone does one job, from stdin to stdout.
- `try LEVEL` tries the walls of a level out; the exit code tells.
"""

from __future__ import annotations

import os
import socket
import sys


def main() -> None:
    """Does what the arguments say."""
    from . import walls

    if sys.argv[1] == "try":
        from .trial import try_out

        sys.exit(try_out(sys.argv[2]))
    from .serve import serve, warm_up

    level = sys.argv[1]
    walls.seclude(level)
    warm_up(level)
    if len(sys.argv) > 2:
        serve(socket.socket(fileno=int(sys.argv[2])), level)
        return
    from .job import run_job

    orders, result = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    quiet = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(quiet, standard)
    run_job(level, orders, result)


if __name__ == "__main__":
    main()
