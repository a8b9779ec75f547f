"""What stands beside a student's own week, from the store: timetable, calendar, sharp hours."""

from collections.abc import Sequence
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

from bioklok.analysis.freedays import WEEKENDS, FreeDays
from bioklok.office.consenting import SCHOOL
from bioklok.office.settings import Settings, calendar_of, settings_of
from bioklok.office.sharp_hours import SharpHours, clock_times, of_extent
from bioklok.reports.beside import Beside, LessonBlock, SharpWindow
from bioklok.reports.week import monday_of
from bioklok.school.days import utc_s_at
from bioklok.school.timetable import Lesson, Snapshot
from bioklok.store import Account, Store

LOOKS_BACK_S = 7 * 86400  # the days whose usual times the sharp hours rest on


def beside(store: Store, student: Account, week: str) -> Beside:
    """Return what stands beside a week of a student. Raises BioklokFailure for no such week."""
    monday, zone = monday_of(week), student.person.zone
    settings = settings_of(store)
    first_utc_s = _midnight(monday, zone)
    last_utc_s = _midnight(monday + timedelta(days=7), zone)
    with store.reading(student.id) as desk:
        snapshots = desk.snapshots(first_utc_s)
    lessons = lessons_between(snapshots, first_utc_s, last_utc_s)
    extent = store.extent_of(student.id)
    is_past = extent is not None and last_utc_s + LOOKS_BACK_S < extent.last_utc_s
    found = SharpHours(None, 0)
    if extent is not None and not is_past:
        found = of_extent(store, student, extent)
    return Beside(
        zone,
        tuple(
            LessonBlock(one.start_utc_s, one.end_utc_s, one.subject, _hours(one, settings, zone))
            for one in lessons
        ),
        window(found),
        found.n_presses,
        free_days(store, settings, monday),
        is_past,
    )


def window(found: SharpHours) -> SharpWindow | None:
    """Return the sharp hours as they may be told; None where they are not sure enough."""
    times = clock_times(found)
    return SharpWindow(*times, found.n_presses) if times else None


def free_days(store: Store, settings: Settings, monday: date) -> FreeDays:
    """Return which days of a week, and of the weekends beside it, are free at the school."""
    if store.school().kind != SCHOOL:
        return WEEKENDS
    calendar = calendar_of(store, settings)
    days = [monday + timedelta(days=n) for n in range(-1, 8)]
    is_school = {day: calendar.is_school_day(day) for day in days}
    return FreeDays(
        frozenset(day for day in days if not is_school[day]),
        frozenset(day for day in days if is_school[day]),
    )


def lessons_between(
    snapshots: Sequence[Snapshot], first_utc_s: int, last_utc_s: int
) -> list[Lesson]:
    """Return the lessons that start in [first, last), each moment from the newest snapshot that
    speaks of it. `snapshots` are oldest first."""
    found: list[Lesson] = []
    newer: list[Snapshot] = []
    for snapshot in reversed(snapshots):
        found += [
            one
            for one in snapshot.lessons
            if one.is_lesson
            and first_utc_s <= one.start_utc_s < last_utc_s
            and not any(other.speaks_of(one) for other in newer)
        ]
        newer.append(snapshot)
    return sorted(found)


def _hours(lesson: Lesson, settings: Settings, zone: ZoneInfo) -> tuple[int, ...]:
    return settings.bell.hours_of(lesson, zone)


def _midnight(day: date, zone: ZoneInfo) -> int:
    return utc_s_at(day, time(), zone)
