"""Stands in for MicroPython's `machine` where a real board file is tried: its pins are numbers, and
`solder` says what the test has put on them. What is not soldered does not answer.

Only what firmware/hw uses of the documented interface; a wrong argument is an error here too.
"""

from sim.bus import Bus
from sim.pins import Pin as SimPin
from sim.pins import Pwm

_soldered = {}
pins = {}
bitstreams = []
rtc_set = []
watchdogs = []
timers = []
slept = []  # ("light" or "deep", ms)
PWRON_RESET, HARD_RESET, WDT_RESET, DEEPSLEEP_RESET, SOFT_RESET = 1, 2, 3, 4, 5


def solder(place, what):
    """place: ("i2c", sda, scl), ("spi", clock, data), ("adc", pin), ("line", pin) or ("pin", n)."""
    _soldered[place] = what


def unsolder():
    """Take everything off again."""
    _soldered.clear()
    for left in (pins, rtc_set, watchdogs, timers, slept):
        left.clear()


def unique_id():
    return _soldered.get("id", b"\x01\x02\x03\x04\x05\x06")


class Pin(SimPin):
    IN, OUT, OPEN_DRAIN, PULL_UP = 1, 3, 7, 2

    def __init__(self, number, mode=None, pull=None, value=None):
        SimPin.__init__(self)
        self.number = number
        self.mode = mode
        self.pull = pull
        self._what = _soldered.get(("pin", number))
        self.is_rtc = False
        pins[number] = self
        if value is not None:
            self.value(value)

    def init(self, mode, pull=None):
        self.mode, self.pull, self.is_rtc = mode, pull, False

    def value(self, level=None):
        if level is None:
            return 0 if self.is_rtc else SimPin.value(self)
        if self.mode not in (Pin.OUT, Pin.OPEN_DRAIN):
            raise ValueError("pin %d drives nothing" % self.number)
        self.drive(level)
        if self._what is not None:
            self._what(level)
        return None


class I2C(Bus):
    def __init__(self, bus, *, sda, scl, freq=400000, timeout=50000):
        Bus.__init__(self, *_soldered.get(("i2c", sda.number, scl.number), ()))
        self.bus, self.freq, self.timeout = bus, freq, timeout


class SPI:
    def __init__(self, bus, *, baudrate, sck, mosi):
        self.bus, self.baudrate = bus, baudrate
        self.write = _soldered[("spi", sck.number, mosi.number)]


class PWM(Pwm):
    def __init__(self, pin, *, freq, duty_u16):
        Pwm.__init__(self)
        self.freq = freq
        self.duty = duty_u16
        pins[pin.number] = self


class ADC:
    ATTN_11DB = 3

    def __init__(self, pin, *, atten=None):
        self._cell = _soldered[("adc", pin.number)]
        self.atten = atten

    def read_uv(self):
        if self.atten != ADC.ATTN_11DB:
            raise ValueError("more than 950 mV need the attenuation")
        return self._cell.read_uv()

    def read_u16(self):
        return min(65535, self._cell.read_uv() * 65535 // 3_300_000)


class RTC:
    def datetime(self, when):
        rtc_set.append(when)


def bitstream(pin, encoding, timing, data):
    if encoding != 0:
        raise ValueError("no such encoding")
    _soldered[("line", pin.number)](data, timing)


class WDT:
    """Bites when nothing fed it for its timeout: ask `has_bitten` at a time in ms."""

    def __init__(self, id=0, timeout=5000):
        if not 1 <= timeout <= 8388:
            raise ValueError("an RP2040 cannot wait so long")
        self.timeout = timeout
        self.n_fed = 0
        self.last_ms = _soldered["now_ms"]()
        self.longest_ms = 0
        watchdogs.append(self)

    def feed(self):
        now_ms = _soldered["now_ms"]()
        self.n_fed += 1
        self.longest_ms = max(self.longest_ms, now_ms - self.last_ms)
        self.last_ms = now_ms

    def has_bitten(self, now_ms):
        return max(self.longest_ms, now_ms - self.last_ms) > self.timeout


class Timer:
    PERIODIC = 1

    def __init__(self, number):
        self.number = number
        self.period = 0
        timers.append(self)

    def init(self, *, period, mode, callback):
        self.period, self.mode, self.callback = period, mode, callback

    def deinit(self):
        self.callback = None


def reset_cause():
    return _soldered.get("reset_cause", PWRON_RESET)


def lightsleep(ms):
    """What wakes has the pin afterwards: see firmware/hw/sleep_esp32.py."""
    import esp32

    slept.append(("light", ms))
    _soldered["sleep"](ms)
    for pin, _ in esp32.wakes_gpio:
        assert pin._handler is None, "its interrupt comes for ever as long as the pin is low"
    for pin, _ in esp32.wakes:
        pin.is_rtc = True


def reset():
    slept.append(("reset", 0))


def deepsleep(ms):
    slept.append(("deep", ms))
