"""Frames of the MPU6886's FIFO into samples, in plain Python; to the bit as _mpu6886_viper."""


def unpack(raw, n, samples, at, limits):
    """Turn n frames (x, y, z, temperature; high byte first; 8192 a g) into int16 at 8000 a g,
    low byte first, from sample `at` on.

    limits: two uint16, low byte first, the lowest and highest temperature so far, plus 32768.
    """
    lowest = limits[0] | limits[1] << 8
    highest = limits[2] | limits[3] << 8
    for i in range(n):
        for axis in range(3):
            j = 8 * i + 2 * axis
            value = raw[j] << 8 | raw[j + 1]
            if value > 32767:
                value -= 65536
            value = value * 125 >> 7
            k = 6 * (at + i) + 2 * axis
            samples[k] = value & 0xFF
            samples[k + 1] = value >> 8 & 0xFF
        warmth = (raw[8 * i + 6] << 8 | raw[8 * i + 7]) ^ 0x8000
        lowest = min(lowest, warmth)
        highest = max(highest, warmth)
    limits[0] = lowest & 0xFF
    limits[1] = lowest >> 8
    limits[2] = highest & 0xFF
    limits[3] = highest >> 8
