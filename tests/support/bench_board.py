"""Runs on the board of board_on_cable.py, as the board.py of a real build: our drivers on fake
chips, our journal on the board's own LittleFS, key and settings as provisioning leaves them, in
virtual time that runs free, so that minutes pass while a test looks.
"""

import asyncio
import os
from time import sleep_ms, ticks_diff, ticks_ms

import slots
from drivers.lis3dh import Lis3dh
from drivers.rgb_pwm import RgbPwm
from drivers.veml7700 import Veml7700
from hw import provisioned
from hw.button import Button
from hw.flash_files import SectorFiles
from hw.radio import Radio
from sim.bus import Bus
from sim.hand import Hand
from sim.lis3dh import Lis3dh as Lis3dhChip
from sim.pins import Pin, Pwm
from sim.power import Watchdog
from sim.veml7700 import Veml7700 as Veml7700Chip
from sim.virtual_time import Clock, VirtualTime

_JOURNAL_BYTES = 16 * 4096
_BUSY_MS = 20


class _Time(VirtualTime):
    """A chip sleeps between its bursts; this one does so now and then, or no Ctrl-C came through
    (board_chip.py)."""

    _rested = 0

    def wait_io_event(self, dt):
        super().wait_io_event(dt)
        if ticks_diff(ticks_ms(), self._rested) >= _BUSY_MS:
            sleep_ms(1)
            self._rested = ticks_ms()


class _Power:
    """Of a cell that never ends."""

    def begin(self, ledger):
        pass

    async def wait_off(self):
        await asyncio.Event().wait()

    def off(self):
        pass

    restart = off


class Board:
    """All ports of docs/architecture.md."""

    forget = staticmethod(provisioned.forget)
    key = staticmethod(provisioned.key)
    settings_text = staticmethod(provisioned.settings_text)
    entropy = staticmethod(os.urandom)

    def __init__(self):
        time = _Time(free=True)
        time.install()
        self.clock = Clock(time, 1_795_000_000)
        self.device_id = provisioned.device_id()
        world = Hand()
        i2c = Bus(Lis3dhChip(world, time.now_ms), Veml7700Chip(world, time.now_ms))
        self.accelerometer = Lis3dh(i2c)
        self.light = Veml7700(i2c)
        self.button = Button(Pin(), self.clock)
        self.rgb = RgbPwm(Pwm(), Pwm(), Pwm())
        self.radio = Radio()
        self.flash = SectorFiles(_JOURNAL_BYTES)
        self.slots = slots.running()
        self.power = _Power()
        self.watchdog = Watchdog(self.clock)

    def restart_cause(self):
        return 1

    def battery_mv(self):
        return 3900
