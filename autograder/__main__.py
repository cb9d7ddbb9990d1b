"""`python -m autograder` is the console script."""

from .cli import main

main()
