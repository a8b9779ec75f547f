"""A board whose sensors are on a bus that can fall ill, on a wrist that moves, in virtual time."""

import gc

SECTORS = 8
CELLS = bytearray(SECTORS * 4096)  # before the sources of the app cut the heap to pieces
gc.threshold(8192)  # as firmware/main.py does

# ruff: noqa: E402
from drivers.lis3dh import Lis3dh
from drivers.rgb_pwm import RgbPwm
from drivers.veml7700 import Veml7700
from hw.button import Button
from nor_flash import Flash
from sim.hand import Hand
from sim.lis3dh import Lis3dh as Lis3dhChip
from sim.pins import Pin, Pwm
from sim.power import Watchdog
from sim.sick_bus import SickBus
from sim.veml7700 import Veml7700 as Veml7700Chip
from sim.virtual_time import Clock


class Radio:
    """Nobody is near."""

    stack_errors = restarts = limit_frames = 0
    is_found = False

    def start(self, tag):
        self.is_found = True

    def quiet(self):
        self.is_found = False

    stop = quiet

    def is_connected(self):
        return False

    async def wait_connected(self):
        import asyncio

        await asyncio.Event().wait()


class Power:
    """Goes when the test says so."""

    def __init__(self):
        import asyncio

        self._gone = asyncio.Event()
        self.is_off = False
        self.is_restarted = False

    def begin(self, ledger):
        self.ledger = ledger

    async def wait_off(self):
        await self._gone.wait()

    def go(self):
        self._gone.set()

    def off(self):
        self.is_off = True

    def restart(self):
        self.is_restarted = True


class Board:
    """All ports; `buses` are the accelerometer's and the light sensor's."""

    device_id = b"wornwrst"
    slots = None
    cause = 1
    given_key = bytes(range(32))

    def __init__(self, time, utc_s, flash=None):
        self.time = time
        self.clock = Clock(time, utc_s - time.now_ms() // 1000)
        self.flash = flash or Flash(SECTORS, CELLS)
        world = Hand()
        self.buses = [
            SickBus(Lis3dhChip(world, time.now_ms)),
            SickBus(Veml7700Chip(world, time.now_ms)),
        ]
        self.accelerometer = Lis3dh(self.buses[0])
        self.light = Veml7700(self.buses[1])
        self.pin = Pin()
        self.button = Button(self.pin, self.clock)
        self.pwm = (Pwm(), Pwm(), Pwm())
        self.rgb = RgbPwm(*self.pwm)
        self.radio, self.power = Radio(), Power()
        self.watchdog = Watchdog(self.clock)
        self._n = 0

    def restart_cause(self):
        return self.cause

    def key(self):
        return self.given_key

    def forget(self):
        self.given_key = None

    def entropy(self, n):
        self._n += 1
        return bytes([self._n]) * n

    def battery_mv(self):
        return 3900

    def settings_text(self):
        return ""
