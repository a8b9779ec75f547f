"""Shows patterns of biocore.lamp on the lamp, one at a time, and only when asked."""

import asyncio

from biocore.lamp import MIN_PERIOD_MS, NOTED, PATTERNS, brightness
from biocore.units import ticks_diff

_STEP_MS = 40  # fine enough for a smooth ramp of 200 ms


class Indicator:
    """`show_state` and `show_noted` ask for a pattern; `run` plays them, for ever.

    A pattern that plays is never cut short (its fall would be too fast), and the next one begins no
    sooner than MIN_PERIOD_MS after it began: however one presses, the lamp stays below 1 Hz. What
    is asked for meanwhile waits; the newest counts.
    """

    def __init__(self, rgb, timekeeper):
        self._rgb = rgb
        self._time = timekeeper
        self._next = None
        self._asked = asyncio.Event()

    def show_state(self, lamp):
        self._ask(PATTERNS[lamp])

    def show_noted(self):
        self._ask(NOTED)

    def _ask(self, pattern):
        if not self._time.is_dark_time():
            self._next = pattern
            self._asked.set()

    async def run(self):
        try:
            while True:
                await self._asked.wait()
                self._asked.clear()
                start = self._time.ticks_ms()
                await self._play(self._next, start)
                left_ms = MIN_PERIOD_MS - ticks_diff(self._time.ticks_ms(), start)
                if left_ms > 0:
                    await asyncio.sleep_ms(left_ms)
        finally:
            self._rgb.show(0, 0, 0)

    async def _play(self, pattern, start):
        (red, green, blue), keyframes = pattern
        while True:
            level = brightness(keyframes, ticks_diff(self._time.ticks_ms(), start))
            if level < 0:
                break
            self._rgb.show(red * level // 255, green * level // 255, blue * level // 255)
            await asyncio.sleep_ms(_STEP_MS)
        self._rgb.show(0, 0, 0)
