"""Asking for a strip: long presses, also offline, and what the school's rules let be."""

from dataclasses import replace
from datetime import date

import pytest
from bioklok.school.asking import School
from bioklok.school.ledger import (
    Account,
    Cause,
    State,
)
from bioklok.school.strip_rules import StripRules
from bioklok.school.strips import (
    answer,
    withdraw,
)
from bioklok.school.timetable import Lesson
from support.school import (
    AUTOMATIC,
    AUTUMN,
    BELL,
    DUTCH,
    MATHS,
    MATHS_2,
    MENTOR,
    MONDAY,
    NOOR,
    PRESS,
    SCHOOL,
    TIES,
    WEEKS,
    WINTER,
    ZONE,
    after,
    asked,
    at,
    lesson,
    outcome,
    press,
    settled,
    snapshot,
    started,
    taken_back,
    with_rules,
)

RELEASED = State.RELEASED


def test_a_press_asks_for_the_next_lesson_by_the_time_of_the_press() -> None:
    ledger = press(started(), "2026-11-16 09:20", "2026-11-16 09:21")
    assert ledger.requests()[PRESS].lesson == DUTCH
    # It came in three days later: the lesson is the same, and the mentor has a week from then.
    late = press(started(), "2026-11-16 09:20", "2026-11-19 20:00")
    request = late.requests()[PRESS]
    assert (request.lesson, request.state) == (DUTCH, State.ASKED)
    assert settled(late, "2026-11-26 19:59") == late
    agreed = after(
        late,
        answer(
            late,
            PRESS,
            True,
            by=MENTOR,
            student=NOOR,
            ties=TIES,
            now_utc_s=at("2026-11-26 19:59"),
        ),
    )
    assert outcome(settled(agreed, "2026-11-26 20:00"), PRESS) == (State.USED, None)
    assert outcome(settled(late, "2026-11-26 20:00"), PRESS) == (RELEASED, Cause.NO_ANSWER)


def test_a_press_that_nobody_answered_yet_can_be_taken_back_after_its_lesson() -> None:
    late = press(started(), "2026-11-16 09:20", "2026-11-19 20:00")
    entries = withdraw(late, PRESS, by=NOOR, student=NOOR, now_utc_s=at("2026-11-20 10:00"))
    assert outcome(after(late, entries), PRESS) == (RELEASED, Cause.WITHDRAWN)


def test_a_repeated_sync_asks_once() -> None:
    ledger = press(started(), "2026-11-16 09:20", "2026-11-16 09:21")
    assert press(ledger, "2026-11-16 09:20", "2026-11-17 12:00") == ledger
    used = settled(ledger, "2026-11-17 12:00")
    assert press(used, "2026-11-16 09:20", "2026-11-18 12:00") == used


def test_a_second_press_before_the_same_lesson_takes_no_other() -> None:
    ledger = press(started(), "2026-11-16 09:20", "2026-11-16 12:00")
    ledger = press(ledger, "2026-11-16 09:25", "2026-11-16 12:00", epoch=6)
    assert outcome(ledger, "press:c0ffee:7:6") == (RELEASED, Cause.SAME_LESSON)
    assert ledger.balance(MONDAY) == 2


def test_device_and_dashboard_at_once_spend_one_strip() -> None:
    ledger = press(asked(started(), DUTCH), "2026-11-16 09:20", "2026-11-16 09:30")
    assert outcome(ledger, PRESS) == (RELEASED, Cause.SAME_LESSON)
    assert ledger.balance(MONDAY) == 2


def test_a_press_at_home_asks_for_nothing_unless_the_school_lets_it() -> None:
    ledger = press(started(), "2026-11-16 21:30", "2026-11-17 07:00")
    assert outcome(ledger, PRESS) == (RELEASED, Cause.NO_LESSON)
    ledger = press(
        started(), "2026-11-16 21:30", "2026-11-17 07:00", with_rules(press_days_ahead=1)
    )
    assert ledger.requests()[PRESS].lesson == WEEKS[3]


def test_a_press_takes_the_first_lesson_that_can_still_be_asked_for() -> None:
    ledger = press(started(), "2026-11-16 09:20", "2026-11-16 09:21", with_rules(notice_s=3600))
    assert ledger.requests()[PRESS].lesson == MATHS_2


def test_the_strip_of_a_press_waits_for_the_press() -> None:
    """Pressed on the last day of the period, offline for four weeks, then synced."""
    ledger = settled(started(), "2026-12-27 12:00")
    assert ledger.balance(date(2026, 12, 1)) == 0
    ledger = press(ledger, "2026-11-30 09:20", "2026-12-27 12:00", AUTOMATIC)
    assert outcome(ledger, PRESS) == (State.AGREED, None)
    gone = settled(started(), "2026-12-29 12:00")
    assert gone.total(Account.EXPIRED) == 3
    ledger = press(gone, "2026-11-30 09:20", "2026-12-29 13:00", AUTOMATIC)
    assert outcome(ledger, PRESS) == (RELEASED, Cause.NO_STRIP)


def test_without_a_timetable_a_press_is_kept_and_covers_nothing() -> None:
    ledger = press(started(), "2026-11-16 09:20", "2026-11-16 09:21", timetable=[])
    assert outcome(ledger, PRESS) == (RELEASED, Cause.NO_LESSON)


def test_only_the_ledger_of_its_school_year_and_student_takes_a_request() -> None:
    with pytest.raises(ValueError, match="school year"):
        press(started(), "2027-08-01 00:00", "2027-08-01 12:00")
    press(started(), "2027-07-31 23:59", "2027-08-01 12:00")
    with pytest.raises(ValueError, match="another student"):
        press(replace(started(), student_id="sem", entries=()), "2026-11-16 09:20", "2026-11-17")
    with pytest.raises(ValueError, match="another school"):
        west = School(StripRules("west", ()), replace(BELL, school_id="west"), ZONE)
        press(started(), "2026-11-16 09:20", "2026-11-17", west)
    with pytest.raises(ValueError, match="two schools"):
        replace(SCHOOL, bell=replace(BELL, school_id="west"))


@pytest.mark.parametrize(
    ("school", "wanted", "cause"),
    [
        (with_rules(per_week=1), [MATHS, DUTCH], Cause.WEEK_FULL),
        (with_rules(per_week=1), [MATHS, WEEKS[15]], None),
        (with_rules(per_week=0), [MATHS], Cause.WEEK_FULL),
        (with_rules(per_subject=1), [MATHS, MATHS_2], Cause.SUBJECT_FULL),
        (with_rules(per_subject=1), [MATHS, DUTCH], None),
        (SCHOOL, [MATHS, DUTCH, MATHS_2, WEEKS[3]], Cause.NO_STRIP),
        (SCHOOL, [MATHS, DUTCH, MATHS_2], None),
        (with_rules(blocked_hours=frozenset({2})), [MATHS], Cause.BLOCKED),
        (with_rules(blocked_hours=frozenset({3})), [MATHS], None),
        (with_rules(blocked_days=((MONDAY, MONDAY),)), [MATHS], Cause.BLOCKED),
        (with_rules(blocked_days=((MONDAY, MONDAY),)), [WEEKS[3]], None),
        (with_rules(notice_s=3601), [MATHS], Cause.TOO_LATE),
        (with_rules(notice_s=3600), [MATHS], None),
    ],
)
def test_what_the_rules_let_be(school: School, wanted: list[Lesson], cause: Cause | None) -> None:
    ledger = asked(started(), *wanted, school=school)
    *others, last = [outcome(ledger, one.id) for one in wanted]
    assert last == ((RELEASED, cause) if cause else (State.ASKED, None))
    assert all(one == (State.ASKED, None) for one in others)


def test_what_was_released_counts_for_no_cap() -> None:
    school = with_rules(per_week=1, per_subject=1)
    ledger = taken_back(asked(started(), MATHS, school=school), MATHS)
    assert outcome(asked(ledger, MATHS_2, school=school), MATHS_2.id) == (State.ASKED, None)


def test_a_test_and_a_lesson_that_has_begun_are_not_covered() -> None:
    test = replace(MATHS, is_lesson=False)
    ledger = asked(started(), test, timetable=[snapshot((test, DUTCH))])
    assert outcome(ledger, test.id) == (RELEASED, Cause.BLOCKED)
    ledger = asked(started(), MATHS, now=MATHS.start_utc_s + 1)
    assert outcome(ledger, MATHS.id) == (RELEASED, Cause.TOO_LATE)
    ledger = asked(started(), lesson(MONDAY, 15, "mu"))
    assert outcome(ledger, "mu 2026-11-16 15") == (RELEASED, Cause.NO_LESSON)


def test_rules_that_cannot_be_are_refused() -> None:
    for periods in (
        (AUTUMN, replace(WINTER, first=AUTUMN.last)),
        (AUTUMN, replace(WINTER, name="autumn")),
    ):
        with pytest.raises(ValueError, match="two periods"):
            StripRules("oost", periods)
    for wrong in ({"notice_s": -1}, {"per_week": -1}, {"periods": (replace(AUTUMN, strips=-1),)}):
        with pytest.raises(ValueError, match="below zero"):
            with_rules(**wrong)
    with pytest.raises(ValueError, match="ends before"):
        with_rules(periods=(replace(AUTUMN, last=date(2026, 7, 1)),))
