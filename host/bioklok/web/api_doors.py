"""Who may call what: a session's cookie with the X-CSRF header, or a token for one purpose."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request

from bioklok.errors import NotFound
from bioklok.school.people import NotAllowed, Role
from bioklok.store import Account, Store
from bioklok.store.access import EXPORT, HUB, school_of
from bioklok.web import csrf
from bioklok.web.door import Signed, SignInNeeded, needs, now_of, signed

_SCHEME = "bearer"
_SEEN_EVERY_S = 600  # a hub asks many times a minute; nobody needs to know it closer


def token_store(request: Request, kind: str) -> tuple[Store, str | None] | None:
    """Return the store of the token's school and whose it is; None: no token of that kind."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    found = csrf.ticket_in(given.strip())
    if scheme.lower() != _SCHEME or found is None:
        return None
    store: Store = request.app.state.store.of(school_of(found))
    now_utc_s = now_of(request)
    ticket = store.ticket(found, kind, now_utc_s)
    if ticket is None:
        return None
    if now_utc_s - (ticket.seen_at_utc_s or 0) >= _SEEN_EVERY_S:
        store.seen(ticket, now_utc_s, ticket.expires_at_utc_s)
    return store, ticket.person_id


def hub(request: Request) -> Store:
    """FastAPI dependency: the store of a hub's school. Raises SignInNeeded."""
    found = token_store(request, HUB)
    if found is None:
        raise SignInNeeded
    return found[0]


def absence_reader(request: Request) -> tuple[Store, Account]:
    """FastAPI dependency: an administrator by session, or by the export token they made."""
    found = token_store(request, EXPORT)
    if found is None:
        by_session = needs(Role.ADMINISTRATOR)(request)
        return by_session.store, by_session.account
    store, person_id = found
    try:
        account = store.account(person_id or "")
    except NotFound:
        raise SignInNeeded from None
    if account.ended_utc_s is not None:
        raise SignInNeeded
    if Role.ADMINISTRATOR not in account.person.roles:
        raise NotAllowed("whoever made this token is no administrator any more")
    return store.of(store.school_id, account.id), account


def _who(*roles: Role) -> Callable[[Request], Signed]:
    return needs(*roles) if roles else signed


Anybody = Annotated[Signed, Depends(_who())]
ApiStudent = Annotated[Signed, Depends(_who(Role.STUDENT))]
ApiMentor = Annotated[Signed, Depends(_who(Role.MENTOR))]
ApiParent = Annotated[Signed, Depends(_who(Role.PARENT))]
ApiAdult = Annotated[Signed, Depends(_who(Role.MENTOR, Role.PARENT))]
ApiAdministrator = Annotated[Signed, Depends(_who(Role.ADMINISTRATOR))]
Hub = Annotated[Store, Depends(hub)]
AbsenceReader = Annotated[tuple[Store, Account], Depends(absence_reader)]
