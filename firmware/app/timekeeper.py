"""What time it is: ticks for durations, Unix seconds for the log, local minutes for the lamp.

The only room of the app that knows a clock. `clock` is the board's: `ticks_ms()` wraps at 2**30,
`utc()` is (Unix seconds, milliseconds), (0, 0) while nobody has set it, `set_utc(s, ms)` sets it.
"""

from biocore.units import ticks_add, ticks_diff


class Timekeeper:
    """Counts whole seconds since start-up without drifting against the tick counter.

    `times_set` counts how often the clock was set: who keeps step with its minutes looks at it.
    `late_ms`: how long ago the second was that `next_second_ms` moved on to; 0: it is to come.
    """

    def __init__(self, clock, settings):
        self._clock = clock
        self._settings = settings
        self._due = clock.ticks_ms()
        self.uptime_s = 0
        self.times_set = 0
        self.late_ms = 0

    def utc(self):
        """Unix time now as (seconds, milliseconds); (0, 0) where it is not known."""
        return self._clock.utc()

    def utc_s(self):
        """Unix seconds now, 0 where they are not known."""
        return self._clock.utc()[0]

    def set_utc(self, utc_s, utc_ms):
        """Set the clock."""
        self._clock.set_utc(utc_s, utc_ms)
        self.times_set += 1

    def ticks_ms(self):
        """The tick counter now."""
        return self._clock.ticks_ms()

    def next_second_ms(self):
        """Move on to the next whole second; returns the milliseconds until then (0 if late)."""
        self._due = ticks_add(self._due, 1000)
        self.uptime_s += 1
        wait = ticks_diff(self._due, self._clock.ticks_ms())
        self.late_ms = -wait if wait < 0 else 0
        return wait if wait > 0 else 0

    def is_paused(self):
        """Whether the student wished that nothing is recorded or shown now.

        While the time is not known a pause goes on: rather a minute too few than one too many.
        """
        until_s = self._settings.get("paused_until_utc_s")
        if not until_s:
            return False
        utc_s = self.utc_s()
        if not utc_s or utc_s < until_s:
            return True
        self._settings.put("paused_until_utc_s", 0)
        return False

    def is_dark_time(self):
        """Whether the lamp has to stay dark now (never, while the time is not known)."""
        utc_s = self.utc_s()
        if not utc_s:
            return False
        minute = (utc_s // 60 + self._settings.get("utc_offset_min")) % 1440
        start = self._settings.get("dark_from_min")
        end = self._settings.get("dark_until_min")
        if start <= end:
            return start <= minute < end
        return minute >= start or minute < end
