"""A chain of WS2812B lamps by what comes over their line, from Worldsemi's datasheet."""

# ns: what counts as the short and the long time, +-150 each
_SHORT = (250, 550)
_LONG = (650, 950)


class Chain:
    """`write(data)` is the line; `power(on)` its supply. pixels: what each lamp shows, (r, g, b).

    Refuses a pulse that a lamp would not understand. Without supply all is dark and nothing heard.
    """

    def __init__(self, n, timing_ns):
        zero_high, zero_low, one_high, one_low = timing_ns
        for value, (low, high) in (
            (zero_high, _SHORT),
            (zero_low, _LONG),
            (one_high, _LONG),
            (one_low, _SHORT),
        ):
            if not low <= value <= high:
                raise ValueError("no lamp understands a pulse of %d ns" % value)
        self._n = n
        self.is_on = True
        self.switched = 0
        self.pixels = [(0, 0, 0)] * n

    def power(self, on):
        self.switched += self.is_on != bool(on)
        self.is_on = bool(on)
        if not on:
            self.pixels = [(0, 0, 0)] * self._n

    def write(self, data):
        if not self.is_on:
            return
        for i in range(min(self._n, len(data) // 3)):
            green, red, blue = data[3 * i : 3 * i + 3]
            self.pixels[i] = (red, green, blue)

    def milliamperes(self):
        """What the chain takes: 20 mA a channel that is full, 1 mA a lamp for itself."""
        if not self.is_on:
            return 0
        return self._n + sum(20 * sum(pixel) / 255 for pixel in self.pixels)
