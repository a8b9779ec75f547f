"""Dates, times and durations of an appointment (RFC 5545, sections 3.3.4 to 3.3.9)."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from bioklok.timetables.lines import Block, Property, refused
from bioklok.timetables.zones import Zones

FIRST_YEAR, LAST_YEAR = 1900, 2200  # room on both sides for what is added and taken away
LONGEST = timedelta(days=366)

_TIME = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})(?:T([0-9]{2})([0-9]{2})([0-9]{2})(Z?))?")
_DURATION = re.compile(
    r"([+-]?)P(?:([0-9]{1,4})W)?(?:([0-9]{1,4})D)?"
    r"(?:T(?:([0-9]{1,5})H)?(?:([0-9]{1,6})M)?(?:([0-9]{1,8})S)?)?"
)


@dataclass(frozen=True)
class Span:
    """From when to when; both dates (whole days, the last excluded), or both times with a zone."""

    start: date | datetime
    end: date | datetime

    @property
    def is_whole_day(self) -> bool:
        """Say whether the appointment has days and no times."""
        return not isinstance(self.start, datetime)

    def utc_s(self, zone: tzinfo) -> tuple[int, int]:
        """Return start and end in Unix seconds UTC; days begin at midnight in `zone`."""
        return as_utc_s(self.start, zone), as_utc_s(self.end, zone)


def as_utc_s(moment: date | datetime, zone: tzinfo) -> int:
    """Return the Unix second of a time, or of the midnight with which a day begins in `zone`."""
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time(), zone)
    return int(moment.timestamp())


def read_time(text: str, zone: tzinfo) -> date | datetime:
    """Return a date, or a time with its zone: UTC where it ends in Z, else `zone`.

    Raises BioklokFailure where it is none of these.
    """
    match = _TIME.fullmatch(text.strip())
    if match is None or not FIRST_YEAR <= int(match[1]) <= LAST_YEAR:
        raise refused("it has a time that is none")
    year, month, day = (int(one) for one in match.group(1, 2, 3))
    try:
        if match[4] is None:
            return date(year, month, day)
        hour, minute, second = (int(one) for one in match.group(4, 5, 6))
        # A leap second may be written (3.3.12); no lesson begins in one.
        moment = datetime(
            year, month, day, hour, minute, min(second, 59) if second == 60 else second
        )
    except ValueError:
        raise refused("it has a time that is none") from None
    return moment.replace(tzinfo=UTC if match[7] else zone)


def zone_of(one: Property, zones: Zones) -> tzinfo:
    """Return the zone that a property's times are in; without a TZID ("floating") the school's."""
    tzid = one.parameters.get("TZID")
    return zones.named(tzid) if tzid else zones.school


def read_property(one: Property, zones: Zones) -> date | datetime:
    """Return the one date or time of a property."""
    return read_time(one.value, zone_of(one, zones))


def read_duration(text: str) -> timedelta:
    """Return a duration of 0 to `LONGEST`. Raises BioklokFailure where it is none such."""
    match = _DURATION.fullmatch(text.strip())
    if match is None or not any(match.groups()[1:]):
        raise refused("it has a duration that is none")
    weeks, days, hours, minutes, seconds = (int(one or 0) for one in match.groups()[1:])
    found = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    if found > LONGEST or (match[1] == "-" and found):
        raise refused("it has an appointment that ends before it starts, or after a year")
    return found


def read_span(event: Block, zones: Zones) -> Span:
    """Return when an appointment is. With neither DTEND nor DURATION a day lasts a day, and a time
    no time at all (3.6.1). Raises BioklokFailure where it says so wrongly."""
    begins = event.first("DTSTART")
    if begins is None:
        raise refused("it has an appointment without a start")
    start = read_property(begins, zones)
    ends, lasts = event.first("DTEND"), event.first("DURATION")
    end: date | datetime
    if ends is not None:
        end = read_property(ends, zones)
    elif lasts is not None:
        end = added(start, read_duration(lasts.value))
    else:
        end = start if isinstance(start, datetime) else start + timedelta(days=1)
    return checked(start, end, zones)


def checked(start: date | datetime, end: date | datetime, zones: Zones) -> Span:
    """Return a span of one kind. Raises BioklokFailure where it is backwards or over a year."""
    if isinstance(start, datetime) != isinstance(end, datetime):
        # Some programs write a time at one side only: take the day's midnight for the other.
        start, end = (
            one if isinstance(one, datetime) else datetime.combine(one, time(), zones.school)
            for one in (start, end)
        )
    lasts_s = as_utc_s(end, zones.school) - as_utc_s(start, zones.school)
    if not 0 <= lasts_s <= LONGEST.total_seconds():
        raise refused("it has an appointment that ends before it starts, or after a year")
    return Span(start, end)


def added(start: date | datetime, lasts: timedelta) -> date | datetime:
    """Return the end of what lasts so long: whole days by the calendar, the rest by the clock that
    runs (3.3.6), so that an hour is an hour also in the night that clocks change."""
    if not isinstance(start, datetime):
        return start + timedelta(days=lasts.days)
    day = start + timedelta(days=lasts.days)
    rest = lasts - timedelta(days=lasts.days)
    return (day.astimezone(UTC) + rest).astimezone(start.tzinfo) if rest else day


def like(moment: date | datetime, start: date | datetime, zones: Zones) -> date | datetime:
    """Return a RECURRENCE-ID, EXDATE or RDATE as a day or a time, as the series' start is.

    A day that is named for a series of times is that day's, at the series' time of day.
    """
    if isinstance(start, datetime) == isinstance(moment, datetime):
        return moment
    if isinstance(moment, datetime):
        return moment.astimezone(zones.school).date()
    return datetime.combine(moment, start.timetz() if isinstance(start, datetime) else time())
