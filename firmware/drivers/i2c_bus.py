"""An I2C bus that frees itself: counts what fails, and clears the lines when a chip holds them.

Source: I2C-bus specification UM10204, section 3.1.16 "bus clear". A chip that lost a clock in the
middle of a byte holds SDA low until it has been clocked through its rest: nine clocks at most.
"""

from micropython import const

_CLOCKS = const(9)
_HALF_US = const(5)  # 100 kHz: every chip follows
# A chip that answers no more says so at once: its lines are looked at after so many in a row.
_FAULTS_IN_A_ROW = const(3)
_ETIMEDOUT = (110, 116)  # unix, lwIP and newlib number it differently


class I2cBus:
    """The methods of machine.I2C that the drivers use. They raise OSError, as machine.I2C does.

    `open_i2c()` makes the bus, `open_lines()` returns (sda, scl) as open-drain outputs that are
    let go, with `value`; `wait_us(n)` waits. faults: transfers that failed; cleared: times the
    lines were cleared. A transfer ends in bounded time: machine.I2C has a timeout for a stretched
    clock, and clearing is nine clocks.
    """

    def __init__(self, open_i2c, open_lines, wait_us):
        self._open_i2c = open_i2c
        self._open_lines = open_lines
        self._wait_us = wait_us
        self._i2c = open_i2c()
        self._in_a_row = 0
        self.faults = 0
        self.cleared = 0

    def readfrom_mem_into(self, address, register, buffer):
        try:
            self._i2c.readfrom_mem_into(address, register, buffer)
        except OSError as error:
            self._failed(error)
            raise
        self._in_a_row = 0

    def writeto_mem(self, address, register, data):
        try:
            self._i2c.writeto_mem(address, register, data)
        except OSError as error:
            self._failed(error)
            raise
        self._in_a_row = 0

    def readfrom_into(self, address, buffer):
        try:
            self._i2c.readfrom_into(address, buffer)
        except OSError as error:
            self._failed(error)
            raise
        self._in_a_row = 0

    def writeto(self, address, data):
        try:
            self._i2c.writeto(address, data)
        except OSError as error:
            self._failed(error)
            raise
        self._in_a_row = 0

    def _failed(self, error):
        self.faults += 1
        self._in_a_row += 1
        if error.args[0] in _ETIMEDOUT or self._in_a_row % _FAULTS_IN_A_ROW == 0:
            self._clear()

    def _clear(self):
        """Clock SDA free, end with a STOP, and make the bus anew: the port's may be stuck too."""
        sda, scl = self._open_lines()
        wait_us = self._wait_us
        for _ in range(_CLOCKS):
            if sda.value():
                break
            scl.value(0)
            wait_us(_HALF_US)
            scl.value(1)
            wait_us(_HALF_US)
        scl.value(0)
        sda.value(0)
        wait_us(_HALF_US)
        scl.value(1)
        wait_us(_HALF_US)
        sda.value(1)
        wait_us(_HALF_US)
        self._i2c = self._open_i2c()
        self.cleared += 1
