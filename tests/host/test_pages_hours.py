"""What is told of the lamp and of sharp hours: only what the pages carry, only when it is known."""

import base64
import json
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from biocore.decision import ABOVE_USUAL, REASONS
from biocore.lamp import FOCUS
from biocore.page import PageBuilder
from bioklok.office.consenting import NoConsent
from bioklok.office.course import SPAN_DAYS, Course
from bioklok.office.sharp_hours import (
    SharpHours,
    clock_times,
    from_pages,
    keep_course,
    sharp_hours,
)
from bioklok.school.consent import Answer
from support.campus import campus, say
from support.school_web import NOW, house
from support.synthetic import (
    AMSTERDAM,
    DEVICE_ID,
    JOURNAL_ID,
    Info,
    Minute,
    local_minutes,
    morning_person,
    pages,
    school_day,
    utc_s,
)

FIRST, LAST = utc_s("2026-10-26T12:00"), utc_s("2026-11-15T12:00")
SEMS = "aa" * 8
AFTERWARDS = utc_s("2026-11-23T12:00")  # the last minute of support.synthetic.school_week


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


@pytest.mark.parametrize("cut", [1, 7, 300, 959])
def test_what_was_kept_goes_on_as_if_it_had_never_been_put_away(three_weeks, cut):
    """Kept as JSON and taken up in the middle of a night, a day, a gap: the same to the bit."""
    whole, first = Course(), Course()
    whole.follow(three_weeks)
    first.follow(three_weeks[:cut])
    second = Course.taken_up(json.loads(json.dumps(first.kept())))
    second.follow(three_weeks[max(cut - 3, 0) :])  # those it knows are passed by
    assert second.kept() == whole.kept()
    assert second.best_hours() == whole.best_hours() is not None


def test_the_presses_are_those_of_the_days_that_are_spoken_of():
    """What is kept for longer says the same as what is begun anew, and does not grow."""
    day = [Minute(marks=n in (600, 900)) for n in range(1440)]
    start = utc_s("2026-08-03T02:00")  # midnight of a device that goes by UTC
    whole = pages(start, day * (SPAN_DAYS + 20))
    kept = Course()
    for first in range(0, len(whole), 480):
        kept.follow(whole[first : first + 480])
        kept = Course.taken_up(json.loads(json.dumps(kept.kept())))
    anew = Course()
    anew.follow(whole[-SPAN_DAYS * 48 :])
    assert kept.n_presses == anew.n_presses == 2 * SPAN_DAYS
    assert len(kept.kept()["presses"]) == SPAN_DAYS
    moved_on = start + 86400 * (SPAN_DAYS + 20 + 30)
    kept.follow(pages(moved_on, [Minute()], sequence=len(whole)))
    assert kept.n_presses == 2 * (SPAN_DAYS - 31)


def test_a_journal_that_began_at_an_odd_minute_is_known_as_well(three_weeks):
    """Its fifteenth minutes never fall on noon by the clock."""
    odd = FIRST + 7 * 60
    course = Course()
    course.follow(pages(odd, local_minutes(odd, LAST, morning_person)))
    assert course.best_hours() is not None


def test_what_another_version_kept_is_begun_anew(three_weeks):
    course = Course()
    course.follow(three_weeks[:2])
    kept = course.kept()
    assert Course.taken_up(kept | {"form": 0}) is None
    state = bytearray(base64.b64decode(kept["state"]))
    state[0] ^= 0xFF
    assert Course.taken_up(kept | {"state": base64.b64encode(state).decode()}) is None


@pytest.fixture
def with_sem(tmp_path, three_weeks):
    """A school in which sem, with everybody's yes, wears a device that was synced but for a day."""
    with campus(f"sqlite:///{tmp_path / 'b.sqlite'}") as store:
        store.hand_out(SEMS, "sem")
        store.open_journal(Info(device_id=SEMS))
        store.commit_pages(Info(device_id=SEMS), three_weeks[:-48], LAST)
        yield store


def test_each_night_it_is_kept_how_far_it_was_followed(with_sem, three_weeks):
    store, sem = with_sem, with_sem.account("sem")
    keep_course(store, sem, NOW)
    kept = course_of(store, "sem")
    assert kept["sequence"] == len(three_weeks) - 49
    store.commit_pages(Info(device_id=SEMS), three_weeks[-48:], LAST)
    assert sharp_hours(store, sem) == from_pages(three_weeks, AMSTERDAM)
    assert course_of(store, "sem") == kept  # a look changes nothing
    keep_course(store, sem, NOW)
    assert course_of(store, "sem")["sequence"] == len(three_weeks) - 1


def test_a_new_journal_is_a_new_course(with_sem):
    store, sem = with_sem, with_sem.account("sem")
    keep_course(store, sem, NOW)
    again = Info(device_id=SEMS, journal_id=9)
    store.open_journal(again)
    day = local_minutes(LAST, LAST + 86400, morning_person)
    store.commit_pages(again, pages(LAST, day, journal_id=9), LAST + 86400)
    assert sharp_hours(store, sem).n_presses == 7
    keep_course(store, sem, NOW)
    assert course_of(store, "sem")["journal"] == 9


def test_after_a_stop_nothing_is_kept(with_sem):
    say(with_sem, "sem", "sem", Answer.STOPS, NOW - 60)
    with pytest.raises(NoConsent):
        keep_course(with_sem, with_sem.account("sem"), NOW)
    assert course_of(with_sem, "sem") is None


def course_of(store, student):
    with store.reading(student) as desk:
        return desk.course()


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
