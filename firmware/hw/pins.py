"""What a board's pins are connected to, on `machine`: buses, PWM, converter, lamp line.

A board file names the pins, a driver takes what is made here.
"""

import time

import machine
from machine import ADC, I2C, PWM, SPI, Pin
from micropython import const

_I2C_TIMEOUT_US = const(10_000)  # a clock held longer is a fault: OSError, not a wait
_PWM_HZ = const(1000)  # above what an eye sees
_SPI_HZ = const(20_000_000)


def i2c_openers(bus, sda, scl, hz):
    """Return (open_i2c, open_lines) for drivers.i2c_bus.I2cBus."""

    def open_i2c():
        return I2C(bus, sda=Pin(sda), scl=Pin(scl), freq=hz, timeout=_I2C_TIMEOUT_US)

    def open_lines():
        return (
            Pin(sda, Pin.OPEN_DRAIN, Pin.PULL_UP, value=1),
            Pin(scl, Pin.OPEN_DRAIN, Pin.PULL_UP, value=1),
        )

    return open_i2c, open_lines


def button_pin(pin, pull_up):
    """A button to ground; without `pull_up` the board itself pulls up."""
    return Pin(pin, Pin.IN, Pin.PULL_UP) if pull_up else Pin(pin, Pin.IN)


def output(pin, level=0):
    """A pin that is driven."""
    return Pin(pin, Pin.OUT, value=level)


def pwm(pin):
    """A PWM channel, off."""
    return PWM(Pin(pin), freq=_PWM_HZ, duty_u16=0)


def spi(bus, clock, data):
    """An SPI bus that only writes."""
    return SPI(bus, baudrate=_SPI_HZ, sck=Pin(clock), mosi=Pin(data))


def lamp_line(pin, timing_ns):
    """Return write(data) for a chain of WS2812."""
    line = Pin(pin, Pin.OUT, value=0)

    def write(data):
        machine.bitstream(line, 0, timing_ns, data)

    return write


def plain_adc(pin, reference_mv):
    """Return read_uv() of a converter that is as good as its reference."""
    adc = ADC(Pin(pin))

    def read_uv():
        return adc.read_u16() * reference_mv // 65535 * 1000

    return read_uv


wait_us = time.sleep_us
wait_ms = time.sleep_ms
