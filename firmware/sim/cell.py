"""A lithium-polymer cell behind a divider at an ADC, as a port's `read_uv` reads it."""


class Cell:
    """mv: the cell's voltage now. noise_uv: each reading is off by the next of these; `kick_mv`:
    once, as when the radio pulls."""

    def __init__(self, mv, upper, lower, noise_uv=(0,)):
        self.mv = mv
        self._upper = upper
        self._lower = lower
        self._noise_uv = noise_uv
        self._n = 0
        self.kick_mv = 0

    def read_uv(self):
        mv = self.mv + self.kick_mv
        self.kick_mv = 0
        self._n += 1
        return (
            mv * 1000 * self._lower // (self._lower + self._upper)
            + self._noise_uv[self._n % len(self._noise_uv)]
        )
