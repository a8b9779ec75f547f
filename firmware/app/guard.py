"""Turns strangers away: after three failed proofs nobody may connect for a while, then longer."""

from biocore.units import ticks_diff

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


FAILURES = const(3)
_FIRST_CLOSED_MS = const(60_000)
_MAX_CLOSED_MS = const(3_600_000)


class Guard:
    """`failed` and `passed` at the end of each proof; `is_closed` says whether to be unreachable.

    `refused` counts failures since start-up, for the host's STATUS.
    """

    def __init__(self, ticks_ms):
        self._ticks_ms = ticks_ms
        self._failures = 0
        self._closed_ms = 0  # how long the last time, to be doubled
        self._is_closed = False
        self._since_ms = 0
        self.refused = 0

    def failed(self):
        self.refused += 1
        self._failures += 1
        if self._failures >= FAILURES:
            self._failures = 0
            self._closed_ms = min(max(2 * self._closed_ms, _FIRST_CLOSED_MS), _MAX_CLOSED_MS)
            self._since_ms = self._ticks_ms()
            self._is_closed = True

    def passed(self):
        self._failures = 0
        self._closed_ms = 0
        self._is_closed = False

    def is_closed(self):
        """True for a minute after three failures in a row, then for twice as long, to an hour."""
        # Once open it stays open: ticks wrap, and in six days they would say "not yet" again.
        if self._is_closed and ticks_diff(self._ticks_ms(), self._since_ms) >= self._closed_ms:
            self._is_closed = False
        return self._is_closed
