"""The integer kernels for MicroPython's viper emitter. Equal to _kernels_plain to the bit.

Indices of the state stand as literals: see _kernels_layout. No allocation in any of them.
"""

from array import array

import micropython

from biocore._kernels_layout import ATAN_TABLE

_ATAN = array("i", ATAN_TABLE)


@micropython.viper
def isqrt(n: uint) -> uint:
    root = uint(0)
    bit = uint(1 << 30)
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


@micropython.viper
def _cordic(u: int, v: int, table: ptr32) -> int:
    angle = 0
    for i in range(15):
        du = u >> i
        dv = v >> i
        if v > 0:
            u += dv
            v -= du
            angle += table[i]
        else:
            u -= dv
            v += du
            angle -= table[i]
    return (angle + 8) >> 4


@micropython.viper
def _horizontal(x: int, y: int) -> uint:
    return uint(x * x + y * y)


def angle_cdeg(sum_x, sum_y, sum_z):
    u = isqrt(_horizontal(sum_x >> 4, sum_y >> 4)) << 10
    return _cordic(u, (sum_z >> 4) << 10, _ATAN)  # pyright: ignore[reportArgumentType]


@micropython.viper
def _add_norms(state: ptr32, samples: ptr16, n: int, shift: int):
    for i in range(n):
        square = 0
        clipped = 0
        for axis in range(3):
            v = int(samples[3 * i + axis])
            if v > 32767:
                v -= 65536
            v >>= shift
            square += v * v
            if v >= 4080:
                clipped = 1
            if v <= -4080:
                clipped = 1
        # isqrt, written out: a call from viper would box its arguments
        m = square << 4
        root = 0
        # 2**30 is no small int of 31 bits: without int() the compiler for those chips refuses it
        bit = int(1 << 30)  # noqa: RUF046
        while bit > m:
            bit >>= 2
        while bit:
            if m >= root + bit:
                m -= root + bit
                root = (root >> 1) + bit
            else:
                root >>= 1
            bit >>= 2
        if root > 4000:
            state[0] += root - 4000
        state[2] += clipped
    state[1] += n
    state[6] += n
    state[7] += n


@micropython.viper
def _add_axis(state: ptr32, samples: ptr16, n: int, shift: int, axis: int):
    at = 8 + 5 * axis
    total = 0
    ref = int(state[at])
    low = int(state[at + 1])
    high = int(state[at + 2])
    dev_sum = 0
    dev_sumsq = 0
    i = 0
    if n:
        if int(state[7]) == 0:
            ref = int(samples[axis])
            if ref > 32767:
                ref -= 65536
            ref >>= shift
            ref += 32768
            low = ref
            high = ref
            state[at + 3] = 0
            state[at + 4] = 0
    while i < n:
        v = int(samples[3 * i + axis])
        if v > 32767:
            v -= 65536
        v >>= shift
        v += 32768
        total += v
        if v < low:
            low = v
        if v > high:
            high = v
        d = v - ref
        if d > 127:
            d = 127
        if d < -127:
            d = -127
        dev_sum += d + 127
        dev_sumsq += d * d
        i += 1
    state[3 + axis] += total
    state[at] = ref
    state[at + 1] = low
    state[at + 2] = high
    state[at + 3] += dev_sum
    state[at + 4] += dev_sumsq


def add_samples(state, samples, n, shift):
    _add_axis(state, samples, n, shift, 0)
    _add_axis(state, samples, n, shift, 1)
    _add_axis(state, samples, n, shift, 2)
    _add_norms(state, samples, n, shift)
