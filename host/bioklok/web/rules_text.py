"""A school's decisions as lines of text in a form, and back: one thing a line, parts by spaces."""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, time
from typing import TypeVar

from bioklok.office.settings import FIRST_YEAR, LAST_YEAR, Retention, Settings
from bioklok.school.days import Override, Region
from bioklok.school.strip_rules import Agreement, Period, StripRules
from bioklok.school.timetable import Bell, LessonHour
from bioklok.web.forms import Form

_Line = TypeVar("_Line")
OtherHours = tuple[date, date, tuple[LessonHour, ...]]  # see `Bell.exceptions`
_HOUR_S, _DAY_S = 3600, 24 * 3600
_MOST_LINES, _MOST_LETTERS = 60, 6000
_MOST_EXCEPTION_LINES = 400
_MOST_STRIPS = 100
_DAYS_WORDS = 2
FREE, LESSONS = "vrij", "les"


def as_texts(settings: Settings) -> dict[str, str]:
    """Return each field of the form as it stands now."""
    rules, kept = settings.rules, settings.retention
    return {
        "periods": _lines(f"{p.name} {p.first} {p.last} {p.strips}" for p in rules.periods),
        "keeps_leftovers": "yes" if rules.keeps_leftovers else "",
        "per_week": _number(rules.per_week),
        "per_subject": _number(rules.per_subject),
        "notice_h": str(rules.notice_s // _HOUR_S),
        "blocked_hours": " ".join(map(str, sorted(rules.blocked_hours))),
        "blocked_days": _lines(f"{first} {last}" for first, last in rules.blocked_days),
        "agreement": rules.agreement.value,
        "press_days_ahead": str(rules.press_days_ahead),
        "late_answer_d": str(rules.late_answer_s // _DAY_S),
        "hours": _lines(map(_hour_text, settings.bell.hours)),
        "exceptions": _lines(map(_other_hours_text, settings.bell.exceptions)),
        "region": settings.region.value,
        "overrides": _lines(
            f"{o.first} {o.last} {FREE if o.is_free else LESSONS} {o.name}"
            for o in settings.overrides
        ),
        "raw_days": str(kept.raw_days),
        "look_days": str(kept.look_days),
        "session_days": str(kept.session_days),
    }


def from_form(form: Form, old: Settings) -> Settings | None:
    """Return the decisions in a form, what it does not show as before; None: see its errors."""
    rules = _rules(form, old.rules)
    hours = _read(form, "hours", _hour)
    if not hours or len({one.number for one in hours}) != len(hours):
        form.errors.setdefault("hours", "error_lines")
    exceptions = _exceptions(form)
    region = form.choice("region", Region)
    overrides = _read(form, "overrides", lambda words: _override(words, old.rules.school_id))
    kept = Retention(
        form.whole("raw_days", 1, 400),
        form.whole("look_days", 30, 3650),
        form.whole("session_days", 1, 400),
    )
    if not form.is_good or rules is None or region is None:
        return None
    return replace(
        old,
        rules=rules,
        bell=Bell(old.bell.school_id, tuple(hours), exceptions),
        region=region,
        overrides=tuple(overrides),
        retention=kept,
    )


def _rules(form: Form, old: StripRules) -> StripRules | None:
    periods = _read(form, "periods", _period)
    blocked_days = _read(form, "blocked_days", _days)
    numbers = form.text("blocked_hours").replace(",", " ").split()
    if not all(re.fullmatch("[0-9]{1,2}", one) for one in numbers):
        form.errors["blocked_hours"] = "error_lines"
        numbers = []
    agreement = form.choice("agreement", Agreement)
    per_week, per_subject = (
        form.maybe_whole("per_week", 0, 50),
        form.maybe_whole("per_subject", 0, 50),
    )
    notice_h = form.whole("notice_h", 0, 24 * 14)
    ahead, late_d = form.whole("press_days_ahead", 0, 14), form.whole("late_answer_d", 0, 60)
    if not form.is_good or agreement is None:
        return None
    try:
        return replace(
            old,
            periods=tuple(periods),
            keeps_leftovers=form.is_ticked("keeps_leftovers"),
            per_week=per_week,
            per_subject=per_subject,
            notice_s=notice_h * _HOUR_S,
            blocked_hours=frozenset(map(int, numbers)),
            blocked_days=tuple(blocked_days),
            agreement=agreement,
            press_days_ahead=ahead,
            late_answer_s=late_d * _DAY_S,
        )
    except ValueError:
        form.errors["periods"] = "error_periods"
        return None


def _read(
    form: Form, name: str, line: Callable[[list[str]], _Line], most: int = _MOST_LINES
) -> list[_Line]:
    """Read a field of lines; a line that cannot be read is an error of the field."""
    texts = [one.split() for one in form.text(name, _MOST_LETTERS).splitlines() if one.strip()]
    try:
        if len(texts) > most:
            raise ValueError
        return [line(words) for words in texts]
    except (ValueError, IndexError):
        form.errors[name] = "error_lines"
        return []


def _period(words: list[str]) -> Period:
    name, first, last, strips = words
    if not re.fullmatch("[0-9]{1,3}", strips) or int(strips) > _MOST_STRIPS or len(name) > 40:
        raise ValueError
    return Period(name, *_days([first, last]), int(strips))


def _days(words: list[str]) -> tuple[date, date]:
    first, last = map(date.fromisoformat, words)
    if last < first or not FIRST_YEAR <= first.year <= last.year <= LAST_YEAR:
        raise ValueError
    return first, last


def _hour_text(hour: LessonHour) -> str:
    return f"{hour.number} {hour.start:%H:%M} {hour.end:%H:%M}"


def _hour(words: list[str]) -> LessonHour:
    number, start, end = words
    if not re.fullmatch("[0-9]{1,2}", number):
        raise ValueError
    hour = LessonHour(int(number), time.fromisoformat(start), time.fromisoformat(end))
    if hour.end <= hour.start or hour.start.tzinfo or hour.end.tzinfo:
        raise ValueError
    return hour


def _other_hours_text(one: OtherHours) -> str:
    first, last, hours = one
    return _lines([f"{first} {last}", *map(_hour_text, hours)])


def _exceptions(form: Form) -> tuple[OtherHours, ...]:
    """Read days with other lesson hours: a line with first and last day, its hours under it."""
    found: list[tuple[date, date, list[LessonHour]]] = []

    def line(words: list[str]) -> None:
        if len(words) == _DAYS_WORDS:
            found.append((*_days(words), []))
            return
        hours = found[-1][2]
        hours.append(_hour(words))
        if len({one.number for one in hours}) != len(hours):
            raise ValueError

    _read(form, "exceptions", line, _MOST_EXCEPTION_LINES)
    if not all(hours for _, _, hours in found):
        form.errors["exceptions"] = "error_lines"
    return tuple((first, last, tuple(hours)) for first, last, hours in found)


def _override(words: list[str], school_id: str) -> Override:
    first, last = _days(words[:2])
    name = " ".join(words[3:])
    if words[2] not in (FREE, LESSONS) or not name or len(name) > 80:
        raise ValueError
    return Override(school_id, name, first, last, words[2] == FREE)


def _lines(lines: Iterable[str]) -> str:
    return "\n".join(lines)


def _number(value: int | None) -> str:
    return "" if value is None else str(value)
