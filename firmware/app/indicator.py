"""Shows patterns of biocore.lamp on the lamp, one at a time, and only when asked: by a press, or
once and for all by a student who wants the lamp to glow.
"""

import asyncio

from biocore.lamp import (
    GLOW_REST_MS,
    GLOWS,
    MIN_PERIOD_MS,
    MIN_RAMP_MS,
    NOTED,
    NOTED_SYMBOL,
    PATTERNS,
    WIPED,
    brightness,
)
from biocore.units import ticks_diff

_STEP_MS = 40  # fine enough for a smooth ramp of 200 ms
_LOOK_MS = 60_000  # a state that does not glow is looked at again: a minute has one state


class Indicator:
    """`show_state` and `show_noted` ask for a pattern; `run` plays them, for ever. `confirm_wipe`
    returns when its pattern is over. `look`: the settings have changed.

    A pattern that plays is never cut short (its fall would be too fast), and the next one begins no
    sooner than MIN_PERIOD_MS after it began: however one presses, the lamp stays below 1 Hz. What
    is asked for meanwhile waits; the newest counts. A glow gives way to it, in a fall of
    MIN_RAMP_MS. In the dark hours and in a pause nothing is shown. `ledger` is told what shone.
    """

    def __init__(self, rgb, timekeeper, settings, tracker, ledger):
        self._ledger = ledger
        self._shown = (0, 0, 0)
        self._since_ms = 0
        self._rgb = rgb
        self._time = timekeeper
        self._settings = settings
        self._tracker = tracker
        self._next = None
        self._asked = asyncio.Event()
        self._is_over = asyncio.Event()  # nothing is asked for that was not shown yet
        self._is_over.set()

    def show_state(self, lamp):
        self._ask(lamp, PATTERNS[lamp])

    def show_noted(self):
        self._ask(NOTED_SYMBOL, NOTED)

    async def confirm_wipe(self):
        self._ask(NOTED_SYMBOL, WIPED)
        await self._is_over.wait()

    def look(self):
        self._asked.set()

    def _ask(self, symbol, pattern):
        if self._may_shine():
            self._next = (symbol, pattern)
            self._is_over.clear()
            self._asked.set()

    def _may_shine(self):
        return not (self._time.is_dark_time() or self._time.is_paused())

    async def run(self):
        try:
            while True:
                await self._until_asked()
                self._asked.clear()
                asked = self._next
                self._next = None
                # asked for before it grew dark, or before a pause
                if asked is not None and self._may_shine():
                    self._rgb.symbol(asked[0])
                    await self._play(asked[1], False)
                if self._next is None:
                    self._is_over.set()
        finally:
            self._rgb.show(0, 0, 0)

    async def _until_asked(self):
        """Return when somebody asks; glow meanwhile, where that is wished."""
        while not self._asked.is_set():
            if not self._settings.get("glow"):
                await self._asked.wait()
                return
            glow = GLOWS[self._tracker.lamp] if self._may_shine() else None
            if glow is not None:
                self._rgb.symbol(self._tracker.lamp)
                await self._play(glow, True)
            try:
                rest_ms = _LOOK_MS if glow is None else GLOW_REST_MS
                await asyncio.wait_for_ms(self._asked.wait(), rest_ms)
            except asyncio.TimeoutError:
                pass

    async def _play(self, pattern, gives_way):
        """Show it to its end; return no sooner than the next may begin."""
        colour, keyframes = pattern
        start = began = self._time.ticks_ms()
        level = 0
        while True:
            if gives_way and self._asked.is_set():
                gives_way = False
                keyframes = ((0, level), (MIN_RAMP_MS, 0))
                began = self._time.ticks_ms()
            level = brightness(keyframes, ticks_diff(self._time.ticks_ms(), began))
            if level < 0:
                break
            self._shine(colour, level)
            await asyncio.sleep_ms(_STEP_MS)
        self._shine(colour, 0)
        left_ms = MIN_PERIOD_MS - ticks_diff(self._time.ticks_ms(), start)
        if left_ms > 0:
            await asyncio.sleep_ms(left_ms)

    def _shine(self, colour, level):
        red, green, blue = colour
        now_ms = self._time.ticks_ms()
        self._ledger.shone(*self._shown, ticks_diff(now_ms, self._since_ms))
        self._since_ms = now_ms
        self._shown = (red * level // 255, green * level // 255, blue * level // 255)
        self._ledger.is_lit = self._shown != (0, 0, 0)
        self._rgb.show(*self._shown)
