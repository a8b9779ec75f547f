"""The fast kernels equal the plain ones to the bit; the plain ones equal the mathematics."""

import math
import struct
from array import array

from biocore import _kernels_layout as at
from biocore import _kernels_plain as plain
from biocore._compat import kernels

SEED = 12345


def randoms(n, low, high, seed=SEED):
    """Park-Miller: the same numbers on both interpreters."""
    values = []
    for _ in range(n):
        seed = seed * 16807 % 2147483647
        values.append(low + seed % (high - low + 1))
    return values


def test_isqrt_is_the_integer_square_root():
    for n in [0, 1, 2, 3, 4, 8, 9, 15, 16, 2**31, 2**32 - 1] + randoms(500, 0, 2**32 - 1):
        root = plain.isqrt(n)
        assert root * root <= n < (root + 1) * (root + 1)
        assert kernels.isqrt(n) == root


def test_angle_is_atan2_within_three_hundredths_of_a_degree():
    values = randoms(600, -1000, 1000)
    for i in range(0, 600, 3):
        x, y, z = [125 * v for v in values[i : i + 3]]
        if x * x + y * y + z * z < 62500**2:
            continue  # below half a g there is no wrist
        angle = plain.angle_cdeg(x, y, z)
        assert abs(angle / 100 - math.degrees(math.atan2(z, math.sqrt(x * x + y * y)))) <= 0.035
        assert kernels.angle_cdeg(x, y, z) == angle


def test_angle_at_the_poles_and_the_equator():
    assert abs(plain.angle_cdeg(0, 0, 125000) - 9000) <= 3
    assert abs(plain.angle_cdeg(0, 0, -125000) + 9000) <= 3
    assert abs(plain.angle_cdeg(125000, 0, 0)) <= 3


def test_add_samples_is_the_same_in_both_kernels():
    fast = array("i", [0] * at.LENGTH)
    slow = array("i", [0] * at.LENGTH)
    for burst in range(120):
        n = burst % 33
        limit = (20, 200, 4096, 32767)[burst % 4]
        shift = 3 if burst % 4 == 3 else 0
        values = randoms(3 * n, -limit, limit, SEED + burst)
        samples = bytearray(struct.pack("<%dh" % (3 * n), *values)) if n else bytearray(6)
        kernels.add_samples(fast, samples, n, shift)
        plain.add_samples(slow, samples, n, shift)
        assert list(fast) == list(slow)
        if burst % 40 == 39:  # as the wear block is restarted
            fast[at.N_BLOCK] = 0
            slow[at.N_BLOCK] = 0
            for i in range(3, 7):
                fast[i] = 0
                slow[i] = 0


def test_enmo_of_known_samples():
    state = array("i", [0] * at.LENGTH)
    plain.add_samples(state, struct.pack("<6h", 0, 0, 1500, 300, 400, 0), 2, 0)
    # 1500 mg: 500 above 1 g; 500 mg: nothing; in quarters of a mg
    assert state[at.ENMO_SUM] == 2000
    assert state[at.N_SAMPLES] == 2


def test_state_stays_in_31_bits_over_the_worst_quarter_of_an_hour():
    state = array("i", [0] * at.LENGTH)
    worst = struct.pack("<3h", -4096, 4095, -4096) * 32
    for burst in range(704):
        kernels.add_samples(state, worst, 32, 0)
        if burst % 4 == 3:  # a window
            for i in range(3, 7):
                state[i] = 0
        if burst % 47 == 46:  # an epoch
            state[at.ENMO_SUM] = 0
        assert max(state) < 1 << 30 and min(state) >= 0
