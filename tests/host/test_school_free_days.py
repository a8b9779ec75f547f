"""A day that the school made free has no lessons for a strip, whatever the timetable holds."""

from dataclasses import replace
from datetime import timedelta

import pytest
from bioklok.office import strips as office
from bioklok.office.settings import keep_settings, settings_of
from bioklok.school.days import Holiday, Override, Region, SchoolCalendar, local_day
from bioklok.school.ledger import Cause, State
from bioklok.school.strips import follow
from support.campus import NOW, campus
from support.school import (
    DUTCH,
    MATHS,
    MONDAY,
    PRESS,
    SCHOOL,
    TIMETABLE,
    WEEKS,
    ZONE,
    after,
    asked,
    at,
    outcome,
    press,
    started,
)


def free_on(*days):
    overrides = tuple(Override("oost", "Studiedag", day, day, True) for day in days)
    return replace(SCHOOL, calendar=SchoolCalendar("oost", Region.NOORD, (), overrides))


STUDY_DAY = free_on(MONDAY)


def test_it_is_turned_down_and_a_press_means_the_first_lesson_behind_it():
    ledger = asked(started(), DUTCH, school=STUDY_DAY)
    assert outcome(ledger, DUTCH.id) == (State.RELEASED, Cause.LESSON_GONE)
    ahead = replace(STUDY_DAY, rules=replace(STUDY_DAY.rules, press_days_ahead=1))
    ledger = press(started(), "2026-11-16 08:20", "2026-11-16 08:21", ahead)
    assert ledger.requests()[PRESS].lesson == WEEKS[3]
    other = free_on(MONDAY + timedelta(days=1))
    assert outcome(asked(started(), MATHS, school=other), MATHS.id)[1] is not Cause.LESSON_GONE


@pytest.mark.parametrize("school", [SCHOOL, STUDY_DAY], ids=["a school day", "made free"])
def test_one_that_was_asked_for_before_gives_its_strip_back(school):
    ledger = asked(started(), DUTCH)
    ledger = after(ledger, follow(ledger, TIMETABLE, school, at("2026-11-16 08:30")))
    gone = (State.RELEASED, Cause.LESSON_GONE)
    assert (outcome(ledger, DUTCH.id) == gone) is (school is STUDY_DAY)


def test_what_was_taken_before_its_day_was_made_free_stays_taken():
    ledger = asked(started(), DUTCH)
    later = at("2026-11-16 15:00")
    assert follow(ledger, TIMETABLE, STUDY_DAY, later) == ()


def test_a_published_holiday_takes_no_lesson_off_the_timetable():
    """It is advice, or of another region: the timetable knows best."""
    autumn = Holiday("Herfstvakantie", MONDAY, MONDAY + timedelta(days=4), Region.NOORD)
    school = replace(SCHOOL, calendar=SchoolCalendar("oost", Region.NOORD, (autumn,)))
    ledger = asked(started(), DUTCH, school=school)
    assert outcome(ledger, DUTCH.id) == (State.ASKED, None)


def test_the_page_offers_none_of_a_day_that_was_made_free_since(tmp_path, own_keys):
    with campus(f"sqlite:///{tmp_path / 'b.sqlite'}") as store:
        noor = store.account("noor")

        def days():
            offered = office.card(store, noor, NOW).lessons
            return {local_day(one.start_utc_s, ZONE) for one in offered}

        first = min(days())
        made_free = Override(store.school_id, "Studiedag", first, first, is_free=True)
        keep_settings(store, None, replace(settings_of(store), overrides=(made_free,)))
        assert days() and first not in days()
