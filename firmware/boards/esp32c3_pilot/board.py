"""The pilot's wearable: a XIAO ESP32C3 with LIS3DH, VEML7700, an RGB lamp and a LiPo cell."""

import os

import slots
import wiring
from drivers.i2c_bus import I2cBus
from drivers.lipo import Lipo
from drivers.lis3dh import Lis3dh
from drivers.rgb_pwm import RgbPwm
from drivers.veml7700 import Veml7700
from hw import pins, provisioned
from hw.adc_esp32 import calibrated_adc
from hw.button import Button
from hw.clock import Clock
from hw.flash_esp32 import open_flash
from hw.power import Power, WakePin
from hw.radio import Radio
from hw.sleep_esp32 import light_sleep
from hw.watchdog import Watchdog, restart_cause

_JOURNAL_BYTES = 1024 * 1024
_TIMER = 0


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
        self.light = Veml7700(self.buses[0], wiring.LIGHT_ADDRESS)
        pin = WakePin(pins.button_pin(wiring.BUTTON, wiring.BUTTON_PULL_UP))
        self.button = Button(pin, self.clock)
        self.rgb = RgbPwm(
            pins.pwm(wiring.LAMP_RED), pins.pwm(wiring.LAMP_GREEN), pins.pwm(wiring.LAMP_BLUE)
        )
        self.battery = Lipo(
            calibrated_adc(wiring.BATTERY_ADC),
            wiring.BATTERY_UPPER_KOHM,
            wiring.BATTERY_LOWER_KOHM,
        )
        self.radio = Radio()
        self.flash = open_flash(_JOURNAL_BYTES)
        self.slots = slots.running()
        self.power = Power(
            self.radio,
            self.battery_mv,
            pin,
            light_sleep(pin.pin, wiring.BUTTON_PULL_UP),
        )

    def key(self):
        """The 32-byte key from provisioning, or None."""
        return provisioned.key()

    def battery_mv(self):
        """The cell's voltage, 0 where it is not known."""
        return self.battery.read_mv()

    def settings_text(self):
        return provisioned.settings_text()
