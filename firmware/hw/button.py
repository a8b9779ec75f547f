"""The button's edges, caught by the pin's interrupt and handed to a task."""

import asyncio
from array import array

from micropython import const

_RING = const(16)


class Button:
    """Wraps a pin (machine.Pin's `value` and `irq`) that reads 0 while pressed.

    The interrupt only notes level and tick: it may run in the middle of anything.
    """

    def __init__(self, pin, clock):
        self._pin = pin
        self._clock = clock
        self._ticks = array("i", [0] * _RING)
        self._levels = bytearray(_RING)
        self._head = 0
        self._tail = 0
        self._flag = asyncio.ThreadSafeFlag()
        pin.irq(self._on_edge)

    def _on_edge(self, pin):
        head = self._head
        self._ticks[head] = self._clock.ticks_ms()
        self._levels[head] = 0 if pin.value() else 1
        head = (head + 1) % _RING
        if head != self._tail:  # a full ring drops the newest edge; `is_pressed` sets it right
            self._head = head
        self._flag.set()

    def is_pressed(self):
        """The level now."""
        return not self._pin.value()

    def next_edge(self):
        """Return (pressed, ticks_ms) of the oldest edge not yet taken, or None."""
        tail = self._tail
        if tail == self._head:
            return None
        self._tail = (tail + 1) % _RING
        return self._levels[tail] == 1, self._ticks[tail]

    async def wait(self, timeout_ms):
        """Return when an edge has come or, where it is not -1, `timeout_ms` has passed."""
        if timeout_ms < 0:
            await self._flag.wait()
            return
        try:
            await asyncio.wait_for_ms(self._flag.wait(), timeout_ms)
        except asyncio.TimeoutError:
            return
