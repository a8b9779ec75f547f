"""A world and a time for the tests of drivers: samples that are numbered, light as it is set."""

import struct


class World:
    """Numbers every sample: x counts up by 2 mg, y down, z is 1 g."""

    def __init__(self):
        self.count = 0
        self.mlx = 0

    def acceleration(self, buffer, n):
        for i in range(n):
            at = 2 * (self.count % 500)
            struct.pack_into("<hhh", buffer, 6 * i, at, -at, 1000)
            self.count += 1

    def light_mlx(self):
        return self.mlx


class Time:
    ms = 0

    def now_ms(self):
        return self.ms


def samples(driver, n):
    return [
        [v >> driver.mg_shift for v in struct.unpack_from("<hhh", driver.buffer, 6 * i)]
        for i in range(n)
    ]


def pairs(values):
    """Each with the next one."""
    return [(values[i - 1], values[i]) for i in range(1, len(values))]


def refuses(function):
    """The number of the OSError that this raises, or None."""
    try:
        function()
    except OSError as error:
        return error.args[0]
    return None
