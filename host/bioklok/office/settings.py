"""What a school has decided: its rules for strips, lesson hours, holidays, texts, how long."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

from bioklok.errors import BioklokFailure
from bioklok.school.asking import School
from bioklok.school.days import Override, Region, SchoolYear, local_day
from bioklok.school.people import NotAllowed, Person, administers
from bioklok.school.strip_rules import Period, StripRules
from bioklok.school.timetable import Bell, LessonHour
from bioklok.store import Store
from bioklok.store.records import from_json, to_json

CONSENT_TEXT = 1  # the version of the text that is shown now


@dataclass(frozen=True)
class Retention:
    """How many days things are kept (school.md, Privacy): a job deletes what is older.

    raw_days     the minutes as the device sent them
    look_days    who looked at what
    session_days notes of syncs
    Weekly figures, cards, strips and timetables go when the school year after theirs begins.
    """

    raw_days: int = 42
    look_days: int = 365
    session_days: int = 90


@dataclass(frozen=True)
class Settings:
    """A school's decisions.

    oldest_text: the oldest version of the consent text that still describes what is done.
    feed_hosts: servers of timetables besides those of the known makers.
    """

    rules: StripRules
    bell: Bell
    region: Region = Region.NOORD
    overrides: tuple[Override, ...] = ()
    oldest_text: int = CONSENT_TEXT
    retention: Retention = field(default_factory=Retention)
    feed_hosts: tuple[str, ...] = ()


def settings_of(store: Store) -> Settings:
    """Return the decisions of the store's school, the usual ones where it made none."""
    kept = store.school().settings
    if kept == "{}":
        return usual(store.school_id, local_day_now(store))
    return from_json(Settings, kept)


def keep_settings(store: Store, by: Person | None, settings: Settings) -> None:
    """Keep a school's decisions. `by` None: whoever has the terminal. Raises NotAllowed."""
    if by is not None and not administers(by, store.school_id):
        raise NotAllowed(f"{by.id} may not change the school's settings")
    if settings.rules.school_id != store.school_id:
        raise BioklokFailure("these are another school's settings")
    store.put_settings(to_json(settings))


def strip_school(store: Store, settings: Settings) -> School:
    """Return what decisions about strips rest on."""
    return School(settings.rules, settings.bell, zone_of_school(store))


def zone_of_school(store: Store) -> ZoneInfo:
    """Return where the school is."""
    return ZoneInfo(store.school().timezone)


def local_day_now(store: Store) -> date:
    """Return today at the school."""
    import time as clock  # noqa: PLC0415 - only where nobody gives the time

    return local_day(int(clock.time()), zone_of_school(store))


def usual(school_id: str, day: date) -> Settings:
    """Return what a school starts with: three strips a period of ten weeks, one a week, notice
    until the evening before, the mentor's agreement, nine hours of fifty minutes from 8:30."""
    year = SchoolYear.of(day)
    rules = StripRules(school_id, tuple(_periods(year)), per_week=1, notice_s=12 * 3600)
    return Settings(rules, Bell(school_id, tuple(_hours())))


def _periods(year: SchoolYear) -> Iterable[Period]:
    first = year.first
    for n in range(1, 5):
        last = year.last if n == 4 else first + timedelta(days=90)
        yield Period(f"{year.begins}-{n}", first, last, 3)
        first = last + timedelta(days=1)


def _hours() -> Iterable[LessonHour]:
    start = 8 * 60 + 30
    for number in range(1, 10):
        end = start + 50
        yield LessonHour(number, time(*divmod(start, 60)), time(*divmod(end, 60)))
        start = end + (20 if number in (2, 5) else 0)
