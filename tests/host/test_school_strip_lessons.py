"""What a strip covers when the timetable changes, and what the school gets to know of it."""

from dataclasses import fields, replace
from datetime import date, timedelta

import pytest
from bioklok.school.absences import AuthorisedAbsence, absences_on
from bioklok.school.asking import Ask, School, ask, pressed
from bioklok.school.days import SchoolYear
from bioklok.school.ledger import (
    Cause,
    Entry,
    Ledger,
    Request,
    State,
)
from bioklok.school.looks import Handling, Look
from bioklok.school.people import NotAllowed, Person, Role
from bioklok.school.reasons import StripReason, note, reasons
from bioklok.school.strip_rules import Period
from bioklok.school.strips import (
    follow,
    grant,
    settle,
)
from bioklok.school.timetable import Lesson, Snapshot
from support.school import (
    ADMINISTRATOR,
    DUTCH,
    EARLY,
    MATHS,
    MATHS_2,
    MENTOR,
    MONDAY,
    NOOR,
    PRESS,
    RULES,
    SCHOOL,
    SEM,
    TIMETABLE,
    WEEKS,
    after,
    answered,
    asked,
    at,
    outcome,
    person,
    press,
    settled,
    snapshot,
    started,
    taken_back,
)

RELEASED = State.RELEASED


def changed(ledger: Ledger, *lessons: Lesson, school: School = SCHOOL) -> Ledger:
    """Return the ledger after a snapshot in which Monday has these lessons."""
    rest = [one for one in WEEKS if one.start_utc_s >= at("2026-11-17")]
    snapshots = [*TIMETABLE, snapshot([*lessons, *rest], "2026-11-16 08:30")]
    ledger = after(ledger, follow(ledger, snapshots, school, at("2026-11-16 08:30")))
    assert follow(ledger, snapshots, school, at("2026-11-16 08:31")) == ()
    return ledger


def shifted(one: Lesson, by: timedelta, name: str | None = None) -> Lesson:
    seconds = int(by.total_seconds())
    start, end = one.start_utc_s + seconds, one.end_utc_s + seconds
    return replace(one, start_utc_s=start, end_utc_s=end, id=name or one.id)


@pytest.mark.parametrize("is_agreed", [False, True])
def test_a_cancelled_lesson_gives_its_strip_back(is_agreed: bool) -> None:
    ledger = asked(started(), DUTCH)
    ledger = answered(ledger, DUTCH, True) if is_agreed else ledger
    ledger = changed(ledger, MATHS, MATHS_2)
    assert outcome(ledger, DUTCH.id) == (RELEASED, Cause.LESSON_GONE)
    assert ledger.balance(MONDAY) == 3


@pytest.mark.parametrize("name", [None, "renumbered"])
def test_a_strip_goes_along_within_its_day(name: str | None) -> None:
    later = shifted(DUTCH, timedelta(hours=3), name)
    ledger = changed(answered(asked(started(), DUTCH), DUTCH, True), MATHS, MATHS_2, later)
    request = ledger.requests()[DUTCH.id]
    assert (request.state, request.lesson) == (State.AGREED, later)
    assert settle(ledger, SCHOOL, DUTCH.end_utc_s) == ()
    used = after(ledger, settle(ledger, SCHOOL, later.end_utc_s))
    assert outcome(used, DUTCH.id) == (State.USED, None)


def test_a_lesson_that_moved_to_another_day_gives_its_strip_back() -> None:
    other_day = shifted(DUTCH, timedelta(days=1, hours=4))
    ledger = changed(asked(started(), DUTCH), MATHS, MATHS_2, other_day)
    assert outcome(ledger, DUTCH.id) == (RELEASED, Cause.LESSON_GONE)


def test_a_lesson_that_became_a_test_gives_its_strip_back() -> None:
    ledger = asked(started(), DUTCH)
    ledger = changed(ledger, MATHS, MATHS_2, replace(DUTCH, is_lesson=False))
    assert outcome(ledger, DUTCH.id) == (RELEASED, Cause.LESSON_GONE)


def test_a_feed_that_numbers_anew_adds_nothing_to_the_ledger() -> None:
    ledger = asked(started(), DUTCH)
    assert changed(ledger, *[replace(one, id=f"new {one.id}") for one in WEEKS[:3]]) == ledger
    # Asked again under the new number it is the same lesson.
    snapshots = [*TIMETABLE, snapshot([replace(one, id=f"new {one.id}") for one in WEEKS])]
    entries = ask(ledger, Ask("b", EARLY, f"new {DUTCH.id}"), snapshots, SCHOOL, EARLY)
    assert outcome(after(ledger, entries), "b") == (RELEASED, Cause.SAME_LESSON)


def test_a_press_means_the_lesson_that_was_next_when_it_was_made() -> None:
    """At 09:20 Dutch was next. Before the press came in it had moved, or was cancelled."""
    later = shifted(DUTCH, timedelta(hours=3))
    for monday, lesson_now, expected in (
        ((MATHS, MATHS_2, later), later, (State.ASKED, None)),
        ((MATHS, MATHS_2), DUTCH, (RELEASED, Cause.LESSON_GONE)),
    ):
        snapshots = [*TIMETABLE, snapshot([*monday, *WEEKS[3:]], "2026-11-16 09:40")]
        ledger = press(started(), "2026-11-16 09:20", "2026-11-16 12:00", timetable=snapshots)
        assert outcome(ledger, PRESS) == expected
        assert ledger.requests()[PRESS].lesson == lesson_now


def test_a_used_strip_stays_used() -> None:
    ledger = answered(asked(started(), DUTCH), DUTCH, True)
    ledger = after(ledger, settle(ledger, SCHOOL, DUTCH.end_utc_s))
    assert changed(ledger, MATHS, MATHS_2) == ledger


@pytest.mark.parametrize("day", ["2026-03-27", "2026-03-30", "2026-10-23", "2026-10-26"])
def test_rules_are_of_local_time_on_both_sides_of_the_clock_change(day: str) -> None:
    start = at(f"{day} 09:00")
    one = Lesson(start, start + 3000, "wi", "a")
    year = SchoolYear.of(date.fromisoformat(day))
    period = Period("all", year.first, year.last, 1)
    rules = replace(RULES, periods=(period,), blocked_hours=frozenset({2}))
    timetable = [Snapshot("oost", "noor", 0, start - 86400, start + 86400, (one,))]
    for hours, expected in (({2}, Cause.BLOCKED), ({1, 3}, None)):
        school = replace(SCHOOL, rules=replace(rules, blocked_hours=frozenset(hours)))
        ledger = Ledger("oost", "noor", year)
        ledger = after(ledger, grant(ledger, period, school, start - 9999))
        request = pressed("c0ffee", 7, 1, start - 3000)
        ledger = after(ledger, ask(ledger, request, timetable, school, start - 3000))
        assert outcome(ledger, PRESS)[1] == expected


def exported(
    ledger: Ledger, day: date, now: str, by: Person = ADMINISTRATOR
) -> list[tuple[object, ...]]:
    export = absences_on(day, [ledger], SCHOOL, by, at(now))
    return [tuple(getattr(row, field.name) for field in fields(row)) for row in export.absences]


def test_the_school_gets_date_hour_and_authorised() -> None:
    ledger = asked(started(), MATHS, DUTCH, WEEKS[3])
    ledger = answered(answered(ledger, MATHS, True), WEEKS[3], True)
    ledger = settled(ledger, "2026-11-17 12:00")
    assert exported(ledger, MONDAY, "2026-11-17 12:00") == [
        ("oost", "noor", MONDAY, 2, "geoorloofd")
    ]
    assert [field.name for field in fields(AuthorisedAbsence)] == [
        "school_id",
        "student_id",
        "date",
        "hour",
        "status",
    ]


def test_a_lesson_that_can_still_be_attended_is_not_exported() -> None:
    ledger = answered(asked(started(), MATHS), MATHS, True)
    assert exported(ledger, MONDAY, "2026-11-16 08:59") == []
    assert len(exported(ledger, MONDAY, "2026-11-16 09:00")) == 1
    gone = taken_back(ledger, MATHS)
    assert exported(gone, MONDAY, "2026-11-16 12:00") == []


def test_a_double_lesson_is_two_hours_of_absence() -> None:
    double = replace(MATHS, end_utc_s=MATHS.start_utc_s + 6600)
    ledger = asked(started(), double, timetable=[snapshot((double,))])
    ledger = answered(ledger, double, True)
    assert [row[3] for row in exported(ledger, MONDAY, "2026-11-16 12:00")] == [2, 3]


def test_every_export_is_a_look_that_the_student_can_read() -> None:
    ledger = answered(asked(started(), MATHS), MATHS, True)
    now = at("2026-11-16 12:00")
    export = absences_on(MONDAY, [ledger], SCHOOL, ADMINISTRATOR, now)
    assert export.looks == (Look("oost", "noor", "a", Handling.ABSENCES, None, now),)
    for who in (MENTOR, NOOR, person("a", Role.ADMINISTRATOR, "west")):
        with pytest.raises(NotAllowed):
            exported(ledger, MONDAY, "2026-11-16 12:00", who)
    with pytest.raises(ValueError, match="another school"):
        exported(replace(ledger, school_id="west", entries=()), MONDAY, "2026-11-16 12:00")


def test_a_reason_is_the_student_s_and_is_nowhere_else() -> None:
    ledger = answered(asked(started(), MATHS), MATHS, True)
    notes = [
        note(NOOR, NOOR, MATHS.id, StripReason.REST, EARLY),
        note(NOOR, NOOR, MATHS.id, StripReason.TOGETHER, EARLY + 1),
        note(NOOR, NOOR, "b", StripReason.REST, EARLY),
        note(NOOR, NOOR, "b", None, EARLY + 2),
        note(SEM, SEM, MATHS.id, StripReason.REFLECTION, EARLY),
    ]
    assert reasons(NOOR, NOOR, notes, EARLY) == {MATHS.id: StripReason.TOGETHER}
    for who in (MENTOR, SEM, ADMINISTRATOR):
        with pytest.raises(NotAllowed):
            reasons(who, NOOR, notes, EARLY)
        with pytest.raises(NotAllowed):
            note(who, NOOR, MATHS.id, StripReason.REST, EARLY)
    told = repr(ledger) + repr(
        absences_on(MONDAY, [ledger], SCHOOL, ADMINISTRATOR, MATHS.end_utc_s)
    )
    assert not any(reason.value in told for reason in StripReason)
    names = {
        field.name for kind in (Entry, Request, Ask, AuthorisedAbsence) for field in fields(kind)
    }
    assert not any("reason" in name for name in names)
