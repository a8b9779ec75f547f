"""A Raspberry Pi Pico W with LIS3DH, BH1750, a switched WS2812 matrix and a LiPo cell."""

import os

import slots
import wiring
from drivers.bh1750 import Bh1750
from drivers.i2c_bus import I2cBus
from drivers.lipo import Lipo
from drivers.lis3dh import Lis3dh
from drivers.ws2812 import TIMING_NS, Ws2812
from hw import pins, provisioned
from hw.button import Button
from hw.clock import Clock
from hw.flash_rp2 import open_flash
from hw.power import Power
from hw.radio import Radio
from hw.watchdog import Watchdog, restart_cause

_REFERENCE_MV = 3300  # of the converter: the Pico's own 3.3 V
# What is left of 848 kB beside two applications: tests/host/test_usb_room.py
_JOURNAL_BYTES = 160 * 1024
_TIMER = -1


class Board:
    """The ports of docs/architecture.md."""

    restart_cause = staticmethod(restart_cause)
    forget = staticmethod(provisioned.forget)

    def __init__(self):
        self.watchdog = Watchdog(_TIMER)
        self.clock = Clock()
        self.device_id = provisioned.device_id()
        self.entropy = os.urandom
        openers = pins.i2c_openers(
            wiring.I2C_SENSORS_ID,
            wiring.I2C_SENSORS_SDA,
            wiring.I2C_SENSORS_SCL,
            wiring.I2C_SENSORS_HZ,
        )
        self.buses = (I2cBus(*openers, pins.wait_us),)
        self.accelerometer = Lis3dh(self.buses[0], wiring.ACCELEROMETER_ADDRESS)
        self.light = Bh1750(self.buses[0], wiring.LIGHT_ADDRESS)
        pin = pins.button_pin(wiring.BUTTON, wiring.BUTTON_PULL_UP)
        self.button = Button(pin, self.clock)
        self.rgb = Ws2812(
            pins.lamp_line(wiring.LAMP_DATA, TIMING_NS),
            wiring.LAMP_PIXELS,
            pins.output(wiring.LAMP_POWER).value,
        )
        self.battery = Lipo(
            pins.plain_adc(wiring.BATTERY_ADC, _REFERENCE_MV),
            wiring.BATTERY_UPPER_KOHM,
            wiring.BATTERY_LOWER_KOHM,
        )
        self.radio = Radio()
        self.flash = open_flash(_JOURNAL_BYTES)
        self.slots = slots.running()
        self.power = Power(self.radio, self.battery_mv)

    def key(self):
        """The 32-byte key from provisioning, or None."""
        return provisioned.key()

    def battery_mv(self):
        """The cell's voltage, 0 where it is not known."""
        return self.battery.read_mv()

    def settings_text(self):
        return provisioned.settings_text()
