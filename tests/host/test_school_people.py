"""Roles, ties and ages: who may act as what, and until when."""

from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from bioklok.school.people import (
    ROLES_FOR,
    Act,
    NotAllowed,
    Person,
    Role,
    Tie,
    administers,
    age_on,
    decides_alone,
    may,
    mentor_tie,
    parent_tie,
    require,
    roles_towards,
    still_tied,
)
from hypothesis import given
from hypothesis import strategies as st

TIMEZONE = "Europe/Amsterdam"


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(TIMEZONE)).timestamp())


def person(name: str, *roles: Role, school: str = "oost", born: date | None = None) -> Person:
    return Person(school, name, frozenset(roles), TIMEZONE, born)


NOW = at("2026-11-16 10:00")
NOOR = person("noor", Role.STUDENT, born=date(2014, 3, 1))
SEM = person("sem", Role.STUDENT, born=date(2013, 3, 1))
PARENT = person("p", Role.PARENT)
MENTOR = person("m", Role.MENTOR)
OTHER_MENTOR = person("m2", Role.MENTOR)
ADMINISTRATOR = person("a", Role.ADMINISTRATOR)
ALL = (NOOR, SEM, PARENT, MENTOR, OTHER_MENTOR, ADMINISTRATOR)
TIES = (parent_tie(PARENT, NOOR, NOW), mentor_tie(MENTOR, NOOR, (), NOW))

# Written out, not derived: what the school's rules say, person by person.
MAY = {
    "noor": {Act.SEE_OWN, Act.SHARE, Act.ASSENT, Act.ASK_STRIP},
    "p": {Act.CONSENT, Act.BE_SHOWN},
    "m": {Act.BE_SHOWN, Act.ANSWER_STRIP},
    "a": {Act.GRANT_STRIPS},
    "sem": set(),
    "m2": set(),
}


@pytest.mark.parametrize("who", ALL, ids=lambda who: who.id)
@pytest.mark.parametrize("act", Act)
def test_who_may_do_what(who: Person, act: Act) -> None:
    assert may(who, act, NOOR, TIES, NOW) == (act in MAY[who.id])


@pytest.mark.parametrize("who", ALL, ids=lambda who: who.id)
def test_the_same_person_at_another_school_is_nobody(who: Person) -> None:
    stranger = replace(who, school_id="west")
    assert roles_towards(stranger, NOOR, TIES, NOW) == set()
    assert not any(may(stranger, act, NOOR, TIES, NOW) for act in Act)
    assert not administers(stranger, "oost")


def test_every_act_is_in_the_matrix() -> None:
    assert set(ROLES_FOR) == set(Act)


def test_an_adult_is_no_student_to_anybody() -> None:
    tie = Tie("oost", "p", "m", Role.MENTOR, NOW)
    assert roles_towards(MENTOR, PARENT, (tie,), NOW) == set()
    assert roles_towards(PARENT, PARENT, (), NOW) == set()


def test_a_mentor_s_tie_ends_when_31_july_has_passed_at_the_school() -> None:
    tie = TIES[1]
    assert tie.holds(at("2027-07-31 23:59:59"))
    assert not tie.holds(at("2027-08-01 00:00:00"))
    assert at("2027-08-01 00:00") == int(
        datetime(2027, 7, 31, 22, tzinfo=ZoneInfo("UTC")).timestamp()
    )


@pytest.mark.parametrize(
    ("since", "last"),
    [
        ("2026-08-01 00:00", "2027-07-31 23:59"),
        ("2026-07-31 23:59", "2026-07-31 23:59"),
        ("2027-07-31 12:00", "2027-07-31 23:59"),
    ],
)
def test_the_school_year_of_a_tie_is_that_of_its_first_day(since: str, last: str) -> None:
    tie = mentor_tie(MENTOR, NOOR, (), at(since))
    assert tie.holds(at(last))
    assert not tie.holds(at(last) + 60)


def test_there_is_one_mentor_at_a_time() -> None:
    with pytest.raises(NotAllowed, match="has a mentor"):
        mentor_tie(OTHER_MENTOR, NOOR, TIES, NOW + 86400)
    # Not even before the one there is, as that would run into it.
    with pytest.raises(NotAllowed, match="has a mentor"):
        mentor_tie(OTHER_MENTOR, NOOR, TIES, NOW - 86400)
    ended = TIES[1].ended(NOW + 3600)
    following = mentor_tie(OTHER_MENTOR, NOOR, (ended,), NOW + 3600)
    assert [ended.holds(NOW + 3600), following.holds(NOW + 3600)] == [False, True]
    # The next year's can be made in this one or before it; another student's is no matter.
    next_year = mentor_tie(OTHER_MENTOR, NOOR, TIES, at("2027-08-01 00:00"))
    assert mentor_tie(MENTOR, NOOR, (next_year,), NOW) == TIES[1]
    mentor_tie(OTHER_MENTOR, SEM, TIES, NOW)


def test_a_tie_that_ends_ends_at_once_and_never_later_than_it_would() -> None:
    tie = TIES[1]
    assert not tie.ended(NOW + 5).holds(NOW + 5)
    assert tie.ended(NOW + 5).holds(NOW + 4)
    assert tie.ended(NOW + 5).ended(NOW + 50) == tie.ended(NOW + 5)
    assert tie.ended(at("2028-01-01")) == tie
    assert not tie.ended(NOW - 5).holds(NOW)
    ties = (TIES[0].ended(NOW + 5), tie)
    assert not may(PARENT, Act.CONSENT, NOOR, ties, NOW + 5)
    assert may(PARENT, Act.CONSENT, NOOR, ties, NOW + 4)


def test_a_tie_made_anew_is_another_tie() -> None:
    ended = TIES[0].ended(NOW + 100)
    anew = parent_tie(PARENT, NOOR, NOW + 200)
    ties = (ended, anew)
    assert may(PARENT, Act.CONSENT, NOOR, ties, NOW + 250)
    assert not still_tied("p", Act.CONSENT, NOOR, ties, (NOW + 50, NOW + 250))
    assert still_tied("p", Act.CONSENT, NOOR, ties, (NOW + 210, NOW + 250))


def test_a_tie_without_the_role_counts_for_nothing() -> None:
    assert not may(replace(MENTOR, roles=frozenset()), Act.BE_SHOWN, NOOR, TIES, NOW)
    with pytest.raises(NotAllowed):
        parent_tie(MENTOR, NOOR, NOW)
    with pytest.raises(NotAllowed):
        mentor_tie(PARENT, NOOR, (), NOW)
    with pytest.raises(NotAllowed):
        parent_tie(replace(PARENT, school_id="west"), NOOR, NOW)
    with pytest.raises(NotAllowed):
        parent_tie(PARENT, MENTOR, NOW)


def test_somebody_can_be_two_things_and_acts_as_what_they_are_to_this_student() -> None:
    both = person("b", Role.MENTOR, Role.PARENT, Role.ADMINISTRATOR)
    ties = (parent_tie(both, NOOR, NOW), mentor_tie(both, SEM, (), NOW))
    assert roles_towards(both, NOOR, ties, NOW) == {Role.PARENT, Role.ADMINISTRATOR}
    assert roles_towards(both, SEM, ties, NOW) == {Role.MENTOR, Role.ADMINISTRATOR}
    assert not may(both, Act.ANSWER_STRIP, NOOR, ties, NOW)


def test_a_student_is_nothing_else() -> None:
    with pytest.raises(ValueError, match="no other role"):
        person("x", Role.STUDENT, Role.ADMINISTRATOR)


def test_a_refusal_does_not_tell_who_the_student_is() -> None:
    with pytest.raises(NotAllowed) as refusal:
        require(SEM, Act.SEE_OWN, NOOR, TIES, NOW)
    assert "noor" not in str(refusal.value)


def test_who_decides_alone_is_sixteen_on_their_own_day() -> None:
    assert not decides_alone(NOOR, at("2030-02-28 23:59:59"))
    assert decides_alone(NOOR, at("2030-03-01 00:00:00"))
    assert not decides_alone(replace(NOOR, timezone="America/New_York"), at("2030-03-01 05:59"))
    assert not decides_alone(replace(NOOR, born=None), at("2060-01-01"))


@pytest.mark.parametrize(
    ("day", "age"),
    [
        (date(2029, 2, 28), 16),
        (date(2029, 3, 1), 17),
        (date(2028, 2, 28), 15),
        (date(2028, 2, 29), 16),
    ],
)
def test_who_was_born_on_29_february(day: date, age: int) -> None:
    assert age_on(date(2012, 2, 29), day) == age


@given(born=st.dates(date(1990, 1, 1), date(2020, 1, 1)), years=st.integers(0, 60))
def test_a_birthday_comes_once_a_year(born: date, years: int) -> None:
    day = date(born.year + years, born.month, min(born.day, 28))
    assert age_on(born, day) == years - (born.day > day.day)
