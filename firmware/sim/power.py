"""When the power goes: at the end of the recording, or when the host lets go of standard input."""

import asyncio
import hashlib
import sys

_MASK = (1 << 30) - 1


class WorldPower:
    """Off when the world has ended."""

    def __init__(self, world):
        self._world = world

    async def wait_off(self):
        await self._world.ended.wait()


class StdinPower:
    """Off when standard input is closed: the host's hand on the battery."""

    async def wait_off(self):
        await asyncio.StreamReader(sys.stdin).read()


class Watchdog:
    """Bites nobody: `longest_ms` is the longest that it was not fed, in the device's own time."""

    def __init__(self, clock):
        self._clock = clock
        self._fed_ms = -1
        self.longest_ms = 0

    def feed(self):
        now_ms = self._clock.ticks_ms()
        if self._fed_ms >= 0:
            self.longest_ms = max(self.longest_ms, (now_ms - self._fed_ms) & _MASK)
        self._fed_ms = now_ms

    def release(self):
        """Nothing to let go of."""


class Entropy:
    """Random bytes that follow from a seed, so that a simulation can be repeated to the bit."""

    def __init__(self, seed):
        self._seed = seed
        self._count = 0

    def __call__(self, n):
        out = b""
        while len(out) < n:
            text = "%s/%d" % (self._seed, self._count)
            out += hashlib.sha256(text.encode()).digest()
            self._count += 1
        return out[:n]
