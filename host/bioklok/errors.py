"""Errors of the host. Each carries one line for a person: what is wrong and what to do next."""


class BioklokFailure(Exception):
    """A command failed for a reason a person can act on: print it as one line, exit with 1."""


class NotFound(BioklokFailure):
    """What was asked for is not there."""
