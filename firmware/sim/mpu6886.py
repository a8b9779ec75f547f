"""An MPU6886 by its registers, from its datasheet and its sibling's (ICM-20602), never from our
driver. Of the two sensors only the accelerometer.
"""

import struct

_PWR_MGMT_1 = 0x6B
_USER_CTRL = 0x6A
_RAW_PER_G = (16384, 8192, 4096, 2048)  # ACCEL_CONFIG, bits 4:3


class Mpu6886:
    """Fills its FIFO at the sample rate from a world's `acceleration(buffer, n)`, x, y, z in mg.

    fifo_bytes: 1024, or 1008 as in the sibling. slipped: bytes that stand before the first frame,
    as after a FIFO that was read in part. `lose_supply`: back to how it is after power-up.
    """

    ADDRESS = 0x68

    def __init__(self, world, now_ms, fifo_bytes=1024):
        self._world = world
        self._now_ms = now_ms
        self._fifo_bytes = fifo_bytes
        self._mg = bytearray(6)
        self.lose_supply()

    def lose_supply(self):
        self._registers = bytearray(128)
        self._registers[0x75] = 0x19  # WHO_AM_I
        self._registers[_PWR_MGMT_1] = 0x41  # asleep
        self._started_ms = 0
        self._made = 0
        self._fifo = b""
        self._has_overflown = False
        self.slipped = b""

    def write(self, register, data):
        self._make()
        for i, value in enumerate(data):
            self._registers[register + i] = value
        if register == _PWR_MGMT_1 and data[0] & 0x80:
            self.lose_supply()
        if register in (0x19, _PWR_MGMT_1):
            self._restart()
        if register == _USER_CTRL and data[0] & 0x04:  # FIFO_RST
            self._registers[_USER_CTRL] &= ~0x04
            self._fifo = b""
            self._restart()

    def _restart(self):
        self._started_ms = self._now_ms()
        self._made = 0

    def _fills(self):
        registers = self._registers
        is_awake = not registers[_PWR_MGMT_1] & 0x40 and not registers[0x6C] & 0x38
        return is_awake and registers[_USER_CTRL] & 0x40 and registers[0x23] & 0x08

    def _make(self):
        """Bring the FIFO up to now, at 1 kHz / (1 + SMPLRT_DIV)."""
        hz = 1000 / (1 + self._registers[0x19])
        made = int((self._now_ms() - self._started_ms) * hz / 1000)
        while self._made < made:
            self._made += 1
            self._world.acceleration(self._mg, 1)
            if self._fills():
                self._push()

    def _push(self):
        scale = _RAW_PER_G[self._registers[0x1C] >> 3 & 3]
        axes = [
            max(-32768, min(32767, round(mg * scale / 1000)))
            for mg in struct.unpack("<3h", self._mg)
        ]
        frame = struct.pack(">4h", axes[0], axes[1], axes[2], self._warmth())
        full = len(self._fifo) + len(frame) > self._fifo_bytes
        if full:
            self._has_overflown = True
            if self._registers[0x1A] & 0x40:  # FIFO_MODE: takes no more
                return
            self._fifo = self._fifo[len(frame) :]
        self._fifo += frame

    def _warmth(self):
        return 2451 + self._made % 40  # 32.5 degrees, and some noise

    def read(self, register, buffer):
        self._make()
        if register == 0x3A:  # INT_STATUS, cleared by reading
            enabled = self._registers[0x38] & 0x10
            buffer[0] = 0x10 if self._has_overflown and enabled else 0
            self._has_overflown = False
        elif register == 0x41:  # TEMP_OUT
            struct.pack_into(">h", buffer, 0, self._warmth())
        elif register == 0x72:
            waiting = len(self.slipped) + len(self._fifo)
            struct.pack_into(">H", buffer, 0, waiting)
        elif register == 0x74:
            self._pop(buffer)
        else:
            buffer[:] = self._registers[register : register + len(buffer)]

    def _pop(self, buffer):
        waiting = self.slipped + self._fifo
        self.slipped = b""
        n = len(buffer)
        for i in range(n):
            buffer[i] = waiting[i] if i < len(waiting) else 0xFF
        self._fifo = waiting[n:]
