"""One report, every door: these modules say in other programs' formats what `grade` found, and decide no score.

A module a door; nothing else in the package imports them, except the command line.
"""
