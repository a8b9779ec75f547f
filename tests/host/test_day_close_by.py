"""One day from close by: its table, its sentence, and what was pressed on it."""

from dataclasses import replace

import numpy as np
from biocore.record import MARK_SHARP, MARK_TIRED
from bioklok.reports.week import week_from_pages
from bioklok.store import Student
from bioklok.web.pages import day_view, hour_rows, week_html
from bioklok.web.texts import texts_in
from bioklok.web.week_views import actogram_view
from support.html_page import words
from support.synthetic import Minute, pages, school_week, utc_s

NL = texts_in("nl")


def test_sleep_of_a_night_that_was_not_found_is_not_said_to_be_none():
    """Worn from ten to four alone: whether one slept then nobody knows."""
    start = utc_s("2026-11-17T10:00")
    week = week_from_pages(pages(start, [Minute()] * 360), "noor", "2026-W47")
    day = week.days[1]
    assert day.n_worn == 360 and not day.is_told.any()
    rows = hour_rows(day, NL)
    assert {row.hour: row.activity_mg for row in rows}["12:00"]
    assert {row.sleep_min for row in rows} == {None}
    assert [row.hour for row in rows if row.is_worn][::5] == ["10:00", "15:00"]


def test_sleep_of_a_night_that_was_found_is_counted():
    day = week_from_pages(school_week(), "noor", "2026-W47").days[2]
    rows = {row.hour: row.sleep_min for row in hour_rows(day, NL)}
    assert rows["03:00"] == 60 and rows["14:00"] == 0
    assert sum(n or 0 for n in rows.values()) == np.count_nonzero(day.asleep)


def test_a_day_from_close_by_names_the_hours_that_the_table_names():
    """Waking hours that differ by less than a milli-g are one number when they are rounded."""
    week = week_from_pages(school_week(), "noor", "2026-W47")
    day = week.days[3]
    hours = np.arange(len(day.grid)) // 60
    activity = np.select([hours == 13, hours == 21, hours > 7], [40.4, 39.6, 20.0], 1.0)
    light = np.select([hours == 9, hours == 17], [300.4, 299.6], 5.0)
    grid = replace(day.grid, activity_mg=activity, light_lx=light)
    shown = replace(week, days=(*week.days[:3], replace(day, grid=grid), *week.days[4:]))
    row = actogram_view(shown, NL, ("rhythm", "light"), None).rows[3]
    assert (row.busiest, row.brightest) == ("13:00", "09:00")
    caption = day_view(shown.days[3], NL).caption
    assert "het lichtst rond 09:00, de meeste beweging rond 13:00" in caption


def test_what_was_pressed_is_a_row_for_each_day_and_a_line_for_each_kind():
    minutes = [Minute(marks=mark) for mark in (MARK_SHARP, 0, MARK_TIRED, MARK_SHARP)]
    week = week_from_pages(
        pages(utc_s("2026-11-16T10:00"), minutes)
        + pages(utc_s("2026-11-18T09:00"), minutes[2:3], sequence=1),
        "noor",
        "2026-W47",
    )
    page = words(week_html(week, Student("noor", "Noor"), "nl"))
    assert "maandag 16 november scherp 10:00, 10:03 moe 10:02" in page
    assert "woensdag 18 november moe 09:00" in page
