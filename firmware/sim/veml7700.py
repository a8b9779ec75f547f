"""A VEML7700 by its registers, from Vishay's datasheet and application note, never from our driver.

Its answer flattens in bright light at the low gains, as the real one's does: the application note
gives the polynomial that undoes it; this chip inverts that polynomial.
"""

import struct

_GAIN = {0: 1.0, 1: 2.0, 2: 0.125, 3: 0.25}
_TIME_MS = {0b1100: 25, 0b1000: 50, 0: 100, 1: 200, 2: 400, 3: 800}


def _true_lux(x):
    return (((6.0135e-13 * x - 9.3924e-9) * x + 8.1488e-5) * x + 1.0023) * x


def _flattened(lux):
    """The reading that the polynomial turns into `lux`, by bisection: it rises all the way."""
    low, high = 0.0, 40000.0
    for _ in range(24):
        middle = (low + high) / 2
        if _true_lux(middle) < lux:
            low = middle
        else:
            high = middle
    return low


class Veml7700:
    """Measures a world's `light_mlx()` with the gain and time in ALS_CONF.

    The register keeps the last finished conversion: after a change of configuration it is the old
    one until an integration time has passed.
    """

    ADDRESS = 0x10

    def __init__(self, world, now_ms):
        self._world = world
        self._now_ms = now_ms
        self.lose_supply()

    def lose_supply(self):
        """All is as after power-up."""
        self._conf = 1  # shut down
        self._since_ms = 0
        self._counts = 0

    def write(self, register, data):
        if register == 0:
            self._latch()
            self._conf = data[0] | data[1] << 8
            self._since_ms = self._now_ms()

    def _latch(self):
        """Take over a conversion if one has been finished with the present configuration."""
        if self._conf & 1:
            return
        gain = _GAIN[(self._conf >> 11) & 3]
        time_ms = _TIME_MS[(self._conf >> 6) & 0xF]
        if self._now_ms() - self._since_ms < time_ms:
            return
        lux = self._world.light_mlx() / 1000
        if gain < 1:
            lux = _flattened(lux)
        self._counts = min(65535, int(lux / (0.0042 * (2 / gain) * (800 / time_ms))))

    def read(self, register, buffer):
        if register == 4:
            self._latch()
            struct.pack_into("<H", buffer, 0, self._counts)
        elif register == 7:
            struct.pack_into("<H", buffer, 0, 0xC481)
        else:
            struct.pack_into("<H", buffer, 0, self._conf if register == 0 else 0)
