"""A school with people in a real store: what the tests of office, pages and API begin with.

    with campus(url) as store:          # school "oost", as everybody finds it on a Monday morning
        sharing.share(store, store.account("noor"), ...)

noor and sem are students with consent, tuur is one whose parents said nothing yet; p and q are
noor's parents, r is sem's; m is everybody's mentor, n is a mentor of nobody; a administers.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, time, timedelta

from bioklok.office import consenting
from bioklok.office.settings import Settings, keep_settings, usual
from bioklok.school.consent import Answer
from bioklok.school.days import utc_s_at
from bioklok.school.people import Role, mentor_tie, parent_tie
from bioklok.school.strip_rules import Agreement, StripRules
from bioklok.school.timetable import Lesson, Snapshot
from bioklok.store import Store, open_store
from support.school import MONDAY, ZONE, at

SCHOOL = "oost"
DEVICE = {"noor": "0102030405060708", "sem": "1102030405060708", "tuur": "2102030405060708"}
BEGAN = at("2026-09-01T09:00")  # when everybody was enrolled and said yes
NOW = at("2026-11-16T07:00")  # the Monday morning on which tests begin
BORN = date(2013, 5, 4)
PEOPLE = {
    "noor": ("Noor de Vries", Role.STUDENT),
    "sem": ("Sem Bakker", Role.STUDENT),
    "tuur": ("Tuur Visser", Role.STUDENT),
    "p": ("Petra de Vries", Role.PARENT),
    "q": ("Quinten Smit", Role.PARENT),
    "r": ("Ria Bakker", Role.PARENT),
    "m": ("Mees Mulder", Role.MENTOR),
    "n": ("Nel Nijboer", Role.MENTOR),
    "a": ("Anna Admin", Role.ADMINISTRATOR),
}
PARENTS = (("p", "noor"), ("q", "noor"), ("r", "sem"), ("r", "tuur"))


def rules_of(settings: Settings, agreement: Agreement = Agreement.MENTOR) -> StripRules:
    """Three strips a period, and hardly a rule besides."""
    return replace(settings.rules, per_week=None, notice_s=0, agreement=agreement)


@contextmanager
def campus(url: str, agreement: Agreement = Agreement.MENTOR) -> Iterator[Store]:
    """Open a new database with the school in it."""
    with open_store(url) as home:
        store = home.of(SCHOOL)
        build(store, agreement)
        yield store


def build(store: Store, agreement: Agreement = Agreement.MENTOR) -> None:
    """Make the school and its people in an empty store."""
    store.add_school("Het Oosten")
    settings = usual(SCHOOL, MONDAY)
    keep_settings(store, None, replace(settings, rules=rules_of(settings, agreement)))
    for person_id, (name, role) in PEOPLE.items():
        born = BORN if role is Role.STUDENT else None
        store.add_person(person_id, name, {role}, born=born)
    for parent, student in PARENTS:
        tie = parent_tie(store.account(parent).person, store.account(student).person, BEGAN)
        store.add_tie(tie)
    mentor = store.account("m").person
    for student_id, device in DEVICE.items():
        student = store.account(student_id).person
        store.add_tie(mentor_tie(mentor, student, store.ties(student_id), BEGAN))
        store.hand_out(device, student_id, label=f"Bioklok {student_id}")
        add_timetable(store, student_id)
    for parent, student_id in (("p", "noor"), ("r", "sem")):
        for by in (parent, student_id):
            say(store, by, student_id, Answer.AGREES, BEGAN)


def say(store: Store, by: str, student_id: str, said: Answer, at_utc_s: int) -> None:
    consenting.answer(store, store.account(by).person, student_id, said, at_utc_s)


def lessons(weeks: int = 2, subjects: Sequence[str] = ("wi", "ne", "bi", "lo")) -> list[Lesson]:
    """Four lessons on every school day from this Monday on."""
    made = []
    for day_n in range(7 * weeks):
        day = MONDAY + timedelta(days=day_n)
        if day.isoweekday() > 5:
            continue
        for n, subject in enumerate(subjects):
            start = utc_s_at(day, time(9 + n), ZONE)
            made.append(Lesson(start, start + 3000, subject, f"{day}:{n}"))
    return made


def add_timetable(
    store: Store, student_id: str, taken_at_utc_s: int = BEGAN, made: list[Lesson] | None = None
) -> None:
    with store.desk(student_id) as desk:
        until = at("2026-12-31T00:00")
        desk.add_snapshot(
            Snapshot(SCHOOL, student_id, taken_at_utc_s, BEGAN, until, tuple(made or lessons()))
        )
