"""Frames of the MPU6886's FIFO into samples, for the viper emitter: see _mpu6886_plain."""

import micropython


@micropython.viper
def unpack(raw: ptr8, n: int, samples: ptr16, at: int, limits: ptr16):
    for i in range(n):
        for axis in range(3):
            j = 8 * i + 2 * axis
            value = (int(raw[j]) << 8) | int(raw[j + 1])
            if value > 32767:
                value -= 65536
            samples[3 * (at + i) + axis] = (value * 125) >> 7
        warmth = ((int(raw[8 * i + 6]) << 8) | int(raw[8 * i + 7])) ^ 0x8000
        if warmth < int(limits[0]):
            limits[0] = warmth
        if warmth > int(limits[1]):
            limits[1] = warmth
