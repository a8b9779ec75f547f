"""An M5StickC PLUS2 with its Hat DLight: MPU6886, BH1750, the screen as the lamp, button A."""

import os

import slots
import wiring
from drivers.bh1750 import Bh1750
from drivers.i2c_bus import I2cBus
from drivers.lipo import Lipo
from drivers.mpu6886 import Mpu6886
from drivers.st7789_lamp import St7789Lamp
from hw import pins, provisioned
from hw.adc_esp32 import calibrated_adc
from hw.button import Button
from hw.clock import Clock
from hw.flash_esp32 import open_flash
from hw.power import Power, WakePin
from hw.radio import Radio
from hw.sleep_esp32 import light_sleep
from hw.watchdog import Watchdog, restart_cause

_SCREEN_SPI = 1
_JOURNAL_BYTES = 1024 * 1024
_TIMER = 0


class Board:
    """The ports of docs/architecture.md."""

    restart_cause = staticmethod(restart_cause)
    forget = staticmethod(provisioned.forget)

    def __init__(self):
        self.hold = pins.output(wiring.HOLD, 1)  # first: without it the stick goes off again
        self.watchdog = Watchdog(_TIMER)
        self.clock = Clock()
        self.device_id = provisioned.device_id()
        self.entropy = os.urandom
        sensors = pins.i2c_openers(
            wiring.I2C_SENSORS_ID,
            wiring.I2C_SENSORS_SDA,
            wiring.I2C_SENSORS_SCL,
            wiring.I2C_SENSORS_HZ,
        )
        hat = pins.i2c_openers(
            wiring.I2C_HAT_ID, wiring.I2C_HAT_SDA, wiring.I2C_HAT_SCL, wiring.I2C_HAT_HZ
        )
        self.buses = (I2cBus(*sensors, pins.wait_us), I2cBus(*hat, pins.wait_us))
        self.accelerometer = Mpu6886(self.buses[0], wiring.ACCELEROMETER_ADDRESS)
        self.light = Bh1750(self.buses[1], wiring.LIGHT_ADDRESS)
        pin = WakePin(pins.button_pin(wiring.BUTTON, wiring.BUTTON_PULL_UP))
        self.button = Button(pin, self.clock)
        self.rgb = St7789Lamp(
            pins.spi(_SCREEN_SPI, wiring.LAMP_CLOCK, wiring.LAMP_DATA),
            pins.output(wiring.LAMP_SELECT, 1),
            pins.output(wiring.LAMP_COMMAND, 1),
            pins.output(wiring.LAMP_RESET, 1),
            pins.pwm(wiring.LAMP_BACKLIGHT),
            pins.wait_ms,
            self.clock.ticks_ms,
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
            self.let_go,
        )

    def let_go(self):
        """Off: the stick's own supply goes."""
        self.hold.value(0)

    def key(self):
        """The 32-byte key from provisioning, or None."""
        return provisioned.key()

    def battery_mv(self):
        """The cell's voltage, 0 where it is not known."""
        return self.battery.read_mv()

    def settings_text(self):
        return provisioned.settings_text()
