"""A recording as one object: its days, nights and figures, and the same in plain types."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from bioklok.analysis import light
from bioklok.analysis import metrics as figures
from bioklok.analysis.clock import day_bounds_utc_s, local_time
from bioklok.analysis.freedays import WEEKENDS, FreeDays
from bioklok.analysis.grid import Grid
from bioklok.analysis.metrics import Knowledge, Metrics
from bioklok.analysis.rest import Rest, profile, rest_and_activity
from bioklok.errors import BioklokFailure
from bioklok.recordings.nights import Sleep, sleep_of
from bioklok.recordings.recording import MINUTE_S, FloatArray, Minutes, Recording
from bioklok.recordings.recording import minutes as on_minutes


@dataclass(frozen=True)
class RecordedDay:
    """One local day: valid minutes of all of it, L5 and M10, minutes of bright light."""

    date: date
    is_valid: bool
    n_moments: int
    n_minutes: int
    rest: Rest | None
    bright_min: int | None

    def to_dict(self) -> dict[str, Any]:
        """Return it in plain types for JSON."""
        rest = self.rest
        return {
            "date": self.date.isoformat(),
            "valid": self.is_valid,
            "n_moments": self.n_moments,
            "coverage": round(self.n_moments / self.n_minutes, 4),
            "l5": round(rest.l5, 12) if rest else None,
            "l5_onset": rest.l5_onset_min if rest else None,
            "m10": round(rest.m10, 12) if rest else None,
            "m10_onset": rest.m10_onset_min if rest else None,
            "ra": round(rest.ra, 12) if rest and rest.ra is not None else None,
            "time_above_250lx": self.bright_min,
        }


@dataclass(frozen=True)
class Analysis:
    """What a recording comes to in one time zone."""

    recording: Recording
    minutes: Minutes
    zone: ZoneInfo
    metrics: Metrics
    sleep: Sleep
    days: tuple[RecordedDay, ...]

    @property
    def coverage(self) -> float:
        """Valid share of the span."""
        return float(np.count_nonzero(self.minutes.valid) / len(self.minutes))

    def to_dict(self) -> dict[str, Any]:
        """Return it in plain types for JSON."""
        start_utc_s = self.minutes.start_utc_s
        pressed = np.flatnonzero(self.minutes.marker).tolist()
        return {
            "kind": self.recording.kind,
            "timezone": self.zone.key,
            "start": self._local(start_utc_s),
            "end": self._local(start_utc_s + MINUTE_S * len(self.minutes)),
            "epoch_s": self.recording.epoch_s,
            "n_epochs": len(self.recording),
            "n_moments": int(np.count_nonzero(self.minutes.valid)),
            "coverage": round(self.coverage, 4),
            "sleep_source": self.sleep.source,
            "metrics": {name: metric.to_dict() for name, metric in self.metrics.items()},
            "nights": [night.to_dict() for night in self.sleep.nights],
            "days": [day.to_dict() for day in self.days],
            "markers": [self._local(start_utc_s + MINUTE_S * minute) for minute in pressed],
        }

    def _local(self, utc_s: int) -> str:
        return local_time(utc_s, self.zone).isoformat()


def activity_unit(recording: Recording) -> str:
    """Return what its activity is in: the mean of epochs as they were recorded."""
    return f"counts per {recording.epoch_s} s"


def analyse(recording: Recording, zone: ZoneInfo, free_days: FreeDays = WEEKENDS) -> Analysis:
    """Work out days, nights and figures of a recording.

    Raises BioklokFailure for a recording without one valid epoch, or longer than four years.
    """
    minutes = on_minutes(recording)
    if not minutes.valid.any():
        raise BioklokFailure("no epoch of this recording was measured on the wrist")
    sleep = sleep_of(recording, minutes, zone)
    first = local_time(minutes.start_utc_s, zone).date()
    last = local_time(minutes.start_utc_s + MINUTE_S * (len(minutes) - 1), zone).date()
    dates = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    grid, asleep = _grid(minutes, sleep.asleep, dates, zone)
    known = Knowledge(asleep, free_days, activity_unit(recording), len(minutes))
    return Analysis(
        recording,
        minutes,
        zone,
        figures.metrics(grid, dates, sleep.nights, zone, known),
        sleep,
        tuple(_day(grid, day, zone) for day in dates),
    )


def _grid(
    minutes: Minutes, asleep: FloatArray, dates: list[date], zone: ZoneInfo
) -> tuple[Grid, FloatArray]:
    """The recording on whole local days; what lies outside it is absent."""
    start_utc_s, end_utc_s = (
        day_bounds_utc_s(dates[0], zone)[0],
        day_bounds_utc_s(dates[-1], zone)[1],
    )
    if start_utc_s % MINUTE_S or end_utc_s % MINUTE_S:
        raise BioklokFailure(
            f"{zone.key} was not whole minutes from UTC in {dates[0].year}: say --tz UTC"
        )
    n = (end_utc_s - start_utc_s) // MINUTE_S
    at = (minutes.start_utc_s - start_utc_s) // MINUTE_S

    def lay(values: FloatArray) -> FloatArray:
        out: FloatArray = np.full(n, np.nan)
        out[at : at + len(minutes)] = values
        return out

    present, marks = np.zeros(n, bool), np.zeros(n, np.uint8)
    present[at : at + len(minutes)] = minutes.present
    activity = lay(minutes.activity)
    nothing = np.full(n, np.nan)
    worn = ~np.isnan(activity)
    light_lx = lay(minutes.light_lx)
    return (
        Grid(start_utc_s, present, worn, activity, light_lx, nothing, nothing, marks),
        lay(asleep),
    )


def _day(grid: Grid, day: date, zone: ZoneInfo) -> RecordedDay:
    part = grid.part(*day_bounds_utc_s(day, zone))
    valid = figures.is_valid_day(part)
    has_light = light.minutes_with_light(part) >= figures.VALID_DAY_MIN
    return RecordedDay(
        day,
        valid,
        int(np.count_nonzero(part.worn)),
        len(part),
        rest_and_activity(profile(part, zone), circular=False) if valid else None,
        light.minutes_above(part) if has_light else None,
    )
