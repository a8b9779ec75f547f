"""The integer kernels in plain Python: the reference that the viper form must equal to the bit."""

import struct

from biocore._kernels_layout import (
    ATAN_TABLE,
    AXES,
    BIAS_MG,
    CLIP_MG,
    CLIPPED,
    ENMO_SUM,
    MAX,
    MAX_DEVIATION_MG,
    MIN,
    N_BLOCK,
    N_SAMPLES,
    N_WINDOW,
    PER_AXIS,
    REF,
    SUM,
    SUM_X,
    SUMSQ,
)


def isqrt(n):
    """Largest integer whose square is at most n (0 <= n < 2**32). Digit by digit, base 2."""
    root = 0
    bit = 1 << 30
    while bit > n:
        bit >>= 2
    while bit:
        if n >= root + bit:
            n -= root + bit
            root = (root >> 1) + bit
        else:
            root >>= 1
        bit >>= 2
    return root


def angle_cdeg(sum_x, sum_y, sum_z):
    """Angle of z with the horizontal plane in 0.01 deg, from sums of at most 128 samples in mg.

    atan2(z, sqrt(x^2 + y^2)) by CORDIC in vectoring mode (Volder 1959), within 0.03 deg.
    """
    x = sum_x >> 4
    y = sum_y >> 4
    u = isqrt(x * x + y * y) << 10
    v = (sum_z >> 4) << 10
    angle = 0
    for i in range(15):
        if v > 0:
            u, v = u + (v >> i), v - (u >> i)
            angle += ATAN_TABLE[i]
        else:
            u, v = u - (v >> i), v + (u >> i)
            angle -= ATAN_TABLE[i]
    return (angle + 8) >> 4


def add_samples(state, samples, n, shift):
    """Add n samples (int16 x, y, z, little-endian, behind each other) to the state.

    A sample shifted right by `shift` bits is in mg: sensors left-justify their value.
    """
    for i in range(n):
        xyz = struct.unpack_from("<hhh", samples, 6 * i)
        square = 0
        clipped = 0
        first = state[N_BLOCK] == 0
        for axis in range(3):
            v = xyz[axis] >> shift
            square += v * v
            if v >= CLIP_MG or v <= -CLIP_MG:
                clipped = 1
            v += BIAS_MG
            state[SUM_X + axis] += v
            at = AXES + PER_AXIS * axis
            if first:
                state[at + REF] = v
                state[at + MIN] = v
                state[at + MAX] = v
                state[at + SUM] = 0
                state[at + SUMSQ] = 0
            if v < state[at + MIN]:
                state[at + MIN] = v
            if v > state[at + MAX]:
                state[at + MAX] = v
            d = v - state[at + REF]
            if d > MAX_DEVIATION_MG:
                d = MAX_DEVIATION_MG
            elif d < -MAX_DEVIATION_MG:
                d = -MAX_DEVIATION_MG
            state[at + SUM] += d + MAX_DEVIATION_MG
            state[at + SUMSQ] += d * d
        norm = isqrt(square << 4)
        if norm > 4000:
            state[ENMO_SUM] += norm - 4000
        state[N_BLOCK] += 1
        state[CLIPPED] += clipped
        state[N_WINDOW] += 1
        state[N_SAMPLES] += 1
