"""The quietest 5 hours, the busiest 10, and how far they are apart.

L5, M10 and RA: Witting W et al. 1990, Biological Psychiatry 27:563, on a profile of one value a
minute of the local clock.
"""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np

from bioklok.analysis.clock import MINUTES_A_DAY, minutes_of_day
from bioklok.analysis.grid import FloatArray, Grid

L5_MIN = 5 * 60
M10_MIN = 10 * 60
# Below this the profile has a hole in which the quietest or busiest hours may hide. A day of 23
# hours (0.958) passes.
MIN_PROFILE_SHARE = 0.95


@dataclass(frozen=True)
class Rest:
    """Quietest 5 h and busiest 10 h of one profile: mean activity in its unit, start in minutes."""

    l5: float
    l5_onset_min: int
    m10: float
    m10_onset_min: int

    @property
    def ra(self) -> float | None:
        """(M10 - L5) / (M10 + L5); None where nothing moved."""
        total = self.m10 + self.l5
        return (self.m10 - self.l5) / total if total > 0 else None


def profile(grid: Grid, zone: ZoneInfo) -> FloatArray:
    """Return the mean activity at each minute of the local clock, (1440); NaN: never measured."""
    clock = minutes_of_day(grid.start_utc_s, len(grid), zone)
    known = ~np.isnan(grid.activity_mg)
    total = np.bincount(clock[known], grid.activity_mg[known], MINUTES_A_DAY)
    count = np.bincount(clock[known], minlength=MINUTES_A_DAY)
    mean: FloatArray = np.full(MINUTES_A_DAY, np.nan)
    np.divide(total, count, out=mean, where=count > 0)
    return mean


def rest_and_activity(profile: FloatArray, *, circular: bool) -> Rest | None:
    """Find L5 and M10 in a profile at one-minute resolution; None: too much of it is missing.

    `circular`: windows may run over midnight (a mean day); else not (one calendar day). The
    first of equal windows is taken.
    """
    known = ~np.isnan(profile)
    if np.count_nonzero(known) < MIN_PROFILE_SHARE * MINUTES_A_DAY:
        return None

    def means(width: int) -> FloatArray:
        values = np.where(known, profile, 0.0)
        there = known.astype(float)
        if circular:
            values = np.concatenate((values, values[: width - 1]))
            there = np.concatenate((there, there[: width - 1]))
        # The known minutes miss at most 72 of 1440, so no window of 300 is empty. Rounding keeps
        # windows of equal content equal, so that the first of them is found.
        ratio = _sums(values, width) / _sums(there, width)
        return np.asarray(np.round(ratio, 9))

    l5, m10 = means(L5_MIN), means(M10_MIN)
    low, high = int(np.argmin(l5)), int(np.argmax(m10))
    return Rest(float(l5[low]), low, float(m10[high]), high)


def _sums(values: FloatArray, width: int) -> FloatArray:
    """Return the sum of each window of so many values: a running total knows them all at once."""
    total = np.concatenate(([0.0], np.cumsum(values)))
    return total[width:] - total[:-width]
