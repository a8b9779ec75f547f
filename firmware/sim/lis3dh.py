"""A LIS3DH by its registers, from ST's datasheet (chapters 5 and 8), never from our driver."""

import struct

FIFO_DEPTH = 32
# CTRL_REG1 ODR[3:0] in normal and high-resolution mode (table 31)
_ODR_HZ = (0, 1, 10, 25, 50, 100, 200, 400, 1600, 1344)
# CTRL_REG4 FS[1:0]: raw units of the left-justified 16-bit value per mg (section 2.1)
_RAW_PER_MG = (16, 8, 4, 1)


class Lis3dh:
    """Fills its FIFO at the rate in CTRL_REG1 from a world's `acceleration(buffer, n)`.

    `now_ms()` is virtual time; `acceleration` gives n samples of int16 x, y, z in mg.
    """

    ADDRESS = 0x18

    def __init__(self, world, now_ms):
        self._world = world
        self._now_ms = now_ms
        self._mg = bytearray(FIFO_DEPTH * 6)
        self.lose_supply()

    def lose_supply(self):
        """All is as after power-up."""
        self._registers = bytearray(0x40)
        self._registers[0x0F] = 0x33  # WHO_AM_I
        self._registers[0x1E] = 0x10  # CTRL_REG0: SDO's pull-up is connected
        self._registers[0x20] = 0x07  # CTRL_REG1 after power-up
        self._started_ms = 0
        self._taken = 0  # samples that left the FIFO, read or overwritten, since the start

    @property
    def pulls_sdo_up(self):
        """SDO_PU_DISC of CTRL_REG0 is 0: where SDO is low, a current flows (section 8.7)."""
        return not self._registers[0x1E] & 0x80

    def write(self, register, data):
        for i, value in enumerate(data):
            at = (register & 0x7F) + i
            if at == 0x1E and value & 0x7F != 0x10:
                raise ValueError("CTRL_REG0: its low bits are fixed for correct operation")
            self._registers[at] = value
        if register in (0x20, 0x2E):  # a new rate or FIFO mode starts the FIFO afresh
            self._started_ms = self._now_ms()
            self._taken = 0

    def _filled(self):
        """Samples waiting, before the depth is applied."""
        registers = self._registers
        if registers[0x20] & 0x07 != 0x07 or not registers[0x24] & 0x40:
            return 0
        if registers[0x2E] >> 6 == 0:  # bypass
            return 0
        odr_hz = _ODR_HZ[registers[0x20] >> 4]
        made = (self._now_ms() - self._started_ms) * odr_hz // 1000
        return made - self._taken

    def read(self, register, buffer):
        if register == 0x2F:  # FIFO_SRC_REG
            filled = self._filled()
            level = min(filled, FIFO_DEPTH - 1)
            buffer[0] = (
                (0x40 if filled > FIFO_DEPTH - 1 else 0)
                | (0x20 if filled <= 0 else 0)
                | (level if level > 0 else 0)
            )
        elif register == 0x28 | 0x80:
            self._pop(buffer, len(buffer) // 6)
        else:
            start = register & 0x7F
            buffer[:] = self._registers[start : start + len(buffer)]

    def _pop(self, buffer, n):
        filled = self._filled()
        while filled > FIFO_DEPTH:  # stream mode: what came too late has overwritten the oldest
            lost = min(filled - FIFO_DEPTH, FIFO_DEPTH)
            self._world.acceleration(self._mg, lost)
            self._taken += lost
            filled -= lost
        taken = min(n, max(filled, 0))
        self._world.acceleration(self._mg, taken)
        self._taken += taken
        for i in range(6 * taken, 6 * n):  # empty: the last one again
            self._mg[i] = self._mg[i - 6] if taken else 0
        encode(self._mg, buffer, n, _RAW_PER_MG[(self._registers[0x23] >> 4) & 3])


def encode_plain(mg, raw, n, raw_per_mg):
    """Turn n samples in mg into left-justified 12-bit values (high resolution), saturating."""
    for i in range(0, 6 * n, 2):
        value = struct.unpack_from("<h", mg, i)[0] * raw_per_mg
        value = max(-32768, min(32767, value))
        struct.pack_into("<h", raw, i, value & ~0xF)


try:
    from sim._lis3dh_viper import encode
except (ImportError, SyntaxError):
    encode = encode_plain
