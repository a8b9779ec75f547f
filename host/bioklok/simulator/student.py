"""A virtual student: habits in, a wrist's week out. Nobody's data, the same for the same seed."""

import tomllib
from dataclasses import dataclass, field, fields
from datetime import date, time
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bioklok.errors import BioklokFailure

_DAY_MIN = 1440
_NIGHT_MIN = (2 * 60, 16 * 60)
# Beyond these a day has no room left; a night's jitter is a standard deviation.
_MOST = {"jitter_min": 120.0, "marks_per_day": 200.0, "sharpest_awake_h": 24.0}

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True)
class Student:
    """Habits, in local time. Sleep is (asleep, awake); jitter is the SD from night to night."""

    name: str = "demo"
    timezone: str = "Europe/Amsterdam"
    school_sleep: tuple[time, time] = (time(22, 20), time(7, 5))
    free_sleep: tuple[time, time] = (time(23, 30), time(9, 10))
    jitter_min: float = 18.0
    school_hours: tuple[time, time] = (time(8, 30), time(14, 50))
    free_days: tuple[str, ...] = ("sat", "sun")
    sport_days: tuple[str, ...] = ("tue", "thu", "sat")
    sport_hours: tuple[time, time] = (time(16, 30), time(17, 40))
    # taken off to charge: it lies on a table, past midnight where it ends before it began
    off_wrist_days: tuple[str, ...] = ("mon", "thu")
    off_wrist: tuple[time, time] = (time(19, 0), time(20, 45))
    drawer_days: tuple[str, ...] = ()  # off the wrist from midnight to midnight
    marks_per_day: float = 3.0
    strip_days: tuple[str, ...] = ("wed",)
    # hours awake at which this student feels sharpest: hidden, the device has to find out
    sharpest_awake_h: float = 4.5
    days_off: tuple[date, ...] = field(default=())
    # ill in bed: a long night before, naps, no school, no sport, nothing outside
    ill_days: tuple[date, ...] = field(default=())
    ill_sleep: tuple[time, time] = (time(21, 20), time(8, 50))

    def zone(self) -> ZoneInfo:
        """The student's time zone."""
        try:
            return ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise BioklokFailure(f"there is no time zone '{self.timezone}'") from error

    def is_free(self, day: date) -> bool:
        """Whether there is no school on this day."""
        return WEEKDAYS[day.weekday()] in self.free_days or day in self.days_off

    def sleep_on(self, day: date) -> tuple[time, time]:
        """Usual (asleep, awake) of the night that ends on `day`."""
        if day in self.ill_days:
            return self.ill_sleep
        return self.free_sleep if self.is_free(day) else self.school_sleep


# Six wrists that nobody takes for each other, for the demo and for what is tried on all of them.
# The days of illness lie in the demo's week, 2026-W47.
KINDS = MappingProxyType(
    {
        "early": Student(
            name="early",
            school_sleep=(time(20, 40), time(6, 40)),
            free_sleep=(time(21, 0), time(7, 0)),
            jitter_min=10.0,
            sport_days=("mon", "wed", "sat"),
            sport_hours=(time(15, 30), time(16, 40)),
            off_wrist_days=("tue", "fri"),
            off_wrist=(time(18, 0), time(19, 15)),
            marks_per_day=8.0,
            sharpest_awake_h=4.5,
        ),
        "late": Student(
            name="late",
            school_sleep=(time(0, 10), time(7, 30)),
            free_sleep=(time(2, 20), time(11, 20)),
            jitter_min=15.0,
            sport_days=("tue",),
            sport_hours=(time(19, 0), time(20, 10)),
            off_wrist_days=("wed", "sun"),
            off_wrist=(time(20, 15), time(21, 45)),
            marks_per_day=8.0,
            strip_days=(),
            sharpest_awake_h=7.5,
        ),
        "short sleeper": Student(
            name="short sleeper",
            school_sleep=(time(0, 20), time(6, 30)),
            free_sleep=(time(0, 50), time(7, 10)),
            jitter_min=12.0,
            off_wrist_days=("tue", "sat"),
            off_wrist=(time(18, 30), time(19, 45)),
            marks_per_day=4.0,
        ),
        "irregular": Student(
            name="irregular",
            school_sleep=(time(22, 50), time(7, 10)),
            free_sleep=(time(2, 0), time(9, 30)),
            jitter_min=110.0,
            sport_days=("wed",),
            strip_days=(),
            marks_per_day=2.0,
        ),
        "ill": Student(
            name="ill",
            jitter_min=12.0,
            ill_days=(date(2026, 11, 18), date(2026, 11, 19)),
            sport_days=("sat",),
            off_wrist_days=("mon", "fri"),
            strip_days=(),
        ),
        "hardly wears it": Student(
            name="hardly wears it",
            off_wrist_days=("mon", "tue", "wed"),
            off_wrist=(time(15, 30), time(8, 0)),
            drawer_days=("mon", "thu", "fri", "sat", "sun"),
            strip_days=(),
            marks_per_day=1.0,
        ),
    }
)


def load(path: Path) -> Student:
    """Read habits from TOML with the names of `Student`; what is left out keeps its default.

    A pair of times is written as ["22:20", "07:05"]. Raises BioklokFailure, naming the line's key,
    for what cannot be read.
    """
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BioklokFailure(f"cannot read {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BioklokFailure(f"{path.name} is no TOML: {error}") from error
    known = {f.name: f for f in fields(Student)}
    values: dict[str, Any] = {}
    for key, value in given.items():
        if key not in known:
            raise BioklokFailure(f"{path.name}: '{key}' is unknown; known are {', '.join(known)}")
        values[key] = _value(path, key, value, getattr(Student(), key))
    student = Student(**values)
    student.zone()
    return student


def _minute(moment: time) -> int:
    return moment.hour * 60 + moment.minute


def _check_pair(key: str, first: int, last: int) -> None:
    """Raise ValueError for a night or a stretch of the day, in minutes, that nobody lives."""
    if key.endswith("_sleep"):
        # As in `life`: who falls asleep from noon on does so the evening before.
        length = last - (first - _DAY_MIN if first >= _DAY_MIN // 2 else first)
        low, high = _NIGHT_MIN
        if not low <= length <= high:
            raise ValueError(f"{length / 60:.1f} hours; a night has {low // 60} to {high // 60}")
    elif first == last or (first > last and key != "off_wrist"):
        raise ValueError("the first time is not before the second")


def _value(path: Path, key: str, value: Any, default: Any) -> Any:
    try:
        if key in ("days_off", "ill_days"):
            return tuple(d if isinstance(d, date) else date.fromisoformat(d) for d in value)
        if isinstance(default, str):
            return str(value)
        if isinstance(default, float):
            number, most = float(value), _MOST[key]
            if not 0 <= number <= most:  # NaN is neither
                raise ValueError(f"{number:g} is not from 0 to {most:g}")
            return number
        if default and isinstance(default[0], time):
            first, last = (t if isinstance(t, time) else time.fromisoformat(t) for t in value)
            _check_pair(key, _minute(first), _minute(last))
            return (first, last)
        wrong = [day for day in value if day not in WEEKDAYS]
        if wrong:
            raise ValueError(f"{wrong[0]!r} is no day; write {', '.join(WEEKDAYS)}")
        return tuple(value)
    except (TypeError, ValueError) as error:
        raise BioklokFailure(f"{path.name}: '{key}' cannot be read ({error})") from error
