"""Vishay VEML7700 ambient light sensor: 0 to 120 klx in two ranges chosen by itself.

Sources: datasheet 84286 (registers), application note 84323 (resolution table, correction of the
non-linearity at low gain). Chosen because it reads from moonlight to full
sun on one small breakout.
"""

from micropython import const

ADDRESS = const(0x10)

_ALS_CONF = const(0x00)
_POWER_SAVING = const(0x03)
_ALS = const(0x04)
_ID = const(0x07)
_IDENTITY = const(0x81)  # low byte of register 7

# ALS_CONF bits per range: gain in bits 12:11, integration time in bits 9:6. Micro-lux per count by
# application note 84323, table "resolution and maximum detection range": 0.0042 lx at gain 2 and
# 800 ms, in proportion to both. The upper range reaches full sun before its counter does: the
# sensor's answer flattens (see _corrected_mlx).
_RANGES = (
    0x0800 | 0x0040,  # gain 2, 200 ms: 0.0168 lx per count, to 1,101 lx
    0x1000 | 0x0000,  # gain 1/8, 100 ms: 0.5376 lx per count, to 120 klx
)
_HIGH = const(55000)  # counts above which the next range up is taken
_LOW = const(1200)  # counts below which the next range down is taken

NOT_READY = const(-1)
_EIO = const(5)
_ENODEV = const(19)

_STEP_LX = const(500)
_CORRECTED_LX = tuple(
    [
        int((((6.0135e-13 * x - 9.3924e-9) * x + 8.1488e-5) * x + 1.0023) * x + 0.5)
        for x in range(0, 24001, 500)
    ]
)


class Veml7700:
    """Reads the light index in millilux. Raises OSError when the chip does not answer, and once
    where it has lost its settings with its supply.

    `read` returns NOT_READY once after a change of range (that conversion began in the old one) and
    where the sensor is blinded. Call it no more often than every 250 ms.
    """

    def __init__(self, i2c, address=ADDRESS):
        self._i2c = i2c
        self._address = address
        self._two = bytearray(2)
        self._range = 0
        self._settling = True
        self._is_set = False  # the sensor has the settings of `_range`

    def start(self):
        """Check the identity and switch on in the most sensitive range."""
        self._i2c.readfrom_mem_into(self._address, _ID, self._two)
        if self._two[0] != _IDENTITY:
            raise OSError(_ENODEV)
        self._write(_POWER_SAVING, 0)
        self._select(0)

    def read(self):
        """Return millilux (0 to 125,000,000), or NOT_READY."""
        if not self._is_set:
            self._select(self._range)
            return NOT_READY
        self._i2c.readfrom_mem_into(self._address, _ALS, self._two)
        counts = self._two[0] | self._two[1] << 8
        if self._settling:
            self._settling = False
            return NOT_READY
        if counts in (0, 65535):  # dark or blinding; or a chip that is off, or not there
            self._check_settings()
        mlx = self.mlx(counts)
        if self._range == 0 and counts > _HIGH:
            self._select(1)
            if counts == 65535:
                return NOT_READY
        elif self._range == 1 and counts < _LOW:
            self._select(0)
        return mlx

    def _check_settings(self):
        self._i2c.readfrom_mem_into(self._address, _ALS_CONF, self._two)
        if self._two[0] | self._two[1] << 8 != _RANGES[self._range]:
            self.start()
            raise OSError(_EIO)

    def mlx(self, counts):
        """Millilux of so many counts in the present range."""
        if self._range == 0:
            # counts * 16800 passes 2**30: whole millilux and the rest apart
            return counts * 16 + counts * 800 // 1000
        return _corrected_mlx(counts)

    def _select(self, index):
        """Change the range: off, set, on (datasheet: change gain and time only when shut down)."""
        conf = _RANGES[index]
        self._range = index
        self._settling = True
        self._is_set = False
        self._write(_ALS_CONF, conf | 1)
        self._write(_ALS_CONF, conf)
        self._is_set = True

    def _write(self, register, value):
        self._two[0] = value & 0xFF
        self._two[1] = value >> 8
        self._i2c.writeto_mem(self._address, register, self._two)


def _corrected_mlx(counts):
    """Low gain reads too low in bright light: polynomial of application note 84323, as a table.

    lux = 6.0135e-13 x^4 - 9.3924e-9 x^3 + 8.1488e-5 x^2 + 1.0023 x, with straight lines between
    steps of 500 lx (within 0.1 %), in integers: this is read in the sample path. It rises steeply;
    beyond 24,000 uncorrected lux (about 125,000 real) it says nothing.
    """
    x = counts * 5376 // 10000
    if x >= _STEP_LX * (len(_CORRECTED_LX) - 1):
        return _CORRECTED_LX[-1] * 1000
    low = _CORRECTED_LX[x // _STEP_LX]
    rise = _CORRECTED_LX[x // _STEP_LX + 1] - low
    # in 1/500 lx first: rise * 1000 could pass 2**30
    return low * 1000 + rise * (x % _STEP_LX) * (1000 // _STEP_LX)
