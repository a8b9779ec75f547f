"""Synthetic nights and weeks as the device would log them: pages made with biocore's own builder.

A minute is a tuple in the order of EPOCH_FIELDS; `PATTERNS` name the ones that tests speak about.
Every value follows from the minute itself, so that an oracle can be worked out by hand.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from biocore.page import MAX_EPOCHS, PageBuilder
from biocore.record import FLAG_STILL_HOUR, NO_LIGHT_MLX

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
DEVICE_ID = "0102030405060708"
JOURNAL_ID = 77

# enmo_dmg, angle_step_median_cdeg, angle_step_max_cdeg, light_mlx
PATTERNS = {
    "asleep": (20, 2, 40, 0),
    "awake": (400, 300, 2500, 150_000),
    "outside": (800, 600, 4000, 2_000_000),
    "evening": (150, 120, 1500, 40_000),
    "table": (0, 0, 3, 100_000),
}
_MORNINGS = {(9, 0): 1, (10, 0): 1, (11, 0): 1, (13, 30): 2, (15, 0): 2, (17, 0): 2, (19, 0): 2}


@dataclass(frozen=True)
class Info:
    """What the sync tells the store about a journal."""

    device_id: str = DEVICE_ID
    journal_id: int = JOURNAL_ID
    boot_id: int = 0
    started_utc_s: int = 0
    n_pages: int = 0
    oldest: int = 0
    next: int = 100


@dataclass(frozen=True)
class Minute:
    """One minute: a pattern, whether the device says "an hour without movement", its marks."""

    pattern: str = "awake"
    still_hour: bool = False
    marks: int = 0
    light: bool = True

    def record(self) -> tuple[int, ...]:
        enmo, median, largest, light_mlx = PATTERNS[self.pattern]
        flags = FLAG_STILL_HOUR if self.still_hour else 0
        if not self.light:
            light_mlx = NO_LIGHT_MLX
        return (enmo, median, largest, light_mlx, 0, flags, self.marks, 60)


def utc_s(text: str, zone: ZoneInfo = AMSTERDAM) -> int:
    """Unix seconds of a local time such as 2026-11-16T07:30."""
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp())


def pages(
    start_utc_s: int,
    minutes: list[Minute],
    *,
    sequence: int = 0,
    journal_id: int = JOURNAL_ID,
    clock_set: bool = True,
) -> list[bytes]:
    """Lay minutes that follow each other in pages, the last one perhaps not full."""
    out = []
    builder = PageBuilder()
    for first in range(0, len(minutes), MAX_EPOCHS):
        start = start_utc_s + 60 * first if clock_set else 0
        builder.begin(journal_id, 1, start, 60 * first)
        for minute in minutes[first : first + MAX_EPOCHS]:
            builder.append(*minute.record())
        out.append(bytes(builder.close(sequence)))
        sequence += 1
    return out


def local_minutes(
    start_utc_s: int, end_utc_s: int, rule: Callable[[datetime], Minute]
) -> list[Minute]:
    """Ask `rule` for each minute of [start, end), by its local time in Amsterdam."""
    return [rule(moment) for moment in _moments(start_utc_s, end_utc_s)]


def _moments(start_utc_s: int, end_utc_s: int) -> Iterator[datetime]:
    for second in range(start_utc_s, end_utc_s, 60):
        yield datetime.fromtimestamp(second, AMSTERDAM)


def school_day(moment: datetime) -> Minute:
    """In bed 22:30-07:15, outside 12-13, sharp 10:30, tired 15:00, a strip Wednesday 14:00."""
    clock = moment.hour * 60 + moment.minute
    marks = {(10, 30): 1, (15, 0): 2}.get((moment.hour, moment.minute), 0)
    if moment.isoweekday() == 3 and clock == 14 * 60:
        marks = 4
    if clock < 7 * 60 + 15 or clock >= 22 * 60 + 30:
        return Minute("asleep", marks=marks)
    if 12 <= moment.hour < 13:
        return Minute("outside", marks=marks)
    return Minute("evening" if moment.hour >= 20 else "awake", marks=marks)


def morning_person(moment: datetime) -> Minute:
    """The same days, sharp three times in the morning, tired four times after noon."""
    marks = _MORNINGS.get((moment.hour, moment.minute), 0)
    return Minute(school_day(moment).pattern, marks=marks)


def school_week(start: str = "2026-11-15T12:00", end: str = "2026-11-23T12:00") -> list[bytes]:
    """Pages of week 2026-W47 with the nights on both sides, every minute measured."""
    first, last = utc_s(start), utc_s(end)
    return pages(first, local_minutes(first, last, school_day))
