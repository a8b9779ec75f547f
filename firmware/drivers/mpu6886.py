"""TDK InvenSense MPU6886, its accelerometer alone: 25 Hz, +-4 g, a FIFO of 1 kB (five seconds).

Source: MPU-6886 datasheet DS-000193 rev 1.1, register numbers of chapter 7; what it leaves open is
as in its sibling's, the ICM-20602 (DS-000176): a FIFO frame of the accelerometer is x, y, z and the
temperature, eight bytes, high byte first. Chosen because it is in the ready-made device.

Nobody marks where a frame begins. The temperature tells: it hardly moves within seconds, so where
the fourth words of the frames are not near the chip's temperature now, the frames are read askew,
and the FIFO is begun anew. So it is after a transfer that failed, which took who knows how much.
"""

from micropython import const

try:
    from drivers._mpu6886_viper import unpack
except (ImportError, SyntaxError, ValueError):  # the last: machine code for another processor
    from drivers._mpu6886_plain import unpack

ADDRESS = const(0x68)  # AD0 low; high: 0x69 (section 6.2)

_SMPLRT_DIV = const(0x19)  # register 25
_CONFIG = const(0x1A)  # register 26
_ACCEL_CONFIG = const(0x1C)  # register 28
_ACCEL_CONFIG2 = const(0x1D)  # register 29
_FIFO_EN = const(0x23)  # register 35
_INT_ENABLE = const(0x38)  # register 56
_INT_STATUS = const(0x3A)  # register 58
_TEMP_OUT = const(0x41)  # registers 65 and 66
_USER_CTRL = const(0x6A)  # register 106
_PWR_MGMT_1 = const(0x6B)  # register 107
_PWR_MGMT_2 = const(0x6C)  # register 108
_FIFO_COUNT = const(0x72)  # registers 114 and 115: reading the high byte holds the low one
_FIFO_R_W = const(0x74)  # register 116: does not step on
_WHO_AM_I = const(0x75)  # register 117
_IDENTITY = const(0x19)

_AWAKE = const(0x01)  # not asleep, the best clock there is
_FIFO_ON = const(0x40)
_FRAME_BYTES = const(8)
_CHUNK = const(16)  # frames of one transfer
_MAX_FRAMES = const(128)
_FULL_FRAMES = const(126)  # the sibling's FIFO has 1008 bytes, this one 1 kB
_MAX_APART = const(1000)  # temperature of a frame from that now: 3 degrees (326.8 a degree)
SAMPLE_BYTES = const(6)

_EIO = const(5)
_ENODEV = const(19)


class Mpu6886:
    """Reads bursts of raw samples. Raises OSError when the chip does not answer or is another, and
    where what it says cannot be; the next `read` then begins with an empty FIFO.

    `mg_shift`: a sample in `buffer` shifted right by so many bits is in mg. `overrun`: the FIFO was
    full and the newest samples were lost.
    """

    SAMPLE_HZ = 25
    mg_shift = 3  # `unpack` makes 8 per mg of 8.192

    def __init__(self, i2c, address=ADDRESS):
        self._i2c = i2c
        self._address = address
        self._one = bytearray(1)
        self._two = bytearray(2)
        self.buffer = bytearray(_MAX_FRAMES * SAMPLE_BYTES)
        raw = bytearray(_CHUNK * _FRAME_BYTES)
        self._raw = raw
        view = memoryview(raw)
        # A slice allocates; the sample path may not.
        self._views = [view[: n * _FRAME_BYTES] for n in range(_CHUNK + 1)]
        self._limits = bytearray(4)  # lowest and highest temperature of a burst
        self._is_whole = True  # no frame was read in part
        self.overrun = False

    def start(self):
        """Check the identity and switch on: 25 Hz, +-4 g, no gyroscope, a FIFO that stops full."""
        if self._read(_WHO_AM_I) != _IDENTITY:
            raise OSError(_ENODEV)
        self._write(_PWR_MGMT_1, _AWAKE)
        self._write(_PWR_MGMT_2, 0x07)  # the gyroscope's three axes off
        self._write(_CONFIG, 0x41)  # a full FIFO takes no more; filtered, so 1 kHz inside
        self._write(_SMPLRT_DIV, 39)  # 1 kHz / 40
        self._write(_ACCEL_CONFIG, 0x08)  # +-4 g
        self._write(_ACCEL_CONFIG2, 0x05)  # 10.2 Hz
        self._write(_INT_ENABLE, 0x10)  # or the status does not say that the FIFO is full
        self._write(_FIFO_EN, 0x08)  # accelerometer
        self._empty()

    def read(self):
        """Read what the FIFO holds into `buffer`; returns the number of samples (0 to 128)."""
        self.overrun = False
        if not self._is_whole:
            self._empty()
            return 0
        status = self._read(_INT_STATUS)
        self._i2c.readfrom_mem_into(self._address, _FIFO_COUNT, self._two)
        n = (self._two[0] << 8 | self._two[1]) // _FRAME_BYTES
        if n == 0:
            self._check_awake()
            return 0
        if n > _MAX_FRAMES:  # all ones: nobody drives the lines
            self._restart()
        is_full = status & 0x10 != 0 or n >= _FULL_FRAMES  # FIFO_OFLOW_INT
        self._take(n)
        if is_full:
            self._empty()  # its end may be half a frame
        self.overrun = is_full
        return n

    def _take(self, n):
        limits = self._limits
        limits[0] = limits[1] = 0xFF
        limits[2] = limits[3] = 0
        self._is_whole = False
        done = 0
        while done < n:
            chunk = n - done
            if chunk > _CHUNK:
                chunk = _CHUNK
            self._i2c.readfrom_mem_into(self._address, _FIFO_R_W, self._views[chunk])
            unpack(self._raw, chunk, self.buffer, done, limits)  # pyright: ignore[reportArgumentType]
            done += chunk
        self._i2c.readfrom_mem_into(self._address, _TEMP_OUT, self._two)
        now = (self._two[0] << 8 | self._two[1]) ^ 0x8000
        lowest = limits[0] | limits[1] << 8
        highest = limits[2] | limits[3] << 8
        if highest - now > _MAX_APART or now - lowest > _MAX_APART or self._is_dead(n):
            self._restart()
        self._is_whole = True

    def _is_dead(self, n):
        """Whether the last sample is all zeros or all ones: no wrist moves like that."""
        buffer = self.buffer
        first = buffer[n * SAMPLE_BYTES - 1]
        if first not in (0, 0xFF):
            return False
        for i in range((n - 1) * SAMPLE_BYTES, n * SAMPLE_BYTES - 1):
            if buffer[i] != first:
                return False
        return True

    def _check_awake(self):
        """Nothing new is nothing new, unless the chip has lost its supply and sleeps since."""
        if self._read(_PWR_MGMT_1) != _AWAKE or self._read(_USER_CTRL) & _FIFO_ON == 0:
            self._restart()

    def _restart(self):
        self.start()
        raise OSError(_EIO)

    def _empty(self):
        self._write(_USER_CTRL, 0x04)  # FIFO_RST, clears itself
        self._write(_USER_CTRL, _FIFO_ON)
        self._is_whole = True

    def _read(self, register):
        self._i2c.readfrom_mem_into(self._address, register, self._one)
        return self._one[0]

    def _write(self, register, value):
        self._one[0] = value
        self._i2c.writeto_mem(self._address, register, self._one)
