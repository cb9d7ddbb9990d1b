"""The two ways in which a command ends early: the caller's input does not fit, or our own code failed."""


class CallError(Exception):
    """What was asked for does not fit; the message says what to fix. Exit code 2."""


class GraderFault(Exception):
    """Our own code failed: never a student's zero. Exit code 3."""


class DataError(CallError):
    """A data set cannot be had, or a file of it is not what it should be; the message says what to do."""
