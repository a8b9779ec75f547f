"""What stands beside a week, the facts told of it, the drawings of the usual day and all days."""

import io
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from bioklok.analysis.freedays import WEEKENDS, FreeDays
from bioklok.reports.beside import Beside, LessonBlock, SharpWindow
from bioklok.reports.facts import clock_change, other_days, waking
from bioklok.reports.parts import of_parts
from bioklok.reports.week import week_from_pages
from bioklok.store import Student
from bioklok.web.pages import day_view
from bioklok.web.paper import week_pdf
from bioklok.web.texts import texts_in
from bioklok.web.week_views import (
    actogram_view,
    clocks_sentence,
    different,
    sharp_lessons,
    usual_view,
)
from pypdf import PdfReader
from support.synthetic import Minute, pages, school_week, utc_s

ZONE = ZoneInfo("Europe/Amsterdam")
MONDAY = date(2026, 11, 16)
ALL = ("rhythm", "sleep times", "light", "presses", "strips")
SVG = "{http://www.w3.org/2000/svg}"
TEXTS = [texts_in("nl"), texts_in("en")]


def lesson(day, start, end, subject="wi", hour=1):
    first, last = (utc_s(f"2026-11-{day}T{at}") for at in (start, end))
    return LessonBlock(first, last, subject, (hour,))


def beside(*lessons, sharp=None, free=WEEKENDS):
    return Beside(ZONE, tuple(sorted(lessons)), sharp, 18, free)


@pytest.fixture(scope="module")
def week():
    return week_from_pages(school_week(), "noor", "2026-W47")


def drawn(view):
    return ET.fromstring(str(view.svg))


def classes(svg):
    return {element.get("class") for element in svg.iter() if element.get("class")}


# -- lessons and sharp hours


def test_lessons_of_which_half_or_more_lies_in_the_sharp_hours():
    window = SharpWindow(9 * 60, 11 * 60, 18)
    there = beside(
        lesson(16, "08:30", "09:20"),  # 20 of 50 minutes
        lesson(16, "09:20", "10:10", hour=2),
        lesson(17, "08:40", "09:20", hour=2),  # half of it
        lesson(18, "10:30", "11:30", "ne", 3),  # half of it
        lesson(19, "11:00", "11:50", hour=4),
        sharp=window,
    )
    assert sharp_lessons(there, TEXTS[0]) == [
        ("maandag", "2e uur WI"),
        ("dinsdag", "2e uur WI"),
        ("woensdag", "3e uur NE"),
    ]
    assert sharp_lessons(beside(lesson(16, "09:20", "10:10")), TEXTS[0]) == []


def test_sharp_hours_past_midnight_belong_to_the_evening():
    there = beside(lesson(16, "23:30", "23:59"), sharp=SharpWindow(23 * 60, 60, 5))
    assert [day for day, _ in there.in_sharp_hours()] == [MONDAY]


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"])
def test_on_the_day_the_clocks_change_sharp_hours_are_those_of_the_clock(day):
    """Of 23 and of 25 hours: ten o'clock is not 600 minutes after midnight."""

    def found(window):
        starts = [utc_s(f"{day}T{hour:02d}:00") for hour in range(24)]
        lessons = [LessonBlock(at, at + 3000, "wi", ()) for at in starts]
        ((on, inside),) = Beside(ZONE, tuple(lessons), window, 5).in_sharp_hours()
        assert on.isoformat() == day
        return [one.start_utc_s for one in inside]

    assert found(SharpWindow(600, 720, 5)) == [utc_s(f"{day}T10:00"), utc_s(f"{day}T11:00")]
    assert found(SharpWindow(1320, 0, 5)) == [utc_s(f"{day}T22:00"), utc_s(f"{day}T23:00")]


def test_the_bells_are_those_of_an_ordinary_day():
    days = [lesson(day, "08:30", "15:10") for day in (16, 17, 18, 19)]
    assert beside(*days, lesson(20, "10:00", "11:00")).bells() == (8 * 60 + 30, 15 * 60 + 10)
    assert beside().bells() is None
    late = beside(lesson(16, "23:30", "23:59"), lesson(16, "08:30", "09:20"))
    assert late.bells() == (8 * 60 + 30, 23 * 60 + 59)


def test_a_lesson_past_midnight_ends_with_its_day():
    start = utc_s("2026-11-16T23:30")
    there = beside(LessonBlock(start, start + 3600, "wi", (1,)))
    assert there.lessons_on(MONDAY) == [(23 * 60 + 30, 1440)]
    assert there.bells() == (23 * 60 + 30, 1440)


# -- facts


def nights_of(wakes, week):
    """The nights of a real week, waking at other times."""
    by_day = dict(zip(range(7), wakes, strict=True))
    out = []
    for n, night in enumerate(week.nights):
        hours, minutes = divmod(by_day[n], 60)
        offset = night.offset.replace(hour=hours, minute=minutes)
        out.append(type(night)(night.date, night.onset, offset, night.duration_min, night.worn))
    return out


def test_waking_on_school_days_and_on_free_days(week):
    # the nights of Monday to Sunday end on Tuesday to Monday
    nights = nights_of([420, 430, 440, 425, 570, 600, 435], week)
    found = waking(nights, WEEKENDS)
    assert (found.school_min, len(found.school), found.free_min, len(found.free)) == (
        430,
        5,
        585,
        2,
    )
    holiday = FreeDays(frozenset(MONDAY + timedelta(days=n) for n in range(8)))
    assert waking(nights, holiday) is None


def test_a_morning_unlike_the_others_is_told_as_a_time(week):
    nights = nights_of([420, 430, 600, 425, 570, 600, 435], week)
    (found,) = other_days(nights, WEEKENDS)
    assert (found.day, found.wake_min, found.is_later) == (date(2026, 11, 19), 600, True)
    assert other_days(nights_of([420, 430, 500, 425, 570, 600, 435], week), WEEKENDS) == []


@pytest.mark.parametrize(
    ("iso", "monday", "day", "longer"),
    [
        ("2026-W43", "2026-10-19", date(2026, 10, 25), True),
        ("2026-W13", "2026-03-23", date(2026, 3, 29), False),
    ],
)
def test_the_day_of_the_clock_change_is_told(iso, monday, day, longer):
    start = utc_s(f"{monday}T00:00")
    changed = week_from_pages(pages(start, [Minute()] * (8 * 1440)), "noor", iso)
    assert clock_change(changed.days) == (day, longer)
    for texts in TEXTS:
        (line,) = different(changed, beside(), texts)
        assert ("25" if longer else "23") in line


def test_free_days_are_named_and_weeks_are_not_compared(week):
    there = beside(free=FreeDays(frozenset({MONDAY})))
    for texts in TEXTS:
        assert different(week, there, texts) == [
            texts("other_free", day=texts.long_date(MONDAY).capitalize())
        ]
        said = clocks_sentence(week, beside(), texts)
        assert "07:30" in said or "07:00" in said


SCHOOL = [399, 406, 403, 398]  # 06:39 to 06:46; the fifth school morning is Monday's


@pytest.mark.parametrize(
    ("wakes", "dutch", "english"),
    [
        # medians 23 minutes apart, and no free morning at half past six
        (
            [*SCHOOL, 431, 417, 401],
            "rond 06:30 (5 ochtenden), op vrije dagen rond 07:00 (2 ochtenden).",
            "around 06:30 (5 mornings), on free days around 07:00 (2 mornings).",
        ),
        # between two free mornings, near neither
        (
            [*SCHOOL, 689, 533, 401],
            "op vrije dagen tussen 09:00 en 11:30 (2 ochtenden).",
            "on free days between 09:00 and 11:30 (2 mornings).",
        ),
        (
            [*SCHOOL, 395, 404, 401],
            "op dezelfde tijd wakker: rond 06:30.",
            "at about the same time: around 06:30.",
        ),
    ],
)
def test_no_time_of_waking_is_told_that_no_such_morning_is_near(week, wakes, dutch, english):
    shown = replace(week, nights=tuple(nights_of(wakes, week)))
    said = [clocks_sentence(shown, beside(), texts) for texts in TEXTS]
    assert dutch in said[0] and english in said[1]
    papers = [
        PdfReader(io.BytesIO(week_pdf(shown, Student("noor", "Noor"), texts.language, beside())))
        for texts in TEXTS
    ]
    for paper, told in zip(papers, said, strict=True):
        text = " ".join(page.extract_text() for page in paper.pages)
        assert " ".join(told.split()) in " ".join(text.split())


# -- drawings


def test_the_usual_day_shows_the_lanes_that_are_shared_and_no_other(week):
    for parts, there, gone in (
        (ALL, {"median", "light", "sleep-share"}, set()),
        (("light",), {"light"}, {"median", "sleep-share"}),
        (("rhythm",), {"median"}, {"light", "sleep-share"}),
    ):
        shown = of_parts({part: week for part in parts}, week)
        view = usual_view(shown, TEXTS[0], parts, None)
        assert there <= classes(drawn(view)) and not gone & classes(drawn(view))
        assert not {"sharp-hours", "school"} & classes(drawn(view))


def test_the_sharp_hours_and_the_bells_are_drawn_on_ones_own_page(week):
    there = beside(lesson(16, "08:30", "12:10"), sharp=SharpWindow(540, 660, 18))
    svg = drawn(usual_view(week, TEXTS[1], ALL, there))
    assert {"sharp-hours", "school"} <= classes(svg)
    words = [element.text for element in svg.iter(SVG + "text")]
    assert "sharp" in words and "school" in words


def test_a_quieter_stretch_in_the_half_hour_of_a_peak_is_not_named(week):
    def said(*peaks):
        minute = np.arange(1440)
        activity = np.full(1440, 5.0)
        for start, mg, wide in ((7 * 60, 60.0, 120), (17 * 60, 60.0, 120), *peaks):
            activity[(minute >= start) & (minute < start + wide)] = mg
        days = [replace(one, grid=replace(one.grid, activity_mg=activity)) for one in week.days]
        shown = replace(week, days=tuple(days))
        return [usual_view(shown, texts, ALL, None).caption for texts in TEXTS]

    dutch, english = said((12 * 60, 120.0, 15), (12 * 60 + 30, 120.0, 15))
    assert dutch.startswith("De lijn heeft een piek rond 12:00 en een piek rond 12:30. Dit")
    assert english.startswith("The line has a peak around 12:00 and a peak around 12:30. This")
    dutch, english = said()
    assert "een piek rond 07:00 en een piek rond 17:00, met rond" in dutch
    assert "a peak around 07:00 and a peak around 17:00, with a quieter stretch" in english


def test_hatching_lies_under_the_words_of_its_lanes():
    night = pages(utc_s("2026-11-16T00:00"), [Minute()] * (3 * 1440 - 700))
    short = week_from_pages(night, "noor", "2026-W47")
    for svg in (
        drawn(usual_view(short, TEXTS[0], ALL, None)),
        drawn(day_view(short.days[2], TEXTS[0])),
    ):
        kinds = [element.get("class") for element in svg.iter()]
        assert "unknown" in kinds
        assert kinds.index("lane") > max(n for n, kind in enumerate(kinds) if kind == "unknown")
        assert {e.get("paint-order") for e in svg.iter() if e.get("class") == "lane"} == {"stroke"}


def test_of_two_days_there_is_no_usual_day():
    short = week_from_pages(pages(utc_s("2026-11-16T00:00"), [Minute()] * 2880), "noor", "2026-W47")
    assert usual_view(short, TEXTS[0], ALL, None) is None


def test_every_day_is_drawn_twice_but_the_first_and_says_what_was_pressed(week):
    there = beside(lesson(17, "08:30", "12:10"))
    view = actogram_view(week, TEXTS[0], ALL, there)
    svg = drawn(view)
    groups = {e.get("id"): e for e in svg.iter(SVG + "g") if e.get("class") == "day first"}
    again = [e.get("href") for e in svg.iter(SVG + "use")]
    assert len(groups) == 7 and again == [f"#{one}" for one in list(groups)[1:]]
    strips = [e for e in svg.iter(SVG + "g") if e.get("class") == "mark strip"]
    lessons = [e for e in svg.iter(SVG + "rect") if e.get("class") == "lesson"]
    assert len(strips) == len(lessons) == 1
    assert lessons[0] in list(groups["weeks-day-1"])
    row = view.rows[2]
    assert row.title == "woensdag 18 november" and "strip 14:00" in row.buttons
    assert row.awake == "tussen 07:00 en 07:30" and row.n_moments == "1.440"


def test_a_script_in_a_subject_is_words():
    window = SharpWindow(480, 720, 3)
    there = beside(lesson(16, "08:30", "12:10", "<b>"), sharp=window)
    assert sharp_lessons(there, TEXTS[0]) == [("maandag", "1e uur <B>")]  # escaped by the template


def test_days_without_anything_are_hatched_and_say_nothing():
    empty = week_from_pages([], "noor", "2026-W47")
    view = actogram_view(empty, TEXTS[0], ALL, beside())
    assert {row.awake for row in view.rows} == {None}
    assert "activity" not in classes(drawn(view))
    assert usual_view(empty, TEXTS[0], ALL, beside()) is None
