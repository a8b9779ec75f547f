"""How alike the days are and how broken up they are: IS and IV on hourly means.

Witting W et al. 1990, Biological Psychiatry 27:563, in the textbook form with population
variances. An hour counts with half of its minutes; what was not measured is absent, never zero.
"""

from dataclasses import dataclass

import numpy as np

from bioklok.analysis.grid import FloatArray, IntArray

HOURS_A_DAY = 24
HOUR_MIN = 60
# An hour with fewer valid minutes says too little about itself.
HOUR_VALID_MIN = 30
# With more of the clock's hours never measured, days cannot be compared.
LEAST_CLOCK_HOURS = 23
# Rounding keeps what is equal by definition equal in floats: identical days give exactly 1.
_DECIMALS = 12


@dataclass(frozen=True)
class Hours:
    """Hours that follow each other, in local time; arrays of shape (n).

    mean: mean activity of the hour's valid minutes, NaN where fewer than 30 are valid. clock: the
    local hour, 0..23. The hour that comes twice in autumn is two hours, with one clock.
    """

    mean: FloatArray
    clock: IntArray

    @property
    def counts(self) -> int:
        """How many hours count."""
        return int(np.count_nonzero(~np.isnan(self.mean)))


def hourly(activity: FloatArray, start_utc_s: int, offset_s: IntArray) -> Hours:
    """Return the hours of minutes from `start_utc_s` on.

    activity: (n), NaN where not valid. offset_s: (n), local time less UTC in seconds.
    """
    if not len(activity):
        return Hours(np.zeros(0), np.zeros(0, np.int64))
    utc_s = start_utc_s + 60 * np.arange(len(activity), dtype=np.int64)
    hour = (utc_s + offset_s) // 3600
    is_new = np.zeros(len(hour), bool)
    is_new[1:] = (np.diff(hour) != 0) | (np.diff(offset_s) != 0)
    number = np.cumsum(is_new)
    valid = ~np.isnan(activity)
    total = np.bincount(number[valid], activity[valid], number[-1] + 1)
    count = np.bincount(number[valid], minlength=number[-1] + 1)
    mean: FloatArray = np.full(len(count), np.nan)
    np.divide(total, count, out=mean, where=count >= HOUR_VALID_MIN)
    first = np.concatenate(([0], np.flatnonzero(is_new)))
    return Hours(mean, hour[first] % HOURS_A_DAY)


def interdaily_stability(hours: Hours) -> float | None:
    """Return IS, 0 (no daily rhythm) to 1 (all days alike).

    IS = N sum_h (x_h - x)^2 / (p sum_i (x_i - x)^2) over the N hours that count; p is the number of
    clock hours with one that counts, 24 but for a hole of an hour. None where more of the clock was
    never measured, or where activity never changed.
    """
    there = ~np.isnan(hours.mean)
    x, clock = hours.mean[there], hours.clock[there]
    count = np.bincount(clock, minlength=HOURS_A_DAY)
    known = count > 0
    p = int(np.count_nonzero(known))
    if p < LEAST_CLOCK_HOURS:
        return None
    spread = float(np.sum((x - x.mean()) ** 2))
    if spread == 0:
        return None
    by_clock = np.bincount(clock, x, HOURS_A_DAY)[known] / count[known]
    found = len(x) * float(np.sum((by_clock - x.mean()) ** 2)) / (p * spread)
    return round(found, _DECIMALS)


def intradaily_variability(hours: Hours) -> float | None:
    """Return IV: near 0 for a smooth course, 2 for noise, towards 4 for hours that alternate.

    Mean squared difference of consecutive hours that both count, over the variance of all that
    count. None where no two are consecutive, or where activity never changed.
    """
    x = hours.mean[~np.isnan(hours.mean)]
    steps = np.diff(hours.mean)
    steps = steps[~np.isnan(steps)]
    if not len(steps):
        return None
    variance = float(np.mean((x - x.mean()) ** 2))
    return round(float(np.mean(steps**2)) / variance, _DECIMALS) if variance > 0 else None
