"""What stands on the pages: the week in words, and the templates that lay it out."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files
from itertools import groupby
from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from bioklok.errors import BioklokFailure
from bioklok.reports.beside import Beside
from bioklok.reports.day_chart import LANES, day_svg
from bioklok.reports.week import Day, Mark, Week, monday_of, week_of
from bioklok.store import Student
from bioklok.web.texts import DEFAULT_LANGUAGE, Texts, texts_in
from bioklok.web.week_views import (
    actogram_view,
    clock,
    clocks_sentence,
    different,
    hour_with_most,
    sharp_lessons,
    usual_view,
)

_HOUR_MIN = 60
_FONT_FACE = re.compile(r"@font-face\s*\{[^}]*url\([^}]*\}")
_PART_OF = {"activity": "rhythm", "light": "light"}  # lanes of the chart
ALL = ("rhythm", "sleep times", "light", "presses", "reflection", "strips")

templates = Environment(
    loader=PackageLoader("bioklok.web"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True)
class HourRow:
    """One hour of the table under a day's chart; None: not known. `is_worn`: it was measured."""

    hour: str
    activity_mg: int | None
    light_lx: int | None
    sleep_min: int | None
    buttons: str
    is_worn: bool


@dataclass(frozen=True)
class DayView:
    """A day as the page shows it."""

    date: date
    title: str
    svg: Markup
    caption: str
    rows: list[HourRow]
    measured: bool


@dataclass(frozen=True)
class NightView:
    """A night as the page shows it; None: too little data."""

    title: str
    onset: str | None
    offset: str | None
    duration: str | None


def style_sheet() -> str:
    """Return the style sheets' text, for a page without anything beside it: without the letters."""
    folder = files("bioklok.web") / "static"
    sheets = [(folder / name).read_text(encoding="utf-8") for name in ("style.css", "charts.css")]
    return _FONT_FACE.sub("", "\n".join(sheets))


def render(template: str, texts: Texts, **values: Any) -> str:
    """Return a page. Pages refer to the style sheet unless `inline_style` holds it."""
    for name in ("inline_style", "signed", "csrf", "other_language"):
        values.setdefault(name, None)
    return templates.get_template(template).render(t=texts, **values)


def week_html(
    week: Week,
    student: Student,
    language: str = DEFAULT_LANGUAGE,
    beside: Beside | None = None,
) -> str:
    """Return the week as one HTML file that needs nothing beside it and has no links.

    Raises BioklokFailure for a language without texts.
    """
    texts = texts_in(language)
    days = [day.date for day in week.days if day.n_worn]
    values = week_values(week, texts, student.name, chosen=days, beside=beside)
    own = Markup(style_sheet())  # our own file # nosec B704
    return render("week.html", texts, inline_style=own, **values)


def week_values(
    week: Week,
    texts: Texts,
    name: str,
    *,
    chosen: Collection[date] = (),
    parts: Iterable[str] = ALL,
    beside: Beside | None = None,
) -> dict[str, Any]:
    """Return what the templates of a week need.

    `chosen`: days to show from close by. `parts`: those that are shown (`sharing.Part`). `beside`:
    what stands beside a student's own week.
    """
    monday = monday_of(week.week)
    parts = frozenset(parts)
    lanes = [lane for lane in LANES if _PART_OF[lane] in parts]
    return {
        "week": week,
        "name": name,
        "parts": parts,
        "number": monday.isocalendar().week,
        "span": texts(
            "week_span",
            first=texts.short_date(monday),
            last=texts.short_date(monday + timedelta(days=6)),
            year=(monday + timedelta(days=6)).year,
        ),
        "sentences": week_sentences(week, texts),
        "dates": [(day.date, texts.weekday(day.date)) for day in week.days],
        "chosen": chosen,
        "days": [day_view(day, texts, lanes) for day in week.days if day.date in chosen],
        "usual": usual_view(week, texts, parts, beside),
        "actogram": actogram_view(week, texts, parts, beside),
        **_beside_values(week, texts, beside),
        "nights": night_views(week, texts),
        "marks": _presses(week.marks, texts),
        "strips": [texts.moment(mark.time) for mark in week.strips],
        "last_sync": texts("last_sync", time=texts.moment(week.last_sync))
        if week.last_sync
        else texts("never_synced"),
        "before": _neighbour(monday, -7),
        "after": _neighbour(monday, 7),
    }


def _presses(marks: Iterable[Mark], texts: Texts) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Return a row for each day: kind, its word, and when, for each kind pressed on it."""
    rows = []
    for day, pressed in groupby(marks, lambda mark: mark.time.date()):
        times: dict[str, list[str]] = {}
        for mark in pressed:
            times.setdefault(mark.kind, []).append(f"{mark.time:%H:%M}")
        said = [(kind, texts(kind), ", ".join(at)) for kind, at in sorted(times.items())]
        rows.append((texts.long_date(day), said))
    return rows


def _beside_values(week: Week, texts: Texts, beside: Beside | None) -> dict[str, Any]:
    """What only the student's own page says."""
    if beside is None:
        return {"beside": None}
    sharp = beside.sharp
    return {
        "beside": beside,
        "sharp_span": (clock(sharp.start_min), clock(sharp.end_min)) if sharp else None,
        "sharp_lessons": sharp_lessons(beside, texts),
        "clocks": clocks_sentence(week, beside, texts),
        "different": different(week, beside, texts),
    }


def week_sentences(week: Week, texts: Texts) -> list[str]:
    """Return one to three plain sentences: what was measured, and what it rests on."""
    if not week.n_moments:
        out = [texts("week_nothing")]
    else:
        n_days = sum(day.n_worn > 0 for day in week.days)
        moments = texts.number(week.n_moments)
        out = [texts("week_measured", moments=moments, days=texts.days(n_days))]
    if week.marks:
        out.append(texts("week_buttons", count=texts.times(len(week.marks))))
    elif week.n_moments:
        out.append(texts("week_no_buttons"))
    if week.n_moments and week.coverage < 1:
        out.append(texts("week_unknown"))
    return out


def day_view(day: Day, texts: Texts, lanes: Collection[str] = LANES) -> DayView:
    """Return a day with its chart, its sentence and its table. lanes: see `reports.chart`."""
    title = texts.long_date(day.date)
    rows = hour_rows(day, texts)
    caption = _caption(day, texts)
    words = {key: texts(f"chart_{key}") for key in ("activity", "light", "sleep", "unknown")}
    words |= {key: texts(key) for key in ("sharp", "tired", "strip")}
    words |= {"title": texts("chart_title", date=title), "description": caption}
    # day_svg builds a tree and escapes every text in it.
    svg = Markup(day_svg(day, words, lanes))  # nosec B704
    return DayView(day.date, title, svg, caption, rows, day.n_worn > 0)


def hour_rows(day: Day, texts: Texts) -> list[HourRow]:
    """Return a row for each hour of the local clock, 23 to 25 of them."""
    grid = day.grid
    rows = []
    for first in range(0, len(grid), _HOUR_MIN):
        cut = slice(first, first + _HOUR_MIN)
        start_utc_s = grid.start_utc_s + 60 * first
        is_known = grid.worn[cut] & day.is_told[cut]  # of a night that was not found it is not
        rows.append(
            HourRow(
                f"{int(day.clock_min[first]) // 60:02d}:{int(day.clock_min[first]) % 60:02d}",
                _mean(grid.activity_mg[cut]),
                _mean(grid.light_lx[cut]),
                int(np.count_nonzero(day.asleep[cut])) if is_known.any() else None,
                _buttons(day.marks, start_utc_s, texts),
                bool(grid.worn[cut].any()),
            )
        )
    return rows


def _buttons(marks: Iterable[Mark], start_utc_s: int, texts: Texts) -> str:
    end_utc_s = start_utc_s + 60 * _HOUR_MIN
    return ", ".join(
        f"{texts(mark.kind)} {mark.time:%H:%M}"
        for mark in marks
        if start_utc_s <= mark.time.timestamp() < end_utc_s
    )


def _mean(values: np.ndarray[Any, np.dtype[np.float64]]) -> int | None:
    known = values[~np.isnan(values)]
    return round(float(known.mean())) if len(known) else None


def _caption(day: Day, texts: Texts) -> str:
    """One sentence on a day: what it rests on, and when most happened."""
    if not day.n_worn:
        return texts("caption_nothing")
    parts = [texts("caption_measured", moments=texts.number(day.n_worn))]
    brightest, busiest = hour_with_most(day, "light_lx"), hour_with_most(day, "activity_mg")
    if brightest is not None:
        parts.append(texts("caption_light", time=brightest))
    if busiest is not None:
        parts.append(texts("caption_activity", time=busiest))
    n_marks = sum(mark.kind != "strip" for mark in day.marks)
    if n_marks:
        parts.append(texts("caption_buttons", count=texts.times(n_marks)))
    return ", ".join(parts) + "."


def night_views(week: Week, texts: Texts) -> list[NightView]:
    """Return the nights, their times as stretches."""
    return [
        NightView(
            texts(
                "night_of",
                first=texts.weekday(night.date),
                second=texts.weekday(night.date + timedelta(days=1)),
            ),
            texts.time_band(night.onset) if night.onset else None,
            texts.time_band(night.offset) if night.offset else None,
            texts.hours_band(night.duration_min) if night.duration_min is not None else None,
        )
        for night in week.nights
    ]


def _neighbour(monday: date, days: int) -> str | None:
    """Return a week beside this one; None at the end of the calendar."""
    week = week_of(monday + timedelta(days=days))
    try:
        monday_of(week)
    except BioklokFailure:
        return None
    return week
