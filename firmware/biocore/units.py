"""Conversions in integers, and the arithmetic of a tick counter that wraps."""

from biocore._compat import isqrt

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


# MicroPython's ticks_ms wraps here (docs of `time.ticks_add`: TICKS_PERIOD, a power of two)
TICKS_PERIOD = const(1 << 30)
_HALF = const(1 << 29)
_MASK = const((1 << 30) - 1)


def ticks_diff(later, earlier):
    """Milliseconds from `earlier` to `later` on a counter that wraps at TICKS_PERIOD."""
    return ((later - earlier + _HALF) & _MASK) - _HALF


def ticks_add(ticks, delta):
    """The tick value `delta` milliseconds on."""
    return (ticks + delta) & _MASK


def alpha_q18(light_mlx):
    """Forger's alpha(I) = 0.05 sqrt(I / 9500 lx) in units of 2**-18, from millilux, 0..167 klx.

    alpha * 2**18 = sqrt(18.0847 * I_mlx), exact to one unit. Forger, Jewett & Kronauer 1999, with
    p = 0.5. Saturates at 65534 (65535 means: no light reading).
    """
    if light_mlx < 50000000:
        root = isqrt(light_mlx * 18 + light_mlx // 12)
    else:  # keep the product below 2**30 for a 31-bit small int
        quarter = light_mlx >> 2
        root = isqrt(quarter * 18 + quarter // 12) << 1
    return root if root < 65534 else 65534
