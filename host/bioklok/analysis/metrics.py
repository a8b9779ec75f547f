"""Figures of a stretch of days, each with what it rests on and, where there is none, why.

Definitions: the host's contract. Epochs off the wrist or missing are absent, never zero.
L5, M10 and RA: Witting W et al. 1990, Biological Psychiatry 27:563.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np

from bioklok.analysis import light
from bioklok.analysis.clock import MINUTES_A_DAY, day_bounds_utc_s, minutes_of_day
from bioklok.analysis.grid import FloatArray, Grid
from bioklok.analysis.sleep import Night

VALID_DAY_MIN = 16 * 60
L5_MIN = 5 * 60
M10_MIN = 10 * 60
# Below this the profile has a hole in which the quietest or busiest hours may hide. A day of 23
# hours (0.958) passes.
MIN_PROFILE_SHARE = 0.95

NO_DAY = "no day with 16 hours on the wrist"
NO_LIGHT_DAY = "no day with 16 hours of light readings on the wrist"
NO_NIGHT = "no night with this measured from the evening to the morning"
NO_PROFILE = "parts of the 24 hours were never measured"
NO_MOVEMENT = "no movement was recorded"

TIME_OF_DAY = "min after local midnight"


@dataclass(frozen=True)
class Metric:
    """`value` in `unit`, or None with a `reason`; `n_days` valid days or nights it rests on;
    `coverage` the valid share of the span (0..1)."""

    value: float | None
    unit: str
    n_days: int
    coverage: float
    reason: str | None = None


@dataclass(frozen=True)
class Rest:
    """Quietest 5 h and busiest 10 h of one profile: mean activity in mg, start in minutes."""

    l5_mg: float
    l5_onset_min: int
    m10_mg: float
    m10_onset_min: int

    @property
    def ra(self) -> float | None:
        """(M10 - L5) / (M10 + L5); None where nothing moved."""
        total = self.m10_mg + self.l5_mg
        return (self.m10_mg - self.l5_mg) / total if total > 0 else None


def is_valid_day(grid: Grid) -> bool:
    """Say whether a day's minutes hold enough on the wrist to count."""
    return int(np.count_nonzero(grid.worn)) >= VALID_DAY_MIN


def profile_mg(grid: Grid, zone: ZoneInfo) -> FloatArray:
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
        ones = np.ones(width)
        # The known minutes miss at most 72 of 1440, so no window of 300 is empty. Rounding keeps
        # windows of equal content equal, so that the first of them is found.
        ratio = np.convolve(values, ones, "valid") / np.convolve(there, ones, "valid")
        return np.asarray(np.round(ratio, 9))

    l5, m10 = means(L5_MIN), means(M10_MIN)
    low, high = int(np.argmin(l5)), int(np.argmax(m10))
    return Rest(float(l5[low]), low, float(m10[high]), high)


def metrics(
    grid: Grid, days: Sequence[date], nights: Sequence[Night], zone: ZoneInfo
) -> dict[str, Metric]:
    """Return the figures of `grid`, which spans exactly the local `days`, and their `nights`."""
    coverage = float(np.count_nonzero(grid.worn) / len(grid)) if len(grid) else 0.0
    parts = [grid.part(*day_bounds_utc_s(day, zone)) for day in days]
    n_valid = sum(is_valid_day(part) for part in parts)
    out = _night_metrics(nights, coverage)

    bright = [
        light.minutes_above(part)
        for part in parts
        if light.minutes_with_light(part) >= VALID_DAY_MIN
    ]
    out["time_above_250lx"] = Metric(
        float(np.mean(bright)) if bright else None,
        "min",
        len(bright),
        float(light.minutes_with_light(grid) / len(grid)) if len(grid) else 0.0,
        None if bright else NO_LIGHT_DAY,
    )

    rest = rest_and_activity(profile_mg(grid, zone), circular=True) if n_valid else None
    why = None if rest else NO_PROFILE if n_valid else NO_DAY
    figures: dict[str, tuple[float | None, str]] = {
        "l5": (rest.l5_mg if rest else None, "mg"),
        "l5_onset": (float(rest.l5_onset_min) if rest else None, TIME_OF_DAY),
        "m10": (rest.m10_mg if rest else None, "mg"),
        "m10_onset": (float(rest.m10_onset_min) if rest else None, TIME_OF_DAY),
        "ra": (rest.ra if rest else None, "1"),
    }
    for name, (value, unit) in figures.items():
        reason = None if value is not None else why or NO_MOVEMENT
        out[name] = Metric(value, unit, n_valid, coverage, reason)
    return out


def _night_metrics(nights: Sequence[Night], coverage: float) -> dict[str, Metric]:
    def mean(values: list[float], unit: str, shift: int = 0) -> Metric:
        value = (float(np.mean(values)) + shift) % MINUTES_A_DAY if values else None
        return Metric(value, unit, len(values), coverage, None if values else NO_NIGHT)

    # Nights run from noon to noon: counted from noon their times lie on one side of a mean.
    noon = MINUTES_A_DAY // 2
    onsets = [_since_noon(night.onset) for night in nights if night.onset]
    offsets = [_since_noon(night.offset) for night in nights if night.offset]
    durations = [float(n.duration_min) for n in nights if n.duration_min is not None]
    return {
        "sleep_onset": mean(onsets, TIME_OF_DAY, noon),
        "sleep_offset": mean(offsets, TIME_OF_DAY, noon),
        "sleep_duration": mean(durations, "min"),
    }


def _since_noon(moment: datetime) -> float:
    minutes = moment.hour * 60 + moment.minute + moment.second / 60
    return (minutes - MINUTES_A_DAY / 2) % MINUTES_A_DAY
