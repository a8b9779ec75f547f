"""When the device can be found: for a minute after a press, and shortly every half an hour or so.

Every window has a new tag, which only a host with the key recognises (crypto.advertising_tag).
"""

import asyncio

from biocore.crypto import SALT_BYTES, advertising_tag

PRESS_S = 60
# The radio is the dearest part: what it costs, and what it would cost otherwise: hardware/power.
SCHEDULE_S = 1800  # from one window to the next, half of it more or less
SCHEDULED_S = 20


class Visibility:
    """Runs for ever. `press` opens a window; `radio` offers `start(tag)` and `quiet()`.

    While the guard is closed there is no window. A connection that stands is left alone.
    `open_s` counts the seconds of all windows.
    """

    def __init__(self, radio, timekeeper, guard, key, entropy):
        self._radio = radio
        self._time = timekeeper
        self._guard = guard
        self._key = key
        self._entropy = entropy
        self._left_s = 0
        self.open_s = 0
        self._pressed = asyncio.Event()

    def press(self):
        """Somebody pressed the button: be found for a minute."""
        self._left_s = PRESS_S
        self._pressed.set()

    async def run(self):
        while True:
            if not self._left_s:
                self._radio.quiet()
                await self._until_window()
            if self._guard.is_closed():
                self._left_s = 0
                await asyncio.sleep_ms(1000)
                continue
            try:
                self._radio.start(self._tag())
            except OSError:  # the radio counts it; a device that cannot be found measures on
                self._left_s = 0
                await asyncio.sleep_ms(1000)
                continue
            while self._left_s > 0 and not self._guard.is_closed():
                # A press meanwhile sets `_left_s` anew: the window grows, the tag stays.
                self._left_s -= 1
                self.open_s += 1
                await asyncio.sleep_ms(1000)
            self._left_s = 0

    async def _until_window(self):
        """Return at the next scheduled window or press."""
        self._pressed.clear()
        # By chance, so that a class does not call its one hub in the same seconds, and that nobody
        # knows a device by the minute it calls in.
        chance = int.from_bytes(self._entropy(2), "little")
        wait_s = SCHEDULE_S // 2 + chance % SCHEDULE_S
        try:
            await asyncio.wait_for_ms(self._pressed.wait(), wait_s * 1000)
        except asyncio.TimeoutError:
            if not self._time.is_dark_time():
                self._left_s = SCHEDULED_S

    def _tag(self):
        salt = self._entropy(SALT_BYTES)
        if self._key is None:  # nobody can recognise it, and nobody will be served
            return salt + self._entropy(3)
        return advertising_tag(self._key, salt)
