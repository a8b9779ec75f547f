"""Sleep on school days and on free days: mid-sleep, its correction, social jetlag.

MSFsc: Roenneberg T et al. 2004, Current Biology 14:R1038, as in Roenneberg T et al. 2019, Biology
8:54. Social jetlag: Wittmann M et al. 2006, Chronobiology International 23:497. Free days are the
school calendar's; Saturday and Sunday are what is taken where none is given.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from bioklok.analysis.clock import MINUTES_A_DAY

SCHOOL_DAYS_A_WEEK = 5
_NOON_MIN = MINUTES_A_DAY // 2


@dataclass(frozen=True)
class FreeDays:
    """Which local days are free: Saturdays, Sundays and `free`, less the `school` days among
    them."""

    free: frozenset[date] = frozenset()
    school: frozenset[date] = frozenset()

    def is_free(self, day: date) -> bool:
        """Say whether one need not get up for school on this day."""
        return day not in self.school and (
            day.isoweekday() > SCHOOL_DAYS_A_WEEK or day in self.free
        )


WEEKENDS = FreeDays()


@dataclass(frozen=True)
class Sleeps:
    """Sleeps that end on days of one kind: mean mid-sleep (minutes after local midnight), mean
    length in minutes, how many."""

    mid_min: float
    length_min: float
    n: int


def sleeps(spans: Sequence[tuple[datetime, datetime]]) -> Sleeps | None:
    """Average sleeps (onset, offset; both aware of their zone); None for none.

    Times are averaged as counted from noon: a night lies on one side of that. In the night of the
    change of clocks mid-sleep is told by the morning's clock.
    """
    if not spans:
        return None
    # By the second: of two times in one zone Python subtracts what the wall clocks show.
    lengths = [(offset.timestamp() - onset.timestamp()) / 60 for onset, offset in spans]
    mids = [
        since_noon_min(offset - timedelta(minutes=length / 2))
        for (_, offset), length in zip(spans, lengths, strict=True)
    ]
    mid = (float(np.mean(mids)) + _NOON_MIN) % MINUTES_A_DAY
    return Sleeps(mid, float(np.mean(lengths)), len(spans))


def by_kind(
    spans: Sequence[tuple[datetime, datetime]], days: FreeDays
) -> tuple[Sleeps | None, Sleeps | None]:
    """Return the sleeps that end on free days, and those that end on school days.

    Who wakes in the afternoon slept into that day all the same.
    """
    free = [span for span in spans if days.is_free(span[1].date())]
    school = [span for span in spans if not days.is_free(span[1].date())]
    return sleeps(free), sleeps(school)


def week_length_min(free_min: float, school_min: float) -> float:
    """Mean sleep a day in a week of five school days and two free ones."""
    return (SCHOOL_DAYS_A_WEEK * school_min + (7 - SCHOOL_DAYS_A_WEEK) * free_min) / 7


def msf_sc(
    mid_free_min: float, free_min: float, school_min: float, week_min: float, *, alarm: bool = False
) -> float | None:
    """Return mid-sleep on free days without the sleep that only makes up for the week.

    All in minutes; the answer is a time of day, 0..1440. alarm: an alarm woke the student on free
    days, of which nothing can be told (None).
    """
    if alarm:
        return None
    late = 0.0 if free_min <= school_min else (free_min - week_min) / 2
    return (mid_free_min - late) % MINUTES_A_DAY


def social_jetlag(mid_free_min: float, mid_school_min: float) -> float:
    """Return how far apart the two mid-sleeps are, by the shorter way round, in minutes."""
    apart = abs(mid_free_min - mid_school_min) % MINUTES_A_DAY
    return min(apart, MINUTES_A_DAY - apart)


def since_noon_min(moment: datetime) -> float:
    """Minutes from noon to a local time, 0..1440."""
    minutes = moment.hour * 60 + moment.minute + moment.second / 60
    return (minutes - _NOON_MIN) % MINUTES_A_DAY
