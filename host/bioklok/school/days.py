"""Days at school: local days, weeks, school years, and the holidays of a region and a school."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Self
from zoneinfo import ZoneInfo

from bioklok.errors import BioklokFailure

_WEEK = re.compile(r"([0-9]{4})-W([0-9]{2})")
_FIRST_WEEKEND_DAY = 6  # isoweekday: Saturday


class Region(StrEnum):
    """The regions over which the Netherlands spread their school holidays (open data's names)."""

    NOORD = "noord"
    MIDDEN = "midden"
    ZUID = "zuid"


def local_time(utc_s: int, zone: ZoneInfo) -> datetime:
    """Return the local time, aware of its offset."""
    return datetime.fromtimestamp(utc_s, UTC).astimezone(zone)


def local_day(utc_s: int, zone: ZoneInfo) -> date:
    """Return the local day on which a moment falls."""
    return local_time(utc_s, zone).date()


def utc_s_at(day: date, clock: time, zone: ZoneInfo) -> int:
    """Return the Unix second at which a local clock shows this on a day.

    Of an hour that comes twice the first; an hour that the clock jumps over counts from before the
    jump, so 02:30 is then the moment that the clock shows 03:30 (PEP 495, fold 0).
    """
    return int(datetime.combine(day, clock, zone).timestamp())


def week_of(day: date) -> str:
    """Return the ISO week of a day, as it stands in addresses and files: 2026-W47."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def checked_week(week: str) -> str:
    """Return the week as given. Raises BioklokFailure where no such ISO week exists."""
    match = _WEEK.fullmatch(week)
    try:
        if match is None:
            raise ValueError
        date.fromisocalendar(int(match[1]), int(match[2]), 1)
    except ValueError:
        raise BioklokFailure(f"there is no week {week!r}: say it as 2026-W47") from None
    return week


@dataclass(frozen=True, order=True)
class SchoolYear:
    """1 August up to and with 31 July (Statistics Netherlands' term: vocabs.cbs.nl, begrip 340).

    `begins` is the calendar year of its August.
    """

    begins: int

    @classmethod
    def of(cls, day: date) -> Self:
        """Return the school year that a day is part of."""
        return cls(day.year if day.month >= 8 else day.year - 1)

    @property
    def first(self) -> date:
        """1 August."""
        return date(self.begins, 8, 1)

    @property
    def last(self) -> date:
        """31 July: the day on which a mentor's tie ends (school.md, The people)."""
        return date(self.begins + 1, 7, 31)

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def __str__(self) -> str:
        return f"{self.begins}-{self.begins + 1}"


@dataclass(frozen=True)
class Holiday:
    """A school holiday as published, first to last day; `region` None: the whole country."""

    name: str
    first: date
    last: date
    region: Region | None = None


@dataclass(frozen=True)
class Override:
    """A school's own word about some days: free although others have lessons, or the reverse."""

    school_id: str
    name: str
    first: date
    last: date
    is_free: bool


@dataclass(frozen=True)
class SchoolCalendar:
    """Which days one school gives lessons (school.md, Timetable and calendar).

    Of two overrides of one day the later in the list counts, so that a school can correct itself.
    Raises ValueError where an override is another school's.
    """

    school_id: str
    region: Region
    holidays: tuple[Holiday, ...] = ()
    overrides: tuple[Override, ...] = ()

    def __post_init__(self) -> None:
        if any(one.school_id != self.school_id for one in self.overrides):
            raise ValueError("an override of another school")

    def holiday_on(self, day: date) -> str | None:
        """Return the name of the holiday that a day is part of; None: no holiday."""
        override = self._override_on(day)
        if override is not None:
            return override.name if override.is_free else None
        return next((one.name for one in self._published() if one.first <= day <= one.last), None)

    def is_made_free(self, day: date) -> bool:
        """Say whether the school itself made a day free. A published holiday is advice to some
        schools, and of another region to others: whether it has lessons a timetable knows best."""
        override = self._override_on(day)
        return override is not None and override.is_free

    def is_school_day(self, day: date) -> bool:
        """Say whether there may be lessons: a weekday outside holidays, or a day made one."""
        override = self._override_on(day)
        if override is not None:
            return not override.is_free
        return day.isoweekday() < _FIRST_WEEKEND_DAY and self.holiday_on(day) is None

    def _override_on(self, day: date) -> Override | None:
        found = (one for one in reversed(self.overrides) if one.first <= day <= one.last)
        return next(found, None)

    def _published(self) -> Iterable[Holiday]:
        return (one for one in self.holidays if one.region in (None, self.region))
