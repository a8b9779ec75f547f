"""ST LIS3DH three-axis accelerometer: 25 Hz, +-4 g, 12 bit, stream FIFO of 32 samples.

Section numbers: ST datasheet of the LIS3DH, register description in chapter 8. Chosen because it is
on the breakouts that people buy, and its FIFO lets the processor sleep for a second at a time.
"""

from micropython import const

ADDRESS = const(0x18)  # SDO/SA0 low; high: 0x19 (section 6.1.1)

_WHO_AM_I = const(0x0F)
_IDENTITY = const(0x33)  # section 8.6
_CTRL_REG0 = const(0x1E)  # section 8.7
_CTRL_REG1 = const(0x20)  # section 8.8
_CTRL_REG4 = const(0x23)  # section 8.11
_CTRL_REG5 = const(0x24)  # section 8.12
_OUT_X_L = const(0x28)  # section 8.17
_FIFO_CTRL = const(0x2E)  # section 8.20
_FIFO_SRC = const(0x2F)  # section 8.21
_AUTO_INCREMENT = const(0x80)  # section 6.1.1: MSB of the sub-address

FIFO_SAMPLES = const(32)
SAMPLE_BYTES = const(6)

_ON = const(0x37)  # 25 Hz, x, y and z
_EIO = const(5)
_ENODEV = const(19)


class Lis3dh:
    """Reads bursts of raw samples. Raises OSError when the chip does not answer or is another, and
    where what it says cannot be: its supply failed, or nobody drives the lines.

    `mg_shift`: a raw sample shifted right by so many bits is in mg. `overrun`: the last burst came
    too late and samples were lost.
    """

    SAMPLE_HZ = 25
    mg_shift = 3  # +-4 g over 16 bits left-justified: 8 per mg (section 2.1, table 4)

    def __init__(self, i2c, address=ADDRESS):
        self._i2c = i2c
        self._address = address
        self._one = bytearray(1)
        self.buffer = bytearray(FIFO_SAMPLES * SAMPLE_BYTES)
        view = memoryview(self.buffer)
        # A slice allocates; the sample path may not.
        self._views = [view[: n * SAMPLE_BYTES] for n in range(FIFO_SAMPLES + 1)]
        self.overrun = False

    def start(self):
        """Check the identity and switch on: 25 Hz, all axes, +-4 g high resolution, FIFO stream."""
        if self._read(_WHO_AM_I) != _IDENTITY:
            raise OSError(_ENODEV)
        if (
            self._address == ADDRESS
        ):  # SDO is held low outside: its pull-up would take current for good
            self._write(_CTRL_REG0, 0x90)  # disconnect it; the low bits have to stay as they are
        self._write(_CTRL_REG4, 0x98)  # block data update, +-4 g, high resolution
        self._write(_CTRL_REG5, 0x40)  # FIFO on
        self._write(_FIFO_CTRL, 0x00)  # bypass empties it (section 5.1.1)
        self._write(_FIFO_CTRL, 0x80)  # stream: the newest 32
        self._write(_CTRL_REG1, _ON)

    def read(self):
        """Read what the FIFO holds into `buffer`; returns the number of samples (0 to 32)."""
        self.overrun = False
        source = self._read(_FIFO_SRC)
        if source & 0x60 == 0x60:  # overrun and empty at once
            raise OSError(_EIO)
        is_full = source & 0x40 != 0  # OVRN_FIFO: all 32 are full and one was overwritten
        n = FIFO_SAMPLES if is_full else source & 0x1F
        if n == 0:
            self._check_on()
            return 0
        self._i2c.readfrom_mem_into(self._address, _OUT_X_L | _AUTO_INCREMENT, self._views[n])
        if self._is_dead(n):
            raise OSError(_EIO)
        self.overrun = is_full
        return n

    def _check_on(self):
        """Nothing new is nothing new, unless the chip has lost its supply and is off since."""
        if self._read(_CTRL_REG1) != _ON:
            self.start()
            raise OSError(_EIO)

    def _is_dead(self, n):
        """Whether the last sample is all zeros or all ones: no wrist moves like that."""
        buffer = self.buffer
        last = n * SAMPLE_BYTES - 1
        first = buffer[last]
        if first not in (0, 0xFF):
            return False
        for i in range(last - SAMPLE_BYTES + 1, last):
            if buffer[i] != first:
                return False
        return True

    def _read(self, register):
        self._i2c.readfrom_mem_into(self._address, register, self._one)
        return self._one[0]

    def _write(self, register, value):
        self._one[0] = value
        self._i2c.writeto_mem(self._address, register, self._one)
