"""A BH1750FVI by its instructions, from ROHM's datasheet, never from our driver."""

POWER_DOWN = 0
_CONTINUOUS = (0x10, 0x11, 0x13)
# time of a conversion at MTreg 69, in ms: H-resolution modes 120, L 16
_TIME_MS = {0x10: 120, 0x11: 120, 0x13: 16}


class Bh1750:
    """Measures a world's `light_mlx()` in the mode and with the MTreg it was told.

    After power-up it is powered down with an empty data register; `lose_supply` makes it so again.
    """

    ADDRESS = 0x23

    def __init__(self, world, now_ms):
        self._world = world
        self._now_ms = now_ms
        self.lose_supply()

    def lose_supply(self):
        self._is_on = False
        self._mode = POWER_DOWN
        self._time = 69
        self._since_ms = 0
        self._counts = 0

    def send(self, data):
        opcode = data[0]
        self._latch()
        if opcode == 0x00:
            self._is_on = False
        elif opcode == 0x01:
            self._is_on = True
        elif opcode == 0x07:
            if self._is_on:  # "Reset command is not acceptable in Power Down mode"
                self._counts = 0
        elif opcode >> 3 == 0b01000:
            self._time = (opcode & 7) << 5 | self._time & 0x1F
        elif opcode >> 5 == 0b011:
            self._time = self._time & 0xE0 | opcode & 0x1F
        elif opcode in _CONTINUOUS:
            self._is_on = True
            self._mode = opcode
            self._since_ms = self._now_ms()

    def receive(self, buffer):
        self._latch()
        buffer[0] = self._counts >> 8
        buffer[1] = self._counts & 0xFF

    def _latch(self):
        """Take over a conversion if one has been finished since the mode was set."""
        if not self._is_on or self._mode == POWER_DOWN or not 31 <= self._time <= 254:
            return
        if self._now_ms() - self._since_ms < _TIME_MS[self._mode] * self._time // 69:
            return
        counts = self._world.light_mlx() / 1000 * 1.2 * self._time / 69
        if self._mode == 0x11:
            counts *= 2
        self._counts = min(65535, int(counts))
