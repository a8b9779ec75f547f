"""What may be said of a week in sentences: waking on school days and free days, days unlike others.

Nothing here is compared with another week or another student; what differs is told as a time, not
as better or worse (the rules of the school: no targets, no comparisons).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bioklok.analysis.clock import MINUTES_A_DAY
from bioklok.analysis.freedays import FreeDays
from bioklok.analysis.sleep import Night
from bioklok.reports.week import Day

LEAST_SCHOOL, LEAST_FREE = 3, 1
UNLIKE_MIN = 90


@dataclass(frozen=True)
class Waking:
    """Times of waking on the mornings of either kind, local minutes, and their medians."""

    school: tuple[int, ...]
    free: tuple[int, ...]

    @property
    def school_min(self) -> int:
        return _median(self.school)

    @property
    def free_min(self) -> int:
        return _median(self.free)


@dataclass(frozen=True)
class OtherDay:
    """A morning that began at least an hour and a half from the other mornings of its kind."""

    day: date
    wake_min: int
    is_later: bool


def waking(nights: Sequence[Night], free_days: FreeDays) -> Waking | None:
    """Return when a student woke on school days (three at least) and on free ones; or None."""
    school = [at for at, free in _mornings(nights, free_days).values() if not free]
    free = [at for at, free in _mornings(nights, free_days).values() if free]
    if len(school) < LEAST_SCHOOL or len(free) < LEAST_FREE:
        return None
    return Waking(tuple(school), tuple(free))


def other_days(nights: Sequence[Night], free_days: FreeDays) -> list[OtherDay]:
    """Return the school mornings that were unlike the others, of which there are three at least."""
    school = {day: at for day, (at, free) in _mornings(nights, free_days).items() if not free}
    found = []
    for day, at in school.items():
        others = [other for one, other in school.items() if one != day]
        if len(others) >= LEAST_SCHOOL and abs(at - _median(others)) >= UNLIKE_MIN:
            found.append(OtherDay(day, at, at > _median(others)))
    return found


def clock_change(days: Sequence[Day]) -> tuple[date, bool] | None:
    """Return the day on which the clocks changed, and whether it became an hour longer."""
    for day in days:
        if len(day.grid) != MINUTES_A_DAY:
            return day.date, len(day.grid) > MINUTES_A_DAY
    return None


def _mornings(nights: Sequence[Night], free_days: FreeDays) -> dict[date, tuple[int, bool]]:
    return {
        night.offset.date(): (_minute(night.offset), free_days.is_free(night.offset.date()))
        for night in nights
        if night.offset is not None
    }


def _minute(moment: datetime) -> int:
    return 60 * moment.hour + moment.minute


def _median(times: Sequence[int]) -> int:
    ordered = sorted(times)
    return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) // 2
