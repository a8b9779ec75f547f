"""What stands beside a student's own week: lessons, free days, when they are usually sharp."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from bioklok.analysis.clock import MINUTES_A_DAY, local_time, local_utc_s
from bioklok.analysis.freedays import WEEKENDS, FreeDays
from bioklok.settings import DEFAULT_TIMEZONE


@dataclass(frozen=True, order=True)
class LessonBlock:
    """A lesson (Unix seconds UTC, end excluded), its subject's code, its hours by the bell."""

    start_utc_s: int
    end_utc_s: int
    subject: str
    hours: tuple[int, ...]


@dataclass(frozen=True)
class SharpWindow:
    """When a student is usually sharp: local minutes, end excluded, and how many presses say so."""

    start_min: int
    end_min: int
    n_presses: int


@dataclass(frozen=True)
class Beside:
    """Lessons of the week, oldest first; the window that is sure enough to be told, or None."""

    zone: ZoneInfo
    lessons: tuple[LessonBlock, ...] = ()
    sharp: SharpWindow | None = None
    n_presses: int = 0
    free_days: FreeDays = WEEKENDS
    is_past: bool = False  # the sharp hours are those of now: beside an older week they say nothing

    def lessons_on(self, day: date) -> list[tuple[int, int]]:
        """Return the lessons of a local day as minutes of its clock, up to its midnight."""
        return [
            self._minutes(one)
            for one in self.lessons
            if local_time(one.start_utc_s, self.zone).date() == day
        ]

    def in_sharp_hours(self) -> list[tuple[date, list[LessonBlock]]]:
        """Return, by day, the lessons of which half or more lies in the sharp hours."""
        if self.sharp is None:
            return []
        found: dict[date, list[LessonBlock]] = {}
        for lesson in self.lessons:
            day = local_time(lesson.start_utc_s, self.zone).date()
            start_utc_s, end_utc_s = _on(day, self.sharp, self.zone)
            shared_s = min(lesson.end_utc_s, end_utc_s) - max(lesson.start_utc_s, start_utc_s)
            if 2 * shared_s >= lesson.end_utc_s - lesson.start_utc_s:
                found.setdefault(day, []).append(lesson)
        return sorted(found.items())

    def bells(self) -> tuple[int, int] | None:
        """Return the first and the last bell of an ordinary day: medians, local minutes."""
        days: dict[date, list[int]] = {}
        for one in self.lessons:
            day = local_time(one.start_utc_s, self.zone).date()
            days.setdefault(day, []).extend(self._minutes(one))
        if not days:
            return None
        return _middle(map(min, days.values())), _middle(map(max, days.values()))

    def _minutes(self, lesson: LessonBlock) -> tuple[int, int]:
        start = _minute(lesson.start_utc_s, self.zone)
        end = _minute(lesson.end_utc_s, self.zone)
        return start, end if end > start else MINUTES_A_DAY


NOTHING_BESIDE = Beside(ZoneInfo(DEFAULT_TIMEZONE))


def _minute(utc_s: int, zone: ZoneInfo) -> int:
    moment = local_time(utc_s, zone)
    return 60 * moment.hour + moment.minute


def _middle(times: Iterable[int]) -> int:
    ordered = sorted(times)
    return ordered[len(ordered) // 2]


def _on(day: date, window: SharpWindow, zone: ZoneInfo) -> tuple[int, int]:
    """The window on a day, Unix seconds; one that runs past midnight ends on the next."""
    last = day + timedelta(days=1) if window.end_min <= window.start_min else day
    return _at(day, window.start_min, zone), _at(last, window.end_min, zone)


def _at(day: date, minute: int, zone: ZoneInfo) -> int:
    """By the clock, not counted from midnight: on the day that the clocks change those differ."""
    return local_utc_s(day, minute // 60, zone, minute % 60)
