"""The simulated board: our drivers on fake chips, our radio on whatever `bluetooth` there is.

The environment says what it is made of:
BIOKLOK_SIM_FLASH      the flash image (must exist)
BIOKLOK_SIM_WORLD      a stream of seconds (sim/world.py): time is virtual and runs free until it
                       ends. Without it: a drawer, in real time, until standard input is closed.
BIOKLOK_SIM_POWER_CUT  in the middle of the so-manieth flash write the power goes, 0: never
BIOKLOK_SIM_SEED       text from which all random numbers follow
BIOKLOK_SIM_SETTINGS   JSON of app/settings.py
BIOKLOK_SIM_SLOTS     a folder with a slash behind it that is the board's file system, for updates
BIOKLOK_SIM_AIR        read by sim/modules/bluetooth.py: the socket of the virtual radio
"""

import os

from drivers.lis3dh import Lis3dh
from drivers.rgb_pwm import RgbPwm
from drivers.veml7700 import Veml7700
from hw.button import Button
from hw.radio import Radio
from sim.bus import Bus
from sim.finger import Finger
from sim.lis3dh import Lis3dh as Lis3dhChip
from sim.nor_flash import NorFlash
from sim.pins import Pin, Pwm
from sim.power import Entropy, StdinPower, Watchdog, WorldPower
from sim.veml7700 import Veml7700 as Veml7700Chip
from sim.virtual_time import Clock, VirtualTime
from sim.world import StillWorld, StreamedWorld
from slots import Slots


class Board:
    """All ports of docs/architecture.md; fake is only what is silicon, air or hours."""

    def __init__(self):
        stream = os.getenv("BIOKLOK_SIM_WORLD")
        time = VirtualTime(free=bool(stream))
        time.install()
        world = StreamedWorld(stream) if stream else StillWorld()
        self.clock = Clock(time, world.start_utc_s)
        power_cut = int(os.getenv("BIOKLOK_SIM_POWER_CUT") or 0)
        self.flash = NorFlash(os.getenv("BIOKLOK_SIM_FLASH"), power_cut)
        self.device_id = self.flash.unique_id
        root = os.getenv("BIOKLOK_SIM_SLOTS")
        self.slots = Slots(root) if root else None
        if root:
            self.slots.choose()  # as boot.py does on a board
        self.entropy = Entropy(os.getenv("BIOKLOK_SIM_SEED") or "0")
        i2c = Bus(Lis3dhChip(world, time.now_ms), Veml7700Chip(world, time.now_ms))
        self.accelerometer = Lis3dh(i2c)
        self.light = Veml7700(i2c)
        pin = Pin()
        self.button = Button(pin, self.clock)
        self.pwm = (Pwm(), Pwm(), Pwm())
        self.rgb = RgbPwm(*self.pwm)
        self.radio = Radio()
        power = WorldPower(world) if stream else StdinPower()
        self.power = Finger(pin, world.button, power)
        self.watchdog = Watchdog(self.clock)

    def key(self):
        """The 32-byte key from provisioning, or None."""
        return self.flash.key_file or None

    def forget(self):
        """Remove what provisioning wrote."""
        self.flash.remove_key_file()

    def restart_cause(self):
        """The power came (biocore.message.RESTART_POWER): each process is a start of its own."""
        return 1

    def battery_mv(self):
        """There is no battery: not known."""
        return 0

    def settings_text(self):
        return os.getenv("BIOKLOK_SIM_SETTINGS") or ""
