"""Dates and times as exports write them: which part is the day, and which moment that was.

The order of day and month is found from the data: dates run forward, one epoch after the other.
Times without a zone are of the zone given; where the recorder did not follow a change of clocks
(it shows an hour that the zone does not have, or runs on where an hour comes twice), all its times
are of the offset it began with.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from bioklok.errors import BioklokFailure
from bioklok.recordings.table import Column
from bioklok.recordings.text import Text

IntArray = NDArray[np.int64]

DAY_S = 86400
_NEXT_DAYS = 2  # a step of more days than this is a hole in the recording
_CLOCK = re.compile(
    r"(\d{1,2})[:.h](\d{2})(?:[:.](\d{2})(?:[.,]\d{1,9})?)?\s*([AaPp])?\.?\s*[Mm]?\.?"
    r"\s*(Z|z|[+-]\d{2}:?\d{2})?"
)
_PARTS = re.compile(r"[/.\-]")
_EPOCH = date(1970, 1, 1).toordinal()


class Order(StrEnum):
    """Which of the first two numbers of a date is the day."""

    DAY_FIRST = "dayfirst"
    MONTH_FIRST = "monthfirst"


class Stamp(NamedTuple):
    """A date and a time as they stand in the file, and on which line."""

    line: int
    date: str
    time: str


@dataclass(frozen=True)
class Stamps:
    """The same of all epochs (n)."""

    lines: Sequence[int]
    dates: Column
    times: Column

    def at(self, n: int) -> Stamp:
        """Return those of one epoch, from 0."""
        return Stamp(self.lines[n], self.dates.at(n), self.times.at(n))


def read_moments(text: Text, stamps: Stamps, zone: ZoneInfo, order: Order | None) -> IntArray:
    """Return the Unix seconds of epochs (n), which follow each other.

    Raises BioklokFailure with the line of what is no time or does not follow, and, where the dates
    can be read in two ways and `order` is None, asking for --dayfirst or --monthfirst.
    """
    days = _days(text, stamps, order)
    day_s = DAY_S * np.array([days[day] for day in stamps.dates.distinct], np.int64)
    times = stamps.times
    clocks = [_plain_clock(moment) or _clock(moment) for moment in times.distinct]
    if None in clocks:
        odd = stamps.at(times.first_of([k for k, clock in enumerate(clocks) if clock is None]))
        raise text.failure(odd.line, f"{odd.time[:30]!r} is no time of day")
    known = [clock for clock in clocks if clock is not None]
    local_s = day_s[stamps.dates.which] + np.array([s for s, _ in known], np.int64)[times.which]
    named = {k for k, (_, offset_s) in enumerate(known) if offset_s is not None}
    if named and len(named) < len(known):
        is_named = int(times.which[0]) in named
        others = set(range(len(known))) - named if is_named else named
        line = stamps.lines[times.first_of(others)]
        raise text.failure(line, "times with and without a zone are mixed")
    if named:
        utc_s = local_s - np.array([offset_s or 0 for _, offset_s in known], np.int64)[times.which]
    else:
        utc_s = local_s - _offsets_s(local_s, zone)
    back = np.flatnonzero(np.diff(utc_s) <= 0)
    if len(back):
        line = stamps.lines[int(back[0]) + 1]
        raise text.failure(line, "this time does not follow on the one before")
    return utc_s


def _plain_clock(written: str) -> tuple[int, None] | None:
    """Read 07:30:00 or 7:30:00, as most write it; None for everything else."""
    if len(written) == 7:
        written = "0" + written
    if len(written) != 8 or not written[2] == written[5] == ":" or written[:2] == "24":
        return None
    try:
        found = time.fromisoformat(written)
    except ValueError:
        return None
    return found.hour * 3600 + found.minute * 60 + found.second, None


def _clock(written: str) -> tuple[int, int | None] | None:
    """Seconds of the day, and the offset in seconds where the text names one; None: it is no
    time."""
    found = _CLOCK.fullmatch(written.strip())
    if found is None:
        return None
    hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
    if found[4] and 1 <= hour <= 12:
        hour = hour % 12 + (12 if found[4] in "Pp" else 0)
    if hour >= 24 or minute >= 60 or second >= 60:
        return None
    return hour * 3600 + minute * 60 + second, _zone_s(found[5])


def _zone_s(zone: str | None) -> int | None:
    if zone is None:
        return None
    if zone in "Zz":
        return 0
    size = int(zone[1:3]) * 3600 + int(zone[-2:]) * 60
    return -size if zone[0] == "-" else size


# -- which number is the day ----------------------------------------------------------------------


def _days(text: Text, stamps: Stamps, order: Order | None) -> dict[str, int]:
    """The number of the day (from 1970) of each date that stands in the file."""
    rows = np.flatnonzero(np.diff(stamps.dates.which, prepend=-1))
    changes = [stamps.at(n) for n in rows.tolist()]
    numbers = {stamp.date: _numbers(text, stamp) for stamp in changes}
    readings: list[dict[str, int]] = []
    for one in [order] if order else list(Order):
        reading = _reading(numbers, one)
        if reading is not None and reading not in readings:
            readings.append(reading)
    if not readings:
        raise _no_date(text, changes, numbers, order)
    courses = [[reading[stamp.date] for stamp in changes] for reading in readings]
    fits = [n for n, course in enumerate(courses) if _steps(course, 0, None)]
    if len(fits) > 1:  # the one that has no hole, if there is one
        fits = [n for n in fits if _steps(courses[n], 0, _NEXT_DAYS)] or fits
    if len(fits) > 1:
        raise BioklokFailure(
            f"{text.name}: whether {changes[0].date} is day or month first cannot be told: "
            "say --dayfirst or --monthfirst"
        )
    return readings[fits[0] if fits else 0]


def _steps(course: list[int], least: int, most: int | None) -> bool:
    steps = np.diff(course)
    return bool((steps >= least).all() and (most is None or (steps <= most).all()))


def _numbers(text: Text, stamp: Stamp) -> tuple[int, int, int]:
    parts = _PARTS.split(stamp.date.strip())
    try:
        if len(parts) != 3 or not all(part.isascii() and part.isdigit() for part in parts):
            raise ValueError
        first, second, third = (int(part) for part in parts)
    except ValueError:
        raise text.failure(stamp.line, f"{stamp.date[:30]!r} is no date") from None
    if len(parts[0].strip()) != 4 and len(parts[2]) <= 2:
        third += 2000
    return first, second, third


def _reading(
    numbers: dict[str, tuple[int, int, int]], order: Order | None
) -> dict[str, int] | None:
    out = {}
    for text, (first, second, third) in numbers.items():
        if first > 31:
            year, month, day = first, second, third
        elif order is Order.DAY_FIRST:
            year, month, day = third, second, first
        else:
            year, month, day = third, first, second
        try:
            out[text] = date(year, month, day).toordinal() - _EPOCH
        except (ValueError, OverflowError):
            return None
    return out


def _no_date(
    text: Text,
    changes: list[Stamp],
    numbers: dict[str, tuple[int, int, int]],
    order: Order | None,
) -> BioklokFailure:
    for stamp in changes:
        one = {stamp.date: numbers[stamp.date]}
        if all(_reading(one, way) is None for way in ([order] if order else list(Order))):
            return text.failure(stamp.line, f"{stamp.date!r} is no date")
    return BioklokFailure(f"{text.name}: its dates are neither all day first nor all month first")


# -- which moment that was ------------------------------------------------------------------------


def _offsets_s(local_s: IntArray, zone: ZoneInfo) -> IntArray:
    """Local time less UTC in seconds, of local times (n) in the order of the recording."""
    early = np.empty(len(local_s), np.int64)  # read as before a change of clocks
    late = np.empty(len(local_s), np.int64)  # and as after it
    day = local_s // DAY_S
    edges = np.flatnonzero(np.concatenate(([True], np.diff(day) != 0, [True])))
    for first, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        morning = _both_offsets_s(int(day[first]) * DAY_S, zone)
        evening = _both_offsets_s(int(day[first]) * DAY_S + DAY_S - 1, zone)
        if morning == evening and morning[0] == morning[1]:
            early[first:end] = late[first:end] = morning[0]
            continue
        for i in range(first, end):
            early[i], late[i] = _both_offsets_s(int(local_s[i]), zone)
    if (early < late).any():  # an hour that this zone left out: the recorder kept its clock
        return np.full(len(local_s), early[0])
    twice = early > late
    if not twice.any():
        return early
    step = np.diff(local_s)
    back = np.flatnonzero((step < 0) & twice[1:] & twice[:-1]) + 1
    runs_on = (step > 0) & (step <= 3600) & (twice[1:] != twice[:-1])
    if not len(back) and np.count_nonzero(runs_on) > 1:
        return np.full(len(local_s), early[0])
    out = early.copy()
    for at in back.tolist():
        again = twice & (np.arange(len(local_s)) >= at) & (np.abs(local_s - local_s[at]) < 2 * 3600)
        out[again] = late[again]
    return out


def _both_offsets_s(local_s: int, zone: ZoneInfo) -> tuple[int, int]:
    try:
        moment = datetime(1970, 1, 1) + timedelta(seconds=local_s)
    except OverflowError:
        return 0, 0
    offsets = [moment.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1)]
    before, after = (int(offset.total_seconds()) if offset else 0 for offset in offsets)
    return before, after
