"""What time it is: ticks for durations, Unix seconds for the log, local minutes for the lamp.

The only room of the app that knows a clock. `clock` is the board's: `ticks_ms()` wraps at 2**30,
`utc_s()` is Unix time or 0 while nobody has set it.
"""

from biocore.units import ticks_add, ticks_diff


class Timekeeper:
    """Counts whole seconds since start-up without drifting against the tick counter."""

    def __init__(self, clock, settings):
        self._clock = clock
        self._settings = settings
        self._due = clock.ticks_ms()
        self.uptime_s = 0

    def utc_s(self):
        """Unix time now, 0 where it is not known."""
        return self._clock.utc_s()

    def ticks_ms(self):
        """The tick counter now."""
        return self._clock.ticks_ms()

    def next_second_ms(self):
        """Move on to the next whole second; returns the milliseconds until then (0 if late)."""
        self._due = ticks_add(self._due, 1000)
        self.uptime_s += 1
        wait = ticks_diff(self._due, self._clock.ticks_ms())
        return wait if wait > 0 else 0

    def is_dark_time(self):
        """Whether the lamp has to stay dark now (never, while the time is not known)."""
        utc_s = self._clock.utc_s()
        if not utc_s:
            return False
        minute = (utc_s // 60 + self._settings["utc_offset_min"]) % 1440
        start = self._settings["dark_from_min"]
        end = self._settings["dark_until_min"]
        if start <= end:
            return start <= minute < end
        return minute >= start or minute < end
