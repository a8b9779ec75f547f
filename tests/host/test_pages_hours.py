"""What is told of the lamp and of sharp hours: only what the pages carry, only when it is known."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from biocore.decision import ABOVE_USUAL, REASONS
from biocore.lamp import FOCUS
from biocore.page import PageBuilder
from bioklok.office.sharp_hours import SharpHours, clock_times, from_pages, sharp_hours
from support.school_web import house
from support.synthetic import (
    AMSTERDAM,
    DEVICE_ID,
    JOURNAL_ID,
    Info,
    Minute,
    local_minutes,
    pages,
    school_day,
    utc_s,
)

FIRST, LAST = utc_s("2026-10-26T12:00"), utc_s("2026-11-15T12:00")
AFTERWARDS = utc_s("2026-11-23T12:00")  # the last minute of support.synthetic.school_week
MORNINGS = {(9, 0): 1, (10, 0): 1, (11, 0): 1, (13, 30): 2, (15, 0): 2, (17, 0): 2, (19, 0): 2}


def morning_person(moment):
    marks = MORNINGS.get((moment.hour, moment.minute), 0)
    return Minute(school_day(moment).pattern, marks=marks)


@pytest.fixture(scope="module")
def three_weeks():
    return pages(FIRST, local_minutes(FIRST, LAST, morning_person))


def test_a_morning_person_is_told_the_morning_and_by_how_many_presses(three_weeks):
    found = from_pages(three_weeks, AMSTERDAM)
    assert found.n_presses == 7 * 20
    assert found.is_known and found.hours.near > 0.6
    start, end = clock_times(found)
    assert 7 * 60 <= start <= 10 * 60 and end - start == 120


def test_the_time_is_the_students_not_the_devices(three_weeks):
    """A device that was never told an offset counts in UTC; the page still says local time."""
    here = from_pages(three_weeks, AMSTERDAM)
    there = from_pages(three_weeks, ZoneInfo("UTC"))
    assert here.hours == there.hours
    assert clock_times(here)[0] - clock_times(there)[0] == 60


def test_nothing_is_told_without_presses():
    quiet = pages(FIRST, local_minutes(FIRST, LAST, lambda now: Minute(school_day(now).pattern)))
    found = from_pages(quiet, AMSTERDAM)
    assert not found.is_known and found.n_presses == 0 and clock_times(found) is None
    assert clock_times(SharpHours(None, 3)) is None
    assert from_pages([], AMSTERDAM) == SharpHours(None, 0)


def test_the_page_says_it_and_a_new_page_makes_it_anew(tmp_path, three_weeks):
    oost = house(tmp_path)
    store = oost.store.of("oost")
    store.hand_out("aa" * 8, "sem")
    info = Info(device_id="aa" * 8)
    store.open_journal(info)
    store.commit_pages(info, three_weeks[:-1], LAST)
    sem = oost.browser("sem")
    text = sem.get("/me/hours").text
    assert "jouw scherpe uren meestal" in text and "140 keer" in text
    before = sharp_hours(store, store.account("sem"))
    store.commit_pages(info, three_weeks[-1:], LAST)
    assert sharp_hours(store, store.account("sem")) is not before


def test_today_is_the_last_minute_that_was_fetched(tmp_path):
    oost = house(tmp_path)
    builder = PageBuilder()
    builder.begin(JOURNAL_ID, 1, AFTERWARDS, 0)
    flags = FOCUS << 4 | ABOVE_USUAL << 6
    builder.append(400, 300, 2500, 150_000, 0, flags, 0, 60)
    store = oost.store.of("oost")
    assert store.device(DEVICE_ID).student_id == "noor"
    store.commit_pages(Info(), [bytes(builder.close(5000))], AFTERWARDS + 60)
    noor = oost.browser("noor")
    text = noor.get("/me").text
    assert '<svg class="lamp focus"' in text and "scherp" in text
    assert "Voor jouw doen was dit een helder uur." in text
    assert "Bekend tot maandag 23 november 12:01" in text
    found = noor.api("GET", "/me/today").json()
    assert found == {"lamp": "focus", "reason": "above_usual", "until_utc_s": AFTERWARDS + 60}
    assert REASONS[ABOVE_USUAL] == "above_usual"
    assert datetime.fromtimestamp(found["until_utc_s"], AMSTERDAM).minute == 1
