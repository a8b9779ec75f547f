"""How often the same minute of two days in a row is alike: sleep (SRI) and bright light (LRI).

Phillips AJK et al. 2017, Scientific Reports 7:3216. Minutes are compared 24 h apart on the clock,
so a day of 23 or 25 hours is aligned by local time: the hour that is left out has no pair, and of
the hour that comes twice the first passing is compared. Only pairs with both minutes known count.
"""

import numpy as np

from bioklok.analysis.clock import MINUTES_A_DAY
from bioklok.analysis.grid import FloatArray, IntArray

# Two days say something about each other with so much of them known on both.
LEAST_SHARE = 0.66
_DECIMALS = 12


def day_table(values: FloatArray, day: IntArray, clock: IntArray) -> FloatArray:
    """Return (days, 1440): what each local minute of each day held, NaN where nothing did.

    values: (n). day: (n), number of the local day, from 0. clock: (n), local minute of the day.
    """
    table = np.full((int(day[-1]) + 1 if len(day) else 0, MINUTES_A_DAY), np.nan)
    # Of a place that comes twice, in the repeated hour, `unique` gives the first.
    place, first = np.unique(day * MINUTES_A_DAY + clock, return_index=True)
    table.ravel()[place] = values[first]
    return table


def regularity_index(table: FloatArray) -> float | None:
    """Return -100 + 200 * the share of pairs that are alike: 100 identical days, -100 opposite.

    table: (days, 1440) of 0, 1 and NaN. None where no two days in a row share 66 % of the minutes.
    """
    before, after = table[:-1], table[1:]
    known = ~(np.isnan(before) | np.isnan(after))
    if not (known.mean(axis=1) >= LEAST_SHARE).any():
        return None
    alike = int(np.count_nonzero((before == after) & known))
    return round(-100.0 + 200.0 * alike / int(np.count_nonzero(known)), _DECIMALS)
