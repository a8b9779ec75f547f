"""Tokens for programs: one purpose each, made and taken back by an administrator."""

from bioklok.errors import BioklokFailure, NotFound
from bioklok.school.people import NotAllowed, Person, administers
from bioklok.store import Store
from bioklok.store.access import EXPORT, HUB
from bioklok.store.school_tables import Ticket

PURPOSES = (HUB, EXPORT)
LASTS_S = 400 * 24 * 3600  # a school year and the holidays after it
MOST_LETTERS = 80


def make(store: Store, by: Person, purpose: str, label: str, now_utc_s: int) -> str:
    """Return a new token, which nobody can show again. `label`: where it will be used.

    A hub's may bring pages and notes of syncs, an export's may fetch a day's absences in the name
    of the administrator who made it. Raises NotAllowed, BioklokFailure for no such purpose.
    """
    _check(store, by)
    if purpose not in PURPOSES:
        raise BioklokFailure(f"a token is for one of: {', '.join(PURPOSES)}")
    if not label.strip() or len(label) > MOST_LETTERS:
        raise BioklokFailure(f"say in 1 to {MOST_LETTERS} letters where the token will be used")
    # Whose absences are looked at stands in the audit log: it needs somebody who answers for it.
    person_id = by.id if purpose == EXPORT else None
    return store.issue(purpose, person_id, LASTS_S, label.strip(), now_utc_s)


def all_of(store: Store, by: Person) -> list[Ticket]:
    """Return all tokens of the school, newest first; of their secrets nothing is known any more."""
    _check(store, by)
    found = [ticket for purpose in PURPOSES for ticket in store.tickets(purpose)]
    return sorted(found, key=lambda one: one.created_at_utc_s, reverse=True)


def revoke(store: Store, by: Person, digest: str) -> None:
    """Take a token back: it opens nothing any more. Raises NotAllowed, NotFound."""
    if digest not in {one.digest for one in all_of(store, by)}:
        raise NotFound("there is no such token")
    store.revoke(digest)


def _check(store: Store, by: Person) -> None:
    if not administers(by, store.school_id):
        raise NotAllowed(f"{by.id} may not make tokens")
