"""Saying yes and stop: parents consent, students assent, and what follows from it at once."""

from bioklok.errors import BioklokFailure
from bioklok.office.settings import CONSENT_TEXT, Settings, settings_of
from bioklok.school.consent import Answer, ConsentEvent, Reason, Verdict, may_store, say
from bioklok.school.people import Act, Person, require
from bioklok.store import Desk, Store

SCHOOL = "school"


class NoConsent(BioklokFailure):
    """Nothing of this student may be stored now."""


def answer(store: Store, by: Person, student_id: str, said: Answer, now_utc_s: int) -> None:
    """Keep what a parent or the student says now. Raises NotAllowed, NotFound."""
    with store.desk(student_id) as desk:
        event = say(
            by, desk.student, said, text_version=CONSENT_TEXT, ties=desk.ties(), now_utc_s=now_utc_s
        )
        desk.add_events([event])


def verdict(store: Store, student_id: str, now_utc_s: int) -> Verdict:
    """Say whether data of a student may be stored now, and why (not)."""
    settings = settings_of(store)
    with store.reading(student_id) as desk:
        return verdict_at(store, desk, settings, now_utc_s)


def verdict_at(store: Store, desk: Desk, settings: Settings, now_utc_s: int) -> Verdict:
    """Say the same at a desk that is open. At home nobody is asked: see `store.tables.School`."""
    if store.school().kind != SCHOOL:
        return Verdict(True, Reason.AGREED, 0)
    return may_store(desk.student, desk.consents(), desk.ties(), now_utc_s, settings.oldest_text)


def require_consent(store: Store, desk: Desk, settings: Settings, now_utc_s: int) -> None:
    """Pass where data of the desk's student may be stored now. Raises NoConsent.

    To be asked at the desk that stores: a stop that came before is seen, one that comes meanwhile
    waits until what was allowed is stored.
    """
    if verdict_at(store, desk, settings, now_utc_s).since_utc_s is None:
        raise NoConsent("without everybody's yes nothing is stored: say yes first")


def words(store: Store, by: Person, student_id: str, now_utc_s: int) -> list[ConsentEvent]:
    """Return what was said about a student, oldest first, to the student and their parents alone.

    A parent sees their own words; the student's and the other parent's are not theirs.
    """
    with store.reading(student_id) as desk:
        said = desk.consents()
        if by.id == desk.student.id:
            return said
        require(by, Act.CONSENT, desk.student, desk.ties(), now_utc_s)
        return [one for one in said if one.by_id == by.id]
