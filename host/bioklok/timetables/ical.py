"""An iCalendar feed, as Somtoday and Magister publish them, down to a snapshot of lessons."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from hashlib import sha256
from zoneinfo import ZoneInfo

from bioklok.school.timetable import Lesson, Snapshot
from bioklok.timetables.limits import USUAL, Limits, check_window
from bioklok.timetables.lines import read_lines
from bioklok.timetables.occurrences import Occurrence, expand
from bioklok.timetables.rules import Budget, Window
from bioklok.timetables.subjects import Title, read_title
from bioklok.timetables.zones import Zones

LONGEST_LESSON_S = 5 * 3600
ID_CHARS = 20  # 80 bits: no two of a student's appointments share them


def read_ical(
    data: bytes,
    *,
    school_id: str,
    student_id: str,
    taken_at_utc_s: int,
    from_utc_s: int,
    until_utc_s: int,
    zone: ZoneInfo,
    more_codes: Collection[str] = (),
    limits: Limits = USUAL,
) -> Snapshot:
    """Return what a feed says of a window: start, end, subject code and whether it is a lesson.

    `zone` is the school's, for times without one; `more_codes` are the school's own subject codes.
    Cancelled appointments and those without a length are left out. Source: RFC 5545.

    Raises BioklokFailure where the file is no calendar, is cut off, goes over a limit, or has an
    appointment that cannot be read: a lesson that is missing would count as cancelled. Raises
    ValueError where the window is empty or too long.
    """
    check_window(from_utc_s, until_utc_s, limits)
    window = Window(from_utc_s, until_utc_s)
    raw = read_lines(data, limits)
    zones = Zones(raw, zone)
    lessons: dict[tuple[int, int, str, bool], Lesson] = {}
    for one in expand(raw, zones, window, Budget.of(limits)):
        if not from_utc_s <= one.span.utc_s(zone)[0] < until_utc_s:
            continue
        found = _lesson(one, zone, more_codes)
        if found is None:
            continue
        # A lesson that is listed for two groups is one lesson, under the same id at every fetch.
        content = (found.start_utc_s, found.end_utc_s, found.subject, found.is_lesson)
        lessons[content] = min(found, lessons.get(content, found))
    return Snapshot(
        school_id,
        student_id,
        taken_at_utc_s,
        from_utc_s,
        until_utc_s,
        _told_apart(lessons.values()),
    )


def lesson_id(key: str) -> str:
    """Return an id that is the same at every fetch and says nothing: a feed's may hold names."""
    return sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:ID_CHARS]


def _told_apart(lessons: Iterable[Lesson]) -> tuple[Lesson, ...]:
    """Give every lesson an id of its own: a feed may name two alike, and both are there."""
    found: dict[str, Lesson] = {}
    for one in sorted(lessons):
        name = one.id
        while name in found:
            name = lesson_id(f"{name} {one.start_utc_s} {one.end_utc_s} {one.subject}")
        found[name] = replace(one, id=name)
    return tuple(found.values())


def _lesson(one: Occurrence, zone: ZoneInfo, more_codes: Collection[str]) -> Lesson | None:
    start_utc_s, end_utc_s = one.span.utc_s(zone)
    status, summary = one.event.first("STATUS"), one.event.first("SUMMARY")
    title = read_title(summary.value if summary else "", more_codes)
    is_cancelled = status is not None and status.value.strip().upper() == "CANCELLED"
    if is_cancelled or title.is_cancelled or end_utc_s <= start_utc_s:
        return None
    is_test = title.is_test or any(
        read_title(category.value).is_test
        for category in one.event.properties.get("CATEGORIES", [])
    )
    is_lesson = _is_lesson(one, title, end_utc_s - start_utc_s) and not is_test
    # The subject of a test is the subject of what a strip may not be used for; of anything else
    # that is no lesson nothing is kept but that there is something.
    subject = title.subject if is_lesson or is_test else ""
    return Lesson(start_utc_s, end_utc_s, subject, lesson_id(one.key), is_lesson)


def _is_lesson(one: Occurrence, title: Title, lasts_s: int) -> bool:
    if one.span.is_whole_day or title.is_free or lasts_s > LONGEST_LESSON_S:
        return False
    return bool(title.subject)
