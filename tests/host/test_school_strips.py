"""The strip card, case by case: from asked to used or released, and the ledger itself."""

from dataclasses import replace
from datetime import date

import pytest
from bioklok.errors import NotFound
from bioklok.school.asking import Ask, ask, clicked
from bioklok.school.ledger import (
    Account,
    Cause,
    Entry,
    Kind,
    Ledger,
    LedgerMoved,
    Posting,
    Request,
    State,
    moved,
)
from bioklok.school.people import NotAllowed, Person, Role
from bioklok.school.strip_rules import Lot, Period
from bioklok.school.strips import (
    NotPossible,
    answer,
    device_balance,
    grant,
    grant_more,
    settle,
    withdraw,
)
from bioklok.school.timetable import Lesson, Snapshot
from support.school import (
    ADMINISTRATOR,
    AUTOMATIC,
    AUTUMN,
    DUTCH,
    EARLY,
    MATHS,
    MENTOR,
    MONDAY,
    NOOR,
    SCHOOL,
    SEM,
    TIES,
    TIMETABLE,
    WEEKS,
    WINTER,
    after,
    answered,
    asked,
    at,
    empty,
    outcome,
    person,
    settled,
    started,
    taken_back,
    with_rules,
)

RELEASED = State.RELEASED
ALL_YEAR = Period("year", date(2026, 8, 1), date(2027, 7, 31), 1)


def test_from_asked_to_used() -> None:
    ledger = started()
    assert ledger.balance(MONDAY) == 3
    ledger = asked(ledger, MATHS)
    assert ledger.requests()[MATHS.id] == Request(
        MATHS.id, State.ASKED, EARLY, MATHS, "autumn", MATHS.start_utc_s
    )
    assert ledger.balance(MONDAY) == 2
    ledger = answered(ledger, MATHS, True)
    assert outcome(ledger, MATHS.id) == (State.AGREED, None)
    assert settle(ledger, SCHOOL, MATHS.end_utc_s - 1) == ()
    ledger = after(ledger, settle(ledger, SCHOOL, MATHS.end_utc_s))
    assert outcome(ledger, MATHS.id) == (State.USED, None)
    assert ledger.balance(MONDAY) == 2
    assert {account: ledger.total(account) for account in Account} == {
        Account.ISSUED: -3,
        Account.FREE: 2,
        Account.RESERVED: 0,
        Account.USED: 1,
        Account.EXPIRED: 0,
    }
    assert [(one.kind, one.by_id) for one in ledger.entries] == [
        (Kind.GRANT, None),
        (Kind.RESERVE, None),
        (Kind.AGREE, "m"),
        (Kind.REDEEM, None),
    ]


def test_the_rules_agree_where_the_school_lets_them() -> None:
    ledger = asked(started(AUTOMATIC), MATHS, school=AUTOMATIC)
    assert outcome(ledger, MATHS.id) == (State.AGREED, None)


def test_the_mentor_does_not_agree_and_the_strip_is_free_again() -> None:
    ledger = answered(asked(started(), MATHS), MATHS, False)
    assert outcome(ledger, MATHS.id) == (RELEASED, Cause.NOT_AGREED)
    assert ledger.balance(MONDAY) == 3
    # It can be asked again.
    entries = ask(ledger, Ask("again", EARLY, MATHS.id), TIMETABLE, SCHOOL, EARLY)
    assert outcome(after(ledger, entries), "again") == (State.ASKED, None)


def test_an_answer_stays_and_may_be_repeated() -> None:
    yes = answered(asked(started(), MATHS), MATHS, True)
    assert answered(yes, MATHS, True) == yes
    with pytest.raises(NotPossible):
        answered(yes, MATHS, False)
    no = answered(asked(started(), MATHS), MATHS, False)
    assert answered(no, MATHS, False) == no
    with pytest.raises(NotPossible):
        answered(no, MATHS, True)
    with pytest.raises(NotFound):
        answered(started(), MATHS, True)


def test_without_an_answer_it_is_released_when_the_lesson_begins() -> None:
    ledger = asked(started(), MATHS)
    with pytest.raises(NotPossible):
        answered(ledger, MATHS, True, now=MATHS.start_utc_s)
    assert settle(ledger, SCHOOL, MATHS.start_utc_s - 1) == ()
    ledger = after(ledger, settle(ledger, SCHOOL, MATHS.start_utc_s))
    assert outcome(ledger, MATHS.id) == (RELEASED, Cause.NO_ANSWER)
    assert ledger.balance(MONDAY) == 3


def test_the_student_takes_it_back_until_the_lesson_begins() -> None:
    ledger = answered(asked(started(), MATHS), MATHS, True)
    back = taken_back(ledger, MATHS, MATHS.start_utc_s - 1)
    assert outcome(back, MATHS.id) == (RELEASED, Cause.WITHDRAWN)
    assert back.balance(MONDAY) == 3
    assert taken_back(back, MATHS) == back
    for late in (ledger, after(ledger, settle(ledger, SCHOOL, MATHS.end_utc_s))):
        with pytest.raises(NotPossible, match="begun"):
            taken_back(late, MATHS, MATHS.start_utc_s)


def test_nobody_else_asks_answers_or_takes_back() -> None:
    ledger = asked(started(), MATHS)
    for who in (
        NOOR,
        SEM,
        ADMINISTRATOR,
        person("m2", Role.MENTOR),
        person("m", Role.MENTOR, "west"),
    ):
        with pytest.raises(NotAllowed):
            answer(ledger, MATHS.id, True, by=who, student=NOOR, ties=TIES, now_utc_s=EARLY)
    with pytest.raises(NotAllowed):
        answer(
            ledger, MATHS.id, True, by=MENTOR, student=NOOR, ties=TIES, now_utc_s=at("2027-08-01")
        )
    for who in (MENTOR, SEM, ADMINISTRATOR):
        with pytest.raises(NotAllowed):
            withdraw(ledger, MATHS.id, by=who, student=NOOR, now_utc_s=EARLY)
        with pytest.raises(NotAllowed):
            clicked(who, NOOR, "form", MATHS.id, EARLY)
    with pytest.raises(ValueError, match="another student"):
        withdraw(ledger, MATHS.id, by=SEM, student=SEM, now_utc_s=EARLY)


def test_who_comes_second_is_told_to_read_again() -> None:
    ledger = started()
    entries = ask(ledger, Ask("a", EARLY, MATHS.id), TIMETABLE, SCHOOL, EARLY)
    moved_on = ledger.append(entries, ledger.version)
    with pytest.raises(LedgerMoved, match="read it again"):
        moved_on.append(entries, ledger.version)


def test_entries_that_cannot_be_are_refused() -> None:
    ledger = asked(started(), MATHS)
    reserve = ledger.entries[-1]
    wrong = {
        "out of order": replace(reserve, request_id="b"),
        "out of an account": replace(
            reserve,
            sequence=2,
            request_id="b",
            postings=moved(Account.FREE, Account.RESERVED, "autumn", 9),
        ),
        "not open to it": replace(
            reserve,
            sequence=2,
            kind=Kind.REDEEM,
            postings=moved(Account.RESERVED, Account.USED, "autumn"),
        ),
        "another ledger": replace(reserve, sequence=2, student_id="sem"),
    }
    for message, entry in wrong.items():
        with pytest.raises(ValueError, match=message):
            ledger.append((entry,), ledger.version)
    with pytest.raises(ValueError, match="zero"):
        replace(reserve, postings=(Posting(Account.FREE, "autumn", 1),))


def test_a_request_ends_once() -> None:
    ledger = answered(asked(started(), MATHS), MATHS, True)
    used = after(ledger, settle(ledger, SCHOOL, MATHS.end_utc_s))
    release = replace(used.entries[-1], sequence=used.version, kind=Kind.RELEASE)
    for again in (release, replace(release, kind=Kind.REDEEM)):
        with pytest.raises(ValueError, match="not open"):
            used.append((again,), used.version)


def test_a_period_is_granted_once_and_good_in_it_alone() -> None:
    ledger = started()
    assert grant(ledger, AUTUMN, SCHOOL, EARLY) == ()
    assert grant(empty(), replace(AUTUMN, strips=0), SCHOOL, EARLY) == ()
    assert [ledger.balance(day) for day in (AUTUMN.last, WINTER.first)] == [3, 0]
    ledger = after(ledger, grant(ledger, WINTER, SCHOOL, EARLY))
    assert [ledger.balance(day) for day in (AUTUMN.last, WINTER.first)] == [3, 2]
    december = WEEKS[-3]
    assert asked(ledger, december).requests()[december.id].lot == "winter"


def test_of_two_lots_the_one_that_ends_first_is_spent_first() -> None:
    school = with_rules(keeps_leftovers=True)
    ledger = started(school)
    ledger = after(ledger, grant(ledger, WINTER, SCHOOL, EARLY))
    assert ledger.balance(WINTER.first) == 5
    assert ledger.balance(date(2027, 7, 31)) == 3
    assert asked(ledger, WEEKS[-3]).requests()[WEEKS[-3].id].lot == "winter"


def test_a_year_ends_with_nothing_open_and_nothing_left() -> None:
    ledger = asked(started(), MATHS, DUTCH)
    ledger = answered(ledger, MATHS, True)
    ledger = settled(ledger, "2027-08-01 00:00")
    assert [ledger.requests()[one.id].state for one in (MATHS, DUTCH)] == [State.USED, RELEASED]
    assert [ledger.total(one) for one in Account] == [-3, 0, 0, 1, 2]
    assert settle(ledger, SCHOOL, at("2027-08-02")) == ()


def test_a_press_that_came_in_at_the_very_end_of_the_year_stays_open_no_longer() -> None:
    """Its mentor would have had a week to answer; the year's ledger closes before."""
    ledger = after(empty(), grant(empty(), ALL_YEAR, SCHOOL, EARLY))
    when = at("2027-07-30 08:00")
    last = Lesson(when + 3600, when + 6600, "wi", "last")
    window = (when - 86400, when + 86400)
    timetable = [Snapshot("oost", "noor", when - 3600, *window, (last,))]
    entries = ask(ledger, Ask("late", when, "last"), timetable, SCHOOL, at("2027-07-31 20:00"))
    ledger = after(ledger, entries)
    assert ledger.requests()["late"].answer_by_utc_s == at("2027-08-07 20:00")
    assert settled(ledger, "2027-07-31 23:59") == ledger
    ledger = settled(ledger, "2027-08-01 00:00")
    assert outcome(ledger, "late") == (RELEASED, Cause.NO_ANSWER)
    assert ledger.total(Account.EXPIRED) == 1


def test_the_administrator_gives_more_once() -> None:
    ledger = started()
    lot = Lot("autumn", AUTUMN.first, AUTUMN.last)

    def more(now: Ledger, by: Person, strips: int = 1) -> tuple[Entry, ...]:
        return grant_more(now, by, NOOR, grant_id="back 1", lot=lot, strips=strips, now_utc_s=EARLY)

    ledger = after(ledger, more(ledger, ADMINISTRATOR))
    assert ledger.balance(MONDAY) == 4
    assert more(ledger, ADMINISTRATOR) == ()
    with pytest.raises(NotAllowed):
        more(ledger, MENTOR)
    with pytest.raises(NotPossible):
        more(ledger, ADMINISTRATOR, 0)


def test_the_device_is_told_what_one_byte_can_say() -> None:
    assert device_balance(started(), MONDAY) == 3
    period = replace(AUTUMN, strips=1000)
    ledger = after(empty(), grant(empty(), period, SCHOOL, EARLY))
    assert device_balance(ledger, MONDAY) == 254
