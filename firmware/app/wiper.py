"""Who holds the device makes it nobody's: log, what was learnt, settings and key go."""

import asyncio


class Wiper:
    """`ask` begins it; `run` returns once all is gone and the lamp has said so: start anew then.

    forget: the board's port, which removes what provisioning wrote. It comes last: cut short by
    the power, a device with a key is still closed to strangers. `faults` counts wipes that the
    flash did not take; the lamp stays dark, and who held the button can hold it again.
    """

    def __init__(self, journal, settings, indicator, forget):
        self._journal = journal
        self._settings = settings
        self._indicator = indicator
        self._forget = forget
        self._asked = asyncio.Event()
        self.is_done = False
        self.faults = 0

    def ask(self):
        self._asked.set()

    async def run(self):
        while not self.is_done:
            await self._asked.wait()
            self._asked.clear()
            try:
                for _ in self._journal.wiping():
                    await asyncio.sleep(0)
                self._settings.save()
                self._forget()
            except OSError:
                self.faults += 1
            else:
                self.is_done = True
        await self._indicator.confirm_wipe()
