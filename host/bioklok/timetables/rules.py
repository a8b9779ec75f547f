"""Recurrence rules (RFC 5545, section 3.3.10), of the kinds that a timetable may need.

Expanded here, a day at a time, and not by dateutil, which recurring-ical-events would ask: that
looks for a day up to the year 9999 where a rule never comes true, UNTIL or not (12 seconds for one
line of a feed). The tests hold what comes out against dateutil.
"""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from bioklok.timetables.limits import Limits
from bioklok.timetables.lines import refused
from bioklok.timetables.times import read_time
from bioklok.timetables.zones import Zones

# One of a series may be moved into the window from outside it, with all that follow, by so much.
MARGIN = timedelta(days=31)

_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_DAY = rf"(?:[+-]?[1-5])?(?:{'|'.join(_DAYS)})"
_MONTH_DAY = r"-?(?:[1-9]|[12][0-9]|3[01])"
_PARTS = {
    "FREQ": r"DAILY|WEEKLY|MONTHLY|YEARLY",  # nothing recurs within a day
    "INTERVAL": r"[1-9][0-9]{0,2}",
    "COUNT": r"[1-9][0-9]{0,4}",
    "UNTIL": r"[0-9]{8}(?:T[0-9]{6}Z?)?",
    "WKST": "|".join(_DAYS),
    "BYDAY": rf"{_DAY}(?:,{_DAY}){{0,34}}",
    "BYMONTH": r"(?:[1-9]|1[0-2])(?:,(?:[1-9]|1[0-2])){0,11}",
    "BYMONTHDAY": rf"{_MONTH_DAY}(?:,{_MONTH_DAY}){{0,61}}",
    "BYSETPOS": rf"{_MONTH_DAY}(?:,{_MONTH_DAY}){{0,61}}",
}
_CHECKS = {name: re.compile(pattern) for name, pattern in _PARTS.items()}
# What means something else, or nothing, in a rule of this kind (the table in 3.3.10).
_UNFIT = {
    "DAILY": ("BYSETPOS",),
    "WEEKLY": ("BYSETPOS", "BYMONTHDAY"),
    "MONTHLY": (),
    "YEARLY": (),
}
# A day of a month or a year is looked at in more ways.
_COST = {"DAILY": 1, "WEEKLY": 1, "MONTHLY": 4, "YEARLY": 4}


@dataclass
class Budget:
    """What may still be spent on one file: days of rules, and occurrences in the window."""

    rule_days: int
    occurrences: int

    @classmethod
    def of(cls, limits: Limits) -> "Budget":
        """Return the whole of what limits give."""
        return cls(limits.rule_days, limits.occurrences)

    def spend(self, rule_days: int = 0, occurrences: int = 0) -> None:
        """Take from what is left. Raises BioklokFailure where there is too little."""
        self.rule_days -= rule_days
        self.occurrences -= occurrences
        if self.rule_days < 0 or self.occurrences < 0:
            raise refused("it has too many appointments, or too many that recur")


@dataclass(frozen=True)
class Window:
    """The time that a snapshot speaks of, in Unix seconds UTC, the end excluded."""

    from_utc_s: int
    until_utc_s: int

    @property
    def first(self) -> date:
        """The first day on which a series may matter."""
        return (datetime.fromtimestamp(self.from_utc_s, UTC) - MARGIN).date()

    @property
    def last(self) -> date:
        """The last such day."""
        return (datetime.fromtimestamp(self.until_utc_s, UTC) + MARGIN).date()


@dataclass(frozen=True)
class _Rule:
    freq: str
    interval: int
    count: int | None
    week_start: int
    days: tuple[tuple[int, int], ...]  # of the month the how-manieth (0: each), weekday
    months: tuple[int, ...]
    month_days: tuple[int, ...]
    positions: tuple[int, ...]


def starts_of(
    text: str, start: date | datetime, window: Window, zones: Zones, budget: Budget
) -> list[date | datetime]:
    """Return when a series starts in and about a window, as days or times like its first start.

    Its first start is part of the series whatever the rule says (3.8.5.3) and not in here. Raises
    BioklokFailure where the rule is not understood, recurs within a day, or costs too much.
    """
    parts = _parts(text)
    rule = _rule(parts)
    first = start.date() if isinstance(start, datetime) else start
    last = window.last
    until = _until(parts.get("UNTIL"), start, zones)
    if until is not None:
        last = min(last, until.date() if isinstance(until, datetime) else until)
    budget.spend(rule_days=_COST[rule.freq] * max((last - first).days + 1, 0))
    found: list[date | datetime] = []
    for number, day in enumerate(_days(rule, first, last)):
        if number == rule.count:
            break
        one = datetime.combine(day, start.timetz()) if isinstance(start, datetime) else day
        if until is not None and one > until:
            break
        if day >= window.first:
            budget.spend(occurrences=1)
            found.append(one)
    return found


def _parts(text: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for one in text.strip().upper().strip(";").split(";"):
        name, _, value = one.partition("=")
        check = _CHECKS.get(name)
        if check is None or name in parts or not check.fullmatch(value):
            raise refused("it has a recurrence that no timetable needs")
        parts[name] = value
    freq = parts.get("FREQ", "")
    has_numbers = any(one[0] in "+-12345" for one in parts.get("BYDAY", "MO").split(","))
    if (
        not freq
        or any(name in parts for name in _UNFIT[freq])
        or (has_numbers and freq in ("DAILY", "WEEKLY"))
        # By the days of a whole year: nobody's lesson.
        or (freq == "YEARLY" and "BYMONTH" not in parts and {"BYDAY", "BYMONTHDAY"} & parts.keys())
    ):
        raise refused("it has a recurrence that no timetable needs")
    return parts


def _rule(parts: dict[str, str]) -> _Rule:
    def numbers(name: str) -> tuple[int, ...]:
        return tuple(int(one) for one in parts[name].split(",")) if name in parts else ()

    days = parts["BYDAY"].split(",") if "BYDAY" in parts else []
    return _Rule(
        parts["FREQ"],
        int(parts.get("INTERVAL", "1")),
        int(parts["COUNT"]) if "COUNT" in parts else None,
        _DAYS.index(parts.get("WKST", "MO")),
        tuple((int(one[:-2] or 0), _DAYS.index(one[-2:])) for one in days),
        numbers("BYMONTH"),
        numbers("BYMONTHDAY"),
        numbers("BYSETPOS"),
    )


def _until(text: str | None, start: date | datetime, zones: Zones) -> date | datetime | None:
    """Return the last moment of a rule: a day or a time as the series has.

    A day for a series of times means up to the day's end, although 3.3.10 asks for a time then.
    """
    if text is None:
        return None
    zone = start.tzinfo if isinstance(start, datetime) and start.tzinfo else zones.school
    until = read_time(text, zone)
    if isinstance(start, datetime):
        if isinstance(until, datetime):
            return until.astimezone(zone)
        return datetime.combine(until, time(23, 59, 59), zone)
    return until.astimezone(zones.school).date() if isinstance(until, datetime) else until


def _days(rule: _Rule, first: date, last: date) -> Iterator[date]:
    """Yield the days of a rule from its first start up to a last day, in order."""
    if rule.freq in ("DAILY", "WEEKLY"):
        yield from _days_by_day(rule, first, last)
        return
    month = first.year * 12 + first.month - 1
    step = rule.interval if rule.freq == "MONTHLY" else 12 * rule.interval
    if rule.freq == "YEARLY":
        month = first.year * 12
    while month <= last.year * 12 + last.month - 1:
        for day in _of_period(rule, month, first):
            if first <= day <= last:
                yield day
        month += step


def _days_by_day(rule: _Rule, first: date, last: date) -> Iterator[date]:
    is_weekly = rule.freq == "WEEKLY"
    weekdays = {weekday for _, weekday in rule.days} or ({first.weekday()} if is_weekly else set())
    week_began = first - timedelta(days=(first.weekday() - rule.week_start) % 7)
    for n in range((last - first).days + 1):
        day = first + timedelta(days=n)
        period = (day - week_began).days // 7 if is_weekly else n
        if (
            period % rule.interval == 0
            and (not weekdays or day.weekday() in weekdays)
            and (not rule.months or day.month in rule.months)
            and (not rule.month_days or _is_month_day(day, rule.month_days))
        ):
            yield day


def _of_period(rule: _Rule, month: int, first: date) -> list[date]:
    """Return the days of a rule in one month; for YEARLY in the year that begins with it."""
    months = [month]
    if rule.freq == "YEARLY":
        months = [month + one - 1 for one in sorted(set(rule.months)) or [first.month]]
    elif rule.months and month % 12 + 1 not in rule.months:
        return []
    found = [day for one in months for day in _of_month(rule, one, first)]
    if not rule.positions:
        return found
    chosen = {n - 1 if n > 0 else len(found) + n for n in rule.positions}
    return [day for n, day in enumerate(found) if n in chosen]


def _of_month(rule: _Rule, month: int, first: date) -> Iterator[date]:
    year, number = month // 12, month % 12 + 1
    length = monthrange(year, number)[1]
    for day in (date(year, number, n) for n in range(1, length + 1)):
        if rule.month_days and not _is_month_day(day, rule.month_days):
            continue
        if rule.days and not any(_is_weekday(day, length, *one) for one in rule.days):
            continue
        if rule.month_days or rule.days or day.day == first.day:
            yield day


def _is_month_day(day: date, wanted: tuple[int, ...]) -> bool:
    return day.day in wanted or day.day - monthrange(day.year, day.month)[1] - 1 in wanted


def _is_weekday(day: date, length: int, number: int, weekday: int) -> bool:
    """Say whether a day is the n-th such weekday of its month (0: any; below: from the end)."""
    from_start, from_end = (day.day - 1) // 7 + 1, -((length - day.day) // 7 + 1)
    return day.weekday() == weekday and number in (0, from_start, from_end)
