"""On the wrist or not, from the device's own still-hour flag (van Hees 2011, van Hees 2013).

Wear spells between non-wear: van Hees VT et al. 2011, PLoS ONE 6:e22922 - shorter than 6 h and
less than 30 % of the non-wear on both sides together, or shorter than 3 h and less than 80 %.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

STILL_WINDOW_MIN = 60
SPELL_RULES = ((6 * 60, 0.30), (3 * 60, 0.80))  # (shorter than, min; less than this share)

OFF, ON, MISSING = 0, 1, 2


def runs(state: NDArray[np.generic]) -> list[tuple[int, int, int]]:
    """Return (start, end, value) of each stretch of equal values, end exclusive."""
    if not len(state):
        return []
    edges = np.flatnonzero(np.diff(state.astype(np.int8))) + 1
    bounds = [0, *edges.tolist(), len(state)]
    return [(low, high, int(state[low])) for low, high in pairwise(bounds)]


def worn(present: NDArray[np.bool_], still_hour: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return for each minute (n) whether it was measured on the wrist.

    `present`: a usable epoch is there. `still_hour`: that minute's flag, which speaks of the 60
    minutes up to and with its own; so the hour before the first flag was off the wrist too.
    """
    # Flags per minute -> how many flags stand in the minute itself or the 59 after it.
    count = np.concatenate(([0], np.cumsum(still_hour)))
    at = np.arange(len(still_hour))
    ends = np.minimum(at + STILL_WINDOW_MIN, len(still_hour))
    off = count[ends] - count[at] > 0
    state = np.where(present, np.where(off, OFF, ON), MISSING).astype(np.int8)
    on: NDArray[np.bool_] = _without_short_spells(state) == ON
    return on


def _without_short_spells(state: NDArray[np.int8]) -> NDArray[np.int8]:
    """Turn wear spells that are short beside the non-wear around them into non-wear.

    Repeated until nothing changes, for each spell that goes makes the non-wear beside it longer.
    A gap in the data is no non-wear: beside it a spell stays.
    """
    state = state.copy()
    while True:
        stretches = runs(state)
        short = []
        for before, spell, after in zip(
            stretches[:-2], stretches[1:-1], stretches[2:], strict=True
        ):
            if (before[2], spell[2], after[2]) != (OFF, ON, OFF):
                continue
            length = spell[1] - spell[0]
            flanks = before[1] - before[0] + after[1] - after[0]
            if any(length < limit and length < share * flanks for limit, share in SPELL_RULES):
                short.append(spell)
        if not short:
            return state
        for low, high, _value in short:
            state[low:high] = OFF
