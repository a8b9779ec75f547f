"""Runs under MicroPython in place of firmware/main.py: the same device, its loop watched.

Writes to BIOKLOK_TURNS, as JSON: {what was done in a turn: [turns, microseconds in all, of the
longest]}. Microseconds of the processor, a thousand at a time: what else this computer does is
nothing of ours. A turn is what runs between two looks of asyncio at what is due: nothing else runs
then.
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


def now_us():
    """Processor time of this process: in floats of 64 bits, which chips have not."""
    return int(time.clock() * 1_000_000)


class Watch:
    """Stands in asyncio's queue before the simulated board's virtual time."""

    def __init__(self, device):
        self._io = core._io_queue
        self._device = device
        self._before = self._done()
        self._began = now_us()
        self.kinds = {}

    def __getattr__(self, name):
        return getattr(self._io, name)

    def _done(self):
        device = self._device
        ledger, sampler = device.ledger, device.sampler
        return (
            ledger.flash_sectors,
            device.journal.next_sequence,
            sampler.epochs,
            sampler.light_reads,
            sampler.bursts,
            ledger.lamp_ms,
        )

    def wait_io_event(self, dt):
        us = now_us() - self._began
        done = self._done()
        kind = "nothing of these"
        names = ("sector erased", "page", "epoch", "light", "burst", "lamp")
        for name, now, before in zip(names, done, self._before):  # noqa: B905, MicroPython
            if now != before:
                kind = name
                break
        self._before = done
        figures = self.kinds.setdefault(kind, [0, 0, 0])
        figures[0] += 1
        figures[1] += us
        figures[2] = max(figures[2], us)
        self._io.wait_io_event(dt)
        self._began = now_us()


class Counted:
    """The board's accelerometer, and how often its FIFO had run over when it was read."""

    def __init__(self, accelerometer):
        self._accelerometer = accelerometer
        self.overruns = 0

    def __getattr__(self, name):
        return getattr(self._accelerometer, name)

    def read(self):
        n = self._accelerometer.read()
        self.overruns += self._accelerometer.overrun
        return n


board = Board()
board.accelerometer = Counted(board.accelerometer)
device = Device(board)
gc.collect()
gc.threshold(-1)
watch = core._io_queue = Watch(device)
asyncio.run(device.run())
watch.kinds["unfed ms"] = board.watchdog.longest_ms
watch.kinds["overruns"] = board.accelerometer.overruns
status = device.desk.status()
watch.kinds["status"] = list(status)
with open(os.getenv("BIOKLOK_TURNS"), "w") as file:
    json.dump(watch.kinds, file)
