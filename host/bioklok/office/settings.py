"""What a school has decided: its rules for strips, lesson hours, holidays, texts, how long."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

from bioklok.errors import BioklokFailure
from bioklok.school.asking import School
from bioklok.school.days import Override, Region, SchoolCalendar, SchoolYear, local_day
from bioklok.school.people import NotAllowed, Person, administers
from bioklok.school.strip_rules import DAY_S, Period, StripRules
from bioklok.school.timetable import Bell, LessonHour
from bioklok.store import Store
from bioklok.store.records import from_json, to_json
from bioklok.timetables.holidays import holidays

FIRST_YEAR, LAST_YEAR = 2000, 2105
MOST = 400  # strips, days ahead, lesson hours
MOST_DAYS = 3650

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
    _check_sense(settings)
    store.put_settings(to_json(settings))


def _check_sense(settings: Settings) -> None:
    """Raise BioklokFailure for days and numbers that no school means, before they do harm."""
    rules, bell, kept = settings.rules, settings.bell, settings.retention
    days = [day for one in rules.periods for day in (one.first, one.last)]
    days += [day for pair in rules.blocked_days for day in pair]
    days += [day for one in settings.overrides for day in (one.first, one.last)]
    days += [day for first, last, _ in bell.exceptions for day in (first, last)]
    if any(not FIRST_YEAR <= day.year <= LAST_YEAR for day in days):
        raise BioklokFailure(f"a day lies outside {FIRST_YEAR} to {LAST_YEAR}: correct it")
    spans_d = (rules.notice_s // DAY_S, rules.late_answer_s // DAY_S, rules.press_days_ahead)
    counts = [*spans_d, rules.per_week or 0, rules.per_subject or 0, *rules.blocked_hours]
    counts += [one.strips for one in rules.periods]
    counts += [hour.number for hour in bell.hours]
    counts += [hour.number for _, _, hours in bell.exceptions for hour in hours]
    if not all(0 <= one <= MOST for one in counts):
        raise BioklokFailure(f"a number of the rules lies outside 0 to {MOST}: correct it")
    for hours in (bell.hours, *(hours for _, _, hours in bell.exceptions)):
        numbers = [hour.number for hour in hours]
        if len(set(numbers)) != len(numbers) or any(hour.end <= hour.start for hour in hours):
            raise BioklokFailure(
                "a lesson hour is there twice, or ends before it begins: correct it"
            )
    if any(last < first for first, last, _ in bell.exceptions):
        raise BioklokFailure("days with other lesson hours end before they begin: correct it")
    if not 1 <= settings.oldest_text <= CONSENT_TEXT:
        raise BioklokFailure(f"no text {settings.oldest_text} was shown: take 1 to {CONSENT_TEXT}")
    if not all(1 <= one <= MOST_DAYS for one in (kept.raw_days, kept.look_days, kept.session_days)):
        raise BioklokFailure(f"things are kept 1 to {MOST_DAYS} days: correct it")


def strip_school(store: Store, settings: Settings) -> School:
    """Return what decisions about strips rest on."""
    return School(
        settings.rules, settings.bell, zone_of_school(store), calendar_of(store, settings)
    )


def calendar_of(store: Store, settings: Settings) -> SchoolCalendar:
    """Return which days the school gives lessons."""
    return SchoolCalendar(store.school_id, settings.region, holidays(), settings.overrides)


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
