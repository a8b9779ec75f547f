"""Figures of a stretch of days, each with what it rests on and, where there is none, why.

Definitions: docs/metrics.md. Epochs off the wrist or missing are absent, never zero, and no gap is
filled.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np

from bioklok.analysis import body_clock, cosinor, freedays, light, regularity, rhythm
from bioklok.analysis.clock import (
    MINUTES_A_DAY,
    day_bounds_utc_s,
    local_time,
    minutes_of_day,
    utc_offsets_s,
)
from bioklok.analysis.freedays import WEEKENDS, FreeDays, since_noon_min
from bioklok.analysis.grid import FloatArray, Grid, IntArray
from bioklok.analysis.rest import profile, rest_and_activity
from bioklok.analysis.sleep import Night

VALID_DAY_MIN = 16 * 60

NO_DAY = "no day with 16 hours on the wrist"
ONE_DAY = "it takes two days with 16 hours on the wrist"
NO_LIGHT_DAY = "no day with 16 hours of light readings on the wrist"
NO_NIGHT = "no night with this measured from the evening to the morning"
NO_PROFILE = "parts of the 24 hours were never measured"
NO_MOVEMENT = "no movement was recorded"
NO_CHANGE = "the movement never changed"
NO_HOURS = "no two hours in a row were measured"
NO_SLEEP_PAIR = "no two days in a row with two thirds of sleep and waking known on both"
NO_LIGHT_PAIR = "no two days in a row with two thirds of the light measured on both"
NO_BOTH_KINDS = "it takes a measured night before a school day and one before a free day"
ALARM = "an alarm woke the student on free days"
NO_CLOCK = "too little light and sleep was measured to place the body clock"

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

    def to_dict(self, decimals: int = 12) -> dict[str, float | int | str | None]:
        """Return it in plain types for JSON."""
        return {
            "value": None if self.value is None else round(self.value, decimals),
            "unit": self.unit,
            "n_days": self.n_days,
            "coverage": round(self.coverage, 4),
            "reason": self.reason,
        }


Metrics = dict[str, Metric]


@dataclass(frozen=True)
class Knowledge:
    """What is known besides the grid.

    asleep: one entry a minute of the grid, 1 asleep, 0 awake, NaN not known; None: nothing is
    known. unit: of the grid's activity. span_min: minutes that were to be recorded; None: all of
    the grid. alarm_on_free_days: an alarm woke the student on free days.
    """

    asleep: FloatArray | None = None
    free_days: FreeDays = WEEKENDS
    unit: str = "mg"
    span_min: int | None = None
    alarm_on_free_days: bool = False


NOTHING_MORE = Knowledge()


def is_valid_day(grid: Grid) -> bool:
    """Say whether a day's minutes hold enough on the wrist to count."""
    return int(np.count_nonzero(grid.worn)) >= VALID_DAY_MIN


def metrics(
    grid: Grid,
    days: Sequence[date],
    nights: Sequence[Night],
    zone: ZoneInfo,
    known: Knowledge = NOTHING_MORE,
) -> Metrics:
    """Return the figures of `grid`, which spans exactly the local `days`, and their `nights`."""
    span = len(grid) if known.span_min is None else known.span_min
    coverage = float(np.count_nonzero(grid.worn) / span) if span else 0.0
    lit = float(light.minutes_with_light(grid) / span) if span else 0.0
    offset_s = utc_offsets_s(grid.start_utc_s, len(grid), zone)
    bounds = [day_bounds_utc_s(day, zone) for day in days]
    parts = [grid.part(*bound) for bound in bounds]
    n_valid = sum(is_valid_day(part) for part in parts)
    n_lit = sum(light.minutes_with_light(part) >= VALID_DAY_MIN for part in parts)
    number = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    clock = minutes_of_day(grid.start_utc_s, len(grid), zone)
    spans = [(n.onset, n.offset) for n in nights if n.onset and n.offset]
    return {
        **_rhythm_metrics(grid, offset_s, n_valid, coverage),
        **_rest_metrics(grid, zone, n_valid, coverage, known.unit),
        **_regularity_metrics(grid, known, (number, clock), (n_valid, n_lit), (coverage, lit)),
        **_free_day_metrics(spans, known, coverage),
        **_night_metrics(nights, coverage),
        "time_above_250lx": _bright(parts, lit),
        "phase_cbtmin": _phase(grid, spans, zone, n_lit, lit),
        **_cosinor_metrics(grid, clock, n_valid, coverage, known.unit),
    }


def _rhythm_metrics(grid: Grid, offset_s: IntArray, n_valid: int, coverage: float) -> Metrics:
    hours = rhythm.hourly(grid.activity_mg, grid.start_utc_s, offset_s)
    changes = hours.counts > 0 and float(np.nanmax(hours.mean) - np.nanmin(hours.mean)) > 0
    stable = rhythm.interdaily_stability(hours) if n_valid > 1 else None
    broken = rhythm.intradaily_variability(hours) if n_valid else None

    def metric(value: float | None, too_few: str | None, otherwise: str) -> Metric:
        reason = too_few or (otherwise if changes else NO_CHANGE)
        return Metric(value, "1", n_valid, coverage, reason if value is None else None)

    none = None if n_valid else NO_DAY
    return {
        "is": metric(stable, ONE_DAY if n_valid == 1 else none, NO_PROFILE),
        "iv": metric(broken, none, NO_HOURS),
    }


def _rest_metrics(grid: Grid, zone: ZoneInfo, n_valid: int, coverage: float, unit: str) -> Metrics:
    rest = rest_and_activity(profile(grid, zone), circular=True) if n_valid else None
    why = None if rest else NO_PROFILE if n_valid else NO_DAY
    figures: dict[str, tuple[float | None, str]] = {
        "ra": (rest.ra if rest else None, "1"),
        "l5": (rest.l5 if rest else None, unit),
        "l5_onset": (float(rest.l5_onset_min) if rest else None, TIME_OF_DAY),
        "m10": (rest.m10 if rest else None, unit),
        "m10_onset": (float(rest.m10_onset_min) if rest else None, TIME_OF_DAY),
    }
    return {
        name: Metric(
            value, of, n_valid, coverage, None if value is not None else why or NO_MOVEMENT
        )
        for name, (value, of) in figures.items()
    }


def _regularity_metrics(
    grid: Grid,
    known: Knowledge,
    place: tuple[IntArray, IntArray],
    n_days: tuple[int, int],
    coverage: tuple[float, float],
) -> Metrics:
    asleep = np.full(len(grid), np.nan) if known.asleep is None else known.asleep
    asleep = np.where(grid.worn, asleep, np.nan)
    bright = np.where(np.isnan(grid.light_lx), np.nan, grid.light_lx > light.BRIGHT_LX)
    out = {}
    for at, (name, values, why) in enumerate(
        (("sri", asleep, NO_SLEEP_PAIR), ("lri", bright, NO_LIGHT_PAIR))
    ):
        value = regularity.regularity_index(regularity.day_table(values, *place))
        reason = why if value is None else None
        out[name] = Metric(value, "1", n_days[at], coverage[at], reason)
    return out


def _free_day_metrics(
    spans: Sequence[tuple[datetime, datetime]], known: Knowledge, coverage: float
) -> Metrics:
    free, school = freedays.by_kind(spans, known.free_days)
    n = (free.n if free else 0) + (school.n if school else 0)
    if free is None or school is None:
        return {
            "msf_sc": Metric(None, TIME_OF_DAY, n, coverage, NO_BOTH_KINDS),
            "social_jetlag": Metric(None, "min", n, coverage, NO_BOTH_KINDS),
        }
    week_min = freedays.week_length_min(free.length_min, school.length_min)
    alarm = known.alarm_on_free_days
    corrected = freedays.msf_sc(
        free.mid_min, free.length_min, school.length_min, week_min, alarm=alarm
    )
    apart = freedays.social_jetlag(free.mid_min, school.mid_min)
    return {
        "msf_sc": Metric(corrected, TIME_OF_DAY, n, coverage, ALARM if alarm else None),
        "social_jetlag": Metric(apart, "min", n, coverage),
    }


def _night_metrics(nights: Sequence[Night], coverage: float) -> Metrics:
    def mean(values: list[float], unit: str, shift: int = 0) -> Metric:
        value = (float(np.mean(values)) + shift) % MINUTES_A_DAY if values else None
        return Metric(value, unit, len(values), coverage, None if values else NO_NIGHT)

    # Nights run from noon to noon: counted from noon their times lie on one side of a mean.
    noon = MINUTES_A_DAY // 2
    onsets = [since_noon_min(night.onset) for night in nights if night.onset]
    offsets = [since_noon_min(night.offset) for night in nights if night.offset]
    durations = [float(n.duration_min) for n in nights if n.duration_min is not None]
    return {
        "sleep_onset": mean(onsets, TIME_OF_DAY, noon),
        "sleep_offset": mean(offsets, TIME_OF_DAY, noon),
        "sleep_duration": mean(durations, "min"),
    }


def _bright(parts: Sequence[Grid], lit: float) -> Metric:
    bright = [
        light.minutes_above(part)
        for part in parts
        if light.minutes_with_light(part) >= VALID_DAY_MIN
    ]
    value = float(np.mean(bright)) if bright else None
    return Metric(value, "min", len(bright), lit, None if bright else NO_LIGHT_DAY)


def _phase(
    grid: Grid, spans: Sequence[tuple[datetime, datetime]], zone: ZoneInfo, n_lit: int, lit: float
) -> Metric:
    utc_s = body_clock.last_cbtmin_utc_s(grid.light_lx, grid.start_utc_s, spans) if n_lit else None
    if utc_s is None:
        return Metric(None, TIME_OF_DAY, n_lit, lit, NO_CLOCK if n_lit else NO_LIGHT_DAY)
    moment = local_time(utc_s, zone)
    return Metric(float(moment.hour * 60 + moment.minute), TIME_OF_DAY, n_lit, lit)


def _cosinor_metrics(
    grid: Grid, clock: IntArray, n_valid: int, coverage: float, unit: str
) -> Metrics:
    fitted = cosinor.fit(grid.activity_mg, clock) if n_valid else None
    reason = None if fitted else NO_PROFILE if n_valid else NO_DAY
    flat = fitted is not None and fitted.amplitude[0] < 1e-9 * max(1.0, abs(fitted.mesor))
    peak = fitted.acrophase_min[0] if fitted and not flat else None
    why = NO_CHANGE if flat else reason
    return {
        "cosinor_mesor": Metric(fitted.mesor if fitted else None, unit, n_valid, coverage, reason),
        "cosinor_amplitude": Metric(
            fitted.amplitude[0] if fitted else None, unit, n_valid, coverage, reason
        ),
        "cosinor_acrophase": Metric(peak, TIME_OF_DAY, n_valid, coverage, why),
    }
