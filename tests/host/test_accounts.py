"""Deeds of the office about accounts: who may, and what follows."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from bioklok.errors import BioklokFailure, NotFound
from bioklok.office import accounts, consenting, sharing
from bioklok.office.class_list import carry_out, plan, read_list
from bioklok.school.consent import Answer
from bioklok.school.people import NotAllowed, Role
from bioklok.school.sharing import Part
from bioklok.store.access import INVITATION, LINK, SESSION
from bioklok.store.vault import KeyGone
from hypothesis import given, settings
from hypothesis import strategies as st
from support.doors import NOW, doors
from support.school import at


@pytest.fixture
def school(tmp_path):
    with doors(tmp_path) as opened:
        yield opened


def ties_of(school, student="noor"):
    return [(one.adult_id, one.role) for one in school.store.ties(student) if one.holds(NOW + 1)]


@pytest.mark.parametrize("person", ["noor", "pa", "mila"])
def test_an_administrator_alone_does_these(school, person):
    by = school.store.account(person).person
    for deed in (
        lambda: accounts.add_member(school.store, by, "x", "X", {Role.STUDENT}),
        lambda: accounts.correct_member(school.store, by, "noor", "X", None),
        lambda: accounts.invite(school.store, by, "noor", NOW),
        lambda: accounts.close(school.store, by, "pa", NOW),
        lambda: accounts.tie(school.store, by, "pa", "noor", Role.PARENT, NOW),
        lambda: accounts.untie(school.store, by, "pa", "noor", Role.PARENT, NOW),
        lambda: accounts.mentor_class(school.store, by, "mila", ["noor"], NOW),
    ):
        with pytest.raises(NotAllowed):
            deed()
    assert ties_of(school) == [] and not school.store.tickets(INVITATION)


def test_an_administrator_of_another_school_is_nobody_here(school):
    west = school.home.of("west")
    west.add_school("School West")
    stranger = accounts.add_member(west, None, "ada", "Ada", {Role.ADMINISTRATOR}).person
    with pytest.raises(NotAllowed):
        accounts.invite(school.store, stranger, "noor", NOW)


def test_an_administrator_may(school):
    ada = school.store.account("ada").person
    accounts.add_member(school.store, ada, "sem", " Sem ", {Role.STUDENT})
    assert school.store.account("sem").name == "Sem"
    accounts.tie(school.store, ada, "pa", "sem", Role.PARENT, NOW)
    assert ties_of(school, "sem") == [("pa", Role.PARENT)]
    with pytest.raises(BioklokFailure, match="your own account"):
        accounts.close(school.store, ada, "ada", NOW)


@pytest.mark.parametrize(
    ("person", "name", "roles", "why"),
    [
        ("x", "X", set(), "choose a role"),
        ("x", " ", {Role.STUDENT}, "a name of one line"),
        ("noor", "X", {Role.STUDENT}, "already"),
        ("a b", "X", {Role.STUDENT}, "cannot be used"),
        ("x", "X", {Role.STUDENT, Role.MENTOR}, "no other role"),
    ],
)
def test_an_account_that_cannot_be_is_one_line(school, person, name, roles, why):
    with pytest.raises(BioklokFailure, match=why):
        accounts.add_member(school.store, None, person, name, roles)


def test_a_corrected_day_of_birth_decides_whose_consent_counts(school):
    """Told to be 16 by a slip, a child consented alone: that no longer counts."""
    store = school.store
    accounts.add_member(store, None, "sem", "Sem", {Role.STUDENT}, date(2009, 5, 31))
    consenting.answer(store, store.account("sem").person, "sem", Answer.AGREES, NOW)
    assert consenting.verdict(store, "sem", NOW + 1).is_allowed
    corrected = accounts.correct_member(store, None, "sem", "Sem de Wit", date(2014, 5, 31))
    assert corrected == store.account("sem")
    assert (corrected.name, corrected.person.born) == ("Sem de Wit", date(2014, 5, 31))
    assert not consenting.verdict(store, "sem", NOW + 1).is_allowed


@pytest.mark.parametrize(
    ("person", "name", "born", "why"),
    [
        ("noor", " ", None, "a name of one line"),
        ("noor", "Noor", date(1900, 1, 1), "no student's day of birth"),
        ("pa", "Pa", date(1980, 1, 1), "of students alone"),
        ("nobody", "X", None, "no nobody"),
    ],
)
def test_a_correction_that_cannot_be_is_one_line(school, person, name, born, why):
    with pytest.raises(BioklokFailure, match=why):
        accounts.correct_member(school.store, None, person, name, born)


def test_a_correction_does_not_undo_a_parents_stop(school):
    """Also where the child turns out to have been of age: they say yes anew, and from then on."""
    store = school.store
    accounts.add_member(store, None, "sem", "Sem", {Role.STUDENT}, date(2014, 5, 31))
    accounts.tie(store, None, "pa", "sem", Role.PARENT, NOW)
    accounts.tie(store, None, "mila", "sem", Role.MENTOR, NOW)

    def say(who, answer, at_utc_s):
        consenting.answer(store, store.account(who).person, "sem", answer, at_utc_s)

    def is_shown(at_utc_s):
        return any(sharing.shared_with(store, store.account("sem"), at_utc_s).values())

    say("pa", Answer.AGREES, NOW + 1)
    say("sem", Answer.AGREES, NOW + 1)
    sem = store.account("sem")
    sharing.preview(store, sem, "2026-W47", [Part.RHYTHM], ["mila"], NOW + 2)
    sharing.share(store, sem, "2026-W47", [Part.RHYTHM], ["mila"], NOW + 2)
    assert is_shown(NOW + 2)
    say("pa", Answer.STOPS, NOW + 3)
    for born in (date(2009, 5, 31), date(2014, 5, 31), None, date(2009, 5, 31)):
        accounts.correct_member(store, None, "sem", "Sem", born)
        assert not consenting.verdict(store, "sem", NOW + 4).is_allowed
        assert not is_shown(NOW + 4)
    say("sem", Answer.AGREES, NOW + 5)
    assert consenting.verdict(store, "sem", NOW + 6).since_utc_s == NOW + 5
    assert not is_shown(NOW + 6)


def test_a_yes_said_during_a_parents_stop_does_not_count_once_one_turns_out_to_be_of_age(school):
    store = school.store
    accounts.add_member(store, None, "sem", "Sem", {Role.STUDENT}, date(2014, 5, 31))
    accounts.tie(store, None, "pa", "sem", Role.PARENT, NOW)
    for who, answer in (("pa", Answer.STOPS), ("sem", Answer.AGREES)):
        consenting.answer(store, store.account(who).person, "sem", answer, NOW + 1)
    accounts.correct_member(store, None, "sem", "Sem", date(2009, 5, 31))
    assert not consenting.verdict(store, "sem", NOW + 2).is_allowed
    consenting.answer(store, store.account("sem").person, "sem", Answer.AGREES, NOW + 3)
    assert consenting.verdict(store, "sem", NOW + 4).since_utc_s == NOW + 3


def test_a_name_is_corrected_beside_a_day_of_birth_of_before_the_rule(school):
    accounts.add_member(school.store, None, "sem", "Sem", {Role.STUDENT})
    old = date(1999, 5, 31)
    school.store.put_told("sem", "Sem", old)
    assert accounts.correct_member(school.store, None, "sem", "Semme", old).name == "Semme"
    with pytest.raises(BioklokFailure, match="no student's day of birth"):
        accounts.correct_member(school.store, None, "sem", "Semme", date(1998, 5, 31))


@pytest.mark.parametrize("name", ["Sem\nde Wit", "Sem\a", "\u200b", "Sem\u202e", "Sem\u2028"])
def test_a_name_is_one_line(school, name):
    with pytest.raises(BioklokFailure, match="a name of one line"):
        accounts.add_member(school.store, None, "sem", name, {Role.STUDENT})
    with pytest.raises(BioklokFailure, match="a name of one line"):
        accounts.correct_member(school.store, None, "noor", name, None)


def test_the_name_of_a_closed_account_can_be_put_right(school):
    """It still stands where that person looked."""
    accounts.close(school.store, None, "pa", NOW)
    assert accounts.correct_member(school.store, None, "pa", "Papa", None).ended_utc_s == NOW


def test_without_a_key_nothing_is_corrected(school):
    accounts.add_member(school.store, None, "sem", "Sem", {Role.STUDENT})
    school.store.vault.destroy(school.store.school_id, "sem")
    with pytest.raises(KeyGone):
        accounts.correct_member(school.store, None, "sem", "Semme", None)
    school.store.erase_person("sem", NOW)
    with pytest.raises(NotFound, match="no sem in the database"):
        accounts.correct_member(school.store, None, "sem", "Semme", None)


def test_closing_ends_all_that_opens(school):
    school.invited("noor")
    accounts.tie(school.store, None, "pa", "noor", Role.PARENT, NOW)
    accounts.make_link(school.store, "noor", NOW)
    accounts.invite(school.store, None, "noor", NOW)
    accounts.close(school.store, None, "noor", NOW + 1)
    assert ties_of(school) == [] and not school.store.credentials("noor")
    for kind in (SESSION, LINK, INVITATION):
        assert not school.store.tickets(kind, "noor")
    for deed in (accounts.make_link, lambda *given: accounts.invite(given[0], None, *given[1:])):
        with pytest.raises(BioklokFailure, match="closed"):
            deed(school.store, "noor", NOW + 2)


def test_a_tie_is_made_once_and_ends(school):
    first = accounts.tie(school.store, None, "pa", "noor", Role.PARENT, NOW)
    assert accounts.tie(school.store, None, "pa", "noor", Role.PARENT, NOW + 9) == first
    accounts.untie(school.store, None, "pa", "noor", Role.PARENT, NOW + 10)
    assert len(school.store.ties("noor")) == 1 and not school.store.ties("noor")[0].holds(NOW + 10)
    with pytest.raises(NotFound):
        accounts.untie(school.store, None, "pa", "noor", Role.PARENT, NOW + 11)
    with pytest.raises(NotAllowed):
        accounts.tie(school.store, None, "pa", "noor", Role.MENTOR, NOW)
    with pytest.raises(NotFound):
        accounts.tie(school.store, None, "pa", "nobody", Role.PARENT, NOW)


def test_a_mentor_of_a_class_takes_the_place_of_the_one_before(school):
    school.add("sem", Role.STUDENT)
    school.add("omar", Role.MENTOR)
    accounts.mentor_class(school.store, None, "mila", ["noor", "sem", "noor"], NOW - 100)
    made = accounts.mentor_class(school.store, None, "omar", ["noor"], NOW)
    assert ties_of(school) == [("omar", Role.MENTOR)]
    assert ties_of(school, "sem") == [("mila", Role.MENTOR)]
    assert made[0].until_utc_s == at("2027-08-01")
    again = accounts.mentor_class(school.store, None, "omar", ["noor"], NOW + 5)
    assert again[0].since_utc_s == NOW and len(school.store.ties("noor")) == 2
    with pytest.raises(NotFound):
        accounts.mentor_class(school.store, None, "mila", ["sem", "nobody"], NOW + 9)


def test_of_mentors_at_once_one_becomes_it(school):
    for n in range(4):
        school.add(f"m{n}", Role.MENTOR)

    def become(n):
        try:
            accounts.tie(school.store, None, f"m{n}", "noor", Role.MENTOR, NOW)
        except NotAllowed:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(become, range(4))) == 1
    assert len(ties_of(school)) == 1


# -- lists ---------------------------------------------------------------------------------------

LIST = """id,name,role,born,mentor,parents
omar,Omar,mentor administrator,,,
ma,Ma,parent,,,
sem,Sém,student,2014-05-31,omar,ma pa
noor,Noor,student,,omar,
"""


def test_a_list_is_carried_out_once(school):
    changes = plan(school.store, read_list(LIST), NOW)
    assert [one.what for one in changes] == [
        "add administrator+mentor omar",
        "add parent ma",
        "add student sem",
        "tie ma to sem as parent",
        "tie pa to sem as parent",
        "tie omar to sem as mentor",
        "tie omar to noor as mentor",
    ]
    assert "omar" not in {one.id for one in school.store.accounts()}
    carry_out(school.store, None, changes, NOW)
    assert plan(school.store, read_list(LIST), NOW) == []
    assert plan(school.store, read_list(LIST.replace(",", ";")), NOW) == []
    assert school.store.account("sem").name == "Sém"
    assert str(school.store.account("sem").person.born) == "2014-05-31"


def test_who_is_there_already_holds_no_list_up(school):
    school.store.add_person("old", "Old", {Role.STUDENT}, born=date(1990, 1, 1))
    lines = read_list("id,name,role,born\nold,Old,student,1990-01-01\nnew,New,student,\n")
    assert [one.what for one in plan(school.store, lines, NOW)] == ["add student new"]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("x,X,teacher,,,", "line 2: role 'teacher'"),
        ("x,X,,,,", "line 2: give one role"),
        ("x,X,student mentor,,,", "line 2: give one role"),
        ("x,X,student,31-05-2014,,", "line 2: '31-05-2014' is no day"),
        ("x,X,mentor,2014-05-31,,", "line 2: born, mentor and parents"),
        ("x,X,student,1914-05-31,,", "line 2: 1914-05-31 is no student's day of birth"),
        ("x,X,student,2030-05-31,,", "line 2: 2030-05-31 is no student's day of birth"),
        ("x,X,student,,pa,", "line 2: pa is no mentor"),
        ("x,X,student,,,nobody", "line 2: nobody is no parent"),
        ("noor,Noor,parent,,,", "line 2: noor is there with another role"),
        ("x,X,student,,,\nx,Y,student,,,", "x: more than once"),
    ],
)
def test_a_list_with_a_mistake_changes_nothing_and_names_the_line(school, line, why):
    before = school.store.accounts()
    with pytest.raises(BioklokFailure, match=why):
        plan(school.store, read_list(f"id,name,role,born,mentor,parents\n{line}\n"), NOW)
    assert school.store.accounts() == before


@settings(max_examples=200)
@given(st.text() | st.text(alphabet='id,role;"\n\r\0 student', max_size=80))
def test_no_text_is_more_than_a_list_or_one_line(text):
    for given_ in (text, f"id,role\n{text}"):
        try:
            read_list(given_)
        except BioklokFailure as failure:
            assert "\n" not in str(failure).replace(repr("\n"), "")
