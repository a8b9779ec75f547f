"""ROHM BH1750FVI ambient light sensor: 0 to 120 klx in two ranges chosen by itself.

Source: ROHM datasheet BH1750FVI (technical note 11046EDT01): "Instruction Set Architecture",
"Adjust Measurement Result for influence of optical window" (the measurement time register, MTreg),
"Measurement mode explanation". Chosen as the sensor of the hat that plugs onto the ready-made
device.

It has no identity register: that another chip answers at its address shows by nothing here. After
its supply failed it is powered down and reads 0, as in the dark: so a 0 is believed only when it is
the first reading after the sensor was set up anew.
"""

from micropython import const

ADDRESS = const(0x23)  # ADDR pin low; high: 0x5C ("Slave Address")

_POWER_ON = const(0x01)
_RESET = const(0x07)  # empties the data register
_CONTINUOUS_H = const(0x10)
_CONTINUOUS_H2 = const(0x11)  # twice the counts
_MT_HIGH = const(0x40)  # 01000 and MTreg bits 7 to 5
_MT_LOW = const(0x60)  # 011 and MTreg bits 4 to 0

# Mode, MTreg (31 to 254, usually 69) and the light of a count: 1/1.2 lx at MTreg 69, half of that
# in mode 2, in inverse proportion to MTreg.
_RANGES = (
    (_CONTINUOUS_H2, 254, 113, 189),  # 0.113189 lx, to 7,417 lx; 442 ms, 663 at most
    (_CONTINUOUS_H, 31, 1854, 839),  # 1.854839 lx, to 121,557 lx; 54 ms, 81 at most
)
_HIGH = const(60000)  # counts above which the upper range is taken: 6,791 lx
_LOW = const(2500)  # counts below which the lower one is taken: 4,637 lx
_FULL = const(65535)

NOT_READY = const(-1)
_EIO = const(5)


class Bh1750:
    """Reads the light index in millilux. Raises OSError when the chip does not answer.

    `read` returns NOT_READY once after a change of range and before it believes a 0. Call it no
    more often than every 700 ms.
    """

    def __init__(self, i2c, address=ADDRESS):
        self._i2c = i2c
        self._address = address
        self._one = bytearray(1)
        self._two = bytearray(2)
        self._range = 0
        self._settling = True
        self._is_set = False  # the sensor has all that `_select` told it
        self._is_fresh = False  # the reading now is the first since the sensor was set up

    def start(self):
        """Switch on in the most sensitive range."""
        self._select(0)

    def read(self):
        """Return millilux (0 to 121,557,000), or NOT_READY.

        OSError where it reads full in the upper range: brighter than the sun, or a line that hangs.
        """
        if not self._is_set:
            self._select(self._range)
            return NOT_READY
        self._i2c.readfrom_into(self._address, self._two)
        counts = self._two[0] << 8 | self._two[1]
        if self._settling:
            self._settling = False
            self._is_fresh = True
            return NOT_READY
        is_fresh = self._is_fresh
        self._is_fresh = False
        if counts == 0 and not is_fresh:
            self._select(self._range)
            return NOT_READY
        if self._range == 0 and counts > _HIGH:
            self._select(1)
            return NOT_READY if counts == _FULL else self._mlx(0, counts)
        if self._range == 1 and counts == _FULL:
            self._select(1)
            raise OSError(_EIO)
        if self._range == 1 and counts < _LOW:
            self._select(0)
            return self._mlx(1, counts)
        return self._mlx(self._range, counts)

    def _mlx(self, index, counts):
        """Whole millilux and the rest apart: counts times micro-lux passes 2**30."""
        _, _, milli, micro = _RANGES[index]
        return counts * milli + counts * micro // 1000

    def _select(self, index):
        mode, time, _, _ = _RANGES[index]
        self._range = index
        self._settling = True
        self._is_fresh = False
        self._is_set = False
        self._send(_POWER_ON)
        self._send(_RESET)
        self._send(_MT_HIGH | time >> 5)
        self._send(_MT_LOW | time & 0x1F)
        self._send(mode)
        self._is_set = True

    def _send(self, opcode):
        self._one[0] = opcode
        self._i2c.writeto(self._address, self._one)
