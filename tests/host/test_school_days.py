"""Local days, weeks, school years and holidays, in both weeks when clocks change."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from bioklok.errors import BioklokFailure
from bioklok.school.days import (
    Holiday,
    Override,
    Region,
    SchoolCalendar,
    SchoolYear,
    checked_week,
    local_day,
    utc_s_at,
    week_of,
)
from hypothesis import given
from hypothesis import strategies as st

ZONE = ZoneInfo("Europe/Amsterdam")


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp())


def test_clocks_that_jump_and_clocks_that_fall_back() -> None:
    spring, autumn = date(2026, 3, 29), date(2026, 10, 25)
    assert utc_s_at(spring, time(2, 30), ZONE) == utc_s_at(spring, time(3, 30), ZONE)
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert utc_s_at(autumn, time(2, 30), ZONE) == int(first.timestamp())
    assert [
        utc_s_at(day + timedelta(days=1), time(), ZONE) - utc_s_at(day, time(), ZONE)
        for day in (spring, autumn, date(2026, 6, 1))
    ] == [23 * 3600, 25 * 3600, 24 * 3600]


def test_the_local_day_turns_at_local_midnight() -> None:
    assert local_day(at("2026-11-15 23:59:59"), ZONE) == date(2026, 11, 15)
    assert local_day(at("2026-11-16 00:00:00"), ZONE) == date(2026, 11, 16)


# -- weeks, years, holidays ------------------------------------------------------------------------


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_a_day_is_in_its_week_and_its_school_year(day: date) -> None:
    assert checked_week(week_of(day)) == week_of(day)
    year = SchoolYear.of(day)
    assert day in year
    assert day not in SchoolYear(year.begins + 1)
    assert day not in SchoolYear(year.begins - 1)


def test_years_and_weeks_in_words() -> None:
    assert str(SchoolYear.of(date(2026, 7, 31))) == "2025-2026"
    assert str(SchoolYear.of(date(2026, 8, 1))) == "2026-2027"
    assert week_of(date(2027, 1, 1)) == "2026-W53"
    for week in (
        "2026-W00",
        "2026-W54",
        "2025-W53",
        "2026-w47",
        "2026-47",
        " 2026-W47",
        "0000-W01",
    ):
        with pytest.raises(BioklokFailure, match="there is no week"):
            checked_week(week)


AUTUMN = (
    Holiday("Herfstvakantie", date(2026, 10, 10), date(2026, 10, 18), Region.NOORD),
    Holiday("Herfstvakantie", date(2026, 10, 17), date(2026, 10, 25), Region.MIDDEN),
    Holiday("Kerstvakantie", date(2026, 12, 19), date(2027, 1, 3)),
)


def test_holidays_are_the_region_s_and_the_whole_country_s() -> None:
    north = SchoolCalendar("oost", Region.NOORD, AUTUMN)
    south = SchoolCalendar("oost", Region.ZUID, AUTUMN)
    assert north.holiday_on(date(2026, 10, 18)) == "Herfstvakantie"
    assert north.holiday_on(date(2026, 10, 19)) is None
    assert [one.is_school_day(date(2026, 10, 12)) for one in (north, south)] == [False, True]
    assert [one.is_school_day(date(2027, 1, 1)) for one in (north, south)] == [False, False]
    assert [north.is_school_day(date(2026, 11, day)) for day in (20, 21, 22, 23)] == [
        True,
        False,
        False,
        True,
    ]


def test_a_school_s_own_word_goes_first_and_its_last_word_counts() -> None:
    def override(name: str, day: date, is_free: bool) -> Override:
        return Override("oost", name, day, day, is_free)

    monday, holiday, saturday = date(2026, 11, 16), date(2026, 10, 12), date(2026, 11, 21)
    calendar = SchoolCalendar(
        "oost",
        Region.NOORD,
        AUTUMN,
        (
            override("Studiedag", monday, True),
            override("Examen", holiday, False),
            override("Open dag", saturday, False),
        ),
    )
    assert calendar.holiday_on(monday) == "Studiedag"
    assert [calendar.is_school_day(day) for day in (monday, holiday, saturday)] == [
        False,
        True,
        True,
    ]
    assert calendar.holiday_on(holiday) is None
    corrected = replace(
        calendar, overrides=(*calendar.overrides, override("Toch les", monday, False))
    )
    assert corrected.is_school_day(monday)
    assert corrected.holiday_on(monday) is None
    with pytest.raises(ValueError, match="another school"):
        SchoolCalendar("west", Region.NOORD, (), calendar.overrides)
