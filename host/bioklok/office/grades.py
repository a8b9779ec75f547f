"""How sharp a student says they are, 1 to 5: kept for themselves, and told to their Bioklok.

One for each quarter of an hour, which is how the wrist knows one report from another: said again
within it, the newer stands, unless the wrist has heard the older already.
"""

from datetime import time

from biocore.reports import GRADES, MOST_AGE, QUARTER_MIN

from bioklok.errors import BioklokFailure
from bioklok.office.consenting import require_consent
from bioklok.office.settings import settings_of
from bioklok.school.days import local_day, utc_s_at
from bioklok.school.people import Act, Person, require
from bioklok.store import Desk, Store

QUARTER_S: int = 60 * QUARTER_MIN


class NotToday(BioklokFailure):
    """Only what is of today, and not still to come, can be said."""


def keep(store: Store, by: Person, grade: int, at_utc_s: int, now_utc_s: int) -> None:
    """Keep how sharp a student was at a moment of today, as they say.

    Raises NotAllowed for anybody but a student, NoConsent, NotToday, BioklokFailure for no grade.
    """
    if not 1 <= grade <= GRADES:
        raise BioklokFailure(f"there is no such answer: give 1 to {GRADES}")
    settings = settings_of(store)
    with store.desk(by.id) as desk:
        require(by, Act.SEE_OWN, desk.student, (), now_utc_s)
        require_consent(store, desk, settings, now_utc_s)
        zone = desk.student.zone
        if at_utc_s > now_utc_s or local_day(at_utc_s, zone) != local_day(now_utc_s, zone):
            raise NotToday("this is not of today, or still to come: give a time of today")
        desk.put_grade(_quarter_of(at_utc_s) * QUARTER_S, grade)


def of_today(store: Store, by: Person, now_utc_s: int) -> dict[int, int]:
    """Return what a student said today: grade by when its quarter of an hour began (UTC s)."""
    midnight_utc_s = utc_s_at(local_day(now_utc_s, by.zone), time(), by.zone)
    with store.reading(by.id) as desk:
        require(by, Act.SEE_OWN, desk.student, (), now_utc_s)
        return desk.grades(midnight_utc_s)


def to_tell(desk: Desk, now_utc_s: int) -> tuple[tuple[int, int], ...]:
    """Return the reports that a device could still learn, oldest first: quarter hour and grade.

    All of them at each sync: a device knows from its own log which it has learnt, and no note of
    ours could be as sure of it.
    """
    newest = _quarter_of(now_utc_s)
    found = desk.grades((newest - MOST_AGE) * QUARTER_S)
    told = [(_quarter_of(at), grade) for at, grade in found.items()]
    return tuple(one for one in told if one[0] <= newest)


def _quarter_of(utc_s: int) -> int:
    return utc_s // QUARTER_S
