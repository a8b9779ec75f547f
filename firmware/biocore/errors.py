"""Errors of the shared core. Each name says what the caller does next."""


class BioklokError(Exception):
    """Base of the errors that somebody in this project catches."""


class DamagedData(BioklokError):
    """These bytes are not what was written or sent: drop them and ask again."""


class PeerRefused(BioklokError):
    """The other end cannot or will not go on: tell the person, do not retry by yourself."""
