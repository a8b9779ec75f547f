"""A lithium-polymer cell behind a divider, read by an ADC: millivolts, and one of three words.

A percentage is no figure for a student: voltage says little about charge between 3.7 and 3.9 V,
and it sags in the cold and while the radio sends. `level` says full, good or low.
The curve is the usual one of a single cell that is discharged slowly, at room temperature; it is
no cell's own.
"""

from micropython import const

_READINGS = const(16)
# What a cell can be at: outside it is a wire that hangs, or no cell.
_LEAST_MV = const(2500)
_MOST_MV = const(4500)
NOT_KNOWN = const(0)

UNKNOWN = const(0)
LOW = const(1)
GOOD = const(2)
FULL = const(3)
LEVELS = ("unknown", "low", "good", "full")

_LOW_PERCENT = const(15)
_FULL_PERCENT = const(85)
_HOLD_PERCENT = const(4)  # so much past a border before the word changes back
# (mV, percent), straight lines between
_CURVE = (
    (3000, 0), (3450, 5), (3680, 10), (3740, 20), (3770, 30), (3790, 40), (3820, 50),
    (3870, 60), (3920, 70), (3980, 80), (4060, 90), (4200, 100),
)  # fmt: skip


def percent(mv):
    """Percent of the charge at rest, 0 to 100, by the curve."""
    if mv <= _CURVE[0][0]:
        return 0
    for i in range(1, len(_CURVE)):
        high_mv, high = _CURVE[i]
        if mv <= high_mv:
            low_mv, low = _CURVE[i - 1]
            return low + (high - low) * (mv - low_mv) // (high_mv - low_mv)
    return 100


class Lipo:
    """`read_uv()` gives the microvolts at the converter's pin.

    upper, lower: the divider's resistors in the same unit. trim_permille: of this very board, what
    a voltmeter says for 1000 read here.
    """

    def __init__(self, read_uv, upper, lower, trim_permille=1000):
        self._read_uv = read_uv
        self._upper = upper
        self._lower = lower
        self._trim = trim_permille
        self._level = UNKNOWN

    def read_mv(self):
        """Millivolts of the cell, NOT_KNOWN where there can be none: the mean of 16 readings
        without the highest and the lowest, which the radio's pulls make."""
        total = highest = 0
        lowest = 1 << 29
        for _ in range(_READINGS):
            value = self._read_uv() // 10  # 16 of them stay below 2**30
            total += value
            highest = max(highest, value)
            lowest = min(lowest, value)
        pin_mv100 = (total - highest - lowest) // (_READINGS - 2)  # hundredths of a millivolt
        mv = pin_mv100 * (self._upper + self._lower) // self._lower * self._trim // 100_000
        return mv if _LEAST_MV <= mv <= _MOST_MV else NOT_KNOWN

    def level(self):
        """UNKNOWN, LOW, GOOD or FULL; a border is crossed back only 4 percent further on."""
        mv = self.read_mv()
        if mv == NOT_KNOWN:
            self._level = UNKNOWN
            return UNKNOWN
        now = percent(mv)
        low = _LOW_PERCENT + (_HOLD_PERCENT if self._level == LOW else 0)
        full = _FULL_PERCENT - (_HOLD_PERCENT if self._level == FULL else 0)
        self._level = LOW if now < low else FULL if now >= full else GOOD
        return self._level
