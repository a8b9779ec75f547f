"""WS2812B lamps in a chain: one dot, or 25 as a matrix of 5 by 5 that shows the symbols.

Source: Worldsemi WS2812B datasheet, "Data transfer time" and "Composition of 24bit data": green,
red, blue, high bit first; each lamp takes the first 24 bits and passes on the rest. A lamp takes
0.6 to 1 mA when dark (its logic) and 12 mA (newer ones) to 20 mA a channel when full: so its supply
is switched off when dark, where the board has a switch, and never more than `limit` is shown.
"""

from drivers.symbols import SIDE, SYMBOLS
from micropython import const

# For machine.bitstream: high and low time in ns of a 0, then of a 1.
TIMING_NS = (400, 850, 800, 450)
_CHANNELS = const(3)
_MATRIX = const(25)
LIMIT_DOT = const(96)  # of 255: what one dot may be given at most
LIMIT_MATRIX = const(24)  # and each dot of a matrix


class Ws2812:
    """`write(data)` puts the bytes on the line (machine.bitstream with TIMING_NS); `power(on)`
    switches the supply, or None.

    What comes right after the supply may be lost: who shows goes on showing, as the app does.
    pixels: 1, or 25 in rows from the top left. limit: the highest value given to a channel, of 255.
    """

    def __init__(self, write, pixels=1, power=None, limit=0):
        if pixels not in (1, _MATRIX):
            raise ValueError("a dot or a matrix of 25, not %d" % pixels)
        self._write = write
        self._power = power
        self._pixels = pixels
        self._limit = limit or (LIMIT_DOT if pixels == 1 else LIMIT_MATRIX)
        self._bytes = bytearray(_CHANNELS * pixels)
        self._symbol = 0
        self._is_on = True  # unknown: the first `show` makes it dark
        self.show(0, 0, 0)

    def show(self, red, green, blue):
        """Set the colour, each 0 to 255; a matrix shows its symbol in it. Light follows the square,
        and what is not 0 gets at least the smallest step."""
        is_on = red + green + blue > 0
        if is_on and not self._is_on and self._power is not None:
            self._power(1)
        self._fill(self._step(red), self._step(green), self._step(blue))
        if is_on or self._is_on:
            self._write(self._bytes)
        if not is_on and self._is_on and self._power is not None:
            self._power(0)
        self._is_on = is_on

    def symbol(self, state):
        """Which symbol a matrix shows from now on: a state of biocore.lamp."""
        self._symbol = state

    def _step(self, value):
        return (value * value * self._limit + 65024) // 65025

    def _fill(self, red, green, blue):
        data = self._bytes
        for i in range(self._pixels):
            lit = 1
            if self._pixels == _MATRIX:
                lit = SYMBOLS[self._symbol][i // SIDE] >> (SIDE - 1 - i % SIDE) & 1
            data[_CHANNELS * i] = green * lit
            data[_CHANNELS * i + 1] = red * lit
            data[_CHANNELS * i + 2] = blue * lit
