"""The formats of other programs, one module each. They write what `grade` found and decide no score.

Only the command line imports them.
"""
