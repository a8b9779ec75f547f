"""The finger on the button, by a list of moments."""

import asyncio


class Finger:
    """Drives a pin at the given moments for as long as the power lasts.

    `moments`: [[milliseconds since start, level], ...] in rising order. Wraps the power port,
    because a finger is there just as long as the device is.
    """

    def __init__(self, pin, moments, power):
        self._pin = pin
        self._moments = moments
        self._power = power

    def begin(self, ledger):
        """How long the program runs is this computer's, and no chip's: not counted."""

    def off(self):
        """The process ends by itself."""

    restart = off  # and whoever began it begins the next

    async def wait_off(self):
        press = asyncio.create_task(self._press())
        try:
            await self._power.wait_off()
        finally:
            press.cancel()

    async def _press(self):
        now = 0
        for at_ms, level in self._moments:
            await asyncio.sleep_ms(at_ms - now)
            now = at_ms
            self._pin.drive(level)
