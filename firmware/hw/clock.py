"""The board's clock port: the tick counter, and Unix time from the chip's RTC.

The only place that knows that a port may count its seconds from 2000 (ESP32) or from 1970 (RP2).
"""

import time

from machine import RTC

# Before this nobody has set it: after power-up a chip is in 2000 or 2021.
_FIRST_UTC_S = 1_767_225_600  # 2026-01-01
_SECONDS_TO_2000 = 946_684_800


class Clock:
    """`ticks_ms` wraps at 2**30. The RTC outlives a restart of the program, not of the supply."""

    def __init__(self):
        self._rtc = RTC()
        self._base_s = _SECONDS_TO_2000 if time.gmtime(0)[0] == 2000 else 0
        self._late_ms = 0  # the RTC takes whole seconds: what it is behind since it was set

    def ticks_ms(self):
        return time.ticks_ms()

    def _rtc_ms(self):
        return time.time_ns() // 1_000_000 + self._base_s * 1000

    def utc(self):
        """Unix time now as (seconds, milliseconds); (0, 0) while it is not set."""
        now_ms = self._rtc_ms() + self._late_ms
        if now_ms < _FIRST_UTC_S * 1000:
            return 0, 0
        return now_ms // 1000, now_ms % 1000

    def set_utc(self, utc_s, utc_ms):
        year, month, day, hour, minute, second, weekday = time.gmtime(utc_s - self._base_s)[:7]
        self._rtc.datetime((year, month, day, weekday, hour, minute, second, 0))
        self._late_ms = utc_s * 1000 + utc_ms - self._rtc_ms()
