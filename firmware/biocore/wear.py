"""Worn or not: the non-wear rule over an hour, sliding by 15 minutes (van Hees et al. 2011).

An axis is still when over 60 minutes its SD < 13 mg and its range < 50 mg; the device is off the
wrist when at least two of three axes are still.
"""

from array import array

from biocore import _kernels_layout as at

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


BLOCK_EPOCHS = const(15)
BLOCKS = const(4)
_SD_MG = const(13)
_RANGE_MG = const(50)
_PER_BLOCK = const(16)  # n, then REF MIN MAX SUM SUMSQ of three axes
# A block with fewer samples than 12 of its 15 minutes says nothing.
_MIN_BLOCK_SAMPLES = const(12 * 60 * 25)


class Wear:
    """`step` once per epoch with the activity state; True when the hour up to now meets the rule.

    The answer is new only at the end of each 15-minute block and False in between, so that a True
    always means: the 60 minutes that end here.
    """

    def __init__(self):
        self._blocks = array("i", [0] * (BLOCKS * _PER_BLOCK))
        self._block = 0
        self._epochs = 0

    def step(self, state):
        """Count one epoch; at a block's end take it over from `state`, restart it, and judge."""
        self._epochs += 1
        if self._epochs < BLOCK_EPOCHS:
            return False
        self._epochs = 0
        blocks = self._blocks
        base = self._block * _PER_BLOCK
        n = state[at.N_BLOCK]
        blocks[base] = n if n >= _MIN_BLOCK_SAMPLES else 0
        for i in range(3 * at.PER_AXIS):
            blocks[base + 1 + i] = state[at.AXES + i]
        state[at.N_BLOCK] = 0
        self._block = (self._block + 1) % BLOCKS
        still_axes = 0
        for axis in range(3):
            if self._axis_is_still(1 + axis * at.PER_AXIS):
                still_axes += 1
        return still_axes >= 2

    def _axis_is_still(self, offset):
        blocks = self._blocks
        low = 1 << 20
        high = 0
        for block in range(BLOCKS):
            base = block * _PER_BLOCK
            if blocks[base] == 0:
                return False
            low = min(low, blocks[base + offset + at.MIN])
            high = max(high, blocks[base + offset + at.MAX])
        if high - low >= _RANGE_MG:
            return False
        # All values lie within 50 mg, so no deviation was cut off. Variance about the first
        # block's REF; per-sample means as floats are exact enough (7 digits for 3).
        ref = blocks[offset + at.REF]
        count = 0
        mean = 0.0
        square = 0.0
        for block in range(BLOCKS):
            base = block * _PER_BLOCK
            count += blocks[base]
        for block in range(BLOCKS):
            base = block * _PER_BLOCK
            n = blocks[base]
            shift = blocks[base + offset + at.REF] - ref
            total = blocks[base + offset + at.SUM] - n * at.MAX_DEVIATION_MG
            mean += (total + n * shift) / count
            square += (
                blocks[base + offset + at.SUMSQ] / count
                + (2.0 * shift * total + float(shift) * shift * n) / count
            )
        return square - mean * mean < _SD_MG * _SD_MG
