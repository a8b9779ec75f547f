"""A world for a test's board: a hand that is about, and never still for a minute."""

import struct

_STEP_MG = 7
_WIDEST_MG = 400


class Hand:
    """What the fake chips ask of a world: acceleration, in mg, and light."""

    def __init__(self):
        self._n = 0

    def acceleration(self, buffer, n):
        """Fill the buffer with n samples of three 16-bit numbers."""
        for i in range(n):
            self._n += 1
            swing = (self._n * _STEP_MG) % _WIDEST_MG
            struct.pack_into("<hhh", buffer, 6 * i, swing, 300 - swing, 950 - swing // 2)

    def light_mlx(self):
        return 200_000
