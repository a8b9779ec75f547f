"""The usual day: all days of a stretch on one axis of 24 hours (the modal day of glucose reports).

The lines of Bergenstal RM et al. 2013, Diabetes Technology & Therapeutics 15:198: median, the band
of 25 to 75 % and that of 5 to 95 % of the days. Of fewer than three days there is nothing usual.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from bioklok.analysis.clock import MINUTES_A_DAY
from bioklok.analysis.grid import BoolArray, FloatArray, IntArray

STEP_MIN = 15
LEAST_DAYS = 3
BANDS = (5, 25, 50, 75, 95)  # percentiles of the days

# Named are peaks before and after noon that stand out from the dip between them by this share of
# the higher one; smaller ones are chance.
LEAST_RISE = 0.25
_SMOOTH_MIN = 120
_MORNING, _AFTERNOON, _EVENING_END = 5 * 60, 12 * 60 + 30, 23 * 60


@dataclass(frozen=True)
class ClockDay:
    """One local day, an entry a minute: what was measured, asleep or not, what the clock showed.

    activity_mg and light_lx are NaN where nothing was measured, asleep (1 or 0) where it is not
    known; clock_min: minutes after midnight.
    """

    activity_mg: FloatArray
    light_lx: FloatArray
    worn: BoolArray
    asleep: FloatArray
    clock_min: IntArray


@dataclass(frozen=True)
class UsualDay:
    """Days on one clock. `n` steps of `step_min` minutes from midnight on.

    activity_mg: (5, n) percentiles BANDS over the days of each step's mean, NaN where fewer than
    three days were measured. light_lx: (n) median. n_days: (n) days measured. asleep_days: (n)
    days asleep for half of the step or more, of the asleep_of days of which that is known.
    n_moments: minutes that all of it rests on.
    """

    step_min: int
    activity_mg: FloatArray
    light_lx: FloatArray
    n_days: IntArray
    asleep_days: IntArray
    asleep_of: IntArray
    n_moments: int

    @property
    def is_known(self) -> bool:
        """Whether there is anything usual to be shown."""
        return bool((self.n_days >= LEAST_DAYS).any())

    @property
    def most_days(self) -> int:
        """Days that were measured at some time of the day."""
        return int(self.n_days.max(initial=0))

    def to_dict(self) -> dict[str, Any]:
        """Return it in plain types for JSON; None: fewer than three days were measured."""
        return {
            "step_min": self.step_min,
            "n_moments": self.n_moments,
            "n_days": self.n_days.tolist(),
            "asleep_days": [
                n if of else None
                for n, of in zip(self.asleep_days.tolist(), self.asleep_of.tolist(), strict=True)
            ],
            "asleep_of": self.asleep_of.tolist(),
            "light_lx": _plain(self.light_lx),
            "activity_mg": {
                f"p{percent}": _plain(values)
                for percent, values in zip(BANDS, self.activity_mg, strict=True)
            },
        }


def _plain(values: FloatArray) -> list[float | None]:
    return [None if np.isnan(value) else round(float(value), 1) for value in values]


@dataclass(frozen=True)
class Shape:
    """The form of the usual day, local minutes: two peaks and the dip between them; or none."""

    morning_min: int
    dip_min: int
    evening_min: int


def by_clock(values: FloatArray, clock_min: IntArray, step_min: int) -> FloatArray:
    """Return the mean of each step of the clock's day (n); NaN with less than half measured.

    An hour that the clock shows twice counts as one, one that it leaves out is not known.
    """
    known = ~np.isnan(values)
    at = clock_min // step_min
    n = MINUTES_A_DAY // step_min
    count = np.bincount(at[known], minlength=n)
    total = np.bincount(at[known], weights=values[known], minlength=n)
    mean = np.full(n, np.nan)
    np.divide(total, count, out=mean, where=2 * count >= step_min)
    return mean


def usual_day(days: Iterable[ClockDay], step_min: int = STEP_MIN) -> UsualDay:
    """Lay days on one another. step_min divides 1440."""
    activity, light, known, asleep, n_moments = [], [], [], [], 0
    for day in days:
        worn = np.where(day.worn, 1.0, np.nan)
        known.append(~np.isnan(by_clock(worn, day.clock_min, step_min)))
        activity.append(by_clock(day.activity_mg, day.clock_min, step_min))
        light.append(by_clock(day.light_lx, day.clock_min, step_min))
        asleep.append(by_clock(day.asleep, day.clock_min, step_min))
        n_moments += int(np.count_nonzero(day.worn))
    empty = np.full((1, MINUTES_A_DAY // step_min), np.nan)
    return UsualDay(
        step_min,
        percentiles(np.vstack([*activity, empty]), BANDS),
        percentiles(np.vstack([*light, empty]), (50,))[0],
        np.sum(np.vstack([*known, empty == 0]), axis=0),
        np.sum(np.vstack([*asleep, empty]) >= 0.5, axis=0),
        np.sum(~np.isnan(np.vstack([*asleep, empty])), axis=0),
        n_moments,
    )


def percentiles(rows: FloatArray, of: Iterable[int]) -> FloatArray:
    """Return percentiles (k, n) of what is known in each column of `rows` (days, n), by linear
    interpolation; NaN where fewer than three rows are known."""
    ordered = np.sort(rows, axis=0)  # what is missing comes last
    count = np.count_nonzero(~np.isnan(rows), axis=0)
    columns = np.arange(rows.shape[1])
    found = []
    for percent in of:
        place = percent / 100 * np.maximum(count - 1, 0)
        low = place.astype(int)
        high = np.minimum(low + 1, np.maximum(count - 1, 0))
        value = ordered[low, columns] + (place - low) * (
            ordered[high, columns] - ordered[low, columns]
        )
        found.append(np.where(count >= LEAST_DAYS, value, np.nan))
    return np.vstack(found)


def shape_of(day: UsualDay) -> Shape | None:
    """Name the peaks and the dip of the median movement; None where they do not stand out.

    Looked at is what lies between 5 and 23 o'clock; all of it has to be known. Smoothed over two
    hours it says whether there are peaks. Named is where the median itself is highest before and
    after half past twelve: a higher point beside one that is named would belie the drawing.
    """
    first, last = (at // day.step_min for at in (_MORNING, _EVENING_END))
    median = day.activity_mg[BANDS.index(50)]
    half = _SMOOTH_MIN // day.step_min // 2
    around = median[first - half : last + half]
    if np.isnan(around).any():
        return None
    smooth = np.convolve(around, np.full(2 * half + 1, 1 / (2 * half + 1)), "valid")
    noon = _AFTERNOON // day.step_min - first
    morning = int(smooth[:noon].argmax())
    evening = noon + int(smooth[noon:].argmax())
    dip = morning + int(smooth[morning : evening + 1].argmin())
    rise = min(smooth[morning], smooth[evening]) - smooth[dip]
    if rise < LEAST_RISE * max(smooth[morning], smooth[evening]) or not rise > 0:
        return None
    own = median[first:last]
    end, start = _without_foot(own, noon)
    if not end or start == len(own):
        return None
    high, higher = int(own[:end].argmax()), start + int(own[start:].argmax())
    between = smooth[high : higher + 1]
    low = high + int(between.argmin())
    near = range(max(low - half // 2, high + 1), min(low + half // 2 + 1, higher))
    if not near or not own[near].min() < min(own[high], own[higher]):
        return None
    low = near[int(own[near].argmin())]
    return Shape(*(day.step_min * (first + at) + day.step_min // 2 for at in (high, low, higher)))


def _without_foot(values: FloatArray, at: int) -> tuple[int, int]:
    """Where what lies before `at` ends, and what lies behind it begins, without the slope of a peak
    on the other side."""
    end = start = at
    while end > 0 and values[end - 1] < values[end]:
        end -= 1
    while start < len(values) and values[start] < values[start - 1]:
        start += 1
    return end, start
