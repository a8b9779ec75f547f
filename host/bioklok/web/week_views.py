"""The usual day, the actogram and what may be said of a week, as the page shows them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

import numpy as np
from markupsafe import Markup

from bioklok.analysis.clock import MINUTES_A_DAY
from bioklok.analysis.usual_day import BANDS, UsualDay, by_clock, shape_of, usual_day
from bioklok.reports.actogram import actogram_svg
from bioklok.reports.beside import Beside, LessonBlock
from bioklok.reports.facts import clock_change, other_days, waking
from bioklok.reports.usual_chart import usual_day_svg
from bioklok.reports.week import Day, Week
from bioklok.web.texts import Texts

RHYTHM, SLEEP, LIGHT = "rhythm", "sleep times", "light"
LANES = {RHYTHM: "activity", LIGHT: "light", SLEEP: "sleep"}
_HOUR_MIN = 60
_EVENING_MIN = 17 * 60 + 30
_APART_MIN = 45
_NEAR_MIN = 30


@dataclass(frozen=True)
class UsualRow:
    """One hour of the middle day; None: fewer than three days were measured."""

    hour: str
    activity_mg: int | None
    light_lx: int | None
    asleep: str | None
    is_measured: bool  # on some day


@dataclass(frozen=True)
class UsualView:
    """The usual day: drawing, sentence, table."""

    svg: Markup
    caption: str
    rows: list[UsualRow]


@dataclass(frozen=True)
class DayRow:
    """One day of the table under the actogram; None: too little was measured to tell."""

    title: str
    awake: str | None
    asleep: str | None
    brightest: str | None
    busiest: str | None
    buttons: str
    n_moments: str
    is_measured: bool


@dataclass(frozen=True)
class ActogramView:
    """All days: drawing, sentence, table."""

    svg: Markup
    caption: str
    rows: list[DayRow]


def lanes_of(parts: Collection[str]) -> list[str]:
    """Return the lanes of the drawings for parts that may be seen."""
    return [lane for part, lane in LANES.items() if part in parts]


def usual_view(
    week: Week, texts: Texts, parts: Collection[str], beside: Beside | None
) -> UsualView | None:
    """Return the usual day of a week; None where fewer than three days were measured."""
    days = [day.on_clock for day in week.days if day.n_worn]
    day = usual_day(days)
    if not day.is_known:
        return None
    caption = _usual_caption(day, texts)
    keys = ("activity", "light", "sleep", "unknown", "sharp", "school", "morning", "dip")
    words = {key: texts(f"chart_{key}") for key in keys}
    words |= {"title": texts("usual_chart"), "description": caption}
    words["evening"] = texts(_evening(day))
    sharp, bells = (beside.sharp, beside.bells()) if beside else (None, None)
    # The drawing escapes every text in it.
    svg = Markup(usual_day_svg(day, words, lanes_of(parts), sharp, bells))  # nosec B704
    return UsualView(svg, caption, _usual_rows(usual_day(days, _HOUR_MIN), texts))


def _evening(day: UsualDay) -> str:
    shape = shape_of(day)
    is_late = shape is not None and shape.evening_min >= _EVENING_MIN
    return "chart_evening" if is_late else "chart_afternoon"


def _usual_caption(day: UsualDay, texts: Texts) -> str:
    rests = texts(
        "usual_rests", moments=texts.number(day.n_moments), days=texts.days(day.most_days)
    )
    shape = shape_of(day)
    if shape is not None:
        peaks = {
            "morning": half_hour(shape.morning_min),
            "evening": half_hour(shape.evening_min),
        }
        dip = half_hour(shape.dip_min)
        if dip in peaks.values():
            return f"{texts('usual_peaks', **peaks)} {rests}"
        return f"{texts('usual_shape', dip=dip, **peaks)} {rests}"
    if np.isnan(day.activity_mg[BANDS.index(50)]).any():
        return rests
    return f"{texts('usual_plain')} {rests}"


def _usual_rows(day: UsualDay, texts: Texts) -> list[UsualRow]:
    middle = day.activity_mg[BANDS.index(50)]
    return [
        UsualRow(
            clock(hour * _HOUR_MIN),
            _whole(middle[hour]),
            _whole(day.light_lx[hour]),
            texts("usual_of_days", n=int(day.asleep_days[hour]), of=int(day.asleep_of[hour]))
            if day.asleep_of[hour]
            else None,
            bool(day.n_days[hour]),
        )
        for hour in range(MINUTES_A_DAY // _HOUR_MIN)
    ]


def actogram_view(
    week: Week, texts: Texts, parts: Collection[str], beside: Beside | None
) -> ActogramView:
    """Return all days of a week."""
    caption = texts("actogram_caption", days=texts.days(len(week.days)))
    words = {key: texts(key) for key in ("sharp", "tired", "strip")}
    words |= {"title": texts("actogram_chart"), "description": caption}
    names = [f"{texts.weekday(day.date)[:2]} {day.date.day}" for day in week.days]
    # So does this one.
    svg = Markup(actogram_svg(week.days, words, names, lanes_of(parts), beside))  # nosec B704
    onsets = {night.date: night.onset for night in week.nights}
    offsets = {night.offset.date(): night.offset for night in week.nights if night.offset}
    rows = [_day_row(day, texts, offsets.get(day.date), onsets.get(day.date)) for day in week.days]
    return ActogramView(svg, caption, rows)


def _day_row(day: Day, texts: Texts, woke: datetime | None, slept: datetime | None) -> DayRow:
    buttons = ", ".join(f"{texts(mark.kind)} {mark.time:%H:%M}" for mark in day.marks)
    return DayRow(
        texts.long_date(day.date),
        texts.time_band(woke) if woke else None,
        texts.time_band(slept) if slept else None,
        hour_with_most(day, "light_lx"),
        hour_with_most(day, "activity_mg"),
        buttons,
        texts.number(day.n_worn),
        day.n_worn > 0,
    )


def hour_with_most(day: Day, what: Literal["activity_mg", "light_lx"]) -> str | None:
    """Return the hour with most of it, of a day that was measured long enough to tell."""
    hours = by_clock(getattr(day.grid, what), day.clock_min, _HOUR_MIN)
    if not day.valid or np.isnan(hours).all() or not np.nanmax(hours) > 0:
        return None
    return clock(_HOUR_MIN * int(np.nanargmax(hours)))


def sharp_lessons(beside: Beside, texts: Texts) -> list[tuple[str, str]]:
    """Return the lessons in the sharp hours, by day, in words."""
    return [
        (texts.weekday(day), ", ".join(_lesson(one, texts) for one in lessons))
        for day, lessons in beside.in_sharp_hours()
    ]


def _lesson(lesson: LessonBlock, texts: Texts) -> str:
    hours = texts("best_and").join(str(hour) for hour in lesson.hours)
    return texts("best_hour", hours=hours, subject=lesson.subject.upper())


def clocks_sentence(week: Week, beside: Beside, texts: Texts) -> str | None:
    """Say when a student woke on school days and on free days; None with too few mornings."""
    found = waking(week.nights, beside.free_days)
    if found is None:
        return None
    school = _woke(found.school, found.school_min, texts)
    free = _woke(found.free, found.free_min, texts)
    key = "clocks_both"
    if abs(found.free_min - found.school_min) >= _APART_MIN:
        key = "clocks_apart"
    elif school == free:
        key = "clocks_same"
    return texts(
        key,
        school=school,
        free=free,
        school_days=_mornings(len(found.school), texts),
        free_days=_mornings(len(found.free), texts),
    )


def _woke(times: Collection[int], median: int, texts: Texts) -> str:
    """Say when somebody woke: around the median, or, where no morning is near it, between which
    times."""
    if any(abs(at - _to_half_hour(median)) <= _NEAR_MIN for at in times):
        return texts("around", time=half_hour(median))
    return texts("between", low=half_hour(min(times)), high=half_hour(max(times)))


def different(week: Week, beside: Beside, texts: Texts) -> list[str]:
    """Say what set days apart within the week; weeks are not compared."""
    lines = []
    changed = clock_change(week.days)
    if changed is not None:
        key = "other_longer" if changed[1] else "other_shorter"
        lines.append(texts(key, day=texts.long_date(changed[0])))
    lines += [
        texts("other_free", day=_title(day.date, texts))
        for day in week.days
        if day.date.isoweekday() <= 5 and beside.free_days.is_free(day.date)
    ]
    for one in other_days(week.nights, beside.free_days):
        key = "other_later" if one.is_later else "other_earlier"
        lines.append(texts(key, day=_title(one.day, texts), time=half_hour(one.wake_min)))
    return lines


def _title(day: date, texts: Texts) -> str:
    return texts.long_date(day).capitalize()


def _mornings(n: int, texts: Texts) -> str:
    return texts("one_morning") if n == 1 else texts("many_mornings", n=n)


def half_hour(minute: int) -> str:
    """Say a time of day to the half hour: a wrist device knows no better."""
    return clock(_to_half_hour(minute) % MINUTES_A_DAY)


def _to_half_hour(minute: int) -> int:
    return (minute + 15) // 30 * 30


def clock(minute: int) -> str:
    """Say a time of day: 08:30."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _whole(value: float) -> int | None:
    return None if np.isnan(value) else round(float(value))
