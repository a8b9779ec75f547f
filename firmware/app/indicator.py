"""Shows patterns of biocore.lamp on the lamp, one at a time, and only when asked."""

import asyncio

from biocore.lamp import NOTED, PATTERNS, brightness
from biocore.units import ticks_diff

_STEP_MS = 40  # fine enough for a smooth ramp of 200 ms


class Indicator:
    """`show_state` and `show_noted` start a pattern; a running one is replaced."""

    def __init__(self, rgb, timekeeper):
        self._rgb = rgb
        self._time = timekeeper
        self._task = None

    def show_state(self, lamp):
        self._start(PATTERNS[lamp])

    def show_noted(self):
        self._start(NOTED)

    def _start(self, pattern):
        if self._task is not None:
            self._task.cancel()
        if self._time.is_dark_time():
            self._rgb.show(0, 0, 0)
            return
        self._task = asyncio.create_task(self._play(pattern))

    async def _play(self, pattern):
        (red, green, blue), keyframes = pattern
        start = self._time.ticks_ms()
        try:
            while True:
                level = brightness(keyframes, ticks_diff(self._time.ticks_ms(), start))
                if level < 0:
                    break
                self._rgb.show(red * level // 255, green * level // 255, blue * level // 255)
                await asyncio.sleep_ms(_STEP_MS)
        finally:
            self._rgb.show(0, 0, 0)
