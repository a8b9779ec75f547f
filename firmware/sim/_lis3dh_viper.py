"""The fake LIS3DH's encoder for interpreters with a native emitter; equal to `encode_plain`."""

import micropython


@micropython.viper
def encode(mg: ptr16, raw: ptr16, n: int, raw_per_mg: int):
    for i in range(3 * n):
        value = int(mg[i])
        if value > 32767:
            value -= 65536
        value *= raw_per_mg
        if value > 32767:
            value = 32767
        if value < -32768:
            value = -32768
        raw[i] = value & 0xFFF0
