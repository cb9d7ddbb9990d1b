"""`python -m autograder` is the console script."""

from .commands.cli import main

main()
