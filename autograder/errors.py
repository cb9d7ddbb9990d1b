"""The two ways in which a command ends early: something of the caller's does not fit, or something of ours broke."""


class CallError(Exception):
    """What was asked for does not fit; the message says what to mend. Exit code 2."""


class GraderFault(Exception):
    """Something of ours broke: never a student's zero. Exit code 3."""


class DataError(CallError):
    """A data set cannot be had, or a file of it is not what it should be; the message says what to do."""
