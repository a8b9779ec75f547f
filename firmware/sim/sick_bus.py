"""An I2C bus on which things go wrong, and its two lines as a chip that hangs sees them."""

from sim.bus import EIO, ENODEV, ETIMEDOUT, Bus

# what a transfer may meet
NACK = "nack"  # nobody acknowledges: as an ESP32 says it
NACK_RP2 = "nack of an RP2040"
STRETCH = "stretch"  # a chip holds the clock: the port gives up after its timeout
ZEROS = "zeros"  # the supply is gone and the lines are low
ONES = "ones"  # the supply is gone and the pull-ups hold the lines: a write is not acknowledged
_ERRNO = {NACK: ENODEV, NACK_RP2: EIO, STRETCH: ETIMEDOUT}


class Lines:
    """SDA and SCL. `hang(n)`: a chip holds SDA low until it has seen n clocks."""

    def __init__(self):
        self._clocks_left = 0
        self.sda = Line(self, False)
        self.scl = Line(self, True)
        self.clocks = 0
        self.stops = 0  # SDA rose while SCL was high

    def hang(self, clocks):
        self._clocks_left = clocks

    def is_held(self):
        return self._clocks_left > 0

    def changed(self, line, old, new):
        if line is self.scl and old and not new:
            self.clocks += 1
            if self._clocks_left:
                self._clocks_left -= 1
        if line is self.sda and new and not old and self.scl.value() and not self.is_held():
            self.stops += 1


class Line:
    """One line, open drain: `value(0)` pulls it low, `value(1)` lets it go, `value()` looks."""

    def __init__(self, lines, is_clock):
        self._lines = lines
        self._is_clock = is_clock
        self._level = 1

    def value(self, level=None):
        if level is None:
            return 0 if not self._is_clock and self._lines.is_held() else self._level
        old = self._level
        self._level = level
        self._lines.changed(self, old, level)


class SickBus(Bus):
    """`fault`: one of the above, or None, for every transfer until it is set to another;
    `after`: so many transfers go well first; `lasts`: it is over after so many more, -1: never;
    `from_byte`: ZEROS and ONES begin so many bytes into a transfer. `lines`: hanging, nothing gets
    through.
    """

    def __init__(self, *chips):
        Bus.__init__(self, *chips)
        self.lines = Lines()
        self.fault = None
        self.after = 0
        self.lasts = -1
        self.from_byte = 0

    def _meets(self):
        if self.lines.is_held():
            raise OSError(ETIMEDOUT)
        if self.fault is None:
            return None
        if self.after:
            self.after -= 1
            return None
        if self.lasts == 0:
            return None
        self.lasts -= 1
        if self.fault in _ERRNO:
            raise OSError(_ERRNO[self.fault])
        return self.fault

    def readfrom_mem_into(self, address, register, buffer):
        fault = self._meets()
        if fault is None or self.from_byte:
            Bus.readfrom_mem_into(self, address, register, buffer)
        self._blank(buffer, fault)

    def readfrom_into(self, address, buffer):
        fault = self._meets()
        if fault is None or self.from_byte:
            Bus.readfrom_into(self, address, buffer)
        self._blank(buffer, fault)

    def writeto_mem(self, address, register, data):
        if self._takes():
            Bus.writeto_mem(self, address, register, data)

    def writeto(self, address, data):
        if self._takes():
            Bus.writeto(self, address, data)

    def _takes(self):
        """Whether a write reaches its chip; raises where nobody acknowledges it."""
        fault = self._meets()
        if fault == ONES:
            raise OSError(ENODEV)
        return fault is None

    def _blank(self, buffer, fault):
        if fault is not None:
            for i in range(self.from_byte, len(buffer)):
                buffer[i] = 0 if fault == ZEROS else 0xFF
