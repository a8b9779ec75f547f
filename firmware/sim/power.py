"""When the power goes: at the end of the recording, or when the host lets go of standard input."""

import asyncio
import hashlib
import sys


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
