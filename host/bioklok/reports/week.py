"""One student's week as one object: what was measured, nights, figures, button moments, strips."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property, partial
from typing import Any, Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
from biocore.record import EPOCH_MARKS, EPOCH_S, bits
from numpy.typing import NDArray

from bioklok.analysis import light, sleep
from bioklok.analysis import metrics as figures
from bioklok.analysis.clock import day_bounds_utc_s, local_time, minutes_of_day
from bioklok.analysis.epochs import decode
from bioklok.analysis.freedays import WEEKENDS, FreeDays
from bioklok.analysis.grid import BoolArray, Grid
from bioklok.analysis.metrics import Knowledge, Metrics
from bioklok.analysis.rest import Rest, profile, rest_and_activity
from bioklok.analysis.sleep import Night
from bioklok.analysis.usual_day import ClockDay, usual_day
from bioklok.errors import BioklokFailure
from bioklok.reports.plain import day_dict, iso
from bioklok.settings import DEFAULT_TIMEZONE

DAYS_A_WEEK = 7
MARKS = ("sharp", "tired", "strip")  # a grade that was told on a page stays between them

# Fetched on either side of what is shown, so that wear is judged with its surroundings.
MARGIN = timedelta(hours=12)

# Years that a device can have measured: it counts Unix seconds in 32 bits, and 0 is no time.
FIRST_YEAR, LAST_YEAR = 1971, 2105

_WEEK = re.compile(r"(\d{4})-W(\d{2})")


class PageSource(Protocol):
    """The part of the store that a week is made from."""

    def pages_of(
        self,
        student_id: str,
        start_utc_s: int,
        end_utc_s: int,
        received_by_utc_s: int | None = None,
    ) -> list[bytes]: ...
    def spans_of(self, student_id: str) -> list[tuple[int, int]]: ...
    def last_sync_utc_s(self, student_id: str) -> int | None: ...


@dataclass(frozen=True)
class Mark:
    """A button moment: `kind` is sharp, tired or strip; `time` is local, to the minute."""

    kind: str
    time: datetime


@dataclass(frozen=True)
class Day:
    """One local day of 23, 24 or 25 hours.

    `grid` and `asleep` have one entry a minute; `clock_min` is what the local clock shows then.
    `valid` says whether 16 hours on the wrist were measured.
    """

    date: date
    grid: Grid
    asleep: BoolArray
    is_told: BoolArray  # whether one slept is known: of a night that was not found it is not
    clock_min: NDArray[np.int64]
    marks: tuple[Mark, ...]
    valid: bool
    resting: Callable[[], Rest | None]  # works `rest` out: a page shows none of it
    bright_min: int | None

    @cached_property
    def rest(self) -> Rest | None:
        """The quietest and the busiest hours, of a valid day; worked out when asked for."""
        return self.resting()

    @property
    def n_worn(self) -> int:
        """Minutes measured on the wrist."""
        return int(np.count_nonzero(self.grid.worn))

    @property
    def on_clock(self) -> ClockDay:
        """The day as one of those that make a usual day."""
        grid = self.grid
        asleep = np.where(self.is_told & grid.worn, self.asleep.astype(float), np.nan)
        return ClockDay(grid.activity_mg, grid.light_lx, grid.worn, asleep, self.clock_min)


@dataclass(frozen=True)
class Week:
    """A student's ISO week in one time zone. `nights` are those that begin on its days."""

    student_id: str
    week: str
    timezone: str
    days: tuple[Day, ...]
    nights: tuple[Night, ...]
    figures: Callable[[], Metrics]  # works the metrics out: a page shows none of them
    marks: tuple[Mark, ...]  # sharp and tired
    strips: tuple[Mark, ...]
    n_epochs: int  # minutes that were recorded
    n_moments: int  # minutes that were measured on the wrist: what all of this rests on
    coverage: float
    last_sync: datetime | None

    @cached_property
    def metrics(self) -> Metrics:
        """The figures of the week, by their names in docs/metrics.md; worked out when asked for."""
        return self.figures()

    def to_dict(self) -> dict[str, Any]:
        """Return the week in plain types for JSON: the report and the API say the same."""
        return {
            "student": self.student_id,
            "week": self.week,
            "timezone": self.timezone,
            "n_epochs": self.n_epochs,
            "n_moments": self.n_moments,
            "coverage": round(self.coverage, 4),
            "last_sync": iso(self.last_sync),
            "metrics": {name: metric.to_dict(4) for name, metric in self.metrics.items()},
            "usual_day": usual_day((day.on_clock for day in self.days), 60).to_dict(),
            "nights": [night.to_dict() for night in self.nights],
            "days": [day_dict(day) for day in self.days],
            "marks": [{"kind": mark.kind, "time": mark.time.isoformat()} for mark in self.marks],
            "strips": [{"time": mark.time.isoformat()} for mark in self.strips],
        }


def monday_of(week: str) -> date:
    """Return the Monday of an ISO week such as 2026-W47. Raises BioklokFailure."""
    found = _WEEK.fullmatch(week)
    try:
        if found and FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
            return date.fromisocalendar(int(found[1]), int(found[2]), 1)
    except ValueError:
        pass  # a year without that week: the same line as for any other text
    raise BioklokFailure(f"there is no week {week!r}: write it as 2026-W47")


def week_of(day: date) -> str:
    """Return the ISO week that a day belongs to, as 2026-W47."""
    year, number, _weekday = day.isocalendar()
    return f"{year:04d}-W{number:02d}"


def zone_of(timezone: str) -> ZoneInfo:
    """Return the time zone of that name. Raises BioklokFailure."""
    try:
        return ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BioklokFailure(
            f"no time zone {timezone!r}: write it as Europe/Amsterdam (is tzdata installed?)"
        ) from error


def weeks_with_data(
    source: PageSource, student_id: str, timezone: str = DEFAULT_TIMEZONE
) -> list[str]:
    """Return the ISO weeks in which this student has an epoch, newest first."""
    zone = zone_of(timezone)
    weeks = set()
    for start_utc_s, n_epochs in source.spans_of(student_id):
        for utc_s in (start_utc_s, start_utc_s + EPOCH_S * (n_epochs - 1)):
            day = local_time(utc_s, zone).date()
            if FIRST_YEAR <= day.isocalendar().year <= LAST_YEAR:
                weeks.add(week_of(day))
    return sorted(weeks, reverse=True)


def build_week(
    source: PageSource,
    student_id: str,
    week: str,
    timezone: str = DEFAULT_TIMEZONE,
    received_by_utc_s: int | None = None,
    *,
    free_days: FreeDays = WEEKENDS,
) -> Week:
    """Make the week of a student from the stored pages; a week without data is a whole week too.

    received_by_utc_s: from what the host had by then; None: from everything. Raises BioklokFailure
    where the week or the time zone does not exist.
    """
    monday, zone = monday_of(week), zone_of(timezone)
    first, last = _stretch(monday, zone)
    margin_s = int(MARGIN.total_seconds())
    pages = source.pages_of(student_id, first - margin_s, last + margin_s, received_by_utc_s)
    synced = source.last_sync_utc_s(student_id)
    return week_from_pages(
        pages,
        student_id,
        week,
        timezone,
        last_sync=None if synced is None else local_time(synced, zone),
        free_days=free_days,
    )


def week_from_pages(
    pages: Iterable[bytes],
    student_id: str,
    week: str,
    timezone: str = DEFAULT_TIMEZONE,
    *,
    last_sync: datetime | None = None,
    free_days: FreeDays = WEEKENDS,
) -> Week:
    """Make a week from pages in any order; pages outside it only help to judge wear.

    free_days: the school's; only mid-sleep and social jetlag ask.
    """
    monday, zone = monday_of(week), zone_of(timezone)
    # Each evening's noon to noon; the first is Sunday's, whose morning is Monday's.
    dates = [monday + timedelta(days=i) for i in range(DAYS_A_WEEK)]
    evenings = [monday - timedelta(days=1), *dates]
    grid = sleep.night_grid(decode(pages), *_stretch(monday, zone), evenings, zone)
    asleep = np.zeros(len(grid), bool)
    is_known = np.zeros(len(grid), bool)  # a night that was not found is not known, not awake
    found = []
    for evening in evenings:
        first, end = sleep.noon_bounds_utc_s(evening, zone)
        at = (first - grid.start_utc_s) // EPOCH_S
        night, minutes = sleep.night_and_minutes(grid, evening, zone)
        asleep[at : at + len(minutes)] = minutes
        is_known[at : at + len(minutes)] = minutes.any()
        if evening >= monday and grid.part(first, end).present.any():
            found.append(night)
    nights = tuple(found)
    days = tuple(_day(grid, (asleep, is_known), day, zone) for day in dates)
    week_grid = grid.part(day_bounds_utc_s(dates[0], zone)[0], day_bounds_utc_s(dates[-1], zone)[1])
    at = (week_grid.start_utc_s - grid.start_utc_s) // EPOCH_S
    state = np.where(is_known, asleep, np.nan)[at : at + len(week_grid)]
    marks = [mark for day in days for mark in day.marks]
    n_moments = int(np.count_nonzero(week_grid.worn))
    return Week(
        student_id,
        week,
        timezone,
        days,
        nights,
        partial(figures.metrics, week_grid, dates, nights, zone, Knowledge(state, free_days)),
        tuple(mark for mark in marks if mark.kind != "strip"),
        tuple(mark for mark in marks if mark.kind == "strip"),
        int(np.count_nonzero(week_grid.present)),
        n_moments,
        n_moments / len(week_grid),
        last_sync,
    )


def _stretch(monday: date, zone: ZoneInfo) -> tuple[int, int]:
    """From noon on the Sunday before to noon on the Monday after: eight nights."""
    sunday_before, sunday = monday - timedelta(days=1), monday + timedelta(days=6)
    return (
        sleep.noon_bounds_utc_s(sunday_before, zone)[0],
        sleep.noon_bounds_utc_s(sunday, zone)[1],
    )


def _day(grid: Grid, sleeping: tuple[BoolArray, BoolArray], day: date, zone: ZoneInfo) -> Day:
    start_utc_s, end_utc_s = day_bounds_utc_s(day, zone)
    part = grid.part(start_utc_s, end_utc_s)
    at = (start_utc_s - grid.start_utc_s) // EPOCH_S
    marks = [
        Mark(name, local_time(start_utc_s + EPOCH_S * int(minute), zone))
        for minute in np.flatnonzero(part.marks)
        for name in MARKS
        if bits(EPOCH_MARKS, name, int(part.marks[minute]))
    ]
    valid = figures.is_valid_day(part)
    has_light = light.minutes_with_light(part) >= figures.VALID_DAY_MIN
    return Day(
        day,
        part,
        sleeping[0][at : at + len(part)],
        sleeping[1][at : at + len(part)],
        minutes_of_day(start_utc_s, len(part), zone),
        tuple(marks),
        valid,
        lambda: rest_and_activity(profile(part, zone), circular=False) if valid else None,
        light.minutes_above(part) if has_light else None,
    )
