"""Accounts: who makes them, who ties whom to whom, and the links that open them.

An administrator of the school does this, or whoever has the terminal (`by` None). Who can make a
link for somebody can sign in as them once: an invitation puts a new password in the place of the
old one and ends all sessions, so that the person notices (docs/security.md, Signing in).
"""

import unicodedata
from collections.abc import Iterable
from datetime import date

from bioklok.errors import BioklokFailure, NotFound
from bioklok.office.settings import local_day_now
from bioklok.school.people import (
    NotAllowed,
    Person,
    Role,
    Tie,
    administers,
    is_age_of_student,
    mentor_tie,
    parent_tie,
)
from bioklok.store import Account, Store
from bioklok.store.access import INVITATION, LINK, SESSION

INVITATION_S = 14 * 24 * 3600
LINK_S = 15 * 60
MOST_SUBJECT_LETTERS = 255  # OpenID Connect Core 1.0, section 2, `sub`
# Marks that turn the text behind them around (Unicode Annex 9, section 2).
_TURNING = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})
BROWSER = "browser"  # kind of ticket: a browser that its person said is their own


def add_member(
    store: Store,
    by: Person | None,
    person_id: str,
    name: str,
    roles: Iterable[Role],
    born: date | None = None,
    language: str | None = None,
) -> Account:
    """Make an account in the school's time zone. `born`: of students alone, for the age of consent.

    Raises NotAllowed, BioklokFailure where the id is taken or cannot be used.
    """
    _require_administrator(store, by)
    roles = frozenset(roles)
    if not roles:
        raise BioklokFailure(f"{person_id}: choose a role")
    _require_told(store, person_id, name, roles, born)
    zone = store.school().timezone
    return store.add_person(person_id, name.strip(), roles, zone, born, language)


def correct_member(
    store: Store, by: Person | None, person_id: str, name: str, born: date | None
) -> Account:
    """Put another name and day of birth in the place of what was said of somebody (GDPR art. 16).

    With the day of birth changes whose consent counts, also for what was said before; a stop
    stays one. Raises NotAllowed, NotFound, KeyGone, BioklokFailure as `add_member`.
    """
    _require_administrator(store, by)
    known = store.account(person_id).person
    is_new = born != known.born  # what is there may be older than the rules of today
    _require_told(store, person_id, name, known.roles, born if is_new else None)
    return store.put_told(person_id, name.strip(), born)


def is_name(name: str) -> bool:
    """Say whether a page can show it as somebody's name: one line, something to see in it, and
    nothing that turns the rest of a line around."""
    kinds = [unicodedata.category(letter) for letter in name]
    is_line = not any(kind in ("Cc", "Cs", "Zl", "Zp") for kind in kinds)
    turns = any(unicodedata.bidirectional(letter) in _TURNING for letter in name)
    return is_line and not turns and any(kind not in ("Cf", "Zs") for kind in kinds)


def invite(store: Store, by: Person | None, person_id: str, now_utc_s: int) -> str:
    """Return the secret of a new invitation, good once and for 14 days; earlier ones end.

    Raises NotAllowed, NotFound, BioklokFailure where the account is closed.
    """
    _require_administrator(store, by)
    _open_account(store, person_id)
    store.revoke_all(person_id, INVITATION)
    return store.issue(INVITATION, person_id, INVITATION_S, "", now_utc_s)


def make_link(store: Store, person_id: str, now_utc_s: int) -> str:
    """Return the secret of a link that signs in, once and within 15 minutes: for the terminal.

    Raises NotFound, BioklokFailure where the account is closed.
    """
    _open_account(store, person_id)
    return store.issue(LINK, person_id, LINK_S, "", now_utc_s)


def accept(store: Store, given: str, now_utc_s: int) -> Account | None:
    """Use an invitation up: return whose it is, whose sessions and ways to sign in are gone now.

    None: it is not good (any more).
    """
    ticket = store.use(given, INVITATION, now_utc_s)
    if ticket is None or ticket.person_id is None:
        return None
    account = store.account(ticket.person_id)
    if account.ended_utc_s is not None:
        return None
    for kind in (SESSION, BROWSER, LINK):
        store.revoke_all(account.id, kind)
    for one in store.credentials(account.id):  # whoever else had a way in has none now
        store.drop_credential(account.id, one.id)
    return account


def follow(store: Store, given: str, now_utc_s: int) -> Account | None:
    """Use a link up: return who signs in with it; None: it is not good (any more)."""
    ticket = store.use(given, LINK, now_utc_s)
    if ticket is None or ticket.person_id is None:
        return None
    account = store.account(ticket.person_id)
    return None if account.ended_utc_s is not None else account


def know_as(store: Store, by: Person | None, person_id: str, subject: str | None) -> None:
    """Say who somebody is at the school's sign-in service; None: nobody, they sign in here alone.

    `subject`: what the service says of them in the claim that the school chose, letter for letter.
    Raises NotAllowed, NotFound, BioklokFailure where the account is closed, or the name cannot be
    or is another's.
    """
    _require_administrator(store, by)
    if subject is not None:
        _open_account(store, person_id)
        if not subject.isprintable() or subject != subject.strip() or not subject:
            raise BioklokFailure(
                "that is nobody's name at a sign-in service: give it without spaces around it"
            )
        if len(subject) > MOST_SUBJECT_LETTERS:
            raise BioklokFailure(
                f"a name at the sign-in service has at most {MOST_SUBJECT_LETTERS} letters"
            )
    store.set_subject(person_id, subject)


def known_as(store: Store, person_id: str) -> str | None:
    """Return who somebody is at the school's sign-in service; None: nobody. Raises NotFound."""
    return store.subject_of(person_id)


def close(store: Store, by: Person | None, person_id: str, now_utc_s: int) -> None:
    """Close an account: sessions, links and ways to sign in are gone, ties end now.

    What is a student's stays, for them to ask for, until it is erased or its time is over. Raises
    NotAllowed, NotFound, BioklokFailure for the account one is signed in with.
    """
    _require_administrator(store, by)
    if by is not None and by.id == person_id:
        raise BioklokFailure("you cannot close your own account: ask another administrator")
    account = store.account(person_id)
    store.close_account(person_id, now_utc_s)
    for kind in (SESSION, INVITATION, LINK, BROWSER):
        store.revoke_all(person_id, kind)
    for one in store.credentials(person_id):
        store.drop_credential(person_id, one.id)
    if Role.STUDENT in account.person.roles:
        with store.desk(person_id) as desk:
            for tie in desk.ties():
                desk.put_tie(tie.ended(now_utc_s))


def tie(
    store: Store, by: Person | None, adult_id: str, student_id: str, role: Role, now_utc_s: int
) -> Tie:
    """Tie a parent or mentor to a student. One that holds already is returned as it is.

    Raises NotAllowed, also where the student has another mentor; NotFound; BioklokFailure.
    """
    _require_administrator(store, by)
    adult = _open_account(store, adult_id).person
    with store.desk(student_id) as desk:
        ties = desk.ties()
        for one in ties:
            if (one.adult_id, one.role) == (adult_id, role) and one.holds(now_utc_s):
                return one
        if role is Role.PARENT:
            made = parent_tie(adult, desk.student, now_utc_s)
        elif role is Role.MENTOR:
            made = mentor_tie(adult, desk.student, ties, now_utc_s)
        else:
            raise BioklokFailure("people are tied to a student as parent or as mentor")
        desk.put_tie(made)
        return made


def untie(
    store: Store, by: Person | None, adult_id: str, student_id: str, role: Role, now_utc_s: int
) -> None:
    """End the tie of a parent or mentor now. Raises NotAllowed, NotFound where there is none."""
    _require_administrator(store, by)
    with store.desk(student_id) as desk:
        holding = [
            one
            for one in desk.ties()
            if (one.adult_id, one.role) == (adult_id, role) and one.holds(now_utc_s)
        ]
        if not holding:
            raise NotFound(f"{adult_id} is no {role.value} of {student_id} now")
        for one in holding:
            desk.put_tie(one.ended(now_utc_s))


def mentor_class(
    store: Store, by: Person | None, mentor_id: str, student_ids: Iterable[str], now_utc_s: int
) -> list[Tie]:
    """Make somebody the mentor of these students; a mentor they had until now ends.

    All are looked up first: for a wrong name nothing is done. Raises NotAllowed, NotFound.
    """
    _require_administrator(store, by)
    mentor = _open_account(store, mentor_id).person
    if Role.MENTOR not in mentor.roles:
        raise NotAllowed(f"{mentor_id} is no mentor at this school")
    students = list(dict.fromkeys(student_ids))
    for student_id in students:
        store.student(student_id)
    made = []
    for student_id in students:
        with store.desk(student_id) as desk:
            ties = [_without(one, mentor_id, now_utc_s) for one in desk.ties()]
            for one in ties:
                desk.put_tie(one)
            kept = [one for one in ties if one.role is Role.MENTOR and one.holds(now_utc_s)]
            new = kept[0] if kept else mentor_tie(mentor, desk.student, ties, now_utc_s)
            desk.put_tie(new)
            made.append(new)
    return made


def _without(one: Tie, mentor_id: str, now_utc_s: int) -> Tie:
    """A tie as it is when another becomes the mentor."""
    if one.role is not Role.MENTOR or one.adult_id == mentor_id:
        return one
    return one.ended(now_utc_s)


def _open_account(store: Store, person_id: str) -> Account:
    account = store.account(person_id)
    if account.ended_utc_s is not None:
        raise BioklokFailure(f"the account of {person_id} is closed: make another")
    return account


def _require_told(
    store: Store, person_id: str, name: str, roles: frozenset[Role], born: date | None
) -> None:
    if not is_name(name):
        raise BioklokFailure(f"{person_id}: give a name of one line, with letters in it")
    if born is None:
        return
    if Role.STUDENT not in roles:
        raise BioklokFailure(f"{person_id}: a day of birth is kept of students alone")
    if not is_age_of_student(born, local_day_now(store)):
        raise BioklokFailure(f"{person_id}: {born} is no student's day of birth: look at the year")


def _require_administrator(store: Store, by: Person | None) -> None:
    if by is not None and not administers(by, store.school_id):
        raise NotAllowed(f"{by.id} may not do this at the school")
