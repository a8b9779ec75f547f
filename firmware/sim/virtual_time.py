"""asyncio on stock unix MicroPython in virtual time: a night passes as fast as it can be computed.

Two ways to pass time. Free: when nothing is due, jump to what is due next. Real: wait for it, so
that a radio on the other end of a socket sees an ordinary device. Depends on internals of
asyncio.core (`ticks`, `_io_queue`, `wait_io_event`); tests/contract holds them.
"""

import time
from asyncio import core

_POLL = 3  # MP_STREAM_POLL
_POLL_READ = 1
_MASK = (1 << 30) - 1


class VirtualTime:
    """Stands in asyncio's io queue. `now_ms` counts from 0 and does not wrap."""

    def __init__(self, free):
        # Far ahead of the real counter: the C task queue stamps immediate tasks with real ticks,
        # so they are always due already and never move virtual time.
        self._start = time.ticks_add(time.ticks_ms(), 1 << 40)
        self._now = self._start
        self._free = free
        self._real = time.ticks_ms()
        self._polled = self._real
        self._io = core._io_queue

    def install(self):
        """Make asyncio use this clock. Before asyncio.run."""
        core.ticks = self._ticks
        core._io_queue = self

    def _ticks(self):
        if not self._free:
            real = time.ticks_ms()
            self._now = time.ticks_add(self._now, time.ticks_diff(real, self._real))
            self._real = real
        return self._now

    def __getattr__(self, name):
        return getattr(self._io, name)

    def _has_news(self):
        """Whether polling is worth it: with a ThreadSafeFlag among the waiting, unix MicroPython's
        poll takes a whole millisecond even when told not to wait, so the flags are asked first."""
        for waiting in self._io.map.values():
            if not hasattr(waiting[2], "ioctl"):
                return True
        return self._is_flag_set()

    def _is_flag_set(self):
        for waiting in self._io.map.values():
            flag = waiting[2]
            if hasattr(flag, "ioctl") and flag.ioctl(_POLL, _POLL_READ):
                return True
        return False

    def wait_io_event(self, dt):
        io = self._io
        if not self._free:
            self._wait_really(dt)
            return
        if self._has_news():
            waiting = len(io.map)
            io.wait_io_event(0)
            if len(io.map) != waiting:
                return  # something came in: it goes first
        if dt > 0:
            self._now = time.ticks_add(self._now, dt)
        elif dt < 0:
            io.wait_io_event(-1)  # nobody sleeps: only the outside can bring news

    def _wait_really(self, dt):
        """Poll, but not for a task that is due now: the millisecond that a poll takes (see above)
        is the unix port's own, no chip has it. Every two milliseconds it looks for what came in.
        """
        now = time.ticks_ms()
        if dt == 0 and time.ticks_diff(now, self._polled) < 2 and not self._is_flag_set():
            return
        self._io.wait_io_event(dt)
        self._polled = time.ticks_ms()

    def now_ms(self):
        """Virtual milliseconds since start."""
        return time.ticks_diff(self._ticks(), self._start)

    def ticks_ms(self):
        """What a chip's tick counter would show: wraps at 2**30."""
        return self.now_ms() & _MASK


class Clock:
    """The board's clock port on virtual time. `start_utc_s` 0: nobody has set the clock."""

    def __init__(self, virtual_time, start_utc_s):
        self._time = virtual_time
        self._start_ms = start_utc_s * 1000
        self.ticks_ms = virtual_time.ticks_ms

    def utc(self):
        if not self._start_ms:
            return 0, 0
        now_ms = self._start_ms + self._time.now_ms()
        return now_ms // 1000, now_ms % 1000

    def set_utc(self, utc_s, utc_ms):
        self._start_ms = utc_s * 1000 + utc_ms - self._time.now_ms()
