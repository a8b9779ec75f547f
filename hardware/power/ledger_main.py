"""Runs under MicroPython in place of firmware/main.py: the same device, and at the end its ledger.

Writes to BIOKLOK_LEDGER, as JSON: the fields of STATUS (biocore.message), and how long a turn of
the loop with a burst in it took on this computer, [turns, microseconds in all].
"""

import asyncio
import gc
import json
import os
import time
from asyncio import core

gc.threshold(8192)

from app.device import Device  # noqa: E402
from board import Board  # noqa: E402


class Watch:
    """Stands in asyncio's queue before the simulated board's virtual time."""

    def __init__(self, device):
        self._io = core._io_queue
        self._sampler = device.sampler
        self._bursts = 0
        self._began = time.ticks_us()
        self.turns = 0
        self.us = 0

    def __getattr__(self, name):
        return getattr(self._io, name)

    def wait_io_event(self, dt):
        if self._sampler.bursts != self._bursts:
            self._bursts = self._sampler.bursts
            self.turns += 1
            self.us += time.ticks_diff(time.ticks_us(), self._began)
        self._io.wait_io_event(dt)
        self._began = time.ticks_us()


device = Device(Board())
gc.collect()
gc.threshold(-1)
watch = core._io_queue = Watch(device)
asyncio.run(device.run())
with open(os.getenv("BIOKLOK_LEDGER"), "w") as file:
    json.dump({"status": list(device.desk.status()), "burst_turns": [watch.turns, watch.us]}, file)
